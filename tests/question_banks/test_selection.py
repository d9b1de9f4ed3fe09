"""Drawing forms: exact, without repetition, recomputable, and fair."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_banks.bank import Bank, Citation, Topic, TwinGroup
from question_banks.model import Answer, MultichoiceQuestion, Question
from question_banks.selection import (
    Blueprint,
    Section,
    SelectionError,
    Stream,
    can_feed,
    draw_form,
    form_fingerprint,
)
from tests.question_banks.building import bank

SEEDS = st.text(min_size=1, max_size=20).filter(lambda seed: bool(seed.strip()))


def plain(count: int, block: str = "general") -> Blueprint:
    return Blueprint((Section(block, count),))


def groups(banks: list[Bank], blueprint: Blueprint, seed: str, variant: int = 0) -> tuple[str, ...]:
    return tuple(item.group for item in draw_form(banks, blueprint, seed, variant))


# ------------------------------------------------------------------------------------------------------ the form


@given(SEEDS, st.integers(0, 10_000), st.data())
@settings(max_examples=60, deadline=None)
def test_a_form_has_exactly_the_asked_questions_and_none_twice(seed: str, variant: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(0, 40))
    count = data.draw(st.integers(0, size))
    form = draw_form([bank(size)], plain(count), seed, variant)
    assert len(form) == count
    assert len({item.group for item in form}) == count
    assert [item.place for item in form] == list(range(1, count + 1))


@given(SEEDS, st.integers(0, 50), st.data())
@settings(max_examples=60, deadline=None)
def test_topic_quotas_are_met_exactly_and_the_rest_comes_from_other_topics(
    seed: str, variant: int, data: st.DataObject
) -> None:
    quotas = {"a": data.draw(st.integers(0, 10)), "b": data.draw(st.integers(0, 10))}
    rest = data.draw(st.integers(0, 10))
    section = Section("general", sum(quotas.values()) + rest, quotas)
    form = draw_form([bank(30, topics=("a", "b", "c"))], Blueprint((section,)), seed, variant)
    counted = Counter(item.topic for item in form)
    assert {topic: counted[topic] for topic in ("a", "b", "c")} == {**quotas, "c": rest}


def test_sections_follow_each_other_and_places_go_on() -> None:
    blueprint = Blueprint((Section("general", 3), Section("subject", 2)))
    form = draw_form([bank(5), bank(5, name="sub", block="subject")], blueprint, "seed", 0)
    assert [(item.place, item.block, item.bank) for item in form] == [
        (1, "general", "demo"),
        (2, "general", "demo"),
        (3, "general", "demo"),
        (4, "subject", "sub"),
        (5, "subject", "sub"),
    ]


def test_a_blueprint_knows_its_length() -> None:
    assert Blueprint((Section("general", 30), Section("subject", 25))).count == 55


def test_the_language_is_chosen_after_the_draw() -> None:
    item = draw_form([bank(5)], plain(1), "seed", 0)[0]
    assert item.idnumber("ky") == f"{item.group}.ky"
    assert item.idnumber("ru") == f"{item.group}.ru"


def test_banks_of_one_block_are_drawn_from_together() -> None:
    form = draw_form([bank(3), bank(3, name="more")], plain(6), "seed", 0)
    assert Counter(item.bank for item in form) == {"demo": 3, "more": 3}


def test_an_empty_section_draws_nothing() -> None:
    assert draw_form([bank(3)], plain(0), "seed", 0) == ()


def test_withdrawn_groups_are_never_drawn() -> None:
    blueprint = Blueprint((Section("general", 8),), withdrawn=frozenset({"demo-0003", "demo-0007"}))
    whole = bank(10)
    drawn = {group for variant in range(50) for group in groups([whole], blueprint, "seed", variant)}
    assert drawn == {f"demo-{n:04d}" for n in range(10)} - blueprint.withdrawn


def test_a_group_without_a_twin_is_never_drawn() -> None:
    whole = bank(4)
    lame = replace(whole.items[0], versions={"ky": whole.items[0].versions["ky"]})
    crippled = replace(whole, items=(lame, *whole.items[1:]))
    assert whole.items[0].id not in groups([crippled], plain(3), "seed")
    with pytest.raises(SelectionError) as refused:
        draw_form([crippled], plain(4), "seed", 0)
    assert (refused.value.code, refused.value.params["available"]) == ("SELECT_TOO_FEW", 3)


# ------------------------------------------------------------------------------------------------- recomputable


@given(SEEDS, st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_the_same_seed_gives_the_same_form(seed: str, variant: int) -> None:
    assert draw_form([bank(40)], plain(30), seed, variant) == draw_form([bank(40)], plain(30), seed, variant)


@given(SEEDS, SEEDS)
@settings(max_examples=40, deadline=None)
def test_another_seed_gives_another_form(one: str, other: str) -> None:
    # Two orders of 30 out of 40 are equal by chance once in 10**41.
    same = groups([bank(40)], plain(30), one) == groups([bank(40)], plain(30), other)
    assert same == (one == other)


def test_variants_are_all_different() -> None:
    whole = bank(40)
    forms = {groups([whole], plain(30), "seed", variant) for variant in range(200)}
    assert len(forms) == 200


def test_the_order_of_questions_in_the_file_does_not_matter() -> None:
    straight = bank(20)
    reversed_ = replace(straight, items=straight.items[::-1])
    assert draw_form([straight], plain(10), "seed", 3) == draw_form([reversed_], plain(10), "seed", 3)


def test_the_order_of_banks_does_not_matter() -> None:
    one, two = bank(10), bank(10, name="more")
    assert draw_form([one, two], plain(10), "seed", 3) == draw_form([two, one], plain(10), "seed", 3)


def test_a_changed_bank_gives_another_form() -> None:
    whole = bank(40)
    question = whole.items[0].versions["ru"]._replace(text="другой текст")
    changed = replace(whole.items[0], versions={**whole.items[0].versions, "ru": question})
    other = replace(whole, items=(changed, *whole.items[1:]))
    assert groups([whole], plain(30), "seed") != groups([other], plain(30), "seed")


def test_another_section_leaves_a_section_as_it_was() -> None:
    banks = [bank(20), bank(20, name="sub", block="subject")]
    alone = draw_form(banks, plain(10), "seed", 1)
    both = draw_form(banks, Blueprint((Section("general", 10), Section("subject", 5))), "seed", 1)
    assert both[:10] == alone


def test_the_generator_follows_its_written_recipe() -> None:
    """Recomputed here by hand: a later version of the product must draw the papers of today."""
    key = hashlib.sha256(b'["kyzmat-form/1","\\u0441\\u0438\\u0434",7,"general",[["demo","abc"]]]').digest()
    words = []
    for counter in range(2):
        block = hashlib.sha256(key + counter.to_bytes(8, "big")).digest()
        words += [int.from_bytes(block[start : start + 8], "big") for start in (0, 8, 16, 24)]
    stream = Stream("сид", 7, "general", [["demo", "abc"]])
    assert [stream.below(1000) for _ in range(8)] == [word % 1000 for word in words]


KNOWN_BANK = "2672231af19864b9f53a31dfe4342fdd843c17cf92fbc6bca66c2435a0fd9db1"
KNOWN_FORM = "known-5 known-11 known-8 known-7 known-6"
KNOWN_FINGERPRINT = "0850b0cf4c0c63d52b6fdd4f825e7a867204123e13b3614db315440975259480"


def known_bank() -> Bank:
    """Spelled out here on purpose: nothing else may change what the frozen form is drawn from."""
    items = []
    for number in range(12):
        versions: dict[str, Question] = {}
        for language, stem in (("ky", "Суроо"), ("ru", "Вопрос")):
            answers = tuple(Answer(f"{number + step}", 1.0 if step == number % 5 else 0.0) for step in range(5))
            name = f"known-{number}"
            versions[language] = MultichoiceQuestion(name, f"{stem} {number}?", answers, idnumber=f"{name}.{language}")
        items.append(TwinGroup(f"known-{number}", "topic", (Citation("act", "p1"),), versions))
    topics = (Topic("topic", {}, "topic"),)
    return Bank("known", {}, "general", "1", "test", ("ky", "ru"), "KG", topics, 5, tuple(items))


def test_a_known_form_stays_known() -> None:
    """Frozen when the recipes of hash and draw were written: if it fails, old papers can no longer be recomputed."""
    assert known_bank().hash == KNOWN_BANK
    form = draw_form([known_bank()], plain(5), "2026-11-22 Бишкек", 4)
    assert " ".join(item.group for item in form) == KNOWN_FORM
    assert form_fingerprint(form) == KNOWN_FINGERPRINT


def test_the_fingerprint_tells_forms_apart() -> None:
    form = draw_form([bank(12)], plain(5), "seed", 0)
    assert form_fingerprint(form) == form_fingerprint(tuple(form))
    assert form_fingerprint(form) != form_fingerprint(form[::-1])
    assert form_fingerprint(form) != form_fingerprint(draw_form([bank(12)], plain(5), "seed", 1))


# ------------------------------------------------------------------------------------------------------------ fair


def chi_square(counts: list[int], expected: float) -> float:
    return sum((count - expected) ** 2 / expected for count in counts)


def test_every_question_is_drawn_equally_often() -> None:
    """3,000 forms of 6 out of 20: the counts' chi-square is about (1 - 6/20) times that of 19 degrees of freedom."""
    whole = bank(20)
    counts = Counter(group for variant in range(3000) for group in groups([whole], plain(6), "fair", variant))
    # 99.99th percentile of chi-square with 19 degrees is 50.8; drawing without repetition only lowers it.
    assert chi_square([counts[item.id] for item in whole.items], 3000 * 6 / 20) < 50.8


def test_every_pair_is_drawn_equally_often() -> None:
    whole = bank(6)
    counts: Counter[tuple[str, ...]] = Counter()
    for variant in range(4000):
        counts[tuple(sorted(groups([whole], plain(2), "pairs", variant)))] += 1
    pairs = list(combinations(sorted(item.id for item in whole.items), 2))
    # 15 equally likely pairs: 14 degrees of freedom, 99.99th percentile 42.6.
    assert chi_square([counts[pair] for pair in pairs], 4000 / 15) < 42.6


def test_every_order_comes_equally_often() -> None:
    whole = bank(4)
    counts = Counter(groups([whole], plain(4), "orders", variant) for variant in range(4800))
    # 24 orders: 23 degrees of freedom, 99.99th percentile 56.9.
    assert len(counts) == 24
    assert chi_square(list(counts.values()), 200) < 56.9


def test_below_is_even_where_a_plain_remainder_would_not_be() -> None:
    """Three quarters of 2**64: a plain remainder would give the lower third of the results twice as often."""
    n = 3 * 2**62
    stream = Stream("bias")
    low = sum(stream.below(n) < n // 3 for _ in range(6000))
    assert 1850 < low < 2150  # 2000 expected, standard deviation 36.5; the biased draw would give 3000


@given(st.integers(1, 2**64), SEEDS)
def test_below_stays_below(n: int, seed: str) -> None:
    stream = Stream(seed)
    assert all(0 <= stream.below(n) < n for _ in range(5))


@pytest.mark.parametrize("n", [0, -1, 2**64 + 1])
def test_below_refuses_what_it_cannot_draw(n: int) -> None:
    with pytest.raises(ValueError, match=str(n)):
        Stream("x").below(n)


# -------------------------------------------------------------------------------------------------------- capacity


def test_capacity_counts_papers_and_overlap() -> None:
    banks = [bank(40), bank(40, name="sub", block="subject")]
    capacity = can_feed(Blueprint((Section("general", 30), Section("subject", 30))), banks)
    assert capacity.feasible
    assert capacity.papers == comb(40, 30) ** 2
    assert capacity.expected_overlap == 45


def test_the_expected_overlap_is_what_candidates_share() -> None:
    whole, blueprint = bank(12), plain(6)
    forms = [set(groups([whole], blueprint, "overlap", variant)) for variant in range(120)]
    shared = [len(one & other) for one, other in combinations(forms, 2)]
    assert can_feed(blueprint, [whole]).expected_overlap == Fraction(3)
    assert abs(sum(shared) / len(shared) - 3) < 0.15


def test_capacity_of_quotas() -> None:
    section = Section("general", 5, {"a": 2})
    capacity = can_feed(Blueprint((section,)), [bank(9, topics=("a", "b", "c"))])
    assert [(demand.topic, demand.needed, demand.available) for demand in capacity.demands] == [("a", 2, 3), ("", 3, 6)]
    assert capacity.papers == comb(3, 2) * comb(6, 3)
    assert capacity.expected_overlap == Fraction(4, 3) + Fraction(9, 6)


def test_capacity_tells_a_shortage_instead_of_failing() -> None:
    capacity = can_feed(plain(4), [bank(3)])
    assert not capacity.feasible
    assert [(demand.needed, demand.available) for demand in capacity.shortages] == [(4, 3)]
    assert capacity.papers == 0


def test_capacity_of_an_empty_bank() -> None:
    capacity = can_feed(plain(0), [bank(0)])
    assert (capacity.feasible, capacity.papers, capacity.expected_overlap) == (True, 1, Fraction(0))


# --------------------------------------------------------------------------------------------------------- refusals

REFUSALS = [
    ("SELECT_SEED_EMPTY", [bank(3)], plain(1), " ", 0),
    ("SELECT_VARIANT_NEGATIVE", [bank(3)], plain(1), "s", -1),
    ("SELECT_NO_BANK", [bank(3)], plain(1, "subject"), "s", 0),
    ("SELECT_TOO_FEW", [bank(3)], plain(4), "s", 0),
    ("SELECT_TOO_FEW_OF_TOPIC", [bank(3)], Blueprint((Section("general", 4, {"law": 4}),)), "s", 0),
    ("SELECT_QUOTA_OVER", [bank(3)], Blueprint((Section("general", 1, {"law": 2}),)), "s", 0),
    ("SELECT_COUNT_NEGATIVE", [bank(3)], plain(-1), "s", 0),
    ("SELECT_COUNT_NEGATIVE", [bank(3)], Blueprint((Section("general", 1, {"law": -1}),)), "s", 0),
    ("SELECT_UNKNOWN_TOPIC", [bank(3)], Blueprint((Section("general", 1, {"sport": 1}),)), "s", 0),
    ("SELECT_BLOCK_TWICE", [bank(3)], Blueprint((Section("general", 1), Section("general", 1))), "s", 0),
    ("SELECT_GROUP_TWICE", [bank(3), replace(bank(3), id="copy")], plain(1), "s", 0),
    ("SELECT_JURISDICTIONS", [bank(3), replace(bank(3, name="kz"), jurisdiction="KZ")], plain(1), "s", 0),
]


@pytest.mark.parametrize(("code", "banks", "blueprint", "seed", "variant"), REFUSALS)
def test_refusals(code: str, banks: list[Bank], blueprint: Blueprint, seed: str, variant: int) -> None:
    with pytest.raises(SelectionError) as refused:
        draw_form(banks, blueprint, seed, variant)
    assert refused.value.code == code
