"""Reading one question from Moodle XML, the other spelling `import_questions` takes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
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
    Question,
    ShortAnswer,
    ShortanswerQuestion,
    TextFormat,
    TruefalseQuestion,
)

_FORMATS: dict[str, TextFormat] = {
    "html": "html",
    "plain_text": "plain",
    "markdown": "markdown",
    "moodle_auto_format": "moodle",
}


class XmlError(Exception):
    """Not a question that can be read; the text says why."""


def read_xml(source: str) -> list[Question]:
    """The questions of a `<quiz>`, or one bare `<question>`. Categories are passed over. Raises `XmlError`."""
    if "<!DOCTYPE" in source or "<!ENTITY" in source:
        raise XmlError("a document type is not read")  # no entities, so nothing can be blown up or fetched
    try:
        root = ET.fromstring(source)  # noqa: S314 - without a document type there is nothing to expand
    except ET.ParseError as error:
        raise XmlError(str(error)) from error
    elements = [root] if root.tag == "question" else root.findall("question")
    return [_question(element) for element in elements if element.get("type") != "category"]


def _question(element: ET.Element) -> Question:
    qtype = element.get("type", "")
    read = _READERS.get(qtype)
    if read is None:
        raise XmlError(f"question type {qtype}")
    text = _text(element, "questiontext")
    common: dict[str, Any] = {
        "name": _words(element, "name/text"),
        "text": text.text,
        "format": text.format,
        "generalfeedback": _text(element, "generalfeedback"),
        "idnumber": _words(element, "idnumber"),
        "tags": tuple(tag.text or "" for tag in element.findall("tags/tag/text")),
    }
    try:
        return read(element, common)
    except ValueError as error:
        raise XmlError(str(error)) from error


def _words(element: ET.Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _text(element: ET.Element, path: str) -> FormattedText:
    found = element.find(path)
    return FormattedText("", "moodle") if found is None else _formatted(found)


def _formatted(element: ET.Element) -> FormattedText:
    return FormattedText(element.findtext("text") or "", _FORMATS.get(element.get("format", ""), "moodle"))


def _fraction(element: ET.Element) -> float:
    return float(element.get("fraction", "0")) / 100


def _multichoice(element: ET.Element, common: dict[str, Any]) -> Question:
    answers = []
    for answer in element.findall("answer"):
        text = _formatted(answer)
        answers.append(Answer(text.text, _fraction(answer), _text(answer, "feedback"), text.format))
    return MultichoiceQuestion(answers=tuple(answers), single=_words(element, "single") not in ("false", "0"), **common)


def _truefalse(element: ET.Element, common: dict[str, Any]) -> Question:
    answers = {_words(answer, "text"): answer for answer in element.findall("answer")}
    if set(answers) != {"true", "false"}:
        raise XmlError("a true/false question has the answers true and false")
    return TruefalseQuestion(
        correct=_fraction(answers["true"]) > 0,
        feedbacktrue=_text(answers["true"], "feedback"),
        feedbackfalse=_text(answers["false"], "feedback"),
        **common,
    )


def _shortanswer(element: ET.Element, common: dict[str, Any]) -> Question:
    answers = tuple(
        ShortAnswer(answer.findtext("text") or "", _fraction(answer), _text(answer, "feedback"))
        for answer in element.findall("answer")
    )
    return ShortanswerQuestion(answers=answers, **common)


def _numerical(element: ET.Element, common: dict[str, Any]) -> Question:
    return NumericalQuestion(answers=tuple(_number(answer) for answer in element.findall("answer")), **common)


def _number(answer: ET.Element) -> NumericalAnswer:
    value, feedback = _words(answer, "text"), _text(answer, "feedback")
    if value == "*":
        return NumericalAnswer("*", None, _fraction(answer), feedback)
    return NumericalAnswer(float(value), float(_words(answer, "tolerance") or "0"), _fraction(answer), feedback)


def _match(element: ET.Element, common: dict[str, Any]) -> Question:
    pairs = []
    for sub in element.findall("subquestion"):
        text = _formatted(sub)
        pairs.append(MatchPair(text.text, _words(sub, "answer/text"), text.format))
    return MatchQuestion(pairs=tuple(pairs), **common)


_READERS: dict[str, Callable[[ET.Element, dict[str, Any]], Question]] = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "shortanswer": _shortanswer,
    "numerical": _numerical,
    "match": _match,
    "matching": _match,
    "essay": lambda _, common: EssayQuestion(**common),
    "description": lambda _, common: DescriptionQuestion(**common),
}
