"""WordprocessingML in small pieces. Widths in millimetres, sizes in points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from docs_templates.words import Language

LOCALES: dict[Language, str] = {"ky": "ky-KG", "ru": "ru-RU"}
TWIPS_PER_MM = 1440 / 25.4


def twips(millimetres: float) -> int:
    return round(millimetres * TWIPS_PER_MM)


def run(text: str, language: Language, *, bold: bool = False) -> str:
    weight = "<w:b/>" if bold else ""
    return (
        f'<w:r><w:rPr>{weight}<w:lang w:val="{LOCALES[language]}"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    )


def paragraph(style: str, *runs: str, keep_next: bool = False, new_page: bool = False) -> str:
    keep = "<w:keepNext/>" if keep_next else ""
    page = "<w:pageBreakBefore/>" if new_page else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{keep}{page}</w:pPr>{"".join(runs)}</w:p>'


def control(expression: str) -> str:
    """A paragraph that only steers: `for line in ky.basis`, `endfor`, `if …`; nothing of it is printed."""
    return f"<w:p><w:r><w:t>{{%p {escape(expression)} %}}</w:t></w:r></w:p>"


def each(expression: str, *blocks: str) -> str:
    """The blocks once for every item."""
    return control(f"for {expression}") + "".join(blocks) + control("endfor")


def when(condition: str, then: str, otherwise: str = "") -> str:
    middle = control("else") + otherwise if otherwise else ""
    return control(f"if {condition}") + then + middle + control("endif")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a style of paragraph and its text. `line` draws the lower edge to sign on, `low` lets the text sink."""

    text: str
    language: Language
    style: str = "Cell"
    bold: bool = False
    keep_next: bool = False
    line: bool = False
    low: bool = False

    def xml(self, width: float) -> str:
        align = '<w:vAlign w:val="bottom"/>' if self.low else ""
        edge = '<w:tcBorders><w:bottom w:val="single" w:sz="4" w:space="0" w:color="auto"/></w:tcBorders>'
        return (
            f'<w:tc><w:tcPr><w:tcW w:w="{twips(width)}" w:type="dxa"/>{edge if self.line else ""}'
            f"{align}</w:tcPr>"
            f"{paragraph(self.style, run(self.text, self.language, bold=self.bold), keep_next=self.keep_next)}</w:tc>"
        )


def row(widths: Sequence[float], cells: Sequence[Cell], *, header: bool = False) -> str:
    """A row that does not split over pages; a header row is repeated on each."""
    return bare_row((cell.xml(width) for cell, width in zip(cells, widths, strict=True)), header=header)


def bare_row(cells: Iterable[str], *, header: bool = False) -> str:
    repeat = "<w:tblHeader/>" if header else ""
    inner = "".join(cells)
    return f"<w:tr><w:trPr><w:cantSplit/>{repeat}</w:trPr>{inner}</w:tr>"


def steering_row(expression: str, columns: int, width: float) -> str:
    return (
        f'<w:tr><w:tc><w:tcPr><w:tcW w:w="{twips(width)}" w:type="dxa"/><w:gridSpan w:val="{columns}"/></w:tcPr>'
        f"<w:p><w:r><w:t>{{%tr {escape(expression)} %}}</w:t></w:r></w:p></w:tc></w:tr>"
    )


def each_row(expression: str, widths: Sequence[float], *rows: str) -> str:
    """The rows once for every item."""
    opening = steering_row(f"for {expression}", len(widths), sum(widths))
    return opening + "".join(rows) + steering_row("endfor", len(widths), sum(widths))


def table(widths: Sequence[float], rows: Iterable[str], *, ruled: bool = True) -> str:
    """A table of fixed widths with its grid, without which LibreOffice ignores them."""
    style = "Ruled" if ruled else "Bare"
    grid = "".join(f'<w:gridCol w:w="{twips(width)}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{twips(sum(widths))}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )
