"""What is refused before anything is printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs_templates import samples
from docs_templates.guards import guard_order, guard_protocol, guard_report, guard_sheet
from flask_app.messages.catalogue import explain
from flask_app.ports.paper import (
    AppointmentOrder,
    CommissionProtocol,
    PaperRefused,
    Registration,
    TestResultSheet,
    TrainingReport,
    VoteLine,
)


def refusal(guard: Callable[[Any], None], facts: object) -> str:
    """The code, after making sure that it can be explained in every language."""
    with pytest.raises(PaperRefused) as refused:
        guard(facts)
    for language in ("ky", "ru", "en"):
        explanation = explain(refused.value.code, language, refused.value.params)
        assert explanation.text
        assert explanation.why
        assert explanation.cure
    return refused.value.code


def votes(protocol: CommissionProtocol, place: int, **changes: int | str) -> CommissionProtocol:
    lines = list(protocol.votes)
    lines[place] = replace(lines[place], **changes)  # type: ignore[arg-type] # fields of VoteLine
    return replace(protocol, votes=tuple(lines))


PROTOCOL = samples.protocol()
GONE = PROTOCOL.unvoted[0]
STOOD_IN = samples.with_substitute(PROTOCOL)


def substituted(member: str) -> CommissionProtocol:
    """With the substitute in the place of this member."""
    return replace(STOOD_IN, present=(*STOOD_IN.present[:-1], replace(STOOD_IN.present[-1], in_place_of=member)))


(ASIDE,) = PROTOCOL.recusals


def recused_by(member: str) -> CommissionProtocol:
    """The recusal that was counted, under another name."""
    return replace(PROTOCOL, recusals=(replace(ASIDE, member=member),))


def evaluated(**changes: Any) -> CommissionProtocol:
    return replace(PROTOCOL, evaluations=(replace(PROTOCOL.evaluations[0], **changes),))


PROTOCOL_FAULTS: dict[str, tuple[CommissionProtocol, str]] = {
    "a vote too many": (votes(PROTOCOL, 0, in_favour=5), "PAPER_VOTES"),
    "a vote too few": (votes(PROTOCOL, 0, against=0), "PAPER_VOTES"),
    "recusal forgotten": (votes(PROTOCOL, 1, recused=0), "PAPER_VOTES"),
    "negative vote": (votes(PROTOCOL, 2, abstained=-1, against=6), "PAPER_VOTE_NEGATIVE"),
    "more points than the test has": (votes(PROTOCOL, 2, test_total=61), "PAPER_TEST_RANGE"),
    "unknown winner": (replace(PROTOCOL, winner="Касымов"), "PAPER_WINNER_UNKNOWN"),
    "half is no majority": (votes(PROTOCOL, 0, in_favour=3, against=2), "PAPER_WINNER_NO_MAJORITY"),
    "another has more votes": (votes(PROTOCOL, 2, in_favour=5, against=0), "PAPER_WINNER_OVERTAKEN"),
    "recusal of the absent": (recused_by(PROTOCOL.absent[0].name), "PAPER_RECUSAL"),
    "recusal of the secretary without a vote": (recused_by(PROTOCOL.present[-1].name), "PAPER_RECUSAL"),
    "recusal from somebody who was not voted on": (
        replace(PROTOCOL, recusals=(replace(ASIDE, candidate="Касымов"),)),
        "PAPER_RECUSAL",
    ),
    "recusal twice": (replace(PROTOCOL, recusals=(ASIDE, ASIDE)), "PAPER_NAMESAKES"),
    "more recusals than counted": (
        replace(PROTOCOL, recusals=(ASIDE, replace(ASIDE, member=PROTOCOL.present[0].name))),
        "PAPER_RECUSAL",
    ),
    "namesakes": (votes(PROTOCOL, 3, name=PROTOCOL.votes[2].name), "PAPER_NAMESAKES"),
    "reserve of strangers": (replace(PROTOCOL, reserve=("Касымов",)), "PAPER_RESERVE_UNKNOWN"),
    "the winner in the reserve": (replace(PROTOCOL, reserve=(PROTOCOL.votes[0].name,)), "PAPER_RESERVE_IS_WINNER"),
    "reserve twice": (replace(PROTOCOL, reserve=PROTOCOL.reserve * 2), "PAPER_NAMESAKES"),
    "reserve below three quarters": (votes(PROTOCOL, 1, test_total=44), "PAPER_RESERVE_BELOW"),
    "not admitted and voted on": (
        replace(PROTOCOL, not_admitted=((PROTOCOL.votes[4].name, samples.POSITION),)),
        "PAPER_NOT_ADMITTED_VOTED",
    ),
    "gone and voted on": (
        replace(PROTOCOL, unvoted=(replace(GONE, name=PROTOCOL.votes[1].name),)),
        "PAPER_UNVOTED_ELSEWHERE",
    ),
    "gone and refused at the documents": (
        replace(PROTOCOL, unvoted=(replace(GONE, name=PROTOCOL.not_admitted[0][0]),)),
        "PAPER_UNVOTED_ELSEWHERE",
    ),
    "marks for two of three competences": (evaluated(marks=(4, 4)), "PAPER_EVALUATION"),
    "marks of the absent": (evaluated(member=PROTOCOL.absent[0].name), "PAPER_EVALUATION"),
    "marks for somebody unknown": (evaluated(candidate="Касымов"), "PAPER_EVALUATION"),
    "marks of whoever stood aside": (
        evaluated(member=ASIDE.member, candidate=ASIDE.candidate),
        "PAPER_EVALUATION",
    ),
    "marks twice": (replace(PROTOCOL, evaluations=PROTOCOL.evaluations[:1] * 2), "PAPER_NAMESAKES"),
    "gone twice": (replace(PROTOCOL, unvoted=(GONE, GONE)), "PAPER_NAMESAKES"),
    "dissent of the absent": (replace(PROTOCOL, dissents=(PROTOCOL.absent[0].name,)), "PAPER_DISSENT_UNKNOWN"),
    "dissent of the secretary without a vote": (
        replace(PROTOCOL, dissents=(PROTOCOL.present[-1].name,)),
        "PAPER_DISSENT_UNKNOWN",
    ),
    "a member nobody lists": (replace(PROTOCOL, members_total=8), "PAPER_MEMBERS"),
    "the secretary counted as a member": (
        replace(PROTOCOL, present=(*PROTOCOL.present[:-1], replace(PROTOCOL.present[-1], votes=True))),
        "PAPER_MEMBERS",
    ),
    "a substitute beside the member": (substituted(PROTOCOL.present[2].name), "PAPER_SUBSTITUTE"),
    "a substitute of nobody": (substituted(""), "PAPER_SUBSTITUTE"),
    "two in one place": (
        replace(STOOD_IN, present=(*STOOD_IN.present, replace(STOOD_IN.present[-1], name="Экинчи"))),
        "PAPER_SUBSTITUTE",
    ),
    "a substitute counted as a member": (replace(STOOD_IN, members_total=8), "PAPER_MEMBERS"),
    "a member listed twice": (replace(PROTOCOL, absent=(PROTOCOL.present[1],)), "PAPER_NAMESAKES"),
    "no chair": (
        replace(
            PROTOCOL, present=tuple(replace(one, role="member") for one in PROTOCOL.present[:2]) + PROTOCOL.present[2:]
        ),
        "PAPER_NO_CHAIR",
    ),
    "no secretary": (replace(PROTOCOL, present=PROTOCOL.present[:-1]), "PAPER_NO_SECRETARY"),
    "no quorum": (replace(PROTOCOL, quorum_required=7), "PAPER_NO_QUORUM"),
    "no quorum, and yet somebody is not admitted": (
        replace(PROTOCOL, quorum_required=7, votes=(), winner=None, reserve=()),
        "PAPER_NO_QUORUM",
    ),
    "over before it starts": (
        replace(PROTOCOL, ended_at=PROTOCOL.started_at - timedelta(minutes=1)),
        "PAPER_TIMES_REVERSED",
    ),
    "another day": (replace(PROTOCOL, held_on=date(2026, 11, 20)), "PAPER_SITTING_DAY"),
}


@pytest.mark.parametrize(("facts", "code"), PROTOCOL_FAULTS.values(), ids=list(PROTOCOL_FAULTS))
def test_protocols_that_are_refused(facts: CommissionProtocol, code: str) -> None:
    assert refusal(guard_protocol, facts) == code


@pytest.mark.parametrize(
    "facts",
    [
        PROTOCOL,
        samples.protocol(40, with_winner=False),
        replace(PROTOCOL, quorum_required=6),
        replace(PROTOCOL, dissents=(PROTOCOL.present[2].name,)),
        replace(
            PROTOCOL,
            votes=(),
            winner=None,
            reserve=(),
            not_admitted=(),
            recusals=(),
            evaluations=(),
            quorum_required=7,
        ),
        replace(PROTOCOL, recusals=(), evaluations=()),
        replace(PROTOCOL, evaluations=()),
        evaluated(candidate=GONE.name),
        votes(PROTOCOL, 1, test_total=45),
        replace(PROTOCOL, ended_at=PROTOCOL.started_at),
    ],
)
def test_protocols_that_are_printed(facts: CommissionProtocol) -> None:
    guard_protocol(facts)


@given(in_favour=st.integers(0, 9), against=st.integers(0, 9), abstained=st.integers(0, 9), recused=st.integers(0, 9))
def test_majority_is_of_those_who_took_part(in_favour: int, against: int, abstained: int, recused: int) -> None:
    line = VoteLine("Осмонбек уулу Эрлан", in_favour, against, abstained, recused, "4", 40, 60)
    facts = replace(PROTOCOL, votes=(line,), winner=line.name, reserve=(), recusals=())

    if in_favour + against + abstained + recused != 6:
        assert refusal(guard_protocol, facts) == "PAPER_VOTES"
    elif in_favour <= 3:  # six took part: abstentions and those who stood aside stay in the count
        assert refusal(guard_protocol, facts) == "PAPER_WINNER_NO_MAJORITY"
    else:
        guard_protocol(facts)


def order(**changes: Any) -> AppointmentOrder:
    return replace(samples.order(), **changes)


def signed(day: date) -> AppointmentOrder:
    return samples.order(Registration("45-К", day))


WORKING_DAYS = replace(signed(date(2026, 11, 25)), sign_by=date(2026, 11, 25))  # three working days from a Saturday


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (signed(date(2026, 11, 25)), "PAPER_ORDER_LATE"),
        (signed(date(2026, 11, 20)), "PAPER_ORDER_EARLY"),
        (replace(signed(date(2026, 11, 23)), sign_within_days=1), "PAPER_ORDER_LATE"),
        (replace(signed(date(2026, 11, 25)), sign_by=date(2026, 11, 24)), "PAPER_ORDER_LATE"),
        (order(probation_months=4), "PAPER_PROBATION"),
        (order(probation_months=-1), "PAPER_PROBATION"),
        (order(appointed_from=date(2026, 11, 20)), "PAPER_APPOINTED_EARLY"),
    ],
)
def test_orders_that_are_refused(facts: AppointmentOrder, code: str) -> None:
    assert refusal(guard_order, facts) == code


@pytest.mark.parametrize(
    "facts",
    [samples.order(), signed(date(2026, 11, 21)), signed(date(2026, 11, 24)), WORKING_DAYS, order(probation_months=0)],
)
def test_orders_that_are_printed(facts: AppointmentOrder) -> None:
    guard_order(facts)


SHEET = samples.result_sheet()


def row(place: int, **changes: Any) -> TestResultSheet:
    rows = list(SHEET.rows)
    rows[place] = replace(rows[place], **changes)
    return replace(SHEET, rows=tuple(rows))


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (row(0, total=24), "PAPER_TOTAL"),
        (row(0, maximum=61), "PAPER_MAXIMUM"),
        (row(0, percent="38.35"), "PAPER_PERCENT"),
        (row(0, percent="тридцать"), "PAPER_NOT_A_NUMBER"),
        (row(0, passed=True), "PAPER_PASSED_BELOW"),
        (row(1, reserve_eligible=True), "PAPER_RESERVE_BELOW"),
        (row(0, blocks=((23, 60),)), "PAPER_BLOCK_COUNT"),
        (row(0, blocks=((31, 30), (-8, 30))), "PAPER_BLOCK_RANGE"),
        (row(6, total=1), "PAPER_ABSENT_WITH_RESULT"),
        (row(6, passed=True), "PAPER_ABSENT_WITH_RESULT"),
        (replace(SHEET, block_names=()), "PAPER_NO_BLOCKS"),
    ],
)
def test_sheets_that_are_refused(facts: TestResultSheet, code: str) -> None:
    assert refusal(guard_sheet, facts) == code


def test_a_block_rule_may_fail_someone_above_the_threshold() -> None:
    guard_sheet(row(1, passed=False))


@given(right=st.tuples(st.integers(0, 30), st.integers(0, 30)), digits=st.integers(0, 3))
def test_the_thresholds_are_whole_number_arithmetic(right: tuple[int, int], digits: int) -> None:
    total = sum(right)
    facts = row(
        0,
        blocks=((right[0], 30), (right[1], 30)),
        total=total,
        percent=f"{total * 100 / 60:.{digits}f}",
        passed=total >= 30,
        reserve_eligible=total >= 45,
    )

    guard_sheet(facts)


REPORT = samples.training_report()


def report(**changes: Any) -> TrainingReport:
    return replace(REPORT, **changes)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (report(share_percent="1.50"), "PAPER_SHARE"),
        (report(body_funds="0"), "PAPER_SHARE"),
        (report(money_spent="-1"), "PAPER_MONEY_NEGATIVE"),
        (report(money_planned="сто"), "PAPER_NOT_A_NUMBER"),
        (report(persons_completed=15), "PAPER_PERSONS"),
        (report(persons_planned=-1), "PAPER_PERSONS"),
        (report(persons_enrolled=13), "PAPER_PEOPLE_LISTED"),
        (report(persons_enrolled=15), "PAPER_PEOPLE_LISTED"),
        (report(persons_completed=3), "PAPER_PASSED_OVER_COMPLETED"),
        (report(people=(replace(REPORT.people[0], hours=-1), *REPORT.people[1:])), "PAPER_HOURS"),
    ],
)
def test_reports_that_are_refused(facts: TrainingReport, code: str) -> None:
    assert refusal(guard_report, facts) == code


@pytest.mark.parametrize(
    "facts",
    [
        REPORT,
        report(people=REPORT.people * 2),  # everyone takes two programmes
        report(share_percent="0.95"),  # of what was spent, rounded
        report(share_percent="0.94"),  # the same, cut
        report(body_funds="0", money_planned="0", money_spent="0", share_percent="0.00"),
    ],
)
def test_reports_that_are_printed(facts: TrainingReport) -> None:
    guard_report(facts)
