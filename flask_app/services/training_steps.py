"""The steps of a training order as its pages offer them: what a step brings along is asked for, not held against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from flask_app.domain.errors import AlreadyThere, NotFound, NotPermitted, Refused
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.workflow import Act, Offer, offers
from flask_app.domain.workflows.training_order import WORKFLOW, TrainingFacts
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.rights import require
from flask_app.services.training_facts import training_facts, training_pack
from flask_app.store.models.training import TrainingOrder

BRINGS: Mapping[str, tuple[str, ...]] = {
    "place_order": ("contract",),
    "begin_report": ("monitoring", "money_spent"),
}
"""What the form of a step asks for beside the day and the evidence."""

_FILLED_BY_FORM: Mapping[str, frozenset[str]] = {
    "place_order": frozenset({"training.contract_missing"}),
    "begin_report": frozenset({"training.monitoring_missing"}),
}


@dataclass(frozen=True, slots=True)
class OfferedStep:
    """One step of one order. `brings`: the fields of its form; `version`: what the form is made from."""

    order: TrainingOrder
    pack: RulePack
    offer: Offer
    today: date

    @property
    def brings(self) -> tuple[str, ...]:
        return BRINGS.get(self.offer.transition.id, ())


def as_asked(offered: Sequence[Offer]) -> tuple[Offer, ...]:
    """The offers without the refusals that the step's own form does away with."""
    return tuple(_as_asked(offer) for offer in offered)


def _as_asked(offer: Offer) -> Offer:
    filled = _FILLED_BY_FORM.get(offer.transition.id, frozenset())
    return replace(offer, refusals=tuple(refusal for refusal in offer.refusals if refusal.code not in filled))


def main_offer(state: str, act: Act, facts: TrainingFacts) -> Offer | None:
    """The step that leads on from a state, judged for those who may take it; None in the last state."""
    step = next((step for step in WORKFLOW.transitions.values() if state in step.sources), None)
    if step is None:
        return None
    found = offers(WORKFLOW, state, step.roles, act, facts)
    return next((offer for offer in as_asked(found) if offer.transition.id == step.id), None)


def offered_step(work: Work, order_id: UUID, step: str) -> OfferedStep:
    """The step with what stands against it now.

    Raises `NotFound`, `NotPermitted` for a step of others, `AlreadyThere` and `Refused("workflow.wrong_state")` for a
    step that does not begin where the order is.
    """
    transition = WORKFLOW.transitions.get(step)
    if transition is None:
        raise NotFound("object.unknown", type="")
    order = work.get(TrainingOrder, order_id)
    require(work, order, "view")
    if not transition.roles & work.actor.roles:
        raise NotPermitted("workflow.not_permitted", transition=step, workflow=WORKFLOW.id)
    if order.state not in transition.sources:
        error = AlreadyThere if order.state == transition.target else Refused
        raise error("workflow.wrong_state", workflow=WORKFLOW.id, transition=step, state=order.state)
    today = local_time(work).today
    act = Act(today, work.now)
    found = offers(WORKFLOW, order.state, transition.roles, act, training_facts(work, order))
    offer = next(offer for offer in as_asked(found) if offer.transition.id == step)
    return OfferedStep(order, training_pack(order), offer, today)
