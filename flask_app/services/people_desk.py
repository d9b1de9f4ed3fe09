"""The people of the administrator's own body, as its pages show and change them.

Every act is the administrator's, by name, in the body's log. Whatever happens at once, the body keeps somebody who may
do all this: the last administrator who can log in is neither disabled nor left without the role.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import InvalidInput, NotFound, NotPermitted, Refused
from flask_app.domain.identity import ADMINISTRATOR, ROLES
from flask_app.domain.names import sort_key
from flask_app.domain.workflows.user import KEPT, WORKFLOW
from flask_app.services import accounts
from flask_app.services.accounts import NewAccount
from flask_app.services.bodies import check_role
from flask_app.services.listing import Slice, slice_of
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.store.models.commissions import Commission, CommissionMember
from flask_app.store.models.organisation import RoleGrant, User
from flask_app.store.models.people import Person


@dataclass(frozen=True, slots=True)
class UserRow:
    """Somebody who logs in. `locked_until`: at the body's clock, None where nothing is locked; `me`: the reader."""

    id: UUID
    login: str
    name: str
    language: str
    roles: tuple[str, ...]
    disabled: bool
    locked_until: datetime | None
    me: bool


@dataclass(frozen=True, slots=True)
class UserPage:
    """One user. `seats`: the commissions they sit on, which give rights of their own; `last`: the last administrator
    who can log in.
    """

    row: UserRow
    seats: tuple[Commission, ...]
    last: bool


@dataclass(frozen=True, slots=True)
class Known:
    """A person the body knows by name who does not log in: a member of a commission."""

    person_id: UUID
    name: str


def require_keeping(work: Work, action: str) -> None:
    """`action`: view, add_user, change_user. Raises `NotPermitted`."""
    if not WORKFLOW.permits(action, KEPT, work.actor.roles):
        raise NotPermitted("workflow.action_not_permitted", action=action, state=KEPT, workflow=WORKFLOW.id)


# -- looking -----------------------------------------------------------------------------------------------------------


def people(work: Work, page: int) -> Slice[UserRow]:
    """Those who log in, by the alphabet; whoever is disabled comes last. Raises `NotPermitted`."""
    require_keeping(work, "view")
    users = work.session.scalars(select(User).where(User.body_id == work.actor.body_id)).all()
    held = _roles(work)
    rows = sorted(users, key=lambda user: (user.disabled, sort_key(user.name), user.login))
    found = slice_of(rows, page)
    return Slice(tuple(_row(work, user, held.get(user.id, set())) for user in found.rows), found.total, found.page)


def _roles(work: Work) -> dict[UUID, set[str]]:
    held: dict[UUID, set[str]] = {}
    grants = select(RoleGrant.user_id, RoleGrant.role).where(RoleGrant.body_id == work.actor.body_id)
    for user_id, role in work.session.execute(grants):
        held.setdefault(user_id, set()).add(role)
    return held


def _row(work: Work, user: User, held: set[str]) -> UserRow:
    locked = user.locked_until if user.locked_until is not None and user.locked_until > work.now else None
    return UserRow(
        user.id,
        user.login,
        user.name,
        user.language,
        tuple(role for role in ROLES if role in held),
        user.disabled,
        None if locked is None else local_time(work).at(locked),
        user.id == work.actor.user_id,
    )


def one(work: Work, user_id: UUID) -> UserPage:
    """Raises `NotFound` for another body's user, and for everybody who may not look."""
    user = _seen(work, user_id)
    seats = work.session.scalars(
        select(Commission)
        .join(CommissionMember, CommissionMember.commission_id == Commission.id)
        .where(CommissionMember.person_id == user.person_id, CommissionMember.ended_on.is_(None))
        .order_by(Commission.formed_on.desc(), Commission.id)
    ).all()
    administrators = _administrators(work)
    held = _roles(work).get(user.id, set())
    return UserPage(_row(work, user, held), tuple(seats), administrators == [user.id])


def _seen(work: Work, user_id: UUID, *, lock: bool = False) -> User:
    if not WORKFLOW.permits("view", KEPT, work.actor.roles):
        raise NotFound("object.unknown", type="User")
    return work.get(User, user_id, lock=lock)


def known_people(work: Work) -> tuple[Known, ...]:
    """Members of commissions who do not log in yet, by the alphabet."""
    rows = work.session.execute(
        select(Person.id, Person.name)
        .where(
            Person.body_id == work.actor.body_id,
            Person.id.in_(select(CommissionMember.person_id).where(CommissionMember.ended_on.is_(None))),
            Person.id.not_in(select(User.person_id).where(User.person_id.is_not(None))),
        )
        .order_by(Person.sort_key, Person.id)
    )
    return tuple(Known(id_, name) for id_, name in rows)


# -- acts --------------------------------------------------------------------------------------------------------------


def add(work: Work, wanted: NewAccount, password: str, person_id: UUID | None) -> UUID:
    """Raises `InvalidInput`: user.login_shape, user.name_shape, user.role_unknown, user.exists, user.exists_alike,
    user.person_taken, user.password_short, user.password_long; `NotFound` for another body's person; `NotPermitted`.
    """
    require_keeping(work, "add_user")
    accounts.check_login(wanted.login)
    accounts.check_name(wanted.name)
    if person_id is not None:
        work.get(Person, person_id, lock=True)
        if work.session.scalar(select(User.id).where(User.person_id == person_id)) is not None:
            raise InvalidInput("user.person_taken", name=wanted.name)
    return accounts.add(work, wanted, password, person_id)


def correct_name(work: Work, user_id: UUID, name: str) -> None:
    """Raises `NotFound`, `InvalidInput`: user.name_shape, user.name_same."""
    accounts.correct_name(work, _changed(work, user_id), name)


def change_roles(work: Work, user_id: UUID, give: Sequence[str], take: Sequence[str]) -> None:
    """Roles given and taken in one act; what is so already is left as it is.

    Raises `NotFound`, `InvalidInput("user.role_unknown")`, `Refused("account.last_administrator")`.
    """
    user = _changed(work, user_id)
    for role in (*give, *take):
        check_role(role)
    held = _roles(work).get(user.id, set())
    for role in (role for role in give if role not in held):
        accounts.give_role(work, user, role)
    for role in (role for role in take if role in held):
        accounts.take_role(work, user, role)
    _keep_an_administrator(work)


def switch(work: Work, user_id: UUID, *, disabled: bool) -> None:
    """Raises `NotFound`, `Refused`: account.own_account, account.last_administrator; `AlreadyThere`."""
    user = _changed(work, user_id)
    if disabled and user.id == work.actor.user_id:
        raise Refused("account.own_account")
    accounts.switch(work, user, disabled=disabled)
    _keep_an_administrator(work)


def give_password(work: Work, user_id: UUID, password: str) -> User:
    """Raises `NotFound`, `InvalidInput`: user.password_short, user.password_long."""
    user = _changed(work, user_id)
    accounts.give_password(work, user, password)
    return user


def lift_lock(work: Work, user_id: UUID) -> None:
    """Raises `NotFound`, `AlreadyThere("account.not_locked")`."""
    accounts.lift_lock(work, _changed(work, user_id))


def _changed(work: Work, user_id: UUID) -> User:
    """The user's row, locked; the administrators' first: of two acts at once the second counts what the first left."""
    _seen(work, user_id)
    require_keeping(work, "change_user")
    work.session.execute(
        select(RoleGrant.id)
        .where(RoleGrant.role == ADMINISTRATOR, RoleGrant.body_id == work.actor.body_id)
        .order_by(RoleGrant.id)
        .with_for_update()
    )
    if work.actor.user_id not in _administrators(work):  # taken away while this act waited
        raise NotPermitted("workflow.action_not_permitted", action="change_user", state="", workflow="user")
    return _seen(work, user_id, lock=True)


def _administrators(work: Work) -> list[UUID]:
    """Those who hold the role and can log in."""
    return list(
        work.session.scalars(
            select(User.id)
            .join(RoleGrant, RoleGrant.user_id == User.id)
            .where(RoleGrant.role == ADMINISTRATOR, RoleGrant.body_id == work.actor.body_id, User.disabled.is_(False))
        )
    )


def _keep_an_administrator(work: Work) -> None:
    work.session.flush()
    if not _administrators(work):
        raise Refused("account.last_administrator")
