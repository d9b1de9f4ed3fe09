"""Core functions about the site, people and courses."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from connector.moodle.standin import finding
from connector.moodle.standin.call import FUNCTIONS, Arguments, Call
from connector.moodle.standin.errors import invalid_parameter, no_permission
from connector.moodle.standin.functions.site import RELEASES
from connector.moodle.standin.parameters import ALPHA, BOOL, INT, RAW, Fields, Items, Scalar
from connector.moodle.standin.training import mark_activity

SITE_NAME = "Kyzmat: stand-in Moodle"
_VERSIONS = {500: "2025041406.00", 405: "2024100705.00"}


@FUNCTIONS.add(
    "core_webservice_get_site_info", {"serviceshortnames": Items(RAW)}, student=True, capability="webservice/rest:use"
)
def get_site_info(call: Call, given: Arguments) -> dict[str, Any]:  # noqa: ARG001 - deprecated in Moodle, ignored
    user, version = call.user, _VERSIONS[call.branch]
    return {
        "sitename": SITE_NAME,
        "username": user["username"],
        "firstname": user["firstname"],
        "lastname": user["lastname"],
        "fullname": fullname(user),
        "lang": user["lang"],
        "userid": user["id"],
        "siteurl": call.wwwroot,
        "userpictureurl": f"{call.wwwroot}/theme/image.php/boost/core/1/u/f1",
        "functions": [{"name": name, "version": version} for name in sorted(callable_functions(call))],
        "downloadfiles": 0,
        "uploadfiles": 0,
        "release": RELEASES[call.branch],
        "version": version,
        "mobilecssurl": "",
        "advancedfeatures": [{"name": "enablecompletion", "value": 1}],
        "usercanmanageownfiles": False,
        "userquota": 0,
        "usermaxuploadfilesize": 0,
        "userhomepage": 1,
        "siteid": 1,
        "sitecalendartype": "gregorian",
        "usercalendartype": "gregorian",
        "userissiteadmin": False,
        "theme": "boost",
        "limitconcurrentlogins": 0,
        "policyagreed": 1,
    }


def fullname(user: sqlite3.Row) -> str:
    return f"{user['firstname']} {user['lastname']}"


def callable_functions(call: Call) -> list[str]:
    """What this token's service holds."""
    return [
        function.name
        for function in FUNCTIONS.functions.values()
        if (call.user["service"] or function.student) and function.since_branch <= call.branch
    ]


_FIELDS = {
    "id": "SELECT * FROM users WHERE CAST(id AS TEXT) IN (SELECT value FROM json_each(?)) ORDER BY id",
    "idnumber": "SELECT * FROM users WHERE idnumber IN (SELECT value FROM json_each(?)) ORDER BY id",
    "username": "SELECT * FROM users WHERE username IN (SELECT value FROM json_each(?)) ORDER BY id",
    "email": "SELECT * FROM users WHERE email IN (SELECT value FROM json_each(?)) ORDER BY id",
}


@FUNCTIONS.add(
    "core_user_get_users_by_field",
    {"field": ALPHA, "values": Items(RAW, required=True)},
    student=True,
    capability="moodle/user:viewalldetails",
)
def get_users_by_field(call: Call, given: Arguments) -> list[dict[str, Any]]:
    """A student finds only themselves."""
    query = _FIELDS.get(given["field"])
    if query is None:
        raise invalid_parameter(f"The search key '{given['field']}' is not supported")
    rows = call.db.execute(query, (json.dumps(given["values"]),))
    return [_user(call, row) for row in rows if call.user["service"] or row["id"] == call.user["id"]]


def _user(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "username": row["username"],
        "firstname": row["firstname"],
        "lastname": row["lastname"],
        "fullname": fullname(row),
        "email": row["email"],
        "department": "",
        "idnumber": row["idnumber"],
        "firstaccess": 0,
        "lastaccess": 0,
        "auth": "manual",
        "suspended": bool(row["suspended"]),
        "confirmed": True,
        "lang": row["lang"],
        "theme": "",
        "timezone": "99",
        "mailformat": 1,
        "description": "",
        "descriptionformat": 1,
        "profileimageurlsmall": f"{call.wwwroot}/theme/image.php/boost/core/1/u/f2",
        "profileimageurl": f"{call.wwwroot}/theme/image.php/boost/core/1/u/f1",
    }


# -------------------------------------------------------------------------------------------------------- courses


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
