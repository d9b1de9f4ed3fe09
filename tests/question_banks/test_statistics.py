"""Figures of questions, against examples computed by hand and against what must hold for all answers."""

from __future__ import annotations

import math
import statistics as stdlib
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from question_banks.statistics import (
    ENOUGH,
    AnswerSheet,
    Given,
    correlation,
    fisher,
    items,
    newcombe,
    reliability,
    twin_differences,
    wilson,
)


def sheet(*marks: float, language: str = "ru", choices: Sequence[str] = ()) -> AnswerSheet:
    """Questions a, b, c, … with these marks."""
    told = choices or [""] * len(marks)
    return [Given("abcdefgh"[at], language, mark, told[at]) for at, mark in enumerate(marks)]


# Five people, four questions:          total   rest of question a
#   1 1 1 1                                4     3
#   1 1 1 0                                3     2
#   1 0 1 0                                2     1
#   0 1 0 0                                1     1
#   0 0 0 0                                0     0
FIVE = [sheet(1, 1, 1, 1), sheet(1, 1, 1, 0), sheet(1, 0, 1, 0), sheet(0, 1, 0, 0), sheet(0, 0, 0, 0)]


def test_facility_and_discrimination_by_hand() -> None:
    a, b, c, d = items(FIVE)
    assert [item.facility for item in (a, b, c, d)] == pytest.approx([0.6, 0.6, 0.6, 0.2])
    # a: marks 1 1 1 0 0 (mean 0.6), rests 3 2 1 1 0 (mean 1.4)
    # covariance sum: 0.4*1.6 + 0.4*0.6 + 0.4*-0.4 + -0.6*-0.4 + -0.6*-1.4 = 1.8
    # squares: marks 1.2, rests 2.56 + 0.36 + 0.16 + 0.16 + 1.96 = 5.2
    assert a.discrimination == pytest.approx(1.8 / math.sqrt(1.2 * 5.2))
    # d: marks 1 0 0 0 0, rests 3 3 2 1 0 (mean 1.8): 0.8*1.2 - 0.2*(1.2 + 0.2 - 0.8 - 1.8) = 1.2; 0.8 and 6.8
    assert d.discrimination == pytest.approx(1.2 / math.sqrt(0.8 * 6.8))


def test_kr20_by_hand() -> None:
    found = reliability(FIVE)
    assert found is not None
    # totals 4 3 2 1 0: mean 2, variance 2; sum of p*q = 3 * 0.24 + 0.16 = 0.88; 4/3 * (1 - 0.88/2) = 0.746667
    assert (found.people, found.questions, found.mean) == (5, 4, 2)
    assert found.kr20 == pytest.approx(4 / 3 * 0.56)
    assert found.error == pytest.approx(math.sqrt(2) * math.sqrt(1 - 4 / 3 * 0.56))


def test_kr20_of_alike_people_cannot_be_had() -> None:
    found = reliability([sheet(1, 0), sheet(0, 1)])
    assert found is not None
    assert (found.kr20, found.error, found.deviation) == (None, None, 0)
    assert reliability([]) is None
    single = reliability([sheet(1), sheet(0)])
    assert single is not None
    assert single.kr20 is None


def test_kr20_is_of_one_form_only() -> None:
    with pytest.raises(ValueError, match="different forms"):
        reliability([sheet(1, 0), sheet(1, 0, 1)])


def test_intervals_by_the_book() -> None:
    """Wilson: 81 of 263 gives 0.2553–0.3662; Newcombe 1998, table II (a): 56/70 - 48/80 gives 0.0524–0.3339."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert newcombe(56 / 70, 70, 48 / 80, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert newcombe(9 / 10, 10, 3 / 10, 10) == pytest.approx((0.1705, 0.8090), abs=5e-5)
    assert wilson(0, 0) == (0, 1)
    assert fisher(0.5, 28) == pytest.approx(
        (math.tanh(math.atanh(0.5) - 0.3919928), math.tanh(math.atanh(0.5) + 0.3919928))
    )
    assert fisher(0.5, 3) is None
    assert fisher(1.0, 9) == (1.0, 1.0)


def test_everybody_alike_has_no_discrimination() -> None:
    (a, b) = items([sheet(1, 0), sheet(1, 1), sheet(1, 0)])
    assert a.discrimination is None
    assert a.discrimination_interval is None
    assert b.discrimination is None, "the rest is question a alone, which does not vary"


def people(*rows: tuple[int, Sequence[float], Sequence[str]]) -> list[AnswerSheet]:
    """(how many, marks, choices of the first question and so on)."""
    return [sheet(*marks, choices=choices) for n, marks, choices in rows for _ in range(n)]


OPTIONS = {("a", "ru"): {"да": True, "нет": False, "иногда": False}}


def advice(sheets: Sequence[AnswerSheet], group: str = "a") -> list[str]:
    return [one.code for item in items(sheets, OPTIONS) if item.group == group for one in item.advice]


def test_few_answers_give_figures_and_no_advice() -> None:
    few = people((ENOUGH - 1, (0, 1, 1), ("нет", "x", "x")))
    (a, *_) = items(few, OPTIONS)
    assert [one.code for one in a.advice] == ["ITEM_TOO_FEW"]
    assert a.advice[0].params == {"n": ENOUGH - 1, "enough": ENOUGH}
    assert a.facility == 0


def test_a_wrong_key_is_seen_by_who_chose_what() -> None:
    """The strong choose «нет», the weak the key: that is what a wrong key looks like."""
    sheets = people(
        (30, (0, 1, 1), ("нет", "x", "x")), (20, (1, 0, 0), ("да", "y", "y")), (5, (0, 1, 0), ("", "x", "y"))
    )
    (a, *_) = items(sheets, OPTIONS)
    codes = [one.code for one in a.advice]
    assert codes == ["ITEM_KEY_DOUBTFUL", "ITEM_OPTION_STRONGER", "ITEM_OPTION_UNUSED"]
    stronger = a.advice[1]
    assert stronger.params == {"answer": "нет", "rest": 100, "key_rest": 0, "chosen": 30, "key": 20}
    assert [(option.text, option.n) for option in a.options] == [("да", 20), ("нет", 30), ("иногда", 0)]
    assert a.unanswered == 5


def test_a_question_everybody_knows_and_one_nobody_knows() -> None:
    easy = people((59, (1, 1, 0), ("да", "x", "x")), (1, (0, 0, 1), ("нет", "x", "x")))
    assert "ITEM_EASY" in advice(easy)
    hard = people((55, (0, 1, 0), ("иногда", "x", "x")), (5, (1, 1, 1), ("да", "x", "x")))
    assert "ITEM_HARD" in advice(hard)


def test_a_question_that_tells_nothing() -> None:
    sheets = people(
        *[(80, (one, other, other), ("да" if one else "нет", "x", "x")) for one in (0, 1) for other in (0, 1)]
    )
    (a, *_) = items(sheets, OPTIONS)
    assert a.discrimination == pytest.approx(0)
    assert "ITEM_TELLS_NOTHING" in [one.code for one in a.advice]


def test_a_good_question_needs_no_advice() -> None:
    sheets = people(
        (40, (1, 1, 1), ("да", "x", "x")),
        (10, (0, 1, 1), ("нет", "x", "x")),
        (10, (1, 0, 0), ("да", "x", "x")),
        (20, (0, 0, 0), ("нет", "x", "x")),
        (20, (0, 0, 0), ("иногда", "x", "x")),
    )
    assert advice(sheets) == []


def test_twins_with_their_confidence() -> None:
    ru = [sheet(1 if n < 27 else 0, 1, 0, language="ru") for n in range(30)]
    ky = [sheet(1 if n < 9 else 0, 1, 0, language="ky") for n in range(30)]
    (a, *_) = twin_differences([*ru, *ky])
    assert (a.first, a.second, a.n_first, a.n_second) == ("ky", "ru", 30, 30)
    assert a.difference == pytest.approx(0.3 - 0.9)
    assert a.interval == pytest.approx(newcombe(0.3, 30, 0.9, 30))
    assert a.ability_gap == 0
    (told,) = a.advice
    assert (told.code, told.params["first"], told.params["second"]) == ("ITEM_TWINS_DIFFER", 30, 90)
    few = twin_differences([*ru[:5], *ky[:5]])
    assert all(one.advice == () for one in few)


MARKS = st.lists(st.lists(st.integers(0, 1), min_size=4, max_size=4), min_size=3, max_size=40)


@given(MARKS)
def test_figures_stay_in_their_ranges(rows: list[list[int]]) -> None:
    sheets = [sheet(*row) for row in rows]
    for item in items(sheets):
        low, high = item.facility_interval
        assert 0 <= low <= item.facility + 1e-12
        assert item.facility <= high + 1e-12
        assert high <= 1
        assert item.discrimination is None or -1 <= item.discrimination <= 1
    found = reliability(sheets)
    assert found is not None
    assert found.kr20 is None or found.kr20 <= 1 + 1e-12


@given(MARKS)
def test_the_order_of_people_does_not_count(rows: list[list[int]]) -> None:
    sheets = [sheet(*row) for row in rows]
    assert [(i.group, i.n, round(i.facility, 12)) for i in items(sheets)] == [
        (i.group, i.n, round(i.facility, 12)) for i in items(sheets[::-1])
    ]


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=3, max_size=30))
def test_the_correlation_is_pearsons(pairs: list[tuple[float, float]]) -> None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    assume(stdlib.pvariance(first) > 1e-3 and stdlib.pvariance(second) > 1e-3)
    assert correlation(first, second) == pytest.approx(stdlib.correlation(first, second), abs=1e-6)


def test_answers_to_another_text_say_nothing_about_the_options() -> None:
    sheets = people((30, (1, 1, 1), ("другой текст", "x", "x")), (10, (0, 0, 0), ("ещё один", "x", "x")))
    assert "ITEM_OPTION_UNUSED" not in advice(sheets)
