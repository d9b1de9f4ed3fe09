"""What a spreadsheet is to the rules: rows of cells with their place, nothing interpreted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

# `datetime` cells are `date` cells too; text is kept as typed, numbers without a fraction come as int.
Cell = str | int | float | bool | date | None

# Day 0 of the serial numbers that spreadsheets count days by: the usual system, and the one old Macintosh files use.
EPOCH_1900 = date(1899, 12, 30)
EPOCH_1904 = date(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row as it stands in the file.

    `number` counts from 1 as the spreadsheet program shows it. `cells[0]` is column A. `formulas` and `errors` are
    indexes of cells whose value is computed, or is an error such as #REF!. `merged` holds the horizontal spans
    (first, last column index) that begin in this row. `formats`: index → number format of a cell that holds a number,
    where it is not the general one. `unsaved`: formulas whose result the program did not save. `hidden`: the whole
    sheet; `folded`: this row alone. A cell with an error holds its name as text, where the file says it.
    """

    sheet: str
    number: int
    cells: tuple[Cell, ...]
    formulas: frozenset[int] = frozenset()
    errors: frozenset[int] = frozenset()
    merged: tuple[tuple[int, int], ...] = ()
    hidden: bool = False
    epoch: date = EPOCH_1900
    formats: Mapping[int, str] = field(default_factory=dict)
    unsaved: frozenset[int] = frozenset()
    folded: bool = False

    def cell(self, index: int) -> Cell:
        """The cell in column `index`, None beyond the row's end."""
        return self.cells[index] if index < len(self.cells) else None


def column_letters(index: int) -> str:
    """Spreadsheet name of a column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
