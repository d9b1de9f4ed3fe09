"""Grade batches: applied once however often they come, corrected by revisions, reported record by record."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from flask_app.domain.errors import InvalidInput, NotPermitted
from flask_app.domain.identity import AUDITOR
from flask_app.services.grades import accept_batch
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.training import Enrolment, GradeBatchRow, GradeRow
from tests.services.desk import NOW, TODAY, actor_with, new_body
from tests.services.ordering import (
    MOODLE_COURSE,
    THEIR_COURSE,
    Order,
    batch,
    delivered,
    draw_up,
    outcomes,
    record,
    send,
)
from tests.services.stages import Scene

TAKEN = ("accepted", "")


@pytest.fixture
def order(synced_offline: Scene) -> Order:
    return delivered(synced_offline)


def counted(order: Order) -> tuple[int, int]:
    """Batches and revisions of grades."""
    with order.scene.work() as work:
        batches = work.session.scalar(select(func.count()).select_from(GradeBatchRow)) or 0
        return batches, work.session.scalar(select(func.count()).select_from(GradeRow)) or 0


def test_a_batch_is_applied_once_however_often_it_is_sent(order: Order) -> None:
    content = batch(order, [record(order, person) for person in range(3)])
    first = send(order, content)
    assert (first.accepted, first.replayed) == (3, False)
    assert order.outcomes(THEIR_COURSE) == [("passed", "70/100"), ("passed", "71/100"), ("passed", "72/100")]
    for _ in range(3):
        again = send(order, content)
        assert (again.accepted, again.replayed, again.lines) == (0, True, first.lines)
    assert counted(order) == (1, 3)


def test_sent_at_once_it_is_applied_once(order: Order) -> None:
    content = batch(order, [record(order, person) for person in range(3)])
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: send(order, content), range(4)))
    assert sorted(report.accepted for report in reports) == [0, 0, 0, 3]
    assert counted(order) == (1, 3)


def test_different_batches_at_once_take_turns(order: Order) -> None:
    contents = [batch(order, [record(order, person)], sequence=person + 1) for person in range(3)]
    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(lambda content: send(order, content), contents))
    assert [report.accepted for report in reports] == [1, 1, 1]
    assert counted(order) == (3, 3)


def test_a_message_id_stands_for_one_file(order: Order) -> None:
    message = uuid4()
    send(order, batch(order, [record(order, 0)], message_id=message))
    with pytest.raises(InvalidInput) as refused:
        send(order, batch(order, [record(order, 1)], message_id=message))
    assert refused.value.code == "GRADE_MESSAGE_REUSED"
    assert counted(order) == (1, 1)


def test_the_same_record_in_another_message_is_known(order: Order) -> None:
    send(order, batch(order, [record(order, 0)]))
    report = send(order, batch(order, [record(order, 0)], sequence=2))
    assert outcomes(report) == [("duplicate", "GRADE_DUPLICATE")]
    assert counted(order) == (2, 1)


def test_a_correction_is_a_revision_and_a_withdrawal_too(order: Order) -> None:
    send(order, batch(order, [record(order, 0)]))
    amended = record(order, 0, revision=2, action="amend", score="91", reason="апелляция")
    assert outcomes(send(order, batch(order, [amended], sequence=2))) == [TAKEN]
    assert order.outcomes(THEIR_COURSE)[0] == ("passed", "91/100")
    withdrawn = record(order, 0, revision=3, action="withdraw", score="91", reason="ошибка в списке")
    assert outcomes(send(order, batch(order, [withdrawn], sequence=3))) == [TAKEN]
    assert order.outcomes(THEIR_COURSE)[0] == ("none", "")
    with order.scene.work() as work:
        kept = work.session.execute(
            select(GradeRow.revision, GradeRow.action, GradeRow.newest).order_by(GradeRow.revision)
        ).all()
        assert [tuple(row) for row in kept] == [(1, "issue", False), (2, "amend", False), (3, "withdraw", True)]
        actions = work.session.scalars(
            select(AuditEvent.action).where(AuditEvent.action.like("grade.%")).order_by(AuditEvent.id)
        ).all()
        assert actions == ["grade.issue", "grade.amend", "grade.withdraw"]


def test_issue_and_correction_in_one_batch(order: Order) -> None:
    amended = record(order, 0, revision=2, action="amend", score="91", reason="апелляция")
    assert outcomes(send(order, batch(order, [record(order, 0), amended]))) == [TAKEN, TAKEN]
    assert order.outcomes(THEIR_COURSE)[0] == ("passed", "91/100")


def test_a_second_attempt_counts_and_its_withdrawal_brings_back_the_first(order: Order) -> None:
    failed = record(order, 0, status="failed", score="40")
    second = record(order, 0, record_id=uuid4(), attempt=2, score="80")
    send(order, batch(order, [second]))
    assert outcomes(send(order, batch(order, [failed], sequence=2))) == [TAKEN]
    assert order.outcomes(THEIR_COURSE)[0] == ("passed", "80/100"), "the first attempt came late and changes nothing"
    gone = replace(second, revision=2, action="withdraw", reason="не тот человек")
    send(order, batch(order, [gone], sequence=3))
    assert order.outcomes(THEIR_COURSE)[0] == ("failed", "40/100")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"order_ref": "TO-99"}, "GRADE_ORDER_UNKNOWN"),
        ({"course_code": "ASTRONOMY"}, "GRADE_COURSE_UNKNOWN"),
        ({"course_code": MOODLE_COURSE}, "GRADE_COURSE_UNKNOWN"),
        ({"person_id": str(uuid4())}, "GRADE_PERSON_UNKNOWN"),
        ({"revision": 2, "action": "amend", "reason": "—"}, "GRADE_NOT_ISSUED"),
        ({"assessed_on": TODAY + timedelta(days=1)}, "BATCH_ASSESSED_LATER"),
        ({"assessed_on": TODAY - timedelta(days=41)}, "GRADE_BEFORE_TRAINING"),
    ],
)
def test_each_record_is_judged_for_itself(order: Order, changes: dict[str, object], code: str) -> None:
    report = send(order, batch(order, [record(order, 0), record(order, 1, **changes), record(order, 2)]))
    judged = {line["recordId"]: (line["outcome"], line["code"]) for line in report.lines}
    assert judged == {str(record(order, n).record_id): ("rejected", code) if n == 1 else TAKEN for n in range(3)}
    assert all(line["line"] > 0 for line in report.lines)
    assert [outcome for outcome, _ in order.outcomes(THEIR_COURSE)] == ["passed", "none", "passed"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sender": "another-academy"}, "GRADE_SENDER_UNKNOWN"),
        ({"receiver": "another-body"}, "GRADE_RECEIVER_DIFFERS"),
        ({"created_at": NOW + timedelta(minutes=6)}, "GRADE_FROM_THE_FUTURE"),
    ],
)
def test_a_batch_that_is_not_ours_is_refused_whole(order: Order, changes: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        send(order, batch(order, [record(order, 0)], **changes))
    assert refused.value.code == code
    assert counted(order) == (0, 0)


def test_a_clock_a_little_ahead_is_forgiven(order: Order) -> None:
    report = send(order, batch(order, [record(order, 0)], created_at=NOW + timedelta(minutes=4)))
    assert report.accepted == 1


def test_a_batch_that_is_missing_is_told(order: Order) -> None:
    assert outcomes(send(order, batch(order, [record(order, 0)], sequence=1))) == [TAKEN]
    report = send(order, batch(order, [record(order, 1)], sequence=4))
    assert outcomes(report) == [TAKEN, ("remark", "GRADE_SEQUENCE_GAP")]
    assert report.lines[-1]["params"] == {"sequence": 4, "expected": 2}
    late = send(order, batch(order, [record(order, 2)], sequence=2))
    assert outcomes(late) == [TAKEN], "the missing one arrives after all"
    again = send(order, batch(order, [record(order, 2)], sequence=2))
    assert outcomes(again) == [("duplicate", "GRADE_DUPLICATE"), ("remark", "GRADE_SEQUENCE_REPEATED")]


def test_a_file_that_is_no_batch_is_reported_and_changes_nothing(order: Order) -> None:
    for content in (b"", b"<html/>", batch(order, [record(order, 0)])[:-40]):
        report = send(order, content)
        assert report.message_id is None
        assert report.accepted == 0
        assert {line["outcome"] for line in report.lines} == {"rejected"}
    assert counted(order) == (0, 0)


def test_a_bad_record_is_told_with_its_line_and_the_good_ones_go_in(order: Order) -> None:
    content = batch(order, [record(order, 0), record(order, 1)])
    broken = content.replace(b'<score max="100">71</score>', b'<score max="100">a lot</score>')
    assert broken != content
    report = send(order, broken)
    assert report.accepted == 1
    bad = next(line for line in report.lines if line["outcome"] == "rejected")
    assert broken.splitlines()[bad["line"] - 1].strip().startswith((b"<score", b"<record"))
    assert order.outcomes(THEIR_COURSE)[1] == ("none", "")


def test_who_may_not_hand_in_does_not(order: Order) -> None:
    auditor = actor_with(order.scene.office, order.scene.actor.body_id, AUDITOR)
    for content in (b"", batch(order, [record(order, 0)])):
        with pytest.raises(NotPermitted):
            accept_batch(order.scene.office, auditor, content)


def test_another_body_takes_no_grades_of_ours(order: Order) -> None:
    stranger = replace(actor_with(order.scene.office, new_body(order.scene.office)), roles=order.scene.actor.roles)
    with pytest.raises(InvalidInput) as refused:
        accept_batch(order.scene.office, stranger, batch(order, [record(order, 0)]))
    assert refused.value.code == "GRADE_RECEIVER_DIFFERS"


def test_an_order_in_another_stage_does_not_hold_up_this_one(order: Order) -> None:
    """Next year's order is placed with the same academy, and takes no grades yet."""
    with order.scene.work() as work:
        theirs = draw_up(order.scene, "TO-2")
        assert work.body.code
    theirs.move("approve_order", 60, "приказ № 8")
    theirs.move("place_order", 50, contract="договор № 12")
    with order.scene.work() as work:
        work.add(Enrolment(programme_id=theirs.programme(THEIR_COURSE), person_id=order.people[0]))
    early = record(order, 0, record_id=uuid4(), order_ref="TO-2")
    report = send(order, batch(order, [record(order, 0), early]))
    assert outcomes(report) == [TAKEN, ("rejected", "GRADE_ORDER_SHUT")]


def test_after_the_report_a_correction_is_still_taken(order: Order) -> None:
    send(order, batch(order, [record(order, person) for person in range(3)]))
    with order.scene.work() as work:
        for enrolment in work.session.scalars(select(Enrolment).where(Enrolment.outcome == "none")):
            enrolment.outcome = "passed"
    order.move("begin_monitoring", 5)
    order.move("begin_report", 4, monitoring="акт № 2")
    amended = record(order, 0, revision=2, action="amend", score="91", reason="апелляция")
    assert outcomes(send(order, batch(order, [amended], sequence=2))) == [TAKEN]
