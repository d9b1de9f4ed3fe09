"""Writes grade batches: the institution's side, for the demonstration and for tests.

The same records always give the same bytes: canonical XML (C14N 1.0, UTF-8), indented, fields in the schema's order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from lxml import etree

from connector.institutions.schema import NAMESPACE
from flask_app.ports.institutions import BatchHeader, GradeRecord


def write_batch(header: BatchHeader, records: Sequence[GradeRecord]) -> bytes:
    """The batch as XML. Raises ValueError when the header announces another number of records."""
    if header.record_count != len(records):
        raise ValueError(f"header announces {header.record_count} records, there are {len(records)}")
    names: Any = {None: NAMESPACE}  # the stubs know no default namespace
    root = etree.Element(f"{{{NAMESPACE}}}gradeBatch", nsmap=names)
    head = _under(root, "header")
    for name, value in _header_fields(header):
        _under(head, name, value)
    listed = _under(root, "records")
    for record in records:
        _write_record(listed, record)
    etree.indent(root)
    return bytes(etree.tostring(root, method="c14n")) + b"\n"


def write_batch_by_rows(header: BatchHeader, records: Sequence[GradeRecord]) -> bytes:
    """The same batch, each record on the line its `line` names: what is said of a line is then said of that row of the
    spreadsheet the records were read from.

    Raises ValueError as `write_batch`, and for lines that do not ascend from the second on.
    """
    lines = [1, *(record.line for record in records)]
    if any(later <= earlier for earlier, later in pairwise(lines)):
        raise ValueError("the records' lines do not ascend")
    root = etree.fromstring(write_batch(header, records), etree.XMLParser(remove_blank_text=True))
    listed = root[1]
    listed.text = "\n" * (lines[1] - 1) if records else None
    for element, (line, following) in zip(listed, pairwise([*lines[1:], lines[-1] + 1]), strict=True):
        element.tail = "\n" * (following - line)
    return bytes(etree.tostring(root, method="c14n")) + b"\n"


def _under(parent: Any, name: str, text: str | None = None) -> Any:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    child.text = text
    return child


def _header_fields(header: BatchHeader) -> Iterator[tuple[str, str]]:
    yield "messageId", str(header.message_id)
    yield "sender", header.sender
    yield "receiver", header.receiver
    yield "createdAt", header.created_at.isoformat()
    yield "sequence", str(header.sequence)
    yield "recordCount", str(header.record_count)


def _write_record(parent: Any, record: GradeRecord) -> None:
    element = _under(parent, "record")
    element.set("action", record.action)
    for name, value in _record_fields(record):
        field = _under(element, name, value)
        if name == "score" and record.score_max is not None:
            field.set("max", record.score_max)


def _record_fields(record: GradeRecord) -> Iterator[tuple[str, str]]:
    yield "recordId", str(record.record_id)
    yield "revision", str(record.revision)
    yield "orderRef", record.order_ref
    yield "courseCode", record.course_code
    yield "personId", record.person_id
    yield "names", record.names
    yield "assessedOn", record.assessed_on.isoformat()
    yield "attempt", str(record.attempt)
    yield "status", record.status
    if record.score is not None:
        yield "score", record.score
    yield "gradingScheme", record.grading_scheme
    if record.hours is not None:
        yield "hours", str(record.hours)
    if record.protocol_ref:
        yield "protocolRef", record.protocol_ref
    if record.reason:
        yield "reason", record.reason
