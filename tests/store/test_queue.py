"""Jobs on a real database: in the transaction, by key, through failures, cancellation, and workers killed with -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from flask_app.domain.errors import NotFound, Refused, RefusedOutside, Unreachable
from flask_app.ports.queue import JobQueue
from flask_app.store.models.jobs import JobProgress
from flask_app.store.progress import ProgressBook
from flask_app.store.queue import TaskRegistry, TransactionalQueue, queueing_lock
from flask_app.store.worker import MOST_ATTEMPTS, MOST_CRASHES, Worker, pause_before, run_pending
from tests.conftest import Database

BODY = UUID("00000000-0000-4000-8000-000000000001")
OTHER_BODY = UUID("00000000-0000-4000-8000-000000000002")
SOON = timedelta(milliseconds=200)

Sessions = sessionmaker[Session]


class Desk:
    """A queue with tasks that note what was done, and shorthands."""

    def __init__(self, database: Database, sessions: Sessions) -> None:
        self.url = database.url("app")
        self.sessions = sessions
        self.tasks = TaskRegistry()
        self.queue = TransactionalQueue(self.tasks)
        self.book = ProgressBook(sessions)
        self.done: list[Mapping[str, Any]] = []
        self.tasks.register("note", lambda arguments, _progress: self.done.append(arguments))

    def task(self, name: str, work: Callable[[Mapping[str, Any], UUID], None]) -> None:
        self.tasks.register(name, work)

    def put(self, name: str = "note", key: str = "k", body_id: UUID = BODY, **arguments: object) -> UUID:
        with self.sessions.begin() as session:
            return self.queue.put(session, name, arguments, key=key, body_id=body_id)

    def row(self, progress_id: UUID) -> JobProgress:
        return self.book.get(progress_id, BODY)

    def run(self) -> None:
        run_pending(self.url, self.tasks)

    def count(self, what: str) -> int:
        with self.sessions() as session:
            return session.scalar(text(f"SELECT count(*) FROM {what}")) or 0

    def execute(self, statement: str, **values: object) -> None:
        with self.sessions.begin() as session:
            session.execute(text(statement), values)


@pytest.fixture
def desk(database: Database, session_factory: Sessions) -> Desk:
    return Desk(database, session_factory)


@contextmanager
def working(worker: Worker) -> Iterator[threading.Thread]:
    """The worker in a thread, stopped and ended at the end of the block."""
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield thread
    finally:
        worker.stop()
        thread.join(20)
        assert not thread.is_alive()


def eventually(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.05)


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
    desk.task("first", lambda _arguments, _progress: [desk.put(key="next", n=2)] and None)
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


# ---------------------------------------------------------------------------------------------------- failures


def raising(error: Exception) -> Callable[[Mapping[str, Any], UUID], None]:
    def work(_arguments: Mapping[str, Any], _progress: UUID) -> None:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code", "params"),
    [
        (Refused("sync.foreign_change", number=3), "sync.foreign_change", {"number": 3}),
        (RefusedOutside("moodle.refused", errorcode="nopermissions"), "moodle.refused", {"errorcode": "nopermissions"}),
        (ZeroDivisionError("of Асанов"), "job.defect", {"task": "fail", "kind": "ZeroDivisionError"}),
    ],
)
def test_failed_job_says_why_and_is_not_tried_again(
    desk: Desk, error: Exception, code: str, params: dict[str, object]
) -> None:
    desk.task("fail", raising(error))
    progress_id = desk.put("fail")
    desk.run()
    desk.run()
    row = desk.row(progress_id)
    assert (row.state, row.message_code, row.params) == ("failed", code, params)
    assert desk.count("procrastinate_jobs WHERE status = 'failed'") == 1
    assert desk.count("procrastinate_jobs WHERE status = 'todo'") == 0


def test_silent_neighbour_is_tried_again_until_it_answers(desk: Desk) -> None:
    calls: list[int] = []

    def work(_arguments: Mapping[str, Any], _progress: UUID) -> None:
        calls.append(1)
        if len(calls) < 3:
            raise Unreachable("moodle.timeout", seconds=30)

    desk.task("ask", work)
    progress_id = desk.put("ask")
    worker = Worker(desk.url, desk.tasks, first_pause=SOON)
    worker.run(wait=False)
    row = desk.row(progress_id)
    assert (row.state, row.message_code, row.params) == ("waiting", "moodle.timeout", {"seconds": 30})
    assert desk.count("procrastinate_jobs WHERE status = 'todo' AND scheduled_at > now()") == 1
    with working(Worker(desk.url, desk.tasks, first_pause=SOON)):
        eventually(lambda: desk.row(progress_id).state == "done")
    assert len(calls) == 3


def test_put_brings_a_retry_forward(desk: Desk) -> None:
    answers: list[Exception | None] = [Unreachable("moodle.timeout"), None]

    def work(_arguments: Mapping[str, Any], _progress: UUID) -> None:
        if error := answers.pop(0):
            raise error

    desk.task("ask", work)
    first = desk.put("ask")
    desk.run()
    desk.run()
    assert len(answers) == 1
    assert desk.put("ask") == first
    desk.run()
    assert desk.row(first).state == "done"


def test_silent_neighbour_is_given_up_in_the_end(desk: Desk) -> None:
    desk.task("ask", raising(Unreachable("moodle.timeout")))
    progress_id = desk.put("ask")
    for _ in range(MOST_ATTEMPTS + 2):
        desk.run()
        desk.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")
    assert desk.row(progress_id).state == "failed"
    assert desk.row(progress_id).message_code == "moodle.timeout"
    assert desk.count("procrastinate_jobs WHERE status = 'todo'") == 0


def test_pauses_double_up_to_a_limit() -> None:
    pauses = [pause_before(attempt).total_seconds() for attempt in range(2, 12)]
    assert pauses[:4] == [15, 30, 60, 120]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 900


def test_retry_gives_way_to_a_newer_job_of_its_key(desk: Desk) -> None:
    newer: list[UUID] = []

    def work(arguments: Mapping[str, Any], _progress: UUID) -> None:
        if arguments["n"] == 1:
            newer.append(desk.put("ask", n=2))
            raise Unreachable("moodle.timeout")

    desk.task("ask", work)
    first = desk.put("ask", n=1)
    desk.run()
    assert (desk.row(first).state, desk.row(first).message_code) == ("cancelled", "job.superseded")
    assert desk.row(newer[0]).state == "done"


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


# ------------------------------------------------------------------------------------------- workers come and go


def test_worker_in_a_thread_takes_jobs_as_they_come_and_ends_when_told(desk: Desk) -> None:
    with working(Worker(desk.url, desk.tasks)):
        for number in range(3):
            desk.put(key=str(number), n=number)
            eventually(lambda number=number: {"n": number} in desk.done, 10)  # type: ignore[misc]  # bound now
    assert desk.count("procrastinate_workers") == 0


def test_worker_finishes_the_job_in_hand_before_it_ends(desk: Desk) -> None:
    begun = threading.Event()

    def work(_arguments: Mapping[str, Any], _progress: UUID) -> None:
        begun.set()
        time.sleep(0.7)
        desk.done.append({})

    desk.task("slow", work)
    progress_id = desk.put("slow")
    with working(Worker(desk.url, desk.tasks)):
        assert begun.wait(10)
    assert desk.done == [{}]
    assert desk.row(progress_id).state == "done"


def test_worker_told_to_stop_before_it_runs_does_nothing(desk: Desk) -> None:
    desk.put()
    worker = Worker(desk.url, desk.tasks)
    worker.stop()
    worker.stop()
    worker.run()
    assert desk.done == []


def test_worker_survives_the_loss_of_its_connections(desk: Desk, database: Database) -> None:
    with working(Worker(desk.url, desk.tasks, rescue_every=SOON)):
        desk.put(key="before", n=1)
        eventually(lambda: len(desk.done) == 1)
        with database.server.admin() as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND application_name = 'kyzmat-worker'",
                [database.name],
            )
        desk.put(key="after", n=2)
        eventually(lambda: len(desk.done) == 2)


WORKER_PROCESS = """
import os, sys, time
from datetime import timedelta
from flask_app.store.queue import TaskRegistry
from flask_app.store.worker import Worker
def work(arguments, progress_id):
    print("begun", flush=True)
    if arguments["how"] == "crash":
        os.kill(os.getpid(), 9)
    time.sleep(arguments["seconds"])
    print("ended", flush=True)
tasks = TaskRegistry()
tasks.register("work", work)
Worker(os.environ["URL"], tasks, heartbeat=timedelta(seconds=0.2), stalled_after=timedelta(seconds=1)).run()
"""


@contextmanager
def worker_process(url: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER_PROCESS], stdout=subprocess.PIPE, text=True, env={**os.environ, "URL": url}
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def wait_begun(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"


def quick(desk: Desk) -> Worker:
    return Worker(desk.url, desk.tasks, heartbeat=SOON, stalled_after=timedelta(seconds=1), rescue_every=SOON)


@pytest.mark.both_engines
def test_job_of_a_killed_worker_is_done_by_another(desk: Desk) -> None:
    desk.task("work", lambda arguments, _progress: desk.done.append(arguments))
    progress_id = desk.put("work", how="sleep", seconds=60)
    with worker_process(desk.url) as process:
        wait_begun(process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert desk.row(progress_id).state == "running"
    with working(quick(desk)):
        eventually(lambda: desk.row(progress_id).state == "done")
    assert desk.done == [{"how": "sleep", "seconds": 60}]


def test_job_of_a_living_worker_is_left_to_it(desk: Desk) -> None:
    desk.task("work", lambda arguments, _progress: desk.done.append(arguments))
    progress_id = desk.put("work", how="sleep", seconds=3)
    with worker_process(desk.url) as process:
        wait_begun(process)
        with working(quick(desk)):
            eventually(lambda: desk.row(progress_id).state == "done")
    assert desk.done == []


def test_a_job_that_kills_its_workers_is_given_up(desk: Desk) -> None:
    progress_id = desk.put("note", how="crash", seconds=0)
    desk.execute("UPDATE procrastinate_jobs SET task_name = 'work'")
    for _ in range(MOST_CRASHES):
        with worker_process(desk.url) as process:
            wait_begun(process)
            assert process.wait(20) == -signal.SIGKILL
        time.sleep(1.1)
    run_quickly = quick(desk)
    run_quickly.run(wait=False)
    row = desk.row(progress_id)
    assert (row.state, row.message_code, row.params["n"]) == ("failed", "job.crashed", MOST_CRASHES)
    run_quickly.run(wait=False)
    assert desk.count("procrastinate_jobs WHERE status = 'todo'") == 0


def test_sigterm_lets_the_job_end(desk: Desk) -> None:
    progress_id = desk.put("note", how="sleep", seconds=1)
    desk.execute("UPDATE procrastinate_jobs SET task_name = 'work'")
    with worker_process(desk.url) as process:
        wait_begun(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert desk.row(progress_id).state == "done"


def make_stalled(desk: Desk) -> None:
    """As a worker leaves it that was killed long ago."""
    desk.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL")
    desk.execute("UPDATE job_progress SET state = 'running'")


def test_stalled_job_gives_way_to_a_newer_one_of_its_key(desk: Desk) -> None:
    stalled = desk.put(n=1)
    make_stalled(desk)
    newer = desk.put(n=2)
    desk.run()
    assert (desk.row(stalled).state, desk.row(stalled).message_code) == ("cancelled", "job.superseded")
    assert desk.row(newer).state == "done"
    assert desk.done == [{"n": 2}]
    assert desk.count("procrastinate_jobs") == 0


def test_work_that_was_done_before_the_worker_died_is_not_done_again(desk: Desk) -> None:
    progress_id = desk.put()
    make_stalled(desk)
    desk.execute("UPDATE job_progress SET state = 'done'")
    desk.run()
    assert desk.done == []
    assert desk.row(progress_id).state == "done"
    assert desk.count("procrastinate_jobs") == 0


def test_retry_that_was_put_before_the_worker_died_is_kept(desk: Desk) -> None:
    progress_id = desk.put()
    make_stalled(desk)
    with desk.sessions.begin() as session:
        desk.queue.defer(session, "note", {"try": 2}, queueing_lock(BODY, "k"), progress_id, attempt=2)
        session.get_one(JobProgress, progress_id).state = "waiting"
    desk.run()
    assert desk.done == [{"try": 2}]
    assert desk.row(progress_id).state == "done"


def test_row_whose_job_is_gone_is_closed(desk: Desk) -> None:
    progress_id = desk.put()
    desk.execute("UPDATE procrastinate_jobs SET task_name = 'of another version'")
    desk.run()
    assert desk.row(progress_id).state == "waiting"
    desk.execute("UPDATE job_progress SET updated_at = now() - interval '2 minutes'")
    desk.run()
    assert (desk.row(progress_id).state, desk.row(progress_id).message_code) == ("failed", "job.lost")


def test_two_workers_share_the_work_and_do_nothing_twice(desk: Desk, engine: Engine) -> None:
    desk.task("slow", lambda arguments, _progress: (time.sleep(0.02), desk.done.append(arguments)) and None)
    for number in range(20):
        desk.put("slow", key=str(number), n=number)
    with working(quick(desk)), working(quick(desk)):
        eventually(lambda: desk.count("procrastinate_jobs") == 0)
    assert sorted(entry["n"] for entry in desk.done) == list(range(20))
    with desk.sessions() as session:
        assert session.scalar(select(func.count()).where(JobProgress.state == "done")) == 20


def test_unknown_row_is_not_begun(desk: Desk) -> None:
    assert desk.book.begin(uuid4()) is False
