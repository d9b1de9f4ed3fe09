"""Applications and what their admission and testing leave behind."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from flask_app.store.base import Base, Identified, OfBody, Workflowed


class Application(Identified, OfBody, Workflowed, Base):
    """One person's application in one competition. `number` counts within the competition, in order of registration;
    `service_months`, `specialty_months`: the length of service as its list tells it, None where it tells none.
    """

    __tablename__ = "application"
    __table_args__ = (
        UniqueConstraint("competition_id", "person_id"),
        UniqueConstraint("competition_id", "number"),
        CheckConstraint("service_months >= 0", name="service_months"),
        CheckConstraint("specialty_months >= 0", name="specialty_months"),
    )
    workflow = "application"

    competition_id: Mapped[UUID] = mapped_column(ForeignKey("competition.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    number: Mapped[int]
    source: Mapped[dict[str, Any]]
    education: Mapped[str] = mapped_column(default="")
    service_months: Mapped[int | None]
    specialty_months: Mapped[int | None]
    documents_complete: Mapped[bool]
    refusal_ground: Mapped[str] = mapped_column(default="")
    last_act_on: Mapped[date | None]
    created_at: Mapped[datetime]


class Notice(Identified, OfBody, Base):
    """That a candidate was told of the test: when, by which channel, what proves it, and what was told.

    A notice stays when it is recalled: one of a kind stands at a time. `preceded_on`: the day of the application's last
    act before it, where that is known.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index(
            "uq_notice_standing", "application_id", "kind", unique=True, postgresql_where=text("recalled_on IS NULL")
        ),
        CheckConstraint("(recalled_on IS NULL) = (recalled_because = '')", name="recalled_with_reason"),
    )

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    kind: Mapped[str]
    happened_on: Mapped[date]
    recorded_at: Mapped[datetime]
    channel: Mapped[str]
    evidence: Mapped[str]
    starts_at: Mapped[datetime]
    place: Mapped[dict[str, Any]]
    preceded_on: Mapped[date | None]
    recalled_on: Mapped[date | None]
    recalled_because: Mapped[str] = mapped_column(default="")


class PracticalResult(Identified, OfBody, Base):
    """The practical task or other written work: mark of maximum, for the commission's knowledge."""

    __tablename__ = "practical_result"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), unique=True)
    mark: Mapped[Decimal]
    maximum: Mapped[Decimal]
    happened_on: Mapped[date]
    recorded_at: Mapped[datetime]


class TestScore(Identified, OfBody, Base):
    """A candidate's marks in one block of the test, taken from the attempt that counts."""

    __test__ = False
    __tablename__ = "test_score"
    __table_args__ = (UniqueConstraint("application_id", "block"),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    block: Mapped[str]
    mark: Mapped[Decimal]
    maximum: Mapped[Decimal]
    attempt_id: Mapped[UUID | None] = mapped_column(ForeignKey("attempt.id"), index=True)
