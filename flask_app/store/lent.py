"""Whether a connection of the pool still lives when it is lent again: looked at, and asked only where that may not do.

SQLAlchemy's own way asks the server each time (`pool_pre_ping`): one round trip more for every transaction, two for a
page. A server that ended a connection has said so on its socket, or closed it: there is something to read on a
connection that waits for nothing. Only one that was idle for long may have died unseen (a firewall forgets quietly).
"""

from __future__ import annotations

import select
from time import monotonic
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

ASKED_AFTER = 5.0
"""Seconds of rest after which a look at the socket is not enough."""

_BACK = "kyzmat.back_at"


def watch(engine: Engine) -> None:
    """From now on, a connection that died while it rested is replaced before it is lent, and all older ones with it."""

    def take_back(_connection: object, record: Any) -> None:
        record.info[_BACK] = monotonic()

    def lend(connection: psycopg.Connection, record: Any, _lent: object) -> None:
        back_at = record.info.get(_BACK)
        if back_at is None or not (monotonic() - back_at > ASKED_AFTER or _has_something_to_say(connection)):
            return
        try:
            engine.dialect.do_ping(connection)  # type: ignore[arg-type]  # SQLAlchemy's protocol of a connection
        except psycopg.Error as dead:
            raise InvalidatePoolError from dead

    event.listen(engine, "checkin", take_back)
    event.listen(engine, "checkout", lend)


def _has_something_to_say(connection: psycopg.Connection) -> bool:
    """Whether something has come, or the other end has hung up. One that is closed here has nothing to look at."""
    if connection.closed:
        return True
    place = connection.fileno()
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([place], [], [], 0)[0])
    looking = select.poll()
    looking.register(place, select.POLLIN)
    return bool(looking.poll(0))
