"""Who may do what to this very object: the body's roles, a commission's roles, the permission map of the state."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, select

from flask_app.domain.errors import NotFound, NotPermitted
from flask_app.domain.identity import CHAIR, MEMBER, SECRETARY
from flask_app.domain.substitution import SUBSTITUTE
from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.document import part_in
from flask_app.services.listing import OF_BODY
from flask_app.services.office import Work
from flask_app.services.own_rows import prepared
from flask_app.services.substitutes import stood_in
from flask_app.store.base import Workflowed
from flask_app.store.models.applications import Application
from flask_app.store.models.commissions import CommissionMember
from flask_app.store.models.documents import Document
from flask_app.store.models.procedures import Competition

COMMISSION_ROLES: dict[str, frozenset[str]] = {
    "chair": frozenset({CHAIR, MEMBER}),
    "deputy_chair": frozenset({MEMBER}),
    "member": frozenset({MEMBER}),
    "secretary": frozenset({SECRETARY}),
}
"""Seat → local roles. A substitute's seat gives none: it opens only the sittings the substitute sits in."""


def roles_on(work: Work, obj: Workflowed) -> frozenset[str]:
    """The actor's roles for this object: the body's, and those of the competition's own commission."""
    competition = _competition_of(work, obj)
    own = part_in(obj.subject_type, work.actor.roles) if isinstance(obj, Document) else work.actor.roles
    if competition is None or competition.commission_id is None or work.actor.person_id is None:
        return own
    role = own_seats(work).get(competition.commission_id, "")
    if role == SUBSTITUTE and competition.id in stood_in(work):
        role = "member"
    return own | COMMISSION_ROLES.get(role, frozenset())


def own_seats(work: Work) -> dict[UUID, str]:
    """Commission → the actor's seat there, for all of them in one query, kept until a lock is taken or a row is added.

    A page asks for the actor's roles on one object after another; somebody sits on a handful of commissions at most.
    """
    if work.actor.person_id is None:
        return {}
    if work.seats is None:
        rows = work.session.execute(_seats_held(), {"person": work.actor.person_id, "of_body": work.actor.body_id})
        work.seats = {commission: role for commission, role in rows}  # noqa: C416  # dict() of rows is no mapping to mypy
    return work.seats


@prepared
def _seats_held() -> Select[UUID, str]:
    return select(CommissionMember.commission_id, CommissionMember.role).where(
        CommissionMember.person_id == bindparam("person", type_=Uuid(as_uuid=True)),
        CommissionMember.body_id == OF_BODY,
        CommissionMember.ended_on.is_(None),
    )


def _competition_of(work: Work, obj: Workflowed) -> Competition | None:
    if isinstance(obj, Competition):
        return obj
    if isinstance(obj, Application):
        return work.get(Competition, obj.competition_id)
    if isinstance(obj, Document) and obj.subject_type == "competition":
        return work.get(Competition, obj.subject_id)
    return None


def may(work: Work, obj: Workflowed, action: str) -> bool:
    """Whether the actor may do `action` to `obj` in its present state."""
    return WORKFLOWS[obj.workflow].permits(action, obj.state, roles_on(work, obj))


def require(work: Work, obj: Workflowed, action: str) -> None:
    """Raises `NotPermitted`; `NotFound` for somebody who may not even see the object."""
    roles = roles_on(work, obj)
    workflow = WORKFLOWS[obj.workflow]
    if workflow.permits(action, obj.state, roles):
        return
    if not workflow.permits("view", obj.state, roles):
        raise NotFound("object.unknown", type=type(obj).__name__)
    raise NotPermitted("workflow.action_not_permitted", action=action, state=obj.state, workflow=workflow.id)
