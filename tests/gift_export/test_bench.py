"""The benchmark measures what it says."""

from __future__ import annotations

import json
import sys

from click.testing import CliRunner

from flask_app.bench.gift import bank, gift, growth, measure


def test_banks_are_repeatable_and_read_back_without_findings() -> None:
    assert list(bank(30, "rich")) == list(bank(30, "rich"))
    for kind in ("simple", "rich"):
        result = measure(300, kind, rounds=1)
        assert result["read_back_equal"]
        assert result["findings"] == 0


def test_prints_json() -> None:
    peer = f"{sys.executable} -c pass"
    arguments = ["--questions", "50", "--rounds", "1", "--peer-command", peer, "--json"]
    report = json.loads(CliRunner().invoke(gift, arguments).stdout)
    assert [entry["kind"] for entry in report["gift"]] == ["simple", "rich"]
    assert all(entry["peer_seconds"] > 0 for entry in report["peer"])


def test_growth_reads_every_question_both_ways() -> None:
    result = growth(200, "rich")
    assert result["questions"] == 200
    assert min(result["whole_peak_mb"], result["stream_peak_mb"]) > 1
