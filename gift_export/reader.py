"""Reads GIFT exactly as Moodle 4.4 to 5.x does, and says everything that is wrong with a file.

`read()` never raises for what a file contains: whatever is odd is a finding with line, column and code
(`gift_export.problems`). It goes on after an error, takes time and memory linear in the file, and yields every question
Moodle's reader yields, plus none.
"""

from __future__ import annotations

import gc
from typing import Final, NamedTuple, TypeAlias

from gift_export.alarms import Alarms
from gift_export.blocks import slices, unify_line_ends
from gift_export.encoding import decode
from gift_export.problems import Problem, in_file_order, problem
from gift_export.session import Session
from gift_export.unicode_checks import UNUSUAL, check_characters
from question_banks.model import CategorySwitch, Question

Item: TypeAlias = Question | CategorySwitch
_BOM: Final = "\ufeff"


class Reading(NamedTuple):
    """What a file holds: `items` in file order (questions and category switches), and the findings in file order."""

    items: tuple[Item, ...]
    problems: tuple[Problem, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions alone; each knows its category."""
        return tuple(item for item in self.items if not isinstance(item, CategorySwitch))

    @property
    def ok(self) -> bool:
        """Whether Moodle would import all of it as it was meant: no finding is an error."""
        return not any(found.severity == "error" for found in self.problems)


def read(text: str) -> Reading:
    """The questions of a GIFT file and everything worth saying about it. One byte order mark in front is dropped."""
    # Nothing here makes cycles; without the collector's rounds a large bank is read an eighth faster.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _read(unify_line_ends(text.removeprefix(_BOM)))
    finally:
        if collecting:
            gc.enable()


def _read(text: str) -> Reading:
    session = Session()
    found = take(session, text, 1)
    items, problems = session.finish()
    return Reading(items, in_file_order([*problems, *found]))


def take(session: Session, text: str, first_line: int) -> list[Problem]:
    """Reads a piece of a file that begins on line `first_line` and ends with a block; findings about characters."""
    parted = slices(text, first_line)
    alarms = Alarms(text)
    session.take_all(text, parted, alarms)
    # Where no block was asked about, the plainest way has read them all, and only what parts them is left to look at.
    if not alarms.asked and not UNUSUAL.search(text[: parted.start] + "".join(set(parted.blanks))):
        return []
    return [found._replace(line=found.line + first_line - 1) for found in check_characters(text, alarms.unusual)]


def read_bytes(data: bytes) -> Reading:
    """The same for a file's bytes. Moodle refuses a file that is not UTF-8: then there is nothing but findings."""
    text, problems = decode(data)
    if text is None:
        return Reading((), in_file_order(problems))
    return read(text)


def first_error(reading: Reading) -> Problem | None:
    """The first finding that is an error."""
    return next((found for found in reading.problems if found.severity == "error"), None)


__all__ = ["Item", "Problem", "Reading", "first_error", "problem", "read", "read_bytes", "take"]
