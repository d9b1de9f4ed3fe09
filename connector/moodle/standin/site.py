"""The site as a whole: its file, its clock, its address, its service user."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass

from connector.moodle.standin.call import Call
from connector.moodle.standin.database import Database, read_settings

SERVICE_USERNAME = "kyzmat-service"


@dataclass(frozen=True, slots=True)
class Site:
    """What every request needs. `wwwroot` has no slash at its end."""

    database: Database
    wwwroot: str

    def settings(self) -> dict[str, str]:
        with self.database.reading() as db:
            return read_settings(db)

    def call(self, db: sqlite3.Connection, user: sqlite3.Row, settings: Mapping[str, str] | None = None) -> Call:
        known = read_settings(db) if settings is None else settings
        return Call(db, now(known), user, known, self.wwwroot)


def now(settings: Mapping[str, str]) -> int:
    """The site's clock in epoch seconds; a test may have moved it."""
    return int(time.time()) + int(settings.get("clockoffset", "0"))


def service_user(db: sqlite3.Connection) -> sqlite3.Row:
    """The account the panel's token belongs to; it cannot log in."""
    db.execute(
        "INSERT OR IGNORE INTO users (idnumber, username, firstname, lastname, email, lang, password, suspended,"
        " service, timemodified) VALUES (?1, ?1, 'Kyzmat', 'Service', '', 'en', '', 0, 1, 0)",
        (SERVICE_USERNAME,),
    )
    row: sqlite3.Row = db.execute("SELECT * FROM users WHERE username = ?", (SERVICE_USERNAME,)).fetchone()
    return row


def service_token(database: Database, wanted: str) -> str:
    """The panel's token: the one asked for, else the one of the file, else a new one."""
    with database.writing() as db:
        user = service_user(db)
        row = db.execute("SELECT token FROM tokens WHERE userid = ?", (user["id"],)).fetchone()
        token = wanted or (row["token"] if row is not None else secrets.token_hex(16))
        db.execute("DELETE FROM tokens WHERE userid = ?", (user["id"],))
        db.execute("INSERT INTO tokens VALUES (?, ?)", (token, user["id"]))
    return token


def user_of_token(db: sqlite3.Connection, token: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute(
        "SELECT u.* FROM tokens t JOIN users u ON u.id = t.userid WHERE t.token = ? AND u.suspended = 0", (token,)
    ).fetchone()
    return row
