"""The main job by one command: once, twice, and after kill -9 at the named points; counted on both sides."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from flask_app.settings import Settings
from flask_app.store.engine import create_engine, open_database

CANDIDATES = 4
QUESTIONS = 480
LAST_LINE = re.compile(
    r"demo ok: (\d+) questions synced, (\d+) attempts pulled, (\d+) completions, (\d+) grades, (\d+) documents in (.+)"
)
THIS_RUN = "This run: changes {}, new attempts {}, completions {}, grades {}, papers registered {};"
TIMEOUT = 240


def run(home: Path, failpoint: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flask_app.cli", "demo", "--out", str(home / "out")]
    command += ["--candidates", str(CANDIDATES)]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("KYZMAT_", "MOODLE_"))},
        "KYZMAT_HOME": str(home / "var"),
        "KYZMAT_LANG": "en",
        "KYZMAT_FAILPOINT": failpoint,
    }
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=False, start_new_session=True
    )


def sums(done: subprocess.CompletedProcess[str]) -> tuple[int, ...]:
    assert done.returncode == 0, done.stdout + done.stderr
    found = LAST_LINE.fullmatch(done.stdout.strip().splitlines()[-1])
    assert found, done.stdout
    return tuple(int(number) for number in found.groups()[:-1])


@contextmanager
def panel(home: Path) -> Iterator[dict[str, int]]:
    """What the panel's own database counts."""
    counted = {
        "attempts": "SELECT count(*) FROM attempt",
        "responses": "SELECT count(*) FROM attempt_response",
        "grades": "SELECT count(*) FROM grade",
        "batches": "SELECT count(*) FROM grade_batch",
        "documents": "SELECT count(*) FROM document",
        "numbers": "SELECT count(DISTINCT (registration_series, registration_year, registration_value)) FROM document"
        " WHERE registration_value IS NOT NULL",
        "unnumbered": "SELECT count(*) FROM document WHERE kind = 'D03' AND registration_value IS NULL",
        "counters": "SELECT sum(last) FROM registration_counter",
        "applications": "SELECT count(*) FROM application",
        "votes": "SELECT count(*) FROM vote",
        "unfinished": "SELECT count(*) FROM sync_operation WHERE state NOT IN ('done', 'superseded')",
    }
    with open_database(Settings(home=home / "var")) as address:
        engine = create_engine(address.app)
        with engine.connect() as connection:
            yield {name: connection.scalar(text(query)) or 0 for name, query in counted.items()}
        engine.dispose()


def moodle(home: Path) -> dict[str, int]:
    """What the stand-in's own database counts."""
    counted = {
        "entries": "SELECT count(*) FROM entries",
        "questions": "SELECT count(*) FROM questions",
        "tests": "SELECT count(*) FROM quizzes",
        "attempts": "SELECT count(*) FROM quiz_attempts",
        "people": "SELECT count(*) FROM users WHERE service = 0",
    }
    with sqlite3.connect(home / "var" / "standin.sqlite") as database:
        return {name: database.execute(query).fetchone()[0] for name, query in counted.items()}


def check_both_sides(home: Path) -> None:
    """Nothing doubled, nothing lost, wherever it was interrupted."""
    there = moodle(home)
    assert there["entries"] == there["questions"] == QUESTIONS
    assert there["attempts"] == CANDIDATES
    assert there["people"] == CANDIDATES + 5
    with panel(home) as here:
        assert here["attempts"] == CANDIDATES
        assert here["responses"] == CANDIDATES * 60
        assert here["applications"] == CANDIDATES
        assert (here["grades"], here["batches"]) == (5, 1)
        assert here["numbers"] == here["counters"] == 4
        assert (here["documents"], here["unnumbered"]) == (5, 1), "and the announcement, which has no number"
        assert here["unfinished"] == 0


def test_the_second_time_nothing_changes(home: Path) -> None:
    first = run(home)
    assert sums(first) == (QUESTIONS, CANDIDATES, 5, 5, 4)
    check_both_sides(home)
    papers = {path.name: path.read_bytes() for path in (home / "out").glob("*.docx")}
    assert len(papers) == 4
    second = run(home)
    assert sums(second) == sums(first)
    assert THIS_RUN.format(0, 0, 0, 0, 0) in second.stdout
    check_both_sides(home)
    assert {path.name: path.read_bytes() for path in (home / "out").glob("*.docx")} == papers


@pytest.mark.parametrize("failpoint", ["apply.between_chunks:1", "apply.after_call:2", "papers.between:1"])
def test_killed_anywhere_it_goes_on_and_doubles_nothing(home: Path, failpoint: str) -> None:
    killed = run(home, failpoint)
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    assert sums(run(home)) == (QUESTIONS, CANDIDATES, 5, 5, 4)
    check_both_sides(home)
