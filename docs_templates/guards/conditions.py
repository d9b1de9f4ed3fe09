"""The tests that several guards share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from flask_app.ports.paper import PaperRefused


def insist(holds: bool, code: str, /, **params: object) -> None:
    """Raises `PaperRefused` unless `holds`."""
    if not holds:
        raise PaperRefused(code, None, **params)


def each_once(names: Iterable[str], where: str) -> None:
    """A paper knows people by name: two of one name in one list cannot be told apart."""
    for name, times in Counter(names).items():
        insist(times == 1, "PAPER_NAMESAKES", name=name, where=where, n=times)


def reaches(total: int, maximum: int, percent: int) -> bool:
    """At least `percent` of the possible maximum, in whole numbers."""
    return total * 100 >= percent * maximum


def is_share(shown: Decimal, part: Decimal, whole: Decimal) -> bool:
    """`shown` is `part` in per cent of `whole`, rounded or cut at its last digit."""
    if whole <= 0:
        return shown == part == 0
    exponent = shown.as_tuple().exponent
    unit = Decimal(1).scaleb(exponent) if isinstance(exponent, int) else Decimal(0)
    return abs(part * 100 / whole - shown) < unit
