"""The workflows of the content types, by id. A new content type = one module of data here."""

from __future__ import annotations

from flask_app.domain.workflow import Workflow
from flask_app.domain.workflows import application, competition, document, question, training_order

WORKFLOWS: dict[str, Workflow] = {
    workflow.id: workflow
    for workflow in (
        competition.WORKFLOW,
        application.WORKFLOW,
        document.WORKFLOW,
        training_order.WORKFLOW,
        question.WORKFLOW,
    )
}

__all__ = ["WORKFLOWS"]
