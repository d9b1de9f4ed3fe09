"""Characters that look like nothing or like something else, wherever in the file they stand.

One search finds everything outside a set of ordinary characters; only what it finds is looked at closely.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from gift_export.grammar import BLANKS
from gift_export.problems import Problem, problem

# ASCII without controls, Cyrillic without its combining marks, and the typography of Kyrgyz, Russian and Kazakh texts.
_ORDINARY: Final = "\t\n\r -~«»№–—‘’“”„…°§±×÷·•€₸Ѐ-҂Ҋ-ӿ"
UNUSUAL: Final = re.compile(f"[^{_ORDINARY}]")
_ORDINARY_CHARACTERS: Final = UNUSUAL.sub("", "".join(map(chr, range(ord("№") + 1))))

_CODES: Final[dict[str, str]] = (
    dict.fromkeys("\u200b\u200e\u200f\u2060\u00ad\ufeff\u061c", "W_INVISIBLE")
    | dict.fromkeys("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", "W_INVISIBLE")
    | dict.fromkeys("\u2028\u2029\u0085", "W_LINE_SEPARATOR")
    | {"\0": "E_NUL"}
    | {chr(code): "I_CONTROL" for code in (*range(1, 9), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0x85))}
    | {chr(code): "I_CONTROL" for code in range(0x86, 0xA0)}
    | {chr(code): "E_NOT_A_CHARACTER" for code in range(0xD800, 0xE000)}
)
PER_LINE: Final = 3
"""How many such characters are reported on one line."""


# The same question asked of UTF-8 bytes, where whole stretches are cleared at once: bytes of ASCII and of Cyrillic ...
_CLEAR_BYTES: Final = bytes((9, 10, 13, *range(0x20, 0x7F), *range(0x80, 0xC0), *range(0xD0, 0xD4)))
# ... and, in the two other rows where our typography stands, the bytes of what is unusual there.
_TYPOGRAPHY: Final = frozenset(b"\xc2\xe2")
_ODD_LATIN: Final = re.compile(rb"\xc2[\x80-\xa0\xad]")
_ODD_PUNCTUATION: Final = re.compile(rb"\xe2(?:\x80[\x80-\x8f\xa8-\xaf]|\x81[\x9f-\xaf])")


def ordinary(without: str, besides: str = "") -> str:
    """A set for a pattern: the ordinary characters except those of `without`, and `besides`, spelled as in a set.

    A set that says what is allowed is searched more than twice as fast as one that says what is not: Python looks the
    character up in one table, where `[^…]` is asked step by step.
    """
    allowed = "".join(re.escape(character) for character in _ORDINARY_CHARACTERS if character not in without)
    return f"[{allowed}{besides}]"


def unusual_places(text: str) -> list[int]:
    """Where in the file something stands that is worth a look; ascending."""
    data = text.encode("utf-8", "surrogatepass")
    rest = data.translate(None, _CLEAR_BYTES)
    if not rest:
        return []
    if _TYPOGRAPHY.issuperset(rest) and not _ODD_LATIN.search(data) and not _ODD_PUNCTUATION.search(data):
        return []
    return [found.start() for found in UNUSUAL.finditer(text)]


class Lines:
    """The file by lines, for those few places that are found by their offset."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0]
        at = text.find("\n")
        while at >= 0:
            self._starts.append(at + 1)
            at = text.find("\n", at + 1)

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line without its end."""
        start = self._starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)]


def check_characters(text: str, places: list[int]) -> Iterator[Problem]:
    """Findings for the unusual places of a file."""
    if not places and "\r" not in text:
        return
    lines = Lines(text)
    reported: dict[int, int] = {}
    not_composed: set[int] = set()
    for offset in places:
        character = text[offset]
        code = _CODES.get(character)
        line, column = lines.place(offset)
        if code is None:
            not_composed.add(line)
            continue
        reported[line] = reported.get(line, 0) + 1
        if reported[line] <= PER_LINE and not _harmless(character, lines.line(line)):
            yield problem(code, line, column, point=f"U+{ord(character):04X}")
    yield from _lone_returns(text, lines)
    yield from _not_composed(sorted(not_composed), lines)


def _harmless(character: str, line: str) -> bool:
    # trim() takes NUL away at the edges of a line.
    return character == "\0" and "\0" not in line.strip(BLANKS)


def _lone_returns(text: str, lines: Lines) -> Iterator[Problem]:
    at = text.find("\r")
    seen = 0
    while at >= 0:
        line, column = lines.place(at)
        content = lines.line(line)
        if line != seen and "\r" in content.strip(BLANKS):
            seen = line
            lead = len(content) - len(content.lstrip(BLANKS))
            yield problem("W_LONE_CR", line, content.index("\r", lead) + 1)
        end = text.find("\n", at)
        at = text.find("\r", end) if end >= 0 else -1
        _ = column


def _not_composed(numbers: list[int], lines: Lines) -> Iterator[Problem]:
    for number in numbers:
        content = lines.line(number)
        if not unicodedata.is_normalized("NFC", content):
            composed = unicodedata.normalize("NFC", content)
            at = next((at for at, pair in enumerate(zip(content, composed, strict=False)) if pair[0] != pair[1]), 0)
            yield problem("W_NOT_NFC", number, at + 1)
