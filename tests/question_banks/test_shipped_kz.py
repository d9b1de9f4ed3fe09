"""The bank of another country that ships: 40 twin groups in Kazakh and Russian, kept apart from those of Kyrgyzstan."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from gift_export.reader import read
from question_banks.bank import Bank, BankError, citations_of, difficulties_of
from question_banks.blueprints import Cell, Design, draw_paper, feed
from question_banks.files import SHIPPED, read_folder, shipped_banks, shipped_folders, shipped_sources
from question_banks.manifest import parse_head
from question_banks.model import MultichoiceQuestion
from question_banks.rules import check_bank
from question_banks.selection import Blueprint, Section, SelectionError, can_feed, draw_form

LANGUAGES = ("kk", "ru")
THIRTY = Blueprint((Section("general", 30),))


@cache
def kazakh() -> Bank:
    (bank,) = shipped_banks(read, "KZ")
    return bank


@cache
def kyrgyz() -> tuple[Bank, ...]:
    return shipped_banks(read)


def asked(language: str) -> list[MultichoiceQuestion]:
    versions = [item.versions[language] for item in kazakh().items]
    return [question for question in versions if isinstance(question, MultichoiceQuestion)]


# ---------------------------------------------------------------------------------------------------- the questions


def test_forty_twin_groups_of_the_general_block_in_kazakh_and_russian() -> None:
    assert (kazakh().id, kazakh().block, kazakh().jurisdiction) == ("general-kz", "general", "KZ")
    assert kazakh().languages == LANGUAGES
    assert len(kazakh().items) == 40
    assert all(set(item.versions) == set(LANGUAGES) for item in kazakh().items)


@pytest.mark.parametrize("language", LANGUAGES)
def test_five_options_one_key_and_the_key_evenly_over_the_places(language: str) -> None:
    places: Counter[int] = Counter()
    for question in asked(language):
        fractions = [answer.fraction for answer in question.answers]
        assert sorted(fractions) == [0, 0, 0, 0, 1], question.idnumber
        places[fractions.index(1)] += 1
    assert places == dict.fromkeys(range(5), 8)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_says_how_hard_it_is_and_all_degrees_occur(language: str) -> None:
    told = Counter(difficulties_of(question) for question in asked(language))
    assert set(told) == {("easy",), ("medium",), ("hard",)}
    assert min(told.values()) >= 8


def test_neither_reader_nor_rules_find_anything() -> None:
    folder = read_folder(SHIPPED / "general-kz")
    readings = {language: read(text.text) for language, text in folder.texts.items()}
    assert [reading.problems for reading in readings.values() if reading.problems] == []
    assert check_bank(folder, {language: reading.questions for language, reading in readings.items()}) == ()


def test_every_citation_resolves_and_every_own_point_is_cited() -> None:
    cited = {place for item in kazakh().items for place in item.citations}
    sources = shipped_sources("KZ")
    assert [str(place) for place in cited if not place.resolves(sources)] == []
    own = {id_: sources[id_] for id_ in sources if id_ not in shipped_sources()}
    points = {f"{id_}#{point}" for id_, source in own.items() for point in source.points if point != "unverified"}
    assert points <= {str(place) for place in cited}
    assert all({"kk", "ky", "ru"} <= set(source.titles) for source in own.values())
    assert all({"kk", "ru"} <= set(gist) for source in own.values() for gist in source.points.values())


def test_twins_cite_the_same_places() -> None:
    for item in kazakh().items:
        assert len({citations_of(question) for question in item.versions.values()}) == 1, item.id


def test_the_questions_lie_in_a_tree_of_their_own() -> None:
    assert {question.category.split("/")[0] for language in LANGUAGES for question in asked(language)} == {"KZ"}
    kyrgyz_questions = (q for bank in kyrgyz() for item in bank.items for q in item.versions.values())
    assert {question.category.split("/")[0] for question in kyrgyz_questions} == {"KG"}


def test_the_bank_says_that_it_awaits_approval() -> None:
    assert kazakh().status == "demonstration: to be approved by the authorised body before real use"


# ------------------------------------------------------------------------------------------------------ the country


@pytest.mark.parametrize(
    ("line", "country"), [('jurisdiction = "KZ"', "KZ"), ('jurisdiction = "KG"', "KG"), ("", "KG")]
)
def test_a_head_names_its_country_and_is_kyrgyz_where_it_names_none(line: str, country: str) -> None:
    assert parse_head(_head(line), "bank.toml").jurisdiction == country


@pytest.mark.parametrize(
    "line", ['jurisdiction = "kz"', 'jurisdiction = "UZ"', "jurisdiction = 7", 'jurisdiction = ""']
)
def test_a_country_nobody_knows_is_refused(line: str) -> None:
    with pytest.raises(BankError) as refused:
        parse_head(_head(line), "bank.toml")
    assert (refused.value.code, refused.value.params["key"]) == ("BANK_TOML_TYPE", "jurisdiction")


def _head(line: str) -> str:
    text = (SHIPPED / "general" / "bank.toml").read_text(encoding="utf-8")
    assert 'jurisdiction = "KG"\n' in text
    return text.replace('jurisdiction = "KG"\n', f"{line}\n")


def test_every_shipped_head_says_its_country_itself() -> None:
    heads = {folder.head.id: folder for folder in shipped_folders()}
    for name, folder in heads.items():
        assert f'jurisdiction = "{folder.head.jurisdiction}"' in (SHIPPED / name / "bank.toml").read_text("utf-8")
    assert {name for name, folder in heads.items() if folder.head.jurisdiction == "KZ"} == {"general-kz"}


def test_banks_are_handed_out_by_country() -> None:
    assert {bank.jurisdiction for bank in kyrgyz()} == {"KG"}
    assert kazakh().id not in {bank.id for bank in kyrgyz()}
    assert shipped_banks(read, "UZ") == ()


def test_sources_of_the_other_country_are_not_offered() -> None:
    assert not any(id_.startswith("kz-") for id_ in shipped_sources())
    assert {"kz-law-416-2015", "seed-004"} <= set(shipped_sources("KZ"))


def test_the_country_does_not_change_the_hash() -> None:
    """Papers drawn before heads named a country are recomputed by the bank's hash."""
    assert replace(kyrgyz()[0], jurisdiction="KZ").hash == kyrgyz()[0].hash


def test_a_form_is_drawn_from_one_country_only() -> None:
    groups = {item.id for item in kazakh().items}
    assert groups.isdisjoint(item.id for bank in kyrgyz() for item in bank.items)
    own = {item.group for item in draw_form(kyrgyz(), THIRTY, "seed", 0)}
    assert own.isdisjoint(groups)
    assert {item.group for item in draw_form([kazakh()], THIRTY, "seed", 0)} < groups
    assert can_feed(THIRTY, [kazakh()]).feasible


def test_banks_of_two_countries_feed_no_form() -> None:
    both = [*kyrgyz(), kazakh()]
    design = Design((Cell("general", 5),))
    for draw in (
        lambda: draw_form(both, THIRTY, "seed", 0),
        lambda: can_feed(THIRTY, both),
        lambda: feed(design, both),
        lambda: draw_paper(design, both, "seed", 0),
    ):
        with pytest.raises(SelectionError) as refused:
            draw()
        assert (refused.value.code, refused.value.params["countries"]) == ("SELECT_JURISDICTIONS", "KG, KZ")
