"""What all tables share: naming convention, identity, body, version, and types."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, MetaData, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table. Python types map to one database type each, so that no column guesses its own."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        UUID: Uuid(as_uuid=True),
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


class Identified:
    """A random identifier, given by the application, so that it is known before the row is written."""

    id: Mapped[UUID] = mapped_column(primary_key=True)


class OfBody:
    """Belongs to one body; every query names it (tenancy)."""

    body_id: Mapped[UUID] = mapped_column(ForeignKey("body.id"), index=True)


class Workflowed:
    """Has a state of a workflow and a version that every change raises by one."""

    workflow: ClassVar[str]
    state: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
