"""`kyzmat results core`: one attempt a line, and what lacks on stderr."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connector.moodle.fallback.core_results import CoreResults, Identity, by_text
from connector.moodle.fallback.shown import visible_text
from flask_app.cli.by_hand import questions_of
from flask_app.cli.sync import results
from flask_app.messages import explain
from question_banks.files import SHIPPED, bank_folders
from tests.connector_fallback.recorded_site import RecordedSite, StoppedClock


def test_the_command_tells_every_attempt_and_what_lacks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    site = RecordedSite("50")

    def of_site(url: str, token: str, courses: Any, clock: Any, recognise: Any) -> CoreResults:
        assert (url, token) == ("https://moodle.example", "0" * 32)
        return CoreResults(site, courses, StoppedClock(), recognise)

    monkeypatch.setattr(CoreResults, "of_site", of_site)
    environment = {"MOODLE_URL": "https://moodle.example", "MOODLE_TOKEN": "0" * 32, "KYZMAT_HOME": str(tmp_path)}
    asked = ["core", "--course", site.course, "--test", site.test]
    outcome = CliRunner(env={**environment, "KYZMAT_LANG": "ky"}).invoke(results, asked, catch_exceptions=False)
    attempts = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert [attempt["attemptid"] for attempt in attempts] == [attempt.attemptid for attempt in site.by_plugin()]
    assert all(len(attempt["responses"]) == 7 for attempt in attempts)
    assert attempts[0]["timefinish"].startswith("2026-")
    assert explain("core.no_tombstones", "ky").text in outcome.stderr
    assert explain("core.question_unknown", "ky").text in outcome.stderr  # none of a shipped bank


def test_questions_of_the_shipped_banks_are_told_apart_by_their_text() -> None:
    asked = [question for folder in bank_folders(SHIPPED) for question in questions_of(folder)]
    texts = [(visible_text(question.text), Identity(question.idnumber)) for question in asked]
    known = by_text(texts)
    assert [known(text).idnumber for text, _ in texts] == [question.idnumber for question in asked]
