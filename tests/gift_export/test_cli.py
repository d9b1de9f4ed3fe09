"""`kyzmat gift`: what it prints and how it exits."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flask_app.cli.gift import LANGUAGES, gift
from flask_app.messages import explain

_MESSAGES = Path(__file__).parents[2] / "flask_app" / "messages"


def _run(tmp_path: Path, content: str, *arguments: str) -> Result:
    file = tmp_path / "bank.gift"
    file.write_bytes(content.encode("utf-8"))
    return CliRunner().invoke(gift, [*arguments, str(file)])


def test_parse_prints_questions_and_diagnostics(tmp_path: Path) -> None:
    result = _run(tmp_path, "::т::Q{=а ~а}\n\n$CATEGORY: А\n\nQ2{T}", "parse", "--json")
    assert result.exit_code == 0
    printed = json.loads(result.stdout)
    assert [question["qtype"] for question in printed["questions"]] == ["multichoice", "category", "truefalse"]
    (found,) = printed["diagnostics"]
    assert (found["severity"], found["code"], found["line"], found["column"]) == ("error", "E_DUPLICATE_ANSWER", 1, 11)
    assert "«а»" in found["message"]


def test_a_finding_about_the_whole_file_has_no_place(tmp_path: Path) -> None:
    (found,) = json.loads(_run(tmp_path, "// ничего\n", "parse", "--json").stdout)["diagnostics"]
    assert (found["code"], found["line"], found["column"]) == ("E_NO_QUESTIONS", None, None)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_lint_names_place_reason_and_cure(tmp_path: Path, lang: str) -> None:
    result = _run(tmp_path, "Q{#3,14}", "lint", "--lang", lang)
    assert result.exit_code == 1
    assert ":1:4: error E_NUM_NOT_NUMBER: " in result.stdout
    explanation = explain("E_NUM_NOT_NUMBER", lang, {"value": "3,14"})  # type: ignore[arg-type]  # one of LANGUAGES
    assert explanation.text in result.stdout
    assert explanation.cure in result.stdout


def test_lint_is_content_with_a_good_file(tmp_path: Path) -> None:
    result = _run(tmp_path, "Q{=а ~б}", "lint")
    assert (result.exit_code, result.stdout) == (0, "")


def test_lint_reports_several_files_as_json(tmp_path: Path) -> None:
    good, bad = tmp_path / "1.gift", tmp_path / "2.gift"
    good.write_text("Q{T}", encoding="utf-8")
    bad.write_text("Q{=а", encoding="utf-8")
    result = CliRunner().invoke(gift, ["lint", "--json", str(good), str(bad)])
    assert result.exit_code == 1
    files = json.loads(result.stdout)["files"]
    assert [[found["code"] for found in file["diagnostics"]] for file in files] == [[], ["E_BRACE_NO_CLOSE"]]


def test_write_says_it_or_exits_with_a_reason(tmp_path: Path) -> None:
    question = {"qtype": "truefalse", "name": "т", "text": "[html] нет", "correct": True}
    result = _run(tmp_path, json.dumps({"questions": [question]}), "write", "--json")
    assert (result.exit_code, result.stdout) == (0, "::т::[moodle][html] нет{TRUE}\n")
    refused = _run(tmp_path, json.dumps({"questions": [question | {"text": "а\0б"}]}), "write", "--json")
    assert refused.exit_code == 3
    assert "U+0000" in refused.stderr


def test_write_names_what_is_wrong_in_the_json(tmp_path: Path) -> None:
    result = _run(tmp_path, '{"questions": [{"qtype": "multichoice", "name": "т"}]}', "write", "--json")
    assert result.exit_code == 2
    assert "questions[0].text" in result.stderr


def test_every_code_has_its_sentence_in_three_languages() -> None:
    table: dict[str, Any] = {}
    for file in ("gift.toml", "gift_files.toml"):
        table |= tomllib.loads((_MESSAGES / file).read_text(encoding="utf-8"))
    del table["label"]
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(gift_folder()).glob("*.py"))
    used = {word for word in sources.split('"') if word[:2] in ("E_", "W_", "I_")}
    assert used <= set(table)
    for code, forms in table.items():
        for lang in ("ky", "ru", "en"):
            assert forms[lang]["text"], code


def gift_folder() -> Path:
    """Where the codes come from."""
    import gift_export

    return Path(gift_export.__file__).parent
