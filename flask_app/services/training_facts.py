"""Gathers what a training order's stages are judged by."""

from __future__ import annotations

from sqlalchemy import func, select

from flask_app.domain.rule_pack import RulePack
from flask_app.domain.workflows.training_order import TrainingFacts
from flask_app.services.office import Work
from flask_app.store.models.documents import Document
from flask_app.store.models.training import Enrolment, Programme, TrainingOrder

REPORT_KIND = "D53"
OPEN_OUTCOMES = ("none", "in-progress")


def training_pack(order: TrainingOrder) -> RulePack:
    """The rules frozen when the order was drawn up."""
    return order.pack_frozen


def training_facts(work: Work, order: TrainingOrder) -> TrainingFacts:
    return TrainingFacts(
        pack=training_pack(order),
        needs=order.needs,
        plan_reference=order.plan_reference,
        planned=order.money_planned,
        body_funds=order.body_funds,
        contract=order.contract,
        enrolled=_enrolments(work, order),
        without_outcome=_enrolments(work, order, *OPEN_OUTCOMES),
        monitoring=order.monitoring,
        report_signed=_report_signed(work, order),
    )


def _enrolments(work: Work, order: TrainingOrder, *outcomes: str) -> int:
    query = (
        select(func.count())
        .select_from(Enrolment)
        .join(Programme, Programme.id == Enrolment.programme_id)
        .where(Programme.order_id == order.id)
    )
    if outcomes:
        query = query.where(Enrolment.outcome.in_(outcomes))
    return work.session.scalar(query) or 0


def _report_signed(work: Work, order: TrainingOrder) -> bool:
    return (
        work.session.scalar(
            select(Document.id).where(
                Document.subject_id == order.id, Document.kind == REPORT_KIND, Document.state == "in_force"
            )
        )
        is not None
    )
