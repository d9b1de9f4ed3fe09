"""The real clock and real identifiers; everything else takes them as ports."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  # the one place where the product asks the machine for the time


class RandomIds:
    def new(self) -> UUID:
        return uuid4()
