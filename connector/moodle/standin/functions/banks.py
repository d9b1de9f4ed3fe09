"""Question banks: what is in them, and putting questions in."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from connector.moodle.standin import finding
from connector.moodle.standin.call import FUNCTIONS, Arguments, Call
from connector.moodle.standin.cursors import page_size, read_cursor, write_cursor
from connector.moodle.standin.database import next_change
from connector.moodle.standin.errors import MissingRecord, MoodleError, invalid_parameter
from connector.moodle.standin.importing import Rejected, read_question
from connector.moodle.standin.parameters import INT, RAW, Fields, Items
from connector.moodle.standin.payload import pack, unpack
from gift_export import moodle_xml
from gift_export.refusal import CannotSayError

MOST_QUESTIONS = 200
MOST_IDNUMBER = 100  # the column's width in Moodle; longer ones break the import there
_FIRST_CONTEXT = 1000  # contexts are not kept by themselves: a module's context id is its cmid beyond this
_CONTENT_HASH = re.compile(r"[!-~]{1,128}\Z")

# The latest version of each entry, with the hash the panel sent last.
_STATE = """
    SELECT e.idnumber, e.id AS entryid, q.id AS questionid, q.version, q.status, e.categorypath, q.timemodified,
           q.contenthash = '' OR q.edited AS foreign_, e.changeno, q.payload,
           COALESCE((SELECT p.contenthash FROM questions p WHERE p.entryid = e.id AND p.contenthash <> ''
                     AND p.version <= q.version ORDER BY p.version DESC LIMIT 1), '') AS contenthash
    FROM entries e JOIN questions q ON q.entryid = e.id AND q.version = {version}
"""
_LATEST = _STATE.format(version="e.latest")
_PINNED = _STATE.format(version="?3")


@FUNCTIONS.add(
    "local_kyzmat_save_bank",
    {"courseidnumber": RAW, "bankidnumber": RAW, "name": RAW},
    keyed=True,
    capability="moodle/question:managecategory",
)
def save_bank(call: Call, given: Arguments) -> dict[str, Any]:
    course = finding.course(call.db, given["courseidnumber"])
    if not given["bankidnumber"] or not given["name"].strip():
        raise invalid_parameter("bankidnumber, name => must not be empty")
    present = call.db.execute("SELECT * FROM banks WHERE idnumber = ?", (given["bankidnumber"],)).fetchone()
    if present is None:
        return _new_bank(call.db, course["id"], given["bankidnumber"], given["name"])
    if present["courseid"] != course["id"]:
        raise invalid_parameter(f"courseidnumber => the bank {present['idnumber']} is in another course, cannot move")
    same = present["name"] == given["name"]
    if not same:
        call.db.execute("UPDATE banks SET name = ? WHERE id = ?", (given["name"], present["id"]))
        call.db.execute("UPDATE course_modules SET name = ? WHERE id = ?", (given["name"], present["cmid"]))
    outcome = "unchanged" if same else "updated"
    return {"outcome": outcome, "contextid": present["contextid"], "cmid": present["cmid"]}


def _new_bank(db: sqlite3.Connection, courseid: int, idnumber: str, name: str) -> dict[str, Any]:
    cmid = finding.add_module(db, courseid, "qbank", idnumber, name)
    contextid = _FIRST_CONTEXT + cmid
    db.execute(
        "INSERT INTO banks (idnumber, courseid, cmid, contextid, name) VALUES (?, ?, ?, ?, ?)",
        (idnumber, courseid, cmid, contextid, name),
    )
    return {"outcome": "created", "contextid": contextid, "cmid": cmid}


# ------------------------------------------------------------------------------------------------------- reading


@FUNCTIONS.add(
    "local_kyzmat_get_bank_state",
    {"bankidnumber": RAW, "cursor": RAW, "limit": INT},
    capability="moodle/question:useall",
)
def get_bank_state(call: Call, given: Arguments) -> dict[str, Any]:
    bank = finding.bank(call.db, given["bankidnumber"])
    after, size = read_cursor(given["cursor"]), page_size(given["limit"], MOST_QUESTIONS)
    rows = call.db.execute(
        _LATEST + "WHERE e.bankid = ?1 AND e.changeno > ?2 ORDER BY e.changeno LIMIT ?3", (bank["id"], after, size + 1)
    ).fetchall()
    page = rows[:size]
    total = call.db.execute("SELECT COUNT(*) FROM entries WHERE bankid = ?", (bank["id"],)).fetchone()[0]
    return {
        "cursor": write_cursor(page[-1]["changeno"] if page else after),
        "more": len(rows) > size,
        "total": total,
        "questions": [_state(row) for row in page],
    }


def _state(row: sqlite3.Row) -> dict[str, Any]:
    names = ("idnumber", "entryid", "questionid", "version", "status", "contenthash", "categorypath")
    return {
        **{name: row[name] for name in names},
        "foreign": bool(row["foreign_"]),
        "timemodified": row["timemodified"],
    }


@FUNCTIONS.add(
    "local_kyzmat_get_question",
    {"bankidnumber": RAW, "idnumber": RAW, "version": INT},
    capability="moodle/question:useall",
)
def get_question(call: Call, given: Arguments) -> dict[str, Any]:
    bank = finding.bank(call.db, given["bankidnumber"])
    version = given["version"]
    query = (_PINNED if version else _LATEST) + "WHERE e.bankid = ?1 AND e.idnumber = ?2"
    wanted = (bank["id"], given["idnumber"], version)
    row = call.db.execute(query, wanted if version else wanted[:2]).fetchone()
    if row is None:
        raise MissingRecord("question_bank_entries", f"idnumber = {given['idnumber']}, version = {version}")
    try:
        xml = moodle_xml.write_xml(unpack(row["payload"]))
    except CannotSayError as reason:  # a control character, put in by hand
        raise MoodleError("invalidresponse", "Invalid response value detected", debuginfo=str(reason)) from reason
    return {**_state(row), "xml": xml}


# ------------------------------------------------------------------------------------------------------- writing

_ITEM = Fields(
    {
        "idnumber": RAW,
        "contenthash": RAW,
        "categorypath": RAW,
        "format": RAW,
        "source": RAW,
        "expectedversion": INT,
    }
)


@FUNCTIONS.add(
    "local_kyzmat_import_questions",
    {"bankidnumber": RAW, "questions": Items(_ITEM)},
    keyed=True,
    capability="moodle/question:add",
)
def import_questions(call: Call, given: Arguments) -> dict[str, Any]:
    finding.no_more_than(MOST_QUESTIONS, given["questions"], "questions")
    bank = finding.bank(call.db, given["bankidnumber"])
    seen: set[str] = set()
    results = []
    for item in given["questions"]:
        twice = item["idnumber"] in seen
        seen.add(item["idnumber"])
        results.append(_result(item, "invalid", "twice in one call") if twice else _import_one(call, bank["id"], item))
    return {"results": results}


def _result(item: Arguments, outcome: str, message: str = "", row: Any = None) -> dict[str, Any]:
    found = {name: row[name] if row is not None else 0 for name in ("entryid", "questionid", "version")}
    return {"idnumber": item["idnumber"], "outcome": outcome, **found, "message": message}


def _import_one(call: Call, bankid: int, item: Arguments) -> dict[str, Any]:
    wrong = _wrong_item(item)
    if wrong:
        return _result(item, "invalid", wrong)
    row = call.db.execute(_LATEST + "WHERE e.bankid = ?1 AND e.idnumber = ?2", (bankid, item["idnumber"])).fetchone()
    present = row["version"] if row is not None else 0
    if item["expectedversion"] != present:
        return _result(item, "conflict", f"expected version {item['expectedversion']}, found {present}", row)
    if row is not None and row["contenthash"] == item["contenthash"] and not row["foreign_"]:
        return _same_content(call, row, item)
    try:
        question = read_question(item["idnumber"], item["format"], item["source"])
    except Rejected as refusal:
        return _result(item, "invalid", refusal.why, row)
    return _new_version(call, bankid, row, item, pack(question))


def _wrong_item(item: Arguments) -> str:
    if not item["idnumber"] or len(item["idnumber"]) > MOST_IDNUMBER:
        return f"an idnumber has 1 to {MOST_IDNUMBER} characters"
    return "" if _CONTENT_HASH.match(item["contenthash"]) else "contenthash is not a hash"


def _same_content(call: Call, row: sqlite3.Row, item: Arguments) -> dict[str, Any]:
    """Nothing new in the question; it may still have moved to another category."""
    if row["categorypath"] == item["categorypath"]:
        return _result(item, "unchanged", row=row)
    call.db.execute(
        "UPDATE entries SET categorypath = ?, changeno = ? WHERE id = ?",
        (item["categorypath"], next_change(call.db), row["entryid"]),
    )
    return _result(item, "updated", row=row)


def _new_version(call: Call, bankid: int, row: sqlite3.Row | None, item: Arguments, payload: str) -> dict[str, Any]:
    entryid = row["entryid"] if row is not None else _new_entry(call.db, bankid, item)
    version = (row["version"] if row is not None else 0) + 1
    questionid = add_version(call, entryid, version, item["contenthash"], payload)
    call.db.execute("UPDATE entries SET categorypath = ? WHERE id = ?", (item["categorypath"], entryid))
    made = {"entryid": entryid, "questionid": questionid, "version": version}
    return _result(item, "created" if row is None else "newversion", row=made)


def _new_entry(db: sqlite3.Connection, bankid: int, item: Arguments) -> int:
    row = db.execute(
        "INSERT INTO entries (bankid, idnumber, categorypath, changeno) VALUES (?, ?, ?, 0) RETURNING id",
        (bankid, item["idnumber"], item["categorypath"]),
    ).fetchone()
    return int(row[0])


def add_version(call: Call, entryid: int, version: int, contenthash: str, payload: str) -> int:
    """A new latest version of an entry, ready for use; returns its question id. `contenthash` "" = made by hand."""
    row = call.db.execute(
        "INSERT INTO questions (entryid, version, status, contenthash, payload, timemodified)"
        " VALUES (?, ?, 'ready', ?, ?, ?) RETURNING id",
        (entryid, version, contenthash, payload, call.now),
    ).fetchone()
    call.db.execute(
        "UPDATE entries SET latest = ?, changeno = ? WHERE id = ?", (version, next_change(call.db), entryid)
    )
    return int(row[0])


@FUNCTIONS.add(
    "local_kyzmat_set_question_status",
    {"bankidnumber": RAW, "items": Items(Fields({"idnumber": RAW, "status": RAW}))},
    keyed=True,
    capability="moodle/question:add",
)
def set_question_status(call: Call, given: Arguments) -> dict[str, Any]:
    finding.no_more_than(MOST_QUESTIONS, given["items"], "questions")
    bank = finding.bank(call.db, given["bankidnumber"])
    return {"results": [_set_status(call, bank["id"], item) for item in given["items"]]}


def _set_status(call: Call, bankid: int, item: Arguments) -> dict[str, Any]:
    if item["status"] not in ("ready", "hidden"):
        return _result(item, "invalid", f"unknown status {item['status']}")
    row = call.db.execute(_LATEST + "WHERE e.bankid = ?1 AND e.idnumber = ?2", (bankid, item["idnumber"])).fetchone()
    if row is None:
        return _result(item, "missing")
    if row["status"] == item["status"]:
        return _result(item, "unchanged", row=row)
    call.db.execute(
        "UPDATE questions SET status = ?, timemodified = ? WHERE id = ?", (item["status"], call.now, row["questionid"])
    )
    call.db.execute("UPDATE entries SET changeno = ? WHERE id = ?", (next_change(call.db), row["entryid"]))
    return _result(item, "updated", row=row)
