"""Grade batches as training institutions hand them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol
from uuid import UUID

GradeAction = Literal["issue", "amend", "withdraw"]
GradeStatus = Literal["passed", "failed", "in-progress", "absent"]


@dataclass(frozen=True, slots=True)
class GradeRecord:
    """One person's result. `line`: the record's line in the file as sent. `score`, `score_max`: decimal strings."""

    record_id: UUID
    revision: int
    action: GradeAction
    order_ref: str
    course_code: str
    person_id: str
    names: str
    assessed_on: date
    attempt: int
    status: GradeStatus
    score: str | None
    score_max: str | None
    grading_scheme: str
    hours: int | None
    protocol_ref: str
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class BatchHeader:
    message_id: UUID
    sender: str
    receiver: str
    created_at: datetime
    sequence: int
    record_count: int


@dataclass(frozen=True, slots=True)
class BatchProblem:
    """A finding: stable `code`, place in the file, parameters for the sentence. `record_id` empty = the whole file."""

    code: str
    line: int
    path: str
    record_id: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BatchReading:
    """What a file says. `header` is None when the file as a whole cannot be used; then `records` is empty."""

    sha256: str
    size: int
    header: BatchHeader | None
    records: tuple[GradeRecord, ...]
    problems: tuple[BatchProblem, ...]


class GradeBatchReader(Protocol):
    def read(self, content: bytes) -> BatchReading:
        """Never raises for what the sender wrote: every finding is a problem with its place."""


class GradeBatches(GradeBatchReader, Protocol):
    def write(self, header: BatchHeader, records: Sequence[GradeRecord]) -> bytes:
        """The batch as an institution would send it, each record on the line its `line` names; lines ascend from 2."""
