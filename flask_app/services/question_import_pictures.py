"""Pictures that lie over the rows of a spreadsheet: they are no part of any cell, and none of them is taken."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, Final

from flask_app.services.question_files import QuestionFile
from flask_app.services.question_import_parts import elements, opened, pages, relations
from gift_export.problems import Problem, excerpt, problem
from gift_export.sheet_layout import cell_name

TOLD_MOST: Final = 5
"""Cells of one row that are named."""
_ANCHORS: Final = ("{*}twoCellAnchor", "{*}oneCellAnchor", "{*}absoluteAnchor")
_DRAWING: Final = "/relationships/drawing"
_NUMBER: Final = re.compile("[0-9]{1,6}")

Cell = tuple[int, int]


def with_pictures(content: bytes, reading: QuestionFile) -> QuestionFile:
    """What was read of a spreadsheet, and what is to be said of the pictures on its sheets of questions.

    Raises `InvalidInput` as `opened`.
    """
    if not reading.heads or not reading.cells:
        return reading
    found = [*_pictures(content, reading.heads)]
    told = _at_rows([cell for _, cell in found if cell is not None], sorted(reading.cells))
    loose = {sheet: None for sheet, cell in found if cell is None}
    whole = (problem("W_SHEET_PICTURE_LOOSE", 0, 0, text=excerpt(sheet)) for sheet in loose)
    return reading._replace(problems=(*reading.problems, *told, *whole))


def _pictures(content: bytes, sheets: Sequence[str]) -> Iterator[tuple[str, Cell | None]]:
    """Each picture by its sheet and cell, None for one without a cell; a drawing is one, however often it is named."""
    with opened(content) as package:
        seen: set[str] = set()
        for sheet, page in pages(package, sheets):
            for _, drawing in relations(package, page, _DRAWING):
                if drawing not in seen:
                    seen.add(drawing)
                    yield from ((sheet, _corner(anchor)) for anchor in elements(package, drawing, *_ANCHORS))


def _corner(anchor: Any) -> Cell | None:
    """The cell of a picture's upper left corner: row from 1, column from 0."""
    row, column = (anchor.findtext(f"{{*}}from/{{*}}{side}", "").strip() for side in ("row", "col"))
    return (int(row) + 1, int(column)) if _NUMBER.fullmatch(row) and _NUMBER.fullmatch(column) else None


def _at_rows(cells: Sequence[Cell], rows: Sequence[int]) -> Iterator[Problem]:
    """Each picture at the row it lies on, or at the one above it where its own is empty; what lies above all of them
    belongs to the head.
    """
    by_row: dict[int, dict[str, None]] = {}
    for row, column in sorted(cells):
        if at := bisect_right(rows, row):
            by_row.setdefault(rows[at - 1], {})[cell_name(row, column)] = None
    for row, named in by_row.items():
        yield problem("W_SHEET_PICTURE", row, 1, cells=", ".join([*named][:TOLD_MOST]))
