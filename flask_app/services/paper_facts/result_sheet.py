"""Facts of D11, the test result sheet."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.canonical import digest
from flask_app.domain.errors import Refused
from flask_app.domain.rule_pack import RulePack, Threshold
from flask_app.domain.scoring import BlockScore, passes, percent, total
from flask_app.ports.paper import AppliedRule, ResultRow, TestResultSheet
from flask_app.services.applications import scores_of_all
from flask_app.services.commissions import members_of
from flask_app.services.competition_facts import pack_of
from flask_app.services.meetings import meeting_of
from flask_app.services.office import Work
from flask_app.services.paper_facts.candidates import candidate_names
from flask_app.services.paper_facts.frame import applied, both, frame_of, pair
from flask_app.services.test_sessions import session_of
from flask_app.store.models.applications import Application, TestScore
from flask_app.store.models.documents import Document
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition, Position
from flask_app.store.models.results import Attempt
from flask_app.store.models.testing import ExaminationForm, Seat, TestSession


def result_sheet(work: Work, document: Document) -> TestResultSheet:
    competition = work.get(Competition, document.subject_id)
    pack = pack_of(competition)
    session = session_of(work, competition.id)
    if session is None:
        raise Refused("competition.no_session", pack.rule(pack.test))
    rows = _rows(work, competition, pack)
    chair, secretary = _names_of(work, competition, "chair"), _names_of(work, competition, "secretary")
    return TestResultSheet(
        frame=frame_of(work, document, pack),
        position=both(work.get(Position, competition.position_id).title),
        session_on=work.local_date(session.starts_at),
        session_place=both(session.place),
        block_names=tuple(pair(block.title) for block in pack.test.blocks),
        pass_percent=_percent(pack.test.interview_if),
        reserve_percent=_percent(pack.test.reserve_if),
        rows=rows,
        bank_versions=_bank_versions(session),
        selection_seed=session.seed,
        attempts_sha256=_attempts_hash(work, session),
        proctor=session.proctor,
        secretary=secretary,
        chair=chair,
        rules=_rules(pack),
    )


def _percent(thresholds: tuple[Threshold, ...]) -> int:
    return next((t.min_percent for t in thresholds if t.scope == "total" and t.min_percent is not None), 0)


def _rules(pack: RulePack) -> tuple[AppliedRule, ...]:
    interview, reserve = pack.test.interview_if[0], pack.test.reserve_if[0]
    return (
        applied(pack, interview, "rule_interview", percent=interview.min_percent),
        applied(pack, reserve, "rule_reserve", percent=reserve.min_percent),
    )


def _bank_versions(session: TestSession) -> tuple[str, ...]:
    return tuple(f"{code} {hash_[:12]}" for code, hash_ in sorted(session.bank_hashes.items()))


def _attempts_hash(work: Work, session: TestSession) -> str:
    tests = select(ExaminationForm.test_idnumber).where(ExaminationForm.session_id == session.id)
    hashes = work.session.scalars(
        select(Attempt.content_hash)
        .where(Attempt.body_id == work.actor.body_id, Attempt.newest.is_(True), Attempt.test_idnumber.in_(tests))
        .order_by(Attempt.test_idnumber, Attempt.moodle_attempt)
    ).all()
    return digest(hashes)


def _names_of(work: Work, competition: Competition, role: str) -> str:
    if competition.commission_id is None:
        return ""
    meeting = meeting_of(work, competition.id)
    people = [m.person_id for m in members_of(work, competition.commission_id, meeting) if m.role == role]
    return ", ".join(work.get(Person, person_id).name for person_id in people)


def _rows(work: Work, competition: Competition, pack: RulePack) -> tuple[ResultRow, ...]:
    """Everybody who was told of the test, by the order of the alphabet."""
    seats = work.session.execute(
        select(Application, ExaminationForm)
        .join(Seat, Seat.application_id == Application.id)
        .join(ExaminationForm, ExaminationForm.id == Seat.form_id)
        .join(Person, Person.id == Application.person_id)
        .where(Application.competition_id == competition.id)
        .order_by(Person.sort_key, Application.number)
    )
    scores, attempts = scores_of_all(work, competition.id), _attempts(work, competition.id)
    names = candidate_names(work, competition.id)
    return tuple(
        _row(work, names[application.id], form, pack, scores.get(application.id, []), attempts.get(application.id))
        for application, form in seats
    )


def _row(
    work: Work, name: str, form: ExaminationForm, pack: RulePack, got: list[BlockScore], attempt: Attempt | None
) -> ResultRow:
    scores = {score.block: score for score in got}
    ordered = [scores.get(b.id, BlockScore(b.id, Decimal(0), Decimal(b.count))) for b in pack.test.blocks]
    everything = total(ordered)
    return ResultRow(
        name=name,
        blocks=tuple((whole(score.mark), whole(score.maximum)) for score in ordered),
        total=whole(everything.mark),
        maximum=whole(everything.maximum),
        percent=str(percent(everything.mark, everything.maximum)),
        passed=bool(scores) and passes(ordered, [t.condition for t in pack.test.interview_if]),
        reserve_eligible=bool(scores) and passes(ordered, [t.condition for t in pack.test.reserve_if]),
        form_code=f"{form.variant + 1}-{form.language}",
        attempt_id=attempt.moodle_attempt if attempt else None,
        finished_at=work.local(attempt.finished_at) if attempt and attempt.finished_at else None,
        present=attempt is not None,
    )


def whole(mark: Decimal) -> int:
    """A sheet counts right answers. Raises `Refused` for a part of a mark, which Moodle's teachers can give by hand."""
    if mark != mark.to_integral_value():
        raise Refused("results.part_of_a_mark", mark=mark)
    return int(mark)


def _attempts(work: Work, competition_id: UUID) -> dict[UUID, Attempt]:
    """The attempt that each candidate's score was taken from."""
    rows = work.session.execute(
        select(TestScore.application_id, Attempt)
        .join(Attempt, Attempt.id == TestScore.attempt_id)
        .join(Application, Application.id == TestScore.application_id)
        .where(Application.competition_id == competition_id)
    )
    return {application_id: attempt for application_id, attempt in rows}  # noqa: C416 - a result has keys of its own
