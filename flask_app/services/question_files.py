"""The files questions come in: GIFT, Moodle XML, a spreadsheet with one question a row.

What a file is is told from its content, never from its name. Lists in Word are for `kyzmat gift convert`: use cases
open no Word files (DESIGN 2), and a person looks at what was doubtful in a list before it is a bank.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from flask_app.domain.errors import InvalidInput
from flask_app.store.workbooks import read_workbook
from gift_export.conversion import with_pictures
from gift_export.problems import Problem
from gift_export.reader import read_bytes
from gift_export.sheet_reader import RowCells, read_sheet
from gift_export.xml_reader import read_xml
from question_banks.model import Question

ZIP: Final = b"PK\x03\x04"
WORD_PART: Final = b"word/document.xml"
XML_HEADS: Final = (b"<?xml", b"<quiz")
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class QuestionFile(NamedTuple):
    """What a file says. `by_rows`: each row is a question of its own, so an error loses that question and no other;
    elsewhere an error outside the questions may have swallowed any number of them. `cells`: what stands where, by row.
    """

    questions: tuple[Question, ...]
    problems: tuple[Problem, ...]
    by_rows: bool = False
    cells: Mapping[int, RowCells] = MappingProxyType({})


def read_file(content: bytes) -> QuestionFile:
    """The questions of a file of any of the three kinds.

    Raises `InvalidInput`: WORKBOOK_* for a spreadsheet that cannot be opened, question.import_word for a list in Word;
    all else is a problem in the answer.
    """
    start = content.removeprefix(BYTE_ORDER_MARK).lstrip()[:8].lower()
    if content.startswith(ZIP):
        if WORD_PART in content:
            raise InvalidInput("question.import_word")
        return _sheet(content)
    if start.startswith(XML_HEADS):
        return _xml(content)
    reading = read_bytes(content)
    return QuestionFile(tuple(reading.questions), tuple(reading.problems))


def _sheet(content: bytes) -> QuestionFile:
    reading = read_sheet(read_workbook(content))
    return QuestionFile(reading.questions, reading.problems, by_rows=True, cells=reading.cells)


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
