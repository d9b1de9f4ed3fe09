"""Each rule of one application, by its own border cases; the facts are given, no database is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_app.domain.deadlines import WorkCalendar
from flask_app.domain.errors import Refused
from flask_app.domain.identity import ROLES
from flask_app.domain.workflow import Act, decide
from flask_app.domain.workflows.application import LIVE, WORKFLOW, CandidacyFacts
from flask_app.store.rule_packs import shipped_pack

PACK = shipped_pack("kg-mun-2006")
TEST_DAY = date(2026, 6, 15)


def facts(**changes: object) -> CandidacyFacts:
    sound = CandidacyFacts(
        pack=PACK,
        calendar=WorkCalendar(),
        competition_state="screening",
        refusal_ground="qualification_mismatch",
        session_on=TEST_DAY,
        reaches_interview=True,
        reaches_reserve=True,
        practical_done=True,
        marks=9,
    )
    return replace(sound, **changes)  # type: ignore[arg-type]  # named by each test


def refusals(step: str, state: str, given: CandidacyFacts, day: date = TEST_DAY) -> list[str]:
    act = Act(day, datetime(2026, 6, 20, tzinfo=UTC), evidence="№ 1", reason="—")
    try:
        decide(WORKFLOW, step, state, frozenset(ROLES), act, given)
    except Refused as refused:
        return [refused.code, *(other.code for other in refused.others)]
    return []


@pytest.mark.parametrize(
    ("step", "state", "stage"),
    [
        ("take_up", "registered", "screening"),
        ("enter_result", "notified", "testing"),
        ("invite", "qualified", "interviewing"),
    ],
)
def test_nothing_of_a_stage_happens_before_it(step: str, state: str, stage: str) -> None:
    given = facts(competition_state=stage, stage_since=TEST_DAY)
    assert refusals(step, state, given) == []
    assert refusals(step, state, given, TEST_DAY - timedelta(days=1)) == ["application.before_the_stage"]


@pytest.mark.parametrize(
    ("stage", "result", "against"),
    [
        ("interviewing", True, []),
        ("interviewing", None, ["application.no_result"]),
        ("interviewing", False, ["application.below_threshold"]),
        ("voting", True, ["application.interviews_over"]),
    ],
)
def test_an_absence_from_the_interview_is_taken_back_while_interviews_go_on(
    stage: str, result: bool | None, against: list[str]
) -> None:
    """Whoever has no result was absent from the test: that is another step."""
    given = facts(competition_state=stage, reaches_interview=result)
    assert refusals("recall_interview_absence", "no_show", given) == against


def test_whoever_was_marked_came() -> None:
    assert refusals("miss", "invited", facts(marks=1)) == ["application.was_heard"]
    assert refusals("miss", "invited", facts(marks=0)) == []


@pytest.mark.parametrize(
    ("step", "state"),
    [
        ("take_up", "registered"),
        ("admit", "under_screening"),
        ("reject", "under_screening"),
        ("readmit", "rejected"),
    ],
)
def test_admission_belongs_to_the_screening(step: str, state: str) -> None:
    assert refusals(step, state, facts()) == []
    for stage in ("documents_open", "testing", "interviewing", "decided", "archived", ""):
        assert refusals(step, state, facts(competition_state=stage)) == ["application.screening_over"]


@given(ground=st.text(max_size=30))
def test_no_ground_but_the_listed_ones(ground: str) -> None:
    listed = {known.id for known in PACK.admission_grounds}
    expected = [] if ground in listed else ["application.ground_not_listed"]
    assert refusals("reject", "under_screening", facts(refusal_ground=ground)) == expected


@given(days=st.integers(-5, 30))
def test_a_week_s_notice(days: int) -> None:
    told = TEST_DAY - timedelta(days=days)
    expected = [] if days >= 7 else ["competition.notice_too_late"]
    assert refusals("notify", "admitted", facts(), told) == expected


@pytest.mark.parametrize(("passed", "steps"), [(True, {"qualify", "lift"}), (False, {"stop_at_threshold", "drop"})])
def test_the_result_decides_where_a_candidate_goes(passed: bool, steps: set[str]) -> None:
    sources = {
        "qualify": "tested",
        "lift": "below_threshold",
        "stop_at_threshold": "tested",
        "drop": "qualified",
    }
    given_ = facts(reaches_interview=passed)
    assert {step for step, source in sources.items() if refusals(step, source, given_) == []} == steps
    unknown = facts(reaches_interview=None)
    assert all("application.no_result" in refusals(step, source, unknown) for step, source in sources.items())


@pytest.mark.parametrize(
    ("changes", "open_steps"),
    [
        ({}, set()),
        ({"is_winner": True}, set()),
        ({"decision_taken": True, "is_winner": True}, {"win"}),
        ({"decision_taken": True}, {"recommend_for_reserve"}),
        ({"decision_taken": True, "reaches_reserve": False}, {"pass_over"}),
        ({"decision_taken": True, "reaches_reserve": None}, {"pass_over"}),
    ],
)
def test_after_the_decision_each_has_one_way(changes: dict[str, object], open_steps: set[str]) -> None:
    steps = ("win", "recommend_for_reserve", "pass_over")
    assert {step for step in steps if refusals(step, "interviewed", facts(**changes)) == []} == open_steps


@pytest.mark.parametrize("state", LIVE)
def test_anybody_may_withdraw_until_the_vote_is_counted(state: str) -> None:
    assert refusals("withdraw", state, facts()) == []
    assert refusals("withdraw", state, facts(vote_counted=True)) == ["application.vote_counted"]


def test_an_interview_needs_the_practical_task_and_a_mark() -> None:
    assert refusals("invite", "qualified", facts(practical_done=False)) == ["competition.practical_missing"]
    assert refusals("interview", "invited", facts(marks=0)) == ["competition.marks_missing"]
