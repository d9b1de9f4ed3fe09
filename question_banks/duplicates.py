"""Which questions ask the same? A search that stays linear over tens of thousands of questions, banks and languages.

Two questions are alike when the words of their stems and right answers, taken together, overlap by `SAME_QUESTION` of
their union (the Jaccard measure). Words are compared by their first letters, so that a case ending or a suffix does not
hide a repetition. The same stem with another key is another question; so are stems that name different figures.

Finding the pairs is MinHash with banding (Broder 1997; Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, ch. 3):
every word has `BANDS * ROWS` fixed pseudo-random numbers (SHAKE-128 of the word, no seed, no process-dependent hash), a
question's signature holds the smallest of each over its words, and only questions that agree in all rows of some band
are compared. A pair with an overlap of three quarters shares a band with a chance of 99.2 %, one of nine tenths with
more than 99.9999 %, an unrelated pair hardly ever. What is compared is measured exactly: nothing is reported by chance.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from question_banks.bank import citations_of
from question_banks.findings import Entry, Finding, Sheet
from question_banks.wording import plainly, same_stem

SAME_QUESTION: Final = 0.75
"""Three quarters of all words in common: of fifteen words, two may be replaced."""

BANDS: Final = 25
ROWS: Final = 6
STEM_LETTERS: Final = 6
REPRESENTATIVES: Final = 24
"""A bucket that thousands of questions fall into (one template, filled in again and again) is compared with its first
members only: one template is one finding per question, and the search stays linear."""

FIGURES_NEEDED: Final = 3
"""From how many figures on two questions without a common language are held to ask the same by their figures."""

_WORD: Final = re.compile(r"[^\W_]+")
_TAG: Final = re.compile(r"<[^<>]{0,200}>")
_FIGURE: Final = re.compile(r"\d+(?:[.,]\d+)*")
_FOLDED: Final = str.maketrans("ёacehkmoptxy", "еасенкмортху")

Kind = Literal["words", "figures"]
Wording = tuple[str, str, tuple[str, ...]]
"""Language, stem, right answers, as they are compared word for word."""


class Probe(NamedTuple):
    """A question as the search sees it.

    `owner` is what twins share (bank and twin group): two probes of one owner are never reported. `options` are all
    choices, `keys` the right ones among them; `cited` the places it rests on.
    """

    owner: Hashable
    language: str
    stem: str
    keys: tuple[str, ...]
    options: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """Probes `first` < `second` (places in what was searched) ask the same. `share` is the overlap, from 0 to 1."""

    first: int
    second: int
    share: float
    kind: Kind = "words"


def near_duplicates(probes: Sequence[Probe], share: float = SAME_QUESTION) -> tuple[Likeness, ...]:
    """For each question that resembles an earlier one: the earlier one it resembles most among those it met.

    The order of the probes decides which of two is the earlier; apart from that nothing but the texts counts.
    """
    return _kept(tuple(probes), share) if len(probes) <= FEW else _found(probes, share)


FEW = 2_000
"""Questions of one bank with one draft: pages ask the same again and again. Larger searches are made once."""


@lru_cache(maxsize=16)
def _kept(probes: tuple[Probe, ...], share: float) -> tuple[Likeness, ...]:
    return _found(probes, share)


def _found(probes: Sequence[Probe], share: float) -> tuple[Likeness, ...]:
    by_words = _by_words(probes, share)
    by_figures = [found for found in _by_figures(probes) if found.second not in by_words]
    return tuple(sorted([*by_words.values(), *by_figures], key=lambda found: (found.second, found.first)))


@lru_cache(maxsize=2048)
def wording_of(probe: Probe) -> Wording | None:
    """What a question says, word for word; None where it has no right answer.

    How it is compared: `wording.plainly`.
    """
    if not probe.keys or not (stem := plainly(probe.stem)):
        return None
    return probe.language, stem, tuple(sorted(map(plainly, probe.keys)))


def asked_by(probe: Probe) -> Hashable | None:
    """What a question asks and offers, word for word, whatever its key; None where it has no right answer."""
    if wording_of(probe) is None or len(probe.options) < 2:
        return None
    return probe.language, plainly(probe.stem), tuple(sorted(map(plainly, probe.options)))


# -- by words ----------------------------------------------------------------------------------------------------------


class _Seen(NamedTuple):
    words: frozenset[str]
    figures: tuple[str, ...]


def _by_words(probes: Sequence[Probe], share: float) -> dict[int, Likeness]:
    seen = [_look(probe) for probe in probes]
    best = _twice(probes, seen)
    signatures = [_signature(one.words) for one in seen]
    for band in range(BANDS):
        buckets: dict[tuple[int, ...], list[int]] = defaultdict(list)
        rows = slice(band * ROWS, (band + 1) * ROWS)
        for at, signature in enumerate(signatures):
            if signature and at not in best:
                buckets[signature[rows]].append(at)
        for members in buckets.values():
            if len(members) > 1:
                _compare(members, probes, seen, share, best)
    return best


def _twice(probes: Sequence[Probe], seen: Sequence[_Seen]) -> dict[int, Likeness]:
    """Questions with exactly the words of an earlier one: found at once, and left out of the banding."""
    first: dict[_Seen, int] = {}
    found: dict[int, Likeness] = {}
    for at, one in enumerate(seen):
        earlier = first.setdefault(one, at)
        if earlier != at and one.words and probes[earlier].owner != probes[at].owner:
            found[at] = Likeness(earlier, at, 1.0)
    return found


def _compare(
    members: Sequence[int],
    probes: Sequence[Probe],
    seen: Sequence[_Seen],
    share: float,
    best: dict[int, Likeness],
) -> None:
    """Holds each member of a bucket to its representatives: those before it that resemble nothing themselves."""
    heads: list[int] = []
    for at in members:
        alike = False
        for head in heads:
            if probes[head].owner == probes[at].owner:
                continue
            measured = _overlap(seen[head], seen[at])
            if measured >= share:
                alike = True
                if at not in best or measured > best[at].share:
                    best[at] = Likeness(head, at, measured)
        if not alike and len(heads) < REPRESENTATIVES:
            heads.append(at)


def _overlap(first: _Seen, second: _Seen) -> float:
    if first.figures and second.figures and first.figures != second.figures:
        return 0.0
    common = len(first.words & second.words)
    return common / (len(first.words) + len(second.words) - common)


# A page holds the same bank against one draft again and again; a search through 50,000 questions meets each once.
@lru_cache(maxsize=2048)
def _look(probe: Probe) -> _Seen:
    stem = _plain(probe.stem)
    words = {_root(word) for text in (stem, *map(_plain, probe.keys)) for word in _WORD.findall(text)}
    return _Seen(frozenset(words), tuple(sorted(_FIGURE.findall(stem))))


def _plain(text: str) -> str:
    shown = _TAG.sub(" ", text) if "<" in text else text
    return unicodedata.normalize("NFC", shown).casefold()


@lru_cache(maxsize=1 << 17)
def _root(word: str) -> str:
    """The beginning of a word, with Latin look-alikes taken for the Cyrillic letters they pass for."""
    return (
        word.translate(_FOLDED)[:STEM_LETTERS] if any("Ѐ" <= letter <= "ӿ" for letter in word) else word[:STEM_LETTERS]
    )


@lru_cache(maxsize=2048)
def _signature(words: frozenset[str]) -> tuple[int, ...]:
    rows = [_numbers(word) for word in words]
    if len(rows) < 2:
        return rows[0] if rows else ()
    return tuple(map(min, *rows))


# Tuples and not arrays: their numbers are objects already, and `min` is asked ten million times.
@lru_cache(maxsize=1 << 17)
def _numbers(word: str) -> tuple[int, ...]:
    numbers = array("I")
    numbers.frombytes(hashlib.shake_128(word.encode("utf-8")).digest(BANDS * ROWS * numbers.itemsize))
    return tuple(numbers)


# -- by figures --------------------------------------------------------------------------------------------------------


def _by_figures(probes: Sequence[Probe]) -> Iterator[Likeness]:
    """Questions that share no language, but rest on the same places and name the same figures in the same answers."""
    spoken: dict[Hashable, set[str]] = defaultdict(set)
    for probe in probes:
        spoken[probe.owner].add(probe.language)
    first: dict[Hashable, int] = {}
    for at, probe in enumerate(probes):
        marks = _marks(probe)
        if marks is None:
            continue
        earlier = first.setdefault(marks, at)
        other = probes[earlier].owner
        if other != probe.owner and not spoken[other] & spoken[probe.owner]:
            yield Likeness(earlier, at, 1.0, "figures")


@lru_cache(maxsize=2048)
def _marks(probe: Probe) -> Hashable | None:
    stem = tuple(sorted(_FIGURE.findall(probe.stem)))
    options = tuple(sorted(tuple(_FIGURE.findall(option)) for option in probe.options))
    keys = tuple(sorted(tuple(_FIGURE.findall(key)) for key in probe.keys))
    told = {*stem, *(figure for option in options for figure in option)}
    return (stem, options, keys, probe.cited) if len(told) >= FIGURES_NEEDED and any(keys) else None


# -- findings ----------------------------------------------------------------------------------------------------------


def probe_of(bank: str, entry: Entry) -> Probe:
    """A question of a bank as the search sees it."""
    keys = tuple(entry.answers[place - 1].text for place in entry.keys)
    options = tuple(answer.text for answer in entry.answers)
    cited = tuple(sorted(map(str, citations_of(entry.question))))
    owner = (bank, entry.group or entry.place())
    return Probe(owner, entry.language, entry.question.text, keys, options, cited)


def questions_differ(whole: Sheet) -> Iterator[Finding]:
    """No two questions of a bank ask the same with other words around it.

    A stem that stands twice is told by `wording.stems_differ`; what is told here are the others.
    """
    return (_finding(whole, first, second, found) for _, first, _, second, found in _alike((whole,)))


def questions_differ_across(sheets: Sequence[Sheet]) -> Iterator[Finding]:
    """No question asks the same as one of another bank: a candidate might be given both."""
    for bank, first, other, second, found in _alike(sheets):
        if bank is not other:
            yield _finding(bank, first, second, found)


def _alike(sheets: Sequence[Sheet]) -> Iterator[tuple[Sheet, Entry, Sheet, Entry, Likeness]]:
    entries = [(whole, entry) for whole in sheets for entry in whole.entries]
    for found in near_duplicates([probe_of(whole.head.id, entry) for whole, entry in entries]):
        (bank, first), (other, second) = entries[found.first], entries[found.second]
        if bank is not other or not same_stem(first, second):
            yield bank, first, other, second, found


def _finding(bank: Sheet, first: Entry, second: Entry, found: Likeness) -> Finding:
    return second.finding(
        "warning",
        "BANK_ALIKE" if found.kind == "words" else "BANK_ALIKE_FIGURES",
        "::",
        other=first.group,
        bank=bank.head.id,
        first_line=first.place("::")[0],
        percent=round(100 * found.share),
    )
