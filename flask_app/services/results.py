"""Results of a test session: pulled page by page, kept as revisions, turned into scores and states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.canonical import digest
from flask_app.domain.errors import Refused
from flask_app.domain.identity import Actor
from flask_app.domain.scoring import BlockScore, passes
from flask_app.ports.moodle import PulledAttempt, PulledResponse, ResultsPage
from flask_app.services import audit
from flask_app.services.applications import applications_of, move_applications
from flask_app.services.competition_facts import pack_of
from flask_app.services.office import Office, Work
from flask_app.services.result_totals import FINISHED, results_cursor_name
from flask_app.services.rights import require
from flask_app.services.test_sessions import session_of
from flask_app.services.transitions import act_on
from flask_app.store.models.applications import Application, TestScore
from flask_app.store.models.procedures import Competition
from flask_app.store.models.results import Attempt, AttemptResponse, PullCursor
from flask_app.store.models.testing import ExaminationForm, FormItem, Seat, TestSession


@dataclass(frozen=True, slots=True)
class PullReport:
    """`new`: attempts seen for the first time; `revised`: regraded or deleted since; `total`: Moodle's own count."""

    new: int
    revised: int
    pages: int
    total: int


def pull_results(office: Office, actor: Actor, competition_id: UUID) -> PullReport:
    """Pull everything Moodle has since the last pull. Each page is one transaction together with its cursor.

    Interrupted anywhere, the next pull goes on after the last page that was kept.
    """
    with office.work(actor) as work:
        require(work, work.get(Competition, competition_id), "pull_results")
        session = session_of(work, competition_id)
        if session is None:
            raise Refused("competition.no_session")
        tests = _tests(work, session)
        what = results_cursor_name(session.code)
        cursor = keep_cursor(work, what).cursor
    new = revised = pages = total = 0
    for page in office.moodle.results(tests, cursor):
        with office.work(actor) as work:
            added, changed = keep_page(work, what, page)
        new, revised, pages, total = new + added, revised + changed, pages + 1, page.total
    return PullReport(new, revised, pages, total)


def _tests(work: Work, session: TestSession) -> list[str]:
    return list(
        work.session.scalars(
            select(ExaminationForm.test_idnumber)
            .where(ExaminationForm.session_id == session.id)
            .order_by(ExaminationForm.test_idnumber)
        )
    )


def keep_cursor(work: Work, what: str) -> PullCursor:
    """The row of one pull, locked; empty before the first one."""
    row = work.session.scalar(
        select(PullCursor).where(PullCursor.body_id == work.actor.body_id, PullCursor.what == what).with_for_update()
    )
    if row is None:
        row = PullCursor(what=what, cursor="", total=0, pulled_at=work.now)
        work.add(row)
        work.session.flush()
    return row


def keep_page(work: Work, what: str, page: ResultsPage) -> tuple[int, int]:
    """Keep one page and its cursor; returns (new attempts, new revisions of known ones)."""
    row = keep_cursor(work, what)
    known = _newest(work, page.attempts)
    new = revised = 0
    for pulled in page.attempts:
        present = known.get((pulled.test, pulled.attemptid))
        content = digest(pulled)
        if present is not None and present.content_hash == content:
            continue
        _keep_attempt(work, pulled, content, present)
        new, revised = (new + 1, revised) if present is None else (new, revised + 1)
    row.cursor, row.total, row.pulled_at = page.cursor, page.total, work.now
    return new, revised


def _newest(work: Work, attempts: Sequence[PulledAttempt]) -> Mapping[tuple[str, int], Attempt]:
    rows = work.session.scalars(
        select(Attempt).where(
            Attempt.body_id == work.actor.body_id,
            Attempt.newest.is_(True),
            Attempt.moodle_attempt.in_([pulled.attemptid for pulled in attempts]),
        )
    )
    return {(row.test_idnumber, row.moodle_attempt): row for row in rows}


def _keep_attempt(work: Work, pulled: PulledAttempt, content: str, present: Attempt | None) -> None:
    if present is not None:
        present.newest = False
        work.session.flush()
    attempt = Attempt(
        moodle_attempt=pulled.attemptid,
        test_idnumber=pulled.test,
        person_idnumber=pulled.person,
        number=pulled.attempt,
        revision=1 if present is None else present.revision + 1,
        newest=True,
        state=pulled.state,
        deleted=pulled.deleted,
        started_at=pulled.timestart,
        finished_at=pulled.timefinish,
        modified_at=pulled.timemodified,
        mark=_decimal(pulled.mark),
        maximum=Decimal(pulled.maxmark or 0),
        pulled_at=work.now,
        content_hash=content,
    )
    work.add(attempt)
    for response in pulled.responses:
        work.add(_response(attempt.id, response))
    if present is not None:
        audit.record(
            work,
            "attempt.revised",
            "attempt",
            attempt.id,
            {"revision": present.revision, "mark": present.mark, "deleted": present.deleted},
            {"revision": attempt.revision, "mark": attempt.mark, "deleted": attempt.deleted},
        )


def _response(attempt_id: UUID, response: PulledResponse) -> AttemptResponse:
    return AttemptResponse(
        attempt_id=attempt_id,
        slot=response.slot,
        question_idnumber=response.idnumber,
        entryid=response.entryid,
        questionid=response.questionid,
        question_version=response.version,
        state=response.state,
        mark=_decimal(response.mark),
        maximum=Decimal(response.maxmark),
        response=response.response,
        right_answer=response.rightanswer,
        answered_at=response.time,
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def enter_results(work: Work, competition_id: UUID, happened_on: date) -> int:
    """Turn finished attempts into scores and move their candidates; returns how many candidates moved.

    Raises `Refused("results.foreign_question")` when an attempt holds a question the candidate's form does not.
    """
    require(work, work.get(Competition, competition_id), "pull_results")
    waiting = applications_of(work, competition_id, "notified")
    moved: dict[UUID, bool] = {}
    for application in waiting:
        attempt = _counting_attempt(work, application)
        if attempt is not None:
            moved[application.id] = _keep_scores(work, competition_id, application, attempt)
    act = act_on(work, happened_on)
    work.session.flush()
    move_applications(work, competition_id, list(moved), "enter_result", act)
    move_applications(work, competition_id, [a for a, passed in moved.items() if passed], "qualify", act)
    move_applications(work, competition_id, [a for a, passed in moved.items() if not passed], "stop_at_threshold", act)
    return len(moved)


def _counting_attempt(work: Work, application: Application) -> Attempt | None:
    """The candidate's finished attempt. More than one contradicts the rules and is left to a person."""
    finished = work.session.scalars(
        select(Attempt)
        .join(ExaminationForm, ExaminationForm.test_idnumber == Attempt.test_idnumber)
        .join(Seat, Seat.form_id == ExaminationForm.id)
        .where(
            Seat.application_id == application.id,
            Attempt.body_id == work.actor.body_id,
            Attempt.person_idnumber == str(application.person_id),
            Attempt.newest.is_(True),
            Attempt.deleted.is_(False),
            Attempt.state == FINISHED,
        )
    ).all()
    if len(finished) > 1:
        raise Refused("results.several_attempts", number=application.number, n=len(finished))
    return finished[0] if finished else None


def _keep_scores(work: Work, competition_id: UUID, application: Application, attempt: Attempt) -> bool:
    """Marks per block from the responses, against the candidate's own form; whether the threshold is reached."""
    form = {item.slot: item for item in _form_items(work, application)}
    responses = work.session.scalars(
        select(AttemptResponse).where(AttemptResponse.attempt_id == attempt.id).order_by(AttemptResponse.slot)
    ).all()
    marks: dict[str, list[Decimal]] = {}
    for response in responses:
        item = form.pop(response.slot, None)
        if item is None or (item.question_idnumber, item.version) != (
            response.question_idnumber,
            response.question_version,
        ):
            raise Refused("results.foreign_question", slot=response.slot, number=application.number)
        block = marks.setdefault(item.block, [Decimal(0), Decimal(0)])
        block[0] += response.mark or 0
        block[1] += response.maximum
    if form:
        raise Refused("results.question_missing", slot=min(form), number=application.number)
    for name, (mark, maximum) in marks.items():
        work.add(
            TestScore(application_id=application.id, block=name, mark=mark, maximum=maximum, attempt_id=attempt.id)
        )
    pack = pack_of(work.get(Competition, competition_id))
    scores = [BlockScore(name, mark, maximum) for name, (mark, maximum) in marks.items()]
    return passes(scores, [threshold.condition for threshold in pack.test.interview_if])


def _form_items(work: Work, application: Application) -> Sequence[FormItem]:
    return work.session.scalars(
        select(FormItem).join(Seat, Seat.form_id == FormItem.form_id).where(Seat.application_id == application.id)
    ).all()


def mark_no_shows(work: Work, competition_id: UUID, happened_on: date, reason: str) -> int:
    """Candidates who were told and have no attempt did not come; their place stays empty, nobody is blamed."""
    require(work, work.get(Competition, competition_id), "record_no_show")
    missing = [a.id for a in applications_of(work, competition_id, "notified") if _counting_attempt(work, a) is None]
    return move_applications(work, competition_id, missing, "miss", act_on(work, happened_on, reason=reason))
