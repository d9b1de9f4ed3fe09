"""Opens spreadsheets that people hand in: .xlsx and .csv become plain rows; what the cells mean is not judged here.

Everything that can cost memory or carry code is looked at before the workbook is opened: size, number and swelling of
the parts, macros, encryption, document type declarations, and how far the cells reach.
"""

from __future__ import annotations

import csv
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from types import MappingProxyType
from typing import Any

from lxml import etree
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from flask_app.domain.errors import InvalidInput
from flask_app.domain.sheets import EPOCH_1900, EPOCH_1904, Cell, SheetRow

MEGABYTE = 1024 * 1024
LARGEST_FILE = 10 * MEGABYTE
LARGEST_UNPACKED = 40 * MEGABYTE
MOST_PARTS = 1000
# A sheet of many equal rows packs well; what packs better than this and is not small is made to swell.
HIGHEST_RATIO = 150
SMALL_PART = MEGABYTE
MOST_ROWS = 20_000
MOST_COLUMNS = 100
# A tree of elements takes a hundred times the memory of the file it comes from: they are counted before it is grown.
MOST_ELEMENTS = 500_000
MOST_IN_ALL_PARTS = 2 * MOST_ELEMENTS
MOST_ATTRIBUTES = 3 * MOST_ELEMENTS

_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_ROWS = (
    "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}row",
    "{http://purl.oclc.org/ooxml/spreadsheetml/main}row",  # the strict form of the same standard
)
_HARDENED: Any = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STYLES = "xl/styles.xml"
# Formats that every program has without naming them in the file (ECMA-376, 18.8.30); the general one is nothing here.
_FORMATS = {
    "0": "",
    "1": "0",
    "2": "0.00",
    "3": "#,##0",
    "4": "#,##0.00",
    "9": "0%",
    "10": "0.00%",
    "49": "@",
    "18": "h:mm AM/PM",
    "19": "h:mm:ss AM/PM",
    "20": "h:mm",
    "21": "h:mm:ss",
    "45": "mm:ss",
    "46": "[h]:mm:ss",
}
_NO_FORMATS: Mapping[int, str] = MappingProxyType({})
_NO_ERRORS: Mapping[int, str] = MappingProxyType({})
_LONGEST_ERROR = 20
_CLOCKS = (time, timedelta)
_PLAIN = (str, int, float, bool, date)
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_ENCODINGS = (b"utf-8", b"utf-16", b"utf-16le", b"utf-16be", b"us-ascii", b"ascii")
_DOCUMENTS = (b"%PDF-", b"{\\rtf")
"""How files begin that are text to a program, and no table to a person."""
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


def read_workbook(content: bytes) -> tuple[SheetRow, ...]:
    """All rows of all worksheets, hidden sheets marked; the kind of file is told from its content, not from its name.

    Raises InvalidInput: WORKBOOK_EMPTY, WORKBOOK_TOO_LARGE, WORKBOOK_ENCRYPTED, WORKBOOK_OLD_FORMAT, WORKBOOK_BROKEN,
    WORKBOOK_NOT_A_WORKBOOK, WORKBOOK_MACROS, WORKBOOK_SWELLS, WORKBOOK_FORBIDDEN_XML, WORKBOOK_TOO_WIDE_OR_LONG,
    WORKBOOK_TOO_MANY_ELEMENTS, WORKBOOK_SHEETS_ONE_NAME, WORKBOOK_ENCODING, WORKBOOK_CSV_BROKEN.
    """
    if not content.strip():
        raise InvalidInput("WORKBOOK_EMPTY")
    if len(content) > LARGEST_FILE:
        raise InvalidInput("WORKBOOK_TOO_LARGE", size=len(content), limit=LARGEST_FILE)
    if content.startswith(_OLE):
        encrypted = "EncryptedPackage".encode("utf-16-le") in content
        raise InvalidInput("WORKBOOK_ENCRYPTED" if encrypted else "WORKBOOK_OLD_FORMAT")
    if content.startswith(b"PK"):
        return tuple(_xlsx_rows(content))
    if content.startswith(_DOCUMENTS):
        raise InvalidInput("WORKBOOK_NOT_A_WORKBOOK")
    return tuple(_csv_rows(content))


# --- .xlsx -----------------------------------------------------------------------------------------------------------


def _xlsx_rows(content: bytes) -> Iterator[SheetRow]:
    looks, rows = _look_inside(content), 0
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            for sheet in workbook.sheets_metadata:
                if sheet.typ is SheetTypeEnum.WorkSheet:
                    hidden = sheet.visible is not SheetVisibleEnum.Visible
                    opened = workbook.get_sheet_by_name(sheet.name)
                    rows += opened.total_height
                    if rows > MOST_ROWS:  # of all sheets together: each may be claimed by one cell
                        raise InvalidInput("WORKBOOK_TOO_WIDE_OR_LONG", rows=MOST_ROWS, columns=MOST_COLUMNS)
                    yield from _sheet_rows(opened, looks[sheet.name], hidden=hidden)
    except (CalamineError, KeyError) as broken:
        raise InvalidInput("WORKBOOK_BROKEN", part="xl/workbook.xml") from broken


@dataclass(frozen=True, slots=True)
class _SheetLook:
    """What the value reader does not tell of a sheet: by row number, the columns of formulas (`unsaved`: without a
    result) and of error values with their names, and the number format of each column with a number in it; the rows
    that are `folded` away. `styles`: the workbook's formats by the number of their style.
    """

    epoch: date
    styles: Sequence[str] = ()
    formulas: dict[int, set[int]] = field(default_factory=dict)
    unsaved: dict[int, set[int]] = field(default_factory=dict)
    errors: dict[int, dict[int, str]] = field(default_factory=dict)
    formats: dict[int, dict[int, str]] = field(default_factory=dict)
    folded: set[int] = field(default_factory=set)


def _sheet_rows(sheet: CalamineSheet, look: _SheetLook, *, hidden: bool) -> Iterator[SheetRow]:
    merged: dict[int, list[tuple[int, int]]] = {}
    for first, last in sheet.merged_cell_ranges or []:
        merged.setdefault(first[0] + 1, []).append((first[1], last[1]))
    for number, values in enumerate(sheet.to_python(skip_empty_area=False), start=1):
        errors = look.errors.get(number, _NO_ERRORS)
        yield SheetRow(
            sheet=sheet.name,
            number=number,
            cells=tuple(errors.get(at) or _cell(value) for at, value in enumerate(values)),
            formulas=frozenset(look.formulas.get(number, ())),
            errors=frozenset(errors),
            merged=tuple(merged.get(number, ())),
            hidden=hidden,
            epoch=look.epoch,
            formats=look.formats.get(number, _NO_FORMATS),
            unsaved=frozenset(look.unsaved.get(number, ())),
            folded=number in look.folded,
        )


def _cell(value: Any) -> Cell:
    if value == "" or value is None:
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, _CLOCKS):
        return str(value)
    assert isinstance(value, _PLAIN)
    return value


def _look_inside(content: bytes) -> Mapping[str, _SheetLook]:
    """Checks the package before anything opens it; answers a look at each worksheet by its name."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_parts(package)
            return _look_at_sheets(package)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, KeyError, RuntimeError, OSError) as broken:
        raise InvalidInput("WORKBOOK_BROKEN", part=".xlsx") from broken


def _check_parts(package: zipfile.ZipFile) -> None:
    parts = package.infolist()
    if any(part.flag_bits & 0x1 for part in parts):
        raise InvalidInput("WORKBOOK_ENCRYPTED")
    unpacked = sum(part.file_size for part in parts)
    swelling = any(
        part.file_size > SMALL_PART and part.file_size > HIGHEST_RATIO * max(1, part.compress_size) for part in parts
    )
    if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED or swelling:
        raise InvalidInput("WORKBOOK_SWELLS", parts=len(parts), size=unpacked)
    names = {part.filename.lower() for part in parts}
    if len(names) != len(parts):
        raise InvalidInput("WORKBOOK_BROKEN", part="[Content_Types].xml")
    if any("vbaproject" in name or "macrosheets/" in name for name in names):
        raise InvalidInput("WORKBOOK_MACROS")
    kinds = _part(package, "[Content_Types].xml")
    if b"macroEnabled" in kinds:
        raise InvalidInput("WORKBOOK_MACROS")
    if _MAIN.encode() not in kinds:
        raise InvalidInput("WORKBOOK_NOT_A_WORKBOOK")


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    return read_part(package, name)[0]


def read_part(package: zipfile.ZipFile, name: str) -> tuple[bytes, int]:
    """One XML part, read no further than its announced size, and how many elements it has at the most.

    Raises InvalidInput: WORKBOOK_SWELLS, WORKBOOK_FORBIDDEN_XML where it declares a document type,
    WORKBOOK_TOO_MANY_ELEMENTS; zipfile's errors as they are.
    """
    info = package.getinfo(name)
    with package.open(info) as stream:
        text = stream.read(info.file_size + 1)
    if len(text) > info.file_size:
        raise InvalidInput("WORKBOOK_SWELLS", parts=len(package.infolist()), size=len(text))
    plain = text.replace(b"\0", b"")  # as it would be in UTF-8, as far as signs of ASCII go
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise InvalidInput("WORKBOOK_FORBIDDEN_XML", part=name)
    if _hides_its_signs(plain):
        raise InvalidInput("WORKBOOK_BROKEN", part=name)
    elements = plain.count(b"<") - plain.count(b"</")
    if elements > MOST_ELEMENTS or plain.count(b"=") > MOST_ATTRIBUTES:
        raise too_many_elements(name)
    return text, elements


def _hides_its_signs(plain: bytes) -> bool:
    """Whether the signs of XML are other bytes in the part's encoding: no spreadsheet program writes such."""
    named = _ENCODING.search(plain[:200])
    begins = plain[:200].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return not (named is None or named[1].lower() in _ENCODINGS) or begins[:1] not in (b"<", b"")


def too_many_elements(part: str) -> InvalidInput:
    return InvalidInput("WORKBOOK_TOO_MANY_ELEMENTS", part=part, limit=MOST_ELEMENTS)


def _tree(package: zipfile.ZipFile, name: str) -> Any:
    try:
        return etree.fromstring(_part(package, name), etree.XMLParser(**_HARDENED))
    except etree.XMLSyntaxError as broken:
        raise InvalidInput("WORKBOOK_BROKEN", part=name) from broken


def _look_at_sheets(package: zipfile.ZipFile) -> Mapping[str, _SheetLook]:
    """The value reader allocates every cell up to the farthest one: how far they reach is checked here first."""
    elements = 0
    for part in package.namelist():
        if part.lower().endswith((".xml", ".rels")):
            elements += read_part(package, part)[1]
        if elements > MOST_IN_ALL_PARTS:
            raise too_many_elements(part)
    workbook = _tree(package, "xl/workbook.xml")
    targets = {
        link.get("Id"): posixpath.normpath(posixpath.join("/xl", link.get("Target") or "")).lstrip("/")
        for link in _tree(package, "xl/_rels/workbook.xml.rels")
    }
    epoch = EPOCH_1904 if workbook.xpath("//*[local-name()='workbookPr']/@date1904[.='1' or .='true']") else EPOCH_1900
    looks, styles, parts = {}, _formats_of(package), set(package.namelist())
    for sheet in workbook.xpath("//*[local-name()='sheet']"):
        link = sheet.xpath("string(@*[local-name()='id'])")
        name, target = sheet.get("name"), targets.get(link, "")
        if name in looks:
            raise InvalidInput("WORKBOOK_SHEETS_ONE_NAME", sheet=name)
        if target in parts:
            looks[name] = _look_at(package, target, _SheetLook(epoch, styles))
            parts.remove(target)  # a part is one sheet, however often it is named
    return MappingProxyType(looks)


def _formats_of(package: zipfile.ZipFile) -> tuple[str, ...]:
    """The number format of each style of cells; of one that is not known here, its number."""
    if _STYLES not in package.namelist():
        return ()
    tree = _tree(package, _STYLES)
    own = {one.get("numFmtId"): one.get("formatCode") or "" for one in tree.iterfind("{*}numFmts/{*}numFmt")}
    known = {**_FORMATS, **own}
    ids = [one.get("numFmtId") or "0" for one in tree.iterfind("{*}cellXfs/{*}xf")]
    return tuple(known.get(one, one) for one in ids)


def _look_at(package: zipfile.ZipFile, part: str, look: _SheetLook) -> _SheetLook:
    number = 0
    try:
        for _, row in etree.iterparse(io.BytesIO(_part(package, part)), tag=_ROWS, **_HARDENED):
            number = _look_at_row(row, number + 1, look, part)
            row.clear()
            while row.getprevious() is not None:
                del row.getparent()[0]
    except etree.XMLSyntaxError as broken:
        raise InvalidInput("WORKBOOK_BROKEN", part=part) from broken
    return look


def _look_at_row(row: Any, following: int, look: _SheetLook, part: str) -> int:
    number = _row_number(row.get("r"), following, part)
    column = -1
    if row.get("hidden") in ("1", "true"):
        look.folded.add(number)
    for cell in row.iterchildren("{*}c"):
        number, column = _place(cell.get("r"), number, column + 1, part)
        if not len(cell):
            continue  # an empty cell with a colour or a frame may stand anywhere
        if number > MOST_ROWS or column >= MOST_COLUMNS:
            raise InvalidInput("WORKBOOK_TOO_WIDE_OR_LONG", rows=MOST_ROWS, columns=MOST_COLUMNS)
        if cell.find("{*}f") is not None:
            look.formulas.setdefault(number, set()).add(column)
            if cell.find("{*}v") is None:
                look.unsaved.setdefault(number, set()).add(column)
        if cell.get("t") == "e":  # the value reader has no word for it
            look.errors.setdefault(number, {})[column] = (cell.findtext("{*}v") or "").strip()[:_LONGEST_ERROR]
        if cell.get("t", "n") == "n" and (code := _format_of(cell.get("s", "0"), look)):
            look.formats.setdefault(number, {})[column] = code
    return number


def _format_of(style: str, look: _SheetLook) -> str:
    at = int(style) if style.isascii() and style.isdecimal() and len(style) < 7 else 0
    return look.styles[at] if at < len(look.styles) else ""


def _row_number(written: str | None, following: int, part: str) -> int:
    if written is None:
        return following
    if not re.fullmatch(r"[0-9]{1,7}", written):
        raise InvalidInput("WORKBOOK_BROKEN", part=part)
    return int(written)


def _place(reference: str | None, row: int, column: int, part: str) -> tuple[int, int]:
    if reference is None:
        return row, column
    found = _REFERENCE.fullmatch(reference)
    if not found:
        raise InvalidInput("WORKBOOK_BROKEN", part=part)
    index = 0
    for letter in found[1]:
        index = index * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), index - 1


# --- .csv ------------------------------------------------------------------------------------------------------------

# What Russian text in Windows-1251 is made of; that code page has no ң, ө, ү, so Kyrgyz text is not lost in it unseen.
_CP1251_SIGNS = re.compile(r"[\x09\x0a\x0d\x20-\x7eА-Яа-яЁё\xa0«»„“”‘’–—…№•°§©®-]*")
# KOI8-R text read as Windows-1251 has its case turned over: "жЮЛХКХЪ" for "Фамилия".
_TURNED_OVER = re.compile(r"\b[а-яё][А-ЯЁ]{2,}\b")
_CAPITALISED = re.compile(r"\b[А-ЯЁ][а-яё]{2,}\b")
_LOST_LETTER = re.compile(r"[А-Яа-яЁё]\?+[А-Яа-яЁё]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def _csv_rows(content: bytes) -> Iterator[SheetRow]:
    text = _decoded(content)
    if _CONTROLS.search(text):
        raise InvalidInput("WORKBOOK_NOT_A_WORKBOOK")
    for number, values in enumerate(_split(text), start=1):
        if number > MOST_ROWS or len(values) > MOST_COLUMNS:
            raise InvalidInput("WORKBOOK_TOO_WIDE_OR_LONG", rows=MOST_ROWS, columns=MOST_COLUMNS)
        yield SheetRow("csv", number, tuple(value if value.strip() else None for value in values))


def _decoded(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strictly(content, encoding)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        text = _strictly(content, "cp1251")
    if _CONTROLS.search(text):
        raise InvalidInput("WORKBOOK_NOT_A_WORKBOOK")
    turned_over = len(_TURNED_OVER.findall(text)) > len(_CAPITALISED.findall(text))
    if turned_over or not _CP1251_SIGNS.fullmatch(text) or _LOST_LETTER.search(text):
        raise InvalidInput("WORKBOOK_ENCODING")
    return text


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as wrong:
        raise InvalidInput("WORKBOOK_ENCODING") from wrong


def _split(text: str) -> list[list[str]]:
    """The rows under the delimiter that gives the most rows of three columns and more.

    A file that no delimiter splits so, and that some delimiter cannot read, has a quotation mark open.
    """
    readable = [rows for delimiter in ";,\t" for rows in [_split_by(text, delimiter)] if rows is not None]
    best = max(readable, key=_wide_rows, default=None)
    if best is None or (len(readable) < 3 and not _wide_rows(best)[0]):
        raise InvalidInput("WORKBOOK_CSV_BROKEN")
    return best


def _wide_rows(rows: list[list[str]]) -> tuple[int, int]:
    return sum(len(row) >= 3 for row in rows), sum(map(len, rows))


def _split_by(text: str, delimiter: str) -> list[list[str]] | None:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
