"""Substitutes: named for one member, sitting and voting only in that member's absence, and seeing nothing otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from flask_app.domain.errors import InvalidInput, KyzmatError, NotFound, NotPermitted
from flask_app.domain.identity import MEMBER, Actor
from flask_app.services.applications import applications_of
from flask_app.services.bodies import add_person
from flask_app.services.commission_desk import desk_of, desks
from flask_app.services.commission_register import commission_page, commissions
from flask_app.services.commission_seats import add_seat, end_seat
from flask_app.services.commissions import Change, NewMember, form_commission, members_of, substitutes_of
from flask_app.services.competition_draft import commissions_to_choose
from flask_app.services.competition_facts import competition_facts
from flask_app.services.facts_of_many.competitions import competition_facts_of
from flask_app.services.meetings import NewMeeting, cast_vote, count_vote, finish_interviews, hold_meeting
from flask_app.services.paper_facts.protocol import protocol
from flask_app.services.paper_shelf import papers_about
from flask_app.services.recusals import recuse
from flask_app.services.rights import roles_on
from flask_app.services.test_sessions import session_of
from flask_app.services.visibility import seats_of
from flask_app.store.models.commissions import CommissionMember, Meeting
from flask_app.store.models.documents import Document
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition
from tests.services.building import BOTH
from tests.services.desk import NOW, TODAY
from tests.services.stages import Scene
from tests.services.test_commission_seats import FORMED, code_of, commission_of, join, leave, seats
from tests.services.test_papers import signed, words

ILL = {"ky": "ооруп жатат", "ru": "болезнь"}
OPENING = NewMeeting(TODAY, NOW - timedelta(hours=1), "in_person", BOTH, False, {})


def stand_in(scene: Scene, member: UUID, day: date = TODAY, name: str = "Орун Алмаш", **more: object) -> UUID:
    """A substitute for the member whose person this is."""
    with scene.work() as work:
        new = NewMember(add_person(work, name).id, "substitute", BOTH, True, member)
        return add_seat(work, commission_of(scene), replace(new, **more), Change(day, "приказ № 42"))  # type: ignore[arg-type]  # named by the tests


def actor_in(scene: Scene, seat: UUID) -> Actor:
    """Whoever holds the seat, with nothing but it."""
    with scene.work() as work:
        return replace(scene.actor, roles=frozenset(), person_id=work.get(CommissionMember, seat).person_id)


def members_with_votes(scene: Scene) -> list[CommissionMember]:
    return [seat for seat in seats(scene) if seat.role == "member"]


def open_sitting(scene: Scene, **changes: object) -> None:
    with scene.work() as work:
        hold_meeting(work, scene.competition, replace(OPENING, **changes))  # type: ignore[arg-type]  # named by the tests


def opens_nothing(scene: Scene, actor: Actor) -> bool:
    with scene.work(actor) as work:
        assert roles_on(work, work.get(Competition, scene.competition)) == frozenset()
        for page in (lambda: desk_of(work, scene.competition), lambda: commission_page(work, commission_of(scene))):
            with pytest.raises(NotFound):
                page()
        listed = (*desks(work, 1).rows, *commissions(work, 1).rows, *papers_about(work, scene.competition))
        return not listed and not seats_of(work)


def test_a_substitute_sits_votes_and_is_named_in_the_place_of_who_is_absent(entered: Scene) -> None:
    """The whole way: nothing before the sitting, a voice like the member's in it, the protocol's line after it."""
    entered.move("begin_interviews")
    entered.move_all("qualified", "invite")
    ill, well = members_with_votes(entered)
    seat, idle = stand_in(entered, ill.person_id), stand_in(entered, well.person_id, name="Бош Турган")
    substitute, other = actor_in(entered, seat), actor_in(entered, idle)
    assert opens_nothing(entered, substitute)
    for both in (frozenset({seat, idle}), frozenset({idle})):
        with pytest.raises(InvalidInput) as refused:
            open_sitting(entered, absent={ill.id: ILL}, substitutes=both)
        assert (refused.value.code, refused.value.params["name"]) == ("meeting.substitute_beside_member", "Бош Турган")
    with pytest.raises(InvalidInput, match=r"meeting\.not_a_substitute"):
        open_sitting(entered, absent={ill.id: ILL}, substitutes=frozenset({uuid4()}))
    open_sitting(entered, absent={ill.id: ILL}, substitutes=frozenset({seat}))

    assert opens_nothing(entered, other)
    with entered.work(substitute) as work:
        assert roles_on(work, work.get(Competition, entered.competition)) == {MEMBER}
        desk = desk_of(work, entered.competition)
        assert (desk.place, len(desk.voters), desk.members_total) == ("voting", 3, 3)
        assert [row.seat for row in desks(work, 1).rows] == [True]
        assert commissions(work, 1).rows == ()
    chair = next(seat for seat in seats(entered) if seat.role == "chair")
    there = [actor_in(entered, one) for one in (chair.id, well.id, seat)]
    for member in there:
        entered.mark(member)
    for outside in (other, actor_in(entered, ill.id)):
        with pytest.raises((NotFound, NotPermitted)):
            entered.mark(outside)
    with entered.work() as work:
        facts = competition_facts(work, work.get(Competition, entered.competition))
        assert facts == competition_facts_of(work, [work.get(Competition, entered.competition)])[entered.competition]
        assert (len(facts.present_members), len(facts.commission_members)) == (3, 4)
        finish_interviews(work, entered.competition, TODAY)
    entered.move("begin_voting")
    with entered.work() as work:
        first, *rest = applications_of(work, entered.competition, "interviewed")
    with entered.work(there[1]) as work:
        recuse(work, entered.competition, first.id, ILL)
    for member in there:
        own = {first.id: "for"} if member is not there[1] else {}
        with entered.work(member) as work:
            cast_vote(work, entered.competition, own | dict.fromkeys((a.id for a in rest), "against"))
    assert code_of(lambda: leave(entered, seat)) == "commission.in_sitting"
    assert code_of(lambda: leave(entered, ill.id)) == "commission.in_sitting"
    with entered.work() as work:
        outcome = count_vote(work, entered.competition)
        assert outcome.winner == first.id
        assert {tally.present for tally in outcome.tallies} == {3}
    entered.move("decide")
    protocol_tells_of(entered, seat, ill.id)


def protocol_tells_of(scene: Scene, seat: UUID, absent: UUID) -> None:
    """Also once the substitute and the member have left."""
    paper = signed(scene, "D16")
    leave(scene, absent)
    with scene.work() as work:
        said = protocol(work, work.get(Document, paper))
        name = {id_: work.get(Person, work.get(CommissionMember, id_).person_id).name for id_ in (seat, absent)}
    assert [(one.role, one.name, one.votes) for one in said.present if one.in_place_of] == [
        ("substitute", name[seat], True)
    ]
    assert [(one.name, one.absence_reason and one.absence_reason.ru) for one in said.absent] == [
        (name[absent], "болезнь")
    ]
    assert [one.in_place_of for one in said.present if one.role == "substitute"] == [name[absent]]
    assert "замещающий член комиссии (вместо отсутствующего члена: " + name[absent] in words(scene, paper)
    assert "алмаштыруучу мүчө (келбеген мүчөнүн ордуна: " + name[absent] in words(scene, paper)
    assert (said.members_total, sum(one.votes for one in said.present)) == (3, 3)


def test_whoever_becomes_a_substitute_stands_in_for_one_member(screening: Scene) -> None:
    chair, first, second, secretary = seats(screening)
    for wrong, code in (
        (chair.person_id, "commission.substitute_of_place"),
        (secretary.person_id, "commission.substitute_of_place"),
        (uuid4(), "commission.substitute_of_nobody"),
    ):
        assert code_of(lambda wrong=wrong: stand_in(screening, wrong)) == code  # type: ignore[misc]  # bound in the loop
    assert code_of(lambda: stand_in(screening, first.person_id, votes=False)) == "commission.substitute_votes"
    assert code_of(lambda: stand_in(screening, first.person_id, in_place_of=None)) == "commission.substitute_of_nobody"
    assert code_of(lambda: stand_in(screening, first.person_id, role="member")) == "commission.not_a_substitute"
    seat = stand_in(screening, first.person_id, TODAY - timedelta(days=9))
    assert code_of(lambda: stand_in(screening, first.person_id)) == "commission.substitute_taken"
    own = actor_in(screening, seat).person_id
    assert own is not None
    assert code_of(lambda: stand_in(screening, own)) == "commission.substitute_of_place"
    assert code_of(lambda: join(screening, person=own)) == "commission.seated_already"
    late = join(screening, day=TODAY - timedelta(days=3))
    newcomer = actor_in(screening, late).person_id
    assert newcomer is not None
    assert code_of(lambda: stand_in(screening, newcomer, TODAY - timedelta(days=4))) == "commission.day_before_member"
    with screening.work() as work:
        page = commission_page(work, commission_of(screening))
        assert len(members_of(work, commission_of(screening))) == 5
    at = [line.id for line in page.held].index(first.id)
    assert page.held[at + 1].in_place_of == (first.id, page.held[at].name)
    assert (page.votes, {line.id for line in page.replaceable}) == (4, {second.id, late})


def test_a_substitute_leaves_alone_or_with_the_member(screening: Scene) -> None:
    first, second = members_with_votes(screening)
    seat, own = stand_in(screening, first.person_id, TODAY - timedelta(days=5)), stand_in(screening, second.person_id)
    leave(screening, own)
    again = stand_in(screening, second.person_id, name="Дагы Бирөө")
    before = TODAY - timedelta(days=6)
    assert code_of(lambda: leave(screening, first.id, before)) == "commission.day_before_substitute"
    leave(screening, first.id)
    with screening.work() as work:
        page = commission_page(work, commission_of(screening))
        assert [line.id for line in substitutes_of(work, commission_of(screening))] == [again]
    assert {line.id for line in page.left} == {first.id, seat, own}
    assert {(line.until, line.ended_by) for line in page.left} == {(TODAY, "приказ № 40")}


def test_substitutes_complete_no_commission_and_change_no_days_composition(entered: Scene) -> None:
    """Who became a substitute after the day of the sitting did not sit; members are what a past day is judged by."""
    yesterday = TODAY - timedelta(days=1)
    entered.move("begin_interviews")
    with entered.work() as work:
        work.get(Competition, entered.competition).last_act_on = yesterday  # as if they had begun then, after the test
        session = session_of(work, entered.competition)
        assert session is not None
        session.starts_at -= timedelta(days=2)
    ill, _ = members_with_votes(entered)
    seat = stand_in(entered, ill.person_id)
    past = {"held_on": yesterday, "started_at": NOW - timedelta(days=1), "absent": {ill.id: ILL}}
    refused = code_of(lambda: open_sitting(entered, **past, substitutes=frozenset({seat})))
    assert refused == "meeting.composition_changed"
    open_sitting(entered, **past)
    with entered.work() as work:
        meeting = work.session.scalars(select(Meeting).where(Meeting.competition_id == entered.competition)).one()
        assert substitutes_of(work, commission_of(entered), meeting) == []
        assert len(desk_of(work, entered.competition).voters) == 2


def test_a_commission_is_formed_with_its_substitutes(screening: Scene) -> None:
    with screening.work() as work:
        chair, member, secretary, substitute = (add_person(work, f"Жаңы {n}").id for n in range(4))
        people = [
            NewMember(substitute, "substitute", BOTH, True, member),
            NewMember(chair, "chair", BOTH, True),
            NewMember(member, "member", BOTH, True),
            NewMember(secretary, "secretary", BOTH, False),
        ]
        id_ = form_commission(work, BOTH, ["competition"], FORMED, "приказ", people)
        page = commission_page(work, id_)
        offered = next(choice for choice in commissions_to_choose(work) if choice.id == id_)
    assert [(seat.name, seat.role, seat.in_place_of) for seat in offered.members] == [
        ("Жаңы 0", "chair", ""),
        ("Жаңы 1", "member", ""),
        ("Жаңы 3", "substitute", "Жаңы 1"),
        ("Жаңы 2", "secretary", ""),
    ]
    assert [(line.role, line.in_place_of and line.in_place_of[1]) for line in page.held] == [
        ("chair", None),
        ("member", None),
        ("substitute", "Жаңы 1"),
        ("secretary", None),
    ]
    assert (page.complete, page.votes) == (True, 2)
    lone = [people[1], replace(people[0], in_place_of=chair), people[3]]
    for wrong in (lone, [*people, NewMember(uuid4(), "substitute", BOTH, True, member)]):
        with pytest.raises(KyzmatError), screening.work() as work:
            form_commission(work, BOTH, ["competition"], FORMED, "приказ", wrong)


def test_the_database_keeps_a_substitute_to_a_member_of_the_same_commission(screening: Scene) -> None:
    first, second = members_with_votes(screening)
    seat = stand_in(screening, first.person_id)
    chair = next(one for one in seats(screening) if one.role == "chair")
    with screening.work() as work:
        elsewhere = form_commission(
            work,
            BOTH,
            ["competition"],
            FORMED,
            "приказ",
            [
                NewMember(add_person(work, "Төрага Башка").id, "chair", BOTH, True),
                NewMember(add_person(work, "Катчы Башка").id, "secretary", BOTH, False),
            ],
        )

    def insert(**more: object) -> Callable[[], None]:
        def act() -> None:
            with screening.work() as work:
                plain = {"commission_id": commission_of(screening), "role": "substitute", "votes": True, "post": {}}
                plain |= {"in_place_of_id": second.id, "in_place_of_role": "member"}
                work.add(CommissionMember(**(plain | more), person_id=add_person(work, "Жаңы").id))
                work.session.flush()

        return act

    own = uuid4()
    for wrong in (
        {"in_place_of_id": seat, "in_place_of_role": "substitute"},
        {"in_place_of_id": seat},
        {"in_place_of_id": chair.id, "in_place_of_role": "chair"},
        {"in_place_of_id": first.id},
        {"id": own, "in_place_of_id": own},
        {"commission_id": elsewhere},
        {"in_place_of_id": None, "in_place_of_role": None},
        {"in_place_of_role": None},
        {"role": "member"},
        {"votes": False},
    ):
        with pytest.raises(IntegrityError):
            insert(**wrong)()
    insert()()


def test_a_substitutes_rights_end_with_the_seat(decided: Scene) -> None:
    """Only a sitting one took part in opens, and nobody who left keeps it."""
    assert code_of(lambda: stand_in(decided, seats(decided)[0].person_id)) == "commission.substitute_of_place"
    seat = stand_in(decided, members_with_votes(decided)[0].person_id)
    assert opens_nothing(decided, actor_in(decided, seat))
    with decided.work() as work:
        end_seat(work, commission_of(decided), seat, Change(TODAY, "приказ № 43"))
    assert opens_nothing(decided, actor_in(decided, seat))
