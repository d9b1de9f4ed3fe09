"""Deadlines: one week's notice, three days for the order; calendar and working days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_app.domain.deadlines import Term, WorkCalendar, days_between, is_early_enough, is_in_time, last_day

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
LENGTHS = st.integers(0, 60)
CALENDARS = st.builds(
    WorkCalendar,
    holidays=st.frozensets(DAYS, max_size=20),
    working_weekends=st.frozensets(DAYS, max_size=5),
)
PLAIN = WorkCalendar()


@pytest.mark.parametrize(
    ("notified", "test", "enough"),
    [
        (date(2026, 3, 2), date(2026, 3, 9), True),
        (date(2026, 3, 3), date(2026, 3, 9), False),
        (date(2026, 3, 9), date(2026, 3, 9), False),
        (date(2026, 2, 26), date(2026, 3, 5), True),
        (date(2028, 2, 26), date(2028, 3, 4), True),  # over 29 February: seven days are seven days
    ],
)
def test_a_notice_leaves_a_week(notified: date, test: date, enough: bool) -> None:
    assert is_early_enough(notified, test, Term(7, "calendar"), PLAIN) is enough


@pytest.mark.parametrize(
    ("signed", "in_time"),
    [
        (date(2026, 3, 5), False),  # before the decision
        (date(2026, 3, 6), True),
        (date(2026, 3, 9), True),
        (date(2026, 3, 10), False),
    ],
)
def test_the_order_follows_within_three_days(signed: date, in_time: bool) -> None:
    assert is_in_time(date(2026, 3, 6), signed, Term(3, "calendar"), PLAIN) is in_time


def test_working_days_skip_weekends_and_holidays() -> None:
    calendar = WorkCalendar(holidays=frozenset({date(2026, 3, 9)}))
    assert last_day(date(2026, 3, 6), Term(3, "working"), calendar) == date(2026, 3, 12)


def test_a_declared_working_saturday_counts() -> None:
    calendar = WorkCalendar(working_weekends=frozenset({date(2026, 3, 7)}))
    assert last_day(date(2026, 3, 6), Term(1, "working"), calendar) == date(2026, 3, 7)


@given(start=DAYS, days=LENGTHS, calendar=CALENDARS)
def test_the_last_working_day_is_worked_and_exactly_so_far(start: date, days: int, calendar: WorkCalendar) -> None:
    end = last_day(start, Term(days, "working"), calendar)
    assert days_between(start, end, "working", calendar) == days
    assert days == 0 or calendar.is_working(end)


@given(start=DAYS, days=st.integers(-400, 400))
def test_calendar_days_are_plain_differences(start: date, days: int) -> None:
    assert days_between(start, start + timedelta(days=days), "calendar", PLAIN) == days


@given(start=DAYS, first=st.integers(0, 200), second=st.integers(0, 200), calendar=CALENDARS)
def test_working_days_add_up(start: date, first: int, second: int, calendar: WorkCalendar) -> None:
    middle, end = start + timedelta(days=first), start + timedelta(days=first + second)
    together = days_between(start, end, "working", calendar)
    assert together == days_between(start, middle, "working", calendar) + days_between(middle, end, "working", calendar)


@given(start=DAYS, days=LENGTHS, calendar=CALENDARS, unit=st.sampled_from(["calendar", "working"]))
def test_in_time_up_to_the_last_day_and_not_after(start: date, days: int, calendar: WorkCalendar, unit: str) -> None:
    term = Term(days, "working" if unit == "working" else "calendar")
    last = last_day(start, term, calendar)
    assert is_in_time(start, last, term, calendar)
    assert not is_in_time(start, last + timedelta(days=1), term, calendar)
