"""Tests: built from a form drawn by the panel, with fixed versions; who may sit them, and how it goes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connector.moodle.standin import answering, decimals, drawing, finding
from connector.moodle.standin.call import FUNCTIONS, Arguments, Call
from connector.moodle.standin.errors import invalid_parameter, plugin_error
from connector.moodle.standin.parameters import BOOL, FLOAT, INT, RAW, Description, Fields, Items, Scalar

MOST_OVERRIDES = 500
REVIEWS = ("none", "closed", "immediate")
UNMARKED = ("ordering", "description")  # read and kept, but the stand-in's sitting cannot ask them for a mark

_TEST: dict[str, Description] = {
    "courseidnumber": RAW,
    "testidnumber": RAW,
    "name": RAW,
    "intro": RAW,
    "timeopen": INT,
    "timeclose": INT,
    "timelimit": INT,
    "attempts": INT,
    "passpercent": FLOAT,
    "review": RAW,
    "password": RAW,
    "shuffleanswers": BOOL,
    "groupidnumbers": Items(RAW),
    "visible": BOOL,
    "slots": Items(Fields({"idnumber": RAW, "version": INT, "maxmark": FLOAT})),
    "sections": Items(Fields({"categorypath": RAW, "count": INT, "maxmark": FLOAT})),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One slot of a test: a fixed question, or a random one of a category."""

    maxmark: str
    idnumber: str = ""
    entryid: int | None = None
    questionid: int | None = None
    version: int = 0
    categorypath: str | None = None

    @property
    def kept(self) -> tuple[int | None, int | None, str | None, str]:
        return (self.entryid, self.questionid, self.categorypath, self.maxmark)


@FUNCTIONS.add("local_kyzmat_save_test", _TEST, keyed=True, capability="mod/quiz:manage")
def save_test(call: Call, given: Arguments) -> dict[str, Any]:
    course = finding.course(call.db, given["courseidnumber"])
    _check_test(given)
    places = _fixed_places(call.db, course["id"], given["slots"])
    places += _random_places(call.db, course["id"], given["sections"])
    row = call.db.execute("SELECT * FROM quizzes WHERE idnumber = ?", (given["testidnumber"],)).fetchone()
    if row is not None and row["courseid"] != course["id"]:
        raise invalid_parameter("courseidnumber => the test is in another course and cannot move")
    values = _values(call, course["id"], given, places)
    if row is None:
        quizid, outcome = _add_quiz(call, values), "created"
    else:
        quizid, outcome = row["id"], _change_quiz(call, row, values, places)
    regrouped = _set_groups(call.db, quizid, course["id"], given["groupidnumbers"])
    if row is None or _kept_places(call.db, quizid) != [place.kept for place in places]:
        _set_places(call.db, quizid, places)
    if outcome == "updated":
        answering.refresh_end_times(call, finding.quiz(call.db, given["testidnumber"]))
    return _reply(call, quizid, "updated" if outcome == "unchanged" and regrouped else outcome, places)


def _check_test(given: Arguments) -> None:
    if not given["testidnumber"] or not given["name"].strip():
        raise invalid_parameter("testidnumber, name => must not be empty")
    if given["review"] not in REVIEWS:
        raise invalid_parameter(f"review => {given['review']}")
    if given["timeclose"] and given["timeclose"] <= given["timeopen"]:
        raise invalid_parameter("timeclose => must be after timeopen")
    if min(given["timeopen"], given["timeclose"], given["timelimit"], given["attempts"]) < 0:
        raise invalid_parameter("times and attempts => must not be negative")
    if not 0 <= given["passpercent"] <= 100 or "" in given["groupidnumbers"]:
        raise invalid_parameter("passpercent, groupidnumbers => out of range")


# --------------------------------------------------------------------------------------------------------- places


def _fixed_places(db: sqlite3.Connection, courseid: int, slots: Sequence[Arguments]) -> list[Place]:
    """Each slot's question, in the banks of the course, else in any bank.

    Raises invalidquestion when one is not there, is in two banks, cannot be marked, or has a mark that is not positive.
    """
    rows = db.execute(
        "SELECT e.idnumber, e.id AS entryid, b.courseid = ?2 AS own, q.id AS questionid, q.version, e.latest,"
        " json_extract(q.payload, '$.qtype') AS qtype FROM entries e JOIN banks b ON b.id = e.bankid"
        " JOIN questions q ON q.entryid = e.id WHERE e.idnumber IN (SELECT value FROM json_each(?1))",
        (json.dumps([slot["idnumber"] for slot in slots]), courseid),
    )
    found: dict[str, list[sqlite3.Row]] = {}
    for row in rows:
        found.setdefault(row["idnumber"], []).append(row)
    return [_fixed_place(found.get(slot["idnumber"], []), slot) for slot in slots]


def _fixed_place(rows: list[sqlite3.Row], slot: Arguments) -> Place:
    named = f"{slot['idnumber']} version {slot['version']}"
    rows = [row for row in rows if row["own"]] or rows
    if len({row["entryid"] for row in rows}) > 1:
        raise plugin_error("invalidquestion", f"{named} is in several banks")
    fitting = [row for row in rows if row["version"] == (slot["version"] or row["latest"])]
    if not fitting:
        raise plugin_error("invalidquestion", named)
    if fitting[0]["qtype"] in UNMARKED or slot["maxmark"] <= 0:
        raise plugin_error("invalidquestion", f"{named} cannot be marked")
    row = fitting[0]
    return Place(_decimal(slot["maxmark"]), slot["idnumber"], row["entryid"], row["questionid"], row["version"])


def _random_places(db: sqlite3.Connection, courseid: int, sections: Sequence[Arguments]) -> list[Place]:
    places = []
    for section in sections:
        pool = len(drawing.questions_of_category(db, courseid, section["categorypath"]))
        if section["count"] > pool:
            raise plugin_error("notenoughquestions", f"{section['categorypath']} has {pool} of {section['count']}")
        places += [Place(_decimal(section["maxmark"]), categorypath=section["categorypath"])] * section["count"]
    return places


def _decimal(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _kept_places(db: sqlite3.Connection, quizid: int) -> list[tuple[int | None, int | None, str | None, str]]:
    rows = db.execute(
        "SELECT entryid, questionid, categorypath, maxmark FROM quiz_slots WHERE quizid = ? ORDER BY slot", (quizid,)
    )
    return [(row["entryid"], row["questionid"], row["categorypath"], row["maxmark"]) for row in rows]


def _set_places(db: sqlite3.Connection, quizid: int, places: Sequence[Place]) -> None:
    db.execute("DELETE FROM quiz_slots WHERE quizid = ?", (quizid,))
    db.executemany(
        "INSERT INTO quiz_slots (quizid, slot, entryid, questionid, categorypath, maxmark) VALUES (?, ?, ?, ?, ?, ?)",
        [(quizid, slot, *place.kept) for slot, place in enumerate(places, 1)],
    )


# ------------------------------------------------------------------------------------------------------- settings


def _values(call: Call, courseid: int, given: Arguments, places: Sequence[Place]) -> dict[str, Any]:
    plain = ("name", "intro", "timeopen", "timeclose", "timelimit", "attempts", "review", "password")
    return {
        **{name: given[name] for name in plain},
        "idnumber": given["testidnumber"],
        "courseid": courseid,
        "passpercent": _decimal(given["passpercent"]),
        "shuffleanswers": int(given["shuffleanswers"]),
        "visible": int(given["visible"]),
        "sumgrades": _decimal(sum((Decimal(place.maxmark) for place in places), Decimal(0))),
        "questionsperpage": int(call.settings.get("questionsperpage", "5")),
        "now": call.now,
    }


def _add_quiz(call: Call, values: dict[str, Any]) -> int:
    cmid = finding.add_module(call.db, values["courseid"], "quiz", values["idnumber"], values["name"])
    row = call.db.execute(
        "INSERT INTO quizzes (idnumber, courseid, cmid, name, intro, timeopen, timeclose, timelimit, attempts,"
        " passpercent, review, password, shuffleanswers, visible, sumgrades, questionsperpage, timecreated,"
        " timemodified)"
        " VALUES (:idnumber, :courseid, :cmid, :name, :intro, :timeopen, :timeclose, :timelimit, :attempts,"
        " :passpercent, :review, :password, :shuffleanswers, :visible, :sumgrades, :questionsperpage, :now, :now)"
        " RETURNING id",
        {**values, "cmid": cmid},
    ).fetchone()
    return int(row[0])


def _change_quiz(call: Call, row: sqlite3.Row, values: dict[str, Any], places: Sequence[Place]) -> str:
    """Raises testhasattempts when the questions differ and somebody has begun."""
    same_places = _kept_places(call.db, row["id"]) == [place.kept for place in places]
    if not same_places:
        _require_no_attempts(call.db, row)
    changed = [name for name in values if name not in ("now", "questionsperpage") and values[name] != row[name]]
    if same_places and not changed:
        return "unchanged"
    call.db.execute(
        "UPDATE quizzes SET name = :name, intro = :intro, timeopen = :timeopen,"
        " timeclose = :timeclose, timelimit = :timelimit, attempts = :attempts, passpercent = :passpercent,"
        " review = :review, password = :password, shuffleanswers = :shuffleanswers, visible = :visible,"
        " sumgrades = :sumgrades, timemodified = :now WHERE id = :id",
        {**values, "id": row["id"]},
    )
    call.db.execute("UPDATE course_modules SET name = ? WHERE id = ?", (values["name"], row["cmid"]))
    return "updated"


def _require_no_attempts(db: sqlite3.Connection, quiz: sqlite3.Row) -> None:
    query = "SELECT COUNT(*) FROM quiz_attempts WHERE quizid = ? AND deleted = 0"
    count = db.execute(query, (quiz["id"],)).fetchone()[0]
    if count:
        raise plugin_error("testhasattempts", f"{quiz['idnumber']} has {count}")


def _set_groups(db: sqlite3.Connection, quizid: int, courseid: int, idnumbers: Sequence[str]) -> bool:
    wanted = set(finding.group_ids(db, courseid, idnumbers).values())
    present = {row[0] for row in db.execute("SELECT groupid FROM quiz_groups WHERE quizid = ?", (quizid,))}
    db.executemany(
        "DELETE FROM quiz_groups WHERE quizid = ? AND groupid = ?", [(quizid, one) for one in present - wanted]
    )
    db.executemany("INSERT INTO quiz_groups VALUES (?, ?)", [(quizid, one) for one in wanted - present])
    return wanted != present


def _reply(call: Call, quizid: int, outcome: str, places: Sequence[Place]) -> dict[str, Any]:
    row = call.db.execute("SELECT cmid, sumgrades FROM quizzes WHERE id = ?", (quizid,)).fetchone()
    return {
        "outcome": outcome,
        "quizid": quizid,
        "cmid": row["cmid"],
        "url": f"{call.wwwroot}/mod/quiz/view.php?id={row['cmid']}",
        "sumgrades": decimals.number(row["sumgrades"]),
        "slots": [
            {
                "slot": slot,
                "idnumber": place.idnumber,
                "entryid": place.entryid or 0,
                "questionid": place.questionid or 0,
                "version": place.version,
            }
            for slot, place in enumerate(places, 1)
        ],
    }


# ------------------------------------------------------------------------------------------------------ overrides

_AS_THE_TEST = Scalar("int", 0)
_OVERRIDE = Fields(
    {
        "useridnumber": Scalar("raw", ""),
        "groupidnumber": Scalar("raw", ""),
        "timeopen": _AS_THE_TEST,
        "timeclose": _AS_THE_TEST,
        "timelimit": _AS_THE_TEST,
        "attempts": _AS_THE_TEST,
        "remove": Scalar("bool", False),
    }
)


@FUNCTIONS.add(
    "local_kyzmat_save_overrides",
    {"testidnumber": RAW, "items": Items(_OVERRIDE)},
    keyed=True,
    capability="mod/quiz:manageoverrides",
)
def save_overrides(call: Call, given: Arguments) -> dict[str, Any]:
    finding.no_more_than(MOST_OVERRIDES, given["items"], "overrides")
    quiz = finding.quiz(call.db, given["testidnumber"])
    results = []
    for item in given["items"]:
        outcome, message = _save_override(call, quiz, item)
        named = {name: item[name] for name in ("useridnumber", "groupidnumber")}
        results.append({**named, "outcome": outcome, "message": message})
    return {"results": results}


def _save_override(call: Call, quiz: sqlite3.Row, item: Arguments) -> tuple[str, str]:
    if bool(item["useridnumber"]) == bool(item["groupidnumber"]):
        return "invalid", "either a person or a group"
    who = _whom(call.db, quiz["courseid"], item)
    if who is None:
        return "missing", "there is no such person or group"
    row = call.db.execute(
        "SELECT * FROM quiz_overrides WHERE quizid = ? AND userid IS ? AND groupid IS ?", (quiz["id"], *who)
    ).fetchone()
    if item["remove"]:
        call.db.execute("DELETE FROM quiz_overrides WHERE id = ?", (row["id"] if row is not None else 0,))
        outcome = "unchanged" if row is None else "removed"
    else:
        outcome = _write_override(call.db, quiz["id"], who, row, item)
    if outcome != "unchanged":
        answering.refresh_end_times(call, quiz)
    return outcome, ""


def _whom(db: sqlite3.Connection, courseid: int, item: Arguments) -> tuple[int | None, int | None] | None:
    if item["useridnumber"]:
        row = db.execute("SELECT id FROM users WHERE idnumber = ?", (item["useridnumber"],)).fetchone()
        return None if row is None else (row["id"], None)
    query = "SELECT id FROM groups WHERE courseid = ? AND idnumber = ?"
    row = db.execute(query, (courseid, item["groupidnumber"])).fetchone()
    return None if row is None else (None, row["id"])


def _write_override(
    db: sqlite3.Connection, quizid: int, who: tuple[int | None, int | None], row: sqlite3.Row | None, item: Arguments
) -> str:
    """A field that is 0 or left out stays as the test says: a form has no null, and "no limit" is not to be had."""
    values = tuple(item[name] or None for name in ("timeopen", "timeclose", "timelimit", "attempts"))
    if row is None:
        db.execute(
            "INSERT INTO quiz_overrides (quizid, userid, groupid, timeopen, timeclose, timelimit, attempts)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (quizid, *who, *values),
        )
        return "created"
    if (row["timeopen"], row["timeclose"], row["timelimit"], row["attempts"]) == values:
        return "unchanged"
    db.execute(
        "UPDATE quiz_overrides SET timeopen = ?, timeclose = ?, timelimit = ?, attempts = ? WHERE id = ?",
        (*values, row["id"]),
    )
    return "updated"


# ------------------------------------------------------------------------------------------------------- progress


@FUNCTIONS.add("local_kyzmat_get_progress", {"testidnumber": RAW}, capability="mod/quiz:viewreports")
def get_progress(call: Call, given: Arguments) -> dict[str, Any]:
    quiz = finding.quiz(call.db, given["testidnumber"])
    people = [_place_of(row) for row in call.db.execute(_PROGRESS, {"quiz": quiz["id"], "course": quiz["courseid"]})]
    counts = dict.fromkeys(("notstarted", "inprogress", "overdue", "finished"), 0)
    for person in people:
        counts[person["state"]] += 1
    return {"servertime": call.now, "counts": counts, "people": people}


# Everyone who may enter, with their latest attempt.
_PROGRESS = """
    SELECT u.idnumber, a.state, a.timestart, a.timefinish, a.timemodified,
           (SELECT COUNT(*) FROM quiz_slots s WHERE s.quizid = :quiz) AS questions,
           (SELECT COUNT(*) FROM question_attempts t WHERE t.attemptid = a.id
            AND (t.state NOT IN ('todo', 'invalid', 'gaveup') OR t.autosave IS NOT NULL)) AS answered,
           (SELECT MAX(t.lastaction) FROM question_attempts t WHERE t.attemptid = a.id) AS lastaction
    FROM enrolments e JOIN users u ON u.id = e.userid
    LEFT JOIN quiz_attempts a ON a.id = (
        SELECT id FROM quiz_attempts WHERE quizid = :quiz AND userid = u.id AND deleted = 0
        ORDER BY attempt DESC LIMIT 1)
    WHERE e.courseid = :course AND (
        a.id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM quiz_groups WHERE quizid = :quiz) OR EXISTS (
            SELECT 1 FROM quiz_groups q JOIN group_members m ON m.groupid = q.groupid
            WHERE q.quizid = :quiz AND m.userid = u.id))
    ORDER BY u.id
"""


def _place_of(row: sqlite3.Row) -> dict[str, Any]:
    state = {None: "notstarted", "abandoned": "finished"}.get(row["state"], row["state"])
    return {
        "useridnumber": row["idnumber"],
        "state": state,
        "timestart": row["timestart"] or 0,
        "timeend": row["timefinish"] or 0,
        "answered": row["answered"],
        "questions": row["questions"],
        "lastaction": max(row["lastaction"] or 0, row["timestart"] or 0),
    }
