"""Core functions about courses: making one, what is in it, marking an activity as done."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from connector.moodle.standin import access, finding
from connector.moodle.standin.call import FUNCTIONS, Arguments, Call
from connector.moodle.standin.errors import invalid_parameter, no_permission, not_accessible
from connector.moodle.standin.parameters import BOOL, INT, RAW, Fields, Items, Scalar
from connector.moodle.standin.training import mark_activity

BY_HAND = 1  # COMPLETION_TRACKING_MANUAL
_PLURALS = {"page": ("Pages", "content"), "quiz": ("Quizzes", "assessment"), "qbank": ("Question banks", "content")}
_FIRST_CONTEXT = 1000


@FUNCTIONS.add(
    "core_course_create_courses",
    {
        "courses": Items(
            Fields(
                {
                    "fullname": RAW,
                    "shortname": RAW,
                    "categoryid": INT,
                    "idnumber": Scalar("raw", ""),
                    "summary": Scalar("raw", ""),
                    "enablecompletion": Scalar("int", 1),
                }
            ),
            required=True,
        )
    },
    writes=True,
    capability="moodle/course:create",
)
def create_courses(call: Call, given: Arguments) -> list[dict[str, Any]]:
    return [{"id": _create_course(call, course), "shortname": course["shortname"]} for course in given["courses"]]


def _create_course(call: Call, course: Arguments) -> int:
    idnumber = course["idnumber"] or course["shortname"]
    taken = call.db.execute(
        "SELECT 1 FROM courses WHERE idnumber = ? OR shortname = ?", (idnumber, course["shortname"])
    ).fetchone()
    if taken is not None:
        raise invalid_parameter(f"Short name or id number is already used for another course ({course['shortname']})")
    row = call.db.execute(
        "INSERT INTO courses (idnumber, shortname, fullname, summary, timemodified)"
        " VALUES (?, ?, ?, ?, ?) RETURNING id",
        (idnumber, course["shortname"], course["fullname"], course["summary"], call.now),
    ).fetchone()
    return int(row[0])


_COURSE_FIELDS = {
    "": "SELECT * FROM courses WHERE ? IS NOT NULL ORDER BY id",
    "id": "SELECT * FROM courses WHERE id = CAST(? AS INTEGER)",
    "idnumber": "SELECT * FROM courses WHERE idnumber = ?",
    "shortname": "SELECT * FROM courses WHERE shortname = ?",
}


@FUNCTIONS.add(
    "core_course_get_courses_by_field",
    {"field": Scalar("alpha", ""), "value": Scalar("raw", "")},
    student=True,
    capability="moodle/course:view",
)
def get_courses_by_field(call: Call, given: Arguments) -> dict[str, Any]:
    query = _COURSE_FIELDS.get(given["field"])
    if query is None:
        raise invalid_parameter(f"Invalid field name {given['field']}")
    rows = call.db.execute(query, (given["value"],))
    return {"courses": [course_reply(row) for row in rows], "warnings": []}


def course_reply(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "shortname": row["shortname"],
        "fullname": row["fullname"],
        "displayname": row["fullname"],
        "idnumber": row["idnumber"],
        "summary": row["summary"],
        "summaryformat": 1,
        "visible": 1,
        "format": "topics",
        "enablecompletion": True,
        "startdate": 0,
        "enddate": 0,
        "timemodified": row["timemodified"],
    }


@FUNCTIONS.add(
    "core_enrol_get_users_courses",
    {"userid": INT, "returnusercount": Scalar("bool", True)},
    student=True,
    capability="moodle/course:viewparticipants",
)
def get_users_courses(call: Call, given: Arguments) -> list[dict[str, Any]]:
    if given["userid"] != call.user["id"] and not call.user["service"]:
        raise no_permission("View participants")
    rows = call.db.execute(
        "SELECT c.* FROM courses c JOIN enrolments e ON e.courseid = c.id WHERE e.userid = ? ORDER BY c.id",
        (given["userid"],),
    )
    return [{**course_reply(row), "showactivitydates": True, "showcompletionconditions": True} for row in rows]


@FUNCTIONS.add("core_enrol_get_enrolled_users", {"courseid": INT}, capability="moodle/course:viewparticipants")
def get_enrolled_users(call: Call, given: Arguments) -> list[dict[str, Any]]:
    """Without `moodle/user:viewalldetails` Moodle leaves the idnumbers out and says nothing of it."""
    finding.record(call.db, "course", "SELECT * FROM courses WHERE id = ?", given["courseid"])
    rows = call.db.execute(
        "SELECT u.* FROM users u JOIN enrolments e ON e.userid = u.id WHERE e.courseid = ? ORDER BY u.id",
        (given["courseid"],),
    )
    hidden = "moodle/user:viewalldetails" in json.loads(call.settings.get("denied", "[]"))
    people = []
    for row in rows:
        shown = {"id": row["id"], "username": row["username"], "fullname": f"{row['firstname']} {row['lastname']}"}
        people.append(shown if hidden else {**shown, "idnumber": row["idnumber"]})
    return people


@FUNCTIONS.add("core_course_get_course_module", {"cmid": INT}, capability="moodle/course:manageactivities")
def get_course_module(call: Call, given: Arguments) -> dict[str, Any]:
    row = finding.record(call.db, "course_modules", "SELECT * FROM course_modules WHERE id = ?", given["cmid"])
    module = {"id": row["id"], "course": row["courseid"], "name": row["name"], "modname": row["modname"]}
    return {"cm": {**module, "idnumber": row["idnumber"], "visible": row["visible"]}, "warnings": []}


@FUNCTIONS.add(
    "core_completion_update_activity_completion_status_manually",
    {"cmid": INT, "completed": BOOL},
    writes=True,
    student=True,
    capability="moodle/course:togglecompletion",
)
def update_activity_completion(call: Call, given: Arguments) -> dict[str, Any]:
    query = "SELECT * FROM course_modules WHERE id = ?"
    module = finding.record(call.db, "course_modules", query, given["cmid"])
    mark_activity(call, module, call.user, given["completed"])
    return {"status": True, "warnings": []}


# -------------------------------------------------------------------------------------------- what is in a course


@FUNCTIONS.add(
    "core_course_get_contents",
    {"courseid": INT, "options": Items(Fields({"name": RAW, "value": RAW}))},
    student=True,
    capability="moodle/course:view",
)
def get_contents(call: Call, given: Arguments) -> list[dict[str, Any]]:
    """One section with everything the caller may see; options narrow nothing here."""
    course = finding.record(call.db, "course", "SELECT * FROM courses WHERE id = ?", given["courseid"])
    if not call.user["service"] and not access.is_enrolled(call, course["id"], call.user["id"]):
        raise not_accessible("Not enrolled")
    rows = call.db.execute(
        "SELECT m.*, z.id AS quizid, d.timecompleted FROM course_modules m LEFT JOIN quizzes z ON z.cmid = m.id"
        " LEFT JOIN activity_completions d ON d.cmid = m.id AND d.userid = ? WHERE m.courseid = ? ORDER BY m.id",
        (call.user["id"], course["id"]),
    ).fetchall()
    section = {
        "id": course["id"],
        "name": "General",
        "visible": 1,
        "summary": course["summary"],
        "summaryformat": 1,
        "section": 0,
        "hiddenbynumsections": 0,
        "uservisible": True,
        "component": None,
        "itemid": None,
    }
    return [{**section, "modules": [_module(call, row) for row in rows if _seen(call, row)]}]


def _seen(call: Call, row: sqlite3.Row) -> bool:
    """A bank is not for students; a test only for those who may enter it."""
    if call.user["service"] or row["modname"] == "page":
        return True
    if row["quizid"] is None:
        return False
    quiz = call.db.execute("SELECT * FROM quizzes WHERE id = ?", (row["quizid"],)).fetchone()
    return not access.why_not_visible(call, quiz, call.user["id"])


def _module(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    plural, purpose = _PLURALS[row["modname"]]
    tracked = row["modname"] == "page"
    body: dict[str, Any] = {
        "id": row["id"],
        "url": f"{call.wwwroot}/mod/{row['modname']}/view.php?id={row['id']}",
        "name": row["name"],
        "instance": row["quizid"] or row["id"],
        "contextid": _FIRST_CONTEXT + row["id"],
        "visible": int(row["modname"] != "qbank"),
        "uservisible": True,
        "visibleoncoursepage": 1,
        "modicon": f"{call.wwwroot}/theme/image.php/boost/{row['modname']}/1/monologo?filtericon=1",
        "modname": row["modname"],
        "purpose": purpose,
        "branded": False,
        "modplural": plural,
        "availability": None,
        "indent": 0,
        "onclick": "",
        "afterlink": None,
        "customdata": '""',
        "noviewlink": False,
        "candisplay": row["modname"] != "qbank",
        "completion": BY_HAND if tracked else 0,
    }
    if tracked:
        body["completiondata"] = _completion_data(row)
    return {**body, "downloadcontent": 1, "dates": [], "groupmode": 0}


def _completion_data(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "state": int(row["timecompleted"] is not None),
        "timecompleted": row["timecompleted"] or 0,
        "overrideby": None,
        "valueused": False,
        "hascompletion": True,
        "isautomatic": False,
        "istrackeduser": True,
        "uservisible": True,
        "details": [],
        "isoverallcomplete": row["timecompleted"] is not None,
    }
