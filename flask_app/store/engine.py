"""The database as the rest sees it: an address, an engine with limits, a session factory."""

from __future__ import annotations

import contextlib
import json
import select
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import psycopg
import sqlalchemy
from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from flask_app.settings import Settings
from flask_app.store.embedded import EmbeddedPostgres

STATEMENT_LIMIT = timedelta(seconds=30)
LOCK_LIMIT = timedelta(seconds=5)
IDLE_LIMIT = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Addresses of one database: `app` for rows, `owner` for its schema (the same role on a simple installation)."""

    app: str = field(repr=False)
    owner: str = field(repr=False)

    @property
    def app_role(self) -> str:
        """Name of the application's database role."""
        return make_url(self.app).username or ""


@contextlib.contextmanager
def open_database(settings: Settings) -> Iterator[DatabaseAddress]:
    """The database of these settings, for the time of the block; the embedded one is started or attached to.

    Raises `EmbeddedError` when the embedded one does not start. A given address is not tried here.
    """
    if settings.database_url is not None:
        app = with_driver(settings.database_url.get_secret_value())
        owner = settings.database_owner_url
        yield DatabaseAddress(app, with_driver(owner.get_secret_value()) if owner else app)
        return
    with EmbeddedPostgres(settings.postgres_dir) as server:
        yield DatabaseAddress(server.url("app"), server.url("owner"))


def with_driver(url: str) -> str:
    """`postgresql://…` (as libpq writes it) with the driver that is installed: psycopg 3."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def conninfo(url: str, application: str) -> str:
    """The same address as libpq's `key=value` string, for what speaks psycopg without SQLAlchemy."""
    parsed = make_url(url)
    parts: dict[str, Any] = {**parsed.translate_connect_args(username="user", database="dbname"), **parsed.query}
    return make_conninfo("", **parts, application_name=application, options="-c timezone=UTC")


def create_engine(
    url: str,
    *,
    application: str = "kyzmat",
    pool_size: int = 5,
    statement_limit: timedelta = STATEMENT_LIMIT,
    lock_limit: timedelta = LOCK_LIMIT,
) -> Engine:
    """An engine on `url` whose sessions speak UTC and wait for nothing endlessly.

    A connection that died with a restarted server is replaced before it is used.
    """
    limits = {
        "timezone": "UTC",
        "statement_timeout": _milliseconds(statement_limit),
        "lock_timeout": _milliseconds(lock_limit),
        "idle_in_transaction_session_timeout": _milliseconds(IDLE_LIMIT),
    }
    engine = sqlalchemy.create_engine(
        with_driver(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        json_deserializer=_from_json,
        hide_parameters=True,  # an error's text goes into logs; the values of a statement name people
        connect_args={
            "application_name": application,
            "connect_timeout": 10,
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        },
    )
    _ask_rested_connections(engine)
    return engine


RESTED = 0.5
"""Seconds after which a connection is asked whether it still lives before it is used."""
_BACK_AT = "kyzmat.back_at"


def _ask_rested_connections(engine: Engine) -> None:
    """SQLAlchemy's own `pool_pre_ping` asks before every use: one round trip in four of a small page.

    A server that ends a connection says so, and what it said waits to be read: this is seen without asking. What
    vanished without a word (a cable, a firewall) is found by asking those that have rested.
    """

    @event.listens_for(engine, "checkin")
    def note(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info[_BACK_AT] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        back_at = record.info.get(_BACK_AT)
        if back_at is None:
            return
        rested = time.monotonic() - back_at >= RESTED
        if (rested or _has_something_to_say(connection)) and not _lives(engine, connection):
            raise InvalidatePoolError  # the pool begins anew and gives a fresh one


def _has_something_to_say(connection: DBAPIConnection) -> bool:
    waiting = select.poll()
    try:
        waiting.register(cast(psycopg.Connection, connection).fileno(), select.POLLIN)
    except psycopg.Error:  # closed
        return True
    return bool(waiting.poll(0))


def _lives(engine: Engine, connection: DBAPIConnection) -> bool:
    try:
        return engine.dialect.do_ping(connection)
    except psycopg.Error:
        return False


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions of one use case each: nothing is written before a flush, one commit, objects readable after it."""
    return sessionmaker(engine, expire_on_commit=False, autoflush=True)


_decode = json.JSONDecoder().decode


def _from_json(data: bytes | str) -> Any:
    """The database sends UTF-8: `json.loads` would look for the encoding of each of hundreds of small values."""
    return _decode(data.decode() if isinstance(data, bytes) else data)


def _milliseconds(length: timedelta) -> str:
    return str(round(length.total_seconds() * 1000))
