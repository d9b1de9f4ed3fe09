"""Control totals: attempts in Moodle = attempts pulled + attempts explained."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, or_, select

from flask_app.services.office import Work
from flask_app.store.models.applications import Application, TestScore
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
    """How many finished attempts Moodle counted at the last pull that the panel does not hold (0 before any pull), and
    scores that rest on an attempt which was regraded or deleted since.
    """
    cursor = _cursor(work, session)
    differing = 0 if cursor is None else abs(cursor.total - pulled_finished(work, session))
    return differing + len(outdated_applications(work, session.competition_id))


def was_pulled(work: Work, session: TestSession) -> bool:
    """Whether the session's results have been pulled at all since it began."""
    cursor = _cursor(work, session)
    return cursor is not None and cursor.pulled_at >= session.starts_at


def _cursor(work: Work, session: TestSession) -> PullCursor | None:
    return work.session.scalar(
        select(PullCursor).where(
            PullCursor.body_id == work.actor.body_id, PullCursor.what == results_cursor_name(session.code)
        )
    )


SCORED = ("tested", "qualified", "below_threshold")
"""From here a corrected result still changes what comes next; after the invitation it is a matter of appeal."""


def outdated_applications(work: Work, competition_id: UUID) -> list[Application]:
    """Candidates whose score rests on an attempt that is no longer the newest revision, or was deleted in Moodle."""
    return list(
        work.session.scalars(
            select(Application)
            .where(
                Application.competition_id == competition_id,
                Application.body_id == work.actor.body_id,
                Application.state.in_(SCORED),
                Application.id.in_(
                    select(TestScore.application_id)
                    .join(Attempt, Attempt.id == TestScore.attempt_id)
                    .where(or_(Attempt.newest.is_(False), Attempt.deleted.is_(True)))
                ),
            )
            .order_by(Application.number)
        )
    )
