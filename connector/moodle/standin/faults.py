"""Things going wrong on order, so that a client can be tried against them."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from dataclasses import dataclass

from werkzeug.wrappers import Response

from connector.moodle.standin.database import Database
from connector.moodle.standin.replies import json_reply

KINDS = (
    "kill",
    "http500",
    "http502",
    "html",
    "half",
    "notice",
    "memory",
    "slow",
    "typeerror",
    "dmlwriteexception",
    "dbconnectionfailed",
)
_HTML = "text/html; charset=utf-8"
_OUT_OF_MEMORY = (
    "<br />\n<b>Fatal error</b>:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes) in"
    " <b>/var/www/lib/dml/pgsql_native_moodle_database.php</b> on line <b>935</b><br />\n"
)
MOMENTS = ("before", "inside", "after")
"""Before anything was done; done but not committed (kill only); committed but not answered."""


@dataclass(frozen=True, slots=True)
class Fault:
    kind: str
    moment: str
    seconds: float


def any_waiting(db: sqlite3.Connection, wsfunction: str) -> bool:
    return _waiting(db, wsfunction) is not None


def take(database: Database, wsfunction: str) -> Fault | None:
    """The fault this call is to meet, if any; used up before the call begins, so a restart does not meet it again."""
    with database.writing() as db:
        row = _waiting(db, wsfunction)
        if row is None:
            return None
        db.execute("UPDATE faults SET times = times - 1 WHERE id = ?", (row["id"],))
        return Fault(row["fault"], row["moment"], row["seconds"])


def _waiting(db: sqlite3.Connection, wsfunction: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM faults WHERE times > 0 AND wsfunction IN ('', ?) ORDER BY id LIMIT 1", (wsfunction,)
    ).fetchone()
    return row


def strike(fault: Fault | None, moment: str, reply: Response | None = None) -> Response | None:
    """Let the fault happen if this is its moment. Returns what is answered instead, None to go on as usual."""
    if fault is None or fault.moment != moment:
        return None
    if fault.kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault.kind == "slow":
        time.sleep(fault.seconds)
        return None
    return _broken(fault.kind, reply)


def _broken(kind: str, reply: Response | None) -> Response:
    if kind in ("http500", "http502"):
        return Response(f"<html><body><h1>{kind[4:]}</h1></body></html>", int(kind[4:]), content_type=_HTML)
    if kind == "html":
        return Response("<html><body>Log in to the network</body></html>", content_type=_HTML)
    if kind == "half":
        return _half(reply if reply is not None else json_reply({}))
    if kind == "notice":
        return _after_a_notice(reply if reply is not None else json_reply({}))
    if kind == "memory":
        return Response(_OUT_OF_MEMORY, 500, content_type=_HTML)
    if kind == "typeerror":
        return json_reply({"exception": "TypeError", "message": "htmlspecialchars(): array given"})
    messages = {
        "dmlwriteexception": ("dml_write_exception", "Error writing to database"),
        "dbconnectionfailed": ("dml_connection_exception", "<p>Error: Database connection failed</p>"),
    }
    exception, message = messages[kind]
    return json_reply({"exception": exception, "errorcode": kind, "message": message})


def _after_a_notice(reply: Response) -> Response:
    """A site that shows PHP's messages: one before the answer."""
    notice = "\nNotice: Undefined property: stdClass::$shortname in /var/www/local/other/lib.php on line 31\n"
    return Response(notice + reply.get_data(as_text=True), content_type=reply.content_type)


def _half(reply: Response) -> Response:
    """Half of the body under the length of the whole; the server then closes the connection."""
    whole = reply.get_data()
    broken = Response(whole[: len(whole) // 2], content_type=reply.content_type)
    broken.headers["Content-Length"] = str(max(len(whole), 2))
    broken.automatically_set_content_length = False
    return broken
