"""Background jobs as their pages show them: how far one is, and the wish to stop it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import NotFound
from flask_app.services import audit
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.store.models.jobs import JobProgress

OPEN = ("waiting", "running")


@dataclass(frozen=True, slots=True)
class JobRow:
    """`total` 0 = not known yet. `message_code` and `params` make the sentence of a job that failed."""

    id: UUID
    task: str
    key: str
    state: str
    done: int
    total: int
    message_code: str
    params: Mapping[str, Any]
    at: datetime
    stopping: bool

    @property
    def open(self) -> bool:
        return self.state in OPEN


def queue_job(work: Work, task: str, arguments: Mapping[str, object], *, key: str) -> UUID:
    """Queue a job in the actor's name. A waiting one with this key is the same job."""
    job = work.office.queue.put(
        work.session, task, {"login": work.actor.login, **arguments}, key=key, body_id=work.actor.body_id
    )
    audit.record(work, "job.queued", "job", job, after={"task": task, "key": key})
    return job


def jobs_of(work: Work, keys: Sequence[str]) -> tuple[JobRow, ...]:
    """The newest job of each key, the newest first."""
    rows = work.session.scalars(
        select(JobProgress)
        .where(JobProgress.body_id == work.actor.body_id, JobProgress.key.in_(keys))
        .order_by(JobProgress.created_at.desc())
        .limit(20)
    )
    newest: dict[str, JobRow] = {}
    for row in rows:
        newest.setdefault(row.key, _row(work, row))
    return tuple(newest.values())


def job_of(work: Work, id_: UUID, keys: Sequence[str]) -> JobRow:
    """Raises `NotFound` for a job of another body or of something else than the keys name."""
    row = work.session.scalar(
        select(JobProgress).where(
            JobProgress.id == id_, JobProgress.body_id == work.actor.body_id, JobProgress.key.in_(keys)
        )
    )
    if row is None:
        raise NotFound("object.unknown", type="Job")
    return _row(work, row)


def ask_to_stop(work: Work, job: JobRow) -> None:
    """A waiting job is not begun any more; a running one stops at its next report and keeps what it has done."""
    work.office.queue.cancel(work.session, job.id, body_id=work.actor.body_id)
    audit.record(work, "job.stop_asked", "job", job.id, after={"task": job.task, "key": job.key})


def _row(work: Work, row: JobProgress) -> JobRow:
    return JobRow(
        row.id,
        row.task,
        row.key,
        row.state,
        row.done,
        row.total,
        row.message_code,
        row.params,
        local_time(work).at(row.updated_at),
        row.cancel_requested,
    )
