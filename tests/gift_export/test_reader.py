"""Rules of the reader beyond the conformance cases, and how it behaves on files that are broken or hostile."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gift_export import session
from gift_export.exchange import json_chunks, to_json
from gift_export.grammar import Mask
from gift_export.plain_blocks import PlainReader
from gift_export.quick import QuickReader
from gift_export.reader import Reading, read, read_bytes
from question_banks.model import MatchQuestion, MultichoiceQuestion, NumericalQuestion, OrderingQuestion

_PIECES = [
    "::t1::",
    "::",
    "Вопрос",
    " Q ",
    "{",
    "}",
    "=",
    "~",
    "#",
    "####",
    "->",
    "\n",
    "\n\n",
    "\n0\n",
    "\t",
    "\r\n",
    "\r",
    "\\",
    "\\n",
    "\\=",
    "&&058;",
    "&&010",
    "%50%",
    "%--5%",
    "[html]",
    "[htmlX",
    "[HTML]",
    "// [id:а] [tag:б]\n",
    "//",
    "$CATEGORY: А/Б\n\n",
    "T",
    "FALSE",
    "0",
    "1..5",
    "3,14",
    ":0.1",
    ">3 ALL\n",
    "*",
    "<p>",
    "<img onerror=x>",
    "</span>",
    "é",
    "\u00a0",
    "\ufeff",
    "\u2028",
    "\0",
    "\v",
    "\f",
    "\ud800",
    "😀",
]
files = st.lists(st.sampled_from(_PIECES), max_size=40).map("".join)


def codes(text: str) -> list[str]:
    return [found.code for found in read(text).problems]


@settings(max_examples=400, deadline=None)
@given(files)
def test_no_file_makes_the_reader_raise_and_places_lie_in_the_file(text: str) -> None:
    reading = read(text)
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n")
    lines = lines if "\n" in lines else lines.replace("\r", "\n")
    widths = [len(line) for line in lines.split("\n")]
    for found in reading.problems:
        assert 0 <= found.line <= len(widths), found
        if found.line:
            assert 1 <= found.column <= widths[found.line - 1] + 1, found
    for item in reading.items:
        assert 1 <= item.lines[0] <= item.lines[1] <= len(widths)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_raise(data: bytes) -> None:
    reading = read_bytes(data)
    assert reading.ok or any(found.severity == "error" for found in reading.problems)


_LINES = st.sampled_from(
    [
        "=а",
        "~б",
        "~в",
        "~а",
        "~Б",
        "~%50%г",
        "~[html]д",
        "~е#отзыв",
        "~ж#[html]з",
        "~и\\=й",
        "~к#л#м",
        "~-> н",
        "~п // р",
        "~",
        "=с",
        "~т ",
        " ~у",
        "~ф\\n",
        "~х\\ц",
        "####общее",
        "####[html]x",
        "~ч####ш",
        "// комментарий",
        "~&&058;",
        "~<b>щ</b>",
        "~<a href>",
        "~э\u00a0",
        "~ю\u200bя",
        "=№ «а» — б…",
        "~а\u0301",
        "~б @@PLUGINFILE@@/в.png",
        "~г\rд",
        "~\x01е",
        "~ж -> з",
    ]
)
_HEADS = st.sampled_from(
    [
        "::н1::Стем?{",
        "::н2::[html]<p>Стем</p>{",
        "::н1::Стем 2\\: да{",
        "::а\\:б:: Стем {",
        "Стем{",
        "::н::=Стем{",
        "::<b>н</b>::С{",
        "// [id:к1] [tag:т]\n::н3::С3{",
        "// [id:к1]\n::н4::С4{",
        "// question: 1  name: x\n// [id:к2]\n::н5::С5{",
        "// [tag:]\n::н6::С6{",
        "::н7::[HTML]С7{",
        "::н8::С8\nдальше{",
    ]
)
_blocks = st.tuples(_HEADS, st.lists(_LINES, max_size=6), st.sampled_from(["}", "\t}", "} хвост", ""])).map(
    lambda parts: parts[0] + "\n" + "".join(f"\t{line}\n" for line in parts[1]) + parts[2]
)


_between = st.sampled_from(["\n\n", "\n\n", "\n \t\n", "\n\v\n", "\n0\n", "\n\0\n", "\n\r\n", "\n\n\n\n"])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(_between, _blocks), min_size=1, max_size=4))
def test_the_short_ways_and_the_careful_way_read_the_same(blocks: list[tuple[str, str]]) -> None:
    # A plain block in front: what the short ways know of a file, they must know of the whole of it.
    text = "::первый::Да?{\n=да\n~нет\n}\n" + "".join(between + block for between, block in blocks)
    assert read(text) == _carefully(text) == _carefully(text, declined=["PlainReader"])


@pytest.mark.parametrize(
    "text",
    [
        "::1::А{\n=а\n~б\n}\n\n::2::Б &&035; в{\n=а\n~б\n####в\n}\n",
        "::1::А{\n=а\n~б\n}\n\n::2::Б{\n=@@PLUGINFILE@@/a.png\n~б // комм\n~C:\\temp#г\n}\n",
        "::а::Q{\n~а\n~б\n####а=.\n}",
        "::а::Q{\n=а\n~б\n####в{г\n}",
        "// [id:аb\rс] [tag:д\rе]\n::а::Q{\n=а\n~б\n}",
    ],
)
def test_what_a_short_way_once_passed_over(text: str) -> None:
    assert read(text) == _carefully(text) == _carefully(text, declined=["PlainReader"])


class _Declining:
    """A way that takes no block."""

    def __init__(self, *_: object) -> None: ...

    def read(self, *_: object) -> None:
        return None


def _carefully(text: str, *, declined: Sequence[str] = ("PlainReader", "QuickReader")) -> Reading:
    with pytest.MonkeyPatch.context() as patch:
        for way in declined:
            patch.setattr(session, way, _Declining)
        return read(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("\n0а{T}", ["0а"]),
        ("а{T}\n\n0::т::Q{T}", ["а", "0::т::Q"]),
        ("0\n0::т::Q{T}", ["0::т::Q"]),
        ("а{T}\n 0 \n0\n\n00{T}", ["а", "00"]),
        ("а{T}\n0", ["а"]),
        ("0", []),
        ("\n \t\n", []),
        ("а{T}\n  \n\t", ["а"]),
    ],
)
def test_only_a_line_of_a_single_nought_parts_questions(text: str, names: list[str]) -> None:
    """A nought in front of a question was lost under Python 3.11.2 (CPython gh-106052)."""
    assert [question.name for question in read(text).questions] == names


def test_an_indented_question_is_found_where_it_stands() -> None:
    """The same fault took the blanks in front of a first line away, and told the wrong column."""
    (found,) = [one for one in read("а{T}\n\n  б}").problems if one.code == "E_BRACE_NO_OPEN"]
    assert (found.line, found.column) == (3, 4)


def test_the_short_ways_are_taken() -> None:
    """Otherwise the property above would hold for nothing."""
    plain = "::н::[html]Стем «1», да{\n\t~а б\n =в-г\n~\tд \u2014 е\n }"
    assert PlainReader(plain).read(plain, "", (1, 5)) is not None
    text = "// [id:а] [tag:б в]\n::н::[html]<p>Стем 1\\: да</p>{\n\t=<p>а</p>#да\n\t~б\n\t####общее\n}"
    assert QuickReader(text, Mask(text)).read(text, "", (1, 6)) is not None


def test_all_errors_of_a_file_are_reported_and_the_rest_is_read() -> None:
    reading = read("А{=а ~б\n\nБ{~а}\n\nВ{#3,14}\n\nГ{T}\n\nД{~%33%а ~%67%б}")
    errors = [(found.code, found.line) for found in reading.problems if found.severity == "error"]
    assert errors == [
        ("E_BRACE_NO_CLOSE", 1),
        ("E_TOO_FEW_ANSWERS", 3),
        ("E_NUM_NOT_NUMBER", 5),
        ("E_WEIGHT_NOT_ALLOWED", 9),
        ("E_WEIGHT_NOT_ALLOWED", 9),
    ]
    assert [question.name for question in reading.questions] == ["В", "Г", "Д"]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("Q1{T}\nQ2{F}", "E_MISSING_BLANK_LINE", 2, 1),
        ("Q{T}\n$CATEGORY: А\n\nQ2{T}", "E_MISSING_BLANK_LINE", 2, 1),
        ("$CATEGORY: А\nQ{T}\n\nQ2{T}", "E_CATEGORY_MERGED", 2, 1),
        ("Q}{=а ~б", "E_BRACE_ORDER", 1, 2),
        ("Q{=а\n\n~б\n\n~в}", "E_BLANK_LINE_IN_ANSWERS", 2, 1),
        ("Q{=а -> 1 =б}", "E_MATCH_NO_ARROW", 1, 11),
        ("Q{=%50%а ~б}", "E_WEIGHT_SYNTAX", 1, 4),
        ("Q{~%--50%а =б}", "E_WEIGHT_SYNTAX", 1, 4),
        ("Q{~%50%а ~%20%б}", "E_MARKS_SUM", 1, 2),
        ("Q{#=5 кг}", "E_NUM_NOT_NUMBER", 1, 5),
        ("Q{#0 =5}", "E_ZERO_ANSWER", 1, 4),
        ("Q{0}", "E_ZERO_ANSWER", 1, 3),
        ("Q{#*}", "E_NUM_ANY", 1, 4),
        ("// [id:а]\nQ{T}\n\n// [id:а]\nQ2{F}", "E_ID_DUPLICATE", 4, 4),
        ("Q{T}\n\nQ{T}", "W_DUPLICATE_QUESTION", 3, 1),
        ("// [id:а] [id:б]\nQ{T}", "W_ID_SECOND", 1, 11),
        ("// [id:а]\n\nQ{T}", "W_COMMENT_LOST", 1, 4),
        ("[HTML]Q{T}", "W_FORMAT_UNKNOWN", 1, 1),
        ("Q{T#а#б#в}", "W_TF_THIRD_FEEDBACK", 1, 8),
        ("Q{T####  [html]а}", "W_FORMAT_AFTER_SPACE", 1, 4),
        ('[html]<a href\\="javascript\\:x">Q</a>{T}', "E_ACTIVE_CONTENT", 1, 17),
        ("[html]<script>x</script>Q{T}", "E_ACTIVE_CONTENT", 1, 7),
        ("Q $a \\neq b$ {T}", "W_LATEX_NEWLINE", 1, 6),
        ("а\0б{T}", "E_NUL", 1, 2),
        # What only the database refuses, seen by importing into Moodle 4.5.5 and 5.0.6.
        ("// [tag:а] [tag: 0]\nQ{T}", "E_TAG_REFUSED", 1, 12),
        ("// [tag:0]\n::q::Q{\n=а\n~б\n}", "E_TAG_REFUSED", 1, 4),
        ("// [tag:] [tag:\u00a0]\nQ{T}", "E_TAG_REFUSED", 1, 4),
        ("M{=а -> 1 =б -> " + "я" * 256 + "}", "E_MATCH_LONG", 1, 11),
        ("Q{#1e999}", "E_NUM_HUGE", 1, 4),
        ("Q{#5: 1e999}", "E_NUM_HUGE", 1, 7),
        ("Q{#1..1e999}", "E_NUM_HUGE", 1, 4),
        ("Q{#1e308..1e308}", "E_NUM_HUGE", 1, 4),
    ],
)
def test_finding_and_place(text: str, code: str, line: int, column: int) -> None:
    assert (code, line, column) in {(found.code, found.line, found.column) for found in read(text).problems}


def test_duplicate_id_in_another_category_is_fine() -> None:
    assert codes("$CATEGORY: А\n\n// [id:а]\nQ{T}\n\n$CATEGORY: Б\n\n// [id:а]\nQ2{F}") == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("", "top", True),
        ("", "$course$", True),
        ("а", "top/ а", True),
        ("$course$/top/а/б", "$course$/а/<b>б", True),
        ("а", "б/top", True),
        ("а", "А", False),
        ("а", "$course$/а", False),
    ],
)
def test_a_category_is_the_same_however_it_is_spelled(one: str, other: str, same: bool) -> None:
    first, second = (f"$CATEGORY: {path}\n\n" if path else "" for path in (one, other))
    found = codes(f"{first}// [id:а]\nQ{{T}}\n\n{second}// [id:а]\nQ2{{F}}")
    assert found == (["E_ID_DUPLICATE"] if same else [])


@pytest.mark.parametrize(
    "text",
    [
        "// [tag:00] [tag:0а]\nQ{T}",
        "// [tag:10]\n::q::Q{\n=а\n~б\n}",
        "M{=а -> 1 =б -> " + "я" * 255 + "}",
        "M{=" + "я" * 300 + " -> 1 =б -> 2}",
        "Q{#1e300..2e300}",
        "Если x < 3, то online {T}, а если y < 2 only\\=3",
    ],
)
def test_what_moodle_imports_whole_is_no_error(text: str) -> None:
    assert read(text).ok


def test_utf16_is_named() -> None:
    (found,) = read_bytes("Q{T}".encode("utf-16")).problems
    assert (found.code, found.params["encoding"]) == ("E_ENCODING_OTHER", "UTF-16")


def test_every_wrong_byte_is_reported_with_its_place() -> None:
    data = "А{T}\n".encode() + b"\xff\xfe\n" + b"x" * 70_000 + b"\xd0"
    places = [(found.line, found.column) for found in read_bytes(data).problems]
    assert places == [(2, 1), (2, 2), (3, 70_001)]


def test_mac_line_ends_part_a_file_without_line_feeds() -> None:
    assert [question.lines for question in read("Q1{T}\r\rQ2{F}\r").questions] == [(1, 1), (3, 3)]


def test_reversed_braces_cut_bytes_as_php_does() -> None:
    # substr() with a negative length counts bytes from the end: half of "й" is left over and shown as U+FFFD.
    (question,) = read("a}{bcй").questions
    assert to_json(question)["text"] == "a}_____{bcй"


def test_php_numbers() -> None:
    def answer(text: str) -> object:
        (question,) = read(f"Q{{#{text}}}").questions
        assert isinstance(question, NumericalQuestion)
        return question.answers[0].answer

    assert [answer(text) for text in (".5", "5.", "-1e2", "+3", "1..5", "=0")] == [0.5, 5.0, -100.0, 3.0, 3.0, 0.0]
    assert [answer(text) for text in ("1_000", "inf", "0x1A", "٤٢", "1e", "−5")] == ["*"] * 6


def test_ordering_options_are_eaten_greedily() -> None:
    (question,) = read("O{>2\n10\n20\n}").questions
    assert isinstance(question, OrderingQuestion)
    assert (question.items, question.layouttype, question.showgrading) == (("20",), 1, 1)
    (full,) = read("O{>2 CONTIG H RELATIVE_TO_CORRECT HIDE iii\n10\n20\n}").questions
    assert isinstance(full, OrderingQuestion)
    assert (full.selecttype, full.layouttype, full.gradingtype, full.showgrading) == (2, 1, 7, 0)
    assert (full.numberingstyle, full.items) == ("iii", ("10", "20"))


def test_match_and_category_reach_the_records() -> None:
    reading = read("$CATEGORY: $course$/А//Б/В\n\n// [id:к]\nM{=а -> 1 =[html]<b>б</b> -> 2}")
    switch, question = reading.items
    assert to_json(switch)["names"] == ["$course$", "А/Б", "В"]
    assert isinstance(question, MatchQuestion)
    assert (question.category, question.idnumber) == ("$course$/А//Б/В", "к")
    assert [(pair.text, pair.format, pair.answer) for pair in question.pairs] == [
        ("а", "moodle", "1"),
        ("<b>б</b>", "html", "2"),
    ]


def test_a_question_of_many_answers_is_printed_in_pieces_and_whole() -> None:
    (question,) = read("Q{=а " + "".join(f"~{number} " for number in range(1500)) + "}").questions
    assert isinstance(question, MultichoiceQuestion)
    assert json.loads("".join(json_chunks(question))) == json.loads(json.dumps(to_json(question)))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("::а\\nб::Q{\n\t=x\n\t~y\n}", "W_TITLE_NEWLINE"),
        ("::а::Q \\neq 5{\n\t=x\n\t~y\n}", "W_LATEX_NEWLINE"),
        ("::а::Q{\n\t=x \\neq 5\n\t~y\n}", "W_LATEX_NEWLINE"),
    ],
)
def test_a_newline_spelled_as_an_escape_gets_a_second_look(text: str, code: str) -> None:
    """The short way does not judge it, however plain the block is otherwise."""
    assert [found.code for found in read(text).problems] == [code]


def test_a_placeholder_made_by_cutting_the_answers_out() -> None:
    (question,) = read("Q&{#5:1}&010{x}").questions
    assert question.text == "Q\n{x}"
    (question,) = read("Q&{#5:1}&010").questions
    assert question.text == "Q&_____&010"


def test_a_format_is_not_closed_by_an_escape() -> None:
    (question,) = read("[html\\{").questions
    assert (question.text, question.format) == ("[html{", "moodle")


def test_names_lose_what_is_no_character() -> None:
    reading = read("::а\uffffб::Q{T}\n\n\ufffe{T}\n\n$CATEGORY: \uffffа")
    assert [question.name for question in reading.questions] == ["аб", "Question name"]
    assert to_json(reading.items[-1])["names"] == ["а"]


def test_white_space_of_multilang_tags_is_that_of_pcre() -> None:
    title = '<span lang="ky"\u00a0class="multilang"\u2003>Суроо</span>'
    assert read(f"::{title}::Q{{T}}").questions[0].name == title
