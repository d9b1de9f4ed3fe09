"""Numbers as PHP reads them: what `is_numeric()` accepts, and the numeric beginning of a text.

Not Python's `float()`: that also takes `1_000`, `inf`, `nan` and digits of other scripts.
"""

from __future__ import annotations

import math
import re
from typing import Final

_NUMBER: Final = r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?"
_WHOLE: Final = re.compile(rf"[ \t\n\r\v\f]*+({_NUMBER})[ \t\n\r\v\f]*+")
_PREFIX: Final = re.compile(rf"[ \t\n\r\v\f]*+({_NUMBER})")


def numeric(text: str) -> float | None:
    """The value of `text` where PHP's `is_numeric()` is true, otherwise None. May be infinite (`1e999`)."""
    found = _WHOLE.fullmatch(text)
    return float(found.group(1)) if found else None


def numeric_prefix(text: str) -> float | None:
    """The number `text` begins with, as PHP arithmetic uses it (with a warning); None where it would raise."""
    found = _PREFIX.match(text)
    return float(found.group(1)) if found else None


def spell_number(value: float) -> str:
    """The shortest text that `numeric()` reads as `value`. Raises `ValueError` for what is no number."""
    if not math.isfinite(value):
        raise ValueError(f"not a finite number: {value}")
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(float(value))
