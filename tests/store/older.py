"""Databases of an earlier revision, with single rows in them; what these point to is not there, nothing checks it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_app.store import migrate
from flask_app.store.embedded import EmbeddedPostgres
from tests.conftest import Database


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
