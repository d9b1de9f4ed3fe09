"""The audit log: events are appended by everybody, sealed into one chain per body afterwards, changed by nobody."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from flask_app.store.base import Base, OfBody


class AuditEvent(OfBody, Base):
    """Who did what to which object. Data, not sentences: `action` is a dotted name, before and after are values."""

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "body_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    recorded_at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_login: Mapped[str]
    action: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[str] = mapped_column(index=True)
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    request_id: Mapped[str]


class AuditSeal(OfBody, Base):
    """The place of one event in its body's chain: `hash` covers the event and the hash before it."""

    __tablename__ = "audit_seal"
    __table_args__ = (UniqueConstraint("body_id", "position"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str]
    sealed_at: Mapped[datetime]
