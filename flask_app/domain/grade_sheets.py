"""Reads a training institution's spreadsheet of results: one row for one person's result in one course.

A row goes in whole or not at all, and nothing is guessed: a cell that was computed, a date that reads two ways, a
percentage where points are wanted are told with their row and column. Who the people are is not known here; the rows
become records of a grade batch elsewhere, and are judged as every batch is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from typing import Final, Literal

from flask_app.domain.applicant_cells import plain_text
from flask_app.domain.dates import read_date
from flask_app.domain.errors import InvalidInput
from flask_app.domain.sheets import Cell, SheetRow, column_letters

Status = Literal["passed", "failed", "in-progress", "absent"]


class Column(StrEnum):
    """What a column holds; the values are the elements of the grade batch."""

    ORDER = "orderRef"
    COURSE = "courseCode"
    PERSON = "personId"
    NAMES = "names"
    STATUS = "status"
    SCORE = "score"
    MAXIMUM = "max"
    ASSESSED = "assessedOn"
    PROTOCOL = "protocolRef"
    ATTEMPT = "attempt"
    HOURS = "hours"
    SCHEME = "gradingScheme"
    REASON = "reason"


HEADS: Final[Mapping[Column, str]] = {
    Column.ORDER: "Заказ (orderRef)",
    Column.COURSE: "Курс (courseCode)",
    Column.PERSON: "Код слушателя / Угуучунун коду (personId)",
    Column.NAMES: "ФИО / Аты-жөнү",
    Column.STATUS: "Результат / Жыйынтыгы",
    Column.SCORE: "Балл / Балл",
    Column.MAXIMUM: "Наибольший балл / Эң жогорку балл",
    Column.ASSESSED: "Дата оценки / Баа коюлган күн",
    Column.PROTOCOL: "Протокол № / Протоколдун номери",
    Column.ATTEMPT: "Попытка / Аракет",
    Column.HOURS: "Часы / Сааттар",
    Column.SCHEME: "Шкала / Баа шкаласы",
    Column.REASON: "Причина исправления / Оңдоонун себеби",
}
"""The heads to write: those of the template, printed where one is missing, and recognised themselves."""

OBLIGATORY: Final = (Column.ORDER, Column.COURSE, Column.STATUS, Column.ASSESSED)

_PATTERNS: Final[tuple[tuple[Column, str], ...]] = (
    (Column.ORDER, r"(номер |№ ?)?заказ(а|тын)?( №| номери)?|(training )?order( no\.?| number)?"),
    (Column.COURSE, r"(код )?(курс|программ)\S*( коду)?|course( code)?"),
    (Column.PERSON, r"(код|обозначение|id) (слушателя|участника|человека)"),
    (Column.PERSON, r"(угуучу|катышуучу)нун (коду|белгиси)|(trainee|person|learner)('s)? (id|code)"),
    (Column.NAMES, r"ф\.? ?и\.? ?о\.?|имя|фамилия,? имя.*|аты[- ]ж[өо]н[үу]|слушатель|угуучу|(full )?name|trainee"),
    (Column.STATUS, r"результат|итог|статус|жыйынтык|жыйынтыгы|натыйжа(сы)?|result|outcome|status"),
    (Column.SCORE, r"балл(ы|дар)?|набрано( баллов)?|оценка|баа(сы)?|points|score|mark|grade"),
    (Column.MAXIMUM, r"(макс\S*|наибольш\S*)( балл\S*)?|эң (жогорку|көп) балл|max(imum)?( points| score)?"),
    (Column.ASSESSED, r"дата( (оценки|экзамена|зачета|сдачи|аттестации))?|баа коюлган күн(ү)?|date( of assessment)?"),
    (Column.PROTOCOL, r"(номер |№ ?)?(протокол|ведомост)\S*( №| номери?)?|document|документ|protocol( no\.?)?"),
    (Column.ATTEMPT, r"попытка( №)?|аракет|attempt"),
    (Column.HOURS, r"час(ы|ов)|(количество|кол-во|объем) часов|саат(тар|ы)?|hours"),
    (Column.SCHEME, r"шкала( оценок)?|баа(лоо)? шкаласы|(grading )?scheme|scale"),
    (Column.REASON, r"причина( (исправления|изменения))?|((оңдоо|өзгөртүү)нун )?себеби|reason"),
)
_COMPILED: Final = tuple((column, re.compile(pattern)) for column, pattern in _PATTERNS)

_STATUSES: Final[Mapping[Status, frozenset[str]]] = {
    "passed": frozenset(
        (
            *("окончил", "окончила", "окончил(а)", "сдал", "сдала", "сдал(а)", "зачтено", "зачет", "прошел", "прошла"),
            *("аттестован", "аттестована", "бүттү", "тапшырды", "өттү", "passed", "pass"),
        )
    ),
    "failed": frozenset(
        (
            *(
                "не окончил",
                "не окончила",
                "не окончил(а)",
                "не сдал",
                "не сдала",
                "не сдал(а)",
                "не зачтено",
                "незачет",
            ),
            *("не прошел", "не прошла", "не аттестован", "не аттестована", "бүткөн жок", "тапшырган жок", "өткөн жок"),
            *("failed", "fail"),
        )
    ),
    "absent": frozenset(
        (
            *("не явился", "не явилась", "не явился (не явилась)", "не явился(ась)", "неявка", "отсутствовал"),
            *("отсутствовала", "келген жок", "absent"),
        )
    ),
    "in-progress": frozenset(("обучается", "учится", "окуп жатат", "in progress", "in-progress")),
}

SEARCHED_ROWS: Final = 40
FEWEST_COLUMNS: Final = 4
LONGEST_HEAD: Final = 200
MOST_PROBLEMS: Final = 300
"""After so many cells that cannot be used the rest of the sheet is not read: the cause is one, and not in the cells."""
EARLIEST: Final = date(1990, 1, 1)
_POINTS: Final = r"[0-9]{1,5}(?:[.,][0-9]{1,2})?"
_SCORE: Final = re.compile(rf"({_POINTS})(?: ?(?:/|из|ичинен|of) ?({_POINTS}))?")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class CellProblem:
    """Why a row does not go in. `params` fill the sentence of `code`: always row, column (its head) and value."""

    row: int
    code: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SheetGrade:
    """One row, read. `score`, `maximum`: plain decimals; empty texts and None: the row does not say. `column`: heads as
    the file writes them.
    """

    row: int
    order: str
    course: str
    person: str
    names: str
    status: Status
    score: str | None
    maximum: str | None
    assessed_on: date
    protocol: str
    attempt: int
    hours: int | None
    scheme: str
    reason: str


@dataclass(frozen=True, slots=True)
class GradeSheet:
    """What a spreadsheet says. `titles`: the heads of the file, by column."""

    grades: tuple[SheetGrade, ...]
    problems: tuple[CellProblem, ...]
    titles: Mapping[Column, str]


@lru_cache(maxsize=1024)
def column_of(title: str) -> Column | None:
    """Which column a head names; None for a head of no interest or one whose two languages disagree."""
    if len(title) > LONGEST_HEAD:
        return None
    plain = " ".join(title.lower().replace("ё", "е").split())
    named = [found for found in Column if f"({found.lower()})" in plain]
    outside = re.sub(r"\([^)]*\)", " ", plain)
    parts = [" ".join(part.split()).strip(" .:*") for part in re.split(r"[/|\\]", outside)]
    found = {column for part in parts for column, pattern in _COMPILED if pattern.fullmatch(part)}
    found |= set(named)
    return found.pop() if len(found) == 1 else None


def status_of(said: str) -> Status | None:
    """The result a word names."""
    word = " ".join(said.lower().replace("ё", "е").split()).rstrip(".!")
    return next((status for status, words in _STATUSES.items() if word in words), None)


def read_grades(rows: Iterable[SheetRow], *, today: date) -> GradeSheet:
    """Reads the one sheet that has a head; sheets without one stand beside it and hold notes.

    Raises InvalidInput: GRADE_SHEET_HEAD_MISSING, GRADE_SHEET_SEVERAL, GRADE_SHEET_COLUMNS_MISSING,
    GRADE_SHEET_COLUMN_TWICE, GRADE_SHEET_EMPTY.
    """
    sheets = [list(group) for _, group in groupby((row for row in rows if not row.hidden), key=lambda row: row.sheet)]
    headed = [(sheet, head) for sheet in sheets for head in [_head(sheet)] if head is not None]
    if not headed:
        raise InvalidInput("GRADE_SHEET_HEAD_MISSING", columns=_listed(OBLIGATORY))
    if len(headed) > 1:
        raise InvalidInput("GRADE_SHEET_SEVERAL", sheets=", ".join(sheet[0].sheet for sheet, _ in headed))
    sheet, at = headed[0]
    places, titles = _places(sheet[at])
    telling = [row for row in sheet[at + 1 :] if _says_something(row, places)]
    if not telling:
        raise InvalidInput("GRADE_SHEET_EMPTY", row=sheet[at].number)
    grades, problems = _read_rows(telling, places, titles, today)
    return GradeSheet(tuple(grades), tuple(problems), titles)


def _read_rows(
    rows: Sequence[SheetRow], places: Mapping[Column, int], titles: Mapping[Column, str], today: date
) -> tuple[list[SheetGrade], list[CellProblem]]:
    """The grades and problems of the rows, as far as there are not too many problems: the rest is told as not read."""
    grades: list[SheetGrade] = []
    problems: list[CellProblem] = []
    for source in rows:
        if len(problems) >= MOST_PROBLEMS:
            params = {"row": str(source.number), "column": "", "value": "", "found": str(len(problems))}
            problems.append(CellProblem(source.number, "GRADE_SHEET_STOPPED", params))
            break
        row = _Row(source, places, titles, today)
        grade = row.read()
        problems.extend(row.problems)
        if grade is not None:
            grades.append(grade)
    return grades, problems


def _head(sheet: Sequence[SheetRow]) -> int | None:
    """The row with the most columns that are known; of equals the topmost."""
    counts = [len({column_of(plain_text(cell)) for cell in row.cells} - {None}) for row in sheet[:SEARCHED_ROWS]]
    best = max(range(len(counts)), key=lambda place: (counts[place], -place), default=None)
    return None if best is None or counts[best] < FEWEST_COLUMNS else best


def _places(row: SheetRow) -> tuple[dict[Column, int], dict[Column, str]]:
    places: dict[Column, int] = {}
    titles: dict[Column, str] = {}
    for index, cell in enumerate(row.cells):
        column = column_of(plain_text(cell))
        if column in places:
            one, other = column_letters(places[column]), column_letters(index)
            raise InvalidInput(
                "GRADE_SHEET_COLUMN_TWICE", row=row.number, column=plain_text(cell), one=one, other=other
            )
        if column is not None:
            places[column], titles[column] = index, plain_text(cell)
    missing = [column for column in OBLIGATORY if column not in places]
    if not {Column.PERSON, Column.NAMES} & places.keys():
        missing.append(Column.PERSON)
    if missing:
        raise InvalidInput("GRADE_SHEET_COLUMNS_MISSING", row=row.number, columns=_listed(missing))
    return places, titles


def _listed(columns: Iterable[Column]) -> str:
    return "; ".join(HEADS[column] for column in columns)


def _says_something(row: SheetRow, places: Mapping[Column, int]) -> bool:
    """A row of the template that nobody has filled in says nothing: it names a person and no result."""
    told = {Column.STATUS, Column.SCORE, Column.ASSESSED, Column.PROTOCOL, Column.REASON}
    return any(
        plain_text(row.cell(index)) or index in row.formulas or index in row.errors
        for column, index in places.items()
        if column in told
    )


@dataclass(slots=True)
class _Row:
    source: SheetRow
    places: Mapping[Column, int]
    titles: Mapping[Column, str]
    today: date
    problems: list[CellProblem] = field(default_factory=list)

    def read(self) -> SheetGrade | None:
        """The row's grade, or None with `problems` telling why."""
        usable = [self._usable(column) for column in self.places]  # each unusable cell is told, not only the first
        if not all(usable):
            return None
        order, course = self._text(Column.ORDER, needed=True), self._text(Column.COURSE, needed=True)
        person, names = self._text(Column.PERSON), self._text(Column.NAMES)
        if not person and not names:
            self._refuse(Column.PERSON if Column.PERSON in self.places else Column.NAMES, "GRADE_SHEET_CELL_EMPTY")
        status, (score, maximum), assessed_on = self._status(), self._score(), self._day()
        attempt, hours = self._number(Column.ATTEMPT, 99), self._number(Column.HOURS, 9999)
        self._compare(status, score, maximum)
        if self.problems or status is None or assessed_on is None:
            return None
        return SheetGrade(
            row=self.source.number,
            order=order,
            course=course,
            person=person,
            names=names,
            status=status,
            score=score,
            maximum=maximum,
            assessed_on=assessed_on,
            protocol=self._text(Column.PROTOCOL),
            attempt=attempt or 1,
            hours=hours,
            scheme=self._text(Column.SCHEME),
            reason=self._text(Column.REASON),
        )

    def _cell(self, column: Column) -> Cell:
        index = self.places.get(column)
        return None if index is None else self.source.cell(index)

    def _refuse(self, column: Column, code: str, **params: str) -> None:
        said = {"row": str(self.source.number), "column": self.titles.get(column) or HEADS[column]}
        self.problems.append(
            CellProblem(self.source.number, code, {**said, "value": plain_text(self._cell(column)), **params})
        )

    def _usable(self, column: Column) -> bool:
        """A value that was computed, or is an error, may not be what it shows."""
        index = self.places[column]
        if index in self.source.errors:
            self._refuse(column, "GRADE_SHEET_CELL_ERROR")
        elif index in self.source.formulas or plain_text(self._cell(column)).startswith("="):
            self._refuse(column, "GRADE_SHEET_CELL_FORMULA")
        else:
            return True
        return False

    def _text(self, column: Column, *, needed: bool = False) -> str:
        text = "".join(sign for sign in plain_text(self._cell(column)) if sign.isprintable())
        if needed and not text:
            self._refuse(column, "GRADE_SHEET_CELL_EMPTY")
        return text

    def _status(self) -> Status | None:
        said = self._text(Column.STATUS, needed=True)
        status = status_of(said)
        if said and status is None:
            self._refuse(Column.STATUS, "GRADE_SHEET_STATUS")
        return status

    def _day(self) -> date | None:
        reading = read_date(self._cell(Column.ASSESSED), earliest=EARLIEST, latest=self.today, epoch=self.source.epoch)
        if reading.value is None:
            self._refuse(Column.ASSESSED, reading.problem, **reading.params)
        return reading.value

    def _score(self) -> tuple[str | None, str | None]:
        """Points and their maximum: in two columns, or «70,5 / 100» in one."""
        score, of = self._points(Column.SCORE)
        maximum, beyond = self._points(Column.MAXIMUM)
        if score is None:
            return None, None
        if of is not None and maximum is not None and Decimal(of) != Decimal(maximum):
            self._refuse(Column.MAXIMUM, "GRADE_SHEET_POINTS")
        if beyond is not None:
            self._refuse(Column.MAXIMUM, "GRADE_SHEET_POINTS")
        if of is None and maximum is None and not self.problems:
            self._refuse(Column.MAXIMUM, "GRADE_SHEET_MAXIMUM_MISSING")
        return score, of or maximum

    def _compare(self, status: Status | None, score: str | None, maximum: str | None) -> None:
        """What the batch's own rules would say in the words of its XML, said of the columns."""
        if status in ("passed", "failed") and not self._text(Column.PROTOCOL):
            self._refuse(Column.PROTOCOL, "GRADE_SHEET_PROTOCOL")
        if score is not None and status in ("absent", "in-progress"):
            self._refuse(Column.SCORE, "GRADE_SHEET_SCORE_WITHOUT_RESULT")
        if score is not None and maximum is not None and Decimal(score) > Decimal(maximum):
            self._refuse(Column.SCORE, "GRADE_SHEET_ABOVE_MAXIMUM", maximum=maximum)

    def _points(self, column: Column) -> tuple[str | None, str | None]:
        cell, index = self._cell(column), self.places.get(column)
        text = plain_text(cell)
        if index is None or not text or text in ("-", "–", "—"):
            return None, None
        found = _SCORE.fullmatch(text)
        percent = "%" in self.source.formats.get(index, "")
        if found is None or percent or isinstance(cell, bool | date):
            self._refuse(column, "GRADE_SHEET_POINTS")
            return None, None
        return _plain(found[1]), None if found[2] is None else _plain(found[2])

    def _number(self, column: Column, most: int) -> int | None:
        text = self._text(column)
        if not text:
            return None
        if not _NUMBER.fullmatch(text) or int(text) > most:
            self._refuse(column, "GRADE_SHEET_NUMBER", most=str(most))
            return None
        return int(text)


def _plain(written: str) -> str:
    """`070,50` → `70.50`, as a grade batch writes points."""
    whole, _, part = written.replace(",", ".").partition(".")
    return f"{int(whole)}.{part}" if part else str(int(whole))
