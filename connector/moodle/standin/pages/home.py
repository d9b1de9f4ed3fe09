"""Logging in, and the person's own page: messages, tests by their place in time, courses."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from werkzeug.wrappers import Response

from connector.moodle.standin import access
from connector.moodle.standin.call import Call
from connector.moodle.standin.pages.visit import (
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    Visit,
    begin_session,
    end_session,
    own_address,
)
from connector.moodle.standin.pages.words import LANGUAGES, Words
from connector.moodle.standin.rest import log_in
from connector.moodle.standin.site import now


def show_home(visit: Visit) -> Response:
    if visit.user is None:
        return show_login(visit)
    with visit.site.database.reading() as db:
        call = visit.site.call(db, visit.user)
        places = [place_of(call, row, visit.words) for row in _visible_tests(call)]
        tests = sorted(places, key=lambda place: _ORDER.index(place["kind"]))
        values: dict[str, Any] = {"tests": tests, "courses": courses_of(call), "cards": _cards(call, visit.words)}
    return visit.page("home.html", visit.words("my_page"), **values)


def show_login(visit: Visit, failed: bool = False) -> Response:
    title = visit.words("login_title")
    username = visit.request.form.get("username", "")
    wanted = own_address(visit.request.form.get("here", visit.request.full_path.rstrip("?")))
    return visit.page("login.html", title, 401 if failed else 200, failed=failed, username=username, wanted=wanted)


def post_login(visit: Visit) -> Response:
    form = visit.request.form
    user = log_in(visit.site, form.get("username", ""), form.get("password", ""))
    if user is None:
        return show_login(visit, failed=True)
    reply = visit.go(own_address(form.get("here", "/")))
    identity = begin_session(visit.site, user, now(visit.site.settings()))
    reply.set_cookie(SESSION_COOKIE, identity, httponly=True, samesite="Lax")
    return reply


def post_logout(visit: Visit) -> Response:
    end_session(visit)
    reply = visit.go("/")
    reply.delete_cookie(SESSION_COOKIE)
    return reply


def post_language(visit: Visit) -> Response:
    """Remember the language and go back to the page it was chosen on."""
    form = visit.request.form
    reply = visit.go(own_address(form.get("here", "/")))
    if form.get("to", "") in LANGUAGES:
        reply.set_cookie(LANGUAGE_COOKIE, form["to"], samesite="Lax", httponly=True)
    return reply


# ------------------------------------------------------------------------------------------------------------ lists

_ORDER = ("live", "wait", "void")  # open now, then to come, then over


def _visible_tests(call: Call) -> list[sqlite3.Row]:
    rows = call.db.execute(
        "SELECT z.* FROM quizzes z JOIN enrolments e ON e.courseid = z.courseid WHERE e.userid = ?"
        " ORDER BY z.timeopen, z.id",
        (call.user["id"],),
    ).fetchall()
    return [row for row in rows if not access.why_not_visible(call, row, call.user["id"])]


def place_of(call: Call, quiz: sqlite3.Row, words: Words) -> dict[str, Any]:
    """A test as the list shows it: where it stands in time, and what can be done."""
    allowed = access.access_for(call, quiz, call.user["id"])
    last = call.db.execute(
        "SELECT * FROM quiz_attempts WHERE quizid = ? AND userid = ? AND deleted = 0 ORDER BY attempt DESC LIMIT 1",
        (quiz["id"], call.user["id"]),
    ).fetchone()
    is_open = allowed.is_open(call.now)
    if call.now < allowed.timeopen:
        when, kind = words("opens", time=words.time(allowed.timeopen)), "wait"
    elif is_open:
        until = words("open_until", time=words.time(allowed.timeclose)) if allowed.timeclose else words("open_always")
        when, kind = until, "live"
    else:
        when, kind = words("closed_at", time=words.time(allowed.timeclose)), "void"
    return {"quiz": quiz, "when": when, "kind": kind, "open": is_open, "last": last, "state": _state(last, words)}


def _state(last: sqlite3.Row | None, words: Words) -> str:
    if last is None:
        return words("not_begun")
    if last["state"] == "inprogress":
        return words("in_progress")
    return words("handed_in", time=words.time(last["timefinish"]))


def courses_of(call: Call) -> list[sqlite3.Row]:
    """The training courses of the person: those that have activities."""
    return call.db.execute(
        "SELECT c.id, c.fullname, e.timecompleted, e.grade,"
        " (SELECT COUNT(*) FROM course_modules m WHERE m.courseid = c.id AND m.modname = 'page') AS activities,"
        " (SELECT COUNT(*) FROM course_modules m JOIN activity_completions d ON d.cmid = m.id AND d.userid = e.userid"
        "  WHERE m.courseid = c.id AND m.modname = 'page') AS done"
        " FROM courses c JOIN enrolments e ON e.courseid = c.id WHERE e.userid = ? AND activities > 0 ORDER BY c.id",
        (call.user["id"],),
    ).fetchall()


def _cards(call: Call, words: Words) -> list[dict[str, Any]]:
    rows = call.db.execute("SELECT * FROM cards WHERE userid = ? ORDER BY due = 0, due, cardid", (call.user["id"],))
    return [
        {
            "title": _in_language(row["titles"], words.language),
            "body": _in_language(row["bodies"], words.language),
            "url": row["url"],
            "due": words("due", time=words.time(row["due"])) if row["due"] else "",
            "state": row["state"],
        }
        for row in rows
    ]


def _in_language(kept: str, language: str) -> dict[str, str]:
    """The text in the reader's language, else the first one, with the language it is in."""
    texts: list[dict[str, str]] = json.loads(kept)
    fitting = [text for text in texts if text["lang"] == language] or texts
    return fitting[0] if fitting else {"lang": language, "text": ""}
