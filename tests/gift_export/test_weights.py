"""Every weight that can be read is written so that it is read back, to the last digit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gift_export.reader import read
from gift_export.weights import fraction_of, spell_fraction, spell_percent
from gift_export.writer import spell
from question_banks.model import NO_LINES

BESIDE = Decimal("0.0009")
"""Per cent beside a mark that Moodle still takes for it."""
MARKS = [1.0, 0.9, 0.8333333, 0.6666667, 0.3333333, 0.1666667, 0.1428571, 0.1111111, 0.05, 0.0, -0.3333333]


@given(
    st.sampled_from(MARKS),
    st.decimals(-BESIDE, BESIDE, allow_nan=False),
    st.integers(0, 19),
)
@example(0.1428571, Decimal("14.28571128571") - Decimal("14.28571"), 13)
def test_a_weight_near_a_mark_is_read_back(mark: float, off: Decimal, digits: int) -> None:
    spelled = f"{Decimal(spell_percent(mark)) + off:.{digits}f}"
    assert fraction_of(spell_fraction(fraction_of(spelled))) == fraction_of(spelled)


@given(st.floats(-1, 1))
def test_any_fraction_has_a_spelling_that_is_near(fraction: float) -> None:
    assert abs(float(spell_fraction(fraction)) / 100 - fraction) < 1e-6


@pytest.mark.parametrize("weight", ["14.28571128571", "14.2857112857128", "33.333331", "-33.33333000001"])
def test_a_question_keeps_its_weights(weight: str) -> None:
    (question,) = read("Q{~%100%a ~%" + weight + "%b}").questions
    (again,) = read(spell(question)).questions
    assert again._replace(lines=NO_LINES) == question._replace(lines=NO_LINES)
