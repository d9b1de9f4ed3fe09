"""Results of a test session: pulled page by page, kept as revisions, turned into scores and states."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import String, cast, delete, select

from flask_app.domain.canonical import digest
from flask_app.domain.errors import Refused
from flask_app.domain.identity import Actor
from flask_app.domain.scoring import BlockScore, Condition, passes, total
from flask_app.domain.workflow import Act
from flask_app.ports.failpoints import failpoint
from flask_app.ports.moodle import PulledAttempt, PulledResponse, ResultsPage
from flask_app.services import audit
from flask_app.services.applications import applications_of, move_applications, scores_of_all
from flask_app.services.competition_facts import pack_of
from flask_app.services.office import Office, Work
from flask_app.services.question_content import read_one
from flask_app.services.result_totals import (
    FINISHED,
    WITHOUT_PLUGIN,
    core_cursor_name,
    note_totals,
    outdated_applications,
    results_cursor_name,
    totals_of,
)
from flask_app.services.rights import require
from flask_app.services.test_sessions import session_of
from flask_app.services.transitions import act_on
from flask_app.store.base import EPOCH
from flask_app.store.locks import exclusive
from flask_app.store.models.applications import Application, TestScore
from flask_app.store.models.banks import QuestionRevision
from flask_app.store.models.procedures import Competition
from flask_app.store.models.results import Attempt, AttemptResponse, PullCursor
from flask_app.store.models.testing import ExaminationForm, FormItem, Seat, TestSession

NEEDS_GRADING = "needsgrading"
PARTLY = "partial"
"""How the states of partly right answers end: gradedpartial, mangrpartial."""
MARK_OF_A_QUESTION = Decimal(1)
"""Every question of a form is worth one mark (S003 L118: 60 questions, thresholds in shares of them)."""


@dataclass(frozen=True, slots=True)
class PullReport:
    """`new`: attempts seen for the first time; `revised`: regraded or deleted since; `total`: Moodle's own count.

    `unexplained`: finished attempts Moodle counts and the panel does not hold, or the other way round, and scores that
    rest on an attempt changed since; the journal has the alarm.
    """

    new: int
    revised: int
    pages: int
    total: int
    unexplained: int = 0


def pull_results(office: Office, actor: Actor, competition_id: UUID) -> PullReport:
    """Pull everything Moodle has since the last pull. Each page is one transaction together with its cursor.

    Interrupted anywhere, the next pull goes on after the last page that was kept. Raises `Refused("results.pulling")`
    while another pull of the session runs: an older page kept after a newer one would bring an old mark back.
    """
    with office.work(actor) as work:
        require(work, work.get(Competition, competition_id), "pull_results")
        session = session_of(work, competition_id)
        if session is None:
            raise Refused("competition.no_session")
        tests = _tests(work, session)
        what = results_cursor_name(session.code)
    with exclusive(office.sessions, f"{what}:{actor.body_id}") as alone:
        if not alone:
            raise Refused("results.pulling")
        report = _pull(office, actor, tests, what, competition_id)
        if _differs(office, actor, competition_id):
            report = _pull_afresh(office, actor, tests, what, report, competition_id)
        with office.work(actor) as work:
            session = session_of(work, competition_id)
            assert session is not None
            return replace(report, unexplained=note_totals(work, session).unexplained)


def pull_without_plugin(office: Office, actor: Actor, competition_id: UUID) -> PullReport:
    """The same through the functions every Moodle has: slower, all of it each time, and poorer records.

    What core does not tell stays 0 or empty and is named in the log. An attempt that is held already, and of which core
    tells nothing else, is left as it is. Raises as `pull_results`.
    """
    with office.work(actor) as work:
        require(work, work.get(Competition, competition_id), "pull_results")
        session = session_of(work, competition_id)
        if session is None:
            raise Refused("competition.no_session")
        tests, questions, course, code = _tests(work, session), _texts(work, session), session.course, session.code
    with exclusive(office.sessions, f"{results_cursor_name(code)}:{actor.body_id}") as alone:
        if not alone:
            raise Refused("results.pulling")
        core = office.moodle.without_plugin([course], questions, office.clock)
        report = _keep_all(office, actor, core_cursor_name(code), core.results(tests), _agrees, competition_id)
        with office.work(actor) as work:
            session = session_of(work, competition_id)
            assert session is not None
            lacking = {"attempts": report.total, "gaps": list(core.gaps)}
            audit.record(work, WITHOUT_PLUGIN, "test_session", session.id, after=lacking)
            return replace(report, unexplained=note_totals(work, session).unexplained)


def _texts(work: Work, session: TestSession) -> list[tuple[str, str]]:
    """(text, idnumber) of the questions of the sitting's forms, in the very version that was drawn."""
    rows = work.session.execute(
        select(QuestionRevision.idnumber, QuestionRevision.source)
        .join(
            FormItem,
            (FormItem.question_idnumber == QuestionRevision.idnumber)
            & (FormItem.content_hash == QuestionRevision.content_hash),
        )
        .join(ExaminationForm, ExaminationForm.id == FormItem.form_id)
        .where(ExaminationForm.session_id == session.id, QuestionRevision.body_id == work.actor.body_id)
        .distinct()
    )
    return [(read_one(source).text, idnumber) for idnumber, source in rows]


def _differs(office: Office, actor: Actor, competition_id: UUID) -> bool:
    with office.work(actor) as work:
        session = session_of(work, competition_id)
        assert session is not None
        return totals_of(work, session).difference != 0


def _pull_afresh(
    office: Office, actor: Actor, tests: Sequence[str], what: str, first: PullReport, competition_id: UUID
) -> PullReport:
    """Moodle counts other attempts than have come: read everything once more from the beginning. What is known already
    makes no new revision."""
    with office.work(actor) as work:
        keep_cursor(work, what).cursor = ""
    again = _pull(office, actor, tests, what, competition_id)
    return PullReport(first.new + again.new, first.revised + again.revised, first.pages + again.pages, again.total)


def _pull(
    office: Office, actor: Actor, tests: Sequence[str], what: str, competition_id: UUID | None = None
) -> PullReport:
    with office.work(actor) as work:
        cursor = keep_cursor(work, what).cursor
    return _keep_all(office, actor, what, office.moodle.results(tests, cursor), of=competition_id)


Agrees = Callable[[Attempt, Sequence[AttemptResponse], PulledAttempt], bool]


def _keep_all(
    office: Office,
    actor: Actor,
    what: str,
    found: Iterable[ResultsPage],
    agrees: Agrees | None = None,
    of: UUID | None = None,
) -> PullReport:
    """`of`: the competition, which is not put off between two pages without the pull seeing it."""
    new = revised = pages = counted = 0
    for page in found:
        failpoint("pull.before_page")
        with office.work(actor) as work:
            if of is not None:
                require(work, work.get(Competition, of, lock=True), "pull_results")
            added, changed = keep_page(work, what, page, agrees)
            failpoint("pull.inside_page")
        failpoint("pull.between_pages")
        new, revised, pages, counted = new + added, revised + changed, pages + 1, page.total
    return PullReport(new, revised, pages, counted)


def _tests(work: Work, session: TestSession) -> list[str]:
    return list(
        work.session.scalars(
            select(ExaminationForm.test_idnumber)
            .where(ExaminationForm.session_id == session.id)
            .order_by(ExaminationForm.test_idnumber)
        )
    )


def keep_cursor(work: Work, what: str) -> PullCursor:
    """The row of one pull, locked; without a cursor and dated 1970 before the first page was kept."""
    row = work.session.scalar(
        select(PullCursor).where(PullCursor.body_id == work.actor.body_id, PullCursor.what == what).with_for_update()
    )
    if row is None:
        row = PullCursor(what=what, cursor="", total=0, pulled_at=EPOCH)
        work.add(row)
        work.session.flush()
    return row


def keep_page(work: Work, what: str, page: ResultsPage, agrees: Agrees | None = None) -> tuple[int, int]:
    """Keep one page and its cursor; returns (new attempts, new revisions of known ones).

    `agrees`: whether another record of a known attempt says nothing else; without it, no other record does.
    """
    row = keep_cursor(work, what)
    known = _newest(work, page.attempts)
    held = _answers_of(work, known.values()) if agrees else {}
    new = revised = 0
    for pulled in page.attempts:
        present = known.get((pulled.test, pulled.attemptid))
        content = digest(pulled)
        if present is not None and present.content_hash == content:
            continue
        if present is not None and agrees is not None and agrees(present, held.get(present.id, ()), pulled):
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


def _answers_of(work: Work, attempts: Iterable[Attempt]) -> Mapping[UUID, Sequence[AttemptResponse]]:
    found: dict[UUID, list[AttemptResponse]] = defaultdict(list)
    for response in work.session.scalars(
        select(AttemptResponse).where(AttemptResponse.attempt_id.in_([attempt.id for attempt in attempts]))
    ):
        found[response.attempt_id].append(response)
    return found


def _agrees(present: Attempt, answers: Sequence[AttemptResponse], pulled: PulledAttempt) -> bool:
    """Whether core tells nothing else of a known attempt: it tells less than the plugin, and less is not other.

    The mark of the attempt is exact, that of a partly right answer is rounded (`core.mark_rounded`) and not compared.
    Which question in which version counts where it is told: what was unknown before is then filled in.
    """
    held = (present.state, present.deleted, present.finished_at, present.mark)
    told = (pulled.state, pulled.deleted, pulled.timefinish, _decimal(pulled.mark))
    by_slot = {answer.slot: answer for answer in answers}
    return (
        held == told
        and set(by_slot) == {response.slot for response in pulled.responses}
        and all(_answer_agrees(by_slot[response.slot], response) for response in pulled.responses)
    )


def _answer_agrees(held: AttemptResponse, told: PulledResponse) -> bool:
    same_mark = told.state.endswith(PARTLY) or held.mark == _decimal(told.mark)
    same_question = told.idnumber in ("", held.question_idnumber) and told.version in (0, held.question_version)
    return held.state == told.state and same_mark and same_question


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

    Called again after a regrade, it corrects the scores that rest on an older revision, and carries a candidate over
    the threshold where the correction does. Raises `Refused`: results.several_attempts, results.foreign_question,
    results.question_missing, results.not_marked, results.maximum_differs.
    """
    competition = work.get(Competition, competition_id)
    require(work, competition, "pull_results")
    thresholds = [threshold.condition for threshold in pack_of(competition).test.interview_if]
    moved = _enter_new(work, competition_id, thresholds, act_on(work, happened_on))
    return moved + _correct(work, competition_id, thresholds, act_on(work, happened_on))


def _enter_new(work: Work, competition_id: UUID, thresholds: Sequence[Condition], act: Act) -> int:
    waiting = applications_of(work, competition_id, "notified")
    attempts = counting_attempts(work, waiting)
    sat = [application for application in waiting if application.id in attempts]
    scores = _scores(work, sat, attempts)
    for application in sat:
        _keep_scores(work, application.id, scores[application.id], attempts[application.id].id)
    work.session.flush()
    passed = [a.id for a in sat if passes(scores[a.id], thresholds)]
    failed = [a.id for a in sat if a.id not in set(passed)]
    move_applications(work, competition_id, [a.id for a in sat], "enter_result", act)
    move_applications(work, competition_id, passed, "qualify", act)
    move_applications(work, competition_id, failed, "stop_at_threshold", act)
    return len(sat)


def _correct(work: Work, competition_id: UUID, thresholds: Sequence[Condition], act: Act) -> int:
    """Scores that rest on a revision which is no longer the newest, taken from the one that is."""
    outdated = outdated_applications(work, competition_id)
    attempts = counting_attempts(work, outdated)
    regraded = [application for application in outdated if application.id in attempts]
    scores = _scores(work, regraded, attempts)
    before = scores_of_all(work, competition_id)
    work.session.execute(delete(TestScore).where(TestScore.application_id.in_([a.id for a in regraded])))
    for application in regraded:
        _keep_scores(work, application.id, scores[application.id], attempts[application.id].id)
        figures = {"before": total(before[application.id]).mark, "after": total(scores[application.id]).mark}
        audit.record(work, "result.corrected", "application", application.id, {}, figures)
    work.session.flush()
    steps = {"below_threshold": "lift", "qualified": "drop"}
    crossed = [a for a in regraded if passes(scores[a.id], thresholds) != (a.state == "qualified")]
    for application in crossed:
        attempt = attempts[application.id]
        reason = f"Moodle {attempt.moodle_attempt}/{attempt.revision}"
        why = Act(act.happened_on, act.recorded_at, act.evidence, reason)
        move_applications(work, competition_id, [application.id], steps[application.state], why)
    return len(crossed)


def counting_attempts(work: Work, applications: Sequence[Application]) -> Mapping[UUID, Attempt]:
    """Each candidate's finished attempt. More than one contradicts the rules and is left to a person."""
    rows = work.session.execute(
        select(Application.id, Attempt)
        .join(Seat, Seat.application_id == Application.id)
        .join(ExaminationForm, ExaminationForm.id == Seat.form_id)
        .join(Attempt, Attempt.test_idnumber == ExaminationForm.test_idnumber)
        .where(
            Application.id.in_([application.id for application in applications]),
            Attempt.body_id == work.actor.body_id,
            Attempt.person_idnumber == cast(Application.person_id, String),
            Attempt.newest.is_(True),
            Attempt.deleted.is_(False),
            Attempt.state == FINISHED,
        )
    )
    found: dict[UUID, list[Attempt]] = defaultdict(list)
    for application_id, attempt in rows:
        found[application_id].append(attempt)
    for application in applications:
        if len(found[application.id]) > 1:
            raise Refused("results.several_attempts", number=application.number, n=len(found[application.id]))
    return {application_id: attempts[0] for application_id, attempts in found.items() if attempts}


def _scores(
    work: Work, applications: Sequence[Application], attempts: Mapping[UUID, Attempt]
) -> dict[UUID, list[BlockScore]]:
    """Marks per block from the responses, against each candidate's own form."""
    items: dict[UUID, list[FormItem]] = defaultdict(list)
    for application_id, item in work.session.execute(
        select(Seat.application_id, FormItem)
        .join(FormItem, FormItem.form_id == Seat.form_id)
        .where(Seat.application_id.in_(list(attempts)))
    ):
        items[application_id].append(item)
    responses: dict[UUID, list[AttemptResponse]] = defaultdict(list)
    for response in work.session.scalars(
        select(AttemptResponse)
        .where(AttemptResponse.attempt_id.in_([attempt.id for attempt in attempts.values()]))
        .order_by(AttemptResponse.attempt_id, AttemptResponse.slot)
    ):
        responses[response.attempt_id].append(response)
    return {a.id: _block_scores(a, items[a.id], responses[attempts[a.id].id]) for a in applications}


def _block_scores(
    application: Application, items: Iterable[FormItem], responses: Iterable[AttemptResponse]
) -> list[BlockScore]:
    form = {item.slot: item for item in items}
    marks: dict[str, list[Decimal]] = {}
    for response in responses:
        item = form.pop(response.slot, None)
        _check_response(application, item, response)
        assert item is not None
        block = marks.setdefault(item.block, [Decimal(0), Decimal(0)])
        block[0] += response.mark or 0
        block[1] += response.maximum
    if form:
        raise Refused("results.question_missing", slot=min(form), number=application.number)
    return [BlockScore(name, mark, maximum) for name, (mark, maximum) in marks.items()]


def _check_response(application: Application, item: FormItem | None, response: AttemptResponse) -> None:
    """An answer counts only for the very question and version of the form, marked, and worth what it was given."""
    there = (response.question_idnumber, response.question_version)
    slot, number = response.slot, application.number
    if response.entryid == 0:
        _check_told(application, response)
    if item is None or (item.question_idnumber, item.version) != there:
        raise Refused("results.foreign_question", slot=slot, number=number)
    if response.state == NEEDS_GRADING:
        raise Refused("results.not_marked", slot=slot, number=number)
    if response.maximum != MARK_OF_A_QUESTION:
        raise Refused("results.maximum_differs", slot=slot, number=number, maximum=response.maximum)


def _check_told(application: Application, response: AttemptResponse) -> None:
    """An answer that came without the plugin: what core left out is not guessed."""
    slot, number = response.slot, application.number
    if not response.question_idnumber:
        raise Refused("results.question_untold", slot=slot, number=number)
    if response.question_version == 0:
        raise Refused("results.version_untold", slot=slot, number=number)
    if response.state.endswith(PARTLY):
        raise Refused("results.mark_rounded", slot=slot, number=number)


def _keep_scores(work: Work, application_id: UUID, scores: Iterable[BlockScore], attempt_id: UUID) -> None:
    for score in scores:
        work.add(
            TestScore(
                application_id=application_id,
                block=score.block,
                mark=score.mark,
                maximum=score.maximum,
                attempt_id=attempt_id,
            )
        )
