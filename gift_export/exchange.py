"""Questions as plain JSON values and back: the shape other programs read (`kyzmat gift parse --json`).

A question is an object with `qtype`, `name`, `text`, `format`, `generalfeedback` {text, format}, `idnumber`, `tags`,
`lines`, and by type: `single`, `answers` [{text, format, fraction, feedback}] · `correct`, `feedbacktrue`,
`feedbackfalse` · `pairs` [{text, format, answer}] · `answers` [{answer, tolerance, fraction, feedback}] · `layouttype`,
`selecttype`, `selectcount`, `gradingtype`, `showgrading`, `numberingstyle`, `items`. A category switch is
{`qtype`: "category", `path`, `names`, `lines`}.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from gift_export.names import category_names
from question_banks.model import (
    NO_LINES,
    TEXT_FORMATS,
    Answer,
    CategorySwitch,
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
    TextFormat,
    TruefalseQuestion,
)

Json: TypeAlias = dict[str, Any]
_BATCH: Final = 1000
_ORDERING: Final = ("layouttype", "selecttype", "selectcount", "gradingtype", "showgrading", "numberingstyle")


class ShapeError(ValueError):
    """The JSON is not in the shape of a question; `where` is a path such as `questions[3].answers[0].fraction`."""

    def __init__(self, where: str, expected: str) -> None:
        super().__init__(f"{where}: {expected}")
        self.where = where
        self.expected = expected


def to_json(item: Question | CategorySwitch) -> Json:
    """The plain form of a question or category switch."""
    if isinstance(item, CategorySwitch):
        names = list(category_names(item.path))
        return {"qtype": "category", "path": item.path, "names": names, "lines": list(item.lines)}
    plain = _head(item)
    plain.update(_particulars(item))
    plain["lines"] = list(item.lines)
    return plain


def _head(item: Question) -> Json:
    return {
        "qtype": item.qtype,
        "name": item.name,
        "text": item.text,
        "format": item.format,
        "generalfeedback": item.generalfeedback._asdict(),
        "idnumber": item.idnumber,
        "tags": list(item.tags),
    }


def _particulars(item: Question) -> Json:
    if isinstance(item, MultichoiceQuestion):
        return {"single": item.single, "answers": [_answer(answer) for answer in item.answers]}
    if isinstance(item, TruefalseQuestion):
        return {
            "correct": item.correct,
            "feedbacktrue": item.feedbacktrue._asdict(),
            "feedbackfalse": item.feedbackfalse._asdict(),
        }
    if isinstance(item, ShortanswerQuestion | NumericalQuestion):
        return {"answers": [_answer(answer) for answer in item.answers]}
    if isinstance(item, MatchQuestion):
        return {"pairs": [pair._asdict() for pair in item.pairs]}
    if isinstance(item, OrderingQuestion):
        return {name: getattr(item, name) for name in _ORDERING} | {"items": list(item.items)}
    return {}


def _answer(answer: Answer | ShortAnswer | NumericalAnswer) -> Json:
    plain = answer._asdict()
    plain["fraction"] = _shortest(answer.fraction)
    plain["feedback"] = answer.feedback._asdict()
    return plain


def _shortest(number: float) -> float:
    """A whole number without ".0": JSON knows one kind of number, and a million of them are read sooner."""
    return int(number) if number.is_integer() else number


def _compact(plain: Json) -> str:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def json_chunks(item: Question | CategorySwitch) -> Iterator[str]:
    """`to_json()` as text in pieces: a question of a million answers is written without building it twice."""
    many = getattr(item, "answers", None) or getattr(item, "pairs", None)
    if many is None or len(many) < _BATCH or isinstance(item, CategorySwitch):
        yield _compact(to_json(item))
        return
    field = "answers" if hasattr(item, "answers") else "pairs"
    bare: Any = item
    bare = bare._replace(**{field: ()})
    before, after = _compact(to_json(bare)).rsplit(f'"{field}":[]', 1)
    yield f'{before}"{field}":['
    known: dict[object, str] = {}
    batch: list[str] = []
    separator = ""
    for entry in many:
        text = known.get(entry)
        if text is None:
            plain = entry._asdict() if isinstance(entry, MatchPair) else _answer(entry)
            text = _compact(plain)
            if len(known) < _BATCH:
                known[entry] = text
        batch.append(text)
        if len(batch) == _BATCH:
            yield separator + ",".join(batch)
            separator = ","
            batch.clear()
    yield (separator if batch else "") + ",".join(batch) + "]" + after


def from_json(plain: Any, where: str = "question", category: str = "") -> Question | CategorySwitch:
    """The record of a plain form. Raises `ShapeError` with the place of what does not fit."""
    fields = _object(plain, where)
    qtype = fields.get("qtype")
    if qtype == "category":
        return CategorySwitch(_text(fields, "path", where), _lines(fields))
    builder = _BUILDERS.get(str(qtype))
    if builder is None:
        raise ShapeError(f"{where}.qtype", f"one of {', '.join(sorted(_BUILDERS))}")
    text_format = _format(fields, where)
    common: Json = {
        "name": _text(fields, "name", where),
        "text": _text(fields, "text", where),
        "format": text_format,
        "generalfeedback": _formatted(fields, "generalfeedback", where, text_format),
        "idnumber": _text(fields, "idnumber", where, ""),
        "tags": tuple(_texts(fields, "tags", where)),
        "category": category,
        "lines": _lines(fields),
    }
    return builder(fields, where, common)


def questions_from_json(document: Any) -> list[Question | CategorySwitch]:
    """The records of `{"questions": […]}`; each question gets the category in force before it."""
    entries = _list(_object(document, "document"), "questions", "document")
    found: list[Question | CategorySwitch] = []
    category = ""
    for at, entry in enumerate(entries):
        item = from_json(entry, f"questions[{at}]", category)
        if isinstance(item, CategorySwitch):
            category = item.path
        found.append(item)
    return found


def _multichoice(fields: Json, where: str, common: Json) -> Question:
    answers = tuple(
        Answer(
            _text(entry, "text", place),
            _number(entry, "fraction", place),
            _formatted(entry, "feedback", place, common["format"]),
            _format(entry, place, common["format"]),
        )
        for entry, place in _objects(fields, "answers", where)
    )
    return MultichoiceQuestion(answers=answers, single=_boolean(fields, "single", where), **common)


def _truefalse(fields: Json, where: str, common: Json) -> Question:
    return TruefalseQuestion(
        correct=_boolean(fields, "correct", where),
        feedbacktrue=_formatted(fields, "feedbacktrue", where, common["format"]),
        feedbackfalse=_formatted(fields, "feedbackfalse", where, common["format"]),
        **common,
    )


def _shortanswer(fields: Json, where: str, common: Json) -> Question:
    answers = tuple(
        ShortAnswer(
            _text(entry, "text", place),
            _number(entry, "fraction", place),
            _formatted(entry, "feedback", place, common["format"]),
        )
        for entry, place in _objects(fields, "answers", where)
    )
    return ShortanswerQuestion(answers=answers, **common)


def _match(fields: Json, where: str, common: Json) -> Question:
    pairs = tuple(
        MatchPair(_text(entry, "text", place), _text(entry, "answer", place), _format(entry, place, common["format"]))
        for entry, place in _objects(fields, "pairs", where)
    )
    return MatchQuestion(pairs=pairs, **common)


def _numerical(fields: Json, where: str, common: Json) -> Question:
    answers = tuple(
        NumericalAnswer(
            "*" if entry.get("answer") == "*" else _number(entry, "answer", place),
            None if entry.get("tolerance") is None else _number(entry, "tolerance", place),
            _number(entry, "fraction", place),
            _formatted(entry, "feedback", place, common["format"]),
        )
        for entry, place in _objects(fields, "answers", where)
    )
    return NumericalQuestion(answers=answers, **common)


def _ordering(fields: Json, where: str, common: Json) -> Question:
    options: Json = {}
    for name in _ORDERING:
        if name in fields:
            options[name] = fields[name] if name == "numberingstyle" else int(_number(fields, name, where))
    return OrderingQuestion(items=tuple(_texts(fields, "items", where)), **options, **common)


_BUILDERS: Final[Mapping[str, Callable[[Json, str, Json], Question]]] = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "shortanswer": _shortanswer,
    "match": _match,
    "numerical": _numerical,
    "ordering": _ordering,
    "essay": lambda _fields, _where, common: EssayQuestion(**common),
    "description": lambda _fields, _where, common: DescriptionQuestion(**common),
}


def _object(value: Any, where: str) -> Json:
    if not isinstance(value, dict):
        raise ShapeError(where, "an object")
    return value


def _list(fields: Json, name: str, where: str) -> Sequence[Any]:
    value = fields.get(name)
    if not isinstance(value, list):
        raise ShapeError(f"{where}.{name}", "a list")
    return value


def _objects(fields: Json, name: str, where: str) -> Iterator[tuple[Json, str]]:
    for at, entry in enumerate(_list(fields, name, where)):
        place = f"{where}.{name}[{at}]"
        yield _object(entry, place), place


def _texts(fields: Json, name: str, where: str) -> Iterator[str]:
    for at, entry in enumerate(_list(fields, name, where) if name in fields else ()):
        if not isinstance(entry, str):
            raise ShapeError(f"{where}.{name}[{at}]", "a text")
        yield entry


def _text(fields: Json, name: str, where: str, default: str | None = None) -> str:
    value = fields.get(name, default)
    if not isinstance(value, str):
        raise ShapeError(f"{where}.{name}", "a text")
    return value


def _number(fields: Json, name: str, where: str) -> float:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ShapeError(f"{where}.{name}", "a number")
    return float(value)


def _boolean(fields: Json, name: str, where: str) -> bool:
    value = fields.get(name)
    if not isinstance(value, bool):
        raise ShapeError(f"{where}.{name}", "true or false")
    return value


def _format(fields: Json, where: str, default: TextFormat = "moodle") -> TextFormat:
    value = fields.get("format", default)
    if value not in TEXT_FORMATS:
        raise ShapeError(f"{where}.format", f"one of {', '.join(TEXT_FORMATS)}")
    return value  # type: ignore[no-any-return]  # checked against the very values of the type


def _formatted(fields: Json, name: str, where: str, default: TextFormat) -> FormattedText:
    value = fields.get(name)
    if value is None:
        return FormattedText("", default)
    entry = _object(value, f"{where}.{name}")
    return FormattedText(_text(entry, "text", f"{where}.{name}"), _format(entry, f"{where}.{name}", default))


def _lines(fields: Json) -> tuple[int, int]:
    value = fields.get("lines")
    if isinstance(value, list) and len(value) == 2 and all(isinstance(number, int) for number in value):
        return value[0], value[1]
    return NO_LINES
