"""Looking things up by idnumber, many at a time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from typing import Any

from connector.moodle.standin.errors import MissingRecord, plugin_error


def course(db: sqlite3.Connection, idnumber: str) -> sqlite3.Row:
    return _one(db, "SELECT * FROM courses WHERE idnumber = ?", idnumber, "unknowncourse")


def bank(db: sqlite3.Connection, idnumber: str) -> sqlite3.Row:
    return _one(db, "SELECT * FROM banks WHERE idnumber = ?", idnumber, "unknownbank")


def quiz(db: sqlite3.Connection, idnumber: str) -> sqlite3.Row:
    return _one(db, "SELECT * FROM quizzes WHERE idnumber = ?", idnumber, "unknowntest")


def _one(db: sqlite3.Connection, query: str, idnumber: str, errorcode: str) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute(query, (idnumber,)).fetchone()
    if row is None:
        raise plugin_error(errorcode, idnumber)
    return row


def record(db: sqlite3.Connection, table: str, query: str, identity: int) -> sqlite3.Row:
    """A row by Moodle's own id; `table` is Moodle's name of it, for the error."""
    row: sqlite3.Row | None = db.execute(query, (identity,)).fetchone()
    if row is None:
        raise MissingRecord(table, f"id = {identity}")
    return row


def user_ids(db: sqlite3.Connection, idnumbers: Collection[str]) -> dict[str, int]:
    """The ids of those people who are known."""
    return _ids(db, "SELECT idnumber, id FROM users WHERE idnumber IN (SELECT value FROM json_each(?))", idnumbers)


def quiz_ids(db: sqlite3.Connection, idnumbers: Sequence[str]) -> dict[str, int]:
    """The ids of these tests. Raises unknowntest if one is not there; an empty list means every test."""
    return _all_of(
        db,
        idnumbers,
        "SELECT idnumber, id FROM quizzes WHERE ?1 = '[]' OR idnumber IN (SELECT value FROM json_each(?1))",
        "unknowntest",
    )


def course_ids(db: sqlite3.Connection, idnumbers: Sequence[str]) -> dict[str, int]:
    """The ids of these courses, as `quiz_ids`."""
    return _all_of(
        db,
        idnumbers,
        "SELECT idnumber, id FROM courses WHERE ?1 = '[]' OR idnumber IN (SELECT value FROM json_each(?1))",
        "unknowncourse",
    )


def _all_of(db: sqlite3.Connection, idnumbers: Sequence[str], query: str, errorcode: str) -> dict[str, int]:
    found = _ids(db, query, idnumbers)
    for idnumber in idnumbers:
        if idnumber not in found:
            raise plugin_error(errorcode, idnumber)
    return found


def _ids(db: sqlite3.Connection, query: str, idnumbers: Collection[str]) -> dict[str, int]:
    return {row["idnumber"]: row["id"] for row in db.execute(query, (json.dumps(list(idnumbers)),))}


def no_more_than(most: int, items: Sequence[Any], what: str) -> None:
    """Raises chunktoolarge."""
    if len(items) > most:
        raise plugin_error("chunktoolarge", f"{len(items)} {what}, at most {most}")


def add_module(db: sqlite3.Connection, courseid: int, modname: str, idnumber: str, name: str) -> int:
    """A new course module; returns its cmid."""
    row = db.execute(
        "INSERT INTO course_modules (courseid, modname, idnumber, name) VALUES (?, ?, ?, ?) RETURNING id",
        (courseid, modname, idnumber, name),
    ).fetchone()
    return int(row[0])


def group_ids(db: sqlite3.Connection, courseid: int, idnumbers: Collection[str]) -> dict[str, int]:
    """The ids of these groups of a course; those not there yet are made."""
    wanted = json.dumps(sorted(set(idnumbers)))
    db.execute(
        "INSERT OR IGNORE INTO groups (courseid, idnumber) SELECT ?, value FROM json_each(?)", (courseid, wanted)
    )
    rows = db.execute(
        "SELECT idnumber, id FROM groups WHERE courseid = ? AND idnumber IN (SELECT value FROM json_each(?))",
        (courseid, wanted),
    )
    return {row["idnumber"]: row["id"] for row in rows}
