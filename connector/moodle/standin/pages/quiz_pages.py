"""Sitting a test in the browser, without any script."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from connector.moodle.standin import access, answering, attempts, decimals, grading
from connector.moodle.standin.call import Call
from connector.moodle.standin.functions.core_quiz import (
    marks_shown,
    quiz_of,
    unfinished,
    why_not_begin,
)
from connector.moodle.standin.pages.home import place_of
from connector.moodle.standin.pages.visit import PageError, Visit
from connector.moodle.standin.pages.words import Words
from connector.moodle.standin.rendering import Shown
from question_banks.model import MatchQuestion, MultichoiceQuestion

_REFUSALS = {access.NOT_AVAILABLE: "notavailable", access.NO_MORE_ATTEMPTS: "nomoreattempts"}


def _whole_number(values: Mapping[str, str], name: str) -> int:
    value = values.get(name, "")
    if not value.isdecimal():
        raise PageError("not_found", 404)
    return int(value)


def _quiz_of_module(call: Call, cmid: int) -> sqlite3.Row:
    row: sqlite3.Row | None = call.db.execute("SELECT * FROM quizzes WHERE cmid = ?", (cmid,)).fetchone()
    if row is None:
        raise PageError("not_found", 404)
    access.require_visible(call, row, call.user["id"])
    return row


# -------------------------------------------------------------------------------------------------- before the test


def show_test(visit: Visit) -> Response:
    cmid = _whole_number(visit.request.args, "id")
    with visit.site.database.reading() as db:
        call = visit.site.call(db, visit.person)
        quiz = _quiz_of_module(call, cmid)
        allowed = access.access_for(call, quiz, call.user["id"])
        present = unfinished(call, quiz["id"], call.user["id"])
        refusals = [_REFUSALS[refusal] for refusal in why_not_begin(call, quiz, allowed, present)]
        count = db.execute("SELECT COUNT(*) FROM quiz_slots WHERE quizid = ?", (quiz["id"],)).fetchone()[0]
        values: dict[str, Any] = {"place": place_of(call, quiz, visit.words), "allowed": allowed, "present": present}
    return visit.page("test.html", quiz["name"], quiz=quiz, refusals=refusals, count=count, **values)


def post_start(visit: Visit) -> Response:
    form = visit.request.form
    with visit.site.database.writing() as db:
        call = visit.site.call(db, visit.person)
        quiz = _quiz_of_module(call, _whole_number(form, "id"))
        allowed = access.access_for(call, quiz, call.user["id"])
        present = unfinished(call, quiz["id"], call.user["id"])
        for refusal in why_not_begin(call, quiz, allowed, present):
            raise PageError(_REFUSALS[refusal], 409)
        if present is not None:
            return visit.go(_page_address(present["id"], present["currentpage"]))
        if quiz["password"] and form.get("quizpassword", "") != quiz["password"]:
            raise PageError("password", 403)
        return visit.go(_page_address(attempts.begin(call, quiz, allowed, call.user["id"]), 0))


def _page_address(attemptid: int, page: int) -> str:
    return f"/mod/quiz/attempt.php?attempt={attemptid}&page={page}"


# ------------------------------------------------------------------------------------------------------ in the test


def show_attempt(visit: Visit) -> Response:
    """One page of questions. An attempt that is over leads to its end."""
    args = visit.request.args
    with visit.site.database.writing() as db:
        call = visit.site.call(db, visit.person)
        attempt = _own_attempt(call, _whole_number(args, "attempt"))
        if attempts.is_over(attempt):
            return visit.go(_review_address(attempt["id"]))
        rows = attempts.load_questions(db, attempt["id"])
        page = _whole_number(args, "page") if "page" in args else attempt["currentpage"]
        pages = attempt["layout"].count(",0")
        if page >= pages:
            raise PageError("not_found", 404)
        answering.touch(call, attempt["id"], page)
        title = quiz_of(call, attempt["quizid"])["name"]
        values = _frame(call, attempt, rows, visit.words)
    questions = [_question(attempts.shown(attempt, row), visit.words) for row in rows if row["page"] == page]
    return visit.page("attempt.html", title, questions=questions, page=page, pages=_pages(rows, attempt), **values)


def _own_attempt(call: Call, attemptid: int) -> sqlite3.Row:
    """The person's attempt, closed first if its time is over."""
    attempt = attempts.load(call.db, attemptid)
    if attempt is None or attempt["userid"] != call.user["id"]:
        raise PageError("not_found", 404)
    access.require_visible(call, quiz_of(call, attempt["quizid"]), call.user["id"])
    return answering.handle_if_time_expired(call, attempt, online=True)


def _frame(call: Call, attempt: sqlite3.Row, rows: list[sqlite3.Row], words: Words) -> dict[str, Any]:
    """What stands above the questions: time left, how many are answered."""
    states = [attempts.shown(attempt, row).state for row in rows]
    end = attempt["timecheckstate"]
    left = "" if end is None else words("time_left", left=words.left(max(end - call.now, 0)), time=words.hour(end))
    answered = sum(1 for state in states if state == "complete")
    progress = words("answered_of", answered=answered, count=len(rows))
    return {"attempt": attempt, "left": left, "hurry": end is not None and end - call.now < 300, "progress": progress}


def _pages(rows: list[sqlite3.Row], attempt: sqlite3.Row) -> list[dict[str, Any]]:
    """The pages with the numbers of their first and last question, and whether all of them are answered."""
    pages: list[dict[str, Any]] = []
    for row in rows:
        if row["page"] == len(pages):
            pages.append({"first": row["slot"], "last": row["slot"], "complete": True})
        page = pages[-1]
        page["last"] = row["slot"]
        page["complete"] = page["complete"] and attempts.shown(attempt, row).state == "complete"
    return pages


def _question(shown: Shown, words: Words) -> dict[str, Any]:
    """A question as the template shows it: its kind, and its fields with their names, values and labels."""
    question = shown.question
    view: dict[str, Any] = {
        "slot": shown.slot,
        "name": f"{shown.prefix}answer",
        "prefix": shown.prefix,
        "sequence": shown.sequence,
        "text": question.text,
        "format": question.format,
        "kind": question.qtype,
        "answered": shown.state == "complete",
        "value": shown.response.get("answer", ""),
        "options": [],
        "lines": [],
    }
    if isinstance(question, MultichoiceQuestion):
        view["kind"] = "single" if question.single else "several"
        view["options"] = [_option(shown, question, place) for place in range(len(shown.order))]
    elif question.qtype == "truefalse":
        view["kind"] = "single"
        view["options"] = [
            {**_named(view["name"], value, view["value"] == value), "text": words(word), "format": "plain"}
            for value, word in (("1", "true"), ("0", "false"))
        ]
    elif isinstance(question, MatchQuestion):
        view["lines"] = _lines(shown, question)
    return view


def _option(shown: Shown, question: MultichoiceQuestion, place: int) -> dict[str, Any]:
    answer = question.answers[shown.order[place]]
    if question.single:
        name, value, chosen = f"{shown.prefix}answer", str(place), shown.response.get("answer") == str(place)
    else:
        name, value = f"{shown.prefix}choice{place}", "1"
        chosen = shown.response.get(f"choice{place}", "0") == "1"
    return {**_named(name, value, chosen), "text": answer.text, "format": answer.format}


def _named(name: str, value: str, chosen: bool) -> dict[str, Any]:
    return {"name": name, "value": value, "chosen": chosen}


def _lines(shown: Shown, question: MatchQuestion) -> list[dict[str, Any]]:
    choices = grading.choices_of(question)
    options = [(str(value), choices[place]) for value, place in enumerate(shown.order, 1)]
    return [
        {
            "name": f"{shown.prefix}sub{place}",
            "text": question.pairs[pair].text,
            "format": question.pairs[pair].format,
            "options": options,
            "value": shown.response.get(f"sub{place}", "0"),
        }
        for place, pair in enumerate(grading.stems_of(question))
    ]


def post_attempt(visit: Visit) -> Response:
    """Save the page and go where the pressed button leads."""
    form = visit.request.form
    with visit.site.database.writing() as db:
        call = visit.site.call(db, visit.person)
        attempt = _own_attempt(call, _whole_number(form, "attempt"))
        if attempts.is_over(attempt):
            return visit.go(_review_address(attempt["id"]))
        state = answering.process(call, attempt, form.to_dict(), finishing=False, timeup=False)
    if state == "finished":
        return visit.go(_review_address(attempt["id"]))
    wanted = form.get("go", "")
    if wanted.isdecimal():
        return visit.go(_page_address(attempt["id"], int(wanted)))
    return visit.go(f"/mod/quiz/summary.php?attempt={attempt['id']}")


# ------------------------------------------------------------------------------------------------------- at the end

_STATES = {"complete": "saved", "invalid": "incomplete", "todo": "unanswered"}


def show_summary(visit: Visit) -> Response:
    with visit.site.database.writing() as db:
        call = visit.site.call(db, visit.person)
        attempt = _own_attempt(call, _whole_number(visit.request.args, "attempt"))
        if attempts.is_over(attempt):
            return visit.go(_review_address(attempt["id"]))
        rows = attempts.load_questions(db, attempt["id"])
        values = _frame(call, attempt, rows, visit.words)
    listed = [
        {"slot": row["slot"], "page": row["page"], "state": _STATES[attempts.shown(attempt, row).state]} for row in rows
    ]
    missing = sum(1 for item in listed if item["state"] != "saved")
    return visit.page("summary.html", visit.words("summary_title"), questions=listed, missing=missing, **values)


def post_finish(visit: Visit) -> Response:
    with visit.site.database.writing() as db:
        call = visit.site.call(db, visit.person)
        attempt = _own_attempt(call, _whole_number(visit.request.form, "attempt"))
        if not attempts.is_over(attempt):
            answering.process(call, attempt, {}, finishing=True, timeup=False)
    return visit.go(_review_address(attempt["id"]))


def _review_address(attemptid: int) -> str:
    return f"/mod/quiz/review.php?attempt={attemptid}"


def show_review(visit: Visit) -> Response:
    """What is told after the test: the mark where the test's settings allow it, else who announces it."""
    attemptid = _whole_number(visit.request.args, "attempt")
    with visit.site.database.writing() as db:
        call = visit.site.call(db, visit.person)
        attempt = _own_attempt(call, attemptid)
        if not attempts.is_over(attempt):
            return visit.go(_page_address(attempt["id"], attempt["currentpage"]))
        quiz = quiz_of(call, attempt["quizid"])
        sentence = _result(attempt, marks_shown(call, quiz), visit.words)
        rows = attempts.load_questions(db, attempt["id"])
    late = attempt["timefinish"] < attempt["timemodified"]
    given = sum(1 for row in rows if row["state"] != "gaveup")
    progress = visit.words("answered_of", answered=given, count=len(rows))
    values = {"quiz": quiz, "attempt": attempt, "sentence": sentence, "late": late, "progress": progress}
    return visit.page("review.html", visit.words("done_title"), **values)


def _result(attempt: sqlite3.Row, shown: bool, words: Words) -> str:
    if not shown:
        return words("results_by_commission")
    if attempt["sumgrades"] is None:
        return words("waits_for_marking")
    return words("your_mark", mark=decimals.number(attempt["sumgrades"]), maxmark=decimals.number(attempt["maxmark"]))
