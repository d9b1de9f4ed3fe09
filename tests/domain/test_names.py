"""Names: repairs that are certain, refusals of the rest, folding and order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_app.domain.names import ALPHABET, LOOKALIKES, fold_name, is_latin, read_name, sort_key

WORDS = st.text(alphabet="абвгдеёжзиклмнңоөпрстуүыэюя", min_size=2, max_size=12).map(str.capitalize)
NAMES = st.lists(WORDS, min_size=2, max_size=4).map(" ".join).filter(lambda name: name == read_name(name).name)


@pytest.mark.parametrize(
    ("written", "name", "codes"),
    [
        ("Асанов Азамат Асан уулу", "Асанов Азамат Асан уулу", []),
        ("  КЫДЫРОВА БОЛОТ БОЛОТБЕКОВИЧ  ", "Кыдырова Болот Болотбекович", ["SPACES", "CASE"]),
        ("АСАНОВ АЗАМАТ АСАН УУЛУ", "Асанов Азамат Асан уулу", ["CASE"]),
        ("Асанова Айгүл Бакыт Кызы", "Асанова Айгүл Бакыт кызы", ["CASE"]),
        ("асан УУЛУ азамат", "Асан уулу Азамат", ["CASE"]),
        ("Эсeнкулов Айнура", "Эсенкулов Айнура", ["LOOKALIKE"]),
        ("AHAPA Асанова", "Анара Асанова", ["LOOKALIKE", "CASE"]),
        ("Ɵмүрбеков Азамат", "Өмүрбеков Азамат", ["LOOKALIKE"]),
        ("Асанов\u00a0\u00a0Азамат\n", "Асанов Азамат", ["SPACES"]),
        ("Аса\u00adнов Аза\u200bмат", "Асанов Азамат", ["SPACES"]),
        ("ИВАНОВА – ПЕТРОВА АННА", "Иванова-Петрова Анна", ["SPACES", "CASE"]),
        ("Мамедов Али Ага-Оглы", "Мамедов Али Ага-оглы", ["CASE"]),
        ("О’НИЛ ДЖОН", "О'Нил Джон", ["SPACES", "CASE"]),
        ("аСАНОВ Азамат", "Асанов Азамат", ["CASE"]),
        ("МакДоналд Иван", "МакДоналд Иван", []),
        ("Asanov Azamat", "Asanov Azamat", []),
        ("Асанов Азамат.", "Асанов Азамат", ["SPACES"]),
        ("и\u0306ова Анна", "Йова Анна", ["SPACES", "CASE"]),
    ],
)
def test_a_name_is_repaired_and_every_repair_is_named(written: str, name: str, codes: list[str]) -> None:
    reading = read_name(written)
    assert reading.name == name
    assert [repair.code for repair in reading.repairs] == [f"PERSON_NAME_{code}" for code in codes]
    assert not reading.problem
    if reading.repairs:
        assert reading.repairs[0].before == written
        assert reading.repairs[-1].after == name


@pytest.mark.parametrize(
    ("written", "problem", "detail"),
    [
        ("", "MISSING", ""),
        (" \u00a0 ", "MISSING", ""),
        ("Yсөнов Данияр", "MIXED_SCRIPTS", "Yсөнов"),  # У or Ү
        ("Асанов Бек Asan", "MIXED_SCRIPTS", "Асанов Бек Asan"),
        ("Иванoвk Бек", "MIXED_SCRIPTS", "Иванoвk"),  # k has no exact twin, so o is left alone too
        ("Асанов А.А.", "INITIALS", "А.А."),
        ("Асанов А Б", "INITIALS", "А"),
        ("Асанов", "ONE_WORD", "Асанов"),
        ("Асан уулу", "ONE_WORD", "Асан уулу"),
        ("Асанов 2 Азамат", "BAD_CHARACTER", "2"),
        ("Асанов Азамат (Бекович)", "BAD_CHARACTER", "( )"),
        ('=HYPERLINK("http://example.org","Петров Пётр")', "BAD_CHARACTER", None),
        ("-Асанов Азамат", "BAD_CHARACTER", "-"),
        ("Асанов " * 30, "TOO_LONG", "209"),
    ],
)
def test_what_is_no_name_is_refused(written: str, problem: str, detail: str | None) -> None:
    reading = read_name(written)
    assert reading.problem == f"PERSON_NAME_{problem}"
    assert detail is None or reading.detail == detail
    assert reading.repairs == ()


@given(NAMES)
def test_reading_a_good_name_again_changes_nothing(name: str) -> None:
    assert read_name(name).repairs == ()
    assert read_name(read_name(f"  {name.upper()} ").name).repairs == ()


@given(st.one_of(NAMES, st.text(alphabet="АБабёҢүҮы уулуoO-.'ъ", max_size=16)))
def test_the_short_way_for_plain_names_leads_where_the_long_one_does(name: str) -> None:
    """A sign that nobody sees sends a name the long way."""
    short, long = read_name(name), read_name(f"{name}\u200b")
    assert (short.name, short.problem, short.detail) == (long.name, long.problem, long.detail)
    assert [repair.code for repair in short.repairs if repair.code != "PERSON_NAME_SPACES"] == [
        repair.code for repair in long.repairs if repair.code != "PERSON_NAME_SPACES"
    ]
    assert (fold_name(name), sort_key(name)) == (fold_name(f"{name}\u200b"), sort_key(f"{name}\u200b"))


@given(NAMES, st.randoms(use_true_random=False))
def test_latin_twins_never_survive_in_a_cyrillic_name(name: str, chance: random.Random) -> None:
    twins = {chr(cyrillic): chr(latin) for latin, cyrillic in LOOKALIKES.items()}
    spoilt = "".join(twins[sign] if sign in twins and chance.random() < 0.5 else sign for sign in name)
    reading = read_name(spoilt)
    # A name of twins only may have lost its last Cyrillic letter: then it is a Latin name, and told as such.
    assert reading.name == name or is_latin(reading.name)


def test_kyrgyz_letters_are_never_folded_away() -> None:
    assert fold_name("Ёлкин  ПЁТР") == fold_name("елкин петр")
    assert fold_name("Өмүров Жаңыл") != fold_name("Омуров Жанил")
    assert fold_name("Жаңыл") != fold_name("Жаныл")
    assert fold_name("Үсөнов") != fold_name("Усонов")


def test_names_sort_by_the_merged_alphabet_byte_by_byte() -> None:
    words = [f"{letter}а" for letter in ALPHABET]
    assert sorted(words, key=lambda word: sort_key(word).encode()) == words
    names = ["Асан уулу Бек", "Асанов Бек", "Асанов-Бекова Ай", "Асанова Ай", "Ёлкин Пётр", "Жаныл", "Жаңыл", "Asan"]
    shuffled = random.Random(3).sample(names, len(names))
    assert sorted(shuffled, key=lambda name: sort_key(name).encode()) == names


@given(NAMES, NAMES)
def test_sort_keys_are_ascii_and_blind_to_case(one: str, other: str) -> None:
    assert sort_key(one).isascii()
    assert sort_key(one.upper()) == sort_key(one)
    assert (sort_key(one) == sort_key(other)) == (one.upper() == other.upper())


def test_letters_of_no_known_alphabet_come_last() -> None:
    assert sort_key("Їжак") > sort_key("Яя") > sort_key("Аа")
