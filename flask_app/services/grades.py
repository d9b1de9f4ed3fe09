"""Grade batches of training institutions: applied once however often they are sent, with a report per record."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.canonical import plain
from flask_app.domain.errors import InvalidInput, NotPermitted
from flask_app.domain.grades import KnownGrade, Verdict, fingerprint, judge_all
from flask_app.domain.identity import HR_OFFICER, TRAINING_OFFICER, Actor
from flask_app.ports.failpoints import failpoint
from flask_app.ports.institutions import BatchHeader, BatchReading, GradeRecord
from flask_app.services import audit
from flask_app.services.office import Office, Work
from flask_app.services.rights import may
from flask_app.services.training import find_institution
from flask_app.store.models.procedures import StageRecord
from flask_app.store.models.training import (
    Enrolment,
    GradeBatchRow,
    GradeRow,
    Institution,
    Programme,
    TrainingOrder,
)

RECEIVERS = frozenset({TRAINING_OFFICER, HR_OFFICER})
CLOCKS_APART = timedelta(minutes=5)
"""By how much the sender's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What became of a batch. `lines`: per record or finding {recordId, outcome, code, line, path, params}.

    `batch`: the row that keeps it; None for a file that could not be used as a whole.
    """

    message_id: UUID | None
    replayed: bool
    lines: tuple[Mapping[str, Any], ...]
    batch: UUID | None = None

    def count(self, outcome: str) -> int:
        return sum(line["outcome"] == outcome for line in self.lines)

    @property
    def accepted(self) -> int:
        """Grades this call took; 0 for a batch that was here before."""
        return 0 if self.replayed else self.count("accepted")


@dataclass(frozen=True, slots=True)
class Source:
    """The spreadsheet a batch was made of. `kind`: xlsx, ods, csv."""

    sha256: str
    kind: str


def accept_batch(office: Office, actor: Actor, content: bytes) -> BatchReport:
    """Take a batch in one transaction: good records go in, the others are told why not.

    The same message again gets the stored report and changes nothing. Raises `InvalidInput`: GRADE_MESSAGE_REUSED for
    another file under a known message id, GRADE_SENDER_UNKNOWN for an institution the body does not know,
    GRADE_RECEIVER_DIFFERS for a batch made out to somebody else, GRADE_FROM_THE_FUTURE.
    """
    require_receiving(actor)
    reading = office.grade_batches.read(content)
    if reading.header is None:
        return _unusable(reading)
    office.files.put(content)
    failpoint("batch.stored")
    with office.work(actor) as work:
        report = _take(work, reading, reading.header)
        failpoint("batch.inside")
    failpoint("batch.taken")
    return report


def accept_reading(work: Work, reading: BatchReading, source: Source) -> BatchReport:
    """Take what was read of a spreadsheet, in the caller's transaction. Raises as `accept_batch`."""
    require_receiving(work.actor)
    if reading.header is None:
        return _unusable(reading)
    return _take_anew(work, reading, reading.header, source)


def preview_batch(work: Work, reading: BatchReading, source: Source | None = None) -> BatchReport:
    """The report that taking the batch now would give; nothing is kept of it. Raises as `accept_batch` does.

    The batch is really taken, inside a savepoint that is rolled back: a preview by other code could say otherwise.
    """
    require_receiving(work.actor)
    if reading.header is None:
        return _unusable(reading)
    trial = work.session.begin_nested()
    try:
        report = _take_anew(work, reading, reading.header, source)
    finally:
        trial.rollback()
    return report if report.replayed else replace(report, batch=None)


def may_receive(actor: Actor) -> bool:
    return bool(actor.roles & RECEIVERS)


def require_receiving(actor: Actor) -> None:
    """Raises `NotPermitted`."""
    if not may_receive(actor):
        raise NotPermitted("workflow.action_not_permitted", action="accept_grades", state="", workflow="grade_batch")


def _unusable(reading: BatchReading) -> BatchReport:
    return BatchReport(None, False, tuple(_problem_lines(reading, set())))


def attempts_of(work: Work, sender: str, source: Source) -> tuple[GradeBatchRow, ...]:
    """The batches that were made of this spreadsheet, the first one first."""
    rows = work.session.scalars(
        select(GradeBatchRow)
        .where(
            GradeBatchRow.body_id == work.actor.body_id,
            GradeBatchRow.sender == sender,
            GradeBatchRow.source_sha256 == source.sha256,
        )
        .order_by(GradeBatchRow.sequence)
    )
    return tuple(rows)


def refusals(lines: Sequence[Mapping[str, Any]]) -> list[tuple[int, str, dict[str, str]]]:
    """What a report refuses: line, code and what its sentence says, in the order of the report."""
    refused = [line for line in lines if line["outcome"] == "rejected"]
    return [
        (line["line"], line["code"], {name: str(said) for name, said in line["params"].items()}) for line in refused
    ]


def _take_anew(work: Work, reading: BatchReading, header: BatchHeader, source: Source | None) -> BatchReport:
    """A spreadsheet of which rows were refused is judged anew; where that takes nothing and refuses the same, it is the
    message that came before.
    """
    if source is None:
        return _take(work, reading, header)
    _sender(work, header)  # locked, before it is asked what came of this file
    before = attempts_of(work, header.sender, source)
    if not before:
        return _take(work, reading, header, source)
    trial = work.session.begin_nested()
    report = _take(work, reading, header, source)
    if report.replayed or report.accepted or refusals(report.lines) != refusals(before[-1].report):
        trial.commit()
        return report
    last = before[-1].id
    trial.rollback()
    known = work.get(GradeBatchRow, last)
    return BatchReport(known.message_id, True, tuple(known.report), known.id)


def _take(work: Work, reading: BatchReading, header: BatchHeader, source: Source | None = None) -> BatchReport:
    if header.receiver != work.body.code:
        raise InvalidInput("GRADE_RECEIVER_DIFFERS", receiver=header.receiver, body=work.body.code)
    institution = _sender(work, header)
    known = _known_batch(work, header)
    if known is not None:
        # A spreadsheet's batch is made anew at each look, under a message id that follows from its file.
        if known.file_sha256 != reading.sha256 and (source is None or known.source_sha256 != source.sha256):
            raise InvalidInput("GRADE_MESSAGE_REUSED", message=header.message_id, sender=header.sender)
        return BatchReport(header.message_id, True, tuple(known.report), known.id)
    if header.created_at > work.now + CLOCKS_APART:
        raise InvalidInput("GRADE_FROM_THE_FUTURE", created=work.local(header.created_at), now=work.local(work.now))
    remarks = _sequence_remarks(work, header)
    batch = GradeBatchRow(
        sender=header.sender,
        message_id=header.message_id,
        sequence=header.sequence,
        file_sha256=reading.sha256,
        source_sha256=source.sha256 if source else "",
        source_kind=source.kind if source else "",
        received_at=work.now,
        report=[],
    )
    work.add(batch)
    work.session.flush()
    batch.report = [*_judge(work, reading, institution, batch.id), *remarks]
    report = BatchReport(header.message_id, False, tuple(batch.report), batch.id)
    audit.record(
        work,
        "grades.received",
        "grade_batch",
        batch.id,
        after={"sender": header.sender, "accepted": report.accepted, "rejected": report.count("rejected")},
    )
    return report


def _sender(work: Work, header: BatchHeader) -> Institution:
    """The institution, locked: its batches are taken one after the other, so that none is taken twice at once."""
    institution = find_institution(work, header.sender)
    if institution is None:
        raise InvalidInput("GRADE_SENDER_UNKNOWN", sender=header.sender)
    return work.get(Institution, institution.id, lock=True)


def _sequence_remarks(work: Work, header: BatchHeader) -> list[Any]:
    """A batch that seems to be missing, or a number given twice, is told in the report; the batch itself is taken."""
    taken = set(
        work.session.scalars(
            select(GradeBatchRow.sequence).where(
                GradeBatchRow.body_id == work.actor.body_id, GradeBatchRow.sender == header.sender
            )
        )
    )
    last = max(taken, default=0)
    if header.sequence in taken:
        return [_remark("GRADE_SEQUENCE_REPEATED", sequence=header.sequence)]
    if header.sequence > last + 1:
        return [_remark("GRADE_SEQUENCE_GAP", sequence=header.sequence, expected=last + 1)]
    return []


def _remark(code: str, **params: object) -> dict[str, Any]:
    return {"recordId": "", "outcome": "remark", "code": code, "line": 0, "path": "", "params": params}


def _known_batch(work: Work, header: BatchHeader) -> GradeBatchRow | None:
    return work.session.scalar(
        select(GradeBatchRow)
        .where(
            GradeBatchRow.body_id == work.actor.body_id,
            GradeBatchRow.sender == header.sender,
            GradeBatchRow.message_id == header.message_id,
        )
        .with_for_update()
    )


def _judge(work: Work, reading: BatchReading, institution: Institution, batch_id: UUID) -> list[Any]:
    enrolments, shut = _enrolments(work, institution)
    orders: dict[str, set[str]] = {}
    for order, course, _ in enrolments:
        orders.setdefault(order, set()).add(course)
    people = {person for _, _, person in enrolments}
    sender = institution.code
    known = _known_grades(work, sender, reading)
    verdicts = judge_all(reading.records, known, orders, people, _begun(work, orders))
    lines: list[Any] = []
    for record, verdict in zip(reading.records, verdicts, strict=True):
        enrolment = enrolments.get((record.order_ref, record.course_code, record.person_id))
        if verdict.outcome == "accepted" and record.order_ref in shut:
            verdict = Verdict("rejected", "GRADE_ORDER_SHUT", {"order": record.order_ref})
        elif verdict.outcome == "accepted" and enrolment is None:
            # The person is enrolled with the institution, but not on this course.
            verdict = Verdict("rejected", "GRADE_PERSON_UNKNOWN", {"order": record.order_ref})
        if verdict.outcome == "accepted":
            assert enrolment is not None
            _apply(work, sender, record, enrolment, batch_id)
        lines.append(_line(record, verdict))
    return lines + _problem_lines(reading, {line["recordId"] for line in lines})


def _enrolments(work: Work, institution: Institution) -> tuple[dict[tuple[str, str, str], Enrolment], set[str]]:
    """Every enrolment the institution delivers, by (order, course, person), locked; and the orders which take no grades
    in their present stage.
    """
    rows = work.session.execute(
        select(TrainingOrder, Programme.course_code, Enrolment)
        .join(Programme, Programme.order_id == TrainingOrder.id)
        .join(Enrolment, Enrolment.programme_id == Programme.id)
        .where(Programme.institution_id == institution.id, TrainingOrder.body_id == work.actor.body_id)
        .order_by(Enrolment.id)
        .with_for_update(of=Enrolment)
    )
    found, shut = {}, set()
    for order, course, enrolment in rows:
        found[order.code, course, str(enrolment.person_id)] = enrolment
        if not may(work, order, "accept_grades"):
            shut.add(order.code)
    return found, shut


def _begun(work: Work, orders: Collection[str]) -> dict[str, date]:
    """Order → the day on which its training began, where it has."""
    query = (
        select(TrainingOrder.code, StageRecord.happened_on)
        .join(StageRecord, StageRecord.object_id == TrainingOrder.id)
        .where(
            TrainingOrder.body_id == work.actor.body_id,
            TrainingOrder.code.in_(list(orders)),
            StageRecord.transition == "begin_training",
        )
    )
    return dict(work.session.execute(query).all())


def _known_grades(work: Work, sender: str, reading: BatchReading) -> dict[UUID, KnownGrade]:
    rows = work.session.scalars(
        select(GradeRow).where(
            GradeRow.body_id == work.actor.body_id,
            GradeRow.sender == sender,
            GradeRow.newest.is_(True),
            GradeRow.record_id.in_([record.record_id for record in reading.records]),
        )
    )
    return {
        row.record_id: KnownGrade(
            record_id=row.record_id,
            revision=row.revision,
            fingerprint=row.content_hash,
            withdrawn=row.action == "withdraw",
            order_ref=row.content["order_ref"],
            course_code=row.content["course_code"],
            person_id=row.content["person_id"],
        )
        for row in rows
    }


def _apply(work: Work, sender: str, record: GradeRecord, enrolment: Enrolment, batch_id: UUID) -> None:
    """Keep the revision and let the enrolment show it; a withdrawal brings back what stood before."""
    newest = work.session.scalar(
        select(GradeRow).where(
            GradeRow.body_id == work.actor.body_id,
            GradeRow.sender == sender,
            GradeRow.record_id == record.record_id,
            GradeRow.newest.is_(True),
        )
    )
    if newest is not None:
        newest.newest = False
        work.session.flush()
    content: Any = plain(record)
    work.add(
        GradeRow(
            sender=sender,
            record_id=record.record_id,
            revision=record.revision,
            newest=True,
            action=record.action,
            enrolment_id=enrolment.id,
            batch_id=batch_id,
            content_hash=fingerprint(record),
            content=content,
        )
    )
    work.session.flush()
    before = {"outcome": enrolment.outcome, "score": enrolment.score}
    _show(enrolment, _standing(work, enrolment))
    audit.record(
        work,
        f"grade.{record.action}",
        "enrolment",
        enrolment.id,
        before,
        {"outcome": enrolment.outcome, "score": enrolment.score, "reason": record.reason},
    )


def _standing(work: Work, enrolment: Enrolment) -> Mapping[str, Any] | None:
    """The grade that counts: of those not withdrawn the last attempt, and of one attempt the last assessment."""
    contents: Sequence[dict[str, Any]] = work.session.scalars(
        select(GradeRow.content).where(
            GradeRow.enrolment_id == enrolment.id, GradeRow.newest.is_(True), GradeRow.action != "withdraw"
        )
    ).all()
    return max(contents, key=lambda grade: (grade["attempt"], grade["assessed_on"], grade["record_id"]), default=None)


def _show(enrolment: Enrolment, grade: Mapping[str, Any] | None) -> None:
    if grade is None:
        enrolment.outcome = "none"
        enrolment.score = enrolment.document_number = ""
        return
    enrolment.outcome = grade["status"]
    enrolment.score = "" if grade["score"] is None else f"{grade['score']}/{grade['score_max']}"
    enrolment.document_number = grade["protocol_ref"]


def _line(record: GradeRecord, verdict: Verdict) -> dict[str, Any]:
    return {
        "recordId": str(record.record_id),
        "outcome": verdict.outcome,
        "code": verdict.code,
        "line": record.line,
        "path": "",
        "params": dict(verdict.params),
    }


def _problem_lines(reading: BatchReading, judged: set[str]) -> list[dict[str, Any]]:
    """What the reader found: a finding about a record that was judged is a remark, any other is a refusal."""
    return [
        {
            "recordId": problem.record_id,
            "outcome": "remark" if problem.record_id in judged else "rejected",
            "code": problem.code,
            "line": problem.line,
            "path": problem.path,
            "params": dict(problem.params),
        }
        for problem in reading.problems
    ]
