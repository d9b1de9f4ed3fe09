"""Control totals: attempts in Moodle = attempts pulled + attempts explained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select

from flask_app.services import audit
from flask_app.services.office import Work
from flask_app.store.base import EPOCH
from flask_app.store.models.applications import Application, TestScore
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.results import Attempt, AttemptResponse, PullCursor
from flask_app.store.models.testing import ExaminationForm, Seat, TestSession

FINISHED, ABANDONED = "finished", "abandoned"


def results_cursor_name(session_code: str) -> str:
    return f"results:{session_code}"


def core_cursor_name(session_code: str) -> str:
    """Of the pulls without the plugin: a row of their own, so that the plugin's cursor stays where it is."""
    return f"results-core:{session_code}"


def cursor_names(session_code: str) -> tuple[str, str]:
    """Both; the one pulled last is what the panel goes by."""
    return results_cursor_name(session_code), core_cursor_name(session_code)


def pulled_finished(work: Work, session: TestSession) -> int:
    """Finished attempts of this session the panel holds (newest revisions, not deleted in Moodle)."""
    return (
        work.session.scalar(
            select(func.count())
            .select_from(Attempt)
            .where(
                Attempt.body_id == work.actor.body_id,
                *_counting(session),
            )
        )
        or 0
    )


@dataclass(frozen=True, slots=True)
class ControlTotals:
    """Attempts in Moodle = pulled + explained, as of the last pull.

    `moodle`: finished attempts that Moodle counts; None before any pull. `pulled`: finished attempts the panel holds.
    Explained, since they came as such: `deleted` in Moodle, `abandoned` (never handed in). To be looked at: `outdated`,
    scores that rest on an attempt regraded or deleted since; `unseated`, finished attempts of somebody who has no seat
    on that form; `repeated`, finished attempts beyond the first of one person; `absent`, people noted as absent who
    have handed in an attempt all the same.
    """

    moodle: int | None
    pulled: int
    deleted: int
    abandoned: int
    outdated: int
    unseated: int
    repeated: int
    absent: int
    pulled_at: datetime | None

    @property
    def difference(self) -> int:
        """Finished attempts Moodle has and the panel has not; negative when it is the other way round."""
        return 0 if self.moodle is None else self.moodle - self.pulled

    @property
    def unexplained(self) -> int:
        return abs(self.difference) + self.outdated

    @property
    def agrees(self) -> bool:
        """Nothing is missing and nothing waits for a person."""
        return not (self.unexplained or self.unseated or self.repeated or self.absent)


def totals_of(work: Work, session: TestSession) -> ControlTotals:
    """The totals of a sitting, for its page."""
    cursor = _cursor(work, session)
    held = _held(work, session)
    return ControlTotals(
        moodle=None if cursor is None else cursor.total,
        pulled=pulled_finished(work, session),
        deleted=sum(n for (_, deleted), n in held.items() if deleted),
        abandoned=sum(n for (state, deleted), n in held.items() if state == ABANDONED and not deleted),
        outdated=len(outdated_applications(work, session.competition_id)),
        unseated=_unseated(work, session),
        repeated=_repeated(work, session),
        absent=len(absent_yet_sat(work, session.competition_id)),
        pulled_at=None if cursor is None or cursor.pulled_at == EPOCH else cursor.pulled_at,
    )


def _tests(session: TestSession) -> Select[str]:
    return select(ExaminationForm.test_idnumber).where(ExaminationForm.session_id == session.id)


def _held(work: Work, session: TestSession) -> dict[tuple[str, bool], int]:
    """(state, deleted in Moodle) → how many attempts, by their newest revisions."""
    rows = work.session.execute(
        select(Attempt.state, Attempt.deleted, func.count())
        .where(Attempt.test_idnumber.in_(_tests(session)), Attempt.newest.is_(True))
        .group_by(Attempt.state, Attempt.deleted)
    )
    return {(state, deleted): n for state, deleted, n in rows}


def _counting(session: TestSession) -> tuple[ColumnElement[bool], ...]:
    return (
        Attempt.test_idnumber.in_(_tests(session)),
        Attempt.newest.is_(True),
        Attempt.deleted.is_(False),
        Attempt.state == FINISHED,
    )


def _unseated(work: Work, session: TestSession) -> int:
    seated = (
        select(Seat.id)
        .join(ExaminationForm, ExaminationForm.id == Seat.form_id)
        .join(Application, Application.id == Seat.application_id)
        .where(
            ExaminationForm.session_id == session.id,
            ExaminationForm.test_idnumber == Attempt.test_idnumber,
            cast(Application.person_id, String) == Attempt.person_idnumber,
        )
    )
    query = select(func.count()).select_from(Attempt).where(*_counting(session), ~seated.exists())
    return work.session.scalar(query) or 0


def _repeated(work: Work, session: TestSession) -> int:
    rows = work.session.scalars(
        select(func.count())
        .select_from(Attempt)
        .where(*_counting(session))
        .group_by(Attempt.test_idnumber, Attempt.person_idnumber)
    )
    return sum(n - 1 for n in rows)


DIFFER, AGREE = "results.totals_differ", "results.totals_agree"
"""Actions of the alarm in the journal; also the codes of their sentences."""


def note_totals(work: Work, session: TestSession) -> ControlTotals:
    """Compare, and put an alarm into the journal when the totals differ; and its end when they agree again.

    The same difference is told once, however often the results are pulled.
    """
    totals = totals_of(work, session)
    figures = {
        "moodle": totals.moodle,
        "pulled": totals.pulled,
        "outdated": totals.outdated,
        "unseated": totals.unseated,
        "repeated": totals.repeated,
        "absent": totals.absent,
    }
    last = next(iter(alarms(work, session)), None)
    if not totals.agrees and (last is None or last.action == AGREE or last.after != figures):
        audit.record(work, DIFFER, "test_session", session.id, after=figures)
    elif totals.agrees and last is not None and last.action == DIFFER:
        audit.record(work, AGREE, "test_session", session.id, after=figures)
    return totals


def alarms(work: Work, session: TestSession) -> list[AuditEvent]:
    """Every alarm of the sitting and every end of one, the newest first."""
    return list(
        work.session.scalars(
            select(AuditEvent)
            .where(
                AuditEvent.body_id == work.actor.body_id,
                AuditEvent.object_type == "test_session",
                AuditEvent.object_id == str(session.id),
                AuditEvent.action.in_((DIFFER, AGREE)),
            )
            .order_by(AuditEvent.id.desc())
        )
    )


def unexplained_attempts(work: Work, session: TestSession) -> int:
    """How many finished attempts Moodle counted at the last pull that the panel does not hold (0 before any pull), and
    scores that rest on an attempt which was regraded or deleted since.
    """
    cursor = _cursor(work, session)
    differing = 0 if cursor is None else abs(cursor.total - pulled_finished(work, session))
    return differing + len(outdated_applications(work, session.competition_id))


def known_attempts(work: Work, session: TestSession) -> int:
    """Attempts that are known of: those of any state that the panel holds, or the finished ones Moodle counted last."""
    cursor = _cursor(work, session)
    held = sum(n for (_, deleted), n in _held(work, session).items() if not deleted)
    return max(held, 0 if cursor is None else cursor.total)


def pulled_since(work: Work, session: TestSession, moment: datetime) -> bool:
    """Whether the session's results have been pulled at that moment or later."""
    cursor = _cursor(work, session)
    return cursor is not None and cursor.pulled_at >= moment


def was_pulled(work: Work, session: TestSession) -> bool:
    """Whether the session's results have been pulled at all since it began."""
    return pulled_since(work, session, session.starts_at)


def last_pull_was_without_plugin(work: Work, session: TestSession) -> bool:
    """Whether what the panel holds now was last compared with a Moodle that tells less."""
    cursor = _cursor(work, session)
    return cursor is not None and cursor.what == core_cursor_name(session.code)


def poorer_attempts(work: Work, session: TestSession) -> int:
    """How many attempts came without the plugin, and count: their answers have no entry in Moodle's bank."""
    told = select(AttemptResponse.id).where(AttemptResponse.attempt_id == Attempt.id, AttemptResponse.entryid == 0)
    return work.session.scalar(select(func.count(Attempt.id)).where(*_counting(session), told.exists())) or 0


WITHOUT_PLUGIN = "results.without_plugin"
"""Action of the journal: a pull that went without the plugin, and what its records lack."""


def gaps_of(work: Work, session: TestSession) -> tuple[str, ...]:
    """What the last pull without the plugin could not be told: codes of sentences, as the log keeps them."""
    event = work.session.scalar(
        select(AuditEvent)
        .where(
            AuditEvent.body_id == work.actor.body_id,
            AuditEvent.object_type == "test_session",
            AuditEvent.object_id == str(session.id),
            AuditEvent.action == WITHOUT_PLUGIN,
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    return () if event is None else tuple(event.after["gaps"])


def _cursor(work: Work, session: TestSession) -> PullCursor | None:
    """The last pull, whichever way it went."""
    return work.session.scalar(
        select(PullCursor)
        .where(
            PullCursor.body_id == work.actor.body_id,
            PullCursor.what.in_(cursor_names(session.code)),
        )
        .order_by(PullCursor.pulled_at.desc())
        .limit(1)
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


def handed_in() -> ColumnElement[bool]:
    """Of an application: there is a finished attempt of that person on the form of the seat."""
    return (
        _finished()
        .join(ExaminationForm, ExaminationForm.test_idnumber == Attempt.test_idnumber)
        .join(Seat, Seat.form_id == ExaminationForm.id)
        .where(Seat.application_id == Application.id)
        .correlate(Application)
        .exists()
    )


def handed_in_on_form() -> ColumnElement[bool]:
    """The same where the statement has the form of the seat already. (Joined once more for every row of a list, the
    database would rather pair all attempts of the body with all seats first.)
    """
    return (
        _finished()
        .where(Attempt.test_idnumber == ExaminationForm.test_idnumber)
        .correlate(Application, ExaminationForm)
        .exists()
    )


def _finished() -> Select[UUID]:
    return select(Attempt.id).where(
        Attempt.body_id == Application.body_id,
        Attempt.person_idnumber == cast(Application.person_id, String),
        Attempt.newest.is_(True),
        Attempt.deleted.is_(False),
        Attempt.state == FINISHED,
    )


def handed_in_though_absent() -> ColumnElement[bool]:
    """Of an application: noted as absent from the test, and there is a finished attempt of that person on the form of
    the seat. Whoever did not come to the interview has scores and is not meant.
    """
    scored = select(TestScore.id).where(TestScore.application_id == Application.id).correlate(Application)
    return and_(Application.state == "no_show", ~scored.exists(), handed_in())


def absent_yet_sat(work: Work, competition_id: UUID) -> list[Application]:
    """Candidates noted as absent from the test who have handed in an attempt; by their numbers."""
    return list(
        work.session.scalars(
            select(Application)
            .where(
                Application.competition_id == competition_id,
                Application.body_id == work.actor.body_id,
                handed_in_though_absent(),
            )
            .order_by(Application.number)
        )
    )
