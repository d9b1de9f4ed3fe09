"""Databases of an earlier revision, with single rows in them; what these point to is not there, nothing checks it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from flask_app.store import migrate
from flask_app.store.embedded import EmbeddedPostgres
from tests.conftest import Database

BODY = uuid4()
STARTS = "2026-05-01T10:00:00Z"
PLAIN = {
    "uuid": uuid4(),
    "jsonb": "{}",
    "integer": 1,
    "boolean": False,
    "date": "2026-01-01",
    "bigint": 1,
    "numeric": 1,
}
COLUMNS = """SELECT column_name, data_type FROM information_schema.columns
WHERE table_name = %s AND is_nullable = 'NO' AND column_default IS NULL"""


@contextmanager
def at_revision(cluster: EmbeddedPostgres, name: str, revision: str) -> Iterator[Database]:
    """A database of this name and revision, gone again after the block."""
    database = Database(cluster, name)
    cluster.create_database(database.name)
    try:
        migrate.upgrade(database.url("owner"), revision=revision)
        yield database
    finally:
        cluster.drop_database(database.name)


def run(database: Database, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """What the statement finds; without keys and triggers."""
    with database.server.admin(database.name) as connection:
        connection.execute("SET session_replication_role = replica")
        found = connection.execute(statement, values)
        return found.fetchall() if found.description else []


def fill(database: Database, table: str, **given: object) -> None:
    """A row with what is given, and something in every other column that wants a value."""
    wanted = {"body_id": BODY, **given}
    for name, kind in run(database, COLUMNS, table):
        wanted.setdefault(name, uuid4() if name == "id" else PLAIN.get(kind, STARTS if "timestamp" in kind else ""))
    names, places = ", ".join(wanted), ", ".join(["%s"] * len(wanted))
    run(database, f"INSERT INTO {table} ({names}) VALUES ({places})", *wanted.values())  # our own names
