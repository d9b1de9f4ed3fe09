"""Lists of questions as offices keep them in Word: what use cases see of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from gift_export.problems import Problem
from question_banks.model import Question


class WordList(Protocol):
    """The questions that have a key, and everything that is to be said; the line of a problem is the paragraph."""

    @property
    def questions(self) -> tuple[Question, ...]: ...

    @property
    def problems(self) -> tuple[Problem, ...]: ...


ReadWordList: TypeAlias = Callable[[bytes], WordList]
"""Opens a Word file; never raises for what it contains."""
