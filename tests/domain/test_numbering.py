"""Numbers as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_app.domain.numbering import bare_number


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("№ 215", "215"),
        ("№215", "215"),
        (" № 01-3/214 ", "01-3/214"),
        ("No. 7", "7"),
        ("N° 7", "7"),
        ("Н-7", "Н-7"),
        ("North 7", "North 7"),
        ("15-№", "15-№"),
    ],
)
def test_the_sign_before_a_number_is_not_part_of_it(written: str, number: str) -> None:
    assert bare_number(written) == number


@given(st.text(max_size=20))
def test_a_bare_number_stays(written: str) -> None:
    once = bare_number(written)
    assert once in written
    if not once.startswith(("№", "Nº", "N°", "No.")):
        assert bare_number(once) == once
