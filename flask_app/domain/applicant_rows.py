"""Which rows of a list are people, and which are totals, repeated heads, numbers of columns, notes or empty.

`texts` is what the cells of a row say (`texts_of`), from column A on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask_app.domain.applicant_cells import mask_number, plain_text
from flask_app.domain.applicant_columns import Column, Head, column_of
from flask_app.domain.names import PARTICLES, read_name
from flask_app.domain.sheets import SheetRow

LONGEST_NOTE = 200
FEWEST_DIGITS = 6
"""What has fewer digits in the column of personal numbers may be a count of rows."""

_TOTAL = re.compile(r"(?i)\s*(итого|всего|жыйынтыгы|жыйынтык|бардыгы|баары|жалпы саны|total)\b")


def texts_of(row: SheetRow) -> list[str]:
    """What each cell says; a row is looked at several times, and read as text once."""
    return [plain_text(cell) for cell in row.cells]


def is_empty(row: SheetRow, texts: Sequence[str]) -> bool:
    """Whether nothing stands in the row, nor would with other results of its formulas."""
    return not any(texts) and not row.formulas and not row.errors


def row_text(texts: Sequence[str]) -> str:
    """The row's text fit for a note: shortened, long numbers masked."""
    text = " ".join(filter(None, texts))
    return re.sub(r"[0-9]{10,}", lambda found: mask_number(found[0]), text)[:LONGEST_NOTE]


def left_out(row: SheetRow, texts: Sequence[str], head: Head) -> str:
    """Why a row is no applicant's row; empty where it is one."""
    if is_empty(row, texts):
        return "APPLICANT_ROW_EMPTY"
    if _is_total(texts, head):
        return "APPLICANT_ROW_TOTAL"
    if _repeats_head(texts, head):
        return "APPLICANT_ROW_HEAD_AGAIN"
    if _numbers_columns(texts):
        return "APPLICANT_ROW_COLUMN_NUMBERS"
    return "" if _is_person(row, texts, head) else "APPLICANT_ROW_NOTE"


def _text_in(texts: Sequence[str], index: int | None) -> str:
    """The text of a column; empty beyond the row's end and where the list has no such column."""
    return texts[index] if index is not None and index < len(texts) else ""


def _is_total(texts: Sequence[str], head: Head) -> bool:
    """A total may stand in any column, that of the personal numbers too; a personal number does not stand beside it."""
    number = _text_in(texts, head.places.get(Column.PERSONAL_NUMBER))
    return len(number) < FEWEST_DIGITS and any(map(_TOTAL.match, texts))


def _numbers_columns(texts: Sequence[str]) -> bool:
    count = sum(map(bool, texts))
    return count >= 3 and texts[:count] == [str(number) for number in range(1, count + 1)]


def _repeats_head(texts: Sequence[str], head: Head) -> bool:
    named = {column: _text_in(texts, index) for column, index in head.places.items()}
    if any(map(str.isdigit, named.values())):
        return False  # a head holds no numbers; looked at first, because it spares most rows the comparison
    return sum(column_of(text) == column for column, text in named.items()) >= 3


def _holds(row: SheetRow, texts: Sequence[str], head: Head, column: Column) -> bool:
    index = head.places.get(column)
    return index is not None and bool(_text_in(texts, index) or index in row.formulas or index in row.errors)


def _is_person(row: SheetRow, texts: Sequence[str], head: Head) -> bool:
    """A row with a number, a birth date or several other values, or with a full name standing alone."""
    if any(_holds(row, texts, head, column) for column in (Column.PERSONAL_NUMBER, Column.BIRTH_DATE)):
        return True
    filled = sum(_holds(row, texts, head, column) for column in Column)
    return filled >= 3 or (Column.NAME in head.places and _is_full_name(_text_in(texts, head.places[Column.NAME])))


def _is_full_name(text: str) -> bool:
    capitals = all(word[0].isupper() for word in text.split() if word.lower() not in PARTICLES)
    return capitals and not text.isupper() and not read_name(text).problem
