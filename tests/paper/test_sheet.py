"""A paper read back for a page: every word of it, in order, with its language and look."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date

import docx
import pytest

from docs_templates import samples
from docs_templates.renderer import TemplatePaperMaker
from docs_templates.sheet import read_sheet
from flask_app.ports.paper import PaperFacts, Registration, TemplateFault
from flask_app.ports.sheet import Block, Grid, Line, Sheet

REGISTERED = Registration("17-К", date(2026, 11, 23))
PAPERS: dict[str, PaperFacts] = {
    "D11": samples.result_sheet(12, REGISTERED),
    "D16": samples.protocol(4, REGISTERED),
    "D19": samples.order(REGISTERED),
    "D53": samples.training_report(5, REGISTERED),
}


@pytest.fixture(params=PAPERS)
def paper(request: pytest.FixtureRequest, maker: TemplatePaperMaker) -> bytes:
    return maker.render(PAPERS[request.param]).content


@pytest.fixture
def protocol(maker: TemplatePaperMaker) -> Sheet:
    return read_sheet(maker.render(PAPERS["D16"]).content)


def lines(blocks: tuple[Block, ...]) -> Iterator[Line]:
    for block in blocks:
        if isinstance(block, Line):
            yield block
        else:
            for row in block.rows:
                for cell in row.cells:
                    yield from lines(cell.blocks)


def test_no_word_is_lost(paper: bytes) -> None:
    """python-docx reads the same file by other means."""
    document = docx.Document(io.BytesIO(paper))
    wanted = [p.text for p in document.element.body.iter("{*}p") if p.text]
    assert [line.text for line in lines(read_sheet(paper).blocks) if line.text] == wanted


def test_every_line_has_the_language_it_is_written_in(paper: bytes) -> None:
    said = [line for line in lines(read_sheet(paper).blocks) if line.text.strip()]
    assert {line.language for line in said} <= {"ky", "ru"}
    assert {"ky", "ru"} <= {line.language for line in said}


def test_titles_stand_in_the_middle_and_rulings_are_kept(protocol: Sheet) -> None:
    by_text = {line.text: line for line in lines(protocol.blocks)}
    title = by_text["КОНКУРСТУК КОМИССИЯНЫН ЖЫЙЫНЫНЫН ПРОТОКОЛУ"]
    assert (title.alignment, title.language) == ("centre", "ky")
    assert by_text["Катышкандар"].heading
    grids = [block for block in protocol.blocks if isinstance(block, Grid)]
    assert {grid.ruled for grid in grids} == {True, False}
    for grid in (grid for grid in grids if grid.ruled):
        assert grid.rows[0].head
        assert {sum(cell.span for cell in row.cells) for row in grid.rows} == {len(grid.columns)}


def test_the_russian_part_begins_a_page(protocol: Sheet) -> None:
    annex, first, _ = [line for line in lines(protocol.blocks) if line.new_page]
    assert annex.text.startswith("Протоколго тиркеме")
    assert first.language in ("ru", "")
    assert "Айыл окмоту" in first.text


def test_the_footer_is_told_once(protocol: Sheet) -> None:
    (line,) = protocol.footer
    assert "kg-mun-2006 v1" in line.text


@pytest.mark.parametrize("content", [b"", b"PK", b"%PDF-1.7"])
def test_what_is_no_word_document_is_refused(content: bytes) -> None:
    with pytest.raises(TemplateFault):
        read_sheet(content)


@pytest.mark.parametrize("document", [None, b"<not xml", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_a_package_without_a_body_is_refused(document: bytes | None) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        if document is not None:
            package.writestr("word/document.xml", document)
    with pytest.raises(TemplateFault):
        read_sheet(made.getvalue())
