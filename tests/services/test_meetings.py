"""The commission's sitting: who marks and votes, how the vote is counted, and what becomes of the candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from flask_app.domain.errors import AlreadyThere, InvalidInput, NotPermitted, Refused
from flask_app.domain.identity import MEMBER, Actor
from flask_app.domain.voting import VoteOutcome
from flask_app.ports.paper import UnvotedLine
from flask_app.services.applications import applications_of, move_applications
from flask_app.services.commission_desk import desk_of
from flask_app.services.commissions import members_of
from flask_app.services.meetings import (
    NewMeeting,
    cast_vote,
    count_vote,
    give_marks,
    hold_meeting,
    settle_candidates,
    withdraw_meeting,
)
from flask_app.services.paper_facts.candidates import candidate_names
from flask_app.services.paper_facts.protocol import protocol
from flask_app.services.transitions import act_on
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.commissions import Meeting, VoteRow
from flask_app.store.models.documents import Document
from flask_app.store.models.procedures import Competition
from tests.services.building import BOTH
from tests.services.desk import NOW, TODAY, actor_with
from tests.services.stages import COMPETENCES, QUALIFIED, Scene
from tests.services.test_papers import signed, words

FOR, AGAINST, ABSTAIN = "for", "against", "abstain"


def vote(scene: Scene, member: Actor, choices: Mapping[int, str], default: str = AGAINST) -> None:
    """`choices` by number of the application; the others get `default`."""
    with scene.work(member) as work:
        standing = applications_of(work, scene.competition, "interviewed")
        cast_vote(work, scene.competition, {a.id: choices.get(a.number, default) for a in standing})


def all_vote(scene: Scene, choices: Sequence[Mapping[int, str]]) -> VoteOutcome:
    for member, chosen in zip(scene.members(), choices, strict=True):
        vote(scene, member, chosen)
    with scene.work() as work:
        return count_vote(work, scene.competition)


def settle(scene: Scene) -> dict[int, str]:
    scene.move("decide")
    with scene.work() as work:
        settle_candidates(work, scene.competition, TODAY)
    return scene.states()


def test_the_winner_the_reserve_and_the_rest(voting: Scene) -> None:
    outcome = all_vote(voting, [{1: FOR}, {1: FOR}, {2: FOR}])
    assert outcome.winner == voting.application(1)
    states = settle(voting)
    assert states[1] == "winner"
    assert states[2] == "reserve_recommended", "45 of 60 is 75 per cent and belongs to the reserve"
    assert states[3] == "not_selected", "44 of 60 is below 75 per cent"
    assert (states[4], states[5]) == ("not_selected", "not_selected")
    assert (states[6], states[7]) == ("no_show", "rejected")
    assert voting.state() == "decided"


def test_the_winner_needs_more_than_half_of_those_present(voting: Scene) -> None:
    outcome = all_vote(voting, [{1: FOR}, {1: ABSTAIN}, {1: ABSTAIN}])
    assert outcome.winner is None
    tally = next(t for t in outcome.tallies if t.candidate == voting.application(1))
    assert (tally.in_favour, tally.abstained, tally.present) == (1, 2, 3)


def test_a_tie_has_no_winner_and_the_best_go_to_the_reserve(voting: Scene) -> None:
    both = {1: FOR, 2: FOR}
    outcome = all_vote(voting, [both, both, {}])
    assert outcome.winner is None
    assert set(outcome.tied) == {voting.application(1), voting.application(2)}
    states = settle(voting)
    assert (states[1], states[2], states[3]) == ("reserve_recommended", "reserve_recommended", "not_selected")


def test_without_a_winner_the_head_may_order_a_repeat(voting: Scene) -> None:
    all_vote(voting, [{}, {}, {}])
    settle(voting)
    with pytest.raises(Refused) as refused:
        voting.move("appoint")
    assert refused.value.code == "competition.no_winner_to_appoint"
    with pytest.raises(Refused) as refused:
        voting.move("find_no_winner")
    assert refused.value.code == "competition.protocol_not_signed"
    signed(voting, "D16")
    voting.move("find_no_winner")
    with pytest.raises(Refused) as refused:
        voting.move("order_repeat")
    assert refused.value.code == "workflow.needs_evidence"
    voting.move("order_repeat", evidence="приказ № 14")
    voting.move("close")
    assert voting.state() == "closed"


def test_without_a_winner_too_the_candidates_are_settled_first(voting: Scene) -> None:
    all_vote(voting, [{}, {}, {}])
    voting.move("decide")
    with pytest.raises(Refused) as refused:
        voting.move("find_no_winner")
    assert refused.value.code == "competition.candidates_not_settled"
    assert refused.value.params["n"] == len(QUALIFIED)


def test_with_a_winner_none_can_be_denied(voting: Scene) -> None:
    all_vote(voting, [{1: FOR}, {1: FOR}, {1: FOR}])
    settle(voting)
    with pytest.raises(Refused) as refused:
        voting.move("find_no_winner")
    assert refused.value.code == "competition.has_a_winner"


def test_nobody_is_appointed_before_the_candidates_are_settled(voting: Scene) -> None:
    all_vote(voting, [{1: FOR}, {1: FOR}, {1: FOR}])
    voting.move("decide")
    with pytest.raises(Refused) as refused:
        voting.move("appoint")
    assert refused.value.code == "competition.no_winner_to_appoint"


def test_candidates_are_settled_by_the_decision_only(voting: Scene) -> None:
    all_vote(voting, [{1: FOR}, {1: FOR}, {1: FOR}])
    with pytest.raises(Refused) as refused, voting.work() as work:
        settle_candidates(work, voting.competition, TODAY)
    assert refused.value.code == "application.not_the_winner"


def test_a_vote_says_something_on_everybody(voting: Scene) -> None:
    member, first = voting.members()[0], voting.application(1)
    for choices, code in [
        ({first: FOR}, "vote.incomplete"),
        ({uuid4(): FOR, **dict.fromkeys(voting.ids("interviewed"), FOR)}, "vote.incomplete"),
        (dict.fromkeys(voting.ids("interviewed"), "perhaps"), "vote.unknown_choice"),
    ]:
        with pytest.raises(InvalidInput) as refused, voting.work(member) as work:
            cast_vote(work, voting.competition, choices)
        assert refused.value.code == code


def test_a_vote_is_cast_once(voting: Scene) -> None:
    member = voting.members()[1]
    vote(voting, member, {1: FOR})
    with pytest.raises(InvalidInput) as refused:
        vote(voting, member, {2: FOR})
    assert refused.value.code == "vote.cast_already"


def test_a_vote_sent_twice_at_once_is_cast_once(voting: Scene) -> None:
    member = voting.members()[1]

    def send(_: int) -> str:
        try:
            vote(voting, member, {1: FOR})
        except InvalidInput as error:
            return error.code
        return "cast"

    with ThreadPoolExecutor(3) as pool:
        outcomes = sorted(pool.map(send, range(3)))
    assert outcomes == ["cast", "vote.cast_already", "vote.cast_already"]
    with voting.work() as work:
        assert len(work.session.scalars(select(VoteRow)).all()) == len(QUALIFIED)


def test_a_vote_is_not_counted_before_everybody_voted(voting: Scene) -> None:
    vote(voting, voting.members()[0], {1: FOR})
    with pytest.raises(Refused) as refused, voting.work() as work:
        count_vote(work, voting.competition)
    assert refused.value.code == "vote.missing"
    with pytest.raises(Refused) as refused:
        voting.move("decide")
    assert refused.value.code == "competition.vote_missing"


def test_a_vote_is_counted_once(voting: Scene) -> None:
    all_vote(voting, [{}, {}, {}])
    with pytest.raises(InvalidInput) as refused, voting.work() as work:
        count_vote(work, voting.competition)
    assert refused.value.code == "vote.counted_already"


def test_the_log_tells_that_somebody_voted_and_not_how(voting: Scene) -> None:
    vote(voting, voting.members()[2], {1: FOR})
    with voting.work() as work:
        event = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "vote.cast")).one()
        assert (event.before, event.after) == ({}, {})


def secretary_of(scene: Scene) -> Actor:
    with scene.work() as work:
        commission = work.get(Competition, scene.competition).commission_id
        assert commission is not None
        person = next(m.person_id for m in members_of(work, commission) if m.role == "secretary")
        return replace(scene.actor, person_id=person)


def test_only_present_voting_members_vote(voting: Scene) -> None:
    outsider = actor_with(voting.office, voting.actor.body_id, MEMBER)
    for actor in (secretary_of(voting), outsider, replace(voting.actor, person_id=None)):
        with pytest.raises(NotPermitted) as refused:
            vote(voting, actor, {1: FOR})
        assert refused.value.code == "meeting.not_a_voting_member"


def test_whoever_withdraws_before_the_count_takes_his_votes_along(voting: Scene) -> None:
    for member in voting.members():
        vote(voting, member, {1: FOR, 2: FOR})
    with voting.work() as work:
        act = act_on(work, TODAY, "заявление")
        move_applications(work, voting.competition, [voting.application(1)], "withdraw", act)
    with voting.work() as work:
        outcome = count_vote(work, voting.competition)
    assert outcome.winner == voting.application(2)
    assert {t.candidate for t in outcome.tallies} == {voting.application(n) for n in (2, 3, 4)}


def test_a_counted_vote_is_not_changed_by_somebody_who_leaves(voting: Scene) -> None:
    all_vote(voting, [{1: FOR}, {1: FOR}, {}])
    with pytest.raises(Refused) as refused:
        voting.move_all("interviewed", "withdraw", evidence="заявление")
    assert refused.value.code == "application.vote_counted"


# ------------------------------------------------------------------------------------------------------- marks


@pytest.fixture
def interviewing(entered: Scene) -> Scene:
    """Interviews are about to begin: everybody who reached the threshold is invited, nobody sits yet."""
    entered.move("begin_interviews")
    entered.move_all("qualified", "invite")
    return entered


def sitting(scene: Scene, **changes: object) -> None:
    plain = NewMeeting(TODAY, NOW - timedelta(hours=1), "in_person", BOTH, False, {})
    with scene.work() as work:
        hold_meeting(work, scene.competition, replace(plain, **changes))  # type: ignore[arg-type]  # named by the tests


def seat_of(scene: Scene, member: Actor) -> UUID:
    with scene.work() as work:
        commission = work.get(Competition, scene.competition).commission_id
        assert commission is not None
        return next(m.id for m in members_of(work, commission) if m.person_id == member.person_id)


def test_absent_members_neither_mark_nor_count(interviewing: Scene) -> None:
    ill = interviewing.members()[2]
    sitting(interviewing, absent={seat_of(interviewing, ill): {"ky": "ооруп жатат", "ru": "болезнь"}})
    with pytest.raises(NotPermitted):
        interviewing.mark(ill)
    for member in interviewing.members()[:2]:
        interviewing.mark(member)
    assert interviewing.move_all("invited", "interview") == len(QUALIFIED)
    interviewing.move("begin_voting")
    outcome = all_vote_of(interviewing, interviewing.members()[:2])
    assert {tally.present for tally in outcome.tallies} == {2}


def test_no_sitting_before_the_interviews_began(interviewing: Scene) -> None:
    with pytest.raises(Refused) as refused:
        sitting(interviewing, held_on=TODAY - timedelta(days=1), started_at=NOW - timedelta(days=1))
    assert (refused.value.code, refused.value.params["since"]) == ("meeting.before_interviews", TODAY)
    with pytest.raises(InvalidInput) as early:
        sitting(interviewing, started_at=NOW - timedelta(hours=6))
    assert early.value.code == "meeting.before_test"
    sitting(interviewing)


def test_the_end_of_a_sitting_is_after_its_beginning_and_not_to_come(voting: Scene) -> None:
    for ended in (NOW - timedelta(days=2), NOW + timedelta(minutes=1)):
        with pytest.raises(InvalidInput) as refused, voting.work() as work:
            count_vote(work, voting.competition, ended)
        assert refused.value.code == "meeting.ended_otherwise"


def test_whoever_was_marked_is_not_noted_as_absent(interviewing: Scene) -> None:
    sitting(interviewing)
    interviewing.mark(interviewing.members()[0])
    marked = interviewing.ids("invited")
    with pytest.raises(Refused) as refused, interviewing.work() as work:
        move_applications(work, interviewing.competition, marked, "miss", act_on(work, TODAY, reason="не пришёл"))
    assert refused.value.code == "application.was_heard"


def test_the_protocol_accounts_for_everybody_who_reached_the_threshold(interviewing: Scene) -> None:
    missing, leaving, *heard = interviewing.ids("invited")
    with interviewing.work() as work:
        move_applications(work, interviewing.competition, [missing], "miss", act_on(work, TODAY, reason="не пришёл"))
    sitting(interviewing)
    for member in interviewing.members():
        interviewing.mark(member)
    interviewing.move_all("invited", "interview")
    interviewing.move("begin_voting")
    with interviewing.work() as work:
        act = act_on(work, TODAY, evidence="заявление от 20 мая")
        move_applications(work, interviewing.competition, [leaving], "withdraw", act)
    all_vote(interviewing, [{3: FOR}] * 3)
    settle(interviewing)
    paper = signed(interviewing, "D16")
    with interviewing.work() as work:
        said = protocol(work, work.get(Document, paper))
        names = candidate_names(work, interviewing.competition)
    assert said.unvoted == (
        UnvotedLine(names[missing], "missed", TODAY),
        UnvotedLine(names[leaving], "withdrew", TODAY),
    )
    assert [vote.name for vote in said.votes] == [names[one] for one in heard]
    assert {vote.practical for vote in said.votes} == {("8", "10")}
    asked = {(line.candidate, line.marks) for line in said.evaluations}
    assert asked == {(names[one], (4,) * 9) for one in (leaving, *heard)}
    assert len(said.evaluations) == 3 * len(asked), "three members"
    text = words(interviewing, paper)
    assert "неявка на собеседование" in text
    assert "8 из 10" in text


def test_an_absence_that_was_noted_twice_stands_once_in_the_protocol(interviewing: Scene) -> None:
    missing = interviewing.ids("invited")[0]
    with interviewing.work() as work:
        act = act_on(work, TODAY, reason="не пришёл")
        for step in ("miss", "recall_interview_absence", "miss"):
            move_applications(work, interviewing.competition, [missing], step, act)
    sitting(interviewing)
    for member in interviewing.members():
        interviewing.mark(member)
    interviewing.move_all("invited", "interview")
    interviewing.move("begin_voting")
    all_vote(interviewing, [{3: FOR}] * 3)
    settle(interviewing)
    paper = signed(interviewing, "D16")
    with interviewing.work() as work:
        said = protocol(work, work.get(Document, paper))
        names = candidate_names(work, interviewing.competition)
    assert said.unvoted == (UnvotedLine(names[missing], "missed", TODAY),)


def test_a_sitting_opened_wrongly_is_opened_anew_until_somebody_is_marked(interviewing: Scene) -> None:
    ill = interviewing.members()[2]
    sitting(interviewing)
    with interviewing.work() as work:
        withdraw_meeting(work, interviewing.competition, "не тот день")
    with interviewing.work() as work:
        said = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "meeting.withdrawn")).one()
    assert (said.before["present"], said.after) == (4, {"reason": "не тот день"})
    sitting(interviewing, absent={seat_of(interviewing, ill): {"ru": "болезнь"}})
    interviewing.mark(interviewing.members()[0])
    with pytest.raises(Refused) as refused, interviewing.work() as work:
        withdraw_meeting(work, interviewing.competition, "передумали")
    assert (refused.value.code, refused.value.params["n"]) == ("meeting.marked_already", len(QUALIFIED))
    with interviewing.work() as work:
        assert len(desk_of(work, interviewing.competition).voters) == 2


def all_vote_of(scene: Scene, members: Sequence[Actor]) -> VoteOutcome:
    for member in members:
        vote(scene, member, {1: FOR})
    with scene.work() as work:
        return count_vote(work, scene.competition)


def test_a_member_marks_each_candidate_once_within_the_scale(interviewing: Scene) -> None:
    sitting(interviewing)
    member, application = interviewing.members()[0], interviewing.application(1)

    def mark(marks: Mapping[int, int], of: UUID = application) -> str:
        try:
            with interviewing.work(member) as work:
                give_marks(work, interviewing.competition, of, marks)
        except InvalidInput as error:
            return error.code
        return "given"

    good = dict.fromkeys(COMPETENCES, 5)
    assert mark({1: 5}) == "interview.competences_missing"
    assert mark({**good, 3: 0}) == mark({**good, 3: 6}) == "interview.mark_out_of_scale"
    assert mark(good, interviewing.application(5)) == "interview.not_invited"
    assert mark(good, uuid4()) == "application.not_of_competition"
    assert mark(good) == "given"
    assert mark(good) == "interview.marked_already"


def test_a_candidate_of_another_competition_is_not_marked(interviewing: Scene) -> None:
    sitting(interviewing)
    other = interviewing.build.open_for_documents()
    elsewhere = replace(interviewing, competition=other)
    with pytest.raises(NotPermitted), elsewhere.work(interviewing.members()[0]) as work:
        give_marks(work, other, interviewing.application(1), dict.fromkeys(COMPETENCES, 5))


def test_every_member_present_marks_before_the_vote(interviewing: Scene) -> None:
    sitting(interviewing)
    first, *others = interviewing.members()
    interviewing.mark(first)
    assert interviewing.move_all("invited", "interview") == len(QUALIFIED)
    with pytest.raises(Refused) as refused:
        interviewing.move("begin_voting")
    assert refused.value.code == "competition.marks_missing"
    for member in others:
        for number in QUALIFIED:
            with interviewing.work(member) as work:
                give_marks(
                    work, interviewing.competition, interviewing.application(number), dict.fromkeys(COMPETENCES, 3)
                )
    interviewing.move("begin_voting")
    assert interviewing.state() == "voting"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"held_on": TODAY + timedelta(days=1)}, "act.in_the_future"),
        ({"held_on": TODAY - timedelta(days=1)}, "meeting.other_day"),
        ({"started_at": NOW + timedelta(hours=1)}, "meeting.other_day"),
        ({"absent": {UUID(int=7): {"ru": "кто это"}}}, "meeting.not_a_member"),
    ],
)
def test_a_sitting_is_entered_as_it_was(interviewing: Scene, changes: dict[str, object], code: str) -> None:
    with pytest.raises((Refused, InvalidInput)) as refused:
        sitting(interviewing, **changes)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("away", "code"),
    [({"chair", "deputy_chair"}, "meeting.nobody_in_the_chair"), ({"secretary"}, "meeting.no_secretary")],
)
def test_a_sitting_has_those_who_sign_its_protocol(interviewing: Scene, away: set[str], code: str) -> None:
    with interviewing.work() as work:
        commission = work.get(Competition, interviewing.competition).commission_id
        assert commission is not None
        absent = {seat.id: BOTH for seat in members_of(work, commission) if seat.role in away}
    with pytest.raises(InvalidInput) as refused:
        sitting(interviewing, absent=absent)
    assert refused.value.code == code


def test_there_is_one_sitting(interviewing: Scene) -> None:
    sitting(interviewing)
    with pytest.raises(InvalidInput) as refused:
        sitting(interviewing)
    assert refused.value.code == "meeting.exists"
    with interviewing.work() as work:
        assert len(work.session.scalars(select(Meeting)).all()) == 1


def test_whoever_was_interviewed_is_not_interviewed_again(voting: Scene) -> None:
    with pytest.raises(AlreadyThere), voting.work() as work:
        move_applications(work, voting.competition, [voting.application(1)], "interview", act_on(work, TODAY))
