"""Jobs that fail, neighbours that are silent, workers that come, go, and are killed with -9."""

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
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from flask_app.domain.errors import Refused, RefusedOutside, Unreachable
from flask_app.store.models.jobs import JobProgress
from flask_app.store.queue import queueing_lock
from flask_app.store.worker import MOST_ATTEMPTS, MOST_CRASHES, Worker, pause_before
from tests.conftest import Database
from tests.store.desk import BODY, Desk, eventually, working

SOON = timedelta(milliseconds=200)


@pytest.fixture
def desk(database: Database, session_factory: sessionmaker[Session]) -> Desk:
    return Desk(database, session_factory)


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
    desk.run()
    row = desk.row(progress_id)
    assert (row.state, row.message_code, row.params) == ("waiting", "moodle.timeout", {"seconds": 30})
    assert desk.count("procrastinate_jobs WHERE status = 'todo' AND scheduled_at > now()") == 1
    desk.execute("UPDATE procrastinate_jobs SET scheduled_at = now()")
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
                "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity"
                " WHERE datname = %s AND application_name = 'kyzmat-worker'",
                [database.name],
            )
        desk.put(key="after", n=2)
        eventually(lambda: len(desk.done) == 2)


WORKER_PROCESS = """
import os, sys, time
from datetime import timedelta
import structlog
from flask_app.store.queue import TaskRegistry
from flask_app.store.worker import Worker
def work(arguments, progress_id):
    print("begun", flush=True)
    if arguments["how"] == "crash":
        os.kill(os.getpid(), 9)
    time.sleep(arguments["seconds"])
    print("ended", flush=True)
structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
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
    def work(arguments: Mapping[str, Any], _progress: UUID) -> None:
        time.sleep(0.02)
        desk.done.append(arguments)

    desk.task("slow", work)
    for number in range(20):
        desk.put("slow", key=str(number), n=number)
    with working(quick(desk)), working(quick(desk)):
        eventually(lambda: desk.count("procrastinate_jobs") == 0)
    assert sorted(entry["n"] for entry in desk.done) == list(range(20))
    with desk.sessions() as session:
        assert session.scalar(select(func.count()).where(JobProgress.state == "done")) == 20


def test_unknown_row_is_not_begun(desk: Desk) -> None:
    assert desk.book.begin(uuid4()) is False
