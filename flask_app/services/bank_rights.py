"""Rights on question banks, by the permission map of `domain.workflows.question_bank`: for pages, buttons and acts."""

from __future__ import annotations

from flask_app.domain.errors import NotFound, NotPermitted
from flask_app.domain.identity import Actor
from flask_app.domain.workflows.question_bank import HELD, WORKFLOW


def may(actor: Actor, action: str) -> bool:
    """`action`: view, read_questions, read_answers, sync, view_sync, examine or connect."""
    return WORKFLOW.permits(action, HELD, actor.roles)


def require(actor: Actor, action: str) -> None:
    """Raises `NotPermitted`."""
    if not may(actor, action):
        raise NotPermitted("workflow.action_not_permitted", action=action, state=HELD, workflow=WORKFLOW.id)


def require_bank(actor: Actor, action: str) -> None:
    """For what is about one bank: whoever may not even know of it is told that there is none.

    Raises `NotFound`, `NotPermitted`.
    """
    if not may(actor, "view"):
        raise NotFound("object.unknown", type="QuestionBank")
    require(actor, action)
