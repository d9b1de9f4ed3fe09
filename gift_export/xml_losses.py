"""What a Moodle XML question says and our records, like GIFT, have no place for: a list of losses with their places.

Left out on purpose, as Moodle's own form sets it in every question: `<shownumcorrect>`, whether an attempt is told how
many of its answers were right. It changes no mark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from gift_export.grammar import BLANKS
from gift_export.numerals import numeric
from gift_export.problems import Problem, excerpt, problem
from gift_export.xml_tree import Node
from question_banks.model import Question

# Field and the values that mean what a GIFT import gives as well; anything else would be lost. Where "" is not among
# them, an empty field means nought to Moodle and an absent one its default.
_SIMPLE: Final[Mapping[str, frozenset[str]]] = {
    "usecase": frozenset({"", "0"}),
    "answernumbering": frozenset({"", "abc"}),
    "responseformat": frozenset({"", "editor"}),
    "responserequired": frozenset({"1"}),
    "responsefieldlines": frozenset({"15", "10"}),  # the form's default is 10: as high as its field is, no more
    "maxbytes": frozenset({"", "0"}),
    "minwordlimit": frozenset({"", "0"}),
    "maxwordlimit": frozenset({"", "0"}),
    "attachments": frozenset({"", "0"}),
    "attachmentsrequired": frozenset({"", "0"}),
    "filetypeslist": frozenset({""}),
    "unitgradingtype": frozenset({"", "0"}),
    "showunits": frozenset({"3"}),
    "unitsleft": frozenset({"", "0"}),
    "showstandardinstruction": frozenset({"", "0"}),
}
_TEXTS: Final = (
    "correctfeedback",
    "partiallycorrectfeedback",
    "incorrectfeedback",
    "graderinfo",
    "responsetemplate",
    "instructions",
)
_WHOLE: Final = ("hint", "units", "coursetags", "image", "image_base64")
_PENALTIES: Final[Mapping[str, frozenset[float]]] = {
    "truefalse": frozenset({1.0}),
    "description": frozenset({0.0, 0.3333333}),
    "essay": frozenset({0.0, 0.3333333}),
}


def lost_fields(node: Node, question: Question) -> Iterator[Problem]:
    """A finding for every field that is not kept and says more than its default."""
    for name, defaults in _SIMPLE.items():
        field = node.first(name)
        if field is not None and field.text.strip(BLANKS) not in defaults:
            yield _lost(field, name, field.text)
    for name in _TEXTS:
        text = node.first(name, "text")
        if text is not None and text.text.strip(BLANKS):
            yield _lost(text, name, text.text)
        for file in _files(node, name):
            yield _lost(file, f"{name}/file", file.attributes.get("name", ""))
    for name in _WHOLE:
        for field in node.all(name)[:1]:
            if field.children or field.text.strip(BLANKS):
                yield _lost(field, name, field.text)
    yield from _shuffling(node, question)
    yield from _numbers(node, question)
    yield from _in_answers(node, question)


def _lost(node: Node, name: str, value: str) -> Problem:
    return problem("W_LOST_FIELD", node.line, node.column, text=name, value=excerpt(value))


def _files(node: Node, name: str) -> list[Node]:
    text = node.first(name)
    return [] if text is None else text.all("file")


def _shuffling(node: Node, question: Question) -> Iterator[Problem]:
    """Whether choices are shuffled. Without the field, and where it is empty, Moodle does not (format.php:457).

    Pairs it shuffles without the field (:755), not where it is empty. The words are those of `trans_single()` (:113).
    """
    if question.qtype not in ("multichoice", "match"):
        return
    field = node.first("shuffleanswers")
    if field is None and question.qtype == "multichoice":
        yield _lost(node, "shuffleanswers", "false")
    elif field is not None and field.text.strip(BLANKS) in ("", "0", "false"):
        yield _lost(field, "shuffleanswers", field.text.strip(BLANKS) or "false")


def _numbers(node: Node, question: Question) -> Iterator[Problem]:
    """Mark and penalty; an empty mark is nought. Where the file has no penalty, Moodle's default is a third."""
    grade, penalty = node.first("defaultgrade"), node.first("penalty")
    if question.qtype != "description" and grade is not None and numeric(grade.text.strip(BLANKS) or "0") != 1:
        yield _lost(grade, "defaultgrade", grade.text.strip(BLANKS) or "0")
    allowed = _PENALTIES.get(question.qtype, frozenset({0.3333333}))
    if penalty is None:
        if question.qtype == "truefalse":
            yield _lost(node, "penalty", "0.3333333")
        return
    value = numeric(penalty.text.strip(BLANKS))
    if value is None or all(abs(value - one) >= 0.005 for one in allowed):
        yield _lost(penalty, "penalty", penalty.text)


def _in_answers(node: Node, question: Question) -> Iterator[Problem]:
    """Formats of plain answers do not count; feedback to an item of an ordering question does."""
    if question.qtype == "ordering":
        for answer in node.all("answer"):
            text = answer.first("feedback", "text")
            if text is not None and text.text.strip(BLANKS):
                yield _lost(text, "answer/feedback", text.text)
            written = answer.attributes.get("format", "moodle_auto_format")
            if written not in ("moodle_auto_format", "html"):
                yield _lost(answer, "answer/format", written)
