"""An institution's spreadsheet of results, made a grade batch: it is read, its people are found, and from there on it
goes the way of every batch, through the same reader, the same rules and the same report.

The rows of a spreadsheet carry no record ids, no revisions and no message id; they follow from what is known: the same
file is the same message, the same person, course and attempt the same record, and a result that differs from the one
that stands is a change, which wants a reason. A file of which rows were refused is another message when it comes again:
their cause may have been mended outside it. Which of its rows were taken before is known, and stays so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import func, select

from flask_app.domain.grade_sheets import HEADS, CellProblem, Column, GradeSheet, SheetGrade, read_grades
from flask_app.domain.names import fold_name
from flask_app.domain.sheets import SheetRow
from flask_app.ports.institutions import BatchHeader, BatchProblem, BatchReading, GradeRecord
from flask_app.services.grades import Source, attempts_of, refusals
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.store.models.people import Person
from flask_app.store.models.training import Enrolment, GradeBatchRow, GradeRow, Institution, Programme, TrainingOrder
from flask_app.store.ods_workbooks import is_ods, read_ods
from flask_app.store.workbooks import read_workbook

IDS: Final = UUID("6f5b2f0e-0b0f-4a58-9a52-4d2b8a1b7c11")
"""Namespace of the ids that follow from a spreadsheet."""

PLAIN_SCHEME: Final = "зачёт"
"""What a result without points was judged by, where the sheet does not say."""

OOXML: Final = b"[Content_Types].xml"
"""The part that every .xlsx has, by its name in the package's list."""

OLE: Final = b"\xd0\xcf\x11\xe0"
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_PACKED: Final = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")


def is_sheet(content: bytes) -> bool:
    """Whether a file that was handed in is read as a spreadsheet. What is XML is not, nor what is only packed."""
    if content.startswith(b"PK"):
        return is_ods(content) or OOXML in content
    if content.startswith(OLE):  # an old workbook, or one with a password: told what to do with it
        return True
    plain = content[:4096]
    for mark in _MARKS:
        plain = plain.removeprefix(mark)
    plain = plain.replace(b"\0", b"").strip()
    return bool(plain) and not plain.startswith((b"<", *_PACKED)) and any(sign in plain for sign in (b";", b",", b"\t"))


@dataclass(frozen=True, slots=True)
class SheetReading:
    """A spreadsheet as a batch. `content`: the batch's XML, empty where no row could be used."""

    reading: BatchReading
    content: bytes
    source: Source
    institution: Institution | None


def read_sheet(work: Work, content: bytes) -> SheetReading:
    """Raises InvalidInput as `read_workbook`, `read_ods` and `domain.grade_sheets.read_grades` do."""
    source = Source(hashlib.sha256(content).hexdigest(), _kind(content))
    sheet = read_grades(_rows(content, source.kind), today=local_time(work).today)
    courses = _courses(work, sheet)
    institution = _institution(work, sheet, courses)
    before = () if institution is None else attempts_of(work, institution.code, source)
    found = _Found(work, sheet, courses, institution, _taken_in(work, before))
    records = found.records()
    problems = tuple(_problem(problem) for problem in (*sheet.problems, *found.problems))
    if institution is None or not records:
        reading = BatchReading(source.sha256, len(content), None, (), _in_order(problems))
        return SheetReading(reading, b"", source, institution)
    batch = work.office.grade_batches.write(_header(work, institution, source, before, len(records)), records)
    reading = work.office.grade_batches.read(batch)
    return SheetReading(
        replace(reading, problems=_in_order((*reading.problems, *problems))), batch, source, institution
    )


def _kind(content: bytes) -> str:
    if not content.startswith(b"PK"):
        return "csv"
    return "ods" if is_ods(content) else "xlsx"


def _rows(content: bytes, kind: str) -> tuple[SheetRow, ...]:
    return read_ods(content) if kind == "ods" else read_workbook(content)


def _in_order(problems: Sequence[BatchProblem]) -> tuple[BatchProblem, ...]:
    return tuple(sorted(problems, key=lambda problem: problem.line))


def _problem(problem: CellProblem) -> BatchProblem:
    return BatchProblem(problem.code, problem.row, f"/gradeBatch/records/row[{problem.row}]", "", dict(problem.params))


# -- where the rows belong ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Course:
    """A course of an order. `people`: enrolment and name by person id; `bearers`: person ids by folded name; `known`:
    the newest revisions by enrolment.
    """

    programme: Programme
    people: Mapping[str, tuple[UUID, str]]
    bearers: Mapping[str, Sequence[str]]
    known: Mapping[UUID, tuple[GradeRow, ...]]


Courses = Mapping[str, Mapping[str, _Course]]


def _courses(work: Work, sheet: GradeSheet) -> Courses:
    """Order → course → who is on it, of the orders the sheet names."""
    orders = {grade.order for grade in sheet.grades}
    rows = work.session.execute(
        select(TrainingOrder.code, Programme)
        .outerjoin(Programme, Programme.order_id == TrainingOrder.id)
        .where(TrainingOrder.code.in_(orders), TrainingOrder.body_id == work.actor.body_id)
    ).all()
    ids = [programme.id for _, programme in rows if programme is not None]
    people, known = _people(work, ids), _known(work, ids)
    found: dict[str, dict[str, _Course]] = {}
    for order, programme in rows:
        of_order = found.setdefault(order, {})
        if programme is not None:
            enrolled = people.get(programme.id, {})
            of_order[programme.course_code] = _Course(programme, enrolled, _bearers(enrolled), known)
    return found


def _people(work: Work, programmes: Sequence[UUID]) -> dict[UUID, dict[str, tuple[UUID, str]]]:
    rows = work.session.execute(
        select(Enrolment.programme_id, Enrolment.id, Person.id, Person.name)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.programme_id.in_(programmes), Enrolment.body_id == work.actor.body_id)
    )
    found: dict[UUID, dict[str, tuple[UUID, str]]] = {}
    for programme, enrolment, person, name in rows:
        found.setdefault(programme, {})[str(person)] = (enrolment, name)
    return found


def _bearers(people: Mapping[str, tuple[UUID, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for person, (_, name) in people.items():
        found.setdefault(fold_name(name), []).append(person)
    return found


def _known(work: Work, programmes: Sequence[UUID]) -> dict[UUID, tuple[GradeRow, ...]]:
    rows = work.session.scalars(
        select(GradeRow)
        .join(Enrolment, Enrolment.id == GradeRow.enrolment_id)
        .where(
            Enrolment.programme_id.in_(programmes), GradeRow.newest.is_(True), GradeRow.body_id == work.actor.body_id
        )
    )
    found: dict[UUID, tuple[GradeRow, ...]] = {}
    for row in rows:
        found[row.enrolment_id] = (*found.get(row.enrolment_id, ()), row)
    return found


def _institution(work: Work, sheet: GradeSheet, courses: Courses) -> Institution | None:
    """Whose sheet it is: the institution that delivers the first course of it that is known. None where none is."""
    for grade in sheet.grades:
        course = courses.get(grade.order, {}).get(grade.course)
        if course is not None and course.programme.institution_id is not None:
            return work.get(Institution, course.programme.institution_id)
    return None


def _taken_in(work: Work, batches: Sequence[GradeBatchRow]) -> dict[UUID, tuple[GradeRow, ...]]:
    """By enrolment, the revisions that came in with these batches, whatever became of them since."""
    found: dict[UUID, tuple[GradeRow, ...]] = {}
    if batches:
        query = select(GradeRow).where(
            GradeRow.batch_id.in_([batch.id for batch in batches]), GradeRow.body_id == work.actor.body_id
        )
        for row in work.session.scalars(query):
            found[row.enrolment_id] = (*found.get(row.enrolment_id, ()), row)
    return found


def _message_id(institution: Institution, source: Source, before: Sequence[GradeBatchRow]) -> UUID:
    """That of the last batch of this file; of one that had refusals, the id of the next attempt."""
    if not before:
        return uuid5(IDS, f"{institution.code} {source.sha256}")
    if not refusals(before[-1].report):
        return before[-1].message_id
    return uuid5(IDS, f"{institution.code} {source.sha256} {len(before) + 1}")


def _header(
    work: Work, institution: Institution, source: Source, before: Sequence[GradeBatchRow], count: int
) -> BatchHeader:
    last = work.session.scalar(
        select(func.max(GradeBatchRow.sequence)).where(
            GradeBatchRow.body_id == work.actor.body_id, GradeBatchRow.sender == institution.code
        )
    )
    return BatchHeader(
        message_id=_message_id(institution, source, before),
        sender=institution.code,
        receiver=work.body.code,
        created_at=work.local(work.now),
        sequence=(last or 0) + 1,
        record_count=count,
    )


# -- whose results they are --------------------------------------------------------------------------------------------


class _Unfit(Exception):
    """Inner signal of this module: the row is not taken."""

    def __init__(self, problem: CellProblem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class _Found:
    """The rows whose person, course and place in the history are found; `problems` of the others."""

    def __init__(
        self,
        work: Work,
        sheet: GradeSheet,
        courses: Courses,
        institution: Institution | None,
        taken: Mapping[UUID, Sequence[GradeRow]],
    ) -> None:
        self.work = work
        self.sheet = sheet
        self.courses = courses
        self.institution = institution
        self.taken = taken
        self.problems: list[CellProblem] = []
        self._seen: dict[tuple[UUID, int], int] = {}

    def records(self) -> list[GradeRecord]:
        found = []
        for grade in self.sheet.grades:
            try:
                found.append(self._record(grade))
            except _Unfit as unfit:
                self.problems.append(unfit.problem)
        return found

    def _record(self, grade: SheetGrade) -> GradeRecord:
        course = self._course(grade)
        person = self._person(grade, course)
        enrolment, name = course.people[person]
        first = self._seen.setdefault((enrolment, grade.attempt), grade.row)
        if first != grade.row:
            raise self._unfit(grade, Column.PERSON, "GRADE_SHEET_TWICE", other=str(first), attempt=str(grade.attempt))
        record = _plain_record(grade, course, person, name, uuid5(IDS, f"{enrolment} {grade.attempt}"))
        for row in self.taken.get(enrolment, ()):
            if row.content["attempt"] == grade.attempt and _same_result(row.content, record):
                return _as_known(row, grade.row)  # never again: it may have been changed or withdrawn since
        return self._in_history(grade, record, course.known.get(enrolment, ()))

    def _unfit(self, grade: SheetGrade, column: Column, code: str, **params: str) -> _Unfit:
        said = {"row": str(grade.row), "column": self.sheet.titles.get(column) or HEADS[column]}
        return _Unfit(CellProblem(grade.row, code, {**said, **params}))

    def _course(self, grade: SheetGrade) -> _Course:
        if grade.order not in self.courses:
            raise self._unfit(grade, Column.ORDER, "GRADE_SHEET_ORDER_UNKNOWN", value=grade.order)
        course = self.courses[grade.order].get(grade.course)
        if course is None:
            params = {"value": grade.course, "order": grade.order}
            raise self._unfit(grade, Column.COURSE, "GRADE_SHEET_COURSE_UNKNOWN", **params)
        if course.programme.institution_id is None:
            raise self._unfit(grade, Column.COURSE, "GRADE_SHEET_NO_INSTITUTION", value=grade.course)
        if self.institution is None or course.programme.institution_id != self.institution.id:
            raise self._unfit(grade, Column.COURSE, "GRADE_SHEET_OTHER_INSTITUTION", value=grade.course)
        return course

    def _person(self, grade: SheetGrade, course: _Course) -> str:
        """By the code of the list that was handed out; without one by the whole name, where one person bears it."""
        if not grade.person:
            return self._by_name(grade, course)
        person = grade.person.lower()
        if person not in course.people:
            raise self._unfit(grade, Column.PERSON, "GRADE_SHEET_PERSON_UNKNOWN", value=grade.person)
        enrolled = course.people[person][1]
        if grade.names and fold_name(grade.names) != fold_name(enrolled):
            # A column that was sorted alone would give everybody somebody else's result.
            raise self._unfit(grade, Column.NAMES, "GRADE_SHEET_NAME_DIFFERS", value=grade.names, enrolled=enrolled)
        return person

    def _by_name(self, grade: SheetGrade, course: _Course) -> str:
        bearers = course.bearers.get(fold_name(grade.names), ())
        if len(bearers) == 1:
            return bearers[0]
        code = "GRADE_SHEET_NAMESAKES" if bearers else "GRADE_SHEET_PERSON_UNKNOWN"
        raise self._unfit(grade, Column.NAMES, code, value=grade.names)

    def _in_history(self, grade: SheetGrade, record: GradeRecord, known: Sequence[GradeRow]) -> GradeRecord:
        """The record as it follows on what was taken of this person's attempt before."""
        of_attempt = [row for row in known if row.content["attempt"] == grade.attempt]
        standing = [row for row in of_attempt if row.action != "withdraw"]
        if not standing:
            # A withdrawn record changes no more: the grade that is given again is a new one.
            again = f"{record.record_id} {len(of_attempt)}"
            return replace(record, record_id=uuid5(IDS, again)) if of_attempt else record
        newest = max(standing, key=lambda row: (row.content["assessed_on"], str(row.record_id)))
        if _same_result(newest.content, record):
            return _as_known(newest, grade.row)
        if not grade.reason:
            before = _told(newest.content)
            raise self._unfit(grade, Column.REASON, "GRADE_SHEET_CHANGED", value=grade.names, before=before)
        return replace(
            record,
            record_id=newest.record_id,
            revision=newest.revision + 1,
            action="amend",
            reason=grade.reason,
        )


def _plain_record(grade: SheetGrade, course: _Course, person: str, name: str, record_id: UUID) -> GradeRecord:
    return GradeRecord(
        record_id=record_id,
        revision=1,
        action="issue",
        order_ref=grade.order,
        course_code=grade.course,
        person_id=person,
        names=name,
        assessed_on=grade.assessed_on,
        attempt=grade.attempt,
        status=grade.status,
        score=grade.score,
        score_max=grade.maximum,
        grading_scheme=grade.scheme or (PLAIN_SCHEME if grade.maximum is None else f"0-{grade.maximum}"),
        hours=grade.hours or course.programme.hours,
        protocol_ref=grade.protocol,
        reason="",
        line=grade.row,
    )


def _same_result(content: Mapping[str, Any], record: GradeRecord) -> bool:
    """What a person would call the same result; how it is written does not matter."""
    return (
        content["status"] == record.status
        and _points(content["score"]) == _points(record.score)
        and _points(content["score_max"]) == _points(record.score_max)
        and content["assessed_on"] == record.assessed_on.isoformat()
        and content["protocol_ref"] == record.protocol_ref
    )


def _points(written: str | None) -> Decimal | None:
    return None if written is None else Decimal(written)


def _as_known(row: GradeRow, line: int) -> GradeRecord:
    """The revision that was taken, to the letter: the report then says that it is known."""
    content = row.content
    return GradeRecord(
        record_id=row.record_id,
        revision=row.revision,
        action=content["action"],
        order_ref=content["order_ref"],
        course_code=content["course_code"],
        person_id=content["person_id"],
        names=content["names"],
        assessed_on=date.fromisoformat(content["assessed_on"]),
        attempt=content["attempt"],
        status=content["status"],
        score=content["score"],
        score_max=content["score_max"],
        grading_scheme=content["grading_scheme"],
        hours=content["hours"],
        protocol_ref=content["protocol_ref"],
        reason=content["reason"],
        line=line,
    )


def _told(content: Mapping[str, Any]) -> str:
    """The result that stands, without words: points, day and paper."""
    points = "" if content["score"] is None else f"{content['score']}/{content['score_max']}"
    day = date.fromisoformat(content["assessed_on"]).strftime("%d.%m.%Y")
    return ", ".join(part for part in (points, day, content["protocol_ref"]) if part)
