"""Applications: registered, screened, told of the test, and carried through its stages.

Bulk steps take every application through the same guard as a single one; one refusal stops the whole step, so that a
list is never half done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import InvalidInput, VersionConflict
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.scoring import BlockScore, Condition, passes
from flask_app.domain.workflow import Act
from flask_app.domain.workflows.application import CandidacyFacts
from flask_app.services import audit
from flask_app.services.competition_facts import pack_of
from flask_app.services.office import Work
from flask_app.services.recusal_facts import recused_members
from flask_app.services.rights import require, roles_on
from flask_app.services.transitions import take_step
from flask_app.store.models.applications import Application, PracticalResult, TestScore
from flask_app.store.models.commissions import InterviewMark, Meeting
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition
from flask_app.store.models.testing import TestSession
from flask_app.store.rule_packs import work_calendar


def applications_of(work: Work, competition_id: UUID, *states: str) -> list[Application]:
    """The competition's applications in order of registration, in the given states (none given = all)."""
    query = select(Application).where(
        Application.competition_id == competition_id, Application.body_id == work.actor.body_id
    )
    if states:
        query = query.where(Application.state.in_(states))
    return list(work.session.scalars(query.order_by(Application.number)))


def scores_of(work: Work, application_id: UUID) -> list[BlockScore]:
    """The candidate's marks per block; empty before the result is entered."""
    rows = work.session.scalars(
        select(TestScore).where(TestScore.application_id == application_id).order_by(TestScore.block)
    )
    return [BlockScore(row.block, row.mark, row.maximum) for row in rows]


def scores_of_all(work: Work, competition_id: UUID, *states: str) -> dict[UUID, list[BlockScore]]:
    """Marks per block of everybody who has any and is in the given states (none given = all), by application; in one
    query.
    """
    query = (
        select(TestScore.application_id, TestScore.block, TestScore.mark, TestScore.maximum)
        .join(Application, Application.id == TestScore.application_id)
        .where(Application.competition_id == competition_id, Application.body_id == work.actor.body_id)
    )
    if states:
        query = query.where(Application.state.in_(states))
    rows = work.session.execute(query.order_by(TestScore.application_id, TestScore.block))
    scores: dict[UUID, list[BlockScore]] = {}
    for row in rows:
        scores.setdefault(row.application_id, []).append(BlockScore(row.block, row.mark, row.maximum))
    return scores


@dataclass(frozen=True, slots=True)
class _Background:
    """What one application's rules need from around it, read once for a whole list."""

    pack: RulePack
    competition_state: str
    stage_since: date | None
    session_on: date | None
    scores: dict[UUID, list[BlockScore]]
    practical: frozenset[UUID]
    marks: dict[UUID, int]
    recused: Mapping[UUID, frozenset[UUID]]
    vote_counted: bool
    winner: UUID | None

    def facts(self, application: Application) -> CandidacyFacts:
        scores = self.scores.get(application.id)
        return CandidacyFacts(
            pack=self.pack,
            calendar=work_calendar(self.pack.jurisdiction),
            competition_state=self.competition_state,
            stage_since=self.stage_since,
            refusal_ground=application.refusal_ground,
            session_on=self.session_on,
            reaches_interview=self._passes(scores, [t.condition for t in self.pack.test.interview_if]),
            reaches_reserve=self._passes(scores, [t.condition for t in self.pack.test.reserve_if]),
            practical_done=application.id in self.practical,
            marks=self.marks.get(application.id, 0),
            recusals=len(self.recused.get(application.id, ())),
            is_winner=application.id == self.winner,
            vote_counted=self.vote_counted,
            decision_taken=self.vote_counted and self.competition_state == "decided",
        )

    @staticmethod
    def _passes(scores: list[BlockScore] | None, conditions: Iterable[Condition]) -> bool | None:
        return None if scores is None else passes(scores, conditions)


def _background(work: Work, competition: Competition) -> _Background:
    of_this = select(Application.id).where(Application.competition_id == competition.id)
    marks: dict[UUID, int] = {}
    for id_ in work.session.scalars(
        select(InterviewMark.application_id).where(InterviewMark.application_id.in_(of_this))
    ):
        marks[id_] = marks.get(id_, 0) + 1
    meeting = work.session.scalar(select(Meeting).where(Meeting.competition_id == competition.id))
    session = work.session.scalar(select(TestSession).where(TestSession.competition_id == competition.id))
    return _Background(
        pack=pack_of(competition),
        competition_state=competition.state,
        stage_since=competition.last_act_on,
        session_on=None if session is None else work.local_date(session.starts_at),
        scores=scores_of_all(work, competition.id),
        practical=frozenset(
            work.session.scalars(
                select(PracticalResult.application_id).where(PracticalResult.application_id.in_(of_this))
            )
        ),
        marks=marks,
        recused=recused_members(work, competition.id),
        vote_counted=meeting is not None and meeting.counted_at is not None,
        winner=None if meeting is None else meeting.winner_id,
    )


def move_applications(
    work: Work,
    competition_id: UUID,
    application_ids: Sequence[UUID],
    transition: str,
    act: Act,
    *,
    apply: Callable[[Application], None] | None = None,
) -> int:
    """Take each application through `transition`; all or none. Returns how many moved.

    Locks are taken in the order of registration, so that two officers never wait for each other in a circle.
    """
    competition = work.get(Competition, competition_id)
    chosen = lock_applications(work, competition_id, set(application_ids))
    background = _background(work, competition)
    roles = roles_on(work, competition)
    for application in chosen:
        take_step(work, application, transition, act, background.facts, roles, apply=apply)
    if transition in ADMITTING:
        _sitting_lacks_a_place(work, competition_id)
    return len(chosen)


ADMITTING = ("admit", "readmit")


def _sitting_lacks_a_place(work: Work, competition_id: UUID) -> None:
    """Whoever is admitted after the sitting was brought to Moodle has no place there yet."""
    session = work.session.scalar(select(TestSession).where(TestSession.competition_id == competition_id))
    if session is not None:
        session.pushed_at = None


def lock_applications(work: Work, competition_id: UUID, wanted: set[UUID]) -> Sequence[Application]:
    """The applications as they are now, in order of registration, held until the transaction ends.

    Raises `InvalidInput("application.not_of_competition")` when one is of another competition or body.
    """
    chosen = work.session.scalars(
        select(Application)
        .where(
            Application.competition_id == competition_id,
            Application.body_id == work.actor.body_id,
            Application.id.in_(wanted),
        )
        .order_by(Application.number)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if len(chosen) != len(wanted):
        raise InvalidInput("application.not_of_competition", n=len(wanted) - len(chosen))
    return chosen


def application_of(work: Work, competition_id: UUID, application_id: UUID) -> Application:
    """One application of this very competition, locked. Raises `InvalidInput` for one of another."""
    return lock_applications(work, competition_id, {application_id})[0]


def reject_application(work: Work, competition_id: UUID, application_id: UUID, ground: str, act: Act) -> None:
    """The commission's decision not to admit, on one of the listed grounds (S003 L98-106)."""
    application_of(work, competition_id, application_id).refusal_ground = ground
    move_applications(work, competition_id, [application_id], "reject", act)


def record_practical(
    work: Work, competition_id: UUID, application_id: UUID, mark: Decimal, maximum: Decimal, happened_on: date
) -> None:
    """The mark of the practical task. Entered once; a second entry is a conflict."""
    require(work, work.get(Competition, competition_id), "record_practical")
    application = application_of(work, competition_id, application_id)
    if not (0 <= mark <= maximum):
        raise InvalidInput("application.mark_out_of_range", mark=mark, maximum=maximum)
    known = work.session.scalar(select(PracticalResult.id).where(PracticalResult.application_id == application.id))
    if known is not None:
        raise InvalidInput("application.practical_known", number=application.number)
    work.add(
        PracticalResult(
            application_id=application.id, mark=mark, maximum=maximum, happened_on=happened_on, recorded_at=work.now
        )
    )
    audit.record(
        work, "application.practical_recorded", "application", application.id, after={"mark": mark, "maximum": maximum}
    )


def practical_seen(mark: Decimal, maximum: Decimal) -> str:
    """What a page showed of a practical mark, for its correction."""
    return f"{mark.normalize():f}/{maximum.normalize():f}"


def correct_practical(
    work: Work, competition_id: UUID, application_id: UUID, mark: Decimal, maximum: Decimal, reason: str, *, seen: str
) -> None:
    """Put right a practical mark that was entered wrongly, while the testing lasts. `seen`: `practical_seen` of the
    mark that is corrected.

    Raises `InvalidInput("application.mark_out_of_range")`, `VersionConflict` where somebody was faster.
    """
    require(work, work.get(Competition, competition_id), "record_practical")
    application = application_of(work, competition_id, application_id)
    if not (0 <= mark <= maximum):
        raise InvalidInput("application.mark_out_of_range", mark=mark, maximum=maximum)
    known = work.session.scalar(
        select(PracticalResult).where(PracticalResult.application_id == application.id).with_for_update()
    )
    if known is None or practical_seen(known.mark, known.maximum) != seen:
        raise VersionConflict("application.practical_changed", number=application.number)
    before = {"mark": known.mark, "maximum": known.maximum}
    known.mark, known.maximum = mark, maximum
    after = {"mark": mark, "maximum": maximum, "reason": reason}
    audit.record(work, "application.practical_corrected", "application", application.id, before, after)


def choose_language(work: Work, competition_id: UUID, application_ids: Iterable[UUID], language: str) -> int:
    """The language in which these candidates sit the test; a seat that is given already keeps its form. Returns for how
    many it was chosen.

    Raises `InvalidInput("application.language_unknown")` for one that the competition's rules do not know.
    """
    competition = work.get(Competition, competition_id)
    require(work, competition, "screen")
    if language not in pack_of(competition).languages:
        raise InvalidInput("application.language_unknown", language=language)
    chosen = [application.person_id for application in lock_applications(work, competition_id, set(application_ids))]
    people = work.session.scalars(
        select(Person).where(Person.id.in_(chosen)).order_by(Person.sort_key, Person.id).with_for_update()
    ).all()
    for person in people:
        choose_for(work, person, language)
    return len(people)


def choose_for(work: Work, person: Person, language: str) -> None:
    """Somebody said in which language this person sits tests. Said again, it is no news."""
    if person.language_chosen and person.language == language:
        return
    before = {"language": person.language} if person.language_chosen else {}
    person.language, person.language_chosen = language, True
    audit.record(work, "person.language_chosen", "person", person.id, before, {"language": language})
