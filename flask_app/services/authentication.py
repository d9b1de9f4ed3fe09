"""Log-in: argon2id, sessions in the database, lock-out, one answer for everything that is wrong.

The cookie carries a random secret; the database keeps only its hash, so that a copy of the database opens no session.
Every log-in begins a new session, with a new secret: an identifier planted before log-in is worth nothing after it.

An unknown login costs the same work and gives the same answers as a known one, the lock-out included
(`unknown_logins`).
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Engine, Row, bindparam, delete, select, update
from sqlalchemy.orm import Session

from flask_app.domain.errors import InvalidInput, Refused
from flask_app.domain.identity import Actor, fold_login
from flask_app.messages import LANGUAGES, Language
from flask_app.services import audit, unknown_logins
from flask_app.services.bodies import LONGEST_PASSWORD
from flask_app.services.office import Office
from flask_app.store.models.organisation import Body, RoleGrant, User, WebSession

FREE_FAILURES = 5
"""Wrong passwords in a row before an account is locked."""

FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=1)

HASHES_AT_ONCE = 2
"""One argon2id check takes 64 MiB; more of them wait, so that a flood of log-ins does not eat the memory."""

WAIT_FOR_HASH = 10.0
"""Seconds a log-in waits for its turn before it is told to come again."""

SEEN_EVERY = timedelta(minutes=1)
"""How often a session notes that it is in use: a page that is read writes nothing."""


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """`idle`: a session unused for so long ends; `length`: it ends after so long in any case."""

    idle: timedelta
    length: timedelta


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is behind a request: the actor, how to address them, and the secret their forms must repeat."""

    actor: Actor
    name: str
    language: str
    body_name: dict[str, str]
    zone: ZoneInfo
    csrf: str = field(repr=False)


def lock_after(failures: int, now: datetime) -> datetime | None:
    """Until when an account is locked after so many failures in a row: 1, 2, 4 … minutes, at most an hour."""
    if failures < FREE_FAILURES:
        return None
    return now + min(FIRST_LOCK * (1 << min(failures - FREE_FAILURES, 10)), LONGEST_LOCK)


class Authentication:
    """The door of the panel; one per process."""

    def __init__(self, office: Office, limits: SessionLimits, hasher: PasswordHasher | None = None) -> None:
        self._office = office
        self._limits = limits
        self._hasher = hasher or PasswordHasher()
        self._turns = threading.BoundedSemaphore(HASHES_AT_ONCE)
        self._dummy_guard = threading.Lock()
        self._dummy = ""

    # -- log-in ------------------------------------------------------------------------------------------------------

    def log_in(self, login: str, password: str, request_id: str, language: str = "") -> str:
        """Begin a session; returns the secret for the cookie. `language`: one chosen on the way, kept with the user.

        The case in which the login is typed does not matter.

        Raises `InvalidInput("account.wrong")` for an unknown login and for a wrong password alike,
        `Refused("account.locked")` with the minutes `n` and `until`, `Refused("account.busy")` when too many log in at
        this moment.
        """
        login = fold_login(login.strip())
        now = self._office.clock.now()
        with self._office.sessions() as session:
            user = None if _unwritable(login) else session.scalar(select(User).where(User.login_folded == login))
        locked = user.locked_until if user else unknown_logins.locked_until(self._office, login)
        if locked is not None and locked > now:
            raise _locked(locked, now)
        right = self._is_right(user.password_hash if user else self._dummy_hash(), password)
        if user is None:
            unknown_logins.count_failure(self._office, login, now, lock_after)
            raise InvalidInput("account.wrong")
        return self._settle(user, right and not user.disabled, password, request_id, language)

    def _is_right(self, hashed: str, password: str) -> bool:
        with self._turn():
            try:
                return self._hasher.verify(hashed, password[:LONGEST_PASSWORD]) and len(password) <= LONGEST_PASSWORD
            except (VerificationError, InvalidHashError):
                return False

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=WAIT_FOR_HASH):
            raise Refused("account.busy")
        try:
            yield
        finally:
            self._turns.release()

    def _dummy_hash(self) -> str:
        """A hash of nothing anybody knows, made by the same parameters as real ones; made once."""
        with self._dummy_guard:
            if not self._dummy:
                self._dummy = self._hasher.hash(secrets.token_urlsafe(16))
            return self._dummy

    def _settle(self, user: User, right: bool, password: str, request_id: str, language: str) -> str:
        """Decide under a lock on the account: of many guesses at once none slips past the lock-out."""
        actor = Actor(user.id, user.login, user.body_id, frozenset(), user.person_id)
        secret, refusal = "", None
        with self._office.work(actor, request_id) as work:
            account = work.get(User, user.id, lock=True)
            if account.locked_until is not None and account.locked_until > work.now:
                refusal = _locked(account.locked_until, work.now)
            elif right:
                account.failures, account.locked_until = 0, None
                account.language = language or account.language
                secret = _begin_session(work.session, account.id, work.now, self._limits)
                audit.record(work, "account.logged_in", "user_account", account.id)
            else:
                account.failures += 1
                account.locked_until = lock_after(account.failures, work.now)
                audit.record(
                    work,
                    "account.log_in_failed",
                    "user_account",
                    account.id,
                    after={"failures": account.failures, "locked_until": account.locked_until},
                )
        if refusal is not None:
            raise refusal
        if not secret:
            raise InvalidInput("account.wrong")
        self._renew_hash(user, password)
        return secret

    def _renew_hash(self, user: User, password: str) -> None:
        """A hash made with weaker parameters than today's is replaced while the password is at hand."""
        if self._hasher.check_needs_rehash(user.password_hash):
            with self._turn():
                renewed = self._hasher.hash(password)
            with self._office.sessions() as session, session.begin():
                session.execute(update(User).where(User.id == user.id).values(password_hash=renewed))

    # -- sessions ----------------------------------------------------------------------------------------------------

    def recognise(self, secret: str) -> SignedIn | None:
        """Who holds this secret; None for an unknown, ended or expired session and for a disabled user."""
        if not secret:
            return None
        now = self._office.clock.now()
        hashed = token_hash(secret)
        found = self._asked_of(hashed)
        if not found or not self._is_alive(found[0].created_at, found[0].last_seen_at, now):
            return None
        first = found[0]
        if now - first.last_seen_at >= SEEN_EVERY:
            with self._office.sessions() as session, session.begin():
                session.execute(update(WebSession).where(WebSession.token_hash == hashed).values(last_seen_at=now))
        roles = frozenset(row.role for row in found if row.role is not None)
        actor = Actor(first.id, first.login, first.body_id, roles, first.person_id)
        return SignedIn(
            actor, first.name, first.language, dict(first.body_name), ZoneInfo(first.time_zone), first.csrf_secret
        )

    def _asked_of(self, hashed: str) -> Sequence[Row[Any]]:
        """One statement, asked on every page: without a transaction around it, which would be two more round trips."""
        with self._office.sessions() as session:
            bind = session.get_bind()
        assert isinstance(bind, Engine)
        with bind.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            return connection.execute(_WHOSE, {"hashed": hashed}).all()

    def _is_alive(self, begun: datetime, seen: datetime, now: datetime) -> bool:
        return now - seen < self._limits.idle and now - begun < self._limits.length

    def log_out(self, secret: str, actor: Actor, request_id: str) -> None:
        """End the session; the secret opens nothing from now on."""
        with self._office.work(actor, request_id) as work:
            work.session.execute(delete(WebSession).where(WebSession.token_hash == token_hash(secret)))
            audit.record(work, "account.logged_out", "user_account", actor.user_id)

    def choose_language(self, user_id: UUID, language: Language) -> None:
        """Keep the language a person reads in."""
        assert language in LANGUAGES
        with self._office.sessions() as session, session.begin():
            session.execute(update(User).where(User.id == user_id).values(language=language))

    # -- guests ------------------------------------------------------------------------------------------------------

    def guest_token(self, guest: str) -> str:
        """What a form must repeat before log-in: a keyed hash of the guest's own cookie, which nobody can make up."""
        return self._office.sealer.index(f"guest form {guest}")


def _locked(until: datetime, now: datetime) -> Refused:
    """Told in minutes from now: before log-in nobody knows by whose clock a person lives."""
    return Refused("account.locked", n=-(-(until - now) // timedelta(minutes=1)), until=until)


def token_hash(secret: str) -> str:
    """What the database keeps of a session's secret. The secret is 256 random bits: a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _unwritable(login: str) -> bool:
    """Whether the text cannot be a login: the database takes no NUL, and no account has an endless name."""
    return not login.isprintable() or len(login) > LONGEST_PASSWORD


def _begin_session(session: Session, user_id: UUID, now: datetime, limits: SessionLimits) -> str:
    """A new session with a new secret; the user's expired ones are swept on the way."""
    session.execute(
        delete(WebSession).where(
            WebSession.user_id == user_id,
            (WebSession.created_at <= now - limits.length) | (WebSession.last_seen_at <= now - limits.idle),
        )
    )
    secret = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            token_hash=token_hash(secret),
            user_id=user_id,
            created_at=now,
            last_seen_at=now,
            csrf_secret=secrets.token_urlsafe(32),
        )
    )
    return secret


_WHOSE = (
    select(
        WebSession.created_at,
        WebSession.last_seen_at,
        WebSession.csrf_secret,
        User.id,
        User.login,
        User.name,
        User.language,
        User.body_id,
        User.person_id,
        Body.name.label("body_name"),
        Body.time_zone,
        RoleGrant.role,
    )
    .join(User, User.id == WebSession.user_id)
    .join(Body, Body.id == User.body_id)
    .outerjoin(RoleGrant, RoleGrant.user_id == User.id)
    .where(User.disabled.is_(False), WebSession.token_hash == bindparam("hashed"))
)
"""Every page begins with it: one statement, made once."""
