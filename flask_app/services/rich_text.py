"""Texts of questions as HTML that can do nothing: Moodle's four formats, cleaned, and always well formed.

What is let through is a list; everything else is shown as its words or left out. Pictures are shown where they are part
of the text (`data:`); one that lies elsewhere is named instead of fetched. The rules of the formats are those of
Moodle's `format_text` (lib/weblib.php: `text_to_html` for auto-format, `s` and `nl2br` for plain text).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

from markupsafe import Markup, escape

from question_banks.model import TextFormat

_BLOCKS: Final = frozenset({"p", "div", "ul", "ol", "li", "pre", "blockquote", "table", "dl", "dt", "dd"})
_TABLE_PARTS: Final = frozenset({"thead", "tbody", "tfoot", "tr", "th", "td"})
_INLINE: Final = frozenset(
    {"b", "i", "em", "strong", "u", "s", "sub", "sup", "span", "code", "small", "mark", "kbd", "q", "cite", "abbr"}
)
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_SWALLOWED: Final = frozenset(
    {"script", "style", "iframe", "object", "template", "svg", "math", "noscript", "textarea", "select", "title"}
)
_ATTRIBUTES: Final = frozenset({"lang", "dir", "colspan", "rowspan"})
_SPAN: Final = re.compile(r"[1-9][0-9]?")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_DIRECTION: Final = frozenset({"ltr", "rtl", "auto"})
_PICTURE: Final = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]+", re.IGNORECASE)
_PARENTS: Final = {
    "li": frozenset({"ul", "ol"}),
    "dt": frozenset({"dl"}),
    "dd": frozenset({"dl"}),
    "thead": frozenset({"table"}),
    "tbody": frozenset({"table"}),
    "tfoot": frozenset({"table"}),
    "tr": frozenset({"table", "thead", "tbody", "tfoot"}),
    "th": frozenset({"tr"}),
    "td": frozenset({"tr"}),
}
_NO_TEXT: Final = frozenset({"table", "thead", "tbody", "tfoot", "tr"})
_BETWEEN_TAGS: Final = re.compile(r">[ \t\n\r\f\v]+<")
_BEFORE_TAG: Final = re.compile(r"[\n\r]<")
_AFTER_TAG: Final = re.compile(r">[\n\r]")
_ENDS: Final = re.compile(r"<br>|</(?:p|div|li|td|th|tr|pre|blockquote)>")


@dataclass(frozen=True, slots=True)
class RichWords:
    """What has to be said in the reader's language beside an author's text.

    `picture_elsewhere` may hold `{name}`, the picture's own description or address.
    """

    table: str
    picture: str
    picture_elsewhere: str


def as_html(text: str, text_format: TextFormat, words: RichWords) -> Markup:
    """The text as Moodle shows it, cleaned. Never empty of meaning: what cannot be shown is named."""
    if text_format == "plain":
        shown = str(escape(text)).replace("  ", "&nbsp; ")
        return Markup(shown.replace("\n", "<br>"))  # noqa: S704  # escaped in the line above
    if text_format == "moodle":
        text = _auto_format(text)
    elif text_format == "markdown":
        text = markdown(text)
    return _clean(text, words)


def as_words(text: str, text_format: TextFormat) -> str:
    """The text without its markup, on one line: for lists."""
    html = str(as_html(text, text_format, RichWords("", "", "[{name}]")))
    return " ".join(Markup(_ENDS.sub(" ", html)).striptags().split())  # noqa: S704  # cleaned in the line above


def _auto_format(text: str) -> str:
    """Moodle's `text_to_html`: line ends become breaks, except beside tags."""
    text = _BETWEEN_TAGS.sub("><", text)
    text = _AFTER_TAG.sub("> ", _BEFORE_TAG.sub(" <", text))
    return text.replace("\r\n", "\n").replace("\n", "<br>")


def _clean(html: str, words: RichWords) -> Markup:
    cleaner = _Cleaner(words)
    cleaner.feed(html)
    cleaner.close()
    return Markup(cleaner.result())  # noqa: S704  # everything in it was let through by the list or escaped


class _Cleaner(HTMLParser):
    """Writes out only what is on the list, closes what was left open, and keeps lists and tables in order."""

    def __init__(self, words: RichWords) -> None:
        super().__init__(convert_charrefs=True)
        self._words = words
        self._out: list[str] = []
        self._open: list[str] = []
        self._swallowed: list[str] = []

    def result(self) -> str:
        return "".join(self._out) + "".join(f"</{_written(tag)}>" for tag in reversed(self._open))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SWALLOWED:
            self._swallowed.append(tag)
        if self._swallowed:
            return
        if tag in ("br", "hr"):
            self._put("<br>")
        elif tag == "img":
            self._picture(dict(attrs))
        elif tag in _BLOCKS or tag in _TABLE_PARTS or tag in _HEADINGS or tag in _INLINE:
            self._begin(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._swallowed:
            if tag == self._swallowed[-1]:
                self._swallowed.pop()
        elif tag in self._open:
            self._close_to(tag)

    def handle_data(self, data: str) -> None:
        if not self._swallowed and (data.strip() or not self._in_table_skeleton()):
            self._put(str(escape(data)))

    # -- what is written ---------------------------------------------------------------------------------------------

    def _in_table_skeleton(self) -> bool:
        return bool(self._open) and self._open[-1] in _NO_TEXT

    def _put(self, html: str) -> None:
        """Text and pictures never stand directly in a table: a cell is opened for them."""
        if self._in_table_skeleton():
            if self._open[-1] != "tr":
                self._write("tr")
            self._write("td")
        self._out.append(html)

    def _begin(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._make_room(tag):
            return
        if tag not in _TABLE_PARTS and self._in_table_skeleton():
            self._put("")
        self._write(tag, "".join(_attribute(name, value or "") for name, value in attrs))
        if tag == "table":
            self._out.append(f'<caption class="kz-vh">{escape(self._words.table)}</caption>')

    def _make_room(self, tag: str) -> bool:
        """Close what cannot hold `tag`. False: it stands where no such element can be."""
        parents = _PARENTS.get(tag)
        if parents is None:
            if tag not in _INLINE and "p" in self._open:
                self._close_to("p")
            return True
        inside = next((place for place in reversed(self._open) if place in parents or place == "table"), None)
        if inside not in parents:
            return tag in _TABLE_PARTS and inside == "table" and self._row_for(tag)
        while self._open[-1] not in parents:
            self._out.append(f"</{_written(self._open.pop())}>")
        return True

    def _row_for(self, tag: str) -> bool:
        """A cell that stands directly in a table gets its row."""
        if tag not in ("td", "th"):
            return False
        while self._open[-1] not in ("table", "thead", "tbody", "tfoot"):
            self._out.append(f"</{_written(self._open.pop())}>")
        self._write("tr")
        return True

    def _write(self, tag: str, attributes: str = "") -> None:
        self._out.append(f"<{_written(tag)}{attributes}>")
        self._open.append(tag)

    def _close_to(self, tag: str) -> None:
        while (closing := self._open.pop()) != tag:
            self._out.append(f"</{_written(closing)}>")
        self._out.append(f"</{_written(tag)}>")

    def _picture(self, attrs: dict[str, str | None]) -> None:
        source, name = (attrs.get("src") or "").strip(), (attrs.get("alt") or "").strip()
        if _PICTURE.fullmatch(source):
            self._put(f'<img class="kz-picture" src="{escape(source)}" alt="{escape(name or self._words.picture)}">')
        else:
            said = self._words.picture_elsewhere.format(name=name or source.rpartition("/")[2][:80] or "?")
            self._put(f'<span class="kz-nopicture">{escape(said)}</span>')


def _written(tag: str) -> str:
    """A heading of a question is no heading of the page."""
    return "div" if tag in _HEADINGS else tag


def _attribute(name: str, value: str) -> str:
    good = {
        "lang": _LANGUAGE.fullmatch(value) is not None,
        "dir": value in _DIRECTION,
        "colspan": _SPAN.fullmatch(value) is not None,
        "rowspan": _SPAN.fullmatch(value) is not None,
    }
    return f' {name}="{escape(value)}"' if name in _ATTRIBUTES and good[name] else ""


# -- Markdown ----------------------------------------------------------------------------------------------------------

_CODE: Final = re.compile(r"`([^`\n]+)`")
_STRONG: Final = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
_EMPHASIS: Final = re.compile(r"(?<![\w*])([*_])(?=\S)(.+?)(?<=\S)\1(?![\w*])", re.DOTALL)
_LINK: Final = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
_HEADING: Final = re.compile(r"#{1,6}\s+(.*?)\s*#*")
_BULLET: Final = re.compile(r"\s{0,3}[*+-]\s+(.*)")
_NUMBERED: Final = re.compile(r"\s{0,3}\d{1,9}\.\s+(.*)")


def markdown(text: str) -> str:
    """The part of Markdown that questions use: paragraphs, lists, headings, emphasis, code. Links keep their words."""
    blocks = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip("\n"))
    return "".join(_block(block) for block in blocks)


def _block(block: str) -> str:
    lines = block.split("\n")
    for tag, pattern in (("ul", _BULLET), ("ol", _NUMBERED)):
        items = [pattern.fullmatch(line) for line in lines]
        if all(items):
            return f"<{tag}>" + "".join(f"<li>{_inline(item[1])}</li>" for item in items if item) + f"</{tag}>"
    heading = _HEADING.fullmatch(block)
    if heading:
        return f"<h4>{_inline(heading[1])}</h4>"
    return f"<p>{_inline(block)}</p>"


def _inline(text: str) -> str:
    codes: list[str] = []

    def keep(found: re.Match[str]) -> str:
        codes.append(found[1])
        return f"\0{len(codes) - 1}\0"

    text = _LINK.sub(r"\1", _CODE.sub(keep, text.replace("\0", "")))
    text = _EMPHASIS.sub(r"<em>\2</em>", _STRONG.sub(r"<strong>\2</strong>", text))
    text = text.replace("  \n", "<br>")
    return re.sub(r"\0(\d+)\0", lambda found: f"<code>{escape(codes[int(found[1])])}</code>", text)
