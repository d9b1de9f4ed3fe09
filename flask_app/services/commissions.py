"""Commissions and their members: forming one, and every change of who sits there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from flask_app.domain.errors import AlreadyThere, InvalidInput, NotFound, NotPermitted, Refused, Rule
from flask_app.domain.workflows.commission import FORMED, WORKFLOW
from flask_app.services import audit
from flask_app.services.office import Work
from flask_app.store.models.commissions import Attendance, Commission, CommissionMember, Meeting
from flask_app.store.models.documents import Document
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition
from flask_app.store.rule_packs import shipped_packs

ROLE_ORDER = ("chair", "deputy_chair", "member", "secretary")
SINGLE = ("chair", "secretary")
"""Places that one person holds at a time."""

MIN_VOTERS = 2
"""The chair and at least one more member: a majority of one is no vote."""

PROTOCOL = "D16"
SITTING_OPEN = ("interviewing", "voting")
UNSIGNED = ("decided", "no_winner", "repeat_decision", "closed")
"""The sitting is over; until its protocol is in force, whoever signs it is still wanted."""


@dataclass(frozen=True, slots=True)
class NewMember:
    """`votes` is False for a secretary without a vote (the rule pack says which)."""

    person_id: UUID
    role: str
    post: Mapping[str, str]
    votes: bool


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

    Raises `InvalidInput` when it has no chair, no secretary, or two of one of them, or a person twice; `NotFound` for a
    person of another body; `NotPermitted`.
    """
    require_keeping(work, "form_commission")
    for role in SINGLE:
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
        work.add(_seat(commission, member))
    after = {"members": len(members), "happened_on": formed_on, "evidence": basis}
    audit.record(work, "commission.formed", "commission", commission.id, after=after)
    return commission.id


def _seat(commission: Commission, member: NewMember, began: Change | None = None) -> CommissionMember:
    return CommissionMember(
        commission_id=commission.id,
        person_id=member.person_id,
        role=member.role,
        votes=member.votes,
        post=dict(member.post),
        seated_on=None if began is None else began.day,
        seated_basis="" if began is None else began.basis,
    )


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
    """Members in the order papers print them: chair, deputy, members, secretary.

    Those who hold a seat now; of a sitting, those who were its members when it was opened, there or absent.
    """
    rows = work.session.scalars(
        select(CommissionMember).where(
            CommissionMember.commission_id == commission_id,
            CommissionMember.body_id == work.actor.body_id,
            holds() if meeting is None else sat_in(meeting.id),
        )
    ).all()
    return sorted(rows, key=lambda member: (ROLE_ORDER.index(member.role), str(member.id)))


def holds() -> ColumnElement[bool]:
    """Seats that have not ended."""
    return CommissionMember.ended_on.is_(None)


def sat_in(meeting_id: UUID) -> ColumnElement[bool]:
    """Seats that took part in the sitting, by its attendance: what changed afterwards does not touch it."""
    return CommissionMember.id.in_(select(Attendance.member_id).where(Attendance.meeting_id == meeting_id))


def is_complete(members: Sequence[Seat]) -> bool:
    """Whether these can sit: a chair who votes, a secretary, and a vote to take."""
    roles = [member.role for member in members]
    voting = [member.role for member in members if member.votes]
    return all(roles.count(role) == 1 for role in SINGLE) and "chair" in voting and len(voting) >= MIN_VOTERS


def changed_since(work: Work, commission_id: UUID, day: date) -> list[str]:
    """Names of those who joined or left after `day`: a sitting held then had other members than sit there now."""
    since = or_(CommissionMember.seated_on > day, CommissionMember.ended_on > day)
    query = (
        select(Person.name)
        .join(CommissionMember, CommissionMember.person_id == Person.id)
        .where(CommissionMember.commission_id == commission_id, CommissionMember.body_id == work.actor.body_id, since)
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


# -- changes of who sits there -----------------------------------------------------------------------------------------


def add_seat(work: Work, commission_id: UUID, new: NewMember, began: Change) -> UUID:
    """Somebody joins a commission that exists. A sitting that is open already goes on with those it was opened with.

    Raises `NotPermitted`, `NotFound` for another body's commission or person, `InvalidInput`: commission.place_taken,
    commission.seated_already, commission.day_before_forming, commission.day_before_end,
    commission.day_before_sitting; `Refused`:
    commission.secretary_votes, act.in_the_future.
    """
    require_keeping(work, "change_seats")
    commission = work.get(Commission, commission_id, lock=True)
    person = work.get(Person, new.person_id)
    seats = _all_seats(work, commission_id)
    held = [seat for seat in seats if seat.ended_on is None]
    if new.role in SINGLE and any(seat.role == new.role for seat in held):
        raise InvalidInput("commission.place_taken", role=new.role)
    if any(seat.person_id == new.person_id for seat in held):
        raise InvalidInput("commission.seated_already", name=person.name)
    check_secretary(work, commission.kinds, new)
    check_day(work, commission, began.day)
    _check_begin(seats, new, began.day)
    _check_no_sitting_since(work, seats, began.day)
    seat = _seat(commission, new, began)
    work.add(seat)
    work.session.flush()
    after = {"name": person.name, "role": new.role, "happened_on": began.day, "evidence": began.basis}
    audit.record(work, "commission.member_added", "commission", commission_id, after=after)
    return seat.id


def _check_begin(seats: Sequence[CommissionMember], new: NewMember, day: date) -> None:
    """Nobody sits twice on one day, and no place that one person holds is held by two."""
    single = new.role if new.role in SINGLE else ""
    before = [seat.ended_on for seat in seats if new.person_id == seat.person_id or single == seat.role]
    last = max((ended for ended in before if ended is not None), default=None)
    if last is not None and day < last:
        raise InvalidInput("commission.day_before_end", ended_on=last)


def _check_no_sitting_since(work: Work, seats: Sequence[CommissionMember], day: date) -> None:
    """Nobody becomes a member before a sitting whose protocol does not name them."""
    last = work.session.scalar(
        select(func.max(Meeting.held_on))
        .join(Attendance, Attendance.meeting_id == Meeting.id)
        .where(Attendance.member_id.in_([seat.id for seat in seats]))
    )
    if last is not None and day < last:
        raise InvalidInput("commission.day_before_sitting", held_on=last)


def check_secretary(work: Work, kinds: Sequence[str], new: NewMember) -> None:
    """Raises `Refused("commission.secretary_votes")` with the rule that gives the secretary no vote."""
    rule = secretary_rule(work, kinds) if new.role == "secretary" and new.votes else None
    if rule is not None:
        raise Refused("commission.secretary_votes", rule)


def check_day(work: Work, commission: Commission, day: date) -> None:
    """Raises `Refused("act.in_the_future")`, `InvalidInput("commission.day_before_forming")`."""
    if day > work.today:
        raise Refused("act.in_the_future", happened_on=day, today=work.today)
    if day < commission.formed_on:
        raise InvalidInput("commission.day_before_forming", formed_on=commission.formed_on)


def end_seat(work: Work, commission_id: UUID, member_id: UUID, ended: Change) -> None:
    """Somebody leaves. The seat stays for the sittings it took part in; its rights end at once.

    Raises `NotPermitted`, `NotFound`, `AlreadyThere("commission.seat_ended")`, `Refused`: commission.in_sitting (a
    sitting is not over until its protocol is signed), act.in_the_future; `InvalidInput`: commission.day_before_forming,
    commission.day_before_seat, commission.day_before_sitting.
    """
    require_keeping(work, "change_seats")
    commission = work.get(Commission, commission_id, lock=True)
    seat = seat_of(work, commission_id, member_id, lock=True)
    name = work.get(Person, seat.person_id).name
    if seat.ended_on is not None:
        raise AlreadyThere("commission.seat_ended", name=name, ended_on=seat.ended_on)
    still_sits = against_leaving(work, member_id, name)
    if still_sits is not None:
        raise still_sits
    _check_end(work, commission, seat, ended.day)
    seat.ended_on, seat.ended_basis = ended.day, ended.basis
    work.session.flush()
    after = {"name": name, "role": seat.role, "happened_on": ended.day, "evidence": ended.basis}
    audit.record(work, "commission.member_left", "commission", commission_id, after=after)


def _check_end(work: Work, commission: Commission, seat: CommissionMember, day: date) -> None:
    check_day(work, commission, day)
    if seat.seated_on is not None and day < seat.seated_on:
        raise InvalidInput("commission.day_before_seat", seated_on=seat.seated_on)
    last = work.session.scalar(
        select(func.max(Meeting.held_on))
        .join(Attendance, Attendance.meeting_id == Meeting.id)
        .where(Attendance.member_id == seat.id)
    )
    if last is not None and day < last:
        raise InvalidInput("commission.day_before_sitting", held_on=last)


def seat_of(work: Work, commission_id: UUID, member_id: UUID, *, lock: bool = False) -> CommissionMember:
    """A seat of this very commission. Raises `NotFound`."""
    seat = work.get(CommissionMember, member_id, lock=lock)
    if seat.commission_id != commission_id:
        raise NotFound("object.unknown", type="CommissionMember")
    return seat


def _all_seats(work: Work, commission_id: UUID) -> list[CommissionMember]:
    own = CommissionMember.body_id == work.actor.body_id
    query = select(CommissionMember).where(CommissionMember.commission_id == commission_id, own)
    return list(work.session.scalars(query))


def against_leaving(work: Work, member_id: UUID, name: str) -> Refused | None:
    """Why this seat cannot end now: the page that asks for the day says it beforehand."""
    unfinished = unfinished_sittings(work, member_id)
    if not unfinished:
        return None
    return Refused("commission.in_sitting", name=name, numbers=", ".join(unfinished), n=len(unfinished))


def unfinished_sittings(work: Work, member_id: UUID) -> list[str]:
    """Numbers of the competitions whose sitting this seat belongs to and which is not over."""
    signed = (
        select(Document.id)
        .where(
            Document.subject_type == "competition",
            Document.subject_id == Competition.id,
            Document.kind == PROTOCOL,
            Document.state.in_(("in_force", "archived")),
        )
        .exists()
    )
    going_on = or_(Competition.state.in_(SITTING_OPEN), and_(Competition.state.in_(UNSIGNED), ~signed))
    return list(
        work.session.scalars(
            select(Competition.code)
            .join(Meeting, Meeting.competition_id == Competition.id)
            .join(Attendance, Attendance.meeting_id == Meeting.id)
            .where(Attendance.member_id == member_id, Competition.body_id == work.actor.body_id, going_on)
            .order_by(Competition.code)
        )
    )
