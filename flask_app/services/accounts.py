"""The people of an installation: who logs in, as what, and no longer.

Its operator keeps them from the command line, by login and for every body; each act is then recorded in the log of the
user's own body under the login `system`: the installation itself. An administrator keeps those of the own body on pages
(`people_desk`), through the acts on a user that stand here too, recorded under the administrator's name. An act that
takes something away ends the user's sessions at once; roles are read anew for every page and need no end of sessions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select

from flask_app.domain.errors import AlreadyThere, InvalidInput, NotFound
from flask_app.domain.identity import ROLES, fold_login
from flask_app.domain.names import fold_name, sort_key
from flask_app.services import audit
from flask_app.services.bodies import (
    add_person,
    add_user,
    check_password,
    check_role,
    find_body,
    hash_password,
    login_taken,
    system_actor,
)
from flask_app.services.office import Office, Work
from flask_app.store.models.organisation import Body, RoleGrant, User, WebSession
from flask_app.store.models.people import Person

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
    """By the login, in whatever case it is typed. Raises `NotFound("account.nobody")`."""
    found = _known(office, login)
    if found is None:
        raise NotFound("account.nobody", login=login)
    return found


def _known(office: Office, login: str) -> Account | None:
    folded = fold_login(login)
    return next((one for one in accounts(office) if fold_login(one.login) == folded), None)


# -- adding ------------------------------------------------------------------------------------------------------------


def check_new(office: Office, wanted: NewAccount) -> UUID:
    """Whether `wanted` can be added, before anybody thinks of a password; returns the body.

    Raises `InvalidInput`: user.login_shape, user.name_shape, user.role_unknown, user.exists, user.exists_alike,
    body.unknown, body.none, body.which.
    """
    check_login(wanted.login)
    check_name(wanted.name)
    for role in wanted.roles:
        check_role(role)
    body_id = _body_of(office, wanted.body)
    known = _known(office, wanted.login)
    if known is not None:
        raise login_taken(wanted.login, known.login)
    return body_id


def check_login(login: str) -> None:
    """Raises `InvalidInput("user.login_shape")`."""
    if not all(_fits(form) for form in (login, fold_login(login))):
        raise InvalidInput("user.login_shape", login=login, most=LONGEST)


def _fits(login: str) -> bool:
    return 0 < len(login) <= LONGEST and login.isprintable() and not any(sign.isspace() for sign in login)


def check_name(name: str) -> None:
    """Raises `InvalidInput("user.name_shape")`."""
    if not name.strip() or not name.isprintable() or len(name) > LONGEST:
        raise InvalidInput("user.name_shape", most=LONGEST)


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
        add(work, wanted, password)


def add(work: Work, wanted: NewAccount, password: str, person_id: UUID | None = None) -> UUID:
    """A user of the actor's body. `person_id`: who it is, where the body knows the person already.

    Raises `InvalidInput`: user.exists, user.exists_alike, user.password_short, user.password_long, user.role_unknown;
    `NotPermitted`.
    """
    name = " ".join(wanted.name.split())
    person = person_id or add_person(work, name, language=wanted.language).id
    user_id = add_user(work, wanted.login, name, password, dict.fromkeys(wanted.roles), person_id=person)
    work.get(User, user_id).language = wanted.language
    return user_id


# -- changing, by login ------------------------------------------------------------------------------------------------


def set_password(office: Office, login: str, password: str) -> None:
    """A new password; a lock after wrong ones is lifted, and whoever is logged in under the old one is out.

    Raises `NotFound("account.nobody")`, `InvalidInput`: user.password_short, user.password_long.
    """
    check_password(password)
    with _user(office, login) as (work, user):
        give_password(work, user, password)


def disable(office: Office, login: str) -> None:
    """The user is out at once and comes in no more; what they did stays under their name.

    Raises `NotFound("account.nobody")`, `AlreadyThere("account.disabled")`.
    """
    with _user(office, login) as (work, user):
        switch(work, user, disabled=True)


def enable(office: Office, login: str) -> None:
    """A disabled user may come in again. Raises `NotFound("account.nobody")`, `AlreadyThere("account.enabled")`."""
    with _user(office, login) as (work, user):
        switch(work, user, disabled=False)


def grant(office: Office, login: str, role: str) -> None:
    """Raises `NotFound("account.nobody")`, `InvalidInput("user.role_unknown")`, `AlreadyThere("account.role_held")`."""
    check_role(role)
    with _user(office, login) as (work, user):
        give_role(work, user, role)


def revoke(office: Office, login: str, role: str) -> None:
    """Raises as `grant`, and `AlreadyThere("account.role_missing")` where there is nothing to take away."""
    check_role(role)
    with _user(office, login) as (work, user):
        take_role(work, user, role)


@contextmanager
def _user(office: Office, login: str) -> Iterator[tuple[Work, User]]:
    """The user's row, in the name of the installation."""
    known = account(office, login)
    with office.work(system_actor(known.body_id)) as work:
        # Locked: of two acts at once the second sees what the first did.
        yield work, work.session.scalars(select(User).where(User.login == known.login).with_for_update()).one()


# -- changing a user whose row is locked -------------------------------------------------------------------------------


def correct_name(work: Work, user: User, name: str) -> None:
    """The name as it is right (a typing error, a marriage): of the user, and of the person behind.

    What was signed or numbered keeps the name it was made with: papers are frozen with their facts. The log says that
    the name was corrected, not which: nobody can erase a name from there.

    Raises `InvalidInput`: user.name_shape, user.name_same.
    """
    check_name(name)
    name = " ".join(name.split())
    if name == user.name:
        raise InvalidInput("user.name_same", name=name)
    user.name = name
    if user.person_id is not None:
        person = work.get(Person, user.person_id, lock=True)
        person.name, person.sort_key, person.folded_name = name, sort_key(name), fold_name(name)
    audit.record(work, "user.name_corrected", "user_account", user.id, after={"login": user.login})


def give_password(work: Work, user: User, password: str) -> None:
    """Raises `InvalidInput`: user.password_short, user.password_long."""
    check_password(password)
    user.password_hash = hash_password(password)
    user.failures, user.locked_until = 0, None
    _end_sessions(work, user)
    audit.record(work, "user.password_set", "user_account", user.id, after={"login": user.login})


def lift_lock(work: Work, user: User) -> None:
    """Whoever typed a wrong password too often may try again at once. Raises `AlreadyThere("account.not_locked")`."""
    if user.locked_until is None or user.locked_until <= work.now:
        raise AlreadyThere("account.not_locked", login=user.login)
    before = {"login": user.login, "failures": user.failures, "locked_until": user.locked_until}
    user.failures, user.locked_until = 0, None
    audit.record(work, "user.lock_lifted", "user_account", user.id, before, {"login": user.login})


def switch(work: Work, user: User, *, disabled: bool) -> None:
    """Raises `AlreadyThere`: account.disabled, account.enabled."""
    if user.disabled == disabled:
        raise AlreadyThere("account.disabled" if disabled else "account.enabled", login=user.login)
    user.disabled = disabled
    if disabled:
        _end_sessions(work, user)
    did = "user.disabled" if disabled else "user.enabled"
    audit.record(work, did, "user_account", user.id, after={"login": user.login})


def give_role(work: Work, user: User, role: str) -> None:
    """Raises `AlreadyThere("account.role_held")`."""
    if _grant_of(work, user, role) is not None:
        raise AlreadyThere("account.role_held", login=user.login, role=role)
    work.add(RoleGrant(user_id=user.id, role=role))
    audit.record(work, "user.role_granted", "user_account", user.id, after={"login": user.login, "role": role})


def take_role(work: Work, user: User, role: str) -> None:
    """Raises `AlreadyThere("account.role_missing")`."""
    held = _grant_of(work, user, role)
    if held is None:
        raise AlreadyThere("account.role_missing", login=user.login, role=role)
    work.session.delete(held)
    audit.record(work, "user.role_revoked", "user_account", user.id, {"login": user.login, "role": role})


def _grant_of(work: Work, user: User, role: str) -> RoleGrant | None:
    return work.session.scalar(select(RoleGrant).where(RoleGrant.user_id == user.id, RoleGrant.role == role))


def _end_sessions(work: Work, user: User) -> None:
    work.session.execute(delete(WebSession).where(WebSession.user_id == user.id))
