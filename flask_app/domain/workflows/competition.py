"""The competition for a vacant administrative post (DOMAIN A1), from the draft to the order.

Every threshold, term and list comes from the frozen rule pack in the facts; nothing is a constant here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

from flask_app.domain.deadlines import WorkCalendar, days_between, is_early_enough, is_in_time, last_day
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.workflow import Act, Refusal, Transition, Validator, build
from flask_app.domain.workflows.announcement_order import (
    agreed_before_sending,
    announced_before_publication,
    published_before_agreement,
)
from flask_app.domain.workflows.announcement_text import Said, gaps
from flask_app.domain.workflows.rights import (
    COMMISSION,
    HEAD_ONLY,
    LEAD,
    NOBODY,
    PREPARE,
    SECRETARY_ONLY,
    state,
)

CompetitionKind = Literal["internal", "open", "repeat"]

LIVE_APPLICATION = frozenset(
    {"received", "registered", "under_screening", "admitted", "notified", "tested", "qualified"}
)


TOLD_OF_THE_TEST = "notified"
AT_THE_PRACTICAL_TASK = ("qualified", "invited")
BEFORE_THE_COMMISSION = ("invited", "interviewed")
"""States of an application in which marks and recusals are judged by."""


RECEPTION, REGISTERED = "documents_open", "registered"
"""While documents are received, and what an application becomes then."""

TESTED = "testing"
"""The state of a competition whose rules ask for the attempts at the test."""


class ApplicationFacts(NamedTuple):
    """What the competition's rules need to know of one application.

    `notified_on` is known of those `TOLD_OF_THE_TEST`, `practical_done` of those `AT_THE_PRACTICAL_TASK`.
    `marked_by`: members whose marks count; `recused`: members who stand aside in its case. Both are known
    `BEFORE_THE_COMMISSION` only.
    """

    id: UUID
    state: str
    notified_on: date | None = None
    practical_done: bool = False
    marked_by: frozenset[UUID] = frozenset()
    recused: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """The test sitting. `unexplained`: attempts Moodle counts that the panel neither holds nor explains.

    `attempts`: attempts that are known of, from the panel's own and from what Moodle counted last; `asked`: whether
    Moodle was asked for them since the test began. `absent_yet_sat`: people noted as absent who have handed in an
    attempt. All four are known while the competition is `TESTED` only.
    """

    held_on: date
    place: str
    forms_drawn: bool
    pushed: bool
    unexplained: int = 0
    absent_yet_sat: int = 0
    attempts: int = 0
    asked: bool = False


@dataclass(frozen=True, slots=True)
class CompetitionFacts:
    """Everything the transitions of a competition are judged by.

    `announcement`: language -> the items that have words in it. `sent_on`: the day the text went to agreement, while
    it is there; `published_on`: the days of all publications. `last_applied_on`: while documents are received, the day
    of the last application.
    """

    pack: RulePack
    calendar: WorkCalendar
    kind: CompetitionKind
    position_is_administrative: bool
    vacant_since: date | None
    announcement: Said
    internal_round: str = ""
    agreement: str = ""
    sent_on: date | None = None
    agreed_on: date | None = None
    published_on: tuple[date, ...] = ()
    last_applied_on: date | None = None
    commission_members: frozenset[UUID] = frozenset()
    commission_has_chair: bool = False
    commission_has_secretary: bool = False
    applications: tuple[ApplicationFacts, ...] = ()
    session: SessionFacts | None = None
    present_members: frozenset[UUID] = frozenset()
    vote_counted: bool = False
    winner: UUID | None = None
    decided_on: date | None = None
    order_signed_on: date | None = None
    protocol_in_force: bool = False

    def in_state(self, *states: str) -> tuple[ApplicationFacts, ...]:
        return tuple(application for application in self.applications if application.state in states)


def announcement_is_complete(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """All items of the announcement are there (S003 L94), each in the language of the original."""
    yield from gaps(facts.pack, facts.announcement)


def post_may_be_filled(act: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """Only a vacant administrative post is filled by competition (S003 L82, L92), and from the day it is vacant."""
    if not facts.position_is_administrative:
        yield Refusal("competition.post_not_administrative", facts.pack.rule(facts.pack.documents))
    rule = facts.pack.rule(facts.pack.announcement)
    if facts.vacant_since is None:
        yield Refusal("competition.post_not_vacant", rule)
    elif act.happened_on < facts.vacant_since:
        yield Refusal(
            "competition.post_not_vacant_yet",
            rule,
            {"vacant_since": facts.vacant_since, "happened_on": act.happened_on},
        )


def internal_round_came_first(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """An open competition follows an internal one that found nobody (S003 L98)."""
    if facts.kind == "open" and not facts.internal_round:
        yield Refusal("competition.internal_round_first", facts.pack.rule(facts.pack.internal_first))


def commission_is_named(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """A chair and a secretary; that at least two members vote is seen to when the commission is named."""
    if not (facts.commission_has_chair and facts.commission_has_secretary and len(facts.commission_members) > 1):
        yield Refusal("competition.commission_incomplete", facts.pack.rule(facts.pack.commission))


def text_is_agreed(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """The authorised body has agreed the text before it is published (S003 L94)."""
    if not facts.agreement:
        yield Refusal("competition.text_not_agreed", facts.pack.rule(facts.pack.announcement))


def nobody_applied_later(act: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """Who applied was in time: reception is not closed before it. An order of events, no act's rule."""
    if facts.last_applied_on is not None and act.happened_on < facts.last_applied_on:
        yield Refusal(
            "competition.applied_later", params={"happened_on": act.happened_on, "last": facts.last_applied_on}
        )


def is_published(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """The announcement must be in the local mass media (S003 L92)."""
    if not facts.published_on:
        yield Refusal("competition.not_published", facts.pack.rule(facts.pack.announcement))


def text_was_agreed_in_order(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """Sent, agreed: in this order."""
    if facts.agreed_on is not None:
        yield from agreed_before_sending(facts.agreed_on, facts.sent_on)


def was_published_in_order(act: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """Agreed, published, announced: in this order.

    A publication that came before the agreement showed a text nobody had agreed; it does not count, and stands in the
    way only where no later one does.
    """
    counting = [day for day in facts.published_on if facts.agreed_on is None or day >= facts.agreed_on]
    if counting:
        yield from announced_before_publication(act.happened_on, min(counting))
    elif facts.published_on:
        rule = facts.pack.rule(facts.pack.announcement)
        yield from published_before_agreement(max(facts.published_on), facts.agreed_on, rule)


def all_are_screened(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    waiting = facts.in_state("received", "registered", "under_screening")
    if waiting:
        yield Refusal("competition.not_all_screened", facts.pack.rule(facts.pack.documents), {"n": len(waiting)})
    if not facts.in_state("admitted", "notified", "tested", "qualified", "below_threshold", "no_show"):
        yield Refusal("competition.nobody_admitted", facts.pack.rule(facts.pack.documents))


def sitting_is_ready(act: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """The sitting has a day and a place, the day has come, its forms are drawn and stand in Moodle."""
    session, rule = facts.session, facts.pack.rule(facts.pack.test)
    if session is None:
        yield Refusal("competition.no_session", rule)
        return
    if not session.forms_drawn:
        yield Refusal("competition.forms_not_drawn", rule)
    if not session.pushed:
        yield Refusal("competition.session_not_pushed", rule)
    if act.happened_on < session.held_on:
        yield Refusal("competition.session_not_begun", rule, {"held_on": session.held_on})


def notices_were_early_enough(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """Each admitted candidate was told at least a week before the test (S003 L116)."""
    if facts.session is None:
        return
    notice, rule = facts.pack.test.notice, facts.pack.rule(facts.pack.test.notice)
    silent = facts.in_state("admitted")
    if silent:
        yield Refusal("competition.not_notified", rule, {"n": len(silent), "days": notice.days})
    for application in facts.in_state(TOLD_OF_THE_TEST):
        told = application.notified_on
        if told is None or not is_early_enough(told, facts.session.held_on, notice.term, facts.calendar):
            given = 0 if told is None else days_between(told, facts.session.held_on, notice.unit, facts.calendar)
            yield Refusal("competition.notice_too_late", rule, {"n": given, "days": notice.days})
            return


def nobody_has_sat(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """A test that somebody has sat is not put off for the others. What is not asked of Moodle is not known.

    No source speaks of putting off a test (DOMAIN A1): the rule is unverified and shown as such.
    """
    done = facts.in_state("tested", "qualified", "below_threshold", "no_show")
    attempts = 0 if facts.session is None else facts.session.attempts
    if done or attempts:
        yield Refusal("competition.somebody_has_sat", params={"n": max(len(done), attempts)})
    elif facts.session is not None and facts.session.pushed and not facts.session.asked:
        yield Refusal("competition.moodle_not_asked")


def results_are_complete(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """Everybody who was told has a result or did not come; Moodle holds nothing the panel cannot account for."""
    rule = facts.pack.rule(facts.pack.test)
    waiting = facts.in_state("admitted", "notified", "tested")
    if waiting:
        yield Refusal("competition.results_missing", rule, {"n": len(waiting)})
    if facts.session is not None and facts.session.unexplained:
        yield Refusal("competition.attempts_unexplained", rule, {"n": facts.session.unexplained})
    if facts.session is not None and facts.session.absent_yet_sat:
        yield Refusal("competition.absent_have_sat", rule, {"n": facts.session.absent_yet_sat})


def practical_tasks_are_done(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """The second stage is the computer test and practical tasks or other written work (S003 L112)."""
    waiting = [a for a in facts.in_state(*AT_THE_PRACTICAL_TASK) if not a.practical_done]
    if waiting:
        yield Refusal("competition.practical_missing", facts.pack.rule(facts.pack.test), {"n": len(waiting)})


def somebody_qualified(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """Said once everybody has a result: before that nobody knows, and `results_are_complete` says what is missing."""
    waiting = facts.in_state("admitted", "notified", "tested")
    if not waiting and not facts.in_state("qualified", "invited", "interviewed"):
        yield Refusal("competition.nobody_qualified", facts.pack.rule(facts.pack.test.interview_if[0]))


def interviews_are_marked(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """Every interviewed candidate has the marks of every member present who does not stand aside."""
    rule = facts.pack.rule(facts.pack.interview)
    waiting = facts.in_state("qualified", "invited")
    if waiting:
        yield Refusal("competition.interviews_missing", rule, {"n": len(waiting)})
    if not facts.present_members:
        yield Refusal("competition.no_meeting", rule)
    unmarked = [a for a in facts.in_state("interviewed") if facts.present_members - a.marked_by - a.recused]
    if unmarked:
        yield Refusal("competition.marks_missing", rule, {"n": len(unmarked)})


def vote_is_counted(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    if not facts.vote_counted:
        yield Refusal("competition.vote_missing", facts.pack.rule(facts.pack.commission))


def has_winner(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """The vote found one, and the candidate was told so: an application that stands as the winner's."""
    if facts.winner not in {application.id for application in facts.in_state("winner")}:
        yield Refusal("competition.no_winner_to_appoint", facts.pack.rule(facts.pack.commission))


def candidates_are_settled(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """Each candidate of the vote has his outcome: who is due a place in the reserve (S003 L124) is not forgotten."""
    waiting = facts.in_state("interviewed")
    if waiting:
        yield Refusal("competition.candidates_not_settled", facts.pack.rule(facts.pack.reserve), {"n": len(waiting)})


def has_no_winner(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    if facts.winner is not None:
        yield Refusal("competition.has_a_winner", facts.pack.rule(facts.pack.commission))


def protocol_is_signed(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """The commission's decision stands in its protocol (unverified: the order of appointment demands it, S003 L122)."""
    if not facts.protocol_in_force:
        yield Refusal("competition.protocol_not_signed", facts.pack.rule(facts.pack.commission))


def may_be_repeated(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """An internal competition without a suitable candidate is followed by an open one (S003 L98); an open one may be
    repeated (S003 L124).
    """
    if facts.kind == "internal":
        yield Refusal("competition.open_comes_next", facts.pack.rule(facts.pack.internal_first))


def nobody_is_left(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    left = facts.in_state(*LIVE_APPLICATION, "invited", "interviewed")
    if left:
        yield Refusal("competition.candidates_left", facts.pack.rule(facts.pack.announcement), {"n": len(left)})


def appointed_in_time(_: Act, facts: CompetitionFacts) -> Iterable[Refusal]:
    """The head decides within three days after the commission's decision (S003 L122)."""
    deadline = facts.pack.appointment
    rule = facts.pack.rule(deadline)
    if facts.order_signed_on is None or facts.decided_on is None:
        yield Refusal("competition.order_missing", rule)
        return
    if not is_in_time(facts.decided_on, facts.order_signed_on, deadline.term, facts.calendar):
        last = last_day(facts.decided_on, deadline.term, facts.calendar)
        yield Refusal(
            "competition.order_too_late", rule, {"last": last, "signed": facts.order_signed_on, "days": deadline.days}
        )


def _step(
    id_: str, source: str | tuple[str, ...], target: str, roles: frozenset[str], *rules: Validator, needs: str = ""
) -> Transition:
    sources = frozenset((source,) if isinstance(source, str) else source)
    return Transition(id_, sources, target, roles, rules, frozenset(needs.split()))


_BEFORE_DECISION = (
    "draft",
    "text_agreement",
    "announced",
    "documents_open",
    "documents_closed",
    "screening",
    "testing",
    "interviewing",
    "voting",
)

WORKFLOW = build(
    "competition",
    "draft",
    states=[
        state("draft", edit=PREPARE, name_commission=PREPARE),
        state(
            "text_agreement",
            edit=PREPARE,
            record_agreement=PREPARE,
            record_publication=PREPARE,
            withdraw_publication=PREPARE,
            draft_announcement=PREPARE,
        ),
        state("announced", record_publication=PREPARE, draft_announcement=PREPARE),
        state("documents_open", register_application=PREPARE, import_applications=PREPARE),
        state("documents_closed"),
        state("screening", screen=LEAD, schedule_session=SECRETARY_ONLY, notify=SECRETARY_ONLY),
        state("testing", pull_results=PREPARE, record_practical=SECRETARY_ONLY, record_no_show=SECRETARY_ONLY),
        # Results are pulled on after the testing: regrades and deletions in Moodle arrive as revisions.
        state(
            "interviewing",
            pull_results=PREPARE,
            hold_meeting=SECRETARY_ONLY,
            mark=COMMISSION,
            recuse=COMMISSION,
            invite=SECRETARY_ONLY,
            draft_papers=PREPARE,
        ),
        state(
            "voting",
            pull_results=PREPARE,
            vote=COMMISSION,
            recuse=COMMISSION,
            count_vote=LEAD,
            draft_papers=PREPARE,
        ),
        state("decided", pull_results=PREPARE, draft_papers=PREPARE, sign_order=HEAD_ONLY),
        state("appointed", pull_results=PREPARE, draft_papers=PREPARE),
        state("no_winner", pull_results=PREPARE, draft_papers=PREPARE),
        state("repeat_decision"),
        state("cancelled"),
        state("closed"),
        state("archived", final=True, edit=NOBODY),
    ],
    transitions=[
        _step(
            "submit_text",
            "draft",
            "text_agreement",
            PREPARE,
            announcement_is_complete,
            post_may_be_filled,
            internal_round_came_first,
            commission_is_named,
        ),
        _step(
            "announce",
            "text_agreement",
            "announced",
            PREPARE,
            announcement_is_complete,
            text_is_agreed,
            text_was_agreed_in_order,
            is_published,
            was_published_in_order,
            needs="evidence",
        ),
        _step("open_documents", "announced", "documents_open", PREPARE),
        _step("close_documents", "documents_open", "documents_closed", PREPARE, nobody_applied_later),
        _step("begin_screening", "documents_closed", "screening", LEAD),
        _step(
            "begin_testing",
            "screening",
            "testing",
            SECRETARY_ONLY,
            all_are_screened,
            sitting_is_ready,
            notices_were_early_enough,
        ),
        # No power, no connection, a hall that is closed: the test is prepared again for another day.
        _step("put_off_testing", "testing", "screening", SECRETARY_ONLY, nobody_has_sat, needs="reason"),
        _step(
            "begin_interviews",
            "testing",
            "interviewing",
            SECRETARY_ONLY,
            results_are_complete,
            practical_tasks_are_done,
            somebody_qualified,
        ),
        _step("begin_voting", "interviewing", "voting", SECRETARY_ONLY, interviews_are_marked),
        _step("decide", "voting", "decided", LEAD, vote_is_counted),
        _step("appoint", "decided", "appointed", HEAD_ONLY, has_winner, candidates_are_settled, appointed_in_time),
        _step(
            "find_no_winner",
            "decided",
            "no_winner",
            LEAD,
            has_no_winner,
            candidates_are_settled,
            protocol_is_signed,
        ),
        _step(
            "find_nobody",
            ("documents_closed", "screening", "testing"),
            "no_winner",
            LEAD,
            nobody_is_left,
            needs="reason",
        ),
        _step("order_repeat", "no_winner", "repeat_decision", HEAD_ONLY, may_be_repeated, needs="evidence"),
        _step("cancel", _BEFORE_DECISION, "cancelled", HEAD_ONLY, needs="reason evidence"),
        _step("close", ("appointed", "no_winner", "repeat_decision", "cancelled"), "closed", PREPARE),
        _step("archive", "closed", "archived", PREPARE),
    ],
)
