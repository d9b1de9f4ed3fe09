"""Core functions about the site and its people."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from connector.moodle.standin.call import FUNCTIONS, Arguments, Call
from connector.moodle.standin.errors import invalid_parameter
from connector.moodle.standin.functions.site import RELEASES
from connector.moodle.standin.parameters import ALPHA, RAW, Items

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
        if (call.user["service"] or function.student) and function.exists(call.settings)
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
