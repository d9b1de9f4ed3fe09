"""Background work. A job is put in the queue by the transaction that needs it: rolled back with it, kept with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID


class JobQueue(Protocol):
    def put(self, transaction: object, task: str, arguments: Mapping[str, object], *, key: str, body_id: UUID) -> UUID:
        """Queue `task` inside `transaction` (the caller's database session) and return the id of its progress row.

        `key`: at most one waiting job has this key; a second `put` returns the waiting job's progress row.
        """
