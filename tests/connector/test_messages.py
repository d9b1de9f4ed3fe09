"""Every code that the connector can raise has a sentence with a cure in Kyrgyz, Russian and English."""

from __future__ import annotations

import ast
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.transport.refusals import TOLD
from flask_app.messages import catalogue as messages

ROOT = Path(__file__).parents[2]
TABLES: dict[str, dict[str, Any]] = tomllib.loads(
    (ROOT / "flask_app" / "messages" / "moodle.toml").read_text(encoding="utf-8")
)
LANGUAGES = ("ky", "ru", "en")
ABOUT_GOOD_THINGS = {
    "doctor.tls",
    "doctor.answers",
    "doctor.plugin",
    "doctor.release",
    "doctor.functions",
    "doctor.capabilities",
    "doctor.clock",
    "doctor.cron",
    "doctor.cron_now",
}


def sources() -> list[Path]:
    own = [ROOT / "connector" / "transport", ROOT / "connector" / "moodle"]
    return [file for folder in own for file in folder.rglob("*.py") if "standin" not in file.parts]


def codes_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            kind, dot, rest = node.value.partition(".")
            if dot and kind in ("moodle", "sync", "doctor") and rest.isidentifier():
                yield node.value


def raised() -> set[str]:
    found = {code for file in sources() for code in codes_in(ast.parse(file.read_text(encoding="utf-8")))}
    return found | {f"moodle.{code}" for code in TOLD}


def test_every_code_has_its_sentence_and_no_sentence_is_left_over() -> None:
    assert raised() <= set(messages.catalogue())
    assert set(TABLES) <= raised()
    assert len(TABLES) > 50


@pytest.mark.parametrize("code", sorted(TABLES))
def test_a_sentence_says_what_and_how_to_mend_it(code: str) -> None:
    table = TABLES[code]
    assert table["review"] == ["ky"]
    for language in LANGUAGES:
        assert table[language]["text"], (code, language)
        assert code in ABOUT_GOOD_THINGS or table[language]["cure"], (code, language)


def places(pattern: Any) -> set[str]:
    texts = pattern.values() if isinstance(pattern, dict) else [pattern]
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", sorted(TABLES))
def test_the_same_facts_stand_in_every_language(code: str) -> None:
    table = TABLES[code]
    told = [frozenset(name for part in table[language].values() for name in places(part)) for language in LANGUAGES]
    assert len(set(told)) == 1, told


def test_a_count_is_said_in_the_right_form() -> None:
    def said(n: int) -> str:
        return messages.explain("sync.foreign_change", "ru", {"n": n, "idnumber": "q"}).text

    assert ["1 вопрос панели" in said(1), "3 вопроса" in said(3), "11 вопросов" in said(11)] == [True] * 3


# Errors as they are really made: the parameters fill every place of every sentence.
URL = {"url": "h", "function": "f"}
MADE: dict[str, dict[str, object]] = {
    **{
        f"moodle.resting_{cause}": {**URL, "n": 8, "seconds": 30, "until": "12:00:00 UTC"}
        for cause in ("unreachable", "silent", "broken", "busy", "maintenance")
    },
    "moodle.nopermissions": {**URL, "capability": "a:b"},
    "moodle.php_limit": {**URL, "limit": "Maximum execution time of 30 seconds exceeded"},
    "moodle.redirect": {**URL, "target": "t"},
    "moodle.http_status": {**URL, "status": 500},
    "moodle.forbidden": {**URL, "status": 403},
    "moodle.php_notice": {**URL, "notice": "Notice: x"},
    "moodle.refused": {**URL, "errorcode": "x"},
    "moodle.bad_shape": {"function": "f", "path": "p", "expected": "e", "found": "x"},
    "moodle.items_differ": {"function": "f", "asked": 2, "answered": 1},
    "moodle.cursor_stuck": {"function": "f"},
    "moodle.incomplete_list": {"function": "f", "read": 1, "total": 2},
    "moodle.slots_differ": {"function": "f", "test": "t"},
    "moodle.wire_version": {"url": "h", "found": 2, "wanted": 1},
    "moodle.bad_url": {},
    "moodle.item_too_large": {"variables": 6000, "limit": 4999},
    "moodle.plugin_missing": {"url": "h"},
    "sync.plan_changed": {},
    "sync.foreign_change": {"n": 2, "idnumber": "q"},
    "sync.duplicate": {"kind": "person", "name": "p"},
    "doctor.tls": {"url": "h"},
    "doctor.no_tls": {"url": "h"},
    "doctor.answers": {"url": "h", "release": "5.0"},
    "doctor.plugin": {"version": "1"},
    "doctor.release": {"release": "5.0"},
    "doctor.release_unknown": {"release": "5.0"},
    "doctor.functions": {"n": 15},
    "doctor.function_missing": {"function": "f", "url": "h"},
    "doctor.capabilities": {"n": 12},
    "doctor.capability_missing": {"capability": "a:b"},
    "doctor.clock": {"seconds": 1},
    "doctor.clock_apart": {"seconds": 90},
    "doctor.cron": {"minutes": 1},
    "doctor.cron_now": {},
    "doctor.cron_late": {"minutes": 9},
    "doctor.cron_never": {},
}


@pytest.mark.parametrize("code", sorted(TABLES))
def test_a_sentence_is_filled(code: str) -> None:
    for language in messages.LANGUAGES:
        said = str(messages.explain(code, language, MADE.get(code, URL)))
        assert "{" not in said
