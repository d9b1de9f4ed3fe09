"""Short ways to a training order in a given stage, and an institution's batch for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4, uuid5

from sqlalchemy import select

from connector.institutions.writer import write_batch
from flask_app.domain.grades import Outcome
from flask_app.ports.institutions import BatchHeader, GradeRecord
from flask_app.services.bodies import add_person
from flask_app.services.grades import BatchReport, accept_batch
from flask_app.services.training import (
    NewOrder,
    NewProgramme,
    add_institution,
    add_programme,
    draw_up_order,
    enrol,
    move_order,
)
from flask_app.services.transitions import act_on
from flask_app.store.models.training import Enrolment, Programme, TrainingOrder
from tests.services.building import BOTH, PACK
from tests.services.desk import NOW, TODAY
from tests.services.stages import Scene

MOODLE_COURSE, THEIR_COURSE, ACADEMY = "ETHICS", "LSG-36", "academy"
PEOPLE = ("Акматова Айгүл", "Бакиров Нурлан", "Ёлкин Пётр")


@dataclass(frozen=True)
class Order:
    """A training order with three people on a Moodle course and on an institution's."""

    scene: Scene
    id: UUID
    code: str
    people: tuple[UUID, ...] = ()

    def state(self) -> str:
        with self.scene.work() as work:
            return work.get(TrainingOrder, self.id).state

    def move(self, step: str, days_ago: int = 0, evidence: str = "", **brings: object) -> None:
        with self.scene.work() as work:
            act = act_on(work, TODAY - timedelta(days=days_ago), evidence)
            version = work.get(TrainingOrder, self.id).version
            move_order(work, self.id, step, act, expected_version=version, **brings)  # type: ignore[arg-type]  # named

    def programme(self, course: str) -> UUID:
        with self.scene.work() as work:
            return work.session.scalars(
                select(Programme.id).where(Programme.order_id == self.id, Programme.course_code == course)
            ).one()

    def outcomes(self, course: str) -> list[tuple[str, str]]:
        """(outcome, score) of the three people in their order."""
        with self.scene.work() as work:
            rows = work.session.execute(
                select(Enrolment.person_id, Enrolment.outcome, Enrolment.score).where(
                    Enrolment.programme_id == self.programme(course)
                )
            )
            found = {person: (outcome, score) for person, outcome, score in rows}
        return [found[person] for person in self.people]


def draw_up(scene: Scene, code: str = "TO-1", **changes: object) -> Order:
    plain = NewOrder(code, TODAY - timedelta(days=70), BOTH, PACK, 3, "план № 3", Decimal("1000000"), Decimal("10000"))
    with scene.work() as work:
        order = draw_up_order(work, replace(plain, **changes))  # type: ignore[arg-type]  # named by the tests
        add_institution(work, ACADEMY, BOTH)
        add_programme(work, order, NewProgramme(MOODLE_COURSE, BOTH, 16))
        add_programme(work, order, NewProgramme(THEIR_COURSE, BOTH, 36, ACADEMY))
    return Order(scene, order, code)


def delivered(scene: Scene, code: str = "TO-1") -> Order:
    """In its fourth stage: training is under way, nobody has a result."""
    order = draw_up(scene, code)
    order.move("approve_order", 60, "приказ № 7")
    order.move("place_order", 50, contract="договор № 11")
    with scene.work() as work:
        people = tuple(add_person(work, name).id for name in PEOPLE)
    for course in (MOODLE_COURSE, THEIR_COURSE):
        programme = order.programme(course)
        with scene.work() as work:
            assert enrol(work, order.id, programme, people) == len(PEOPLE)
    order.move("begin_training", 40)
    return replace(order, people=people)


def record(order: Order, person: int, **changes: object) -> GradeRecord:
    """A grade of one of the three; the record's id follows from the person."""
    plain = GradeRecord(
        record_id=uuid5(order.id, str(person)),
        revision=1,
        action="issue",
        order_ref=order.code,
        course_code=THEIR_COURSE,
        person_id=str(order.people[person]),
        names=PEOPLE[person],
        assessed_on=TODAY - timedelta(days=3),
        attempt=1,
        status="passed",
        score=str(70 + person),
        score_max="100",
        grading_scheme="0-100",
        hours=36,
        protocol_ref="Ведомость № 5",
        reason="",
        line=0,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # named by the tests


def batch(order: Order, records: Sequence[GradeRecord], **changes: object) -> bytes:
    with order.scene.work() as work:
        receiver = work.body.code
    plain = BatchHeader(
        message_id=uuid4(),
        sender=ACADEMY,
        receiver=receiver,
        created_at=NOW - timedelta(days=1),
        sequence=1,
        record_count=len(records),
    )
    return write_batch(replace(plain, **changes), records)  # type: ignore[arg-type]  # named by the tests


def send(order: Order, content: bytes) -> BatchReport:
    return accept_batch(order.scene.office, order.scene.actor, content)


def outcomes(report: BatchReport) -> list[tuple[Outcome, str]]:
    """(outcome, code) of each line."""
    return [(line["outcome"], line["code"]) for line in report.lines]


def day(days_ago: int) -> date:
    return TODAY - timedelta(days=days_ago)
