"""Reading the question of one import item from its GIFT (or Moodle XML) spelling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector.moodle.standin.moodle_xml_reader import XmlError, read_xml
from gift_export import reader
from question_banks.model import Question


@dataclass(frozen=True, slots=True)
class Rejected(Exception):
    """The source cannot become a question; `why` holds the reader's codes and places."""

    why: str


def read_question(idnumber: str, source_format: str, source: str) -> Question:
    """Exactly one question. Its idnumber is the item's; a source that names another one is refused.

    Raises `Rejected`.
    """
    if source_format == "gift":
        question = _read_gift(source)
    elif source_format == "xml":
        question = _read_xml(source)
    else:
        raise Rejected(f"unknown format {source_format}")
    if question.idnumber not in ("", idnumber):
        raise Rejected(f"the source names idnumber {question.idnumber}")
    return question._replace(idnumber=idnumber)


def _read_gift(source: str) -> Question:
    reading = reader.read(source)
    errors = [problem for problem in reading.problems if problem.severity == "error"]
    if errors:
        raise Rejected("; ".join(f"{problem.code} at {problem.line}:{problem.column}" for problem in errors[:5]))
    return _only(reading.questions)


def _only(questions: Sequence[Question]) -> Question:
    if len(questions) != 1:
        raise Rejected(f"{len(questions)} questions in the source, one is expected")
    return questions[0]


def _read_xml(source: str) -> Question:
    try:
        return _only(read_xml(source))
    except XmlError as error:
        raise Rejected(str(error)) from error
