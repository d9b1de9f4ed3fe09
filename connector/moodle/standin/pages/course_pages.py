"""A training course in the browser: its activities, marked as done one by one or all together."""

from __future__ import annotations

import sqlite3

from werkzeug.wrappers import Response

from connector.moodle.standin.access import is_enrolled
from connector.moodle.standin.call import Call
from connector.moodle.standin.errors import not_accessible
from connector.moodle.standin.pages.home import courses_of
from connector.moodle.standin.pages.visit import PageError, Visit
from connector.moodle.standin.training import mark_activity, open_activities


def show_courses(visit: Visit) -> Response:
    with visit.site.database.reading() as db:
        courses = courses_of(visit.site.call(db, visit.person))
    return visit.page("courses.html", visit.words("my_courses"), courses=courses)


def show_course(visit: Visit) -> Response:
    with visit.site.database.reading() as db:
        call = visit.site.call(db, visit.person)
        course = _course(call, visit.request.args.get("id", ""))
        activities = _activities(call, course["id"])
        own = next((row for row in courses_of(call) if row["id"] == course["id"]), None)
    if own is None:
        raise PageError("not_found", 404)
    return visit.page("course.html", course["fullname"], course=course, own=own, activities=activities)


def _course(call: Call, identity: str) -> sqlite3.Row:
    row: sqlite3.Row | None = call.db.execute("SELECT * FROM courses WHERE id = ?", (identity,)).fetchone()
    if row is None:
        raise PageError("not_found", 404)
    if not is_enrolled(call, row["id"], call.user["id"]):
        raise not_accessible("Not enrolled")
    return row


def _activities(call: Call, courseid: int) -> list[sqlite3.Row]:
    return call.db.execute(
        "SELECT m.*, d.timecompleted FROM course_modules m"
        " LEFT JOIN activity_completions d ON d.cmid = m.id AND d.userid = ?"
        " WHERE m.courseid = ? AND m.modname = 'page' ORDER BY m.id",
        (call.user["id"], courseid),
    ).fetchall()


def post_done(visit: Visit) -> Response:
    """Mark one activity (`cmid`), or every open one of the course (`cmid` all)."""
    form = visit.request.form
    with visit.site.database.writing() as db:
        call = visit.site.call(db, visit.person)
        course = _course(call, form.get("id", ""))
        wanted = form.get("cmid", "")
        for module in open_activities(call, course["id"], call.user["id"]):
            if wanted in ("all", str(module["id"])):
                mark_activity(call, module, call.user, done=True)
    return visit.go(f"/course/view.php?id={course['id']}")
