"""The facts papers are judged by, for a whole list in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, any_, func, or_, select
from sqlalchemy.orm import aliased

from flask_app.domain.workflows.document import OVER, RESTS_ON, DocumentFacts
from flask_app.services.listing import IDS, OF_BODY
from flask_app.services.office import Work
from flask_app.services.own_rows import prepared
from flask_app.services.papers import PAPERS
from flask_app.store.models.documents import Document, DocumentVersion
from flask_app.store.models.procedures import Competition
from flask_app.store.models.training import TrainingOrder


def document_facts_of(
    work: Work, documents: Sequence[Document], roles: Mapping[UUID, frozenset[str]]
) -> Mapping[UUID, DocumentFacts]:
    """Document id → its facts for an actor with these roles on each, in one query."""
    if not documents:
        return {}
    of = {"ids": [document.id for document in documents], "of_body": work.actor.body_id}
    around = {row.id: row for row in work.session.execute(_around_papers(), of)}
    return {document.id: _document_facts(document, around[document.id], roles[document.id]) for document in documents}


def _document_facts(document: Document, row: Any, roles: frozenset[str]) -> DocumentFacts:
    return DocumentFacts(
        document.kind,
        row.has_version,
        PAPERS[document.kind].signers,
        roles,
        row.case_state in OVER[document.subject_type],
        rests_on_it=row.rests_on or "",
    )


@prepared
def _around_papers() -> Select[Any]:
    """One row per paper: has it a version, the state of its case, and the number of the paper that rests on it."""
    version = select(DocumentVersion.id).where(
        DocumentVersion.document_id == Document.id, DocumentVersion.body_id == Document.body_id
    )
    of_competition = and_(Document.subject_type == "competition", Competition.id == Document.subject_id)
    of_order = and_(Document.subject_type == "training_order", TrainingOrder.id == Document.subject_id)
    return (
        select(
            Document.id,
            version.exists().label("has_version"),
            func.coalesce(Competition.state, TrainingOrder.state).label("case_state"),
            _rests_on().label("rests_on"),
        )
        .outerjoin(Competition, of_competition)
        .outerjoin(TrainingOrder, of_order)
        .where(Document.id == any_(IDS), Document.body_id == OF_BODY)
    )


def _rests_on() -> Any:
    """The number of the paper in force that names this one as its ground."""
    above = aliased(Document)
    number = func.concat(above.registration_value, "-", above.registration_series, "/", above.registration_year)
    return (
        select(func.min(number))
        .where(
            above.body_id == Document.body_id,
            above.subject_type == Document.subject_type,
            above.subject_id == Document.subject_id,
            above.state == "in_force",
            or_(*(and_(above.kind == kind, Document.kind == ground) for kind, ground in RESTS_ON.items())),
        )
        .correlate(Document)
        .scalar_subquery()
    )
