"""Background jobs in the same database: a job is there exactly when the change that needs it is there.

Port `JobQueue`, engine procrastinate. It runs a job at least once (a worker may be killed after the work and before the
note of it); exactly one *effect* is the business of the job itself, through the operation ledger.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.types import JSONDict
from sqlalchemy import CursorResult, insert, select, text, update
from sqlalchemy.orm import Session

from flask_app.domain.errors import NotFound
from flask_app.store.models.jobs import JobProgress

QUEUE = "kyzmat"

ATTEMPTS_AT_LOCK = 5
"""How often `put` may find its key taken, and then free again, because workers are fast."""

Task = Callable[[Mapping[str, Any], UUID], None]
"""Called with the job's arguments and the id of its progress row. It may be called again after a crash."""


class TaskRegistry:
    """Which function does the work of which task. Filled once, at the start of the program."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}

    def register(self, name: str, task: Task) -> None:
        """Raises `ValueError` when the name is taken."""
        if name in self._tasks:
            raise ValueError(f"task {name} is registered twice")
        self._tasks[name] = task

    def __getitem__(self, name: str) -> Task:
        return self._tasks[name]

    def require(self, name: str) -> None:
        """Raises `KeyError` for a task nobody registered."""
        self._tasks[name]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._tasks)


class TransactionalQueue:
    """`JobQueue` on the connection of the caller's session. Commits nothing."""

    def __init__(self, tasks: TaskRegistry) -> None:
        self._tasks = tasks
        self._app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())

    def put(
        self,
        transaction: object,
        task: str,
        arguments: Mapping[str, object],
        *,
        key: str,
        body_id: UUID,
        delay: timedelta | None = None,
    ) -> UUID:
        """Queue `task` inside `transaction`, a SQLAlchemy session, and return the id of its progress row.

        `arguments`: what JSON can hold. `key` counts within one body. When a job with this key is waiting, its row is
        returned, and the job is held until this transaction ends, so that it sees what this transaction writes; a
        retry it was waiting for is brought forward. With `delay` the job begins so much later, so that others that ask
        for the same meanwhile share it. Raises `KeyError` for a task nobody registered.
        """
        assert isinstance(transaction, Session)
        self._tasks.require(task)
        lock = queueing_lock(body_id, key)
        for _ in range(ATTEMPTS_AT_LOCK):
            waiting = _hold_waiting(transaction, lock, delay or timedelta())
            if waiting is not None:
                return waiting
            progress_id = uuid4()
            try:
                with transaction.begin_nested():
                    values = {"id": progress_id, "body_id": body_id, "task": task, "key": key, "params": {}}
                    transaction.execute(insert(JobProgress).values(values))
                    self.defer(transaction, task, arguments, lock, progress_id, delay=delay)
            except AlreadyEnqueued:
                continue  # another transaction was faster and has committed: now its job can be seen
            return progress_id
        raise AlreadyEnqueued(f"the key {lock} is taken each time it is looked at")

    def defer(
        self,
        session: Session,
        task: str,
        arguments: Mapping[str, object],
        lock: str,
        progress_id: UUID,
        *,
        attempt: int = 1,
        delay: timedelta | None = None,
    ) -> None:
        """Put a job for an existing progress row. Raises procrastinate's `AlreadyEnqueued` when `lock` is taken."""
        self._app.configure_task(
            task,
            queue=QUEUE,
            queueing_lock=lock,
            connection=session.connection().connection.driver_connection,
            schedule_in={"seconds": delay.total_seconds()} if delay else None,
        ).defer(progress_id=str(progress_id), arguments=cast("JSONDict", dict(arguments)), attempt=attempt)

    def cancel(self, transaction: object, progress_id: UUID, *, body_id: UUID) -> str:
        """Ask a job to stop, inside `transaction`, and return its state now.

        A waiting job is "cancelled" at once, a running one stops at its next report. Raises `NotFound` for another
        body's job as for none.
        """
        assert isinstance(transaction, Session)
        session = transaction
        row = session.scalar(select(JobProgress).where(JobProgress.id == progress_id, JobProgress.body_id == body_id))
        if row is None:
            raise NotFound("job.not_found", id=str(progress_id))
        waiting = _job_of(session, progress_id)
        driver = session.connection().connection.driver_connection
        gone = waiting is not None and self._app.job_manager.cancel_job_by_id(waiting, connection=driver)
        session.execute(
            update(JobProgress)
            .where(JobProgress.id == progress_id, JobProgress.state.in_(("waiting", "running")))
            .values(cancel_requested=True, **({"state": "cancelled"} if gone else {}))
        )
        session.refresh(row)
        return row.state


def queueing_lock(body_id: UUID, key: str) -> str:
    """Keys of different bodies never meet."""
    return f"{body_id}/{key}"


def _hold_waiting(session: Session, lock: str, delay: timedelta) -> UUID | None:
    """The waiting job's progress row, due after `delay` at the latest.

    A worker skips a row that is locked, so the job cannot start before we commit.
    """
    row = session.execute(
        text(
            "SELECT id, args ->> 'progress_id' AS progress_id, scheduled_at > now() + :delay AS late"
            " FROM procrastinate_jobs WHERE queueing_lock = :lock AND status = 'todo' FOR SHARE"
        ),
        {"lock": lock, "delay": delay},
    ).one_or_none()
    if row is None:
        return None
    if row.late:
        session.execute(
            text("UPDATE procrastinate_jobs SET scheduled_at = now() + :delay WHERE id = :id"),
            {"id": row.id, "delay": delay},
        )
    _wake(session, row.id)
    return UUID(row.progress_id)


def _wake(session: Session, job_id: int) -> None:
    """With our commit: a worker may have passed over the job while we held it."""
    session.execute(
        text("SELECT pg_notify('procrastinate_any_queue_v1', :note)"),
        {"note": json.dumps({"type": "job_inserted", "job_id": job_id})},
    )


def _job_of(session: Session, progress_id: UUID) -> int | None:
    found: CursorResult[Any] = session.connection().execute(
        text("SELECT id FROM procrastinate_jobs WHERE status = 'todo' AND args ->> 'progress_id' = :id"),
        {"id": str(progress_id)},
    )
    return found.scalar_one_or_none()
