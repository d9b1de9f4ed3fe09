"""How much one call carries: less after the site could not bear it, slowly more while it can. Pure but for its memory.

A site that falls silent, runs out of PHP's memory or time, or is cut off by the server before it has been asked too
much: half of that is tried next. What it bears comfortably for some calls in a row is raised again, more hesitantly
after each set-back, up to the contract's limit.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PacePolicy:
    """`comfortable`: seconds a call may take and still count as going well. `steady`: calls in a row before the first
    raise; doubled by each set-back up to `most_steady`."""

    comfortable: float = 20.0
    steady: int = 2
    most_steady: int = 32


class Pace:
    """Items per call of one function. Safe to share between threads."""

    def __init__(self, ceiling: int, policy: PacePolicy | None = None) -> None:
        self._policy = policy or PacePolicy()
        self._lock = threading.Lock()
        self._ceiling = max(1, ceiling)
        self._size = self._ceiling
        self._good = 0
        self._steady = self._policy.steady

    @property
    def size(self) -> int:
        """Items the next call may carry, at least 1."""
        return self._size

    def too_much(self, carried: int) -> None:
        """A call with so many items was more than the site bears."""
        with self._lock:
            self._size = max(1, min(self._size, carried // 2))
            self._good = 0
            self._steady = min(self._policy.most_steady, self._steady * 2)

    def went_well(self, carried: int, seconds: float) -> None:
        """A call with so many items was answered after `seconds`. A small call says nothing about larger ones."""
        with self._lock:
            if seconds > self._policy.comfortable:
                self._size, self._good = max(1, min(self._size, carried * 3 // 4)), 0
            elif carried >= self._size:
                self._good += 1
            if self._good >= self._steady and self._size < self._ceiling:
                self._size, self._good = min(self._ceiling, self._size + max(1, self._size // 2)), 0


class Paces:
    """The paces of a site, one per function, remembered from run to run."""

    def __init__(self, policy: PacePolicy | None = None) -> None:
        self._policy = policy
        self._lock = threading.Lock()
        self._known: dict[tuple[str, int], Pace] = {}

    def of(self, function: str, ceiling: int) -> Pace:
        with self._lock:
            return self._known.setdefault((function, ceiling), Pace(ceiling, self._policy))


def pieces(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """`items` in their order, at most `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
