"""Many drafts handed in for review at once: shown first, then each taken through its own guard, none past it.

A list of questions is no single thing as a list of candidates is: one that is refused keeps none of the others back.
What was refused is told question by question, with every reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import InvalidInput, KyzmatError, NotFound
from flask_app.domain.workflow import Act, decide
from flask_app.domain.workflows.question import WORKFLOW, QuestionFacts
from flask_app.services.bank_rights import require as require_right
from flask_app.services.office import Work
from flask_app.services.question_drafts import Checked, Frame, as_probe, check, frame_of, owners_of
from flask_app.services.question_findings import Remark
from flask_app.services.question_items import READ_KEYS, draft_of, facts_of
from flask_app.services.question_list import IN_TURN, asks, conditions
from flask_app.services.rights import roles_on
from flask_app.services.transitions import act_on, change_state
from flask_app.store.models.banks import QuestionBank
from flask_app.store.models.questions import QuestionItem

STEP: Final = "submit"
MOST_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Chosen:
    """A question of the list. `refusal`: why it is not handed in; more reasons travel in its `others`.

    `warnings`: what is to be said of it although nothing keeps it back.
    """

    id: UUID
    version: int
    group: str
    bank: str
    text: Mapping[str, str]
    refusal: KyzmatError | None = None
    warnings: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class HandIn:
    """`going`: handed in, or would be. `staying`: refused, each with its reasons. `beyond`: too many for one time."""

    going: tuple[Chosen, ...]
    staying: tuple[Chosen, ...]
    beyond: int = 0


class _Frames:
    """The frame of each bank, read once for all its questions; it grows by those that were handed in just now."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: dict[UUID, Frame] = {}
        self._judged: dict[UUID, Checked] = {}

    def facts(self, item: QuestionItem) -> QuestionFacts:
        if item.bank_id not in self._known:
            self._known[item.bank_id] = frame_of(self._work, self._work.get(QuestionBank, item.bank_id))
        found = check(self._known[item.bank_id], draft_of(item), repeats=False)
        self._judged[item.id] = found
        return facts_of(self._work, item, found)

    def warnings(self, item: QuestionItem) -> tuple[Remark, ...]:
        """What was found beside errors; nothing of a question that was not judged."""
        found = self._judged.get(item.id)
        return tuple(one for one in found.remarks if one.severity == "warning") if found is not None else ()

    def handed_in(self, item: QuestionItem) -> None:
        """What this question asks is taken from now on: the same one further down the list is refused."""
        frame, found = self._known[item.bank_id], self._judged[item.id]
        said = [as_probe(item.twin_group, language, question) for language, question in found.questions.items()]
        self._known[item.bank_id] = replace(frame, wordings=owners_of(said) | dict(frame.wordings))


def review_hand_in(work: Work, chosen: Sequence[UUID] | None, *, bank: str = "", mine: bool = True) -> HandIn:
    """What would become of the chosen questions, or with None of every draft under the filter. Changes nothing.

    Raises `NotPermitted`, `InvalidInput("question.none_chosen")`.
    """
    require_right(work.actor, READ_KEYS)
    under = conditions(work, bank=bank, state="draft", mine=mine) if chosen is None else [QuestionItem.id.in_(chosen)]
    rows = work.session.execute(
        select(QuestionItem, QuestionBank.code)
        .join(QuestionBank, QuestionBank.id == QuestionItem.bank_id)
        .where(*under)
        .order_by(*IN_TURN)
    ).all()
    if not rows:
        raise InvalidInput("question.none_chosen")
    frames, act = _Frames(work), act_on(work, work.today)
    looked = [_chosen(item, code, _refusal(work, item, act, frames)) for item, code in rows[:MOST_AT_ONCE]]
    judged = [replace(one, warnings=frames.warnings(item)) for one, (item, _) in zip(looked, rows, strict=False)]
    return _split(judged, beyond=max(0, len(rows) - MOST_AT_ONCE))


def _refusal(work: Work, item: QuestionItem, act: Act, frames: _Frames) -> KyzmatError | None:
    """What stands against handing the question in: the error that the step itself would end in."""
    try:
        decide(WORKFLOW, STEP, item.state, roles_on(work, item), act, frames.facts(item))
    except KyzmatError as error:
        return error
    frames.handed_in(item)
    return None


def hand_in(work: Work, seen: Mapping[UUID, int]) -> HandIn:
    """Hand in each question as it was seen; what is refused, also because it changed meanwhile, stays as it is.

    `seen`: id → version. A question that is not there is left out. Raises `NotPermitted`,
    `InvalidInput("question.none_chosen")`.
    """
    require_right(work.actor, READ_KEYS)
    frames, act = _Frames(work), act_on(work, work.today)
    judged = [_handed_in(work, id_, version, act, frames) for id_, version in _in_turn(work, seen)[:MOST_AT_ONCE]]
    if not judged:
        raise InvalidInput("question.none_chosen")
    return _split(judged)


def _in_turn(work: Work, seen: Mapping[UUID, int]) -> list[tuple[UUID, int]]:
    """Those of the body, always locked in the same order: two lists at once do not wait for each other in a ring."""
    known = work.session.scalars(select(QuestionItem.id).where(QuestionItem.id.in_(seen)).order_by(QuestionItem.id))
    return [(id_, seen[id_]) for id_ in known]


def _handed_in(work: Work, id_: UUID, version: int, act: Act, frames: _Frames) -> Chosen:
    refusal = None
    try:
        frames.handed_in(change_state(work, QuestionItem, id_, STEP, act, frames.facts, expected_version=version))
    except NotFound:
        raise
    except KyzmatError as error:
        refusal = error  # every guard speaks before the first change: nothing of this question was written
    item = work.get(QuestionItem, id_)
    return _chosen(item, work.get(QuestionBank, item.bank_id).code, refusal)


def _chosen(item: QuestionItem, bank: str, refusal: KyzmatError | None) -> Chosen:
    return Chosen(item.id, item.version, item.twin_group, bank, asks(item), refusal)


def _split(judged: Sequence[Chosen], beyond: int = 0) -> HandIn:
    going = tuple(one for one in judged if one.refusal is None)
    return HandIn(going, tuple(one for one in judged if one.refusal is not None), beyond)
