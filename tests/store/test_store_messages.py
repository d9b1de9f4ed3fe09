"""Every refusal of settings, store and queue has its sentence, with the parameters it is raised with."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import flask_app
from flask_app.messages.catalogue import LANGUAGES, explain, label
from flask_app.store.models.jobs import JobState

PACKAGE = Path(flask_app.__file__).parent
SOURCES = [PACKAGE / "settings.py", PACKAGE / "store/migrate.py", PACKAGE / "store/file_store.py"]
SOURCES += [PACKAGE / "store" / name for name in ("queue.py", "progress.py", "worker.py")]
SOURCES += sorted((PACKAGE / "store/embedded").glob("*.py"))
CODE = re.compile(r"(database|settings|file|job)\.[a-z_]+")


def codes_in(tree: ast.AST) -> set[str]:
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value)
    }


def raised() -> Iterator[tuple[str, frozenset[str]]]:
    """Each code with the names of the parameters it is raised with, as the sources spell them."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                code = node.args[0].value
                if isinstance(code, str) and CODE.fullmatch(code) and isinstance(node.func, ast.Name):
                    yield code, frozenset(keyword.arg or "" for keyword in node.keywords)


RAISED = sorted(set(raised()), key=str)
IN_ROWS = {"job.defect": {"task", "kind"}, "job.crashed": {"task", "n"}, "job.superseded": set(), "job.lost": set()}
"""Codes that are written into progress rows instead of being raised; test_worker.py checks their parameters."""


@pytest.mark.parametrize(("code", "names"), [*RAISED, *((code, frozenset(names)) for code, names in IN_ROWS.items())])
def test_sentence_can_be_said_in_every_language(code: str, names: frozenset[str]) -> None:
    params = {name: 3 if name == "n" else f"<{name}>" for name in names}
    for language in LANGUAGES:
        said = explain(code, language, params)
        assert said.text
        assert "{" not in str(said)


def test_every_code_in_the_sources_is_checked_here() -> None:
    spelled = set().union(*(codes_in(ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCES))
    checked = {code for code, _ in RAISED} | set(IN_ROWS) | {"database.stop_failed"}
    assert spelled - checked == set()
    assert len(RAISED) > 20


def test_stopping_too_slowly_can_be_said() -> None:
    """Its code travels through a helper, with these parameters."""
    for language in LANGUAGES:
        assert "60" in str(explain("database.stop_failed", language, {"log": "x", "seconds": 60}))


@pytest.mark.parametrize("state", JobState.__args__)  # type: ignore[attr-defined]  # typing does not declare it
def test_every_state_of_a_job_has_a_label(state: str) -> None:
    for language in LANGUAGES:
        assert label(f"job_{state}", language)
