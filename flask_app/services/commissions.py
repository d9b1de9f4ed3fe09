"""Commissions: forming one, and who sits there: members, and substitutes who sit only in an absent member's place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from flask_app.domain.errors import InvalidInput, NotPermitted, Rule
from flask_app.domain.substitution import SUBSTITUTE, can_have_substitute
from flask_app.domain.workflows.commission import FORMED, WORKFLOW
from flask_app.services import audit
from flask_app.services.office import Work
from flask_app.store.models.commissions import Attendance, Commission, CommissionMember, Meeting
from flask_app.store.models.people import Person
from flask_app.store.rule_packs import shipped_packs

ROLE_ORDER = ("chair", "deputy_chair", "member", SUBSTITUTE, "secretary")
SINGLE = ("chair", "secretary")
"""Places that one person holds at a time."""

MIN_VOTERS = 2
"""The chair and at least one more member: a majority of one is no vote."""


@dataclass(frozen=True, slots=True)
class NewMember:
    """`votes` is False for a secretary without a vote (the rule pack says which). `in_place_of`: of a substitute, the
    person of the member of the same commission whom the substitute stands in for.
    """

    person_id: UUID
    role: str
    post: Mapping[str, str]
    votes: bool
    in_place_of: UUID | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """When a seat began or ended, and the paper that says so: its number and date."""

    day: date
    basis: str


class Seat(Protocol):
    """What of a seat decides whether a commission can sit."""

    @property
    def role(self) -> str: ...

    @property
    def votes(self) -> bool: ...


# -- forming -----------------------------------------------------------------------------------------------------------


def form_commission(
    work: Work, name: Mapping[str, str], kinds: Sequence[str], formed_on: date, basis: str, members: Sequence[NewMember]
) -> UUID:
    """A standing commission.

    Raises `InvalidInput` when it has no chair, no secretary, or two of one of them, or a person twice, and for a
    substitute as `check_substitute` does; `NotFound` for a person of another body; `NotPermitted`.
    """
    require_keeping(work, "form_commission")
    for role in SINGLE:
        if sum(member.role == role for member in members) != 1:
            raise InvalidInput("commission.needs_one", role=role)
    people = {member.person_id: member for member in members}
    if len(people) != len(members):
        raise InvalidInput("commission.person_twice", n=len(members) - len(people))
    for person_id in people:
        work.get(Person, person_id)
    replaced: set[UUID] = set()
    for member in members:
        check_substitute(work, member, people, replaced)
        replaced |= {member.in_place_of} if member.in_place_of is not None else set()
    commission = Commission(name=dict(name), kinds=list(kinds), formed_on=formed_on, basis=basis)
    work.add(commission)
    work.session.flush()
    _seat_all(work, commission, members)
    after = {"members": len(members) - len(replaced), "happened_on": formed_on, "evidence": basis}
    audit.record(work, "commission.formed", "commission", commission.id, after=after)
    return commission.id


def _seat_all(work: Work, commission: Commission, members: Sequence[NewMember]) -> None:
    """Members before their substitutes, whose seats name theirs."""
    seats: dict[UUID, CommissionMember] = {}
    for member in sorted(members, key=lambda member: member.in_place_of is not None):
        replaced = None if member.in_place_of is None else seats[member.in_place_of]
        seats[member.person_id] = seat_for(commission, member, replaced)
        work.add(seats[member.person_id])
        work.session.flush()


def seat_for(
    commission: Commission, member: NewMember, replaced: CommissionMember | None, began: Change | None = None
) -> CommissionMember:
    """The row of a new seat. `replaced`: of a substitute, the seat it stands in for."""
    return CommissionMember(
        commission_id=commission.id,
        person_id=member.person_id,
        role=member.role,
        votes=member.votes,
        post=dict(member.post),
        seated_on=None if began is None else began.day,
        seated_basis="" if began is None else began.basis,
        in_place_of_id=None if replaced is None else replaced.id,
        in_place_of_role=None if replaced is None else replaced.role,
    )


def check_substitute(work: Work, new: NewMember, others: Mapping[UUID, Seat], replaced: Collection[UUID]) -> None:
    """Whether somebody may be the substitute of whom they name. `others`: person → seat, of the same commission;
    `replaced`: people who have a substitute.

    Raises `InvalidInput`: commission.not_a_substitute, commission.substitute_of_nobody, commission.substitute_of_place,
    commission.substitute_taken, commission.substitute_votes.
    """
    if new.role != SUBSTITUTE:
        if new.in_place_of is not None:
            raise InvalidInput("commission.not_a_substitute", role=new.role)
        return
    member = None if new.in_place_of is None else others.get(new.in_place_of)
    if new.in_place_of is None or member is None:
        raise InvalidInput("commission.substitute_of_nobody")
    if not can_have_substitute(member.role, votes=member.votes):
        raise InvalidInput("commission.substitute_of_place", name=work.get(Person, new.in_place_of).name)
    if new.in_place_of in replaced:
        raise InvalidInput("commission.substitute_taken", name=work.get(Person, new.in_place_of).name)
    if not new.votes:
        raise InvalidInput("commission.substitute_votes")


def require_keeping(work: Work, action: str) -> None:
    """`action`: form_commission, change_seats. Raises `NotPermitted`."""
    if not WORKFLOW.permits(action, FORMED, work.actor.roles):
        raise NotPermitted("workflow.action_not_permitted", action=action, state=FORMED, workflow=WORKFLOW.id)


def secretary_rule(work: Work, kinds: Sequence[str]) -> Rule | None:
    """The rule by which the secretary of a competition's commission has no vote; None where the body's rules give one.

    What the secretary of an attestation's commission has, no shipped pack says.
    """
    packs = [pack for pack in shipped_packs().values() if pack.jurisdiction == work.body.jurisdiction]
    if "competition" not in kinds or not packs or any(pack.commission.secretary_votes for pack in packs):
        return None
    return packs[0].rule(packs[0].commission)


# -- who sits there ----------------------------------------------------------------------------------------------------


def members_of(work: Work, commission_id: UUID, meeting: Meeting | None = None) -> list[CommissionMember]:
    """Members in the order papers print them: chair, deputy, members, secretary. Substitutes are none of them.

    Those who hold a seat now; of a sitting, those who were its members when it was opened, there or absent.
    """
    return _seats(work, commission_id, meeting, is_member())


def substitutes_of(work: Work, commission_id: UUID, meeting: Meeting | None = None) -> list[CommissionMember]:
    """Seats of substitutes that are held now; of a sitting, those of the substitutes who sat in it."""
    return _seats(work, commission_id, meeting, ~is_member())


def _seats(
    work: Work, commission_id: UUID, meeting: Meeting | None, which: ColumnElement[bool]
) -> list[CommissionMember]:
    rows = work.session.scalars(
        select(CommissionMember).where(
            CommissionMember.commission_id == commission_id,
            CommissionMember.body_id == work.actor.body_id,
            holds() if meeting is None else sat_in(meeting.id),
            which,
        )
    ).all()
    return sorted(rows, key=lambda member: (ROLE_ORDER.index(member.role), str(member.id)))


def in_order(rows: Iterable[tuple[CommissionMember, Person]]) -> list[tuple[CommissionMember, Person, str]]:
    """Chair, deputy, members by name, secretary, each followed by the own substitute; with every seat the name of the
    member a substitute stands in for, empty of members themselves.
    """
    known = {seat.id: (seat, person) for seat, person in rows}
    places = {id_: (ROLE_ORDER.index(seat.role), person.sort_key, str(id_)) for id_, (seat, person) in known.items()}

    def place(seat: CommissionMember) -> tuple[tuple[int, str, str], bool]:
        return places[seat.in_place_of_id or seat.id], seat.role == SUBSTITUTE

    return [
        (seat, person, "" if seat.in_place_of_id is None else known[seat.in_place_of_id][1].name)
        for seat, person in sorted(known.values(), key=lambda pair: place(pair[0]))
    ]


def is_member() -> ColumnElement[bool]:
    """Seats that are no substitute's."""
    return CommissionMember.role != SUBSTITUTE


def holds() -> ColumnElement[bool]:
    """Seats that have not ended."""
    return CommissionMember.ended_on.is_(None)


def sat_in(meeting_id: UUID) -> ColumnElement[bool]:
    """Seats that took part in the sitting, by its attendance: what changed afterwards does not touch it."""
    return CommissionMember.id.in_(select(Attendance.member_id).where(Attendance.meeting_id == meeting_id))


def is_complete(members: Sequence[Seat]) -> bool:
    """Whether these can sit: a chair who votes, a secretary, and a vote to take. Substitutes do not complete it."""
    roles = [member.role for member in members]
    voting = [member.role for member in members if member.votes and member.role != SUBSTITUTE]
    return all(roles.count(role) == 1 for role in SINGLE) and "chair" in voting and len(voting) >= MIN_VOTERS


def changed_since(work: Work, commission_id: UUID, day: date) -> list[str]:
    """Names of the members who joined or left after `day`: a sitting held then had others than sit there now."""
    since = or_(CommissionMember.seated_on > day, CommissionMember.ended_on > day)
    own = CommissionMember.body_id == work.actor.body_id
    query = (
        select(Person.name)
        .join(CommissionMember, CommissionMember.person_id == Person.id)
        .where(CommissionMember.commission_id == commission_id, own, is_member(), since)
        .order_by(Person.sort_key, Person.id)
    )
    return list(dict.fromkeys(work.session.scalars(query)))


def seats_of_person(work: Work) -> list[UUID]:
    """The actor's own seats in the body's commissions."""
    return list(
        work.session.scalars(
            select(CommissionMember.id).where(
                CommissionMember.person_id == work.actor.person_id,
                CommissionMember.body_id == work.actor.body_id,
                holds(),
            )
        )
    )
