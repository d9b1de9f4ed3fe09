"""Questions in the making: written, seen, remarked on, moved along their workflow, compared version by version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from flask_app.domain.errors import AlreadyThere, InvalidInput, NotFound, Refused
from flask_app.domain.names import sort_key
from flask_app.domain.workflow import Act, Offer
from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.question import EDITORS, QuestionFacts
from flask_app.services import audit
from flask_app.services.bank_rights import may as may_on_banks
from flask_app.services.bank_rights import require as require_right
from flask_app.services.bank_rights import require_bank
from flask_app.services.listing import Slice, read_page
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.question_content import (
    ComparedLine,
    FieldChange,
    changed_fields,
    compare_lines,
    lines_of,
    read_one,
)
from flask_app.services.question_drafts import Checked, DraftText, Frame, as_draft, check, frame_of
from flask_app.services.question_findings import group_named, name_fault
from flask_app.services.rights import may, require
from flask_app.services.transitions import change_state, check_version, offered, save_version
from flask_app.store.models.banks import BankQuestion, QuestionBank
from flask_app.store.models.organisation import RoleGrant, User
from flask_app.store.models.questions import QuestionComment, QuestionItem, QuestionView
from flask_app.store.models.versions import ObjectVersion
from gift_export.reader import read

SHOWN: Final = 140
FIELDS: Final = ("topic", "difficulty", "citations", "state")
DRAFT: Final = "draft"
APPROVED: Final = "approved"
IN_USE: Final = "in_use"
RETURNED: Final = "returned"
"""Of a draft that was sent back to its author; no state of the workflow, but one to look for."""
STATES_SHOWN: Final = ("draft", RETURNED, *(state for state in WORKFLOWS["question"].states if state != "draft"))
REVISE: Final = "revise"
RETURNED_FROM: Final = ("review", "language_check", "approved")
"""A draft that was last in one of these states was returned to its author."""
JUDGED: Final = ("review", "language_check")
"""States in which a question waits for somebody who did not write it."""

IN_TURN: Final = (QuestionItem.edited_at, QuestionItem.twin_group)
"""The order of the list: what has waited longest comes first."""

READ_KEYS: Final = "read_answers"
"""A question in the making is shown with its key: the right on banks that opens it."""


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A question in a list. `text`: language → what it asks. `own`: the actor had a hand in its text, so it waits for
    somebody else. `returned`: a draft that was sent back to its author.
    """

    id: UUID
    version: int
    bank: str
    group: str
    topic: str
    state: str
    text: Mapping[str, str]
    languages: tuple[str, ...]
    comments: int
    edited_at: datetime
    own: bool
    returned: bool


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


# -- writing -----------------------------------------------------------------------------------------------------------


def bank_for(work: Work, bank_id: UUID) -> QuestionBank:
    """The bank, for who may write its questions. Raises `NotFound`, `NotPermitted`."""
    require_bank(work.actor, READ_KEYS)
    return work.get(QuestionBank, bank_id)


def add_item(work: Work, bank: QuestionBank, draft: DraftText) -> QuestionItem:
    """A new question as a draft; it may still be wrong.

    Raises `InvalidInput` (a code of `NAME_CODES`), `AlreadyThere("question.group_taken")`.
    """
    require_bank(work.actor, READ_KEYS)
    if fault := name_fault(draft.group):
        raise fault
    if names_taken(work, [draft.group]):
        raise AlreadyThere("question.group_taken", group=draft.group)
    item = _new_item(work, bank.id, draft, released_hash="")
    audit.record(work, "question.created", "question", item.id, after={"group": draft.group, "bank": bank.code})
    return item


def begin_revision(work: Work, bank: QuestionBank, group: str, reason: str) -> QuestionItem:
    """A question that came with the bank's files is taken up for changing. What is in use stays in use meanwhile.

    Raises `NotFound`, `AlreadyThere("question.group_taken")` when it is on somebody's desk already.
    """
    require_bank(work.actor, READ_KEYS)
    rows = _released_rows(work, bank.id, group)
    if not rows:
        raise NotFound("object.unknown", type="BankQuestion")
    if _item_of(work, bank.id, group) is not None:
        raise AlreadyThere("question.group_taken", group=group)
    draft = as_draft(group, {row.language: read_one(row.source) for row in rows})
    item = _new_item(work, bank.id, draft, released_hash=draft.content_hash, reason=reason)
    audit.record(work, "question.taken_up", "question", item.id, after={"group": group, "bank": bank.code})
    return item


def take_up(work: Work, bank: QuestionBank, said: str, act: Act) -> tuple[QuestionItem, bool]:
    """The question of a bank that somebody named, with its language or without, and whether it was taken up now.

    One that is on somebody's desk already stays as it is.

    Raises `InvalidInput` (QUESTION_NAME_NONE, question.group_unknown), `Refused("workflow.needs_reason")`,
    `NotPermitted`.
    """
    require_bank(work.actor, READ_KEYS)
    group = group_named(said)
    if not group:
        raise InvalidInput("QUESTION_NAME_NONE")
    item = _item_of(work, bank.id, group)
    if item is None and not _released_rows(work, bank.id, group):
        raise InvalidInput("question.group_unknown", group=group, bank=bank.code)
    if item is not None and item.state not in WORKFLOWS["question"].transitions[REVISE].sources:
        return item, False
    if not act.reason.strip():
        raise Refused("workflow.needs_reason", transition=REVISE)
    if item is None:
        return begin_revision(work, bank, group, act.reason), True
    return move_item(work, item.id, REVISE, act, expected_version=item.version), True


def save_draft(work: Work, id_: UUID, draft: DraftText, *, expected_version: int, reason: str = "") -> QuestionItem:
    """Keep what the author typed. The group does not change; the same text again changes nothing.

    Raises `NotFound`, `NotPermitted`, `VersionConflict`.
    """
    item = work.get(QuestionItem, id_, lock=True)
    require(work, item, "edit")
    check_version(item, expected_version)
    if draft.content_hash == item.content_hash:
        return item
    _put(work, item, draft)
    save_version(work, item, reason or "edit")
    audit.record(work, "question.edited", "question", item.id, after={"version": item.version})
    return item


def _new_item(
    work: Work, bank_id: UUID, draft: DraftText, *, released_hash: str, reason: str = "create"
) -> QuestionItem:
    item = QuestionItem(
        bank_id=bank_id,
        twin_group=draft.group,
        state="draft",
        version=0,
        released_hash=released_hash,
        authors=[],
        created_at=work.now,
        last_act_on=None,
    )
    _put(work, item, draft)
    work.add(item)
    work.session.flush()
    save_version(work, item, reason)
    work.session.flush()
    return item


def _put(work: Work, item: QuestionItem, draft: DraftText) -> None:
    item.topic, item.difficulty = draft.topic, draft.difficulty
    item.citations, item.texts = list(draft.citations), dict(draft.texts)
    item.content_hash = draft.content_hash
    item.edited_at = work.now
    item.authors = sorted({*item.authors, str(work.actor.user_id)})


def names_taken(work: Work, groups: Iterable[str]) -> dict[str, str]:
    """Which of these names a bank of the body knows, and the code of that bank: a paper may be drawn from several."""
    asked, found = list(groups), {}
    for table in (QuestionItem, BankQuestion):
        rows = work.session.execute(
            select(table.twin_group, QuestionBank.code)
            .join(QuestionBank, QuestionBank.id == table.bank_id)
            .where(table.body_id == work.actor.body_id, table.twin_group.in_(asked))
            .distinct()
        )
        found.update({group: code for group, code in rows})  # noqa: C416  # dict() of rows is no mapping to mypy
    return found


def _item_of(work: Work, bank_id: UUID, group: str) -> QuestionItem | None:
    return work.session.scalar(
        select(QuestionItem).where(QuestionItem.bank_id == bank_id, QuestionItem.twin_group == group)
    )


def _released_rows(work: Work, bank_id: UUID, group: str) -> Sequence[BankQuestion]:
    return work.session.scalars(
        select(BankQuestion)
        .where(BankQuestion.bank_id == bank_id, BankQuestion.twin_group == group, BankQuestion.retired.is_(False))
        .order_by(BankQuestion.language)
    ).all()


# -- moving ------------------------------------------------------------------------------------------------------------


def move_item(work: Work, id_: UUID, transition: str, act: Act, *, expected_version: int) -> QuestionItem:
    """Take a step of the question's workflow. Raises as `transitions.change_state`."""
    return change_state(
        work, QuestionItem, id_, transition, act, lambda item: facts_of(work, item), expected_version=expected_version
    )


def facts_of(work: Work, item: QuestionItem, checked: Checked | None = None) -> QuestionFacts:
    found = checked or check(frame_of(work, work.get(QuestionBank, item.bank_id)), draft_of(item), repeats=False)
    open_comments = work.session.scalar(
        select(func.count())
        .select_from(QuestionComment)
        .where(QuestionComment.item_id == item.id, QuestionComment.settled_at.is_(None))
    )
    return QuestionFacts(
        actor=work.actor.user_id,
        authors=frozenset(UUID(author) for author in item.authors),
        errors=found.errors,
        open_comments=open_comments or 0,
        missing=found.missing,
        released=bool(item.released_hash) and item.released_hash == item.content_hash,
        reviewers=reviewers_of(work, item) if item.state in JUDGED and str(work.actor.user_id) in item.authors else (),
    )


def reviewers_of(work: Work, item: QuestionItem) -> tuple[str, ...]:
    """Names of those who may judge the question: they have the right, can log in, and wrote none of it."""
    rows = work.session.execute(
        select(User.id, User.name)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(
            User.body_id == work.actor.body_id,
            User.disabled.is_(False),
            RoleGrant.role.in_(WORKFLOWS["question"].transitions["pass_review"].roles),
        )
        .distinct()
    )
    return tuple(sorted((name for id_, name in rows if str(id_) not in item.authors), key=sort_key))


def draft_of(item: QuestionItem) -> DraftText:
    texts = {language: str(text) for language, text in item.texts.items()}
    return DraftText(item.twin_group, item.topic, item.difficulty, tuple(map(str, item.citations)), texts)


# -- remarks -----------------------------------------------------------------------------------------------------------


def add_comment(work: Work, id_: UUID, language: str, quote: str, text: str) -> QuestionComment:
    """A remark on the present version. Raises `NotFound`, `NotPermitted`, `InvalidInput("question.comment_empty")`."""
    item = work.get(QuestionItem, id_)
    require(work, item, "comment")
    if not text:
        raise InvalidInput("question.comment_empty")
    comment = QuestionComment(
        item_id=item.id,
        version=item.version,
        language=language if language in item.texts else "",
        quote=quote,
        text=text,
        author_id=work.actor.user_id,
        written_at=work.now,
        settled_by=None,
        settled_at=None,
    )
    work.add(comment)
    audit.record(work, "question.commented", "question", item.id, after={"version": item.version})
    return comment


def settle_comment(work: Work, id_: UUID, comment_id: UUID) -> None:
    """The remark is dealt with. Raises `NotFound`, `NotPermitted`, `AlreadyThere("question.comment_settled")`."""
    item = work.get(QuestionItem, id_)
    require(work, item, "comment")
    comment = work.get(QuestionComment, comment_id, lock=True)
    if comment.item_id != item.id:
        raise NotFound("object.unknown", type="QuestionComment")
    if comment.settled_at is not None:
        raise AlreadyThere("question.comment_settled")
    comment.settled_by, comment.settled_at = work.actor.user_id, work.now
    audit.record(work, "question.comment_settled", "question", item.id, after={"comment": comment.id})


# -- reading -----------------------------------------------------------------------------------------------------------


def items(work: Work, *, bank: str = "", state: str = "", mine: bool = False, page: int = 1) -> Slice[ItemRow]:
    """Questions in the making. `mine`: only those that wait for the actor: another's text in review, own drafts."""
    require_right(work.actor, READ_KEYS)
    open_comments = (
        select(func.count())
        .where(QuestionComment.item_id == QuestionItem.id, QuestionComment.settled_at.is_(None))
        .scalar_subquery()
    )
    query = (
        select(QuestionItem, QuestionBank.code, open_comments.label("open"), _last_state().label("last"))
        .join(QuestionBank, QuestionBank.id == QuestionItem.bank_id)
        .where(*conditions(work, bank=bank, state=state, mine=mine))
        .order_by(*IN_TURN)
    )
    rows, total, shown = read_page(work.session, query, page)
    here, user = local_time(work), str(work.actor.user_id)
    return Slice(tuple(_row(row, here.at(row[0].edited_at), user) for row in rows), total, shown)


def _last_state() -> ScalarSelect[str]:
    """Where the question was before it became a draft."""
    state = ObjectVersion.data["state"].astext
    return (
        select(state)
        .where(ObjectVersion.object_type == "question", ObjectVersion.object_id == QuestionItem.id, state != DRAFT)
        .order_by(ObjectVersion.version.desc())
        .limit(1)
        .scalar_subquery()
    )


def _is_returned() -> ColumnElement[bool]:
    return (QuestionItem.state == DRAFT) & _last_state().in_(RETURNED_FROM)


def conditions(work: Work, *, bank: str = "", state: str = "", mine: bool = False) -> list[ColumnElement[bool]]:
    """What the filter of the list says of questions joined with their banks. `state`: one of `STATES_SHOWN`.

    `mine`: what waits for the actor. An approved question waits for whoever publishes: it is asked for by its state.
    """
    found: list[ColumnElement[bool]] = []
    if bank:
        found.append(QuestionBank.code == bank)
    if state == RETURNED:
        found.append(_is_returned())
    elif state:
        found.append(QuestionItem.state == state)
    if mine and state != APPROVED:
        own = QuestionItem.authors.contains([str(work.actor.user_id)])
        found.append((QuestionItem.state.in_(JUDGED) & ~own) | ((QuestionItem.state == DRAFT) & own))
    return found


def waiting(work: Work) -> dict[str, int]:
    """State of `STATES_SHOWN` → how many questions in it wait for the actor; empty for who writes and judges none.

    A returned draft is not counted among the other drafts.
    """
    if not may_on_banks(work.actor, READ_KEYS):
        return {}
    shown = case((_is_returned(), literal(RETURNED)), else_=QuestionItem.state).label("shown")
    own = and_(*conditions(work, mine=True))
    if work.actor.roles & EDITORS:  # who brings what is approved into a release
        own |= QuestionItem.state == APPROVED
    rows = work.session.execute(select(shown, func.count().label("n")).where(own).group_by(shown))
    found = {row.shown: row.n for row in rows}
    return {state: found[state] for state in (RETURNED, *JUDGED, DRAFT, APPROVED) if state in found}


@dataclass(frozen=True, slots=True)
class NextWaiting:
    """The next question that waits for the actor, and how many wait besides the present one."""

    id: UUID
    group: str
    left: int


def next_waiting(work: Work, item: QuestionItem, *, bank: str = "", state: str = "") -> NextWaiting | None:
    """In the order of the list: the one after `item`; after the last one the first again. None: no other waits."""
    passed = tuple_(*IN_TURN) <= tuple_(literal(item.edited_at), literal(item.twin_group))
    row = work.session.execute(
        select(QuestionItem.id, QuestionItem.twin_group, func.count().over().label("left_"))
        .join(QuestionBank, QuestionBank.id == QuestionItem.bank_id)
        .where(*conditions(work, bank=bank, state=state, mine=True), QuestionItem.id != item.id)
        .order_by(passed, *IN_TURN)
        .limit(1)
    ).one_or_none()
    return None if row is None else NextWaiting(row.id, row.twin_group, row.left_)


def _row(row: Any, edited_at: datetime, user: str) -> ItemRow:
    item: QuestionItem = row[0]
    return ItemRow(
        id=item.id,
        version=item.version,
        bank=row.code,
        group=item.twin_group,
        topic=item.topic,
        state=item.state,
        text=asks(item),
        languages=tuple(sorted(item.texts)),
        comments=row.open,
        edited_at=edited_at,
        own=user in item.authors,
        returned=item.state == DRAFT and row.last in RETURNED_FROM,
    )


def asks(item: QuestionItem) -> dict[str, str]:
    """Language → the beginning of what the question asks; empty where its text cannot be read."""
    read_ = {language: _question(text) for language, text in sorted(item.texts.items())}
    return {language: question.text[:SHOWN] if question else "" for language, question in read_.items()}


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


# -- differences -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """Two versions beside each other. `fields`: what changed outside the texts, as (name, before, after)."""

    item: QuestionItem
    old: int
    new: int
    texts: Mapping[str, tuple[ComparedLine, ...]]
    fields: tuple[FieldChange, ...]


def difference(work: Work, id_: UUID, old: int, new: int) -> Difference:
    """What became of the question from one version to another. Raises `NotFound`."""
    require_right(work.actor, READ_KEYS)
    item = work.get(QuestionItem, id_)
    require(work, item, "view")
    before, after = _data(work, item, old), _data(work, item, new)
    languages = sorted({*before["texts"], *after["texts"]})
    texts = {language: _compared(before["texts"].get(language), after["texts"].get(language)) for language in languages}
    return Difference(
        item, old, new, texts, changed_fields(*({f: data.get(f) for f in FIELDS} for data in (before, after)))
    )


def _data(work: Work, item: QuestionItem, version: int) -> Mapping[str, Any]:
    data: Mapping[str, Any] | None = work.session.scalar(
        select(ObjectVersion.data).where(
            ObjectVersion.object_type == "question",
            ObjectVersion.object_id == item.id,
            ObjectVersion.version == version,
        )
    )
    if data is None:
        raise NotFound("object.unknown", type="ObjectVersion")
    return data


def _compared(old: Any, new: Any) -> tuple[ComparedLine, ...]:
    return compare_lines(*(lines_of(q, with_key=True) if (q := _question(text)) else () for text in (old, new)))


def _question(text: Any) -> Any:
    questions = read(str(text or "")).questions
    return questions[0] if questions else None
