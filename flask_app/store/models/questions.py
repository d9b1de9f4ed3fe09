"""Questions in the making: their texts, remarks, readers; blueprints of papers; notes of releases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from flask_app.store.base import Base, Identified, OfBody, Workflowed


class QuestionItem(Identified, OfBody, Workflowed, Base):
    """One twin group on its way into a bank. `texts`: language → GIFT of the question alone, without its tags.

    `authors`: ids of everybody who had a hand in the present text. `content_hash` is of texts, topic, difficulty and
    citations; `released_hash` is the one that stands in the bank, empty before the first release.
    """

    __tablename__ = "question_item"
    __table_args__ = (UniqueConstraint("bank_id", "twin_group"),)
    workflow = "question"

    bank_id: Mapped[UUID] = mapped_column(ForeignKey("question_bank.id"), index=True)
    twin_group: Mapped[str]
    topic: Mapped[str]
    difficulty: Mapped[str]
    citations: Mapped[list[Any]]
    texts: Mapped[dict[str, Any]]
    content_hash: Mapped[str]
    released_hash: Mapped[str] = mapped_column(default="")
    authors: Mapped[list[Any]]
    last_act_on: Mapped[date | None]
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime]


class QuestionComment(Identified, OfBody, Base):
    """A remark at a place: the language, the words it is about (may be empty), the version that was read."""

    __tablename__ = "question_comment"

    item_id: Mapped[UUID] = mapped_column(ForeignKey("question_item.id"), index=True)
    version: Mapped[int]
    language: Mapped[str]
    quote: Mapped[str]
    text: Mapped[str]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    written_at: Mapped[datetime]
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    settled_at: Mapped[datetime | None]


class QuestionView(Identified, OfBody, Base):
    """Who saw which version, and when first."""

    __tablename__ = "question_view"
    __table_args__ = (UniqueConstraint("item_id", "user_id", "version"),)

    item_id: Mapped[UUID] = mapped_column(ForeignKey("question_item.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int]
    seen_at: Mapped[datetime]


class PaperBlueprint(Identified, OfBody, Base):
    """A design of papers. `cells`: [{block, count, topic, difficulty, act}, …]; `shown_limit` None = no limit."""

    __tablename__ = "paper_blueprint"
    __table_args__ = (UniqueConstraint("body_id", "title"),)

    title: Mapped[str]
    cells: Mapped[list[Any]]
    languages: Mapped[list[Any]]
    shown_limit: Mapped[int | None]
    seed: Mapped[str]
    version: Mapped[int]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime]


class ReleaseNote(Identified, OfBody, Base):
    """What a release of a bank brought, in words, and who published it."""

    __tablename__ = "release_note"
    __table_args__ = (UniqueConstraint("release_id"),)

    release_id: Mapped[UUID] = mapped_column(ForeignKey("bank_release.id"))
    notes: Mapped[str]
    questions: Mapped[list[Any]]
    published_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    published_at: Mapped[datetime]
