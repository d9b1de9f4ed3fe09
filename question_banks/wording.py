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

TELLING: Final = 100
"""Letters of a Kyrgyz or Kazakh text among which one of its own is as good as certain: about every fifteenth is."""
FOREIGN_WORDS: Final = 0.1

UNIT_LETTERS: Final = frozenset("µμΩ\N{OHM SIGN}")
"""Signs of units that look like no letter of the languages here: micro and ohm."""

# Latin letters that cannot be told from Cyrillic ones on paper.
LOOKALIKES: Final = frozenset("ABCEHKMOPTXYaceopxyk")

_CYRILLIC_TWINS: Final = frozenset("АВСЕНКМОРТХУасеорхук")
"""The Cyrillic ones of the same looks, but for `Ү`, whose Latin one is the author's mistake oftener than a name."""

KNOWN_LATIN: Final = frozenset(
    [
        *("AM", "ATM", "BCC", "Bcc", "BMP", "CC", "Cc", "CEO", "CMYK", "CPM", "EXE", "HP", "KB", "MB", "OCX", "OEM"),
        *("PC", "PCX", "PHP", "PM", "TXT", "XP"),
    ]
)
"""Abbreviations, keys and formats made of look-alikes alone. Not here: what reads as a Cyrillic one (COM, TOP, CTO)."""

_NEAR: Final = re.compile(r"[ \u00a0]")
"""Between two words of one name or phrase: `Excel XP`."""
_JOINED: Final = re.compile(r"[\"'»)]?[ \u00a0]?[+/&@:_-][ \u00a0]?[\"'«(]?|\.")
"""Between keys pressed together, parts of an address, of a file's name."""
_ENDING: Final = re.compile(r"(?:^|[^\w.])\.\Z", re.MULTILINE)

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


_END_MARKS: Final = " ?.!:;,…"


def plainly(text: str) -> str:
    """What a text says, word for word: blanks, capitals and marks at its end do not make another question or answer.

    Every other sign may: `-5` is not `5`. An answer that is nothing but such a mark stays what it is.
    """
    said = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    return said.rstrip(_END_MARKS) or said


def letters_belong_together(whole: Sheet) -> Iterator[Finding]:
    """No word mixes alphabets: a search would not find it, and a screen reader would not say it."""
    for entry in whole.entries:
        for word in filter(_mixed, _words(entry)):
            letters = _foreign(word, entry.language)
            yield entry.finding("error", "BANK_LOOKALIKE", word, word=word, letters=letters)


def words_are_not_disguised(whole: Sheet) -> Iterator[Finding]:
    """No word of a Cyrillic text consists of Latin look-alikes alone.

    A Latin word may: an abbreviation of `KNOWN_LATIN`, a key or a Latin word beside it (`Ctrl + P`), letters beside
    figures (`A4`), the ending of a file (`.EXE`), an option among Latin ones. What is left is a warning.
    """
    for entry in whole.entries:
        if entry.language in ALPHABETS and any(map(_suspect, _words(entry))):
            for word in _disguised_words(entry):
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


def letters_speak_against(text: str, language: str) -> bool:
    """Whether a text is hardly of that language by the letters it has and lacks.

    Letters of another alphabet in a tenth of the words speak against it (names do not: a Kyrgyz town in a Russian
    question is written with a capital), and so does a text of `TELLING` letters without one of those that Kyrgyz or
    Kazakh has beside the Russian ones.
    """
    words = WORD.findall(_letters(text))
    alphabet = ALPHABETS.get(language)
    if alphabet is None:
        return sum(map(_cyrillic, words)) > len(words) / 2
    if sum(not word[0].isupper() and bool(_strange(word, language)) for word in words) > len(words) * FOREIGN_WORDS:
        return True
    own, whole = alphabet - _RUSSIAN, "".join(words).lower()
    return bool(own) and sum(map(_cyrillic, whole)) >= TELLING and own.isdisjoint(whole)


def _words(entry: Entry) -> list[str]:
    """The words of the stem and the choices, once for each time they stand there; HTML tags are left out."""
    return WORD.findall(_letters("\n".join(entry.texts)))


def _letters(text: str) -> str:
    plain = TAG.sub(" ", text) if "<" in text else text
    letters = plain if plain.isascii() else plain.translate(_LETTERS_ONLY)
    return unicodedata.normalize("NFC", letters)


def _disguised_words(entry: Entry) -> Iterator[str]:
    """The disguised words of the stem and the choices, without those that are Latin by what stands around them."""
    stem, *options = map(_letters, entry.texts)
    of_latin_options = any(map(_is_latin, options))
    for text in (stem, *options):
        found = list(WORD.finditer(text))
        alone = text is not stem and of_latin_options and not any(_cyrillic(word.group()) for word in found)
        for at, word in enumerate(found):
            beside = [found[near] for near in (at - 1, at + 1) if 0 <= near < len(found)]
            if _suspect(word.group()) and not alone and not _is_excused(text, word, beside):
                yield word.group()


def _is_excused(text: str, word: re.Match[str], beside: Sequence[re.Match[str]]) -> bool:
    """Whether a word of look-alikes is a Latin one by its neighbours."""
    start, end = word.span()
    if text[start - 1 : start].isdigit() or text[end : end + 1].isdigit() or _ENDING.search(text, 0, start):
        return True
    a_russian_word = end - start == 1 and word.group().islower()  # а, к, о, с, у: the slip that is made most often
    kinds = (_JOINED,) if a_russian_word else (_JOINED, _NEAR)
    latin = [other for other in beside if _is_latin(other.group())]
    return any(
        kind.fullmatch(text, min(end, other.end()), max(start, other.start())) for other in latin for kind in kinds
    )


def _is_latin(text: str) -> bool:
    """Whether a text is Latin for certain: a letter that no Cyrillic one looks like, and no Cyrillic letter."""
    letters = [letter for letter in text if letter.isalpha()]
    return not _cyrillic(text) and any(_script(one) == "LATIN" and one not in LOOKALIKES for one in letters)


def _cyrillic(text: str) -> bool:
    return any(letter.isalpha() and _script(letter) == "CYRILLIC" for letter in text)


def _suspect(word: str) -> bool:
    return word not in KNOWN_LATIN and _disguised(word) and not _mixed(word)


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


def _foreign(word: str, language: str) -> str:
    """The letters of mixed parts that are not of the script the language is written in.

    Where those could be of no other script but all the letters of the language's own could be (`Еxcel`, its first
    letter Cyrillic), the word is the foreign one, and its strange letters are those of the language.
    """
    home, twins = ("CYRILLIC", _CYRILLIC_TWINS) if language in ALPHABETS else ("LATIN", LOOKALIKES)
    letters = [letter for part in word.split("-") if _mixed(part) for letter in part]
    own = [letter for letter in letters if _script(letter) == home]
    others = [letter for letter in letters if _script(letter) != home]
    looks = LOOKALIKES if home == "CYRILLIC" else _CYRILLIC_TWINS
    only_others = own and all(letter in twins for letter in own) and not all(letter in looks for letter in others)
    return "".join(own if only_others else others)


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
