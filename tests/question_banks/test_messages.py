"""Every code of the banks has its sentence in three languages, and the sentence can be filled with what comes along."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import question_banks
from flask_app.messages import explain
from flask_app.messages.catalogue import catalogue
from question_banks.bank import BankError
from question_banks.findings import Finding
from question_banks.manifest import parse_head, parse_sources
from question_banks.model import EssayQuestion, Question
from question_banks.selection import draw_form
from tests.question_banks.building import NUMERALS, findings, folder, head, question
from tests.question_banks.test_selection import REFUSALS

LANGUAGES = ("ky", "ru", "en")
CODE = re.compile(r'"((?:BANK|SELECT)_[A-Z_]+)"')
# Raised while files are read: filled in test_files_and_heads below, or by the command's own tests.
FROM_FILES = {"BANK_FILE_MISSING", "BANK_FILE_STRAY", "BANK_FILE_ENCODING", "BANK_UNREADABLE", "BANK_GROUP_UNKNOWN"}
FROM_COMMAND = {"BANK_RULES_WAIT", "BANK_NOT_HERE"}


def codes_in_source() -> set[str]:
    package = Path(question_banks.__file__).parent
    return {code for file in package.glob("*.py") for code in CODE.findall(file.read_text(encoding="utf-8"))}


def broken_questions() -> Iterator[Question]:
    """Each breaks something else; together they make every rule speak."""
    plain = question()
    essay = EssayQuestion("e", "жазыңыз", idnumber="e.ky", tags=plain.tags, category=plain.category)
    yield from (essay, plain._replace(idnumber=""), plain._replace(idnumber="Q"), plain._replace(idnumber="q-1.en"))
    yield from (plain, plain, question("n")._replace(name="башка"))
    yield question("t0", tags=("source:act#p1",))
    yield question("t2", tags=("topic:law", "topic:more", "source:act#p1"))
    yield question("t9", topic="sport")
    yield question("c")._replace(category="")
    yield from (question("s0", tags=("topic:law",)), question("s9", tags=("topic:law", "source:act#p9")))
    yield question("k0", key=0)
    yield question("k2")._replace(answers=tuple(answer._replace(fraction=1) for answer in plain.answers))
    yield question("kb")._replace(single=False)
    yield question("kp")._replace(
        answers=(plain.answers[0], plain.answers[1]._replace(fraction=0.5), *plain.answers[2:])
    )
    yield question("o4", options=NUMERALS[:4])
    yield question("oe", options=("", *NUMERALS[1:]))
    yield question("o2", options=("эки", *NUMERALS[1:]))
    yield question("o5", options=(*NUMERALS[:3], "Беш.", "беш!"))
    yield question("la", text="кызмaт")
    yield question("lc", text="кто c кем")
    yield question("lf", text="ұлут 5")
    yield from (question(f"long-{n}", options=("узун жооп", "1", "2", "3", "4")) for n in range(30))
    yield question("all", options=("жогорудагылардын баары", *NUMERALS[1:]))
    yield question("out", options=("бул жооп калгандарынын баарынан алда канча узун", *NUMERALS[1:]))
    yield question("run", text="<script>1</script>")
    yield question("cut", text='<img alt="сүрөт" src="data:image/png;base64,AAAA">')
    yield question("file", text='<img alt="сүрөт" src="@@PLUGINFILE@@/a.png">')
    yield question("away", text='<img src="https://example.org/a.png">')
    yield question("dif", tags=("topic:law", "source:act#p1", "difficulty:terrible"))
    yield question("same-1", text="мэр шаардык кеңешке кайсы убакта отчет берет", key=2)
    yield question("same-2", text="мэр шаардык кеңешке кайсы мезгилде отчет берет", key=2)


def twins() -> Iterator[Question]:
    yield question("tk", "ru", key=2)
    yield question("to", "ru", options=NUMERALS[:3])
    yield question("tt", "ru", topic="more")
    yield question("tf", "ru", text="99")


def all_findings() -> tuple[Finding, ...]:
    ky = [*broken_questions(), *(question(group) for group in ("tk", "to", "tt", "tf"))]
    languages = ("ky", "ru", "kk")
    bank_folder = replace(folder(("ky", "ru")), head=head(languages, topics=("law", "more", "empty")))
    figures = ("1", "2", "3", "4", "7")
    apart = {
        "ky": [question("f-1", "ky", text="2006, 327, 12 күн", options=figures)],
        "ru": [question("f-2", "ru", text="2006, 327, за 12", options=figures)],
    }
    return (*findings({"ky": ky, "ru": list(twins())}, bank_folder), *findings({"ky": []}), *findings(apart))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_can_be_said(language: str) -> None:
    for found in all_findings():
        told = explain(found.code, language, found.params)  # type: ignore[arg-type]  # one of the catalogue's languages
        assert told.text
        assert told.cure


def test_every_rules_code_was_said() -> None:
    said = {found.code for found in all_findings()}
    others = {code for code in codes_in_source() if code.startswith(("SELECT_", "BANK_TOML_"))} | FROM_FILES
    assert codes_in_source() - said == others
    assert {code for code in said if f"label.bk_title_{code}" not in catalogue()} == set(), "titles for the filter"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_to_draw_can_be_said(language: str) -> None:
    said = set()
    for _, banks, blueprint, seed, variant in REFUSALS:
        with pytest.raises(BankError) as refused:
            draw_form(banks, blueprint, seed, variant)
        said.add(refused.value.code)
        assert explain(refused.value.code, language, refused.value.params).text  # type: ignore[arg-type]  # as above
    assert said == {code for code in codes_in_source() if code.startswith("SELECT_")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_of_a_head_can_be_said(language: str) -> None:
    said = set()
    for text in ("id = ", "id = 1", "", 'id = ""'):
        with pytest.raises(BankError) as refused:
            parse_head(text, "bank.toml")
        said.add(refused.value.code)
        assert explain(refused.value.code, language, refused.value.params).text  # type: ignore[arg-type]  # as above
    assert said == {code for code in codes_in_source() if code.startswith("BANK_TOML_")}
    with pytest.raises(BankError):
        parse_sources("", "sources.toml")


def test_the_catalogue_has_no_sentence_nobody_says() -> None:
    written = {code for code in catalogue() if code.startswith(("BANK_", "SELECT_"))}
    assert written == codes_in_source() | FROM_COMMAND


def test_every_sentence_is_written_in_three_languages_and_its_kyrgyz_awaits_a_reader() -> None:
    for code, table in catalogue().items():
        if code.startswith(("BANK_", "SELECT_")):
            assert set(table) == {"review", *LANGUAGES}, code
            assert table["review"] == ["ky"], code
            assert len({frozenset(table[language]) for language in LANGUAGES}) == 1, code
