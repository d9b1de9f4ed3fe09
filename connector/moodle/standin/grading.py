"""What an answer is worth: Moodle's rules for deferred feedback, type by type.

Fractions have seven decimals and marks are fraction x maximum, as in Moodle's tables; no binary floating point takes
part, so that the same answers always give the same mark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import assert_never

from connector.moodle.standin.richtext import as_words
from question_banks.model import (
    Answer,
    DescriptionQuestion,
    EssayQuestion,
    MatchQuestion,
    MultichoiceQuestion,
    NumericalQuestion,
    OrderingQuestion,
    Question,
    ShortanswerQuestion,
    TruefalseQuestion,
)

FRACTION_PLACES = Decimal("0.0000001")
SUM_PLACES = Decimal("0.00001")
ONE, NIL = Decimal(1), Decimal(0)
_RIGHT, _WRONG = Decimal("0.999999"), Decimal("0.000001")

Response = Mapping[str, str]
"""Field name without prefix ("answer", "choice0", "sub1") -> value as the form sent it."""


@dataclass(frozen=True, slots=True)
class Grade:
    """`fraction` None = nothing to mark (no answer) or nothing marked yet (essay)."""

    state: str
    fraction: Decimal | None


def decimal_fraction(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(FRACTION_PLACES, ROUND_HALF_UP)


def state_of(fraction: Decimal) -> str:
    if fraction < _WRONG:
        return "gradedwrong"
    return "gradedright" if fraction > _RIGHT else "gradedpartial"


def mark_of(fraction: Decimal, maxmark: Decimal) -> Decimal:
    return (fraction * maxmark).quantize(FRACTION_PLACES, ROUND_HALF_UP)


def sum_of(marks: Sequence[Decimal]) -> Decimal:
    return sum(marks, NIL).quantize(SUM_PLACES, ROUND_HALF_UP)


# ------------------------------------------------------------------------------------------- order and completeness


def choices_of(question: MatchQuestion) -> tuple[str, ...]:
    """The different right-hand sides, in the order they were written."""
    return tuple(dict.fromkeys(pair.answer for pair in question.pairs))


def stems_of(question: MatchQuestion) -> tuple[int, ...]:
    """Places of the pairs that ask something; the others only add a wrong choice."""
    return tuple(place for place, pair in enumerate(question.pairs) if pair.text.strip())


def option_count(question: Question) -> int:
    """How many answers or choices are shown in an order of their own."""
    if isinstance(question, MultichoiceQuestion):
        return len(question.answers)
    return len(choices_of(question)) if isinstance(question, MatchQuestion) else 0


def chosen_options(question: MultichoiceQuestion, order: Sequence[int], response: Response) -> list[int]:
    """Places (in the question) of the chosen answers; the form names them by their place in the shuffled order."""
    if question.single:
        value = response.get("answer", "")
        return [order[int(value)]] if value.isdecimal() and int(value) < len(order) else []
    return [place for shown, place in enumerate(order) if response.get(f"choice{shown}", "0") not in ("", "0")]


def chosen_pairs(question: MatchQuestion, order: Sequence[int], response: Response) -> dict[int, str]:
    """Pair -> choice. The form sends 1..n along the shuffled choices, 0 = none."""
    choices = choices_of(question)
    chosen = {}
    for shown, pair in enumerate(stems_of(question)):
        value = response.get(f"sub{shown}", "0")
        if value.isdecimal() and 1 <= int(value) <= len(order):
            chosen[pair] = choices[order[int(value) - 1]]
    return chosen


def is_complete(question: Question, order: Sequence[int], response: Response) -> bool:
    if isinstance(question, MultichoiceQuestion):
        if question.single:
            return response.get("answer", "") not in ("", "-1")
        return bool(chosen_options(question, order, response))
    if isinstance(question, MatchQuestion):
        return len(chosen_pairs(question, order, response)) == len(stems_of(question))
    if isinstance(question, NumericalQuestion):
        return typed_number(response.get("answer", "")) is not None
    return response.get("answer", "").strip() != ""


def is_gradable(question: Question, order: Sequence[int], response: Response) -> bool:
    """Whether there is anything to mark; a half-filled match is marked, an empty answer is given up."""
    if isinstance(question, MatchQuestion):
        return bool(chosen_pairs(question, order, response))
    return is_complete(question, order, response)


def is_same(question: Question, response: Response, before: Response) -> bool:
    """Whether nothing was changed; a blank field is the same as one that was not sent."""
    return _filled(question, response) == _filled(question, before)


def _filled(question: Question, response: Response) -> dict[str, str]:
    several = isinstance(question, MatchQuestion) or (isinstance(question, MultichoiceQuestion) and not question.single)
    blank = ("", "-1", "0") if several else ("", "-1")
    return {name: value for name, value in response.items() if value not in blank and name != "answerformat"}


# --------------------------------------------------------------------------------------------------------- marking


def grade(question: Question, order: Sequence[int], response: Response) -> Grade:
    """The state and fraction of a finished question."""
    if isinstance(question, DescriptionQuestion):
        return Grade("finished", None)
    if not is_gradable(question, order, response):
        return Grade("gaveup", None)
    if isinstance(question, EssayQuestion):
        return Grade("needsgrading", None)
    fraction = _fraction(question, order, response)
    return Grade(state_of(fraction), fraction)


def _fraction(question: Question, order: Sequence[int], response: Response) -> Decimal:
    if isinstance(question, MultichoiceQuestion):
        return _multichoice(question, chosen_options(question, order, response))
    if isinstance(question, TruefalseQuestion):
        return ONE if (response["answer"] == "1") == question.correct else NIL
    if isinstance(question, ShortanswerQuestion):
        return _shortanswer(question, response["answer"])
    if isinstance(question, NumericalQuestion):
        return _numerical(question, response["answer"])
    if isinstance(question, MatchQuestion):
        return _match(question, chosen_pairs(question, order, response))
    if isinstance(question, EssayQuestion | DescriptionQuestion | OrderingQuestion):
        raise TypeError(f"{question.qtype} is not marked by rule")
    assert_never(question)


def _multichoice(question: MultichoiceQuestion, chosen: Sequence[int]) -> Decimal:
    total = sum((decimal_fraction(question.answers[place].fraction) for place in chosen), NIL)
    if question.single:
        return total
    return min(max(total, NIL), ONE)


def _shortanswer(question: ShortanswerQuestion, typed: str) -> Decimal:
    for answer in question.answers:
        if fits_pattern(typed, answer.text):
            return decimal_fraction(answer.fraction)
    return NIL


def fits_pattern(typed: str, pattern: str) -> bool:
    r"""Moodle's comparison: case and outer blanks do not count, `*` stands for anything, `\*` for a star."""
    parts = re.split(r"(?<!\\)\*", pattern.strip())
    expression = ".*".join(re.escape(part.replace("\\*", "*")) for part in parts)
    return re.fullmatch(expression, typed.strip(), re.IGNORECASE | re.DOTALL) is not None


_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


def typed_number(typed: str) -> Decimal | None:
    """The number a person typed; a decimal comma is what ky, ru and kk write."""
    text = re.sub(r"\s", "", typed).replace(",", ".")
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _numerical(question: NumericalQuestion, typed: str) -> Decimal:
    number = typed_number(typed)
    if number is None:
        return NIL
    for answer in question.answers:
        if answer.answer == "*" or _within(number, answer.answer, answer.tolerance or 0):
            return decimal_fraction(answer.fraction)
    return NIL


def _within(number: Decimal, answer: float, tolerance: float) -> bool:
    return abs(number - Decimal(repr(answer))) <= Decimal(repr(float(tolerance)))


def _match(question: MatchQuestion, chosen: Mapping[int, str]) -> Decimal:
    right = sum(1 for pair, choice in chosen.items() if question.pairs[pair].answer == choice)
    return (Decimal(right) / len(stems_of(question))).quantize(FRACTION_PLACES, ROUND_HALF_UP)


# --------------------------------------------------------------------------------------------------------- in words


def response_summary(question: Question, order: Sequence[int], response: Response) -> str:
    """The answer in words, "" for none, as reports and `get_results` show it."""
    if not is_gradable(question, order, response):
        return ""
    if isinstance(question, MultichoiceQuestion):
        chosen = chosen_options(question, order, response)
        return "; ".join(as_words(question.answers[place].text, question.answers[place].format) for place in chosen)
    if isinstance(question, TruefalseQuestion):
        return "True" if response["answer"] == "1" else "False"
    if isinstance(question, MatchQuestion):
        return _pairs_in_words(question, chosen_pairs(question, order, response))
    return response["answer"].strip()


def right_answer(question: Question) -> str:
    """The best answer in words; "" where there is none (essay)."""
    if isinstance(question, MultichoiceQuestion):
        return "; ".join(as_words(answer.text, answer.format) for answer in _best(question))
    if isinstance(question, TruefalseQuestion):
        return "True" if question.correct else "False"
    if isinstance(question, ShortanswerQuestion | NumericalQuestion):
        return _best_typed(question)
    if isinstance(question, MatchQuestion):
        return _pairs_in_words(question, {place: question.pairs[place].answer for place in stems_of(question)})
    return ""


def _best(question: MultichoiceQuestion) -> list[Answer]:
    if not question.single:
        return [answer for answer in question.answers if answer.fraction > 0]
    return [answer for answer in question.answers if decimal_fraction(answer.fraction) >= ONE][:1]


def _best_typed(question: ShortanswerQuestion | NumericalQuestion) -> str:
    if isinstance(question, ShortanswerQuestion):
        return max(question.answers, key=lambda answer: answer.fraction).text
    best = max(question.answers, key=lambda answer: answer.fraction)
    return best.answer if isinstance(best.answer, str) else f"{best.answer:.15g}"


def _pairs_in_words(question: MatchQuestion, chosen: Mapping[int, str]) -> str:
    return "; ".join(
        f"{as_words(question.pairs[place].text, question.pairs[place].format)} -> {choice}"
        for place, choice in chosen.items()
    )
