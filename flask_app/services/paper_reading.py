"""A version of a paper on the screen: its text, what differs from the version before, its pages as PDF."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from uuid import UUID

from flask_app.domain.errors import NotFound
from flask_app.domain.identity import Actor
from flask_app.ports.sheet import Block, Grid, Line, Sheet
from flask_app.services import audit
from flask_app.services.office import Office, Work
from flask_app.services.paper_shelf import PaperPage, PaperRow, paper_page, version_content


@dataclass(frozen=True, slots=True)
class Change:
    """Lines that left and lines that came in their place; either may be empty."""

    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """`changes`: against the version before, None for the first one."""

    page: PaperPage
    number: int
    sheet: Sheet
    changes: tuple[Change, ...] | None


def read_version(work: Work, document_id: UUID, number: int) -> Reading:
    """Raises `NotFound` for an unknown paper or version, another body's, and one the actor may not view."""
    page = paper_page(work, document_id)
    hashes = {version.number: version.sha256 for version in page.versions}
    if number not in hashes:
        raise NotFound("object.unknown", type="DocumentVersion")
    audit.record(work, "document.opened", "document", document_id, after={"number": number, "shown_as": "page"})
    sheet = _sheet(work, hashes[number])
    before = _sheet(work, hashes[number - 1]) if number - 1 in hashes else None
    return Reading(page, number, sheet, None if before is None else tuple(differences(before, sheet)))


def pdf_of(office: Office, actor: Actor, document_id: UUID, number: int) -> tuple[PaperRow, bytes]:
    """The version's pages. The press works outside the transaction: it takes seconds."""
    with office.work(actor) as work:
        row, docx = version_content(work, document_id, number, "pdf")
    return row, office.viewer.pdf(docx)


def differences(before: Sheet, after: Sheet) -> Iterator[Change]:
    """Line by line, in the order of the newer one; a line that moved leaves and comes."""
    old, new = list(_texts(before.blocks)), list(_texts(after.blocks))
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield Change(tuple(old[i:j]), tuple(new[k:m]))


def _sheet(work: Work, sha256: str) -> Sheet:
    return work.office.viewer.sheet(work.office.files.get(sha256))


def _texts(blocks: tuple[Block, ...]) -> Iterator[str]:
    """A line of text, or a row of a table as one line."""
    for block in blocks:
        if isinstance(block, Line):
            if block.text.strip():
                yield block.text
        else:
            yield from _rows(block)


def _rows(grid: Grid) -> Iterator[str]:
    for row in grid.rows:
        text = " | ".join(filter(None, (" ".join(_texts(cell.blocks)) for cell in row.cells)))
        if text:
            yield text
