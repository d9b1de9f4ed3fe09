"""People, their place in courses, and what the panel tells them (cards)."""

from __future__ import annotations

import json
import re
import sqlite3
from typing import Any

from connector.moodle.standin import finding
from connector.moodle.standin.call import FUNCTIONS, Arguments, Call
from connector.moodle.standin.database import next_change
from connector.moodle.standin.parameters import BOOL, INT, RAW, Fields, Items
from connector.moodle.standin.passwords import hashed, matches

MOST_PEOPLE = 500
MOST_CARDS = 150
LANGUAGES = ("ky", "ru", "kk", "en")
CARD_KINDS = ("test", "training", "result", "paper", "appeal", "notice")
_USERNAME = re.compile(r"[a-z0-9_.@-]{1,100}\Z")  # what Moodle's clean_param(PARAM_USERNAME) leaves alone

_PERSON = Fields(
    {
        "idnumber": RAW,
        "username": RAW,
        "firstname": RAW,
        "lastname": RAW,
        "email": RAW,
        "lang": RAW,
        "password": RAW,
        "suspended": BOOL,
    }
)


@FUNCTIONS.add("local_kyzmat_save_people", {"people": Items(_PERSON)}, keyed=True, capability="moodle/user:create")
def save_people(call: Call, given: Arguments) -> dict[str, Any]:
    finding.no_more_than(MOST_PEOPLE, given["people"], "people")
    return {"results": [_save_person(call, person) for person in given["people"]]}


def _person_result(person: Arguments, outcome: str, userid: int = 0, message: str = "") -> dict[str, Any]:
    return {"idnumber": person["idnumber"], "outcome": outcome, "userid": userid, "message": message}


def _save_person(call: Call, person: Arguments) -> dict[str, Any]:
    wrong = _wrong_person(person)
    if wrong:
        return _person_result(person, "invalid", message=wrong)
    row = call.db.execute("SELECT * FROM users WHERE idnumber = ?", (person["idnumber"],)).fetchone()
    holder = call.db.execute("SELECT id FROM users WHERE username = ?", (person["username"],)).fetchone()
    if holder is not None and (row is None or holder["id"] != row["id"]):
        return _person_result(person, "conflict", message=f"username {person['username']} belongs to another person")
    if row is None:
        return _person_result(person, "created", _add_person(call, person))
    if _same_person(person, row):
        return _person_result(person, "unchanged", row["id"])
    _change_person(call, person, row)
    return _person_result(person, "updated", row["id"])


def _wrong_person(person: Arguments) -> str:
    if not person["idnumber"]:
        return "idnumber is empty"
    if not _USERNAME.match(person["username"]):
        return "username must be of a-z 0-9 _ . @ -"
    if not person["firstname"].strip() or not person["lastname"].strip():
        return "firstname and lastname must not be empty"
    return "" if person["lang"] in LANGUAGES else f"unknown language {person['lang']}"


def _add_person(call: Call, person: Arguments) -> int:
    row = call.db.execute(
        "INSERT INTO users (idnumber, username, firstname, lastname, email, lang, password, suspended, timemodified)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            person["idnumber"],
            person["username"],
            person["firstname"],
            person["lastname"],
            person["email"],
            person["lang"],
            hashed(person["password"]),
            person["suspended"],
            call.now,
        ),
    ).fetchone()
    return int(row[0])


def _same_person(person: Arguments, row: sqlite3.Row) -> bool:
    plain = ("username", "firstname", "lastname", "lang", "suspended")
    return (
        all(person[name] == row[name] for name in plain)
        and (not person["email"] or person["email"] == row["email"])  # an address is never taken away
        and (not person["password"] or matches(person["password"], row["password"]))
    )


def _change_person(call: Call, person: Arguments, row: sqlite3.Row) -> None:
    kept = not person["password"] or matches(person["password"], row["password"])
    call.db.execute(
        "UPDATE users SET username = ?, firstname = ?, lastname = ?, email = ?, lang = ?, password = ?, suspended = ?,"
        " timemodified = ? WHERE id = ?",
        (
            person["username"],
            person["firstname"],
            person["lastname"],
            person["email"] or row["email"],
            person["lang"],
            row["password"] if kept else hashed(person["password"]),
            person["suspended"],
            call.now,
            row["id"],
        ),
    )
    if person["suspended"] or not kept:  # nobody goes on with what was given out before
        call.db.execute("DELETE FROM tokens WHERE userid = ?", (row["id"],))
        call.db.execute("DELETE FROM sessions WHERE userid = ?", (row["id"],))


# ----------------------------------------------------------------------------------------------------- enrolments

_MEMBER = Fields(
    {
        "useridnumber": RAW,
        "role": RAW,
        "groupidnumbers": Items(RAW),
        "timestart": INT,
        "timeend": INT,
        "remove": BOOL,
    }
)


@FUNCTIONS.add(
    "local_kyzmat_save_enrolments",
    {"courseidnumber": RAW, "members": Items(_MEMBER)},
    keyed=True,
    capability="enrol/manual:enrol",
)
def save_enrolments(call: Call, given: Arguments) -> dict[str, Any]:
    finding.no_more_than(MOST_PEOPLE, given["members"], "members")
    course = finding.course(call.db, given["courseidnumber"])
    users = finding.user_ids(call.db, {member["useridnumber"] for member in given["members"]})
    named = {name for member in given["members"] if not member["remove"] for name in member["groupidnumbers"] if name}
    groups = finding.group_ids(call.db, course["id"], named)
    results = []
    for member in given["members"]:
        outcome, message = _save_member(call, course["id"], users.get(member["useridnumber"]), groups, member)
        results.append({"useridnumber": member["useridnumber"], "outcome": outcome, "message": message})
    return {"results": results}


def _save_member(
    call: Call, courseid: int, userid: int | None, groups: dict[str, int], member: Arguments
) -> tuple[str, str]:
    if userid is None:
        return "missing", "there is no such person"
    if member["role"] != "student":
        return "invalid", f"unknown role {member['role']}"
    if "" in member["groupidnumbers"]:
        return "invalid", "a group has no idnumber"
    row = call.db.execute("SELECT * FROM enrolments WHERE courseid = ? AND userid = ?", (courseid, userid)).fetchone()
    if member["remove"]:
        return _remove_member(call, courseid, userid, row)
    wanted = {groups[name] for name in member["groupidnumbers"]}
    changed = _set_groups(call, courseid, userid, wanted)
    return _enrol(call, courseid, userid, row, member, changed)


def _remove_member(call: Call, courseid: int, userid: int, row: sqlite3.Row | None) -> tuple[str, str]:
    """Attempts stay, as in Moodle."""
    if row is None:
        return "unchanged", ""
    _set_groups(call, courseid, userid, set())
    call.db.execute("DELETE FROM enrolments WHERE id = ?", (row["id"],))
    return "removed", ""


def _set_groups(call: Call, courseid: int, userid: int, wanted: set[int]) -> bool:
    """Make these the person's groups in the course; tells whether anything changed."""
    rows = call.db.execute(
        "SELECT m.groupid FROM group_members m JOIN groups g ON g.id = m.groupid WHERE m.userid = ? AND g.courseid = ?",
        (userid, courseid),
    )
    present = {row["groupid"] for row in rows}
    call.db.executemany(
        "DELETE FROM group_members WHERE groupid = ? AND userid = ?", [(group, userid) for group in present - wanted]
    )
    call.db.executemany("INSERT INTO group_members VALUES (?, ?)", [(group, userid) for group in wanted - present])
    return present != wanted


def _enrol(
    call: Call, courseid: int, userid: int, row: sqlite3.Row | None, member: Arguments, regrouped: bool
) -> tuple[str, str]:
    times = (member["timestart"], member["timeend"])
    if row is None:
        call.db.execute(
            "INSERT INTO enrolments (courseid, userid, timestart, timeend, changeno) VALUES (?, ?, ?, ?, ?)",
            (courseid, userid, *times, next_change(call.db)),
        )
        return "created", ""
    if (row["timestart"], row["timeend"]) == times:
        return ("updated" if regrouped else "unchanged"), ""
    call.db.execute("UPDATE enrolments SET timestart = ?, timeend = ? WHERE id = ?", (*times, row["id"]))
    return "updated", ""


# ---------------------------------------------------------------------------------------------------------- cards

_TEXTS = Items(Fields({"lang": RAW, "text": RAW}))
_CARD = Fields(
    {
        "cardid": RAW,
        "useridnumber": RAW,
        "kind": RAW,
        "titles": _TEXTS,
        "bodies": _TEXTS,
        "url": RAW,
        "due": INT,
        "state": RAW,
        "remove": BOOL,
    }
)


@FUNCTIONS.add("local_kyzmat_save_cards", {"cards": Items(_CARD)}, keyed=True, capability="local/kyzmat:manage")
def save_cards(call: Call, given: Arguments) -> dict[str, Any]:
    finding.no_more_than(MOST_CARDS, given["cards"], "cards")
    users = finding.user_ids(call.db, {card["useridnumber"] for card in given["cards"]})
    results = []
    for card in given["cards"]:
        outcome, message = _save_card(call, users.get(card["useridnumber"]), card)
        results.append({"cardid": card["cardid"], "outcome": outcome, "message": message})
    return {"results": results}


def _save_card(call: Call, userid: int | None, card: Arguments) -> tuple[str, str]:
    row = call.db.execute("SELECT * FROM cards WHERE cardid = ?", (card["cardid"],)).fetchone()
    if card["remove"]:
        call.db.execute("DELETE FROM cards WHERE cardid = ?", (card["cardid"],))
        return ("removed" if row is not None else "unchanged"), ""
    wrong = _wrong_card(card)
    if wrong:
        return "invalid", wrong
    if userid is None:
        return "missing", "there is no such person"
    wanted = {
        "userid": userid,
        "kind": card["kind"],
        "titles": json.dumps(card["titles"], ensure_ascii=False),
        "bodies": json.dumps(card["bodies"], ensure_ascii=False),
        "url": card["url"],
        "due": card["due"],
        "state": card["state"],
    }
    if row is not None and all(row[name] == value for name, value in wanted.items()):
        return "unchanged", ""
    call.db.execute(
        "INSERT OR REPLACE INTO cards VALUES (:cardid, :userid, :kind, :titles, :bodies, :url, :due, :state, :now)",
        {**wanted, "cardid": card["cardid"], "now": call.now},
    )
    return ("created" if row is None else "updated"), ""


def _wrong_card(card: Arguments) -> str:
    if not card["cardid"]:
        return "cardid is empty"
    if card["kind"] not in CARD_KINDS:
        return f"unknown kind {card['kind']}"
    if not card["titles"] or any(text["lang"] not in LANGUAGES for text in (*card["titles"], *card["bodies"])):
        return "a title is needed, and the languages are ky, ru, kk, en"
    return (
        "" if card["url"] == "" or card["url"].startswith(("https://", "http://", "/")) else "url is not a web address"
    )
