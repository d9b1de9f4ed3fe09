"""The training order: drawn up, taken through its stages, people enrolled, completions pulled from Moodle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import InvalidInput, NotFound, NotPermitted, Refused
from flask_app.domain.identity import Actor
from flask_app.domain.numbering import seen_alike
from flask_app.domain.workflow import Act
from flask_app.domain.workflows.training_order import WORKFLOW
from flask_app.ports.moodle import CompletionsPage, PulledCompletion, Wanted, WantedEnrolment
from flask_app.services import audit
from flask_app.services.moodle_people import give_login, wanted_person
from flask_app.services.office import Office, Work
from flask_app.services.results import keep_cursor
from flask_app.services.rights import require
from flask_app.services.training_facts import OPEN_OUTCOMES, training_facts
from flask_app.services.transitions import change_state, check_version, save_version
from flask_app.store.locks import exclusive
from flask_app.store.models.people import Person
from flask_app.store.models.results import PullCursor
from flask_app.store.models.training import Enrolment, Institution, Programme, TrainingOrder
from flask_app.store.rule_packs import shipped_pack

MOODLE = "moodle"


@dataclass(frozen=True, slots=True)
class NewOrder:
    """Money in som. `opened_on`: when the assessment of needs began. Institutions quote `code` as `orderRef`."""

    code: str
    opened_on: date
    title: Mapping[str, str]
    pack_id: str
    needs: int
    plan_reference: str
    body_funds: Decimal
    money_planned: Decimal


@dataclass(frozen=True, slots=True)
class OrderFigures:
    """What an order says before it is approved. Money in som."""

    title: Mapping[str, str]
    needs: int
    plan_reference: str
    body_funds: Decimal
    money_planned: Decimal


@dataclass(frozen=True, slots=True)
class NewProgramme:
    """`institution` None = a course of the body's own Moodle."""

    course_code: str
    title: Mapping[str, str]
    hours: int
    institution: str | None = None


def draw_up_order(work: Work, new: NewOrder) -> UUID:
    """An order in its first stage. Raises as `insist_on_free_code`."""
    insist_on_free_code(work, new.code)
    order = TrainingOrder(
        code=new.code,
        year=new.opened_on.year,
        opened_on=new.opened_on,
        title=dict(new.title),
        pack_frozen=shipped_pack(new.pack_id),
        needs=new.needs,
        plan_reference=new.plan_reference,
        body_funds=new.body_funds,
        money_planned=new.money_planned,
        money_spent=Decimal(0),
        contract="",
        monitoring="",
        state="needs_assessment",
        version=0,
        last_act_on=new.opened_on,
        created_at=work.now,
    )
    work.add(order)
    work.session.flush()
    require(work, order, "edit")
    save_version(work, order, "draw_up")
    audit.record(work, "training_order.drawn_up", "training_order", order.id, after={"code": new.code})
    return order.id


def may_keep_orders(actor: Actor) -> bool:
    """Whether the actor draws up orders at all: the right to edit one in its first stage, from the workflow's table."""
    return WORKFLOW.permits("edit", WORKFLOW.initial, actor.roles)


def require_keeping_orders(work: Work) -> None:
    """Raises `NotPermitted`."""
    if not may_keep_orders(work.actor):
        raise NotPermitted("workflow.action_not_permitted", action="edit", state=WORKFLOW.initial, workflow=WORKFLOW.id)


def correct_order(work: Work, order_id: UUID, said: OrderFigures, *, expected_version: int) -> None:
    """Correct an order that is not approved yet: after the approval its sums stay as the head has seen them."""
    order = work.get(TrainingOrder, order_id, lock=True)
    require(work, order, "correct")
    check_version(order, expected_version)
    before = _figures(order)
    order.title, order.needs, order.plan_reference = dict(said.title), said.needs, said.plan_reference
    order.body_funds, order.money_planned = said.body_funds, said.money_planned
    save_version(work, order, "correct")
    audit.record(work, "training_order.corrected", "training_order", order_id, before, _figures(order))


def _figures(order: TrainingOrder) -> dict[str, object]:
    return {
        "title": order.title,
        "needs": order.needs,
        "plan_reference": order.plan_reference,
        "body_funds": order.body_funds,
        "money_planned": order.money_planned,
    }


def find_order(work: Work, code: str) -> TrainingOrder | None:
    return work.session.scalar(
        select(TrainingOrder).where(TrainingOrder.body_id == work.actor.body_id, TrainingOrder.code == code)
    )


def insist_on_free_code(work: Work, code: str) -> None:
    """No two orders of a body under numbers that a reader cannot tell apart: institutions quote the number in their
    batches, and would hand the grades in to the other one.

    Raises `InvalidInput`: training.code_taken, training.code_alike.
    """
    codes = work.session.scalars(select(TrainingOrder.code).where(TrainingOrder.body_id == work.actor.body_id)).all()
    if code in codes:
        raise InvalidInput("training.code_taken", number=code)
    alike = next((there for there in codes if seen_alike(there) == seen_alike(code)), None)
    if alike is not None:
        raise InvalidInput("training.code_alike", number=alike)


def move_order(
    work: Work,
    order_id: UUID,
    transition: str,
    act: Act,
    *,
    expected_version: int,
    contract: str = "",
    monitoring: str = "",
    money_spent: Decimal | None = None,
) -> None:
    """Any step of the order. `contract`, `monitoring` and `money_spent` are what a step brings along."""
    order = work.get(TrainingOrder, order_id, lock=True)
    order.contract = contract or order.contract
    order.monitoring = monitoring or order.monitoring
    if money_spent is not None:
        order.money_spent = money_spent
    change_state(
        work,
        TrainingOrder,
        order_id,
        transition,
        act,
        lambda locked: training_facts(work, locked),
        expected_version=expected_version,
    )


def add_institution(work: Work, code: str, name: Mapping[str, str]) -> UUID:
    """A training institution the body exchanges grades with; the same code is the same institution."""
    require_keeping_orders(work)
    known = find_institution(work, code)
    if known is not None:
        return known.id
    institution = Institution(code=code, name=dict(name))
    work.add(institution)
    work.session.flush()
    audit.record(work, "institution.added", "institution", institution.id, after={"code": code})
    return institution.id


def find_institution(work: Work, code: str) -> Institution | None:
    return work.session.scalar(
        select(Institution).where(Institution.body_id == work.actor.body_id, Institution.code == code)
    )


def add_programme(work: Work, order_id: UUID, new: NewProgramme) -> UUID:
    """A programme of the order, while the order is being formed."""
    order = work.get(TrainingOrder, order_id)
    require(work, order, "edit")
    institution = None if new.institution is None else find_institution(work, new.institution)
    if new.institution is not None and institution is None:
        raise InvalidInput("training.institution_unknown", institution=new.institution)
    known = select(Programme.id).where(Programme.order_id == order_id, Programme.course_code == new.course_code)
    if work.session.scalar(known) is not None:
        raise InvalidInput("training.programme_exists", course=new.course_code)
    programme = Programme(
        order_id=order_id,
        institution_id=institution.id if institution else None,
        course_code=new.course_code,
        title=dict(new.title),
        hours=new.hours,
        delivery="institution" if institution else MOODLE,
    )
    work.add(programme)
    work.session.flush()
    audit.record(work, "programme.added", "programme", programme.id, after={"course": new.course_code})
    return programme.id


def enrol(work: Work, order_id: UUID, programme_id: UUID, people: Sequence[UUID]) -> int:
    """Put people on a programme; those on it already stay as they are. Returns how many are new."""
    require(work, work.get(TrainingOrder, order_id), "enrol")
    programme = work.get(Programme, programme_id)
    if programme.order_id != order_id:
        raise NotFound("object.unknown", type=Programme.__name__)
    present = set(work.session.scalars(select(Enrolment.person_id).where(Enrolment.programme_id == programme.id)))
    fresh = [person for person in dict.fromkeys(people) if person not in present]
    _check_people(work, fresh)
    for person in fresh:
        work.add(Enrolment(programme_id=programme.id, person_id=person))
    if fresh:
        audit.record(work, "programme.enrolled", "programme", programme.id, after={"people": len(fresh)})
    return len(fresh)


def _check_people(work: Work, people: Sequence[UUID]) -> None:
    """Raises `NotFound` unless all of them are people of this body."""
    known = work.session.scalars(select(Person.id).where(Person.id.in_(people), Person.body_id == work.actor.body_id))
    if set(known) != set(people):
        raise NotFound("object.unknown", type=Person.__name__)


def wanted_training(work: Work, order_id: UUID) -> Wanted:
    """People and enrolments of the order's Moodle courses, as they should stand there."""
    work.get(TrainingOrder, order_id)
    rows = work.session.execute(
        select(Programme, Person)
        .join(Enrolment, Enrolment.programme_id == Programme.id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Programme.order_id == order_id, Programme.delivery == MOODLE)
        .order_by(Person.sort_key, Programme.course_code)
    )
    people, enrolments = {}, []
    for programme, person in rows:
        give_login(work, person, f"t-{person.id.hex[:12]}")
        people[person.id] = wanted_person(work, person)
        enrolments.append(WantedEnrolment(programme.course_code, str(person.id)))
    return Wanted(people=tuple(people.values()), enrolments=tuple(enrolments))


def courses_of(work: Work, order_id: UUID) -> list[str]:
    return list(
        work.session.scalars(
            select(Programme.course_code)
            .where(Programme.order_id == order_id, Programme.delivery == MOODLE)
            .order_by(Programme.course_code)
        )
    )


def pull_completions(office: Office, actor: Actor, order_id: UUID) -> int:
    """Pull course completions; returns how many enrolments changed. A page and its cursor are one transaction.

    Raises `Refused("results.pulling")` while another pull of the order runs.
    """
    with office.work(actor) as work:
        order = work.get(TrainingOrder, order_id)
        require(work, order, "pull_completions")
        courses, what = courses_of(work, order_id), f"completions:{order.code}"
    changed = 0
    with exclusive(office.sessions, f"{what}:{actor.body_id}") as alone:
        if not alone:
            raise Refused("results.pulling")
        with office.work(actor) as work:
            cursor = keep_cursor(work, what).cursor
        for page in office.moodle.completions(courses, cursor):
            with office.work(actor) as work:
                changed += _keep_page(work, what, order_id, page)
    return changed


def _keep_page(work: Work, what: str, order_id: UUID, page: CompletionsPage) -> int:
    row: PullCursor = keep_cursor(work, what)
    enrolments = _moodle_enrolments(work, order_id)
    changed = 0
    for pulled in page.completions:
        enrolment = enrolments.get((pulled.course, pulled.person))
        # Somebody Moodle knows and the order does not is not of this order.
        changed += enrolment is not None and _keep_completion(work, enrolment, pulled)
    row.cursor, row.total, row.pulled_at = page.cursor, page.total, work.now
    return changed


def _moodle_enrolments(work: Work, order_id: UUID) -> dict[tuple[str, str], Enrolment]:
    """The order's enrolments in Moodle courses by (course, person as Moodle names it), locked."""
    rows = work.session.execute(
        select(Programme.course_code, Enrolment)
        .join(Enrolment, Enrolment.programme_id == Programme.id)
        .where(Programme.order_id == order_id, Programme.delivery == MOODLE)
        .order_by(Enrolment.id)
        .with_for_update(of=Enrolment)
    )
    return {(course, str(enrolment.person_id)): enrolment for course, enrolment in rows}


def _keep_completion(work: Work, enrolment: Enrolment, pulled: PulledCompletion) -> bool:
    """Returns whether the enrolment changed. What an officer has closed by a paper stays until Moodle says passed."""
    outcome = {"completed": "passed", "inprogress": "in-progress"}.get(pulled.state, "none")
    score = "" if pulled.grade is None else f"{pulled.grade}/{pulled.maxgrade}"
    by_paper = enrolment.document_number and outcome in OPEN_OUTCOMES
    if by_paper or (enrolment.outcome, enrolment.score) == (outcome, score):
        return False
    before = enrolment.outcome
    if outcome != before:
        enrolment.document_number = ""  # the paper was about the outcome that stood before
    enrolment.outcome, enrolment.score, enrolment.completed_at = outcome, score, pulled.timecompleted
    audit.record(
        work, "enrolment.completion_pulled", "enrolment", enrolment.id, {"outcome": before}, {"outcome": outcome}
    )
    return True
