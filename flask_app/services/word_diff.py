"""What changed between two texts, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

_TOKENS: Final = re.compile(r"\s+|[\w-]+|[^\w\s]", re.UNICODE)
_TOO_MUCH: Final = 4_000_000
"""Beyond so many pairs of words the comparison would take seconds; then the texts are shown one after the other."""

Kind = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of words. Pieces without the new ones give the old text, without the gone ones the new text."""

    kind: Kind
    text: str


def compare(old: str, new: str) -> tuple[Piece, ...]:
    """The pieces of both texts in reading order; what is gone comes before what took its place."""
    if old == new:
        return (Piece("same", old),) if old else ()
    before, after = _TOKENS.findall(old), _TOKENS.findall(new)
    if len(before) * len(after) > _TOO_MUCH:
        return tuple(_pieces(old, new))
    return tuple(_joined(_by_word(before, after)))


def whole(kind: Kind, text: str) -> tuple[Piece, ...]:
    return (Piece(kind, text),) if text else ()


def _pieces(old: str, new: str) -> Iterator[Piece]:
    yield from whole("gone", old)
    yield from whole("new", new)


def _by_word(before: list[str], after: list[str]) -> Iterator[Piece]:
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(before[i:j]))
        else:
            yield from _pieces("".join(before[i:j]), "".join(after[k:m]))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """A blank between two changes belongs to them: «one phrase replaced» reads better than two words with a gap."""
    gone, new, held = "", "", ""
    for piece in pieces:
        if piece.kind == "same" and piece.text.isspace() and (gone or new):
            held = piece.text
            continue
        if piece.kind == "same":
            yield from _pieces(gone, new)
            yield Piece("same", held + piece.text)
            gone, new, held = "", "", ""
        else:
            gone, new, held = gone + held, new + held, ""
            gone, new = (gone + piece.text, new) if piece.kind == "gone" else (gone, new + piece.text)
    yield from _pieces(gone, new)
    if held:
        yield Piece("same", held)
