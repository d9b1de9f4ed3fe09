"""What is in a course, as a trainee's application lists it; shapes as recorded from Moodle 5.0."""

from __future__ import annotations

import sqlite3
from typing import Any

from connector.moodle.standin import finding
from connector.moodle.standin.call import FUNCTIONS, Arguments, Call
from connector.moodle.standin.errors import not_accessible
from connector.moodle.standin.parameters import INT, RAW, Fields, Items

TRACKED_BY_HAND = 1
"""Moodle's COMPLETION_TRACKING_MANUAL; 0 is no tracking."""


@FUNCTIONS.add(
    "core_course_get_contents",
    {"courseid": INT, "options": Items(Fields({"name": RAW, "value": RAW}))},
    student=True,
    capability="moodle/course:view",
)
def get_contents(call: Call, given: Arguments) -> list[dict[str, Any]]:
    course = finding.record(call.db, "course", "SELECT * FROM courses WHERE id = ?", given["courseid"])
    _refuse_strangers(call, course["id"])
    query = "SELECT * FROM course_modules WHERE courseid = ? AND (visible = 1 OR ?) ORDER BY id"
    rows = call.db.execute(query, (course["id"], bool(call.user["service"])))
    return [
        {
            "id": course["id"],
            "name": "General",
            "visible": 1,
            "summary": "",
            "summaryformat": 1,
            "section": 0,
            "hiddenbynumsections": 0,
            "uservisible": True,
            "component": None,
            "itemid": None,
            "modules": [_module(row) for row in rows],
        }
    ]


def _refuse_strangers(call: Call, courseid: int) -> None:
    query = "SELECT 1 FROM enrolments WHERE courseid = ? AND userid = ?"
    if not call.user["service"] and call.db.execute(query, (courseid, call.user["id"])).fetchone() is None:
        raise not_accessible("Not enrolled")


def _module(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "instance": row["id"],
        "contextid": row["id"],
        "visible": row["visible"],
        "uservisible": True,
        "visibleoncoursepage": 1,
        "modname": row["modname"],
        "purpose": "content",
        "branded": False,
        "availability": None,
        "indent": 0,
        "onclick": "",
        "afterlink": None,
        "customdata": '""',
        "noviewlink": False,
        "candisplay": True,
        "completion": TRACKED_BY_HAND if row["modname"] == "page" else 0,
        "downloadcontent": 1,
        "dates": [],
        "groupmode": 0,
    }
