"""Every piece of advice and every remark of the editor has its sentence in three languages, filled with its numbers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import flask_app
import question_banks
from flask_app.messages import explain
from flask_app.messages.catalogue import catalogue
from question_banks.statistics import Given, items, twin_differences

LANGUAGES = ("ky", "ru", "en")
CODE = re.compile(r'"((?:ITEM|QUESTION|DESIGN)_[A-Z_]+)"')
SERVICES = Path(flask_app.__file__).parent / "services"


def codes() -> set[str]:
    files = [*Path(question_banks.__file__).parent.glob("*.py"), *SERVICES.glob("question_*.py")]
    return {code for file in files for code in CODE.findall(file.read_text(encoding="utf-8"))}


def test_what_is_said_and_what_is_written_are_the_same() -> None:
    written = {code for code in catalogue() if code.startswith(("ITEM_", "QUESTION_", "DESIGN_"))}
    assert codes() == written
    assert len(written) > 15


@pytest.mark.parametrize("code", sorted(codes()))
def test_each_is_written_in_three_languages(code: str) -> None:
    table = catalogue()[code]
    assert set(LANGUAGES) <= set(table)
    assert table["review"] == ["ky"]
    fields = {tuple(sorted(set(re.findall(r"{(\w+)}", str(table[language]))))) for language in LANGUAGES}
    assert len(fields) == 1, "the languages name different figures"


def test_advice_can_be_said_with_its_numbers() -> None:
    options = {("a", "ru"): {"да": True, "нет": False, "иногда": False}}
    rows = [(0, 1, 1, "нет")] * 40 + [(1, 0, 0, "да")] * 20
    sheets = [[Given("a", "ru", x, c), Given("b", "ru", y, "x"), Given("c", "ru", z, "x")] for x, y, z, c in rows]
    sheets += [[Given("a", "ky", 1, "да"), Given("b", "ky", 0, "x")] for _ in range(20)]
    said = [one for item in items(sheets, options) for one in item.advice]
    said += [one for twin in twin_differences(sheets) for one in twin.advice]
    assert {"ITEM_KEY_DOUBTFUL", "ITEM_OPTION_STRONGER", "ITEM_TWINS_DIFFER"} <= {one.code for one in said}
    for one in said:
        for language in LANGUAGES:
            told = explain(one.code, language, one.params)  # type: ignore[arg-type]  # one of the languages
            assert "{" not in str(told)
            assert told.cure
