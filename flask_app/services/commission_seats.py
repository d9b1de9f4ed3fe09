"""Every change of who sits on a commission: somebody joins, somebody leaves, each on a day and by a paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from flask_app.domain.errors import AlreadyThere, InvalidInput, NotFound, Refused
from flask_app.services import audit
from flask_app.services.commissions import (
    SINGLE,
    Change,
    NewMember,
    check_substitute,
    require_keeping,
    seat_for,
    secretary_rule,
)
from flask_app.services.office import Work
from flask_app.store.models.commissions import Attendance, Commission, CommissionMember, Meeting
from flask_app.store.models.documents import Document
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition

PROTOCOL = "D16"
SITTING_OPEN = ("interviewing", "voting")
UNSIGNED = ("decided", "no_winner", "repeat_decision", "closed")
"""The sitting is over; until its protocol is in force, whoever signs it is still wanted."""


def add_seat(work: Work, commission_id: UUID, new: NewMember, began: Change) -> UUID:
    """Somebody joins a commission that exists. A sitting that is open already goes on with those it was opened with.

    Raises `NotPermitted`, `NotFound` for another body's commission or person, `InvalidInput`: commission.place_taken,
    commission.seated_already, commission.day_before_forming, commission.day_before_end,
    commission.day_before_sitting, commission.day_before_member, and as `check_substitute`; `Refused`:
    commission.secretary_votes, act.in_the_future.
    """
    require_keeping(work, "change_seats")
    commission = work.get(Commission, commission_id, lock=True)
    person = work.get(Person, new.person_id)
    seats = _all_seats(work, commission_id)
    held = {seat.person_id: seat for seat in seats if seat.ended_on is None}
    if new.role in SINGLE and any(seat.role == new.role for seat in held.values()):
        raise InvalidInput("commission.place_taken", role=new.role)
    if new.person_id in held:
        raise InvalidInput("commission.seated_already", name=person.name)
    check_secretary(work, commission.kinds, new)
    replaced = _replaced(work, new, held)
    check_day(work, commission, began.day)
    _check_begin(seats, new, replaced, began.day)
    if replaced is None:
        _check_no_sitting_since(work, seats, began.day)
    seat = seat_for(commission, new, replaced, began)
    work.add(seat)
    work.session.flush()
    after = {"name": person.name, "role": new.role, "happened_on": began.day, "evidence": began.basis}
    audit.record(work, "commission.member_added", "commission", commission_id, after=after | _stands_in(work, replaced))
    return seat.id


def _replaced(work: Work, new: NewMember, held: Mapping[UUID, CommissionMember]) -> CommissionMember | None:
    """The seat a substitute is to stand in for."""
    by_seat = {seat.id: seat.person_id for seat in held.values()}
    taken = {by_seat[seat.in_place_of_id] for seat in held.values() if seat.in_place_of_id is not None}
    check_substitute(work, new, held, taken)
    return None if new.in_place_of is None else held[new.in_place_of]


def _stands_in(work: Work, replaced: CommissionMember | None) -> dict[str, str]:
    """What the log adds for a substitute."""
    return {} if replaced is None else {"in_place_of": work.get(Person, replaced.person_id).name}


def _check_begin(
    seats: Sequence[CommissionMember], new: NewMember, replaced: CommissionMember | None, day: date
) -> None:
    """Nobody sits twice on one day, no place that one person holds is held by two, no member has two substitutes, and
    nobody stands in for somebody who is no member yet.
    """
    single = new.role if new.role in SINGLE else ""
    same = [seat for seat in seats if new.person_id == seat.person_id or single == seat.role]
    if replaced is not None:
        same += [seat for seat in seats if seat.in_place_of_id == replaced.id]
    last = max((seat.ended_on for seat in same if seat.ended_on is not None), default=None)
    if last is not None and day < last:
        raise InvalidInput("commission.day_before_end", ended_on=last)
    if replaced is not None and replaced.seated_on is not None and day < replaced.seated_on:
        raise InvalidInput("commission.day_before_member", seated_on=replaced.seated_on)


def _check_no_sitting_since(work: Work, seats: Sequence[CommissionMember], day: date) -> None:
    """Nobody becomes a member before a sitting whose protocol does not name them; a substitute need not have sat."""
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
    """Somebody leaves, and a substitute with the member. The seat stays for the sittings it took part in; its rights
    end at once.

    Raises `NotPermitted`, `NotFound`, `AlreadyThere("commission.seat_ended")`, `Refused`: commission.in_sitting (a
    sitting is not over until its protocol is signed), act.in_the_future; `InvalidInput`: commission.day_before_forming,
    commission.day_before_seat, commission.day_before_substitute, commission.day_before_sitting.
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
    substitute = substitute_for(work, seat.id)
    if substitute is not None:
        _check_end_of_substitute(work, substitute, ended.day)
        _end(work, substitute, ended)
    _end(work, seat, ended)


def _end(work: Work, seat: CommissionMember, ended: Change) -> None:
    seat.ended_on, seat.ended_basis = ended.day, ended.basis
    work.session.flush()
    name = work.get(Person, seat.person_id).name
    after = {"name": name, "role": seat.role, "happened_on": ended.day, "evidence": ended.basis}
    audit.record(work, "commission.member_left", "commission", seat.commission_id, after=after)


def substitute_for(work: Work, member_id: UUID) -> CommissionMember | None:
    """Who holds the seat that stands in for this one."""
    return work.session.scalar(
        select(CommissionMember).where(
            CommissionMember.in_place_of_id == member_id,
            CommissionMember.body_id == work.actor.body_id,
            CommissionMember.ended_on.is_(None),
        )
    )


def _check_end_of_substitute(work: Work, substitute: CommissionMember, day: date) -> None:
    """Every sitting of a substitute is one of the member's, judged already; but the substitute may have come later."""
    if substitute.seated_on is not None and day < substitute.seated_on:
        name = work.get(Person, substitute.person_id).name
        raise InvalidInput("commission.day_before_substitute", name=name, seated_on=substitute.seated_on)


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
