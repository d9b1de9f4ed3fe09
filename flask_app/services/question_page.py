"""One question in the making as its page shows it; that somebody saw it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from flask_app.domain.workflow import Offer
from flask_app.services import audit
from flask_app.services.bank_rights import require as require_right
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.question_drafts import Checked, DraftText, Frame, check, frame_of
from flask_app.services.question_items import DRAFT, IN_USE, READ_KEYS, RETURNED_FROM, draft_of, facts_of
from flask_app.services.rights import may, require
from flask_app.services.transitions import offered
from flask_app.store.models.banks import QuestionBank
from flask_app.store.models.organisation import User
from flask_app.store.models.questions import QuestionComment, QuestionItem, QuestionView
from flask_app.store.models.versions import ObjectVersion


@dataclass(frozen=True, slots=True)
class Comment:
    id: UUID
    version: int
    language: str
    quote: str
    text: str
    author: str
    written_at: datetime
    settled_by: str
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of the question: who made it, when, why, and what its text was like in each language."""

    version: int
    author: str
    at: datetime
    reason: str
    state: str
    hash: str


@dataclass(frozen=True, slots=True)
class Seen:
    name: str
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ItemPage:
    item: QuestionItem
    bank: QuestionBank
    frame: Frame
    draft: DraftText
    checked: Checked
    offers: tuple[Offer, ...]
    comments: tuple[Comment, ...]
    versions: tuple[VersionRow, ...]
    seen: tuple[Seen, ...]
    authors: tuple[str, ...]
    returned: VersionRow | None
    """The version in which a draft came back, with the reason, until it is handed in again."""
    may_edit: bool
    may_comment: bool

    @property
    def released(self) -> VersionRow | None:
        """The text that a release brought last; newest come first."""
        return next((row for row in self.versions if row.state == IN_USE), None)

    @property
    def once_returned(self) -> VersionRow | None:
        """The text that was sent back last, also after it was handed in again."""
        judged = pairwise(self.versions)
        return next((row for row, before in judged if row.state == DRAFT and before.state in RETURNED_FROM), None)


def item_page(work: Work, id_: UUID) -> ItemPage:
    """Everything about one question; that it was seen is kept. Raises `NotFound`."""
    require_right(work.actor, READ_KEYS)
    item = work.get(QuestionItem, id_)
    require(work, item, "view")
    bank = work.get(QuestionBank, item.bank_id)
    _note_view(work, item)
    frame, draft = frame_of(work, bank), draft_of(item)
    checked = check(frame, draft)
    today, here = work.today, local_time(work)
    people = _names(work)
    versions = tuple(_version(row, people, here.at) for row in _version_rows(work, item))
    return ItemPage(
        item=item,
        bank=bank,
        frame=frame,
        draft=draft,
        checked=checked,
        offers=offered(work, item, today, facts_of(work, item, checked)),
        comments=tuple(_comment(row, people, here.at) for row in _comments(work, item)),
        versions=versions,
        seen=tuple(Seen(people.get(row.user_id, ""), row.version, here.at(row.seen_at)) for row in _views(work, item)),
        authors=tuple(people.get(UUID(author), "") for author in item.authors),
        returned=_returned(versions),
        may_edit=may(work, item, "edit"),
        may_comment=may(work, item, "comment"),
    )


def _returned(versions: Sequence[VersionRow]) -> VersionRow | None:
    """The first version of the present draft, where the one before it was being judged; newest come first."""
    for row, before in pairwise(versions):
        if row.state != DRAFT:
            return None
        if before.state != DRAFT:
            return row if before.state in RETURNED_FROM else None
    return None


def _names(work: Work) -> dict[UUID, str]:
    rows = work.session.execute(select(User.id, User.name).where(User.body_id == work.actor.body_id))
    return {id_: name for id_, name in rows}  # noqa: C416  # rows are no pairs for `dict`


def _comments(work: Work, item: QuestionItem) -> Sequence[QuestionComment]:
    return work.session.scalars(
        select(QuestionComment)
        .where(QuestionComment.item_id == item.id)
        .order_by(QuestionComment.settled_at.is_not(None), QuestionComment.written_at)
    ).all()


def _comment(row: QuestionComment, people: Mapping[UUID, str], at: Any) -> Comment:
    return Comment(
        id=row.id,
        version=row.version,
        language=row.language,
        quote=row.quote,
        text=row.text,
        author=people.get(row.author_id, ""),
        written_at=at(row.written_at),
        settled_by=people.get(row.settled_by, "") if row.settled_by else "",
        settled_at=at(row.settled_at) if row.settled_at else None,
    )


def _version_rows(work: Work, item: QuestionItem) -> Sequence[ObjectVersion]:
    return work.session.scalars(
        select(ObjectVersion)
        .where(ObjectVersion.object_type == "question", ObjectVersion.object_id == item.id)
        .order_by(ObjectVersion.version.desc())
        .limit(50)
    ).all()


def _version(row: ObjectVersion, people: Mapping[UUID, str], at: Any) -> VersionRow:
    return VersionRow(
        row.version,
        people.get(row.author_id, ""),
        at(row.recorded_at),
        row.reason,
        str(row.data.get("state", "")),
        str(row.data.get("content_hash", "")),
    )


def _views(work: Work, item: QuestionItem) -> Sequence[QuestionView]:
    return work.session.scalars(
        select(QuestionView).where(QuestionView.item_id == item.id).order_by(QuestionView.seen_at.desc()).limit(50)
    ).all()


def _note_view(work: Work, item: QuestionItem) -> None:
    """Once for each person and version; the first time is an event of the audit log."""
    told = work.session.scalar(
        insert(QuestionView)
        .values(
            id=work.office.ids.new(),
            body_id=work.actor.body_id,
            item_id=item.id,
            user_id=work.actor.user_id,
            version=item.version,
            seen_at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(QuestionView.id)
    )
    if told is not None:
        audit.record(work, "question.opened", "question", item.id, after={"version": item.version})
