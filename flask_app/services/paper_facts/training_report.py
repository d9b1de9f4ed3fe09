"""Facts of D53, the report on training."""

from __future__ import annotations

from typing import cast

from sqlalchemy import select

from flask_app.domain.rule_pack import RulePack
from flask_app.domain.training import STAGES, share_percent
from flask_app.ports.paper import (
    AppliedRule,
    Bilingual,
    TrainingPersonRow,
    TrainingReport,
    TrainingResult,
    TrainingStageRow,
)
from flask_app.services.office import Work
from flask_app.services.paper_facts.appointment import head_name
from flask_app.services.paper_facts.frame import applied, both, drafter_of, frame_of, phrase
from flask_app.services.training_facts import training_pack
from flask_app.store.models.documents import Document
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import StageRecord
from flask_app.store.models.training import Enrolment, Institution, Programme, TrainingOrder


def training_report(work: Work, document: Document) -> TrainingReport:
    order = work.get(TrainingOrder, document.subject_id)
    pack = training_pack(order)
    people = _people(work, order)
    return TrainingReport(
        frame=frame_of(work, document, pack),
        year=order.year,
        order_number=order.code,
        stages=_stages(work, order),
        body_funds=str(order.body_funds),
        money_planned=str(order.money_planned),
        money_spent=str(order.money_spent),
        share_percent=str(share_percent(order.money_planned, order.body_funds)),
        share_required_percent=str(pack.training.min_budget_percent),
        persons_planned=order.needs,
        persons_enrolled=len({row.name for row in people}),
        persons_completed=len({row.name for row in people if row.result == "passed"}),
        people=people,
        hr_name=drafter_of(work, document).name,
        head_name=head_name(work),
        head_post=phrase("post_head_of_body"),
        rules=_rules(pack),
    )


def _stages(work: Work, order: TrainingOrder) -> tuple[TrainingStageRow, ...]:
    """Each of the six stages with the day it was entered; the first one begins with the order's own record."""
    records = work.session.scalars(
        select(StageRecord).where(StageRecord.object_id == order.id).order_by(StageRecord.recorded_at)
    ).all()
    entered = {record.target: record for record in records}
    rows = []
    for stage in STAGES:
        record = entered.get(stage)
        day = record.happened_on if record else (order.opened_on if stage == STAGES[0] else None)
        evidence = record.evidence if record else order.plan_reference if stage == STAGES[0] else ""
        rows.append(TrainingStageRow(phrase(f"stage_{stage}"), day, Bilingual(evidence, evidence)))
    return tuple(rows)


def _people(work: Work, order: TrainingOrder) -> tuple[TrainingPersonRow, ...]:
    rows = work.session.execute(
        select(Enrolment, Programme, Person, Institution)
        .join(Programme, Programme.id == Enrolment.programme_id)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Institution, Institution.id == Programme.institution_id)
        .where(Programme.order_id == order.id)
        .order_by(Person.sort_key, Programme.course_code)
    )
    return tuple(_person_row(work, *row) for row in rows)


def _person_row(
    work: Work, enrolment: Enrolment, programme: Programme, person: Person, institution: Institution | None
) -> TrainingPersonRow:
    return TrainingPersonRow(
        name=person.name,
        programme=both(programme.title),
        hours=programme.hours,
        institution=both(institution.name if institution else work.body.name),
        result=cast("TrainingResult", enrolment.outcome),
        score=enrolment.score,
        document_number=enrolment.document_number,
    )


def _rules(pack: RulePack) -> tuple[AppliedRule, ...]:
    return (applied(pack, pack.training, "rule_training_share", percent=pack.training.min_budget_percent),)
