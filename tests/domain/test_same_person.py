"""Whether two records are about the same person."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_app.domain.same_person import Known, Likeness, likeness

BORN, OTHER_DAY = date(1980, 5, 1), date(1980, 5, 2)
RECORDS = st.builds(
    Known,
    st.sampled_from([None, "n1", "n2"]),
    st.sampled_from(["асанов", "осмонов"]),
    st.sampled_from([None, BORN, OTHER_DAY]),
)


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        (Known("n1", "асанов", BORN), Known("n1", "осмонов", None), "same"),
        (Known("n1", "асанов", BORN), Known(None, "асанов", BORN), "same"),
        (Known("n1", "асанов", BORN), Known(None, "асанов", None), "perhaps"),
        (Known("n1", "асанов", BORN), Known(None, "асанов", OTHER_DAY), "other"),
        (Known("n1", "асанов", BORN), Known(None, "осмонов", BORN), "other"),
        (Known(None, "асанов", None), Known(None, "осмонов", None), "other"),
    ],
)
def test_what_is_known_decides(one: Known, other: Known, how: Likeness) -> None:
    assert likeness(one, other) == how


@given(RECORDS, RECORDS)
def test_it_does_not_matter_who_is_compared_with_whom(one: Known, other: Known) -> None:
    assert likeness(one, other) == likeness(other, one)


@given(RECORDS)
def test_everybody_is_like_themselves(one: Known) -> None:
    expected = "perhaps" if one.number is None and one.born is None else "same"
    assert likeness(one, one) == expected
