"""The measurements of a Moodle, small, against the stand-in: what they count is right, whatever the figures are."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from connector.moodle.standin.process import StandinProcess
from flask_app.bench import moodle_import, moodle_memory, moodle_pull
from flask_app.bench.moodle import moodle

QUESTIONS = 210


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandinProcess]:
    with StandinProcess(tmp_path_factory.mktemp("bench") / "site.sqlite") as process:
        yield process


def test_a_bank_is_imported_and_found_unchanged_without_a_write(standin: StandinProcess, tmp_path: Path) -> None:
    kept = tmp_path / "imported.gift"
    copy = f"import shutil; shutil.copy('{{file}}', '{kept}')"
    importer = f'{sys.executable} -c "{copy}"'
    found = moodle_import.measure(standin.url, standin.token, importer, QUESTIONS)
    assert kept.read_text("utf-8").count("// [id:") == QUESTIONS
    assert (found["failures"], found["verify_writes"], found["verify_changes"]) == (0, 0, 0)
    assert found["calls"] == 3  # the bank, and two chunks
    assert found["verify_requests"] <= 4
    assert found["ratio"] > 0


def test_an_importer_that_fails_is_told(standin: StandinProcess) -> None:
    failing = f"{sys.executable} -c \"raise SystemExit('no database')\""
    with pytest.raises(click.ClickException, match="no database"):
        moodle_import.measure(standin.url, standin.token, failing, QUESTIONS)


def test_a_test_is_sat_and_pulled(standin: StandinProcess) -> None:
    site = moodle_pull.Site(standin.url, standin.token, standin.token)
    connector, session = moodle_import.counted(standin.url, standin.token)
    course, test = moodle_pull.prepare(connector, site, attempts=3, slots=2)
    attempts, seconds = moodle_pull.by_plugin(connector, session, test)
    assert [len(attempt.responses) for attempt in attempts] == [2, 2, 2]
    assert {attempt.person.rsplit("-", 1)[0] for attempt in attempts} == {course}
    assert session.calls == ["local_kyzmat_get_results"]
    assert seconds > 0


def test_memory_of_a_pull_is_flat() -> None:
    found = moodle_memory.measure(3000)
    assert (found["attempts"], found["control_total"], found["responses"]) == (3000, 3000, 30_000)
    assert found["growth_mb"] <= found["growth_limit_mb"]


def test_without_a_site_only_the_memory_is_measured() -> None:
    outcome = CliRunner().invoke(moodle, ["--json", "--part", "memory", "--memory-attempts", "2000"])
    assert outcome.exit_code == 0, outcome.output
    assert list(json.loads(outcome.output)["moodle"]) == ["memory"]
    nothing = CliRunner().invoke(moodle, ["--part", "import"])
    assert (nothing.exit_code, "nothing to measure" in nothing.output) == (2, True)
