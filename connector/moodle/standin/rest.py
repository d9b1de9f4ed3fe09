"""`webservice/rest/server.php` and `login/token.php`."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request, Response

from connector.moodle.standin import answering, faults, functions, passwords
from connector.moodle.standin.call import FUNCTIONS, Arguments, Call, Function
from connector.moodle.standin.database import read_settings, write_setting
from connector.moodle.standin.errors import (
    MissingRecord,
    MoodleError,
    access_exception,
    invalid_parameter,
    invalid_token,
    no_permission,
    plugin_error,
    site_maintenance,
)
from connector.moodle.standin.parameters import RAW, Fields, PhpValue, check, read_form
from connector.moodle.standin.replies import error_reply, json_reply, value_reply
from connector.moodle.standin.site import Site, now, user_of_token

STUDENT_SERVICES: Final = ("moodle_mobile_app", "local_kyzmat")
_MAINTENANCE_PAGE = "<!DOCTYPE html><html><body><h1>Site under maintenance</h1></body></html>"
_OPKEY_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
_MOST_OPKEY = 64
_EXPIRED, _GONE = "expired", "gone"  # values of the setting `token`

functions.load()


# ------------------------------------------------------------------------------------------------------ the request


def _pairs(request: Request) -> Iterable[tuple[str, str]]:
    if request.mimetype == "multipart/form-data":
        return request.form.items(multi=True)
    if request.mimetype != "application/x-www-form-urlencoded":
        return ()  # PHP fills $_POST from forms only: a JSON body is not read
    text = request.get_data(cache=False).decode("utf-8", "replace")
    return parse_qsl(text, keep_blank_values=True, errors="replace")


def form_of(request: Request) -> dict[str, PhpValue]:
    """Query string and body as PHP reads them, each cut after 5,000 variables; the body wins."""
    query = parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True, errors="replace")
    return {**read_form(query), **read_form(_pairs(request))}


def _take_text(form: dict[str, PhpValue], name: str) -> str:
    value = form.pop(name, "")
    return value if isinstance(value, str) else ""


# ------------------------------------------------------------------------------------------------------- the server


@dataclass(frozen=True, slots=True)
class _Scene:
    """What is known of the site before a call is looked at, read in one go."""

    settings: Mapping[str, str]
    user: sqlite3.Row | None
    expired: bool
    faulty: bool


def _scene(site: Site, token: str, wsfunction: str) -> _Scene:
    with site.database.reading() as db:
        settings = read_settings(db)
        return _Scene(
            settings,
            user_of_token(db, token),
            answering.any_expired(db, now(settings)),
            faults.any_waiting(db, wsfunction),
        )


def serve_rest(site: Site, request: Request) -> Response:
    form = form_of(request)
    as_json = _take_text(form, "moodlewsrestformat") == "json"
    token, name = _take_text(form, "wstoken"), _take_text(form, "wsfunction")
    scene = _scene(site, token, name)
    closed = _closed(scene.settings)
    if closed is not None:
        return closed
    for setting in ("raw", "fileurl", "filter", "lang", "timezone"):
        form.pop(f"moodlewssetting{setting}", None)
    debug = scene.settings.get("debug") == "1"
    try:
        return _serve(site, scene, name, form, as_json)
    except MoodleError as error:
        return error_reply(error, as_json, debug)
    except sqlite3.Error as error:
        failure = MoodleError("dmlwriteexception", "Error writing to database", "dml_write_exception", str(error))
        return error_reply(failure, as_json, debug)


def _closed(settings: Mapping[str, str]) -> Response | None:
    """The two ways a whole site answers without looking at the call."""
    if settings.get("maintenance") == "cli":
        return Response(_MAINTENANCE_PAGE, 503, {"Retry-After": "300"}, content_type="text/html; charset=utf-8")
    if settings.get("webservices") == "off":
        return Response("", 403, content_type="text/html; charset=utf-8")
    return None


def _serve(site: Site, scene: _Scene, name: str, form: dict[str, PhpValue], as_json: bool) -> Response:
    if scene.settings.get("token") == _EXPIRED:
        _forget_token(site)
    if scene.expired:
        answering.close_expired(site.database, now(scene.settings), scene.settings, site.wwwroot)
    user, function = _allowed(scene, name)
    fault = faults.take(site.database, name) if scene.faulty else None
    early = faults.strike(fault, "before")
    if early is not None:
        return early
    reply = value_reply(_run(site, scene.settings, user, function, form, fault), as_json)
    return faults.strike(fault, "after", reply) or reply


def _forget_token(site: Site) -> None:
    """Moodle deletes a token when it finds it expired: it says so once, afterwards it does not know the token."""
    with site.database.writing() as db:
        write_setting(db, "token", _GONE)


def _allowed(scene: _Scene, name: str) -> tuple[sqlite3.Row, Function]:
    """Who calls, and the function asked for. Raises in Moodle's order: token, maintenance, function, service, right."""
    user, settings = scene.user, scene.settings
    if user is None or (user["service"] and settings.get("token") == _GONE):
        raise invalid_token()
    if user["service"] and settings.get("token") == _EXPIRED:
        raise access_exception("Invalid token - token expired - check validuntil time for the token")
    if settings.get("maintenance") == "on" and not user["service"]:
        raise site_maintenance()
    function = FUNCTIONS.functions.get(name)
    if function is None or not function.exists(settings):
        raise MissingRecord("external_functions", f"name = {name}")
    if not user["service"] and not function.student:
        raise access_exception()
    if user["service"] and function.capability in json.loads(settings.get("denied", "[]")):
        raise no_permission(function.capability)
    return user, function


def _run(
    site: Site,
    settings: Mapping[str, str],
    user: sqlite3.Row,
    function: Function,
    form: dict[str, PhpValue],
    fault: faults.Fault | None,
) -> Any:
    takes = Fields({"opkey": RAW, **function.takes.fields}) if function.keyed else function.takes
    given = check(takes, form)
    if not function.writes:
        with site.database.reading() as db:
            return function.body(site.call(db, user, settings), given)
    with site.database.writing() as db:
        call = site.call(db, user, settings)
        result = _run_keyed(call, function, given) if function.keyed else function.body(call, given)
        faults.strike(fault, "inside")
    return result


# ------------------------------------------------------------------------------------------------------- the ledger


def _run_keyed(call: Call, function: Function, given: dict[str, Any]) -> dict[str, Any]:
    """Do it once per opkey: a repeated key gets the kept result, and nothing is done again."""
    opkey = given.pop("opkey")
    if not 0 < len(opkey) <= _MOST_OPKEY or not _OPKEY_CHARACTERS.issuperset(opkey):
        raise invalid_parameter(f"opkey => 1 to {_MOST_OPKEY} of A-Za-z0-9._-")
    request = _request_hash(function.name, given)
    row = call.db.execute("SELECT * FROM operations WHERE opkey = ?", (opkey,)).fetchone()
    if row is not None:
        if row["requesthash"] != request:
            raise plugin_error("opkeyconflict", opkey)
        kept: dict[str, Any] = json.loads(row["result"])
        return {**kept, "replayed": True}
    result = {"replayed": False, **function.body(call, given)}
    call.db.execute("INSERT INTO operations VALUES (?, ?, ?, ?)", (opkey, request, json.dumps(result), call.now))
    return result


def _request_hash(name: str, given: Arguments) -> str:
    request = json.dumps([name, given], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(request.encode("utf-8", "surrogatepass")).hexdigest()


# ------------------------------------------------------------------------------------------------------- the log-in


def serve_token(site: Site, request: Request) -> Response:
    """A person's own token for their user name and pass word."""
    closed = _closed(site.settings())
    if closed is not None:
        return closed
    form = form_of(request)
    for name in ("username", "password", "service"):
        if not isinstance(form.get(name), str):
            return _token_error("missingparam", f"A required parameter ({name}) was missing")
    if form["service"] not in STUDENT_SERVICES:
        return _token_error(
            "servicenotavailable", "Web service is not available (it doesn't exist or might be disabled)"
        )
    user = log_in(site, str(form["username"]), str(form["password"]))
    if user is None:
        return _token_error("invalidlogin", "Invalid login, please try again")
    return json_reply({"token": _token_of(site, user), "privatetoken": None})


def _token_error(code: str, message: str) -> Response:
    """This page's own shape of an error."""
    empty = {"stacktrace": None, "debuginfo": None, "reproductionlink": None}
    return json_reply({"error": message, "errorcode": code, **empty})


def log_in(site: Site, username: str, password: str) -> sqlite3.Row | None:
    """The person, or None: who is unknown, suspended, without pass word, or gave a wrong one."""
    with site.database.reading() as db:
        row: sqlite3.Row | None = db.execute(
            "SELECT * FROM users WHERE username = ?", (username.strip().lower(),)
        ).fetchone()
    if row is None or row["suspended"] or not passwords.matches(password, row["password"]):
        return None
    return row


def _token_of(site: Site, user: sqlite3.Row) -> str:
    with site.database.writing() as db:
        row = db.execute("SELECT token FROM tokens WHERE userid = ?", (user["id"],)).fetchone()
        token = row["token"] if row is not None else secrets.token_hex(16)
        db.execute("INSERT OR IGNORE INTO tokens VALUES (?, ?)", (token, user["id"]))
    return str(token)
