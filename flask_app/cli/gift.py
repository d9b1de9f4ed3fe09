"""`kyzmat gift`: read, check and write GIFT files.

Exit codes: 0 nothing wrong, 1 errors found (`lint`), 2 wrong call, 3 GIFT cannot say it (`write`).
Start-up is kept light: sentences are loaded only when there is something to say.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from flask_app.messages import Language
    from gift_export.reader import Problem, Reading

LANGUAGES = ("ky", "ru", "kk", "en")
EXIT_ERRORS = 1
EXIT_CANNOT_SAY = 3

_lang = click.option(
    "--lang", type=click.Choice(LANGUAGES), default="ru", show_default=True, help="Language of messages."
)
_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_files = click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def gift() -> None:
    """GIFT files: read as Moodle reads them, check, write."""


@gift.command()
@_file
@click.option("--json", "as_json", is_flag=True, help="Questions and diagnostics as JSON.")
@_lang
def parse(file: Path, as_json: bool, lang: Language) -> None:
    """Reads FILE and prints its questions and diagnostics."""
    reading = _read(file)
    if as_json:
        # Whatever the terminal's encoding is, JSON is UTF-8.
        sys.stdout.buffer.writelines(chunk.encode("utf-8") for chunk in _parse_json(reading, lang))
        return
    for item in reading.items:
        click.echo(f"{item.lines[0]}: {item.qtype} {getattr(item, 'name', None) or getattr(item, 'path', '')}")
    for found in reading.problems:
        click.echo(_human(file, found, lang), err=True)


@gift.command()
@_files
@click.option("--json", "as_json", is_flag=True, help="Diagnostics as JSON, one object per file.")
@_lang
def lint(files: tuple[Path, ...], as_json: bool, lang: Language) -> None:
    """Checks FILES; says what is wrong, where, why, and what to do. Exit code 1 where there are errors."""
    failed = False
    reports = []
    for file in files:
        reading = _read(file)
        failed = failed or not reading.ok
        if as_json:
            reports.append({"file": str(file), "diagnostics": [_diagnostic(found, lang) for found in reading.problems]})
        else:
            for found in reading.problems:
                click.echo(_human(file, found, lang))
    if as_json:
        click.echo(json.dumps({"files": reports}, ensure_ascii=False))
    if failed:
        sys.exit(EXIT_ERRORS)


@gift.command()
@_file
@click.option(
    "--json", "as_json", is_flag=True, required=True, help="FILE holds JSON in the shape `parse --json` prints."
)
@_lang
def write(file: Path, as_json: bool, lang: Language) -> None:
    """Writes the questions of a JSON FILE as GIFT. Exit code 3 and the reason where GIFT cannot say it."""
    from gift_export.exchange import ShapeError, questions_from_json
    from gift_export.writer import CannotSayError
    from gift_export.writer import write as write_gift

    _ = as_json
    try:
        items = questions_from_json(json.loads(file.read_bytes()))
        text = write_gift(items)
        sys.stdout.buffer.write(text.encode("utf-8"))
    except CannotSayError as error:
        click.echo(_sentence(error.code, lang, error.params), err=True)
        sys.exit(EXIT_CANNOT_SAY)
    except (ShapeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        click.echo(_sentence("E_JSON_SHAPE", lang, {"reason": str(error)}), err=True)
        sys.exit(2)


def _read(file: Path) -> Reading:
    from gift_export.reader import read_bytes

    return read_bytes(file.read_bytes())


def _parse_json(reading: Reading, lang: Language) -> Iterator[str]:
    from gift_export.exchange import json_chunks

    yield '{"questions": ['
    for at, item in enumerate(reading.items):
        yield ",\n" if at else "\n"
        yield from json_chunks(item)
    yield '], "diagnostics": ['
    for at, found in enumerate(reading.problems):
        yield ",\n" if at else "\n"
        yield json.dumps(_diagnostic(found, lang), ensure_ascii=False)
    yield "]}\n"


def _diagnostic(found: Problem, lang: Language) -> dict[str, Any]:
    """A finding for a program: no line and column where the whole file is meant."""
    return {
        "severity": found.severity,
        "code": found.code,
        "line": found.line or None,
        "column": found.column or None,
        "message": _sentence(found.code, lang, found.params),
    }


def _human(file: Path, found: Problem, lang: Language) -> str:
    place = f"{file}:{found.line}:{found.column}" if found.line else f"{file}"
    return f"{place}: {found.severity} {found.code}: {_sentence(found.code, lang, found.params)}"


def _sentence(code: str, lang: Language, params: Mapping[str, object]) -> str:
    return _worded(code, lang, tuple(sorted((name, str(value)) for name, value in params.items())))


@lru_cache(maxsize=4096)
def _worded(code: str, lang: Language, params: tuple[tuple[str, str], ...]) -> str:
    # A broken file says the same thing thousands of times; the catalogue is asked once.
    from flask_app.messages import explain

    return str(explain(code, lang, dict(params)))
