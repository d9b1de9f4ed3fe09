"""The progress rows of background jobs. Each entry is a short transaction of its own, seen while the job works."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from flask_app.domain.errors import NotFound
from flask_app.store.models.jobs import JobProgress, JobState

OPEN: tuple[JobState, ...] = ("waiting", "running")


class JobCancelled(Exception):
    """Raised inside a job when it was asked to stop; what it did so far stays done."""


class ProgressBook:
    """Reads and writes `job_progress`."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def get(self, progress_id: UUID, body_id: UUID) -> JobProgress:
        """The row as it is now. Raises `NotFound` for another body's job as for none."""
        with self._sessions() as session:
            row = session.scalar(
                select(JobProgress).where(JobProgress.id == progress_id, JobProgress.body_id == body_id)
            )
        if row is None:
            raise NotFound("job.not_found", id=str(progress_id))
        return row

    def report(self, progress_id: UUID, done: int, total: int, code: str = "", **params: object) -> None:
        """`done` of `total` is finished; `code` and `params` make the sentence shown beside. Call between chunks.

        Raises `JobCancelled` when the job was asked to stop; let it pass through.
        """
        values = {"done": done, "total": total, "message_code": code, "params": printable(params)}
        with self._sessions.begin() as session:
            asked = session.scalar(
                update(JobProgress)
                .where(JobProgress.id == progress_id)
                .values(**values, updated_at=func.now())
                .returning(JobProgress.cancel_requested)
            )
        if asked:
            raise JobCancelled

    def begin(self, progress_id: UUID) -> bool:
        """Mark as running. False when nothing is to do: done before (the worker died just after), or cancelled."""
        with self._sessions.begin() as session:
            row = session.get(JobProgress, progress_id, with_for_update=True)
            if row is None or row.state not in OPEN:
                return False
            row.state = "cancelled" if row.cancel_requested else "running"
            row.updated_at = func.now()
            return row.state == "running"

    def finish(
        self, progress_id: UUID, state: JobState, code: str = "", params: Mapping[str, object] | None = None
    ) -> None:
        """Close the row (or, with "waiting", put it back). A message is kept when no new one is given."""
        values: dict[str, object] = {"state": state}
        if code:
            values |= {"message_code": code, "params": printable(params or {})}
        with self._sessions.begin() as session:
            session.execute(
                update(JobProgress)
                .where(JobProgress.id == progress_id, JobProgress.state.in_(OPEN))
                .values(**values, updated_at=func.now())
            )


def printable(params: Mapping[str, object]) -> dict[str, object]:
    """Parameters of a sentence as JSON keeps them: numbers as numbers, all else as its text."""
    return {name: value if isinstance(value, bool | int | float) else str(value) for name, value in params.items()}
