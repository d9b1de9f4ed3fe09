"""`kyzmat gift`: read, check, convert, show and write files of questions.

Exit codes: 0 nothing wrong (warnings may be), 1 errors in the file read, 2 wrong call, 3 the target cannot say it.
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

from flask_app.cli.gift_files import Source, findings, kind_of, load, preview_words

if TYPE_CHECKING:
    from flask_app.messages import Language
    from gift_export.conversion import Converted
    from gift_export.problems import Problem
    from gift_export.reader import Reading

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
    """Questions in GIFT, Moodle XML, spreadsheets and Word lists: read as Moodle reads them, check, convert, show."""


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
    """Checks FILES; says what is wrong, where, why, and what to do. Exit code 1 where there are errors.

    The ending tells what a file is: .xml, .xlsx, .docx, anything else is GIFT.
    """
    if _lint_json(files, lang) if as_json else _lint_lines(files, lang):
        sys.exit(EXIT_ERRORS)


def _lint_lines(files: tuple[Path, ...], lang: Language) -> bool:
    failed = False
    for file in files:
        for found in findings(file):
            failed = failed or found.severity == "error"
            click.echo(_human(file, found, lang))
    return failed


def _lint_json(files: tuple[Path, ...], lang: Language) -> bool:
    """One object; each finding is printed as it comes, so a long file needs no memory."""
    failed = False
    click.echo('{"files": [', nl=False)
    for at, file in enumerate(files):
        head = json.dumps({"file": str(file)}, ensure_ascii=False)
        click.echo(f'{", " if at else ""}{head[:-1]}, "diagnostics": [', nl=False)
        for number, found in enumerate(findings(file)):
            failed = failed or found.severity == "error"
            shown = json.dumps(_diagnostic(found, lang), ensure_ascii=False)
            click.echo((",\n" if number else "\n") + shown, nl=False)
        click.echo("]}", nl=False)
    click.echo("]}")
    return failed


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


@gift.command()
@_file
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--partial", is_flag=True, help="Write what is good although there are errors.")
@click.option("--json", "as_json", is_flag=True, help="What was read, written, lost and found, as JSON.")
@_lang
def convert(file: Path, target: Path, partial: bool, as_json: bool, lang: Language) -> None:
    """Writes the questions of FILE as TARGET; both endings tell what they are (.gift, .xml, .xlsx; FILE also .docx).

    Everything that does not go across is said. With errors nothing is written, unless --partial says so.
    """
    wanted = kind_of(target)
    if wanted is None or wanted == "docx" or target.suffix.lower() == ".csv":
        raise click.BadParameter("TARGET ends with .gift, .txt, .xml or .xlsx", param_hint="TARGET")
    source = load(file)
    converted, content = _converted(source, wanted, lang)
    done = partial or (source.ok and converted.ok)
    if done:
        target.write_bytes(content)
    if as_json:
        click.echo(json.dumps(_report(source, converted, lang, done=done), ensure_ascii=False))
    else:
        for found in (*source.problems, *converted.problems):
            click.echo(_human(file, found, lang))
        if not done:
            click.echo(_sentence("E_CONVERT_NOTHING", lang, {}), err=True)
    if not source.ok:
        sys.exit(EXIT_ERRORS)
    if not converted.ok:
        sys.exit(EXIT_CANNOT_SAY)


def _converted(source: Source, wanted: str, lang: Language) -> tuple[Converted, bytes]:
    """The content of the target file and what was lost."""
    from gift_export.conversion import Converted, to_gift, to_xml

    if wanted == "xlsx":
        from flask_app.messages import label
        from gift_export.conversion import for_sheet
        from gift_export.sheet_writer import sheet_language, sheet_text, workbook

        items, lost = for_sheet(source.items, source.attachments)
        sheet = sheet_text(items, sheet_language(lang))
        book = workbook(sheet, label("gift_sheet_questions", sheet_language(lang)))
        return Converted("", len(sheet.rows), (*lost, *sheet.problems)), book
    if wanted == "xml":
        converted = to_xml(source.items, source.attachments)
    else:
        converted = to_gift(source.items, source.attachments, _remarks(source, lang))
    return converted, converted.text.encode("utf-8")


def _remarks(source: Source, lang: Language) -> dict[int, list[str]]:
    """What is not certain of a question, for comment lines above it."""
    if not source.doubts:
        return {}
    from flask_app.messages import label

    remarks = {}
    for at, codes in source.doubts.items():
        first, last = source.items[at].lines
        said = [
            _sentence(found.code, lang, found.params)
            for found in source.problems
            if found.code in codes and first <= found.line <= last
        ]
        remarks[at] = [label("gift_doubtful", lang), *said]
    return remarks


def _report(source: Source, converted: Converted, lang: Language, *, done: bool) -> dict[str, Any]:
    questions = sum(item.qtype != "category" for item in source.items)
    return {
        "read": questions,
        "written": converted.written if done else 0,
        "diagnostics": [_diagnostic(found, lang) for found in source.problems],
        "losses": [_diagnostic(found, lang) for found in converted.problems],
        "doubtful": [
            {"question": getattr(source.items[at], "name", ""), "line": source.items[at].lines[0], "codes": list(codes)}
            for at, codes in source.doubts.items()
        ],
    }


@gift.command()
@_file
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The page to write; otherwise printed.")
@click.option("--key/--no-key", default=True, show_default=True, help="Right answers, marks and feedback.")
@_lang
def preview(file: Path, out: Path | None, key: bool, lang: Language) -> None:
    """A page of FILE's questions as Moodle shows them: one file that loads and runs nothing."""
    from flask_app.cli.gift_preview import page

    source = load(file)

    def say(found: Problem) -> str:
        place = f"{found.line}:{found.column}: " if found.line else ""
        return place + _sentence(found.code, lang, found.params)

    content = page(source, file.name, lang, preview_words(lang), say, key=key).encode("utf-8")
    if out is None:
        sys.stdout.buffer.write(content)
    else:
        out.write_bytes(content)
    if not source.ok:
        sys.exit(EXIT_ERRORS)


@gift.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@_lang
def template(target: Path, lang: Language) -> None:
    """Writes an empty .xlsx for authors, with instructions on its second sheet and an example on its third."""
    from flask_app.services.question_template import TemplateFor, question_template
    from gift_export.sheet_writer import sheet_language

    target.write_bytes(question_template(sheet_language(lang), TemplateFor()))


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
