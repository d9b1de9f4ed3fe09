"""Spreadsheets both ways: every row judged with its row and column, nothing that could become a formula."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_app.store.workbooks import read_workbook
from gift_export.answer_keys import read_key
from gift_export.reader import read
from gift_export.sheet_layout import HEADS, answer_letters, cell_name, read_head
from gift_export.sheet_reader import Cell, SheetReading, read_sheet
from gift_export.sheet_writer import SheetLanguage, SheetText, example_page, head_row, sheet_text, workbook
from question_banks.model import (
    NO_LINES,
    MatchQuestion,
    MultichoiceQuestion,
    NumericalQuestion,
    ShortanswerQuestion,
    TruefalseQuestion,
)

HEAD = ("№", "Суроо", "Жооп А", "Жооп Б", "Жооп В", "Ачкыч")


@dataclass(frozen=True)
class Line:
    """A row as the reader of workbooks gives it."""

    cells: tuple[Cell, ...]
    number: int
    sheet: str = "1"
    formulas: frozenset[int] = frozenset()
    errors: frozenset[int] = frozenset()
    formats: Mapping[int, str] = field(default_factory=dict)
    hidden: bool = False
    unsaved: frozenset[int] = frozenset()
    folded: bool = False


def sheet(*rows: tuple[Cell, ...], head: tuple[Cell, ...] = HEAD) -> SheetReading:
    return read_sheet([Line(head, 1), *(Line(row, number) for number, row in enumerate(rows, 2))])


def codes(reading: SheetReading) -> list[tuple[str, int, int]]:
    return [(found.code, found.line, found.column) for found in reading.problems]


def test_a_row_is_a_question() -> None:
    reading = sheet((1, "Качан?", "2010", 2021, "1993", "Б"))
    (question,) = reading.questions
    assert isinstance(question, MultichoiceQuestion)
    assert [(answer.text, answer.fraction) for answer in question.answers] == [("2010", 0), ("2021", 1), ("1993", 0)]
    assert (question.single, question.name, question.lines) == (True, "Качан?", (2, 2))
    assert not reading.problems


def test_every_row_is_judged_and_the_good_ones_stay() -> None:
    reading = sheet(
        (1, "Жакшы?", "а", "б", "в", "А"),
        (2, "Ачкыч жок", "а", "б", "в", ""),
        (3, "", "а", "б", "в", "А"),
        (None, None, None),
        (4, "Латын", "а", "б", "в", "B"),
        (5, "Бош жооп", "а", "б", "", "В"),
        (6, "Кайталоо", "а", "а", "в", "А"),
        (7, "Узак", "а", "б", "в", "Ж"),
        (8, "Экөө", "а", "б", "в", "А, В"),
    )
    assert [question.name for question in reading.questions] == ["Жакшы?", "Экөө"]
    assert reading.refused == (3, 4, 6, 7, 8, 9)
    assert codes(reading) == [
        ("E_SHEET_NO_KEY", 3, 6),
        ("E_SHEET_NO_TEXT", 4, 2),
        ("E_SHEET_KEY_LETTER", 6, 6),
        ("E_SHEET_KEY_EMPTY", 7, 5),
        ("E_DUPLICATE_ANSWER", 8, 2),
        ("E_SHEET_KEY_BEYOND", 9, 6),
    ]
    two = reading.questions[1]
    assert isinstance(two, MultichoiceQuestion)
    assert ([answer.fraction for answer in two.answers], two.single) == ([0.5, 0, 0.5], False)


def test_a_single_answer_with_a_share_is_told_at_the_key() -> None:
    assert codes(sheet((1, "Q", "а", "б", "в", "В 50"))) == [("E_SHEET_KEY_SHARE", 2, 6)]
    assert codes(sheet((1, "Q", "а", "б", "в", "В 100"))) == []


def test_what_is_said_of_shares_and_tags_stands_in_their_columns() -> None:
    head = (*HEAD, "Темы", "Источник", "Түрү")
    act = "kg-law-114-2004 – Закон о порядке рассмотрения обращений граждан"
    reading = sheet(
        (1, "Q1", "а", "б", "в", "А 50, Б 40", "", "", ""),
        (2, "Q2", "а", "б", "в", "А 33, Б 67", "", "", ""),
        (3, "Q3", "а", "б", "в", "А 50, Б 50", "", "", "бир"),
        (4, "Q4", "а", "б", "в", "А", "", act, ""),
        (5, "Q5", "а", "б", "в", "А", f"{'т' * 51}; 0", "", ""),
        head=head,
    )
    assert codes(reading) == [
        ("E_MARKS_SUM", 2, 6),
        ("E_WEIGHT_NOT_ALLOWED", 3, 6),
        ("E_WEIGHT_NOT_ALLOWED", 3, 6),
        ("E_NO_CORRECT", 4, 6),
        ("W_TAG_LONG", 5, 8),
        ("E_TAG_REFUSED", 6, 7),
        ("W_TAG_LONG", 6, 7),
    ]


def test_a_letter_of_the_other_alphabet_is_told_with_its_own_places() -> None:
    two = sheet((1, "Q", "а", "б", "в", "B")).problems[0]
    assert (two.code, two.params) == ("E_SHEET_KEY_LETTER", {"text": "B", "latin": "2", "cyrillic": "3"})
    none = sheet((1, "Q", "а", "б", "в", "E")).problems[0]
    assert (none.code, none.params) == ("E_SHEET_KEY_LETTER_NONE", {"text": "E", "first": "А", "last": "В"})


def test_rows_that_only_part_the_questions_are_noted_and_left_out() -> None:
    asked = ("Q?", "а", "б", "в", "А")
    reading = sheet(
        ("Раздел 1. Конституция", None, None, None, None, None),
        (1, *asked),
        HEAD,
        (2, None, None, None, None, None),
        (None, None, "одинокий ответ", None, None, None),
        (None, "один текст", None, None, None, None),
        (" ", None, None, None, None, None),
    )
    assert [(one.code, one.line) for one in reading.problems] == [
        ("W_SHEET_HEADING", 2),
        ("W_SHEET_HEAD_AGAIN", 4),
        ("E_SHEET_NO_TEXT", 5),
        ("E_SHEET_NO_TEXT", 6),
        ("E_SHEET_NO_ANSWERS", 7),
        ("E_SHEET_NO_TEXT", 8),
    ]
    assert (len(reading.questions), reading.refused) == (1, (5, 6, 7, 8))
    begun = read_sheet([Line(("ID", *HEAD), 1), Line(("const-1.ru", *[None] * 6), 2)])
    assert codes(begun) == [("E_SHEET_NO_TEXT", 2, 3)], "an ID alone is a question somebody began"


def test_hidden_rows_and_hidden_sheets_are_told() -> None:
    row = (1, "Q", "а", "б", "в", "А")
    lines = [
        Line(HEAD, 1),
        Line(row, 2, folded=True),
        Line(HEAD, 1, "старое", hidden=True),
        Line(row, 2, "старое", hidden=True),
    ]
    reading = read_sheet([*lines, Line(("x",), 1, "lists", hidden=True)])
    assert codes(reading) == [("W_SHEET_HIDDEN", 0, 0), ("W_SHEET_ROW_HIDDEN", 2, 2)]
    assert (reading.problems[0].params, len(reading.questions)) == ({"text": "старое"}, 1)


def test_a_source_and_a_difficulty_have_columns_of_their_own() -> None:
    head = ("Вопрос", "А", "Б", "Ключ", "Темы", "Источник", "Сложность")
    row = ("Q", "а", "б", "А", "устав, план", "Закон о том, и о сём; kg-2#p1", "лёгкий")
    (question,) = read_sheet([Line(head, 1), Line(row, 2)]).questions
    assert question.tags == ("устав", "план", "source:Закон о том, и о сём", "source:kg-2#p1", "difficulty:лёгкий")


@pytest.mark.parametrize(
    ("tags", "cells"),
    [
        (("topic:устав", "source:kg-1#p1", "source:kg-2", "difficulty:hard"), ("topic:устав", "kg-1#p1; kg-2", "hard")),
        (("source:kg-1", "право"), ("source:kg-1, право", "", "")),
        (("source:Закон о том, и о сём",), ("", "Закон о том, и о сём", "")),
        ((), ("", "", "")),
    ],
)
def test_tags_are_written_into_the_columns_of_the_template(tags: tuple[str, ...], cells: tuple[str, str, str]) -> None:
    question = read("::t::Q{=а ~б}").questions[0]._replace(tags=tags)
    written = sheet_text([question], "ru")
    at = [written.head.index(name) for name in ("Темы", "Источник", "Сложность")]
    assert tuple(written.rows[0][place] for place in at) == cells
    assert written.problems == ()


def test_what_a_spreadsheet_program_makes_of_cells() -> None:
    import datetime

    date = sheet((1, "Q", datetime.date(2026, 2, 1), "б", "в", "А"))
    assert codes(date) == [("E_SHEET_DATE", 2, 3)]
    assert date.problems[0].params == {"text": "01.02.2026"}
    assert codes(sheet((1, "Q", "а", "б", "в", 1.3))) == [("E_SHEET_KEY", 2, 6)]
    error = Line((1, "Q", "#REF!", "б", "в", "Б"), 2, errors=frozenset({2}))
    assert ("E_SHEET_ERROR", 2, 3) in codes(read_sheet([Line(HEAD, 1), error]))
    unnamed = Line((1, "Q", None, "б", "в", "Б"), 2, errors=frozenset({2}))
    assert ("E_SHEET_ERROR_UNNAMED", 2, 3) in codes(read_sheet([Line(HEAD, 1), unnamed]))
    empty = Line((1, "Q", "а", "б", None, "Б"), 2, formulas=frozenset({4}), unsaved=frozenset({4}))
    assert codes(read_sheet([Line(HEAD, 1), empty])) == [("E_SHEET_FORMULA_EMPTY", 2, 5)]
    formula = Line((1, "Q", "а", "б", "в", "Б"), 2, formulas=frozenset({2}))
    reading = read_sheet([Line(HEAD, 1), formula])
    assert codes(reading) == [("W_SHEET_FORMULA", 2, 3)]
    assert reading.ok


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (0.1, "0%", "10%"),
        (1, "0%", "100%"),
        (0.105, "0%", None),
        (0.125, "0.00%", None),
        (2000.5, "#,##0.00", None),
        (0.5, "", None),
        (2000, "", "2000"),
        (2000, "#,##0", None),
        (200, "#,##0", "200"),
        (7, "000", "007"),
        (5, "0.00", None),
        (20101198000123, "", None),
        ("08:30:00", "h:mm", "8:30"),
        ("08:30:00", "hh:mm;@", "08:30"),
        ("08:30:15", "h:mm", None),
        ("08:30:00", "[$-409]h:mm:ss", "8:30:00"),
        ("08:30:00", "[$-F400]h:mm:ss", None),
        ("08:30:00", "h:mm AM/PM", None),
        (True, "", None),
    ],
)
def test_a_cell_says_what_its_author_sees_or_is_refused(value: Cell, code: str, shown: str | None) -> None:
    line = Line((1, "Q", "а", value, "в", "А"), 2, formats={3: code} if code else {})
    reading = read_sheet([Line(HEAD, 1), line])
    if shown is None:
        assert codes(reading) == [("E_SHEET_SHOWN", 2, 4)]
    else:
        (question,) = reading.questions
        assert isinstance(question, MultichoiceQuestion)
        assert question.answers[1].text == shown


def test_numbers_to_be_typed_count_by_their_value() -> None:
    head = ("Тип", "Вопрос", "Ответ А", "Ключ")
    found = read_sheet([Line(head, 1), Line(("число", "Сколько?", 2000.5, ""), 2, formats={2: "#,##0.00"})])
    assert [q.answers[0].answer for q in found.questions if isinstance(q, NumericalQuestion)] == [2000.5]


def test_rows_typed_beside_the_example_are_told() -> None:
    lines = [Line(("A: №", "B: Вопрос"), 1, "Пример"), Line((1, "example-001.ru"), 2, "Пример")]
    assert codes(read_sheet([*lines, Line(HEAD, 1)])) == [("E_NO_QUESTIONS", 0, 0)]
    told = read_sheet([*lines, Line((1, "Кто?"), 3, "Пример"), Line(HEAD, 1)])
    assert codes(told) == [("E_NO_QUESTIONS", 0, 0), ("W_SHEET_EXAMPLE", 0, 0)]
    assert (told.heads, told.problems[1].params["n"]) == (("1",), "1")


def test_other_types() -> None:
    head = ("Тип", "Вопрос", "Ответ А", "Ответ Б", "Ответ В", "Ключ", "Отклик А", "Отклик Б", "Пояснение", "ID", "Темы")
    reading = sheet(
        ("верно/неверно", "Да?", "", "", "", "Неверно", "нет", "да", "ст. 1", "К-1.ru", "этика, право"),
        ("", "Нет?", "", "", "", "да"),
        ("число", "Сколько?", "3,14 ± 0,01", 5.5, "*", "А 100, Б 50"),
        ("соответствие", "Что?", "а -> 1", "б → 2", "", ""),
        ("краткий ответ", "Кто?", "Президент", "президент*", "", "А 100; Б 80"),
        ("порядок", "Как?", "раз", "два", "три", ""),
        ("эссе", "О чём?", "", "", "", ""),
        head=head,
    )
    assert reading.ok, reading.problems
    first, second, number, match, short, _, _ = reading.questions
    assert isinstance(first, TruefalseQuestion)
    assert (first.correct, first.feedbacktrue.text, first.generalfeedback.text) == (False, "нет", "ст. 1")
    assert (first.idnumber, first.tags) == ("К-1.ru", ("этика", "право"))
    assert isinstance(second, TruefalseQuestion)
    assert second.correct
    assert isinstance(number, NumericalQuestion)
    assert [(one.answer, one.tolerance, one.fraction) for one in number.answers] == [
        (3.14, 0.01, 1.0),
        (5.5, 0, 0.5),
        ("*", None, 0.0),
    ]
    assert isinstance(match, MatchQuestion)
    assert [(pair.text, pair.answer) for pair in match.pairs] == [("а", "1"), ("б", "2")]
    assert isinstance(short, ShortanswerQuestion)
    assert [one.fraction for one in short.answers] == [1.0, 0.8]


@pytest.mark.parametrize(
    ("key", "marks"),
    [
        ("В", {2: 1.0}),
        ("б)", {1: 1.0}),
        ("3", {2: 1.0}),
        ("A", {0: 1.0}),
        ("D", {3: 1.0}),
        ("А и Г", {0: 1.0, 3: 1.0}),
        ("1,3", {0: 1.0, 2: 1.0}),
        ("А 50; В 50; Г -25", {0: 0.5, 2: 0.5, 3: -0.25}),
        ("Б = 33,33333 %", {1: 0.3333333}),
        ("B", {}),
        ("C", {}),
        ("1.3", {}),
        ("АВ", {}),
        ("9", {}),
        ("А, А", {}),
    ],
)
def test_keys(key: str, marks: dict[int, float]) -> None:
    assert read_key(key, "cyrillic", 4).marks == pytest.approx(marks)


def test_a_sheet_without_a_head_is_said() -> None:
    assert codes(sheet(("а", "б"), head=("в", "г"))) == [("E_SHEET_HEAD", 0, 0)]
    reading = sheet((1, "Q", "а", "б", "в", "А", "x"), head=(*HEAD, "Эскертүү"))
    assert codes(reading) == [("W_SHEET_COLUMN", 1, 7)]


def test_a_row_knows_its_cells() -> None:
    reading = sheet((1, "Q", "а", "", "в", "А"), (2, "", "а", "б", "", ""))
    assert reading.refused == (3,)
    assert reading.cells[2].empty == ("D2",)
    assert (reading.cells[2].key_cell, reading.cells[2].key) == ("F2", "А")
    assert reading.cells[3].empty == ("E3",)
    assert [cell_name(7, column) for column in (0, 25, 26, 701, 702)] == ["A7", "Z7", "AA7", "ZZ7", "AAA7"]


def test_an_example_is_no_sheet_of_questions() -> None:
    for language in HEADS:
        head = head_row(language, 4, remarks=False)  # type: ignore[arg-type]  # the keys are languages
        row = ("1", "", "Q?", "а", "б", "в", "г", answer_letters(language)[0], "", "", "example-001.ru")
        empty = SheetText(head, (), ())
        back = read_sheet(read_workbook(workbook(empty, "Q", example_page("E", head, [row]))))
        assert codes(back) == [("E_NO_QUESTIONS", 0, 0)]
        assert read_sheet(read_workbook(workbook(SheetText(head, (row,), ()), "Q"))).ok


def test_every_head_that_is_written_is_understood() -> None:
    for language in HEADS:
        layout = read_head(head_row(language, 10, remarks=True))  # type: ignore[arg-type]  # the keys are languages
        assert layout is not None
        assert (len(layout.answers), len(layout.remarks), layout.unknown) == (10, 10, ())


GIFT = """\
// [id:К-1.ru] [tag:право] [tag:этика]
::один::=формула? @тоже{=+1#верно ~-1#нет ~=SUM(A1)####ст. 5}

::много::Q{~%50%а ~%50%б ~%-50%в}

::доля::Q{=а ~%50%б ~в}

::слово::Q{=да =%50%ага}

::число::Q{#=3.14:0.01 =%50%5 ~#мимо}

::пары::Q{=а -> 1 =б -> 2}

::утверждение::Q{F#нет#да}

::эссе::Q{}

[html]<b>Описание</b>
"""


def test_workbook_and_back() -> None:
    questions = read(GIFT.replace("~=SUM(A1)", "~\\=SUM(A1)").replace("::=формула", "::\\=формула")).questions
    languages: tuple[SheetLanguage, ...] = ("ky", "ru", "en")
    for language in languages:
        written = sheet_text(questions, language)
        assert not written.problems
        back = read_sheet(read_workbook(workbook(written, "Суроолор")))
        assert not back.problems
        assert [one._replace(lines=NO_LINES) for one in back.questions] == [
            one._replace(lines=NO_LINES) for one in questions
        ]


def test_nothing_can_become_a_formula() -> None:
    (question,) = read("::т::Q{=\\=cmd|' /C calc'!A0 ~+1 ~@а ~-1}").questions
    data = workbook(sheet_text([question], "ru"), "Вопросы")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    page = openpyxl.load_workbook(io.BytesIO(data)).active
    assert page is not None
    risky = [
        cell for row in page.iter_rows(min_row=2) for cell in row if str(cell.value or "")[:1] in "=+-@" and cell.value
    ]
    assert len(risky) == 4
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in risky)


def test_what_a_sheet_cannot_say_is_listed() -> None:
    (mixed,) = read("::т::Q{=[html]а ~б}").questions
    lost = sheet_text([mixed], "ru").problems
    assert [(one.code, one.params["field"]) for one in lost] == [("W_LOST_IN_SHEET", "answers")]
    many = read("::т::Q{=0" + "".join(f" ~{n}" for n in range(1, 12)) + "}").questions
    assert [one.code for one in sheet_text(many, "ru").problems] == ["W_LOST_IN_SHEET"]
    long = read("::т::Q{=" + "а" * 40_000 + " ~б}").questions
    written = sheet_text(long, "ru")
    assert ([one.code for one in written.problems], written.rows) == (["E_SHEET_CANNOT"], ())


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.lists(st.one_of(st.none(), st.text(max_size=8), st.integers(), st.floats(), st.booleans()), max_size=8))
)
def test_no_row_makes_the_reader_fall(rows: list[list[Cell]]) -> None:
    reading = sheet(*(tuple(row) for row in rows))
    for question in reading.questions:
        assert question.text
