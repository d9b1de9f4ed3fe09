"""An answer section parted at its markers: what the readers of answers and their checks both look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from gift_export.grammar import BLANKS

_new: Final = tuple.__new__  # half the price of the class call; a hostile file has a million pieces


class Piece(NamedTuple):
    """A stretch of the answer section: its marker ("" before the first one), places, trimmed text."""

    marker: str
    marker_at: int
    text: str
    text_at: int


def pieces(answer: str, at: int, marker: re.Pattern[str]) -> Iterator[Piece]:
    """The answer section parted at its markers. What stands before the first comes first, unless it is "" or "0"."""
    head, *parted = marker.split(answer)
    stripped = head.strip(BLANKS)
    if stripped not in ("", "0"):
        yield Piece("", at, stripped, at)
    at += len(head)
    for mark, raw in zip(parted[::2], parted[1::2], strict=True):
        if not raw:
            yield _new(Piece, (mark, at, "", at + 1))
            at += 1
            continue
        text = raw.strip(BLANKS)
        lead = 1 if text == raw else 1 + len(raw) - len(raw.lstrip(BLANKS))
        yield _new(Piece, (mark, at, text, at + lead))
        at += 1 + len(raw)
