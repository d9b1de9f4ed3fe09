"""Halves of a question whose IDs differ by a slip: `b10-06.ky` and `b10-006.ru` are two questions to the panel."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Final

_ZEROS: Final = re.compile(r"(?<![0-9])0+(?=[0-9])")
_SIGNS: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Half:
    """A question of the file by the languages it has, and those that neither the file nor the panel has of it."""

    has: Set[str]
    lacks: Set[str]

    def completes(self, other: Half) -> bool:
        return self.lacks <= other.has and other.lacks <= self.has and not self.has & other.has


def slips(halves: Mapping[str, Half]) -> dict[str, str]:
    """For each half the name of the one that is most likely its other half; none where two might be.

    Names that are the same but for zeros and hyphens come first, then those a single sign apart.
    """
    alike = {name: _alike(name, halves) for name in halves}
    return {name: others[0] for name, others in alike.items() if len(others) == 1 and alike[others[0]] == [name]}


def _alike(name: str, halves: Mapping[str, Half]) -> list[str]:
    others = [one for one, half in halves.items() if one != name and half.completes(halves[name])]
    same = [one for one in others if _bare(one) == _bare(name)]
    return same or [one for one in others if _one_apart(one, name)]


def _bare(name: str) -> str:
    return _SIGNS.sub("", _ZEROS.sub("", name.casefold()))


def _one_apart(one: str, other: str) -> bool:
    """Whether one sign was added, left out, mistyped, or changed places with the next."""
    short, long = sorted((one, other), key=len)
    at = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) == len(long):
        swapped = long[:at] + long[at : at + 2][::-1] + long[at + 2 :]
        return short[at + 1 :] == long[at + 1 :] or short == swapped
    return len(long) == len(short) + 1 and short[at:] == long[at + 1 :]
