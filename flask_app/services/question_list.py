"""The questions in the making as a list: filtered, in turn, and what of them waits for the actor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, func, literal, select, tuple_

from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.question import EDITORS
from flask_app.services.bank_rights import may as may_on_banks
from flask_app.services.bank_rights import require as require_right
from flask_app.services.listing import Slice, read_page
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.question_content import first_question
from flask_app.services.question_items import APPROVED, DRAFT, JUDGED, READ_KEYS, RETURNED_FROM
from flask_app.store.models.banks import QuestionBank
from flask_app.store.models.questions import QuestionComment, QuestionItem
from flask_app.store.models.versions import ObjectVersion

SHOWN: Final = 140
RETURNED: Final = "returned"
"""Of a draft that was sent back to its author; no state of the workflow, but one to look for."""
STATES_SHOWN: Final = ("draft", RETURNED, *(state for state in WORKFLOWS["question"].states if state != "draft"))

IN_TURN: Final = (QuestionItem.edited_at, QuestionItem.twin_group)
"""The order of the list: what has waited longest comes first."""


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
    read_ = {language: first_question(text) for language, text in sorted(item.texts.items())}
    return {language: question.text[:SHOWN] if question else "" for language, question in read_.items()}
