"""What becomes of a grade that an institution hands in: taken, known already, out of date, or refused.

A change is a new revision that follows the one before it; a withdrawal is a revision with a reason, never a deletion.
Handing in the same thing twice is no error: the second time it is known already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol
from uuid import UUID

from flask_app.domain.dates import show_date

Outcome = Literal["accepted", "duplicate", "stale", "rejected"]


class HandedIn(Protocol):
    """A grade record as it came; the fields are those of the grade batch."""

    @property
    def record_id(self) -> UUID: ...
    @property
    def revision(self) -> int: ...
    @property
    def action(self) -> str: ...
    @property
    def order_ref(self) -> str: ...
    @property
    def course_code(self) -> str: ...
    @property
    def person_id(self) -> str: ...
    @property
    def names(self) -> str: ...
    @property
    def assessed_on(self) -> date: ...
    @property
    def attempt(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def score(self) -> str | None: ...
    @property
    def score_max(self) -> str | None: ...
    @property
    def grading_scheme(self) -> str: ...
    @property
    def hours(self) -> int | None: ...
    @property
    def protocol_ref(self) -> str: ...
    @property
    def reason(self) -> str: ...


@dataclass(frozen=True, slots=True)
class KnownGrade:
    """The latest revision that was taken of a record. `fingerprint` is that of its content."""

    record_id: UUID
    revision: int
    fingerprint: str
    withdrawn: bool
    order_ref: str
    course_code: str
    person_id: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome for one record; `code` and `params` say why it was not taken, empty where it was."""

    outcome: Outcome
    code: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


ACCEPTED = Verdict("accepted")


def fingerprint(record: HandedIn) -> str:
    """SHA-256 of what a record says, not of where it stood in its file; 85 and 85.0 points are the same points."""
    parts = (
        *(str(record.record_id), str(record.revision), record.action, record.order_ref, record.course_code),
        *(record.person_id, record.names, record.assessed_on.isoformat(), str(record.attempt), record.status),
        *(_points(record.score), _points(record.score_max), record.grading_scheme),
        *("" if record.hours is None else str(record.hours), record.protocol_ref, record.reason),
    )
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()


def _points(written: str | None) -> str:
    return "" if written is None else f"{Decimal(written).normalize():f}"


def known_after(record: HandedIn) -> KnownGrade:
    """What is known of a record once it has been taken."""
    return KnownGrade(
        record_id=record.record_id,
        revision=record.revision,
        fingerprint=fingerprint(record),
        withdrawn=record.action == "withdraw",
        order_ref=record.order_ref,
        course_code=record.course_code,
        person_id=record.person_id,
    )


def judge(
    record: HandedIn,
    known: Mapping[UUID, KnownGrade],
    known_orders: Mapping[str, Collection[str]],
    known_people: Collection[str],
    begun: Mapping[str, date],
) -> Verdict:
    """Judges one record.

    `known` holds the latest taken revision by record id; `known_orders` the course codes of each training order that
    the sender delivers; `known_people` the person ids enrolled with them; `begun` the day on which the training of an
    order began. Codes: GRADE_DUPLICATE, GRADE_STALE, GRADE_CONFLICT, GRADE_NOT_ISSUED, GRADE_REVISION_GAP,
    GRADE_ISSUED_AGAIN, GRADE_WITHDRAWN, GRADE_MOVED, GRADE_ORDER_UNKNOWN, GRADE_COURSE_UNKNOWN, GRADE_PERSON_UNKNOWN,
    GRADE_BEFORE_TRAINING.
    """
    before = known.get(record.record_id)
    verdict = _first_revision(record) if before is None else _later_revision(record, before)
    return verdict or _references(record, known_orders, known_people) or _its_day(record, begun) or ACCEPTED


def _first_revision(record: HandedIn) -> Verdict | None:
    if record.action != "issue" or record.revision != 1:
        return Verdict("rejected", "GRADE_NOT_ISSUED", {"action": record.action, "revision": str(record.revision)})
    return None


def _later_revision(record: HandedIn, before: KnownGrade) -> Verdict | None:
    revisions = {"revision": str(record.revision), "known": str(before.revision)}
    if record.revision < before.revision:
        return Verdict("stale", "GRADE_STALE", revisions)
    if record.revision == before.revision:
        same = fingerprint(record) == before.fingerprint
        return Verdict("duplicate", "GRADE_DUPLICATE", revisions) if same else _rejected("GRADE_CONFLICT", revisions)
    if record.action == "issue":
        return _rejected("GRADE_ISSUED_AGAIN", revisions)
    if record.revision != before.revision + 1:
        return _rejected("GRADE_REVISION_GAP", {**revisions, "expected": str(before.revision + 1)})
    if before.withdrawn:
        return _rejected("GRADE_WITHDRAWN", revisions)
    return _moved(record, before)


def _moved(record: HandedIn, before: KnownGrade) -> Verdict | None:
    """A change may not carry a grade to another person, order or course: that is a withdrawal and a new record."""
    fields = (
        ("orderRef", record.order_ref, before.order_ref),
        ("courseCode", record.course_code, before.course_code),
        ("personId", record.person_id, before.person_id),
    )
    moved = [name for name, now, then in fields if now != then]
    return _rejected("GRADE_MOVED", {"fields": ", ".join(moved)}) if moved else None


def _references(
    record: HandedIn, known_orders: Mapping[str, Collection[str]], known_people: Collection[str]
) -> Verdict | None:
    if record.order_ref not in known_orders:
        return _rejected("GRADE_ORDER_UNKNOWN", {"order": record.order_ref})
    if record.course_code not in known_orders[record.order_ref]:
        return _rejected("GRADE_COURSE_UNKNOWN", {"order": record.order_ref, "course": record.course_code})
    if record.person_id not in known_people:
        return _rejected("GRADE_PERSON_UNKNOWN", {"order": record.order_ref})
    return None


def _its_day(record: HandedIn, begun: Mapping[str, date]) -> Verdict | None:
    """Nobody is assessed on a course before the training began. A withdrawal repeats the day of what it takes back.
    That the day is not later than the batch is the reader's to say.
    """
    first = begun.get(record.order_ref)
    if record.action == "withdraw" or first is None or record.assessed_on >= first:
        return None
    days = {"assessed": show_date(record.assessed_on), "begun": show_date(first)}
    return _rejected("GRADE_BEFORE_TRAINING", {"order": record.order_ref, **days})


def _rejected(code: str, params: Mapping[str, str]) -> Verdict:
    return Verdict("rejected", code, params)


def judge_all(
    records: Iterable[HandedIn],
    known: Mapping[UUID, KnownGrade],
    known_orders: Mapping[str, Collection[str]],
    known_people: Collection[str],
    begun: Mapping[str, date],
) -> Iterator[Verdict]:
    """Judges the records of one batch in their order: what was taken is known to those after it."""
    now_known = dict(known)
    for record in records:
        verdict = judge(record, now_known, known_orders, known_people, begun)
        if verdict.outcome == "accepted":
            now_known[record.record_id] = known_after(record)
        yield verdict
