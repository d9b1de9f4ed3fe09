"""What is wrong with a question whatever file it came from: no key, marks Moodle refuses, answers given twice.

The GIFT reader finds the same with columns of its own (`answer_checks`); these checks serve the readers of XML,
spreadsheets and Word lists, where a question's place is that of its element, row or paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeVar

from gift_export.answer_checks import PAIR_LIMIT
from gift_export.identity_checks import ID_LIMIT, TAG_LIMIT, breaking_tags, category_place
from gift_export.problems import Problem, excerpt, problem
from gift_export.weights import TOLERANCE, is_mark, nearest_mark, shown_percent, spell_percent
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

Place = tuple[int, int]
_ACTIVE: Final = re.compile(
    r"<\s*+/?+(?:script|iframe|object|embed|applet)\b|<[^<>]*[\s\"'/]on[a-z]{3,20}+\s*+=|(?:javascript|vbscript)\s*+:",
    re.IGNORECASE,
)


class RecordChecks:
    """Checks questions one by one and remembers ids, names and texts across a file."""

    def __init__(self) -> None:
        self._path = ""
        self._place: tuple[str, ...] = ()
        self._places: dict[tuple[str, ...], int] = {}
        self._number = 0
        self._ids: dict[tuple[int, str], int] = {}
        self._names: dict[str, int] = {}
        self._contents: dict[int, int] = {}

    def enter(self, path: str) -> None:
        """A category comes into force; one category has many spellings."""
        place = category_place(path, self._place)
        if place is not self._place:
            self._number = self._places.setdefault(place, len(self._places) + 1)
        self._path, self._place = path, place

    def check(self, question: Question, place: Place) -> Iterator[Problem]:
        """The findings of one question; `place` is its line (or row) and column."""
        yield from _alone(question, place)
        yield from self._across(question, place)

    def _across(self, question: Question, place: Place) -> Iterator[Problem]:
        line = place[0]
        if question.category != self._path:
            self.enter(question.category)
        if question.idnumber:
            first = _first(self._ids, (self._number, question.idnumber), line)
            if first is not None:
                yield problem("E_ID_DUPLICATE", *place, text=excerpt(question.idnumber), first_line=first)
        if question.name:
            first = _first(self._names, question.name, line)
            if first is not None:
                yield problem("W_DUPLICATE_TITLE", *place, text=excerpt(question.name), first_line=first)
        if question.text and question.qtype != "description":
            first = _first(self._contents, hash(_content(question)), line)
            if first is not None:
                yield problem("W_DUPLICATE_QUESTION", *place, first_line=first)


_Key = TypeVar("_Key")


def _first(seen: dict[_Key, int], key: _Key, line: int) -> int | None:
    """The line where `key` was met before, None where this is the first time. Two of them may stand on one line."""
    if key in seen:
        return seen[key]
    seen[key] = line
    return None


def _content(question: Question) -> tuple[object, ...]:
    answers = getattr(question, "answers", None) or getattr(question, "pairs", None) or getattr(question, "items", None)
    return (question.qtype, question.text, answers, getattr(question, "correct", None))


def _alone(question: Question, place: Place) -> Iterator[Problem]:
    if not question.text:
        yield problem("W_EMPTY_TEXT", *place)
    if len(question.idnumber) > ID_LIMIT:
        yield problem("E_ID_LONG", *place, n=len(question.idnumber), limit=ID_LIMIT)
    for at in breaking_tags(question.tags):
        yield problem("E_TAG_REFUSED", *place, text=excerpt(question.tags[at]))
    for tag in question.tags:
        if len(tag) > TAG_LIMIT:
            yield problem("W_TAG_LONG", *place, n=len(tag), limit=TAG_LIMIT)
    for text in _html_texts(question):
        if found := _ACTIVE.search(text):
            yield problem("E_ACTIVE_CONTENT", *place, text=excerpt(found.group()))
            break
    if isinstance(question, MultichoiceQuestion):
        yield from _multichoice(question, place)
    elif isinstance(question, ShortanswerQuestion | NumericalQuestion):
        yield from _typed(question, place)
    elif isinstance(question, MatchQuestion):
        yield from _match(question, place)
    elif isinstance(question, OrderingQuestion):
        yield from _ordering(question, place)


def _html_texts(question: Question) -> Iterator[str]:
    """Every text of the question that can be shown as HTML."""
    yield from _shown(FormattedText(question.text, question.format), question.generalfeedback)
    if isinstance(question, MultichoiceQuestion):
        for answer in question.answers:
            yield from _shown(FormattedText(answer.text, answer.format), answer.feedback)
    elif isinstance(question, ShortanswerQuestion | NumericalQuestion):
        for typed in question.answers:
            yield from _shown(typed.feedback)
    elif isinstance(question, TruefalseQuestion):
        yield from _shown(question.feedbacktrue, question.feedbackfalse)
    elif isinstance(question, MatchQuestion):
        for pair in question.pairs:
            yield from _shown(FormattedText(pair.text, pair.format), FormattedText(pair.answer, "html"))
    elif isinstance(question, OrderingQuestion):
        yield from question.items


def _shown(*parts: FormattedText) -> Iterator[str]:
    return (part.text for part in parts if part.text and part.format != "plain")


def _marks(fractions: list[float], place: Place) -> Iterator[Problem]:
    for fraction in fractions:
        if not is_mark(fraction):
            nearest = spell_percent(nearest_mark(fraction))
            yield problem("E_WEIGHT_NOT_ALLOWED", *place, value=shown_percent(fraction), nearest=nearest)


def _repeated(texts: list[tuple[str, object]], place: Place) -> Iterator[Problem]:
    seen: dict[str, tuple[int, object]] = {}
    for at, (text, worth) in enumerate(texts, 1):
        first, known = seen.setdefault(text.casefold(), (at, worth))
        if first != at:
            code = "W_DUPLICATE_ANSWER" if known == worth else "E_DUPLICATE_ANSWER"
            yield problem(code, *place, text=excerpt(text), first=first)


def _multichoice(question: MultichoiceQuestion, place: Place) -> Iterator[Problem]:
    filled = [answer for answer in question.answers if answer.text]
    yield from _marks([answer.fraction for answer in question.answers], place)
    yield from _repeated([(answer.text, answer.fraction) for answer in filled], place)
    if any(not answer.text and answer.fraction > 0 for answer in question.answers):
        yield problem("E_EMPTY_CORRECT", *place)
    elif len(filled) < len(question.answers):
        yield problem("W_EMPTY_ANSWER", *place)
    if len(filled) < 2:
        yield problem("E_TOO_FEW_ANSWERS", *place, qtype="multichoice", n=len(filled))
    positive = sum(max(answer.fraction, 0.0) for answer in question.answers)
    full = sum(_is_full(answer.fraction) for answer in question.answers)
    if not positive or (question.single and not full):
        yield problem("E_NO_CORRECT", *place)
    elif not question.single and round(positive, 2) != 1:
        yield problem("E_MARKS_SUM", *place, value=shown_percent(positive))
    elif question.single and full > 1:
        yield problem("W_MULTI_CORRECT", *place)


def _is_full(fraction: float) -> bool:
    """Whether Moodle takes it for the full mark: it stores the nearest of its marks."""
    return abs(fraction - 1) < TOLERANCE


def _typed(question: ShortanswerQuestion | NumericalQuestion, place: Place) -> Iterator[Problem]:
    yield from _marks([answer.fraction for answer in question.answers], place)
    if isinstance(question, NumericalQuestion):
        if not any(_is_full(answer.fraction) for answer in question.answers):
            yield problem("W_NUM_NO_FULL", *place)
        if any(answer.answer == "*" and answer.fraction > 0 for answer in question.answers):
            yield problem("E_NUM_ANY", *place)
        return
    filled = [answer for answer in question.answers if answer.text]
    yield from _repeated([(answer.text, answer.fraction) for answer in filled], place)
    if len(filled) < len(question.answers):
        yield problem("E_EMPTY_ANSWER", *place)
    if not any(_is_full(answer.fraction) for answer in filled):
        yield problem("E_SHORT_NO_FULL", *place)


def _match(question: MatchQuestion, place: Place) -> Iterator[Problem]:
    for pair in question.pairs:
        if pair.text and not pair.answer:
            yield problem("E_MATCH_EMPTY_ANSWER", *place, text=excerpt(pair.text))
        elif len(pair.answer) > PAIR_LIMIT:
            yield problem("E_MATCH_LONG", *place, n=len(pair.answer), limit=PAIR_LIMIT)
    if any(not pair.text and not pair.answer for pair in question.pairs):
        yield problem("W_EMPTY_ANSWER", *place)
    filled = [pair for pair in question.pairs if pair.text]
    yield from _repeated([(pair.text, pair.answer) for pair in filled], place)
    if len(filled) < 2:
        yield problem("W_MATCH_FEW", *place, n=len(filled))


def _ordering(question: OrderingQuestion, place: Place) -> Iterator[Problem]:
    """Moodle drops an item that is empty."""
    filled = sum(map(bool, question.items))
    if filled < len(question.items):
        yield problem("W_EMPTY_ANSWER", *place)
    if filled < 2:
        yield problem("E_TOO_FEW_ANSWERS", *place, qtype="ordering", n=filled)
