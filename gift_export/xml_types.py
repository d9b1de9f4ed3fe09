"""The types of question of Moodle XML: each makes a record of an element's fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isinf
from typing import Any, Final

from gift_export.grammar import BLANKS
from gift_export.numerals import numeric
from gift_export.ordering import xml_options
from gift_export.problems import excerpt
from gift_export.xml_element import BrokenError, Element
from gift_export.xml_tree import Node
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
    TextFormat,
    TruefalseQuestion,
)


def _multichoice(element: Element, common: dict[str, Any]) -> Question:
    default = common["format"]
    answers = []
    for node, field in element.answers():
        text = element.formatted(node, field, default)
        feedback = element.feedback(node, field, default)
        answers.append(Answer(text.text, element.fraction(node), feedback, text.format))
    single = element.option("single", "true") not in ("false", "", "0")
    return MultichoiceQuestion(answers=tuple(answers), single=single, **common)


def _truefalse(element: Element, common: dict[str, Any]) -> Question:
    """By the words true and false; in old files of other languages the first answer is "true".

    Both must be there: Moodle stores the feedback of both (type/truefalse/questiontype.php:78).
    """
    default = common["format"]
    correct: bool | None = None
    said = {word: FormattedText("", default) for word in ("true", "false")}
    given: set[str] = set()
    for at, (node, field) in enumerate(element.answers()):
        word = element.text_of(node)
        if word not in said:
            element.note("W_XML_TRUEFALSE", node, text=excerpt(word))
            word = "false" if at else "true"
        full = element.fraction(node) == 1
        correct = full if word == "true" else not full
        said[word] = element.feedback(node, field, default)
        given.add(word)
    for word in [one for one in said if one not in given]:
        element.note("E_XML_MISSING", element.node, text=f"answer: {word}")
    return TruefalseQuestion(correct=bool(correct), feedbacktrue=said["true"], feedbackfalse=said["false"], **common)


def _shortanswer(element: Element, common: dict[str, Any]) -> Question:
    answers = tuple(
        ShortAnswer(element.text_of(node), element.fraction(node), element.feedback(node, field, common["format"]))
        for node, field in element.answers()
    )
    return ShortanswerQuestion(answers=answers, **common)


def _numerical(element: Element, common: dict[str, Any]) -> Question:
    found = [(node, field) for node, field in element.answers() if not _passed_over(element, node)]
    if not found:
        element.note("E_XML_MISSING", element.node, text="answer/text")
        raise BrokenError
    answers = tuple(
        _number(element, node, field, common["format"], last=0 < at == len(found) - 1)
        for at, (node, field) in enumerate(found)
    )
    return NumericalQuestion(answers=answers, **common)


def _passed_over(element: Element, node: Node) -> bool:
    """Moodle does not store an answer without a number, a mark and a feedback (type/questiontypebase.php)."""
    return not (element.text_of(node) or element.text_of(node.first("feedback")) or element.number_mark(node))


def _number(element: Element, node: Node, field: str, default: TextFormat, *, last: bool) -> NumericalAnswer:
    written = element.text_of(node)
    if not written:
        # The number has to stand in a <text>; what stands beside it, Moodle takes for no number, and breaks off.
        element.note("E_XML_MISSING", node, text="answer/text")
        raise BrokenError
    fraction, feedback = element.number_mark(node), element.feedback(node, field, default)
    margin_node = node.first("tolerance")
    margin = "" if margin_node is None else element.plain(margin_node)
    value, tolerance = numeric(written), numeric(margin or "0")
    if (value is None and written != "*") or tolerance is None:
        wrong, spelled = ("answer", written) if tolerance is not None else ("tolerance", margin)
        element.note("E_XML_NUMBER", node, text=wrong, value=spelled[:40])
        raise BrokenError
    for number, spelled in ((value, written), (tolerance, margin)):
        if number is not None and isinf(number):
            element.note("E_NUM_HUGE", node, value=spelled[:40])
            raise BrokenError
    # What GIFT writes as `~#…`, Moodle exports as a last `*` worth nothing.
    if value is None and not fraction and not tolerance and last:
        return NumericalAnswer("*", None, 0.0, feedback)
    return NumericalAnswer("*" if value is None else value, tolerance, fraction, feedback)


def _match(element: Element, common: dict[str, Any]) -> Question:
    found = element.node.all("subquestion")
    if not found:
        element.note("E_XML_MISSING", element.node, text="subquestion")
        raise BrokenError
    pairs = []
    for at, node in enumerate(found):
        text = element.formatted(node, f"subquestion[{at}]", common["format"])
        pairs.append(MatchPair(text.text, element.text_of(node.first("answer")), text.format))
    return MatchQuestion(pairs=tuple(pairs), **common)


def _ordering(element: Element, common: dict[str, Any]) -> Question:
    items = tuple(element.formatted(node, field, common["format"]).text for node, field in element.answers())
    return OrderingQuestion(items=items, **xml_options(_ordering_option(element)), **common)


def _ordering_option(element: Element) -> Callable[[str, str], str]:
    """The options of an ordering question (`import_from_xml()` and `set_options_for_import()` of the type).

    How many items are shown stands in fields that once had other names: `<selecttype>` decides which pair of names
    counts. Words are compared with their blanks. A count is any number (`intval("3.0")` is 3), what is none is nought.
    """
    modern = element.node.first("selecttype") is not None

    def option(name: str, default: str) -> str:
        node = element.node.first(name)
        if node is None or (name in _MODERN and not modern) or (name in _FORMER and modern):
            return default
        written = node.text if node.text.strip(BLANKS) else ""
        if name not in _COUNTS:
            return written
        count = numeric(written)
        return "0" if count is None or isinf(count) else str(int(count))

    return option


_MODERN: Final = ("selecttype", "selectcount")
_FORMER: Final = ("logical", "studentsee")
_COUNTS: Final = (_MODERN[1], _FORMER[1])

BUILDERS: Final[Mapping[str, Callable[[Element, dict[str, Any]], Question]]] = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "shortanswer": _shortanswer,
    "numerical": _numerical,
    "match": _match,
    "matching": _match,
    "essay": lambda _element, common: EssayQuestion(**common),
    "description": lambda _element, common: DescriptionQuestion(**common),
    "ordering": _ordering,
}
