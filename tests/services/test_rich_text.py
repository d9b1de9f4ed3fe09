"""Authors' texts as HTML: well formed whatever was written, and nothing in it that acts or loads."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_app.services.rich_text import RichWords, as_html
from question_banks.model import TEXT_FORMATS, TextFormat

WORDS = RichWords(table="таблица", picture="рисунок", picture_elsewhere="[рисунок: {name}]")
DOT = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


def tree(html: str) -> Element:
    page = f"<!DOCTYPE html><html><head><title>t</title></head><body><div>{html}</div></body></html>"
    parsed: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    return parsed


def shown(text: str, text_format: TextFormat = "html") -> str:
    html = str(as_html(text, text_format, WORDS))
    tree(html)
    return html


PIECES = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<table>",
        "<tr>",
        "<td>",
        "</td>",
        "</table>",
        "<ul>",
        "<li>",
        "</ul>",
        "<h1>",
        "</h1>",
        "<div>",
        "</div>",
        "<tbody>",
        "<th>",
        "<script>",
        "</script>",
        "<svg onload=x>",
        "</svg>",
        "<img src=x onerror=alert(1)>",
        f'<img src="{DOT}" alt="a&quot;b">',
        "<a href='javascript:x'>",
        "</a>",
        "<p style='position:fixed' onclick=x lang='ky\"'>",
        "<br>",
        "<!-- c -->",
        "<![CDATA[",
        "&lt;script&gt;",
        "&#0;",
        "текст",
        " ",
        "\n",
        "\n\n",
        "* один",
        "**жирный**",
        "`<b>`",
        "<option>",
        "<form>",
        "<caption>",
        "<thead>",
        "<dd>",
        "<math><mtext>",
        "<",
        '"',
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join), st.sampled_from(TEXT_FORMATS))
def test_whatever_is_written_comes_out_well_formed_and_harmless(text: str, text_format: TextFormat) -> None:
    for element in tree(shown(text, text_format)).iter():
        assert isinstance(element.tag, str), "a comment came through"
        assert element.tag not in ("script", "svg", "math", "a", "form", "iframe", "h1", "style")
        assert not [name for name in element.attrib if name.startswith("on") or name in ("style", "href", "id")]
        assert element.get("src", DOT) == DOT


@pytest.mark.parametrize(
    ("text", "text_format", "expected"),
    [
        ("2 < 3\nда", "plain", "2 &lt; 3<br>да"),
        ("раз\nдва", "moodle", "раз<br>два"),
        ("<p>раз</p>\n<p>два</p>", "moodle", "<p>раз</p><p>два</p>"),
        ("раз\nдва", "html", "раз\nдва"),
        ("<B>да</B>", "html", "<b>да</b>"),
        ("не `<b>`, а **так**", "markdown", "<p>не <code>&lt;b&gt;</code>, а <strong>так</strong></p>"),
        ("* раз\n* два", "markdown", "<ul><li>раз</li><li>два</li></ul>"),
        ("<h1>Заголовок</h1>", "html", "<div>Заголовок</div>"),
        ("<script>alert(1)</script>да", "html", "да"),
        ("<p>раз<p>два", "html", "<p>раз</p><p>два</p>"),
        ("<li>один", "html", "один"),
    ],
)
def test_formats_are_moodles(text: str, text_format: TextFormat, expected: str) -> None:
    assert shown(text, text_format) == expected


def test_a_picture_in_the_text_is_shown_and_one_elsewhere_is_named() -> None:
    assert f'src="{DOT}"' in shown(f'<img src="{DOT}">')
    assert 'alt="рисунок"' in shown(f'<img src="{DOT}">')
    outside = shown('<img src="https://example.org/a/схема.png">')
    assert "<img" not in outside
    assert "[рисунок: схема.png]" in outside


def test_a_table_gets_its_caption_and_loose_cells_their_row() -> None:
    assert shown("<table><td>1") == '<table><caption class="kz-vh">таблица</caption><tr><td>1</td></tr></table>'
    assert "<td>даром</td>" in shown("<table>даром</table>")
