"""Reads grade batches: size, bytes, XML, schema, rules, in this order (docs/exchange.md).

What is wrong with the file as a whole leaves nothing to take; what is wrong with one record leaves its neighbours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from connector.institutions.rules import findings_among, findings_of
from connector.institutions.safety import ParsedBatch, Unsafe, local_name, parse
from connector.institutions.schema import NAMESPACE, fast_schema
from connector.institutions.structure import (
    SCHEMA_INSTANCE,
    XML_SPACE,
    explain_structure,
    record_id_of,
    refused_unexplained,
    shown,
    swelling,
    text_of,
)
from connector.institutions.writer import write_batch_by_rows
from flask_app.ports.institutions import (
    BatchHeader,
    BatchProblem,
    BatchReading,
    GradeAction,
    GradeRecord,
    GradeStatus,
)

# So many records are explained field by field; the rest of a thoroughly wrong file is told by line only.
MOST_EXPLAINED = 200


class GradeBatchXmlReader:
    """Implements `flask_app.ports.institutions.GradeBatches` for the project's own XML."""

    def read(self, content: bytes) -> BatchReading:
        """Never raises for what the sender wrote: every finding is a problem with its place."""
        sha256 = hashlib.sha256(content).hexdigest()
        try:
            header, records, problems = _read(parse(content))
        except Unsafe as unsafe:
            problem = BatchProblem(unsafe.code, unsafe.line, unsafe.path, "", unsafe.params)
            return BatchReading(sha256, len(content), None, (), (problem,))
        ordered = tuple(sorted(problems, key=lambda problem: problem.line))
        return BatchReading(sha256, len(content), header, tuple(records), ordered)

    def write(self, header: BatchHeader, records: Sequence[GradeRecord]) -> bytes:
        """A batch made of a spreadsheet's rows; `line` of each record is its row, and stays so when it is read."""
        return write_batch_by_rows(header, records)


def _read(batch: ParsedBatch) -> tuple[BatchHeader | None, list[GradeRecord], list[BatchProblem]]:
    schema = fast_schema()
    whole = schema.validate(batch.root)
    header_part, records_part = _parts(batch)
    if not whole and not schema.validate(header_part):
        return None, [], explain_structure(batch, header_part)
    header = _header(header_part)
    if header.record_count != len(records_part):
        count = header_part.find(f"{{{NAMESPACE}}}recordCount")
        params = {"announced": str(header.record_count), "found": str(len(records_part))}
        problem = BatchProblem("BATCH_COUNT_DIFFERS", batch.line(count), batch.path(count), "", params)
        return None, [], [problem]
    elements, problems = _well_formed_records(batch, schema, list(records_part), whole=whole)
    if not whole and not problems:
        # Something between the records, such as stray text: the parts are right, the file is not.
        return None, [], [BatchProblem("BATCH_STRUCTURE", batch.line(records_part), batch.path(records_part), "", {})]
    records, broken_rules = _by_rules(batch, elements, header)
    return header, records, problems + broken_rules


def _parts(batch: ParsedBatch) -> tuple[Any, Any]:
    """Header and records. Raises Unsafe BATCH_PARTS, BATCH_STRUCTURE when the frame around them is another one."""
    expected = [f"{{{NAMESPACE}}}header", f"{{{NAMESPACE}}}records"]
    if [part.tag for part in batch.root] != expected or not len(batch.root[1]):
        found = shown("", " ".join(local_name(part) for part in batch.root))
        raise Unsafe("BATCH_PARTS", batch.line(batch.root), {"found": found}, batch.path(batch.root))
    for frame in (batch.root, batch.root[1]):
        texts = [frame.text, *(child.tail for child in frame)]
        attributes = [name for name in frame.attrib if not name.startswith(f"{{{SCHEMA_INSTANCE}}}")]
        if attributes or any((text or "").strip(XML_SPACE) for text in texts):
            raise Unsafe("BATCH_STRUCTURE", batch.line(frame), {}, batch.path(frame))
    return batch.root[0], batch.root[1]


def _well_formed_records(
    batch: ParsedBatch, schema: Any, elements: Sequence[Any], *, whole: bool
) -> tuple[list[Any], list[BatchProblem]]:
    if whole:
        return list(elements), []
    good, problems, explained = [], [], 0
    for element in elements:
        if element.tag != f"{{{NAMESPACE}}}record":
            params = {"field": shown("", local_name(element))}
            problems.append(BatchProblem("BATCH_NOT_A_RECORD", batch.line(element), batch.path(element), "", params))
        elif (swollen := swelling(batch, element)) is not None:
            problems.append(swollen)
        elif schema.validate(element):
            good.append(element)
        elif explained < MOST_EXPLAINED:
            problems += explain_structure(batch, element)
            explained += 1
        else:
            problems.append(refused_unexplained(batch, element))
    return good, problems


def _by_rules(
    batch: ParsedBatch, elements: Sequence[Any], header: BatchHeader
) -> tuple[list[GradeRecord], list[BatchProblem]]:
    all_records = [_record(batch, element) for element in elements]
    among = findings_among(all_records)
    records, problems = [], []
    for place, (element, record) in enumerate(zip(elements, all_records, strict=True)):
        findings = [*findings_of(record, header), *([among[place]] if place in among else [])]
        if not findings:
            records.append(record)
        for code, field, params in findings:
            at = element if not field else element.find(f"{{{NAMESPACE}}}{field}")
            problems.append(BatchProblem(code, batch.line(at), batch.path(at), record_id_of(element), params))
    return records, problems


def _fields(element: Any) -> Iterator[tuple[str, str]]:
    return ((local_name(child), text_of(child)) for child in element)


def _header(element: Any) -> BatchHeader:
    fields = dict(_fields(element))
    return BatchHeader(
        message_id=UUID(fields["messageId"]),
        sender=fields["sender"],
        receiver=fields["receiver"],
        created_at=datetime.fromisoformat(fields["createdAt"]),
        sequence=int(fields["sequence"]),
        record_count=int(fields["recordCount"]),
    )


def _record(batch: ParsedBatch, element: Any) -> GradeRecord:
    fields = dict(_fields(element))
    score = element.find(f"{{{NAMESPACE}}}score")
    return GradeRecord(
        record_id=UUID(fields["recordId"]),
        revision=int(fields["revision"]),
        action=cast(GradeAction, element.get("action").strip()),
        order_ref=fields["orderRef"],
        course_code=fields["courseCode"],
        person_id=fields["personId"],
        names=fields["names"],
        assessed_on=date.fromisoformat(fields["assessedOn"]),
        attempt=int(fields["attempt"]),
        status=cast(GradeStatus, fields["status"]),
        score=fields.get("score"),
        score_max=None if score is None else score.get("max").strip(),
        grading_scheme=fields["gradingScheme"],
        hours=int(fields["hours"]) if "hours" in fields else None,
        protocol_ref=fields.get("protocolRef", ""),
        reason=fields.get("reason", ""),
        line=batch.line(element),
    )
