"""The stand-in's SQLite file: WAL, synchronous=FULL, one transaction per call, one writer at a time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

BUSY_SECONDS = 30


class Database:
    """One file; a connection for each thread. A reply is sent only after the commit that made it true."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._writing = threading.Lock()
        self._connection().executescript(resources.files(__package__).joinpath("schema.sql").read_text("utf-8"))

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA cache_size = -400")  # KiB per thread
            self._local.connection = connection
        return connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A snapshot: what is read inside belongs together."""
        connection = self._connection()
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it is on the disk afterwards, or nothing."""
        connection = self._connection()
        with self._writing:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def close(self) -> None:
        """Close this thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None


def next_change(db: sqlite3.Connection) -> int:
    """The next number of the change counter.

    Cursors run along it instead of along the clock: it is taken inside the single writer's transaction, so it grows
    in the order of commits, and neither two changes in one second nor a clock set back can hide a row.
    """
    row = db.execute("UPDATE counters SET value = value + 1 WHERE name = 'change' RETURNING value").fetchone()
    return int(row[0])


def read_settings(db: sqlite3.Connection) -> dict[str, str]:
    return {row["name"]: row["value"] for row in db.execute("SELECT name, value FROM settings")}


def write_setting(db: sqlite3.Connection, name: str, value: str) -> None:
    db.execute(
        "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value)
    )
