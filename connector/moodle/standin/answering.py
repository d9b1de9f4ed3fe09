"""Answers saved, handed in and closed by time, as mod_quiz does it with deferred feedback."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connector.moodle.standin import grading, push
from connector.moodle.standin.access import access_for
from connector.moodle.standin.attempts import current_response, load, load_questions, open_state
from connector.moodle.standin.call import Call
from connector.moodle.standin.database import Database, next_change
from connector.moodle.standin.decimals import as_text
from connector.moodle.standin.errors import MoodleError
from connector.moodle.standin.payload import unpack

GRACE_SECONDS = 60  # quiz | graceperiodmin: answers sent this late still count
MIN_SECONDS_TO_CONTINUE = 2  # QUIZ_MIN_TIME_TO_CONTINUE
OUT_OF_SEQUENCE = "submissionoutofsequencefriendlymessage"


def _by_slot(attemptid: int, data: Mapping[str, str]) -> dict[int, dict[str, str]]:
    """The sent fields under their slots, without the prefix `q<usage>:<slot>_`."""
    prefix = f"q{attemptid}:"
    found: dict[int, dict[str, str]] = {}
    for name, value in data.items():
        slot, underscore, field = name.removeprefix(prefix).partition("_")
        if underscore and slot.isdecimal() and name.startswith(prefix):
            found.setdefault(int(slot), {})[field] = value
    return found


def _answer_of(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if not name.startswith((":", "-"))}


def autosave(call: Call, attempt: sqlite3.Row, data: Mapping[str, str]) -> None:
    """Keep answers for the time being. A sequence that does not fit is passed over, as Moodle's autosave does."""
    sent = _by_slot(attempt["id"], data)
    changes = []
    for row in load_questions(call.db, attempt["id"]):
        fields = sent.get(row["slot"], {})
        if fields.get(":sequencecheck") != str(row["sequence"]):
            continue
        response = _answer_of(fields)
        same = grading.is_same(unpack(row["payload"]), response, json.loads(row["response"]))
        kept = None if same else json.dumps(response, ensure_ascii=False)
        changes.append((kept, call.now, attempt["id"], row["slot"]))
    call.db.executemany(
        "UPDATE question_attempts SET autosave = ?, lastaction = ? WHERE attemptid = ? AND slot = ?", changes
    )


def submit(call: Call, attempt: sqlite3.Row, data: Mapping[str, str]) -> None:
    """Save answers for good.

    A question sent without its sequencecheck is passed over in silence; with a wrong one the whole call is refused
    (`submissionoutofsequencefriendlymessage`). Both are Moodle's own behaviour.
    """
    sent = _by_slot(attempt["id"], data)
    changes = []
    for row in load_questions(call.db, attempt["id"]):
        fields = sent.get(row["slot"], {})
        if ":sequencecheck" not in fields:
            continue
        if fields[":sequencecheck"] != str(row["sequence"]):
            raise MoodleError(
                OUT_OF_SEQUENCE,
                "Your input conflicted with saved answers. Your latest changes were not saved.",
            )
        changes.append(_step(call, attempt["id"], row, fields))
    call.db.executemany(
        "UPDATE question_attempts SET response = :response, autosave = NULL, state = :state, sequence = :sequence,"
        " lastaction = :lastaction, responsesummary = :summary, flagged = :flagged"
        " WHERE attemptid = :attemptid AND slot = :slot",
        changes,
    )


def _step(call: Call, attemptid: int, row: sqlite3.Row, fields: Mapping[str, str]) -> dict[str, Any]:
    """The question's row after this answer; only a changed answer makes a new step."""
    response = _answer_of(fields)
    question, order = unpack(row["payload"]), json.loads(row["optionorder"])
    kept = {
        "attemptid": attemptid,
        "slot": row["slot"],
        "flagged": fields.get(":flagged", str(row["flagged"])) == "1",
    }
    if grading.is_same(question, response, json.loads(row["response"])):
        same = ("response", "state", "sequence", "lastaction")
        return {**kept, **{name: row[name] for name in same}, "summary": row["responsesummary"]}
    return {
        **kept,
        "response": json.dumps(response, ensure_ascii=False),
        "state": open_state(question, order, response),
        "sequence": row["sequence"] + 1,
        "lastaction": call.now,
        "summary": grading.response_summary(question, order, response),
    }


def touch(call: Call, attemptid: int, page: int | None = None) -> None:
    """Note that the person was there."""
    call.db.execute(
        "UPDATE quiz_attempts SET timemodified = ?, currentpage = COALESCE(?, currentpage) WHERE id = ?",
        (call.now, page, attemptid),
    )


def process(call: Call, attempt: sqlite3.Row, data: Mapping[str, str], finishing: bool, timeup: bool) -> str:
    """mod_quiz's process_attempt: save, and finish if asked or if the time is up. Returns the state."""
    end = attempt["timecheckstate"]
    late = end is not None and call.now > end - MIN_SECONDS_TO_CONTINUE
    too_late = end is not None and call.now > end + GRACE_SECONDS
    if not too_late:
        submit(call, attempt, data)
    if not (finishing or timeup or late):
        touch(call, attempt["id"])
        return "inprogress"
    finish(call, attempt, end if too_late else call.now)
    return "finished"


def finish(call: Call, attempt: sqlite3.Row, timefinish: int) -> None:
    """Mark every question and close the attempt. Autosaved answers count, as in Moodle."""
    marks: list[Decimal | None] = []
    changes = []
    for row in load_questions(call.db, attempt["id"]):
        question, order, response = unpack(row["payload"]), json.loads(row["optionorder"]), current_response(row)
        result = grading.grade(question, order, response)
        mark = None if result.fraction is None else grading.mark_of(result.fraction, Decimal(row["maxmark"]))
        marks.append(counted(result.state, mark))
        changes.append(
            {
                "attemptid": attempt["id"],
                "slot": row["slot"],
                "response": json.dumps(response, ensure_ascii=False),
                "summary": grading.response_summary(question, order, response),
                "state": result.state,
                "fraction": as_text(result.fraction),
                "mark": as_text(mark),
                "steps": 2 if row["autosave"] is not None else 1,
                "now": call.now,
            }
        )
    call.db.executemany(
        "UPDATE question_attempts SET response = :response, autosave = NULL, responsesummary = :summary,"
        " state = :state, fraction = :fraction, mark = :mark, sequence = sequence + :steps, lastaction = :now"
        " WHERE attemptid = :attemptid AND slot = :slot",
        changes,
    )
    _close(call, attempt, timefinish, marks)


def _close(call: Call, attempt: sqlite3.Row, timefinish: int, marks: Sequence[Decimal | None]) -> None:
    total = total_of(marks)
    call.db.execute(
        "UPDATE quiz_attempts SET state = 'finished', timefinish = ?, timemodified = ?, timecheckstate = NULL,"
        " sumgrades = ?, timegraded = ?, changeno = ? WHERE id = ?",
        (timefinish, call.now, total, None if total is None else call.now, next_change(call.db), attempt["id"]),
    )
    hint(call, "attempt_finished", attempt)


def total_of(marks: Sequence[Decimal | None]) -> str | None:
    """The sum, None as long as one answer waits for a person's mark."""
    known = [mark for mark in marks if mark is not None]
    return as_text(grading.sum_of(known)) if len(known) == len(marks) else None


def counted(state: str, mark: Decimal | None) -> Decimal | None:
    """What an answer adds to the sum: nothing given is 0, nothing marked yet is not known."""
    return grading.NIL if state in ("gaveup", "finished") else mark


def hint(call: Call, event: str, attempt: sqlite3.Row) -> None:
    push.note(call, event, {"testidnumber": attempt["testidnumber"]}, attempt["useridnumber"])


# ------------------------------------------------------------------------------------------------------------ time


def handle_if_time_expired(call: Call, attempt: sqlite3.Row, online: bool) -> sqlite3.Row:
    """Close an attempt whose time is over. A person who is there gets a minute to hand in what they see."""
    end = attempt["timecheckstate"]
    if attempt["state"] != "inprogress" or end is None or call.now < end + (GRACE_SECONDS if online else 0):
        return attempt
    finish(call, attempt, call.now if online else end)
    closed = load(call.db, attempt["id"])
    assert closed is not None
    return closed


_EXPIRED = "SELECT id, userid FROM quiz_attempts WHERE timecheckstate <= ? AND state = 'inprogress' AND deleted = 0"


def any_expired(db: sqlite3.Connection, now: int) -> bool:
    """Whether an attempt nobody finished is past its time and the minute of grace."""
    return db.execute(_EXPIRED + " LIMIT 1", (now - GRACE_SECONDS,)).fetchone() is not None


def close_expired(database: Database, now: int, settings: Mapping[str, str], wwwroot: str) -> int:
    """What Moodle's cron does about attempts nobody finished; returns how many were closed."""
    with database.writing() as db:
        due = db.execute(_EXPIRED, (now - GRACE_SECONDS,)).fetchall()
        for row in due:
            user = db.execute("SELECT * FROM users WHERE id = ?", (row["userid"],)).fetchone()
            attempt = load(db, row["id"])
            assert attempt is not None
            handle_if_time_expired(Call(db, now, user, settings, wwwroot), attempt, online=False)
    return len(due)


def refresh_end_times(call: Call, quiz: sqlite3.Row) -> None:
    """Attempts in progress end by the test's present times, as quiz_update_open_attempts does."""
    rows = call.db.execute(
        "SELECT id, userid, timestart FROM quiz_attempts WHERE quizid = ? AND state = 'inprogress' AND deleted = 0",
        (quiz["id"],),
    ).fetchall()
    call.db.executemany(
        "UPDATE quiz_attempts SET timecheckstate = ? WHERE id = ?",
        [(access_for(call, quiz, row["userid"]).end_time(row["timestart"]), row["id"]) for row in rows],
    )
