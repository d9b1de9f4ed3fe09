"""Dates as offices write them: ky `2026-жылдын 21-ноябры`, ru `21 ноября 2026 г.`

The endings are a table by month, not a rule on letters: `апрели` but `июлу`, `майындагы` but `июнундагы`. Forms as in
the headings of published acts (`2016-жылдын 29-декабрындагы № 706`, `2008-жылдын 25-апрели № 65`).
"""

from __future__ import annotations

from datetime import date, datetime

from docs_templates.words import Language

NBSP = "\u00a0"

KY_MONTHS = (
    "январы",
    "февралы",
    "марты",
    "апрели",
    "майы",
    "июну",
    "июлу",
    "августу",
    "сентябры",
    "октябры",
    "ноябры",
    "декабры",
)
# The ending follows the vowel of the form above: which act (`-ындагы №`), from which day on (`-ынан тартып`).
KY_ENDINGS = {"ы": ("ндагы", "нан"), "и": ("ндеги", "нен"), "у": ("ндагы", "нан"), "ү": ("ндөгү", "нөн")}

RU_MONTHS = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)


def _ky(day: date, case: int | None = None) -> str:
    month = KY_MONTHS[day.month - 1]
    ending = "" if case is None else KY_ENDINGS[month[-1]][case]
    return f"{day.year}-жылдын {day.day}-{month}{ending}"


def _ru(day: date) -> str:
    return f"{day.day}{NBSP}{RU_MONTHS[day.month - 1]} {day.year}{NBSP}г."


def long_date(day: date, language: Language) -> str:
    """`2026-жылдын 21-ноябры` · `21 ноября 2026 г.`"""
    return _ky(day) if language == "ky" else _ru(day)


def act_reference(day: date, number: str, language: Language) -> str:
    """How another paper is named: `2026-жылдын 21-ноябрындагы № 12` · `от 21 ноября 2026 г. № 12`."""
    dated = _ky(day, 0) if language == "ky" else f"от {_ru(day)}"
    return f"{dated} №{NBSP}{number}"


def since(day: date, language: Language) -> str:
    """`2026-жылдын 1-декабрынан тартып` · `с 1 декабря 2026 г.`"""
    return f"{_ky(day, 1)} тартып" if language == "ky" else f"с {_ru(day)}"


def clock(moment: datetime) -> str:
    """`09:05`, in the zone the moment came in."""
    return f"{moment:%H:%M}"


def short_date(day: date) -> str:
    """`21.11.2026`, for narrow columns."""
    return f"{day.day:02}.{day.month:02}.{day.year}"


def short_moment(moment: datetime) -> str:
    """`21.11.2026 09:05`"""
    return f"{short_date(moment)} {clock(moment)}"
