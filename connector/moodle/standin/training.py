"""Training courses: activities a person marks as done, and the completion of the course that follows."""

from __future__ import annotations

import sqlite3

from connector.moodle.standin import push
from connector.moodle.standin.access import is_enrolled
from connector.moodle.standin.call import Call
from connector.moodle.standin.database import next_change
from connector.moodle.standin.errors import MoodleError, not_accessible


def mark_activity(call: Call, module: sqlite3.Row, user: sqlite3.Row, done: bool) -> None:
    """Mark one activity, and the course with it when it was the last.

    Raises cannotmanualctrack for what is no training activity, requireloginerror for who is not in the course.
    """
    if module["modname"] != "page":
        raise MoodleError("cannotmanualctrack", "Activity does not provide manual completion tracking")
    if not is_enrolled(call, module["courseid"], user["id"]):
        raise not_accessible("Not enrolled")
    if done:
        call.db.execute(
            "INSERT OR IGNORE INTO activity_completions VALUES (?, ?, ?)", (user["id"], module["id"], call.now)
        )
    else:
        call.db.execute("DELETE FROM activity_completions WHERE userid = ? AND cmid = ?", (user["id"], module["id"]))
    _follow(call, module["courseid"], user)


def _follow(call: Call, courseid: int, user: sqlite3.Row) -> None:
    """A course stays completed once it was, as in Moodle."""
    enrolment = call.db.execute(
        "SELECT * FROM enrolments WHERE courseid = ? AND userid = ?", (courseid, user["id"])
    ).fetchone()
    finished = enrolment["timecompleted"] is None and not open_activities(call, courseid, user["id"])
    call.db.execute(
        "UPDATE enrolments SET timecompleted = COALESCE(timecompleted, ?), changeno = ? WHERE id = ?",
        (call.now if finished else None, next_change(call.db), enrolment["id"]),
    )
    if finished:
        tell(call, courseid, user)


def open_activities(call: Call, courseid: int, userid: int) -> list[sqlite3.Row]:
    """The training activities of the course the person has not marked yet."""
    return call.db.execute(
        "SELECT * FROM course_modules m WHERE courseid = ?1 AND modname = 'page' AND NOT EXISTS"
        " (SELECT 1 FROM activity_completions d WHERE d.cmid = m.id AND d.userid = ?2) ORDER BY id",
        (courseid, userid),
    ).fetchall()


def set_grade(call: Call, enrolment: sqlite3.Row, user: sqlite3.Row, grade: str) -> None:
    """A teacher's grade for the course, out of 100; the course is completed by it."""
    call.db.execute(
        "UPDATE enrolments SET grade = ?, timecompleted = COALESCE(timecompleted, ?), changeno = ? WHERE id = ?",
        (grade, call.now, next_change(call.db), enrolment["id"]),
    )
    tell(call, enrolment["courseid"], user)


def tell(call: Call, courseid: int, user: sqlite3.Row) -> None:
    course = call.db.execute("SELECT idnumber FROM courses WHERE id = ?", (courseid,)).fetchone()
    push.note(call, "completion", {"courseidnumber": course["idnumber"]}, user["idnumber"])
