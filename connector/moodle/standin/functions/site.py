"""What the plugin says of its site, and where hints are to be sent."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from connector.moodle.standin import push
from connector.moodle.standin.call import FUNCTIONS, Arguments, Call
from connector.moodle.standin.errors import invalid_parameter
from connector.moodle.standin.functions.banks import MOST_QUESTIONS
from connector.moodle.standin.functions.people import MOST_CARDS, MOST_PEOPLE
from connector.moodle.standin.functions.results import MOST_ATTEMPTS
from connector.moodle.standin.parameters import RAW, Items

WIRE = 1
PLUGIN_VERSION = "2026112200"
RELEASES = {500: "5.0.6+ (Build: 20260403)", 405: "4.5.5+ (Build: 20250613)"}
TIMEZONE = "Asia/Bishkek"
REST = "webservice/rest:use"


def denied_capabilities(call: Call) -> set[str]:
    """What a test has taken away from the service user."""
    return set(json.loads(call.settings.get("denied", "[]")))


@FUNCTIONS.add("local_kyzmat_get_site", {}, capability=REST)
def get_site(call: Call, given: Arguments) -> dict[str, Any]:  # noqa: ARG001 - every function takes both
    denied = denied_capabilities(call)
    needed = sorted({function.capability for function in FUNCTIONS.functions.values() if not function.student} | {REST})
    return {
        "wire": WIRE,
        "pluginversion": PLUGIN_VERSION,
        "release": RELEASES[call.branch],
        "branch": call.branch,
        "servertime": call.now,
        "timezone": TIMEZONE,
        "cronlastrun": call.now,
        "bankcontext": "module" if call.branch >= 500 else "course",
        "limits": {
            "questions": MOST_QUESTIONS,
            "people": MOST_PEOPLE,
            "attempts": MOST_ATTEMPTS,
            "cards": MOST_CARDS,
        },
        "capabilities": [{"name": name, "allowed": name not in denied} for name in needed],
    }


@FUNCTIONS.add(
    "local_kyzmat_save_push",
    {"url": RAW, "secret": RAW, "events": Items(RAW)},
    keyed=True,
    capability="local/kyzmat:manage",
)
def save_push(call: Call, given: Arguments) -> dict[str, Any]:
    """An empty url stops the hints."""
    if given["url"] and urlsplit(given["url"]).scheme not in ("http", "https"):
        raise invalid_parameter("url => not a web address")
    if any(event not in push.EVENTS for event in given["events"]):
        raise invalid_parameter(f"events => one of {', '.join(push.EVENTS)}")
    if given["url"] and not given["secret"]:
        raise invalid_parameter("secret => must not be empty")
    events = json.dumps(given["events"])
    row = call.db.execute("SELECT * FROM push_target").fetchone()
    if row is not None and (row["url"], row["secret"], row["events"]) == (given["url"], given["secret"], events):
        return {"outcome": "unchanged"}
    call.db.execute("INSERT OR REPLACE INTO push_target VALUES (1, ?, ?, ?)", (given["url"], given["secret"], events))
    return {"outcome": "created" if row is None else "updated"}


@FUNCTIONS.add("local_kyzmat_check_push", {}, capability="local/kyzmat:manage")
def check_push(call: Call, given: Arguments) -> dict[str, Any]:  # noqa: ARG001 - every function takes both
    """Whether this site reaches the panel."""
    return push.check(call.db, call.now)
