"""Questions GIFT can say, for property tests."""

from __future__ import annotations

from typing import Any, TypeVar

from hypothesis import strategies as st

from gift_export.names import clean_name
from gift_export.weights import fraction_of
from question_banks.model import (
    NO_LINES,
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

_ALPHABET = st.sampled_from(
    [
        *"аңөүқіA1 ~=#{}:\\[]%-><\n\t./&;0nTF$\"'\r\v\f\u00a0\u2028é😀",
        "->",
        "####",
        "::",
        "[html]",
        "%50%",
        "//",
        "\\n",
        "<b>",
        "</span>",
        "_____",
        "$CATEGORY:",
        "T",
        "TRUE",
    ]
)
_BLANKS = " \t\n\r\0\v"
texts = (
    st.lists(_ALPHABET, max_size=12)
    .map(lambda parts: "".join(parts).strip(_BLANKS))
    .filter(lambda text: "&&" not in text)
)
names = texts.map(clean_name).filter(lambda name: "&&" not in name and clean_name(name) == name)
formats: st.SearchStrategy[TextFormat] = st.sampled_from(["moodle", "html", "plain", "markdown"])
feedback = st.builds(FormattedText, texts, formats)
tokens = (
    st.text("аңқA1 -[.:", min_size=1, max_size=12)
    .map(lambda text: text.strip(_BLANKS))
    .filter(lambda text: text and "[id:" not in text and "[tag:" not in text)
)
# Moodle's marks, and one that is only near a mark, as `%33.333%` gives it.
marks = st.sampled_from([0.0, 1.0, 0.5, -1.0, 0.3333333, fraction_of("33.333"), 0.1428571, 0.05, -0.1666667, 0.8333333])
numbers = st.one_of(st.integers(-(10**9), 10**9).map(float), st.floats(allow_nan=False, allow_infinity=False, width=64))

_common: dict[str, Any] = {
    "name": names,
    "text": texts,
    "format": formats,
    "generalfeedback": feedback,
    "idnumber": st.one_of(st.just(""), tokens),
    "tags": st.lists(tokens, max_size=3).map(tuple),
    "category": st.just(""),
    "lines": st.just(NO_LINES),
}


T = TypeVar("T")


def _tuples(strategy: st.SearchStrategy[T], least: int) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(strategy, min_size=least, max_size=5).map(tuple)


def _full(answers: tuple[Answer, ...]) -> tuple[Answer, ...]:
    return (answers[0]._replace(fraction=1.0), *answers[1:])


choices = _tuples(st.builds(Answer, texts, marks, feedback, formats), 2)
single_choice = st.builds(
    MultichoiceQuestion,
    answers=choices.map(_full),
    single=st.just(True),
    **_common,
)
multi_choice = st.builds(MultichoiceQuestion, answers=choices, single=st.just(False), **_common)
# "=" and "->" together are a matching question: GIFT cannot say an arrow here, `test_arrows` looks at that.
_short = st.builds(ShortAnswer, texts, marks, feedback)
short_answer = st.builds(
    ShortanswerQuestion,
    answers=_tuples(_short.filter(lambda one: "->" not in one.text + one.feedback.text), 1),
    **_common,
)
true_false = st.builds(
    TruefalseQuestion,
    correct=st.booleans(),
    feedbacktrue=feedback,
    feedbackfalse=feedback,
    **_common,
)
matching = st.builds(
    MatchQuestion,
    pairs=_tuples(st.builds(MatchPair, texts.filter(lambda text: "->" not in text), texts, formats), 2),
    **_common,
)
_accepted = st.builds(NumericalAnswer, st.one_of(st.just("*"), numbers), numbers, marks, feedback)
_otherwise = st.builds(NumericalAnswer, st.just("*"), st.none(), st.just(0.0), feedback)
numerical = st.builds(
    NumericalQuestion,
    answers=st.builds(lambda some, last: (*some, *last), _tuples(_accepted, 1), st.lists(_otherwise, max_size=1)),
    **_common,
)
essay = st.builds(EssayQuestion, **_common)
description = st.builds(DescriptionQuestion, **_common).map(
    lambda question: question._replace(generalfeedback=FormattedText("", question.format))
)
_items = _tuples(
    texts.filter(
        lambda text: (
            text not in ("", "0")
            and not text.startswith("//")
            and not set("{}\n\r\f") & set(text)
            and "####" not in text
        )
    ),
    2,
)
ordering = st.builds(
    OrderingQuestion,
    items=_items,
    layouttype=st.integers(0, 1),
    selecttype=st.integers(0, 2),
    selectcount=st.just(2),
    gradingtype=st.sampled_from([-1, 0, 1, 2, 3, 4, 6, 7]),
    showgrading=st.integers(0, 1),
    numberingstyle=st.sampled_from(["none", "123", "abc", "ABCD", "iii", "IIII"]),
    **_common,
)
questions: st.SearchStrategy[Question] = st.one_of(
    single_choice, multi_choice, short_answer, true_false, matching, numerical, essay, description, ordering
)
