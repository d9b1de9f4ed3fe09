"""Who may enter a test, and when: Moodle's availability, opening times, overrides and number of attempts."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connector.moodle.standin.call import Call
from connector.moodle.standin.errors import MoodleError, not_accessible

NOT_AVAILABLE = "This quiz is currently not available."
NO_MORE_ATTEMPTS = "No more attempts are allowed"
WRONG_PASSWORD = "The password entered was incorrect"  # noqa: S105 - Moodle's error code, which is a sentence


@dataclass(frozen=True, slots=True)
class Access:
    """A test's settings for one person; 0 = no limit, times in epoch seconds, `timelimit` in seconds."""

    timeopen: int
    timeclose: int
    timelimit: int
    attempts: int

    def is_open(self, now: int) -> bool:
        return now >= self.timeopen and (not self.timeclose or now <= self.timeclose)

    def end_time(self, timestart: int) -> int | None:
        """When an attempt started then is over; None = never."""
        ends = [timestart + self.timelimit] if self.timelimit else []
        return min(ends + ([self.timeclose] if self.timeclose else []), default=None)


def access_for(call: Call, quiz: sqlite3.Row, userid: int) -> Access:
    """The settings with the overrides: a person's own beats those of groups, of which the most generous counts."""
    rows = call.db.execute(
        "SELECT * FROM quiz_overrides WHERE quizid = ?1 AND (userid = ?2 OR groupid IN"
        " (SELECT groupid FROM group_members WHERE userid = ?2))",
        (quiz["id"], userid),
    ).fetchall()
    if not rows:
        return Access(quiz["timeopen"], quiz["timeclose"], quiz["timelimit"], quiz["attempts"])
    return Access(
        timeopen=_effective(rows, "timeopen", quiz, min),
        timeclose=_effective(rows, "timeclose", quiz, _generous),
        timelimit=_effective(rows, "timelimit", quiz, _generous),
        attempts=_effective(rows, "attempts", quiz, _generous),
    )


def _generous(values: Sequence[int]) -> int:
    return 0 if 0 in values else max(values)


def _effective(
    rows: Sequence[sqlite3.Row], name: str, quiz: sqlite3.Row, choose: Callable[[Sequence[int]], int]
) -> int:
    own = [row[name] for row in rows if row["userid"] is not None and row[name] is not None]
    if own:
        return int(own[0])
    group = [row[name] for row in rows if row["groupid"] is not None and row[name] is not None]
    return int(choose(group)) if group else int(quiz[name])


def why_not_visible(call: Call, quiz: sqlite3.Row, userid: int) -> str:
    """Moodle's reason why the person cannot even see the test, "" if they can."""
    if not quiz["visible"]:
        return "Activity is hidden"
    if not is_enrolled(call, quiz["courseid"], userid):
        return "Not enrolled"
    return "" if is_in_groups(call, quiz["id"], userid) else "Not available"


def is_enrolled(call: Call, courseid: int, userid: int) -> bool:
    found = call.db.execute(
        "SELECT 1 FROM enrolments WHERE courseid = ?1 AND userid = ?2 AND timestart <= ?3"
        " AND (timeend = 0 OR timeend > ?3)",
        (courseid, userid, call.now),
    ).fetchone()
    return found is not None


def is_in_groups(call: Call, quizid: int, userid: int) -> bool:
    """A test without groups is open to everyone in the course."""
    found = call.db.execute(
        "SELECT NOT EXISTS (SELECT 1 FROM quiz_groups WHERE quizid = ?1) OR EXISTS ("
        " SELECT 1 FROM quiz_groups q JOIN group_members m ON m.groupid = q.groupid"
        " WHERE q.quizid = ?1 AND m.userid = ?2)",
        (quizid, userid),
    ).fetchone()
    return bool(found[0])


def require_visible(call: Call, quiz: sqlite3.Row, userid: int) -> None:
    why = why_not_visible(call, quiz, userid)
    if why:
        raise not_accessible(why)


def require_password(quiz: sqlite3.Row, given: Sequence[dict[str, str]]) -> None:
    """Raises the recorded error, whose code is the sentence itself."""
    if not quiz["password"]:
        return
    if not any(item["name"] == "quizpassword" and item["value"] == quiz["password"] for item in given):
        raise MoodleError(WRONG_PASSWORD, f"quiz/{WRONG_PASSWORD}")
