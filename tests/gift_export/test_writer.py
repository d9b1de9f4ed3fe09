"""What is written is read back; what GIFT cannot say is refused."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gift_export.exchange import from_json, questions_from_json, to_json
from gift_export.quick_writer import PlainRun
from gift_export.reader import read
from gift_export.writer import CannotSayError, spell, write
from question_banks.model import NO_LINES, MultichoiceQuestion, Question
from tests.gift_export.cases import load
from tests.gift_export.strategies import questions, single_choice


def _placeless(question: Question) -> Question:
    return question._replace(lines=NO_LINES)


@settings(max_examples=250, deadline=None)
@given(st.lists(questions, min_size=1, max_size=3))
def test_a_written_question_is_read_back(written: list[Question]) -> None:
    assert [_placeless(question) for question in read(write(written)).questions] == written


@settings(max_examples=80, deadline=None)
@given(questions)
def test_spelling_is_the_same_every_time_and_keeps_id_and_tags(question: Question) -> None:
    spelled = spell(question)
    (back,) = read(spelled).questions
    assert spell(back) == spelled
    assert (back.idnumber, back.tags) == (question.idnumber, question.tags)


@settings(max_examples=80, deadline=None)
@given(questions)
def test_json_says_the_same_question(question: Question) -> None:
    assert from_json(to_json(question)) == question


def carefully(several: Sequence[Question]) -> str:
    """What is written where nothing goes the short way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PlainRun, "take", lambda _run, _question: False)
        return write(several)


@settings(max_examples=150, deadline=None)
@given(single_choice)
def test_the_short_way_spells_what_the_careful_way_spells(question: MultichoiceQuestion) -> None:
    assert write([question]) == carefully([question])
    assert spell(question) == carefully([question._replace(category="")])


@settings(max_examples=120, deadline=None)
@given(st.lists(st.one_of(single_choice, questions), max_size=9))
def test_many_are_spelled_as_carefully_as_one(several: list[Question]) -> None:
    assert write(several) == carefully(several)


def test_the_short_way_is_taken() -> None:
    (question,) = read("// [id:а] [tag:б в]\n::н::[html]С\\: {\n=а#да\n~б\n####г\n}").questions
    assert isinstance(question, MultichoiceQuestion)
    odd = question._replace(text="[С]")
    plain = PlainRun()
    assert [plain.take(question), plain.take(odd), plain.take(question), len(plain)] == [True, True, True, 3]
    alone = spell(question)
    assert plain.finish(lambda _: "odd") == [alone, "odd", alone], "one odd text, and each is looked at alone"
    assert plain.finish(lambda _: "odd") == []
    assert [plain.take(question), plain.take(question)] == [True, True]
    assert plain.finish(lambda _: "odd") == [f"{alone}\n{alone}"]


@pytest.mark.parametrize("entry", load("writer"), ids=lambda entry: entry["case"])
def test_writer_case(entry: dict[str, object]) -> None:
    items = questions_from_json(entry)
    if entry["representable"]:
        assert [item._replace(lines=NO_LINES) for item in read(write(items)).items] == items
        return
    with pytest.raises(CannotSayError) as refused:
        write(items)
    assert refused.value.code.startswith("E_WRITE_")


def test_a_category_is_put_before_its_questions_once() -> None:
    one, two = read("$CATEGORY: А/Б\n\n::1::Q{T}\n\n::2::Q2{F}").questions
    text = write([one, two])
    assert text.count("$CATEGORY: А/Б") == 1
    assert [question.category for question in read(text).questions] == ["А/Б", "А/Б"]


def test_identity_stands_in_the_comment() -> None:
    plain = read("::t::Q{=а ~б}").questions[0]
    question = plain._replace(idnumber="КР-1.ky", tags=("этика",))
    assert spell(question) == "// [id:КР-1.ky] [tag:этика]\n::t::Q{\n\t=а\n\t~б\n}\n"


def test_arrows() -> None:
    """One short answer with an arrow can be said without `=`; several cannot."""
    alone = read("::t::Q{а -> б#в}").questions
    assert read(write(alone)).questions[0].answers == alone[0].answers  # type: ignore[union-attr]
    several = from_json(
        {"qtype": "shortanswer", "name": "t", "text": "Q"}
        | {"answers": [{"text": "а -> б", "fraction": 1}, {"text": "в", "fraction": 0.5}]}
    )
    with pytest.raises(CannotSayError) as refused:
        write([several])
    assert refused.value.code == "E_WRITE_ARROW"
