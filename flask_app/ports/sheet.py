"""A paper as a page can show it: the text of its DOCX, in order, with what matters of its look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Alignment = Literal["start", "centre", "end"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one look. `language` as in HTML (`ky`, `ru`); empty: not said."""

    text: str
    language: str = ""
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph. `heading`: it stands over what follows. `new_page`: it begins a page."""

    pieces: tuple[Piece, ...]
    alignment: Alignment = "start"
    heading: bool = False
    new_page: bool = False

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def language(self) -> str:
        """The one language of all its pieces, or empty."""
        languages = {piece.language for piece in self.pieces}
        return languages.pop() if len(languages) == 1 else ""


@dataclass(frozen=True, slots=True)
class Cell:
    """`span`: columns of the grid. `share`: of the grid's width, in twelfths."""

    blocks: tuple[Block, ...]
    span: int = 1
    share: int = 12


@dataclass(frozen=True, slots=True)
class Row:
    """`head`: repeated at the top of each page."""

    cells: tuple[Cell, ...]
    head: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; `ruled` ones hold data, the others only put text side by side. `columns`: twentieths of a point."""

    rows: tuple[Row, ...]
    columns: tuple[int, ...]
    ruled: bool


Block: TypeAlias = Line | Grid


@dataclass(frozen=True, slots=True)
class Sheet:
    """The blocks of a paper; `footer`: what stands under every page."""

    blocks: tuple[Block, ...]
    footer: tuple[Line, ...] = ()
