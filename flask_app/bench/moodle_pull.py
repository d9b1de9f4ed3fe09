"""Finished attempts with every answer, pulled through the plugin and through core functions, and compared."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

from connector.moodle.fallback.core_results import CoreResults
from connector.moodle.gateway import MoodleConnector
from connector.moodle.standin.sitting import sit
from connector.transport import RestSession
from flask_app.bench.gift import bank
from flask_app.bench.moodle_import import CountingSession, MemoryLedger, counted
from flask_app.domain.canonical import digest
from flask_app.ports.moodle import (
    PulledAttempt,
    Wanted,
    WantedBank,
    WantedEnrolment,
    WantedPerson,
    WantedQuestion,
    WantedSlot,
    WantedTest,
)
from flask_app.store.clock import SystemClock
from gift_export.writer import write

REQUESTS_LIMIT: Final = 50
SECONDS_LIMIT: Final = 20
"""How many times fewer requests, and how many times faster, the plugin must be."""
PASSWORD: Final = "Kyzmat-bench-1!"  # noqa: S105  # of invented people on a test site
SITTING_AT_ONCE: Final = 3


@dataclass(frozen=True, slots=True)
class Site:
    url: str
    token: str
    core_token: str


def measure(site: Site, attempts: int, slots: int, sat: str) -> dict[str, Any]:
    """Requests and seconds of both ways over the same attempts, and whether they brought the same data."""
    connector, session = counted(site.url, site.token)
    course, test = sat.split("/", 1) if sat else prepare(connector, site, attempts, slots)
    pulled, plugin_seconds = by_plugin(connector, session, test)
    started = time.perf_counter()
    core = CoreResults(RestSession(site.url, site.core_token), [course], SystemClock())
    by_core = [attempt for page in core.results([test]) for attempt in page.attempts]
    core_seconds = time.perf_counter() - started
    requests = len(session.calls)
    return {
        "release": connector.site().release,
        "sat": f"{course}/{test}",
        "attempts": len(pulled),
        "responses": sum(len(attempt.responses) for attempt in pulled),
        "plugin_requests": requests,
        "core_requests": core.calls,
        "fewer_requests": round(core.calls / requests, 1),
        "fewer_requests_limit": REQUESTS_LIMIT,
        "plugin_seconds": round(plugin_seconds, 2),
        "core_seconds": round(core_seconds, 2),
        "faster": round(core_seconds / plugin_seconds, 1),
        "faster_limit": SECONDS_LIMIT,
        "same_data": sorted(map(_data, pulled)) == sorted(map(_data, by_core)),
        "core_lacks": list(core.gaps),
    }


def by_plugin(connector: MoodleConnector, session: CountingSession, test: str) -> tuple[list[PulledAttempt], float]:
    """The attempts that are there, and the seconds it took; the requests are left in `session`."""
    connector.site()
    session.calls.clear()
    started = time.perf_counter()
    found = [attempt for page in connector.results([test], "") for attempt in page.attempts if not attempt.deleted]
    return found, time.perf_counter() - started


def _data(attempt: PulledAttempt) -> tuple[object, ...]:
    """What core tells as well: not ids, versions and times of answers."""
    answers = [
        (one.slot, one.state, _number(one.mark), _number(one.maxmark), one.response, one.rightanswer)
        for one in attempt.responses
    ]
    head = (attempt.attemptid, attempt.person, attempt.test, attempt.attempt, attempt.state)
    return (*head, attempt.timestart, attempt.timefinish, _number(attempt.mark), _number(attempt.maxmark), *answers)


def _number(text: str | None) -> Decimal:
    return Decimal(-1) if text is None else Decimal(text).normalize()


# --------------------------------------------------------------------------------------------------- a test that is sat


def prepare(connector: MoodleConnector, site: Site, attempts: int, slots: int) -> tuple[str, str]:
    """A new course with a test and people who sat it, as trainees sit it."""
    name = f"bench-{uuid4().hex[:10]}"
    connector.ensure_course(name, "Bench")
    people = [_person(name, number) for number in range(attempts)]
    ledger = MemoryLedger()
    questions = [_question(number, question) for number, question in enumerate(bank(slots, "simple"))]
    wanted = Wanted((WantedBank(name, name, "Bench", tuple(questions)),), tuple(people))
    connector.apply(connector.plan(wanted, ledger), ledger, _quiet)
    members = tuple(WantedEnrolment(name, person.idnumber, (name,)) for person in people)
    connector.apply(connector.plan(Wanted(enrolments=members), ledger), ledger, _quiet)
    test = _test(connector, name, slots)
    quizid = connector.client.save_test(uuid4().hex, test).quizid
    _sit_all(site, people, quizid)
    return name, test.test


def _quiet(done: int, total: int) -> None:  # noqa: ARG001  # a Progress
    return None


def _person(name: str, number: int) -> WantedPerson:
    mine = f"{name}-{number:05}"
    return WantedPerson(mine, mine, f"Адам{number}", "Сыноочу", "ky", f"{mine}@example.org", PASSWORD)


def _question(number: int, question: Any) -> WantedQuestion:
    source = write([question])
    return WantedQuestion(f"q{number:03}.ky", digest(source), "Bench", source)


def _test(connector: MoodleConnector, name: str, slots: int) -> WantedTest:
    opened = connector.site().servertime - timedelta(hours=1)
    return WantedTest(
        course=name,
        test=f"{name}-test",
        name="Bench",
        intro="",
        timeopen=opened,
        timeclose=opened + timedelta(days=2),
        timelimit=7200,
        passpercent=60,
        groups=(name,),
        slots=tuple(WantedSlot(f"q{number:03}.ky", 1) for number in range(slots)),
    )


def _sit_all(site: Site, people: Sequence[WantedPerson], quizid: int) -> None:
    def one(number: int) -> str:
        choose = lambda text, labels: labels[(len(text) + number) % len(labels)]  # noqa: E731  # a Choose
        return sit(site.url, people[number].username, PASSWORD, quizid, choose).state

    with ThreadPoolExecutor(SITTING_AT_ONCE) as pool:
        states = set(pool.map(one, range(len(people))))
    assert states == {"finished"}, states
