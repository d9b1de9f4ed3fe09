"""Hostile input: time must grow with the file, not with its square."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from gift_export.conversion import with_pictures
from gift_export.exchange import json_chunks
from gift_export.reader import read
from gift_export.xml_reader import iter_xml, read_xml
from question_banks.model import CategorySwitch
from tests.gift_export.growth import assert_time_grows_with_size

_CASES: dict[str, Callable[[int], str]] = {
    "open braces": lambda n: "Q" + "{" * n,
    "close braces": lambda n: "Q{T" + "}" * n,
    "equals": lambda n: "Q{" + "=" * n + "}",
    "tildes": lambda n: "Q{" + "~" * n + "}",
    "percent": lambda n: "Q{~" + "%" * n + "а =б}",
    "minus in a weight": lambda n: "Q{~%" + "-" * n + "50 =б}",
    "ids never closed": lambda n: "// " + "[id:" * n + "\nQ{T}",
    "tags never closed": lambda n: "// " + "[tag:" * n + "\nQ{T}",
    "escaped brackets in an id": lambda n: "// [id:" + "\\]" * n + "\nQ{T}",
    "less-than": lambda n: "Q" + "<" * n + "{T}",
    "open tags": lambda n: "Q" + "<a " * n + "{T}",
    "closed tags": lambda n: "Q" + "<b>x" * n + "{T}",
    "handlers without tag": lambda n: "Q<" + " onxyz=" * n + "{T}",
    "arrows": lambda n: "Q{" + "=а->" * n + "}",
    "placeholders": lambda n: "Q " + "&&058;" * n + "{T}",
    "backslashes": lambda n: "Q " + "\\" * n + "{T}",
    "hashes": lambda n: "Q{T" + "#" * n + "}",
    "colons": lambda n: ":" * n,
    "blank lines": lambda n: "\n" * n + "Q{T}",
    "spaces in a line": lambda n: "Q{T}\n" + " " * n + "x\n" + " " * n + "\n0" + " " * n + "1",
    "zero lines": lambda n: "Q{T}" + "\n0" * n,
    "lone returns": lambda n: "Q{T}\n" + "\r" * n + "x\ra",
    "unclosed questions": lambda n: "Q{=а ~б\n\n" * n,
    "distinct answers": lambda n: "Q{" + "".join(f"~{at}" for at in range(n)) + "}",
    "combining marks": lambda n: "Q" + "и\u0306" * n + "{T}",
    "invisible": lambda n: "Q" + "\u200b" * n + "{T}",
    "ordering spaces": lambda n: "Q{>3 " + " a" * n + "}",
    "reversed braces": lambda n: "}" + "й" * n + "{" + "й" * n,
    "brackets": lambda n: "Q{=" + "[ " * n + " ~б}",
    "image": lambda n: 'Q<img src\\="data\\:image/png;base64,' + "A" * n + '">{=а ~б}',
    "names that need shortening": lambda n: "::" + "сөз " * n + "::Q{T}",
    "name of entities": lambda n: "Q" + "&amp;" * n + "{T}",
}


@pytest.mark.parametrize("name", _CASES)
def test_time_grows_with_the_file(name: str) -> None:
    assert_time_grows_with_size(lambda size: partial(_read_and_print, _CASES[name](size)), 4_000)


def _read_and_print(text: str) -> None:
    for item in read(text).items:
        for _chunk in json_chunks(item):
            pass


def test_every_unclosed_question_is_reported() -> None:
    assert len(read("Q{=а ~б\n\n" * 3000).problems) == 3000


def test_findings_of_one_question_are_capped_and_counted() -> None:
    problems = read("Q{" + "=" * 5000 + "}").problems
    (more,) = [
        found for found in problems if found.code == "I_MORE_OF_THE_SAME" and found.params["code"] == "E_EMPTY_ANSWER"
    ]
    assert more.params["n"] == str(5000 - 100)


_ESSAY = "<name><text>т</text></name><questiontext><text>Q</text></questiontext>"
_XML: dict[str, Callable[[int], str]] = {
    "answers with a file each": lambda n: _question(
        "multichoice", "".join(f'<answer><text>{at}</text><file name="{at}">eA==</file></answer>' for at in range(n))
    ),
    "files of one text": lambda n: _question(
        "essay",
        "<generalfeedback>" + "".join(f'<file name="{at}">eA==</file>' for at in range(n)) + "</generalfeedback>",
    ),
    "blanks that are lost": lambda n: _question("essay", "<idnumber>" + "&lt; я" * n + "</idnumber>"),
    "comments": lambda n: _question("essay", "<idnumber>" + "<!--&lt; я--> я" * n + "</idnumber>"),
    "sections": lambda n: _question("essay", "<idnumber>" + "<![CDATA[&lt; я]]> я" * n + "</idnumber>"),
    "categories": lambda n: "".join(
        f'<question type="category"><category><text>а/{at}</text></category></question>' for at in range(n)
    ),
    "a deep category": lambda n: (
        '<question type="category"><category><text>' + "а/" * n + "</text></category></question>"
    ),
}


def _question(qtype: str, inner: str) -> str:
    return f'<question type="{qtype}">{_ESSAY}{inner}</question>'


@pytest.mark.parametrize("name", _XML)
def test_time_grows_with_the_xml_file(name: str) -> None:
    assert_time_grows_with_size(lambda size: partial(_read_xml_whole, _XML[name](size)), 2_000)


def _read_xml_whole(elements: str) -> None:
    reading = read_xml(f"<quiz>{elements}</quiz>".encode())
    for at, item in enumerate(reading.items):
        if not isinstance(item, CategorySwitch):
            with_pictures(item, reading.attachments.get(at, ()))


@pytest.mark.parametrize("opening", ['<question type="', "<", "<!--", "<?x ", '<question a="" '])
def test_what_does_not_end_is_refused_soon(opening: str) -> None:
    """expat reads a token that does not end anew with each piece; the file here would be 200 MB long."""

    def pieces() -> Iterator[bytes]:
        yield b"<quiz>\n" + opening.encode()
        for at in range(3_000):
            taken.append(at)
            yield b"a" * 65_536

    taken: list[int] = []
    (found,) = [one for read_one in iter_xml(pieces()) for one in read_one.problems]
    assert (found.code, found.line, found.column) == ("E_XML_SIZE", 2, 1)
    assert len(taken) < 70


def test_a_large_picture_is_no_such_thing() -> None:
    content = base64.b64encode(b"x" * 9_000_000).decode()
    data = "<quiz>" + _question("essay", f'<generalfeedback><text/><file name="a">{content}</file></generalfeedback>')
    reading = read_xml(data.encode() + b"</quiz>")
    assert [len(one.content) for one in reading.attachments[0]] == [9_000_000]
