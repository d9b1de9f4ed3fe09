"""The database as the rest sees it: an address, an engine with limits, a session factory."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy
from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from flask_app.settings import Settings
from flask_app.store import lent
from flask_app.store.embedded import EmbeddedPostgres

STATEMENT_LIMIT = timedelta(seconds=30)
LOCK_LIMIT = timedelta(seconds=5)
IDLE_LIMIT = timedelta(minutes=2)
PAGE_COST = "1.1"
"""What a row anywhere in a table costs beside the next one (PostgreSQL: `random_page_cost`).

PostgreSQL's own 4 is for disks that turn, and has whole tables read where a few rows would do. The data of an office
are in memory, or on a disk without moving parts: lists of a large body take half the time (docs/performance.md).
"""


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
    """An engine on `url` whose sessions speak UTC, wait for nothing endlessly and look rows up one by one.

    A connection that died with a restarted server is replaced before it is used.
    """
    settings = {
        "timezone": "UTC",
        "statement_timeout": _milliseconds(statement_limit),
        "lock_timeout": _milliseconds(lock_limit),
        "idle_in_transaction_session_timeout": _milliseconds(IDLE_LIMIT),
        "random_page_cost": PAGE_COST,
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
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        },
    )
    lent.watch(engine)
    return engine


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions of one use case each: nothing is written before a flush, one commit, objects readable after it."""
    return sessionmaker(engine, expire_on_commit=False, autoflush=True)


_decode = json.JSONDecoder().decode


def _from_json(data: bytes | str) -> Any:
    """The database sends UTF-8: `json.loads` would look for the encoding of each of hundreds of small values."""
    return _decode(data.decode() if isinstance(data, bytes) else data)


def _milliseconds(length: timedelta) -> str:
    return str(round(length.total_seconds() * 1000))
