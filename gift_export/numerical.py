"""The answer section of a numerical question: `{#3.14:0.01}`, `{#1..5}`, `{#=5:0#… =%50%5:2 ~#…}`."""

from __future__ import annotations

import re
from math import isfinite
from typing import Final, Literal

from gift_export.answers import CrashError, weight, with_feedback
from gift_export.blocks import Block
from gift_export.grammar import BLANKS
from gift_export.numerals import numeric, numeric_prefix
from gift_export.parts import Parts
from gift_export.pieces import Piece, pieces
from question_banks.model import NumericalAnswer

_EQUALS: Final = re.compile("(=)")


def numerical(block: Block, parts: Parts) -> tuple[NumericalAnswer, ...] | None:
    """The accepted numbers, None where Moodle finds none or a tolerance is no number.

    Raises `CrashError` where Moodle's arithmetic on a range throws.
    """
    body, tilde, otherwise = parts.answer[1:].partition("~")
    at = parts.answer_at + 1
    _lost_zero(block, body, at)
    places = list(pieces(body, at, _EQUALS))
    if not places:
        if not block.noted("E_ZERO_ANSWER"):
            block.note("E_NUM_NO_ANSWER", parts.answer_at)
        return None
    found = [answer for piece in places if (answer := _answer(block, parts, piece)) is not None]
    if len(found) < len(places):
        return None
    _check_marks(block, parts, found, places)
    if tilde:
        found.append(_otherwise(block, parts, otherwise, at + len(body)))
    return tuple(found)


def _lost_zero(block: Block, body: str, at: int) -> None:
    """`{#0}`: PHP's empty("0") is true, so Moodle drops a zero that stands before the first `=`."""
    head = body.partition("=")[0]
    if head.strip(BLANKS) == "0":
        block.note("E_ZERO_ANSWER", at + head.index("0"))


def _answer(block: Block, parts: Parts, piece: Piece) -> NumericalAnswer | None:
    fraction, rest, rest_at = weight(block, piece, 1.0)
    value, feedback = with_feedback(block, rest, parts.format)
    at = rest_at + len(rest) - len(rest.lstrip(BLANKS))
    text = value.text
    if text.find("..") > 0:
        answer, tolerance = _range(block, text, at)
        return NumericalAnswer(answer, tolerance, fraction, feedback)
    number, colon, margin = text.partition(":") if text.find(":") > 0 else (text, "", "0")
    tolerance_or_none = numeric(margin.strip(BLANKS))
    lead = len(margin) - len(margin.lstrip(BLANKS))
    if tolerance_or_none is None:
        block.note("E_NUM_TOLERANCE", at + len(number) + 1 + lead, value=margin.strip(BLANKS)[:40])
        return None
    _check_size(block, margin, at + len(number) + len(colon) + lead, tolerance_or_none)
    if tolerance_or_none < 0:
        block.note("W_NUM_NEG_TOLERANCE", at + len(number) + len(colon), value=margin.strip(BLANKS)[:40])
    return NumericalAnswer(_number(block, number.strip(BLANKS), fraction, at), tolerance_or_none, fraction, feedback)


def _number(block: Block, text: str, fraction: float, at: int) -> float | Literal["*"]:
    """The value, or "*": an assignment in Moodle's condition makes everything that is no number accept ANY answer."""
    value = numeric(text)
    if value is not None:
        _check_size(block, text, at, value)
        return value
    if text == "*":
        if fraction > 0:
            block.note("E_NUM_ANY", at)
    elif not text:
        block.note("E_NUM_NO_ANSWER", at)
    else:
        block.note("E_NUM_NOT_NUMBER", at, value=text[:40])
    return "*"


def _range(block: Block, text: str, at: int) -> tuple[float, float]:
    """Middle and half width of `low..high`, by PHP's arithmetic on texts."""
    low_text, _, high_text = text.partition("..")
    low, high = (numeric_prefix(part.strip(BLANKS)) for part in (low_text, high_text))
    if low is None or high is None:
        block.note("E_NUM_RANGE", at, value=text[:40])
        raise CrashError
    if numeric(low_text.strip(BLANKS)) is None or numeric(high_text.strip(BLANKS)) is None:
        block.note("E_NUM_RANGE", at, value=text[:40])
    middle = (high + low) / 2
    _check_size(block, text, at, middle, high - middle)
    if high < low or high_text.startswith("."):
        block.note("W_NUM_RANGE", at, value=text[:40], low=f"{low:g}", high=f"{high:g}")
    return middle, high - middle


def _check_size(block: Block, text: str, at: int, *values: float) -> None:
    """`1e999`: Moodle stores INF, which no answer equals, or its database refuses what such a range gives."""
    if not all(map(isfinite, values)):
        block.note("E_NUM_HUGE", at, value=text.strip(BLANKS)[:40])


def _check_marks(block: Block, parts: Parts, found: list[NumericalAnswer], places: list[Piece]) -> None:
    if max(answer.fraction for answer in found) < 1 and not block.noted("E_WEIGHT_NOT_ALLOWED"):
        block.note("W_NUM_NO_FULL", parts.open_at)
    first = places[0]
    if not first.marker and len(found) > 1 and any(answer.answer == found[0].answer for answer in found[1:]):
        block.note("W_DUPLICATE_ANSWER", places[1].marker_at, text=str(found[0].answer), first=1)


def _otherwise(block: Block, parts: Parts, text: str, tilde_at: int) -> NumericalAnswer:
    """Everything from the first `~` is the feedback to any other answer; a value there is not used."""
    value, _, feedback = text.partition("#")
    if value.strip(BLANKS):
        block.note("W_NUM_WRONG_VALUE", tilde_at, value=block.mask.decode(value).strip(BLANKS)[:40])
    second = text.find("~")
    if second >= 0:
        block.note("W_NUM_WRONG_VALUE", tilde_at + 1 + second, value="~")
    shown = with_feedback(block, "#" + feedback if "#" in text else "", parts.format)[1]
    return NumericalAnswer("*", None, 0.0, shown)
