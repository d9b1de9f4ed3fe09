"""Tables for a spreadsheet program, in which nothing can turn into a formula: every cell is written as text."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import xlsxwriter

from flask_app.services import audit
from flask_app.services.office import Work

SAFE = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
WIDEST = 60
"""Signs; wider columns wrap."""
MOST_CHOSEN = 1_000
"""Rows that offer a list."""
SHEET_NAME = 31
"""Signs that a spreadsheet program allows for the name of a sheet."""
NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", "-"))


def workbook_of(
    title: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    choices: Mapping[int, Sequence[str]] | None = None,
    notes: tuple[str, Sequence[str]] | None = None,
) -> bytes:
    """An .xlsx of one sheet named `title`: the heads in bold, the rows as text, the first row held in sight.

    `choices`: column (from 0) → what its cells offer to choose from. `notes`: name and lines of a second sheet.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, SAFE) as book:
        sheet = book.add_worksheet(title.translate(NOT_IN_SHEET_NAMES)[:SHEET_NAME] or "1")
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, bold)
        written = list(rows)
        for place, row in enumerate(written, start=1):
            for column, value in enumerate(row):
                if value:  # an empty cell has the column's form without being written
                    sheet.write_string(place, column, value, text)
        for column, values in enumerate(zip(heads, *written, strict=True)):
            width = max(map(len, values)) + 2
            sheet.set_column(column, column, min(width, WIDEST), text)
            if choices and column in choices:
                sheet.data_validation(1, column, MOST_CHOSEN, column, {"validate": "list", "source": choices[column]})
        sheet.freeze_panes(1, 0)
        if notes is not None:
            beside = book.add_worksheet(notes[0].translate(NOT_IN_SHEET_NAMES)[:SHEET_NAME])
            beside.set_column(0, 0, 2 * WIDEST)
            for place, line in enumerate(notes[1]):
                beside.write_string(place, 0, line, text)
    return buffer.getvalue()


def note_export(work: Work, competition_id: UUID, people: int, wanted: str) -> None:
    """A list of people that leaves the panel is told in the audit log."""
    audit.record(
        work, "applications.exported", "competition", competition_id, after={"people": people, "filter": wanted}
    )
