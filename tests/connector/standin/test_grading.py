"""What answers are worth: Moodle's rules, by hand and by property."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.moodle.standin import grading
from connector.moodle.standin.importing import read_question
from question_banks.model import Answer, MatchPair, MatchQuestion, MultichoiceQuestion, Question


def gift(text: str) -> Question:
    return read_question("x", "gift", f"::n::{text}")


SINGLE = gift("Q{\n=right\n~%50%half\n~wrong\n~%-25%worse\n}")
MULTI = gift("Q{\n~%50%a\n~%50%b\n~%-100%c\n~%-50%d\n}")
THIRDS = gift("Q{\n~%33.33333%a\n~%33.33333%b\n~%33.33333%c\n~d\n}")
MATCH = MatchQuestion("n", "Q", (MatchPair("one", "1"), MatchPair("two", "2"), MatchPair("three", "1")))


@pytest.mark.parametrize(
    ("question", "response", "state", "fraction"),
    [
        (SINGLE, {"answer": "0"}, "gradedright", "1"),
        (SINGLE, {"answer": "1"}, "gradedpartial", "0.5"),
        (SINGLE, {"answer": "2"}, "gradedwrong", "0"),
        (SINGLE, {"answer": "3"}, "gradedwrong", "-0.25"),
        (SINGLE, {"answer": "9"}, "gradedwrong", "0"),
        (SINGLE, {"answer": "-1"}, "gaveup", None),
        (SINGLE, {}, "gaveup", None),
        (MULTI, {"choice0": "1", "choice1": "1"}, "gradedright", "1"),
        (MULTI, {"choice0": "1", "choice1": "0"}, "gradedpartial", "0.5"),
        (MULTI, {"choice0": "1", "choice2": "1"}, "gradedwrong", "0"),
        (MULTI, {"choice0": "1", "choice1": "1", "choice3": "1"}, "gradedpartial", "0.5"),
        (MULTI, {"choice0": "0", "choice1": "0"}, "gaveup", None),
        (THIRDS, {"choice0": "1", "choice1": "1", "choice2": "1"}, "gradedright", "0.9999999"),
        (THIRDS, {"choice0": "1"}, "gradedpartial", "0.3333333"),
        (gift("Q{TRUE}"), {"answer": "1"}, "gradedright", "1"),
        (gift("Q{TRUE}"), {"answer": "0"}, "gradedwrong", "0"),
        (gift("Q{FALSE}"), {"answer": "0"}, "gradedright", "1"),
        (gift("Q{FALSE}"), {}, "gaveup", None),
        (gift("Q{=Бишкек =%50%Ош}"), {"answer": "  бишкек "}, "gradedright", "1"),
        (gift("Q{=Бишкек =%50%Ош}"), {"answer": "ОШ"}, "gradedpartial", "0.5"),
        (gift("Q{=Бишкек =%50%Ош}"), {"answer": "Талас"}, "gradedwrong", "0"),
        (gift("Q{=Бишкек}"), {"answer": "   "}, "gaveup", None),
        (gift("Q{=мамлекет*кызмат}"), {"answer": "Мамлекеттик жарандык КЫЗМАТ"}, "gradedright", "1"),
        (gift("Q{#3.14:0.01}"), {"answer": "3,15"}, "gradedright", "1"),
        (gift("Q{#3.14:0.01}"), {"answer": "3.1501"}, "gradedwrong", "0"),
        (gift("Q{#30:0}"), {"answer": "30"}, "gradedright", "1"),
        (gift("Q{#1..5}"), {"answer": "5"}, "gradedright", "1"),
        (gift("Q{#30:0}"), {"answer": "thirty"}, "gaveup", None),
        (gift("Q{}"), {"answer": "text"}, "needsgrading", None),
        (gift("Q{}"), {"answer": ""}, "gaveup", None),
    ],
)
def test_grade(question: Question, response: dict[str, str], state: str, fraction: str | None) -> None:
    graded = grading.grade(question, range(grading.option_count(question)), response)
    assert graded == grading.Grade(state, None if fraction is None else Decimal(fraction))


def test_match_counts_pairs_and_takes_half_filled_ones() -> None:
    order = [1, 0]  # shown: "2", "1"
    assert grading.choices_of(MATCH) == ("1", "2")
    all_right = {"sub0": "2", "sub1": "1", "sub2": "2"}
    assert grading.grade(MATCH, order, all_right) == grading.Grade("gradedright", Decimal(1))
    half = {"sub0": "2", "sub1": "2", "sub2": "0"}
    assert grading.grade(MATCH, order, half) == grading.Grade("gradedpartial", Decimal("0.3333333"))
    assert not grading.is_complete(MATCH, order, half)
    assert grading.response_summary(MATCH, order, all_right) == "one -> 1; two -> 2; three -> 1"
    assert grading.grade(MATCH, order, {"sub0": "0"}).state == "gaveup"


def test_words_of_answers() -> None:
    question = gift("[html]<p>Q</p>{\n=[html]<p>25 <b>MPa</b></p>\n~[html]<p>a &amp; b</p>\n}")
    assert grading.right_answer(question) == "25 MPa"
    assert grading.response_summary(question, [1, 0], {"answer": "0"}) == "a & b"
    assert grading.right_answer(MULTI) == "a; b"
    assert grading.right_answer(gift("Q{#3.14:0.01}")) == "3.14"
    assert grading.right_answer(gift("Q{}")) == ""
    assert grading.right_answer(gift("Q{FALSE}")) == "False"


def test_only_changed_answers_count_as_changed() -> None:
    assert grading.is_same(SINGLE, {"answer": "-1"}, {})
    assert not grading.is_same(SINGLE, {"answer": "0"}, {})
    assert grading.is_same(MULTI, {"choice0": "0"}, {})
    truefalse = gift("Q{TRUE}")
    assert not grading.is_same(truefalse, {"answer": "0"}, {})


_FRACTIONS = st.sampled_from([-1.0, -0.5, 0.0, 0.1428571, 0.25, 0.3333333, 0.5, 0.6666667, 1.0])


@st.composite
def sittings(draw: st.DrawFn) -> tuple[MultichoiceQuestion, list[int], dict[str, str]]:
    fractions = draw(st.lists(_FRACTIONS, min_size=2, max_size=6))
    question = MultichoiceQuestion(
        "n", "t", tuple(Answer(f"a{place}", one) for place, one in enumerate(fractions)), draw(st.booleans())
    )
    order = draw(st.permutations(range(len(fractions))))
    if question.single:
        return question, list(order), {"answer": str(draw(st.integers(-1, len(fractions))))}
    ticked = draw(st.lists(st.booleans(), min_size=len(fractions), max_size=len(fractions)))
    return question, list(order), {f"choice{place}": str(int(one)) for place, one in enumerate(ticked)}


@given(sittings())
def test_the_shown_order_never_changes_a_mark(sitting: Any) -> None:
    question, order, response = sitting
    chosen = grading.chosen_options(question, order, response)
    straight = list(range(len(order)))
    same = (
        {"answer": str(chosen[0])}
        if question.single and chosen
        else response
        if question.single
        else {f"choice{place}": "1" for place in chosen}
    )
    assert grading.grade(question, order, response) == grading.grade(question, straight, same)


@given(sittings(), st.sampled_from(["1", "2", "0.5", "3.33"]))
def test_marks_stay_between_worst_and_best(sitting: Any, maxmark: str) -> None:
    question, order, response = sitting
    graded = grading.grade(question, order, response)
    if graded.fraction is None:
        assert graded.state == "gaveup"
        return
    worst = min([Decimal(0), *(grading.decimal_fraction(answer.fraction) for answer in question.answers)])
    assert worst <= graded.fraction <= 1
    mark = grading.mark_of(graded.fraction, Decimal(maxmark))
    assert abs(mark) <= Decimal(maxmark)
    assert graded.state == grading.state_of(graded.fraction)


def test_sums_are_exact() -> None:
    assert grading.sum_of([Decimal("0.3333333")] * 3) == Decimal("1.00000")
    assert grading.sum_of([Decimal("0.1")] * 10) == Decimal(1)
