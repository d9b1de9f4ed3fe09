"""What was made faster still means the same: own rows only, rights as they are now, everybody gets a turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import select

from flask_app.bench.panel_statements import Statements
from flask_app.domain.errors import NotFound
from flask_app.services.bodies import actor_of, add_person
from flask_app.services.competition_facts import competition_facts
from flask_app.services.facts_of_many.competitions import competition_facts_of
from flask_app.services.rights import roles_on
from flask_app.store.models.applications import TestScore
from flask_app.store.models.commissions import CommissionMember, InterviewMark
from flask_app.store.models.procedures import Competition
from flask_app.store.models.results import Attempt
from flask_app.web.turns import Turns, page_of
from tests.bench.conftest import World


class Undone(Exception):
    """Rolls back what a test changed: the data are shared."""


# -- own rows ----------------------------------------------------------------------------------------------------------


def test_one_compiled_statement_gives_each_body_its_own_rows(world: World) -> None:
    """The condition's text is the same for all; whose rows they are is asked anew each time."""
    office = world.installed.office
    theirs = actor_of(office, "n0.hr_officer")
    ours = actor_of(office, "hr_officer")
    for _ in range(2):
        for actor in (ours, theirs):
            with office.work(actor) as work:
                found = work.session.scalars(select(Competition)).all()
                marks = work.session.execute(
                    select(InterviewMark.body_id)
                    .join(CommissionMember, CommissionMember.id == InterviewMark.member_id)
                    .distinct()
                )
                assert {row.body_id for row in found} == {actor.body_id}
                assert {row.body_id for row in marks} == {actor.body_id}


def test_anothers_object_is_not_there_however_often_it_is_asked_for(world: World) -> None:
    office = world.installed.office
    with office.work(actor_of(office, "n0.hr_officer")) as work:
        theirs = work.session.scalars(select(Competition.id)).first()
    assert theirs is not None
    with office.work(actor_of(office, "hr_officer")) as work:
        for _ in range(2):
            with pytest.raises(NotFound):
                work.get(Competition, theirs)


def test_an_object_in_hand_is_not_read_again_but_locked_anew(world: World) -> None:
    office, engine = world.installed.office, world.installed.engine
    with office.work(actor_of(office, "hr_officer")) as work:
        id_ = work.session.scalars(select(Competition.id)).first()
        assert id_ is not None
        first = work.get(Competition, id_)
        with Statements(engine) as statements:
            assert work.get(Competition, id_) is first
            assert statements.sent == []
            assert work.get(Competition, id_, lock=True) is first
            assert "FOR UPDATE" in statements.sent[0]


# -- rights ------------------------------------------------------------------------------------------------------------


def test_a_seat_given_in_this_transaction_counts_at_once(world: World) -> None:
    office = world.installed.office
    with suppress(Undone), office.work(actor_of(office, "commission_member")) as work:
        seats = select(CommissionMember.commission_id).where(CommissionMember.person_id == work.actor.person_id)
        closed = work.session.scalars(select(Competition).where(Competition.commission_id.not_in(seats))).first()
        assert closed is not None
        assert roles_on(work, closed) == frozenset()
        post = {"ky": "адис", "ru": "специалист"}
        person = work.actor.person_id or add_person(work, "Никто Никтоевич").id
        work.add(
            CommissionMember(commission_id=closed.commission_id, person_id=person, role="member", votes=True, post=post)
        )
        assert roles_on(work, closed) == {"commission_member"}
        raise Undone


def test_roles_on_many_objects_take_one_query(world: World) -> None:
    office = world.installed.office
    with office.work(actor_of(office, "commission_secretary")) as work:
        competitions = work.session.scalars(select(Competition)).all()
        with Statements(world.installed.engine) as statements:
            found = {roles_on(work, competition) for competition in competitions}
        assert len(statements.sent) == 1
        assert found == {frozenset({"commission_secretary"})}


# -- facts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["newest", "deleted"])
def test_a_regraded_or_deleted_attempt_is_told_by_list_and_page_alike(world: World, change: str) -> None:
    office = world.installed.office
    with suppress(Undone), office.work(actor_of(office, "hr_officer")) as work:
        competition = work.session.scalars(select(Competition).where(Competition.state == "testing")).first()
        assert competition is not None
        before = competition_facts_of(work, [competition])[competition.id].session
        scored = [a.id for a in competition_facts(work, competition).in_state("qualified", "below_threshold", "tested")]
        score = work.session.scalars(select(TestScore).where(TestScore.application_id.in_(scored))).first()
        assert score is not None
        assert score.attempt_id is not None
        attempt = work.get(Attempt, score.attempt_id)
        setattr(attempt, change, change == "deleted")
        work.session.flush()
        alone, listed = competition_facts(work, competition), competition_facts_of(work, [competition])
        assert alone == listed[competition.id]
        assert before is not None
        assert alone.session is not None
        assert (before.unexplained, alone.session.unexplained) == (0, 2), "one is missing, and a score rests on it"
        raise Undone


# -- turns -------------------------------------------------------------------------------------------------------------


class Room:
    """An application that answers when it is let, and counts who is inside."""

    def __init__(self) -> None:
        self.inside = threading.Semaphore(0)
        self.leave = threading.Event()

    def __call__(self, environ: object, start_response: object) -> Iterable[bytes]:  # noqa: ARG002  # WSGI's signature
        self.inside.release()
        assert self.leave.wait(20)
        return [b"done"]


def visit(turns: Turns) -> threading.Thread:
    thread = threading.Thread(target=lambda: turns({}, lambda *_: lambda _data: None), daemon=True)
    thread.start()
    return thread


def test_pages_are_made_one_at_a_time() -> None:
    room = Room()
    turns = Turns(room, longest_held=20)
    visitors = [visit(turns) for _ in range(5)]
    assert room.inside.acquire(timeout=10)
    assert not room.inside.acquire(timeout=0.3), "a second one is inside"
    room.leave.set()
    for visitor in visitors:
        visitor.join(10)
        assert not visitor.is_alive()


def test_a_turn_that_was_held_for_long_is_taken_over_by_one() -> None:
    room = Room()
    turns = Turns(room, longest_held=0.4)
    visitors = [visit(turns) for _ in range(3)]
    for _ in visitors:
        assert room.inside.acquire(timeout=10), "held up by one that does not end"
        assert not room.inside.acquire(timeout=0.1), "all that waited went ahead together"
    room.leave.set()
    for visitor in visitors:
        visitor.join(10)
        assert not visitor.is_alive()


def test_who_lost_the_turn_gives_nobody_another() -> None:
    """The first is late, the second has its turn, the third waits; the first ends, and the third waits still."""
    rooms = {name: Room() for name in ("/late", "/next", "/third")}

    def inner(environ: dict[str, str], start_response: object) -> Iterable[bytes]:
        return rooms[environ["PATH_INFO"]](environ, start_response)

    turns = Turns(inner, longest_held=1.0)
    visitors = []
    for path in rooms:
        thread = threading.Thread(target=lambda path=path: turns({"PATH_INFO": path}, lambda *_: lambda _: None))
        thread.daemon = True
        thread.start()
        visitors.append(thread)
        time.sleep(0.05)
    assert rooms["/late"].inside.acquire(timeout=10)
    assert rooms["/next"].inside.acquire(timeout=10)
    rooms["/late"].leave.set()
    visitors[0].join(10)
    assert not rooms["/third"].inside.acquire(timeout=0.3)
    rooms["/next"].leave.set()
    assert rooms["/third"].inside.acquire(timeout=0.6), "the turn was not handed on"
    rooms["/third"].leave.set()
    for visitor in visitors:
        visitor.join(10)
        assert not visitor.is_alive()


def test_a_turn_that_fails_is_given_back() -> None:
    def broken(environ: object, start_response: object) -> Iterable[bytes]:
        raise ValueError("broken")

    turns = Turns(broken, longest_held=20)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"):
            turns({}, lambda *_: lambda _data: None)


def test_a_page_that_takes_long_begins_earlier_by_as_long() -> None:
    """Three wait while one is inside: the long page came last and is called first, the others go as they came."""
    order: list[str] = []
    gate = threading.Event()

    def inner(environ: dict[str, str], start_response: Callable[[str, list[tuple[str, str]]], Any]) -> Iterable[bytes]:
        order.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        if environ["PATH_INFO"] == "/first":
            assert gate.wait(20)
        elif environ["PATH_INFO"].startswith("/long"):
            time.sleep(0.15)
        return [b"done"]

    turns = Turns(inner, longest_held=20)

    def ask(path: str) -> threading.Thread:
        thread = threading.Thread(target=lambda: turns({"PATH_INFO": path}, lambda *_: lambda _data: None), daemon=True)
        thread.start()
        return thread

    for path in ("/long/1", "/short/a"):
        ask(path).join(10)
    order.clear()
    visitors = [ask("/first")]
    for path in ("/short/a", "/short/b", "/long/2"):
        time.sleep(0.02)
        visitors.append(ask(path))
    time.sleep(0.1)
    gate.set()
    for visitor in visitors:
        visitor.join(10)
    assert order == ["/first", "/long/2", "/short/a", "/short/b"]


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/", "GET /"),
        ("/sittings/9a1c6a2e-0000-4000-8000-000000000001/move", "GET /sittings/*/move"),
        ("/papers/about/competition/1/D16", "GET /papers/about/competition/*/*"),
    ],
)
def test_pages_are_told_apart_by_what_they_are(path: str, page: str) -> None:
    assert page_of({"PATH_INFO": path}) == page
