"""Question texts as HTML: Moodle's four formats, cleaned of everything that could act, and as plain words."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape
from html.parser import HTMLParser
from typing import Final

_BLOCKS: Final = ("p", "div", "ul", "ol", "li", "pre", "blockquote", "h3", "h4", "h5", "h6")
_TABLES: Final = ("table", "caption", "thead", "tbody", "tr", "th", "td")
_INLINE: Final = ("br", "b", "i", "em", "strong", "u", "s", "sub", "sup", "span", "code", "img", "small", "mark")
_ALLOWED: Final = frozenset((*_BLOCKS, *_TABLES, *_INLINE))
_VOID: Final = frozenset({"br", "img"})
_SWALLOWED: Final = frozenset({"script", "style", "iframe", "object", "template", "svg", "math"})
_ATTRIBUTES: Final = frozenset({"lang", "dir", "alt", "colspan", "rowspan", "scope"})
_IMAGE_SOURCE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*\Z")
_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"<(?:br|/p|/li|/div|/tr)\b[^>]*>", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")


class _Cleaner(HTMLParser):
    """Lets the listed elements and attributes through and closes what was left open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._open: list[str] = []
        self._swallowed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SWALLOWED:
            self._swallowed.append(tag)
        if self._swallowed or tag not in _ALLOWED:
            return
        self.out.append(f"<{tag}{''.join(_attribute(tag, name, value or '') for name, value in attrs)}>")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._swallowed:
            if tag == self._swallowed[-1]:
                self._swallowed.pop()
        elif tag in self._open:
            while (closing := self._open.pop()) != tag:
                self.out.append(f"</{closing}>")
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._swallowed:
            self.out.append(escape(data, quote=False))

    def result(self) -> str:
        return "".join(self.out) + "".join(f"</{tag}>" for tag in reversed(self._open))


def _attribute(tag: str, name: str, value: str) -> str:
    if name in _ATTRIBUTES or (tag == "img" and name == "src" and _IMAGE_SOURCE.match(value)):
        return f' {name}="{escape(value)}"'
    return ""


@lru_cache(maxsize=4096)
def as_html(text: str, text_format: str) -> str:
    """The text as cleaned HTML. `moodle` turns line ends into breaks, `plain` and `markdown` show what was written."""
    if text_format in ("plain", "markdown"):
        return escape(text, quote=False).replace("\n", "<br>")
    cleaner = _Cleaner()
    cleaner.feed(text)
    cleaner.close()
    result = cleaner.result()
    return result.replace("\n", "<br>") if text_format == "moodle" else result


@lru_cache(maxsize=4096)
def as_words(text: str, text_format: str) -> str:
    """The text without markup on one line, as a response summary gives it."""
    if text_format not in ("plain", "markdown"):
        text = unescape(_TAG.sub("", _BREAK.sub(" ", text)))
    return _BLANKS.sub(" ", text).strip()
