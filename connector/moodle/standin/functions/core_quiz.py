"""mod_quiz's own functions, as a student's application uses them; shapes and refusals as recorded from Moodle 5.0."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connector.moodle.standin import access, answering, attempts, decimals, finding
from connector.moodle.standin.access import Access
from connector.moodle.standin.call import FUNCTIONS, Arguments, Call
from connector.moodle.standin.errors import MissingRecord, MoodleError, no_permission
from connector.moodle.standin.parameters import INT, PAIRS, Items, Scalar
from connector.moodle.standin.rendering import STATE_WORDS, question_html, render_settings

GRADE = 100  # a quiz's maximum grade; gradetopass is a part of it
# When a review may show something: bits of Moodle's display options.
_REVIEW_BITS = {"none": 0, "closed": 0x10, "immediate": 0x1000 | 0x100 | 0x10}
_REVIEW_DURING = 0x10000
SEE_QUESTIONS = "moodle/question:viewall"


def error(code: str, message: str) -> MoodleError:
    return MoodleError(code, message)


def quiz_of(call: Call, quizid: int) -> sqlite3.Row:
    return finding.record(call.db, "quiz", "SELECT * FROM quizzes WHERE id = ?", quizid)


# ------------------------------------------------------------------------------------------------------ the lists


@FUNCTIONS.add("mod_quiz_get_quizzes_by_courses", {"courseids": Items(INT)}, student=True, capability="mod/quiz:view")
def get_quizzes_by_courses(call: Call, given: Arguments) -> dict[str, Any]:
    rows = call.db.execute(
        "SELECT * FROM quizzes WHERE ?1 = '[]' OR courseid IN (SELECT value FROM json_each(?1)) ORDER BY id",
        (json.dumps(given["courseids"]),),
    ).fetchall()
    manager = bool(call.user["service"])
    seen = [row for row in rows if manager or not access.why_not_visible(call, row, call.user["id"])]
    return {"quizzes": [_quiz(call, row, manager) for row in seen], "warnings": []}


def _quiz(call: Call, row: sqlite3.Row, manager: bool) -> dict[str, Any]:
    own = Access(row["timeopen"], row["timeclose"], row["timelimit"], row["attempts"])
    effective = own if manager else access.access_for(call, row, call.user["id"])
    bits = _REVIEW_BITS[row["review"]]
    body: dict[str, Any] = {
        "id": row["id"],
        "coursemodule": row["cmid"],
        "course": row["courseid"],
        "name": row["name"],
        "intro": row["intro"],
        "introformat": 1,
        "introfiles": [],
        "section": 1,
        "visible": bool(row["visible"]),
        "groupmode": 0,
        "groupingid": 0,
        "lang": "",
        "timeopen": effective.timeopen,
        "timeclose": effective.timeclose,
        "timelimit": effective.timelimit,
        "overduehandling": "autosubmit",
        "graceperiod": 0,
        "preferredbehaviour": "deferredfeedback",
        "canredoquestions": 0,
        "attempts": effective.attempts,
        "attemptonlast": 0,
        "grademethod": 1,
        "decimalpoints": 2,
        "questiondecimalpoints": -1,
        "reviewattempt": bits | _REVIEW_DURING,
        **{f"review{name}": bits for name in ("correctness", "maxmarks", "marks", "specificfeedback")},
        **{f"review{name}": bits for name in ("generalfeedback", "rightanswer", "overallfeedback")},
        "questionsperpage": row["questionsperpage"],
        "navmethod": "free",
        "sumgrades": decimals.number(row["sumgrades"]),
        "grade": GRADE,
    }
    return {**body, **(_managers_fields(row) if manager else {}), **_TRAILING_FIELDS}


_TRAILING_FIELDS = {
    "browsersecurity": "-",
    "delay1": 0,
    "delay2": 0,
    "showuserpicture": 0,
    "showblocks": 0,
    "completionattemptsexhausted": 0,
    "completionpass": 0,
    "allowofflineattempts": 0,
    "autosaveperiod": 60,
    "hasfeedback": 0,
    "hasquestions": 1,
    "precreateattempts": None,
}


def _managers_fields(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "shuffleanswers": row["shuffleanswers"],
        "timecreated": row["timecreated"],
        "timemodified": row["timemodified"],
        "password": row["password"],
        "subnet": "",
    }


@FUNCTIONS.add("mod_quiz_get_quiz_access_information", {"quizid": INT}, student=True, capability="mod/quiz:view")
def get_quiz_access_information(call: Call, given: Arguments) -> dict[str, Any]:
    quiz, manager = quiz_of(call, given["quizid"]), bool(call.user["service"])
    if not manager:
        access.require_visible(call, quiz, call.user["id"])
    allowed = access.access_for(call, quiz, call.user["id"])
    rules = [f"Attempts allowed: {allowed.attempts}"] if allowed.attempts else []
    if allowed.timelimit:
        rules.append(f"Time limit: {allowed.timelimit // 60} mins")
    return {
        "canattempt": not manager,
        "canmanage": manager,
        "canpreview": manager,
        "canreviewmyattempts": not manager,
        "canviewreports": manager,
        "accessrules": rules,
        "activerulenames": [
            *(["quizaccess_numattempts"] if allowed.attempts else []),
            "quizaccess_openclosedate",
            *(["quizaccess_password"] if quiz["password"] else []),
            *(["quizaccess_timelimit"] if allowed.timelimit else []),
        ],
        "preventaccessreasons": [] if allowed.is_open(call.now) else [access.NOT_AVAILABLE],
        "warnings": [],
    }


_USER_ATTEMPTS = {
    "quizid": INT,
    "userid": Scalar("int", 0),
    "status": Scalar("alpha", "finished"),
    "includepreviews": Scalar("bool", False),
}
_STATUS = {"finished": ("finished", "abandoned"), "unfinished": ("inprogress", "overdue")}


def _user_attempts(call: Call, given: Arguments) -> dict[str, Any]:
    quiz, userid = quiz_of(call, given["quizid"]), _reader(call, given["userid"])
    rows = call.db.execute(
        "SELECT * FROM quiz_attempts WHERE quizid = ? AND userid = ? AND deleted = 0 ORDER BY attempt",
        (quiz["id"], userid),
    )
    wanted = [row for row in rows if given["status"] == "all" or row["state"] in _STATUS.get(given["status"], ())]
    hidden = not marks_shown(call, quiz)
    return {"attempts": [_listed(row, hidden) for row in wanted], "warnings": []}


def _listed(row: sqlite3.Row, hidden: bool) -> dict[str, Any]:
    body = attempts.reply_attempt(row, graded=True)
    return {**body, "sumgrades": None} if hidden else body


def _reader(call: Call, userid: int) -> int:
    """Whose data is asked for; a student sees nobody else's."""
    if userid and userid != call.user["id"] and not call.user["service"]:
        raise no_permission("View quiz reports")
    return userid or int(call.user["id"])


@FUNCTIONS.add("mod_quiz_get_user_attempts", _USER_ATTEMPTS, student=True, capability="mod/quiz:view")
def get_user_attempts(call: Call, given: Arguments) -> dict[str, Any]:
    return _user_attempts(call, given)


@FUNCTIONS.add(
    "mod_quiz_get_user_quiz_attempts", _USER_ATTEMPTS, student=True, capability="mod/quiz:view", since_branch=500
)
def get_user_quiz_attempts(call: Call, given: Arguments) -> dict[str, Any]:
    return _user_attempts(call, given)


@FUNCTIONS.add(
    "mod_quiz_get_user_best_grade",
    {"quizid": INT, "userid": Scalar("int", 0)},
    student=True,
    capability="mod/quiz:view",
)
def get_user_best_grade(call: Call, given: Arguments) -> dict[str, Any]:
    quiz, userid = quiz_of(call, given["quizid"]), _reader(call, given["userid"])
    rows = call.db.execute(
        "SELECT sumgrades, maxmark FROM quiz_attempts WHERE quizid = ? AND userid = ? AND deleted = 0"
        " AND state = 'finished' AND sumgrades IS NOT NULL",
        (quiz["id"], userid),
    )
    grades = [_grade(row) for row in rows]
    topass = decimals.number(quiz["passpercent"])
    if not grades or not marks_shown(call, quiz):
        return {"hasgrade": False, "gradetopass": topass, "warnings": []}
    return {"hasgrade": True, "grade": max(grades), "gradetopass": topass, "warnings": []}


def _grade(row: sqlite3.Row) -> float:
    """The attempt's mark on the scale of the quiz's grade."""
    maxmark = Decimal(row["maxmark"])
    return float(Decimal(row["sumgrades"]) * GRADE / maxmark) if maxmark else 0.0


def marks_shown(call: Call, quiz: sqlite3.Row) -> bool:
    if call.user["service"] or quiz["review"] == "immediate":
        return True
    closes = access.access_for(call, quiz, call.user["id"]).timeclose
    return quiz["review"] == "closed" and bool(closes) and call.now > closes


# ---------------------------------------------------------------------------------------------------- the sitting


@FUNCTIONS.add(
    "mod_quiz_start_attempt",
    {"quizid": INT, "preflightdata": PAIRS, "forcenew": Scalar("bool", False)},
    writes=True,
    student=True,
    capability="mod/quiz:attempt",
)
def start_attempt(call: Call, given: Arguments) -> dict[str, Any]:
    quiz, userid = quiz_of(call, given["quizid"]), call.user["id"]
    access.require_visible(call, quiz, userid)
    if call.db.execute("SELECT 1 FROM quiz_slots WHERE quizid = ?", (quiz["id"],)).fetchone() is None:
        raise error("noquestionsfound", "No questions found")
    allowed = access.access_for(call, quiz, userid)
    present = unfinished(call, quiz["id"], userid)
    refusals = why_not_begin(call, quiz, allowed, present)
    if refusals:
        return {"attempt": [], "warnings": [_warning(quiz["id"], refusal) for refusal in refusals]}
    if present is None:
        access.require_password(quiz, given["preflightdata"])
        attempt = attempts.load(call.db, attempts.begin(call, quiz, allowed, userid))
        assert attempt is not None
        return {"attempt": attempts.reply_attempt(attempt), "warnings": []}
    if attempts.is_over(answering.handle_if_time_expired(call, present, online=True)):
        return {"attempt": [], "warnings": [_warning(quiz["id"], access.NOT_AVAILABLE)]}
    raise error("attemptstillinprogress", "Attempt still in progress")


def unfinished(call: Call, quizid: int, userid: int) -> sqlite3.Row | None:
    row = call.db.execute(
        "SELECT id FROM quiz_attempts WHERE quizid = ? AND userid = ? AND state = 'inprogress' AND deleted = 0",
        (quizid, userid),
    ).fetchone()
    return None if row is None else attempts.load(call.db, row["id"])


def why_not_begin(call: Call, quiz: sqlite3.Row, allowed: Access, present: sqlite3.Row | None) -> list[str]:
    """Moodle's sentences, empty if the person may begin or go on."""
    if not allowed.is_open(call.now):
        return [access.NOT_AVAILABLE]
    query = "SELECT COUNT(*) FROM quiz_attempts WHERE quizid = ? AND userid = ? AND deleted = 0"
    begun = call.db.execute(query, (quiz["id"], call.user["id"])).fetchone()[0]
    if present is None and allowed.attempts and begun >= allowed.attempts:
        return [access.NO_MORE_ATTEMPTS]
    return []


def _warning(quizid: int, message: str) -> dict[str, Any]:
    return {"item": "quiz", "itemid": quizid, "warningcode": "1", "message": message}


def attempt_to_sit(call: Call, attemptid: int, check_rules: bool = True) -> sqlite3.Row:
    """The caller's own attempt, still open. `check_rules` also closes it when its time is over."""
    attempt = attempts.load(call.db, attemptid)
    if attempt is None:
        raise MissingRecord("quiz_attempts", f"id = {attemptid}")
    if attempt["userid"] != call.user["id"]:
        raise error("notyourattempt", "This is not your attempt!")
    quiz = quiz_of(call, attempt["quizid"])
    access.require_visible(call, quiz, call.user["id"])
    if check_rules:
        attempt = answering.handle_if_time_expired(call, attempt, online=True)
        if not attempts.is_over(attempt) and not access.access_for(call, quiz, call.user["id"]).is_open(call.now):
            raise error("attempterror", "You are not allowed to attempt this quiz now")
    if attempts.is_over(attempt):
        raise error("attemptalreadyclosed", "This attempt has already been finished.")
    return attempt


@FUNCTIONS.add(
    "mod_quiz_get_attempt_data",
    {"attemptid": INT, "page": INT, "preflightdata": PAIRS},
    writes=True,
    student=True,
    capability="mod/quiz:attempt",
)
def get_attempt_data(call: Call, given: Arguments) -> dict[str, Any]:
    attempt, page = attempt_to_sit(call, given["attemptid"]), given["page"]
    rows = attempts.load_questions(call.db, attempt["id"], page) if page >= 0 else []
    if not rows:
        raise error("Invalid page number", "quiz/Invalid page number")
    last = attempt["layout"].count(",0") - 1
    return {
        "attempt": attempts.reply_attempt(attempt),
        "messages": [],
        "nextpage": page + 1 if page < last else -1,
        "questions": [question_reply(attempt, row) for row in rows],
        "warnings": [],
    }


def question_reply(
    attempt: sqlite3.Row, row: sqlite3.Row, review: bool = False, with_version: bool = False
) -> dict[str, Any]:
    """One question of an answer, keys in the recorded order; `review` adds state and marks."""
    shown = attempts.shown(attempt, row)
    stateclass, status = STATE_WORDS[shown.state]
    body: dict[str, Any] = {
        "slot": shown.slot,
        "type": shown.question.qtype,
        "page": row["page"],
        "questionnumber": str(shown.number),
        "number": shown.number,
        "html": question_html(shown, with_outcome=review, version=row["version"] if with_version else 0),
        "responsefileareas": [],
        "sequencecheck": shown.sequence,
        "lastactiontime": row["lastaction"],
        "hasautosavedstep": row["autosave"] is not None,
        "flagged": shown.flagged,
        **({"state": shown.state} if review else {}),
        "stateclass": stateclass,
        "status": status,
        "blockedbyprevious": False,
    }
    if review:
        body["mark"] = f"{Decimal(shown.mark):.2f}" if shown.mark is not None else ""
        body["maxmark"] = decimals.number(shown.maxmark)
    settings = render_settings(shown.question)
    return body if settings is None else {**body, "settings": settings}


def as_fields(data: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """name/value pairs as a form; the last of a name counts."""
    return {item["name"]: item["value"] for item in data}


@FUNCTIONS.add(
    "mod_quiz_save_attempt",
    {"attemptid": INT, "data": Items(PAIRS.item, required=True), "preflightdata": PAIRS},
    writes=True,
    student=True,
    capability="mod/quiz:attempt",
)
def save_attempt(call: Call, given: Arguments) -> dict[str, Any]:
    attempt = attempt_to_sit(call, given["attemptid"])
    answering.autosave(call, attempt, as_fields(given["data"]))
    answering.touch(call, attempt["id"])
    return {"status": True, "warnings": []}


@FUNCTIONS.add(
    "mod_quiz_get_attempt_summary",
    {"attemptid": INT, "preflightdata": PAIRS},
    writes=True,
    student=True,
    capability="mod/quiz:attempt",
)
def get_attempt_summary(call: Call, given: Arguments) -> dict[str, Any]:
    attempt = attempt_to_sit(call, given["attemptid"])
    questions = [question_reply(attempt, row) for row in attempts.load_questions(call.db, attempt["id"])]
    unanswered = sum(1 for question in questions if question["stateclass"] in ("notyetanswered", "invalidanswer"))
    return {"questions": questions, "totalunanswered": unanswered, "warnings": []}


@FUNCTIONS.add(
    "mod_quiz_process_attempt",
    {
        "attemptid": INT,
        "data": PAIRS,
        "finishattempt": Scalar("bool", False),
        "timeup": Scalar("bool", False),
        "preflightdata": PAIRS,
    },
    writes=True,
    student=True,
    capability="mod/quiz:attempt",
)
def process_attempt(call: Call, given: Arguments) -> dict[str, Any]:
    attempt = attempt_to_sit(call, given["attemptid"], check_rules=False)
    state = answering.process(call, attempt, as_fields(given["data"]), given["finishattempt"], given["timeup"])
    return {"state": state, "warnings": []}


@FUNCTIONS.add(
    "mod_quiz_get_attempt_review",
    {"attemptid": INT, "page": Scalar("int", -1)},
    student=True,
    capability="mod/quiz:reviewmyattempts",
)
def get_attempt_review(call: Call, given: Arguments) -> dict[str, Any]:
    attempt = attempts.load(call.db, given["attemptid"])
    if attempt is None:
        raise MissingRecord("quiz_attempts", f"id = {given['attemptid']}")
    quiz = quiz_of(call, attempt["quizid"])
    if attempt["userid"] != call.user["id"] and not call.user["service"]:
        raise error("noreviewattempt", "You are not allowed to review this attempt")
    if not attempts.is_over(attempt):
        raise error("attemptclosed", "This attempt has not been finished yet")
    if not marks_shown(call, quiz):
        raise error("noreview", "You are not allowed to review this quiz")
    rows = attempts.load_questions(call.db, attempt["id"], given["page"])
    graded = attempt["sumgrades"] is not None
    bank = bool(call.user["service"]) and SEE_QUESTIONS not in json.loads(call.settings.get("denied", "[]"))
    return {
        "grade": _grade(attempt) if graded else "",
        "attempt": attempts.reply_attempt(attempt, graded=True),
        "additionaldata": [],
        "questions": [question_reply(attempt, row, review=True, with_version=bank) for row in rows],
        "warnings": [],
    }
