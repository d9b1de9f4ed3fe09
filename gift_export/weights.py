"""The marks Moodle knows: an answer's fraction must be one of these, or the import is refused.

Source: `question_bank::fraction_options_full()` and `match_grade_options()` of Moodle 4.4 to 5.x, tolerance 1e-5.
"""

from __future__ import annotations

from bisect import bisect_left
from decimal import Decimal
from math import inf, nextafter
from typing import Final

_SHOWN: Final[dict[float, str]] = {
    1.0: "100",
    0.9: "90",
    0.8333333: "83.33333",
    0.8: "80",
    0.75: "75",
    0.7: "70",
    0.6666667: "66.66667",
    0.6: "60",
    0.5: "50",
    0.4: "40",
    0.3333333: "33.33333",
    0.3: "30",
    0.25: "25",
    0.2: "20",
    0.1666667: "16.66667",
    0.1428571: "14.28571",
    0.125: "12.5",
    0.1111111: "11.11111",
    0.1: "10",
    0.05: "5",
    0.0: "0",
}
_SPELLED: Final[dict[float, str]] = _SHOWN | {-mark: "-" + shown for mark, shown in _SHOWN.items() if mark}
_MARKS: Final = sorted(_SPELLED)
TOLERANCE: Final = 1e-5


def nearest_mark(fraction: float) -> float:
    """Moodle's mark closest to `fraction`."""
    at = bisect_left(_MARKS, fraction)
    return min(_MARKS[max(0, at - 1) : at + 1], key=lambda mark: abs(mark - fraction))


def fraction_of(percent: str) -> float:
    """The fraction of a spelled percentage; one of Moodle's marks where only the last bits of the division differ."""
    fraction = float(percent) / 100
    mark = nearest_mark(fraction)
    return mark if abs(mark - fraction) < 1e-12 else fraction


def is_mark(fraction: float) -> bool:
    """Whether Moodle accepts `fraction` as a mark."""
    return fraction in _SPELLED or abs(nearest_mark(fraction) - fraction) < TOLERANCE


def spell_percent(mark: float) -> str:
    """One of Moodle's marks in per cent, as its own editor shows it ("33.33333")."""
    return _SPELLED[mark]


def shown_percent(fraction: float) -> str:
    """Any fraction in per cent for a message: "33", "33.33"."""
    return f"{fraction * 100:.7g}"


def spell_fraction(fraction: float) -> str:
    """Any fraction in per cent such that `fraction_of()` reads it back: a mark's own spelling, or more digits."""
    if is_mark(fraction):
        spelled = spell_percent(nearest_mark(fraction))
        if fraction_of(spelled) == fraction:
            return spelled
    spellings = _spellings(fraction * 100)
    exact = (spelled for spelled in spellings if fraction_of(spelled) == fraction)
    # Not every fraction is a percentage divided by 100: of those that are none, the last bits differ.
    near = (spelled for spelled in spellings if abs(fraction_of(spelled) - fraction) < 1e-12)
    return next(exact, None) or next(near, None) or shown_percent(fraction)


def _spellings(percent: float) -> list[str]:
    """The percentage with ever more digits, then its neighbours among the floats in all their digits."""
    beside = (percent, nextafter(percent, inf), nextafter(percent, -inf))
    return [f"{percent:.{digits}f}" for digits in range(18)] + [f"{Decimal(repr(one)):f}" for one in beside]
