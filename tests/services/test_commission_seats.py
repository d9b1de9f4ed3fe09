"""Who joins and who leaves a commission: what is over keeps who sat there, what is open keeps who sits there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from flask_app.domain.errors import AlreadyThere, InvalidInput, KyzmatError, NotFound, NotPermitted, Refused
from flask_app.domain.identity import AUDITOR, HEAD, HR_OFFICER, SECRETARY, Actor
from flask_app.services.bodies import add_person
from flask_app.services.commission_desk import desk_of
from flask_app.services.commission_register import choosable, commission_page
from flask_app.services.commission_seats import add_seat, end_seat
from flask_app.services.commissions import Change, NewMember, members_of
from flask_app.services.competition_facts import competition_facts
from flask_app.services.facts_of_many.competitions import competition_facts_of
from flask_app.services.meetings import NewMeeting, cast_vote, count_vote, hold_meeting
from flask_app.services.office import Work
from flask_app.services.paper_facts.protocol import protocol
from flask_app.services.procedure_story import competition_story
from flask_app.services.rights import roles_on
from flask_app.store.models.applications import Application
from flask_app.store.models.commissions import Commission, CommissionMember, Meeting
from flask_app.store.models.documents import Document
from flask_app.store.models.organisation import User
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition
from tests.services.building import BOTH
from tests.services.desk import NOW, TODAY, actor_with, new_body
from tests.services.stages import Scene
from tests.services.test_papers import signed

NOW_LEAVING = Change(TODAY, "приказ № 40")
FORMED = TODAY - timedelta(days=80)


def commission_of(scene: Scene) -> UUID:
    with scene.work() as work:
        found = work.get(Competition, scene.competition).commission_id
    assert found is not None
    return found


def seats(scene: Scene) -> list[CommissionMember]:
    """Those who hold a seat now."""
    with scene.work() as work:
        return members_of(work, commission_of(scene))


def join(scene: Scene, role: str = "member", day: date = TODAY, *, person: UUID | None = None, **more: bool) -> UUID:
    with scene.work() as work:
        who = person or add_person(work, "Новый Член").id
        votes = more.get("votes", role != "secretary")
        return add_seat(work, commission_of(scene), NewMember(who, role, BOTH, votes), Change(day, "приказ № 41"))


def leave(scene: Scene, seat: UUID, day: date = TODAY) -> None:
    with scene.work() as work:
        end_seat(work, commission_of(scene), seat, replace(NOW_LEAVING, day=day))


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(KyzmatError) as refused:
        act()
    return refused.value.code


def test_an_open_sitting_goes_on_with_those_it_was_opened_with(voting: Scene) -> None:
    """Nobody of it leaves; who joins meanwhile is in no count, on no ballot, and in no quorum."""
    before = seats(voting)
    for seat in before:
        assert code_of(lambda seat=seat: leave(voting, seat.id)) == "commission.in_sitting"  # type: ignore[misc]  # bound in the loop
    voters = voting.members()[: len(before) - 1]
    fresh = join(voting)
    assert len(seats(voting)) == len(before) + 1
    with voting.work() as work:
        desk = desk_of(work, voting.competition)
        assert {seat.member_id for seat in desk.seats} == {seat.id for seat in before}
        assert len(competition_story(work, voting.competition).members) == len(before)
        competition = work.get(Competition, voting.competition)
        facts = competition_facts(work, competition)
        assert facts.commission_members == {seat.id for seat in before}
        assert competition_facts_of(work, [competition])[competition.id] == facts
    for member in voters:
        with voting.work(member) as work:
            cast_vote(work, voting.competition, dict.fromkeys(voting.ids("interviewed"), "for"))
    newcomer = replace(
        voting.actor, roles=frozenset(), person_id=next(s for s in seats(voting) if s.id == fresh).person_id
    )
    with pytest.raises(NotPermitted), voting.work(newcomer) as work:
        cast_vote(work, voting.competition, dict.fromkeys(voting.ids("interviewed"), "for"))
    with voting.work() as work:
        assert {tally.present for tally in count_vote(work, voting.competition).tallies} == {3}


def test_the_protocol_keeps_who_sat_there(decided: Scene) -> None:
    """Once it is signed, people come and go; a protocol drawn up anew says the same."""
    chair, *_, secretary = seats(decided)
    assert code_of(lambda: leave(decided, secretary.id)) == "commission.in_sitting"
    paper = signed(decided, "D16")

    def sat(work: Work) -> tuple[object, ...]:
        said = protocol(work, work.get(Document, paper))
        return (*said.present, *said.absent, said.members_total, said.quorum_required, said.votes)

    with decided.work() as work:
        told = sat(work)
    assert code_of(lambda: leave(decided, chair.id, TODAY - timedelta(days=1))) == "commission.day_before_sitting"
    leave(decided, secretary.id)
    leave(decided, chair.id)
    fresh = join(decided, "chair")
    join(decided, "member")
    with decided.work() as work:
        assert sat(work) == told
        desk = desk_of(work, decided.competition)
        assert chair.id in {seat.member_id for seat in desk.seats}
        assert fresh not in {seat.member_id for seat in desk.seats}
        page = commission_page(work, commission_of(decided))
        assert (page.missing, page.complete) == (("secretary",), False)
        assert {seat.id for seat in page.left} == {chair.id, secretary.id}
        assert [(seat.until, seat.ended_by) for seat in page.left] == [(TODAY, "приказ № 40")] * 2


def test_whoever_has_left_has_no_rights_by_the_seat(screening: Scene) -> None:
    secretary = next(seat for seat in seats(screening) if seat.role == "secretary")
    seated = replace(screening.actor, roles=frozenset(), person_id=secretary.person_id)
    with screening.work(seated) as work:
        competition = work.get(Competition, screening.competition)
        assert SECRETARY in roles_on(work, competition)
    leave(screening, secretary.id)
    with screening.work(seated) as work:
        assert roles_on(work, work.get(Competition, screening.competition)) == frozenset()
        with pytest.raises(NotFound):
            commission_page(work, commission_of(screening))
    assert code_of(lambda: leave(screening, secretary.id)) == "commission.seat_ended"
    join(screening, "secretary", person=secretary.person_id)
    with screening.work(seated) as work:
        assert SECRETARY in roles_on(work, work.get(Competition, screening.competition))


def test_a_day_that_cannot_be_is_refused(screening: Scene) -> None:
    held = seats(screening)
    member = next(seat for seat in held if seat.role == "member")
    tomorrow, before = TODAY + timedelta(days=1), FORMED - timedelta(days=1)
    assert code_of(lambda: leave(screening, member.id, tomorrow)) == "act.in_the_future"
    assert code_of(lambda: leave(screening, member.id, before)) == "commission.day_before_forming"
    assert code_of(lambda: join(screening, day=tomorrow)) == "act.in_the_future"
    assert code_of(lambda: join(screening, day=before)) == "commission.day_before_forming"
    assert code_of(lambda: join(screening, "chair")) == "commission.place_taken"
    assert code_of(lambda: join(screening, person=member.person_id)) == "commission.seated_already"
    late = join(screening, day=TODAY - timedelta(days=5))
    assert code_of(lambda: leave(screening, late, TODAY - timedelta(days=6))) == "commission.day_before_seat"
    leave(screening, member.id, TODAY - timedelta(days=2))
    back = TODAY - timedelta(days=3)
    assert code_of(lambda: join(screening, day=back, person=member.person_id)) == "commission.day_before_end"
    leave(screening, next(seat for seat in held if seat.role == "secretary").id)
    with pytest.raises(Refused) as refused:
        join(screening, "secretary", votes=True)
    assert refused.value.code == "commission.secretary_votes"
    assert refused.value.rule is not None


def test_a_commission_that_lacks_somebody_opens_no_sitting(entered: Scene) -> None:
    entered.move("begin_interviews")
    secretary = next(seat for seat in seats(entered) if seat.role == "secretary")
    leave(entered, secretary.id)
    new = NewMeeting(TODAY, NOW - timedelta(hours=1), "in_person", BOTH, False, {})
    with pytest.raises(Refused) as refused, entered.work() as work:
        hold_meeting(work, entered.competition, new)
    assert refused.value.code == "competition.commission_incomplete"
    fresh = join(entered, "secretary")
    with entered.work() as work:
        meeting = work.get(Meeting, hold_meeting(work, entered.competition, new))
        sat = {seat.id for seat in members_of(work, commission_of(entered), meeting)}
    assert fresh in sat
    assert secretary.id not in sat


def test_a_sitting_of_a_day_with_other_members_is_not_opened(entered: Scene) -> None:
    """Its protocol would name who joined later; and nobody joins before a sitting that took place."""
    entered.move("begin_interviews")
    fresh, day = join(entered), TODAY - timedelta(days=1)
    late = NewMeeting(day, NOW - timedelta(days=1), "in_person", BOTH, False, {})
    with pytest.raises(Refused) as refused, entered.work() as work:
        hold_meeting(work, entered.competition, late)
    assert (refused.value.code, refused.value.params["names"]) == ("meeting.composition_changed", "Новый Член")
    leave(entered, fresh)
    with pytest.raises(Refused) as left, entered.work() as work:
        hold_meeting(work, entered.competition, late)
    assert left.value.code == "meeting.composition_changed"
    with entered.work() as work:
        hold_meeting(work, entered.competition, replace(late, held_on=TODAY, started_at=NOW - timedelta(hours=1)))
    assert code_of(lambda: join(entered, day=day)) == "commission.day_before_sitting"


def test_a_chair_without_a_vote_opens_no_sitting(entered: Scene) -> None:
    entered.move("begin_interviews")
    leave(entered, next(seat for seat in seats(entered) if seat.role == "chair").id)
    join(entered, "chair", votes=False)
    new = NewMeeting(TODAY, NOW - timedelta(hours=1), "in_person", BOTH, False, {})
    with pytest.raises(Refused) as refused, entered.work() as work:
        hold_meeting(work, entered.competition, new)
    assert refused.value.code == "competition.commission_incomplete"


def test_who_may_change_it_and_only_of_the_own_body(screening: Scene) -> None:
    commission, seat = commission_of(screening), seats(screening)[1].id
    stranger = actor_with(screening.office, new_body(screening.office), HR_OFFICER, HEAD)
    auditor = replace(screening.actor, roles=frozenset({AUDITOR}))

    def add(actor: Actor) -> None:
        with screening.work(actor) as work:
            person = add_person(work, "Чужой").id
            add_seat(work, commission, NewMember(person, "member", BOTH, True), NOW_LEAVING)

    def end(actor: Actor) -> None:
        with screening.work(actor) as work:
            end_seat(work, commission, seat, NOW_LEAVING)

    for act in (add, end):
        assert code_of(lambda act=act: act(stranger)) == "object.unknown"  # type: ignore[misc]  # bound in the loop
        assert code_of(lambda act=act: act(auditor)) == "workflow.action_not_permitted"  # type: ignore[misc]  # as above
    with screening.work() as work:
        assert len(members_of(work, commission)) == len(seats(screening))


def test_of_two_who_act_at_once_one_is_told(screening: Scene) -> None:
    """Two chairs, or one member noted as gone twice: the second waits, sees the first, and is answered in words."""
    chair, *others = seats(screening)
    with ThreadPoolExecutor(2) as pool:
        left = sorted(pool.map(_said, [lambda: leave(screening, chair.id)] * 2))
        assert left == ["commission.seat_ended", "done"]
        assert sorted(pool.map(_said, [lambda: join(screening, "chair")] * 2)) == ["commission.place_taken", "done"]
    with screening.work() as work:
        assert work.get(Commission, commission_of(screening)).formed_on == FORMED
        assert work.get(Person, others[0].person_id).name


def _said(act: Callable[[], object]) -> str:
    try:
        act()
    except (InvalidInput, AlreadyThere) as problem:
        return problem.code
    return "done"


def test_a_seat_is_offered_to_who_logs_in_and_who_has_sat_there(entered: Scene) -> None:
    """Not to the applicants, nor to whoever was barred from the panel and never sat on a commission."""
    office, body = entered.office, entered.actor.body_id
    here = actor_with(office, body, HR_OFFICER, name="Кызматкер Айбек")
    barred = actor_with(office, body, HR_OFFICER, name="Убактылуу Улан")
    elsewhere = actor_with(office, new_body(office), HR_OFFICER, name="Башка Бакыт")
    gone = join(entered)
    leave(entered, gone)
    with entered.work() as work:
        work.get(User, barred.user_id).disabled = True
    with entered.work() as work:
        former = work.get(CommissionMember, gone).person_id
        offered = choosable(work)
        applicants = set(work.session.scalars(select(Application.person_id)))
        sitting = {member.person_id for member in members_of(work, commission_of(entered))}
    ids = [one.person_id for one in offered]
    assert len(ids) == len(set(ids))
    assert {here.person_id, former} | sitting <= set(ids)
    assert applicants
    assert not (applicants | {barred.person_id, elsewhere.person_id}) & set(ids)
    logins = {one.person_id: one.login for one in offered}
    assert here.person_id is not None
    assert (logins[here.person_id], logins[former]) == (here.login, "")
