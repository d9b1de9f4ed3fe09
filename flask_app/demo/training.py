"""The training order through its six stages: a Moodle course, an institution's grades, the report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select

from connector.institutions.writer import write_batch
from flask_app.demo import world
from flask_app.demo.candidates import complete_course
from flask_app.demo.papers import sign
from flask_app.demo.stage import Stage
from flask_app.ports.institutions import BatchHeader, GradeRecord
from flask_app.services.bodies import add_person
from flask_app.services.grades import accept_batch
from flask_app.services.moodle_people import moodle_password
from flask_app.services.office import Work
from flask_app.services.training import (
    NewOrder,
    NewProgramme,
    add_institution,
    add_programme,
    draw_up_order,
    enrol,
    find_order,
    move_order,
    pull_completions,
)
from flask_app.services.transitions import act_on
from flask_app.store.models.people import Person
from flask_app.store.models.training import Enrolment, Programme, TrainingOrder

FUNDS, PLANNED, SPENT = Decimal("9850000.00"), Decimal("118200.00"), Decimal("117000.00")


def run_training(stage: Stage) -> UUID:
    """Take the order as far as it goes; returns its id."""
    stage.terminal.step("training")
    order_id = _draw_up(stage)
    while True:
        state = _state(stage, order_id)
        step = STEPS.get(state)
        if step is None:
            return order_id
        step(stage, order_id)
        assert _state(stage, order_id) != state, f"the training order stays in {state}"


def _state(stage: Stage, order_id: UUID) -> str:
    with stage.work("training") as work:
        return work.get(TrainingOrder, order_id).state


def _move(work: Work, order_id: UUID, transition: str, stage: Stage, days_ago: int, **brings: object) -> None:
    version = work.get(TrainingOrder, order_id).version
    evidence = str(brings.pop("evidence", ""))
    act = act_on(work, stage.ago(days_ago), evidence)
    move_order(work, order_id, transition, act, expected_version=version, **brings)  # type: ignore[arg-type]  # named by the callers below


def _draw_up(stage: Stage) -> UUID:
    with stage.work("training") as work:
        known = find_order(work, world.ORDER)
        if known is not None:
            return known.id
        order_id = draw_up_order(
            work,
            NewOrder(
                code=world.ORDER,
                opened_on=stage.ago(75),
                title={"ky": "Ведомстволук заказ", "ru": "Ведомственный заказ на обучение"},
                pack_id=world.PACK,
                needs=len(world.TRAINEES),
                plan_reference="План обучения № 3",
                body_funds=FUNDS,
                money_planned=PLANNED,
            ),
        )
        add_institution(
            work,
            world.INSTITUTION,
            {"ky": "Окуу академиясы (көрсөтмө)", "ru": "Учебная академия (демонстрация)"},
        )
        add_programme(
            work,
            order_id,
            NewProgramme(
                world.TRAINING_COURSE,
                {"ky": "Муниципалдык кызматчынын этикасы", "ru": "Этика муниципального служащего"},
                16,
            ),
        )
        add_programme(
            work,
            order_id,
            NewProgramme(
                world.INSTITUTION_COURSE,
                {"ky": "Жергиликтүү өз алдынча башкарууну уюштуруу", "ru": "Организация местного самоуправления"},
                36,
                world.INSTITUTION,
            ),
        )
        return order_id


def _in_needs_assessment(stage: Stage, id_: UUID) -> None:
    with stage.work("head") as work:
        _move(work, id_, "approve_order", stage, 60, evidence="Приказ № 7-У")
    stage.terminal.say("share", planned=PLANNED, funds=FUNDS)


def _in_order_formed(stage: Stage, id_: UUID) -> None:
    with stage.work("training") as work:
        _move(work, id_, "place_order", stage, 50, contract="Договор № 11 с учебной академией")


def _in_order_placed(stage: Stage, id_: UUID) -> None:
    with stage.work("training") as work:
        people = [_trainee(work, name) for name in world.TRAINEES]
        for programme in work.session.scalars(select(Programme).where(Programme.order_id == id_)).all():
            enrol(work, id_, programme.id, people)
        _move(work, id_, "begin_training", stage, 40)


def _trainee(work: Work, name: str) -> UUID:
    known = work.session.scalar(
        select(Person.id).where(Person.body_id == work.actor.body_id, Person.name == name).limit(1)
    )
    return known or add_person(work, name).id


def _in_training_delivered(stage: Stage, id_: UUID) -> None:
    stage.office.moodle.ensure_course(world.TRAINING_COURSE, "Этика муниципального служащего")
    stage.run_job("training", "push_training", {"order": str(id_)}, key=f"push-{id_}")
    for username, password in _logins(stage, id_):
        complete_course(stage.moodle_url, username, password, world.TRAINING_COURSE)
    changed = pull_completions(stage.office, stage.actor("training"), id_)
    stage.counts.completions += changed
    stage.terminal.say("completions", n=changed)
    send_batch(stage, id_)
    with stage.work("training") as work:
        _move(work, id_, "begin_monitoring", stage, 0)


def _logins(stage: Stage, id_: UUID) -> list[tuple[str, str]]:
    with stage.work("training") as work:
        people = work.session.scalars(
            select(Person)
            .join(Enrolment, Enrolment.person_id == Person.id)
            .join(Programme, Programme.id == Enrolment.programme_id)
            .where(Programme.order_id == id_, Programme.course_code == world.TRAINING_COURSE)
            .order_by(Person.sort_key)
        ).all()
        return [(person.moodle_username, moodle_password(work, person)) for person in people]


def send_batch(stage: Stage, id_: UUID) -> None:
    """The institution hands its grades in, and the same file once more, as happens: the second changes nothing."""
    content = institution_batch(stage, id_)
    first = accept_batch(stage.office, stage.actor("training"), content)
    again = accept_batch(stage.office, stage.actor("training"), content)
    stage.counts.grades += first.accepted
    stage.terminal.say("grades", n=first.accepted, again=again.accepted)


def institution_batch(stage: Stage, id_: UUID) -> bytes:
    """The institution's side: one record per person of its programme."""
    with stage.work("training") as work:
        order = work.get(TrainingOrder, id_)
        people = work.session.scalars(
            select(Person)
            .join(Enrolment, Enrolment.person_id == Person.id)
            .join(Programme, Programme.id == Enrolment.programme_id)
            .where(Programme.order_id == id_, Programme.course_code == world.INSTITUTION_COURSE)
            .order_by(Person.sort_key)
        ).all()
    assessed = work.local_date(order.created_at) - timedelta(days=3)
    records = tuple(
        GradeRecord(
            record_id=uuid5(NAMESPACE_URL, f"{world.INSTITUTION}/{order.code}/{person.id}"),
            revision=1,
            action="issue",
            order_ref=order.code,
            course_code=world.INSTITUTION_COURSE,
            person_id=str(person.id),
            names=person.name,
            assessed_on=assessed,
            attempt=1,
            status="passed",
            score=str(72 + place * 6),
            score_max="100",
            grading_scheme="0-100",
            hours=36,
            protocol_ref="Ведомость № 5",
            reason="",
            line=0,
        )
        for place, person in enumerate(people)
    )
    header = BatchHeader(
        message_id=uuid5(NAMESPACE_URL, f"{world.INSTITUTION}/{order.code}/1"),
        sender=world.INSTITUTION,
        receiver=world.BODY.code,
        created_at=datetime.combine(assessed + timedelta(days=1), time(9), UTC),
        sequence=1,
        record_count=len(records),
    )
    return write_batch(header, records)


def _in_monitoring(stage: Stage, id_: UUID) -> None:
    with stage.work("training") as work:
        _move(work, id_, "begin_report", stage, 0, monitoring="Акт мониторинга № 2", money_spent=SPENT)


def _in_report(stage: Stage, id_: UUID) -> None:
    papers = [{"kind": "D53", "subject": str(id_)}]
    stage.run_job("training", "draft_papers", {"papers": papers}, key=f"papers-{id_}")
    sign(stage, "D53", id_, drafter="training", signer="head")
    with stage.work("training") as work:
        _move(work, id_, "close", stage, 0)


STEPS: dict[str, Callable[[Stage, UUID], None]] = {
    "needs_assessment": _in_needs_assessment,
    "order_formed_and_approved": _in_order_formed,
    "order_placed": _in_order_placed,
    "training_delivered": _in_training_delivered,
    "control_monitoring_evaluation": _in_monitoring,
    "report": _in_report,
}
