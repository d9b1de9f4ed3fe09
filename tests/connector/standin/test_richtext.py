"""Texts as HTML: nothing that acts comes through, everything readable does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.moodle.standin.richtext import as_html, as_words


@pytest.mark.parametrize(
    ("text", "text_format", "html"),
    [
        ("<p>a <b>b</b></p>", "html", "<p>a <b>b</b></p>"),
        ("<p onclick='x()' lang='ky'>a</p>", "html", '<p lang="ky">a</p>'),
        ("a<script>alert(1)</script>b", "html", "ab"),
        ("<a href='javascript:x'>a</a>", "html", "a"),
        ("<img src='https://x/y.png' alt='A'>", "html", '<img alt="A">'),
        ("<img src='data:image/png;base64,iVBOR='>", "html", '<img src="data:image/png;base64,iVBOR=">'),
        ("<img src='data:text/html;base64,iVBOR='>", "html", "<img>"),
        ("<b>a", "html", "<b>a</b>"),
        ("a</p>b", "html", "ab"),
        ("1 < 2 & 3", "html", "1 &lt; 2 &amp; 3"),
        ("a\nb", "moodle", "a<br>b"),
        ("<b>a</b>\nb", "plain", "&lt;b&gt;a&lt;/b&gt;<br>b"),
        ("**a**", "markdown", "**a**"),
        ("<svg><script>x</script></svg>a", "html", "a"),
    ],
)
def test_as_html(text: str, text_format: str, html: str) -> None:
    assert as_html(text, text_format) == html


@given(st.text("<>/ab\"'=&; scriptonx", max_size=60))
def test_no_script_and_no_handler_ever(text: str) -> None:
    html = as_html(text, "html")
    assert "<script" not in html
    assert as_html(html, "html") == html


def test_as_words() -> None:
    assert as_words("<p>25 MPa</p>\n", "html") == "25 MPa"
    assert as_words("<p>a</p><p>b &lt; c</p>", "html") == "a b < c"
    assert as_words("1 < 2", "plain") == "1 < 2"
