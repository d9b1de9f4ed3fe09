"""Opens spreadsheets in the OpenDocument form (.ods) as plain rows, under the limits of `workbooks`.

Written for what LibreOffice and its kin save. A cell says how often it is repeated, so that a file of a few bytes may
claim millions of them: they are counted before they are made. Nothing is computed: a formula's cell is marked.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
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
)

MIMETYPE: Final = b"application/vnd.oasis.opendocument.spreadsheet"
CONTENT: Final = "content.xml"
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_HARDENED: Final[Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
PERCENT: Final = "0%"


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
    WORKBOOK_FORBIDDEN_XML, WORKBOOK_TOO_WIDE_OR_LONG.
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
    rows = []
    for table in root.iterfind(f"{_OFFICE}body/{_OFFICE}spreadsheet/{_TABLE}table"):
        for row in _table(table, hidden):
            rows.append(row)
            if len(rows) > MOST_ROWS:  # of all sheets together: each may be claimed by a few bytes
                raise _too_far()
    return tuple(rows)


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
    if any(part.flag_bits & 0x1 for part in parts) or b"encryption-data" in _part(package, "META-INF/manifest.xml"):
        raise InvalidInput("WORKBOOK_ENCRYPTED")
    if any(part.filename.startswith(("Basic/", "Scripts/")) and not part.is_dir() for part in parts):
        raise InvalidInput("WORKBOOK_MACROS")


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    info = package.getinfo(name)
    with package.open(info) as stream:
        text = stream.read(info.file_size + 1)
    if len(text) > info.file_size:
        raise InvalidInput("WORKBOOK_SWELLS", parts=len(package.infolist()), size=len(text))
    plain = text.replace(b"\0", b"")
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise InvalidInput("WORKBOOK_FORBIDDEN_XML", part=name)
    return text


def _tree(package: zipfile.ZipFile) -> Any:
    try:
        return etree.fromstring(_part(package, CONTENT), etree.XMLParser(**_HARDENED))
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
        cells, times = _cells(row), _times(row, "number-rows-repeated")
        says = bool(cells.values or cells.formulas or cells.errors)
        if says and number + times > MOST_ROWS:
            raise _too_far()
        for offset in range(times if says else 0):
            yield SheetRow(
                sheet=name,
                number=number + offset + 1,
                cells=tuple(cells.values),
                formulas=frozenset(cells.formulas),
                errors=frozenset(cells.errors),
                merged=tuple(cells.merged),
                hidden=out_of_sight,
                formats=dict(cells.formats),
            )
        number += times


def _times(element: Any, name: str) -> int:
    written = element.get(f"{_TABLE}{name}") or "1"
    if not (written.isascii() and written.isdecimal() and 0 < len(written) < 8):
        raise InvalidInput("WORKBOOK_BROKEN", part=CONTENT)
    return max(1, int(written))


def _too_far() -> InvalidInput:
    return InvalidInput("WORKBOOK_TOO_WIDE_OR_LONG", rows=MOST_ROWS, columns=MOST_COLUMNS)


def _cells(row: Any) -> _Cells:
    found, column = _Cells(), 0
    for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
        times, value = _times(cell, "number-columns-repeated"), _value(cell)
        formula, error = cell.get(f"{_TABLE}formula") is not None, _is_error(cell)
        if value is not None or formula or error:
            if column + times > MOST_COLUMNS:
                raise _too_far()
            found.values.extend([None] * (column - len(found.values)) + [value] * times)
            places = range(column, column + times)
            found.formulas.update(places if formula else ())
            found.errors.update(places if error else ())
            if cell.get(f"{_OFFICE}value-type") == "percentage":
                found.formats.update(dict.fromkeys(places, PERCENT))
        spanned = _times(cell, "number-columns-spanned")
        if 1 < spanned <= MOST_COLUMNS:
            found.merged.append((column, column + spanned - 1))
        column += times
    return found


def _is_error(cell: Any) -> bool:
    """A formula that came to nothing is kept as a text such as #REF! or Err:502."""
    return cell.get(f"{_TABLE}formula") is not None and _said(cell).startswith(("#", "Err:"))


def _said(cell: Any) -> str:
    return "\n".join(_line(line) for line in cell.iterchildren(f"{_TEXT}p"))


def _line(line: Any) -> str:
    """The text of a paragraph; spaces that are written as elements are spaces, and a remark beside it is none of it."""
    parts = [line.text or ""]
    for child in line:
        if child.tag in (f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"):
            parts.append(" ")
        elif isinstance(child.tag, str):
            parts.append(_line(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _value(cell: Any) -> Cell:
    kind = cell.get(f"{_OFFICE}value-type")
    if kind in ("float", "percentage", "currency"):
        return _figure(cell.get(f"{_OFFICE}value") or "")
    if kind == "boolean":
        return bool(cell.get(f"{_OFFICE}boolean-value") == "true")
    if kind == "date":
        return _day(cell.get(f"{_OFFICE}date-value") or "")
    said: str = cell.get(f"{_OFFICE}string-value") or _said(cell)
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
