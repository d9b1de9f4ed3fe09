"""One language's part of a paper: the blocks that all papers share, with fields of that language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docs_templates.drafting.package import Page
from docs_templates.drafting.word import Cell, bare_row, each, each_row, paragraph, row, run, table, when
from docs_templates.words import Language, Words


@dataclass(frozen=True, slots=True)
class Part:
    """`words` speaks the part's language; its fields start with the language: `ky.frame.number`."""

    words: Words
    page: Page

    @property
    def language(self) -> Language:
        return self.words.language

    def say(self, code: str) -> str:
        return self.words.say(code)

    def field(self, path: str) -> str:
        """`frame.number` -> `{{ ky.frame.number }}`"""
        return f"{{{{ {self.language}.{path} }}}}"

    def p(self, style: str, text: str, *, keep_next: bool = False) -> str:
        return paragraph(style, run(text, self.language), keep_next=keep_next)

    def cell(self, text: str, style: str = "Cell") -> Cell:
        return Cell(text, self.language, style)

    def letterhead(self) -> str:
        """The original opens with the body in both languages; the Russian part begins a page, with its own language."""
        return _both_heads(self.page) if self.language == "ky" else _own_head(self)

    def requisites(self, date: str) -> str:
        """Date, place and number on one line."""
        width = self.page.text_width
        widths = (width * 0.46, width * 0.30, width * 0.24)
        cells = (
            self.cell(self.field(date), "Requisite"),
            self.cell(self.field("frame.place"), "RequisiteCentre"),
            self.cell(self.field("frame.number"), "RequisiteRight"),
        )
        return table(widths, [row(widths, cells)], ruled=False)

    def heads(self, *codes: str) -> list[Cell]:
        return [self.cell(self.say(code), "CellHead") for code in codes]

    def grid(self, widths: Sequence[float], codes: Sequence[str], loop: str, cells: Sequence[Cell]) -> str:
        """A ruled table: repeated header row, one row for every item of the loop."""
        return table(widths, [row(widths, self.heads(*codes), header=True), each_row(loop, widths, row(widths, cells))])

    def repeated(
        self, cells: Sequence[Cell], widths: Sequence[float], place: int, loop: str, *, header: bool = False
    ) -> str:
        """A row whose column at `place` is repeated (`block in row.blocks`).

        It takes three cells, of which only the middle one is printed.
        """
        inner = [cell.xml(width) for cell, width in zip(cells, widths, strict=True)]
        item, style = loop.partition(" ")[0], "CellHead" if header else "CellCentre"
        inner[place] = "".join(
            self.cell(text, style).xml(widths[place])
            for text in (f"{{%tc for {loop} %}}", f"{{{{ {item} }}}}", "{%tc endfor %}")
        )
        return bare_row(inner, header=header)

    def pairs(self, lines: Sequence[tuple[str, str]], style: str = "Requisite") -> str:
        """Label and value, one pair a line; values never need inflection."""
        width = self.page.text_width
        widths = (width * 0.34, width * 0.66)
        rows = [row(widths, (self.cell(label, style), self.cell(value, style))) for label, value in lines]
        return table(widths, rows, ruled=False)

    def figures(self, lines: Sequence[tuple[str, str]]) -> str:
        """A ruled table of names and numbers, the numbers to the right."""
        width = self.page.text_width
        widths = (width * 0.7, width * 0.3)
        rows = [row(widths, (self.cell(label), self.cell(value, "CellRight"))) for label, value in lines]
        return table(widths, rows)

    def rules(self) -> str:
        """The rules that were applied, with act and point; no table where none are given."""
        scale = self.page.text_width / 165
        widths = [part * scale for part in (9, 40, 46, 70)]
        cells = [
            self.cell("{{ rule.number }}", "CellCentre"),
            *(self.cell(f"{{{{ rule.{name} }}}}") for name in ("name", "value", "source")),
        ]
        codes = ("common.number_sign", "common.rule", "common.rule_value", "common.rule_source")
        grid = self.grid(widths, codes, f"rule in {self.language}.rules", cells)
        return when(f"{self.language}.rules", self.p("Heading", self.say("common.rules")) + grid)

    def signatures(self, loop: str, label: str = "line.label", name: str = "line.name") -> str:
        """Post, line to sign on, name: rows that stay together, with the text before them and a gap behind."""
        widths = self._signature_widths()
        cells = self._signature_cells(f"{{{{ {label} }}}}", f"{{{{ {name} }}}}")
        return table(widths, [each_row(loop, widths, row(widths, cells))], ruled=False) + self.gap()

    def signature(self, label: str, name: str) -> str:
        widths = self._signature_widths()
        return table(widths, [row(widths, self._signature_cells(label, name))], ruled=False) + self.gap()

    def _signature_widths(self) -> tuple[float, ...]:
        width = self.page.text_width
        return (width * 0.36, width * 0.14, width * 0.02, width * 0.48)

    def _signature_cells(self, label: str, name: str) -> tuple[Cell, ...]:
        return (
            Cell(label, self.language, "Signature", low=True),
            Cell("", self.language, "Signature", line=True, low=True),
            Cell("", self.language, "Signature", low=True),
            Cell(name, self.language, "Signature", low=True),
        )

    def gap(self) -> str:
        """A paragraph of no height: two tables must not touch, and a kept block ends here."""
        return paragraph("Gap")

    def entries(self, loop: str, text: str) -> str:
        return each(loop, self.p("Entry", text))


def _both_heads(page: Page) -> str:
    widths = (page.text_width / 2, page.text_width / 2)
    languages: tuple[Language, ...] = ("ky", "ru")
    names = [Cell(f"{{{{ {language}.frame.body_name }}}}", language, "Letterhead") for language in languages]
    addresses = [Cell(f"{{{{ {language}.frame.address }}}}", language, "Address", line=True) for language in languages]
    return table(widths, [row(widths, names), row(widths, addresses)], ruled=False) + paragraph("Gap")


def _own_head(part: Part) -> str:
    name = paragraph("Letterhead", run(part.field("frame.body_name"), part.language), new_page=True)
    return name + part.p("AddressRuled", part.field("frame.address"))
