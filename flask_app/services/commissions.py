"""Commissions and their members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import InvalidInput, NotPermitted
from flask_app.domain.identity import HEAD, HR_OFFICER
from flask_app.services import audit
from flask_app.services.office import Work
from flask_app.store.models.commissions import Commission, CommissionMember
from flask_app.store.models.people import Person

ROLE_ORDER = ("chair", "deputy_chair", "member", "secretary")


@dataclass(frozen=True, slots=True)
class NewMember:
    """`votes` is False for a secretary without a vote (the rule pack says which)."""

    person_id: UUID
    role: str
    post: Mapping[str, str]
    votes: bool


def form_commission(
    work: Work, name: Mapping[str, str], kinds: Sequence[str], formed_on: date, basis: str, members: Sequence[NewMember]
) -> UUID:
    """A standing commission.

    Raises `InvalidInput` when it has no chair, no secretary, or two of one of them, or a person twice; `NotFound` for a
    person of another body.
    """
    if not work.actor.roles & {HR_OFFICER, HEAD}:
        raise NotPermitted("workflow.action_not_permitted", action="form_commission", state="", workflow="commission")
    for role in ("chair", "secretary"):
        if sum(member.role == role for member in members) != 1:
            raise InvalidInput("commission.needs_one", role=role)
    people = {member.person_id for member in members}
    if len(people) != len(members):
        raise InvalidInput("commission.person_twice", n=len(members) - len(people))
    for person_id in people:
        work.get(Person, person_id)
    commission = Commission(name=dict(name), kinds=list(kinds), formed_on=formed_on, basis=basis)
    work.add(commission)
    work.session.flush()
    for member in members:
        work.add(
            CommissionMember(
                commission_id=commission.id,
                person_id=member.person_id,
                role=member.role,
                votes=member.votes,
                post=dict(member.post),
            )
        )
    audit.record(work, "commission.formed", "commission", commission.id, after={"members": len(members)})
    return commission.id


def members_of(work: Work, commission_id: UUID) -> list[CommissionMember]:
    """Members in the order papers print them: chair, deputy, members, secretary."""
    rows = work.session.scalars(
        select(CommissionMember).where(
            CommissionMember.commission_id == commission_id, CommissionMember.body_id == work.actor.body_id
        )
    ).all()
    return sorted(rows, key=lambda member: (ROLE_ORDER.index(member.role), str(member.id)))


def seats_of_person(work: Work) -> list[UUID]:
    """The actor's own seats in the body's commissions."""
    return list(
        work.session.scalars(
            select(CommissionMember.id).where(
                CommissionMember.person_id == work.actor.person_id, CommissionMember.body_id == work.actor.body_id
            )
        )
    )
