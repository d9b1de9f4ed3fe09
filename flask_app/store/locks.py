"""Locks that live as long as the process that holds them: killed with it, freed with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session


@contextmanager
def exclusive(sessions: Callable[[], Session], key: str) -> Iterator[bool]:
    """Try to be the only one with `key` for the length of the block; yields whether it worked.

    A PostgreSQL advisory lock on a connection of its own, so that kill -9 of the holder frees it.
    """
    with sessions() as session:
        engine = session.get_bind()
    assert isinstance(engine, Engine)
    with engine.connect() as connection:
        got = bool(connection.scalar(text("SELECT pg_try_advisory_lock(hashtextextended(:key, 0))"), {"key": key}))
        connection.commit()
        try:
            yield got
        finally:
            if got:
                connection.execute(text("SELECT pg_advisory_unlock(hashtextextended(:key, 0))"), {"key": key})
                connection.commit()
