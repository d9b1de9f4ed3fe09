"""One person's application in a competition (DOMAIN A1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask_app.domain.deadlines import WorkCalendar, days_between, is_early_enough
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.workflow import Act, Refusal, Transition, Validator, build
from flask_app.domain.workflows.rights import LEAD, PREPARE, SECRETARY_ONLY, state


@dataclass(frozen=True, slots=True)
class CandidacyFacts:
    """What the transitions of one application are judged by. `None` = not known yet.

    `vote_counted`: the commission's vote stands; `decision_taken`: the competition is decided by it. `stage_since`: the
    day the competition came to the stage it is at.
    """

    pack: RulePack
    calendar: WorkCalendar
    competition_state: str
    refusal_ground: str = ""
    session_on: date | None = None
    reaches_interview: bool | None = None
    reaches_reserve: bool | None = None
    practical_done: bool = False
    marks: int = 0
    recusals: int = 0
    is_winner: bool = False
    vote_counted: bool = False
    decision_taken: bool = False
    stage_since: date | None = None


def documents_are_examined(_: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    """Admission is the first stage (S003 L110): nobody is let in or turned away once the next one has begun."""
    if facts.competition_state != "screening":
        yield Refusal("application.screening_over", facts.pack.rule(facts.pack.documents))


def vote_is_open(_: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    """A counted vote is not changed by a candidate who leaves afterwards: the decision is entered first."""
    if facts.vote_counted:
        yield Refusal("application.vote_counted", facts.pack.rule(facts.pack.commission))


def ground_is_listed(_: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    """A candidate is refused only on one of the listed grounds (S003 L98-106)."""
    if facts.pack.ground(facts.refusal_ground) is None:
        yield Refusal(
            "application.ground_not_listed",
            facts.pack.rule(facts.pack.documents),
            {"ground": facts.refusal_ground, "grounds": ", ".join(g.id for g in facts.pack.admission_grounds)},
        )


def notice_is_early_enough(act: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    """The notice leaves at least a week before the test (S003 L116)."""
    notice, rule = facts.pack.test.notice, facts.pack.rule(facts.pack.test.notice)
    if facts.session_on is None:
        yield Refusal("competition.no_session", rule)
    elif not is_early_enough(act.happened_on, facts.session_on, notice.term, facts.calendar):
        given = days_between(act.happened_on, facts.session_on, notice.unit, facts.calendar)
        yield Refusal("competition.notice_too_late", rule, {"n": given, "days": notice.days})


def testing_has_not_begun(_: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    """A notice is taken back while there is still a test to be told of (unverified: no source speaks of it)."""
    if facts.competition_state != "screening":
        yield Refusal("application.testing_begun")


def testing_goes_on(_: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    """Who was absent is settled when the interviews begin (unverified: no source speaks of it)."""
    if facts.competition_state != "testing":
        yield Refusal("application.testing_over")


def interviews_go_on(_: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    """Who came to the interview is settled when the vote is opened (unverified: no source speaks of it)."""
    if facts.competition_state != "interviewing":
        yield Refusal("application.interviews_over")


def result_is_known(_: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    if facts.reaches_interview is None:
        yield Refusal("application.no_result", facts.pack.rule(facts.pack.test))


def reaches_interview(act: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    yield from result_is_known(act, facts)
    if facts.reaches_interview is False:
        yield Refusal("application.below_threshold", facts.pack.rule(facts.pack.test.interview_if[0]))


def stays_below(act: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    yield from result_is_known(act, facts)
    if facts.reaches_interview:
        yield Refusal("application.above_threshold", facts.pack.rule(facts.pack.test.interview_if[0]))


def practical_is_done(_: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    if not facts.practical_done:
        yield Refusal("competition.practical_missing", facts.pack.rule(facts.pack.test), {"n": 1})


def has_marks(_: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    """Whether everybody has marked whom they judge is the competition's rule; here somebody has dealt with them."""
    if facts.marks < 1 and facts.recusals < 1:
        yield Refusal("competition.marks_missing", facts.pack.rule(facts.pack.interview), {"n": 1})


def stage_has_begun(act: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    """What belongs to a stage does not happen before the competition came to it: an order of events, no act's rule."""
    if facts.stage_since is not None and act.happened_on < facts.stage_since:
        yield Refusal(
            "application.before_the_stage", params={"happened_on": act.happened_on, "since": facts.stage_since}
        )


def was_not_heard(_: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    """Whom a member has marked was there (unverified: no source speaks of it)."""
    if facts.marks:
        yield Refusal("application.was_heard", params={"n": facts.marks})


def won(_: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    if not (facts.decision_taken and facts.is_winner):
        yield Refusal("application.not_the_winner", facts.pack.rule(facts.pack.commission))


def lost(_: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    if not facts.decision_taken or facts.is_winner:
        yield Refusal("application.is_the_winner", facts.pack.rule(facts.pack.commission))


def reaches_reserve(_: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    """At least 75 % of the possible sum and not recommended for the post (S003 L124)."""
    if not facts.reaches_reserve:
        yield Refusal("application.below_reserve", facts.pack.rule(facts.pack.test.reserve_if[0]))


def stays_out_of_reserve(_: Act, facts: CandidacyFacts) -> Iterable[Refusal]:
    if facts.reaches_reserve:
        yield Refusal("application.belongs_to_reserve", facts.pack.rule(facts.pack.test.reserve_if[0]))


def _step(
    id_: str, source: str | tuple[str, ...], target: str, roles: frozenset[str], *rules: Validator, needs: str = ""
) -> Transition:
    sources = frozenset((source,) if isinstance(source, str) else source)
    return Transition(id_, sources, target, roles, rules, frozenset(needs.split()))


LIVE = (
    "received",
    "registered",
    "under_screening",
    "admitted",
    "notified",
    "tested",
    "qualified",
    "invited",
    "interviewed",
)

WORKFLOW = build(
    "application",
    "received",
    states=[
        state("received", edit=PREPARE),
        state("registered", edit=PREPARE),
        state("under_screening", screen=LEAD),
        state("admitted", notify=SECRETARY_ONLY, seat=SECRETARY_ONLY),
        state("rejected"),
        state("notified", seat=SECRETARY_ONLY),
        state("tested"),
        state("below_threshold"),
        state("qualified", record_practical=SECRETARY_ONLY),
        state("invited"),
        state("interviewed"),
        state("winner", final=True),
        state("reserve_recommended", final=True),
        state("not_selected", final=True),
        state("withdrawn", final=True),
        state("no_show"),
    ],
    transitions=[
        _step("register", "received", "registered", PREPARE),
        _step("take_up", "registered", "under_screening", LEAD, documents_are_examined, stage_has_begun),
        _step("admit", "under_screening", "admitted", LEAD, documents_are_examined),
        _step(
            "reject",
            "under_screening",
            "rejected",
            LEAD,
            documents_are_examined,
            ground_is_listed,
            needs="reason",
        ),
        _step("readmit", "rejected", "admitted", LEAD, documents_are_examined, needs="reason evidence"),
        _step("notify", "admitted", "notified", SECRETARY_ONLY, notice_is_early_enough, needs="evidence"),
        # The test was moved, or the notice was entered wrongly: who was told has to be told anew.
        _step("recall_notice", "notified", "admitted", SECRETARY_ONLY, testing_has_not_begun, needs="reason"),
        _step("enter_result", "notified", "tested", PREPARE, result_is_known, stage_has_begun),
        _step("qualify", "tested", "qualified", PREPARE, reaches_interview),
        _step("stop_at_threshold", "tested", "below_threshold", PREPARE, stays_below),
        # A regrade in Moodle, entered before the interviews begin, may carry a result over the threshold.
        _step("lift", "below_threshold", "qualified", PREPARE, reaches_interview, needs="reason"),
        _step("drop", "qualified", "below_threshold", PREPARE, stays_below, needs="reason"),
        _step("invite", "qualified", "invited", SECRETARY_ONLY, practical_is_done, stage_has_begun),
        _step("interview", "invited", "interviewed", SECRETARY_ONLY, has_marks),
        _step("win", "interviewed", "winner", LEAD, won),
        _step("recommend_for_reserve", "interviewed", "reserve_recommended", LEAD, lost, reaches_reserve),
        _step("pass_over", ("interviewed", "below_threshold"), "not_selected", LEAD, lost, stays_out_of_reserve),
        _step("withdraw", LIVE, "withdrawn", PREPARE, vote_is_open, needs="evidence"),
        _step("miss", ("notified", "invited"), "no_show", SECRETARY_ONLY, was_not_heard, needs="reason"),
        # Noted as absent too early, or in error: whoever has sat the test gets the result of it.
        _step("recall_absence", "no_show", "notified", SECRETARY_ONLY, testing_goes_on, needs="reason"),
        # The same of an interview; whoever has no result was absent from the test.
        _step(
            "recall_interview_absence",
            "no_show",
            "invited",
            SECRETARY_ONLY,
            interviews_go_on,
            reaches_interview,
            needs="reason",
        ),
    ],
)
