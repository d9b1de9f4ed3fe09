"""Differences by word: nothing of either text is lost, and what did not change is not marked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flask_app.services.word_diff import Piece, compare

WORDS = st.lists(st.sampled_from(["кенеш", "мэр", " ", "  ", ",", "не", "\n", "10", "<b>", "ө"]), max_size=12).map(
    "".join
)


@given(WORDS, WORDS)
def test_both_texts_can_be_read_from_the_pieces(old: str, new: str) -> None:
    pieces = compare(old, new)
    assert "".join(p.text for p in pieces if p.kind != "new") == old
    assert "".join(p.text for p in pieces if p.kind != "gone") == new
    assert all(p.text for p in pieces)


@given(WORDS)
def test_an_equal_text_is_not_marked(text: str) -> None:
    assert {p.kind for p in compare(text, text)} <= {"same"}


def test_a_changed_phrase_is_one_change() -> None:
    assert compare("перечень, не подлежащий отчуждению?", "перечень, не подлежащий приватизации?") == (
        Piece("same", "перечень, не подлежащий "),
        Piece("gone", "отчуждению"),
        Piece("new", "приватизации"),
        Piece("same", "?"),
    )
    assert [p.kind for p in compare("раз два три", "один пять три")] == ["gone", "new", "same"]


def test_texts_too_long_to_compare_are_shown_one_after_the_other() -> None:
    old, new = "слово " * 2100, "иное " * 2100
    assert [p.kind for p in compare(old, new)] == ["gone", "new"]
