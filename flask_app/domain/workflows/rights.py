"""Shorthand for permission maps, so that a workflow reads as a table."""

from __future__ import annotations

from flask_app.domain.identity import AUDITOR, CHAIR, HEAD, HR_OFFICER, MEMBER, SECRETARY, TRAINING_OFFICER
from flask_app.domain.workflow import State

PREPARE = frozenset({HR_OFFICER, SECRETARY})
SECRETARY_ONLY = frozenset({SECRETARY})
COMMISSION = frozenset({CHAIR, MEMBER, SECRETARY})
LEAD = frozenset({SECRETARY, CHAIR})
HEAD_ONLY = frozenset({HEAD})
STAFF = frozenset({HR_OFFICER, SECRETARY, CHAIR, MEMBER, HEAD, AUDITOR})
TRAINING = frozenset({TRAINING_OFFICER, HR_OFFICER})
NOBODY: frozenset[str] = frozenset()


def state(id_: str, *, final: bool = False, **permissions: frozenset[str]) -> State:
    """A state that all staff of the competition may view, plus what is named."""
    return State(id_, {"view": STAFF, **permissions}, final)
