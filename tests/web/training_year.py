"""Training orders of the town for tests of their pages: one in each stage that needs something else, an institution.

Everything goes through the use cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4, uuid5

from connector.institutions.writer import write_batch
from flask_app.ports.institutions import BatchHeader, GradeRecord
from flask_app.services.bodies import actor_of, add_person
from flask_app.services.office import Office
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
from flask_app.store.models.training import TrainingOrder
from tests.web import town

ACADEMY = "academy"
ACADEMY_NAME = {"ky": "Башкаруу академиясы", "ru": "Академия управления"}
THEIR, OURS = "LSG-36", "ETHICS"
TITLE = {"ky": "2026-жылга окутууга заказ, күз", "ru": "Заказ на обучение на 2026 год, осень"}
THEIRS = {"ky": "Жергиликтүү өз алдынча башкарууну уюштуруу", "ru": "Организация местного самоуправления"}
OUR = {"ky": "Муниципалдык кызматчынын этикасы", "ru": "Этика муниципального служащего"}
PEOPLE = ("Акматова Айгүл Нурлановна", "Бакиров Нурлан Асанович", "Ёлкин Пётр Ильич")


@dataclass(frozen=True)
class Year:
    """`placed`: placed, nobody enrolled. `running`: under way, three people on both programmes, no outcomes."""

    placed: UUID
    running: UUID
    institution: UUID
    theirs: UUID
    ours: UUID
    placed_ours: UUID
    people: tuple[UUID, ...]


def build(office: Office) -> Year:
    with office.work(actor_of(office, "training")) as work:
        institution = add_institution(work, ACADEMY, ACADEMY_NAME)
    placed, _, placed_ours = _placed(office, "ЗО-2026/03")
    running, theirs, ours = _placed(office, "ЗО-2026/04")
    people = _running(office, running, (theirs, ours))
    return Year(placed, running, institution, theirs, ours, placed_ours, people)


def _placed(office: Office, code: str) -> tuple[UUID, UUID, UUID]:
    new = NewOrder(code, date(2026, 3, 2), TITLE, town.PACK, 3, "план № 4", Decimal("48200000"), Decimal("495000"))
    with office.work(actor_of(office, "training")) as work:
        id_ = draw_up_order(work, new)
        theirs = add_programme(work, id_, NewProgramme(THEIR, THEIRS, 36, ACADEMY))
        ours = add_programme(work, id_, NewProgramme(OURS, OUR, 16))
    move(office, "head", id_, "approve_order", 30, "приказ № 31")
    move(office, "training", id_, "place_order", 25, contract="договор № 8")
    return id_, theirs, ours


def _running(office: Office, id_: UUID, programmes: Sequence[UUID]) -> tuple[UUID, ...]:
    with office.work(actor_of(office, "training")) as work:
        people = tuple(add_person(work, name).id for name in PEOPLE)
    for programme in programmes:
        with office.work(actor_of(office, "training")) as work:
            enrol(work, id_, programme, people)
    move(office, "training", id_, "begin_training", 20)
    return people


def move(office: Office, login: str, id_: UUID, step: str, days: int, evidence: str = "", **brings: object) -> None:
    with office.work(actor_of(office, login)) as work:
        act = act_on(work, town.TODAY - timedelta(days=days), evidence)
        version = work.get(TrainingOrder, id_).version
        move_order(work, id_, step, act, expected_version=version, **brings)  # type: ignore[arg-type]  # named by the tests


def state_of(office: Office, id_: UUID) -> str:
    with office.work(actor_of(office, "training")) as work:
        return work.get(TrainingOrder, id_).state


def record(year: Year, person: int, **changes: object) -> GradeRecord:
    """A grade of one of the three; the record's id follows from the person."""
    plain = GradeRecord(
        record_id=uuid5(year.running, str(person)),
        revision=1,
        action="issue",
        order_ref="ЗО-2026/04",
        course_code=THEIR,
        person_id=str(year.people[person]),
        names=PEOPLE[person],
        assessed_on=town.TODAY - timedelta(days=3),
        attempt=1,
        status="passed",
        score=f"{70 + person}.5",
        score_max="100",
        grading_scheme="0-100",
        hours=36,
        protocol_ref="Ведомость № 5",
        reason="",
        line=0,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # named by the tests


def batch(records: Sequence[GradeRecord], **changes: object) -> bytes:
    plain = BatchHeader(
        message_id=uuid4(),
        sender=ACADEMY,
        receiver="ak-kechuu",
        created_at=town.NOW - timedelta(days=1),
        sequence=1,
        record_count=len(records),
    )
    return write_batch(replace(plain, **changes), records)  # type: ignore[arg-type]  # named by the tests
