"""D03, the announcement: its items in both languages, the mark of agreement, no number, no half translation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from docs_templates import samples
from docs_templates.renderer import TemplatePaperMaker
from flask_app.ports.paper import AnnouncementItem, Bilingual, CompetitionAnnouncement, PaperRefused, Registration
from tests.paper.word import CP, DC, Paper

LETTER = Registration("01-3/214", date(2026, 10, 11))
DRAFT = samples.announcement()
FULL = len(DRAFT.items)


def printed(maker: TemplatePaperMaker, facts: CompetitionAnnouncement) -> Paper:
    return Paper(maker.render(facts).content)


def with_item(place: int, ky: str, ru: str) -> CompetitionAnnouncement:
    items = list(DRAFT.items)
    items[place] = AnnouncementItem(items[place].name, Bilingual(ky, ru))
    return replace(DRAFT, items=tuple(items))


def test_every_item_stands_in_both_parts_in_the_order_of_the_act(maker: TemplatePaperMaker) -> None:
    paper = printed(maker, DRAFT)
    for language in ("ky", "ru"):
        text, place = paper.text(language), 0
        for number, item in enumerate(DRAFT.items, 1):
            name, said = (getattr(pair, language) for pair in (item.name, item.text))
            for wanted in (f"{number}. {name}", *said.split("\n")):
                place = text.index(wanted, place)
    assert "ОБЪЯВЛЕНИЕ О КОНКУРСЕ" in paper.text("ru")
    assert "КОНКУРС ЖӨНҮНДӨ КУЛАКТАНДЫРУУ" in paper.text("ky")
    assert f"Основание: {samples.DECREE.ru}, пункт: не сверен" in paper.text("ru")


@pytest.mark.parametrize(
    ("letter", "ky", "ru", "status"),
    [
        (None, "№ ________, 20___-жылдын «___» __________", "№ ________, «___» ____________ 20___ г.", "Draft"),
        (LETTER, "№ 01-3/214, 2026-жылдын 11-октябры", "№ 01-3/214, 11 октября 2026 г.", "Final"),
    ],
)
def test_the_mark_of_agreement(
    letter: Registration | None, ky: str, ru: str, status: str, maker: TemplatePaperMaker
) -> None:
    paper = printed(maker, samples.announcement(letter))
    for language, mark, wanted in (("ky", "МАКУЛДАШЫЛДЫ", ky), ("ru", "СОГЛАСОВАНО", ru)):
        text = paper.text(language).replace("\u00a0", " ")
        assert wanted in text[text.index(mark) :]
    assert paper.core(f"{CP}contentStatus") == status


def test_the_file_knows_what_it_is(maker: TemplatePaperMaker) -> None:
    paper = printed(maker, DRAFT)
    assert paper.core(f"{DC}title") == "Конкурс жөнүндө кулактандыруу"
    assert paper.core(f"{DC}subject") == samples.POSITION.ky
    assert paper.core(f"{DC}creator") == samples.BODY.name.ky


@pytest.mark.parametrize("place", [0, 3, FULL - 1])
def test_half_a_translation_is_not_printed(place: int, maker: TemplatePaperMaker) -> None:
    paper = printed(maker, with_item(place, "кыргызча", " \n "))
    assert "ОБЪЯВЛЕНИЕ" not in paper.text("ru")
    assert "кыргызча" in paper.text("ky")


@pytest.mark.parametrize("place", [0, 3, FULL - 1])
def test_without_the_whole_original_nothing_is_printed(place: int, maker: TemplatePaperMaker) -> None:
    with pytest.raises(PaperRefused) as refused:
        maker.render(with_item(place, " \n", "по-русски"))
    assert refused.value.code == "PAPER_BLANK"
    assert DRAFT.items[place].name.ru in str(refused.value.params["field"])


def test_markup_and_lines_stay_what_they_are(maker: TemplatePaperMaker) -> None:
    paper = printed(maker, with_item(3, "бир <b>&\n\n  эки {{ x }}", "раз <w:p/>\r\nдва {% x %}"))
    assert {"бир <b>&", "эки {{ x }}"} <= set(paper.text("ky").split("\n"))
    assert {"раз <w:p/>", "два {% x %}"} <= set(paper.text("ru").split("\n"))
