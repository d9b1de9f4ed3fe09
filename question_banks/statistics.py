"""What results tell about questions: how hard, how telling, which wrong answers work, and whether twins are equal.

Pure arithmetic over answers, with the uncertainty of each figure, because a sitting is often a dozen people:

- facility: the mean mark, 0 to 1; its 95 % interval is Wilson's (1927), which stays honest near 0 and 1.
- discrimination: the correlation of the mark with the share of the *other* questions the person had right (corrected
  point-biserial, item-rest); its 95 % interval is Fisher's (z = artanh r, standard error 1/sqrt(n - 3)).
- reliability of a form: KR-20 (Kuder and Richardson 1937), k/(k-1) * (1 - sum(p*q)/variance of totals), variance over
  n; only for people who sat the same questions. The standard error of measurement is sd * sqrt(1 - KR-20).
- twins: the difference of two facilities with Newcombe's (1998, method 10) 95 % interval, and beside it how far apart
  the two groups of people are in the rest of the test: a gap between people is not a fault of the question.

Below `ENOUGH` answers no advice is given, only figures. Everything is a function of the answers alone.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import fmean
from typing import Final, NamedTuple

Z95: Final = 1.959963984540054
"""The 97.5 % point of the normal distribution: for two-sided 95 % intervals."""

ENOUGH: Final = 30
"""From how many answers on a question's figures are worth advice."""

EASY: Final = 0.95
CHANCE_MARGIN: Final = 0.1
WEAK: Final = 0.2
UNUSED: Final = 0.05
KNOWN: Final = 0.9
"""The share of answers that must be among the options at hand before anything is said about options."""


class Given(NamedTuple):
    """One person's answer to one question. `mark` from 0 to 1; `choice` is the option's text, empty for no answer."""

    group: str
    language: str
    mark: float
    choice: str = ""


AnswerSheet = Sequence[Given]
"""What one person answered: each question once."""


class Interval(NamedTuple):
    """A 95 % interval."""

    low: float
    high: float


class Option(NamedTuple):
    """An option as it was used. `rest`: the mean share of the other questions that its choosers had right."""

    text: str
    right: bool
    n: int
    share: float
    rest: float | None


class Advice(NamedTuple):
    """What to look at, as a code of the catalogue, with the numbers that say so."""

    code: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Item:
    """The figures of one question in one language (`language` empty: all languages together).

    `discrimination` is None where everybody did alike, or there are fewer than three people.
    """

    group: str
    language: str
    n: int
    facility: float
    facility_interval: Interval
    discrimination: float | None
    discrimination_interval: Interval | None
    options: tuple[Option, ...] = ()
    unanswered: int = 0
    advice: tuple[Advice, ...] = ()


@dataclass(frozen=True, slots=True)
class TwinDifference:
    """`difference` = facility in `first` - facility in `second`; `ability_gap` the same of the rest of the test."""

    group: str
    first: str
    second: str
    n_first: int
    n_second: int
    difference: float
    interval: Interval
    ability_gap: float
    advice: tuple[Advice, ...] = ()


@dataclass(frozen=True, slots=True)
class Reliability:
    """A form sat by so many people. `kr20` is None where it cannot be had; marks count as 0 or 1."""

    people: int
    questions: int
    mean: float
    deviation: float
    kr20: float | None
    error: float | None


class _Answered(NamedTuple):
    given: Given
    rest: float | None  # the share of the person's other questions that were right; None for a test of one question


Options = Mapping[tuple[str, str], Mapping[str, bool]]
"""(group, language) → the question's options, each with whether it is right."""


def items(sheets: Iterable[AnswerSheet], options: Options | None = None) -> tuple[Item, ...]:
    """The figures of every question and language that was answered, in the order of groups and languages."""
    piles = _piles(sheets)
    known = options or {}
    return tuple(_item(group, language, piles[group, language], known) for group, language in sorted(piles))


def twin_differences(sheets: Iterable[AnswerSheet]) -> tuple[TwinDifference, ...]:
    """Each pair of languages in which a question was answered."""
    piles = _piles(sheets)
    languages: dict[str, list[str]] = defaultdict(list)
    for group, language in sorted(piles):
        languages[group].append(language)
    return tuple(
        _twins(group, first, second, piles)
        for group, spoken in languages.items()
        for at, first in enumerate(spoken)
        for second in spoken[at + 1 :]
    )


def reliability(sheets: Sequence[AnswerSheet]) -> Reliability | None:
    """KR-20 of one form. None for nobody. Raises `ValueError` when people sat different questions."""
    if not sheets:
        return None
    questions = sorted(given.group for given in sheets[0])
    if any(sorted(given.group for given in sheet) != questions for sheet in sheets):
        raise ValueError("the sheets are of different forms")
    k, n = len(questions), len(sheets)
    totals = [sum(_right(given) for given in sheet) for sheet in sheets]
    mean = fmean(totals) if k else 0.0
    variance = fmean((total - mean) ** 2 for total in totals)
    if k < 2 or n < 2 or variance == 0:
        return Reliability(n, k, mean, math.sqrt(variance), None, None)
    right: dict[str, int] = defaultdict(int)
    for sheet in sheets:
        for given in sheet:
            right[given.group] += _right(given)
    spread = sum(right[group] / n * (1 - right[group] / n) for group in questions)
    kr20 = k / (k - 1) * (1 - spread / variance)
    return Reliability(n, k, mean, math.sqrt(variance), kr20, math.sqrt(variance * (1 - kr20)))


# -- the arithmetic ----------------------------------------------------------------------------------------------------


def wilson(share: float, n: int) -> Interval:
    """Wilson's score interval of a share; the whole range where there is no answer."""
    if n == 0:
        return Interval(0.0, 1.0)
    square = Z95**2
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z95 / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def newcombe(first: float, n_first: int, second: float, n_second: int) -> Interval:
    """The interval of `first - second` from the Wilson intervals of both (Newcombe 1998, method 10)."""
    one, other = wilson(first, n_first), wilson(second, n_second)
    low = first - second - math.hypot(first - one.low, other.high - second)
    high = first - second + math.hypot(one.high - first, second - other.low)
    return Interval(max(-1.0, low), min(1.0, high))


def correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Pearson's coefficient; None where one side does not vary."""
    mean_first, mean_second = fmean(first), fmean(second)
    across = sum((a - mean_first) * (b - mean_second) for a, b in zip(first, second, strict=True))
    spread = sum((a - mean_first) ** 2 for a in first) * sum((b - mean_second) ** 2 for b in second)
    if spread < 1e-18:
        return None
    return max(-1.0, min(1.0, across / math.sqrt(spread)))


def fisher(coefficient: float, n: int) -> Interval | None:
    """The interval of a correlation; None below four pairs."""
    if n < 4:
        return None
    if abs(coefficient) > 1 - 1e-12:
        return Interval(coefficient, coefficient)
    z, half = math.atanh(coefficient), Z95 / math.sqrt(n - 3)
    return Interval(math.tanh(z - half), math.tanh(z + half))


# -- one question ------------------------------------------------------------------------------------------------------


def _piles(sheets: Iterable[AnswerSheet]) -> dict[tuple[str, str], list[_Answered]]:
    piles: dict[tuple[str, str], list[_Answered]] = defaultdict(list)
    for sheet in sheets:
        total, others = sum(given.mark for given in sheet), len(sheet) - 1
        for given in sheet:
            rest = (total - given.mark) / others if others else None
            piles[given.group, given.language].append(_Answered(given, rest))
    return piles


def _item(group: str, language: str, pile: Sequence[_Answered], options: Options) -> Item:
    marks = [one.given.mark for one in pile]
    facility = fmean(marks)
    discrimination = _discrimination(pile)
    plain = Item(
        group=group,
        language=language,
        n=len(pile),
        facility=facility,
        facility_interval=wilson(facility, len(pile)),
        discrimination=discrimination,
        discrimination_interval=None if discrimination is None else fisher(discrimination, len(pile)),
        options=_options(pile, options.get((group, language), {})),
        unanswered=sum(not one.given.choice for one in pile),
    )
    return replace(plain, advice=tuple(_advice(plain)))


def _discrimination(pile: Sequence[_Answered]) -> float | None:
    known = [(one.given.mark, one.rest) for one in pile if one.rest is not None]
    if len(known) < 3:
        return None
    return correlation([mark for mark, _ in known], [rest for _, rest in known])


def _options(pile: Sequence[_Answered], known: Mapping[str, bool]) -> tuple[Option, ...]:
    chosen: dict[str, list[float]] = {text: [] for text in known}
    for one in pile:
        if one.given.choice in chosen and one.rest is not None:
            chosen[one.given.choice].append(one.rest)
    return tuple(
        Option(
            text, right, len(chosen[text]), len(chosen[text]) / len(pile), fmean(chosen[text]) if chosen[text] else None
        )
        for text, right in known.items()
    )


def _right(given: Given) -> int:
    return int(given.mark >= 1)


# -- advice ------------------------------------------------------------------------------------------------------------


def _advice(item: Item) -> Iterable[Advice]:
    if item.n < ENOUGH:
        yield Advice("ITEM_TOO_FEW", {"n": item.n, "enough": ENOUGH})
        return
    yield from _about_facility(item)
    yield from _about_discrimination(item)
    yield from _about_options(item)


def _about_facility(item: Item) -> Iterable[Advice]:
    chance = 1 / len(item.options) if item.options else 0.0
    if item.facility_interval.low > EASY - CHANCE_MARGIN and item.facility >= EASY:
        yield Advice("ITEM_EASY", {"percent": _percent(item.facility), "n": item.n})
    if item.facility_interval.high < chance + CHANCE_MARGIN:
        yield Advice("ITEM_HARD", {"percent": _percent(item.facility), "n": item.n, "chance": _percent(chance)})


def _about_discrimination(item: Item) -> Iterable[Advice]:
    if item.discrimination is None or item.discrimination_interval is None:
        return
    shown = {"value": _shown(item.discrimination), "n": item.n, "high": _shown(item.discrimination_interval.high)}
    if item.discrimination_interval.high < 0:
        yield Advice("ITEM_KEY_DOUBTFUL", shown)
    elif item.discrimination_interval.high < WEAK:
        yield Advice("ITEM_TELLS_NOTHING", shown)


def _about_options(item: Item) -> Iterable[Advice]:
    if sum(option.n for option in item.options) < KNOWN * (item.n - item.unanswered):
        return  # what was answered is not what is offered now: nothing can be said of the options
    keys = [option for option in item.options if option.right]
    best = keys[0] if len(keys) == 1 else None
    for option in item.options:
        if option.right:
            continue
        if wilson(option.share, item.n).high < 2 * UNUSED and option.share < UNUSED:
            yield Advice("ITEM_OPTION_UNUSED", {"answer": option.text, "chosen": option.n, "n": item.n})
        if best and _is_stronger(option, best):
            numbers = {
                "rest": _percent(option.rest),
                "key_rest": _percent(best.rest),
                "chosen": option.n,
                "key": best.n,
            }
            yield Advice("ITEM_OPTION_STRONGER", {"answer": option.text, **numbers})


def _is_stronger(option: Option, key: Option) -> bool:
    """Better people chose a wrong option, and not just two or three of them."""
    if option.rest is None or key.rest is None:
        return False
    return option.n >= ENOUGH // 3 and option.rest > key.rest


def _twins(group: str, first: str, second: str, piles: Mapping[tuple[str, str], Sequence[_Answered]]) -> TwinDifference:
    one, other = piles[group, first], piles[group, second]
    facility = {language: fmean(a.given.mark for a in piles[group, language]) for language in (first, second)}
    interval = newcombe(facility[first], len(one), facility[second], len(other))
    gap = _mean_rest(one) - _mean_rest(other)
    difference = facility[first] - facility[second]
    plain = {
        "first": _percent(facility[first]),
        "second": _percent(facility[second]),
        "languages": f"{first}, {second}",
        "low": _percent(interval.low),
        "high": _percent(interval.high),
        "gap": _percent(gap),
    }
    enough = min(len(one), len(other)) >= ENOUGH // 2
    apart = (interval.low > 0 or interval.high < 0) and enough
    advice = (Advice("ITEM_TWINS_DIFFER", plain),) if apart else ()
    return TwinDifference(group, first, second, len(one), len(other), difference, interval, gap, advice)


def _mean_rest(pile: Sequence[_Answered]) -> float:
    known = [one.rest for one in pile if one.rest is not None]
    return fmean(known) if known else 0.0


def _percent(share: float | None) -> int:
    return round(100 * (share or 0.0))


def _shown(value: float) -> Decimal:
    """A coefficient to two places; the reader's language decides how it is written."""
    return Decimal(f"{value:.2f}")
