"""The people of an installation, kept by its operator from the command line: who logs in, as what, and no longer.

Each act is recorded in the log of the user's own body, under the login `system`: the installation itself. An act that
takes something away ends the user's sessions at once; roles are read anew for every page and need no end of sessions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select

from flask_app.domain.errors import AlreadyThere, InvalidInput, NotFound
from flask_app.domain.identity import ROLES
from flask_app.services import audit
from flask_app.services.bodies import (
    add_person,
    add_user,
    check_password,
    check_role,
    find_body,
    hash_password,
    system_actor,
)
from flask_app.services.office import Office, Work
from flask_app.store.models.organisation import Body, RoleGrant, User, WebSession

LONGEST = 200
"""Signs of a login and of a name."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who logs in, as the operator sees them. `body`: its code; `roles`: those in the whole body."""

    login: str
    name: str
    body_id: UUID
    body: str
    language: str
    roles: tuple[str, ...]
    disabled: bool


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Somebody to be added. `body`: a code; empty where the installation has one body only."""

    login: str
    name: str
    body: str
    roles: tuple[str, ...]
    language: str


# -- looking -----------------------------------------------------------------------------------------------------------


def accounts(office: Office) -> tuple[Account, ...]:
    """Everybody of every body, by body and login."""
    with office.sessions() as session:
        granted: dict[UUID, set[str]] = {}
        for user_id, role in session.execute(select(RoleGrant.user_id, RoleGrant.role)):
            granted.setdefault(user_id, set()).add(role)
        rows = session.execute(
            select(User, Body.code).join(Body, Body.id == User.body_id).order_by(Body.code, User.login)
        )
        return tuple(_account(user, code, granted.get(user.id, set())) for user, code in rows)


def _account(user: User, code: str, granted: set[str]) -> Account:
    roles = tuple(role for role in ROLES if role in granted)
    return Account(user.login, user.name, user.body_id, code, user.language, roles, user.disabled)


def account(office: Office, login: str) -> Account:
    """Raises `NotFound("account.nobody")`."""
    found = next((one for one in accounts(office) if one.login == login), None)
    if found is None:
        raise NotFound("account.nobody", login=login)
    return found


# -- adding ------------------------------------------------------------------------------------------------------------


def check_new(office: Office, wanted: NewAccount) -> UUID:
    """Whether `wanted` can be added, before anybody thinks of a password; returns the body.

    Raises `InvalidInput`: user.login_shape, user.name_shape, user.role_unknown, user.exists, body.unknown, body.none,
    body.which.
    """
    if not _is_login(wanted.login):
        raise InvalidInput("user.login_shape", login=wanted.login, most=LONGEST)
    if not wanted.name.strip() or not wanted.name.isprintable() or len(wanted.name) > LONGEST:
        raise InvalidInput("user.name_shape", most=LONGEST)
    for role in wanted.roles:
        check_role(role)
    body_id = _body_of(office, wanted.body)
    if any(one.login == wanted.login for one in accounts(office)):
        raise InvalidInput("user.exists", login=wanted.login)
    return body_id


def _is_login(login: str) -> bool:
    return 0 < len(login) <= LONGEST and login.isprintable() and not any(sign.isspace() for sign in login)


def _body_of(office: Office, code: str) -> UUID:
    with office.sessions() as session:
        known: Sequence[str] = session.scalars(select(Body.code).order_by(Body.code)).all()
    if not known:
        raise InvalidInput("body.none")
    if not code and len(known) > 1:
        raise InvalidInput("body.which", known=", ".join(known))
    found = find_body(office, code or known[0])
    if found is None:
        raise InvalidInput("body.unknown", body=code, known=", ".join(known))
    return found


def add_account(office: Office, wanted: NewAccount, password: str) -> None:
    """Add a user, with a person behind: only a person can be given a seat on a commission.

    Raises as `check_new`, and `InvalidInput`: user.password_short, user.password_long.
    """
    body_id = check_new(office, wanted)
    check_password(password)
    with office.work(system_actor(body_id)) as work:
        name = " ".join(wanted.name.split())
        person = add_person(work, name, language=wanted.language)
        roles = dict.fromkeys(wanted.roles)
        user_id = add_user(work, wanted.login, name, password, roles, person_id=person.id)
        work.get(User, user_id).language = wanted.language


# -- changing ----------------------------------------------------------------------------------------------------------


def set_password(office: Office, login: str, password: str) -> None:
    """A new password; a lock after wrong ones is lifted, and whoever is logged in under the old one is out.

    Raises `NotFound("account.nobody")`, `InvalidInput`: user.password_short, user.password_long.
    """
    known = account(office, login)
    check_password(password)
    with office.work(system_actor(known.body_id)) as work:
        user = _locked(work, login)
        user.password_hash = hash_password(password)
        user.failures, user.locked_until = 0, None
        _end_sessions(work, user)
        audit.record(work, "user.password_set", "user_account", user.id, after={"login": login})


def disable(office: Office, login: str) -> None:
    """The user is out at once and comes in no more; what they did stays under their name.

    Raises `NotFound("account.nobody")`, `AlreadyThere("account.disabled")`.
    """
    _switch(office, login, disabled=True)


def enable(office: Office, login: str) -> None:
    """A disabled user may come in again. Raises `NotFound("account.nobody")`, `AlreadyThere("account.enabled")`."""
    _switch(office, login, disabled=False)


def _switch(office: Office, login: str, *, disabled: bool) -> None:
    known = account(office, login)
    with office.work(system_actor(known.body_id)) as work:
        user = _locked(work, login)
        if user.disabled == disabled:
            raise AlreadyThere("account.disabled" if disabled else "account.enabled", login=login)
        user.disabled = disabled
        if disabled:
            _end_sessions(work, user)
        did = "user.disabled" if disabled else "user.enabled"
        audit.record(work, did, "user_account", user.id, after={"login": login})


def grant(office: Office, login: str, role: str) -> None:
    """Raises `NotFound("account.nobody")`, `InvalidInput("user.role_unknown")`, `AlreadyThere("account.role_held")`."""
    check_role(role)
    known = account(office, login)
    with office.work(system_actor(known.body_id)) as work:
        user = _locked(work, login)
        if _grant_of(work, user, role) is not None:
            raise AlreadyThere("account.role_held", login=login, role=role)
        work.add(RoleGrant(user_id=user.id, role=role))
        audit.record(work, "user.role_granted", "user_account", user.id, after={"login": login, "role": role})


def revoke(office: Office, login: str, role: str) -> None:
    """Raises as `grant`, and `AlreadyThere("account.role_missing")` where there is nothing to take away."""
    check_role(role)
    known = account(office, login)
    with office.work(system_actor(known.body_id)) as work:
        user = _locked(work, login)
        held = _grant_of(work, user, role)
        if held is None:
            raise AlreadyThere("account.role_missing", login=login, role=role)
        work.session.delete(held)
        audit.record(work, "user.role_revoked", "user_account", user.id, {"login": login, "role": role})


def _locked(work: Work, login: str) -> User:
    """The user's row, locked: of two acts at once the second sees what the first did."""
    return work.session.scalars(select(User).where(User.login == login).with_for_update()).one()


def _grant_of(work: Work, user: User, role: str) -> RoleGrant | None:
    return work.session.scalar(select(RoleGrant).where(RoleGrant.user_id == user.id, RoleGrant.role == role))


def _end_sessions(work: Work, user: User) -> None:
    work.session.execute(delete(WebSession).where(WebSession.user_id == user.id))
