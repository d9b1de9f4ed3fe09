"""Thresholds: 50 % to the interview, 75 % to the reserve, of the possible sum; exact at the border."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_app.domain.scoring import BlockScore, Condition, judge, passes, percent, total

HALF = [Condition("total", min_percent=50)]
RESERVE = [Condition("total", min_percent=75)]
MARKS = st.integers(0, 30).map(Decimal)


def of_sixty(general: int, subject: int) -> list[BlockScore]:
    return [BlockScore("general", Decimal(general), Decimal(30)), BlockScore("subject", Decimal(subject), Decimal(30))]


@pytest.mark.parametrize(
    ("general", "subject", "interview", "reserve"),
    [(15, 14, False, False), (15, 15, True, False), (0, 30, True, False), (30, 14, True, False), (15, 30, True, True)],
)
def test_the_sum_decides_not_the_block(general: int, subject: int, interview: bool, reserve: bool) -> None:
    scores = of_sixty(general, subject)
    assert passes(scores, HALF) is interview
    assert passes(scores, RESERVE) is reserve


def test_a_set_of_conditions_needs_all_of_them() -> None:
    kazakh = [Condition("total", min_mark=Decimal(30)), Condition("general", min_mark=Decimal(5))]
    assert not passes(of_sixty(4, 30), kazakh)
    assert passes(of_sixty(5, 25), kazakh)


def test_a_block_nobody_sat_fails_its_condition() -> None:
    assert not passes(of_sixty(30, 30), [Condition("ethics", min_percent=0)])


def test_no_conditions_open_nothing() -> None:
    assert not passes(of_sixty(30, 30), [])


@pytest.mark.parametrize(("share", "mark"), [(None, None), (50, Decimal(1))])
def test_a_condition_has_exactly_one_measure(share: int | None, mark: Decimal | None) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Condition("total", share, mark)


@given(general=MARKS, subject=MARKS)
def test_the_decision_is_integer_arithmetic(general: Decimal, subject: Decimal) -> None:
    scores = of_sixty(int(general), int(subject))
    assert passes(scores, HALF) == ((general + subject) * 2 >= 60)
    assert passes(scores, RESERVE) == ((general + subject) * 4 >= 3 * 60)


@given(mark=st.decimals(0, 100, places=5), maximum=st.decimals("0.00001", 100, places=5), share=st.integers(0, 100))
def test_never_rounded_up_to_a_pass(mark: Decimal, maximum: Decimal, share: int) -> None:
    judged = judge([BlockScore("b", mark, maximum)], [Condition("b", min_percent=share)])[0]
    assert judged.holds == (mark * 100 >= share * maximum)
    assert (judged.mark, judged.maximum) == (mark, maximum)


@given(general=MARKS, subject=MARKS)
def test_the_total_is_the_sum(general: Decimal, subject: Decimal) -> None:
    assert total(of_sixty(int(general), int(subject))) == BlockScore("total", general + subject, Decimal(60))


@pytest.mark.parametrize(("mark", "shown"), [(20, "33.3"), (40, "66.7"), (0, "0.0"), (60, "100.0")])
def test_percents_are_rounded_for_print_only(mark: int, shown: str) -> None:
    assert str(percent(Decimal(mark), Decimal(60))) == shown


def test_nothing_possible_is_nought_percent() -> None:
    assert percent(Decimal(0), Decimal(0)) == 0
