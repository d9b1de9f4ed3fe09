"""When a call may be made again, and after how long. Pure: randomness comes in as a number."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FailureKind(StrEnum):
    """What went wrong, as far as repeating is concerned."""

    NOT_SENT = "not_sent"  # no connection came about: the other side has seen nothing
    LOST = "lost"  # sent, then the connection broke or ended half way: the effect is unknown
    SLOW = "slow"  # sent, then silence for as long as anybody waits: the effect is unknown, or is still being made
    BUSY = "busy"  # the site or a proxy before it says: not now (429, 502, 503, no database)
    MAINTENANCE = "maintenance"  # the site says that it is under maintenance
    FINAL = "final"  # a clear answer, or a fault that stays


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`attempts` counts the first one too. Times are seconds.

    A silent site is asked twice: the second time to hear the result of the first under the same key. More would only
    hold up whoever waits. `retry_after_cap`: what the site may ask for within a call; beyond it the call ends.
    """

    attempts: int = 4
    maintenance_attempts: int = 2
    slow_attempts: int = 2
    base: float = 0.5
    cap: float = 8.0
    retry_after_cap: float = 30.0


def wait_before_retry(
    policy: RetryPolicy,
    kind: FailureKind,
    attempt: int,
    *,
    repeatable: bool,
    retry_after: float | None,
    draw: float,
) -> float | None:
    """Seconds to wait before the next attempt, or None: give up.

    `attempt`: how many were made, from 1. `repeatable`: a read, or a write under an operation key, which has its effect
    once however often it is asked; another call is made again only when the first was never sent. `retry_after`: what
    the site asked for. `draw`: a random number in [0, 1), which spreads callers that failed together.
    """
    if kind is FailureKind.FINAL or not (repeatable or kind is FailureKind.NOT_SENT):
        return None
    fewer = {FailureKind.MAINTENANCE: policy.maintenance_attempts, FailureKind.SLOW: policy.slow_attempts}
    if attempt >= min(policy.attempts, fewer.get(kind, policy.attempts)):
        return None
    if retry_after is not None:
        return max(retry_after, 0.0) if retry_after <= policy.retry_after_cap else None
    backoff = min(policy.cap, policy.base * 2.0 ** min(attempt - 1, 30))
    return backoff * (0.5 + draw / 2)
