"""A Word file as plain lines with what a question list needs to know of each: its number or letter, marks, boldness."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from gift_export.office_files import check_archive
from gift_export.problems import Problem, problem

Level: TypeAlias = Literal["", "number", "letter", "bullet"]
LINE_LIMIT: Final = 50_000
_BREAK: Final = re.compile(r"[\n\v\f]")
_LETTER_FORMATS: Final = frozenset({"lowerLetter", "upperLetter", "russianLower", "russianUpper", "lowerRoman"})


class WordLine(NamedTuple):
    """A line of the text, or the rows of a table.

    `paragraph` counts paragraphs and tables from 1. `level` is what automatic numbering puts in front, `depth` how far
    in. `emphasis` is the share of the visible characters that stand out, by way of standing out. `picture` tells of a
    drawing. `odd`: letters that look otherwise than they are read, by way: `raised` (or lowered), `struck`.
    """

    paragraph: int
    text: str
    level: Level = ""
    depth: int = 0
    emphasis: frozenset[str] = frozenset()
    picture: bool = False
    table: tuple[tuple[str, ...], ...] = ()
    odd: Mapping[str, str] = MappingProxyType({})


def word_lines(data: bytes) -> tuple[list[WordLine], Problem | None]:
    """The lines of a .docx; nothing and the reason where it cannot or may not be opened."""
    refusal = check_archive(data, "word/document.xml")
    if refusal is not None:
        return [], refusal
    try:
        document = docx.Document(io.BytesIO(data))
        lines = list(itertools.islice(_lines(document), LINE_LIMIT + 1))
    except Exception as broken:  # noqa: BLE001  # the library raises whatever a broken part makes it raise
        return [], problem("E_OFFICE_FILE", 0, 0, reason=type(broken).__name__)
    if len(lines) > LINE_LIMIT:
        return [], problem("E_OFFICE_SIZE", 0, 0, limit=LINE_LIMIT)
    return lines, None


def _lines(document: Document) -> Iterator[WordLine]:
    numbering, styles = _Numbering(document), _Styles()
    for number, block in enumerate(document.iter_inner_content(), 1):
        if isinstance(block, Table):
            rows = tuple(tuple(cell.text.strip() for cell in row.cells) for row in block.rows)
            yield WordLine(number, "", table=rows)
        else:
            yield from _paragraph(block, number, numbering, styles)


def _paragraph(paragraph: Paragraph, number: int, numbering: _Numbering, styles: _Styles) -> Iterator[WordLine]:
    """Its lines: a break inside a paragraph begins a new one, as it does for the reader's eye."""
    level, depth = numbering.of(paragraph, styles)
    pictures = bool(paragraph._p.xpath(".//w:drawing | .//w:pict"))  # noqa: SLF001  # the library has no other way
    parts: list[list[tuple[str, frozenset[str]]]] = [[]]
    odd: list[dict[str, str]] = [{}]
    for run in paragraph.runs:
        ways = _odd_ways(run)
        for at, piece in enumerate(_BREAK.split(run.text)):
            if at:
                parts.append([])
                odd.append({})
            parts[-1].append((piece, _standing_out(run, styles)))
            if piece.strip():
                odd[-1] |= {way: f"{odd[-1].get(way, '')} {piece.strip()}".strip() for way in ways}
    for at, pieces in enumerate(parts):
        text = "".join(piece for piece, _ in pieces).strip()
        if text or (pictures and not at):
            shown = pictures and not at
            yield WordLine(number, text, level if not at else "", depth, _emphasis(pieces), shown, odd=odd[at])


class _Styles:
    """What the styles say, each looked up once: the library searches all styles of the file at every question."""

    def __init__(self) -> None:
        self._bold: dict[str | None, bool] = {}
        self._numbered: dict[str | None, Any] = {}

    def bold(self, run: Any) -> bool:
        name = run._r.style  # noqa: SLF001  # the library has no other way to the name without the search
        if name not in self._bold:
            self._bold[name] = run.style is not None and bool(run.style.font.bold)
        return self._bold[name]

    def numbered(self, paragraph: Paragraph) -> Any:
        """The numbering that the paragraph's style brings along; None without one."""
        name = paragraph._p.style  # noqa: SLF001  # as above
        if name not in self._numbered:
            style = paragraph.style
            self._numbered[name] = _child(style.element.pPr, "w:numPr") if style is not None else None
        return self._numbered[name]


def _standing_out(run: Any, styles: _Styles) -> frozenset[str]:
    """How a run differs from plain text: bold, underlined, highlighted, coloured."""
    ways = set()
    font = run.font
    if run.bold or (run.bold is None and styles.bold(run)):
        ways.add("bold")
    if run.underline:
        ways.add("underline")
    if font.highlight_color is not None:
        ways.add("highlight")
    colour = font.color.rgb if font.color is not None else None
    if colour is not None and str(colour) not in ("000000", "auto"):
        ways.add("colour")
    return frozenset(ways)


def _odd_ways(run: Any) -> list[str]:
    """How the letters of a run look otherwise than they are read."""
    font = run.font
    raised = ["raised"] if font.superscript or font.subscript else []
    return raised + (["struck"] if font.strike or font.double_strike else [])


def _emphasis(pieces: Sequence[tuple[str, frozenset[str]]]) -> frozenset[str]:
    """The ways in which more than half of the letters stand out; the label in front often does not."""
    letters = sum(_letters(piece) for piece, _ in pieces)
    ways = {way for _, found in pieces for way in found}
    return frozenset(
        way for way in ways if sum(_letters(piece) for piece, found in pieces if way in found) * 2 > letters
    )


def _letters(text: str) -> int:
    return sum(sign.isalnum() for sign in text)


class _Numbering:
    """What automatic numbering shows in front of a paragraph: a number, a letter or a bullet."""

    def __init__(self, document: Document) -> None:
        self._formats: dict[tuple[str, int], str] = {}
        part = next((one for one in document.part.package.parts if str(one.partname) == "/word/numbering.xml"), None)
        element = getattr(part, "element", None)
        if element is None:
            return
        abstract = {
            one.get(qn("w:abstractNumId")): {
                int(level.get(qn("w:ilvl"), "0")): _value(level.find(qn("w:numFmt")))
                for level in one.findall(qn("w:lvl"))
            }
            for one in element.findall(qn("w:abstractNum"))
        }
        for one in element.findall(qn("w:num")):
            for level, found in abstract.get(_value(one.find(qn("w:abstractNumId"))), {}).items():
                self._formats[one.get(qn("w:numId")), level] = found

    def of(self, paragraph: Paragraph, styles: _Styles) -> tuple[Level, int]:
        numbered = _child(paragraph._p.pPr, "w:numPr")  # noqa: SLF001  # the library has no other way to numbering
        if numbered is None:
            numbered = styles.numbered(paragraph)
        number = _value(_child(numbered, "w:numId"))
        if number in ("", "0"):
            return "", 0
        depth = int(_value(_child(numbered, "w:ilvl")) or "0")
        found = self._formats.get((number, depth), "decimal")
        if found in _LETTER_FORMATS:
            return "letter", depth
        return ("bullet" if found in ("bullet", "none") else "number"), depth


def _child(element: Any, name: str) -> Any:
    return element.find(qn(name)) if element is not None else None


def _value(element: Any) -> str:
    return element.get(qn("w:val"), "") if element is not None else ""
