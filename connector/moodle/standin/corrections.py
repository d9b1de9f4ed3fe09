"""What a person does to an attempt that has ended: regrade, mark by hand, delete, reopen."""

from __future__ import annotations

import json
import sqlite3
from decimal import Decimal

from connector.moodle.standin import grading
from connector.moodle.standin.access import access_for
from connector.moodle.standin.answering import counted, hint, total_of
from connector.moodle.standin.attempts import load_questions
from connector.moodle.standin.call import Call
from connector.moodle.standin.database import next_change
from connector.moodle.standin.decimals import as_text
from connector.moodle.standin.payload import unpack


def regrade(call: Call, attempt: sqlite3.Row) -> None:
    """Mark a finished attempt again by the questions as they are now."""
    for row in load_questions(call.db, attempt["id"]):
        if row["state"].startswith("mangr"):
            continue
        question, order, response = unpack(row["payload"]), json.loads(row["optionorder"]), json.loads(row["response"])
        result = grading.grade(question, order, response)
        mark = None if result.fraction is None else grading.mark_of(result.fraction, Decimal(row["maxmark"]))
        call.db.execute(
            "UPDATE question_attempts SET state = ?, fraction = ?, mark = ?, rightanswer = ?, sequence = sequence + 1,"
            " lastaction = ? WHERE attemptid = ? AND slot = ?",
            (
                result.state,
                as_text(result.fraction),
                as_text(mark),
                grading.right_answer(question),
                call.now,
                attempt["id"],
                row["slot"],
            ),
        )
    _sum_again(call, attempt)


def mark_by_hand(call: Call, attempt: sqlite3.Row, slot: int, mark: Decimal) -> None:
    """A person's mark for one answer (an essay, or an overruled one)."""
    row = call.db.execute(
        "SELECT maxmark FROM question_attempts WHERE attemptid = ? AND slot = ?", (attempt["id"], slot)
    ).fetchone()
    fraction = (mark / Decimal(row["maxmark"])).quantize(grading.FRACTION_PLACES)
    call.db.execute(
        "UPDATE question_attempts SET state = ?, fraction = ?, mark = ?, sequence = sequence + 1, lastaction = ?"
        " WHERE attemptid = ? AND slot = ?",
        (
            grading.state_of(fraction).replace("graded", "mangr"),
            as_text(fraction),
            as_text(mark),
            call.now,
            attempt["id"],
            slot,
        ),
    )
    _sum_again(call, attempt)


def _sum_again(call: Call, attempt: sqlite3.Row) -> None:
    rows = call.db.execute("SELECT state, mark FROM question_attempts WHERE attemptid = ?", (attempt["id"],))
    marks = [counted(row["state"], None if row["mark"] is None else Decimal(row["mark"])) for row in rows]
    call.db.execute(
        "UPDATE quiz_attempts SET sumgrades = ?, timegraded = ?, timemodified = ?, changeno = ? WHERE id = ?",
        (total_of(marks), call.now, call.now, next_change(call.db), attempt["id"]),
    )
    hint(call, "attempt_regraded", attempt)


def abandon(call: Call, attempt: sqlite3.Row) -> None:
    """Close an attempt in progress as never submitted, as Moodle does where overdue attempts are not handed in."""
    _require(attempt, "inprogress")
    call.db.execute(
        "UPDATE quiz_attempts SET state = 'abandoned', timecheckstate = NULL, timemodified = ?, changeno = ?"
        " WHERE id = ?",
        (call.now, next_change(call.db), attempt["id"]),
    )


def reopen(call: Call, attempt: sqlite3.Row) -> None:
    """Let a never submitted attempt go on; Moodle reopens no other (`reopenattemptwrongstate`)."""
    _require(attempt, "abandoned")
    quiz = call.db.execute("SELECT * FROM quizzes WHERE id = ?", (attempt["quizid"],)).fetchone()
    end = access_for(call, quiz, attempt["userid"]).end_time(attempt["timestart"])
    call.db.execute(
        "UPDATE quiz_attempts SET state = 'inprogress', timefinish = 0, timecheckstate = ?, timemodified = ?,"
        " changeno = ? WHERE id = ?",
        (end, call.now, next_change(call.db), attempt["id"]),
    )


def _require(attempt: sqlite3.Row, state: str) -> None:
    if attempt["deleted"] or attempt["state"] != state:
        raise ValueError(f"the attempt is {'deleted' if attempt['deleted'] else attempt['state']}, not {state}")


def delete(call: Call, attempt: sqlite3.Row) -> None:
    """Delete an attempt; its line stays as a tombstone for `get_results`, its answers go."""
    call.db.execute("DELETE FROM question_attempts WHERE attemptid = ?", (attempt["id"],))
    call.db.execute(
        "UPDATE quiz_attempts SET deleted = 1, timecheckstate = NULL, timemodified = ?, changeno = ? WHERE id = ?",
        (call.now, next_change(call.db), attempt["id"]),
    )
    hint(call, "attempt_deleted", attempt)
