"""Question texts as HTML that can do no harm: what Moodle shows of a format, without anything that runs or loads.

An allow-list: elements, attributes, addresses. Everything else loses its tag and keeps its text; scripts, styles and
embedded pages lose their text as well. What comes out is well-formed whatever went in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from html.parser import HTMLParser
from typing import Final

from question_banks.model import FormattedText

_ELEMENTS: Final = frozenset(
    {
        "a",
        "abbr",
        "b",
        "bdi",
        "big",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
    }
)
_VOID: Final = frozenset({"br", "col", "hr", "img"})
_SILENT: Final = frozenset(
    {
        "script",
        "style",
        "iframe",
        "object",
        "embed",
        "applet",
        "noscript",
        "template",
        "title",
        "head",
        "svg",
        "math",
        "textarea",
        "select",
    }
)
"""Elements whose content is not text for a reader."""
_RENAMED: Final = {"h1": "h3", "h2": "h3"}
_ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = {
    "a": frozenset({"href", "title"}),
    "img": frozenset({"src", "alt", "title", "width", "height"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan", "scope"}),
    "ol": frozenset({"start", "type"}),
    "col": frozenset({"span"}),
    "colgroup": frozenset({"span"}),
}
_EVERYWHERE: Final = frozenset({"lang", "dir"})
_LINK: Final = re.compile(r"(?:https?://|mailto:)[^\s<>\"']+", re.IGNORECASE)
_PICTURE: Final = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
_WORD: Final = re.compile(r"[\w .:,()%-]{0,300}")
_DEPTH: Final = 100
_TAGS: Final = 20_000
"""More `<` than any question has: such a text is shown as it is written, not parsed."""

Address = Callable[[str], str | None]
"""Turns the address of a picture into one that may be shown, or None."""


def picture_address(address: str) -> str | None:
    """Only pictures inside the text itself (`data:`) are shown: nothing is loaded from elsewhere."""
    return address if _PICTURE.fullmatch(address) else None


def safe_html(content: FormattedText, address: Address = picture_address) -> str:
    """The text as an HTML fragment, by its format. `address` decides which pictures are shown."""
    text = content.text
    if content.format == "plain":
        return _lines(escape(text, quote=False))
    if content.format == "markdown":
        return _clean(_markdown(text), address)
    if content.format == "moodle":
        return _clean(text.replace("\n", "<br>"), address)
    return _clean(text, address)


def _lines(escaped: str) -> str:
    return escaped.replace("\n", "<br>\n")


def _clean(source: str, address: Address) -> str:
    if source.count("<") > _TAGS:
        return _lines(escape(source, quote=False))
    cleaner = _Cleaner(address)
    cleaner.feed(source)
    cleaner.close()
    return cleaner.result()


class _Cleaner(HTMLParser):
    """Writes what may stay; every element that was opened is closed."""

    def __init__(self, address: Address) -> None:
        super().__init__(convert_charrefs=True)
        self._address = address
        self._out: list[str] = []
        self._open: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = _RENAMED.get(tag, tag)
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag in _ELEMENTS and not self._silent and len(self._open) < _DEPTH:
            written = "".join(self._attributes(tag, attrs))
            if tag == "img" and " src=" not in written:
                self._out.append(escape(dict(attrs).get("alt") or "", quote=False))
                return
            self._out.append(f"<{tag}{written}>")
            if tag not in _VOID:
                self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)
            if _RENAMED.get(tag, tag) not in _VOID:
                self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        tag = _RENAMED.get(tag, tag)
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
        elif tag in self._open:
            while (last := self._open.pop()) != tag:
                self._out.append(f"</{last}>")
            self._out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._out.append(escape(data, quote=False))

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> list[str]:
        kept = []
        allowed = _ATTRIBUTES.get(tag, frozenset()) | _EVERYWHERE
        seen: set[str] = set()
        for name, value in attrs:
            if name in allowed and name not in seen and (shown := self._value(name, value or "")) is not None:
                seen.add(name)
                kept.append(f' {name}="{escape(shown)}"')
        if tag == "a" and "href" in seen:
            kept.append(' rel="noopener noreferrer nofollow"')
        if tag == "img" and "alt" not in seen:
            kept.append(' alt=""')
        return kept

    def _value(self, name: str, value: str) -> str | None:
        if name == "href":
            return value if _LINK.fullmatch(value) else None
        if name == "src":
            return self._address(value)
        return value if _WORD.fullmatch(value) else None

    def result(self) -> str:
        return "".join((*self._out, *(f"</{tag}>" for tag in reversed(self._open))))


_BOLD: Final = re.compile(r"\*\*(?=\S)([^*\n]{1,2000}?)(?<=\S)\*\*")
_ITALIC: Final = re.compile(r"(?<![*\w])\*(?=[^\s*])([^*\n]{1,2000}?)(?<=[^\s*])\*(?![*\w])")
_CODE: Final = re.compile(r"`([^`\n]{1,2000})`")
_ITEM: Final = re.compile(r"\s{0,3}(?:[-*+]|(\d{1,9})[.)])\s+(.*)")


def _markdown(text: str) -> str:
    """Paragraphs, lists, bold, italic and code: what question texts use of Markdown."""
    out: list[str] = []
    for block in re.split(r"\n[ \t]*\n", text):
        lines = block.strip("\n").split("\n")
        items = [_ITEM.fullmatch(line) for line in lines]
        if lines and all(items):
            tag = "ol" if items[0] and items[0].group(1) else "ul"
            rows = "".join(f"<li>{_inline(found.group(2))}</li>" for found in items if found)
            out.append(f"<{tag}>{rows}</{tag}>")
        elif block.strip():
            out.append(f"<p>{_inline(block.strip())}</p>")
    return "\n".join(out)


def _inline(text: str) -> str:
    text = _CODE.sub(r"<code>\1</code>", text)
    return _ITALIC.sub(r"<em>\1</em>", _BOLD.sub(r"<strong>\1</strong>", text))
