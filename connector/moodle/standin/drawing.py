"""Which questions an attempt consists of, and in which order their answers stand."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from connector.moodle.standin.errors import MoodleError


@dataclass(frozen=True, slots=True)
class Picked:
    """A question as it takes its place in an attempt."""

    slot: int
    questionid: int
    payload: str
    maxmark: str


def shuffled(places: Sequence[int], seed: str) -> list[int]:
    """The places in an order that depends on the seed alone; "" leaves them as they are."""
    if not seed:
        return list(places)
    return sorted(places, key=lambda place: hashlib.sha256(f"{seed}/{place}".encode()).digest())


def pick_questions(db: sqlite3.Connection, quiz: sqlite3.Row, seed: str) -> list[Picked]:
    """The questions of an attempt: fixed ones as they are, random ones (practice) drawn by the seed.

    Raises notenoughrandomquestions, as Moodle does only now.
    """
    rows = db.execute(
        "SELECT s.*, q.payload FROM quiz_slots s LEFT JOIN questions q ON q.id = s.questionid"
        " WHERE s.quizid = ? ORDER BY s.slot",
        (quiz["id"],),
    ).fetchall()
    used = {row["questionid"] for row in rows}
    picked = []
    for row in rows:
        drawn = row if row["questionid"] is not None else _draw(db, quiz["courseid"], row, used, seed)
        used.add(drawn["questionid"])
        picked.append(Picked(row["slot"], drawn["questionid"], drawn["payload"], row["maxmark"]))
    return picked


def _draw(db: sqlite3.Connection, courseid: int, slot: sqlite3.Row, used: set[int], seed: str) -> sqlite3.Row:
    pool = {row["questionid"]: row for row in questions_of_category(db, courseid, slot["categorypath"])}
    free = [questionid for questionid in sorted(pool) if questionid not in used]
    if not free:
        raise MoodleError(
            "notenoughrandomquestions",
            f"There are not enough questions in category {slot['categorypath']} to create the question Random.",
        )
    return pool[shuffled(free, f"{seed}/{slot['slot']}")[0]]


def questions_of_category(db: sqlite3.Connection, courseid: int, path: str) -> list[sqlite3.Row]:
    """Ready questions of a category and those below it, in the banks of the course."""
    return db.execute(
        "SELECT q.id AS questionid, q.payload FROM entries e JOIN banks b ON b.id = e.bankid"
        " JOIN questions q ON q.entryid = e.id AND q.version = e.latest"
        " WHERE b.courseid = ?1 AND q.status = 'ready'"
        " AND (e.categorypath = ?2 OR substr(e.categorypath, 1, length(?2) + 1) = ?2 || '/')",
        (courseid, path),
    ).fetchall()
