"""Killed with SIGKILL at every failpoint, then applied again: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from connector.moodle.gateway import MoodleConnector
from connector.moodle.standin.process import StandinProcess
from connector.moodle.wire.records import NewCourse
from connector.transport import RetryPolicy, TransportOptions
from flask_app.domain.errors import Unreachable
from flask_app.ports import failpoints
from tests.connector.apply_in_process import wish
from tests.connector.conftest import Place
from tests.connector.ledger import SqliteLedger
from tests.connector.wishes import bank, question

IMPATIENT = TransportOptions(retry=RetryPolicy(attempts=2, base=0.0))
OPERATIONS = 6  # the bank, two chunks of questions, people, enrolments, the test


def run(place: Place, ledger: Path, failpoint: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.connector.apply_in_process", place.standin.url, place.standin.token]
    return subprocess.run(
        [*command, str(ledger), place.course, place.bank],
        env={**os.environ, failpoints.VARIABLE: failpoint},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "failpoint",
    [
        "apply.before_call:1",
        f"apply.before_call:{OPERATIONS}",
        "apply.after_call:1",
        "apply.after_call:2",
        "apply.after_call:4",
        f"apply.after_call:{OPERATIONS}",
        "apply.between_chunks:2",
        f"apply.between_chunks:{OPERATIONS}",
    ],
)
def test_killed_and_applied_again(place: Place, tmp_path: Path, failpoint: str) -> None:
    killed = run(place, tmp_path / "ledger.db", failpoint)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert "applied" not in killed.stdout

    ledger = SqliteLedger(tmp_path / "ledger.db")
    states = list(ledger.states().values())
    assert states.count("begun") == (0 if "between" in failpoint else 1)
    wanted = wish(place.course, place.bank)
    report = place.connector.apply(place.connector.plan(wanted, ledger), ledger, lambda _done, _total: None)
    assert report.failures == ()
    assert place.connector.plan(wanted, ledger).steps == ()
    ledger.close()

    first = place.connector.client.get_bank_state(place.bank, "", 200)
    second = place.connector.client.get_bank_state(place.bank, first.cursor, 200)
    questions = (*first.questions, *second.questions)
    assert first.total == len(questions) == 210
    assert {question.version for question in questions} == {1}
    assert place.connector.client.get_progress(f"t-{place.bank}").counts["notstarted"] == 3


@pytest.mark.parametrize("moment", ["inside", "after"])
def test_the_site_is_killed_and_comes_back(tmp_path: Path, moment: str) -> None:
    """Moodle dies before or after its commit; the same plan goes on when it is there again."""
    with StandinProcess(tmp_path / "site.db") as standin:
        connector, ledger = MoodleConnector(standin.url, standin.token, IMPATIENT), SqliteLedger()
        connector.client.create_courses([NewCourse("c-1", "c-1", "Сынак")])
        wanted = bank(*(question(f"q{number}.ky") for number in range(3)))
        plan = connector.plan(wanted, ledger)
        standin.control("fault", wsfunction="local_kyzmat_import_questions", fault="kill", moment=moment)
        with pytest.raises(Unreachable):
            connector.apply(plan, ledger, lambda _done, _total: None)
        standin.wait()
        standin.start()
        report = connector.apply(plan, ledger, lambda _done, _total: None)
        assert (report.failures, report.replayed) == ((), 2 if moment == "after" else 1)
        assert {found.version for found in connector.present("b-1")} == {1}
        assert connector.plan(wanted, ledger).steps == ()
        ledger.close()


def test_without_the_variable_nobody_dies(place: Place, tmp_path: Path) -> None:
    done = run(place, tmp_path / "ledger.db", "")
    assert (done.returncode, done.stdout) == (0, "applied 218 failures 0\n")


def test_a_failpoint_counts_its_own_passages() -> None:
    code = """
from flask_app.ports.failpoints import failpoint
for name in "a.x", "b.x", "a.x", "a.x":
    print(name, flush=True)
    failpoint(name)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, failpoints.VARIABLE: "a.x:2"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (-signal.SIGKILL, ["a.x", "b.x", "a.x"])
