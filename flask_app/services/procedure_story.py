"""A procedure told as a story: its stages with dates, what comes next and why not the rest, people, papers, history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select

from flask_app.domain.errors import NotFound
from flask_app.domain.identity import Actor
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.training import share_percent
from flask_app.domain.workflows import WORKFLOWS
from flask_app.services.commissions import holds, in_order, sat_in
from flask_app.services.competition_acts import agreement_recorder, publications_of
from flask_app.services.competition_facts import agreement_of, as_after_interviews, pack_of
from flask_app.services.deadlines_of import Deadline, competition_deadlines
from flask_app.services.facts_of_many.competitions import competition_facts_of
from flask_app.services.facts_of_many.orders import training_facts_of
from flask_app.services.local_time import LocalTime, local_time
from flask_app.services.next_steps import NextSteps, main_line, sort_offers
from flask_app.services.office import Work
from flask_app.services.paper_shelf import PaperRow, papers_about
from flask_app.services.rights import require
from flask_app.services.training_facts import training_pack
from flask_app.services.transitions import offered
from flask_app.store.models.commissions import Commission, CommissionMember, Meeting
from flask_app.store.models.organisation import User
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition, Position, Publication, StageRecord
from flask_app.store.models.testing import TestSession
from flask_app.store.models.training import Enrolment, Institution, Programme, TrainingOrder

StageMark = Literal["done", "now", "later"]

LATE_STATES = frozenset({"closed", "archived"})
"""Shown on the stage line only when they are reached: they are filing, not work."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A state on the stage line; `on`: the day it was entered."""

    state: str
    mark: StageMark
    on: date | None


@dataclass(frozen=True, slots=True)
class Event:
    """One step of the procedure or of a paper of it, as its record tells."""

    workflow: str
    object_id: UUID
    transition: str
    target: str
    version: int
    happened_on: date
    recorded_at: datetime
    evidence: str
    reason: str
    actor: str
    paper: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """`in_place_of`: of a substitute, the name of the member."""

    name: str
    role: str
    votes: bool
    me: bool
    in_place_of: str = ""


@dataclass(frozen=True, slots=True)
class CompetitionStory:
    """Everything the page of one competition shows. `agreement`: number and date of the letter; `agreement_by`: who
    entered it.
    """

    competition: Competition
    position: Position
    stages: tuple[Stage, ...]
    steps: NextSteps
    roles: frozenset[str]
    commission: Commission | None
    members: tuple[MemberRow, ...]
    session: TestSession | None
    session_starts: datetime | None
    session_pushed: datetime | None
    meeting: Meeting | None
    agreement: tuple[str, date | None]
    agreement_by: str
    publications: tuple[Publication, ...]
    people: tuple[tuple[str, int], ...]
    deadlines: tuple[Deadline, ...]
    papers: tuple[PaperRow, ...]
    history: tuple[Event, ...]
    pack: RulePack
    frozen_on: date | None

    def does_not_count(self, publication: Publication) -> bool:
        """Whether it came before the text was agreed, as the announcing judges it (`was_published_in_order`)."""
        agreed_on = self.agreement[1]
        return agreed_on is not None and publication.published_on < agreed_on


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """`enrolled` people, of whom `passed` have passed and `waiting` have no outcome yet."""

    title: Mapping[str, str]
    hours: int
    institution: Mapping[str, str] | None
    enrolled: int
    passed: int
    waiting: int


@dataclass(frozen=True, slots=True)
class OrderStory:
    """Everything the page of one training order shows. `share`: per cent of the body's funds, as the rule counts it."""

    order: TrainingOrder
    stages: tuple[Stage, ...]
    steps: NextSteps
    roles: frozenset[str]
    share: Decimal
    programmes: tuple[ProgrammeRow, ...]
    papers: tuple[PaperRow, ...]
    history: tuple[Event, ...]
    pack: RulePack


# -- competition -------------------------------------------------------------------------------------------------------


def competition_story(work: Work, competition_id: UUID) -> CompetitionStory:
    """Raises `NotFound` for an unknown competition, another body's, and one the actor may not view."""
    found = work.session.execute(
        select(Competition, Position, Commission, TestSession, Meeting)
        .join(Position, Position.id == Competition.position_id)
        .outerjoin(Commission, Commission.id == Competition.commission_id)
        .outerjoin(TestSession, TestSession.competition_id == Competition.id)
        .outerjoin(Meeting, Meeting.competition_id == Competition.id)
        .where(Competition.id == competition_id, Competition.body_id == work.actor.body_id)
    ).one_or_none()
    if found is None:
        raise NotFound("object.unknown", type="Competition")
    competition, position, commission, session, meeting = found
    require(work, competition, "view")
    here = local_time(work)
    facts = competition_facts_of(work, [competition])[competition.id]
    papers = papers_about(work, competition.id)
    history = _history(work, here, competition.id, papers)
    offers = offered(work, competition, here.today, as_after_interviews(facts))
    return CompetitionStory(
        competition=competition,
        position=position,
        stages=stages("competition", competition.state, here.on(competition.created_at), history),
        steps=sort_offers(WORKFLOWS["competition"], competition.state, offers),
        roles=work.actor.roles,
        commission=commission,
        members=_members(work, commission, meeting),
        session=session,
        session_starts=None if session is None else here.at(session.starts_at),
        session_pushed=None if session is None or session.pushed_at is None else here.at(session.pushed_at),
        meeting=meeting,
        agreement=agreement_of(competition),
        agreement_by=agreement_recorder(work, competition),
        publications=publications_of(work, competition.id),
        people=_counted("application", [application.state for application in facts.applications]),
        deadlines=competition_deadlines(facts, competition.state, here.today),
        papers=papers,
        history=history,
        pack=pack_of(competition),
        frozen_on=_frozen_on(competition, history),
    )


def _frozen_on(competition: Competition, history: Sequence[Event]) -> date | None:
    """The day the rules were fixed: that of the announcement."""
    if not competition.pack_frozen:
        return None
    return next((event.happened_on for event in history if event.transition == "announce"), None)


def _members(work: Work, commission: Commission | None, meeting: Meeting | None) -> tuple[MemberRow, ...]:
    """Chair, deputy, members by name, secretary, each before the own substitute; from the sitting on, those it was
    opened with.
    """
    if commission is None:
        return ()
    rows = work.session.execute(
        select(CommissionMember, Person)
        .join(Person, Person.id == CommissionMember.person_id)
        .where(
            CommissionMember.commission_id == commission.id,
            CommissionMember.body_id == work.actor.body_id,
            holds() if meeting is None else sat_in(meeting.id),
        )
    )
    return tuple(
        MemberRow(person.name, seat.role, seat.votes, _is(work.actor, person), replaced)
        for seat, person, replaced in in_order((seat, person) for seat, person in rows)
    )


def _is(actor: Actor, person: Person) -> bool:
    return actor.person_id == person.id


def _counted(workflow_id: str, present: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """State → how many, in the order of the workflow's data; states nobody is in are left out."""
    counts = [(state, present.count(state)) for state in WORKFLOWS[workflow_id].states]
    return tuple((state, count) for state, count in counts if count)


# -- stages and history ------------------------------------------------------------------------------------------------


def stages(workflow_id: str, state: str, begun: date, history: Sequence[Event]) -> tuple[Stage, ...]:
    """The states passed, the present one, and those that follow when everything goes its usual way.

    `begun`: the day the draft was recorded; not shown where the steps were entered later than they happened.
    """
    workflow = WORKFLOWS[workflow_id]
    steps = sorted((e for e in history if e.workflow == workflow_id), key=lambda event: event.version)
    caught_up = bool(steps) and steps[0].happened_on < begun
    passed = [(workflow.initial, None if caught_up else begun), *((event.target, event.happened_on) for event in steps)]
    done = [Stage(name, "done", on) for name, on in passed[:-1]]
    now = Stage(state, "done" if _over(workflow_id, state) else "now", passed[-1][1])
    ahead = [name for name in main_line(workflow, state)[1:] if name not in LATE_STATES]
    return (*done, now, *(Stage(name, "later", None) for name in ahead))


def _over(workflow_id: str, state: str) -> bool:
    return state in LATE_STATES or WORKFLOWS[workflow_id].states[state].final


def _history(work: Work, here: LocalTime, subject_id: UUID, papers: Sequence[PaperRow]) -> tuple[Event, ...]:
    """Newest first: the steps of the procedure and of its papers, with who took them."""
    titles = {paper.id: paper.title for paper in papers}
    rows = work.session.execute(
        select(StageRecord, User.name)
        .outerjoin(User, User.id == StageRecord.actor_id)
        .where(StageRecord.object_id.in_([subject_id, *titles]), StageRecord.body_id == work.actor.body_id)
        .order_by(StageRecord.happened_on.desc(), StageRecord.recorded_at.desc(), StageRecord.version.desc())
    )
    return tuple(_event(here, record, name, titles) for record, name in rows)


def _event(here: LocalTime, record: StageRecord, name: str | None, titles: Mapping[UUID, Any]) -> Event:
    return Event(
        workflow=record.object_type,
        object_id=record.object_id,
        transition=record.transition,
        target=record.target,
        version=record.version,
        happened_on=record.happened_on,
        recorded_at=here.at(record.recorded_at),
        evidence=record.evidence,
        reason=record.reason,
        actor=name or "",
        paper=titles.get(record.object_id),
    )


# -- training order ----------------------------------------------------------------------------------------------------


def order_story(work: Work, order_id: UUID) -> OrderStory:
    """Raises `NotFound` for an unknown order, another body's, and one the actor may not view."""
    order = work.get(TrainingOrder, order_id)
    require(work, order, "view")
    here = local_time(work)
    facts = training_facts_of(work, [order])[order.id]
    papers = papers_about(work, order.id)
    history = _history(work, here, order.id, papers)
    offers = offered(work, order, here.today, facts)
    return OrderStory(
        order=order,
        stages=stages("training_order", order.state, order.opened_on, history),
        steps=sort_offers(WORKFLOWS["training_order"], order.state, offers),
        roles=work.actor.roles,
        share=share_percent(order.money_planned, order.body_funds),
        programmes=_programmes(work, order),
        papers=papers,
        history=history,
        pack=training_pack(order),
    )


def _programmes(work: Work, order: TrainingOrder) -> tuple[ProgrammeRow, ...]:
    rows = work.session.execute(
        select(
            Programme,
            Institution.name,
            func.count(Enrolment.id),
            func.count(Enrolment.id).filter(Enrolment.outcome == "passed"),
            func.count(Enrolment.id).filter(Enrolment.outcome.in_(("none", "in-progress"))),
        )
        .outerjoin(Institution, Institution.id == Programme.institution_id)
        .outerjoin(Enrolment, Enrolment.programme_id == Programme.id)
        .where(Programme.order_id == order.id, Programme.body_id == work.actor.body_id)
        .group_by(Programme.id, Institution.name)
        .order_by(Programme.course_code)
    )
    return tuple(ProgrammeRow(p.title, p.hours, name, *counts) for p, name, *counts in rows)
