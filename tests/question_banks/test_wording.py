"""The rules about words: letters of two alphabets, repeated questions, options that give away."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_banks.model import Question
from question_banks.wording import SAME_STEM, _alike, _share
from tests.question_banks.building import codes, findings, question

LATIN_O = "o"
LATIN_A = "a"


@pytest.mark.parametrize("word", ["кызм" + LATIN_A + "т", "Koнституция", "Жoгорку", "ɵкмот", "кызмαт", "Москва-Cити"])
def test_a_word_of_two_alphabets(word: str) -> None:
    assert codes({"ru": [question(language="ru", text=f"Что такое {word} на деле?")]}) == ["BANK_LOOKALIKE"]


def test_the_strange_letters_are_named() -> None:
    (found,) = findings({"ru": [question(language="ru", text=f"к{LATIN_O}миссия")]})
    assert (found.params["word"], found.params["letters"]) == (f"к{LATIN_O}миссия", LATIN_O)


def test_a_lookalike_in_an_option() -> None:
    options = ("бир", "эки", "алты", "жети", f"беш{LATIN_A}")
    assert codes({"ky": [question(options=options)]}) == ["BANK_LOOKALIKE"]


@pytest.mark.parametrize(
    "text",
    [
        "Что такое IT-сервис и SMS-сообщение?",
        "XX век и XVIII век, MMXXI год",
        "Портал e-Kyzmat и сайт www.gov.kg",
        "Категория В-А, Г-А, С-А и М-Б",
        "Ёлка, подъезд, щавель – «кавычки» № 5",
        "Формула <span class='cap'>воды</span>",
    ],
)
def test_sound_words(text: str) -> None:
    assert codes({"ru": [question(language="ru", text=text)]}) == []


@pytest.mark.parametrize(
    "text", ["12 км² жана 3 м³", "10⁻³ кг", "Азот N₂, 20 µм, 5 кΩ, 5 к\N{OHM SIGN}", "Ⅷ-глава, ½ставки, 1ªл"]
)
def test_figures_above_the_line_and_units_are_no_letters(text: str) -> None:
    assert codes({"ru": [question(language="ru", text=text)]}) == []


SIGNS = [chr(code) for code in (*range(0xA0, 0x3000), 0x1D7CE) if unicodedata.category(chr(code)) in ("No", "Nl")]


@given(
    st.sampled_from(SIGNS), st.text("абвгдежзик", min_size=1, max_size=6), st.text("lmnrstuvw", min_size=1, max_size=6)
)
@settings(max_examples=60, deadline=None)
def test_no_figure_makes_a_word_mixed(sign: str, cyrillic: str, latin: str) -> None:
    for word in (cyrillic, latin):
        assert codes({"ru": [question(language="ru", text=f"Ответ {word}{sign} и {sign}{word}")]}) == []
    mixed = question(language="ru", text=f"Ответ {cyrillic}{latin}{sign}")
    assert codes({"ru": [mixed]}) == ["BANK_LOOKALIKE"]


@pytest.mark.parametrize("word", ["a", "c", "MOCKBA", "PEKA"])
def test_a_latin_word_that_looks_cyrillic(word: str) -> None:
    (found,) = findings({"ru": [question(language="ru", text=f"Город {word} велик")]})
    assert (found.code, found.severity) == ("BANK_DISGUISED", "warning")


@pytest.mark.parametrize(
    "text",
    [
        *("Сочетание Ctrl + P печатает", "Клавиши Alt+X и «Ctrl»+«C»", "Поля Cc и Bcc", "Формат TXT", "Лист A4"),
        *("16MB", "Файл .EXE", "Система Windows XP", "Файл TOP.docx"),
    ],
)
def test_a_latin_word_of_lookalikes_by_what_stands_around_it(text: str) -> None:
    assert codes({"ru": [question(language="ru", text=text)]}) == []


def test_an_option_among_latin_ones_is_latin() -> None:
    assert codes({"ru": [question(language="ru", options=("DOC", "COM", "PDF", "XEP", "ODT"))]}) == []
    assert codes({"ru": [question(language="ru", options=("евро", "COM", "рубль", "тенге", "лира"))]}) == [
        "BANK_DISGUISED"
    ]


@pytest.mark.parametrize("text", ["Таблица Excel c формулами", "В Word. A что ещё?", "Отдел PEKA + река"])
def test_a_slip_beside_a_latin_word_is_told(text: str) -> None:
    assert codes({"ru": [question(language="ru", text=text)]}) == ["BANK_DISGUISED"]


@pytest.mark.parametrize(
    ("language", "word", "letters"),
    [("ky", "жapaн", "apa"), ("ru", "Еxcel", "Е"), ("ru", "IT-cервис", "c"), ("ky", "ɵкмот", "ɵ")],
)
def test_the_strange_letters_are_those_of_the_other_script(language: str, word: str, letters: str) -> None:
    (found,) = findings({language: [question(language=language, text=f"{word} 1", options=tuple("12345"))]})
    assert (found.code, found.params["letters"]) == ("BANK_LOOKALIKE", letters)


def test_english_texts_may_be_latin() -> None:
    assert codes({"en": [question(language="en", text="What can a cop see?", options=("a", "b", "c", "d", "e"))]}) == []


@pytest.mark.parametrize(("language", "word"), [("ky", "ұлут"), ("ky", "қала"), ("ru", "кеңеш"), ("ru", "ї")])
def test_a_letter_of_a_neighbouring_alphabet(language: str, word: str) -> None:
    (found,) = findings({language: [question(language=language, text=f"{word} 1", options=tuple("12345"))]})
    assert (found.code, found.severity) == ("BANK_LETTER_FOREIGN", "warning")


@pytest.mark.parametrize(("language", "word"), [("ky", "Ңөү"), ("kk", "Әғқңөұүһі"), ("ru", "Ёж")])
def test_letters_of_the_own_alphabet(language: str, word: str) -> None:
    assert codes({language: [question(language=language, text=word, options=tuple("12345"))]}) == []


def test_a_decomposed_letter_is_the_same_letter() -> None:
    assert codes({"ru": [question(language="ru", text="Какой и\u0306", options=tuple("12345"))]}) == []


# ------------------------------------------------------------------------------------------------ repeated questions

STEM = "Кто по Положению о конкурсе утверждает состав комиссии и порядок её работы"


def asked(*stems: str) -> list[Question]:
    return [
        question(f"q-{n}", "ru", text=stem, options=tuple("12345"))._replace(lines=(n + 1, n + 1))
        for n, stem in enumerate(stems)
    ]


@pytest.mark.parametrize("again", [STEM, STEM.upper(), STEM + "?", STEM.replace(" о ", " о самом "), f"<b>{STEM}</b>"])
def test_nearly_the_same_question(again: str) -> None:
    (found,) = findings({"ru": asked(STEM, again)})
    assert (found.code, found.line, found.params["other"]) == ("BANK_STEM_TWICE", 2, "q-0")


@pytest.mark.parametrize(
    "other", [STEM.replace("состав", "протокол").replace("порядок", "график"), "Кто утверждает состав комиссии"]
)
def test_questions_that_only_resemble(other: str) -> None:
    assert codes({"ru": asked(STEM, other)}) == []


def test_the_same_words_in_two_languages_are_twins() -> None:
    assert codes({"ky": [question(text="1 2 3")], "ru": [question(language="ru", text="1 2 3")]}) == []


@given(st.lists(st.frozensets(st.sampled_from("абвгдежзиклм"), min_size=1, max_size=12), max_size=25))
@settings(max_examples=150, deadline=None)
def test_prefix_filtering_finds_what_comparing_all_pairs_finds(sets: list[frozenset[str]]) -> None:
    expected = []
    for later, words in enumerate(sets):
        similar = [earlier for earlier in range(later) if _share(sets[earlier], words) >= SAME_STEM]
        expected += [(similar[0], later)] if similar else []
    assert list(_alike(sets)) == expected


# ----------------------------------------------------------------------------------------------------- length tells


def with_longest(right: int, of: int) -> Sequence[Question]:
    """`of` questions whose right answer is the longest in `right` of them; the key goes round evenly."""
    asked_ = []
    for number in range(of):
        place = number % 5 + 1
        long = place if number < right else place % 5 + 1
        options = ["узун жооп" if at == long else str(at) for at in range(1, 6)]
        asked_.append(question(f"q-{number}", options=options, key=place))
    return asked_


def test_the_right_answer_may_be_the_longest_now_and_then() -> None:
    assert codes({"ky": with_longest(8, 20)}) == []


def test_the_right_answer_is_the_longest_too_often() -> None:
    (found,) = findings({"ky": with_longest(9, 20)})
    assert (found.code, found.params["n"], found.params["of"]) == ("BANK_KEY_LONGEST", 9, 20)


def test_a_small_bank_is_not_judged_for_length() -> None:
    assert codes({"ky": with_longest(19, 19)}) == []
