"""Test sessions and examination forms."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from flask_app.store.base import Base, Identified, OfBody


class TestSession(Identified, OfBody, Base):
    """A sitting of the computer test.

    Anybody can draw the same forms again from the `seed`, the bank hashes and the twin groups `withdrawn` that day.
    """

    __test__ = False
    __tablename__ = "test_session"
    __table_args__ = (UniqueConstraint("competition_id"), UniqueConstraint("body_id", "code"))

    competition_id: Mapped[UUID] = mapped_column(ForeignKey("competition.id"))
    code: Mapped[str]
    course: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[dict[str, Any]]
    duration_minutes: Mapped[int]
    variants: Mapped[int]
    seed: Mapped[str]
    bank_hashes: Mapped[dict[str, Any]]
    withdrawn: Mapped[list[Any]] = mapped_column(default=list)
    proctor: Mapped[str]
    pushed_at: Mapped[datetime | None]


class SessionMove(Identified, OfBody, Base):
    """That a sitting was moved: when it was decided and why, from when to when. `same_place`: somebody stood for it
    that only the words for the place were put right. `recalled`: how many notices lost their force.
    """

    __tablename__ = "session_move"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("test_session.id"), index=True)
    happened_on: Mapped[date]
    recorded_at: Mapped[datetime]
    moved_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    starts_before: Mapped[datetime]
    place_before: Mapped[dict[str, Any]]
    starts_at: Mapped[datetime]
    place: Mapped[dict[str, Any]]
    same_place: Mapped[bool]
    reason: Mapped[str]
    recalled: Mapped[int]


class ExaminationForm(Identified, OfBody, Base):
    """One paper of the test in one language: a Moodle test entered by one group."""

    __tablename__ = "examination_form"
    __table_args__ = (UniqueConstraint("session_id", "variant", "language"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("test_session.id"), index=True)
    variant: Mapped[int]
    language: Mapped[str]
    test_idnumber: Mapped[str] = mapped_column(unique=True)
    group_idnumber: Mapped[str]


class FormItem(Identified, OfBody, Base):
    """One place of a form: exactly this version of this question."""

    __tablename__ = "form_item"
    __table_args__ = (UniqueConstraint("form_id", "slot"), UniqueConstraint("form_id", "question_idnumber"))

    form_id: Mapped[UUID] = mapped_column(ForeignKey("examination_form.id"), index=True)
    slot: Mapped[int]
    block: Mapped[str]
    twin_group: Mapped[str]
    question_idnumber: Mapped[str]
    content_hash: Mapped[str]
    version: Mapped[int]


class Seat(Identified, OfBody, Base):
    """Which candidate sits which form."""

    __tablename__ = "seat"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), unique=True)
    form_id: Mapped[UUID] = mapped_column(ForeignKey("examination_form.id"), index=True)
    number: Mapped[int]
