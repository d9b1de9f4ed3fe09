"""`kyzmat bank`: question banks.

`lint` reads the GIFT texts of a bank as Moodle does, then asks the bank's own rules: twins, key, topics, citations,
words. Exit codes: 0 no error, 1 errors found, 2 wrong call.
"""

from __future__ import annotations

import json
import os
import sys
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from flask_app.cli.by_hand import export
from flask_app.cli.telling import language
from flask_app.messages import LANGUAGES, Language, explain, label
from gift_export.reader import Reading, read, read_bytes
from question_banks.bank import BankError, BankFolder
from question_banks.files import SHIPPED, bank_folders, read_folder
from question_banks.findings import Finding, Sheet, sheet
from question_banks.rules import check_across, check_bank

EXIT_ERRORS = 1


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding as a person or a program reads it. `line` and `column` are 0 where the whole file is meant."""

    file: str
    line: int
    column: int
    severity: str
    code: str
    text: str
    why: str
    cure: str


@click.group()
def bank() -> None:
    """Question banks: check them before anybody sits a test."""


bank.add_command(export)


@bank.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Diagnostics as JSON.")
@click.option("--lang", type=click.Choice(LANGUAGES), default=language, help="Language of messages.")
def lint(paths: tuple[Path, ...], as_json: bool, lang: Language) -> None:
    """Checks the banks in PATHS (a bank's folder, a folder of banks, or a GIFT file); without PATHS the shipped ones.

    Says what is wrong, where, why, and what to do. Exit code 1 where there are errors.
    """
    found: list[Diagnostic] = []
    files: set[str] = set()
    for path in paths or (_shown(SHIPPED),):
        for checked, diagnostic in _check(path, lang):
            files.add(checked)
            found += [diagnostic] if diagnostic else []
    found.sort(key=lambda one: (one.file, one.line, one.column, one.code))
    counts = {"files": len(files), **_counts(found)}
    if as_json:
        click.echo(json.dumps({**counts, "diagnostics": [asdict(one) for one in found]}, ensure_ascii=False, indent=1))
    else:
        _tell(found, counts, lang)
    if counts["errors"]:
        sys.exit(EXIT_ERRORS)


def _tell(found: Sequence[Diagnostic], counts: Mapping[str, int], lang: Language) -> None:
    for one in found:
        place = f"{one.file}:{one.line}:{one.column}" if one.line else one.file
        click.echo(f"{place}: {label(f'bank_severity_{one.severity}', lang)} {one.code}: {one.text}")
        for line in (one.why, one.cure):
            if line:
                click.echo(f"    {line}")
    click.echo(label("bank_lint_summary", lang, **counts))


def _counts(found: Sequence[Diagnostic]) -> dict[str, int]:
    severities = [one.severity for one in found]
    return {"errors": severities.count("error"), "warnings": severities.count("warning")}


def _shown(path: Path) -> Path:
    """Relative to where the person stands, if it lies below: shorter, and a terminal can open it."""
    return Path(os.path.relpath(path)) if path.is_relative_to(Path.cwd()) else path


Checked = Iterator[tuple[str, Diagnostic | None]]
"""Each file that was looked at, with a finding or without."""


def _check(path: Path, lang: Language) -> Checked:
    folders = bank_folders(path) if path.is_dir() else ()
    sheets: list[Sheet] = []
    for folder in folders:
        yield from _check_bank(folder, lang, sheets)
    for found in check_across(sheets):
        yield found.file, _from_finding(found, lang)
    if not folders:
        yield from _check_texts(path, lang)


def _check_bank(path: Path, lang: Language, sheets: list[Sheet]) -> Checked:
    """What is to be said of one bank; a bank that was read whole is added to `sheets`, for what banks share."""
    try:
        folder = read_folder(path)
    except BankError as error:
        diagnostic = _from_error(error, lang)
        yield diagnostic.file, diagnostic
        return
    readings = {}
    for code, text in folder.texts.items():
        readings[code] = read(text.text)
        yield from _from_reading(text.file, readings[code], lang)
    if not any(_lost_questions(reading) for reading in readings.values()):
        sheets.append(sheet(folder, {code: reading.questions for code, reading in readings.items()}))
        yield from _from_rules(folder, readings, lang)
    else:
        waiting = explain("BANK_RULES_WAIT", lang, {"bank": folder.head.id})
        yield folder.file, Diagnostic(folder.file, 0, 0, "info", "BANK_RULES_WAIT", waiting.text, waiting.why, "")


def _lost_questions(reading: Reading) -> bool:
    """Whether an error stands outside every question that was read: there, a question may be missing."""
    spans = [question.lines for question in reading.questions]
    starts = [first for first, _ in spans]
    for found in reading.problems:
        at = bisect_right(starts, found.line) - 1
        if found.severity == "error" and (at < 0 or found.line > spans[at][1]):
            return True
    return False


def _check_texts(path: Path, lang: Language) -> Checked:
    """GIFT files outside a bank: only what the reader says, for there is no head to hold them to."""
    files = [path] if path.is_file() else sorted(path.glob("*.gift"))
    for file in files:
        yield from _from_reading(str(file), read_bytes(file.read_bytes()), lang)
    if not files:
        yield str(path), _diagnostic(str(path), 0, 0, "error", "BANK_NOT_HERE", {}, lang)


def _from_reading(file: str, reading: Reading, lang: Language) -> Checked:
    yield file, None
    for found in reading.problems:
        yield file, _diagnostic(file, found.line, found.column, found.severity, found.code, found.params, lang)


def _from_rules(folder: BankFolder, readings: Mapping[str, Reading], lang: Language) -> Checked:
    yield folder.file, None
    for found in check_bank(folder, {code: reading.questions for code, reading in readings.items()}):
        yield found.file, _from_finding(found, lang)


def _from_finding(found: Finding, lang: Language) -> Diagnostic:
    return _diagnostic(found.file, found.line, found.column, found.severity, found.code, found.params, lang)


def _from_error(error: BankError, lang: Language) -> Diagnostic:
    line, column = error.params.get("line", 0), error.params.get("column", 0)
    assert isinstance(line, int)
    assert isinstance(column, int)
    return _diagnostic(str(error.params["file"]), line, column, "error", error.code, error.params, lang)


def _diagnostic(
    file: str, line: int, column: int, severity: str, code: str, params: Mapping[str, object], lang: Language
) -> Diagnostic:
    told = explain(code, lang, params)
    return Diagnostic(file, line, column, severity, code, told.text, told.why, told.cure)
