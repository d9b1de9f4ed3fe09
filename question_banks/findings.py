"""What the rules say about a bank: findings with a code and a place; and the sheets of questions they look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from question_banks.bank import BankFolder, BankHead, BankText, split_idnumber, topics_of
from question_banks.model import Answer, Question

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `line` and `column` count from 1; both are 0 where the whole file is meant.

    An error keeps a bank from being assembled; a warning does not.
    """

    severity: Severity
    code: str
    file: str
    line: int
    column: int
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One question of one file, with the lines it was read from."""

    language: str
    file: str
    question: Question
    source: tuple[str, ...]

    @property
    def group(self) -> str:
        return split_idnumber(self.question.idnumber)[0]

    @property
    def topic(self) -> str:
        """The question's topic; empty unless it has exactly one."""
        topics = topics_of(self.question)
        return topics[0] if len(topics) == 1 else ""

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The choices; none for a question that is not multiple choice."""
        return self.question.answers if self.question.qtype == "multichoice" else ()

    @property
    def keys(self) -> tuple[int, ...]:
        """Places of the choices worth the full mark, counted from 1."""
        return tuple(place for place, answer in enumerate(self.answers, start=1) if answer.fraction == 1)

    @property
    def texts(self) -> tuple[str, ...]:
        """What a candidate reads: the stem, then the choices."""
        return (self.question.text, *(answer.text for answer in self.answers))

    def place(self, needle: str = "") -> tuple[int, int]:
        """Line and column where `needle` first stands in the question; the beginning of the question without it."""
        for number, line in enumerate(self.source, start=self.question.lines[0]):
            if needle and needle in line:
                return number, line.index(needle) + 1
        return self.question.lines[0], 1

    def finding(self, severity: Severity, code: str, needle: str = "", /, **params: object) -> Finding:
        """A finding about this question, at the place of `needle`."""
        line, column = self.place(needle)
        named = {"group": self.group, "language": self.language, **params}
        return Finding(severity, code, self.file, line, column, named)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A bank as the rules see it: its folder and all questions, file by file in the order of the head's languages."""

    folder: BankFolder
    entries: tuple[Entry, ...]

    @property
    def head(self) -> BankHead:
        return self.folder.head

    def of(self, language: str) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.language == language)

    def groups(self) -> dict[str, list[Entry]]:
        """Entries by twin group, in the order of the files; questions without an id are left out."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if entry.group:
                found.setdefault(entry.group, []).append(entry)
        return found

    def finding(self, severity: Severity, code: str, file: str = "", /, **params: object) -> Finding:
        """A finding about a file as a whole (the bank's head without one)."""
        return Finding(severity, code, file or self.folder.file, 0, 0, {"bank": self.head.id, **params})


def sheet(folder: BankFolder, questions: Mapping[str, Sequence[Question]]) -> Sheet:
    """The questions a reader found in the files of `folder`, by language, ready for the rules."""
    entries = [
        entry
        for language in folder.head.languages
        if language in folder.texts
        for entry in _entries(language, folder.texts[language], questions.get(language, ()))
    ]
    return Sheet(folder, tuple(entries))


def _entries(language: str, text: BankText, questions: Sequence[Question]) -> list[Entry]:
    lines = _lines(text.text)
    return [
        Entry(language, text.file, question, tuple(lines[max(question.lines[0] - 1, 0) : question.lines[1]]))
        for question in questions
    ]


def _lines(text: str) -> list[str]:
    # Moodle's rule (GIFT.md, file to blocks): lines end at LF; a file without any LF is split at CR.
    return text.split("\n" if "\n" in text else "\r")
