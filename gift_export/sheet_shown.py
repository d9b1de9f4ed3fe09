"""What a spreadsheet program shows for a number, where its format says so whatever the computer's settings are.

A program keeps 8:30 as 0.354…, 10% as 0.1 and 2 000,50 as 2000.5; people see what the cell's format makes of it. The
decimal sign and the sign between thousands come from the computer the file is opened on, so a form with one of them is
not known here: then the cell has to be text.
"""

from __future__ import annotations

import re
from decimal import Decimal
from math import isfinite
from typing import Final

GENERAL: Final = frozenset({"", "General", "@"})
"""Formats that show a whole number as it is."""
LARGEST_PLAIN: Final = 10**11
"""From here on the general format shows 1E+11."""
GROUPED_FROM: Final = 1_000
_PERCENT: Final = "0%"
_ZEROS: Final = re.compile("0+")
_GROUPED: Final = re.compile(r"#[, ]##0")
_FRAMING: Final = re.compile(r"^\[\$-(?!F[48]00)[0-9A-Fa-f]+\]|;@$")
"""A language that changes nothing in figures, and the form of texts; F400 and F800 are forms of the computer."""
_CLOCK: Final = re.compile(r"(\[?h{1,2}\]?):mm(:ss)?", re.IGNORECASE)
_HOUR: Final = re.compile(r"(\d{1,4}):([0-5]\d):([0-5]\d)")


def shown_number(value: float, code: str) -> str | None:
    """A number as its format shows it on every computer; None where that is not known."""
    if not isfinite(value):
        return None
    form = _FRAMING.sub("", code)
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if form == _PERCENT:
        return f"{int(exact * 100)}%" if exact * 100 == int(exact * 100) else None
    if exact != int(exact):
        return None
    whole = int(exact)
    if form in GENERAL:
        return str(whole) if abs(whole) < LARGEST_PLAIN else None
    if _ZEROS.fullmatch(form):
        return str(whole).zfill(len(form)) if whole >= 0 or len(form) == 1 else None
    if _GROUPED.fullmatch(form) and abs(whole) < GROUPED_FROM:
        return str(whole)
    return None


def shown_clock(value: str, code: str) -> str | None:
    """A time (`8:30:00`, hours of a duration beyond 24) as its format shows it; None where that is not known."""
    form, parts = _CLOCK.fullmatch(_FRAMING.sub("", code)), _HOUR.fullmatch(value)
    if form is None or parts is None:
        return None
    hours, seconds = form.groups()
    figures = len(hours.strip("[]"))
    shown = f"{int(parts[1]):0{figures}d}:{parts[2]}"
    if seconds:
        return f"{shown}:{parts[3]}"
    return shown if parts[3] == "00" else None
