"""Deadlines in calendar and working days.

A day is a date of the body's own time zone. The source says only «one week», «three days»: the unit is the rule
pack's parameter (DOMAIN A, conventions: unqualified days are calendar days unless a pack says otherwise).
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Unit = Literal["calendar", "working"]
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are worked. `working_weekends`: Saturdays and Sundays declared working when days are moved."""

    holidays: Set[date] = frozenset()
    working_weekends: Set[date] = frozenset()
    weekend: Set[int] = frozenset({5, 6})  # Monday is 0

    def is_working(self, day: date) -> bool:
        if day in self.working_weekends:
            return True
        return day.weekday() not in self.weekend and day not in self.holidays


@dataclass(frozen=True, slots=True)
class Term:
    """A number of days of one unit."""

    days: int
    unit: Unit


def last_day(start: date, term: Term, calendar: WorkCalendar) -> date:
    """The last day on which something due «within `term` after `start`» is in time; the start itself is not counted."""
    if term.unit == "calendar":
        return start + timedelta(days=term.days)
    day, left = start, term.days
    while left > 0:
        day += ONE_DAY
        left -= calendar.is_working(day)
    return day


def days_between(start: date, end: date, term_unit: Unit, calendar: WorkCalendar) -> int:
    """How many days of the unit lie after `start` up to and with `end`; negative when `end` is earlier."""
    if term_unit == "calendar":
        return (end - start).days
    if end < start:
        return -days_between(end, start, term_unit, calendar)
    return sum(calendar.is_working(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def is_early_enough(notified: date, event: date, at_least: Term, calendar: WorkCalendar) -> bool:
    """Whether a notice given on `notified` leaves `at_least` before `event`."""
    return days_between(notified, event, at_least.unit, calendar) >= at_least.days


def is_in_time(start: date, done: date, within: Term, calendar: WorkCalendar) -> bool:
    """Whether something done on `done` keeps «within `within` after `start`»; not before the start either."""
    return start <= done <= last_day(start, within, calendar)


def last_day_before(event: date, at_least: Term, calendar: WorkCalendar) -> date:
    """The last day that still leaves `at_least` before `event`, whatever its unit."""
    day = event
    while not is_early_enough(day, event, at_least, calendar):
        day -= ONE_DAY
    return day
