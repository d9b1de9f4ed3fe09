"""What comes next for an object: whose move it is, what may be done now, and why the rest may not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_app.domain.workflow import Act, Offer, Transition, Workflow, offers


@dataclass(frozen=True, slots=True)
class NextSteps:
    """`ready`: the actor may take it now. `blocked`: rules refuse it. `awaited`: others' moves. `main`: the usual step.

    Only steps that lead on; `exceptions` are those that need a reason (cancel, return) and filing: never a next step.
    """

    ready: tuple[Transition, ...]
    blocked: tuple[Offer, ...]
    awaited: tuple[Transition, ...]
    exceptions: tuple[Offer, ...]
    main: str

    @property
    def stuck(self) -> Offer | None:
        """The usual step when it is the actor's and rules refuse it. That a way round is refused holds nobody up."""
        return next((offer for offer in self.blocked if offer.transition.id == self.main), None)

    @property
    def mine(self) -> bool:
        return bool(self.ready) or self.stuck is not None

    @property
    def over(self) -> bool:
        """Nothing leads on from here for anybody."""
        return not (self.ready or self.blocked or self.awaited)


def next_steps(workflow: Workflow, state: str, roles: frozenset[str], act: Act, facts: Any) -> NextSteps:
    """Sorted from the same offers that buttons come from."""
    return sort_offers(workflow, state, offers(workflow, state, roles, act, facts))


def sort_offers(workflow: Workflow, state: str, offered: Sequence[Offer]) -> NextSteps:
    """`offered`: what the actor's roles reach from `state` (see `domain.workflow.offers`)."""
    own = {offer.transition.id for offer in offered}
    forward = [offer for offer in offered if leads_on(offer.transition)]
    usual = steps_on(workflow, state)
    return NextSteps(
        ready=tuple(offer.transition for offer in forward if offer.open),
        blocked=tuple(offer for offer in forward if not offer.open),
        awaited=tuple(step for step in usual if step.id not in own),
        exceptions=tuple(offer for offer in offered if not leads_on(offer.transition)),
        main=usual[0].id if usual else "",
    )


FILING = "archive"


def leads_on(transition: Transition) -> bool:
    """A step that must be justified is a way out, and filing is no work: neither is a next step."""
    return "reason" not in transition.needs and transition.id != FILING


def steps_on(workflow: Workflow, state: str) -> tuple[Transition, ...]:
    """The steps that lead on from a state, in the workflow's own order."""
    return tuple(step for step in workflow.transitions.values() if state in step.sources and leads_on(step))


def main_line(workflow: Workflow, start: str) -> tuple[str, ...]:
    """The states from `start` on when everything goes its usual way: always the first step that leads on."""
    line = [start]
    while True:
        following = next((step.target for step in steps_on(workflow, line[-1]) if step.target not in line), None)
        if following is None:
            return tuple(line)
        line.append(following)
