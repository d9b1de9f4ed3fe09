"""Control totals: attempts in Moodle = attempts pulled + attempts explained."""

from __future__ import annotations

from sqlalchemy import func, select

from flask_app.services.office import Work
from flask_app.store.models.results import Attempt, PullCursor
from flask_app.store.models.testing import ExaminationForm, TestSession

FINISHED = "finished"


def results_cursor_name(session_code: str) -> str:
    return f"results:{session_code}"


def pulled_finished(work: Work, session: TestSession) -> int:
    """Finished attempts of this session the panel holds (newest revisions, not deleted in Moodle)."""
    tests = select(ExaminationForm.test_idnumber).where(ExaminationForm.session_id == session.id)
    return (
        work.session.scalar(
            select(func.count())
            .select_from(Attempt)
            .where(
                Attempt.body_id == work.actor.body_id,
                Attempt.test_idnumber.in_(tests),
                Attempt.newest.is_(True),
                Attempt.deleted.is_(False),
                Attempt.state == FINISHED,
            )
        )
        or 0
    )


def unexplained_attempts(work: Work, session: TestSession) -> int:
    """How many finished attempts Moodle counted at the last pull that the panel does not hold; 0 before any pull."""
    cursor = work.session.scalar(
        select(PullCursor).where(
            PullCursor.body_id == work.actor.body_id, PullCursor.what == results_cursor_name(session.code)
        )
    )
    return 0 if cursor is None else abs(cursor.total - pulled_finished(work, session))
