"""Questions as lines, ours and Moodle's XML: what one says the other says; without the key nothing of it comes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from flask_app.domain.errors import InvalidInput, NotUnderstood
from flask_app.services.bank_preview import preview
from flask_app.services.question_content import Line, compare_lines, lines_of, lines_of_xml, one_sided, read_one
from gift_export.moodle_xml import write_xml
from gift_export.reader import read

TYPES = (Path(__file__).parents[1] / "data" / "bank_pages" / "types.ru.gift").read_text(encoding="utf-8")
QUESTIONS = {question.name: question for question in read(TYPES).questions}

SECRETS = {
    "single-1": ("Верно по уставу", "Смотрите устав."),
    "short-1": ("Бишкек", "Фрунзе"),
    "number-1": ("3.14",),
    "match-1": ("мэр → мэрия",),
}


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_moodles_xml_says_what_the_panels_question_says(name: str) -> None:
    question = QUESTIONS[name]
    for with_key in (True, False):
        ours = lines_of(question, with_key=with_key)
        assert lines_of_xml(write_xml(question), with_key=with_key) == ours


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_without_the_key_nothing_tells_of_it(name: str) -> None:
    question = QUESTIONS[name]
    said = str(preview(question, with_key=False)) + str(lines_of(question, with_key=False))
    assert not [secret for secret in SECRETS.get(name, ()) if secret in said]
    assert all(line.share is None for line in lines_of(question, with_key=False))
    assert all(choice.share is None and not choice.right for choice in preview(question, with_key=False).choices)


def test_the_order_of_items_tells_nothing_without_the_key() -> None:
    question = QUESTIONS["order-1"]
    assert preview(question, with_key=False).items == ("арбуз", "вишня", "яблоко")
    assert preview(question, with_key=True).items == ("яблоко", "арбуз", "вишня")
    assert preview(question, with_key=True).drawn == 0


def test_shares_are_moodles_percents() -> None:
    def shares(name: str) -> list[Decimal | None]:
        return [choice.share for choice in preview(QUESTIONS[name], with_key=True).choices]

    assert shares("multi-1") == [Decimal(50), Decimal(50), Decimal(-100)]
    third = read("Три {~%33.33333%а ~%33.33333%б ~%33.33333%в ~%-100%г}").questions[0]
    assert str(preview(third, with_key=True).choices[0].share) == "33.33333"
    assert shares("truth-1") == [Decimal(100), Decimal(0)]


def test_a_number_comes_with_its_tolerance() -> None:
    (accepted,) = preview(QUESTIONS["number-1"], with_key=True).accepted
    assert (accepted.number, accepted.tolerance) == (Decimal("3.14"), Decimal("0.01"))
    assert lines_of(QUESTIONS["number-1"], with_key=True)[1].text == "3.14 ± 0.01"


def test_every_type_is_shown() -> None:
    shown = {name: preview(question, with_key=True) for name, question in QUESTIONS.items()}
    assert [choice.letter for choice in shown["single-1"].choices] == ["a", "b", "c"]
    assert not shown["multi-1"].single
    assert shown["match-1"].options == ("депутаты", "мэрия")
    assert shown["short-1"].missing_word
    assert not shown["intro-1"].choices
    assert {one.qtype for one in shown.values()} == {question.qtype for question in QUESTIONS.values()}


def test_answers_that_moved_are_compared_with_their_own_kind() -> None:
    old = (Line("text", "Кто?"), Line("answer", "кенеш", Decimal(100)), Line("answer", "мэр", Decimal(0)))
    new = (Line("text", "Кто это?"), Line("answer", "мэр", Decimal(100)), Line("answer", "никто", Decimal(0)))
    lines = compare_lines(old, new)
    assert [(line.kind, line.changed) for line in lines] == [
        ("text", True),
        ("answer", True),
        ("answer", True),
        ("answer", True),
    ]
    gone, kept, added = lines[1:]
    assert [piece.kind for piece in gone.pieces] == ["gone"]
    assert (kept.old_share, kept.share) == (Decimal(0), Decimal(100))
    assert [piece.kind for piece in added.pieces] == ["new"]
    assert not [line for line in one_sided(new, "same") if line.changed]


@pytest.mark.parametrize("xml", ["", "<html>", "<quiz></quiz>", "<a><b></a>", "нет"])
def test_what_is_no_question_is_refused(xml: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        lines_of_xml(xml, with_key=True)
    assert refused.value.code == "moodle.bad_shape"


def test_a_document_with_declarations_of_its_own_is_refused() -> None:
    text = "<questiontext><text>&x;да</text></questiontext>"
    document = f'<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/hostname">]><question type="essay">{text}</question>'
    with pytest.raises(NotUnderstood):
        lines_of_xml(document, with_key=True)


def test_a_cloze_text_is_key_itself() -> None:
    xml = '<question type="cloze"><questiontext><text>Столица {1:SA:=Бишкек}</text></questiontext></question>'
    assert lines_of_xml(xml, with_key=False) == ()
    assert "Бишкек" in lines_of_xml(xml, with_key=True)[0].text


def test_a_source_that_is_no_single_question_is_damaged() -> None:
    for source in ("", "Раз {T}\n\nДва {F}"):
        with pytest.raises(InvalidInput):
            read_one(source)
