"""Failures of logins nobody has: locked out like an account, so that a lock tells nobody which logins exist.

They stand in the database, where all processes of the panel see them, under a keyed hash: what people type into the
field is now and then their password. Only so many are kept, so that a list of made-up logins fills no disk.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from flask_app.services.office import Office
from flask_app.store.models.organisation import UnknownLogin

KEPT: Final = 10_000
"""The newest ones."""

LockAfter = Callable[[int, datetime], datetime | None]
"""Failures in a row and the moment → until when the login is locked."""


def locked_until(office: Office, login: str) -> datetime | None:
    with office.sessions() as session:
        return session.scalar(select(UnknownLogin.locked_until).where(UnknownLogin.login_hash == _hash(office, login)))


def count_failure(office: Office, login: str, now: datetime, lock_after: LockAfter) -> None:
    """One more failure. Many at once are all counted: the row is locked from the first statement on."""
    key = _hash(office, login)
    counted = (
        insert(UnknownLogin)
        .values(login_hash=key, failures=1, last_at=now)
        .on_conflict_do_update(
            index_elements=[UnknownLogin.login_hash],
            set_={"failures": UnknownLogin.failures + 1, "last_at": now},
        )
        .returning(UnknownLogin.failures)
    )
    surplus = select(UnknownLogin.login_hash).order_by(UnknownLogin.last_at.desc()).offset(KEPT)
    with office.sessions() as session, session.begin():
        failures = session.scalars(counted).one()
        until = lock_after(failures, now)
        if until is not None:
            session.execute(update(UnknownLogin).where(UnknownLogin.login_hash == key).values(locked_until=until))
        session.execute(delete(UnknownLogin).where(UnknownLogin.login_hash.in_(surplus)))


def _hash(office: Office, login: str) -> str:
    return office.sealer.index(f"unknown login {login}")
