"""The body's standing commissions as their pages show them: who sits there, who has left, what they are busy with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Integer, ScalarSelect, cast, func, select, union

from flask_app.domain.errors import NotFound
from flask_app.domain.names import fold_name, sort_key
from flask_app.domain.substitution import SUBSTITUTE, can_have_substitute
from flask_app.domain.workflows.commission import FORMED, WORKFLOW
from flask_app.services.commission_seats import seat_of, substitute_for
from flask_app.services.commissions import ROLE_ORDER, SINGLE, holds, is_complete, is_member
from flask_app.services.listing import Slice, read_page
from flask_app.services.office import Work
from flask_app.services.visibility import roles_at, seats_of
from flask_app.store.models.commissions import Commission, CommissionMember
from flask_app.store.models.organisation import User
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition

OVER = ("appointed", "cancelled", "closed", "archived")
"""Competitions that want nothing more of their commission."""

COMPETITIONS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class CommissionRow:
    """A commission in the list. `members`: no substitutes; `votes`: those with one; `busy`: competitions under way."""

    id: UUID
    name: Mapping[str, str]
    kinds: tuple[str, ...]
    formed_on: date
    basis: str
    members: int
    votes: int
    busy: int


@dataclass(frozen=True, slots=True)
class SeatLine:
    """A seat. `since` and `by`: from when, by which paper; of a seat that ended, `until` and `ended_by` too.
    `in_place_of`: of a substitute, the member's seat and name.
    """

    id: UUID
    person_id: UUID
    name: str
    login: str
    role: str
    votes: bool
    post: Mapping[str, str]
    since: date
    by: str
    until: date | None
    ended_by: str
    in_place_of: tuple[UUID, str] | None


@dataclass(frozen=True, slots=True)
class BusyWith:
    """A competition under way that the commission is entrusted with."""

    id: UUID
    code: str
    title: Mapping[str, str]
    state: str


@dataclass(frozen=True, slots=True)
class CommissionPage:
    """`held`: members, each followed by the substitute; `left`: seats that ended, the last one first; `replaceable`:
    members who may have a substitute and have none; `missing`: places that nobody holds and somebody must; `complete`:
    whether those who hold seats can sit and vote; `busy` the newest competitions under way, of `busy_total`.
    """

    commission: Commission
    held: tuple[SeatLine, ...]
    left: tuple[SeatLine, ...]
    replaceable: tuple[SeatLine, ...]
    missing: tuple[str, ...]
    complete: bool
    busy: tuple[BusyWith, ...]
    busy_total: int
    may_change: bool

    @property
    def votes(self) -> int:
        """Members with a vote: a substitute's is the member's."""
        return sum(seat.votes for seat in self.held if seat.in_place_of is None)


@dataclass(frozen=True, slots=True)
class Choosable:
    """Somebody who can be given a seat: logs in (`login`), or is known by name from a commission."""

    person_id: UUID
    name: str
    login: str


# -- the list ----------------------------------------------------------------------------------------------------------


def commissions(work: Work, page: int) -> Slice[CommissionRow]:
    """Those the actor may see, the newest first: all of the body's by a role, else those the actor sits on."""
    query = (
        select(Commission.id, Commission.name, Commission.kinds, Commission.formed_on, Commission.basis)
        .add_columns(_seats(func.count()).label("members"), _seats(_sum_of_votes()).label("votes"))
        .add_columns(_busy().label("busy"))
        .where(_visible(work))
        .order_by(Commission.formed_on.desc(), Commission.id)
    )
    rows, total, page = read_page(work.session, query, page)
    return Slice(
        tuple(
            CommissionRow(r.id, r.name, tuple(r.kinds), r.formed_on, r.basis, r.members, r.votes or 0, r.busy)
            for r in rows
        ),
        total,
        page,
    )


def _visible(work: Work) -> ColumnElement[bool]:
    own = Commission.body_id == work.actor.body_id
    if WORKFLOW.permits("view", FORMED, work.actor.roles):
        return own
    return own & Commission.id.in_(list(seats_of(work).commissions))


def _sum_of_votes() -> Any:
    return func.sum(cast(CommissionMember.votes, Integer))


def _seats(what: Any) -> ScalarSelect[Any]:
    return (
        select(what)
        .select_from(CommissionMember)
        .where(CommissionMember.commission_id == Commission.id, holds(), is_member())
        .correlate(Commission)
        .scalar_subquery()
    )


def _busy() -> ScalarSelect[Any]:
    return (
        select(func.count())
        .select_from(Competition)
        .where(Competition.commission_id == Commission.id, Competition.state.not_in(OVER))
        .correlate(Commission)
        .scalar_subquery()
    )


def may_form(work: Work) -> bool:
    return WORKFLOW.permits("form_commission", FORMED, work.actor.roles)


# -- one commission ----------------------------------------------------------------------------------------------------


def commission_page(work: Work, commission_id: UUID) -> CommissionPage:
    """Raises `NotFound` for another body's commission, and for whoever may not see it."""
    commission = seen(work, commission_id)
    seats = _lines(work, commission)
    held = tuple(seat for seat in seats if seat.until is None)
    ended = (seat for seat in seats if seat.until is not None)
    left = sorted(ended, key=lambda seat: seat.until or date.min, reverse=True)
    busy, total = _competitions(work, commission_id)
    return CommissionPage(
        commission,
        held,
        tuple(left),
        _replaceable(held),
        tuple(role for role in SINGLE if role not in {seat.role for seat in held}),
        is_complete(held),
        busy,
        total,
        WORKFLOW.permits("change_seats", FORMED, work.actor.roles),
    )


def seen(work: Work, commission_id: UUID) -> Commission:
    """Raises `NotFound`."""
    commission = work.get(Commission, commission_id)
    if not WORKFLOW.permits("view", FORMED, roles_at(work, seats_of(work), commission_id)):
        raise NotFound("object.unknown", type="Commission")
    return commission


def _lines(work: Work, commission: Commission) -> list[SeatLine]:
    rows = work.session.execute(
        select(CommissionMember, Person, User.login)
        .join(Person, Person.id == CommissionMember.person_id)
        .outerjoin(User, User.person_id == Person.id)
        .where(CommissionMember.commission_id == commission.id, CommissionMember.body_id == work.actor.body_id)
    ).all()
    places = {row[0].id: (ROLE_ORDER.index(row[0].role), row[1].sort_key, str(row[0].id)) for row in rows}
    names = {row[0].id: row[1].name for row in rows}
    ordered = sorted(rows, key=lambda row: (places[row[0].in_place_of_id or row[0].id], row[0].role == SUBSTITUTE))
    lines = {}
    for seat, person, login in ordered:
        member = None if seat.in_place_of_id is None else (seat.in_place_of_id, names[seat.in_place_of_id])
        lines[seat.id] = _line(commission, seat, person, login or "", member)
    return list(lines.values())


def _replaceable(held: tuple[SeatLine, ...]) -> tuple[SeatLine, ...]:
    replaced = {seat.in_place_of[0] for seat in held if seat.in_place_of is not None}
    free = (seat for seat in held if seat.id not in replaced)
    return tuple(seat for seat in free if can_have_substitute(seat.role, votes=seat.votes))


def _line(
    commission: Commission,
    seat: CommissionMember,
    person: Person,
    login: str = "",
    in_place_of: tuple[UUID, str] | None = None,
) -> SeatLine:
    return SeatLine(
        seat.id,
        person.id,
        person.name,
        login,
        seat.role,
        seat.votes,
        seat.post,
        seat.seated_on or commission.formed_on,
        seat.seated_basis or commission.basis,
        seat.ended_on,
        seat.ended_basis,
        in_place_of,
    )


def seat_line(work: Work, commission: Commission, member_id: UUID) -> SeatLine:
    """Raises `NotFound` for a seat of another commission."""
    seat = seat_of(work, commission.id, member_id)
    member = None if seat.in_place_of_id is None else work.get(CommissionMember, seat.in_place_of_id)
    in_place_of = None if member is None else (member.id, work.get(Person, member.person_id).name)
    return _line(commission, seat, work.get(Person, seat.person_id), in_place_of=in_place_of)


def substitute_name(work: Work, member_id: UUID) -> str:
    """The substitute who leaves with this member; empty where there is none."""
    substitute = substitute_for(work, member_id)
    return "" if substitute is None else work.get(Person, substitute.person_id).name


def _competitions(work: Work, commission_id: UUID) -> tuple[tuple[BusyWith, ...], int]:
    """The page tells a handful; all of them are in the list of procedures."""
    rows = work.session.execute(
        select(Competition.id, Competition.code, Competition.title, Competition.state, func.count().over())
        .where(
            Competition.body_id == work.actor.body_id,
            Competition.commission_id == commission_id,
            Competition.state.not_in(OVER),
        )
        .order_by(Competition.created_at.desc())
        .limit(COMPETITIONS_SHOWN)
    ).all()
    return tuple(BusyWith(*row[:4]) for row in rows), rows[0][4] if rows else 0


# -- people to choose from ---------------------------------------------------------------------------------------------


def choosable(work: Work) -> tuple[Choosable, ...]:
    """Everybody who logs in, and whoever sits or has sat on a commission of the body; by the alphabet."""
    own = work.actor.body_id
    # Asked as one set: with "or", the database looks at every applicant there ever was.
    known_to_us: CompoundSelect[Any] = union(
        select(User.person_id).where(User.body_id == own, User.disabled.is_(False), User.person_id.is_not(None)),
        select(CommissionMember.person_id).where(CommissionMember.body_id == own),
    )
    rows = work.session.execute(
        select(Person.id, Person.name, User.login)
        .outerjoin(User, (User.person_id == Person.id) & User.disabled.is_(False))
        .where(Person.body_id == own, Person.id.in_(known_to_us))
    )
    known = {id_: Choosable(id_, name, login or "") for id_, name, login in rows}
    return tuple(sorted(known.values(), key=lambda one: (sort_key(one.name), one.login)))


def namesake(people: tuple[Choosable, ...], name: str) -> Choosable | None:
    """Somebody of the list whose name is the same but for case, spaces and ё."""
    wanted = fold_name(name)
    return next((one for one in people if fold_name(one.name) == wanted), None)
