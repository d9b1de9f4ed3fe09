"""What comes back: results of tests and completions of courses, in pages that neither repeat nor skip."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from connector.moodle.standin import finding
from connector.moodle.standin.call import FUNCTIONS, Arguments, Call
from connector.moodle.standin.cursors import page_size, read_cursor, write_cursor
from connector.moodle.standin.decimals import number
from connector.moodle.standin.parameters import BOOL, INT, RAW, Items
from connector.moodle.standin.replies import JsonText

MOST_ATTEMPTS = 500
MOST_COMPLETIONS = 500
MAX_GRADE = 100


@FUNCTIONS.add(
    "local_kyzmat_get_results",
    {"testidnumbers": Items(RAW), "cursor": RAW, "limit": INT, "responses": BOOL},
    capability="mod/quiz:viewreports",
)
def get_results(call: Call, given: Arguments) -> dict[str, Any]:
    """Attempts that have ended. One in progress is not a result (`get_progress` shows it)."""
    tests = json.dumps(list(finding.quiz_ids(call.db, given["testidnumbers"]).values()))
    after, size = read_cursor(given["cursor"]), page_size(given["limit"], MOST_ATTEMPTS)
    rows = call.db.execute(
        "SELECT a.*, z.idnumber AS testidnumber, u.idnumber AS useridnumber FROM quiz_attempts a"
        " JOIN quizzes z ON z.id = a.quizid JOIN users u ON u.id = a.userid"
        " WHERE a.state IN ('finished', 'abandoned') AND a.changeno > ?1"
        " AND a.quizid IN (SELECT value FROM json_each(?2)) ORDER BY a.changeno LIMIT ?3",
        (after, tests, size + 1),
    ).fetchall()
    page = rows[:size]
    shown = list(_with_responses(call.db, page)) if given["responses"] else [_attempt(row, []) for row in page]
    return {
        "servertime": call.now,
        "cursor": write_cursor(page[-1]["changeno"] if page else after),
        "more": len(rows) > size,
        "total": _finished(call.db, tests),
        "attempts": shown,
    }


def _finished(db: sqlite3.Connection, tests: str) -> int:
    """The control total: finished attempts that are still there."""
    row = db.execute(
        "SELECT COUNT(*) FROM quiz_attempts WHERE state = 'finished' AND deleted = 0"
        " AND quizid IN (SELECT value FROM json_each(?))",
        (tests,),
    ).fetchone()
    return int(row[0])


def _with_responses(db: sqlite3.Connection, page: list[sqlite3.Row]) -> Iterator[JsonText]:
    """Each attempt with its answers, written out one by one: 500 attempts of 60 answers are 30,000 rows."""
    rows = db.execute(
        "SELECT t.*, e.idnumber, q.entryid, q.version FROM json_each(?) j"
        " JOIN question_attempts t ON t.attemptid = j.value JOIN questions q ON q.id = t.questionid"
        " JOIN entries e ON e.id = q.entryid ORDER BY j.key, t.slot",
        (json.dumps([row["id"] for row in page]),),
    )
    groups = groupby(rows, key=itemgetter("attemptid"))
    attemptid, answers = next(groups, _NO_GROUP)
    for row in page:
        responses: list[dict[str, Any]] = []
        if row["id"] == attemptid:  # a deleted attempt has no answers any more
            responses = [_response(answer) for answer in answers]
            attemptid, answers = next(groups, _NO_GROUP)
        yield JsonText(json.dumps(_attempt(row, responses), separators=(",", ":")))


_NO_GROUP: tuple[int, Iterator[sqlite3.Row]] = (0, iter(()))


def _response(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "slot": row["slot"],
        "idnumber": row["idnumber"],
        "entryid": row["entryid"],
        "questionid": row["questionid"],
        "version": row["version"],
        "state": row["state"],
        "mark": number(row["mark"]),
        "maxmark": number(row["maxmark"]),
        "response": row["responsesummary"],
        "rightanswer": row["rightanswer"],
        "time": max(row["lastaction"], 0),
    }


def _attempt(row: sqlite3.Row, responses: list[dict[str, Any]]) -> dict[str, Any]:
    plain = ("testidnumber", "useridnumber", "attempt", "state")
    return {
        "attemptid": row["id"],
        **{name: row[name] for name in plain},
        "deleted": bool(row["deleted"]),
        "timestart": row["timestart"],
        "timefinish": row["timefinish"],
        "timemodified": row["timemodified"],
        "mark": number(row["sumgrades"]),
        "maxmark": number(row["maxmark"]),
        "responses": responses,
    }


# ---------------------------------------------------------------------------------------------------- completions

# Done and all training activities beside each enrolment.
_COMPLETIONS = """
    SELECT e.*, c.idnumber AS courseidnumber, u.idnumber AS useridnumber,
           (SELECT COUNT(*) FROM course_modules m WHERE m.courseid = e.courseid AND m.modname = 'page') AS activities,
           (SELECT COUNT(*) FROM course_modules m JOIN activity_completions d ON d.cmid = m.id AND d.userid = e.userid
            WHERE m.courseid = e.courseid AND m.modname = 'page') AS done
    FROM enrolments e JOIN courses c ON c.id = e.courseid JOIN users u ON u.id = e.userid
    WHERE e.courseid IN (SELECT value FROM json_each(?1)) AND e.changeno > ?2 ORDER BY e.changeno LIMIT ?3
"""


@FUNCTIONS.add(
    "local_kyzmat_get_completions",
    {"courseidnumbers": Items(RAW), "cursor": RAW, "limit": INT},
    capability="report/completion:view",
)
def get_completions(call: Call, given: Arguments) -> dict[str, Any]:
    courses = json.dumps(list(finding.course_ids(call.db, given["courseidnumbers"]).values()))
    after, size = read_cursor(given["cursor"]), page_size(given["limit"], MOST_COMPLETIONS)
    rows = call.db.execute(_COMPLETIONS, (courses, after, size + 1)).fetchall()
    page = rows[:size]
    total = call.db.execute(
        "SELECT COUNT(*) FROM enrolments WHERE courseid IN (SELECT value FROM json_each(?))", (courses,)
    ).fetchone()[0]
    return {
        "servertime": call.now,
        "cursor": write_cursor(page[-1]["changeno"] if page else after),
        "more": len(rows) > size,
        "total": total,
        "completions": [_completion(row) for row in page],
    }


def _completion(row: sqlite3.Row) -> dict[str, Any]:
    begun = "inprogress" if row["done"] else "enrolled"
    state = begun if row["timecompleted"] is None else "completed"
    return {
        "useridnumber": row["useridnumber"],
        "courseidnumber": row["courseidnumber"],
        "state": state,
        "timecompleted": row["timecompleted"] or 0,
        "grade": number(row["grade"]),
        "maxgrade": MAX_GRADE,
        "activitiesdone": row["done"],
        "activities": row["activities"],
    }
