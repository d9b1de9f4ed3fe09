"""Dates as offices write them.

Day.month.year is the written order of the region; a date with slashes or hyphens may be of either order and is
refused where both are possible. Nothing is read that has two readings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask_app.domain.sheets import EPOCH_1900, Cell

# The last serial number spreadsheets know: 31.12.9999.
LAST_SERIAL = 2_958_465

# The twelve months in Russian and Kyrgyz: a stem and the endings it takes (мая, майы, майында; сентября, сентябрында).
_SOFT = "ь|я|е|ю|[её]м|ы|и|у|[ыиу]нд[ае]|ь?д[ыиу]н|ь?д[аео]|ынын|инин|унун"
_HARD = "|а|е|у|ом|ы|ында|ынын|т[ыу]н|та|унда|унун"
_STEMS = (
    *(f"январ(?:{_SOFT})", f"феврал(?:{_SOFT})", f"март(?:{_HARD})", f"апрел(?:{_SOFT})"),
    *("ма(?:й|я|е|ю|ем|йы|йында|йынын|йдын|йда)", f"июн(?:{_SOFT})", f"июл(?:{_SOFT})", f"август(?:{_HARD})"),
    *(f"сентябр(?:{_SOFT})", f"октябр(?:{_SOFT})", f"ноябр(?:{_SOFT})", f"декабр(?:{_SOFT})"),
)
_SHORT = ("янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_SHORTER = {"сент": 9, "нояб": 11, "февр": 2}
_ENGLISH = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
# Words that may stand beside a date and change nothing.
_FILLERS = frozenset(
    (
        *("г", "год", "года", "году", "гр", "р", "рождения", "year", "the", "of"),
        *("ж", "жыл", "жылы", "жылдын", "жылкы", "жылында", "туулган", "туулду", "күнү"),
    )
)
_TAIL = re.compile(r"[\s-]*(?:г\.?\s*р\.?|г\.?|года?|ж\.?|жыл[а-я]*)?[\s.]*(?:туулган)?$")
_TIME = re.compile(r"[ t]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?$")
_YEAR_FIRST = re.compile(r"([0-9]{4})([-./])([0-9]{1,2})\2([0-9]{1,2})")
_BETWEEN = r"( ?[.,] ?| |[-/])"
_YEAR_LAST = re.compile(rf"([0-9]{{1,2}}){_BETWEEN}([0-9]{{1,2}}){_BETWEEN}([0-9]{{4}}|[0-9]{{2}})")


@dataclass(frozen=True, slots=True)
class DateReading:
    """`value`, or `problem` with a code why not. `spelled` tells that the cell was not a plain date.

    Problems: WRITTEN_DATE_ MISSING, UNREADABLE, IMPOSSIBLE, AMBIGUOUS, YEAR_ONLY, TOO_EARLY, TOO_LATE.
    """

    value: date | None
    problem: str = ""
    spelled: bool = False
    params: Mapping[str, str] = field(default_factory=dict)


class _Unread(Exception):
    """Inner signal of this module: the reading ends with this problem."""

    def __init__(self, problem: str, **params: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.params = params


def read_date(cell: Cell, *, earliest: date, latest: date, epoch: date = EPOCH_1900) -> DateReading:
    """Reads a date cell; what lies outside `earliest`..`latest` (both allowed) is refused as implausible."""
    try:
        value, spelled = _read(cell, earliest, latest, epoch)
        _check_bounds(value, earliest, latest)
    except _Unread as unread:
        return DateReading(None, unread.problem, params=unread.params)
    return DateReading(value, spelled=spelled)


def show_date(value: date) -> str:
    """The way the region writes a date: 05.03.1985."""
    return f"{value.day:02}.{value.month:02}.{value.year:04}"


def _read(cell: Cell, earliest: date, latest: date, epoch: date) -> tuple[date, bool]:
    if isinstance(cell, datetime):
        return cell.date(), False
    if isinstance(cell, date):
        return cell, False
    if cell is None or isinstance(cell, bool):
        raise _Unread("WRITTEN_DATE_MISSING" if cell is None else "WRITTEN_DATE_UNREADABLE")
    if isinstance(cell, int | float):
        return _from_serial(cell, epoch), True
    return _from_text(cell, earliest, latest, epoch)


def _check_bounds(value: date, earliest: date, latest: date) -> None:
    if value < earliest:
        raise _Unread("WRITTEN_DATE_TOO_EARLY", date=show_date(value), bound=show_date(earliest))
    if value > latest:
        raise _Unread("WRITTEN_DATE_TOO_LATE", date=show_date(value), bound=show_date(latest))


def _from_serial(serial: float, epoch: date) -> date:
    if 1900 <= serial <= 2100:
        raise _Unread("WRITTEN_DATE_YEAR_ONLY", year=str(serial))
    # Below 61 the numbers are shifted by the 29.02.1900 that never was; no date of interest lies there.
    if not 61 <= serial <= LAST_SERIAL:
        raise _Unread("WRITTEN_DATE_UNREADABLE")
    try:
        return epoch + timedelta(days=int(serial))
    except OverflowError as beyond:
        raise _Unread("WRITTEN_DATE_UNREADABLE") from beyond


def _from_text(text: str, earliest: date, latest: date, epoch: date) -> tuple[date, bool]:
    plain = " ".join(text.replace("\u200b", "").split()).lower()
    if not plain:
        raise _Unread("WRITTEN_DATE_MISSING")
    bare = _TIME.sub("", plain)
    bare = _TAIL.sub("", bare).strip(" '\"")
    if re.fullmatch(r"[0-9]{4}", bare):
        raise _Unread("WRITTEN_DATE_YEAR_ONLY", year=bare)
    if re.fullmatch(r"[0-9]{5}", bare):
        return _from_serial(int(bare), epoch), True
    found = _YEAR_FIRST.fullmatch(bare)
    if found:
        return _made(int(found[1]), int(found[3]), int(found[4])), bare != plain
    found = _YEAR_LAST.fullmatch(bare)
    if found:
        value = _from_numbers(found, earliest, latest)
        return value, plain != show_date(value)
    return _from_words(plain), True


def _made(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as impossible:
        raise _Unread("WRITTEN_DATE_IMPOSSIBLE", date=f"{day:02}.{month:02}.{year:04}") from impossible


def _from_numbers(found: re.Match[str], earliest: date, latest: date) -> date:
    first, second = int(found[1]), int(found[3])
    separators = {found[2].strip() or " ", found[4].strip() or " "}
    if separators & {"/", "-"}:
        return _either_order(first, second, found[5], earliest, latest)
    return _with_year(found[5], second, first, earliest, latest)


def _either_order(first: int, second: int, year: str, earliest: date, latest: date) -> date:
    if first > 12 or first == second:
        return _with_year(year, second, first, earliest, latest)
    if second > 12:
        return _with_year(year, first, second, earliest, latest)
    raise _Unread(
        "WRITTEN_DATE_AMBIGUOUS", one=f"{first:02}.{second:02}.{year}", other=f"{second:02}.{first:02}.{year}"
    )


def _with_year(year: str, month: int, day: int, earliest: date, latest: date) -> date:
    """A year of two digits is read only where exactly one century fits the bounds."""
    if len(year) == 4:
        return _made(int(year), month, day)
    centuries = [1900 + int(year), 2000 + int(year)]
    fitting = [full for full in centuries if _fits(full, month, day, earliest, latest)]
    if len(fitting) == 1:
        return _made(fitting[0], month, day)
    if len(fitting) > 1:
        one, other = (f"{day:02}.{month:02}.{full}" for full in fitting)
        raise _Unread("WRITTEN_DATE_AMBIGUOUS", one=one, other=other)
    return _made(centuries[0], month, day)


def _fits(year: int, month: int, day: int, earliest: date, latest: date) -> bool:
    try:
        return earliest <= date(year, month, day) <= latest
    except ValueError:
        return False


def _from_words(text: str) -> date:
    months: list[int] = []
    numbers: list[str] = []
    for token in _tokens(text):
        month = _month(token)
        if token.isdecimal():
            numbers.append(token)
        elif month:
            months.append(month)
        elif token not in _FILLERS:
            raise _Unread("WRITTEN_DATE_UNREADABLE")
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) <= 2]
    if len(months) != 1 or len(years) != 1 or len(days) != 1 or len(numbers) != 2:
        raise _Unread("WRITTEN_DATE_UNREADABLE")
    return _made(int(years[0]), months[0], int(days[0]))


def _tokens(text: str) -> Iterator[str]:
    rest = re.sub(r"[\s.,«»\"'()-]+", " ", text)
    if re.search(r"[^\w ]|_", rest):
        raise _Unread("WRITTEN_DATE_UNREADABLE")
    yield from re.findall(r"[0-9]+|[^\W\d]+", rest)


def _month(word: str) -> int:
    """1..12, or 0 for a word that is no month of Kyrgyz, Russian or English."""
    for number, stem in enumerate(_STEMS, start=1):
        if re.fullmatch(stem, word):
            return number
    if word in _SHORT:
        return _SHORT.index(word) + 1
    if word in _ENGLISH:
        return _ENGLISH.index(word) + 1
    return _SHORTER.get(word, 0)
