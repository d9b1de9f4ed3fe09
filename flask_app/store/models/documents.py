"""Papers, their versions and the registration counters."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from flask_app.store.base import Base, Identified, OfBody, Workflowed


class Document(Identified, OfBody, Workflowed, Base):
    """A paper of a procedure. `kind` is its number in the catalogue (D11, D16, …); one paper of a kind per subject at a
    time: once it is annulled, a new one may be drawn up beside it.

    `parameters`: what a person chose for this paper beyond the facts of its subject (probation, first day in office).
    """

    __tablename__ = "document"
    __table_args__ = (
        Index(
            "uq_document_standing",
            "subject_type",
            "subject_id",
            "kind",
            unique=True,
            postgresql_where=text("state NOT IN ('annulled', 'archived')"),
        ),
        UniqueConstraint("body_id", "registration_series", "registration_year", "registration_value"),
    )
    workflow = "document"

    kind: Mapped[str]
    title: Mapped[dict[str, Any]]
    parameters: Mapped[dict[str, Any]]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID] = mapped_column(index=True)
    registration_series: Mapped[str | None]
    registration_year: Mapped[int | None]
    registration_value: Mapped[int | None]
    registered_on: Mapped[date | None]
    signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    last_act_on: Mapped[date | None]
    created_at: Mapped[datetime]


class DocumentVersion(Identified, OfBody, Base):
    """One rendered file. `facts_hash` says whether rendering again would give anything else."""

    __tablename__ = "document_version"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    number: Mapped[int]
    file_sha256: Mapped[str]
    size: Mapped[int]
    template_version: Mapped[str]
    facts_hash: Mapped[str]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str]
    created_at: Mapped[datetime]


class RegistrationCounter(Identified, OfBody, Base):
    """The last number given in one series and year; locked while the next one is taken."""

    __tablename__ = "registration_counter"
    __table_args__ = (UniqueConstraint("body_id", "series", "year"),)

    series: Mapped[str]
    year: Mapped[int]
    last: Mapped[int] = mapped_column(default=0)
