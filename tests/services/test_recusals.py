"""A member stands aside in one candidate's case: before marks or after, until the own ballot; what counts then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from flask_app.domain.errors import InvalidInput, NotPermitted
from flask_app.domain.identity import Actor
from flask_app.services.applications import move_applications
from flask_app.services.bodies import add_person
from flask_app.services.commission_desk import desk_of
from flask_app.services.competition_facts import competition_facts
from flask_app.services.facts_of_many.competitions import competition_facts_of
from flask_app.services.meetings import cast_vote, count_vote, finish_interviews, give_marks, settle_candidates
from flask_app.services.paper_facts.protocol import protocol
from flask_app.services.recusals import recuse, withdraw_recusal
from flask_app.services.transitions import act_on
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.commissions import InterviewMark, Recusal
from flask_app.store.models.documents import Document
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition
from tests.services.desk import TODAY
from tests.services.stages import COMPETENCES, Scene
from tests.services.test_commission_seats import code_of, seats
from tests.services.test_papers import signed, words
from tests.services.test_substitutes import ILL, actor_in, members_with_votes, open_sitting, stand_in

COUSIN = {"ky": "жакын тууганы", "ru": "близкий родственник"}


@pytest.fixture
def sitting(entered: Scene) -> Scene:
    """Four candidates are invited, three members sit, nobody has marked."""
    entered.move("begin_interviews")
    entered.move_all("qualified", "invite")
    open_sitting(entered)
    return entered


def stand_aside(scene: Scene, member: Actor, candidate: UUID, reason: Mapping[str, str] = COUSIN) -> None:
    with scene.work(member) as work:
        recuse(work, scene.competition, candidate, reason)


def come_back(scene: Scene, member: Actor, candidate: UUID) -> None:
    with scene.work(member) as work:
        withdraw_recusal(work, scene.competition, candidate)


def mark(scene: Scene, member: Actor, candidate: UUID, given: int = 4) -> None:
    with scene.work(member) as work:
        give_marks(work, scene.competition, candidate, dict.fromkeys(COMPETENCES, given))


def vote(scene: Scene, member: Actor, choices: Mapping[UUID, str]) -> None:
    with scene.work(member) as work:
        cast_vote(work, scene.competition, choices)


def open_vote(scene: Scene) -> None:
    with scene.work() as work:
        finish_interviews(work, scene.competition, TODAY)
        competition = work.get(Competition, scene.competition)
        assert competition_facts(work, competition) == competition_facts_of(work, [competition])[competition.id]
    scene.move("begin_voting")


def test_from_standing_aside_to_the_protocol(sitting: Scene) -> None:
    """One stands aside before any mark, one after having marked; neither mark nor vote of theirs counts there."""
    chair, member, other = sitting.members()
    first, second, *rest = sitting.ids("invited")
    stand_aside(sitting, member, first)
    assert code_of(lambda: mark(sitting, member, first)) == "interview.recused"
    for one in (second, *rest):
        mark(sitting, member, one)
    mark(sitting, other, second, 1)
    stand_aside(sitting, other, second, {"ru": " бывший подчинённый "})
    for one in (first, *rest):
        mark(sitting, other, one, 5)
    with sitting.work(member) as work:
        desk = desk_of(work, sitting.competition)
        rows = {row.id: row for row in desk.candidates}
        assert ([who.me for who in rows[first].recused], rows[first].recused[0].reason) == ([True], COUSIN)
        assert [who.me for who in rows[second].recused] == [False]
        assert (rows[first].marked_by, rows[second].marked_by, desk.to_mark) == (1, 1, ())
    assert code_of(lambda: open_vote(sitting)) == "competition.marks_missing", "the chair has marked nobody"
    for one in (first, second, *rest):
        mark(sitting, chair, one, 3)
    open_vote(sitting)

    everyone = (first, second, *rest)
    assert code_of(lambda: vote(sitting, member, dict.fromkeys(everyone, "for"))) == "vote.incomplete"
    vote(sitting, member, {second: "for", **dict.fromkeys(rest, "against")})
    vote(sitting, other, {first: "for", **dict.fromkeys(rest, "against")})
    vote(sitting, chair, {first: "for", second: "against", **dict.fromkeys(rest, "abstain")})
    with sitting.work() as work:
        outcome = count_vote(work, sitting.competition)
        tally = {one.candidate: one for one in outcome.tallies}
    assert outcome.winner == first, "two of three who took part"
    assert (tally[first].in_favour, tally[first].recused, tally[first].present) == (2, 1, 3)
    assert (tally[second].in_favour, tally[second].against, tally[second].recused) == (1, 1, 1)
    for act in (lambda: stand_aside(sitting, chair, first), lambda: come_back(sitting, member, first)):
        assert code_of(act) == "recusal.vote_closed"
    sitting.move("decide")
    with sitting.work() as work:
        settle_candidates(work, sitting.competition, TODAY)
    protocol_names(sitting, member, other)


def protocol_names(scene: Scene, member: Actor, other: Actor) -> None:
    paper = signed(scene, "D16")
    with scene.work() as work:
        said = protocol(work, work.get(Document, paper))
        name = {one: work.get(Person, one.person_id).name for one in (member, other) if one.person_id}
    first, second = said.votes[:2]
    assert [(one.member, one.candidate, one.reason.ky, one.reason.ru) for one in said.recusals] == [
        (name[member], first.name, COUSIN["ky"], COUSIN["ru"]),
        (name[other], second.name, "", "бывший подчинённый"),
    ]
    assert (first.mean_mark, second.mean_mark) == ("4.00", "3.50"), "of 3 and 5; of 3 and 4, without the 1"
    marks = {(line.member, line.candidate): line.marks for line in said.evaluations}
    assert marks[name[member], first.name] == marks[name[other], second.name] == (), "who stands aside gives none"
    assert set(marks[name[other], first.name]) == {5}
    text = words(scene, paper)
    assert "кыргызча көрсөтүлгөн эмес; орусча: «бывший подчинённый»" in text
    assert "близкий родственник" in text


def test_what_was_marked_stays_and_counts_again_when_the_recusal_is_taken_back(sitting: Scene) -> None:
    chair, member, other = sitting.members()
    first, *rest = sitting.ids("invited")
    for one in (chair, member, other):
        for candidate in (first, *rest):
            mark(sitting, one, candidate)
    open_vote(sitting)
    stand_aside(sitting, member, first)
    with sitting.work() as work:
        assert len(work.session.scalars(select(InterviewMark).where(InterviewMark.application_id == first)).all()) == 27
    come_back(sitting, member, first)
    assert code_of(lambda: come_back(sitting, member, first)) == "recusal.unknown"
    vote(sitting, member, dict.fromkeys((first, *rest), "for"))
    for act in (lambda: stand_aside(sitting, member, first), lambda: come_back(sitting, member, first)):
        assert code_of(act) == "recusal.voted"
    with sitting.work() as work:
        (recusal,) = work.session.scalars(select(Recusal)).all()
        assert recusal.withdrawn_at is not None
        events = work.session.execute(
            select(AuditEvent.action, AuditEvent.actor_login, AuditEvent.after).where(
                AuditEvent.action.startswith("recusal.")
            )
        ).all()
    assert sorted(event.action for event in events) == ["recusal.declared", "recusal.withdrawn"]
    assert {event.actor_login for event in events} == {member.login}
    assert "тууганы" not in str(events)


def test_who_did_not_mark_does_not_come_back_to_an_open_vote(sitting: Scene) -> None:
    chair, member, other = sitting.members()
    first, *rest = sitting.ids("invited")
    stand_aside(sitting, member, first)
    come_back(sitting, member, first)
    stand_aside(sitting, member, first)
    assert code_of(lambda: stand_aside(sitting, member, first)) == "recusal.known"
    for one in (chair, member, other):
        for candidate in (first, *rest):
            if (one, candidate) != (member, first):
                mark(sitting, one, candidate)
    open_vote(sitting)
    assert code_of(lambda: come_back(sitting, member, first)) == "recusal.without_marks"


def test_a_candidate_whom_nobody_may_judge_is_voted_on_and_has_no_mean(sitting: Scene) -> None:
    """Who stands aside everywhere owes no ballot; who nobody marked is told of in the protocol with a dash."""
    members = sitting.members()
    chair = members[0]
    first, *rest = sitting.ids("invited")
    for one in members:
        stand_aside(sitting, one, first)
    for candidate in rest:
        stand_aside(sitting, chair, candidate)
    for one in members[1:]:
        for candidate in rest:
            mark(sitting, one, candidate)
    open_vote(sitting)
    assert code_of(lambda: vote(sitting, chair, {})) == "recusal.from_all"
    with sitting.work(chair) as work:
        desk = desk_of(work, sitting.competition)
        assert (desk.recused_from_all, desk.voted, len(desk.balloting), desk.to_vote_on) == (True, 0, 2, ())
    for one in members[1:]:
        vote(sitting, one, dict.fromkeys(rest, "for"))
    with sitting.work() as work:
        outcome = count_vote(work, sitting.competition)
    assert next((t.candidate, t.recused, t.in_favour) for t in outcome.tallies) == (first, 3, 0)
    assert set(outcome.tied) == set(rest)
    sitting.move("decide")
    with sitting.work() as work:
        settle_candidates(work, sitting.competition, TODAY)
        desk = desk_of(work, sitting.competition)
        assert len(desk.fates) == 4
    with sitting.work() as work:
        said = protocol(work, work.get(Document, signed(sitting, "D16")))
    assert said.votes[0].mean_mark == ""
    assert Decimal(said.votes[1].mean_mark) == 4
    assert len(said.recusals) == 6


def test_a_ballot_and_a_recusal_at_once_are_one_after_the_other(voting: Scene) -> None:
    """Whichever comes first holds: never both a choice and a recusal on one candidate."""
    member = voting.members()[1]
    everyone = voting.ids("interviewed")
    acts = [
        lambda: vote(voting, member, dict.fromkeys(everyone, "for")),
        lambda: stand_aside(voting, member, everyone[0]),
    ]

    def attempt(act: Callable[[], None]) -> str:
        try:
            act()
        except InvalidInput as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcome = list(pool.map(attempt, acts))
    assert outcome in (["done", "recusal.voted"], ["vote.incomplete", "done"])


def test_who_may_not_stand_aside(entered: Scene) -> None:
    entered.move("begin_interviews")
    first, second, *rest = entered.ids("qualified")
    with entered.work() as work:
        move_applications(work, entered.competition, [second, *rest], "invite", act_on(work, TODAY))
    ill, well = members_with_votes(entered)
    seat, idle = stand_in(entered, ill.person_id), stand_in(entered, well.person_id, name="Бош Турган")
    member = actor_in(entered, well.id)
    assert code_of(lambda: stand_aside(entered, member, second)) == "competition.no_meeting"
    open_sitting(entered, absent={ill.id: ILL}, substitutes=frozenset({seat}))
    secretary = next(one for one in seats(entered) if one.role == "secretary")
    with entered.work() as work:
        stranger = replace(entered.actor, roles=frozenset(), person_id=add_person(work, "Бөтөн Адам").id)
    for outside in (actor_in(entered, idle), actor_in(entered, ill.id), actor_in(entered, secretary.id), stranger):
        with pytest.raises(NotPermitted, match="not_a_voting_member"):
            stand_aside(entered, outside, second)
    assert code_of(lambda: stand_aside(entered, member, first)) == "recusal.not_heard"
    assert code_of(lambda: stand_aside(entered, member, well.id)) == "application.not_of_competition"
    assert code_of(lambda: stand_aside(entered, member, second, {"ky": " "})) == "recusal.without_reason"
    stand_aside(entered, actor_in(entered, seat), second)


def test_a_recusal_is_never_deleted(sitting: Scene) -> None:
    stand_aside(sitting, sitting.members()[0], sitting.ids("invited")[0])
    with pytest.raises(ProgrammingError, match="permission denied"), sitting.work() as work:
        work.session.execute(text("DELETE FROM recusal"))
