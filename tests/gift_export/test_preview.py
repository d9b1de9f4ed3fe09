"""A preview shows what Moodle shows, and nothing in it can run or load."""

from __future__ import annotations

import base64
from html.parser import HTMLParser

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gift_export.attachments import Attachment
from gift_export.preview import question_html
from gift_export.reader import read
from gift_export.safe_html import safe_html
from question_banks.model import FormattedText, Question
from tests.gift_export.strategies import questions

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_FORBIDDEN = {"script", "style", "iframe", "object", "embed", "svg", "math", "form", "link", "meta", "base"}


class _Tags(HTMLParser):
    """Collects what a browser would act on, and whether every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("br", "img", "hr", "input", "col"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def check(fragment: str) -> _Tags:
    tags = _Tags()
    tags.feed(fragment)
    tags.close()
    assert not tags.open
    for tag, attributes in tags.found:
        assert tag not in _FORBIDDEN
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name not in ("style", "srcset", "formaction", "id")
            if name == "src":
                assert str(value).startswith("data:image/")
            if name == "href":
                assert str(value).lower().startswith(("http://", "https://", "mailto:"))
    return tags


def html(text: str) -> str:
    return safe_html(FormattedText(text, "html"))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<p onclick=alert(1)>а</p>", "<p>а</p>"),
        ("а<script>alert(1)</script>б", "аб"),
        ("<svg><script>x</script></svg>а", "а"),
        ("<img src=x onerror=alert(1) alt=герб>", "герб"),
        ("<img src='http://tracker/1.png' alt='x'>", "x"),
        ("<a href='javascript:alert(1)'>а</a>", "<a>а</a>"),
        ("<a href=' JaVa\nscript:x'>а</a>", "<a>а</a>"),
        ("<a href='https://кырг.kg/?a=1&amp;b=2'>а</a>",
         '<a href="https://кырг.kg/?a=1&amp;b=2" rel="noopener noreferrer nofollow">а</a>'),
        ("<b><i>а</b>б", "<b><i>а</i></b>б"),
        ("а < б & в", "а &lt; б &amp; в"),
        ("<img src='data:image/svg+xml;base64,PHN2Zz4=' alt=''>", ""),
        ("<unknown x=1>а</unknown>", "а"),
        ("<h1>а</h1>", "<h3>а</h3>"),
    ],
)  # fmt: skip
def test_cleaning(source: str, shown: str) -> None:
    assert html(source) == shown


def test_formats() -> None:
    assert safe_html(FormattedText("а\n<b>б</b>", "moodle")) == "а<br><b>б</b>"
    assert safe_html(FormattedText("а\n<b>б</b>", "plain")) == "а<br>\n&lt;b&gt;б&lt;/b&gt;"
    shown = safe_html(FormattedText("**а** *б* `в`\n\n1. один\n2. два", "markdown"))
    assert shown == "<p><strong>а</strong> <em>б</em> <code>в</code></p>\n<ol><li>один</li><li>два</li></ol>"


@settings(max_examples=200, deadline=None)
@given(questions, st.booleans())
def test_whatever_the_question_the_fragment_is_harmless(question: Question, key: bool) -> None:
    check(question_html(question, key=key))


_MARKUP = ["<", ">", "</", "'", '"', "<!--", "-->", "<![CDATA[", "]]>", "<?", "&lt;", "\0", "/"]
_NAMES = ["script", "img", " src=", "on", "load=", "javascript:", "svg", "style", "a", " href=", "x"]
_SCRAPS = st.sampled_from([*_MARKUP, *_NAMES])


@settings(max_examples=300, deadline=None)
@given(st.lists(_SCRAPS, max_size=30))
def test_whatever_the_html_the_fragment_is_harmless(parts: list[str]) -> None:
    check(html("".join(parts)))


def test_the_key_is_only_shown_to_whom_it_concerns() -> None:
    (question,) = read("::т::Q{=правильный#молодец ~иной#увы####ст. 5}").questions
    bare = question_html(question)
    assert "молодец" not in bare
    assert "right" not in bare
    assert "ст. 5" not in bare
    shown = question_html(question, key=True)
    assert shown.count("(right, 100 %)") == 1
    assert "молодец" in shown
    assert "ст. 5" in shown


def test_the_order_of_items_tells_nothing() -> None:
    (question,) = read("::т::Q{>3 ALL\nв\nа\nб\n}").questions
    assert question_html(question).index("а</li>") < question_html(question).index("в</li>")
    assert question_html(question, key=True).index("в</li>") < question_html(question, key=True).index("а</li>")


def test_pictures_of_the_question_are_put_in() -> None:
    (question,) = read('::т::[html]<img src\\="@@PLUGINFILE@@/a.png" alt\\="герб">{T}').questions
    with_file = check(question_html(question, attachments=[Attachment("questiontext", "a.png", PNG)]))
    assert [attributes["alt"] for tag, attributes in with_file.found if tag == "img"] == ["герб"]
    assert "<img" not in question_html(question)


def test_every_type_is_valid_html() -> None:
    text = "Q{=а ~б}\n\nQ{T}\n\nQ{=а}\n\nQ{#5:1}\n\nQ{=а->1 =б->2}\n\nQ{}\n\nQ\n\nQ{>2 ALL\nа\nб\n}\n\nQ{~%50%а ~%50%б}"
    parser = html5lib.HTMLParser(strict=True)
    for question in read(text).questions:
        for key in (False, True):
            parser.parseFragment(question_html(question, key=key))


def test_a_text_of_a_million_tags_is_shown_at_once() -> None:
    assert html("<a " * 300_000).startswith("&lt;a &lt;a")
