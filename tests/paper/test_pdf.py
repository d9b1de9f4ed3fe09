"""What LibreOffice makes of the papers: pages, numbers, faces, and signatures that never stand alone.

One conversion for all: starting LibreOffice costs more than a paper.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest

from docs_templates import samples
from docs_templates.renderer import TemplatePaperMaker
from flask_app.ports.paper import PaperFacts, Registration

REGISTERED = Registration("17-К", date(2026, 11, 23))
COUNTS = range(3, 15)  # more and more candidates push the signatures over a page's end at some of these
PAPERS: Mapping[str, PaperFacts] = {
    "D03": samples.announcement(REGISTERED),
    "D11": samples.result_sheet(40, REGISTERED),
    "D19": samples.order(REGISTERED),
    "D53": samples.training_report(14, REGISTERED),
    **{f"D16-{count}": samples.protocol(count, REGISTERED) for count in COUNTS},
}
Pages = list[str]


@pytest.fixture(scope="session")
def pdf(maker: TemplatePaperMaker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with all papers as PDF, made with a profile of its own."""
    office = shutil.which("soffice")
    assert office, "LibreOffice is needed: make system-deps"
    folder = tmp_path_factory.mktemp("pdf")
    for name, facts in PAPERS.items():
        (folder / f"{name}.docx").write_bytes(maker.render(facts).content)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    files = [str(folder / f"{name}.docx") for name in PAPERS]
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder


@pytest.fixture(scope="session")
def printed(pdf: Path) -> Mapping[str, Pages]:
    """Paper -> the text of its pages; no-break spaces as spaces."""
    readers = {name: pypdf.PdfReader(pdf / f"{name}.pdf") for name in PAPERS}
    return {
        name: [page.extract_text().replace("\u00a0", " ") for page in reader.pages] for name, reader in readers.items()
    }


def compact(text: str) -> str:
    """Without spaces and line ends: a line may break at a hyphen."""
    return "".join(text.split())


@pytest.mark.parametrize("name", PAPERS)
def test_pages_are_numbered_from_the_second(name: str, printed: Mapping[str, Pages]) -> None:
    text = printed[name]

    assert len(text) >= 2
    assert not text[0].split()[0].isdigit()
    assert [page.split()[0] for page in text[1:]] == [str(number) for number in range(2, len(text) + 1)]


@pytest.mark.parametrize("name", PAPERS)
def test_every_page_says_where_it_comes_from(name: str, printed: Mapping[str, Pages]) -> None:
    for page in printed[name]:
        assert "kg-mun-2006 v1" in page
        assert PAPERS[name].frame.document_id in page


@pytest.mark.parametrize("name", PAPERS)
def test_one_face_has_all_the_letters(name: str, pdf: Path) -> None:
    """A face without ң ө ү would be helped out by another one, in the middle of a word."""
    sheets: list[Any] = list(pypdf.PdfReader(pdf / f"{name}.pdf").pages)
    fonts = [font.get_object()["/BaseFont"] for sheet in sheets for font in sheet["/Resources"]["/Font"].values()]
    faces = {font.partition("+")[2].partition("-")[0] for font in fonts}

    assert len(faces) == 1


def test_kyrgyz_letters_come_out(printed: Mapping[str, Pages]) -> None:
    text = " ".join(printed["D16-14"])

    assert "Чыңгыз кызы" in text
    assert "Төрөкулов Улан Түгөлбаевич" in " ".join(text.split())


@pytest.mark.parametrize("name", PAPERS)
def test_the_russian_part_begins_a_page(name: str, printed: Mapping[str, Pages]) -> None:
    text = printed[name]
    body = compact(samples.BODY.name.ru)
    openings = [compact(page) for page in text if body in compact(page)]

    assert len(openings) == 2  # the letterhead over the original, and the Russian part's own
    assert openings[1].index(body) <= 2  # after the page number


@pytest.mark.parametrize("count", COUNTS)
def test_signatures_never_stand_alone(count: int, printed: Mapping[str, Pages]) -> None:
    """The page with the chair's signature has all of them, and text of the protocol before them."""
    text = printed[f"D16-{count}"]
    for chair, secretary, before in (
        ("Комиссиянын төрагасы", "Комиссиянын катчысы", "Тиркемелер"),
        ("Председатель комиссии", "Секретарь комиссии", "Приложения"),
    ):
        (page,) = [page for page in text if chair in page]
        assert before in page
        assert secretary in page[page.index(chair) :]


@pytest.mark.parametrize("name", ["D11", "D16-14", "D53"])
def test_headings_do_not_end_a_page(name: str, printed: Mapping[str, Pages]) -> None:
    """Nothing but text or a table may be last above the footer."""
    headings = (
        "Катышкандар", "Катышпагандар", "Колдонулган эрежелер", "Күн тартиби", "ЧЕЧИМ КЫЛЫНДЫ:", "Тиркемелер",
        "Присутствовали", "Отсутствовали", "Применённые правила", "Повестка дня", "РЕШИЛИ:", "Приложения",
    )  # fmt: skip
    for page in printed[name]:
        lines = [line.strip() for line in page.splitlines() if line.strip() and "kg-mun-2006 v1" not in line]
        assert lines[-1] not in headings


def test_a_long_table_repeats_its_head(printed: Mapping[str, Pages]) -> None:
    text = printed["D11"]
    for head, part in (("Аты-жөнү", text[:4]), ("Ф. И. О.", text[4:])):
        rows = [page for page in part if "19.11.2026" in page]
        assert len(rows) >= 3
        assert all(head in page for page in rows)


def test_no_row_is_split(printed: Mapping[str, Pages]) -> None:
    """Forty people, twice; a split row would leave part of a name on the page before."""
    text = [compact(page) for page in printed["D11"]]
    for part in (text[:4], text[4:]):
        for name in samples.people(40):
            assert any(compact(name) in page for page in part)
