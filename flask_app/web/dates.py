"""Dates as people of the region read them: `16 апреля, чт` on a page, `16 апреля 2026 г.` where the year matters.

Endings are tables by month, not rules on letters: `апрели` but `июну`. The ky forms are those of published acts
(`2016-жылдын 29-декабры`).
"""

from __future__ import annotations

from datetime import date, datetime

from flask_app.messages import Language

NBSP = "\u00a0"

_RU = (
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
_KY = (
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
_KY_PLAIN = (
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
)
_KK = (
    "қаңтар",
    "ақпан",
    "наурыз",
    "сәуір",
    "мамыр",
    "маусым",
    "шілде",
    "тамыз",
    "қыркүйек",
    "қазан",
    "қараша",
    "желтоқсан",
)
_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_RU_SHORT = ("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_KK_SHORT = ("қаң", "ақп", "нау", "сәу", "мам", "мау", "шіл", "там", "қыр", "қаз", "қар", "жел")
_EN_SHORT = tuple(month[:3] for month in _EN)

_WEEKDAYS: dict[Language, tuple[str, ...]] = {
    "ru": ("пн", "вт", "ср", "чт", "пт", "сб", "вс"),
    "ky": ("дш", "шш", "шр", "бш", "жм", "иш", "жш"),
    "kk": ("дс", "сс", "ср", "бс", "жм", "сб", "жс"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_WEEKDAYS_WHOLE: dict[Language, tuple[str, ...]] = {
    "ru": ("Понедельник", "Вторник", "Среда", "Четверг", "Пятница", "Суббота", "Воскресенье"),
    "ky": ("Дүйшөмбү", "Шейшемби", "Шаршемби", "Бейшемби", "Жума", "Ишемби", "Жекшемби"),
    "kk": ("Дүйсенбі", "Сейсенбі", "Сәрсенбі", "Бейсенбі", "Жұма", "Сенбі", "Жексенбі"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def long_day(day: date, language: Language) -> str:
    """With the year: `16 апреля 2026 г.` · `2026-жылдын 16-апрели` · `2026 жылғы 16 сәуір` · `16 April 2026`."""
    month = day.month - 1
    if language == "ky":
        return f"{day.year}-жылдын {day.day}-{_KY[month]}"
    if language == "kk":
        return f"{day.year} жылғы {day.day}{NBSP}{_KK[month]}"
    if language == "en":
        return f"{day.day}{NBSP}{_EN[month]} {day.year}"
    return f"{day.day}{NBSP}{_RU[month]} {day.year}{NBSP}г."


def plain_day(day: date, language: Language, today: date) -> str:
    """Without the year while it is this one: `16 апреля` · `16-апрель` · `16 сәуір` · `16 April`."""
    if day.year != today.year:
        return long_day(day, language)
    month = day.month - 1
    if language == "ky":
        return f"{day.day}-{_KY_PLAIN[month]}"
    return f"{day.day}{NBSP}{ {'ru': _RU, 'kk': _KK, 'en': _EN}[language][month] }"


def short_day(day: date, language: Language) -> str:
    """For margins: `16 апр` · `16-апр` · `16 сәу` · `16 Apr`."""
    month = day.month - 1
    if language == "ky":
        return f"{day.day}-{_RU_SHORT[month] if month != 4 else 'май'}"
    return f"{day.day}{NBSP}{ {'ru': _RU_SHORT, 'kk': _KK_SHORT, 'en': _EN_SHORT}[language][month] }"


def weekday(day: date, language: Language) -> str:
    return _WEEKDAYS[language][day.weekday()]


def whole_weekday(day: date, language: Language) -> str:
    return _WEEKDAYS_WHOLE[language][day.weekday()]


def written_day(day: date) -> str:
    """As papers and tables write it: 16.04.2026."""
    return f"{day.day:02}.{day.month:02}.{day.year:04}"


def clock(moment: datetime) -> str:
    return f"{moment.hour:02}:{moment.minute:02}"
