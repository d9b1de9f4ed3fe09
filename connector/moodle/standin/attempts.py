"""Attempts at a test: begun, answered, finished, regraded, deleted, as mod_quiz does it with deferred feedback."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connector.moodle.standin import grading, push
from connector.moodle.standin.access import Access, access_for
from connector.moodle.standin.call import Call
from connector.moodle.standin.database import Database, next_change
from connector.moodle.standin.errors import MoodleError
from connector.moodle.standin.payload import unpack
from connector.moodle.standin.rendering import Shown
from question_banks.model import Question

GRACE_SECONDS = 60  # quiz | graceperiodmin: answers sent this late still count
MIN_SECONDS_TO_CONTINUE = 2  # QUIZ_MIN_TIME_TO_CONTINUE
OUT_OF_SEQUENCE = "submissionoutofsequencefriendlymessage"


@dataclass(frozen=True, slots=True)
class Picked:
    """A question as it takes its place in an attempt."""

    slot: int
    questionid: int
    payload: str
    maxmark: str


# ------------------------------------------------------------------------------------------------------------ begin


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


def shuffled(places: Sequence[int], seed: str) -> list[int]:
    """The places in an order that depends on the seed alone; "" leaves them as they are."""
    if not seed:
        return list(places)
    return sorted(places, key=lambda place: hashlib.sha256(f"{seed}/{place}".encode()).digest())


def pick_questions(db: sqlite3.Connection, quiz: sqlite3.Row, seed: str) -> list[Picked]:
    """The questions of an attempt: fixed ones as they are, random ones (practice) drawn by the seed.

    Raises notenoughrandomquestions, as Moodle does only now.
    """
    rows = db.execute(
        "SELECT s.*, q.payload FROM quiz_slots s LEFT JOIN questions q ON q.id = s.questionid"
        " WHERE s.quizid = ? ORDER BY s.slot",
        (quiz["id"],),
    ).fetchall()
    used = {row["questionid"] for row in rows}
    picked = []
    for row in rows:
        drawn = row if row["questionid"] is not None else _draw(db, quiz["courseid"], row, used, seed)
        used.add(drawn["questionid"])
        picked.append(Picked(row["slot"], drawn["questionid"], drawn["payload"], row["maxmark"]))
    return picked


def _draw(db: sqlite3.Connection, courseid: int, slot: sqlite3.Row, used: set[int], seed: str) -> sqlite3.Row:
    pool = {row["questionid"]: row for row in questions_of_category(db, courseid, slot["categorypath"])}
    free = [questionid for questionid in sorted(pool) if questionid not in used]
    if not free:
        raise MoodleError(
            "notenoughrandomquestions",
            f"There are not enough questions in category {slot['categorypath']} to create the question Random.",
        )
    return pool[shuffled(free, f"{seed}/{slot['slot']}")[0]]


def questions_of_category(db: sqlite3.Connection, courseid: int, path: str) -> list[sqlite3.Row]:
    """Ready questions of a category and those below it, in the banks of the course."""
    return db.execute(
        "SELECT q.id AS questionid, q.payload FROM entries e JOIN banks b ON b.id = e.bankid"
        " JOIN questions q ON q.entryid = e.id AND q.version = e.latest"
        " WHERE b.courseid = ?1 AND q.status = 'ready'"
        " AND (e.categorypath = ?2 OR substr(e.categorypath, 1, length(?2) + 1) = ?2 || '/')",
        (courseid, path),
    ).fetchall()


# ------------------------------------------------------------------------------------------------------------- read


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
        "SELECT t.*, q.payload FROM question_attempts t JOIN questions q ON q.id = t.questionid"
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
    return _open_state(unpack(row["payload"]), json.loads(row["optionorder"]), json.loads(row["autosave"]))


def _open_state(question: Question, order: Sequence[int], response: Mapping[str, str]) -> str:
    if grading.is_complete(question, order, response):
        return "complete"
    return "invalid" if grading.is_gradable(question, order, response) else "todo"


# ----------------------------------------------------------------------------------------------------------- answer


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
        "state": _open_state(question, order, response),
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


# ----------------------------------------------------------------------------------------------------------- finish


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
        marks.append(_counted(result.state, mark))
        changes.append(
            {
                "attemptid": attempt["id"],
                "slot": row["slot"],
                "response": json.dumps(response, ensure_ascii=False),
                "summary": grading.response_summary(question, order, response),
                "state": result.state,
                "fraction": _text(result.fraction),
                "mark": _text(mark),
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
    _hint(call, "attempt_finished", attempt)


def total_of(marks: Sequence[Decimal | None]) -> str | None:
    """The sum, None as long as one answer waits for a person's mark."""
    known = [mark for mark in marks if mark is not None]
    return _text(grading.sum_of(known)) if len(known) == len(marks) else None


def _counted(state: str, mark: Decimal | None) -> Decimal | None:
    """What an answer adds to the sum: nothing given is 0, nothing marked yet is not known."""
    return grading.NIL if state in ("gaveup", "finished") else mark


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def _hint(call: Call, event: str, attempt: sqlite3.Row) -> None:
    push.note(call, event, {"testidnumber": attempt["testidnumber"]}, attempt["useridnumber"])


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


# -------------------------------------------------------------------------------------------- changed by a person


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
                _text(result.fraction),
                _text(mark),
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
            _text(fraction),
            _text(mark),
            call.now,
            attempt["id"],
            slot,
        ),
    )
    _sum_again(call, attempt)


def _sum_again(call: Call, attempt: sqlite3.Row) -> None:
    rows = call.db.execute("SELECT state, mark FROM question_attempts WHERE attemptid = ?", (attempt["id"],))
    marks = [_counted(row["state"], None if row["mark"] is None else Decimal(row["mark"])) for row in rows]
    call.db.execute(
        "UPDATE quiz_attempts SET sumgrades = ?, timegraded = ?, timemodified = ?, changeno = ? WHERE id = ?",
        (total_of(marks), call.now, call.now, next_change(call.db), attempt["id"]),
    )
    _hint(call, "attempt_regraded", attempt)


def delete(call: Call, attempt: sqlite3.Row) -> None:
    """Delete an attempt; its line stays as a tombstone for `get_results`, its answers go."""
    call.db.execute("DELETE FROM question_attempts WHERE attemptid = ?", (attempt["id"],))
    call.db.execute(
        "UPDATE quiz_attempts SET deleted = 1, timecheckstate = NULL, timemodified = ?, changeno = ? WHERE id = ?",
        (call.now, next_change(call.db), attempt["id"]),
    )
    _hint(call, "attempt_deleted", attempt)


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


def number(text: str | None) -> int | float | None:
    """A kept decimal as a JSON number, whole ones without a point, as PHP writes them."""
    if text is None:
        return None
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else float(value)


def is_over(attempt: sqlite3.Row) -> bool:
    return attempt["state"] in ("finished", "abandoned")
