"""Reads a list of applicants as offices keep it in a spreadsheet.

A row goes in whole or not at all: a row with a problem is refused with all its problems, and what was repaired in a
row that goes in is told. Nothing is guessed. Import of such lists is a first-class way in (DOMAIN.md J 17).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import TypeVar

from flask_app.domain.applicant_cells import (
    CellReading,
    EducationLevel,
    Experience,
    birth_date_in,
    education_level,
    mask_number,
    plain_text,
    read_email,
    read_experience,
    read_language,
    read_personal_number,
    read_phone,
    read_yes_no,
)
from flask_app.domain.applicant_columns import Column, Head, check_head, find_head
from flask_app.domain.applicant_rows import is_empty, left_out, row_text, texts_of
from flask_app.domain.dates import read_date, show_date
from flask_app.domain.errors import InvalidInput
from flask_app.domain.names import fold_name, is_latin, read_name, sort_key
from flask_app.domain.sheets import Cell, SheetRow, column_letters

Value = TypeVar("Value")

# Plausibility of a birth date, not a rule of law: outside these ages a typing error is likelier than an applicant.
YOUNGEST_YEARS = 16
OLDEST_YEARS = 90
# Work begun below this age is told as unlikely.
EARLIEST_WORK_YEARS = 14

_NAME_COLUMNS = (Column.NAME, Column.SURNAME, Column.GIVEN_NAME, Column.PATRONYMIC)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to tell about a place in the list: a reason for refusal or a note.

    `row` counts as the spreadsheet program shows it, 0 for a whole sheet. `column` is the head as the file writes it,
    empty for a whole row. `params` fill the sentence of `code`; personal numbers in them are masked.
    """

    sheet: str
    row: int
    column: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def sentence_params(self) -> dict[str, object]:
        """All that the sentence of `code` may name."""
        return {"sheet": self.sheet, "row": self.row, "column": self.column, **self.params}


@dataclass(frozen=True, slots=True)
class Applicant:
    """One row that went in. `phone` is +996 and nine digits, or a foreign number with its +. `language`: of the test,
    empty where the list does not say.
    """

    sheet: str
    row: int
    name: str
    sort_key: str
    personal_number: str
    birth_date: date
    education: str
    education_level: EducationLevel
    service: Experience
    specialty: Experience | None
    phone: str | None
    email: str | None
    documents_complete: bool
    language: str = ""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that did not go in, with all its problems. `name` is the name as far as it could be read."""

    sheet: str
    row: int
    name: str
    problems: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ApplicantsReading:
    """The whole list. `notes` tell what was repaired, left out, or looks unlikely."""

    accepted: tuple[Applicant, ...]
    refused: tuple[RefusedRow, ...]
    notes: tuple[Finding, ...]


def read_applicants(
    rows: Iterable[SheetRow], *, today: date, languages: Collection[str] = ("ky", "ru")
) -> ApplicantsReading:
    """Reads all sheets that have a head. `languages`: those the test is offered in.

    Raises InvalidInput APPLICANTS_HEAD_MISSING, APPLICANTS_COLUMNS_MISSING, APPLICANTS_COLUMN_TWICE when the list as
    a whole cannot be read. Hidden sheets and sheets without a head are told and left out.
    """
    sheets = [list(group) for _, group in groupby(rows, key=lambda row: row.sheet)]
    reading = _Reading(today, [sheet[0].sheet for sheet in sheets], languages)
    heads = [None if sheet[0].hidden else find_head(sheet) for sheet in sheets]
    if not any(heads):
        raise InvalidInput("APPLICANTS_HEAD_MISSING", sheets=", ".join(sheet[0].sheet for sheet in sheets))
    for sheet, head in zip(sheets, heads, strict=True):
        if head is None:
            code = "APPLICANTS_SHEET_HIDDEN" if sheet[0].hidden else "APPLICANTS_SHEET_WITHOUT_HEAD"
            reading.notes.append(Finding(sheet[0].sheet, 0, "", code))
            continue
        check_head(head, sheet[head.last].number)
        reading.read_sheet(sheet, head)
    reading.judge()
    return reading.result()


@dataclass(slots=True)
class _Reading:
    """What has been read so far, over all sheets."""

    today: date
    sheets: list[str]
    languages: Collection[str]
    rows: list[_Row] = field(default_factory=list)
    accepted: list[Applicant] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    by_number: dict[str, Applicant] = field(default_factory=dict)
    by_name_and_birth: dict[tuple[str, date | None], Applicant] = field(default_factory=dict)
    refused_numbers: dict[str, SheetRow] = field(default_factory=dict)

    def read_sheet(self, sheet: Sequence[SheetRow], head: Head) -> None:
        for column, index in head.doubled:
            place = {"one": column_letters(head.places[column]), "other": column_letters(index)}
            self.notes.append(
                Finding(sheet[0].sheet, sheet[head.last].number, head.title(column), "APPLICANT_COLUMN_NOT_READ", place)
            )
        written = [texts_of(row) for row in sheet]
        last = max((place for place, row in enumerate(sheet) if not is_empty(row, written[place])), default=0)
        for at in range(head.last + 1, last + 1):
            row, texts = sheet[at], written[at]
            code = left_out(row, texts, head)
            if code:
                self.notes.append(Finding(row.sheet, row.number, "", code, {"value": row_text(texts)}))
            else:
                self.rows.append(_Row(row, head, self.today, self.languages))

    def judge(self) -> None:
        """Read every person's row, then judge each with the others in view."""
        applicants = [row.read() for row in self.rows]
        numbers = Counter(row.number for row in self.rows if row.number)
        for row, applicant in zip(self.rows, applicants, strict=True):
            row.settle_contradiction(number_is_shared=numbers[row.number] > 1)
            self._judge(row, applicant)

    def _judge(self, row: _Row, applicant: Applicant | None) -> None:
        self._find_duplicates(row)
        number = row.number
        if applicant is None or row.problems:
            self.refused.append(RefusedRow(row.source.sheet, row.source.number, row.name, tuple(row.problems)))
            if number and number not in self.by_number:
                self.refused_numbers.setdefault(number, row.source)
            return
        if number in self.refused_numbers:
            other = self.refused_numbers[number]
            row.note(
                Column.PERSONAL_NUMBER,
                "APPLICANT_NUMBER_IN_REFUSED_ROW",
                other_sheet=other.sheet,
                other_row=other.number,
            )
        self.accepted.append(applicant)
        self.by_number[number] = self.by_name_and_birth[row.identity] = applicant
        self.notes.extend(row.notes)

    def _find_duplicates(self, row: _Row) -> None:
        """The first good row of a person goes in; later ones are refused and name it."""
        same_number = self.by_number.get(row.number)
        if same_number is not None:
            same_name = fold_name(same_number.name) == fold_name(row.name)
            code = "APPLICANT_DUPLICATE_PERSON" if same_name else "APPLICANT_NUMBER_OF_ANOTHER"
            row.refuse(Column.PERSONAL_NUMBER, code, **_place_of(same_number))
            return
        same_identity = self.by_name_and_birth.get(row.identity)
        if same_identity is not None:
            row.refuse(Column.NAME, "APPLICANT_DUPLICATE_NAME_AND_BIRTH", **_place_of(same_identity))

    def result(self) -> ApplicantsReading:
        notes = sorted(self.notes, key=lambda note: (self.sheets.index(note.sheet), note.row))
        return ApplicantsReading(tuple(self.accepted), tuple(self.refused), tuple(notes))


def _place_of(applicant: Applicant) -> dict[str, object]:
    return {"other_sheet": applicant.sheet, "other_row": applicant.row, "other_name": applicant.name}


class _Row:
    """One applicant's row being read: values so far, its problems, its notes."""

    def __init__(self, source: SheetRow, head: Head, today: date, languages: Collection[str]) -> None:
        self.source = source
        self.head = head
        self.today = today
        self.languages = languages
        self.problems: list[Finding] = []
        self.notes: list[Finding] = []
        self.name = ""
        self.number = ""
        self.birth_date: date | None = None
        self.contradiction: dict[str, object] = {}

    def read(self) -> Applicant | None:
        """The applicant, or None with `problems` telling why."""
        self.name = self._read_name()
        self.number = self._value(Column.PERSONAL_NUMBER, read_personal_number) or ""
        self.birth_date = self._read_birth_date()
        education = self._read_education()
        service = self._read_experience(Column.SERVICE)
        specialty = self._read_experience(Column.SPECIALTY)
        phone = self._value(Column.PHONE, read_phone)
        email = self._value(Column.EMAIL, read_email)
        documents = self._value(Column.DOCUMENTS, read_yes_no)
        language = self._value(Column.LANGUAGE, lambda cell: read_language(cell, self.languages))
        if self.problems or self.birth_date is None or service is None or documents is None:
            return None
        return Applicant(
            sheet=self.source.sheet,
            row=self.source.number,
            name=self.name,
            sort_key=sort_key(self.name),
            personal_number=self.number,
            birth_date=self.birth_date,
            education=education,
            education_level=education_level(education),
            service=service,
            specialty=specialty,
            phone=phone,
            email=email,
            documents_complete=documents,
            language=language or "",
        )

    @property
    def identity(self) -> tuple[str, date | None]:
        """Name and birth date: what makes two rows the same person where the numbers differ."""
        return fold_name(self.name), self.birth_date

    def refuse(self, column: Column, code: str, **params: object) -> None:
        self.problems.append(self._finding(column, code, params))

    def note(self, column: Column, code: str, **params: object) -> None:
        self.notes.append(self._finding(column, code, params))

    def _finding(self, column: Column, code: str, params: Mapping[str, object]) -> Finding:
        return Finding(
            self.source.sheet,
            self.source.number,
            self.head.title(column),
            code,
            {"value": self._shown(column), **params},
        )

    def _cell(self, column: Column) -> Cell:
        index = self.head.places.get(column)
        return None if index is None else self.source.cell(index)

    def _shown(self, column: Column) -> str:
        text = plain_text(self._cell(column))
        return mask_number(text) if column is Column.PERSONAL_NUMBER else text

    def _usable(self, column: Column) -> bool:
        """False after refusing a cell whose value was computed or is an error: what it shows may not be what it is."""
        index = self.head.places.get(column)
        if index is None:
            return False
        if index in self.source.errors:
            self.refuse(column, "APPLICANT_CELL_ERROR")
        elif index in self.source.formulas or plain_text(self._cell(column)).startswith("="):
            self.refuse(column, "APPLICANT_CELL_FORMULA")
        else:
            return True
        return False

    def _value(self, column: Column, read: Callable[[Cell], CellReading[Value]]) -> Value | None:
        if not self._usable(column):
            return None
        reading = read(self._cell(column))
        if reading.problem:
            self.refuse(column, reading.problem, **reading.params)
        elif reading.repair:
            self.note(column, reading.repair, **reading.params)
        return reading.value

    def _read_name(self) -> str:
        columns = [column for column in _NAME_COLUMNS if column in self.head.places]
        if Column.NAME in columns:
            columns = [Column.NAME]
        usable = [self._usable(column) for column in columns]  # each unusable cell is told, not only the first
        if not all(usable):
            return ""
        cells = [self._cell(column) for column in columns]
        text = cells[0] if len(cells) == 1 and isinstance(cells[0], str) else " ".join(map(plain_text, cells))
        reading = read_name(text)
        if reading.problem:
            self.refuse(columns[0], reading.problem, detail=reading.detail)
        for repair in reading.repairs:
            self.note(columns[0], repair.code, before=repair.before, after=repair.after)
        if not reading.problem and is_latin(reading.name):
            self.note(columns[0], "PERSON_NAME_LATIN")
        return reading.name

    def _read_birth_date(self) -> date | None:
        if not self._usable(Column.BIRTH_DATE):
            return None
        earliest, latest = likely_births(self.today)
        cell = self._cell(Column.BIRTH_DATE)
        reading = read_date(cell, earliest=earliest, latest=latest, epoch=self.source.epoch)
        if reading.value is None:
            self.refuse(Column.BIRTH_DATE, reading.problem, **reading.params)
            return None
        if reading.spelled:
            self.note(Column.BIRTH_DATE, "WRITTEN_DATE_READ", date=show_date(reading.value))
        self._compare_with_number(reading.value)
        return reading.value

    def _compare_with_number(self, written: date) -> None:
        """Two birth dates for one person: somebody must look into the passport, the list alone cannot tell."""
        spelled = birth_date_in(self.number) if self.number else None
        if spelled is not None and spelled != written:
            self.contradiction = {
                "date": show_date(written),
                "number_date": show_date(spelled),
                "number": mask_number(self.number),
            }

    def settle_contradiction(self, *, number_is_shared: bool) -> None:
        """A birth date that the personal number denies.

        No source at hand says that the number holds the birth date, so nobody is kept out for that alone: it is told.
        Where another row has the same number too, the row that contradicts it does not go in.
        """
        if self.contradiction:
            tell = self.refuse if number_is_shared else self.note
            tell(Column.BIRTH_DATE, "APPLICANT_BIRTH_CONTRADICTS_NUMBER", **self.contradiction)

    def _read_education(self) -> str:
        if not self._usable(Column.EDUCATION):
            return ""
        text = plain_text(self._cell(Column.EDUCATION))
        if not text:
            self.refuse(Column.EDUCATION, "APPLICANT_EDUCATION_MISSING")
        elif education_level(text) is EducationLevel.UNKNOWN:
            self.note(Column.EDUCATION, "APPLICANT_EDUCATION_LEVEL_UNKNOWN")
        return text

    def _read_experience(self, column: Column) -> Experience | None:
        optional = column is not Column.SERVICE
        if optional and (column not in self.head.places or not self._shown(column)) and not self._computed(column):
            return None
        length = self._experience_value(column)
        if length is None or self.birth_date is None:
            return length
        age_in_months = _months_between(self.birth_date, self.today)
        years = age_in_months // 12
        if length.in_months > age_in_months:
            self.refuse(column, "APPLICANT_SERVICE_LONGER_THAN_LIFE", age=years)
        elif length.in_months > age_in_months - EARLIEST_WORK_YEARS * 12:
            self.note(column, "APPLICANT_SERVICE_UNLIKELY", age=years)
        return length

    def _computed(self, column: Column) -> bool:
        index = self.head.places.get(column, -1)
        return index in self.source.formulas or index in self.source.errors

    def _experience_value(self, column: Column) -> Experience | None:
        """A length of service is often computed from dates: the stored result of such a formula is taken, and told."""
        index = self.head.places[column]
        if index not in self.source.formulas or index in self.source.errors:
            return self._value(column, read_experience)
        self.source = replace(self.source, formulas=self.source.formulas - {index})
        length = self._value(column, read_experience)
        if length is not None:
            self.note(column, "APPLICANT_SERVICE_COMPUTED", years=length.years, months=length.months)
        return length


def likely_births(today: date) -> tuple[date, date]:
    """The earliest and the latest birth date of somebody who applies today."""
    return _years_before(today, OLDEST_YEARS), _years_before(today, YOUNGEST_YEARS)


def _years_before(day: date, years: int) -> date:
    """The same day `years` earlier; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


def _months_between(earlier: date, later: date) -> int:
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months - (later.day < earlier.day)
