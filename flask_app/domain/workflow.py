"""Workflows as data: states, transitions, guards, a permission map per state; and the one decision over them.

A workflow is checked when it is built. What has no guard is refused. The same decision answers «may this button be
shown» and «may this be done», so a page cannot offer what the rules refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_app.domain.errors import AlreadyThere, KyzmatError, NotPermitted, Refused, Rule
from flask_app.domain.identity import ROLES


@dataclass(frozen=True, slots=True)
class Act:
    """What a person says was done. Deadlines are judged by `happened_on`, order and audit by `recorded_at`.

    `evidence` names the paper or link that proves `happened_on` (letter number, page, receipt).
    """

    happened_on: date
    recorded_at: datetime
    evidence: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: a code for the sentence, the rule (act and point) behind it, and parameters."""

    code: str
    rule: Rule | None = None
    params: Mapping[str, object] = field(default_factory=dict)

    def as_error(self) -> Refused:
        return Refused(self.code, self.rule, **dict(self.params))


Validator = Callable[[Act, Any], Iterable[Refusal]]
"""A pure rule over the act and the facts of one content type; yields nothing when it is content."""


@dataclass(frozen=True, slots=True)
class State:
    """`permissions`: action → roles that may do it while the object is in this state. What is not named is refused."""

    id: str
    permissions: Mapping[str, frozenset[str]]
    final: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """`roles`: who may take it (one of). `needs`: parts of the act that must be given (`evidence`, `reason`)."""

    id: str
    sources: frozenset[str]
    target: str
    roles: frozenset[str]
    validators: tuple[Validator, ...] = ()
    needs: frozenset[str] = frozenset()


class WorkflowError(ValueError):
    """The data of a workflow contradict themselves; raised when it is built, never at run time."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """States and transitions of one content type."""

    id: str
    initial: str
    states: Mapping[str, State]
    transitions: Mapping[str, Transition]

    def permits(self, action: str, state: str, roles: frozenset[str]) -> bool:
        """Whether one of `roles` may do `action` in `state`. Unknown states and actions are refused."""
        held = self.states.get(state)
        return held is not None and bool(held.permissions.get(action, frozenset()) & roles)


def build(id_: str, initial: str, states: Iterable[State], transitions: Iterable[Transition]) -> Workflow:
    """A checked workflow.

    Raises `WorkflowError` for: duplicate ids, an unknown initial state, dangling ends, a transition without a guard or
    with an unknown role, a state that cannot be reached, an exit from a final state.
    """
    state_list, transition_list = list(states), list(transitions)
    by_state = {state.id: state for state in state_list}
    by_transition = {transition.id: transition for transition in transition_list}
    if len(by_state) != len(state_list) or len(by_transition) != len(transition_list):
        raise WorkflowError(f"{id_}: an id stands twice")
    if initial not in by_state:
        raise WorkflowError(f"{id_}: unknown initial state {initial}")
    for transition in transition_list:
        _check_transition(id_, transition, by_state)
    for state in state_list:
        _check_roles(id_, state.id, frozenset().union(*state.permissions.values()))
    unreachable = set(by_state) - _reachable(initial, transition_list)
    if unreachable:
        raise WorkflowError(f"{id_}: states nobody can reach: {sorted(unreachable)}")
    return Workflow(id_, initial, by_state, by_transition)


def _check_roles(workflow: str, place: str, roles: frozenset[str]) -> None:
    unknown = roles - frozenset(ROLES)
    if unknown:
        raise WorkflowError(f"{workflow}.{place}: unknown roles {sorted(unknown)}")


def _check_transition(workflow: str, transition: Transition, states: Mapping[str, State]) -> None:
    dangling = (transition.sources | {transition.target}) - set(states)
    if dangling or not transition.sources:
        raise WorkflowError(f"{workflow}.{transition.id}: dangling ends {sorted(dangling)}")
    if not transition.roles:
        raise WorkflowError(f"{workflow}.{transition.id}: no guard")
    _check_roles(workflow, transition.id, transition.roles)
    leaving = [source for source in transition.sources if states[source].final]
    if leaving:
        raise WorkflowError(f"{workflow}.{transition.id}: leaves the final state {leaving[0]}")


def _reachable(initial: str, transitions: list[Transition]) -> set[str]:
    reached = {initial}
    while True:
        more = {t.target for t in transitions if t.sources & reached} - reached
        if not more:
            return reached
        reached |= more


@dataclass(frozen=True, slots=True)
class Offer:
    """A transition as a page shows it: open when `refusals` is empty; otherwise the reasons why not."""

    transition: Transition
    refusals: tuple[Refusal, ...]

    @property
    def open(self) -> bool:
        return not self.refusals


def decide(workflow: Workflow, transition_id: str, state: str, roles: frozenset[str], act: Act, facts: Any) -> str:
    """The state that follows, or an error saying why not.

    The order is fixed: right → state → what the act must carry → validators (all of them; the first refusal is raised,
    the others travel with it as `others`).

    Raises `NotPermitted`, `AlreadyThere`, `Refused`.
    """
    transition = workflow.transitions.get(transition_id)
    if transition is None or not transition.roles & roles:
        raise NotPermitted("workflow.not_permitted", transition=transition_id, workflow=workflow.id)
    if state not in transition.sources:
        error: type[KyzmatError] = AlreadyThere if state == transition.target else Refused
        raise error("workflow.wrong_state", workflow=workflow.id, transition=transition_id, state=state)
    refusals = tuple(_missing(transition, act)) + tuple(_refusals(transition, act, facts))
    if refusals:
        error_ = refusals[0].as_error()
        error_.others = refusals[1:]
        raise error_
    return transition.target


def offers(workflow: Workflow, state: str, roles: frozenset[str], act: Act, facts: Any) -> tuple[Offer, ...]:
    """What may be done from here by somebody with `roles`, each with the reasons against it, by the same check."""
    return tuple(
        Offer(transition, tuple(_refusals(transition, act, facts)))
        for transition in workflow.transitions.values()
        if state in transition.sources and transition.roles & roles
    )


def _missing(transition: Transition, act: Act) -> Iterable[Refusal]:
    for part in sorted(transition.needs):
        if not getattr(act, part).strip():
            yield Refusal(f"workflow.needs_{part}", params={"transition": transition.id})


def _refusals(transition: Transition, act: Act, facts: Any) -> Iterable[Refusal]:
    for validator in transition.validators:
        yield from validator(act, facts)
