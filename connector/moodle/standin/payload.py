"""A question as it is kept in the stand-in's file: JSON of the record of `question_banks.model`, and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from question_banks.model import (
    Answer,
    DescriptionQuestion,
    EssayQuestion,
    FormattedText,
    MatchPair,
    MatchQuestion,
    MultichoiceQuestion,
    NumericalAnswer,
    NumericalQuestion,
    OrderingQuestion,
    Question,
    ShortAnswer,
    ShortanswerQuestion,
    TruefalseQuestion,
)

_RECORDS: dict[str, Callable[..., Question]] = {
    "multichoice": MultichoiceQuestion,
    "truefalse": TruefalseQuestion,
    "shortanswer": ShortanswerQuestion,
    "match": MatchQuestion,
    "numerical": NumericalQuestion,
    "essay": EssayQuestion,
    "description": DescriptionQuestion,
    "ordering": OrderingQuestion,
}
_ANSWERS: dict[str, Callable[..., Any]] = {
    "multichoice": Answer,
    "shortanswer": ShortAnswer,
    "numerical": NumericalAnswer,
}
_FORMATTED = ("generalfeedback", "feedbacktrue", "feedbackfalse")


def pack(question: Question) -> str:
    """The record as JSON text; equal records give equal texts. The place in the file it came from is left out."""
    return json.dumps(_plain(question._replace(lines=(0, 0))), ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        return {name: _plain(part) for name, part in value._asdict().items()}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value


@lru_cache(maxsize=1024)
def unpack(text: str) -> Question:
    """The record of a packed question. Records are immutable, so one serves every attempt."""
    fields: dict[str, Any] = json.loads(text)
    qtype = fields["qtype"]
    for name in _FORMATTED:
        if name in fields:
            fields[name] = FormattedText(**fields[name])
    if qtype in _ANSWERS:
        fields["answers"] = tuple(_answer(_ANSWERS[qtype], answer) for answer in fields["answers"])
    if "pairs" in fields:
        fields["pairs"] = tuple(MatchPair(**pair) for pair in fields["pairs"])
    for name in ("tags", "lines", "items"):
        if name in fields:
            fields[name] = tuple(fields[name])
    return _RECORDS[qtype](**fields)


def _answer(record: Callable[..., Any], fields: dict[str, Any]) -> Any:
    return record(**{**fields, "feedback": FormattedText(**fields["feedback"])})
