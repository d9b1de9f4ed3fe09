"""Institutions and their grade batches as the pages show them: who sends what, and what became of every record."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from flask_app.domain.errors import InvalidInput, NotFound
from flask_app.domain.identity import Actor
from flask_app.domain.workflows.training_order import WORKFLOW
from flask_app.ports.institutions import BatchHeader, GradeRecord
from flask_app.services import audit
from flask_app.services.grade_sheets import is_sheet, read_sheet
from flask_app.services.grades import (
    BatchReport,
    accept_batch,
    accept_reading,
    may_receive,
    preview_batch,
    require_receiving,
)
from flask_app.services.listing import Slice, read_page
from flask_app.services.local_time import local_time
from flask_app.services.office import Office, Work
from flask_app.services.training import add_institution, find_institution, may_keep_orders, require_keeping_orders
from flask_app.services.visibility import sees_any
from flask_app.store.models.training import GradeBatchRow, Institution, Programme

TAKEN, REFUSED, KNOWN, REMARK = "accepted", "rejected", ("duplicate", "stale"), "remark"
RECORDS = ("", "gradeBatch", "records")

FIELD_OF: Mapping[str, str] = {
    "BATCH_PROTOCOL_MISSING": "protocolRef",
    "BATCH_REASON_MISSING": "reason",
    "BATCH_ISSUE_REVISION": "revision",
    "BATCH_CHANGE_REVISION": "revision",
    "BATCH_REVISION_ORDER": "revision",
    "GRADE_STALE": "revision",
    "GRADE_NOT_ISSUED": "revision",
    "GRADE_ISSUED_AGAIN": "action",
    "GRADE_REVISION_GAP": "revision",
    "GRADE_ORDER_UNKNOWN": "orderRef",
    "GRADE_ORDER_SHUT": "orderRef",
    "GRADE_COURSE_UNKNOWN": "courseCode",
    "GRADE_PERSON_UNKNOWN": "personId",
    "GRADE_BEFORE_TRAINING": "assessedOn",
    "GRADE_SEQUENCE_GAP": "sequence",
    "GRADE_SEQUENCE_REPEATED": "sequence",
}
"""The element a rule looks at where the finding's place is the whole record (the element is missing, or was judged)."""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """What is said of one record, or of the file. `field`: the element of the record the finding is about.

    The record's own words (`name`, `order`, `course`, `result`) are empty where it could not be read.
    """

    outcome: str
    code: str
    line: int
    path: str
    record: str
    params: Mapping[str, Any]
    said: GradeRecord | None

    @property
    def field(self) -> str:
        last = self.path.rpartition("/")[2].partition("[")[0]
        return FIELD_OF.get(self.code, "") if last in ("", "record", "row") else last

    @property
    def subject(self) -> str:
        """The record the row is about: its place in the file, or its id; empty for the file itself."""
        steps = self.path.split("/")
        return "/".join(steps[:4]) if tuple(steps[:3]) == RECORDS and len(steps) > 3 else self.record

    def sentence_params(self) -> dict[str, object]:
        """All that the sentence of `code` may name."""
        return {"line": self.line, "path": self.path, "record": self.record, **self.params}


@dataclass(frozen=True, slots=True)
class FullReport:
    """A batch's report, row by row in the order of the file. Figures count records, however many rows they have."""

    rows: tuple[ReportRow, ...]

    def of(self, *outcomes: str) -> tuple[ReportRow, ...]:
        return tuple(row for row in self.rows if row.outcome in outcomes)

    @property
    def taken(self) -> tuple[ReportRow, ...]:
        return self.of(TAKEN)

    @property
    def refused(self) -> tuple[ReportRow, ...]:
        return self.of(REFUSED)

    @property
    def known(self) -> tuple[ReportRow, ...]:
        return self.of(*KNOWN)

    @property
    def remarks(self) -> tuple[ReportRow, ...]:
        return self.of(REMARK)

    @property
    def refused_records(self) -> int:
        return len({row.subject for row in self.refused if row.subject})


def full_report(lines: Sequence[Mapping[str, Any]], records: Sequence[GradeRecord]) -> FullReport:
    """The stored lines with what the records of the file say."""
    by_place = {(str(record.record_id), record.line): record for record in records}
    by_id = {str(record.record_id): record for record in records}
    rows = [
        ReportRow(
            line["outcome"],
            line["code"],
            line["line"],
            line["path"],
            line["recordId"],
            line["params"],
            by_place.get((line["recordId"], line["line"])) or by_id.get(line["recordId"]),
        )
        for line in lines
    ]
    return FullReport(tuple(sorted(rows, key=lambda row: row.line)))


# -- before it is taken ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BatchPreview:
    """A file that was read and judged; nothing of it is kept but the file itself, under `sha256`.

    `seal` lets only this person confirm only this file. `batch`: the row, for a message that was taken before.
    `sheet`: it came as a spreadsheet.
    """

    file_name: str
    size: int
    sha256: str
    seal: str
    header: BatchHeader | None
    institution: Institution | None
    report: FullReport
    replayed: bool
    batch: UUID | None
    sheet: bool

    @property
    def takes_something(self) -> bool:
        """Whether saving would keep anything: the report of a new message counts, also where no grade is taken."""
        return self.header is not None and not self.replayed


def preview_upload(work: Work, content: bytes, file_name: str) -> BatchPreview:
    """Read and judge; take nothing. Raises `NotPermitted`, the `InvalidInput`s of `accept_batch`, and for a spreadsheet
    those of `grade_sheets.read_sheet`.
    """
    require_receiving(work.actor)
    sheet = read_sheet(work, content) if is_sheet(content) else None
    reading = work.office.grade_batches.read(content) if sheet is None else sheet.reading
    report = preview_batch(work, reading, None if sheet is None else sheet.source)
    if reading.header is not None and not report.replayed:
        work.office.files.put(content)
    sha256 = hashlib.sha256(content).hexdigest()
    return BatchPreview(
        file_name=file_name,
        size=len(content),
        sha256=sha256,
        seal=_seal(work, sha256),
        header=reading.header,
        institution=None if reading.header is None else find_institution(work, reading.header.sender),
        report=full_report(report.lines, reading.records),
        replayed=report.replayed,
        batch=report.batch,
        sheet=sheet is not None,
    )


def take_upload(office: Office, actor: Actor, content: bytes) -> BatchReport:
    """Take what was previewed, judged anew as things stand now.

    Raises as `preview_upload`, and `InvalidInput("GRADE_SHEET_NOTHING_LEFT")` for a spreadsheet of which no row can be
    taken any more.
    """
    if not is_sheet(content):
        return accept_batch(office, actor, content)
    with office.work(actor) as work:
        require_receiving(work.actor)
        sheet = read_sheet(work, content)
        if sheet.reading.header is None:
            raise InvalidInput("GRADE_SHEET_NOTHING_LEFT")
        for file in (content, sheet.content):
            office.files.put(file)
        return accept_reading(work, sheet.reading, sheet.source)


def confirmed_batch(work: Work, sha256: str, seal: str) -> bytes:
    """The file that this person previewed.

    Raises `NotPermitted`, `InvalidInput("training.upload_foreign")`, `NotFound("file.not_found")` for a swept one.
    """
    require_receiving(work.actor)
    if not hmac.compare_digest(_seal(work, sha256).encode(), seal.encode()):
        raise InvalidInput("training.upload_foreign")
    return work.office.files.get(sha256)


def _seal(work: Work, sha256: str) -> str:
    return work.office.sealer.index(f"grade batch {work.actor.user_id} {work.actor.body_id} {sha256}")


# -- institutions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InstitutionRow:
    """`programmes`: of all orders; `batches` and `last_at`: what came from it."""

    id: UUID
    code: str
    name: Mapping[str, str]
    programmes: int
    batches: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Institutions:
    rows: Slice[InstitutionRow]
    may_add: bool
    may_upload: bool


def institutions(work: Work, page: int) -> Institutions:
    """The body's institutions; nothing for somebody whose roles open no training orders."""
    here = local_time(work)
    if not sees_any(WORKFLOW.id, work.actor.roles):
        return Institutions(Slice((), 0, 1), may_add=False, may_upload=False)
    programmes = _counted(Programme.institution_id == Institution.id, Programme.id)
    own = (GradeBatchRow.sender == Institution.code) & (GradeBatchRow.body_id == Institution.body_id)
    last = select(func.max(GradeBatchRow.received_at)).where(own).correlate(Institution).scalar_subquery()
    query = (
        select(Institution, programmes.label("programmes"), _counted(own, GradeBatchRow.id).label("batches"))
        .add_columns(last.label("last_at"))
        .where(Institution.body_id == work.actor.body_id)
        .order_by(Institution.code)
    )
    rows, total, page = read_page(work.session, query, page)
    found = tuple(
        InstitutionRow(row[0].id, row[0].code, row[0].name, row[1], row[2], None if row[3] is None else here.at(row[3]))
        for row in rows
    )
    return Institutions(
        Slice(found, total, page), may_add=may_keep_orders(work.actor), may_upload=may_receive(work.actor)
    )


def _counted(condition: Any, column: Any) -> Any:
    return select(func.count(column)).where(condition).correlate(Institution).scalar_subquery()


def new_institution(work: Work, code: str, name: Mapping[str, str]) -> UUID:
    """Raises `NotPermitted`, `InvalidInput("training.institution_exists")`."""
    require_keeping_orders(work)
    if find_institution(work, code) is not None:
        raise InvalidInput("training.institution_exists", institution=code)
    return add_institution(work, code, name)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch in a list. `taken` grades, `refused` records."""

    id: UUID
    sequence: int
    received_at: datetime
    taken: int
    refused: int
    remarks: int


@dataclass(frozen=True, slots=True)
class InstitutionDesk:
    institution: Institution
    batches: Slice[BatchRow]
    may_upload: bool


def institution_desk(work: Work, institution_id: UUID, page: int) -> InstitutionDesk:
    """Raises `NotFound` for another body's, and for somebody whose roles open no training orders."""
    institution = work.get(Institution, institution_id)
    _require_reading(work)
    here = local_time(work)
    query = (
        select(GradeBatchRow.id, GradeBatchRow.sequence, GradeBatchRow.received_at)
        .add_columns(_records(TAKEN).label("taken"), _records(REFUSED).label("refused"), _remarks().label("remarks"))
        .where(GradeBatchRow.sender == institution.code, GradeBatchRow.body_id == work.actor.body_id)
        .order_by(GradeBatchRow.received_at.desc(), GradeBatchRow.sequence.desc())
    )
    rows, total, page = read_page(work.session, query, page)
    batches = tuple(BatchRow(row[0], row[1], here.at(row[2]), row[3], row[4], row[5]) for row in rows)
    return InstitutionDesk(institution, Slice(batches, total, page), may_receive(work.actor))


def _records(outcome: str) -> Any:
    """How many records of a batch's report have this outcome; lines about the same record count once."""
    line = func.jsonb_array_elements(GradeBatchRow.report).column_valued("line")
    place = func.substring(line.op("->>")("path"), "^/gradeBatch/records/[^/]+")
    subject = func.coalesce(place, func.nullif(line.op("->>")("recordId"), ""))
    return (
        select(func.count(subject.distinct()))
        .where(line.op("->>")("outcome") == outcome)
        .correlate(GradeBatchRow)
        .scalar_subquery()
    )


def _remarks() -> Any:
    line = func.jsonb_array_elements(GradeBatchRow.report).column_valued("line")
    return select(func.count()).where(line.op("->>")("outcome") == REMARK).correlate(GradeBatchRow).scalar_subquery()


def _require_reading(work: Work) -> None:
    """Raises `NotFound` for somebody who may see no training order in any stage."""
    if not sees_any(WORKFLOW.id, work.actor.roles):
        raise NotFound("object.unknown", type=Institution.__name__)


# -- one batch ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BatchDesk:
    """One batch with its full report. `original`: the file as it came is still there; `size` in bytes."""

    batch: GradeBatchRow
    institution: Institution
    received_at: datetime
    header: BatchHeader | None
    report: FullReport
    original: bool
    size: int
    may_open: bool


def batch_desk(work: Work, batch_id: UUID) -> BatchDesk:
    """Raises `NotFound` for another body's, and for somebody whose roles open no training orders."""
    batch = work.get(GradeBatchRow, batch_id)
    _require_reading(work)
    institution = find_institution(work, batch.sender)
    if institution is None:
        raise NotFound("object.unknown", type=GradeBatchRow.__name__)
    content = _original(work, batch)
    reading = None if content is None else work.office.grade_batches.read(content)
    return BatchDesk(
        batch=batch,
        institution=institution,
        received_at=local_time(work).at(batch.received_at),
        header=None if reading is None else reading.header,
        report=full_report(batch.report, () if reading is None else reading.records),
        original=content is not None,
        size=0 if content is None else len(content),
        may_open=may_receive(work.actor),
    )


def _original(work: Work, batch: GradeBatchRow) -> bytes | None:
    """The file as it came; None where the store has lost or damaged it – the report stays readable without it."""
    try:
        return work.office.files.get(batch.file_sha256)
    except (NotFound, InvalidInput):
        return None


def original_of(work: Work, batch_id: UUID) -> tuple[GradeBatchRow, bytes]:
    """The file as it came, for those who take grades in; opening it is told in the audit log.

    Raises `NotFound`, `NotPermitted`, `NotFound("file.not_found")` where the store has lost it.
    """
    batch = work.get(GradeBatchRow, batch_id)
    _require_reading(work)
    require_receiving(work.actor)
    sha256 = batch.source_sha256 or batch.file_sha256
    content = work.office.files.get(sha256)
    audit.record(work, "grade_batch.opened", "grade_batch", batch.id, after={"sha256": sha256})
    return batch, content
