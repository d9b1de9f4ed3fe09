"""Small makers of wanted and present things, for tests of plan and apply."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from flask_app.ports.moodle import (
    PresentQuestion,
    Wanted,
    WantedBank,
    WantedEnrolment,
    WantedPerson,
    WantedQuestion,
    WantedSlot,
    WantedTest,
)

COURSE, BANK = "c-1", "b-1"


def seal(text: str) -> str:
    return f"sealed({len(text)})"


def question(idnumber: str, text: str = "1", path: str = "Top/A") -> WantedQuestion:
    """`text` is both what is asked and what the content hash is made of."""
    source = f"::{idnumber}::Суроо {text} {{=туура ~ката}}"
    return WantedQuestion(idnumber, f"hash-{text}", path, source)


def bank(*questions: WantedQuestion, name: str = "Банк", idnumber: str = BANK, course: str = COURSE) -> Wanted:
    return Wanted(banks=(WantedBank(course, idnumber, name, questions),))


def there(idnumber: str, text: str = "1", version: int = 1) -> PresentQuestion:
    """A question as the panel left it."""
    return PresentQuestion(idnumber, 10, 20, version, "ready", f"hash-{text}", "Top/A", False, 1000)


def hidden(found: PresentQuestion) -> PresentQuestion:
    return replace(found, status="hidden")


def edited(found: PresentQuestion) -> PresentQuestion:
    """The same after somebody's edit in Moodle."""
    return replace(found, version=found.version + 1, foreign=True)


def person(idnumber: str, name: str = "Айбек", password: str = "") -> WantedPerson:
    return WantedPerson(idnumber, f"u-{idnumber}", name, "Иванов", "ky", password=password)


def enrolment(idnumber: str, *groups: str, course: str = COURSE) -> WantedEnrolment:
    return WantedEnrolment(course, idnumber, groups)


def form_of(*slots: tuple[str, int], idnumber: str = "t-1", name: str = "Билет 1", course: str = COURSE) -> WantedTest:
    return WantedTest(
        course,
        idnumber,
        name,
        "",
        datetime(2026, 11, 20, tzinfo=UTC),
        datetime(2036, 11, 20, tzinfo=UTC),
        3600,
        60,
        ("g-1",),
        tuple(WantedSlot(*slot) for slot in slots),
    )
