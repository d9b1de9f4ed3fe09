"""The board of training orders: by stage, with whose move it is, and the share of the budget year by year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from flask_app.domain.rule_pack import RulePack
from flask_app.domain.training import reaches_share, share_percent
from flask_app.domain.workflow import Act, Offer, Refusal
from flask_app.domain.workflows.training_order import WORKFLOW, TrainingFacts
from flask_app.services.facts_of_many.orders import training_facts_of
from flask_app.services.listing import PAGE_SIZE, pages_of
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.training import MOODLE, may_keep_orders
from flask_app.services.training_facts import OPEN_OUTCOMES, training_pack
from flask_app.services.training_steps import main_offer
from flask_app.services.visibility import sees_any, visible_orders
from flask_app.store.models.training import Enrolment, Institution, Programme, TrainingOrder

PER_STAGE = 6
"""Cards of one stage on the whole board; a stage asked for by name is shown in pages."""

YEARS_OF_FUNDING = 5


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """`institution`: the id of one, or "moodle" for courses of the body's own site. Empty = everything."""

    year: int | None = None
    state: str = ""
    institution: str = ""

    def __bool__(self) -> bool:
        return bool(self.year or self.state or self.institution)


@dataclass(frozen=True, slots=True)
class Counts:
    """People of an order: enrolled, and by what became of them."""

    enrolled: int = 0
    passed: int = 0
    not_passed: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Card:
    """One order. `next`: the step that leads on, judged for those who take it; `mine`: the reader is one of them.

    `courses`: titles with the institution's name, None for the body's own Moodle. `since`: the day of the last act.
    """

    order: TrainingOrder
    pack: RulePack
    next: Offer | None
    mine: bool
    counts: Counts
    courses: tuple[tuple[Mapping[str, str], Mapping[str, str] | None], ...]
    share: Decimal
    reached: bool
    since: date
    days: int

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        return () if self.next is None else self.next.refusals


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage with its cards; `total` counts all its orders under the filter."""

    state: str
    total: int
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Funding:
    """A year's money for training against the body's funds. Sums in som.

    `planned` of all orders of the year, `approved` of those past their approval, `paid` as entered at the report.
    `funds`: for the body's activity, as the orders name it; where they name different sums, the largest, and `differ`.
    """

    year: int
    pack: RulePack
    orders: int
    funds: Decimal
    differ: bool
    planned: Decimal
    approved: Decimal
    paid: Decimal

    @property
    def required(self) -> Decimal:
        return self.pack.training.min_budget_percent

    @property
    def planned_share(self) -> Decimal:
        return share_percent(self.planned, self.funds)

    @property
    def approved_share(self) -> Decimal:
        return share_percent(self.approved, self.funds)

    @property
    def paid_share(self) -> Decimal:
        return share_percent(self.paid, self.funds)

    @property
    def planned_reaches(self) -> bool:
        return reaches_share(self.planned, self.funds, self.required)

    @property
    def paid_reaches(self) -> bool:
        return reaches_share(self.paid, self.funds, self.required)


@dataclass(frozen=True, slots=True)
class Board:
    """`counts`: orders by stage under the filter of year and institution, whatever stage is asked for."""

    stages: tuple[Stage, ...]
    counts: Mapping[str, int]
    funding: tuple[Funding, ...]
    years: tuple[int, ...]
    institutions: tuple[InstitutionChoice, ...]
    page: int
    pages: int
    today: date
    may_draw_up: bool
    opens_anything: bool

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def board(work: Work, wanted: BoardFilter, page: int = 1) -> Board:
    """Everything the actor may view, in a fixed number of queries."""
    today = local_time(work).today
    counts = _counted(work, wanted)
    pages = pages_of(counts.get(wanted.state, 0)) if wanted.state else 1
    page = min(page, pages)
    cards = _cards(work, wanted, page, Act(today, work.now))
    shown = [wanted.state] if wanted.state else [state for state in WORKFLOW.states if counts.get(state)]
    funding = _funding(work)
    return Board(
        stages=tuple(Stage(state, counts.get(state, 0), tuple(cards.get(state, ()))) for state in shown),
        counts=counts,
        funding=tuple(row for row in funding if wanted.year in (None, row.year))[:YEARS_OF_FUNDING],
        years=tuple(row.year for row in funding),
        institutions=institutions_to_choose(work),
        page=page,
        pages=pages,
        today=today,
        may_draw_up=may_keep_orders(work.actor),
        opens_anything=sees_any(WORKFLOW.id, work.actor.roles),
    )


# -- which orders ------------------------------------------------------------------------------------------------------


def _counted(work: Work, wanted: BoardFilter) -> dict[str, int]:
    query = (
        select(TrainingOrder.state, func.count())
        .where(visible_orders(work), *_narrowed(wanted))
        .group_by(TrainingOrder.state)
    )
    return dict(work.session.execute(query).all())


def _narrowed(wanted: BoardFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.year is not None:
        conditions.append(TrainingOrder.year == wanted.year)
    if wanted.institution:
        own = Programme.institution_id.is_(None)
        of = own if wanted.institution == MOODLE else Programme.institution_id == UUID(wanted.institution)
        conditions.append(select(Programme.id).where(Programme.order_id == TrainingOrder.id, of).exists())
    return conditions


def _chosen(work: Work, wanted: BoardFilter, page: int) -> Select[TrainingOrder]:
    """Orders that have rested longest first; of each stage the first few, or a page of the one that is asked for."""
    resting = (TrainingOrder.last_act_on.nulls_first(), TrainingOrder.code, TrainingOrder.id)
    place = func.row_number().over(partition_by=TrainingOrder.state, order_by=resting).label("place")
    ranked = select(TrainingOrder.id, place).where(visible_orders(work), *_narrowed(wanted))
    if wanted.state:
        ranked = ranked.where(TrainingOrder.state == wanted.state)
    first, last = ((page - 1) * PAGE_SIZE, page * PAGE_SIZE) if wanted.state else (0, PER_STAGE)
    among = ranked.subquery()
    return (
        select(TrainingOrder)
        .join(among, among.c.id == TrainingOrder.id)
        .where(among.c.place > first, among.c.place <= last)
        .order_by(among.c.place)
    )


# -- cards -------------------------------------------------------------------------------------------------------------


def _cards(work: Work, wanted: BoardFilter, page: int, act: Act) -> Mapping[str, list[Card]]:
    orders = work.session.scalars(_chosen(work, wanted, page)).all()
    facts, counts, courses = training_facts_of(work, orders), _people(work, orders), _courses(work, orders)
    cards: dict[str, list[Card]] = defaultdict(list)
    for order in orders:
        card = _card(work, order, facts[order.id], counts.get(order.id, Counts()), courses.get(order.id, []), act)
        cards[order.state].append(card)
    return cards


def _card(
    work: Work, order: TrainingOrder, facts: TrainingFacts, counts: Counts, courses: Sequence[Any], act: Act
) -> Card:
    offer = main_offer(order.state, act, facts)
    since = order.last_act_on or order.opened_on
    return Card(
        order=order,
        pack=facts.pack,
        next=offer,
        mine=offer is not None and bool(offer.transition.roles & work.actor.roles),
        counts=counts,
        courses=tuple(courses),
        share=share_percent(facts.planned, facts.body_funds),
        reached=reaches_share(facts.planned, facts.body_funds, facts.pack.training.min_budget_percent),
        since=since,
        days=(act.happened_on - since).days,
    )


def _people(work: Work, orders: Sequence[TrainingOrder]) -> Mapping[UUID, Counts]:
    rows = work.session.execute(
        select(
            Programme.order_id,
            func.count(Enrolment.id),
            func.count(Enrolment.id).filter(Enrolment.outcome == "passed"),
            func.count(Enrolment.id).filter(Enrolment.outcome.in_(("failed", "absent"))),
            func.count(Enrolment.id).filter(Enrolment.outcome.in_(OPEN_OUTCOMES)),
        )
        .join(Enrolment, Enrolment.programme_id == Programme.id)
        .where(Programme.order_id.in_([order.id for order in orders]), Programme.body_id == work.actor.body_id)
        .group_by(Programme.order_id)
    )
    return {order_id: Counts(*numbers) for order_id, *numbers in rows}


def _courses(work: Work, orders: Sequence[TrainingOrder]) -> Mapping[UUID, list[Any]]:
    rows = work.session.execute(
        select(Programme.order_id, Programme.title, Institution.name)
        .outerjoin(Institution, Institution.id == Programme.institution_id)
        .where(Programme.order_id.in_([order.id for order in orders]), Programme.body_id == work.actor.body_id)
        .order_by(Programme.course_code)
    )
    found: dict[UUID, list[Any]] = defaultdict(list)
    for order_id, title, institution in rows:
        found[order_id].append((title, institution))
    return found


# -- money, filters ----------------------------------------------------------------------------------------------------


def _funding(work: Work) -> tuple[Funding, ...]:
    """Year by year, the newest first. The rules of a year are those frozen with its newest order."""
    past = TrainingOrder.state != WORKFLOW.initial
    sums = work.session.execute(
        select(
            TrainingOrder.year,
            func.count(),
            func.max(TrainingOrder.body_funds),
            func.max(TrainingOrder.body_funds) != func.min(TrainingOrder.body_funds),
            func.sum(TrainingOrder.money_planned),
            func.coalesce(func.sum(TrainingOrder.money_planned).filter(past), 0),
            func.sum(TrainingOrder.money_spent),
        )
        .where(visible_orders(work))
        .group_by(TrainingOrder.year)
        .order_by(TrainingOrder.year.desc())
    ).all()
    packs = _packs(work)
    return tuple(Funding(row[0], packs[row[0]], row[1], row[2], row[3], row[4], row[5], row[6]) for row in sums)


def _packs(work: Work) -> Mapping[int, RulePack]:
    newest = work.session.scalars(
        select(TrainingOrder)
        .where(visible_orders(work))
        .ext(distinct_on(TrainingOrder.year))
        .order_by(TrainingOrder.year, TrainingOrder.opened_on.desc(), TrainingOrder.code.desc())
    )
    return {order.year: training_pack(order) for order in newest}


@dataclass(frozen=True, slots=True)
class InstitutionChoice:
    id: UUID
    code: str
    name: Mapping[str, str]


def institutions_to_choose(work: Work) -> tuple[InstitutionChoice, ...]:
    """The body's institutions by code; none for somebody whose roles open no training orders."""
    if not sees_any(WORKFLOW.id, work.actor.roles):
        return ()
    rows = work.session.execute(
        select(Institution.id, Institution.code, Institution.name)
        .where(Institution.body_id == work.actor.body_id)
        .order_by(Institution.code)
    )
    return tuple(InstitutionChoice(*row) for row in rows)
