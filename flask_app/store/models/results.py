"""Attempts pulled from Moodle, with every response; regrades and deletions come as revisions, never as edits."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from flask_app.store.base import Base, Identified, OfBody


class Attempt(Identified, OfBody, Base):
    """One revision of one attempt. The newest revision counts; older ones stay as they were pulled."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("body_id", "moodle_attempt", "test_idnumber", "revision"),
        # Few among many: attempts that were regraded or deleted since, on which a score may still rest.
        Index("ix_attempt_superseded", "id", postgresql_where="newest IS false OR deleted IS true"),
    )

    moodle_attempt: Mapped[int]
    test_idnumber: Mapped[str] = mapped_column(index=True)
    person_idnumber: Mapped[str] = mapped_column(index=True)
    number: Mapped[int]
    revision: Mapped[int]
    newest: Mapped[bool] = mapped_column(index=True)
    state: Mapped[str]
    deleted: Mapped[bool]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    modified_at: Mapped[datetime]
    mark: Mapped[Decimal | None]
    maximum: Mapped[Decimal]
    pulled_at: Mapped[datetime]
    content_hash: Mapped[str]


class AttemptResponse(Identified, OfBody, Base):
    """One answer, with the exact question version it was given to."""

    __tablename__ = "attempt_response"
    __table_args__ = (UniqueConstraint("attempt_id", "slot"),)

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempt.id"), index=True)
    slot: Mapped[int]
    question_idnumber: Mapped[str]
    entryid: Mapped[int]
    questionid: Mapped[int]
    question_version: Mapped[int]
    state: Mapped[str]
    mark: Mapped[Decimal | None]
    maximum: Mapped[Decimal]
    response: Mapped[str]
    right_answer: Mapped[str]
    answered_at: Mapped[datetime | None]


class PullCursor(Identified, OfBody, Base):
    """How far a pull has come, and Moodle's own count at that moment (control total)."""

    __tablename__ = "pull_cursor"
    __table_args__ = (UniqueConstraint("body_id", "what"),)

    what: Mapped[str]
    cursor: Mapped[str]
    total: Mapped[int]
    pulled_at: Mapped[datetime]
