"""Whether two records are about the same person, as far as what is kept of them tells."""

from __future__ import annotations

from datetime import date
from typing import Literal, NamedTuple

Likeness = Literal["same", "perhaps", "other"]


class Known(NamedTuple):
    """What is kept of a person. `number`: keyed hash of the personal number; `name`: folded (`names.fold_name`).

    Of people who are only seated on a commission mostly the name alone is known.
    """

    number: str | None
    name: str
    born: date | None


def likeness(one: Known, other: Known) -> Likeness:
    """The same number, or the same name and birth date, is the same person; the same name with one birth date unknown
    may be.
    """
    if one.number is not None and one.number == other.number:
        return "same"
    if one.name != other.name:
        return "other"
    if one.born is None or other.born is None:
        return "perhaps"
    return "same" if one.born == other.born else "other"
