"""Facts become printable text: one line, no characters that a paper cannot carry or that mislead its reader."""

from __future__ import annotations

import re

from docs_templates.words import Words
from flask_app.ports.paper import Bilingual, PaperRefused

DASH = "–"

# What XML 1.0 cannot hold, and marks that make text read in another order than it is stored.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")
_BREAKS = re.compile("[\t\n\r\x85\u2028\u2029 ]+")


def optional(text: str, field: str) -> str:
    """`text` on one line, `–` when there is none. Raises `PaperRefused` for a character that cannot be printed."""
    if text.isprintable() and text and text[0] != " " != text[-1] and "  " not in text:
        return text  # nearly every text there is
    found = _UNPRINTABLE.search(text)
    if found:
        raise PaperRefused("PAPER_UNPRINTABLE", field=field, character=f"U+{ord(found.group()):04X}")
    return _BREAKS.sub(" ", text).strip(" ") or DASH


def required(text: str, field: str) -> str:
    """`text` on one line. Raises `PaperRefused` when there is none."""
    line = optional(text, field)
    if not text.strip():
        raise PaperRefused("PAPER_BLANK", field=field)
    return line


def side(words: Words, pair: Bilingual, field: str) -> str:
    """This language's side of a text that must exist in both."""
    return required(words.of(pair), f"{field}.{words.language}")


def optional_side(words: Words, pair: Bilingual, field: str) -> str:
    """This language's side of a text that may be missing."""
    return optional(words.of(pair), f"{field}.{words.language}")
