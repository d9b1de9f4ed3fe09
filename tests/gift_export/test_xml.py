"""Moodle XML: what is written is read back, what is hostile is refused, what is lost is said."""

from __future__ import annotations

import base64
from collections.abc import Iterable

import pytest
from hypothesis import given, settings

from gift_export.attachments import Attachment
from gift_export.moodle_xml import HEAD, TAIL, write_quiz, write_xml
from gift_export.reader import read
from gift_export.refusal import CannotSayError
from gift_export.xml_reader import XmlReading, iter_xml, read_xml
from question_banks.model import (
    NO_LINES,
    CategorySwitch,
    DescriptionQuestion,
    FormattedText,
    MatchQuestion,
    NumericalQuestion,
    OrderingQuestion,
    Question,
)
from tests.gift_export.strategies import questions

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def quiz(*elements: str) -> bytes:
    return (HEAD + "".join(elements) + TAIL).encode("utf-8")


def codes(reading: XmlReading) -> list[str]:
    return [found.code for found in reading.problems]


def choice(inner: str = "", answers: str = "") -> str:
    two = answers or ('<answer fraction="100"><text>а</text></answer><answer fraction="0"><text>б</text></answer>')
    return (
        '<question type="multichoice"><name><text>т</text></name><questiontext format="html"><text>Q</text>'
        f"</questiontext>{inner}{two}</question>\n"
    )


def _without_lines(items: Iterable[Question | CategorySwitch]) -> list[Question | CategorySwitch]:
    return [item._replace(lines=NO_LINES) for item in items]


@settings(max_examples=150, deadline=None)
@given(questions)
def test_what_is_written_is_read_back(question: Question) -> None:
    if any(mark in repr(question) for mark in ("\\x0b", "\\x0c", "\\r")):
        with pytest.raises(CannotSayError):
            write_xml(question)
        return
    back = read_xml("".join(write_quiz([question])).encode("utf-8"))
    expected = question
    if isinstance(question, NumericalQuestion) and len(question.answers) > 1:
        last = question.answers[-1]
        if last.answer == "*" and not last.fraction and not last.tolerance:
            # A last `*` worth nothing is the answer to everything else, however GIFT spelled it.
            expected = question._replace(answers=(*question.answers[:-1], last._replace(tolerance=None)))
    assert _without_lines(back.items) == [expected]


def test_categories_are_put_before_their_questions() -> None:
    items = read("$CATEGORY: А/Б & <В>\n\n::1::Q{T}\n\n$CATEGORY: Г\n\n::2::Q2{F}").items
    back = read_xml("".join(write_quiz(items)).encode("utf-8"))
    assert _without_lines(back.items) == _without_lines(items)
    assert [question.category for question in back.questions] == ["А/Б & <В>", "Г"]


def test_xml_says_what_gift_cannot() -> None:
    said: list[Question] = [
        DescriptionQuestion("т", "Q", generalfeedback=FormattedText("сказано")),
        OrderingQuestion("т2", "Q", ("{а}", "б"), gradingtype=5),
    ]
    assert _without_lines(read_xml("".join(write_quiz(said)).encode("utf-8")).items) == said


def test_files_stay_with_their_texts() -> None:
    (question,) = read('::т::[html]<img src\\="@@PLUGINFILE@@/герб%201.png">{=а#<p> ~б}').questions
    files = (Attachment("questiontext", "герб 1.png", PNG), Attachment("answer[0].feedback", "b.png", b"x", "/в/"))
    back = read_xml("".join(write_quiz([question], {0: files})).encode("utf-8"))
    assert back.attachments == {0: files}
    assert "W_FILE_MISSING" not in codes(back)


def test_a_missing_picture_is_said() -> None:
    text = '<questiontext format="html"><text><![CDATA[<img src="@@PLUGINFILE@@/a%20b.png">]]></text></questiontext>'
    reading = read_xml(quiz(choice().replace('<questiontext format="html"><text>Q</text></questiontext>', text)))
    (found,) = [found for found in reading.problems if found.code == "W_FILE_MISSING"]
    assert found.params["text"] == "/a b.png"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ('<file name="../x" path="/" encoding="base64">eA==</file>', "E_XML_FILE_NAME"),
        ('<file name="x" path="/../" encoding="base64">eA==</file>', "E_XML_FILE_NAME"),
        ('<file name="x" path="/" encoding="base64">?</file>', "E_XML_FILE"),
        ('<file name="x" path="/" encoding="rot13">eA==</file>', "E_XML_FILE"),
    ],
)
def test_a_file_that_will_not_do(file: str, code: str) -> None:
    reading = read_xml(quiz(choice().replace("<text>Q</text>", "<text>Q</text>" + file)))
    assert code in codes(reading)
    assert not reading.attachments


def test_what_is_not_kept_is_listed_with_its_place() -> None:
    lost = "\n<shuffleanswers>false</shuffleanswers>\n<hint><text>см. закон</text></hint><penalty>0.5</penalty>"
    reading = read_xml(quiz(choice(lost + "<correctfeedback><text>Да</text></correctfeedback>")))
    found = {(one.params["text"], one.line) for one in reading.problems if one.code == "W_LOST_FIELD"}
    assert found == {("shuffleanswers", 4), ("hint", 5), ("penalty", 5), ("correctfeedback", 5)}
    assert reading.ok


def test_defaults_of_moodle_s_own_export_are_no_loss() -> None:
    usual = (
        "<defaultgrade>1.0000000</defaultgrade><penalty>0.3333333</penalty><hidden>0</hidden><idnumber></idnumber>"
        "<shuffleanswers>true</shuffleanswers><answernumbering>abc</answernumbering>"
        "<correctfeedback><text></text></correctfeedback>"
    )
    assert codes(read_xml(quiz(choice(usual)))) == []


def test_hostile_documents_are_refused() -> None:
    laughs = '<!DOCTYPE l [<!ENTITY a "' + "x" * 99 + '"><!ENTITY b "' + "&a;" * 99 + '">]><quiz>&b;</quiz>'
    assert codes(read_xml(laughs.encode())) == ["E_XML_DOCTYPE"]
    assert codes(read_xml(b'<!DOCTYPE q SYSTEM "file:///etc/passwd"><quiz/>')) == ["E_XML_DOCTYPE"]
    assert codes(read_xml(quiz("<question>" + "<a>" * 100 + "</a>" * 100 + "</question>"))) == ["E_XML_DEPTH"]
    assert codes(read_xml(b"<html/>")) == ["E_XML_ROOT"]
    assert codes(read_xml(quiz("<question type='multichoice'>&nbsp;</question>"))) == ["E_XML_SYNTAX"]


def test_the_place_of_broken_xml() -> None:
    (found,) = read_xml(b"<quiz>\n  <question>\n</quiz>").problems
    assert (found.code, found.line, found.column) == ("E_XML_SYNTAX", 3, 3)
    (found,) = read_xml("<quiz>\nя".encode() + b"\xff</quiz>").problems
    assert (found.code, found.line, found.column, found.params["byte"]) == ("E_ENCODING", 2, 2, "0xFF")
    assert codes(read_xml("<quiz/>".encode("utf-16"))) == ["E_ENCODING_OTHER"]


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ('<question type="cloze"><name><text>т</text></name></question>', "E_XML_TYPE"),
        ('<question type="essay"><questiontext><text>Q</text></questiontext></question>', "E_XML_MISSING"),
        ('<question type="multichoice"><name><text>т</text></name></question>', "E_XML_MISSING"),
        (choice(answers='<answer fraction="много"><text>а</text></answer>'), "E_XML_NUMBER"),
        (choice(answers='<answer fraction="100"><text><b>а</b></text></answer>'), "E_XML_MARKUP"),
        (choice(answers='<answer fraction="33"><text>а</text></answer>' * 2), "E_WEIGHT_NOT_ALLOWED"),
        (choice(answers='<answer fraction="0"><text>а</text></answer><answer><text>б</text></answer>'), "E_NO_CORRECT"),
        (choice("<generalfeedback><text>&lt;script></text></generalfeedback>"), "E_ACTIVE_CONTENT"),
    ],
)
def test_what_moodle_would_not_take(element: str, code: str) -> None:
    reading = read_xml(quiz(element, choice()))
    assert code in codes(reading)
    assert not reading.ok
    assert reading.questions[-1].text == "Q"  # the next question is read all the same


def test_old_true_false_files_go_by_order() -> None:
    old = (
        '<question type="truefalse"><name><text>т</text></name><questiontext><text>Q</text></questiontext>'
        '<answer fraction="0"><text>Дұрыс</text></answer><answer fraction="100"><text>Бұрыс</text></answer></question>'
    )
    reading = read_xml(quiz(old))
    assert codes(reading) == ["W_XML_TRUEFALSE", "W_XML_TRUEFALSE"]
    assert reading.questions[0].correct is False  # type: ignore[union-attr]  # it is a true/false question


def test_both_names_of_matching_questions() -> None:
    pair = "<subquestion><text>а</text><answer><text>1</text></answer></subquestion>"
    head = "<name><text>т</text></name><questiontext><text>Q</text></questiontext>"
    for name in ("match", "matching"):
        (question,) = read_xml(quiz(f'<question type="{name}">{head}{pair}{pair}</question>')).questions
        assert isinstance(question, MatchQuestion)


def test_a_stream_gives_each_question_as_it_ends() -> None:
    data = quiz(choice(), choice().replace("Q", "Q2"))
    seen: list[int] = []

    def pieces() -> Iterable[bytes]:
        for at in range(0, len(data), 7):
            seen.append(at)
            yield data[at : at + 7]

    first = next(iter(iter_xml(pieces())))
    assert first.item is not None
    assert len(seen) < len(data) / 7 - 5
    assert len([one for one in iter_xml(pieces()) if one.item is not None]) == 2


def test_what_xml_cannot_hold_is_refused() -> None:
    (question,) = read("::т::Q{=а ~б}").questions
    for text, code in (("а\rб", "E_XML_CHARACTER"), ("\x01", "E_XML_CHARACTER"), (" а", "E_WRITE_EDGE_BLANK")):
        with pytest.raises(CannotSayError) as refused:
            write_xml(question._replace(text=text))
        assert refused.value.code == code
