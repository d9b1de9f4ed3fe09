"""Bodies, users and their roles: what must exist before anything else can be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from argon2 import PasswordHasher
from sqlalchemy import select, text

from flask_app.domain.errors import InvalidInput, NotFound, NotPermitted
from flask_app.domain.identity import ADMINISTRATOR, ROLES, Actor, fold_login
from flask_app.domain.names import fold_name, sort_key
from flask_app.services import audit
from flask_app.services.office import Office, Work
from flask_app.services.own_rows import EVERY_BODY
from flask_app.store.models.organisation import Body, RoleGrant, User
from flask_app.store.models.people import Person

MIN_PASSWORD = 12
LONGEST_PASSWORD = 1000
"""What the log-in takes; a longer one could be set and never used."""


@dataclass(frozen=True, slots=True)
class BodyProfile:
    """What papers take from the body: names, address and place in the languages of its jurisdiction."""

    code: str
    jurisdiction: str
    name: Mapping[str, str]
    address: Mapping[str, str]
    place: Mapping[str, str]
    time_zone: str


def system_actor(body_id: UUID) -> Actor:
    """The installation itself, acting from the command line: sets up bodies and users, nothing more."""
    return Actor(UUID(int=0), "system", body_id, frozenset({ADMINISTRATOR}))


def find_body(office: Office, code: str) -> UUID | None:
    with office.sessions() as session:
        return session.scalar(select(Body.id).where(Body.code == code))


def create_body(office: Office, profile: BodyProfile) -> UUID:
    """Set up a body. Raises `InvalidInput("body.exists")` when its code is taken."""
    if find_body(office, profile.code) is not None:
        raise InvalidInput("body.exists", body=profile.code)
    body_id = office.ids.new()
    with office.work(system_actor(body_id)) as work:
        work.session.add(
            Body(
                id=body_id,
                code=profile.code,
                jurisdiction=profile.jurisdiction,
                name=dict(profile.name),
                address=dict(profile.address),
                place=dict(profile.place),
                time_zone=profile.time_zone,
            )
        )
        work.session.flush()
        audit.record(work, "body.created", "body", body_id, after={"code": profile.code})
    return body_id


def add_person(work: Work, name: str, *, language: str = "ky") -> Person:
    """A person known by name only (a member, a servant); candidates come with their application."""
    person = Person(name=name, sort_key=sort_key(name), folded_name=fold_name(name), language=language)
    work.add(person)
    work.session.flush()
    return person


def add_user(
    work: Work, login: str, name: str, password: str, roles: Iterable[str], *, person_id: UUID | None = None
) -> UUID:
    """A user of the actor's body. Only an administrator may.

    Raises `InvalidInput`: user.exists, user.exists_alike, user.password_short, user.password_long, user.role_unknown.
    """
    wanted = list(roles)
    if ADMINISTRATOR not in work.actor.roles:
        raise NotPermitted("workflow.action_not_permitted", action="add_user", state="", workflow="user")
    check_password(password)
    for role in wanted:
        check_role(role)
    _one_at_a_time(work, login)
    taken = select(User.login).where(User.login_folded == fold_login(login)).execution_options(**{EVERY_BODY: True})
    known = work.session.scalar(taken)
    if known is not None:
        raise login_taken(login, known)
    user = User(login=login, name=name, password_hash=hash_password(password), person_id=person_id)
    work.add(user)
    work.session.flush()
    for role in wanted:
        work.add(RoleGrant(user_id=user.id, role=role))
    audit.record(work, "user.created", "user_account", user.id, after={"login": login, "roles": wanted})
    return user.id


def login_taken(login: str, known: str) -> InvalidInput:
    """The refusal of a login that somebody has, or that differs from one (`known`) only as letters are written."""
    if known == login:
        return InvalidInput("user.exists", login=login)
    return InvalidInput("user.exists_alike", login=login, known=known)


def _one_at_a_time(work: Work, login: str) -> None:
    """Of two that are given one login at once, the second waits here and is then told that it is taken."""
    work.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"user_account:{fold_login(login)}"}
    )


def check_password(password: str) -> None:
    """Raises `InvalidInput`: user.password_short, user.password_long."""
    if len(password) < MIN_PASSWORD:
        raise InvalidInput("user.password_short", least=MIN_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise InvalidInput("user.password_long", most=LONGEST_PASSWORD)


def check_role(role: str) -> None:
    """Raises `InvalidInput("user.role_unknown")`, with the roles there are."""
    if role not in ROLES:
        raise InvalidInput("user.role_unknown", role=role, roles=", ".join(ROLES))


def hash_password(password: str) -> str:
    """argon2id, with the parameters the log-in uses."""
    return PasswordHasher().hash(password)


def actor_of(office: Office, login: str) -> Actor:
    """The actor a user is at work. Raises `NotFound` for an unknown or disabled user."""
    with office.sessions() as session:
        user = session.scalar(select(User).where(User.login_folded == fold_login(login), User.disabled.is_(False)))
        if user is None:
            raise NotFound("user.unknown", login=login)
        roles = session.scalars(select(RoleGrant.role).where(RoleGrant.user_id == user.id)).all()
        return Actor(user.id, user.login, user.body_id, frozenset(roles), user.person_id)
