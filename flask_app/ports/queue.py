"""Background work. A job is put in the queue by the transaction that needs it: rolled back with it, kept with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol
from uuid import UUID


class JobQueue(Protocol):
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
        """Queue `task` inside `transaction` (the caller's database session) and return the id of its progress row.

        `key`: at most one waiting job has this key; a second `put` returns the waiting job's progress row.
        `delay`: begin so much later, so that others that ask for the same meanwhile share the job; a job that waits
        longer is brought forward to it, without `delay` to now.
        """

    def cancel(self, transaction: object, progress_id: UUID, *, body_id: UUID) -> str:
        """Ask a job to stop, inside `transaction`, and return its state now.

        A waiting job is "cancelled" at once, a running one stops at its next report and keeps what it has done. Raises
        `NotFound` for another body's job as for none.
        """
