"""Word lists in the forms offices use; what leaves a doubt is marked, what has no key is not taken."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.document import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from gift_export.word_lines import WordLine
from gift_export.word_reader import WordReading, read_lines, read_word
from question_banks.model import MultichoiceQuestion


def word(write: Callable[[Document], None]) -> WordReading:
    document = docx.Document()
    write(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return read_word(buffer.getvalue())


def text(*lines: str) -> WordReading:
    return read_lines(WordLine(number, line) for number, line in enumerate(lines, 1))


def keys(reading: WordReading) -> list[list[float]]:
    return [
        [answer.fraction for answer in one.answers] for one in reading.questions if isinstance(one, MultichoiceQuestion)
    ]


def codes(reading: WordReading) -> list[tuple[str, int]]:
    return [(found.code, found.line) for found in reading.problems]


def test_bold_answers_are_the_key() -> None:
    def write(document: Document) -> None:
        document.add_heading("Конституция боюнча тест", 1)
        document.add_paragraph("1. Качан кабыл алынган?").runs[0].bold = True
        document.add_paragraph("а) 2010")
        right = document.add_paragraph("б) ")
        right.add_run("2021").bold = True
        document.add_paragraph("в) 1993")

    reading = word(write)
    (question,) = reading.questions
    assert question.text == "Качан кабыл алынган?"
    assert keys(reading) == [[0, 1, 0]]
    assert (codes(reading), reading.doubts) == ([("I_WORD_BEFORE", 1)], {})


def test_letters_that_look_otherwise_than_they_are_read_are_told_of_their_question() -> None:
    def write(document: Document) -> None:
        document.add_paragraph("1. Канча?")
        document.add_paragraph("*а) 10").add_run("2").font.superscript = True
        document.add_paragraph("б) 20")
        struck = document.add_paragraph("2. Ким ")
        struck.add_run("бүгүн").font.strike = True
        for answer in ("*а) аким", "б) мэр"):
            document.add_paragraph(answer)
        document.add_paragraph("3. Кайда?")
        for answer in ("*а) ошол жерде", "б) бул жерде"):
            document.add_paragraph(answer).runs[0].bold = True

    reading = word(write)
    assert [(one.code, one.line, one.params["number"], one.params.get("text")) for one in reading.problems] == [
        ("E_WORD_RAISED", 2, "1", "2"),
        ("E_WORD_STRUCK", 4, "2", "бүгүн"),
    ]
    assert [question.text for question in reading.questions] == ["Кайда?"]


def test_a_picture_beside_the_text_of_a_question_is_its_own() -> None:
    lines = [WordLine(1, "1. Q?"), WordLine(2, "*а) бир"), WordLine(3, "б) эки")]
    lines += [WordLine(4, "2. W?", picture=True), WordLine(5, "*а) бир"), WordLine(6, "б) эки")]
    assert [(one.code, one.line, one.params["number"]) for one in read_lines(lines).problems] == [
        ("W_WORD_PICTURE", 4, "2")
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ("1. Q?", "а) бир", "+б) эки", "в) үч"),
        ("1. Q?", "а) бир", "б) *эки", "в) үч"),
        ("1) Q?", "А. бир", "Б. эки +", "В. үч"),
        ("Вопрос 1. Q?", "а) бир", "б) эки (верно)", "в) үч"),
        ("1. Q?", "- бир", "+ эки", "- үч"),
        ("1. Q?", "а) бир", "б) эки", "в) үч", "Ответ: б"),
        ("1. Q?", "а) бир", "б) эки", "в) үч", "Туура жооп: эки"),
        ("1. Q? а) бир; б) эки; в) үч", "Жообу: 2"),
        ("1. Q?", "а) бир б) эки в) үч", "Ключ:", "1-б"),
        ("1. Q?", "a) бир", "b) эки", "c) үч", "Key: B"),
    ],
)
def test_ways_to_mark_the_key(lines: tuple[str, ...]) -> None:
    reading = text(*lines)
    assert keys(reading) == [[0, 1, 0]], reading.problems
    (question,) = reading.questions
    assert isinstance(question, MultichoiceQuestion)
    assert [answer.text for answer in question.answers] == ["бир", "эки", "үч"]
    assert (question.text, codes(reading)) == ("Q?", [])


def test_a_table_of_keys_at_the_end() -> None:
    questions = [line for n in range(1, 4) for line in (f"{n}. Q{n}?", "а) x", "б) y", "в) z")]
    lines = [WordLine(number, line) for number, line in enumerate(questions, 1)]
    upright = WordLine(99, "", table=(("№", "Ответ"), ("1", "а"), ("2", "б"), ("3", "в")))
    flat = WordLine(99, "", table=(("№", "1", "2", "3"), ("Жооп", "а", "б", "в")))
    for table in (upright, flat):
        assert keys(read_lines([*lines, table])) == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert keys(text(*questions, "1-а 2-б 3-в")) == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert keys(text(*questions, "Жооптор", "1) а; 2) б", "3 - в")) == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_automatic_numbering() -> None:
    def write(document: Document) -> None:
        document.add_paragraph("Ким башчы?", style="List Number")
        document.add_paragraph("Премьер", style="List Bullet")
        document.add_paragraph("Президент +", style="List Bullet")
        document.add_paragraph("Качан?", style="List Number")
        document.add_paragraph("азыр *", style="List Bullet")
        document.add_paragraph("эртең", style="List Bullet")

    reading = word(write)
    assert [question.text for question in reading.questions] == ["Ким башчы?", "Качан?"]
    assert keys(reading) == [[0, 1], [1, 0]]


def test_doubts_are_marked_and_told() -> None:
    reading = text(
        "1. Уландысы бар?", "а) бир", "+б) эки", "дагы бир сап",
        "3. Номер секирди?", "+а) бир", "б) эки",
        "4. Эки ачкыч?", "+а) бир", "+б) эки", "в) үч",
        "5. Тамга жок?", "+а) бир", "в) үч",
    )  # fmt: skip
    assert reading.ok
    assert reading.doubts == {
        0: ("W_WORD_CONTINUED",),
        1: ("W_WORD_NUMBER",),
        2: ("W_WORD_SEVERAL_KEYS",),
        3: ("W_WORD_LETTERS",),
    }
    assert keys(reading)[2] == [0.5, 0.5, 0]


def test_without_a_certain_key_nothing_is_taken() -> None:
    reading = text(
        "1. Ачкычы жок", "а) бир", "б) эки",
        "2. Талаш", "+а) бир", "б) эки", "Ответ: б",
        "3. Латын тамга", "а) бир", "б) эки", "в) үч", "Ответ: B",
        "4. Жообу жок",
    )  # fmt: skip
    assert not reading.questions
    assert codes(reading) == [
        ("E_WORD_NO_KEY", 1),
        ("E_WORD_KEYS_DISAGREE", 4),
        ("E_WORD_KEY", 8),
        ("E_WORD_NO_KEY", 8),
        ("E_WORD_FEW_ANSWERS", 13),
    ]


def test_bold_that_singles_out_nothing_is_no_key() -> None:
    def write(document: Document) -> None:
        document.add_paragraph("1. Q?")
        for label in "абв":
            document.add_paragraph(f"{label}) x{label}").runs[0].bold = True

    assert codes(word(write)) == [("E_WORD_NO_KEY", 1)]


def test_files_that_are_not_opened() -> None:
    assert [one.code for one in read_word(b"no zip").problems] == ["E_OFFICE_FILE"]

    def archive(**parts: bytes) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
            for name, content in parts.items():
                made.writestr(name.replace("__", "/") + ".xml", content)
        return buffer.getvalue()

    bomb = archive(word__document=b" " * 30_000_000)
    assert [one.code for one in read_word(bomb).problems] == ["E_OFFICE_SIZE"]
    entity = archive(word__document=b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    assert [one.code for one in read_word(entity).problems] == ["E_OFFICE_ENTITY"]
    assert [one.code for one in read_word(archive(word__document=b"<x/>")).problems] == ["E_OFFICE_FILE"]


_LINES = st.sampled_from(["1. Q", "2) Q", "а) x", "+б) y", "в) z", "Ответ: а", "Ключ", "1-а", "x", "+", "- x", ""])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(["1. Q", "2) Q", "а) x", "+б) y", "в) z", "Ответ: а", "Ключ", "1-а", "x", "+", "- x", ""]))
)
def test_any_list_is_read(lines: list[str]) -> None:
    reading = text(*lines)
    for question in reading.questions:
        assert isinstance(question, MultichoiceQuestion)
        assert len(question.answers) > 1
        assert sum(answer.fraction for answer in question.answers) == pytest.approx(1, abs=0.01)
