"""Dates as offices write them: the endings come from a table by month."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from docs_templates.contexts.dates import act_reference, long_date, short_moment, since

# ky: on the day, as a reference to an act, from the day on; ru: on the day.
MONTHS = (
    (1, "2026-жылдын 21-январы", "2026-жылдын 21-январындагы", "2026-жылдын 21-январынан тартып", "января"),
    (2, "2026-жылдын 21-февралы", "2026-жылдын 21-февралындагы", "2026-жылдын 21-февралынан тартып", "февраля"),
    (3, "2026-жылдын 21-марты", "2026-жылдын 21-мартындагы", "2026-жылдын 21-мартынан тартып", "марта"),
    (4, "2026-жылдын 21-апрели", "2026-жылдын 21-апрелиндеги", "2026-жылдын 21-апрелинен тартып", "апреля"),
    (5, "2026-жылдын 21-майы", "2026-жылдын 21-майындагы", "2026-жылдын 21-майынан тартып", "мая"),
    (6, "2026-жылдын 21-июну", "2026-жылдын 21-июнундагы", "2026-жылдын 21-июнунан тартып", "июня"),
    (7, "2026-жылдын 21-июлу", "2026-жылдын 21-июлундагы", "2026-жылдын 21-июлунан тартып", "июля"),
    (8, "2026-жылдын 21-августу", "2026-жылдын 21-августундагы", "2026-жылдын 21-августунан тартып", "августа"),
    (9, "2026-жылдын 21-сентябры", "2026-жылдын 21-сентябрындагы", "2026-жылдын 21-сентябрынан тартып", "сентября"),
    (10, "2026-жылдын 21-октябры", "2026-жылдын 21-октябрындагы", "2026-жылдын 21-октябрынан тартып", "октября"),
    (11, "2026-жылдын 21-ноябры", "2026-жылдын 21-ноябрындагы", "2026-жылдын 21-ноябрынан тартып", "ноября"),
    (12, "2026-жылдын 21-декабры", "2026-жылдын 21-декабрындагы", "2026-жылдын 21-декабрынан тартып", "декабря"),
)


@pytest.mark.parametrize(("month", "on", "reference", "after", "russian"), MONTHS)
def test_all_months(month: int, on: str, reference: str, after: str, russian: str) -> None:
    day = date(2026, month, 21)

    assert long_date(day, "ky") == on
    assert act_reference(day, "12", "ky") == f"{reference} №\u00a012"
    assert since(day, "ky") == after
    assert long_date(day, "ru") == f"21\u00a0{russian} 2026\u00a0г."
    assert act_reference(day, "12", "ru") == f"от 21\u00a0{russian} 2026\u00a0г. №\u00a012"
    assert since(day, "ru") == f"с 21\u00a0{russian} 2026\u00a0г."


def test_headings_of_published_acts() -> None:
    assert act_reference(date(2016, 12, 29), "706", "ky").replace("\u00a0", " ") == "2016-жылдын 29-декабрындагы № 706"
    assert act_reference(date(2006, 6, 28), "327", "ky").replace("\u00a0", " ") == "2006-жылдын 28-июнундагы № 327"


def test_days_are_not_padded_in_text_and_are_in_columns() -> None:
    assert long_date(date(2026, 12, 8), "ru") == "8\u00a0декабря 2026\u00a0г."
    assert short_moment(datetime(2026, 3, 8, 9, 5)) == "08.03.2026 09:05"  # noqa: DTZ001 - a paper prints what it is given
