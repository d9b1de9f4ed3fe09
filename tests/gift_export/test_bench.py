"""The benchmark measures what it says."""

from __future__ import annotations

import json

from click.testing import CliRunner

from flask_app.bench.gift import bank, gift, measure


def test_banks_are_repeatable_and_read_back_without_findings() -> None:
    assert list(bank(30, "rich")) == list(bank(30, "rich"))
    for kind in ("simple", "rich"):
        result = measure(300, kind, rounds=1)
        assert result["read_back_equal"]
        assert result["findings"] == 0


def test_prints_json() -> None:
    result = CliRunner().invoke(gift, ["--questions", "50", "--rounds", "1", "--json"])
    assert [entry["kind"] for entry in json.loads(result.stdout)["gift"]] == ["simple", "rich"]
