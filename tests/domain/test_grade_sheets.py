"""Spreadsheets of results: heads as institutions write them, words for results, cells that are not what they show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_app.domain.errors import InvalidInput
from flask_app.domain.grade_sheets import (
    HEADS,
    MOST_PROBLEMS,
    OBLIGATORY,
    Column,
    GradeSheet,
    column_of,
    read_grades,
    status_of,
)
from flask_app.domain.sheets import Cell, SheetRow
from flask_app.messages import LANGUAGES, explain, label
from flask_app.messages.catalogue import catalogue

TODAY = date(2026, 4, 16)
ROW: dict[Column, Cell] = {
    Column.ORDER: "ЗО-2026/04",
    Column.COURSE: "LSG-36",
    Column.NAMES: "Акматова Айгүл Нурлановна",
    Column.STATUS: "зачёт",
    Column.ASSESSED: "13.04.2026",
    Column.PROTOCOL: "П-1",
}


def read(*rows: dict[Column, Cell], columns: Sequence[Column] = tuple(Column), **last: frozenset[int]) -> GradeSheet:
    table: list[list[Cell]] = [[HEADS[column] for column in columns]]
    table += [[row.get(column) for column in columns] for row in rows]
    lines = [SheetRow("1", number, tuple(cells)) for number, cells in enumerate(table, start=1)]
    if last:
        lines[-1] = SheetRow("1", len(table), tuple(table[-1]), **last)  # type: ignore[arg-type]  # named by the test
    return read_grades(lines, today=TODAY)


def codes(sheet: GradeSheet) -> list[str]:
    """Each of which has a sentence in every language, filled from what came with it."""
    for problem in sheet.problems:
        assert problem.code in catalogue()
        for language in LANGUAGES:
            said = str(explain(problem.code, language, problem.params))
            assert not re.search(r"\{[a-z_]{2,}\}", said), said
    return [problem.code for problem in sheet.problems]


def test_after_hundreds_of_bad_cells_the_rest_is_told_as_not_read() -> None:
    bad = {**ROW, Column.STATUS: "отлично", Column.REASON: "=1"}
    sheet = read(ROW, *[bad] * (2 * MOST_PROBLEMS), ROW)
    assert len(sheet.grades) == 1, "what was read before is taken"
    assert codes(sheet)[-1] == "GRADE_SHEET_STOPPED"
    assert len(sheet.problems) == MOST_PROBLEMS + 1
    assert (sheet.problems[-1].row, sheet.problems[-1].params["found"]) == (MOST_PROBLEMS + 3, str(MOST_PROBLEMS))
    assert len(read(*[bad] * MOST_PROBLEMS).problems) == MOST_PROBLEMS, "nothing beneath, nothing left out"


@pytest.mark.parametrize("column", list(Column))
def test_the_heads_of_the_template_are_known(column: Column) -> None:
    assert column_of(HEADS[column]) is column


@pytest.mark.parametrize(
    ("title", "column"),
    [
        ("ФИО", Column.NAMES),
        ("Аты-жөнү", Column.NAMES),
        ("№ протокола", Column.PROTOCOL),
        ("Дата  экзамена", Column.ASSESSED),
        ("Макс. балл", Column.MAXIMUM),
        ("Итог", Column.STATUS),
        ("Обозначение слушателя (personId)", Column.PERSON),
        ("Имя / Балл", None),
        ("Примечание", None),
        ("", None),
    ],
)
def test_heads_of_other_sheets(title: str, column: Column | None) -> None:
    assert column_of(title) is column


@pytest.mark.parametrize("status", ["passed", "failed", "absent", "in-progress"])
def test_every_word_the_template_offers_is_a_result(status: str) -> None:
    assert [status_of(label(f"tr_outcome_{status}", language)) for language in LANGUAGES] == [status] * len(LANGUAGES)
    assert status_of("отлично") is None


@pytest.mark.parametrize(
    ("score", "maximum", "read_as"),
    [
        ("70,5", 100, ("70.5", "100")),
        (70.5, "100", ("70.5", "100")),
        ("70,50 / 100", None, ("70.50", "100")),
        ("4 из 5", 5, ("4", "5")),
        ("–", 100, (None, None)),
        (None, None, (None, None)),
    ],
)
def test_points_are_read_as_they_are_written(
    score: Cell, maximum: Cell, read_as: tuple[str | None, str | None]
) -> None:
    sheet = read({**ROW, Column.SCORE: score, Column.MAXIMUM: maximum})
    assert codes(sheet) == []
    assert (sheet.grades[0].score, sheet.grades[0].maximum) == read_as


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({Column.SCORE: "85%", Column.MAXIMUM: 100}, "GRADE_SHEET_POINTS"),
        ({Column.SCORE: 71.555, Column.MAXIMUM: 100}, "GRADE_SHEET_POINTS"),
        ({Column.SCORE: "4/5", Column.MAXIMUM: 10}, "GRADE_SHEET_POINTS"),
        ({Column.SCORE: datetime(2026, 4, 5), Column.MAXIMUM: 100}, "GRADE_SHEET_POINTS"),  # noqa: DTZ001  # a cell
        ({Column.SCORE: -1, Column.MAXIMUM: 100}, "GRADE_SHEET_POINTS"),
        ({Column.SCORE: 85}, "GRADE_SHEET_MAXIMUM_MISSING"),
        ({Column.STATUS: "хорошо"}, "GRADE_SHEET_STATUS"),
        ({Column.STATUS: None}, "GRADE_SHEET_CELL_EMPTY"),
        ({Column.ORDER: None}, "GRADE_SHEET_CELL_EMPTY"),
        ({Column.NAMES: None}, "GRADE_SHEET_CELL_EMPTY"),
        ({Column.ASSESSED: "весной"}, "WRITTEN_DATE_UNREADABLE"),
        ({Column.ASSESSED: "17.04.2026"}, "WRITTEN_DATE_TOO_LATE"),
        ({Column.PROTOCOL: None}, "GRADE_SHEET_PROTOCOL"),
        ({Column.SCORE: "101", Column.MAXIMUM: 100}, "GRADE_SHEET_ABOVE_MAXIMUM"),
        ({Column.STATUS: "неявка", Column.SCORE: 1, Column.MAXIMUM: 2}, "GRADE_SHEET_SCORE_WITHOUT_RESULT"),
        ({Column.ATTEMPT: 100}, "GRADE_SHEET_NUMBER"),
        ({Column.HOURS: "72 ч"}, "GRADE_SHEET_NUMBER"),
        ({Column.REASON: "=A1"}, "GRADE_SHEET_CELL_FORMULA"),
    ],
)
def test_a_row_with_a_problem_is_told_and_its_neighbour_goes_in(changes: dict[Column, Cell], code: str) -> None:
    sheet = read({**ROW, **changes}, ROW)
    assert codes(sheet) == [code]
    assert [(grade.row, grade.attempt) for grade in sheet.grades] == [(3, 1)]
    assert sheet.problems[0].row == 2


def test_what_was_computed_may_not_be_what_it_shows() -> None:
    assert codes(read(ROW, formulas=frozenset({4}))) == ["GRADE_SHEET_CELL_FORMULA"]
    assert codes(read(ROW, errors=frozenset({4}), formulas=frozenset({4}))) == ["GRADE_SHEET_CELL_ERROR"]
    percent = SheetRow("1", 2, ("a", "b", "в", "неявка", "13.04.2026", 0.85, 100), formats={5: "0.00%"})
    heads = tuple(
        HEADS[Column(name)] for name in ("orderRef", "courseCode", "names", "status", "assessedOn", "score", "max")
    )
    assert codes(read_grades([SheetRow("1", 1, heads), percent], today=TODAY)) == ["GRADE_SHEET_POINTS"]


def test_rows_of_the_template_nobody_filled_in_say_nothing() -> None:
    waiting: dict[Column, Cell] = {
        Column.ORDER: "1",
        Column.COURSE: "2",
        Column.PERSON: "3",
        Column.NAMES: "4",
        Column.HOURS: "1",
    }
    assert [grade.row for grade in read(waiting, ROW, {}).grades] == [3]
    with pytest.raises(InvalidInput) as refused:
        read(waiting)
    assert refused.value.code == "GRADE_SHEET_EMPTY"


def test_a_sheet_is_refused_whole_where_its_columns_are_not_clear() -> None:
    for missing in OBLIGATORY:
        with pytest.raises(InvalidInput) as refused:
            read(ROW, columns=[column for column in Column if column is not missing])
        assert (refused.value.code, HEADS[missing] in str(refused.value.params["columns"])) == (
            "GRADE_SHEET_COLUMNS_MISSING",
            True,
        )
    for columns, code in (
        ([*Column, Column.STATUS], "GRADE_SHEET_COLUMN_TWICE"),
        ([c for c in Column if c not in (Column.PERSON, Column.NAMES)], "GRADE_SHEET_COLUMNS_MISSING"),
        ([Column.STATUS], "GRADE_SHEET_HEAD_MISSING"),
    ):
        with pytest.raises(InvalidInput) as refused:
            read(ROW, columns=columns)
        assert refused.value.code == code
    heads = tuple(HEADS.values())
    with pytest.raises(InvalidInput) as refused:
        read_grades([SheetRow(name, 1, heads) for name in "12"], today=TODAY)
    assert refused.value.code == "GRADE_SHEET_SEVERAL"


CELLS = st.none() | st.text(max_size=6) | st.integers() | st.floats() | st.booleans() | st.dates() | st.datetimes()


@given(st.lists(st.lists(CELLS, min_size=len(Column), max_size=len(Column)), min_size=1, max_size=3))
def test_no_row_breaks_the_reader(rows: list[list[Cell]]) -> None:
    lines = [SheetRow("1", 1, tuple(HEADS.values()))]
    good = tuple(ROW.get(column) for column in Column)
    lines += [SheetRow("1", number, tuple(cells)) for number, cells in enumerate([*rows, good], start=2)]
    sheet = read_grades(lines, today=TODAY)
    assert sheet.grades[-1].row == lines[-1].number
    codes(sheet)
    assert not {grade.row for grade in sheet.grades} & {problem.row for problem in sheet.problems}
