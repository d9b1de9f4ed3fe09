"""The test bench of the stand-in: `POST /standin/control`, JSON, with the service token.

Here happens what people and time do to a real site: a question edited by hand, an attempt regraded or deleted, the
clock moved, a server that fails.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request, Response

from connector.moodle.standin import attempts, corrections, faults, finding, training
from connector.moodle.standin.call import Call
from connector.moodle.standin.cron import run_once
from connector.moodle.standin.database import next_change, write_setting
from connector.moodle.standin.errors import MoodleError
from connector.moodle.standin.functions.banks import add_version
from connector.moodle.standin.payload import pack, unpack
from connector.moodle.standin.replies import json_reply
from connector.moodle.standin.site import Site, service_user, user_of_token
from question_banks.model import TruefalseQuestion

TOKEN_HEADER = "X-Standin-Token"  # noqa: S105 - the header's name
SETTINGS = ("maintenance", "webservices", "debug", "branch", "denied", "questionsperpage", "token", "plugin")

Wishes: TypeAlias = Mapping[str, Any]
_ACTIONS: dict[str, Callable[[Call, Wishes], dict[str, Any]]] = {}


def _action(body: Callable[[Call, Wishes], dict[str, Any]]) -> Callable[[Call, Wishes], dict[str, Any]]:
    _ACTIONS[body.__name__] = body
    return body


def serve_control(site: Site, request: Request) -> Response:
    """400 with `{error}` for what cannot be done, 403 without the token."""
    with site.database.reading() as db:
        user = user_of_token(db, request.headers.get(TOKEN_HEADER, ""))
    if user is None or not user["service"]:
        return json_reply({"error": "token"}, 403)
    try:
        return json_reply(_do(site, request.get_json()))
    except (MoodleError, KeyError, TypeError, ValueError, InvalidOperation, BadRequest) as error:
        return json_reply({"error": f"{type(error).__name__}: {error}"}, 400)


def _do(site: Site, wishes: Wishes) -> dict[str, Any]:
    action = wishes["action"]
    if action == "cron":
        closed, delivered = run_once(site)
        return {"closed": closed, "delivered": delivered}
    with site.database.writing() as db:
        return _ACTIONS[action](site.call(db, service_user(db)), wishes)


# --------------------------------------------------------------------------------------------------- time and faults


@_action
def clock(call: Call, wishes: Wishes) -> dict[str, Any]:
    """`advance`: seconds to add (may be negative); or `offset`: the whole difference from the real clock."""
    offset = int(wishes.get("offset", int(call.settings.get("clockoffset", "0")) + int(wishes.get("advance", 0))))
    write_setting(call.db, "clockoffset", str(offset))
    return {"offset": offset}


@_action
def setting(call: Call, wishes: Wishes) -> dict[str, Any]:
    """`name` of SETTINGS, `value`; `denied`: a list of capabilities, `token`: valid or expired, `plugin`: on or off."""
    if wishes["name"] not in SETTINGS:
        raise ValueError(f"no setting {wishes['name']}")
    value = wishes["value"]
    write_setting(call.db, wishes["name"], json.dumps(value) if isinstance(value, list) else str(value))
    return {}


@_action
def fault(call: Call, wishes: Wishes) -> dict[str, Any]:
    """`fault` of faults.KINDS at `moment`, for the next `times` calls of `wsfunction` ("" = any)."""
    kind, moment = wishes["fault"], wishes.get("moment", "before")
    inside = moment == "inside" and kind not in ("kill", "slow")
    if kind not in faults.KINDS or moment not in faults.MOMENTS or inside:
        raise ValueError(f"no fault {kind} at moment {moment}")
    values = (wishes.get("wsfunction", ""), kind, moment, float(wishes.get("seconds", 0)), int(wishes.get("times", 1)))
    call.db.execute("INSERT INTO faults (wsfunction, fault, moment, seconds, times) VALUES (?, ?, ?, ?, ?)", values)
    return {}


@_action
def no_faults(call: Call, wishes: Wishes) -> dict[str, Any]:  # noqa: ARG001 - every action takes both
    call.db.execute("DELETE FROM faults")
    return {}


_COUNTED = {
    "people": "SELECT COUNT(*) FROM users WHERE service = 0",
    "enrolments": "SELECT COUNT(*) FROM enrolments",
    "banks": "SELECT COUNT(*) FROM banks",
    "entries": "SELECT COUNT(*) FROM entries",
    "questions": "SELECT COUNT(*) FROM questions",
    "tests": "SELECT COUNT(*) FROM quizzes",
    "attempts": "SELECT COUNT(*) FROM quiz_attempts",
    "operations": "SELECT COUNT(*) FROM operations",
    "outbox": "SELECT COUNT(*) FROM push_outbox",
    "change": "SELECT value FROM counters WHERE name = 'change'",
}


@_action
def state(call: Call, wishes: Wishes) -> dict[str, Any]:  # noqa: ARG001 - every action takes both
    """Counts that change with every write, so that "nothing was written" can be seen."""
    return {name: call.db.execute(query).fetchone()[0] for name, query in _COUNTED.items()}


# ----------------------------------------------------------------------------------------------------- by a teacher


@_action
def course(call: Call, wishes: Wishes) -> dict[str, Any]:
    """Make or change a course: `idnumber`, `name`, `summary`, `activities` (names of training activities)."""
    return {"courseid": ensure_course(call, wishes)}


def ensure_course(call: Call, wishes: Wishes) -> int:
    idnumber = wishes["idnumber"]
    row = call.db.execute(
        "INSERT INTO courses (idnumber, shortname, fullname, summary, timemodified) VALUES (?1, ?1, ?2, ?3, ?4)"
        " ON CONFLICT (idnumber) DO UPDATE SET fullname = excluded.fullname, summary = excluded.summary RETURNING id",
        (idnumber, wishes.get("name", idnumber), wishes.get("summary", ""), call.now),
    ).fetchone()
    courseid = int(row[0])
    present = {
        module["name"]
        for module in call.db.execute(
            "SELECT name FROM course_modules WHERE courseid = ? AND modname = 'page'", (courseid,)
        )
    }
    for name in wishes.get("activities", ()):
        if name not in present:
            finding.add_module(call.db, courseid, "page", "", name)
    return courseid


@_action
def edit_question(call: Call, wishes: Wishes) -> dict[str, Any]:
    """Edit a question as a person does in Moodle: `text` replaces its text, `mode` newversion or inplace."""
    bank = finding.bank(call.db, wishes["bankidnumber"])
    row = call.db.execute(
        "SELECT e.id AS entryid, e.latest, q.id AS questionid, q.payload FROM entries e JOIN questions q"
        " ON q.entryid = e.id AND q.version = e.latest WHERE e.bankid = ? AND e.idnumber = ?",
        (bank["id"], wishes["idnumber"]),
    ).fetchone()
    if row is None:
        raise KeyError(wishes["idnumber"])
    payload = pack(unpack(row["payload"])._replace(text=wishes["text"]))
    if wishes.get("mode", "newversion") == "newversion":
        version = row["latest"] + 1
        return {"questionid": add_version(call, row["entryid"], version, "", payload), "version": version}
    call.db.execute(
        "UPDATE questions SET payload = ?, edited = 1, timemodified = ? WHERE id = ?",
        (payload, call.now, row["questionid"]),
    )
    call.db.execute("UPDATE entries SET changeno = ? WHERE id = ?", (next_change(call.db), row["entryid"]))
    return {"questionid": row["questionid"], "version": row["latest"]}


@_action
def add_question(call: Call, wishes: Wishes) -> dict[str, Any]:
    """A person makes a question in the bank: `text`, `categorypath`, `idnumber` ("" = none)."""
    bank = finding.bank(call.db, wishes["bankidnumber"])
    entryid = call.db.execute(
        "INSERT INTO entries (bankid, idnumber, categorypath, latest, changeno) VALUES (?, ?, ?, 0, ?)",
        (bank["id"], wishes["idnumber"], wishes["categorypath"], next_change(call.db)),
    ).lastrowid
    assert entryid is not None
    question = TruefalseQuestion(wishes["text"], wishes["text"], True)
    return {"questionid": add_version(call, entryid, 1, "", pack(question))}


@_action
def set_key(call: Call, wishes: Wishes) -> dict[str, Any]:
    """Correct the key of a multiple-choice version in place: `questionid`, `fractions` in the written order."""
    query = "SELECT * FROM questions WHERE id = ?"
    row = finding.record(call.db, "question", query, wishes["questionid"])
    question = unpack(row["payload"])
    if question.qtype != "multichoice":
        raise ValueError(question.qtype)
    marked = zip(question.answers, wishes["fractions"], strict=True)
    answers = tuple(answer._replace(fraction=float(fraction)) for answer, fraction in marked)
    call.db.execute(
        "UPDATE questions SET payload = ?, edited = 1, timemodified = ? WHERE id = ?",
        (pack(question._replace(answers=answers)), call.now, row["id"]),
    )
    call.db.execute("UPDATE entries SET changeno = ? WHERE id = ?", (next_change(call.db), row["entryid"]))
    return {}


def _attempt(call: Call, wishes: Wishes) -> sqlite3.Row:
    row = attempts.load(call.db, wishes["attemptid"])
    if row is None:
        raise KeyError(wishes["attemptid"])
    return row


@_action
def regrade(call: Call, wishes: Wishes) -> dict[str, Any]:
    """Mark a finished attempt (`attemptid`) again by the questions as they are now."""
    corrections.regrade(call, _attempt(call, wishes))
    return {}


@_action
def mark(call: Call, wishes: Wishes) -> dict[str, Any]:
    """Mark one answer by hand: `attemptid`, `slot`, `mark` (a decimal in text)."""
    corrections.mark_by_hand(call, _attempt(call, wishes), int(wishes["slot"]), Decimal(wishes["mark"]))
    return {}


@_action
def delete_attempt(call: Call, wishes: Wishes) -> dict[str, Any]:
    corrections.delete(call, _attempt(call, wishes))
    return {}


@_action
def abandon(call: Call, wishes: Wishes) -> dict[str, Any]:
    """Close an attempt in progress (`attemptid`) as never submitted."""
    corrections.abandon(call, _attempt(call, wishes))
    return {}


@_action
def reopen(call: Call, wishes: Wishes) -> dict[str, Any]:
    """Let a never submitted attempt (`attemptid`) go on."""
    corrections.reopen(call, _attempt(call, wishes))
    return {}


@_action
def attempt_ids(call: Call, wishes: Wishes) -> dict[str, Any]:
    """The attempts at `testidnumber` that are there: person -> attempt id (the last one)."""
    quiz = finding.quiz(call.db, wishes["testidnumber"])
    rows = call.db.execute(
        "SELECT a.id, u.idnumber FROM quiz_attempts a JOIN users u ON u.id = a.userid"
        " WHERE a.quizid = ? AND a.deleted = 0 ORDER BY a.attempt",
        (quiz["id"],),
    )
    return {"attempts": {row["idnumber"]: row["id"] for row in rows}}


@_action
def grade_course(call: Call, wishes: Wishes) -> dict[str, Any]:
    """A teacher's grade for the whole course: `courseidnumber`, `useridnumber`, `grade` (out of 100, in text)."""
    course_row = finding.course(call.db, wishes["courseidnumber"])
    user = call.db.execute("SELECT * FROM users WHERE idnumber = ?", (wishes["useridnumber"],)).fetchone()
    enrolment = call.db.execute(
        "SELECT * FROM enrolments WHERE courseid = ? AND userid = ?", (course_row["id"], user["id"])
    ).fetchone()
    training.set_grade(call, enrolment, user, f"{Decimal(wishes['grade']).normalize():f}")
    return {}
