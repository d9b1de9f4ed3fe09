"""Memory of a pull: a hundred thousand attempts from the stand-in take no more than a thousand."""

from __future__ import annotations

import gc
import sqlite3
import tempfile
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import psutil

from connector.moodle.gateway import MoodleConnector
from connector.moodle.standin.process import StandinProcess
from connector.moodle.standin.sitting import sit
from flask_app.bench.gift import bank
from flask_app.bench.moodle_import import MemoryLedger
from flask_app.domain.canonical import digest
from flask_app.ports.moodle import (
    Wanted,
    WantedBank,
    WantedEnrolment,
    WantedPerson,
    WantedQuestion,
    WantedSlot,
    WantedTest,
)
from gift_export.writer import write

SLOTS: Final = 10
SMALL: Final = 1000
"""Attempts after which a flat pull has all the memory it will ever need."""
GROWTH_LIMIT_MB: Final = 16.0
PASSWORD: Final = "Kyzmat-bench-1!"  # noqa: S105  # of an invented person
NAME: Final = "bench"


def measure(attempts: int) -> dict[str, Any]:
    """Resident memory of this process while `attempts` are pulled with their answers; nothing of them is kept."""
    with tempfile.TemporaryDirectory() as folder, StandinProcess(Path(folder) / "site.sqlite") as standin:
        test = _one_attempt(standin)
        standin.stop()
        _copies(standin.data_file, attempts)
        standin.start()
        return _pulled(MoodleConnector(standin.url, standin.token), test, attempts)


def _pulled(connector: MoodleConnector, test: str, wanted: int) -> dict[str, Any]:
    own = psutil.Process()
    count = pages = 0
    small = most = 0.0
    started = time.perf_counter()
    for page in connector.results([test], ""):
        count, pages = count + len(page.attempts), pages + 1
        assert all(len(attempt.responses) == SLOTS for attempt in page.attempts)
        if pages % 10 == 0 or count >= wanted:
            gc.collect()
            resident = own.memory_info().rss / 1e6
            most = max(most, resident)
            small = most if count <= SMALL else small
    return {
        "attempts": count,
        "responses": count * SLOTS,
        "control_total": page.total,
        "pages": pages,
        "seconds": round(time.perf_counter() - started, 1),
        "resident_mb_after_1000": round(small, 1),
        "resident_mb_most": round(most, 1),
        "growth_mb": round(most - small, 1),
        "growth_limit_mb": GROWTH_LIMIT_MB,
    }


def _one_attempt(standin: StandinProcess) -> str:
    """A test that one person sat, the pattern of all others."""
    connector, ledger = MoodleConnector(standin.url, standin.token), MemoryLedger()
    standin.ensure_course(NAME, "Bench")
    person = WantedPerson(NAME, NAME, "Адам", "Сыноочу", "ky", "bench@example.org", PASSWORD)
    asked = [write([question]) for question in bank(SLOTS, "simple")]
    questions = tuple(WantedQuestion(f"q{n}", digest(text), "A", text) for n, text in enumerate(asked))
    opened = connector.site().servertime - timedelta(hours=1)
    slots = tuple(WantedSlot(f"q{n}", 1) for n in range(SLOTS))
    closed = opened + timedelta(days=2)
    test = WantedTest(NAME, f"{NAME}-test", "Bench", "", opened, closed, 7200, 60, (NAME,), slots)
    wanted = Wanted((WantedBank(NAME, NAME, "Bench", questions),), (person,))
    connector.apply(connector.plan(wanted, ledger), ledger, _quiet)
    members = Wanted(enrolments=(WantedEnrolment(NAME, NAME, (NAME,)),))
    connector.apply(connector.plan(members, ledger), ledger, _quiet)
    quizid = connector.client.save_test(uuid4().hex, test).quizid
    sit(standin.url, NAME, PASSWORD, quizid, lambda text, labels: labels[len(text) % len(labels)])
    return test.test


def _quiet(done: int, total: int) -> None:  # noqa: ARG001  # a Progress
    return None


def _copies(data_file: Path, attempts: int) -> None:
    """The same attempt many times, each a change of its own. The site is stopped: this is its file."""
    with sqlite3.connect(data_file) as db:
        first, change = db.execute("SELECT id, changeno FROM quiz_attempts").fetchone()
        given = {"id": f"{first} + n.i", "attempt": "1 + n.i", "changeno": f"{change} + n.i"}
        _copy(db, "quiz_attempts", given, f"id = {first}", attempts - 1)
        _copy(db, "question_attempts", {"attemptid": f"{first} + n.i"}, f"attemptid = {first}", attempts - 1)
        db.execute("UPDATE counters SET value = value + ? WHERE name = 'change'", (attempts,))


def _copy(db: sqlite3.Connection, table: str, given: Mapping[str, str], which: str, times: int) -> None:
    """The rows of `which` again, `n.i` = 1, 2, … `times`; columns that are not given stay the same."""
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    chosen = ", ".join(given.get(name, f"t.{name}") for name in columns)
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
    source = f"{numbers} SELECT {chosen} FROM {table} t, n WHERE t.{which}"  # noqa: S608  # names of columns
    db.execute(f"INSERT INTO {table} ({', '.join(columns)}) {source}", (times,))
