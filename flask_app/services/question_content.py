"""What a question says, line by line: of the panel's own, or of Moodle's XML; and two of them beside each other.

For reading and comparing by people. Whether two questions are the same is decided by their hashes, never here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from lxml import etree

from flask_app.domain.errors import InvalidInput, NotUnderstood
from flask_app.services.bank_preview import exact, percent
from flask_app.services.word_diff import Piece, compare, whole
from gift_export.reader import read
from question_banks.model import (
    FormattedText,
    MatchQuestion,
    MultichoiceQuestion,
    NumericalQuestion,
    OrderingQuestion,
    Question,
    ShortanswerQuestion,
    TruefalseQuestion,
)

LineKind = Literal["text", "answer", "accepted", "pair", "item", "general"]
KINDS: Final[tuple[LineKind, ...]] = ("text", "answer", "accepted", "pair", "item", "general")
KEYS: Final[frozenset[LineKind]] = frozenset({"accepted", "pair", "general"})
"""Lines that are nothing but key: left out for whoever may not see right answers."""

KEY_IN_TEXT: Final = frozenset({"multianswer", "cloze"})
"""Moodle's types whose answers stand inside the text."""

_TRUTH: Final = {"true": "T", "false": "F"}
_XML_LIMIT: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `share`: percent of the mark an answer is worth; None where it has none or may not be seen."""

    kind: LineKind
    text: str
    share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """A line of two versions. `old_share` and `share` differ where the mark changed."""

    kind: LineKind
    pieces: tuple[Piece, ...]
    old_share: Decimal | None
    share: Decimal | None

    @property
    def changed(self) -> bool:
        return self.old_share != self.share or any(piece.kind != "same" for piece in self.pieces)


@lru_cache(maxsize=2048)
def read_one(source: str) -> Question:
    """The one question of a GIFT text the panel keeps. Raises `InvalidInput("bank.damaged")`.

    Pages read the same few hundred questions again and again, and a question never changes once it is read.
    """
    questions = read(source).questions
    if len(questions) != 1:
        raise InvalidInput("bank.damaged", bank=source[:40])
    return questions[0]


def first_question(source: object) -> Question | None:
    """The question that a text under work begins with; None where it cannot be read."""
    questions = read(str(source or "")).questions
    return questions[0] if questions else None


def lines_of(question: Question, *, with_key: bool) -> tuple[Line, ...]:
    """What the question says. Without the key: no marks, no pairs, no feedback, and items by the alphabet."""
    lines = (Line("text", question.text), *_answers(question), *_general(question.generalfeedback))
    return lines if with_key else _without_key(lines)


def _without_key(lines: Sequence[Line]) -> tuple[Line, ...]:
    shown = [Line(line.kind, line.text) for line in lines if line.kind not in KEYS and line.kind != "item"]
    items = sorted((Line("item", line.text) for line in lines if line.kind == "item"), key=lambda line: line.text)
    return (*shown, *items)


def _general(feedback: FormattedText) -> Iterator[Line]:
    if feedback.text:
        yield Line("general", feedback.text)


def _answers(question: Question) -> Iterator[Line]:
    if isinstance(question, MultichoiceQuestion):
        yield from (Line("answer", answer.text, percent(answer.fraction)) for answer in question.answers)
    elif isinstance(question, ShortanswerQuestion):
        yield from (Line("accepted", answer.text, percent(answer.fraction)) for answer in question.answers)
    elif isinstance(question, TruefalseQuestion):
        yield from (
            Line("answer", word, Decimal(100 if right == question.correct else 0))
            for word, right in (("T", True), ("F", False))
        )
    elif isinstance(question, NumericalQuestion):
        yield from (Line("accepted", _number(a.answer, a.tolerance), percent(a.fraction)) for a in question.answers)
    elif isinstance(question, MatchQuestion):
        yield from (Line("pair", f"{pair.text} → {pair.answer}") for pair in question.pairs)
    elif isinstance(question, OrderingQuestion):
        yield from (Line("item", item) for item in question.items)


def _number(answer: float | str, tolerance: float | None) -> str:
    shown = answer if isinstance(answer, str) else exact(answer)
    return f"{shown} ± {exact(tolerance)}" if tolerance and shown != "*" else shown


# -- Moodle XML --------------------------------------------------------------------------------------------------------


def lines_of_xml(xml: str, *, with_key: bool) -> tuple[Line, ...]:
    """What a question in Moodle XML says; of a type the panel does not know, its text alone.

    Raises `NotUnderstood("moodle.bad_shape")` when it is no such document. Entities stay unresolved, nothing loads.
    """
    question = _question_element(xml)
    general = (Line("general", text) for text in [_text(question, "generalfeedback")] if text)
    lines = (Line("text", _text(question, "questiontext")), *_xml_answers(question), *general)
    if with_key:
        return lines
    return () if question.get("type") in KEY_IN_TEXT else _without_key(lines)


def _question_element(xml: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(xml.encode()[:_XML_LIMIT], parser)
    except etree.XMLSyntaxError as error:
        raise _not_a_question("–") from error
    if root.getroottree().docinfo.internalDTD is not None:  # Moodle writes none; entities and files come with one
        raise _not_a_question("<!DOCTYPE>")
    found = root if root.tag == "question" else root.find(".//question")
    if found is None:
        raise _not_a_question(str(root.tag))
    return found


def _not_a_question(found: str) -> NotUnderstood:
    return NotUnderstood("moodle.bad_shape", function="get_question", path="xml", expected="<question>", found=found)


def _text(parent: etree._Element, path: str) -> str:
    return (parent.findtext(f"{path}/text") or "").strip()


def _xml_answers(question: etree._Element) -> Iterator[Line]:
    kind = question.get("type", "")
    for answer in question.findall("answer"):
        text = (answer.findtext("text") or "").strip()
        if kind == "ordering":
            yield Line("item", text)
        elif kind == "numerical":
            number = _number(_plain_number(text), _float(answer.findtext("tolerance")))
            yield Line("accepted", number, _share(answer))
        elif kind == "truefalse":
            yield Line("answer", _TRUTH.get(text, text), _share(answer))
        else:
            yield Line("answer" if kind == "multichoice" else "accepted", text, _share(answer))
    for pair in question.findall("subquestion"):
        yield Line("pair", f"{(pair.findtext('text') or '').strip()} → {_text(pair, 'answer')}")


def _share(answer: etree._Element) -> Decimal | None:
    try:
        return Decimal(answer.get("fraction", "0")).normalize() + 0
    except InvalidOperation:
        return None


def _float(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _plain_number(text: str) -> str:
    number = _float(text)
    return text if number is None else exact(number)


# -- two beside each other ---------------------------------------------------------------------------------------------


FieldChange: TypeAlias = tuple[str, str, str]
"""Name of the field, what it said, what it says."""


def changed_fields(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[FieldChange, ...]:
    """What differs outside the texts, in the order of the fields."""
    shown = ((name, _joined(before[name]), _joined(after[name])) for name in before)
    return tuple((name, old, new) for name, old, new in shown if old != new)


def _joined(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def compare_lines(old: Sequence[Line], new: Sequence[Line]) -> tuple[ComparedLine, ...]:
    """The lines of both in reading order: by kind, and within a kind those that belong together side by side."""
    kinds: Mapping[LineKind, tuple[list[Line], list[Line]]] = {
        kind: ([x for x in old if x.kind == kind], [x for x in new if x.kind == kind]) for kind in KINDS
    }
    return tuple(line for kind, (before, after) in kinds.items() for line in _of_a_kind(kind, before, after))


def one_sided(lines: Sequence[Line], kind: Literal["same", "gone", "new"]) -> tuple[ComparedLine, ...]:
    """All lines of one version, marked as they stand: unchanged, gone or new."""
    return tuple(ComparedLine(line.kind, whole(kind, line.text), line.share, line.share) for line in lines)


def _of_a_kind(kind: LineKind, old: Sequence[Line], new: Sequence[Line]) -> Iterator[ComparedLine]:
    matcher = SequenceMatcher(None, [line.text for line in old], [line.text for line in new], autojunk=False)
    for _, i, j, k, m in matcher.get_opcodes():
        before, after = old[i:j], new[k:m]
        for one, other in zip(before, after, strict=False):
            yield ComparedLine(kind, compare(one.text, other.text), one.share, other.share)
        yield from one_sided(before[len(after) :], "gone")
        yield from one_sided(after[len(before) :], "new")
