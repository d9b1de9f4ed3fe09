"""Names of people as offices type them, made fit for papers.

Kyrgyz patronymics with "уулу" and "кызы" are part of the name: kept, written small, never split off
(DOMAIN.md C7). Letters are repaired only where one reading is possible, and every repair is named.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Letter by letter the order in which ky, ru and kk readers expect a list of names (DESIGN 3.1).
ALPHABET = "АӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯ"

# Words that stand inside a name and begin with a small letter.
PARTICLES = frozenset({"уулу", "кызы", "оглы", "улы", "ұлы", "қызы"})

# Latin (and phonetic) letters that look exactly like one Cyrillic letter. Y/y is left out on purpose: it may stand
# for У or for Ү; i may stand for И or І; m, n, t, u, k are alike only in italics.
LOOKALIKES = str.maketrans("ABCEHKMOPTXaceopxËëƟɵƏə", "АВСЕНКМОРТХасеорхЁёӨөӘә")

LONGEST = 120

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_DASHES = str.maketrans("‐‑‒–—―−", "-------")
_APOSTROPHES = str.maketrans("’‘ʼʻ`´", "''''''")
_PLAIN = re.compile(f"[{ALPHABET}{ALPHABET.lower()}]+(?: [{ALPHABET}{ALPHABET.lower()}]+)*")
"""Cyrillic words with one space between: most names. Nothing in them is to be tidied, and they have one script."""
_SORT_WEIGHT = {letter: chr(0x30 + place) for place, letter in enumerate(ALPHABET + "ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


@dataclass(frozen=True, slots=True)
class NameRepair:
    """What was changed in a name: stable `code` and the name before and after."""

    code: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class NameReading:
    """A name fit for papers, or `problem` with the code why not (`detail`: the letters or the word that are wrong)."""

    name: str
    repairs: tuple[NameRepair, ...] = ()
    problem: str = ""
    detail: str = ""


def read_name(text: str) -> NameReading:
    """Reads a full name: surname, given name, patronymic in the order of the file.

    Problems: PERSON_NAME_ MISSING, TOO_LONG, BAD_CHARACTER, MIXED_SCRIPTS, INITIALS, ONE_WORD.
    Repairs: PERSON_NAME_ SPACES, LOOKALIKE, CASE.
    """
    repairs: list[NameRepair] = []
    name = text
    for code, step in (
        ("PERSON_NAME_SPACES", _tidy),
        ("PERSON_NAME_LOOKALIKE", _repair_letters),
        ("PERSON_NAME_CASE", _repair_case),
    ):
        changed = step(name)
        if changed != name:
            repairs.append(NameRepair(code, name, changed))
            name = changed
    problem, detail = _problem_of(name)
    return NameReading(_tidy(text), (), problem, detail) if problem else NameReading(name, tuple(repairs))


def _tidy(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    visible = unicodedata.normalize("NFC", text).translate(_INVISIBLE).translate(_DASHES).translate(_APOSTROPHES)
    spaced = " ".join(visible.split())
    joined = re.sub(r"(?<=\w) ?- ?(?=\w)", "-", spaced).rstrip(",; ")
    return re.sub(r"(?<=\w\w\w)\.$", "", joined)


@lru_cache(maxsize=2048)
def _script(letter: str) -> str:
    """`Cyrillic`, `Latin` or `` for what is not a letter of these."""
    name = unicodedata.name(letter, "")
    return next((script for script in ("CYRILLIC", "LATIN") if name.startswith(script)), "")


def _scripts(text: str) -> set[str]:
    if _PLAIN.fullmatch(text):
        return {"CYRILLIC"}
    return {_script(letter) for letter in text if letter.isalpha()}


def _repair_letters(name: str) -> str:
    """Latin look-alikes become Cyrillic where the name has Cyrillic letters and every Latin letter has one reading."""
    if "CYRILLIC" not in _scripts(name):
        return name
    return " ".join(_repair_word(word) for word in name.split(" "))


def _repair_word(word: str) -> str:
    repaired = word.translate(LOOKALIKES)
    return repaired if _scripts(repaired) == {"CYRILLIC"} else word


def _repair_case(name: str) -> str:
    words = name.split(" ")
    return " ".join(_cased(word, first=place == 0) for place, word in enumerate(words))


def _cased(word: str, *, first: bool) -> str:
    parts = word.split("-")
    return "-".join(_cased_part(part, leading=first and place == 0) for place, part in enumerate(parts))


def _cased_part(part: str, *, leading: bool) -> str:
    if part.lower() in PARTICLES and not leading:
        return part.lower()
    one_case = part.isupper() or part.islower() or part.swapcase().istitle()
    if not one_case or "." in part:
        return part
    return re.sub(r"^(\w')(\w)", lambda found: found[1] + found[2].upper(), part.lower().capitalize())


def _problem_of(name: str) -> tuple[str, str]:
    if not name:
        return "PERSON_NAME_MISSING", ""
    if len(name) > LONGEST:
        return "PERSON_NAME_TOO_LONG", str(len(name))
    if _PLAIN.fullmatch(name):
        return _shape_problem(name)
    bad = sorted({sign for sign in name if not (_script(sign) and sign.isalpha()) and sign not in " -'."})
    if bad:
        return "PERSON_NAME_BAD_CHARACTER", " ".join(bad)
    mixed = next((word for word in name.split() if len(_scripts(word)) > 1), "")
    if mixed or len(_scripts(name)) > 1:
        return "PERSON_NAME_MIXED_SCRIPTS", mixed or name
    return _shape_problem(name)


def _shape_problem(name: str) -> tuple[str, str]:
    words = name.split()
    short = next((word for word in words if "." in word or len(word) == 1), "")
    if short:
        return "PERSON_NAME_INITIALS", short
    if len([word for word in words if word not in PARTICLES]) < 2:
        return "PERSON_NAME_ONE_WORD", name
    if not all(re.fullmatch(r"[^\W_]+(['-][^\W_]+)*", word) for word in words):
        return "PERSON_NAME_BAD_CHARACTER", next(sign for sign in "-'" if sign in name)
    return "", ""


def is_latin(name: str) -> bool:
    """Whether the whole name is written in Latin letters."""
    return _scripts(name) == {"LATIN"}


def fold_name(name: str) -> str:
    """The form in which two spellings of one name are equal: ё/е, case, spaces. ң, ө, ү stay what they are."""
    return _tidy(name).casefold().replace("ё", "е")


def sort_key(name: str) -> str:
    """An ASCII string whose byte order is the order of names in the merged alphabet.

    Words are compared one after another (a space sorts below every letter, a hyphen just above it); case is ignored;
    Latin letters follow the Cyrillic ones; a letter of neither follows all others.
    """
    return "".join(_weight(sign) for sign in _tidy(name).upper())


def _weight(sign: str) -> str:
    if sign in " -":
        return "!" if sign == " " else "#"
    if sign == "'":
        return ""
    return _SORT_WEIGHT.get(sign) or f"~{ord(sign):06x}"
