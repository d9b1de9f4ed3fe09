"""What an actor may see of a list: the workflows' own permission maps, turned into a condition of the query.

The object's page asks `rights.require`; a list asks the same maps here, state by state, so that it never shows a row
whose page would answer 404.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select

from flask_app.domain.substitution import SUBSTITUTE
from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.document import SUBJECTS, part_in
from flask_app.services.office import Work
from flask_app.services.rights import COMMISSION_ROLES, own_seats
from flask_app.services.substitutes import stood_in
from flask_app.store.models.documents import Document
from flask_app.store.models.procedures import Competition
from flask_app.store.models.training import TrainingOrder


@dataclass(frozen=True, slots=True)
class Seats:
    """What the actor's seats open. `commissions`: id → local roles there; `sittings`: competitions in whose sitting the
    actor is a substitute: nothing else of that commission opens.
    """

    commissions: Mapping[UUID, frozenset[str]]
    sittings: frozenset[UUID] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.commissions or self.sittings)


def seats_of(work: Work) -> Seats:
    """The commissions the actor sits on, and the sittings the actor is a substitute in."""
    own = own_seats(work)
    members = {id_: COMMISSION_ROLES[role] for id_, role in own.items() if role in COMMISSION_ROLES}
    return Seats(members, stood_in(work) if SUBSTITUTE in own.values() else frozenset())


def roles_at(work: Work, seats: Seats, commission_id: UUID | None) -> frozenset[str]:
    """The actor's roles on what belongs to this commission."""
    local = seats.commissions.get(commission_id, frozenset()) if commission_id is not None else frozenset()
    return work.actor.roles | local


@cache
def viewable_states(workflow_id: str, roles: frozenset[str]) -> frozenset[str]:
    workflow = WORKFLOWS[workflow_id]
    return frozenset(state for state in workflow.states if workflow.permits("view", state, roles))


def sees_any(workflow_id: str, roles: frozenset[str]) -> bool:
    """Whether these roles open anything at all of a content type."""
    return bool(viewable_states(workflow_id, roles))


def visible_competitions(work: Work, seats: Seats) -> ColumnElement[bool]:
    """Competitions of the body that the actor may view, by the body's roles or by a seat on their commission."""
    allowed: list[ColumnElement[bool]] = [_in_states(Competition.state, "competition", work.actor.roles)]
    for roles, commissions in _by_roles(seats).items():
        states = _in_states(Competition.state, "competition", work.actor.roles | roles)
        allowed.append(and_(Competition.commission_id.in_(commissions), states))
    if seats.sittings:
        states = _in_states(Competition.state, "competition", work.actor.roles | COMMISSION_ROLES["member"])
        allowed.append(and_(Competition.id.in_(seats.sittings), states))
    return and_(Competition.body_id == work.actor.body_id, or_(*allowed))


def visible_orders(work: Work) -> ColumnElement[bool]:
    return and_(
        TrainingOrder.body_id == work.actor.body_id,
        _in_states(TrainingOrder.state, "training_order", work.actor.roles),
    )


def visible_documents(work: Work, seats: Seats) -> ColumnElement[bool]:
    """Papers of the body that the actor may view; a seat opens the papers of its commission's competitions."""
    allowed: list[ColumnElement[bool]] = [
        and_(
            Document.subject_type == subject,
            _in_states(Document.state, "document", part_in(subject, work.actor.roles)),
        )
        for subject in SUBJECTS
    ]
    for roles, commissions in _by_roles(seats).items():
        own = select(Competition.id).where(
            Competition.commission_id.in_(commissions), Competition.body_id == work.actor.body_id
        )
        states = _in_states(Document.state, "document", work.actor.roles | roles)
        allowed.append(and_(Document.subject_type == "competition", Document.subject_id.in_(own), states))
    if seats.sittings:
        states = _in_states(Document.state, "document", work.actor.roles | COMMISSION_ROLES["member"])
        allowed.append(and_(Document.subject_type == "competition", Document.subject_id.in_(seats.sittings), states))
    return and_(Document.body_id == work.actor.body_id, or_(*allowed))


def _by_roles(seats: Seats) -> Mapping[frozenset[str], list[UUID]]:
    grouped: dict[frozenset[str], list[UUID]] = defaultdict(list)
    for commission_id, roles in seats.commissions.items():
        grouped[roles].append(commission_id)
    return grouped


def _in_states(column: Any, workflow_id: str, roles: frozenset[str]) -> ColumnElement[bool]:
    states = viewable_states(workflow_id, roles)
    condition: ColumnElement[bool] = column.in_(sorted(states)) if states else false()
    return condition
