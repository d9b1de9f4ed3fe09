"""What becomes of a grade that was handed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_app.domain.grades import ACCEPTED, KnownGrade, Verdict, fingerprint, judge, judge_all, known_after
from flask_app.messages.catalogue import LANGUAGES, explain

ONE = UUID(int=1)


@dataclass(frozen=True, slots=True)
class Record:
    record_id: UUID = ONE
    revision: int = 1
    action: str = "issue"
    order_ref: str = "12-О"
    course_code: str = "HR-101"
    person_id: str = "12810197208271"
    names: str = "Асанов Азамат"
    assessed_on: date = date(2026, 5, 15)
    attempt: int = 1
    status: str = "passed"
    score: str | None = "85"
    score_max: str | None = "100"
    grading_scheme: str = "100"
    hours: int | None = 72
    protocol_ref: str = "П-17"
    reason: str = ""


ORDERS = {"12-О": {"HR-101", "HR-102"}, "13-О": {"HR-201"}}
PEOPLE = {"12810197208271", "22104198591101"}
BEGUN = {"12-О": date(2026, 5, 1)}
FIRST = Record()
AMENDED = Record(revision=2, action="amend", score="90", reason="апелляция")
WITHDRAWN = Record(revision=3, action="withdraw", reason="ошибка")


def verdict(record: Record, *taken: Record) -> Verdict:
    known = {one.record_id: known_after(one) for one in taken}
    found = judge(record, known, ORDERS, PEOPLE, BEGUN)
    if found.code:
        params = {"line": 1, "path": "/", "record": str(record.record_id), **found.params}
        assert all(explain(found.code, language, params).text for language in LANGUAGES)
    return found


def test_a_first_issue_is_taken() -> None:
    assert verdict(FIRST) == ACCEPTED


def test_the_next_revision_is_taken() -> None:
    assert verdict(AMENDED, FIRST) == ACCEPTED
    assert verdict(replace(WITHDRAWN, revision=2), FIRST) == ACCEPTED
    assert verdict(WITHDRAWN, AMENDED) == ACCEPTED


@pytest.mark.parametrize(
    ("record", "taken", "outcome", "code"),
    [
        (FIRST, FIRST, "duplicate", "GRADE_DUPLICATE"),
        (replace(FIRST, score="85.00"), FIRST, "duplicate", "GRADE_DUPLICATE"),
        (AMENDED, AMENDED, "duplicate", "GRADE_DUPLICATE"),
        (WITHDRAWN, WITHDRAWN, "duplicate", "GRADE_DUPLICATE"),
        (FIRST, AMENDED, "stale", "GRADE_STALE"),
        (replace(FIRST, score="1"), AMENDED, "stale", "GRADE_STALE"),
        (replace(FIRST, score="86"), FIRST, "rejected", "GRADE_CONFLICT"),
        (replace(FIRST, action="amend"), FIRST, "rejected", "GRADE_CONFLICT"),
        (AMENDED, None, "rejected", "GRADE_NOT_ISSUED"),
        (replace(FIRST, revision=2), None, "rejected", "GRADE_NOT_ISSUED"),
        (replace(FIRST, revision=2), FIRST, "rejected", "GRADE_ISSUED_AGAIN"),
        (replace(AMENDED, revision=3), FIRST, "rejected", "GRADE_REVISION_GAP"),
        (replace(AMENDED, revision=4), WITHDRAWN, "rejected", "GRADE_WITHDRAWN"),
        (replace(AMENDED, person_id="22104198591101"), FIRST, "rejected", "GRADE_MOVED"),
        (replace(AMENDED, order_ref="13-О", course_code="HR-201"), FIRST, "rejected", "GRADE_MOVED"),
        (replace(FIRST, order_ref="99-О"), None, "rejected", "GRADE_ORDER_UNKNOWN"),
        (replace(FIRST, course_code="HR-201"), None, "rejected", "GRADE_COURSE_UNKNOWN"),
        (replace(FIRST, person_id="123"), None, "rejected", "GRADE_PERSON_UNKNOWN"),
        (replace(FIRST, assessed_on=date(2026, 4, 30)), None, "rejected", "GRADE_BEFORE_TRAINING"),
        (replace(AMENDED, assessed_on=date(2025, 5, 15)), FIRST, "rejected", "GRADE_BEFORE_TRAINING"),
    ],
)
def test_what_is_not_taken(record: Record, taken: Record | None, outcome: str, code: str) -> None:
    found = verdict(record, *([taken] if taken else []))
    assert (found.outcome, found.code) == (outcome, code)


def test_the_first_day_of_the_training_is_early_enough() -> None:
    assert verdict(replace(FIRST, assessed_on=date(2026, 5, 1))) == ACCEPTED
    elsewhere = replace(FIRST, order_ref="13-О", course_code="HR-201", assessed_on=date(2020, 1, 1))
    assert verdict(elsewhere) == ACCEPTED, "of this order no beginning is known"


def test_a_grade_that_was_dated_too_early_can_be_withdrawn() -> None:
    early = replace(FIRST, assessed_on=date(2026, 4, 30))
    gone = replace(early, revision=2, action="withdraw", reason="не тот день")
    assert verdict(gone, early) == ACCEPTED


def test_what_a_gap_and_a_move_name() -> None:
    assert verdict(replace(AMENDED, revision=5), FIRST).params == {"revision": "5", "known": "1", "expected": "2"}
    moved = replace(AMENDED, order_ref="13-О", person_id="22104198591101")
    assert verdict(moved, FIRST).params == {"fields": "orderRef, personId"}


def test_what_is_known_after_a_record() -> None:
    known = known_after(WITHDRAWN)
    assert known == KnownGrade(UUID(int=1), 3, fingerprint(WITHDRAWN), True, "12-О", "HR-101", "12810197208271")


FIELDS = {
    "record_id": UUID(int=2),
    "revision": 2,
    "action": "amend",
    "order_ref": "13-О",
    "course_code": "x",
    "person_id": "x",
    "names": "x",
    "assessed_on": date(2020, 1, 1),
    "attempt": 2,
    "status": "failed",
    "score": None,
    "score_max": "10",
    "grading_scheme": "x",
    "hours": None,
    "protocol_ref": "x",
    "reason": "x",
}


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_is_content(name: str) -> None:
    assert fingerprint(replace(FIRST, **{name: FIELDS[name]})) != fingerprint(FIRST)  # type: ignore[arg-type]  # one field of its own type


@pytest.mark.parametrize(("one", "other"), [("100", "100.00"), ("10", "10.0"), ("0", "0.00"), ("0.5", "0.50")])
def test_equal_points_are_equal_content(one: str, other: str) -> None:
    assert fingerprint(replace(FIRST, score=one)) == fingerprint(replace(FIRST, score=other))


def test_fields_do_not_run_into_one_another() -> None:
    assert fingerprint(replace(FIRST, names="аб", protocol_ref="в")) != fingerprint(
        replace(FIRST, names="а", protocol_ref="бв")
    )


def test_a_batch_knows_what_it_has_taken_itself() -> None:
    batch = [FIRST, FIRST, AMENDED, FIRST, WITHDRAWN, replace(AMENDED, revision=4)]
    found = list(judge_all(batch, {}, ORDERS, PEOPLE, BEGUN))
    assert [one.outcome for one in found] == ["accepted", "duplicate", "accepted", "stale", "accepted", "rejected"]


def test_a_refused_record_is_not_known_to_those_after_it() -> None:
    found = list(judge_all([replace(FIRST, order_ref="99-О"), AMENDED], {}, ORDERS, PEOPLE, BEGUN))
    assert [one.code for one in found] == ["GRADE_ORDER_UNKNOWN", "GRADE_NOT_ISSUED"]


STEPS = st.builds(
    Record,
    record_id=st.integers(1, 2).map(lambda number: UUID(int=number)),
    revision=st.integers(1, 4),
    action=st.sampled_from(["issue", "amend", "withdraw"]),
    score=st.sampled_from(["80", "90"]),
)


@given(st.lists(STEPS, max_size=14))
def test_taken_revisions_of_a_record_are_1_2_3_without_gap_and_nothing_follows_a_withdrawal(
    steps: list[Record],
) -> None:
    taken: dict[UUID, list[Record]] = {}
    for record, found in zip(steps, judge_all(steps, {}, ORDERS, PEOPLE, BEGUN), strict=True):
        if found.outcome == "accepted":
            taken.setdefault(record.record_id, []).append(record)
        assert (found.outcome == "accepted") == (not found.code)
    for chain in taken.values():
        assert [record.revision for record in chain] == list(range(1, len(chain) + 1))
        assert [record.action == "issue" for record in chain] == [True] + [False] * (len(chain) - 1)
        assert all(record.action != "withdraw" for record in chain[:-1])


@given(st.lists(STEPS, max_size=10))
def test_handing_in_again_what_was_taken_takes_nothing_new(steps: list[Record]) -> None:
    verdicts = judge_all(steps, {}, ORDERS, PEOPLE, BEGUN)
    taken = [record for record, found in zip(steps, verdicts, strict=True) if found.outcome == "accepted"]
    known = {record.record_id: known_after(record) for record in taken}
    assert {found.outcome for found in judge_all(taken, known, ORDERS, PEOPLE, BEGUN)} <= {"duplicate", "stale"}
