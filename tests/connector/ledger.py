"""The operation ledger for tests: the semantics of the port in SQLite, so that it outlives a killed process."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from flask_app.domain.errors import VersionConflict

_SCHEMA = """
CREATE TABLE IF NOT EXISTS operations (
    opkey TEXT PRIMARY KEY, function TEXT NOT NULL, request_hash TEXT NOT NULL, state TEXT NOT NULL, result TEXT
);
CREATE TABLE IF NOT EXISTS pushed (kind TEXT, idnumber TEXT, mark TEXT NOT NULL, PRIMARY KEY (kind, idnumber));
"""


class SqliteLedger:
    """`path` None = in memory. Every method commits by itself."""

    def __init__(self, path: Path | None = None) -> None:
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def begin(self, opkey: str, function: str, request_hash: str) -> Mapping[str, object] | None:
        assert 0 < len(opkey) <= 64
        row = self._db.execute("SELECT * FROM operations WHERE opkey = ?", (opkey,)).fetchone()
        if row is None:
            self._db.execute("INSERT INTO operations VALUES (?, ?, ?, 'begun', NULL)", (opkey, function, request_hash))
            return None
        if (row[1], row[2]) != (function, request_hash):
            raise VersionConflict("sync.opkey", opkey=opkey)
        if row[3] == "done":
            return cast(Mapping[str, object], json.loads(row[4]))
        self._db.execute("UPDATE operations SET state = 'begun' WHERE opkey = ?", (opkey,))
        return None

    def done(self, opkey: str, result: Mapping[str, object]) -> None:
        self._db.execute(
            "UPDATE operations SET state = 'done', result = ? WHERE opkey = ?", (json.dumps(result), opkey)
        )

    def failed(self, opkey: str, errorcode: str) -> None:
        assert errorcode
        self._db.execute("UPDATE operations SET state = 'failed', result = ? WHERE opkey = ?", (errorcode, opkey))

    def pushed(self, kind: str, idnumbers: Sequence[str]) -> Mapping[str, str]:
        rows = self._db.execute("SELECT idnumber, mark FROM pushed WHERE kind = ?", (kind,))
        wanted = set(idnumbers)
        return {idnumber: mark for idnumber, mark in rows if idnumber in wanted}

    def note_pushed(self, kind: str, hashes: Mapping[str, str]) -> None:
        assert all(len(mark) <= 64 for mark in hashes.values())
        rows = [(kind, idnumber, mark) for idnumber, mark in hashes.items()]
        self._db.executemany("INSERT OR REPLACE INTO pushed VALUES (?, ?, ?)", rows)

    def states(self) -> dict[str, str]:
        """Operation key → begun, done or failed."""
        return dict(self._db.execute("SELECT opkey, state FROM operations"))
