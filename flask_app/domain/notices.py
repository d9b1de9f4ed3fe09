"""What a notice of the test tells, and when another one is needed: day, hour and place, a week before (S003 L116)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Told:
    """The moment the test begins and the place, in the body's languages."""

    starts_at: datetime
    place: Mapping[str, str]


def needs_another(before: Told, after: Told, *, same_place: bool) -> bool:
    """Whether somebody who was told of `before` does not know of `after`.

    `same_place`: only the words for the place were put right; the secretary says so and stands for it.
    """
    return before.starts_at != after.starts_at or (not same_place and dict(before.place) != dict(after.place))
