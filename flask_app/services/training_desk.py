"""The desk of one training order: its next act, its programmes, what is done for it in Moodle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from flask_app.domain.errors import NotPermitted, Refused
from flask_app.domain.identity import Actor
from flask_app.domain.training import reaches_share
from flask_app.domain.workflow import Offer
from flask_app.domain.workflows.training_order import WORKFLOW
from flask_app.ports.moodle import Wanted
from flask_app.services import audit
from flask_app.services.job_desk import JobRow, jobs_of
from flask_app.services.local_time import local_time
from flask_app.services.next_steps import NextSteps, sort_offers
from flask_app.services.office import Office, Work
from flask_app.services.procedure_story import OrderStory, order_story
from flask_app.services.rights import may, require
from flask_app.services.synchronisation import SYNCERS
from flask_app.services.training import MOODLE, wanted_training
from flask_app.services.training_facts import OPEN_OUTCOMES, training_pack
from flask_app.services.training_steps import as_asked
from flask_app.store.models.training import Enrolment, Institution, Programme, TrainingOrder

PUSHING = ("enrol", "pull_completions")
"""Who may do one of these in the order's stage may bring its people to Moodle."""


def push_key(order_id: UUID) -> str:
    return f"push-training:{order_id}"


def pull_key(order_id: UUID) -> str:
    return f"pull-completions:{order_id}"


def job_keys(order_id: UUID) -> tuple[str, str]:
    return push_key(order_id), pull_key(order_id)


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """`institution` None = a course of the body's own Moodle. `waiting`: enrolled people without an outcome."""

    id: UUID
    course_code: str
    title: Mapping[str, str]
    hours: int
    institution: Mapping[str, str] | None
    enrolled: int
    passed: int
    not_passed: int
    waiting: int


@dataclass(frozen=True, slots=True)
class OrderDesk:
    """Everything the desk shows. `actions`: what the permission map of the stage gives the actor."""

    story: OrderStory
    steps: NextSteps
    programmes: tuple[ProgrammeRow, ...]
    jobs: tuple[JobRow, ...]
    actions: frozenset[str]
    may_push: bool
    today: date

    @property
    def order(self) -> TrainingOrder:
        return self.story.order

    @property
    def share_reached(self) -> bool:
        order, required = self.order, self.story.pack.training.min_budget_percent
        return reaches_share(order.money_planned, order.body_funds, required)

    @property
    def in_moodle(self) -> tuple[ProgrammeRow, ...]:
        """Courses of the body's own Moodle that have people."""
        return tuple(row for row in self.programmes if row.institution is None and row.enrolled)

    @property
    def running(self) -> JobRow | None:
        return next((job for job in self.jobs if job.open), None)


def order_desk(work: Work, order_id: UUID) -> OrderDesk:
    """Raises `NotFound` for an unknown order, another body's, and one the actor may not view."""
    story = order_story(work, order_id)
    order = story.order
    permitted = {action for action in WORKFLOW.states[order.state].permissions if may(work, order, action)}
    return OrderDesk(
        story=story,
        steps=_steps(story),
        programmes=_programmes(work, order_id),
        jobs=jobs_of(work, job_keys(order_id)),
        actions=frozenset(permitted),
        may_push=_may_push(work, order),
        today=local_time(work).today,
    )


def _steps(story: OrderStory) -> NextSteps:
    told = story.steps
    offered = (*(Offer(step, ()) for step in told.ready), *told.blocked, *told.exceptions)
    return sort_offers(WORKFLOW, story.order.state, as_asked(offered))


def _programmes(work: Work, order_id: UUID) -> tuple[ProgrammeRow, ...]:
    rows = work.session.execute(
        select(
            Programme.id,
            Programme.course_code,
            Programme.title,
            Programme.hours,
            Institution.name,
            func.count(Enrolment.id),
            func.count(Enrolment.id).filter(Enrolment.outcome == "passed"),
            func.count(Enrolment.id).filter(Enrolment.outcome.in_(("failed", "absent"))),
            func.count(Enrolment.id).filter(Enrolment.outcome.in_(OPEN_OUTCOMES)),
        )
        .outerjoin(Institution, Institution.id == Programme.institution_id)
        .outerjoin(Enrolment, Enrolment.programme_id == Programme.id)
        .where(Programme.order_id == order_id, Programme.body_id == work.actor.body_id)
        .group_by(Programme.id, Institution.name)
        .order_by(Programme.course_code)
    )
    return tuple(ProgrammeRow(*row) for row in rows)


def shown_order(work: Work, order_id: UUID, *actions: str) -> TrainingOrder:
    """The order, for somebody who may view it and, if any are named, do one of these actions in its stage.

    Raises `NotFound`, `NotPermitted`.
    """
    order = work.get(TrainingOrder, order_id)
    require(work, order, "view")
    if actions and not any(may(work, order, action) for action in actions):
        require(work, order, actions[0])
    return order


# -- Moodle ------------------------------------------------------------------------------------------------------------


def _may_push(work: Work, order: TrainingOrder) -> bool:
    return bool(work.actor.roles & SYNCERS) and any(may(work, order, action) for action in PUSHING)


def wanted_in_moodle(work: Work, order_id: UUID) -> Wanted:
    """The order's people and enrolments as they should stand in Moodle.

    Raises `NotFound`, `NotPermitted`, `Refused("training.nobody_in_moodle")`.
    """
    order = shown_order(work, order_id)
    if not _may_push(work, order):
        raise NotPermitted("workflow.action_not_permitted", action="sync", state=order.state, workflow=WORKFLOW.id)
    wanted = wanted_training(work, order_id)
    if not wanted.enrolments:
        pack = training_pack(order)
        raise Refused("training.nobody_in_moodle", pack.rule(pack.training))
    return wanted


def make_courses(office: Office, actor: Actor, order_id: UUID) -> None:
    """See to it that the order's own courses are in Moodle; those that are missing are made empty.

    Moodle is asked after the transaction. Raises the gateway's `OutsideError`s.
    """
    with office.work(actor) as work:
        courses = _note_courses(work, order_id)
    for code, name in courses.items():
        office.moodle.ensure_course(code, name)


def _note_courses(work: Work, order_id: UUID) -> Mapping[str, str]:
    """Course code → full name; told in the audit log."""
    order = shown_order(work, order_id, *PUSHING)
    rows = work.session.execute(
        select(Programme.course_code, Programme.title)
        .where(Programme.order_id == order_id, Programme.delivery == MOODLE)
        .order_by(Programme.course_code)
    )
    courses = {code: str(title.get("ru") or title.get("ky") or code) for code, title in rows}
    audit.record(work, "training_order.courses_made", "training_order", order.id, after={"courses": ", ".join(courses)})
    return courses
