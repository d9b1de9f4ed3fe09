"""Read models of the lists: what waits for me, and the body's procedures, found and filtered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, Select, any_, false, func, literal, select, union_all

from flask_app.domain.rule_pack import RulePack
from flask_app.domain.workflow import Act, Transition
from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.document import part_in
from flask_app.services.competition_facts import as_after_interviews
from flask_app.services.deadlines_of import Deadline, competition_deadlines
from flask_app.services.facts_of_many.competitions import competition_facts_of
from flask_app.services.facts_of_many.orders import training_facts_of
from flask_app.services.facts_of_many.papers import document_facts_of
from flask_app.services.listing import IDS, OF_BODY, Slice, holds_text, read_page, read_rows
from flask_app.services.local_time import LocalTime, local_time
from flask_app.services.member_duties import Duty, duties_of
from flask_app.services.next_steps import NextSteps, next_steps
from flask_app.services.office import Work
from flask_app.services.own_rows import prepared
from flask_app.services.papers import SIGNED_KINDS
from flask_app.services.question_list import waiting
from flask_app.services.transitions import act_on
from flask_app.services.visibility import (
    Seats,
    roles_at,
    seats_of,
    sees_any,
    visible_competitions,
    visible_documents,
    visible_orders,
)
from flask_app.store.models.applications import Application
from flask_app.store.models.documents import Document
from flask_app.store.models.procedures import Competition
from flask_app.store.models.training import Enrolment, Programme, TrainingOrder

LOOKED_AT = 50
"""How many procedures, and how many papers, the home page judges: those that have rested longest come first."""

NEWEST = 8
"""How many procedures the home page lists: those made last."""

COMPETITION, ORDER = "competition", "training_order"
RESTING = frozenset({"closed", "archived"})


@dataclass(frozen=True, slots=True)
class Filter:
    """`text` in number or title; `state` as "workflow.state"; `only` = one type. Empty = everything."""

    text: str = ""
    state: str = ""
    only: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.state or self.only)


@dataclass(frozen=True, slots=True)
class ProcedureRow:
    """A competition or a training order in a list. `since`: the day of its last act; None = it was only drafted."""

    type: str
    id: UUID
    code: str
    title: Mapping[str, str]
    kind: str
    state: str
    since: date | None
    people: int


@dataclass(frozen=True, slots=True)
class Task:
    """A procedure or a paper that has a next step.

    `subject`: the type of the procedure it belongs to, `code` that procedure's number; `pack` the rules it goes by;
    `signers`: who signs, for a paper.
    """

    workflow: str
    subject: str
    object_id: UUID
    title: Mapping[str, str]
    code: str
    pack: RulePack | None
    state: str
    steps: NextSteps
    roles: frozenset[str]
    since: date | None
    deadline: Deadline | None
    signers: frozenset[str] = frozenset()

    @property
    def step(self) -> Transition:
        """The step a task is about: one that can be taken, else the one that is refused."""
        stuck = self.steps.stuck
        return stuck.transition if stuck is not None and not self.steps.ready else self.steps.ready[0]

    @property
    def blocked(self) -> bool:
        """Rules refuse the step for now."""
        return not self.steps.ready

    @property
    def acting(self) -> frozenset[str]:
        """The actor's roles that may take the step."""
        return self.step.roles & self.roles

    @property
    def awaiting(self) -> frozenset[str]:
        """Whose move it is when it is not the actor's."""
        step = self.steps.awaited[0]
        return step.roles & self.signers if step.id == "sign" else step.roles

    @property
    def late(self) -> bool:
        return self.deadline is not None and self.deadline.left < 0

    @property
    def soon(self) -> bool:
        return self.deadline is not None and 0 <= self.deadline.left <= 1


@dataclass(frozen=True, slots=True)
class Home:
    """`awaited`: procedures in which others have the move. `more`: procedures that were not looked at.

    `questions`: state → how many questions in it wait for the actor. `duties`: what is asked of a member of a sitting
    commission.
    """

    duties: tuple[Duty, ...]
    tasks: tuple[Task, ...]
    awaited: tuple[Task, ...]
    deadlines: tuple[tuple[Deadline, Task], ...]
    procedures: tuple[ProcedureRow, ...]
    total: int
    more: int
    today: date
    opens_anything: bool
    questions: Mapping[str, int]


# -- lists -------------------------------------------------------------------------------------------------------------


def procedures(work: Work, wanted: Filter, page: int) -> Slice[ProcedureRow]:
    """Competitions and training orders together, newest first, a page at a time."""
    rows, total, page = read_page(work.session, _newest_first(work, seats_of(work), wanted), page)
    return Slice(_with_people(work, rows), total, page)


def _newest_first(work: Work, seats: Seats, wanted: Filter) -> Select[Any]:
    listed = union_all(*_listed(work, seats, wanted)).subquery()
    return select(listed).order_by(listed.c.created_at.desc(), listed.c.code.desc(), listed.c.id)


def _listed(work: Work, seats: Seats, wanted: Filter) -> list[Select[Any]]:
    queries = []
    workflow, _, state = wanted.state.partition(".")
    if (wanted.only or COMPETITION) == COMPETITION and (workflow or COMPETITION) == COMPETITION:
        query = _columns(Competition, COMPETITION, Competition.kind).where(visible_competitions(work, seats))
        queries.append(_narrowed(query, Competition, wanted.text, state))
    if (wanted.only or ORDER) == ORDER and (workflow or ORDER) == ORDER:
        query = _columns(TrainingOrder, ORDER, literal("")).where(visible_orders(work))
        queries.append(_narrowed(query, TrainingOrder, wanted.text, state))
    return queries or [_columns(Competition, COMPETITION, Competition.kind).where(false())]


def _columns(model: Any, type_: str, kind: Any) -> Select[Any]:
    return select(
        literal(type_).label("type"),
        model.id,
        model.code,
        model.title,
        kind.label("kind"),
        model.state,
        model.last_act_on,
        model.created_at,
    )


def _narrowed(query: Select[Any], model: Any, text: str, state: str) -> Select[Any]:
    if state:
        query = query.where(model.state == state)
    if text:
        query = query.where(holds_text(text, model.code, *(model.title[lang].astext for lang in ("ky", "ru", "en"))))
    return query


def _with_people(work: Work, rows: Sequence[Any]) -> tuple[ProcedureRow, ...]:
    of = {"ids": [row.id for row in rows], "of_body": work.actor.body_id}
    people = dict(work.session.execute(_people(), of).all())
    return tuple(_row(row, people) for row in rows)


@prepared
def _people() -> CompoundSelect[UUID, int]:
    """How many people each procedure is about: applications, or enrolments."""
    applied = (
        select(Application.competition_id, func.count())
        .where(Application.competition_id == any_(IDS), Application.body_id == OF_BODY)
        .group_by(Application.competition_id)
    )
    enrolled = (
        select(Programme.order_id, func.count())
        .join(Enrolment, Enrolment.programme_id == Programme.id)
        .where(Programme.order_id == any_(IDS), Programme.body_id == OF_BODY)
        .group_by(Programme.order_id)
    )
    return union_all(applied, enrolled)


def _row(row: Any, people: Mapping[UUID, int]) -> ProcedureRow:
    return ProcedureRow(
        row.type, row.id, row.code, row.title, row.kind, row.state, row.last_act_on, people.get(row.id, 0)
    )


# -- home --------------------------------------------------------------------------------------------------------------


def home(work: Work) -> Home:
    """What waits for the actor, by the same offers the buttons come from; late first, then what can be done now."""
    seats, here = seats_of(work), local_time(work)
    act = act_on(work, here.today)
    newest, total = read_rows(work.session, _newest_first(work, seats, Filter()), NEWEST)
    competitions, duties = _competitions(work, seats, act)
    moves = [*competitions, *_orders(work, act)]
    papers = _papers(work, seats, act, here)
    tasks = sorted((task for task in [*moves, *papers] if task.steps.mine), key=_urgency)
    return Home(
        duties=duties,
        tasks=tuple(tasks),
        awaited=tuple(task for task in [*moves, *papers] if not task.steps.mine and not task.steps.over),
        deadlines=_soonest(moves),
        procedures=_with_people(work, newest),
        total=total,
        more=max(0, total - LOOKED_AT),
        today=here.today,
        opens_anything=bool(seats) or any(sees_any(id_, work.actor.roles) for id_ in WORKFLOWS if id_ != "question"),
        questions=waiting(work),
    )


def _urgency(task: Task) -> tuple[bool, date, date]:
    due = task.deadline.on if task.deadline is not None else date.max
    return task.blocked, due, task.since or date.max


def _soonest(tasks: Sequence[Task]) -> tuple[tuple[Deadline, Task], ...]:
    found = [(task.deadline, task) for task in tasks if task.deadline is not None]
    return tuple(sorted(found, key=lambda pair: pair[0].on))[:6]


def _competitions(work: Work, seats: Seats, act: Act) -> tuple[list[Task], tuple[Duty, ...]]:
    rested_longest = (Competition.last_act_on.nulls_first(), Competition.code)
    # First which, then their rows: the rules they are frozen with would be written out for all that wait.
    looked_at = (
        select(Competition.id)
        .where(visible_competitions(work, seats), Competition.state.not_in(RESTING))
        .order_by(*rested_longest)
        .limit(LOOKED_AT)
    )
    rows = work.session.scalars(
        select(Competition).where(Competition.id.in_(looked_at)).order_by(*rested_longest)
    ).all()
    facts = competition_facts_of(work, rows)
    found = []
    for row in rows:
        roles = roles_at(work, seats, row.commission_id)
        judged = as_after_interviews(facts[row.id]) if row.state == "interviewing" else facts[row.id]
        steps = next_steps(WORKFLOWS[COMPETITION], row.state, roles, act, judged)
        dated = competition_deadlines(facts[row.id], row.state, act.happened_on)
        due = next((deadline for deadline in dated if deadline.open), None)
        found.append(
            Task(
                COMPETITION,
                COMPETITION,
                row.id,
                row.title,
                row.code,
                facts[row.id].pack,
                row.state,
                steps,
                roles,
                row.last_act_on,
                due,
            )
        )
    return found, duties_of(work, rows, facts)


def _orders(work: Work, act: Act) -> list[Task]:
    rested_longest = (TrainingOrder.last_act_on.nulls_first(), TrainingOrder.code)
    looked_at = (
        select(TrainingOrder.id)
        .where(visible_orders(work), TrainingOrder.state.not_in(RESTING))
        .order_by(*rested_longest)
        .limit(LOOKED_AT)
    )
    rows = work.session.scalars(
        select(TrainingOrder).where(TrainingOrder.id.in_(looked_at)).order_by(*rested_longest)
    ).all()
    facts = training_facts_of(work, rows)
    roles = work.actor.roles
    return [
        Task(
            ORDER,
            ORDER,
            row.id,
            row.title,
            row.code,
            facts[row.id].pack,
            row.state,
            next_steps(WORKFLOWS[ORDER], row.state, roles, act, facts[row.id]),
            roles,
            row.last_act_on,
            None,
        )
        for row in rows
    ]


UNSIGNED = ("draft", "review", "signing")


def _papers(work: Work, seats: Seats, act: Act, here: LocalTime) -> list[Task]:
    rows = work.session.execute(
        select(Document, Competition.commission_id, func.coalesce(Competition.code, TrainingOrder.code))
        .outerjoin(Competition, Competition.id == Document.subject_id)
        .outerjoin(TrainingOrder, TrainingOrder.id == Document.subject_id)
        .where(visible_documents(work, seats), Document.state.in_(UNSIGNED), Document.kind.in_(SIGNED_KINDS))
        .order_by(Document.created_at)
        .limit(LOOKED_AT)
    ).all()
    roles = {
        document.id: part_in(document.subject_type, roles_at(work, seats, commission_id))
        for document, commission_id, _ in rows
    }
    facts = document_facts_of(work, [row[0] for row in rows], roles)
    return [
        Task(
            "document",
            document.subject_type,
            document.id,
            document.title,
            code or "",
            None,
            document.state,
            next_steps(WORKFLOWS["document"], document.state, roles[document.id], act, facts[document.id]),
            roles[document.id],
            document.last_act_on or here.on(document.created_at),
            None,
            facts[document.id].signer_roles,
        )
        for document, _, code in rows
    ]
