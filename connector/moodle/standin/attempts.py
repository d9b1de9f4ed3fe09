"""Attempts at a test: begun, read, and as web services give them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from connector.moodle.standin import grading
from connector.moodle.standin.access import Access
from connector.moodle.standin.call import Call
from connector.moodle.standin.database import next_change
from connector.moodle.standin.decimals import number
from connector.moodle.standin.drawing import Picked, pick_questions, shuffled
from connector.moodle.standin.payload import unpack
from connector.moodle.standin.rendering import Shown
from question_banks.model import Question


def begin(call: Call, quiz: sqlite3.Row, access: Access, userid: int) -> int:
    """A new attempt of this person; returns its id. The caller has checked that it may be begun."""
    number = _last_number(call.db, quiz["id"], userid) + 1
    picked = pick_questions(call.db, quiz, f"{userid}/{number}")
    pages = [picked[at : at + quiz["questionsperpage"]] for at in range(0, len(picked), quiz["questionsperpage"])]
    layout = ",".join(",".join(str(item.slot) for item in page) + ",0" for page in pages)
    row = call.db.execute(
        "INSERT INTO quiz_attempts (quizid, userid, attempt, state, layout, timestart, timemodified, timecheckstate,"
        " maxmark, changeno) VALUES (?, ?, ?, 'inprogress', ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            quiz["id"],
            userid,
            number,
            layout,
            call.now,
            call.now,
            access.end_time(call.now),
            quiz["sumgrades"],
            next_change(call.db),
        ),
    ).fetchone()
    _lay_out(call.db, int(row[0]), pages, bool(quiz["shuffleanswers"]))
    return int(row[0])


def _last_number(db: sqlite3.Connection, quizid: int, userid: int) -> int:
    query = "SELECT COALESCE(MAX(attempt), 0) FROM quiz_attempts WHERE quizid = ? AND userid = ?"
    return int(db.execute(query, (quizid, userid)).fetchone()[0])


def _lay_out(db: sqlite3.Connection, attemptid: int, pages: Sequence[Sequence[Picked]], shuffle: bool) -> None:
    rows = []
    for page, items in enumerate(pages):
        for item in items:
            question = unpack(item.payload)
            order = shuffled(range(grading.option_count(question)), f"{attemptid}/{item.slot}" if shuffle else "")
            right = grading.right_answer(question)
            rows.append((attemptid, item.slot, page, item.questionid, item.maxmark, json.dumps(order), right))
    db.executemany(
        "INSERT INTO question_attempts (attemptid, slot, page, questionid, maxmark, optionorder, rightanswer)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


def load(db: sqlite3.Connection, attemptid: int) -> sqlite3.Row | None:
    """The attempt with the fields of its test and person that decide about it; None if it is not there."""
    row: sqlite3.Row | None = db.execute(
        "SELECT a.*, z.idnumber AS testidnumber, z.courseid, z.cmid, u.idnumber AS useridnumber FROM quiz_attempts a"
        " JOIN quizzes z ON z.id = a.quizid JOIN users u ON u.id = a.userid WHERE a.id = ? AND a.deleted = 0",
        (attemptid,),
    ).fetchone()
    return row


def load_questions(db: sqlite3.Connection, attemptid: int, page: int = -1) -> list[sqlite3.Row]:
    """The attempt's questions in the order of the paper; `page` -1 = all pages."""
    return db.execute(
        "SELECT t.*, q.payload, q.version FROM question_attempts t JOIN questions q ON q.id = t.questionid"
        " WHERE t.attemptid = ?1 AND (?2 = -1 OR t.page = ?2) ORDER BY t.page, t.slot",
        (attemptid, page),
    ).fetchall()


def current_response(row: sqlite3.Row) -> dict[str, str]:
    """What the person answered last, saved for good or by autosave."""
    response: dict[str, str] = json.loads(row["autosave"] or row["response"])
    return response


def shown(attempt: sqlite3.Row, row: sqlite3.Row) -> Shown:
    """One question of the attempt, ready to be rendered."""
    return Shown(
        usageid=attempt["id"],
        slot=row["slot"],
        number=row["slot"],
        question=unpack(row["payload"]),
        questionid=row["questionid"],
        order=json.loads(row["optionorder"]),
        response=current_response(row),
        state=_shown_state(row),
        sequence=row["sequence"],
        flagged=bool(row["flagged"]),
        readonly=attempt["state"] != "inprogress",
        mark=row["mark"],
        maxmark=row["maxmark"],
        rightanswer=row["rightanswer"],
    )


def _shown_state(row: sqlite3.Row) -> str:
    """An autosaved answer shows as the state it would have."""
    if row["autosave"] is None:
        return str(row["state"])
    return open_state(unpack(row["payload"]), json.loads(row["optionorder"]), json.loads(row["autosave"]))


def open_state(question: Question, order: Sequence[int], response: Mapping[str, str]) -> str:
    if grading.is_complete(question, order, response):
        return "complete"
    return "invalid" if grading.is_gradable(question, order, response) else "todo"


def is_over(attempt: sqlite3.Row) -> bool:
    return attempt["state"] in ("finished", "abandoned")


def reply_attempt(attempt: sqlite3.Row, graded: bool = False) -> dict[str, Any]:
    """The attempt as core web services give it; `graded` adds what only a finished one has."""
    body: dict[str, Any] = {
        "id": attempt["id"],
        "quiz": attempt["quizid"],
        "userid": attempt["userid"],
        "attempt": attempt["attempt"],
        "uniqueid": attempt["id"],
        "layout": attempt["layout"],
        "currentpage": attempt["currentpage"],
        "preview": 0,
        "state": attempt["state"],
        "timestart": attempt["timestart"],
        "timefinish": attempt["timefinish"],
        "timemodified": attempt["timemodified"],
        "timemodifiedoffline": attempt["timemodified"],
        "timecheckstate": attempt["timecheckstate"],
        "sumgrades": number(attempt["sumgrades"]),
    }
    if graded:
        body["gradeitemmarks"] = []
    return {**body, "gradednotificationsenttime": attempt["timegraded"]}
