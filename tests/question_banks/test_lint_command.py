"""`kyzmat bank lint` on the shipped banks, on broken folders and on lone files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flask_app.cli.bank import bank
from question_banks.files import SHIPPED


def lint(*arguments: str | Path, lang: str = "en") -> Result:
    return CliRunner().invoke(bank, ["lint", "--lang", lang, *map(str, arguments)], catch_exceptions=False)


def lint_json(*arguments: str | Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(lint("--json", *arguments).stdout)
    return report


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of a shipped bank that a test may spoil."""
    return Path(shutil.copytree(SHIPPED / "general", tmp_path / "general"))


def spoil(path: Path, old: str, new: str, language: str = "ru") -> tuple[Path, int]:
    """Changes the first `old` of a bank's file; the file and the line that was changed."""
    file = path / f"general.{language}.gift"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file, text[: text.index(old)].count("\n") + 1


def test_the_shipped_banks_are_clean() -> None:
    result = lint()
    assert (result.exit_code, result.stdout) == (0, "Files checked: 9; errors: 0, warnings: 0.\n")


def test_the_shipped_banks_are_clean_for_a_program() -> None:
    assert lint_json() == {"files": 9, "errors": 0, "warnings": 0, "diagnostics": []}


def test_a_rule_that_is_broken_is_shown_with_file_line_column_and_cure(copy: Path) -> None:
    file, line = spoil(copy, "=русский язык", "~русский язык")
    result = lint(copy)
    assert result.exit_code == 1
    shown = result.stdout.splitlines()
    start = next(at for at, text in enumerate(shown) if "BANK_KEY_NONE" in text)
    assert shown[start].startswith(f"{file}:")
    assert shown[start].split(": ")[1] == "error BANK_KEY_NONE"
    assert shown[start + 2] == "    Put “=” before the right answer."
    place = shown[start].removeprefix(f"{file}:").split(":")[0]
    assert line - 5 <= int(place) <= line


def test_errors_and_warnings_of_a_bank_for_a_program(copy: Path) -> None:
    spoil(copy, "[tag:source:kg-constitution-2021#unverified]", "[tag:source:kg-constitution-2021#art99]", "ky")
    report = lint_json(copy)
    codes = [(one["severity"], one["code"]) for one in report["diagnostics"]]
    assert sorted(codes) == [("error", "BANK_CITATION_DEAD"), ("error", "BANK_TWIN_TAGS")]
    assert (report["errors"], report["warnings"], report["files"]) == (2, 0, 3)
    dead = next(one for one in report["diagnostics"] if one["code"] == "BANK_CITATION_DEAD")
    assert dead["file"].endswith("general.ky.gift")
    assert (dead["line"] > 0, dead["column"] > 1, "art99" in dead["text"], bool(dead["cure"])) == (True,) * 4


def test_a_warning_alone_does_not_fail(copy: Path) -> None:
    spoil(copy, "::const-001::", "::Конституция::")
    result = lint(copy)
    assert (result.exit_code, "warning BANK_NAME_OTHER" in result.stdout) == (0, True)


def test_what_the_reader_finds_comes_first_and_the_rules_wait(copy: Path) -> None:
    spoil(copy, "\n}\n", "\n\n")
    report = lint_json(copy)
    codes = {one["code"] for one in report["diagnostics"]}
    assert "BANK_RULES_WAIT" in codes
    assert not any(code.startswith("BANK_TWIN") for code in codes)
    assert report["errors"] >= 1


def test_an_error_inside_a_question_does_not_hide_what_the_rules_find(copy: Path) -> None:
    spoil(copy, "=русский язык", "~русский язык")
    codes = {one["code"] for one in lint_json(copy)["diagnostics"]}
    assert "BANK_KEY_NONE" in codes
    assert "BANK_TWIN_KEY" not in codes, "the place of a key that is not there says nothing new"
    assert "BANK_RULES_WAIT" not in codes


def test_a_damaged_head_is_a_finding_not_a_crash(copy: Path) -> None:
    (copy / "bank.toml").write_text("id = \n", encoding="utf-8")
    report = lint_json(copy)
    (found,) = report["diagnostics"]
    assert (found["code"], found["line"], found["column"]) == ("BANK_TOML_SYNTAX", 1, 6)


@pytest.mark.parametrize("name", ["general.ru.gift", "sources.toml"])
def test_a_file_in_another_encoding(copy: Path, name: str) -> None:
    (copy / name).write_bytes("// текст".encode("cp1251"))
    (found,) = lint_json(copy)["diagnostics"]
    assert (found["code"], found["file"].endswith(name), found["line"]) == ("BANK_FILE_ENCODING", True, 1)


def test_a_missing_and_a_stray_file(copy: Path) -> None:
    (copy / "general.ru.gift").rename(copy / "general.en.gift")
    assert [one["code"] for one in lint_json(copy)["diagnostics"]] == ["BANK_FILE_STRAY"]
    (copy / "general.en.gift").unlink()
    assert [one["code"] for one in lint_json(copy)["diagnostics"]] == ["BANK_FILE_MISSING"]


def test_several_banks_below_a_folder(copy: Path) -> None:
    shutil.copytree(SHIPPED / "subject", copy.parent / "subject")
    assert lint_json(copy.parent)["files"] == 6


def test_a_lone_gift_file_is_read_without_a_banks_rules(tmp_path: Path) -> None:
    file = tmp_path / "lone.gift"
    file.write_text("::q::Кайсынысы? {\n=бир\n~эки\n}\n", encoding="utf-8")
    assert lint_json(file) == {"files": 1, "errors": 0, "warnings": 0, "diagnostics": []}
    file.write_text("::q::Кайсынысы? {\n=бир\n~эки\n", encoding="utf-8")
    report = lint_json(tmp_path)
    assert report["errors"] >= 1
    assert {one["file"] for one in report["diagnostics"]} == {str(file)}


def test_a_folder_without_a_bank(tmp_path: Path) -> None:
    result = lint(tmp_path)
    assert (result.exit_code, "BANK_NOT_HERE" in result.stdout) == (1, True)


@pytest.mark.parametrize(("lang", "word"), [("ru", "ошибка"), ("ky", "ката"), ("kk", "ошибка"), ("en", "error")])
def test_it_speaks_the_readers_language(copy: Path, lang: str, word: str) -> None:
    """Kazakh has no sentence here yet and falls back to Russian."""
    spoil(copy, "=русский язык", "~русский язык")
    assert f": {word} BANK_KEY_NONE: " in lint(copy, lang=lang).stdout


def test_a_question_of_another_bank_is_told(tmp_path: Path) -> None:
    """Two banks that ask the same: each is sound by itself."""
    shutil.copytree(SHIPPED / "general", tmp_path / "general")
    other = shutil.copytree(SHIPPED / "general", tmp_path / "second")
    for file in sorted(other.iterdir()):
        text = file.read_text(encoding="utf-8")
        file.write_text(
            text.replace("const-001", "else-001").replace('id = "general"', 'id = "second"'), encoding="utf-8"
        )
        file.rename(file.with_name(file.name.replace("general.", "second.")))
    assert lint_json(other)["warnings"] == lint_json(tmp_path / "general")["warnings"] == 0
    report = lint_json(tmp_path)
    assert report["errors"] == 0
    assert {found["code"] for found in report["diagnostics"]} == {"BANK_ALIKE"}
    assert report["warnings"] == 240
