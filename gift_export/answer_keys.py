"""Answer keys as offices write them: letters or numbers of answers, with or without per cent.

`В`, `2`, `А, В`, `А 50; В 50; Г -25`. A letter is trusted only where it can mean one answer: a Latin `B` typed beside
answers lettered in Cyrillic is the second letter to one reader and looks like the third to another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

from gift_export.weights import fraction_of

Script: TypeAlias = Literal["cyrillic", "latin"]

CYRILLIC: Final = "АБВГДЕЖЗИК"
LATIN: Final = "ABCDEFGHIJ"
_TWINS: Final = frozenset("ABCEHKMOPTXYАВСЕНКМОРТХУ")
"""Letters that look the same in both alphabets."""
_TO_LATIN: Final = str.maketrans("АВСЕНКМОРТХУ", "ABCEHKMOPTXY")
_TO_CYRILLIC: Final = str.maketrans("ABCEHKMOPTXY", "АВСЕНКМОРТХУ")
_ENTRY: Final = re.compile(
    r"\s*+([^\W\d_]|\d{1,2})[).]?+"
    r"(?:(?:\s*+[=:]\s*+|\s++-\s++|\s++)([+-]?\d{1,3}(?:[.,]\d{1,7})?)\s*+%?)?"
    r"\s*+(?:[,;/+\n]|(?<=\s)(?:и|жана|and)(?=\s)|$)",
    re.IGNORECASE,
)
_SHARES: Final = {
    1: 1.0,
    2: 0.5,
    3: 0.3333333,
    4: 0.25,
    5: 0.2,
    6: 0.1666667,
    7: 0.1428571,
    8: 0.125,
    9: 0.1111111,
    10: 0.1,
}


class Key(NamedTuple):
    """Places of the answers (from 0) and their marks; `wrong` is the part of the text that was not understood.

    `beyond`: that part is the letter or number of an answer for which there is no place.
    """

    marks: Mapping[int, float]
    weighted: bool
    wrong: str = ""
    ambiguous: str = ""
    beyond: bool = False


def script_of(labels: Sequence[str]) -> Script:
    """The alphabet answers are lettered with: by the letters that only one of the two has, then by most."""
    letters = [label.upper() for label in labels if label.isalpha()]
    if any(letter in CYRILLIC and letter not in _TWINS for letter in letters):
        return "cyrillic"
    latin = sum(letter.isascii() for letter in letters)
    return "latin" if latin * 2 > len(letters) else "cyrillic"


def letter_index(letter: str, script: Script) -> int | None:
    """The place of an answer by its letter, from 0; None where the letter is none, or can be taken for another."""
    upper = letter.upper()
    here, there = (CYRILLIC, LATIN) if script == "cyrillic" else (LATIN, CYRILLIC)
    if upper in here:
        return here.index(upper)
    if upper not in there or (upper in _TWINS and not _is_same(upper)):
        return None
    return there.index(upper)


def _is_same(letter: str) -> bool:
    """`A` and `А` are the first letter of both alphabets: whichever was typed, the answer is the same."""
    return letter in "AА"


def readings(letter: str) -> tuple[int, int]:
    """The places, from 0, of a letter that looks the same in both alphabets: as a Latin and as a Cyrillic one.

    -1 where no answer is called so.
    """
    latin, cyrillic = (letter.upper().translate(to) for to in (_TO_LATIN, _TO_CYRILLIC))
    return LATIN.find(latin), CYRILLIC.find(cyrillic)


def read_key(text: str, script: Script, count: int) -> Key:
    """The key in a cell or line, for `count` answers."""
    marks: dict[int, float] = {}
    weighted = False
    at = 0
    text = text.strip()
    while at < len(text):
        found = _ENTRY.match(text, at)
        if found is None or found.end() == at:
            return Key({}, False, wrong=text[at : at + 40])
        label, percent = found.groups()
        place = int(label) - 1 if label.isdigit() else letter_index(label, script)
        if place is None:
            ambiguous = label if label.upper() in _TWINS else ""
            return Key({}, False, wrong=label, ambiguous=ambiguous)
        if not 0 <= place < count or place in marks:
            return Key({}, False, wrong=label, beyond=place >= count)
        weighted = weighted or percent is not None
        marks[place] = fraction_of(percent.replace(",", ".")) if percent is not None else 1.0
        at = found.end()
    return Key(marks, weighted)


def share(count: int) -> float:
    """The mark of each of `count` right answers, as Moodle's list has it."""
    return _SHARES.get(count, 1.0 / max(1, count))
