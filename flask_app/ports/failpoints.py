"""Test apparatus: places where a process can be made to die, to prove that nothing is lost or done twice.

The environment variable `KYZMAT_FAILPOINT` names one place, and optionally which passage of it is meant:
`apply.after_call` or `apply.after_call:3`. On that passage the process kills itself with SIGKILL, as a power cut or the
kernel would: no handler, no `finally`, no flush. Without the variable every call does nothing.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

VARIABLE = "KYZMAT_FAILPOINT"

_passages: Counter[str] = Counter()


def failpoint(name: str) -> None:
    """Die here when `KYZMAT_FAILPOINT` says so; otherwise do nothing."""
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return
    place, _, passage = wanted.partition(":")
    if place != name:
        return
    _passages[name] += 1
    if _passages[name] == int(passage or "1"):
        os.kill(os.getpid(), signal.SIGKILL)
