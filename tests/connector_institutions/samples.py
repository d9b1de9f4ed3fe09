"""Batches for the tests of this folder: good records, files made of them, and their breaking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from connector.institutions.reader import GradeBatchXmlReader
from connector.institutions.schema import NAMESPACE
from connector.institutions.writer import write_batch
from flask_app.messages.catalogue import LANGUAGES, explain
from flask_app.ports.institutions import BatchHeader, BatchReading, GradeRecord

BISHKEK = timezone(timedelta(hours=6))
HEADER = BatchHeader(
    message_id=UUID("1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"),
    sender="knu",
    receiver="nookat",
    created_at=datetime(2026, 5, 20, 9, 30, tzinfo=BISHKEK),
    sequence=7,
    record_count=1,
)
RECORD = GradeRecord(
    record_id=UUID(int=1),
    revision=1,
    action="issue",
    order_ref="№ 12-О/2026",
    course_code="HR-101",
    person_id="12810197208271",
    names="Асанов Азамат Асан уулу",
    assessed_on=date(2026, 5, 15),
    attempt=1,
    status="passed",
    score="85.5",
    score_max="100",
    grading_scheme="100 баллов",
    hours=72,
    protocol_ref="П-17",
    reason="",
    line=0,
)


def records(count: int) -> list[GradeRecord]:
    return [replace(RECORD, record_id=UUID(int=number)) for number in range(1, count + 1)]


def batch(*listed: GradeRecord, **header: Any) -> bytes:
    return write_batch(replace(HEADER, **{"record_count": len(listed), **header}), listed)


def read(content: bytes) -> BatchReading:
    """Reads a file; whatever was found has a sentence in every language."""
    reading = GradeBatchXmlReader().read(content)
    for problem in reading.problems:
        assert problem.line >= 1
        params = {"line": problem.line, "path": problem.path, "record": problem.record_id, **problem.params}
        for language in LANGUAGES:
            assert explain(problem.code, language, params).text
    return reading


def codes(reading: BatchReading) -> list[str]:
    return [problem.code for problem in reading.problems]


def without_line(listed: Sequence[GradeRecord]) -> list[GradeRecord]:
    return [replace(record, line=0) for record in listed]


def changed(content: bytes, old: str, new: str) -> bytes:
    """The file with its first `old` replaced; fails when there is none."""
    text = content.decode()
    assert old in text
    return text.replace(old, new, 1).encode()


__all__ = ["HEADER", "NAMESPACE", "RECORD", "batch", "changed", "codes", "read", "records", "without_line"]
