"""The facts training orders are judged by, for a whole list in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Subquery, any_, func, select

from flask_app.domain.workflows.training_order import TrainingFacts
from flask_app.services.listing import IDS, OF_BODY
from flask_app.services.office import Work
from flask_app.services.own_rows import prepared
from flask_app.services.training_facts import OPEN_OUTCOMES, REPORT_KIND, training_pack
from flask_app.store.models.documents import Document
from flask_app.store.models.training import Enrolment, Programme, TrainingOrder


def training_facts_of(work: Work, orders: Sequence[TrainingOrder]) -> Mapping[UUID, TrainingFacts]:
    """Training order id → its facts, in one query."""
    if not orders:
        return {}
    of = {"ids": [order.id for order in orders], "of_body": work.actor.body_id}
    counted = {row.id: row for row in work.session.execute(_counted(), of)}
    return {order.id: _training_facts(order, counted[order.id]) for order in orders}


@prepared
def _counted() -> Select[Any]:
    enrolled = _enrolled()
    return (
        select(
            TrainingOrder.id,
            func.coalesce(enrolled.c.enrolled, 0).label("enrolled"),
            func.coalesce(enrolled.c.without_outcome, 0).label("without_outcome"),
            _report_signed().label("report_signed"),
        )
        .outerjoin(enrolled, enrolled.c.order_id == TrainingOrder.id)
        .where(TrainingOrder.id == any_(IDS), TrainingOrder.body_id == OF_BODY)
    )


def _training_facts(order: TrainingOrder, row: Any) -> TrainingFacts:
    return TrainingFacts(
        pack=training_pack(order),
        needs=order.needs,
        plan_reference=order.plan_reference,
        planned=Decimal(order.money_planned),
        body_funds=Decimal(order.body_funds),
        contract=order.contract,
        enrolled=row.enrolled,
        without_outcome=row.without_outcome,
        monitoring=order.monitoring,
        report_signed=row.report_signed > 0,
    )


def _enrolled() -> Subquery:
    """By order: how many are enrolled in its programmes, and how many of them have no outcome yet."""
    return (
        select(
            Programme.order_id,
            func.count().label("enrolled"),
            func.count().filter(Enrolment.outcome.in_(OPEN_OUTCOMES)).label("without_outcome"),
        )
        .join(Enrolment, Enrolment.programme_id == Programme.id)
        .where(Programme.order_id == any_(IDS))
        .group_by(Programme.order_id)
        .subquery()
    )


def _report_signed() -> Any:
    return (
        select(func.count(Document.id))
        .where(Document.subject_id == TrainingOrder.id, Document.kind == REPORT_KIND, Document.state == "in_force")
        .correlate(TrainingOrder)
        .scalar_subquery()
    )
