"""Rules of a batch that the schema cannot say, each with a stable code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from flask_app.ports.institutions import BatchHeader, GradeRecord

# What is wrong with a record: code, the field it stands in, parameters.
Finding = tuple[str, str, dict[str, str]]

WITHOUT_SCORE = frozenset({"absent", "in-progress"})
DECIDED = frozenset({"passed", "failed"})


def findings_of(record: GradeRecord, header: BatchHeader) -> Iterator[Finding]:
    """What one record says against itself or against the batch's date."""
    yield from _revision(record)
    yield from _score(record)
    if record.action != "issue" and not record.reason:
        yield "BATCH_REASON_MISSING", "", {"action": record.action}
    if record.status in DECIDED and not record.protocol_ref:
        yield "BATCH_PROTOCOL_MISSING", "", {"status": record.status}
    created = header.created_at.date()
    if record.assessed_on > created:
        days = {"assessed": record.assessed_on.isoformat(), "created": created.isoformat()}
        yield "BATCH_ASSESSED_LATER", "assessedOn", days


def _revision(record: GradeRecord) -> Iterator[Finding]:
    if record.action == "issue" and record.revision != 1:
        yield "BATCH_ISSUE_REVISION", "revision", {"revision": str(record.revision)}
    if record.action != "issue" and record.revision == 1:
        yield "BATCH_CHANGE_REVISION", "revision", {"action": record.action}


def _score(record: GradeRecord) -> Iterator[Finding]:
    if record.score is None or record.score_max is None:
        return
    if Decimal(record.score_max) == 0:
        yield "BATCH_SCORE_MAX_ZERO", "score", {}
    elif Decimal(record.score) > Decimal(record.score_max):
        yield "BATCH_SCORE_ABOVE_MAX", "score", {"score": record.score, "max": record.score_max}
    if record.status in WITHOUT_SCORE:
        yield "BATCH_SCORE_WITHOUT_RESULT", "score", {"score": record.score, "status": record.status}


def findings_among(records: Sequence[GradeRecord]) -> dict[int, Finding]:
    """What records of one file say against one another, by their place in `records`.

    Several revisions of one record may stand in a file, in ascending order. The same revision twice: an equal copy is
    refused and the first goes on; where the copies differ nobody can tell which one is meant, and all are refused.
    """
    found: dict[int, Finding] = {}
    places: defaultdict[tuple[UUID, int], list[int]] = defaultdict(list)
    highest: dict[UUID, int] = {}
    for place, record in enumerate(records):
        places[record.record_id, record.revision].append(place)
        before = highest.get(record.record_id, 0)
        if record.revision < before:
            params = {"revision": str(record.revision), "before": str(before)}
            found[place] = ("BATCH_REVISION_ORDER", "revision", params)
        highest[record.record_id] = max(before, record.revision)
    for (_, revision), copies in places.items():
        if len(copies) > 1:
            found.update(_copies(records, copies, revision))
    return found


def _copies(records: Sequence[GradeRecord], places: Sequence[int], revision: int) -> Iterator[tuple[int, Finding]]:
    first = records[places[0]]
    equal = all(replace(records[place], line=first.line) == first for place in places)
    params = {"revision": str(revision), "line": str(first.line)}
    for place in places[1:] if equal else places:
        yield place, ("BATCH_RECORD_REPEATED" if equal else "BATCH_RECORD_CONFLICT", "recordId", params)
