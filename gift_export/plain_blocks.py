"""The shortest way: a titled single-choice question of ordinary letters, without id, feedback, tags or escapes.

One search takes the whole block apart, and by matching proves that nothing in it is worth a look: the sets of what may
stand there hold no escape, no tag, no placeholder and no unusual character. Every other block is left to `quick` and to
the careful way, which would read the very same question; a property test holds the three together.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from gift_export.quick import FORMAT_BY_NAME, NO_FEEDBACK, SIZE_LIMIT, choices, fractions, is_repeating
from gift_export.unicode_checks import ordinary
from question_banks.model import Lines, MultichoiceQuestion

MOST: Final = 20
"""Answers of a block that is read in one search; more of them are rare."""

_SPECIAL: Final = "=~#{}<>&@\\\n\r"  # ">" because of the arrow, which may mean matching
_FIRST: Final = ordinary(_SPECIAL + " \t[%")
_WORD: Final = ordinary(_SPECIAL)
_TITLE: Final = ordinary(_SPECIAL + " \t:") + ordinary(_SPECIAL + ":") + "{0,254}+"
_HEAD: Final = rf"::({_TITLE})(?<![ \t])::[ \t]*+(?:\[(html|moodle|plain|markdown)\])?[ \t]*+({_FIRST}{_WORD}*+)\{{\n"
_ANSWER: Final = rf"[ \t]*+([=~])[ \t]*+({_FIRST}{_WORD}*+)(?<![ \t])\n"

_new: Final = tuple.__new__


@lru_cache(maxsize=MOST)
def _block(count: int) -> re.Pattern[str]:
    """A block of `count` answers: title, format, text; a sign and a text of each answer."""
    return re.compile(_HEAD + _ANSWER * count + r"[ \t]*+\}")


@lru_cache(maxsize=256)
def _key(signs: tuple[str, ...]) -> int | None:
    """The place of the one right answer; None where it is not one."""
    return signs.index("=") if signs.count("=") == 1 else None


class PlainReader:
    """Reads the plainest blocks of one file."""

    def __init__(self, text: str) -> None:
        self._slashes = "/" in text

    def read(self, raw: str, category: str, lines: Lines) -> tuple[MultichoiceQuestion, int] | None:
        """The question of a block and the place of its key; None where another way is needed."""
        first, last = lines
        count = last - first - 1
        if not 1 < count <= MOST or len(raw) > SIZE_LIMIT:
            return None
        found = _block(count).fullmatch(raw)
        if found is None:
            return None
        if self._slashes and "// " in raw:  # a comment that stands behind an answer
            return None
        fields = found.groups()
        name, format_name, text = fields[:3]
        texts = fields[4::2]
        key = _key(fields[3::2])
        if key is None or is_repeating(texts):
            return None
        format_ = FORMAT_BY_NAME[format_name]
        nothing = NO_FEEDBACK[format_]
        answers = choices(texts, fractions(count, key), nothing)
        record = (name, text.rstrip(), answers, True, format_, nothing, "", (), category, lines, "multichoice")
        return _new(MultichoiceQuestion, record), key
