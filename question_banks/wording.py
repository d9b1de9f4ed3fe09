"""Rules about the words of a bank: letters of two alphabets in one word, repeated questions, options that give away."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from math import ceil
from typing import Final

from question_banks.findings import Entry, Finding, Sheet

WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
ROMAN: Final = re.compile(r"[IVXLCDM]+")
TAG: Final = re.compile(r"<[^<>]{0,200}>")

UNIT_LETTERS: Final = frozenset("µμΩ\N{OHM SIGN}")
"""Signs of units that look like no letter of the languages here: micro and ohm."""

# Latin letters that cannot be told from Cyrillic ones on paper.
LOOKALIKES: Final = frozenset("ABCEHKMOPTXYaceopxyk")

_RUSSIAN: Final = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
ALPHABETS: Final[dict[str, frozenset[str]]] = {
    "ru": _RUSSIAN,
    "ky": _RUSSIAN | frozenset("ңөү"),
    "kk": _RUSSIAN | frozenset("әғқңөұүһі"),
}

SAME_STEM: Final = 0.9
"""Two stems that share nine tenths of their words (the Jaccard measure of their word sets) ask the same."""

LENGTH_FROM: Final = 20
LONGEST_LIMIT: Final = 0.4
"""With five options the right one is the longest in a fifth of the questions; twice as often is a hint."""


def letters_belong_together(whole: Sheet) -> Iterator[Finding]:
    """No word mixes alphabets: a search would not find it, and a screen reader would not say it."""
    for entry in whole.entries:
        for word in filter(_mixed, _words(entry)):
            yield entry.finding("error", "BANK_LOOKALIKE", word, word=word, letters=_foreign(word))


def words_are_not_disguised(whole: Sheet) -> Iterator[Finding]:
    """No word of a Cyrillic text consists of Latin look-alikes alone; a Latin abbreviation may, hence a warning."""
    for entry in whole.entries:
        if entry.language in ALPHABETS:
            for word in _words(entry):
                if _disguised(word) and not _mixed(word):
                    yield entry.finding("warning", "BANK_DISGUISED", word, word=word)


def letters_belong_to_language(whole: Sheet) -> Iterator[Finding]:
    """Cyrillic letters come from the alphabet of the language: a Kazakh ұ is no Kyrgyz ү."""
    for entry in whole.entries:
        for word in _words(entry):
            strange = _strange(word, entry.language)
            if strange:
                yield entry.finding("warning", "BANK_LETTER_FOREIGN", word, word=word, letters=strange)


def stems_differ(whole: Sheet) -> Iterator[Finding]:
    """No two questions of one language ask nearly the same: a candidate might be given both."""
    for language in whole.head.languages:
        entries = whole.of(language)
        for first, second in _alike([_vocabulary(entry) for entry in entries]):
            earlier = entries[first]
            yield entries[second].finding(
                "warning", "BANK_STEM_TWICE", "::", other=earlier.group, first_line=earlier.place("::")[0]
            )


def length_does_not_tell(whole: Sheet) -> Iterator[Finding]:
    """The right answer is not the longest one too often."""
    for language in whole.head.languages:
        entries = [entry for entry in whole.of(language) if len(entry.keys) == 1]
        longest = sum(map(_key_is_longest, entries))
        if len(entries) >= LENGTH_FROM and longest > len(entries) * LONGEST_LIMIT:
            file = whole.folder.texts[language].file
            yield whole.finding("warning", "BANK_KEY_LONGEST", file, n=longest, of=len(entries), language=language)


def _words(entry: Entry) -> list[str]:
    """The words of the stem and the choices, once for each time they stand there; HTML tags are left out."""
    text = "\n".join(entry.texts)
    plain = TAG.sub(" ", text) if "<" in text else text
    letters = plain if plain.isascii() else plain.translate(_LETTERS_ONLY)
    return WORD.findall(unicodedata.normalize("NFC", letters))


class _LettersOnly(dict[int, str]):
    """A table for `str.translate`: signs that are no letters become spaces. Each sign is looked at once."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        self[code] = " " if _no_letter(sign) else sign
        return self[code]


_LETTERS_ONLY: Final = _LettersOnly()


def _no_letter(sign: str) -> bool:
    """Whether a sign that counts as part of a word is a figure or a unit: the ² of м², the ½, the Ⅷ, the µ of µм."""
    if sign in UNIT_LETTERS or unicodedata.category(sign) in ("No", "Nl"):
        return True
    return unicodedata.decomposition(sign).startswith(("<super>", "<sub>"))


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


# Banks repeat their words: each one is looked at once.
@lru_cache(maxsize=1 << 16)
def _mixed(word: str) -> bool:
    """Whether one part of a word takes letters from two alphabets; `IT-сервис` is two sound parts."""
    return any(len({_script(letter) for letter in part}) > 1 for part in word.split("-"))


@lru_cache(maxsize=1 << 16)
def _disguised(word: str) -> bool:
    """Whether a word could be Cyrillic but is typed with Latin letters throughout one of its parts."""
    latin = [letter for letter in word if _script(letter) == "LATIN"]
    return bool(latin) and all(letter in LOOKALIKES for letter in latin) and not ROMAN.fullmatch("".join(latin))


@lru_cache(maxsize=1 << 16)
def _strange(word: str, language: str) -> str:
    """The Cyrillic letters of a word that the alphabet of the language lacks."""
    alphabet = ALPHABETS.get(language)
    if alphabet is None:
        return ""
    return "".join(letter for letter in word if _script(letter) == "CYRILLIC" and letter.lower() not in alphabet)


def _foreign(word: str) -> str:
    """The letters of the script that is rarer in the word."""
    scripts = Counter(map(_script, word.replace("-", "")))
    rarest = min(scripts, key=lambda script: (scripts[script], script))
    return "".join(letter for letter in word if _script(letter) == rarest)


def _vocabulary(entry: Entry) -> frozenset[str]:
    text = TAG.sub(" ", entry.question.text).casefold()
    return frozenset(re.findall(r"\w+", text))


def _alike(sets: Sequence[frozenset[str]]) -> Iterator[tuple[int, int]]:
    """Pairs of sets that share `SAME_STEM` of their words, the later one with the first it resembles.

    Prefix filtering: with its words ordered from rare to common, a set of n words can only resemble another one that
    shares one of its first n - ceil(n * SAME_STEM) + 1 words. So a bank of thousands is not compared pair by pair.
    """
    frequency = Counter(word for words in sets for word in words)
    index: dict[str, list[int]] = defaultdict(list)
    for later, words in enumerate(sets):
        ordered = sorted(words, key=lambda word: (frequency[word], word))
        prefix = ordered[: len(ordered) - ceil(len(ordered) * SAME_STEM) + 1]
        candidates = {earlier for word in prefix for earlier in index[word]}
        similar = [earlier for earlier in sorted(candidates) if _share(sets[earlier], words) >= SAME_STEM]
        if similar:
            yield similar[0], later
        for word in prefix:
            index[word].append(later)


def same_stem(first: Entry, second: Entry) -> bool:
    """Whether `stems_differ` has something to say about these two."""
    return first.language == second.language and _share(_vocabulary(first), _vocabulary(second)) >= SAME_STEM


def _share(first: frozenset[str], second: frozenset[str]) -> float:
    union = len(first | second)
    return len(first & second) / union if union else 0.0


def _key_is_longest(entry: Entry) -> bool:
    key = entry.keys[0] - 1
    lengths = [len(answer.text) for answer in entry.answers]
    return all(lengths[key] > length for place, length in enumerate(lengths) if place != key)
