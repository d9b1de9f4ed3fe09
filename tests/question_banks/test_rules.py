"""Each rule on a bank that breaks exactly it, and on one that just keeps it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from question_banks.bank import BankFolder, BankText
from question_banks.findings import Finding
from question_banks.model import EssayQuestion, Question
from question_banks.rules import BALANCE_FROM, RULES
from tests.question_banks.building import CITED, NUMERALS, codes, findings, folder, head, question


def pair(ky: Question, ru: Question | None = None) -> dict[str, list[Question]]:
    """A bank of one twin group; the Russian twin is a copy of the Kyrgyz one unless given."""
    twin = (
        ru
        if ru is not None
        else ky._replace(idnumber=ky.idnumber.replace(".ky", ".ru"), category=ky.category.replace("/ky", "/ru"))
    )
    return {"ky": [ky], "ru": [twin]}


def only(questions: dict[str, list[Question]], bank_folder: BankFolder | None = None) -> Finding:
    """The single finding of a bank that is sound otherwise."""
    (found,) = findings(questions, bank_folder)
    return found


def test_a_sound_bank_has_no_finding() -> None:
    assert findings(pair(question())) == ()


def test_every_rule_is_asked() -> None:
    assert len(set(RULES)) == len(RULES) == 22


# -------------------------------------------------------------------------------------------------- identity


def test_a_promised_language_without_a_file() -> None:
    bank_folder = BankFolder("bank.toml", head(("ky", "ru")), {"ky": BankText("demo.ky.gift", "")}, folder().sources)
    assert codes({"ky": [question()]}, bank_folder) == ["BANK_LANGUAGE_MISSING", "BANK_TWIN_MISSING"]


def test_a_bank_without_questions() -> None:
    assert codes({"ky": [], "ru": []}) == ["BANK_EMPTY", "BANK_TOPIC_EMPTY"]


def test_a_question_without_an_id() -> None:
    nameless = question()._replace(idnumber="")
    assert codes({"ky": [nameless]}) == ["BANK_ID_NONE"]


@pytest.mark.parametrize("idnumber", ["q", "Q-1.ky", "q 1.ky", "вопрос.ky", "q-.ky", "q" * 98 + ".ky"])
def test_an_id_of_another_shape(idnumber: str) -> None:
    assert "BANK_ID_SHAPE" in codes({"ky": [question()._replace(idnumber=idnumber)]})


@pytest.mark.parametrize("group", ["q", "const-001", "a1-b2-c3", "q" * 97])
def test_ids_of_the_agreed_shape(group: str) -> None:
    assert codes({"ky": [question(group)]}) == []


def test_an_id_of_another_language() -> None:
    found = findings({"ky": [question(language="ru")._replace(category="KG/general/act-law/ky")]})
    assert [one.code for one in found] == ["BANK_ID_LANGUAGE"]


def test_an_id_twice() -> None:
    first, second = question(text="биринчи"), question(text="экинчи суроо")._replace(lines=(9, 9))
    found = only({"ky": [first, second]}, folder(("ky",)))
    assert (found.code, found.line, found.params["first_line"]) == ("BANK_ID_TWICE", 9, 1)


def test_a_title_that_is_not_the_group() -> None:
    assert codes({"ky": [question()._replace(name="башка")]}) == ["BANK_NAME_OTHER"]


# ------------------------------------------------------------------------------------------- topic, place, source


def test_a_question_without_a_topic() -> None:
    found = codes({"ky": [question(tags=(f"source:{CITED}",)), question("q-2", text="экинчи")]})
    assert found == ["BANK_TOPIC_NONE"]


def test_a_question_with_two_topics() -> None:
    two = question(tags=("topic:law", "topic:more", f"source:{CITED}"))
    assert codes({"ky": [two, question("q-2", text="экинчи")]}) == ["BANK_TOPIC_SEVERAL"]


def test_a_topic_the_head_does_not_know() -> None:
    strange = question(topic="sport")
    assert codes({"ky": [strange, question("q-2", text="экинчи")]}) == ["BANK_TOPIC_UNKNOWN"]


def test_a_declared_topic_without_questions() -> None:
    bank_folder = folder(("ky",), head=head(("ky",), topics=("law", "empty")))
    found = only({"ky": [question()]}, bank_folder)
    assert (found.code, found.severity, found.params["topic"]) == ("BANK_TOPIC_EMPTY", "warning", "empty")


@pytest.mark.parametrize("category", ["", "KG/general/act-law", "KG/general/act-law/ru", "KG/subject/act-law/ky"])
def test_a_category_that_is_not_the_topics(category: str) -> None:
    found = only({"ky": [question()._replace(category=category)]})
    assert found.code == "BANK_CATEGORY_OTHER"
    assert found.params["expected"] == "KG/general/act-law/ky"


def test_a_question_that_cites_nothing() -> None:
    assert codes({"ky": [question(tags=("topic:law",))]}) == ["BANK_CITATION_NONE"]


@pytest.mark.parametrize("citation", ["act#p2", "other#p1", "act", "act#", "#p1"])
def test_a_citation_that_leads_nowhere(citation: str) -> None:
    assert codes({"ky": [question(tags=("topic:law", f"source:{citation}"))]}) == ["BANK_CITATION_DEAD"]


def test_one_dead_citation_among_living_ones() -> None:
    tags = ("topic:law", f"source:{CITED}", "source:act#p9")
    assert only({"ky": [question(tags=tags)]}).params["point"] == "p9"


# ----------------------------------------------------------------------------------------------------- the answers


def with_fractions(*fractions: float, single: bool = True) -> Question:
    plain = question()
    answers = tuple(
        answer._replace(fraction=fraction) for answer, fraction in zip(plain.answers, fractions, strict=True)
    )
    return plain._replace(answers=answers, single=single)


def test_a_question_of_another_type() -> None:
    plain = question()
    essay = EssayQuestion(
        plain.name, plain.text, idnumber=plain.idnumber, tags=plain.tags, category=plain.category, lines=(1, 1)
    )
    assert codes({"ky": [essay]}) == ["BANK_TYPE_OTHER"]


def test_no_right_answer() -> None:
    assert codes({"ky": [with_fractions(0, 0, 0, 0, 0)]}) == ["BANK_KEY_NONE"]


def test_several_right_answers() -> None:
    found = only({"ky": [with_fractions(1, 0, 1, 0, 0)]})
    assert (found.code, found.params["n"]) == ("BANK_KEY_SEVERAL", 2)


def test_boxes_instead_of_a_choice() -> None:
    assert codes({"ky": [with_fractions(1, 0, 0, 0, 0, single=False)]}) == ["BANK_KEY_BOXES"]


@pytest.mark.parametrize("part", [0.5, -0.25, 0.99])
def test_a_part_of_a_mark(part: float) -> None:
    assert codes({"ky": [with_fractions(1, part, 0, 0, 0)]}) == ["BANK_KEY_PARTIAL"]


def test_too_few_and_too_many_options() -> None:
    assert codes({"ky": [question(options=NUMERALS[:4])]}) == ["BANK_OPTION_COUNT"]
    assert codes({"ky": [question(options=(*NUMERALS, "он"))]}) == ["BANK_OPTION_COUNT"]


def test_an_empty_option() -> None:
    found = only({"ky": [question(options=("бир", "эки", " ", "алты", "жети"))]})
    assert (found.code, found.params["place"]) == ("BANK_OPTION_EMPTY", 3)


def test_identical_options_whatever_their_case_and_blanks() -> None:
    found = only({"ky": [question(options=("бир  эки", "беш", "алты", "Бир эки", "жети"))]})
    assert (found.code, found.params["first"], found.params["second"]) == ("BANK_OPTION_TWICE", 1, 4)


@pytest.mark.parametrize("other", ["28  КАЛЕНДАРНЫХ   дней.", "28 календарных дней!", "28 календарных дней;"])
def test_a_mark_at_the_end_makes_no_other_answer(other: str) -> None:
    found = only({"ky": [question(options=("бир", "28 календарных дней", "алты", other, "жети"))]})
    assert (found.code, found.params["first"], found.params["second"]) == ("BANK_OPTION_TWICE_ALIKE", 2, 4)
    assert codes({"ky": [question(options=(".", ",", ";", "!", "?"))]}) == [], "a mark may be the answer itself"


def key_places(places: list[int]) -> list[Question]:
    return [question(f"q-{number}", key=place) for number, place in enumerate(places)]


def test_a_balanced_key() -> None:
    assert codes({"ky": key_places([1, 2, 3, 4, 5] * 4)}) == []


def test_a_key_that_favours_a_place() -> None:
    places = [1] * 7 + [2] * 4 + [3] * 4 + [4] * 4 + [5]
    found = [(one.code, one.params["place"], one.params["n"]) for one in findings({"ky": key_places(places)})]
    assert found == [("BANK_KEY_BALANCE", 1, 7), ("BANK_KEY_BALANCE", 5, 1)]


def test_the_bounds_of_balance_belong_to_it() -> None:
    assert codes({"ky": key_places([1] * 6 + [2] * 2 + [3] * 4 + [4] * 4 + [5] * 4)}) == []


def test_a_small_bank_is_not_judged_for_balance() -> None:
    assert codes({"ky": key_places([1] * (BALANCE_FROM - 1))}) == []


# ------------------------------------------------------------------------------------------------------- the twins


def test_a_missing_twin() -> None:
    lonely = question("q-2", text="экинчи")
    found = only({"ky": [question(), lonely], "ru": [question(language="ru")]})
    assert (found.code, found.params["group"], found.params["missing"]) == ("BANK_TWIN_MISSING", "q-2", "ru")


def test_a_twin_missing_in_the_first_language() -> None:
    found = only({"ky": [question()], "ru": [question(language="ru"), question("q-2", "ru", text="второй")]})
    assert (found.code, found.file, found.params["missing"]) == ("BANK_TWIN_MISSING", "demo.ru.gift", "ky")


def test_twins_with_unequal_options() -> None:
    bank_folder = folder(head=replace(head(), options=4))
    found = codes(pair(question(options=NUMERALS[:4]), question(language="ru", options=NUMERALS)), bank_folder)
    assert found == ["BANK_OPTION_COUNT", "BANK_TWIN_OPTIONS"]


def test_twins_with_the_key_in_another_place() -> None:
    found = only(pair(question(key=2), question(language="ru", key=3)))
    assert (found.code, found.params["place"], found.params["expected"]) == ("BANK_TWIN_KEY", "3", "2")


def test_twins_that_rest_on_different_places() -> None:
    bank_folder = folder(head=head(topics=("law", "more")))
    twin = question(language="ru", tags=("topic:more", f"source:{CITED}"))._replace(category="KG/general/act-more/ru")
    assert codes(pair(question(), twin), bank_folder) == ["BANK_TWIN_TAGS"]


def test_the_order_of_tags_does_not_matter() -> None:
    swapped = question(language="ru", tags=(f"source:{CITED}", "topic:law"))
    assert codes(pair(question(), swapped)) == []


def test_twins_with_other_figures() -> None:
    ky, ru = question(text="2021-жылкы № 125 Мыйзам"), question(language="ru", text="Закон № 126 от 2021 года")
    found = only(pair(ky, ru))
    assert (found.code, found.params["found"], found.params["expected"]) == (
        "BANK_TWIN_FIGURES",
        "126, 2021",
        "125, 2021",
    )


def test_figures_of_options_are_compared_place_by_place() -> None:
    ky = question(options=("1 ай", "2 ай", "3 ай", "4 ай", "0,5 ай"))
    assert codes(pair(ky, question(language="ru", options=("1 м", "2 м", "3 м", "4 м", "0,5 м")))) == []
    assert codes(pair(ky, question(language="ru", options=("1 м", "3 м", "2 м", "4 м", "0,5 м")))) == [
        "BANK_TWIN_FIGURES",
        "BANK_TWIN_FIGURES",
    ]


# ---------------------------------------------------------------------------------------------------------- places


def test_a_finding_stands_where_its_cause_is() -> None:
    text = "// [id:q-1.ky] [tag:topic:law] [tag:source:act#p9]\n::q-1::суроо {\n=бир\n~эки\n~алты\n~жети\n~бeш\n}\n"
    spoilt = question(
        text="суроо", options=("бир", "эки", "алты", "жети", "бeш"), tags=("topic:law", "source:act#p9")
    )._replace(lines=(1, 8))
    bank_folder = folder(("ky",), texts={"ky": BankText("demo.ky.gift", text)})
    places = [(found.code, found.line, found.column) for found in findings({"ky": [spoilt]}, bank_folder)]
    assert places == [("BANK_CITATION_DEAD", 1, 32), ("BANK_LOOKALIKE", 7, 2)]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_places_with_any_line_end(line_end: str) -> None:
    text = line_end.join(["// бир", "", "// [id:q-1.ky] [tag:topic:law]", "::q-1::суроо 1 {}", ""])
    cites_nothing = question(tags=("topic:law", "source:act#p9"))._replace(lines=(3, 4), name="башка")
    bank_folder = folder(("ky",), texts={"ky": BankText("demo.ky.gift", text)})
    places = {found.code: (found.line, found.column) for found in findings({"ky": [cites_nothing]}, bank_folder)}
    assert places == {"BANK_CITATION_DEAD": (3, 1), "BANK_NAME_OTHER": (4, 1)}


def test_findings_come_in_the_order_of_files_and_lines() -> None:
    broken = [question(f"q-{n}", tags=())._replace(lines=(n, n), category="") for n in (5, 2)]
    found = findings({"ky": broken})
    assert [(one.file, one.line) for one in found] == sorted((one.file, one.line) for one in found)
