"""The whole story in order, and its sums."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from flask_app.demo import world
from flask_app.demo.competition import run_competition
from flask_app.demo.foundation import bring_banks, synced_questions
from flask_app.demo.papers import write_out
from flask_app.demo.stage import Stage
from flask_app.demo.training import run_training, send_batch
from flask_app.ports.moodle import Wanted
from flask_app.services import audit
from flask_app.services.result_totals import FINISHED
from flask_app.services.results import pull_results
from flask_app.services.synchronisation import plan
from flask_app.services.test_sessions import session_of, wanted_session
from flask_app.services.training import pull_completions, wanted_training
from flask_app.store.models.results import Attempt
from flask_app.store.models.training import Enrolment, GradeRow, Programme


@dataclass(frozen=True, slots=True)
class Sums:
    """What stands at the end, however many runs it took."""

    questions: int
    attempts: int
    completions: int
    grades: int
    documents: int


def tell(stage: Stage, out: Path) -> Sums:
    """Everything from the banks to the signed papers in `out`; told again, it changes nothing."""
    bring_banks(stage)
    competition = run_competition(stage)
    order = run_training(stage)
    _reconcile(stage, competition, order)
    audit.seal_all(stage.office)
    broken = [check.body for check in audit.verify_all(stage.office) if not check.sound]
    assert not broken, f"the audit chain of {broken} is broken"
    written = write_out(stage, out)
    return _sums(stage, len(written))


def _reconcile(stage: Stage, competition: UUID, order: UUID) -> None:
    """Ask both sides once more: nothing left to bring, nothing left to pull, the batch again changes nothing."""
    stage.terminal.step("reconcile")
    with stage.work("secretary") as work:
        session = session_of(work, competition)
        sitting = Wanted() if session is None else wanted_session(work, session)
    with stage.work("training") as work:
        training = wanted_training(work, order)
    left = sum(len(plan(stage.office, stage.actor("secretary"), wanted).steps) for wanted in (sitting, training))
    stage.counts.planned += left
    report = pull_results(stage.office, stage.actor("secretary"), competition)
    stage.counts.attempts += report.new
    stage.counts.completions += pull_completions(stage.office, stage.actor("training"), order)
    send_batch(stage, order)
    stage.terminal.say("reconciled", left=left, n=report.new, revised=report.revised)


def _sums(stage: Stage, documents: int) -> Sums:
    with stage.work("secretary") as work:
        body = work.actor.body_id
        attempts = (
            select(func.count())
            .select_from(Attempt)
            .where(
                Attempt.body_id == body, Attempt.newest.is_(True), Attempt.state == FINISHED, Attempt.deleted.is_(False)
            )
        )
        completions = (
            select(func.count())
            .select_from(Enrolment)
            .join(Programme, Programme.id == Enrolment.programme_id)
            .where(
                Enrolment.body_id == body,
                Programme.course_code == world.TRAINING_COURSE,
                Enrolment.outcome == "passed",
            )
        )
        grades = select(func.count()).select_from(GradeRow).where(GradeRow.body_id == body, GradeRow.newest.is_(True))
        return Sums(
            questions=synced_questions(stage),
            attempts=work.session.scalar(attempts) or 0,
            completions=work.session.scalar(completions) or 0,
            grades=work.session.scalar(grades) or 0,
            documents=documents,
        )
