"""The banks that ship: 120 + 120 twin groups in Kyrgyz and Russian, without a single finding."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from gift_export.reader import read
from question_banks.bank import DIFFICULTIES, Bank, citations_of, difficulties_of
from question_banks.files import shipped_banks, shipped_folders, shipped_sources
from question_banks.rules import check_bank
from question_banks.selection import Blueprint, Section, can_feed, draw_form

GROUPS = {"general": 120, "subject": 120}
BANKS = tuple(GROUPS)


@cache
def shipped() -> dict[str, Bank]:
    return {bank.id: bank for bank in shipped_banks(read)}


def test_the_two_blocks_of_the_test_ship() -> None:
    assert tuple(shipped()) == BANKS
    assert tuple(bank.block for bank in shipped().values()) == BANKS


@pytest.mark.parametrize("name", BANKS)
def test_as_many_twin_groups_as_promised_in_two_languages(name: str) -> None:
    bank = shipped()[name]
    assert len(bank.items) == GROUPS[name]
    assert all(set(item.versions) == {"ky", "ru"} for item in bank.items)


@pytest.mark.parametrize("name", BANKS)
def test_five_options_and_one_right_answer(name: str) -> None:
    for item in shipped()[name].items:
        for question in item.versions.values():
            assert question.qtype == "multichoice"
            assert sorted(answer.fraction for answer in question.answers) == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("name", BANKS)
@pytest.mark.parametrize("language", ["ky", "ru"])
def test_the_key_is_spread_evenly_over_the_five_places(name: str, language: str) -> None:
    keys: Counter[int] = Counter()
    for item in shipped()[name].items:
        question = item.versions[language]
        assert question.qtype == "multichoice"
        keys[[answer.fraction for answer in question.answers].index(1)] += 1
    assert keys == dict.fromkeys(range(5), GROUPS[name] // 5)


@pytest.mark.parametrize("name", BANKS)
def test_every_question_says_how_hard_its_author_finds_it(name: str) -> None:
    """A blueprint may ask for so many easy, medium and hard questions: each must be there and be counted once."""
    found = [difficulties_of(question) for item in shipped()[name].items for question in item.versions.values()]
    assert {len(named) for named in found} == {1}
    assert {named[0] for named in found} == set(DIFFICULTIES)


def test_neither_reader_nor_rules_find_anything() -> None:
    for folder in shipped_folders():
        readings = {language: read(text.text) for language, text in folder.texts.items()}
        assert {language: reading.problems for language, reading in readings.items() if reading.problems} == {}
        assert check_bank(folder, {language: reading.questions for language, reading in readings.items()}) == ()


def test_every_citation_resolves() -> None:
    sources = shipped_sources()
    cited = [place for bank in shipped().values() for item in bank.items for place in item.citations]
    assert len(cited) >= sum(GROUPS.values())
    assert [str(place) for place in cited if not place.resolves(sources)] == []


def test_twins_cite_the_same_places() -> None:
    for bank in shipped().values():
        for item in bank.items:
            assert len({citations_of(question) for question in item.versions.values()}) == 1, item.id


def test_ids_are_unique_over_all_banks() -> None:
    groups = [item.id for bank in shipped().values() for item in bank.items]
    assert len(set(groups)) == len(groups) == sum(GROUPS.values())


def test_the_banks_say_that_they_await_approval() -> None:
    assert {bank.status for bank in shipped().values()} == {
        "demonstration: to be approved by the authorised body before real use"
    }


def test_titles_are_given_in_three_languages() -> None:
    for bank in shipped().values():
        assert set(bank.titles) == {"ky", "ru", "en"}
        assert all(set(topic.titles) == {"ky", "ru", "en"} for topic in bank.topics)


def test_the_banks_feed_the_test_of_thirty_and_thirty() -> None:
    """The seed's test: 30 general and 30 subject questions (seed-003, line 118)."""
    blueprint = Blueprint((Section("general", 30), Section("subject", 30)))
    banks = tuple(shipped().values())
    capacity = can_feed(blueprint, banks)
    assert capacity.feasible
    assert capacity.expected_overlap == 15
    form = draw_form(banks, blueprint, "a seed", 0)
    assert Counter(item.block for item in form) == {"general": 30, "subject": 30}
    assert len({item.group for item in form}) == 60
