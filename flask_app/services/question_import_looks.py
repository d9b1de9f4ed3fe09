"""Letters of a spreadsheet that look otherwise than they are read: raised or lowered ones (10² is read 102), and struck
ones, which are read as if they stood.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, Final

from flask_app.services.question_files import QuestionFile
from flask_app.services.question_import_parts import WORKBOOK, elements, opened, pages, relations
from gift_export.problems import Problem, excerpt, problem
from gift_export.sheet_reader import RowCells

RAISED: Final = "E_SHEET_RAISED"
STRUCK: Final = "E_SHEET_STRUCK"
_INDEX: Final = re.compile("[0-9]{1,7}")
_ROW: Final = re.compile("[A-Z]{1,3}([1-9][0-9]{0,6})")
_NO: Final = ("0", "false")
_NOTHING: Final[Mapping[str, str]] = {}

Looks = Mapping[str, str]
"""What is to be said of a text → the letters it is said of."""


def with_looks(content: bytes, reading: QuestionFile) -> QuestionFile:
    """What was read of a spreadsheet, and an error for each row whose letters look otherwise than they were read.

    Raises `InvalidInput` as `opened`.
    """
    if not reading.heads or not reading.cells:
        return reading
    with opened(content) as package:
        found = [*_told(_looks(package, reading.heads), reading.cells)]
    return reading._replace(problems=(*reading.problems, *found))


def _told(looks: Iterator[tuple[str, Looks]], rows: Mapping[int, RowCells]) -> Iterator[Problem]:
    """Once for each row and way, with the cells and the letters."""
    found: dict[tuple[int, str], dict[str, str]] = {}
    for cell, said in looks:
        row = int(_ROW.sub(r"\1", cell))
        if row in rows and cell in _read(rows[row]):
            for code, letters in said.items():
                found.setdefault((row, code), {})[cell] = letters
    for (row, code), cells in found.items():
        text = excerpt("; ".join(filter(None, cells.values())))
        yield problem(code, row, 1, cells=", ".join(cells), text=text)


def _read(row: RowCells) -> Set[str]:
    """The cells of a row that are read."""
    return {*row.places.values(), *(cell for cell, _ in row.answers)}


def _looks(package: zipfile.ZipFile, sheets: Sequence[str]) -> Iterator[tuple[str, Looks]]:
    """The cells of these sheets with something to say of, by their names."""
    shared = [_runs(one) for part in _parts(package, "/sharedStrings") for one in elements(package, part, "{*}si")]
    struck = [*_struck_styles(package)]
    for _, page in pages(package, sheets):
        for cell in elements(package, page, "{*}c"):
            name, style = cell.get("r") or "", _at(struck, cell.get("s") or "0")
            if not _ROW.fullmatch(name) or not len(cell):
                continue
            found = _runs(cell.find("{*}is")) if cell.get("t") == "inlineStr" else _NOTHING
            if cell.get("t") == "s":
                found = _at(shared, cell.findtext("{*}v", "")) or _NOTHING
            if style or found:
                yield name, {**found, STRUCK: ""} if style else found


def _runs(text: Any) -> Looks:
    """The raised, lowered and struck letters of a text that is in several hands."""
    found: dict[str, str] = {}
    for run in text.iterfind("{*}r") if text is not None else ():
        letters, hand = run.findtext("{*}t", "").strip(), run.find("{*}rPr")
        if letters and hand is not None:
            level = hand.find("{*}vertAlign")
            if level is not None and level.get("val") in ("superscript", "subscript"):
                found[RAISED] = f"{found.get(RAISED, '')} {letters}".strip()
            if _is_struck(hand):
                found[STRUCK] = f"{found.get(STRUCK, '')} {letters}".strip()
    return found


def _is_struck(hand: Any) -> bool:
    line = hand.find("{*}strike")
    return line is not None and line.get("val", "1") not in _NO


def _struck_styles(package: zipfile.ZipFile) -> Iterator[bool]:
    """Of each style of cells whether its letters are struck."""
    for part in _parts(package, "/styles"):
        fonts = [_is_struck(font) for fonts in elements(package, part, "{*}fonts") for font in fonts]
        for styles in elements(package, part, "{*}cellXfs"):
            yield from (bool(_at(fonts, style.get("fontId") or "0")) for style in styles)


def _parts(package: zipfile.ZipFile, kind: str) -> list[str]:
    return [part for _, part in relations(package, WORKBOOK, kind)][:1]


def _at(listed: Sequence[Any], index: str) -> Any:
    """What stands in that place of a list; None beyond it."""
    at = int(index) if _INDEX.fullmatch(index.strip()) else len(listed)
    return listed[at] if at < len(listed) else None
