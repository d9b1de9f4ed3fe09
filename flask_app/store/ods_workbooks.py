"""Opens spreadsheets in the OpenDocument form (.ods) as plain rows, under the limits of `workbooks`.

Written for what LibreOffice and its kin save. A cell says how often it is repeated, so that a file of a few bytes may
claim millions of them: they are counted before they are made. Nothing is computed: a formula's cell is marked.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from lxml import etree

from flask_app.domain.errors import InvalidInput
from flask_app.domain.sheets import Cell, SheetRow
from flask_app.store.workbooks import (
    HIGHEST_RATIO,
    LARGEST_FILE,
    LARGEST_UNPACKED,
    MOST_COLUMNS,
    MOST_PARTS,
    MOST_ROWS,
    SMALL_PART,
    read_part,
)

MIMETYPE: Final = b"application/vnd.oasis.opendocument.spreadsheet"
CONTENT: Final = "content.xml"
MANIFEST: Final = "META-INF/manifest.xml"
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_ROWS_REPEATED, _REPEATED = f"{_TABLE}number-rows-repeated", f"{_TABLE}number-columns-repeated"
_SPANNED, _FORMULA = f"{_TABLE}number-columns-spanned", f"{_TABLE}formula"
_KIND, _STRING, _PARAGRAPH = f"{_OFFICE}value-type", f"{_OFFICE}string-value", f"{_TEXT}p"
_TELLING: Final = frozenset({_KIND, _STRING, _FORMULA, _SPANNED})
"""Attributes by which a cell without a paragraph still says something."""
_HARDENED: Final[Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
PERCENT: Final = "0%"
MOST_REPEATED: Final = 100
"""Equal rows one beneath the other, written as one: a list of people has hardly two of them."""


def is_ods(content: bytes) -> bool:
    """Whether the content is a package that says it is an OpenDocument spreadsheet."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            info = package.getinfo("mimetype")
            if info.file_size > 100 or info.flag_bits & 0x1:
                return False
            with package.open(info) as stream:
                return stream.read(100).strip() == MIMETYPE
    except (zipfile.BadZipFile, KeyError, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        return False


def read_ods(content: bytes) -> tuple[SheetRow, ...]:
    """All rows of all sheets, hidden sheets marked.

    Raises InvalidInput: WORKBOOK_TOO_LARGE, WORKBOOK_BROKEN, WORKBOOK_ENCRYPTED, WORKBOOK_MACROS, WORKBOOK_SWELLS,
    WORKBOOK_FORBIDDEN_XML, WORKBOOK_TOO_MANY_ELEMENTS, WORKBOOK_TOO_WIDE_OR_LONG, WORKBOOK_ROWS_REPEATED,
    WORKBOOK_SHEETS_ONE_NAME.
    """
    if len(content) > LARGEST_FILE:
        raise InvalidInput("WORKBOOK_TOO_LARGE", size=len(content), limit=LARGEST_FILE)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_parts(package)
            root = _tree(package)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, KeyError, RuntimeError, OSError) as broken:
        raise InvalidInput("WORKBOOK_BROKEN", part=".ods") from broken
    hidden = _hidden_styles(root)
    rows: list[SheetRow] = []
    for table in _tables(root):
        for row in _table(table, hidden):
            rows.append(row)
            if len(rows) > MOST_ROWS:  # of all sheets together: each may be claimed by a few bytes
                raise _too_far()
    return tuple(rows)


def _tables(root: Any) -> list[Any]:
    """What is said of a row names its sheet: two sheets of one name would be one."""
    tables = root.findall(f"{_OFFICE}body/{_OFFICE}spreadsheet/{_TABLE}table")
    names: set[str] = set()
    for table in tables:
        name = table.get(f"{_TABLE}name") or ""
        if name in names:
            raise InvalidInput("WORKBOOK_SHEETS_ONE_NAME", sheet=name)
        names.add(name)
    return list(tables)


def _check_parts(package: zipfile.ZipFile) -> None:
    parts = package.infolist()
    unpacked = sum(part.file_size for part in parts)
    swelling = any(
        part.file_size > SMALL_PART and part.file_size > HIGHEST_RATIO * max(1, part.compress_size) for part in parts
    )
    if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED or swelling:
        raise InvalidInput("WORKBOOK_SWELLS", parts=len(parts), size=unpacked)
    if len({part.filename.lower() for part in parts}) != len(parts):
        raise InvalidInput("WORKBOOK_BROKEN", part=CONTENT)
    if any(part.flag_bits & 0x1 for part in parts) or b"encryption-data" in read_part(package, MANIFEST)[0]:
        raise InvalidInput("WORKBOOK_ENCRYPTED")
    if any(part.filename.startswith(("Basic/", "Scripts/")) and not part.is_dir() for part in parts):
        raise InvalidInput("WORKBOOK_MACROS")


def _tree(package: zipfile.ZipFile) -> Any:
    try:
        return etree.fromstring(read_part(package, CONTENT)[0], etree.XMLParser(**_HARDENED))
    except etree.XMLSyntaxError as broken:
        raise InvalidInput("WORKBOOK_BROKEN", part=CONTENT) from broken


def _hidden_styles(root: Any) -> frozenset[str]:
    """Names of the table styles that hide a sheet."""
    return frozenset(
        style.get(f"{_STYLE}name") or ""
        for style in root.iter(f"{_STYLE}style")
        for looks in style.iter(f"{_STYLE}table-properties")
        if looks.get(f"{_TABLE}display") == "false"
    )


@dataclass(slots=True)
class _Cells:
    """The cells of one row so far. Empty ones at the end are not made."""

    values: list[Cell] = field(default_factory=list)
    formulas: set[int] = field(default_factory=set)
    errors: set[int] = field(default_factory=set)
    formats: dict[int, str] = field(default_factory=dict)
    merged: list[tuple[int, int]] = field(default_factory=list)


def _table(table: Any, hidden: frozenset[str]) -> Iterator[SheetRow]:
    name, out_of_sight = table.get(f"{_TABLE}name") or "", (table.get(f"{_TABLE}style-name") or "") in hidden
    number = 0
    for row in table.iter(f"{_TABLE}table-row"):
        cells, times = _cells(row), _times(row, _ROWS_REPEATED)
        if cells.values:  # of a formula and an error too, if only None
            if number + times > MOST_ROWS:
                raise _too_far()
            if times > MOST_REPEATED:
                raise InvalidInput(
                    "WORKBOOK_ROWS_REPEATED", sheet=name, row=number + 1, rows=times, limit=MOST_REPEATED
                )
            first = _row(name, number + 1, cells, hidden=out_of_sight)
            yield from (first if not offset else replace(first, number=number + offset + 1) for offset in range(times))
        number += times


def _row(sheet: str, number: int, cells: _Cells, *, hidden: bool) -> SheetRow:
    return SheetRow(
        sheet=sheet,
        number=number,
        cells=tuple(cells.values),
        formulas=frozenset(cells.formulas),
        errors=frozenset(cells.errors),
        merged=tuple(cells.merged),
        hidden=hidden,
        formats=cells.formats,
    )


def _times(element: Any, name: str) -> int:
    written = element.get(name) or "1"
    if written == "1":
        return 1
    if not (written.isascii() and written.isdecimal() and 0 < len(written) < 8):
        raise InvalidInput("WORKBOOK_BROKEN", part=CONTENT)
    return max(1, int(written))


def _too_far() -> InvalidInput:
    return InvalidInput("WORKBOOK_TOO_WIDE_OR_LONG", rows=MOST_ROWS, columns=MOST_COLUMNS)


def _cells(row: Any) -> _Cells:
    found, column = _Cells(), 0
    for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
        times = _times(cell, _REPEATED)
        if not len(cell) and _TELLING.isdisjoint(cell.attrib):
            column += times  # most cells are such: a frame, a colour, or nothing
            continue
        value = _value(cell)
        formula, error = cell.get(_FORMULA) is not None, _is_error(cell)
        if value is not None or formula or error:
            if column + times > MOST_COLUMNS:
                raise _too_far()
            found.values.extend([None] * (column - len(found.values)) + [value] * times)
            places = range(column, column + times)
            found.formulas.update(places if formula else ())
            found.errors.update(places if error else ())
            if cell.get(_KIND) == "percentage":
                found.formats.update(dict.fromkeys(places, PERCENT))
        spanned = _times(cell, _SPANNED)
        if 1 < spanned <= MOST_COLUMNS:
            found.merged.append((column, column + spanned - 1))
        column += times
    return found


def _is_error(cell: Any) -> bool:
    """A formula that came to nothing is kept as a text such as #REF! or Err:502."""
    return cell.get(_FORMULA) is not None and _said(cell).startswith(("#", "Err:"))


def _said(cell: Any) -> str:
    return "\n".join(_line(line) for line in cell.iterchildren(_PARAGRAPH))


def _line(line: Any) -> str:
    """The text of a paragraph; spaces that are written as elements are spaces, and a remark beside it is none of it."""
    parts = [line.text or ""]
    for child in line if len(line) else ():
        if child.tag in (f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"):
            parts.append(" ")
        elif isinstance(child.tag, str):
            parts.append(_line(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _value(cell: Any) -> Cell:
    kind = cell.get(_KIND)
    if kind in ("float", "percentage", "currency"):
        return _figure(cell.get(f"{_OFFICE}value") or "")
    if kind == "boolean":
        return bool(cell.get(f"{_OFFICE}boolean-value") == "true")
    if kind == "date":
        return _day(cell.get(f"{_OFFICE}date-value") or "")
    said: str = cell.get(_STRING) or _said(cell)
    return str(said) if said.strip() else None


def _figure(written: str) -> Cell:
    try:
        value = float(written)
    except ValueError:
        raise InvalidInput("WORKBOOK_BROKEN", part=CONTENT) from None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _day(written: str) -> Cell:
    """`2026-04-16`, perhaps with an hour; what is no day stays the text it is."""
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        return written
