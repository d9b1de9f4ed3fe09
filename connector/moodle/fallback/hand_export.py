"""A bank as one file that a person loads into Moodle with its own importer.

Core's importer never makes a new version: a question whose idnumber is there already becomes a duplicate, and its
idnumber is dropped without a word. So the category carries a mark of the bank's content: a changed bank goes into a
category of its own, and one that is there already is not loaded again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal
from xml.sax.saxutils import escape

from flask_app.ports.moodle import HandFile
from gift_export.moodle_xml import write_xml
from gift_export.writer import write
from question_banks.model import Question

Form = Literal["gift", "xml"]
MARK = 8
"""Characters of the content hash in a category's name."""


def hand_file(bank: str, questions: Sequence[Question], form: Form) -> HandFile:
    """The file of one bank, with idnumbers, tags and categories. The mark is of the questions, in whatever
    order they come.

    Raises `CannotSayError` for a question the form cannot say.
    """
    mark = hashlib.sha256(write_neutral(questions).encode("utf-8")).hexdigest()[:MARK]
    category = f"{bank} {mark}"
    placed = [question._replace(category=_below(category, question.category)) for question in questions]
    text = write(placed) if form == "gift" else _xml(placed)
    return HandFile(f"{bank}.{mark}.{form}", text, category, len(placed))


def write_neutral(questions: Sequence[Question]) -> str:
    """A spelling of these questions, to be hashed: XML says what GIFT cannot."""
    return "".join(sorted(f"{question.category}\n{write_xml(question)}" for question in questions))


def _below(category: str, path: str) -> str:
    """`$course$/top/<bank mark>/<the question's own category>`; a slash inside a name stays doubled."""
    own = path.removeprefix("$course$/").removeprefix("top/").strip("/")
    return "/".join(part for part in ("$course$/top", category.replace("/", "//"), own) if part)


def _xml(questions: Sequence[Question]) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n' + "".join(_elements(questions)) + "</quiz>\n"


def _elements(questions: Sequence[Question]) -> Iterator[str]:
    for category, members in groupby(questions, key=_category):
        yield f'  <question type="category"><category><text>{escape(category)}</text></category></question>\n'
        yield from map(write_xml, members)


def _category(question: Question) -> str:
    return question.category
