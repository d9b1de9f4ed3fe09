"""The life of a question: four eyes at every passing, nothing broken or unsettled goes on, what is in use can stop."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_app.domain.errors import AlreadyThere, KyzmatError, NotPermitted, Refused
from flask_app.domain.identity import BANK_EDITOR, ROLES
from flask_app.domain.workflow import Act, decide
from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.question import WORKFLOW, QuestionFacts

AUTHOR, OTHER = UUID(int=1), UUID(int=2)
EDITOR = frozenset({BANK_EDITOR})
SOUND = QuestionFacts(actor=OTHER, authors=frozenset({AUTHOR}), errors=0, open_comments=0, released=True)


def act(reason: str = "") -> Act:
    return Act(date(2026, 4, 16), datetime(2026, 4, 16, tzinfo=UTC), reason=reason)


def take(step: str, state: str, facts: QuestionFacts = SOUND, reason: str = "") -> str:
    return decide(WORKFLOW, step, state, EDITOR, act(reason), facts)


def code_of(step: str, state: str, facts: QuestionFacts = SOUND, reason: str = "") -> str:
    with pytest.raises(KyzmatError) as refused:
        take(step, state, facts, reason)
    return refused.value.code


def test_the_way_into_use() -> None:
    state = "draft"
    for step in ("submit", "pass_review", "approve", "take_into_use"):
        state = take(step, state)
    assert state == "in_use"
    assert take("suspend", state, reason="апелляция") == "suspended"
    assert take("resume", "suspended", reason="снята") == "in_use"
    assert take("revise", "in_use", reason="закон изменён") == "draft"
    assert take("retire", "suspended", reason="закон утратил силу") == "retired"


@pytest.mark.parametrize(("step", "state"), [("pass_review", "review"), ("approve", "language_check")])
def test_nobody_passes_what_he_wrote(step: str, state: str) -> None:
    own = replace(SOUND, actor=AUTHOR, reviewers=("Ли Анна", "Осмонов Эрлан"))
    with pytest.raises(KyzmatError) as refused:
        take(step, state, own)
    assert refused.value.code == "question.own_work"
    assert refused.value.params["reviewers"] == "Ли Анна, Осмонов Эрлан"
    both = replace(SOUND, authors=frozenset({AUTHOR, OTHER}))
    assert code_of(step, state, both) == "question.own_work_alone"


@pytest.mark.parametrize(
    ("step", "state"), [("submit", "draft"), ("pass_review", "review"), ("approve", "language_check")]
)
@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(SOUND, errors=2), "question.has_errors"),
        (replace(SOUND, missing=("ky",)), "question.language_missing"),
        (replace(SOUND, open_comments=1), "question.comments_open"),
    ],
)
def test_what_is_broken_or_unsettled_stays(step: str, state: str, facts: QuestionFacts, code: str) -> None:
    assert code_of(step, state, facts) == code


def test_the_author_hands_in_his_own_work() -> None:
    assert take("submit", "draft", replace(SOUND, actor=AUTHOR)) == "review"


def test_into_use_only_with_a_release() -> None:
    assert code_of("take_into_use", "approved", replace(SOUND, released=False)) == "question.not_released"
    assert code_of("resume", "suspended", replace(SOUND, released=False), "да") == "question.not_released"


@pytest.mark.parametrize(
    ("step", "state"),
    [("return", "review"), ("revise", "in_use"), ("suspend", "in_use"), ("resume", "suspended"), ("retire", "draft")],
)
def test_steps_back_and_out_want_a_reason(step: str, state: str) -> None:
    assert code_of(step, state) == "workflow.needs_reason"


@pytest.mark.parametrize("role", [role for role in ROLES if role != BANK_EDITOR])
def test_only_editors_see_and_move_questions(role: str) -> None:
    assert not any(
        WORKFLOW.permits(a, s.id, frozenset({role})) for s in WORKFLOW.states.values() for a in s.permissions
    )
    for step in WORKFLOW.transitions.values():
        with pytest.raises(NotPermitted):
            decide(WORKFLOW, step.id, next(iter(step.sources)), frozenset({role}), act("x"), SOUND)


def test_editing_is_for_drafts() -> None:
    assert [s.id for s in WORKFLOW.states.values() if WORKFLOW.permits("edit", s.id, EDITOR)] == ["draft"]
    assert WORKFLOWS["question"] is WORKFLOW


@given(st.lists(st.sampled_from(sorted(WORKFLOW.transitions)), max_size=12), st.booleans())
def test_whatever_is_tried_nothing_gets_into_use_without_another_person(steps: list[str], own: bool) -> None:
    """Random attempts: a text in use was passed twice by somebody who did not write it."""
    state, passed = "draft", 0
    facts = replace(SOUND, actor=AUTHOR if own else OTHER)
    for step in steps:
        try:
            state = take(step, state, facts, "причина")
        except (Refused, AlreadyThere):
            continue
        if state == "draft":
            passed = 0
        passed += step in ("pass_review", "approve")
        assert state not in ("in_use", "suspended") or passed == 2
    assert not own or state in ("draft", "review", "retired")
