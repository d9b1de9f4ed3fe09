"""The files questions come in: GIFT, Moodle XML, a spreadsheet with one question a row, a numbered list in Word.

What a file is is told from its content, never from its name. A list in Word is opened behind a port (DESIGN 2); what is
doubtful in it is told of each question before anything is written.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from flask_app.domain.errors import InvalidInput
from flask_app.ports.word_lists import ReadWordList
from flask_app.store.workbooks import read_workbook
from gift_export.conversion import with_pictures
from gift_export.problems import Problem
from gift_export.reader import read_bytes
from gift_export.sheet_layout import read_head
from gift_export.sheet_reader import RowCells, read_sheet
from gift_export.xml_reader import read_xml
from question_banks.model import Question

ZIP: Final = b"PK\x03\x04"
WORD_PART: Final = b"word/document.xml"
XML_HEADS: Final = (b"<?xml", b"<quiz")
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
OLD_EXCEL: Final = bytes.fromhex("d0cf11e0a1b11ae1")
OPEN_SHEET: Final = b"opendocument.spreadsheet"
GIFT_HEADS: Final = ("//", "::", "$")
SEPARATORS: Final = (";", "\t", ",")
UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
FIRST_LINES: Final = 20
"""Among how many lines of a table its head is looked for."""


class QuestionFile(NamedTuple):
    """What a file says. `by_rows`: each row, or number of a list, is a question of its own, so that an error loses no
    other; elsewhere an error outside the questions may have swallowed any number of them. `cells`: what stands
    where, by row; `heads`: the names of the sheets that are read, none for what is no spreadsheet.
    """

    questions: tuple[Question, ...]
    problems: tuple[Problem, ...]
    by_rows: bool = False
    cells: Mapping[int, RowCells] = MappingProxyType({})
    heads: tuple[str, ...] = ()


def read_file(content: bytes, read_word_list: ReadWordList) -> QuestionFile:
    """The questions of a file of any of the four kinds.

    Raises `InvalidInput`: WORKBOOK_* for a spreadsheet that cannot be opened, question.import_table for a spreadsheet
    saved as something else than .xlsx, question.import_sheets for questions on several sheets; all else is a problem in
    the answer.
    """
    start = content.removeprefix(BYTE_ORDER_MARK).lstrip()[:8].lower()
    if start.startswith(XML_HEADS):
        return _xml(content)
    if kind := _other_table(content):
        raise InvalidInput("question.import_table", kind=kind)
    if content.startswith(ZIP):
        if WORD_PART in content:
            reading = read_word_list(content)
            return QuestionFile(reading.questions, reading.problems, by_rows=True)
        return _sheet(content)
    gift = read_bytes(content)
    return QuestionFile(tuple(gift.questions), tuple(gift.problems))


def _other_table(content: bytes) -> str:
    """What a spreadsheet was saved as, where it was not saved as .xlsx; else nothing."""
    if content.startswith(OLD_EXCEL):
        return "XLS"
    if content.startswith(ZIP):
        return "ODS" if OPEN_SHEET in content[:200] else ""
    lines = _first_lines(content)
    if any(line.startswith(GIFT_HEADS) for line in lines):
        return ""
    return "CSV" if any(map(_is_table, lines)) else ""


def _first_lines(content: bytes) -> list[str]:
    """As the program wrote them: in UTF-8, in UTF-16 with its mark, else in the code page of Russian Windows."""
    start = content[:16_384]
    if start.startswith(UTF_16_MARKS):
        text = start.decode("utf-16", "replace")
    else:
        try:
            text = codecs.getincrementaldecoder("utf-8-sig")().decode(start)
        except UnicodeDecodeError:
            text = start.decode("cp1251", "replace")
    return text.splitlines()[:FIRST_LINES]


def _is_table(line: str) -> bool:
    """Whether a line is the head of a table of questions, its columns parted as programs part them."""
    parted = ([cell.strip(' "') for cell in line.split(sign)] for sign in SEPARATORS)
    return any(len(cells) > 2 and read_head(cells) is not None for cells in parted)


def _sheet(content: bytes) -> QuestionFile:
    reading = read_sheet(read_workbook(content))
    if len(reading.sheets) > 1:
        raise InvalidInput("question.import_sheets", sheets=", ".join(reading.sheets))
    return QuestionFile(reading.questions, reading.problems, by_rows=True, cells=reading.cells, heads=reading.heads)


def _xml(content: bytes) -> QuestionFile:
    """Pictures that the file carries beside its questions go into them."""
    reading = read_xml(content)
    questions, problems = [], list(reading.problems)
    for at, item in enumerate(reading.items):
        if item.qtype != "category":
            question, lost = with_pictures(item, reading.attachments.get(at, ()))
            questions.append(question)
            problems += lost
    return QuestionFile(tuple(questions), tuple(problems))
