"""Versions of workflowed objects: what they looked like after each change, who changed them and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from flask_app.store.base import Base, Identified, OfBody


class ObjectVersion(Identified, OfBody, Base):
    """`checksum` is the SHA-256 of the canonical JSON of `data`."""

    __tablename__ = "object_version"
    __table_args__ = (UniqueConstraint("object_type", "object_id", "version"),)

    object_type: Mapped[str]
    object_id: Mapped[UUID]
    version: Mapped[int]
    author_id: Mapped[UUID]
    recorded_at: Mapped[datetime]
    reason: Mapped[str]
    data: Mapped[dict[str, Any]]
    checksum: Mapped[str]
