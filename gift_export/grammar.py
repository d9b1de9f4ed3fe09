"""The alphabet of GIFT: blanks, escapes, formats, weights, as Moodle's `question/format/gift` reads them.

Moodle works on text in which escapes are replaced by placeholders such as `&&058;`. Here every escape (and every literal
placeholder, which Moodle decodes as well) becomes ONE character that the file does not contain; so a masked text can be
searched for control characters, and it has the same length, place by place, as the decoded text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from typing import Final

from question_banks.model import TextFormat

BLANKS: Final = " \t\n\r\0\v"
"""What PHP's `trim()` removes. No-break space, form feed and U+3000 are NOT among them."""

CONTROL: Final = "=~#{}:"

FORMATS: Final[dict[str, TextFormat]] = {"moodle": "moodle", "html": "html", "plain": "plain", "markdown": "markdown"}

# Order matters only for the table below: the eighth is the backslash, the seventh the newline.
_DECODED: Final = ":#={}~\n\\"
_ESCAPES: Final = ("\\:", "\\#", "\\=", "\\{", "\\}", "\\~", "\\n", "\\\\")
_PLACEHOLDERS: Final = ("&&058;", "&&035;", "&&061;", "&&123;", "&&125;", "&&126;", "&&010", "&&092;")
_TOKEN: Final = re.compile(r"\\[\\:#={}~n]|&&(?:058|035|061|123|125|126|092);|&&010")
_PLACEHOLDER: Final = re.compile(r"&&(?:058|035|061|123|125|126);|&&010")

WEIGHT: Final = re.compile(r"%-*+([0-9]{1,2})\.?([0-9]*+)%")
"""A weight at the start of an answer. Several minus signs match, and then Moodle crashes on them."""

ZERO_LINE: Final = "0"
"""PHP's `empty("0")` is true: a line that is exactly `0` separates questions like a blank one."""


class Mask:
    """Replaces escapes by single characters foreign to the file, and back.

    `text` is the whole file: the characters are chosen once, so that none of them occurs in it.
    """

    __slots__ = ("_decode", "_encode", "_names", "_pattern", "_widths", "used")

    def __init__(self, text: str) -> None:
        foreign = _foreign_characters(text, len(_ESCAPES) + len(_PLACEHOLDERS))
        tokens = _ESCAPES + _PLACEHOLDERS
        self._encode = dict(zip(tokens, foreign, strict=True))
        self._decode = dict(zip(foreign, _DECODED * 2, strict=True))
        # A category name and an ordering item keep the placeholder (Moodle never decodes them), except for `\\`.
        self._names = dict(zip(foreign, (_PLACEHOLDERS[:-1] + ("\\",)) * 2, strict=True))
        self._widths = dict(zip(foreign, map(len, tokens), strict=True))
        self._pattern = re.compile(f"[{re.escape(''.join(foreign))}]")
        self.used = "\\" in text or "&&" in text

    def encode(self, raw: str) -> str:
        """`raw` with every escape and placeholder as one foreign character."""
        if not self.used or ("\\" not in raw and "&&" not in raw):
            return raw
        encode = self._encode
        return _TOKEN.sub(lambda found: encode[found.group()], raw)

    def decode(self, masked: str) -> str:
        """The text a reader of the question sees; same length as `masked`."""
        if not self.used:
            return masked
        decode = self._decode
        return self._pattern.sub(lambda found: decode[found.group()], masked)

    def undecoded(self, masked: str) -> str:
        """The text with Moodle's internal placeholders left in, as category names and ordering items are stored."""
        if not self.used:
            return masked
        names = self._names
        return self._pattern.sub(lambda found: names[found.group()], masked)

    def remask(self, undecoded: str) -> str:
        """What `undecoded()` gave, masked again; its backslashes are characters now."""
        if "&&" not in undecoded:
            return undecoded
        encode = self._encode
        return _PLACEHOLDER.sub(lambda found: encode[found.group()], undecoded)

    def has_escape(self, masked: str) -> bool:
        """Whether anything is masked here, other than a backslash."""
        return self.used and self.undecoded(masked) != self.decode(masked)

    def width(self, masked: str) -> int:
        """How many characters `masked` takes in the file."""
        if not self.used:
            return len(masked)
        widths = self._widths
        return len(masked) + sum(widths[found.group()] - 1 for found in self._pattern.finditer(masked))

    def placeholders(self, masked: str) -> Iterable[tuple[int, str, str]]:
        """Index, spelling and meaning of every literal placeholder in `masked`."""
        spelled = dict(zip(tuple(self._decode)[len(_ESCAPES) :], _PLACEHOLDERS, strict=True))
        for found in self._pattern.finditer(masked):
            if found.group() in spelled:
                yield found.start(), spelled[found.group()], self._decode[found.group()]


def _foreign_characters(text: str, count: int) -> list[str]:
    """`count` characters that `text` does not contain; control characters first: they keep an ASCII text narrow."""
    pool = chain(range(1, 9), range(0x0E, 0x20), range(0xFDD0, 0xFDF0), range(0xE000, 0xF900), range(0xF0000, 0x10FFFE))
    found: list[str] = []
    for code in pool:
        if chr(code) not in text:
            found.append(chr(code))
            if len(found) == count:
                break
    return found


def split_format(text: str) -> tuple[TextFormat | None, int]:
    """The format a masked text begins with, and how many characters it takes; (None, 0) where it has none.

    An unclosed `[htmlX` is read as html: PHP's `substr($text, 1, -1)` drops the last character, and the text that is
    left begins after the bracket.
    """
    if not text.startswith("["):
        return None, 0
    end = text.find("]")
    found = FORMATS.get(text[1:end] if end > 0 else _unclosed_name(text))
    if found is None:
        return None, 0
    return found, end + 1 if end > 0 else 1


def _unclosed_name(text: str) -> str:
    # substr(.., -1) drops a byte: a name can only be left whole when the last character is a single byte.
    return text[1:-1] if len(text) < 12 and text[-1:].isascii() else ""


def escape(text: str) -> str:
    """`text` as it has to be written so that it is read back: `\\ # = ~ { } :` escaped, newlines as `\\n`."""
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    for character in CONTROL:
        if character in text:
            text = text.replace(character, "\\" + character)
    if "\n" in text:
        text = text.replace("\n", "\\n")
    return text
