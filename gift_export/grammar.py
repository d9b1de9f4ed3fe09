"""The alphabet of GIFT: blanks, escapes, formats, weights, as Moodle's `question/format/gift` reads them.

Moodle works on text in which escapes are replaced by placeholders such as `&&058;`. Here every escape (and every
literal placeholder, which Moodle decodes as well) becomes ONE character that the file does not contain; so a masked
text can be searched for control characters, and it has the same length, place by place, as the decoded text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final, NamedTuple

from question_banks.model import TextFormat

BLANKS: Final = " \t\n\r\0\v"
"""What PHP's `trim()` removes. No-break space, form feed and U+3000 are NOT among them."""

CONTROL: Final = "=~#{}:"

FORMATS: Final[dict[str, TextFormat]] = {"moodle": "moodle", "html": "html", "plain": "plain", "markdown": "markdown"}
_ESCAPE_LIKE: Final = re.compile(r"\\(.)")


class _Token(NamedTuple):
    """An escape or placeholder: its spelling, what it means, and what Moodle keeps where it does not decode."""

    spelled: str
    decoded: str
    undecoded: str


# The backslash first: Moodle replaces "\\\\" before it looks at the other escapes.
_ESCAPES: Final = (
    _Token("\\\\", "\\", "\\"),
    _Token("\\:", ":", "&&058;"),
    _Token("\\#", "#", "&&035;"),
    _Token("\\=", "=", "&&061;"),
    _Token("\\{", "{", "&&123;"),
    _Token("\\}", "}", "&&125;"),
    _Token("\\~", "~", "&&126;"),
    _Token("\\n", "\n", "&&010"),
)
_PLACEHOLDERS: Final = (
    _Token("&&092;", "\\", "\\"),
    *(_Token(escape.undecoded, escape.decoded, escape.undecoded) for escape in _ESCAPES[1:]),
)

WEIGHT: Final = re.compile(r"%-*+([0-9]{1,2})\.?([0-9]*+)%")
"""A weight at the start of an answer. Several minus signs match, and then Moodle crashes on them."""

ZERO_LINE: Final = "0"
"""PHP's `empty("0")` is true: a line that is exactly `0` separates questions like a blank one."""


def decode_placeholders(text: str) -> str:
    """`text` with literal placeholders decoded. One can come into being where the answers are cut out of a text."""
    if "&&" in text:
        for token in _PLACEHOLDERS[1:]:  # "&&092;" is decoded before the cut, and no more after it
            text = text.replace(token.spelled, token.decoded)
    return text


class Mask:
    """Replaces escapes by single characters foreign to the file, and back.

    `text` is the whole file: the characters are chosen once, so that none of them occurs in it, and only for those
    escapes that do.
    """

    __slots__ = ("_placeholders", "_tokens", "used")

    def __init__(self, text: str) -> None:
        followers = set(_ESCAPE_LIKE.findall(text)) if "\\" in text else set()
        tokens = [token for token in _ESCAPES if token.spelled[1:] in followers]
        tokens += [token for token in _PLACEHOLDERS if token.spelled in text] if "&" in text else []
        foreign = _foreign_characters(text, len(tokens))
        self._tokens = list(zip(tokens, foreign, strict=True))
        self._placeholders = [(token, mark) for token, mark in self._tokens if token.spelled.startswith("&&")]
        self.used = bool(tokens)

    def encode(self, raw: str) -> str:
        """`raw` with every escape and placeholder as one foreign character."""
        if "\\" in raw or "&&" in raw:
            for token, mark in self._tokens:
                if token.spelled in raw:
                    raw = raw.replace(token.spelled, mark)
        return raw

    def decode(self, masked: str) -> str:
        """The text a reader of the question sees; same length as `masked`."""
        for token, mark in self._tokens:
            if mark in masked:
                masked = masked.replace(mark, token.decoded)
        return masked

    def undecoded(self, masked: str) -> str:
        """The text with Moodle's internal placeholders left in, as category names and ordering items are stored."""
        for token, mark in self._tokens:
            if mark in masked:
                masked = masked.replace(mark, token.undecoded)
        return masked

    def remask(self, undecoded: str) -> str:
        """What `undecoded()` gave, masked again; its backslashes are characters now."""
        for token, mark in self._tokens:
            if token.undecoded != token.decoded:
                undecoded = undecoded.replace(token.undecoded, mark)
        return undecoded

    def has_escape(self, masked: str) -> bool:
        """Whether anything is masked here, other than a backslash."""
        return any(mark in masked for token, mark in self._tokens if token.undecoded != token.decoded)

    def encoding(self) -> tuple[tuple[str, str], ...]:
        """The escapes in use, in the order they are replaced, and the foreign characters for them."""
        return tuple((token.spelled, mark) for token, mark in self._tokens if token.spelled[0] == "\\")

    def decoding(self) -> tuple[tuple[str, str], ...]:
        """The foreign characters in use and what they mean."""
        return tuple((mark, token.decoded) for token, mark in self._tokens)

    def newline(self) -> str:
        """The character that stands for the escape `\\n`; "" where the file has none."""
        return next((mark for token, mark in self._tokens if token.spelled == "\\n"), "")

    def width(self, masked: str) -> int:
        """How many characters `masked` takes in the file."""
        return len(masked) + sum((len(token.spelled) - 1) * masked.count(mark) for token, mark in self._tokens)

    def placeholders(self, masked: str) -> Iterator[tuple[int, str, str]]:
        """Index, spelling and meaning of every literal placeholder in `masked`."""
        for token, mark in self._placeholders:
            at = masked.find(mark)
            while at >= 0:
                yield at, token.spelled, token.decoded
                at = masked.find(mark, at + 1)


def _foreign_characters(text: str, count: int) -> list[str]:
    """`count` characters that `text` does not contain; control characters first: they keep an ASCII text narrow.

    None of them is white space to `str.strip()`, which the quick path relies on.
    """
    pool = chain(range(1, 9), range(0x0E, 0x1C), range(0xFDD0, 0xFDF0), range(0xE000, 0xF900), range(0xF0000, 0x10FFFE))
    return list(islice((chr(code) for code in pool if chr(code) not in text), count))


def split_format(text: str, mask: Mask) -> tuple[TextFormat | None, int]:
    """The format a masked text begins with, and how many characters it takes; (None, 0) where it has none.

    An unclosed `[htmlX` is read as html: PHP's `substr($text, 1, -1)` drops the last character, and the text that is
    left begins after the bracket.
    """
    if not text.startswith("["):
        return None, 0
    end = text.find("]")
    found = FORMATS.get(text[1:end] if end > 0 else _unclosed_name(text, mask))
    if found is None:
        return None, 0
    return found, end + 1 if end > 0 else 1


def _unclosed_name(text: str, mask: Mask) -> str:
    # substr(.., -1) drops a byte: a name can only be left whole when the last character is a single byte, which the
    # placeholder of an escape is not.
    return text[1:-1] if len(text) < 12 and text[-1:].isascii() and not mask.has_escape(text[-1:]) else ""


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
