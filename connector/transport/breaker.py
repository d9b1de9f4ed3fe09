"""The circuit breaker: a site that does not answer is left alone for a while, by every session of this process.

After so many attempts in a row without an answer the site rests; calls meanwhile fail at once, without waiting for the
site, and say when the next try is. When the rest is over one call goes out as a probe: an answer ends the rest, another
failure doubles it. An answer is whatever the site itself says, also a refusal. A site that asks for patience
(`Retry-After`) beyond what a call waits gets it.

The clock is seconds that only grow (`time.monotonic`); it is an argument, so that tests need not wait.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakValueDictionary


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """`failures`: attempts in a row before a rest. The times are seconds.

    `pause`: the first rest; `longest`: the longest, so that a site that is back is found within a minute; `most_asked`:
    the longest a site may ask for; `probe`: when another caller may try, since the prober's thread may have died.
    """

    failures: int = 8
    pause: float = 10.0
    longest: float = 40.0
    most_asked: float = 300.0
    probe: float = 360.0


@dataclass(frozen=True, slots=True)
class Resting:
    """Why nobody is asked now: `seconds` until the next try, `cause` (code of the last failure), failures so far."""

    seconds: float
    cause: str
    failures: int


class Breaker:
    """State of one site. Safe to share between threads."""

    def __init__(self, policy: BreakerPolicy | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.policy = policy or BreakerPolicy()
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._rests = 0
        self._until: float | None = None
        self._probed_until: float | None = None
        self._cause = ""

    def admit(self) -> Resting | None:
        """None = the call may go out (as the probe, when a rest has just ended)."""
        with self._lock:
            now = self._clock()
            blocked = self._probed_until if self._probed_until is not None else self._until
            if blocked is not None and now < blocked:
                return Resting(blocked - now, self._cause, self._failures)
            if self._until is not None:
                self._probed_until = now + self.policy.probe
            return None

    def answered(self) -> None:
        """The site has said something: whatever was counted is forgotten."""
        with self._lock:
            self._failures = self._rests = 0
            self._until = self._probed_until = None

    def failed(self, cause: str, retry_after: float | None = None) -> bool:
        """No answer came, or "not now". `retry_after`: seconds the site asked for, beyond what the caller waits itself.

        Returns whether the site rests from now on: then the caller need not try again either.
        """
        with self._lock:
            self._failures += 1
            self._cause = cause
            probe_failed = self._probed_until is not None
            self._probed_until = None
            if probe_failed or self._failures >= self.policy.failures or retry_after is not None:
                rest = min(self.policy.longest, self.policy.pause * 2.0 ** min(self._rests, 30))
                self._until = self._clock() + (
                    rest if retry_after is None else min(retry_after, self.policy.most_asked)
                )
                self._rests += 1
            return self._until is not None

    def try_now(self) -> None:
        """Somebody asks for a try now: the rest is over, the next call is the probe."""
        with self._lock:
            self._probed_until = None
            if self._until is not None:
                self._until = self._clock()


_known: WeakValueDictionary[str, Breaker] = WeakValueDictionary()
_known_lock = threading.Lock()


def breaker_of(site: str, policy: BreakerPolicy) -> Breaker:
    """The breaker that all sessions of this address share, as long as one of them is there. The first one's policy
    holds."""
    with _known_lock:
        found = _known.get(site)
        if found is None:
            found = Breaker(policy)
            _known[site] = found
        return found
