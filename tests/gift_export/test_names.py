"""Names by PHP's and Moodle's rules; the expected values of `strip_tags` were printed by PHP 8.2."""

from __future__ import annotations

import pytest

from gift_export.names import DEFAULT_NAME, category_names, clean_name, default_name, shorten_text
from gift_export.tags import strip_tags


@pytest.mark.parametrize(
    ("text", "bare", "with_span"),
    [
        ("<?xml a?>b", "b", "b"),
        ("a<?php echo 1>2; ?>b", "ab", "ab"),
        ("<!-- a > b -->c", "c", "c"),
        ("a < b", "a < b", "a < b"),
        ("a<b", "a", "a"),
        ("<a <b>c>d", "d", "d"),
        ('<a "x>y">z', "z", "z"),
        ("<b\0>x", "x", "x"),
        ("x>y", "x>y", "x>y"),
        ('<? "a?>b', "", ""),
        ("<>x", "x", "x"),
        ("<!-->x-->y", "x-->y", "x-->y"),
        ('<SPAN x="1">a</SPAN>', "a", '<SPAN x="1">a</SPAN>'),
        ("<span <b>c>d", "d", "<span bc>d"),
        ("</ span>x", "x", "x"),
        ("<span/>a", "a", "<span/>a"),
        # A comment inside a tag leaves its depth behind: PHP then swallows the next ">".
        ("<a <!-- x -->>b>c", "b>c", "b>c"),
    ],
)
def test_strip_tags(text: str, bare: str, with_span: str) -> None:
    assert (strip_tags(text), strip_tags(text, "span")) == (bare, with_span)


def test_a_name_made_of_the_text() -> None:
    words = "сөз " * 30
    assert default_name(words) == ("сөз " * 19) + "..."
    assert default_name("<img src='x'>") == DEFAULT_NAME
    assert default_name("0") == DEFAULT_NAME


def test_tags_left_open_are_closed_after_the_dots() -> None:
    text = "<b><i>" + "слово " * 30
    assert shorten_text(text, 20) == "<b><i>слово слово слово...</i></b>"


def test_multilang_survives_and_broken_multilang_does_not() -> None:
    good = '<span lang="ky" class="multilang">С</span><span lang="ru" class="multilang">В</span>'
    assert clean_name(good) == good
    assert clean_name('<span class="x">С</span>') == "С"
    assert clean_name('<lang lang="ky">С</lang> <b>В</b>') == '<lang lang="ky">С</lang> В'


def test_category_names() -> None:
    assert category_names("$course$/А//Б/ <b>В<//b> ///x") == ("$course$", "А/Б", "В //x")
