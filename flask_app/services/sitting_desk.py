"""What the pages of a test sitting show: its day, forms and seats, what stands in Moodle, results by person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from flask_app.domain.deadlines import last_day_before
from flask_app.domain.errors import NotFound, NotPermitted, Refused
from flask_app.domain.rule_pack import RulePack, Threshold
from flask_app.domain.scoring import BlockScore, Judged, judge, total
from flask_app.domain.workflow import Offer
from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.competition import CompetitionFacts
from flask_app.domain.workflows.document import OVER as DOCUMENTS_OVER
from flask_app.ports.moodle import Wanted
from flask_app.services.applications import practical_seen, scores_of_all
from flask_app.services.competition_facts import pack_of
from flask_app.services.facts_of_many.competitions import competition_facts_of
from flask_app.services.job_desk import JobRow, jobs_of
from flask_app.services.listing import Slice, read_page
from flask_app.services.local_time import LocalTime, local_time
from flask_app.services.office import Work
from flask_app.services.result_totals import (
    FINISHED,
    absent_yet_sat,
    core_cursor_name,
    cursor_names,
    gaps_of,
    handed_in_on_form,
    poorer_attempts,
)
from flask_app.services.rights import roles_on
from flask_app.services.session_moves import Move, moves_of
from flask_app.services.synchronisation import SYNCERS
from flask_app.services.test_languages import LanguageChoices, language_choices
from flask_app.services.test_sessions import OUT, SEATED, wanted_session
from flask_app.services.transitions import offered
from flask_app.services.visibility import seats_of, visible_competitions
from flask_app.store.models.applications import Application, PracticalResult
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition
from flask_app.store.models.results import Attempt, PullCursor
from flask_app.store.models.testing import ExaminationForm, FormItem, Seat, TestSession
from flask_app.store.rule_packs import work_calendar

WORKFLOW = WORKFLOWS["competition"]
STATES = ("screening", "testing", "interviewing", "voting", "decided", "appointed", "no_winner", "repeat_decision")
"""A sitting is prepared from the screening on; its results stay to be read."""
OVER = DOCUMENTS_OVER["competition"]
"""Nothing more is done; a sitting there was stays to be read (for how long is not in the rules: unverified)."""

NO_PLUGIN = frozenset({"moodle.plugin_missing", "moodle.accessexception"})
"""Why a pull ended: the plugin is not there, or its functions are not in the service of the panel's key."""


def push_key(competition_id: UUID) -> str:
    return f"push-session:{competition_id}"


def pull_key(competition_id: UUID) -> str:
    return f"pull-results:{competition_id}"


def poor_pull_key(competition_id: UUID) -> str:
    """Of the pull without the plugin: another job, that must not be taken for the one that tells everything."""
    return f"pull-without-plugin:{competition_id}"


def job_keys(competition_id: UUID) -> tuple[str, ...]:
    return push_key(competition_id), pull_key(competition_id), poor_pull_key(competition_id)


@dataclass(frozen=True, slots=True)
class FormRow:
    """One examination form: variant (from 0) and language, how many questions, how many candidates sit it."""

    test: str
    variant: int
    language: str
    questions: int
    seats: int


@dataclass(frozen=True, slots=True)
class SitterRow:
    """A candidate of the sitting. `seat` None before the forms are drawn; `handed_in`: the panel holds the attempt."""

    id: UUID
    number: int
    name: str
    state: str
    seat: int | None
    test: str
    language: str
    practical: tuple[Decimal, Decimal] | None
    handed_in: bool

    @property
    def practical_seen(self) -> str:
        """What the page shows of the practical mark; empty without one."""
        return "" if self.practical is None else practical_seen(*self.practical)


@dataclass(frozen=True, slots=True)
class Totals:
    """Control totals: attempts Moodle counted at the last pull, attempts the panel holds, what is left unexplained.

    `gaps`: codes of what the last pull could not be told, when it went without the plugin.
    """

    pulled_at: datetime
    in_moodle: int
    held: int
    unexplained: int
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sitting:
    """Everything the page of one sitting shows. `choices`: languages of those without a form, while it is prepared."""

    competition: Competition
    pack: RulePack
    roles: frozenset[str]
    today: date
    now: datetime
    session: TestSession | None
    starts_at: datetime | None
    ends_at: datetime | None
    pushed_at: datetime | None
    forms: tuple[FormRow, ...]
    sitters: tuple[SitterRow, ...]
    absent_yet_sat: tuple[SitterRow, ...]
    totals: Totals | None
    jobs: tuple[JobRow, ...]
    moves: tuple[Move, ...]
    choices: LanguageChoices | None
    offers: tuple[Offer, ...]
    may_sync: bool

    def may(self, action: str) -> bool:
        """Whether the actor may do this in the present state, by the map that enforces it."""
        return WORKFLOW.permits(action, self.competition.state, self.roles)

    def offer(self, transition: str) -> Offer | None:
        return next((offer for offer in self.offers if offer.transition.id == transition), None)

    def sitter(self, application_id: UUID) -> SitterRow:
        """Raises `NotFound` for somebody who is no candidate of this competition."""
        for row in self.sitters:
            if row.id == application_id:
                return row
        raise NotFound("object.unknown", type="Application")

    def in_state(self, *states: str) -> tuple[SitterRow, ...]:
        return tuple(row for row in self.sitters if row.state in states)

    @property
    def to_seat(self) -> tuple[SitterRow, ...]:
        """Who will get a seat when the forms are drawn."""
        return self.in_state(*SEATED)

    @property
    def results_are_in(self) -> bool:
        """Everybody who was told of the test has a result or is noted as absent, and nothing waits to be explained."""
        waiting = self.in_state("admitted", "notified", "tested") or self.absent_yet_sat
        return not waiting and self.totals is not None and not self.totals.unexplained

    @property
    def missing(self) -> tuple[SitterRow, ...]:
        """Who was told of the test and has not handed in an attempt."""
        return tuple(row for row in self.in_state("notified") if not row.handed_in)

    @property
    def without_practical(self) -> tuple[SitterRow, ...]:
        return tuple(row for row in self.in_state("qualified") if row.practical is None)

    @property
    def running(self) -> JobRow | None:
        return next((job for job in self.jobs if job.open), None)

    @property
    def lacks_plugin(self) -> bool:
        """Whether the last pull found no plugin, or went without it: then it may go without it (again)."""
        refused = any(job.task == "pull_results" and job.message_code in NO_PLUGIN for job in self.jobs)
        return refused or bool(self.totals and self.totals.gaps)

    @property
    def last_notice(self) -> date | None:
        """The last day on which a notice is early enough for the test."""
        notice = self.pack.test.notice
        if self.starts_at is None:
            return None
        return last_day_before(self.starts_at.date(), notice.term, work_calendar(self.pack.jurisdiction))

    @property
    def over(self) -> bool:
        return self.ends_at is not None and self.ends_at <= self.now


@dataclass(frozen=True, slots=True)
class SittingRow:
    """A competition in the list of sittings."""

    id: UUID
    code: str
    title: Mapping[str, str]
    state: str
    starts_at: datetime | None


def sittings(work: Work, page: int) -> Slice[SittingRow]:
    """Competitions that have, had or may have a sitting and that the actor may view, the next ones first."""
    query = (
        select(Competition.id, Competition.code, Competition.title, Competition.state, TestSession.starts_at)
        .outerjoin(TestSession, TestSession.competition_id == Competition.id)
        .where(
            visible_competitions(work, seats_of(work)),
            or_(Competition.state.in_(STATES), and_(Competition.state.in_(OVER), TestSession.id.is_not(None))),
        )
        .order_by(Competition.state.not_in(("screening", "testing")), Competition.created_at.desc())
    )
    rows, number, page = read_page(work.session, query, page)
    here = local_time(work)
    return Slice(
        tuple(SittingRow(row.id, row.code, row.title, row.state, _at(here, row.starts_at)) for row in rows),
        number,
        page,
    )


def sitting_of(work: Work, competition_id: UUID) -> Sitting:
    """Raises `NotFound` for an unknown competition, another body's, a hidden one, one before its screening, and one
    that is over without a sitting.
    """
    competition, session, roles = _found(work, competition_id)
    here = local_time(work)
    facts = competition_facts_of(work, [competition])[competition.id]
    unexplained = 0 if facts.session is None else facts.session.unexplained
    sitters = _sitters(work, competition_id)
    return Sitting(
        competition=competition,
        pack=pack_of(competition),
        roles=roles,
        today=here.today,
        now=here.at(work.now),
        session=session,
        starts_at=None if session is None else here.at(session.starts_at),
        ends_at=None if session is None else here.at(session.ends_at),
        pushed_at=None if session is None else _at(here, session.pushed_at),
        forms=() if session is None else _forms(work, session),
        sitters=sitters,
        absent_yet_sat=_absent_yet_sat(work, competition_id, facts, sitters),
        totals=None if session is None else _totals(work, here, session, unexplained),
        jobs=jobs_of(work, job_keys(competition_id)),
        choices=language_choices(work, competition_id) if competition.state == "screening" else None,
        moves=() if session is None else moves_of(work, here, session),
        offers=offered(work, competition, here.today, facts),
        may_sync=_may_sync(work, competition),
    )


def _at(here: LocalTime, moment: datetime | None) -> datetime | None:
    return None if moment is None else here.at(moment)


def _found(work: Work, competition_id: UUID) -> tuple[Competition, TestSession | None, frozenset[str]]:
    found = work.session.execute(
        select(Competition, TestSession)
        .outerjoin(TestSession, TestSession.competition_id == Competition.id)
        .where(Competition.id == competition_id, Competition.body_id == work.actor.body_id)
    ).one_or_none()
    if found is None:
        raise NotFound("object.unknown", type="Competition")
    competition, session = found
    roles = roles_on(work, competition)
    shown = competition.state in STATES or (competition.state in OVER and session is not None)
    if not shown or not WORKFLOW.permits("view", competition.state, roles):
        raise NotFound("object.unknown", type="Competition")
    return competition, session, roles


def _may_sync(work: Work, competition: Competition) -> bool:
    """Once the competition is over nothing more is brought to Moodle."""
    return competition.state not in OVER and bool(work.actor.roles & SYNCERS)


def _forms(work: Work, session: TestSession) -> tuple[FormRow, ...]:
    questions = select(func.count(FormItem.id)).where(FormItem.form_id == ExaminationForm.id).scalar_subquery()
    seats = select(func.count(Seat.id)).where(Seat.form_id == ExaminationForm.id).scalar_subquery()
    rows = work.session.execute(
        select(ExaminationForm.test_idnumber, ExaminationForm.variant, ExaminationForm.language, questions, seats)
        .where(ExaminationForm.session_id == session.id)
        .order_by(ExaminationForm.variant, ExaminationForm.language)
    )
    return tuple(FormRow(*row) for row in rows)


def _sitters(work: Work, competition_id: UUID) -> tuple[SitterRow, ...]:
    rows = work.session.execute(
        select(Application.id, Application.number, Application.state, Person.name, Person.language)
        .add_columns(Seat.number, ExaminationForm.test_idnumber, ExaminationForm.language)
        .add_columns(PracticalResult.mark, PracticalResult.maximum, handed_in_on_form())
        .join(Person, Person.id == Application.person_id)
        .outerjoin(Seat, Seat.application_id == Application.id)
        .outerjoin(ExaminationForm, ExaminationForm.id == Seat.form_id)
        .outerjoin(PracticalResult, PracticalResult.application_id == Application.id)
        .where(Application.competition_id == competition_id, Application.state.not_in(OUT))
        .order_by(Application.number)
    )
    return tuple(
        SitterRow(
            id_,
            number,
            name,
            state,
            seat,
            test or "",
            written or spoken,
            None if mark is None else (mark, maximum),
            sat,
        )
        for id_, number, state, name, spoken, seat, test, written, mark, maximum, sat in rows
    )


def _absent_yet_sat(
    work: Work, competition_id: UUID, facts: CompetitionFacts, sitters: Sequence[SitterRow]
) -> tuple[SitterRow, ...]:
    if facts.session is None or not facts.session.absent_yet_sat:
        return ()
    found = {application.id for application in absent_yet_sat(work, competition_id)}
    return tuple(row for row in sitters if row.id in found)


def _totals(work: Work, here: LocalTime, session: TestSession, unexplained: int) -> Totals | None:
    tests = select(ExaminationForm.test_idnumber).where(ExaminationForm.session_id == session.id)
    held = (
        select(func.count(Attempt.id))
        .where(
            Attempt.test_idnumber.in_(tests),
            Attempt.body_id == work.actor.body_id,
            Attempt.newest.is_(True),
            Attempt.deleted.is_(False),
            Attempt.state == FINISHED,
        )
        .scalar_subquery()
    )
    row = work.session.execute(
        select(PullCursor.pulled_at, PullCursor.total, held, PullCursor.what)
        .where(PullCursor.body_id == work.actor.body_id, PullCursor.what.in_(cursor_names(session.code)))
        .order_by(PullCursor.pulled_at.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    gaps = gaps_of(work, session) if row[3] == core_cursor_name(session.code) else ()
    return Totals(here.at(row[0]), row[1], row[2], unexplained, gaps)


def wanted_of(work: Work, competition_id: UUID) -> Wanted:
    """What the sitting should be in Moodle. Raises `Refused("competition.no_session", "competition.forms_not_drawn")`,
    `NotPermitted` for somebody who may not bring it there.
    """
    competition, session, _ = _found(work, competition_id)
    if not _may_sync(work, competition):
        raise NotPermitted(
            "workflow.action_not_permitted", action="sync", state=competition.state, workflow="competition"
        )
    rule = pack_of(competition).rule(pack_of(competition).test)
    if session is None:
        raise Refused("competition.no_session", rule)
    wanted = wanted_session(work, session)
    if not wanted.tests:
        raise Refused("competition.forms_not_drawn", rule)
    return wanted


# -- results -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One candidate's result: marks by block in the order of the rules, and each threshold with its figures."""

    sitter: SitterRow
    blocks: tuple[BlockScore | None, ...]
    sum: BlockScore
    interview: tuple[Judged, ...]
    reserve: tuple[Judged, ...]

    @property
    def known(self) -> bool:
        return self.sum.maximum > 0


@dataclass(frozen=True, slots=True)
class Results:
    """`poorer`: how many attempts came without the plugin. `gaps`: codes of what they lack."""

    competition: Competition
    pack: RulePack
    rows: tuple[ResultRow, ...]
    may_open_answers: bool
    poorer: int
    gaps: tuple[str, ...]


def results_of(work: Work, competition_id: UUID) -> Results:
    """Raises `NotFound` as `sitting_of`. Everybody who was let to the test, in order of registration."""
    competition, session, roles = _found(work, competition_id)
    pack, scores = pack_of(competition), scores_of_all(work, competition_id)
    poorer = 0 if session is None else poorer_attempts(work, session)
    gaps = gaps_of(work, session) if session is not None and poorer else ()
    rows = tuple(
        _result(pack, sitter, scores.get(sitter.id, ()))
        for sitter in _sitters(work, competition_id)
        if sitter.state not in ("received", "registered", "under_screening")
    )
    return Results(competition, pack, rows, opens_answers(competition, roles), poorer, gaps)


def opens_answers(competition: Competition, roles: frozenset[str]) -> bool:
    """Answers of a person are open to whoever takes the results in."""
    return WORKFLOW.permits("pull_results", competition.state, roles)


def _result(pack: RulePack, sitter: SitterRow, scores: Sequence[BlockScore]) -> ResultRow:
    by_block = {score.block: score for score in scores}
    return ResultRow(
        sitter,
        tuple(by_block.get(block.id) for block in pack.test.blocks),
        total(scores),
        _judged(scores, pack.test.interview_if),
        _judged(scores, pack.test.reserve_if),
    )


def _judged(scores: Sequence[BlockScore], thresholds: Sequence[Threshold]) -> tuple[Judged, ...]:
    return judge(scores, [threshold.condition for threshold in thresholds])
