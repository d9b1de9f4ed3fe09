"""Dates as offices write them: one reading or none."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_app.domain.dates import read_date, show_date
from flask_app.domain.sheets import EPOCH_1900, EPOCH_1904, Cell

EARLIEST, LATEST = date(1936, 1, 1), date(2010, 12, 31)
PLAUSIBLE = st.dates(EARLIEST, LATEST)

RUSSIAN = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)
KYRGYZ = (
    *("январы", "февралы", "марты", "апрели", "майы", "июну"),
    *("июлу", "августу", "сентябры", "октябры", "ноябры", "декабры"),
)


def read(cell: Cell) -> date | str:
    reading = read_date(cell, earliest=EARLIEST, latest=LATEST)
    return reading.value or reading.problem


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (datetime(1985, 3, 14, 10, 30), date(1985, 3, 14)),  # noqa: DTZ001 – a cell of a sheet has no zone
        (date(1985, 3, 14), date(1985, 3, 14)),
        ("14.03.1985", date(1985, 3, 14)),
        ("14.03.1985 г.", date(1985, 3, 14)),
        ("14.03.1985г.р.", date(1985, 3, 14)),
        ("14.3.1985-ж.", date(1985, 3, 14)),
        ("14.03.1985-жылы", date(1985, 3, 14)),
        (" 14. 03. 1985\u00a0", date(1985, 3, 14)),
        ("14,03,1985", date(1985, 3, 14)),
        ("14 03 1985", date(1985, 3, 14)),
        ("14.03.1985 00:00:00", date(1985, 3, 14)),
        ("1985-03-14", date(1985, 3, 14)),
        ("1985-03-14T00:00:00", date(1985, 3, 14)),
        ("1985/03/14", date(1985, 3, 14)),
        ("1990-жылдын 5-майы", date(1990, 5, 5)),
        ("1990-жылы 5-майда", date(1990, 5, 5)),
        ("1990-ж. 5-май", date(1990, 5, 5)),
        ("5-май, 1990-жыл", date(1990, 5, 5)),
        ("1990-жылдын 12-сентябрында туулган", date(1990, 9, 12)),
        ("5 мая 1990 г.", date(1990, 5, 5)),
        ("«5» МАЯ 1990 года", date(1990, 5, 5)),
        ("05 май 1990", date(1990, 5, 5)),
        ("12 сент. 1988", date(1988, 9, 12)),
        ("May 5, 1990", date(1990, 5, 5)),
        (31245, date(1985, 7, 17)),
        (31245.75, date(1985, 7, 17)),
        ("31245", date(1985, 7, 17)),
        ("25/03/1990", date(1990, 3, 25)),
        ("03/25/1990", date(1990, 3, 25)),
        ("05/05/1990", date(1990, 5, 5)),
        ("05.03.90", date(1990, 3, 5)),
        ("29.02.1988", date(1988, 2, 29)),
    ],
)
def test_one_reading(cell: Cell, value: date) -> None:
    assert read(cell) == value


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (None, "MISSING"),
        ("  ", "MISSING"),
        ("31.02.1991", "IMPOSSIBLE"),
        ("29.02.1991", "IMPOSSIBLE"),
        ("00.00.0000", "IMPOSSIBLE"),
        ("14/13/1990", "IMPOSSIBLE"),
        ("31 июня 1990", "IMPOSSIBLE"),
        ("05/03/90", "AMBIGUOUS"),
        ("05/03/1990", "AMBIGUOUS"),
        ("05-03-1990", "AMBIGUOUS"),
        ("1985", "YEAR_ONLY"),
        (1985, "YEAR_ONLY"),
        ("1985 г.", "YEAR_ONLY"),
        ("14.03.1885", "TOO_EARLY"),
        ("14.03.2021", "TOO_LATE"),
        (100, "TOO_EARLY"),
        (True, "UNREADABLE"),
        (float("nan"), "UNREADABLE"),
        (float("inf"), "UNREADABLE"),
        (-5, "UNREADABLE"),
        (10**20, "UNREADABLE"),
        ("март 1990", "UNREADABLE"),
        ("5 мартин 1990", "UNREADABLE"),
        ("5 мая июня 1990", "UNREADABLE"),
        ("14.O3.1985", "UNREADABLE"),
        ("не помнит", "UNREADABLE"),
        ("14.03.1985, 15.03.1985", "UNREADABLE"),
        ("5_мая 1990", "UNREADABLE"),
        ("14.03.85.", "14.03.85"),
    ],
)
def test_no_reading_or_more_than_one(cell: Cell, problem: str) -> None:
    expected = date(1985, 3, 14) if problem[0].isdigit() else f"WRITTEN_DATE_{problem}"
    assert read(cell) == expected


def test_a_short_year_is_ambiguous_where_two_centuries_fit() -> None:
    reading = read_date("05.03.25", earliest=date(1920, 1, 1), latest=date(2026, 1, 1))
    assert reading.problem == "WRITTEN_DATE_AMBIGUOUS"
    assert reading.params == {"one": "05.03.1925", "other": "05.03.2025"}


def test_both_readings_of_an_ambiguous_date_are_named() -> None:
    reading = read_date("05/03/1990", earliest=EARLIEST, latest=LATEST)
    assert reading.params == {"one": "05.03.1990", "other": "03.05.1990"}


def test_bounds_are_inclusive() -> None:
    assert read(EARLIEST) == EARLIEST
    assert read(LATEST) == LATEST


def test_the_other_day_count_of_old_files() -> None:
    serial = (date(1985, 3, 14) - EPOCH_1904).days
    reading = read_date(serial, earliest=EARLIEST, latest=LATEST, epoch=EPOCH_1904)
    assert reading.value == date(1985, 3, 14)


@given(PLAUSIBLE)
def test_every_way_of_writing_gives_the_same_day(day: date) -> None:
    serial = (day - EPOCH_1900).days
    ways: list[Cell] = [
        *(day, serial, float(serial), day.isoformat(), show_date(day), show_date(day) + " г."),
        *(f"{day.day} {RUSSIAN[day.month - 1]} {day.year} г.", f"{day.year}-жылдын {day.day}-{KYRGYZ[day.month - 1]}"),
        f"{day.day}.{day.month}.{day.year}-ж.",
    ]
    assert {read(way) for way in ways} == {day}


@given(PLAUSIBLE)
def test_only_a_plain_date_goes_in_untold(day: date) -> None:
    told = {way: read_date(way, earliest=EARLIEST, latest=LATEST).spelled for way in (day, show_date(day))}
    assert told == {day: False, show_date(day): False}
    assert read_date((day - EPOCH_1900).days, earliest=EARLIEST, latest=LATEST).spelled


@given(st.text(max_size=30) | st.integers() | st.floats())
def test_nothing_breaks_the_reader(cell: Cell) -> None:
    reading = read_date(cell, earliest=EARLIEST, latest=LATEST)
    assert (reading.value is None) == bool(reading.problem)
    assert reading.value is None or EARLIEST <= reading.value <= LATEST
