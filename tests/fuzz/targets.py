"""What must hold for any bytes whatever: the readers answer, and what they read can be written and read again.

A target raises `AssertionError` where it does not hold; anything else that escapes is a crash of its own.
"""

from __future__ import annotations

import json
import zlib

from gift_export.conversion import to_xml
from gift_export.exchange import to_json
from gift_export.problems import Problem
from gift_export.reader import read, read_bytes
from gift_export.refusal import CannotSayError
from gift_export.stream import read_stream
from gift_export.writer import spell
from gift_export.xml_reader import read_xml
from question_banks.model import NO_LINES, CategorySwitch, Question

_STREAMED = 2_000
_ONE_IN = 8
"""Every input is read; one in so many is written and read back as well, which costs several times as much."""


def _thorough(data: bytes) -> bool:
    return zlib.crc32(data) % _ONE_IN == 0


def gift(data: bytes) -> None:
    """The GIFT reader, at once and piece by piece, and the writer on what was read."""
    reading = read_bytes(data)
    _check_problems(reading.problems, data)
    if not _thorough(data):
        return
    for item in reading.items:
        json.dumps(to_json(item))
        if not isinstance(item, CategorySwitch):
            _check_spelling(item)
    if len(data) < _STREAMED and not any(one.code.startswith("E_ENCODING") for one in reading.problems):
        chunks = [data[at : at + 64] for at in range(0, len(data), 64)]
        streamed = list(read_stream(chunks, piece=100, remembered=len(data)))
        assert tuple(item for part in streamed for item in part.items) == reading.items
        assert sorted(one.code for part in streamed for one in part.problems) == sorted(
            one.code for one in reading.problems
        )


def xml(data: bytes) -> None:
    """The Moodle XML reader, and the XML writer on what was read."""
    reading = read_xml(data)
    _check_problems(reading.problems, data)
    if not _thorough(data):
        return
    written = to_xml(reading.items, reading.attachments)
    again = read_xml(written.text.encode("utf-8"))
    if written.ok:
        assert [item._replace(lines=NO_LINES) for item in again.items] == _as_written(reading.items)
        assert sum(map(len, again.attachments.values())) == sum(map(len, reading.attachments.values()))


def _as_written(items: tuple[Question | CategorySwitch, ...]) -> list[Question | CategorySwitch]:
    return [item._replace(lines=NO_LINES) for item in items]


def _check_problems(problems: tuple[Problem, ...], data: bytes) -> None:
    lines = data.count(b"\n") + data.count(b"\r") + 1
    for found in problems:
        assert 0 <= found.line <= lines, found
        assert 0 <= found.column <= len(data) + 1, found


def _check_spelling(question: Question) -> None:
    try:
        spelled = spell(question)
    except CannotSayError:
        return
    (again,) = read(spelled).questions
    assert again._replace(lines=NO_LINES, category="") == question._replace(lines=NO_LINES, category="")


TARGETS = {"gift": gift, "xml": xml}
