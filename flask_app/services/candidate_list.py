"""The candidates of one competition as a list: filtered, sorted by the merged alphabet, and what may be done to many.

What a list may do is asked of the same workflow that enforces it; people whose state does not admit a step are named
and left out before anything is done, and the use case judges every one of the others again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select

from flask_app.domain.deadlines import last_day_before
from flask_app.domain.errors import InvalidInput, NotFound, NotPermitted, Refused, VersionConflict
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.workflow import Act, Offer, offers
from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.application import CandidacyFacts
from flask_app.services import audit
from flask_app.services.applications import ADMITTING, choose_language, move_applications
from flask_app.services.competition_facts import pack_of, standing_notice
from flask_app.services.listing import Slice, holds_text, read_page
from flask_app.services.local_time import LocalTime, local_time
from flask_app.services.notices import correct_notices, notify_of_test, told_mark
from flask_app.services.office import Work
from flask_app.services.rights import require, roles_on
from flask_app.services.test_languages import BEFORE_THE_TEST, lacking_languages
from flask_app.services.test_sessions import session_of
from flask_app.services.transitions import act_on, check_version
from flask_app.store.models.applications import Application, Notice, TestScore
from flask_app.store.models.commissions import Meeting
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition
from flask_app.store.models.testing import TestSession
from flask_app.store.rule_packs import work_calendar

WORKFLOW = WORKFLOWS["application"]

LIST_STEPS = ("take_up", "admit", "reject", "readmit", "notify", "recall_notice", "recall_absence", "withdraw")
"""Steps of an application that are taken from the list, one person or many; the rest follow from test and sitting."""

OF_NOTICES = ("notify", "recall_notice")

ONLY_IN = {"recall_absence": "testing"}
"""Steps that are not even spoken of in another state of the competition: there they would stand refused for good."""

NOT_CHOSEN = "none"
"""In the filter: nobody has said yet in which language the person, who is still to sit the test, sits it."""

MOST_AT_ONCE = 500
CHANNELS = ("in_person", "letter", "email", "phone", "messenger")
"""Ways by which a candidate is told of the test; the evidence says what proves it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filter of the list. `language`: one that was chosen for the test, or `NOT_CHOSEN`."""

    text: str = ""
    state: str = ""
    language: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.state or self.language)


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """`mark` of `maximum`: the sum of the test's blocks, None before the result is entered. `language`: of the test;
    unless it was chosen, the one the panel begins with. `service_months`, `specialty_months`: None where not known.
    """

    id: UUID
    version: int
    number: int
    name: str
    state: str
    education: str
    service_months: int | None
    specialty_months: int | None
    documents_complete: bool
    refusal_ground: str
    language: str
    language_chosen: bool
    registered_on: date
    notified_on: date | None
    mark: Decimal | None
    maximum: Decimal | None


@dataclass(frozen=True, slots=True)
class ListStep:
    """A step for many: how many are in its state, and what the rules say against it today."""

    offer: Offer
    people: int


@dataclass(frozen=True, slots=True)
class CandidateList:
    competition: Competition
    pack: RulePack
    here: LocalTime
    roles: frozenset[str]
    found: Slice[CandidateRow]
    counts: Mapping[str, int]
    steps: tuple[ListStep, ...]
    may_import: bool
    may_choose: bool
    lacking: Mapping[str, int]
    """Language the panel begins with → how many may still sit the test and have none chosen."""


@dataclass(frozen=True, slots=True)
class ToldOf:
    """The sitting a notice tells of, at the body's clocks."""

    starts_at: datetime
    place: Mapping[str, str]
    mark: str
    last: date


@dataclass(frozen=True, slots=True)
class Review:
    """People a step is about to be done to (`going`), those it does not fit (`staying`), and how many were too many.

    `lacking`: of those who go, whose documents are incomplete, where the step admits; each needs a word of its own.
    `told`: of a notice, what it tells, its mark, and the last day on which it is early enough.
    """

    competition: Competition
    pack: RulePack
    here: LocalTime
    offer: Offer
    going: tuple[CandidateRow, ...]
    staying: tuple[CandidateRow, ...]
    beyond: int
    told: ToldOf | None = None

    @property
    def lacking(self) -> tuple[CandidateRow, ...]:
        admits = self.offer.transition.id in ADMITTING
        return tuple(row for row in self.going if admits and not row.documents_complete)

    @property
    def sound(self) -> tuple[CandidateRow, ...]:
        """Those of `going` about whom nothing has to be said apart."""
        apart = {row.id for row in self.lacking}
        return tuple(row for row in self.going if row.id not in apart)


def candidate_list(work: Work, competition_id: UUID, wanted: Wanted, page: int) -> CandidateList:
    """Raises `NotFound` for a competition the actor may not view."""
    competition = work.get(Competition, competition_id)
    require(work, competition, "view")
    here, roles, pack = local_time(work), roles_on(work, competition), pack_of(competition)
    counts = _counts(work, competition_id)
    rows, total, page = read_page(work.session, _query(work, competition_id, wanted), page)
    return CandidateList(
        competition=competition,
        pack=pack,
        here=here,
        roles=roles,
        found=Slice(tuple(_row(here, row) for row in rows), total, page),
        counts=counts,
        steps=_list_steps(work, competition, pack, roles, counts, here),
        may_import=WORKFLOWS["competition"].permits("import_applications", competition.state, roles),
        may_choose=WORKFLOWS["competition"].permits("screen", competition.state, roles),
        lacking=lacking_languages(work, competition_id, *BEFORE_THE_TEST),
    )


def all_candidates(
    work: Work, competition_id: UUID, wanted: Wanted
) -> tuple[Competition, LocalTime, tuple[CandidateRow, ...]]:
    """Everybody under the filter, in the order of the list."""
    competition = work.get(Competition, competition_id)
    require(work, competition, "view")
    here = local_time(work)
    rows = work.session.execute(_query(work, competition_id, wanted))
    return competition, here, tuple(_row(here, row) for row in rows)


_OWN = (
    Application.id,
    Application.version,
    Application.number,
    Application.state,
    Application.education,
    Application.service_months,
    Application.specialty_months,
    Application.documents_complete,
    Application.refusal_ground,
    Application.created_at,
)


def _query(work: Work, competition_id: UUID, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    scores = (
        select(
            TestScore.application_id.label("of"),
            func.sum(TestScore.mark).label("mark"),
            func.sum(TestScore.maximum).label("maximum"),
        )
        .join(Application, Application.id == TestScore.application_id)
        .where(Application.competition_id == competition_id, TestScore.body_id == work.actor.body_id)
        .group_by(TestScore.application_id)
        .subquery()
    )
    query = (
        select(
            *_OWN,
            Person.name,
            Person.language,
            Person.language_chosen,
            Notice.happened_on,
            scores.c.mark,
            scores.c.maximum,
        )
        .join(Person, Person.id == Application.person_id)
        .outerjoin(Notice, standing_notice())
        .outerjoin(scores, scores.c.of == Application.id)
        .where(Application.competition_id == competition_id, Application.body_id == work.actor.body_id)
        # The keys are ASCII whose byte order is the alphabet; a language's collation would put them otherwise.
        .order_by(Person.sort_key.collate("C"), Application.number)
    )
    return query.where(*_conditions(wanted))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.text:
        number = cast(Application.number, String) == wanted.text.lstrip("№ ")
        conditions.append(or_(holds_text(wanted.text, Person.name), number))
    if wanted.state:
        conditions.append(Application.state == wanted.state)
    if wanted.language == NOT_CHOSEN:
        conditions += (Person.language_chosen.is_(False), Application.state.in_(BEFORE_THE_TEST))
    elif wanted.language:
        conditions.append(and_(Person.language_chosen.is_(True), Person.language == wanted.language))
    return conditions


def _row(here: LocalTime, row: Any) -> CandidateRow:
    return CandidateRow(
        id=row.id,
        version=row.version,
        number=row.number,
        name=row.name,
        state=row.state,
        education=row.education,
        service_months=row.service_months,
        specialty_months=row.specialty_months,
        documents_complete=row.documents_complete,
        refusal_ground=row.refusal_ground,
        language=row.language,
        language_chosen=row.language_chosen,
        registered_on=here.on(row.created_at),
        notified_on=row.happened_on,
        mark=row.mark,
        maximum=row.maximum,
    )


def _counts(work: Work, competition_id: UUID) -> dict[str, int]:
    """People by state, in the workflow's order of states."""
    rows = work.session.execute(
        select(Application.state, func.count().label("people"))
        .where(Application.competition_id == competition_id, Application.body_id == work.actor.body_id)
        .group_by(Application.state)
    )
    found = {row.state: row.people for row in rows}
    return {state: found[state] for state in WORKFLOW.states if state in found}


# -- steps -------------------------------------------------------------------------------------------------------------


def steps_in(competition: Competition) -> list[str]:
    """The steps that are spoken of in the present state of the competition."""
    return [step for step in LIST_STEPS if ONLY_IN.get(step, competition.state) == competition.state]


def _list_steps(
    work: Work,
    competition: Competition,
    pack: RulePack,
    roles: frozenset[str],
    counts: Mapping[str, int],
    here: LocalTime,
) -> tuple[ListStep, ...]:
    own = [WORKFLOW.transitions[step] for step in steps_in(competition) if WORKFLOW.transitions[step].roles & roles]
    fitting = [(step, sum(counts.get(state, 0) for state in step.sources)) for step in own]
    if not any(people for _, people in fitting):
        return ()
    facts = list_facts(work, competition, pack, here)
    return tuple(ListStep(step_offer(work, step.id, roles, facts, here), people) for step, people in fitting if people)


def list_facts(work: Work, competition: Competition, pack: RulePack, here: LocalTime) -> CandidacyFacts:
    """What the steps of the list are judged by. The ground comes with the step: until then a listed one stands in."""
    around = work.session.execute(
        select(
            select(TestSession.starts_at).where(TestSession.competition_id == competition.id).scalar_subquery(),
            select(Meeting.counted_at).where(Meeting.competition_id == competition.id).scalar_subquery(),
        )
    ).one()
    return CandidacyFacts(
        pack=pack,
        calendar=work_calendar(pack.jurisdiction),
        competition_state=competition.state,
        stage_since=competition.last_act_on,
        refusal_ground=pack.admission_grounds[0].id if pack.admission_grounds else "",
        session_on=None if around[0] is None else here.on(around[0]),
        vote_counted=around[1] is not None,
    )


def last_notice(facts: CandidacyFacts) -> date | None:
    """The last day on which a notice is early enough for the test; None without one."""
    if facts.session_on is None:
        return None
    return last_day_before(facts.session_on, facts.pack.test.notice.term, facts.calendar)


def step_offer(work: Work, step: str, roles: frozenset[str], facts: CandidacyFacts, here: LocalTime) -> Offer:
    """The step with the reasons against it today. Raises `NotPermitted` for a role that may not take it.

    A notice may have been given on paper before: it is judged by the last day that was early enough, as long as nobody
    has entered another one.
    """
    transition = WORKFLOW.transitions[step]
    last = last_notice(facts) if step == "notify" else None
    act, state = act_on(work, here.today if last is None else min(here.today, last)), sorted(transition.sources)[0]
    for offer in offers(WORKFLOW, state, roles, act, facts):
        if offer.transition.id == step:
            return offer
    raise NotPermitted("workflow.not_permitted", transition=step, workflow=WORKFLOW.id)


def review(work: Work, competition_id: UUID, step: str, chosen: Sequence[UUID] | None, wanted: Wanted) -> Review:
    """Who would take `step`: the chosen, or with None everybody under the filter. Changes nothing.

    Raises `NotFound`, `NotPermitted`, `InvalidInput("applicants.nobody_chosen")`.
    """
    if step not in LIST_STEPS:
        raise NotFound("object.unknown", type="")
    competition, here, rows = all_candidates(work, competition_id, wanted if chosen is None else Wanted())
    pack, roles = pack_of(competition), roles_on(work, competition)
    facts = list_facts(work, competition, pack, here)
    offer = step_offer(work, step, roles, facts, here)
    if chosen is not None:
        rows = tuple(row for row in rows if row.id in frozenset(chosen))
    if not rows:
        raise InvalidInput("applicants.nobody_chosen")
    going = [row for row in rows if row.state in offer.transition.sources]
    staying = [row for row in rows if row.state not in offer.transition.sources]
    beyond = max(0, len(going) - MOST_AT_ONCE)
    told = _told_of(work, competition_id, facts, here) if step == "notify" else None
    return Review(competition, pack, here, offer, tuple(going[:MOST_AT_ONCE]), tuple(staying), beyond, told)


def _told_of(work: Work, competition_id: UUID, facts: CandidacyFacts, here: LocalTime) -> ToldOf | None:
    session, last = session_of(work, competition_id), last_notice(facts)
    if session is None or last is None:
        return None
    return ToldOf(here.at(session.starts_at), session.place, told_mark(session), last)


def choose_language_for(
    work: Work, competition_id: UUID, chosen: Sequence[UUID] | None, wanted: Wanted, language: str
) -> int:
    """The language of the test for the chosen, or with None for everybody under the filter. Returns for how many.

    Raises `NotFound`, `NotPermitted`, `InvalidInput`: applicants.nobody_chosen, application.language_unknown.
    """
    if chosen is None:
        chosen = [row.id for row in all_candidates(work, competition_id, wanted)[2]]
    else:
        require(work, work.get(Competition, competition_id), "view")
    if not chosen:
        raise InvalidInput("applicants.nobody_chosen")
    return choose_language(work, competition_id, chosen, language)


def take_step_for(
    work: Work,
    competition_id: UUID,
    step: str,
    seen: Mapping[UUID, int],
    act: Act,
    *,
    ground: str = "",
    channel: str = "",
    despite: Collection[UUID] = (),
    told: str | None = None,
) -> int:
    """Take every person of `seen` (application → version that was shown) through `step`; all or none.

    `despite`: those who are admitted although their documents are incomplete. The act lists the documents that are
    wanted (S003 L96), and its closed list of grounds for a refusal (S003 L98-106) does not hold an incomplete set:
    whether such a person may be admitted is not said, so it takes a word about each and leaves its trace in the log.

    `told`: the mark of the sitting that the page of a notice showed.

    Raises `VersionConflict` when one of them, or that sitting, was changed since,
    `Refused("application.documents_incomplete")` for somebody of whom that word was not said, and whatever use cases
    refuse.
    """
    if step not in LIST_STEPS:
        raise NotFound("object.unknown", type="")
    # The sitting is not moved and the testing does not begin while notices are given or recalled; always in this order.
    competition = work.get(Competition, competition_id, lock=step in OF_NOTICES)
    require(work, competition, "view")
    held = _hold(work, competition_id, seen, ground if step == "reject" else None)
    if step in ADMITTING:
        _pass_over_documents(work, pack_of(competition), step, held, frozenset(despite))
    if step == "notify":
        _as_shown(work, competition_id, told)
        return notify_of_test(work, competition_id, list(seen), channel, act)
    if step == "recall_notice":
        return correct_notices(work, competition_id, list(seen), act)
    return move_applications(work, competition_id, list(seen), step, act)


def _as_shown(work: Work, competition_id: UUID, told: str | None) -> None:
    session = session_of(work, competition_id)
    if told is not None and session is not None and told != told_mark(session):
        raise VersionConflict("session.moved_meanwhile", number=session.code)


def _pass_over_documents(
    work: Work, pack: RulePack, step: str, held: Sequence[Application], despite: frozenset[UUID]
) -> None:
    lacking = [application for application in held if not application.documents_complete]
    unsaid = [application for application in lacking if application.id not in despite]
    if unsaid:
        numbers = ", ".join(str(application.number) for application in unsaid)
        raise Refused("application.documents_incomplete", pack.rule(pack.documents), n=len(unsaid), numbers=numbers)
    for application in lacking:
        audit.record(
            work, "application.documents_passed_over", "application", application.id, after={"transition": step}
        )


def _hold(work: Work, competition_id: UUID, seen: Mapping[UUID, int], ground: str | None) -> Sequence[Application]:
    """Lock the people in order of registration, check that they are as they were shown, and note the ground."""
    held = work.session.scalars(
        select(Application)
        .where(
            Application.competition_id == competition_id,
            Application.body_id == work.actor.body_id,
            Application.id.in_(seen),
        )
        .order_by(Application.number)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for application in held:
        check_version(application, seen[application.id])
        if ground is not None:
            application.refusal_ground = ground
    if not seen or len(held) != len(seen):
        raise InvalidInput("application.not_of_competition", n=len(seen) - len(held))
    return held
