"""Questions that ask the same: planted repetitions are found, others are left alone, twins repeat nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_app.bench.duplicates import measure
from gift_export.reader import read
from question_banks import duplicates
from question_banks.bank import BankText
from question_banks.duplicates import SAME_QUESTION, Probe, near_duplicates, probe_of
from question_banks.files import shipped_folders
from question_banks.findings import Sheet, sheet
from question_banks.rules import check_across
from tests.question_banks.building import folder, head, question

STEM = "Кто утверждает состав конкурсной комиссии при проведении открытого конкурса на вакантную должность"
KEY = ("руководитель органа местного самоуправления",)
_LINE = "алма бугу вакыт гүл дарак еңке жер зат ийне кум лента мээ нан ооз пил ром суу таш үй фонд чач шаар эл юрта"
WORDS = _LINE.split()


def probe(owner: object, stem: str, key: tuple[str, ...] = KEY, language: str = "ru") -> Probe:
    return Probe(str(owner), language, stem, key)


def pairs(*probes: Probe) -> list[tuple[int, int]]:
    return [(found.first, found.second) for found in near_duplicates(probes)]


@pytest.mark.parametrize(
    "edited",
    [
        STEM,
        STEM.upper(),
        f"<p>{STEM}?</p>",
        STEM.replace("утверждает", "определяет"),
        STEM.replace("состав конкурсной комиссии", "составы конкурсных комиссий"),
        STEM.replace("открытого ", ""),
        " ".join(reversed(STEM.split())),
        STEM.replace("о", "o", 3),
        f"Скажите, {STEM}",
    ],
)
def test_an_edited_question_is_found(edited: str) -> None:
    assert pairs(probe(1, STEM), probe(2, edited)) == [(0, 1)]


@pytest.mark.parametrize(
    ("stem", "key"),
    [
        (STEM, ("общее собрание жителей айылного аймака и депутаты кенеша",)),
        ("Какой документ удостоверяет трудовой стаж при подаче на конкурс?", KEY),
        (STEM.replace("конкурсной комиссии", "кадрового резерва") + " 2 уровня", KEY),
    ],
)
def test_another_question_is_left_alone(stem: str, key: tuple[str, ...]) -> None:
    assert pairs(probe(1, f"{STEM} 1 уровня"), probe(2, stem, key)) == []


def test_other_figures_ask_something_else() -> None:
    assert pairs(probe(1, f"{STEM} по статье 5"), probe(2, f"{STEM} по статье 6")) == []
    assert pairs(probe(1, f"{STEM} по статье 5"), probe(2, f"{STEM} по статье")) == [(0, 1)]


def test_twins_do_not_repeat_each_other() -> None:
    assert pairs(probe(1, STEM), probe(1, STEM, language="ky"), probe(2, STEM)) == [(0, 2)]


def test_a_question_left_in_another_language_is_found_there() -> None:
    assert pairs(probe(1, STEM, language="ru"), probe(2, STEM, language="ky")) == [(0, 1)]


def figured(owner: str, language: str, stem: str, key: str, cited: str = "act#p1") -> Probe:
    options = ("10", "20", key, "40", "50")
    return Probe(owner, language, stem, (key,), options, (cited,))


def test_the_same_question_in_two_languages_without_twins_is_known_by_its_figures() -> None:
    ru = figured("a", "ru", "Через сколько дней по Указу № 327", "30 дней")
    ky = figured("b", "ky", "№ 327 Жарлык боюнча канча күндө", "30 күн")
    (found,) = near_duplicates([ru, ky])
    assert (found.first, found.second, found.kind) == (0, 1, "figures")
    assert near_duplicates([ru, ky._replace(cited=("act#p2",))]) == ()
    assert near_duplicates([ru, ky._replace(options=("11", "20", "30", "40", "50"))]) == ()
    both = [ru, figured("a", "ky", "Жарлык № 5", "1"), ky]
    assert near_duplicates(both) == (), "what can be compared in one language is compared there"


def jaccard(first: set[str], second: set[str]) -> float:
    return len(first & second) / len(first | second)


@settings(max_examples=60)
@given(st.lists(st.sets(st.sampled_from(WORDS), min_size=4, max_size=12), min_size=2, max_size=25))
def test_what_is_reported_is_so_and_exact_repetitions_are_never_missed(sets: list[set[str]]) -> None:
    probes = [probe(at, " ".join(sorted(words)), ()) for at, words in enumerate(sets)]
    found = {one.second: one for one in near_duplicates(probes)}
    for one in found.values():
        assert one.first < one.second
        assert one.share == pytest.approx(jaccard(sets[one.first], sets[one.second]))
        assert one.share >= SAME_QUESTION
    for at, words in enumerate(sets):
        assert (at in found) or words not in sets[:at]


def _replaced(chance: random.Random, words: list[str]) -> list[str]:
    return [*words[:-1], "башкача"]


def _left_out(chance: random.Random, words: list[str]) -> list[str]:
    return [word for at, word in enumerate(words) if at != chance.randrange(len(words))]


def _shuffled(chance: random.Random, words: list[str]) -> list[str]:
    return chance.sample(words, len(words))


@pytest.mark.parametrize("edit", [_replaced, _left_out, _shuffled])
def test_recall_on_edited_variants(edit: Callable[[random.Random, list[str]], list[str]]) -> None:
    """Of 300 questions of natural length, each repeated with an edit, at least 99 in 100 repetitions are found."""
    chance = random.Random(7)
    vocabulary = [f"{one}{two}{end}" for one in WORDS for two in WORDS for end in ("", "лар", "дын")]
    originals = [chance.sample(vocabulary, chance.randint(12, 20)) for _ in range(300)]
    probes = [probe(at, " ".join(words), ()) for at, words in enumerate(originals)]
    probes += [probe(300 + at, " ".join(edit(chance, words)), ()) for at, words in enumerate(originals)]
    found = {(one.first, one.second) for one in near_duplicates(probes)}
    expected = {(at, 300 + at) for at, words in enumerate(originals)}
    assert len(expected & found) >= 297
    assert found - expected == set()


def test_one_template_filled_in_a_thousand_times_is_one_finding_each() -> None:
    probes = [probe(n, f"{STEM} {WORDS[n % 23]}{WORDS[n // 23 % 23]}") for n in range(500)]
    assert {one.second for one in near_duplicates(probes)} == set(range(1, 500))


def test_the_bench_finds_what_it_planted() -> None:
    measured = measure(1500)
    assert measured["planted"] == 30
    assert measured["planted_found"] == 30
    assert measured["found"] == 30


def alone(name: str) -> Sheet:
    """A bank of one question, the same in every bank."""
    text = "кайсы орган шаардык бюджетти бекитет жана анын аткарылышын көзөмөлдөйт"
    own = folder(("ky",), head=replace(head(("ky",)), id=name), texts={"ky": BankText(f"{name}.gift", "")})
    return sheet(own, {"ky": [question(f"{name}-1", text=text)]})


def test_a_question_of_another_bank_is_named_with_its_bank() -> None:
    (found,) = check_across((alone("one"), alone("two")))
    assert (found.code, found.file) == ("BANK_ALIKE", "two.gift")
    assert (found.params["other"], found.params["bank"], found.params["percent"]) == ("one-1", "one", 100)


def test_the_shipped_banks_repeat_nothing_across_each_other() -> None:
    whole = [
        sheet(one, {language: read(text.text).questions for language, text in one.texts.items()})
        for one in shipped_folders()
    ]
    assert check_across(whole) == ()
    assert len({probe_of(one.head.id, entry).owner for one in whole for entry in one.entries}) >= 80
    assert duplicates.near_duplicates([]) == ()
