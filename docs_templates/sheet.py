"""Reads a DOCX back as a `Sheet`, so that a page can show a paper where no office suite is installed.

Looks come from the document's own styles (through `basedOn`), not from the names this package gives them: lawyers edit
the templates in Word. What has no text (pictures, fields, page numbers) is left out; a signed paper is read as DOCX.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from lxml import etree

from docs_templates import archive
from flask_app.ports.paper import TemplateFault
from flask_app.ports.sheet import Alignment, Block, Cell, Grid, Line, Piece, Row, Sheet

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DOCUMENT, STYLES = "word/document.xml", "word/styles.xml"
ALIGNMENTS: Mapping[str, Alignment] = {"center": "centre", "right": "end", "end": "end"}
OFF = frozenset({"0", "false", "off", "none"})
BARE_WHITESPACE = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "\u2011"}


@dataclass(frozen=True, slots=True)
class Look:
    """What a style says; None where it leaves it to the style it is based on."""

    base: str = ""
    alignment: Alignment | None = None
    bold: bool | None = None
    italic: bool | None = None
    keeps_next: bool | None = None
    new_page: bool | None = None
    ruled: bool | None = None


class Styles:
    """The looks of a document by the id of the style."""

    def __init__(self, root: etree._Element | None) -> None:
        self._looks = {} if root is None else {s.get(f"{W}styleId", ""): _look(s) for s in root.iter(f"{W}style")}

    def chain(self, style: str) -> Iterator[Look]:
        """The style and what it is based on, nearest first; a circle ends where it closes."""
        seen: set[str] = set()
        while style in self._looks and style not in seen:
            seen.add(style)
            yield self._looks[style]
            style = self._looks[style].base

    def says(self, style: str, name: str) -> object:
        return next((said for look in self.chain(style) if (said := getattr(look, name)) is not None), None)


def read_sheet(content: bytes) -> Sheet:
    """The paper's text in order. Raises `TemplateFault` for what is no Word document."""
    members = archive.read(content)
    if DOCUMENT not in members:
        raise TemplateFault("TEMPLATE_NOT_WORD", member=DOCUMENT)
    styles = Styles(_tree(members, STYLES) if STYLES in members else None)
    body = _tree(members, DOCUMENT).find(f"{W}body")
    if body is None:
        raise TemplateFault("TEMPLATE_NOT_WORD", member=DOCUMENT)
    footers = [_tree(members, name) for name in sorted(members) if name.startswith("word/footer")]
    lines = (_line(p, styles) for footer in footers for p in footer.iter(f"{W}p"))
    return Sheet(tuple(_blocks(body, styles)), tuple(dict.fromkeys(line for line in lines if line.text.strip())))


def _tree(members: Mapping[str, bytes], name: str) -> etree._Element:
    try:
        return etree.fromstring(members[name], etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise TemplateFault("TEMPLATE_NOT_WORD", member=name) from error


# -- blocks ------------------------------------------------------------------------------------------------------------


def _blocks(parent: etree._Element, styles: Styles) -> Iterator[Block]:
    for element in parent:
        if element.tag == f"{W}p":
            yield _line(element, styles)
        elif element.tag == f"{W}tbl":
            yield _grid(element, styles)
        elif element.tag == f"{W}sdt":
            for content in element.iterchildren(f"{W}sdtContent"):
                yield from _blocks(content, styles)


def _grid(table: etree._Element, styles: Styles) -> Grid:
    style = _value(table, f"{W}tblPr/{W}tblStyle")
    own = table.find(f"{W}tblPr/{W}tblBorders") is not None
    columns = tuple(int(column.get(f"{W}w", "0")) for column in table.iterfind(f"{W}tblGrid/{W}gridCol"))
    rows = tuple(_row(row, columns, styles) for row in table.iterchildren(f"{W}tr"))
    return Grid(rows, columns, own or bool(styles.says(style, "ruled")))


def _row(row: etree._Element, columns: tuple[int, ...], styles: Styles) -> Row:
    return Row(tuple(_cells(row, columns, styles)), row.find(f"{W}trPr/{W}tblHeader") is not None)


def _cells(row: etree._Element, columns: tuple[int, ...], styles: Styles) -> Iterator[Cell]:
    first = 0
    for cell in row.iterchildren(f"{W}tc"):
        span = int(_value(cell, f"{W}tcPr/{W}gridSpan") or 1)
        width = sum(columns[first : first + span])
        share = round(12 * width / sum(columns)) if sum(columns) else 12
        yield Cell(tuple(_blocks(cell, styles)), span, min(12, max(1, share)))
        first += span


def _line(paragraph: etree._Element, styles: Styles) -> Line:
    style = _value(paragraph, f"{W}pPr/{W}pStyle")
    own = ALIGNMENTS.get(_value(paragraph, f"{W}pPr/{W}jc"))
    pieces = tuple(_pieces(paragraph, styles, style))
    every_bold = bool(pieces) and all(piece.bold for piece in pieces if piece.text.strip())
    return Line(
        pieces,
        own or cast(Alignment, styles.says(style, "alignment") or "start"),
        every_bold and bool(styles.says(style, "keeps_next")),
        _switch(paragraph, f"{W}pPr/{W}pageBreakBefore") or bool(styles.says(style, "new_page")),
    )


def _pieces(paragraph: etree._Element, styles: Styles, style: str) -> Iterator[Piece]:
    for run in paragraph.iter(f"{W}r"):
        text = "".join(_text(run))
        if text:
            bold, italic = (_switch(run, f"{W}rPr/{W}{mark}") for mark in ("b", "i"))
            yield Piece(
                text,
                _value(run, f"{W}rPr/{W}lang").partition("-")[0],
                bool(styles.says(style, "bold") if bold is None else bold),
                bool(styles.says(style, "italic") if italic is None else italic),
            )


def _text(run: etree._Element) -> Iterator[str]:
    for element in run:
        if element.tag == f"{W}t":
            yield element.text or ""
        else:
            yield BARE_WHITESPACE.get(str(element.tag), "")


# -- properties --------------------------------------------------------------------------------------------------------


def _look(style: etree._Element) -> Look:
    return Look(
        _value(style, f"{W}basedOn"),
        ALIGNMENTS.get(_value(style, f"{W}pPr/{W}jc")),
        _switch(style, f"{W}rPr/{W}b"),
        _switch(style, f"{W}rPr/{W}i"),
        _switch(style, f"{W}pPr/{W}keepNext"),
        _switch(style, f"{W}pPr/{W}pageBreakBefore"),
        True if style.find(f"{W}tblPr/{W}tblBorders") is not None else None,
    )


def _value(element: etree._Element, path: str) -> str:
    found = element.find(path)
    return "" if found is None else found.get(f"{W}val", "")


def _switch(element: etree._Element, path: str) -> bool | None:
    """A Word switch: absent = not said, present without a value = on."""
    found = element.find(path)
    return None if found is None else found.get(f"{W}val", "1") not in OFF
