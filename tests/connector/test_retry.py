"""The retry rule as a table."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.transport import FailureKind, RetryPolicy, wait_before_retry

POLICY = RetryPolicy(attempts=4, maintenance_attempts=2, base=0.5, cap=8.0, retry_after_cap=30.0)
NOT_SENT, LOST, SLOW, BUSY, MAINTENANCE, FINAL = FailureKind


@pytest.mark.parametrize(
    ("kind", "attempt", "repeatable", "retry_after", "draw", "wait"),
    [
        # the back-off doubles; the draw moves it between a half and the whole
        (LOST, 1, True, None, 0.0, 0.25),
        (LOST, 1, True, None, 1.0, 0.5),
        (LOST, 2, True, None, 0.0, 0.5),
        (LOST, 3, True, None, 0.5, 1.5),
        (LOST, 4, True, None, 0.5, None),
        (NOT_SENT, 1, True, None, 0.0, 0.25),
        (BUSY, 3, True, None, 0.0, 1.0),
        # a call without a key is made again only when the first was never sent
        (NOT_SENT, 1, False, None, 0.0, 0.25),
        (LOST, 1, False, None, 0.0, None),
        (BUSY, 1, False, None, 0.0, None),
        (MAINTENANCE, 1, False, None, 0.0, None),
        # a silent site is asked a second time, to hear what the first call did, and no third time
        (SLOW, 1, True, None, 0.0, 0.25),
        (SLOW, 2, True, None, 0.0, None),
        (SLOW, 1, False, None, 0.0, None),
        # the site's own wish counts; for a long one nobody waits, and nobody asks before it is over
        (BUSY, 1, True, 3.0, 0.9, 3.0),
        (BUSY, 1, True, 30.0, 0.9, 30.0),
        (BUSY, 1, True, 30.5, 0.9, None),
        (BUSY, 1, True, -5.0, 0.9, 0.0),
        # maintenance is met with patience once
        (MAINTENANCE, 1, True, 300.0, 0.0, None),
        (MAINTENANCE, 1, True, 10.0, 0.0, 10.0),
        (MAINTENANCE, 1, True, None, 0.0, 0.25),
        (MAINTENANCE, 2, True, 1.0, 0.0, None),
        # a clear answer stays what it is
        (FINAL, 1, True, None, 0.0, None),
        (FINAL, 1, True, 1.0, 0.0, None),
    ],
)
def test_wait(
    kind: FailureKind, attempt: int, repeatable: bool, retry_after: float | None, draw: float, wait: float | None
) -> None:
    found = wait_before_retry(POLICY, kind, attempt, repeatable=repeatable, retry_after=retry_after, draw=draw)
    assert found == wait


@settings(deadline=None)
@given(
    kind=st.sampled_from(FailureKind),
    attempt=st.integers(1, 10**6),
    repeatable=st.booleans(),
    retry_after=st.none() | st.floats(0, 1e9),
    draw=st.floats(0, 1, exclude_max=True),
)
def test_every_wait_is_bounded(
    kind: FailureKind, attempt: int, repeatable: bool, retry_after: float | None, draw: float
) -> None:
    policy = RetryPolicy(attempts=10**7, maintenance_attempts=10**7, slow_attempts=10**7)
    wait = wait_before_retry(policy, kind, attempt, repeatable=repeatable, retry_after=retry_after, draw=draw)
    assert wait is None or 0 <= wait <= max(policy.cap, policy.retry_after_cap)
    too_long = retry_after is not None and retry_after > policy.retry_after_cap
    assert (wait is None) == (kind is FINAL or too_long or not (repeatable or kind is NOT_SENT))
