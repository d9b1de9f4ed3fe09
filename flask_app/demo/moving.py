"""One step of the competition, on a day before today."""

from __future__ import annotations

from uuid import UUID

from flask_app.demo.stage import Stage
from flask_app.services.competitions import (
    move_competition,
)
from flask_app.services.office import Work
from flask_app.services.transitions import act_on
from flask_app.store.models.procedures import Competition


def move(work: Work, competition_id: UUID, transition: str, stage: Stage, days_ago: int, evidence: str = "") -> None:
    version = work.get(Competition, competition_id).version
    move_competition(
        work, competition_id, transition, act_on(work, stage.ago(days_ago), evidence), expected_version=version
    )
