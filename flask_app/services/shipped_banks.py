"""Banks from folders, read and checked before anything of them is taken: all of a broken bank's errors at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask_app.domain.errors import InvalidInput
from flask_app.domain.workflow import Refusal
from gift_export.reader import Reading, read
from question_banks.assembly import assemble
from question_banks.bank import DEFAULT_JURISDICTION, Bank, BankError, BankFolder
from question_banks.files import shipped_folders
from question_banks.rules import check_bank


def read_shipped_banks(jurisdiction: str = DEFAULT_JURISDICTION) -> tuple[Bank, ...]:
    """The banks that ship for bodies of that country. Raises as `read_banks`."""
    try:
        folders = shipped_folders()
    except BankError as error:
        raise InvalidInput(error.code, None, **error.params) from error
    return read_banks([folder for folder in folders if folder.head.jurisdiction == jurisdiction])


def read_banks(folders: Sequence[BankFolder]) -> tuple[Bank, ...]:
    """The banks of these folders, or none of them.

    Raises `InvalidInput` for the first error, with the others in `others`; each names file, line and column.
    """
    readings = [{language: read(text.text) for language, text in folder.texts.items()} for folder in folders]
    found = [
        error for folder, by_language in zip(folders, readings, strict=True) for error in _errors(folder, by_language)
    ]
    if found:
        first = InvalidInput(found[0].code, None, **found[0].params)
        first.others = tuple(found[1:])
        raise first
    return tuple(
        assemble(folder, {language: reading.questions for language, reading in by_language.items()})
        for folder, by_language in zip(folders, readings, strict=True)
    )


def _errors(folder: BankFolder, readings: dict[str, Reading]) -> Iterator[Refusal]:
    """What the reader finds; the bank's own rules only over texts that were read whole, else they would cry wolf."""
    in_texts = [
        Refusal(found.code, None, {**found.params, **_place(folder.texts[language].file, found.line, found.column)})
        for language, reading in readings.items()
        for found in reading.problems
        if found.severity == "error"
    ]
    yield from in_texts
    if not in_texts:
        for finding in check_bank(folder, {language: reading.questions for language, reading in readings.items()}):
            if finding.severity == "error":
                place = _place(finding.file, finding.line, finding.column)
                yield Refusal(finding.code, None, {**finding.params, **place})


def _place(file: str, line: int, column: int) -> dict[str, object]:
    return {"file": file, "line": line, "column": column}
