"""Applicants' lists: the sample of an office row by row, and every kind of disorder by itself."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_app.domain.applicant_cells import (
    EducationLevel,
    Experience,
    education_level,
    mask_number,
    read_email,
    read_experience,
    read_personal_number,
    read_phone,
    read_yes_no,
)
from flask_app.domain.applicant_columns import HEADS, Column, column_of
from flask_app.domain.applicants import Applicant, ApplicantsReading, Finding, read_applicants
from flask_app.domain.errors import InvalidInput
from flask_app.domain.sheets import Cell, SheetRow
from flask_app.messages.catalogue import LANGUAGES, explain
from flask_app.store.workbooks import read_workbook

DATA = Path(__file__).parent.parent / "data" / "applicants"
TODAY = date(2026, 11, 21)
HEAD: list[Cell] = [
    *("№ п/п", "ФИО", "ПИН", "Дата рождения", "Образование", "Общий стаж службы"),
    *("Стаж по специальности", "Телефон", "E-mail", "Документы"),
]
GOOD: list[Cell] = [
    *(1, "Асанов Азамат Асан уулу", "12810197208271", "28.10.1972", "высшее", 3, 15),
    *("+996797560583", "a@example.kg", "да"),
]
OTHER: list[Cell] = [2, "Осмонова Үмүт", "22104198591101", "21.04.1985", "жогорку", 14, 7, None, None, "жок"]


def sheet(*rows: Sequence[Cell], **options: Any) -> list[SheetRow]:
    return [SheetRow("Тизме", number, tuple(cells), **options) for number, cells in enumerate(rows, start=1)]


def read(*rows: Sequence[Cell]) -> ApplicantsReading:
    reading = read_applicants(sheet(*rows), today=TODAY)
    for finding in (*reading.notes, *(problem for row in reading.refused for problem in row.problems)):
        sentences_hold(finding)
    return reading


def sentences_hold(finding: Finding) -> None:
    for language in LANGUAGES:
        assert explain(finding.code, language, finding.sentence_params()).text


def changed(**values: Cell) -> list[Cell]:
    places = ["no", "name", "number", "birth", "education", "service", "specialty", "phone", "email", "documents"]
    row = list(GOOD)
    for name, value in values.items():
        row[places.index(name)] = value
    return row


def codes(reading: ApplicantsReading) -> dict[int, list[str]]:
    return {row.row: [problem.code for problem in row.problems] for row in reading.refused}


def notes(reading: ApplicantsReading) -> list[tuple[int, str]]:
    return [(note.row, note.code) for note in reading.notes]


def flat(one: Applicant) -> list[object]:
    lengths = ["" if length is None else f"{length.years}.{length.months}" for length in (one.service, one.specialty)]
    level = str(one.education_level)
    contact = (one.phone or "", one.email or "")
    return [
        one.name,
        one.personal_number,
        one.birth_date.isoformat(),
        level,
        *lengths,
        *contact,
        one.documents_complete,
    ]


# --- the sample ------------------------------------------------------------------------------------------------------


def test_the_sample_of_an_office_row_by_row() -> None:
    expected = tomllib.loads((DATA / "candidates.expected.toml").read_text(encoding="utf-8"))
    reading = read_applicants(read_workbook((DATA / "candidates.xlsx").read_bytes()), today=TODAY)
    assert {str(one.row): flat(one) for one in reading.accepted} == expected["accepted"]
    refused = {str(row.row): [[problem.column, problem.code] for problem in row.problems] for row in reading.refused}
    assert refused == expected["refused"]
    told: dict[str, list[str]] = {}
    for note in reading.notes:
        told.setdefault(str(note.row), []).append(note.code)
        sentences_hold(note)
    assert told == expected["notes"]


def test_what_the_findings_of_the_sample_say() -> None:
    reading = read_applicants(read_workbook((DATA / "candidates.xlsx").read_bytes()), today=TODAY)
    problems = {row.row: row.problems[0] for row in reading.refused}
    assert problems[14].params["other_row"] == 5
    (told,) = [n for n in reading.notes if (n.row, n.code) == (7, "APPLICANT_BIRTH_CONTRADICTS_NUMBER")]
    assert (told.params["date"], told.params["number_date"]) == ("14.03.1985", "01.06.1996")
    assert "10106199602925" not in str(told), "a personal number is masked wherever it is shown"
    assert str(explain(told.code, "ru", told.sentence_params())).startswith(
        "Строка 7, «Дата рождения»: написано 14.03.1985, а цифры 2–9 ПИН 1•••••••••••25 дают 01.06.1996."
    )


# --- the head --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "column"),
    [
        ("ФИО", Column.NAME),
        ("Ф.И.О.", Column.NAME),
        ("Ф. И. О. кандидата", Column.NAME),
        ("Фамилия, имя,\nотчество", Column.NAME),
        ("Аты-жөнү", Column.NAME),
        ("АТЫ ЖОНУ", Column.NAME),
        ("ФИО / Аты-жөнү", Column.NAME),
        ("Фамилиясы, аты, атасынын аты", Column.NAME),
        ("Full name", Column.NAME),
        ("ЖСН", Column.PERSONAL_NUMBER),
        ("ЖСН (ПИН)", Column.PERSONAL_NUMBER),
        ("ПИН / ЖСН", Column.PERSONAL_NUMBER),
        ("ИНН", Column.PERSONAL_NUMBER),
        ("Персональный номер", Column.PERSONAL_NUMBER),
        ("Персональный идентификационный номер (ПИН)", Column.PERSONAL_NUMBER),
        ("Жеке номери", Column.PERSONAL_NUMBER),
        ("Дата рождения", Column.BIRTH_DATE),
        ("Число, месяц, год рождения", Column.BIRTH_DATE),
        ("Год рожд.", Column.BIRTH_DATE),
        ("Туулган күнү, айы, жылы", Column.BIRTH_DATE),
        ("Туулган жылы", Column.BIRTH_DATE),
        ("Образование", Column.EDUCATION),
        ("Билими (адистиги)", Column.EDUCATION),
        ("Общий стаж службы (лет)", Column.SERVICE),
        ("Стаж", Column.SERVICE),
        ("Жалпы кызмат стажы", Column.SERVICE),
        ("Стаж по специальности", Column.SPECIALTY),
        ("Адистиги боюнча иш стажы", Column.SPECIALTY),
        ("Стаж на руководящей должности", None),
        ("Телефон", Column.PHONE),
        ("Конт. тел.", None),
        ("Номер телефона", Column.PHONE),
        ("Байланыш телефону", Column.PHONE),
        ("E-mail", Column.EMAIL),
        ("Электрондук почта", Column.EMAIL),
        ("Эл. почта", Column.EMAIL),
        ("Документы (да/нет)", Column.DOCUMENTS),
        ("Документтер", Column.DOCUMENTS),
        ("Документ об образовании", None),
        ("Серия и номер паспорта", None),
        ("Специальность", None),
        ("ФИО / Телефон", None),
        ("№ п/п", None),
        ("Примечание", None),
        ("", None),
        ("(", None),
    ],
)
def test_heads_are_recognised_in_their_variants(title: str, column: Column | None) -> None:
    assert column_of(title) is column


@pytest.mark.parametrize("column", list(Column))
def test_the_heads_we_ask_for_are_recognised(column: Column) -> None:
    assert column_of(HEADS[column]) is column


def test_titles_above_the_head_and_columns_in_any_order() -> None:
    reading = read(["Список", None], [None], ["Ноокат айыл өкмөтү"], HEAD[::-1], GOOD[::-1])
    assert [(one.row, one.name) for one in reading.accepted] == [(5, "Асанов Азамат Асан уулу")]


def test_a_complete_narrow_head_gives_way_to_a_wider_one_below() -> None:
    """The search ends early only where every column of the sheet is named."""
    reading = read(["ФИО", "ПИН", "Дата рождения"], ["Асанов Азамат", "12810197208271", "28.10.1972"], HEAD, GOOD)
    assert [one.row for one in reading.accepted] == [4]


def test_a_head_of_two_rows_with_merged_cells(tmp_path: Path) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        page = workbook.add_worksheet("Тизме")
        page.merge_range(0, 0, 0, 9, "Список подавших заявление")
        for column in (0, 1, 2, 3, 4, 7, 8, 9):
            page.merge_range(1, column, 2, column, HEAD[column])
        page.merge_range(1, 5, 1, 6, "Стаж (лет)")
        page.write(2, 5, "общий")
        page.write(2, 6, "по специальности")
        page.write_row(3, 0, range(1, 11))
        page.write_row(4, 0, GOOD)
    reading = read_applicants(read_workbook(target.getvalue()), today=TODAY)
    assert [flat(one) for one in reading.accepted] == [flat(read(HEAD, GOOD).accepted[0])]
    assert notes(reading) == [(4, "APPLICANT_ROW_COLUMN_NUMBERS")]


def test_a_head_of_two_rows_without_merged_cells() -> None:
    upper = [*HEAD[:5], "Стаж", None, *HEAD[7:]]
    lower: list[Cell] = [None, None, None, None, None, "общий", "по специальности"]
    (one,) = read(upper, lower, GOOD).accepted
    assert (one.service, one.specialty) == (Experience(3), Experience(15))


def test_a_covering_head_is_not_spread_over_a_neighbour_of_its_own() -> None:
    """«ПИН» has nothing below it, so «общий» beside it is not under it."""
    upper = ["ФИО", "ПИН", None, "Дата рождения", "Образование", "Стаж", "Документы"]
    lower = [None, None, "общий", None, None, None, None]
    reading = read(upper, lower, ["Асанов Азамат", "12810197208271", "x", "28.10.1972", "высшее", 3, "да"])
    assert reading.accepted[0].personal_number == "12810197208271"


@pytest.mark.parametrize("place", [1, 2, 3, 4, 5, 9])
def test_a_missing_obligatory_column_is_named(place: int) -> None:
    head = [None if index == place else cell for index, cell in enumerate(HEAD)]
    with pytest.raises(InvalidInput) as refused:
        read(["Список"], head, GOOD)
    assert refused.value.code == "APPLICANTS_COLUMNS_MISSING"
    assert refused.value.params["row"] == 2
    column = column_of(str(HEAD[place]))
    assert column is not None
    assert refused.value.params["columns"] == HEADS[column]
    for language in LANGUAGES:
        assert HEADS[column] in explain(refused.value.code, language, refused.value.params).text


def test_all_missing_columns_are_named_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        read(["ФИО", "ПИН", "Телефон"], ["Асанов Азамат", "12810197208271", None])
    assert str(refused.value.params["columns"]).count(";") == 3


def test_optional_columns_may_be_missing() -> None:
    places = (1, 2, 3, 4, 5, 9)
    (one,) = read([HEAD[place] for place in places], [GOOD[place] for place in places]).accepted
    assert (one.specialty, one.phone, one.email) == (None, None, None)


def test_surname_name_and_patronymic_in_columns_of_their_own() -> None:
    head = ["Фамилия", "Имя", "Отчество", *HEAD[2:]]
    reading = read(head, ["АСАНОВ", "Азамат", "Асан уулу", *GOOD[2:]], ["Осмонова", None, None, *OTHER[2:]])
    assert [one.name for one in reading.accepted] == ["Асанов Азамат Асан уулу"]
    assert codes(reading) == {3: ["PERSON_NAME_ONE_WORD"]}


def test_no_head_at_all() -> None:
    with pytest.raises(InvalidInput) as refused:
        read(["просто", "какие-то", "слова"], GOOD)
    assert refused.value.code == "APPLICANTS_HEAD_MISSING"
    with pytest.raises(InvalidInput, match="HEAD_MISSING"):
        read_applicants([], today=TODAY)


def test_two_columns_of_one_meaning() -> None:
    with pytest.raises(InvalidInput) as refused:
        read([*HEAD, "Стаж госслужбы"], [*GOOD, 5])
    assert refused.value.code == "APPLICANTS_COLUMN_TWICE"
    assert (refused.value.params["one"], refused.value.params["other"]) == ("F", "K")
    reading = read([*HEAD, "Моб. тел."], [*GOOD, "5"])
    assert notes(reading) == [(1, "APPLICANT_COLUMN_NOT_READ")]


def test_sheets_without_a_head_and_hidden_sheets_are_told() -> None:
    rows = [
        *sheet(HEAD, GOOD),
        *(SheetRow("Заметки", number, ("x",)) for number in (1, 2)),
        *(SheetRow("Черновик", number, tuple(row), hidden=True) for number, row in enumerate((HEAD, OTHER), start=1)),
    ]
    reading = read_applicants(rows, today=TODAY)
    assert len(reading.accepted) == 1
    told = [(note.sheet, note.code) for note in reading.notes]
    assert told == [("Заметки", "APPLICANTS_SHEET_WITHOUT_HEAD"), ("Черновик", "APPLICANTS_SHEET_HIDDEN")]


def test_two_sheets_are_one_list() -> None:
    rows = [*sheet(HEAD, GOOD), *(SheetRow("2", n, tuple(row)) for n, row in enumerate((HEAD, OTHER, GOOD), start=1))]
    reading = read_applicants(rows, today=TODAY)
    assert [(one.sheet, one.row) for one in reading.accepted] == [("Тизме", 2), ("2", 2)]
    assert reading.refused[0].problems[0].params["other_sheet"] == "Тизме"


# --- rows ------------------------------------------------------------------------------------------------------------


def test_rows_that_are_nobody() -> None:
    reading = read(
        HEAD,
        list(range(1, 11)),
        GOOD,
        [],
        [None, "из них прошли по переводу:"],
        HEAD,
        OTHER,
        ["Итого:", None, 2],
        ["Жыйынтыгы 2"],
        [None, "Ответственный секретарь ______ 20101198000123"],
        [None, None],
    )
    assert len(reading.accepted) == 2
    assert notes(reading) == [
        (2, "APPLICANT_ROW_COLUMN_NUMBERS"),
        (4, "APPLICANT_ROW_EMPTY"),
        (5, "APPLICANT_ROW_NOTE"),
        (6, "APPLICANT_ROW_HEAD_AGAIN"),
        (8, "APPLICANT_ROW_TOTAL"),
        (9, "APPLICANT_ROW_TOTAL"),
        (10, "APPLICANT_ROW_NOTE"),
    ]
    assert "20101198000123" not in str(reading.notes)


def test_a_full_name_standing_alone_is_a_person_and_not_a_remark() -> None:
    reading = read(HEAD, [None, "Асан уулу Азамат"], [None, "Ответственный секретарь"])
    assert list(codes(reading)) == [2]
    assert notes(reading) == [(3, "APPLICANT_ROW_NOTE")]


def test_all_problems_of_a_row_are_told_at_once() -> None:
    row = changed(
        name="Асанов",
        number="123",
        birth="31.02.1991",
        education=None,
        service="пять",
        specialty=-1,
        phone="звонить утром",
        email="a@@b",
        documents="?",
    )
    assert codes(read(HEAD, row))[2] == [
        *("PERSON_NAME_ONE_WORD", "APPLICANT_NUMBER_LENGTH", "WRITTEN_DATE_IMPOSSIBLE", "APPLICANT_EDUCATION_MISSING"),
        *("APPLICANT_SERVICE_UNREADABLE", "APPLICANT_SERVICE_NEGATIVE", "APPLICANT_PHONE_UNREADABLE"),
        *("APPLICANT_EMAIL_UNREADABLE", "APPLICANT_DOCUMENTS_UNREADABLE"),
    ]


@pytest.mark.parametrize("place", range(1, 10))
def test_computed_cells_and_errors_are_refused(place: int) -> None:
    head, good = (SheetRow("Тизме", number, tuple(row)) for number, row in enumerate((HEAD, GOOD), start=1))
    computed = SheetRow("Тизме", 2, good.cells, formulas=frozenset({place}))
    wrong = SheetRow("Тизме", 2, good.cells, formulas=frozenset({place}), errors=frozenset({place}))
    reading = read_applicants([head, computed], today=TODAY)
    if place in (5, 6):
        assert notes(reading) == [(2, "APPLICANT_SERVICE_COMPUTED")]
        assert reading.accepted[0].service == Experience(3)
    else:
        assert codes(reading) == {2: ["APPLICANT_CELL_FORMULA"]}
    assert codes(read_applicants([head, wrong], today=TODAY)) == {2: ["APPLICANT_CELL_ERROR"]}


def test_a_formula_of_a_csv_file_is_text_and_refused_too() -> None:
    assert codes(read(HEAD, changed(phone="=cmd|' /C calc'!A0"))) == {2: ["APPLICANT_CELL_FORMULA"]}


def test_a_birth_date_the_number_denies_is_told_and_keeps_nobody_out() -> None:
    reading = read(HEAD, changed(birth="29.10.1972"))
    assert len(reading.accepted) == 1
    (told,) = [note for note in reading.notes if note.code == "APPLICANT_BIRTH_CONTRADICTS_NUMBER"]
    assert (told.params["date"], told.params["number_date"]) == ("29.10.1972", "28.10.1972")


def test_of_two_with_one_number_the_one_it_denies_stays_out() -> None:
    reading = read(HEAD, changed(birth="29.10.1972", name="Осмонова Айгүл Асан кызы"), changed())
    assert [applicant.row for applicant in reading.accepted] == [3]
    assert [row.problems[0].code for row in reading.refused] == ["APPLICANT_BIRTH_CONTRADICTS_NUMBER"]


def test_birth_dates_outside_plausible_ages() -> None:
    young = TODAY - timedelta(days=365 * 15)
    number = f"1{young:%d%m%Y}00000"
    assert codes(read(HEAD, changed(number=number, birth=young, service=0, specialty=None))) == {
        2: ["WRITTEN_DATE_TOO_LATE"]
    }


def test_service_longer_than_life_is_refused_and_unlikely_service_told() -> None:
    assert codes(read(HEAD, changed(service=55))) == {2: ["APPLICANT_SERVICE_LONGER_THAN_LIFE"]}
    reading = read(HEAD, changed(service=41))
    assert notes(reading) == [(2, "APPLICANT_SERVICE_UNLIKELY")]
    assert notes(read(HEAD, changed(service=40))) == []


def test_education_that_is_not_understood_goes_in_and_is_told() -> None:
    reading = read(HEAD, changed(education="неоконченное высшее"))
    assert reading.accepted[0].education_level is EducationLevel.UNKNOWN
    assert reading.accepted[0].education == "неоконченное высшее"
    assert notes(reading) == [(2, "APPLICANT_EDUCATION_LEVEL_UNKNOWN")]


# --- duplicates ------------------------------------------------------------------------------------------------------


def test_the_first_good_row_of_a_person_goes_in() -> None:
    reading = read(HEAD, changed(documents="?"), GOOD, GOOD, changed(name="  асанов азамат асан уулу"))
    assert [one.row for one in reading.accepted] == [3]
    assert codes(reading) == {
        2: ["APPLICANT_DOCUMENTS_UNREADABLE"],
        4: ["APPLICANT_DUPLICATE_PERSON"],
        5: ["APPLICANT_DUPLICATE_PERSON"],
    }
    assert {row.problems[0].params.get("other_row") for row in reading.refused[1:]} == {3}
    assert notes(reading) == [(3, "APPLICANT_NUMBER_IN_REFUSED_ROW")]


def test_one_number_with_two_people() -> None:
    reading = read(HEAD, GOOD, changed(name="Петров Пётр"))
    assert codes(reading) == {3: ["APPLICANT_NUMBER_OF_ANOTHER"]}
    assert reading.refused[0].problems[0].params["other_name"] == "Асанов Азамат Асан уулу"


def test_one_name_and_birth_date_with_two_numbers() -> None:
    one, other = changed(name="Пётр Ёлкин"), changed(name="ПЕТР ЕЛКИН", number="12810197299999")
    assert codes(read(HEAD, one, other)) == {3: ["APPLICANT_DUPLICATE_NAME_AND_BIRTH"]}


def test_kyrgyz_letters_make_different_people() -> None:
    other = changed(name="Өмүров Жаңыл", number="12810197299999")
    assert codes(read(HEAD, changed(name="Омуров Жаныл"), other)) == {}


def test_one_name_on_two_birth_dates_is_two_people() -> None:
    other = changed(number="12910197299999", birth="29.10.1972")
    assert len(read(HEAD, GOOD, other).accepted) == 2


@settings(max_examples=60)
@given(st.lists(st.integers(0, 5), max_size=12))
def test_every_row_goes_in_or_is_refused_and_nobody_twice(picks: list[int]) -> None:
    people = [
        GOOD,
        OTHER,
        changed(name="Петров Пётр"),
        changed(birth="31.02.1991"),
        changed(number="12810197299999"),
        changed(documents=None),
    ]
    reading = read_applicants(sheet(HEAD, *(people[pick] for pick in picks)), today=TODAY)
    places = sorted([one.row for one in reading.accepted] + [row.row for row in reading.refused])
    assert places == list(range(2, len(picks) + 2))
    assert len({one.personal_number for one in reading.accepted}) == len(reading.accepted)
    assert all(row.problems for row in reading.refused)


CELLS = st.none() | st.text(max_size=12) | st.integers() | st.floats() | st.booleans() | st.dates()


@settings(max_examples=60)
@given(st.lists(st.lists(CELLS, max_size=11), max_size=6))
def test_no_cells_break_the_reader(rows: list[list[Cell]]) -> None:
    reading = read(HEAD, *rows)
    told = {note.row for note in reading.notes}
    placed = {one.row for one in reading.accepted} | {row.row for row in reading.refused}
    last = max(
        (row.number for row in sheet(HEAD, *rows) if any(str(cell or "").strip() for cell in row.cells)), default=1
    )
    assert set(range(2, last + 1)) <= told | placed


# --- cells -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "number", "repair"),
    [
        ("12810197208271", "12810197208271", ""),
        (12810197208271, "12810197208271", ""),
        (12810197208271.0, "12810197208271", ""),
        ("'12810197208271", "12810197208271", "APPLICANT_NUMBER_TIDIED"),
        (" 1 28101972 08271", "12810197208271", "APPLICANT_NUMBER_TIDIED"),
    ],
)
def test_personal_numbers(cell: Cell, number: str, repair: str) -> None:
    reading = read_personal_number(cell)
    assert (reading.value, reading.repair, reading.problem) == (number, repair, "")


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (None, "MISSING"),
        ("", "MISSING"),
        (True, "MISSING"),
        ("2150319850012", "LENGTH"),
        ("128101972082711", "LENGTH"),
        ("1281019720827O", "NOT_DIGITS"),
        ("12810197208271.5", "NOT_DIGITS"),
        ("１２８１０１９７２０８２７１", "NOT_DIGITS"),
        ("1,28102E+13", "ROUNDED"),
        ("1.28E13", "ROUNDED"),
        ("32810197208271", "FIRST_DIGIT"),
        ("13102199108271", "NO_DATE"),
        ("10000000000000", "NO_DATE"),
    ],
)
def test_what_is_no_personal_number(cell: Cell, problem: str) -> None:
    reading = read_personal_number(cell)
    assert (reading.value, reading.problem) == (None, f"APPLICANT_NUMBER_{problem}")


@given(st.text(alphabet="0123456789", min_size=6, max_size=16))
def test_a_masked_number_keeps_three_digits(number: str) -> None:
    masked = mask_number(number)
    assert len(masked) == len(number)
    assert sum(sign.isdigit() for sign in masked) == 3
    assert mask_number("12345") == "•••••"


@pytest.mark.parametrize(
    ("cell", "years", "months", "told"),
    [
        (3, 3, 0, False),
        (0, 0, 0, False),
        ("5", 5, 0, False),
        ("5 лет", 5, 0, True),
        ("1 год", 1, 0, True),
        ("2 г. 1 м.", 2, 1, True),
        ("5 лет 3 мес.", 5, 3, True),
        ("5 лет и 11 месяцев", 5, 11, True),
        ("5 жыл 3 ай", 5, 3, True),
        ("15 мес", 1, 3, True),
        ("5 лет 3 мес. 12 дней", 5, 3, True),
        ("нет", 0, 0, True),
        ("без стажа", 0, 0, True),
    ],
)
def test_lengths_of_service(cell: Cell, years: int, months: int, told: bool) -> None:
    reading = read_experience(cell)
    assert (reading.value, bool(reading.repair)) == (Experience(years, months), told)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (None, "MISSING"),
        ("-", "MISSING"),
        (-2, "NEGATIVE"),
        ("-2 года", "NEGATIVE"),
        (5.5, "FRACTION"),
        ("5,5", "FRACTION"),
        ("2.3 года", "FRACTION"),
        ("пять", "UNREADABLE"),
        ("более 5 лет", "UNREADABLE"),
        ("5+", "UNREADABLE"),
        ("5 лет 15 мес", "UNREADABLE"),
        ("2015", "UNREADABLE"),
        ("12 дней", "UNREADABLE"),
        (True, "UNREADABLE"),
        (date(2020, 1, 1), "UNREADABLE"),
    ],
)
def test_what_is_no_length_of_service(cell: Cell, problem: str) -> None:
    assert read_experience(cell).problem == f"APPLICANT_SERVICE_{problem}"


@pytest.mark.parametrize(
    ("cell", "phone", "repair"),
    [
        ("+996 797 560 583", "+996797560583", ""),
        (996700123456, "+996700123456", "READ"),
        ("0700 12-34-56", "+996700123456", "READ"),
        ("700123456", "+996700123456", "READ"),
        ("00996700123456", "+996700123456", "READ"),
        ("тел. 0700123456", "+996700123456", "READ"),
        ("(0312) 62-41-40", "+996312624140", "READ"),
        ("+7 701 123 45 67", "+77011234567", ""),
        ("0700123456, 0555123456", "+996700123456", "FIRST_TAKEN"),
        (None, None, ""),
        ("  ", None, ""),
    ],
)
def test_phones(cell: Cell, phone: str | None, repair: str) -> None:
    reading = read_phone(cell)
    assert (reading.value, reading.repair.removeprefix("APPLICANT_PHONE_"), reading.problem) == (phone, repair, "")


@pytest.mark.parametrize("cell", ["12345", "87011234567", "0000123456", "+996 12", "позвонить", 5.5, "+1", True])
def test_what_is_no_phone(cell: Cell) -> None:
    assert read_phone(cell).problem == "APPLICANT_PHONE_UNREADABLE"


@pytest.mark.parametrize("cell", ["не указан", "Жок", "-", "—", "көрсөтүлгөн эмес", "нет."])
def test_what_says_that_nothing_is_stated(cell: Cell) -> None:
    assert {read_phone(cell).repair, read_email(cell).repair} == {"APPLICANT_NOT_STATED"}


@pytest.mark.parametrize(
    ("cell", "email", "repair"),
    [
        ("a.b+c@Example.KG", "a.b+c@example.kg", "APPLICANT_EMAIL_TIDIED"),
        (" user2@example.kg ", "user2@example.kg", ""),
        ("mailto:a@b.kg", "a@b.kg", "APPLICANT_EMAIL_TIDIED"),
        (None, None, ""),
    ],
)
def test_emails(cell: Cell, email: str | None, repair: str) -> None:
    reading = read_email(cell)
    assert (reading.value, reading.repair, reading.problem) == (email, repair, "")


@pytest.mark.parametrize(
    "cell", ["a@@b.kg", "a@b", "a b@c.kg", "ы@b.kg", "a@b.kg, c@d.kg", ".a@b.kg", "a@-b.kg", "a" * 250 + "@b.kg", 5]
)
def test_what_is_no_email(cell: Cell) -> None:
    assert read_email(cell).problem == "APPLICANT_EMAIL_UNREADABLE"


@pytest.mark.parametrize(("cell", "value"), [("да", True), ("Да ", True), ("ООБА", True), ("+", True), (1, True)])
def test_yes(cell: Cell, value: bool) -> None:
    assert read_yes_no(cell).value is value


@pytest.mark.parametrize("cell", ["нет", "жок", "-", "—", False, 0, "не полный", "толук эмес"])
def test_no(cell: Cell) -> None:
    assert read_yes_no(cell).value is False


@pytest.mark.parametrize(
    ("cell", "code"), [(None, "MISSING"), (" ", "MISSING"), ("да/нет", "UNREADABLE"), (2, "UNREADABLE")]
)
def test_neither_yes_nor_no(cell: Cell, code: str) -> None:
    assert read_yes_no(cell).problem == f"APPLICANT_DOCUMENTS_{code}"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("высшее юридическое", "higher"),
        ("Жогорку", "higher"),
        ("ВЫСШЕЕ", "higher"),
        ("бакалавр права", "higher"),
        ("высшее, среднее специальное", "higher"),
        ("среднее специальное", "secondary_vocational"),
        ("средне-специальное", "secondary_vocational"),
        ("ср. спец.", "secondary_vocational"),
        ("среднее профессиональное", "secondary_vocational"),
        ("Орто кесиптик", "secondary_vocational"),
        ("атайын орто", "secondary_vocational"),
        ("техникум", "secondary_vocational"),
        ("среднее", "secondary"),
        ("Орто", "secondary"),
        ("жалпы орто билим", "secondary"),
        ("неполное высшее", "unknown"),
        ("незаконченное высшее", "unknown"),
        ("без высшего", "unknown"),
        ("толук эмес жогорку", "unknown"),
        ("самоучка", "unknown"),
        ("", "unknown"),
    ],
)
def test_levels_of_education(text: str, level: str) -> None:
    assert education_level(text) == level
