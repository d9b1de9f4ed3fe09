"""Jobs in the transaction, by key, their progress and their cancellation; on a real database."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from flask_app.domain.errors import NotFound
from flask_app.ports.queue import JobQueue
from tests.conftest import Database
from tests.store.desk import BODY, OTHER_BODY, Desk


@pytest.fixture
def desk(database: Database, session_factory: sessionmaker[Session]) -> Desk:
    return Desk(database, session_factory)


# ------------------------------------------------------------------------------------------------- in a transaction


@pytest.mark.both_engines
def test_committed_job_is_done_once_with_its_arguments(desk: Desk) -> None:
    queue: JobQueue = desk.queue
    with desk.sessions.begin() as session:
        progress_id = queue.put(session, "note", {"course": "Окуу", "n": [1, 2]}, key="k", body_id=BODY)
    assert desk.row(progress_id).state == "waiting"
    desk.run()
    desk.run()
    assert desk.done == [{"course": "Окуу", "n": [1, 2]}]
    assert desk.row(progress_id).state == "done"
    assert desk.count("procrastinate_jobs") == 0


@pytest.mark.both_engines
def test_rolled_back_job_was_never_there(desk: Desk) -> None:
    with desk.sessions() as session:
        desk.queue.put(session, "note", {}, key="k", body_id=BODY)
        session.rollback()
    assert desk.count("procrastinate_jobs") == desk.count("job_progress") == 0
    desk.run()
    assert desk.done == []


def test_job_is_not_seen_before_the_commit(desk: Desk) -> None:
    with desk.sessions() as session:
        desk.queue.put(session, "note", {}, key="k", body_id=BODY)
        desk.run()
        assert desk.done == []
        session.commit()
    desk.run()
    assert len(desk.done) == 1


def test_unregistered_task_is_refused_when_it_is_put(desk: Desk) -> None:
    with pytest.raises(KeyError, match="nobody"):
        desk.put("nobody")
    assert desk.count("procrastinate_jobs") == 0


def test_a_name_is_registered_once(desk: Desk) -> None:
    with pytest.raises(ValueError, match="twice"):
        desk.task("note", lambda _arguments, _progress: None)


def test_jobs_that_jobs_put_are_done_too(desk: Desk) -> None:
    ids: list[UUID] = []
    desk.task("first", lambda _arguments, _progress: ids.append(desk.put(key="next", n=2)))
    desk.put("first", key="first")
    desk.run()
    assert desk.done == [{"n": 2}]


# -------------------------------------------------------------------------------------------------------- by key


@pytest.mark.both_engines
def test_second_put_of_a_key_returns_the_waiting_row(desk: Desk) -> None:
    assert desk.put(n=1) == desk.put(n=2)
    desk.run()
    assert desk.done == [{"n": 1}]


def test_key_is_free_again_after_the_job(desk: Desk) -> None:
    first = desk.put(n=1)
    desk.run()
    assert desk.put(n=2) != first
    desk.run()
    assert desk.done == [{"n": 1}, {"n": 2}]


def test_keys_of_two_bodies_never_meet(desk: Desk) -> None:
    assert desk.put(body_id=BODY) != desk.put(body_id=OTHER_BODY)
    desk.run()
    assert len(desk.done) == 2


def test_twice_in_one_transaction(desk: Desk) -> None:
    with desk.sessions.begin() as session:
        ids = {desk.queue.put(session, "note", {}, key="k", body_id=BODY) for _ in range(3)}
    assert len(ids) == 1
    assert desk.count("job_progress") == 1


@pytest.mark.both_engines
def test_two_transactions_at_once_make_one_job(desk: Desk) -> None:
    """The second waits for the first, and learns what became of it without losing its own transaction."""
    results: list[UUID] = []

    def second() -> None:
        with desk.sessions.begin() as session:
            session.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
            results.append(desk.queue.put(session, "note", {"n": 2}, key="k", body_id=BODY))

    with desk.sessions() as session:
        first = desk.queue.put(session, "note", {"n": 1}, key="k", body_id=BODY)
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.3)
        assert results == []
        session.commit()
    thread.join(10)
    assert results == [first]
    assert desk.count("procrastinate_workers") == 1


def test_when_the_first_transaction_gives_up_the_second_has_the_job(desk: Desk) -> None:
    results: list[UUID] = []
    thread = threading.Thread(target=lambda: results.append(desk.put(n=2)))
    with desk.sessions() as session:
        first = desk.queue.put(session, "note", {"n": 1}, key="k", body_id=BODY)
        thread.start()
        time.sleep(0.3)
        session.rollback()
    thread.join(10)
    assert results != [first]
    desk.run()
    assert desk.done == [{"n": 2}]


@pytest.mark.both_engines
def test_waiting_job_sees_what_the_second_putter_wrote(desk: Desk) -> None:
    """Else the change of the second would be passed over: its job would have run before its commit."""
    seen: list[int] = []
    desk.task("look", lambda _arguments, _progress: seen.append(desk.count("procrastinate_workers")))
    desk.put("look")
    with desk.sessions() as session:
        session.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
        desk.queue.put(session, "look", {}, key="k", body_id=BODY)
        desk.run()
        assert seen == []
        session.commit()
    desk.run()
    assert seen == [2]  # the row above, and the worker itself


@pytest.mark.both_engines
def test_a_delayed_job_waits_for_others_and_is_brought_forward_by_who_does_not(desk: Desk) -> None:
    def put(delay: timedelta | None) -> UUID:
        with desk.sessions.begin() as session:
            return desk.queue.put(session, "note", {}, key="k", body_id=BODY, delay=delay)

    def wait() -> float:
        """Seconds until the job is due."""
        with desk.sessions() as session:
            (left,) = session.execute(
                text("SELECT extract(epoch FROM scheduled_at - now()) FROM procrastinate_jobs")
            ).one()
        return float(left)

    first = put(timedelta(minutes=10))
    assert put(timedelta(minutes=20)) == first
    assert 500 < wait() <= 600, "a later wish does not put it off"
    assert put(timedelta(minutes=1)) == first
    assert 0 < wait() <= 60
    desk.run()
    assert desk.done == []
    assert put(None) == first
    desk.run()
    assert len(desk.done) == 1


def test_job_that_has_begun_does_not_swallow_a_put(desk: Desk) -> None:
    ids: list[UUID] = []
    desk.task("again", lambda arguments, _progress: ids.append(desk.put("again", n=2)) if arguments["n"] == 1 else None)
    first = desk.put("again", n=1)
    desk.run()
    assert len(ids) == 1
    assert ids != [first]
    assert [desk.row(progress).state for progress in (first, *ids)] == ["done", "done"]


# ---------------------------------------------------------------------------------------------------- progress


def test_progress_is_seen_while_the_job_works(desk: Desk) -> None:
    seen: list[tuple[str, int, int, str, dict[str, Any]]] = []

    def work(_arguments: Mapping[str, Any], progress_id: UUID) -> None:
        desk.book.report(progress_id, 3, 10, "sync.bank", bank="Укук", share=0.3, day=UUID(int=0))
        row = desk.row(progress_id)
        seen.append((row.state, row.done, row.total, row.message_code, row.params))

    desk.task("work", work)
    progress_id = desk.put("work")
    desk.run()
    params = {"bank": "Укук", "share": 0.3, "day": str(UUID(int=0))}
    assert seen == [("running", 3, 10, "sync.bank", params)]
    row = desk.row(progress_id)
    assert (row.state, row.done, row.total) == ("done", 3, 10)
    assert row.updated_at >= row.created_at


def test_another_bodys_job_does_not_exist(desk: Desk) -> None:
    progress_id = desk.put()
    with pytest.raises(NotFound):
        desk.book.get(progress_id, OTHER_BODY)
    with desk.sessions.begin() as session, pytest.raises(NotFound):
        desk.queue.cancel(session, progress_id, body_id=OTHER_BODY)
    desk.run()
    assert len(desk.done) == 1


# ------------------------------------------------------------------------------------------------------- cancel


def test_waiting_job_is_cancelled_at_once_and_frees_its_key(desk: Desk) -> None:
    progress_id = desk.put(n=1)
    with desk.sessions.begin() as session:
        assert desk.queue.cancel(session, progress_id, body_id=BODY) == "cancelled"
    assert desk.put(n=2) != progress_id
    desk.run()
    assert desk.done == [{"n": 2}]
    assert desk.row(progress_id).state == "cancelled"


def test_running_job_stops_at_its_next_report(desk: Desk) -> None:
    def work(_arguments: Mapping[str, Any], progress_id: UUID) -> None:
        desk.book.report(progress_id, 1, 3)
        with desk.sessions.begin() as session:
            assert desk.queue.cancel(session, progress_id, body_id=BODY) == "running"
        desk.book.report(progress_id, 2, 3)
        desk.done.append({"never": True})

    desk.task("work", work)
    progress_id = desk.put("work")
    desk.run()
    row = desk.row(progress_id)
    assert (row.state, row.done, row.total) == ("cancelled", 2, 3)
    assert desk.done == []


def test_rolled_back_cancel_changes_nothing(desk: Desk) -> None:
    progress_id = desk.put()
    with desk.sessions() as session:
        desk.queue.cancel(session, progress_id, body_id=BODY)
        session.rollback()
    desk.run()
    assert desk.row(progress_id).state == "done"
