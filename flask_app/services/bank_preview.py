"""A question as Moodle shows it, type by type, and what its author laid down as right, for those who may see that.

Moodle shuffles the choices of multiple choice, the items of ordering and the answers of matching. Where the order would
give the answer away (ordering, matching), it is that of the alphabet here; nothing of the key is in a preview made
without it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import singledispatch
from typing import Final

from flask_app.domain.names import sort_key
from question_banks.model import (
    NO_FEEDBACK,
    FormattedText,
    MatchQuestion,
    MultichoiceQuestion,
    NumericalAnswer,
    NumericalQuestion,
    OrderingQuestion,
    Question,
    ShortanswerQuestion,
    TruefalseQuestion,
)

BLANK: Final = "_____"
"""What GIFT leaves in the text where the answer is to be filled in (missing word)."""

PLACES: Final = 5
"""Moodle keeps marks to five places of a percent: 33.33333."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice or an accepted answer. `share`: percent of the mark; None where the key is not to be seen.

    `number` and `tolerance`: of a numerical answer, and how far from it one may be; None where there is no such thing.
    """

    letter: str
    text: FormattedText
    share: Decimal | None
    feedback: FormattedText = NO_FEEDBACK
    number: Decimal | None = None
    tolerance: Decimal | None = None

    @property
    def right(self) -> bool:
        return self.share is not None and self.share > 0


@dataclass(frozen=True, slots=True)
class Pair:
    """A sub-question; `answer` empty where the key is not to be seen."""

    text: FormattedText
    answer: str


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything a page needs to show one question; what its type has not is empty.

    `accepted`: answers that count, in typed questions. `options`: what can be chosen in matching. `items`: what is to
    be put in order, in the right order only with the key. `drawn`: how many of the items Moodle takes; 0 = all.
    """

    qtype: str
    text: FormattedText
    generalfeedback: FormattedText
    single: bool = True
    choices: tuple[Choice, ...] = ()
    accepted: tuple[Choice, ...] = ()
    pairs: tuple[Pair, ...] = ()
    options: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    drawn: int = 0
    with_key: bool = False

    @property
    def missing_word(self) -> bool:
        return BLANK in self.text.text and self.qtype != "description"


def preview(question: Question, *, with_key: bool) -> Preview:
    """`with_key`: marks, feedback and what is accepted come along; without it nothing in the record tells of them."""
    frame = Preview(
        qtype=question.qtype,
        text=FormattedText(question.text, question.format),
        generalfeedback=question.generalfeedback if with_key else NO_FEEDBACK,
        with_key=with_key,
    )
    return _filled(question, frame)


def percent(fraction: float) -> Decimal:
    """A share of the mark as Moodle keeps it: 33.33333, 100, -50."""
    return Decimal(str(round(fraction * 100, PLACES))).normalize() + 0


def letter(place: int) -> str:
    """Moodle's numbering «a., b., c.»; beyond the alphabet the number."""
    return chr(ord("a") + place) if place < 26 else str(place + 1)


@singledispatch
def _filled(_question: Question, frame: Preview) -> Preview:
    """What a type adds to the frame; an essay and a description add nothing."""
    return frame


@_filled.register
def _multichoice(question: MultichoiceQuestion, frame: Preview) -> Preview:
    choices = tuple(
        Choice(
            letter(place),
            FormattedText(answer.text, answer.format),
            percent(answer.fraction) if frame.with_key else None,
            answer.feedback if frame.with_key else NO_FEEDBACK,
        )
        for place, answer in enumerate(question.answers)
    )
    return replace(frame, single=question.single, choices=choices)


@_filled.register
def _truefalse(question: TruefalseQuestion, frame: Preview) -> Preview:
    """The words «true» and «false» are Moodle's, in the language of the site: a page says them itself."""
    said = ((True, question.feedbacktrue), (False, question.feedbackfalse))
    choices = tuple(
        Choice(
            "true" if value else "false",
            FormattedText(""),
            Decimal(100 if value == question.correct else 0) if frame.with_key else None,
            feedback if frame.with_key else NO_FEEDBACK,
        )
        for value, feedback in said
    )
    return replace(frame, choices=choices)


@_filled.register
def _shortanswer(question: ShortanswerQuestion, frame: Preview) -> Preview:
    accepted = tuple(
        Choice("", FormattedText(answer.text, "plain"), percent(answer.fraction), answer.feedback)
        for answer in question.answers
    )
    return replace(frame, accepted=accepted if frame.with_key else ())


@_filled.register
def _numerical(question: NumericalQuestion, frame: Preview) -> Preview:
    return replace(frame, accepted=tuple(map(_number, question.answers)) if frame.with_key else ())


def _number(answer: NumericalAnswer) -> Choice:
    share, feedback = percent(answer.fraction), answer.feedback
    if isinstance(answer.answer, str):
        return Choice("", FormattedText(answer.answer, "plain"), share, feedback)
    text, within = exact(answer.answer), Decimal(exact(answer.tolerance or 0))
    return Choice("", FormattedText(text, "plain"), share, feedback, Decimal(text), within)


def exact(number: float) -> str:
    """The number as it was written: 3.14, 5, 0.0001; without an exponent where that can be avoided."""
    return f"{Decimal(repr(float(number))).normalize():f}"


@_filled.register
def _match(question: MatchQuestion, frame: Preview) -> Preview:
    pairs = tuple(
        Pair(FormattedText(pair.text, pair.format), pair.answer if frame.with_key else "")
        for pair in question.pairs
        if pair.text
    )
    return replace(frame, pairs=pairs, options=_by_alphabet({pair.answer for pair in question.pairs}))


@_filled.register
def _ordering(question: OrderingQuestion, frame: Preview) -> Preview:
    items = question.items if frame.with_key else _by_alphabet(question.items)
    drawn = 0 if question.selecttype == 0 else min(question.selectcount, len(items))
    return replace(frame, items=items, drawn=drawn)


def _by_alphabet(texts: set[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(texts, key=lambda text: (sort_key(text), text)))
