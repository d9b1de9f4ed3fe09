"""Whether time grows with the size of a text, or with its square."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Final

TRIES: Final = 5
# Short times are noise: below this nobody waits.
SHORT_SECONDS: Final = 0.25


def assert_time_grows_with_size(work: Callable[[int], Callable[[], object]], small: int) -> None:
    """`work(size)()` on four times the size may take nine times the processor time; the square of it would be sixteen.

    The best of some tries is judged, small and large in turn, so that a machine which is slow for a while is slow for
    both; the collector rests, since what it costs depends on all the tests before this one.
    """
    runs = {size: work(size) for size in (small, 4 * small)}
    gc.collect()
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(TRIES):
        for size, run in runs.items():
            best[size] = min(best[size], _seconds(run))
    quick, slow = best.values()
    assert slow < max(9 * quick, SHORT_SECONDS), f"{quick:.3f} s, then {slow:.3f} s"


def _seconds(run: Callable[[], object]) -> float:
    gc.disable()
    try:
        start = time.process_time()
        run()
        return time.process_time() - start
    finally:
        gc.enable()
