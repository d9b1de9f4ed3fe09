"""A fingerprint of what a question says, to tell whether Moodle's copy is still ours."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from gift_export.weights import is_mark, nearest_mark
from question_banks.model import (
    MatchQuestion,
    MultichoiceQuestion,
    NumericalQuestion,
    OrderingQuestion,
    Question,
    ShortanswerQuestion,
    TruefalseQuestion,
)


def content_hash(question: Question) -> str:
    """SHA-256 (64 hex digits) of type, name, text, formats, answers, marks and feedback.

    The id, tags, category and the place in a file do not count. Line ends are unified, and a mark within Moodle's
    tolerance counts as the mark Moodle stores, so that a question and its copy in Moodle agree.
    """
    content = [question.qtype, question.name, question.text, question.format, question.generalfeedback]
    plain = json.dumps([content, _particulars(question)], ensure_ascii=False, separators=(",", ":"))
    unified = plain.replace("\\r\\n", "\\n").replace("\\r", "\\n")
    return hashlib.sha256(unified.encode("utf-8", "surrogatepass")).hexdigest()


def _particulars(question: Question) -> Any:
    if isinstance(question, MultichoiceQuestion):
        answers = [(one.text, one.format, _mark(one.fraction), one.feedback) for one in question.answers]
        return [question.single, answers]
    if isinstance(question, ShortanswerQuestion):
        return [(one.text, _mark(one.fraction), one.feedback) for one in question.answers]
    if isinstance(question, NumericalQuestion):
        return [
            (_number(one.answer), _number(one.tolerance), _mark(one.fraction), one.feedback) for one in question.answers
        ]
    if isinstance(question, TruefalseQuestion):
        return [question.correct, question.feedbacktrue, question.feedbackfalse]
    if isinstance(question, MatchQuestion):
        return list(question.pairs)
    if isinstance(question, OrderingQuestion):
        return [*question[3:9], question.items]
    return []


def _mark(fraction: float) -> float:
    return nearest_mark(fraction) if is_mark(fraction) else float(fraction)


def _number(value: float | str | None) -> float | str | None:
    return float(value) if isinstance(value, int | float) else value
