"""`kyzmat bank export`: banks as files for the importer of a Moodle without the plugin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from connector.moodle.fallback.hand_export import Form, hand_file
from flask_app.cli.telling import language
from flask_app.messages import LANGUAGES, Language, explain, label
from flask_app.ports.moodle import HandFile
from gift_export.reader import read
from gift_export.refusal import CannotSayError
from question_banks.bank import BankError
from question_banks.files import SHIPPED, bank_folders, read_folder
from question_banks.model import Question

STEPS = 6
"""Lines of the note that goes with an exported bank: `label.byhand_step_1` … in `moodle_by_hand.toml`."""


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["gift", "xml"]), default="gift", show_default=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder of the files.")
@click.option("--lang", type=click.Choice(LANGUAGES), default=language, help="Language of the note.")
def export(paths: tuple[Path, ...], form: Form, out: Path, lang: Language) -> None:
    """Writes the banks in PATHS (default: the shipped ones) as files for Moodle's own importer, with a note.

    For a Moodle without the plugin. Nothing is written when a bank has an error.
    """
    files = [_exported(folder, form) for path in paths or (SHIPPED,) for folder in bank_folders(path)]
    out.mkdir(parents=True, exist_ok=True)
    for file in files:
        (out / file.name).write_text(file.text, encoding="utf-8")
        (out / f"{file.name}.{lang}.txt").write_text(_note(file, form, lang), encoding="utf-8")
        click.echo(label("byhand_written", lang, file=out / file.name, n=file.questions))


def _exported(folder: Path, form: Form) -> HandFile:
    try:
        return hand_file(folder.name, list(questions_of(folder)), form)
    except CannotSayError as refusal:
        raise click.ClickException(f"{folder.name}: {refusal}") from refusal


def questions_of(folder: Path) -> Iterator[Question]:
    """Raises `click.ClickException` for a bank that `kyzmat bank lint` refuses to read."""
    try:
        texts = read_folder(folder).texts
    except BankError as error:
        raise click.ClickException(str(explain(error.code, language(), error.params))) from error
    for text in texts.values():
        reading = read(text.text)
        bad = next((found for found in reading.problems if found.severity == "error"), None)
        if bad is not None:
            told = explain(bad.code, language(), bad.params)
            raise click.ClickException(f"{text.file}:{bad.line}:{bad.column}: {told}")
        yield from reading.questions


def _note(file: HandFile, form: Form, lang: Language) -> str:
    lines = [label("byhand_title", lang, file=file.name, n=file.questions)]
    for step in range(1, STEPS + 1):
        told = label(f"byhand_step_{step}", lang, file=file.name, form=form, category=file.category, n=file.questions)
        lines.append(f"{step}. {told}")
    return "\n".join(lines) + "\n"
