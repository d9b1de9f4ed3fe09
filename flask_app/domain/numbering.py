"""Registration numbers: one sequence per body, series and year; gaps are forbidden (DOMAIN C, traps for the generator).

The number is given at signing, under a row lock, in the transaction that signs; a rolled back signing gives it back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Which paper is counted in which series. Orders on staff and protocols are counted apart, as offices do.
SERIES: dict[str, str] = {"D11": "T", "D16": "P", "D19": "O", "D53": "R"}


@dataclass(frozen=True, slots=True, order=True)
class RegistrationNumber:
    """`value` counts from 1 within (body, series, year)."""

    year: int
    series: str
    value: int

    def __str__(self) -> str:
        return f"{self.value}-{self.series}/{self.year}"


_SIGN = re.compile(r"^\s*(?:№|Nº|N°|No\.)\s*")


def bare_number(written: str) -> str:
    """A number without the sign before it: texts print their own, and `№ 215` is often typed whole."""
    return _SIGN.sub("", written).strip()


_LATIN_TWINS = str.maketrans("АВЕКМНОРСТУХҮҺІЈЅ", "ABEKMHOPCTYXYHIJS")


def seen_alike(code: str) -> str:
    """The number as the eye reads it: two that differ only by an alphabet, by case or by blanks are one for a reader.

    `К-1` with a Cyrillic letter and `K-1` with a Latin one give the same text.
    """
    return "".join(code.upper().split()).replace("–", "-").replace("—", "-").translate(_LATIN_TWINS)


def follows_without_gap(numbers: list[int]) -> bool:
    """Whether the values of one series and year are exactly 1, 2, … n."""
    return sorted(numbers) == list(range(1, len(numbers) + 1))
