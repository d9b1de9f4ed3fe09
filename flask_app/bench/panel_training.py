"""Training orders in every stage: programmes, enrolments with their outcomes, grades of institutions, the report.

`sent` of `Training`: content address of the file that the batches are said to have come as.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

from flask_app.bench.panel_bulk import Bulk, Row
from flask_app.bench.panel_papers import Papers
from flask_app.bench.panel_people import Staff
from flask_app.bench.panel_trail import Trail, moment
from flask_app.domain.rule_pack import RulePack
from flask_app.services.training_desk import pull_key, push_key
from flask_app.store.models.jobs import JobProgress
from flask_app.store.models.training import (
    Enrolment,
    GradeBatchRow,
    GradeRow,
    Institution,
    Programme,
    TrainingOrder,
)

_ALONG = ("approve_order", "place_order", "begin_training", "begin_monitoring", "begin_report", "close")
_STATES = (
    "order_formed_and_approved",
    "order_placed",
    "training_delivered",
    "control_monitoring_evaluation",
    "report",
    "closed",
)
PATHS: dict[str, tuple[str, ...]] = {
    "needs_assessment": (),
    **{state: _ALONG[: place + 1] for place, state in enumerate(_STATES)},
}
SHARES = {
    "needs_assessment": 1,
    "order_formed_and_approved": 1,
    "order_placed": 1,
    "training_delivered": 4,
    "control_monitoring_evaluation": 1,
    "report": 2,
    "closed": 10,
}
INSTITUTIONS = (
    ("academy", "Башкаруу академиясы", "Академия управления"),
    ("institute", "Кадрларды даярдоо институту", "Институт подготовки кадров"),
    ("centre", "Аймактык окуу борбору", "Региональный учебный центр"),
)
COURSES = (
    ("zakupki", "Мамлекеттик сатып алуулар", "Государственные закупки"),
    ("etika", "Кызматтык этика", "Служебная этика"),
    ("til", "Мамлекеттик тилде иш кагаздары", "Делопроизводство на государственном языке"),
    ("sanarip", "Санарип кызматтар", "Цифровые услуги"),
)
PEOPLE_OF_PROGRAMME = (8, 30)


def states(count: int, chance: random.Random) -> list[str]:
    """Each stage at least once where there is room for it, the rest by their shares."""
    names = list(SHARES)
    return names[:count] + chance.choices(names, [SHARES[name] for name in names], k=max(0, count - len(names)))


@dataclass
class Training:
    bulk: Bulk
    trail: Trail
    staff: Staff
    pack: RulePack
    papers: Papers
    people: Sequence[Row]
    today: date
    sent: str
    chance: random.Random
    _institutions: list[Row] = field(default_factory=list)
    _messages: int = 0

    def institutions(self) -> None:
        for code, ky, ru in INSTITUTIONS:
            self._institutions.append(self.bulk.add(Institution, code=code, name={"ky": ky, "ru": ru}))

    def make(self, number: int, state: str) -> Row:
        days = self._days(state)
        row = self._order(number, days[0])
        for step, day in zip(PATHS[state], days[1:], strict=True):
            self._bring(row, step)
            role = "head_of_body" if step == "approve_order" else "training_officer"
            self.trail.step("training_order", row, step, self.staff.hand(role), day, evidence="приказ № 31")
        if state != "needs_assessment":
            for place in range(self.chance.randrange(2, 5)):
                self._programme(row, state, place, days)
        if PATHS[state][:3] == _ALONG[:3]:
            self._pulled(row, days[-1])
        if state in ("report", "closed"):
            self.papers.make("D53", "training_order", row, days[-1], "in_force" if state == "closed" else "signing")
        return row

    def _days(self, state: str) -> list[date]:
        rest = self.chance.randrange(40, 1200) if state == "closed" else self.chance.randrange(1, 40)
        day = self.today - timedelta(days=rest)
        found = [day]
        for _ in PATHS[state]:
            day -= timedelta(days=self.chance.randrange(7, 40))
            found.append(day)
        return found[::-1]

    def _order(self, number: int, opened: date) -> Row:
        row = self.bulk.add(
            TrainingOrder,
            code=f"ЗО-{opened.year}/{number + 1:03d}",
            year=opened.year,
            opened_on=opened,
            title={"ky": f"{opened.year}-жылга окутууга заказ", "ru": f"Заказ на обучение на {opened.year} год"},
            pack_frozen=self.pack.model_dump(mode="json"),
            needs=40,
            plan_reference=f"план № {number + 1}",
            body_funds=Decimal("48200000"),
            money_planned=Decimal("495000"),
            money_spent=Decimal(0),
            contract="",
            monitoring="",
            last_act_on=opened,
            created_at=moment(opened),
            state="needs_assessment",
            version=1,
        )
        hand = self.staff.hand("training_officer")
        self.trail.begin("training_order", row, hand, opened, "drawn_up", {"code": row["code"]})
        return row

    @staticmethod
    def _bring(row: Row, step: str) -> None:
        if step == "place_order":
            row["contract"] = "договор № 8"
        if step == "begin_report":
            row |= {"monitoring": "справка № 2", "money_spent": Decimal("468000")}

    def _programme(self, order: Row, state: str, place: int, days: Sequence[date]) -> None:
        code, ky, ru = COURSES[place % len(COURSES)]
        institution = self._institutions[place % len(self._institutions)] if place % 2 else None
        programme = self.bulk.add(
            Programme,
            order_id=order["id"],
            institution_id=institution["id"] if institution else None,
            course_code=f"{code}-{order['year']}",
            title={"ky": ky, "ru": ru},
            hours=72,
            delivery="institution" if institution else "moodle",
        )
        most = min(len(self.people), PEOPLE_OF_PROGRAMME[1])
        count = self.chance.randrange(min(PEOPLE_OF_PROGRAMME[0], most), most + 1)
        over = state in ("control_monitoring_evaluation", "report", "closed")
        enrolments = [
            self._enrolment(programme, person, days[-1], over=over)
            for person in self.chance.sample(list(self.people), count)
        ]
        if institution is not None and over:
            self._batch(order, institution, enrolments, days[-1])

    def _enrolment(self, programme: Row, person: Row, day: date, *, over: bool) -> Row:
        passed = over and self.chance.random() < 0.9
        return self.bulk.add(
            Enrolment,
            programme_id=programme["id"],
            person_id=person["id"],
            outcome="passed" if passed else "failed" if over else "in-progress",
            score="86/100" if passed else "",
            document_number=f"С-{self.chance.randrange(10**6):06d}" if passed else "",
            completed_at=moment(day) if over else None,
        )

    def _pulled(self, order: Row, day: date) -> None:
        for task, key in (("push_training", push_key), ("pull_completions", pull_key)):
            self.bulk.add(
                JobProgress,
                task=task,
                key=key(order["id"]),
                state="done",
                done=1,
                total=1,
                message_code="",
                params={},
                created_at=moment(day),
                updated_at=moment(day),
                cancel_requested=False,
            )

    def _batch(self, order: Row, institution: Row, enrolments: Sequence[Row], day: date) -> None:
        self._messages += 1
        records = [uuid4() for _ in enrolments]
        batch = self.bulk.add(
            GradeBatchRow,
            sender=institution["code"],
            message_id=uuid4(),
            sequence=self._messages,
            file_sha256=self.sent,
            received_at=moment(day, 8),
            report=[
                {"recordId": str(record), "outcome": "accepted", "code": "", "line": 0, "path": "", "params": {}}
                for record in records
            ],
        )
        for record, enrolment in zip(records, enrolments, strict=True):
            self.bulk.add(
                GradeRow,
                sender=institution["code"],
                record_id=record,
                revision=1,
                newest=True,
                action="add",
                enrolment_id=enrolment["id"],
                batch_id=batch["id"],
                content_hash=f"{record.int:064x}"[:64],
                content={"orderRef": order["code"], "outcome": enrolment["outcome"], "score": enrolment["score"]},
            )
