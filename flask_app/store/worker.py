"""Does the queued jobs, one after the other, and takes up those whose worker was killed."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import AsyncIterator, Coroutine, Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import procrastinate
import psycopg
import sqlalchemy.exc
import structlog
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from sqlalchemy import func
from sqlalchemy.orm import Session, sessionmaker

from flask_app.domain.errors import KyzmatError, OutsideError
from flask_app.store.engine import conninfo, create_engine, session_factory
from flask_app.store.models.jobs import JobProgress, JobState
from flask_app.store.progress import JobCancelled, ProgressBook, printable
from flask_app.store.queue import QUEUE, TaskRegistry, TransactionalQueue, queueing_lock

MOST_ATTEMPTS = 8
"""For an outside system that does not answer: about an hour in all."""

FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=15)

MOST_CRASHES = 3
"""A job that took its worker down so often is not tried again."""

RESCUE_LOCK = 0x6B7A6D71
"""Advisory lock: one worker at a time looks for stalled jobs, else two could start the same one."""

log = structlog.get_logger(__name__)


RECONNECT_SECONDS = 2.0

DATABASE_AWAY = (ConnectorException, psycopg.OperationalError, sqlalchemy.exc.OperationalError)

CLOSE_LOST = """
UPDATE job_progress p SET state = 'failed', message_code = 'job.lost', params = '{}', updated_at = now()
WHERE p.state IN ('waiting', 'running') AND p.updated_at < now() - interval '1 minute'
  AND NOT EXISTS (SELECT FROM procrastinate_jobs j
                  WHERE j.status IN ('todo', 'doing') AND j.args ->> 'progress_id' = p.id::text)
"""
"""A row that waits for a job that ended without it, e.g. one whose task this version does not know."""


def pause_before(attempt: int, first: timedelta = FIRST_PAUSE) -> timedelta:
    """How long to wait before try number `attempt` (2 = the first repetition): doubles up to a limit."""
    doubled: int = 2 ** (attempt - 2)
    return min(first * doubled, LONGEST_PAUSE)


class Worker:
    """One worker on the database `url` (the application's role). `run` works in the calling thread until `stop`.

    `heartbeat`: how often it says that it lives; a worker silent for `stalled_after` counts as dead; `rescue_every`:
    how often dead workers' jobs are looked for (also at each start).
    """

    def __init__(
        self,
        url: str,
        tasks: TaskRegistry,
        *,
        heartbeat: timedelta = timedelta(seconds=10),
        stalled_after: timedelta = timedelta(seconds=30),
        rescue_every: timedelta = timedelta(minutes=1),
        first_pause: timedelta = FIRST_PAUSE,
    ) -> None:
        self._url = url
        self._tasks = tasks
        self._queue = TransactionalQueue(tasks)
        self._heartbeat = heartbeat
        self._stalled_after = stalled_after
        self._rescue_every = rescue_every
        self._first_pause = first_pause
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._run_task: asyncio.Task[None] | None = None

    def run(self, *, wait: bool = True) -> None:
        """Do jobs: until `stop` (or SIGTERM/SIGINT in the main thread), or with `wait=False` until none is due.

        A database that goes away is waited for. A job in hand is finished before the end.
        """
        engine = create_engine(self._url, application="kyzmat-worker", pool_size=2)
        try:
            asyncio.run(self._main(session_factory(engine), wait))
        finally:
            engine.dispose()

    def stop(self) -> None:
        """End after the job in hand. May be called from any thread and from a signal handler, and repeated."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        loop, task = self._loop, self._run_task
        if loop is not None and task is not None:
            with contextlib.suppress(RuntimeError):  # the loop has just ended by itself
                loop.call_soon_threadsafe(task.cancel)

    async def _main(self, sessions: sessionmaker[Session], wait: bool) -> None:
        self._loop, self._run_task = asyncio.get_running_loop(), asyncio.current_task()
        if wait and threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._loop.add_signal_handler(number, self.stop)
        while not self._stopping.is_set():
            try:
                await self._work(sessions, wait)
                if not wait:
                    return
            except asyncio.CancelledError:
                if not self._stopping.is_set():
                    raise
            except DATABASE_AWAY as error:
                if not wait:
                    raise
                log.warning("worker_database_away", error=type(error).__name__)
            await self._pause()

    async def _pause(self) -> None:
        if not self._stopping.is_set():
            with contextlib.suppress(asyncio.CancelledError):  # `stop`, which the caller's loop looks at next
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _work(self, sessions: sessionmaker[Session], wait: bool) -> None:
        """One life of procrastinate's worker; with `wait` it ends only when a connection broke or by `stop`."""
        connector = procrastinate.PsycopgConnector(
            conninfo=conninfo(self._url, "kyzmat-worker"), min_size=1, max_size=4, timeout=10.0
        )
        app = self._app(connector, sessions)
        rescue = Rescue(app, connector, sessions, self._stalled_after)
        async with app.open_async():
            await rescue.once()
            async with _beside(rescue.every(self._rescue_every)):
                await app.run_worker_async(
                    wait=wait,
                    listen_notify=wait,
                    concurrency=1,
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    fetch_job_polling_interval=2.0,
                    update_heartbeat_interval=self._heartbeat.total_seconds(),
                    stalled_worker_timeout=self._stalled_after.total_seconds(),
                )

    def _app(self, connector: procrastinate.PsycopgConnector, sessions: sessionmaker[Session]) -> procrastinate.App:
        app = procrastinate.App(connector=connector)
        performer = Performer(self._tasks, self._queue, sessions, self._first_pause)
        for name in self._tasks.names:
            app.task(name=name, queue=QUEUE)(partial(performer.perform, name))
        return app


class Performer:
    """Does one job and writes down how it went. Runs in a thread of the worker."""

    def __init__(
        self, tasks: TaskRegistry, queue: TransactionalQueue, sessions: sessionmaker[Session], first_pause: timedelta
    ) -> None:
        self._tasks = tasks
        self._queue = queue
        self._sessions = sessions
        self._book = ProgressBook(sessions)
        self._first_pause = first_pause

    def perform(self, name: str, progress_id: str, arguments: Mapping[str, Any], attempt: int) -> None:
        """Every end of a job leaves its row closed, or waiting for the next try. A defect is logged with its trace."""
        own = UUID(progress_id)
        if not self._book.begin(own):
            return
        try:
            self._tasks[name](arguments, own)
        except JobCancelled:
            self._book.finish(own, "cancelled")
        except OutsideError as error:
            if not error.retryable or attempt >= MOST_ATTEMPTS:
                self._book.finish(own, "failed", error.code, error.params)
                raise
            self._try_again(name, own, arguments, attempt + 1, error)
        except KyzmatError as error:
            self._book.finish(own, "failed", error.code, error.params)
            raise
        except Exception as error:
            self._book.finish(own, "failed", "job.defect", {"task": name, "kind": type(error).__name__})
            raise
        else:
            self._book.finish(own, "done")

    def _try_again(
        self, name: str, progress_id: UUID, arguments: Mapping[str, Any], attempt: int, error: OutsideError
    ) -> None:
        """The next try is a job of its own, later, under the same key and row, unless a newer one waits already."""
        with self._sessions.begin() as session:
            row = session.get_one(JobProgress, progress_id, with_for_update=True)
            lock = queueing_lock(row.body_id, row.key)
            pause = pause_before(attempt, self._first_pause)
            try:
                with session.begin_nested():
                    self._queue.defer(session, name, arguments, lock, progress_id, attempt=attempt, delay=pause)
            except AlreadyEnqueued:
                row.state, row.message_code, row.params = "cancelled", "job.superseded", {}
            else:
                row.state, row.message_code, row.params = "waiting", error.code, printable(error.params)
            row.updated_at = func.now()


class Rescue:
    """Jobs whose worker is dead go back into the queue; rows whose job is gone are closed."""

    def __init__(
        self,
        app: procrastinate.App,
        connector: procrastinate.PsycopgConnector,
        sessions: sessionmaker[Session],
        stalled_after: timedelta,
    ) -> None:
        self._jobs = app.job_manager
        self._connector = connector
        self._book = ProgressBook(sessions)
        self._stalled_after = stalled_after.total_seconds()

    async def every(self, pause: timedelta) -> None:
        """Look again and again, until cancelled. A database that is away is the worker's business, not this one's."""
        while True:
            await asyncio.sleep(pause.total_seconds())
            with contextlib.suppress(*DATABASE_AWAY):
                await self.once()

    async def once(self) -> None:
        """Look once, unless another worker is looking: two lookers could start one job twice."""
        async with self._connector.pool.connection() as held:
            cursor = await held.execute("SELECT pg_try_advisory_xact_lock(%s)", [RESCUE_LOCK])
            if await cursor.fetchone() != (True,):
                return
            for job in await self._jobs.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=self._stalled_after):
                await self._take_up(held, job)
            await held.execute(CLOSE_LOST)

    async def _take_up(self, held: psycopg.AsyncConnection[Any], job: Job) -> None:
        progress_id = UUID(str(job.task_kwargs["progress_id"]))
        log.warning("job_stalled", task=job.task_name, job=job.id, progress=str(progress_id), attempts=job.attempts)
        if job.attempts + 1 >= MOST_CRASHES:
            await self._jobs.finish_job(job, Status.FAILED, delete_job=False)
            await self._close(progress_id, "failed", "job.crashed", {"task": job.task_name, "n": MOST_CRASHES})
            return
        try:
            await self._jobs.retry_job(job)
        except UniqueViolation:  # the same key was put meanwhile: that job does what this one would
            await self._jobs.finish_job(job, Status.FAILED, delete_job=True)
            if await _waiting_progress(held, job) != progress_id:
                await self._close(progress_id, "cancelled", "job.superseded", {})
        else:
            await self._close(progress_id, "waiting", "", {})

    async def _close(self, progress_id: UUID, state: JobState, code: str, params: Mapping[str, object]) -> None:
        await asyncio.to_thread(self._book.finish, progress_id, state, code, params)


async def _waiting_progress(held: psycopg.AsyncConnection[Any], job: Job) -> UUID | None:
    cursor = await held.execute(
        "SELECT args ->> 'progress_id' FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo'",
        [job.queueing_lock],
    )
    row = await cursor.fetchone()
    return UUID(row[0]) if row else None


@contextlib.asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `work` while the block lasts."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def run_worker(url: str, tasks: TaskRegistry, *, wait: bool = True) -> None:
    """Work in this thread: until SIGTERM or SIGINT, or with `wait=False` until no job is due."""
    Worker(url, tasks).run(wait=wait)


def run_pending(url: str, tasks: TaskRegistry) -> None:
    """Do every job that is due, those too that they put themselves, and return."""
    run_worker(url, tasks, wait=False)
