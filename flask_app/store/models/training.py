"""Training orders, enrolments, completions and the institutions' grades."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from flask_app.domain.rule_pack import RulePack
from flask_app.store.base import Base, Identified, OfBody, Workflowed
from flask_app.store.frozen_rules import FrozenRules


class TrainingOrder(Identified, OfBody, Workflowed, Base):
    """A body's training order for one year (DOMAIN A7). Money in som. `code` is the `orderRef` of grade batches."""

    __tablename__ = "training_order"
    __table_args__ = (UniqueConstraint("body_id", "code"),)
    workflow = "training_order"

    code: Mapped[str]
    year: Mapped[int]
    opened_on: Mapped[date]
    title: Mapped[dict[str, Any]]
    pack_frozen: Mapped[RulePack] = mapped_column(FrozenRules)
    needs: Mapped[int]
    plan_reference: Mapped[str]
    body_funds: Mapped[Decimal]
    money_planned: Mapped[Decimal]
    money_spent: Mapped[Decimal]
    contract: Mapped[str]
    monitoring: Mapped[str]
    last_act_on: Mapped[date | None]
    created_at: Mapped[datetime]


class Institution(Identified, OfBody, Base):
    """A training institution. `code` is the `sender` of its batches."""

    __tablename__ = "institution"
    __table_args__ = (UniqueConstraint("body_id", "code"),)

    code: Mapped[str]
    name: Mapped[dict[str, Any]]


class Programme(Identified, OfBody, Base):
    """A programme of an order. `delivery`: moodle (a course of our own) or institution (grades come in batches)."""

    __tablename__ = "programme"
    __table_args__ = (UniqueConstraint("order_id", "course_code"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("training_order.id"), index=True)
    institution_id: Mapped[UUID | None] = mapped_column(ForeignKey("institution.id"))
    course_code: Mapped[str]
    title: Mapped[dict[str, Any]]
    hours: Mapped[int]
    delivery: Mapped[str]


class Enrolment(Identified, OfBody, Base):
    """A person on a programme and what became of it. `outcome`: none, passed, failed, in-progress, absent."""

    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("programme_id", "person_id"),)

    programme_id: Mapped[UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[str] = mapped_column(default="none")
    score: Mapped[str] = mapped_column(default="")
    document_number: Mapped[str] = mapped_column(default="")
    completed_at: Mapped[datetime | None]


class GradeBatchRow(Identified, OfBody, Base):
    """A batch as it came: the file by hash, who sent it, the report that was given back.

    A spreadsheet is kept under `source_sha256` (`source_kind`: xlsx, ods, csv), and `file_sha256` is the batch that was
    made of it; both are empty for one that came as XML.
    """

    __tablename__ = "grade_batch"
    __table_args__ = (UniqueConstraint("body_id", "sender", "message_id"),)

    sender: Mapped[str]
    message_id: Mapped[UUID]
    sequence: Mapped[int]
    file_sha256: Mapped[str]
    source_sha256: Mapped[str] = mapped_column(default="")
    source_kind: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime]
    report: Mapped[list[Any]]


class GradeRow(Identified, OfBody, Base):
    """One accepted revision of one grade; the newest counts, withdrawals are revisions too."""

    __tablename__ = "grade"
    __table_args__ = (UniqueConstraint("body_id", "sender", "record_id", "revision"),)

    sender: Mapped[str]
    record_id: Mapped[UUID]
    revision: Mapped[int]
    newest: Mapped[bool] = mapped_column(index=True)
    action: Mapped[str]
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("grade_batch.id"))
    content_hash: Mapped[str]
    content: Mapped[dict[str, Any]]
