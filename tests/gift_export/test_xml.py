"""Moodle XML: what is written is read back, what is hostile is refused, what is lost is said."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Final

import pytest
from hypothesis import given, settings

from gift_export.attachments import Attachment
from gift_export.conversion import with_pictures
from gift_export.grammar import BLANKS
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
        f"</questiontext>{inner}<shuffleanswers>true</shuffleanswers>{two}</question>\n"
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


_HELD: Final = re.compile(r"<(text|idnumber)>(.*?)</\1>", re.DOTALL)


@settings(max_examples=150, deadline=None)
@given(questions)
def test_every_text_and_id_is_in_cdata(question: Question) -> None:
    """Outside CDATA Moodle's reader loses blanks beside letters that are not ASCII."""
    try:
        written = write_xml(question)
    except CannotSayError:
        return
    held = [found.group(2) for found in _HELD.finditer(written)]
    assert held
    for text in filter(None, held):
        assert text.startswith("<![CDATA[")
        assert text.endswith("]]>")
        # Two pieces where a text has `]]>` in it, and neither is a blank, which Moodle would drop.
        pieces = text.removeprefix("<![CDATA[").removesuffix("]]>").split("]]><![CDATA[")
        assert all(piece.strip(BLANKS) for piece in pieces)
        assert all("]]>" not in piece for piece in pieces)


def test_an_id_keeps_its_blanks_beside_entities() -> None:
    (question,) = read('// [id:А & Б "В" г]\n::т::Q{T}').questions
    assert "<idnumber><![CDATA[" in write_xml(question)
    (back,) = read_xml("".join(write_quiz([question])).encode("utf-8")).questions
    assert back.idnumber == question.idnumber
    for blank in (" А", "А ", " "):
        with pytest.raises(CannotSayError, match="E_WRITE_EDGE_BLANK"):
            write_xml(question._replace(idnumber=blank))


def test_ordering_is_written_so_that_moodle_invents_no_hints() -> None:
    written = "".join(write_quiz([OrderingQuestion("т", "Q", ("а", "б"))]))
    assert "<shownumcorrect>0</shownumcorrect>" in written
    assert codes(read_xml(written.encode("utf-8"))) == []
    without = written.replace("<shownumcorrect>0</shownumcorrect>", "")
    assert codes(read_xml(without.encode("utf-8"))) == ["E_XML_MISSING"]


def test_a_file_name_moodle_has_no_room_for_is_not_written() -> None:
    question = DescriptionQuestion("т", "Q")
    assert write_xml(question, [Attachment("questiontext", "я" * 255, b"")])
    for name, path in (("я" * 256, "/"), ("я", "/" + "я" * 255 + "/")):
        with pytest.raises(CannotSayError, match="E_WRITE_FILE_NAME"):
            write_xml(question, [Attachment("questiontext", name, b"", path)])


@pytest.mark.parametrize("declared", ["windows-1251", "KOI8-R", "US-ASCII", "UTF-16", "x"])
def test_a_declared_encoding_is_one_moodle_would_follow(declared: str) -> None:
    (found,) = read_xml(quiz(choice()).replace(b'encoding="UTF-8"', f'encoding="{declared}"'.encode())).problems
    assert (found.code, found.line, found.column, found.params["encoding"]) == ("E_XML_ENCODING", 1, 1, declared)


def test_a_declaration_that_says_utf_8() -> None:
    for said in (b'encoding="utf-8"', b'encoding="UTF8"', b'encoding="Utf-8"', b""):
        assert len(read_xml(quiz(choice()).replace(b'encoding="UTF-8"', said)).questions) == 1
    assert codes(read_xml(quiz(choice()).replace(b'"1.0"', b'"2.0"'))) == ["E_XML_SYNTAX"]


def question(qtype: str, inner: str) -> str:
    """A question of any type on one line, with nothing but its name and text."""
    head = '<name><text>т</text></name><questiontext format="html"><text>Q</text></questiontext>'
    return f'<question type="{qtype}">{head}{inner}</question>\n'


_TWO: Final = '<answer fraction="100"><text>а</text></answer><answer fraction="0"><text>б</text></answer>'
_THREE: Final = '<answer fraction="100"><text>3</text></answer>'
_ITEMS: Final = "<shownumcorrect>0</shownumcorrect><answer><text>а</text></answer><answer><text>б</text></answer>"
_PAIRS: Final = "".join(
    f"<subquestion><text>{a}</text><answer><text>{b}</text></answer></subquestion>" for a, b in ("а1", "б2")
)
_RIGHT: Final = '<answer fraction="100"><text>true</text></answer>'


@pytest.mark.parametrize(
    ("qtype", "inner", "code"),
    [
        ("essay", "<penalty/>", "E_XML_NUMBER"),
        ("essay", "<penalty>  </penalty>", "E_XML_NUMBER"),
        ("essay", "<penalty>abc</penalty>", "E_XML_NUMBER"),
        ("essay", "<penalty>0,1</penalty>", "E_XML_NUMBER"),
        ("description", "<penalty/>", "E_XML_NUMBER"),
        ("essay", "<penalty><x/></penalty>", "E_XML_MARKUP"),
        ("essay", "<defaultgrade>abc</defaultgrade>", "E_XML_NUMBER"),
        ("essay", "<defaultgrade>1,5</defaultgrade>", "E_XML_NUMBER"),
        ("essay", "<defaultgrade>1e400</defaultgrade>", "E_XML_NUMBER"),
        ("essay", "<defaultgrade>100000</defaultgrade>", "E_XML_NUMBER"),
        ("essay", "<defaultgrade><x/></defaultgrade>", "E_XML_MARKUP"),
        ("essay", "<tags><tag>а</tag></tags>", "E_TAG_REFUSED"),
        ("essay", "<tags><tag/></tags>", "E_TAG_REFUSED"),
        ("essay", "<idnumber><text>A</text></idnumber>", "E_XML_MARKUP"),
        ("essay", "<responsefieldlines>x</responsefieldlines>", "E_XML_INTEGER"),
        ("essay", "<responsefieldlines>1.5</responsefieldlines>", "E_XML_INTEGER"),
        ("essay", "<responsefieldlines>99999</responsefieldlines>", "E_XML_INTEGER"),
        ("essay", "<responserequired>x</responserequired>", "E_XML_INTEGER"),
        ("essay", "<attachments>x</attachments>", "E_XML_INTEGER"),
        ("essay", "<minwordlimit>x</minwordlimit>", "E_XML_INTEGER"),
        ("essay", "<maxwordlimit>x</maxwordlimit>", "E_XML_INTEGER"),
        ("essay", "<responseformat>abcdefghijklmnopq</responseformat>", "E_XML_LONG"),
        ("essay", "<graderinfo><text><b/></text></graderinfo>", "E_XML_MARKUP"),
        ("truefalse", _RIGHT, "E_XML_MISSING"),
        ("truefalse", _RIGHT * 2, "E_XML_MISSING"),
        ("numerical", '<answer fraction="100">3</answer>', "E_XML_MISSING"),
        ("numerical", '<answer fraction="100"><text/></answer>' + _THREE, "E_XML_MISSING"),
        (
            "numerical",
            '<answer fraction="0"><text/><feedback><text>ф</text></feedback></answer>' + _THREE,
            "E_XML_MISSING",
        ),
        (
            "numerical",
            '<answer fraction="100"><text>3</text><tolerance><text>1</text></tolerance></answer>',
            "E_XML_MARKUP",
        ),
        ("numerical", '<answer fraction="100"><text>3</text><fraction/></answer>', "E_XML_NUMBER"),
        ("numerical", '<answer fraction="100"><text>1e400</text></answer>', "E_NUM_HUGE"),
        ("numerical", '<answer fraction="100"><text>3</text><tolerance>1e400</tolerance></answer>', "E_NUM_HUGE"),
        ("numerical", _THREE + "<unitgradingtype>x</unitgradingtype>", "E_XML_INTEGER"),
        ("numerical", _THREE + "<showunits>0.5</showunits>", "E_XML_INTEGER"),
        ("numerical", _THREE + "<unitpenalty>x</unitpenalty>", "E_XML_NUMBER"),
        (
            "numerical",
            _THREE + "<units><unit><multiplier>x</multiplier><unit_name>м</unit_name></unit></units>",
            "E_XML_NUMBER",
        ),
        (
            "numerical",
            _THREE + "<units><unit><unit_name><text>м</text></unit_name></unit></units>",
            "E_XML_MARKUP",
        ),
        ("shortanswer", _TWO + "<usecase>true</usecase>", "E_XML_INTEGER"),
        ("shortanswer", _TWO + "<hint/>", "E_XML_MISSING"),
        ("multichoice", _TWO + "<hint>а</hint>", "E_XML_MISSING"),
        ("multichoice", _TWO + "<hint><text><b/></text></hint>", "E_XML_MARKUP"),
        ("multichoice", _TWO + "<correctfeedback><text><b>а</b></text></correctfeedback>", "E_XML_MARKUP"),
        ("multichoice", _TWO + "<single><text>false</text></single>", "E_XML_MARKUP"),
        ("multichoice", _TWO + "<shuffleanswers><x/></shuffleanswers>", "E_XML_MARKUP"),
        ("multichoice", _TWO + "<answernumbering>abcdefghijk</answernumbering>", "E_XML_LONG"),
        ("matching", _PAIRS + "<shuffleanswers><x/></shuffleanswers>", "E_XML_MARKUP"),
        ("ordering", _ITEMS.replace("<answer>", '<answer fraction="">', 1), "E_XML_NUMBER"),
        ("ordering", _ITEMS.replace("<answer>", '<answer fraction="abc">', 1), "E_XML_NUMBER"),
        ("ordering", _ITEMS + "<layouttype><x/></layouttype>", "E_XML_MARKUP"),
        ("ordering", _ITEMS.replace("<shownumcorrect>0</shownumcorrect>", ""), "E_XML_MISSING"),
        ("essay", '<generalfeedback format="wiki_like"><text>a</text></generalfeedback>', "E_XML_WIKI"),
        ("essay", '<generalfeedback><text/><file name="a"><x/></file></generalfeedback>', "E_XML_MARKUP"),
        ("essay", f'<generalfeedback><text/><file name="{"я" * 256}"/></generalfeedback>', "E_XML_LONG"),
        ("essay", f'<generalfeedback><text/><file name="a" path="/{"я" * 255}/"/></generalfeedback>', "E_XML_LONG"),
    ],
)
def test_where_moodle_breaks_off(qtype: str, inner: str, code: str) -> None:
    reading = read_xml(quiz(choice(), question(qtype, inner)))
    (found,) = [one for one in reading.problems if one.severity == "error"]
    assert (found.code, found.line) == (code, 4)


def test_a_numerical_question_without_an_answer_moodle_keeps_is_not_read() -> None:
    (kept,) = read_xml(quiz(choice(), question("numerical", '<answer fraction="0"/>'))).questions
    assert not isinstance(kept, NumericalQuestion)  # it could not be written again


@pytest.mark.parametrize(
    ("qtype", "inner"),
    [
        ("essay", "<defaultgrade/><hint/><attachmentsrequired>x</attachmentsrequired>"),
        ("essay", "<minwordlimit></minwordlimit><maxwordlimit> 0 </maxwordlimit><attachments>-1</attachments>"),
        ("description", "<defaultgrade>abc</defaultgrade>"),
        ("essay", "<tags/>"),
        ("essay", "<tags><tag/><tag><text>а</text></tag></tags>"),
        ("numerical", _THREE + '<answer fraction="0"><text/></answer><unitgradingtype/>'),
        ("numerical", _THREE + "<units/><instructions/>"),
        ("multichoice", _TWO + "<correctfeedback/><showstandardinstruction>true</showstandardinstruction>"),
        ("truefalse", _RIGHT + _RIGHT.replace("true", "false").replace("100", "0")),
        ("ordering", _ITEMS.replace("<shownumcorrect>0</shownumcorrect>", "<hint><text>а</text></hint>" * 2)),
        ("ordering", _ITEMS.replace("<shownumcorrect>0</shownumcorrect>", "<shownumcorrect/>")),
    ],
)
def test_where_moodle_does_not_break_off(qtype: str, inner: str) -> None:
    assert read_xml(quiz(question(qtype, inner))).ok


def test_an_empty_tag_beside_others_is_none() -> None:
    (found,) = read_xml(quiz(question("essay", "<tags><tag/><tag><text>а</text></tag></tags>"))).questions
    assert found.tags == ("а",)


def test_a_numerical_mark_may_stand_inside() -> None:
    inner = '<answer fraction="100"><text>3</text><fraction>0.5</fraction></answer>'
    (found,) = read_xml(quiz(question("numerical", _THREE + inner))).questions
    assert isinstance(found, NumericalQuestion)
    assert [one.fraction for one in found.answers] == [1.0, 0.5]


@pytest.mark.parametrize(
    ("qtype", "inner", "field"),
    [
        ("multichoice", _TWO, "shuffleanswers"),
        ("multichoice", _TWO + "<shuffleanswers/>", "shuffleanswers"),
        ("multichoice", _TWO + "<shuffleanswers> false </shuffleanswers>", "shuffleanswers"),
        ("matching", _PAIRS + "<shuffleanswers/>", "shuffleanswers"),
        ("essay", "<defaultgrade/>", "defaultgrade"),
        ("essay", "<defaultgrade>2</defaultgrade>", "defaultgrade"),
        ("essay", "<responserequired/>", "responserequired"),
        ("essay", "<responsefieldlines/>", "responsefieldlines"),
        ("essay", "<maxbytes>1024</maxbytes>", "maxbytes"),
        ("numerical", _THREE + "<showunits/>", "showunits"),
        ("numerical", _THREE + "<unitsleft>1</unitsleft>", "unitsleft"),
        (
            "multichoice",
            _TWO + "<shuffleanswers>1</shuffleanswers><showstandardinstruction>1</showstandardinstruction>",
            "showstandardinstruction",
        ),
        ("truefalse", _RIGHT + _RIGHT.replace("true", "false").replace("100", "0"), "penalty"),
        (
            "truefalse",
            _RIGHT + _RIGHT.replace("true", "false").replace("100", "0") + "<penalty>0</penalty>",
            "penalty",
        ),
        ("essay", '<graderinfo><text/><file name="a.png">eA==</file></graderinfo>', "graderinfo/file"),
    ],
)
def test_a_field_moodle_would_keep(qtype: str, inner: str, field: str) -> None:
    (found,) = read_xml(quiz(question(qtype, inner))).problems
    assert (found.code, found.params["text"]) == ("W_LOST_FIELD", field)
    assert found.params["value"] or field in ("showunits", "responserequired", "responsefieldlines")


@pytest.mark.parametrize(
    ("qtype", "inner"),
    [
        ("multichoice", _TWO + "<shuffleanswers>TRUE</shuffleanswers><shownumcorrect/>"),
        ("matching", _PAIRS),
        ("description", "<defaultgrade/>"),
        ("numerical", _THREE + "<showunits>3</showunits><unitpenalty>0.1</unitpenalty>"),
        ("essay", "<responsefieldlines>10</responsefieldlines><maxbytes>0</maxbytes>"),
    ],
)
def test_a_field_that_says_what_gift_says(qtype: str, inner: str) -> None:
    assert codes(read_xml(quiz(question(qtype, inner)))) == []


@pytest.mark.parametrize("between", ["", "\n"])
def test_doubles_are_found_on_one_line_and_on_two(between: str) -> None:
    one = question("essay", "<idnumber>К-1</idnumber>").rstrip("\n")
    reading = read_xml(quiz(one + between + one))
    assert codes(reading) == ["E_ID_DUPLICATE", "W_DUPLICATE_QUESTION", "W_DUPLICATE_TITLE"]
    assert {found.params["first_line"] for found in reading.problems} == {"3"}


def test_a_category_has_many_spellings() -> None:
    one = question("essay", "<idnumber>К-1</idnumber>")
    for first, second in (("А", "top/А"), ("А", " А "), ("А/ Б", "А/Б"), ("А", "top")):
        assert "E_ID_DUPLICATE" in codes(read_xml(quiz(category(first), one, category(second), one)))
    assert "E_ID_DUPLICATE" not in codes(read_xml(quiz(category("А"), one, category("Б"), one)))


def test_the_first_of_two_files_of_one_name_counts() -> None:
    first, second = (f'<file name="a.png">{base64.b64encode(PNG + one).decode()}</file>' for one in (b"1", b"2"))
    shown = (
        '<generalfeedback format="html"><text><![CDATA[<img src="@@PLUGINFILE@@/a.png">]]></text>{}</generalfeedback>'
    )
    reading = read_xml(quiz(question("essay", shown.format(first + second))))
    assert [one.content for one in reading.attachments[0]] == [PNG + b"1"]
    doubled = (*reading.attachments[0], reading.attachments[0][0]._replace(content=b"2"))
    assert base64.b64encode(PNG + b"1").decode() in with_pictures(reading.questions[0], doubled)[0].generalfeedback.text


@pytest.mark.parametrize("character", ["&amp;", "&lt;", "&gt;", "&quot;", "'", "`", ":", "|", "\\"])
def test_a_file_name_moodle_changes(character: str) -> None:
    named = (
        f'<generalfeedback><text/><file name="а{character}б.png" path="/в{character}/">eA==</file></generalfeedback>'
    )
    (found,) = read_xml(quiz(question("essay", named))).problems
    assert (found.code, found.params["name"]) == ("W_XML_FILE_NAME", "/в/аб.png")


def test_a_file_name_moodle_keeps() -> None:
    named = '<generalfeedback><text/><file name="а*?#%~ ;,+..б.png" path="/">eA==</file></generalfeedback>'
    assert codes(read_xml(quiz(question("essay", named)))) == []
    refused = named.replace("а*?#%~ ;,+..б.png", ":.")
    assert codes(read_xml(quiz(question("essay", refused)))) == ["E_XML_FILE_NAME"]


def test_a_missing_file_is_told_once() -> None:
    text = "@@PLUGINFILE@@/a.png " * 9
    reading = read_xml(quiz(question("essay", f"<generalfeedback><text>{text}</text></generalfeedback>")))
    assert codes(reading) == ["W_FILE_MISSING"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("&quot;Мыйзам&quot; жөнүндө", "&quot;Мыйзам&quot; жөнүндө"),
        ("А &amp; Б", "А &amp; Б"),
        ("<![CDATA[<b>а</b>]]> б", "<![CDATA[<b>а</b>]]> б"),
        ("<![CDATA[а]]>\n<![CDATA[б]]>", "<![CDATA[а]]> <![CDATA[б]]>"),
        ("а<!-- б --> в", "а<!-- б --> в"),
        ("а&#32;б", "а&#32;б"),
        ("<![CDATA[а]]><![CDATA[ ]]><![CDATA[б]]>", "<![CDATA[а]]><![CDATA[ ]]><![CDATA[б]]>"),
        ("a&lt;\n&gt;b", "a&lt; &gt;b"),
    ],
)
def test_a_blank_moodle_loses(text: str, shown: str) -> None:
    data = quiz(question("essay", f"<generalfeedback><text>{text}</text></generalfeedback>"))
    for size in (1, 5, len(data)):
        pieces = (data[at : at + size] for at in range(0, len(data), size))
        (found,) = [one for taken in iter_xml(pieces) for one in taken.problems]
        assert (found.code, found.line) == ("W_XML_BLANK_LOST", 3)
    assert found.params["text"] == shown
    assert codes(read_xml(quiz(question("essay", f"<idnumber>{text}</idnumber>")))) == ["W_XML_BLANK_LOST"]


@pytest.mark.parametrize(
    "text",
    [
        "<![CDATA[&quot;Мыйзам&quot; жөнүндө; б --> в]]>",
        "а; б, в – г: \n д",
        "&quot;Act&quot; on service",
        "а &amp;б",
        "а&#160;б",
        "&quot;а&quot; \n",
        "а&nbsp б".replace("&nbsp", "\u00a0"),
        "<!-- &amp; б -->а",
    ],
)
def test_a_blank_moodle_keeps(text: str) -> None:
    assert codes(read_xml(quiz(question("essay", f"<generalfeedback><text>{text}</text></generalfeedback>")))) == []


def test_blanks_before_the_declaration_are_trimmed_as_in_moodle() -> None:
    for before in (b"\n", b" \t\r\n\n  ", b"\xef\xbb\xbf\n", b"\0\x0b"):
        data = before + quiz(choice("<penalty>abc</penalty>"))
        lines = before.count(b"\n")
        for size in (4, len(data)):
            pieces = (data[at : at + size] for at in range(0, len(data), size))
            (taken,) = iter_xml(pieces)
            assert {(found.code, found.line) for found in taken.problems} >= {("E_XML_NUMBER", 3 + lines)}
    (found,) = read_xml(b" \n  " + quiz(choice()).replace(b"UTF-8", b"x")).problems
    assert (found.code, found.line, found.column) == ("E_XML_ENCODING", 2, 3)
    assert codes(read_xml("\u00a0".encode() + quiz(choice()))) == ["E_XML_SYNTAX"]


def test_marks_beside_the_full_one_are_full() -> None:
    near = '<answer fraction="99.99999"><text>а</text></answer>'
    assert codes(read_xml(quiz(question("shortanswer", near)))) == []
    far = near.replace("99.99999", "99.9")
    assert "E_SHORT_NO_FULL" in codes(read_xml(quiz(question("shortanswer", far))))


def test_a_long_tag_is_said() -> None:
    tags = f"<tags><tag><text>{'я' * 51}</text></tag></tags>"
    assert codes(read_xml(quiz(question("essay", tags)))) == ["W_TAG_LONG"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("<selecttype>RANDOM</selecttype><selectcount>3.0</selectcount>", {"selectcount": 3}),
        ("<selecttype>RANDOM</selecttype><selectcount/>", {"selectcount": 2}),
        ("<selecttype>RANDOM</selecttype>", {"selectcount": 6}),
        ("<selectcount>3</selectcount>", {"selectcount": 6}),
        ("<logical>CONTIGUOUS</logical><studentsee>4</studentsee>", {"selecttype": 2, "selectcount": 4}),
        ("<selecttype/><logical>ALL</logical>", {"selecttype": 1}),
        ("<gradingtype> ABS </gradingtype>", {"gradingtype": 1}),
        ("<gradingtype>abs</gradingtype>", {"gradingtype": 0}),
        ("<showgrading> HIDE </showgrading>", {"showgrading": 1}),
    ],
)
def test_options_of_ordering_questions(options: str, expected: dict[str, int]) -> None:
    (found,) = read_xml(quiz(question("ordering", options + _ITEMS))).questions
    assert {name: getattr(found, name) for name in expected} == expected


def test_an_empty_pair_is_dropped() -> None:
    assert codes(read_xml(quiz(question("matching", _PAIRS + "<subquestion/>")))) == ["W_EMPTY_ANSWER"]


def test_an_empty_item_is_dropped() -> None:
    reading = read_xml(quiz(question("ordering", _ITEMS + "<answer><text/></answer>")))
    assert codes(reading) == ["W_EMPTY_ANSWER"]
    reading = read_xml(quiz(question("ordering", _ITEMS.replace("<text>б</text>", "<text> </text>"))))
    assert codes(reading) == ["E_TOO_FEW_ANSWERS", "W_EMPTY_ANSWER"]


def category(path: str, inner: str = "") -> str:
    return f'<question type="category"><category><text>{path}</text></category>{inner}</question>\n'


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ((category("а/" + "я" * 256),), "E_CATEGORY_LONG"),
        ((category("а", f"<idnumber>{'я' * 101}</idnumber>"),), "E_ID_LONG"),
        ((category("а", "<idnumber><text>К</text></idnumber>"),), "E_XML_MARKUP"),
        ((category("а", "<info/>"),), "E_XML_MISSING"),
        ((category("а", '<info format="html">х</info>'),), "E_XML_MISSING"),
        ((category("а", "<info><text><b/></text></info>"),), "E_XML_MARKUP"),
        ((category("а", "<idnumber>К</idnumber>"), category("б", "<idnumber>К</idnumber>")), "E_CATEGORY_ID_DUPLICATE"),
    ],
)
def test_categories_moodle_breaks_off_at(elements: tuple[str, ...], code: str) -> None:
    (found,) = [one for one in read_xml(quiz(*elements, choice())).problems if one.severity == "error"]
    assert (found.code, found.line) == (code, 2 + len(elements))


def test_categories_moodle_makes() -> None:
    key = "<idnumber>К</idnumber>"
    for elements in (
        (category("я" * 255, f"<idnumber>{'я' * 100}</idnumber>"),),
        (category("а", key), category(" top / а", key)),
        (category("а/б", key), category("а", key)),
        (category("а", "<idnumber/>"), category("б", "<idnumber/>")),
        (category("а", '<info format="html"><text/></info>'),),
    ):
        reading = read_xml(quiz(*elements, choice()))
        assert reading.ok
        assert codes(reading) == ["W_LOST_FIELD"] * "".join(elements).count("</idnumber>")
    assert codes(read_xml(quiz(category(""), choice()))) == ["W_CATEGORY_EMPTY"]


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
        '<answer fraction="0"><text>Дұрыс</text></answer><answer fraction="100"><text>Бұрыс</text></answer>'
        "<penalty>1</penalty></question>"
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
