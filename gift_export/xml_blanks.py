"""Blanks that stand in a Moodle XML file and that Moodle's reader loses.

It puts a text together from the pieces its parser (libxml2) gives it, and drops a piece that is white space only
(`lib/xmlize.php:160`). A piece ends at an entity and at the border of CDATA and of a comment, and, where it begins with
ASCII, before the first letter that is not: in `&quot;Мыйзам&quot; жөнүндө` the blank is a piece of its own.

Looked for in the bytes, before they are parsed, because our parser (expat) cuts its pieces elsewhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Final, NamedTuple

_LOST: Final = re.compile(
    rb"(?:&#?[0-9A-Za-z]{1,8}+;|\]\]>|-->)[ \t\r\n]{1,200}+(?=[\x80-\xff&]|<!)"
    # A section of blanks alone between two others.
    rb"|\]\]><!\[CDATA\[[ \t\r\n]{1,200}+\]\]>(?!\s*</)"
    # A blank spelled as a number is a piece as well; at the edge of a text it would be trimmed anyway.
    rb"|(?<!text>)&#(?:9|10|13|32|x0?[9aAdD]|x20);(?!\s*</)"
)
_BORDERS: Final = (b";", b"]]>", b"-->")
_OVERLAP: Final = 256
"""Bytes of the piece before that are looked at again: a find may lie across two of them."""
_ENOUGH: Final = 100_000
"""Finds that are remembered until their text ends; one is told for each text."""
_AROUND: Final = 40
_BEGIN: Final = re.compile(rb".*<(?:text|idnumber)>", re.DOTALL)
_END: Final = re.compile(rb"</(?:text|idnumber)>.*", re.DOTALL)


class _Find(NamedTuple):
    at: int
    shown: str


class LostBlanks:
    """Collects them in the order of the file; offsets are those of the parser."""

    def __init__(self) -> None:
        self._tail = b""
        self._passed = 0
        self._finds: list[_Find] = []
        self._last = -1
        self._opened = 0

    def take(self, chunk: bytes) -> None:
        """The next bytes, before the parser has them."""
        seen = self._tail + chunk
        start = self._passed - len(self._tail)
        for found in _LOST.finditer(seen) if any(border in seen for border in _BORDERS) else ():
            if len(self._finds) >= _ENOUGH:
                break
            if start + found.start() > self._last:
                self._last = start + found.start()
                self._finds.append(_Find(start + found.start(), _around(seen, *found.span())))
        self._passed += len(chunk)
        self._tail = seen[-_OVERLAP:]

    def open_cdata(self, at: int) -> None:
        self._opened = at

    def close_cdata(self, at: int) -> None:
        """What stands inside is one piece; its end is a border."""
        self._drop(self._opened, at)

    def comment(self, at: int, size: int) -> None:
        """A comment of `size` bytes begins at `at`; its end is a border."""
        self._drop(at, at + len(b"<!--") + size)

    def _drop(self, start: int, end: int) -> None:
        del self._finds[bisect_left(self._finds, (start,)) : bisect_left(self._finds, (end,))]

    def within(self, start: int, end: int) -> str | None:
        """What stands around the first blank that is lost in the text from `start` to `end`; None where none is."""
        self._drop(0, start)
        shown = self._finds[0].shown if self._finds and self._finds[0].at < end else None
        self._drop(start, end)
        return shown


def _around(seen: bytes, start: int, end: int) -> str:
    """The find with a few words of its text on both sides."""
    before = _BEGIN.sub(b"", seen[max(0, start - _AROUND) : start])
    after = _END.sub(b"", seen[end : end + _AROUND])
    return (before + seen[start:end] + after).decode("utf-8", "ignore")
