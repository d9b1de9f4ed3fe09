"""The competition from its draft to the order.

Each state of the competition has one function that does what is due in it and takes the next step; whatever was
interrupted is found in its state and goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask_app.demo.admission import in_documents_closed, in_documents_open, in_screening
from flask_app.demo.announcement import draft, in_announced, in_draft, in_text_agreement
from flask_app.demo.decision import in_decided, in_interviewing, in_voting
from flask_app.demo.stage import Stage
from flask_app.demo.test_day import in_testing
from flask_app.store.models.procedures import Competition


def run_competition(stage: Stage) -> UUID:
    """Take the competition as far as it goes; returns its id."""
    competition_id = draft(stage)
    while True:
        state = _state(stage, competition_id)
        step = STEPS.get(state)
        if step is None:
            return competition_id
        step(stage, competition_id)
        assert _state(stage, competition_id) != state, f"the competition stays in {state}"


def _state(stage: Stage, competition_id: UUID) -> str:
    with stage.work("secretary") as work:
        return work.get(Competition, competition_id).state


STEPS: dict[str, Callable[[Stage, UUID], None]] = {
    "draft": in_draft,
    "text_agreement": in_text_agreement,
    "announced": in_announced,
    "documents_open": in_documents_open,
    "documents_closed": in_documents_closed,
    "screening": in_screening,
    "testing": in_testing,
    "interviewing": in_interviewing,
    "voting": in_voting,
    "decided": in_decided,
}
