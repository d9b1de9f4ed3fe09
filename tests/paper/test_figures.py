"""Numbers, money and text as they are printed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs_templates.contexts import figures
from docs_templates.contexts.text import optional, required
from flask_app.ports.paper import PaperRefused


@pytest.mark.parametrize(
    ("given_text", "printed"),
    [
        ("53.3", "53,3\u00a0%"),
        ("75.00", "75,00\u00a0%"),
        ("100", "100\u00a0%"),
        ("0", "0\u00a0%"),
        ("1E+2", "100\u00a0%"),
    ],
)
def test_per_cent_keeps_its_digits(given_text: str, printed: str) -> None:
    assert figures.percent(given_text, "share") == printed


@pytest.mark.parametrize(
    ("given_text", "printed"),
    [
        ("1234567.5", "1\u00a0234\u00a0567,50"),
        ("0", "0,00"),
        ("999", "999,00"),
        ("1000", "1\u00a0000,00"),
        ("0.05", "0,05"),
    ],
)
def test_money(given_text: str, printed: str) -> None:
    assert figures.money(given_text, "funds") == printed


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_money_loses_nothing(sum_: Decimal) -> None:
    printed = figures.money(str(sum_), "funds")

    assert Decimal(printed.replace("\u00a0", "").replace(",", ".")) == sum_


@pytest.mark.parametrize("text", ["", "12,5", "много", "NaN", "Infinity", "1.2.3"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(PaperRefused) as refused:
        figures.percent(text, "share")
    assert refused.value.code == "PAPER_NOT_A_NUMBER"


def test_a_fraction_of_a_tyiyn_is_refused() -> None:
    with pytest.raises(PaperRefused) as refused:
        figures.money("10.005", "funds")
    assert refused.value.code == "PAPER_NOT_A_NUMBER"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("87.5", "87,5"),
        ("85.5/100", "85,5/100"),
        ("8.25/12.5", "8,25/12,5"),
        ("A+", "A+"),
        ("B/C", "B/C"),
        ("", "–"),
        ("NaN", "NaN"),
        ("зачтено", "зачтено"),
    ],
)
def test_marks_of_any_scale(text: str, printed: str) -> None:
    assert figures.mark(text, "score") == printed


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  Осмонбек   уулу\n\tНурлан ", "Осмонбек уулу Нурлан"),
        ("Төрөкулов\u2028Улан", "Төрөкулов Улан"),
        ("№\u00a012", "№\u00a012"),
        ("", "–"),
        (" ", "–"),
    ],
)
def test_text_is_one_line(text: str, line: str) -> None:
    assert optional(text, "name") == line


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\ufffe", "\ud800", "\u202e", "\u2066"])
def test_what_cannot_be_printed_is_refused(character: str) -> None:
    with pytest.raises(PaperRefused) as refused:
        optional(f"Улан{character}бек", "name")
    assert refused.value.code == "PAPER_UNPRINTABLE"
    assert refused.value.params["character"] == f"U+{ord(character):04X}"


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_a_required_text_is_there(text: str) -> None:
    with pytest.raises(PaperRefused) as refused:
        required(text, "appointee")
    assert refused.value.code == "PAPER_BLANK"
