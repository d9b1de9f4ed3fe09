"""The file itself: sound, repeatable, and indifferent to hostile names."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from docs_templates import archive, samples
from docs_templates.registry import TEMPLATES
from docs_templates.renderer import TemplatePaperMaker, facts_sha256
from flask_app.ports.paper import Bilingual, PaperFacts, PaperRefused
from tests.paper.word import Paper, W

SAMPLES = [template.sample() for template in TEMPLATES.values()]
KINDS = list(TEMPLATES)
HOSTILE = 'A < B & "C" {{ 7*7 }} {% for x in y %} ]]> <w:p/> \'; {_{ }_} ${x}'


@pytest.mark.parametrize("facts", SAMPLES, ids=KINDS)
def test_the_same_facts_give_the_same_bytes(facts: PaperFacts) -> None:
    one, other = TemplatePaperMaker().render(facts), TemplatePaperMaker().render(facts)

    assert one == other
    assert one.facts_sha256 == facts_sha256(facts)


@pytest.mark.parametrize("facts", SAMPLES, ids=KINDS)
def test_other_facts_give_another_sum(facts: PaperFacts) -> None:
    other = replace(facts, frame=replace(facts.frame, author_login="someone.else"))

    assert facts_sha256(other) != facts_sha256(facts)


@pytest.mark.parametrize("facts", SAMPLES, ids=KINDS)
def test_structure(facts: PaperFacts, maker: TemplatePaperMaker) -> None:
    paper = Paper(maker.render(facts).content)

    assert paper.broken_links() == []
    for name, content in paper.members.items():
        etree.fromstring(content)
        assert b"{{" not in content, name
        assert b"{%" not in content, name
    for table in paper.root.iter(f"{W}tbl"):
        grid = table.findall(f"{W}tblGrid/{W}gridCol")
        rows = table.findall(f"{W}tr")
        assert rows
        assert {len(row.findall(f"{W}tc")) for row in rows} == {len(grid)}
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)


@pytest.mark.parametrize("facts", SAMPLES, ids=KINDS)
def test_every_run_of_text_says_its_language(facts: PaperFacts, maker: TemplatePaperMaker) -> None:
    paper = Paper(maker.render(facts).content)
    expected = {"ky": {"ky-KG", "ru-RU"}, "ru": {"ru-RU"}}  # the letterhead over the original is in both languages

    for language, part in paper.parts.items():
        runs = [run for block in part for run in block.iter(f"{W}r") if run.find(f"{W}t") is not None]
        marks = [run.find(f"{W}rPr/{W}lang") for run in runs]
        assert all(mark is not None for mark in marks)
        assert {mark.get(f"{W}val") for mark in marks if mark is not None} == expected[language]


@pytest.mark.parametrize("facts", SAMPLES, ids=KINDS)
def test_page(facts: PaperFacts, maker: TemplatePaperMaker) -> None:
    """A4, margins 30-15-20-20 mm, a header with the page number on all pages but the first."""
    paper = Paper(maker.render(facts).content)
    section = paper.blocks[-1]
    size, margin = section.find(f"{W}pgSz"), section.find(f"{W}pgMar")
    assert size is not None
    assert margin is not None

    assert {size.get(f"{W}w"), size.get(f"{W}h")} == {"11906", "16838"}
    assert [margin.get(f"{W}{side}") for side in ("left", "right", "top", "bottom", "header")] == [
        "1701", "850", "1134", "1134", "567",
    ]  # fmt: skip
    assert section.find(f"{W}titlePg") is not None
    assert b'w:instr=" PAGE "' in paper.members["word/header1.xml"]
    assert b"PAGE" not in paper.members["word/header2.xml"]


@pytest.mark.parametrize("facts", SAMPLES, ids=KINDS)
def test_long_tables_repeat_their_head(facts: PaperFacts, maker: TemplatePaperMaker) -> None:
    paper = Paper(maker.render(facts).content)
    heads = paper.root.findall(f".//{W}tblHeader")
    ruled = [mark for mark in paper.root.iter(f"{W}tblStyle") if mark.get(f"{W}val") == "Ruled"]

    assert bool(heads) == bool(ruled)
    for head in heads:
        row = head.getparent().getparent()  # type: ignore[union-attr] # w:trPr in w:tr
        assert row is row.getparent().find(f"{W}tr")  # type: ignore[union-attr] # the first of its table


def test_hostile_names_are_text(maker: TemplatePaperMaker) -> None:
    protocol = replace(samples.protocol(), evaluations=())
    winner = replace(protocol.votes[0], name=HOSTILE)
    chair = replace(protocol.present[0], name=HOSTILE + " II", post=Bilingual(HOSTILE, HOSTILE))
    facts = replace(
        protocol,
        position=Bilingual(HOSTILE, HOSTILE),
        votes=(winner, *protocol.votes[1:]),
        winner=HOSTILE,
        present=(chair, *protocol.present[1:]),
    )
    paper = Paper(maker.render(facts).content)

    for language in ("ky", "ru"):
        assert paper.text(language).count(HOSTILE) == 9
    assert len(list(paper.root.iter(f"{W}tbl"))) == len(
        list(Paper(maker.render(protocol).content).root.iter(f"{W}tbl"))
    )


texts = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("<>&\"'{}%#\\\u00a0\u0301үңөъ")), min_size=1)


def one_line(text: str) -> str:
    """Spaces and line ends as one space each; a no-break space is read back as a space."""
    return re.sub("[\t\n\r\x85\u2028\u2029 ]+", " ", text).strip(" ").replace("\u00a0", " ")


def printable(text: str) -> bool:
    """What XML 1.0 can hold, no marks that turn the direction, and something to see."""
    spans = (("\t", "\n"), ("\r", "\r"), (" ", "\ud7ff"), ("\ue000", "\ufffd"), ("\U00010000", "\U0010ffff"))
    allowed = all(any(first <= character <= last for first, last in spans) for character in text)
    turning = any("\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069" for character in text)
    return allowed and not turning and bool(text.strip())


@settings(deadline=None, max_examples=150)
@given(name=texts, post=texts)
def test_any_name_comes_out_as_it_went_in_or_is_refused(name: str, post: str) -> None:
    facts = replace(samples.order(), appointee=name, head_post=Bilingual(post, post))
    if not (printable(name) and printable(post)):
        with pytest.raises(PaperRefused) as refused:
            MAKER.render(facts)
        assert refused.value.code in {"PAPER_UNPRINTABLE", "PAPER_BLANK"}
        return
    paper = Paper(MAKER.render(facts).content)
    for language in ("ky", "ru"):
        cells = [cell for table in paper.tables(language) for row in table for cell in row]
        assert one_line(name) in cells
        assert one_line(post) in cells


MAKER = TemplatePaperMaker()


@pytest.mark.parametrize("facts", SAMPLES, ids=KINDS)
def test_word_libraries_open_it(facts: PaperFacts, maker: TemplatePaperMaker) -> None:
    """The archive is written by hand: another reader must agree with it, times fixed."""
    with zipfile.ZipFile(io.BytesIO(maker.render(facts).content)) as file:
        assert file.testzip() is None
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert len(set(file.namelist())) == len(file.namelist())


names = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1)
zips = st.lists(st.tuples(names, st.binary(max_size=5000)), max_size=5, unique_by=lambda member: member[0])


@given(zips)
def test_the_zip_writer(members: list[tuple[str, bytes]]) -> None:
    written = archive.write(archive.pack(name, content) for name, content in members)

    with zipfile.ZipFile(io.BytesIO(written)) as file:
        assert [(entry.filename, file.read(entry)) for entry in file.infolist()] == members
    assert list(archive.read(written).items()) == members


@pytest.mark.parametrize("blocks", [1, 2, 3, 4, 6])
def test_a_column_for_every_block(blocks: int, maker: TemplatePaperMaker) -> None:
    sheet = samples.result_sheet(2)
    rows = tuple(
        replace(row, blocks=((10, 15),) * blocks, total=10 * blocks, maximum=15 * blocks, percent="66.67", passed=True,
                reserve_eligible=False)
        for row in sheet.rows
    )  # fmt: skip
    names = tuple(Bilingual(f"{number}-блок", f"блок {number}") for number in range(1, blocks + 1))
    paper = Paper(maker.render(replace(sheet, rows=rows, block_names=names)).content)

    assert paper.table("ru", "блок 1")[0][5 : 5 + blocks] == [name.ru for name in names]
    (table,) = [
        one
        for block in paper.parts["ru"]
        for one in block.iter(f"{W}tbl")
        if "блок 1" in [node.text for node in one.iter(f"{W}t")]
    ]
    grid = [int(column.get(f"{W}w", "0")) for column in table.iter(f"{W}gridCol")]
    for row in table.iter(f"{W}tr"):
        assert [int(cell.get(f"{W}w", "0")) for cell in row.iter(f"{W}tcW")] == grid
    assert 14270 <= sum(grid) <= 14290  # 252 mm, less what whole twips leave over
