"""The engine: what a workflow may look like, in which order a transition is judged, and the four that ship."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_app.domain.errors import AlreadyThere, NotPermitted, Refused, Rule
from flask_app.domain.identity import AUDITOR, HEAD, HR_OFFICER, ROLES
from flask_app.domain.workflow import (
    Act,
    Refusal,
    State,
    Transition,
    Workflow,
    WorkflowError,
    build,
    decide,
    offers,
)
from flask_app.domain.workflows import WORKFLOWS

ACT = Act(date(2026, 3, 1), datetime(2026, 3, 2, tzinfo=UTC))
HR = frozenset({HR_OFFICER})
RULE = Rule("act")


def refuses(_: Act, facts: object) -> Iterable[Refusal]:
    if facts == "bad":
        yield Refusal("first", RULE, {"n": 1})
        yield Refusal("second")


def small(**changes: object) -> Workflow:
    values: dict[str, object] = {
        "sources": frozenset({"a"}),
        "target": "b",
        "roles": HR,
        "validators": (refuses,),
        **changes,
    }
    step = Transition("go", **values)  # type: ignore[arg-type]  # the test varies one part at a time
    return build("small", "a", [State("a", {"view": HR}), State("b", {"view": HR}, final=True)], [step])


@pytest.mark.parametrize(
    "changes",
    [
        {"roles": frozenset()},
        {"roles": frozenset({"nobody"})},
        {"target": "c"},
        {"sources": frozenset({"x"})},
        {"sources": frozenset()},
        {"sources": frozenset({"b"}), "target": "a"},
    ],
)
def test_faulty_data_are_refused_when_built(changes: dict[str, object]) -> None:
    with pytest.raises(WorkflowError):
        small(**changes)


def test_a_state_nobody_reaches_is_refused() -> None:
    with pytest.raises(WorkflowError, match="nobody can reach"):
        build("w", "a", [State("a", {}), State("b", {})], [])


def test_duplicates_are_refused() -> None:
    with pytest.raises(WorkflowError, match="twice"):
        build("w", "a", [State("a", {}), State("a", {})], [])


def test_the_right_comes_before_the_state_and_the_rules() -> None:
    with pytest.raises(NotPermitted):
        decide(small(), "go", "b", frozenset({AUDITOR}), ACT, "bad")
    with pytest.raises(NotPermitted):
        decide(small(), "unknown", "a", frozenset(ROLES), ACT, "good")


def test_already_there_is_no_success() -> None:
    with pytest.raises(AlreadyThere) as there:
        decide(small(), "go", "b", HR, ACT, "good")
    assert there.value.code == "workflow.wrong_state"


def test_all_refusals_travel_together() -> None:
    with pytest.raises(Refused) as refused:
        decide(small(needs=frozenset({"evidence"})), "go", "a", HR, ACT, "bad")
    assert refused.value.code == "workflow.needs_evidence"
    assert [other.code for other in refused.value.others] == ["first", "second"]


def test_an_allowed_step_gives_its_target() -> None:
    assert decide(small(), "go", "a", HR, ACT, "good") == "b"


@given(facts=st.sampled_from(["good", "bad"]), state=st.sampled_from(["a", "b"]), role=st.sampled_from(ROLES))
def test_what_is_offered_open_is_never_refused(facts: str, state: str, role: str) -> None:
    workflow, roles = small(), frozenset({role})
    offered = {offer.transition.id: offer for offer in offers(workflow, state, roles, ACT, facts)}
    try:
        decide(workflow, "go", state, roles, ACT, facts)
        done = True
    except (NotPermitted, Refused, AlreadyThere):
        done = False
    assert done == ("go" in offered and offered["go"].open)


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=lambda workflow: workflow.id)
def test_nobody_but_the_named_may_do_anything(workflow: Workflow) -> None:
    for state in workflow.states:
        for action in ("view", "edit", "delete"):
            assert not workflow.permits(action, state, frozenset())
    assert not workflow.permits("view", "no such state", frozenset(ROLES))


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=lambda workflow: workflow.id)
def test_the_auditor_reads_and_changes_nothing(workflow: Workflow) -> None:
    auditor = frozenset({AUDITOR})
    assert all(AUDITOR not in transition.roles for transition in workflow.transitions.values())
    for state in workflow.states.values():
        changing = {a for a, roles in state.permissions.items() if AUDITOR in roles} - {"view", "comment"}
        assert not changing
        assert workflow.permits("view", state.id, auditor) == (workflow.id != "question"), (
            "a question's text is the key"
        )


def test_only_the_head_appoints_repeats_and_cancels() -> None:
    steps = WORKFLOWS["competition"].transitions
    assert all(steps[name].roles == frozenset({HEAD}) for name in ("appoint", "order_repeat", "cancel"))


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=lambda workflow: workflow.id)
def test_whoever_may_take_a_step_sees_the_object(workflow: Workflow) -> None:
    """Else he would be told that there is none."""
    for transition in workflow.transitions.values():
        for source in transition.sources:
            assert transition.roles <= workflow.states[source].permissions["view"], (transition.id, source)


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=lambda workflow: workflow.id)
def test_from_everywhere_an_end_is_reached(workflow: Workflow) -> None:
    ends = {state.id for state in workflow.states.values() if state.final}
    ends |= {"below_threshold", "rejected"} if workflow.id == "application" else set()
    assert ends
    for start in workflow.states:
        reached, before = {start}, set[str]()
        while reached != before:
            before = set(reached)
            reached |= {t.target for t in workflow.transitions.values() if t.sources & reached}
        assert reached & ends, start


def test_only_the_named_content_types_have_a_number_at_the_end() -> None:
    steps = WORKFLOWS["document"].transitions
    assert [name for name, step in steps.items() if step.target == "in_force"] == ["sign"]
    assert steps["sign"].sources == {"signing"}
