"""Question banks as the panel holds them, and where each question stands in Moodle."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from flask_app.store.base import Base, Identified, OfBody


class QuestionBank(Identified, OfBody, Base):
    """One release of one bank. `hash` covers every question; a session freezes it."""

    __tablename__ = "question_bank"
    __table_args__ = (UniqueConstraint("body_id", "code"),)

    code: Mapped[str]
    block: Mapped[str]
    title: Mapped[dict[str, Any]]
    release: Mapped[str]
    hash: Mapped[str]
    moodle_bank: Mapped[str]
    loaded_at: Mapped[datetime]


class BankQuestion(Identified, OfBody, Base):
    """One language version of one twin group. `source` is its GIFT spelling; Moodle's ids are of the synced version."""

    __tablename__ = "bank_question"
    __table_args__ = (UniqueConstraint("bank_id", "idnumber"),)

    bank_id: Mapped[UUID] = mapped_column(ForeignKey("question_bank.id"), index=True)
    idnumber: Mapped[str]
    twin_group: Mapped[str]
    language: Mapped[str]
    topic: Mapped[str]
    citation: Mapped[str]
    category_path: Mapped[str]
    content_hash: Mapped[str]
    source: Mapped[str]
    retired: Mapped[bool] = mapped_column(default=False)
    synced_hash: Mapped[str] = mapped_column(default="")
    moodle_version: Mapped[int] = mapped_column(default=0)
    moodle_entry: Mapped[int] = mapped_column(default=0)
    moodle_question: Mapped[int] = mapped_column(default=0)


class QuestionRevision(Identified, OfBody, Base):
    """Every content a question ever had here, by hash: what a candidate sat can be shown years later."""

    __tablename__ = "question_revision"
    __table_args__ = (UniqueConstraint("body_id", "idnumber", "content_hash"),)

    idnumber: Mapped[str]
    content_hash: Mapped[str]
    source: Mapped[str]
    kept_at: Mapped[datetime]


class BankRelease(Identified, OfBody, Base):
    """Every state a bank ever had here: its hash and members [[twin group, topic, {language: content hash}], …]."""

    __tablename__ = "bank_release"
    __table_args__ = (UniqueConstraint("bank_id", "hash"),)

    bank_id: Mapped[UUID] = mapped_column(ForeignKey("question_bank.id"), index=True)
    release: Mapped[str]
    hash: Mapped[str]
    members: Mapped[list[Any]]
    loaded_at: Mapped[datetime]


class BankFigures(Identified, OfBody, Base):
    """What the results told about a bank's questions when they were counted last (`item_statistics_kept`).

    `held`: finished attempts with an answer to the bank then, of which the newest were read; `attempts`: those whose
    answers count; `older`: answers to earlier versions of a question, left out.
    """

    __tablename__ = "bank_figures"
    __table_args__ = (UniqueConstraint("bank_id"),)

    bank_id: Mapped[UUID] = mapped_column(ForeignKey("question_bank.id"))
    counted_at: Mapped[datetime]
    held: Mapped[int]
    attempts: Mapped[int]
    older: Mapped[int]
    items: Mapped[list[Any]]
    twins: Mapped[list[Any]]
    forms: Mapped[list[Any]]
