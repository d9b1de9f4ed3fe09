"""Candidates and trainees as robots: they log in at Moodle with their slips and use nothing but Moodle's own functions.

What a robot knows of the right answers comes from the bank; how much of it it gives depends on its number, so that
every run has strong, middling and weak candidates, and the same ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from connector.moodle.standin.question_fields import read_fields
from connector.moodle.standin.sitting import SittingError, Trainee, answer
from question_banks.bank import Bank
from question_banks.model import MultichoiceQuestion

PERFECT = 1000
BY_HAND = 1  # Moodle's COMPLETION_TRACKING_MANUAL


@dataclass(frozen=True, slots=True)
class Slip:
    """What stands on a candidate's slip, and which test is his. `ability`: share of right answers in thousandths."""

    username: str
    password: str
    test: str
    ability: int


def ability_of(number: int) -> int:
    """From 36 % to 96 %, neighbours far apart: some below the threshold, some between, some good for the reserve."""
    return 360 + (number * 389) % 600


def key_of(banks: Iterable[Bank]) -> Mapping[str, str]:
    """Question text → the right option's text, over all languages."""
    key = {}
    for bank in banks:
        for group in bank.items:
            for question in group.versions.values():
                if isinstance(question, MultichoiceQuestion):
                    right = next(choice for choice in question.answers if choice.fraction == 1)
                    key[_folded(question.text)] = _folded(right.text)
    return key


def _folded(text: str) -> str:
    return " ".join(text.split())


def _chooser(slip: Slip, key: Mapping[str, str]) -> Callable[[str, Sequence[str]], str]:
    def choose(text: str, labels: Sequence[str]) -> str:
        right = next((label for label in labels if _folded(label) == key.get(_folded(text))), "")
        draw = int.from_bytes(hashlib.sha256(f"{slip.username}|{text}".encode()).digest()[:4]) % PERFECT
        if right and draw < slip.ability:
            return right
        wrong = [label for label in labels if label != right]
        return wrong[draw % len(wrong)] if wrong else ""

    return choose


def sit_test(url: str, slip: Slip, key: Mapping[str, str]) -> bool:
    """Sit the test and hand it in; returns False when it was handed in before. An attempt begun earlier is finished."""
    with Trainee(url, slip.username, slip.password) as trainee:
        quiz = trainee.quizzes()[slip.test]
        attempt = _attempt(trainee, quiz)
        if attempt is None:
            return False
        choose = _chooser(slip, key)
        data: dict[str, str] = {}
        page = 0
        while page >= 0:
            shown = trainee.page(attempt, page)
            for question in shown["questions"]:
                data |= answer(read_fields(question["html"]), choose)
            page = shown["nextpage"]
        trainee.process(attempt, data, finish=True)
    return True


def _attempt(trainee: Trainee, quiz: int) -> int | None:
    """A new attempt, the one in progress, or None when the test was handed in."""
    attempts = trainee.call("mod_quiz_get_user_attempts", {"quizid": quiz, "status": "all"})["attempts"]
    for attempt in attempts:
        if attempt["state"] in ("inprogress", "overdue"):
            return int(attempt["id"])
    if attempts:
        return None
    return int(trainee.start(quiz)["id"])


def complete_course(url: str, username: str, password: str, course: str) -> int:
    """Mark every activity of the course as done, as a trainee does; returns how many there are."""
    with Trainee(url, username, password) as trainee:
        site = trainee.call("core_webservice_get_site_info", {})
        courses = trainee.call("core_enrol_get_users_courses", {"userid": site["userid"]})
        found = next((c for c in courses if c["idnumber"] == course), None)
        if found is None:
            raise SittingError("notenrolled", course)
        sections = trainee.call("core_course_get_contents", {"courseid": found["id"]})
        modules = [m["id"] for section in sections for m in section["modules"] if m["completion"] == BY_HAND]
        for module in modules:
            trainee.call("core_completion_update_activity_completion_status_manually", {"cmid": module, "completed": 1})
    return len(modules)
