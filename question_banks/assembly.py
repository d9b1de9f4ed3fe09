"""Puts a bank together from a folder's texts and what a reader made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from question_banks.bank import Bank, BankError, BankFolder, TwinGroup, citations_of
from question_banks.findings import Entry, Finding, sheet
from question_banks.model import Question
from question_banks.rules import check_bank


class ReaderProblem(Protocol):
    """What a reader has to say about a text; `severity` "error" makes the text unusable."""

    @property
    def severity(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


class Reading(Protocol):
    """What a reader makes of a text."""

    @property
    def questions(self) -> Sequence[Question]: ...
    @property
    def problems(self) -> Sequence[ReaderProblem]: ...


class ReadText(Protocol):
    """Turns a GIFT text into questions: `gift_export.reader.read`."""

    def __call__(self, text: str, /) -> Reading: ...


def read_bank(folder: BankFolder, read: ReadText) -> Bank:
    """The bank of a folder, read by `read`. Raises `BankError` for the first error of a text or of the whole."""
    questions: dict[str, Sequence[Question]] = {}
    for language, text in folder.texts.items():
        reading = read(text.text)
        for found in reading.problems:
            if found.severity == "error":
                raise BankError(
                    "BANK_UNREADABLE", file=text.file, line=found.line, column=found.column, problem=found.code
                )
        questions[language] = reading.questions
    return assemble(folder, questions)


def assemble(folder: BankFolder, questions: Mapping[str, Sequence[Question]]) -> Bank:
    """The bank of `folder` from its questions by language.

    Raises `BankError` with the code, file, line and column of the first error the rules find; warnings do not count.
    """
    for finding in check_bank(folder, questions):
        if finding.severity == "error":
            raise _refusal(finding)
    head = folder.head
    groups = sheet(folder, questions).groups()
    return Bank(
        id=head.id,
        titles=head.titles,
        block=head.block,
        release=head.release,
        status=head.status,
        languages=head.languages,
        category_path=head.category_path,
        topics=head.topics,
        options=head.options,
        jurisdiction=head.jurisdiction,
        items=tuple(_twin_group(group, entries) for group, entries in groups.items()),
    )


def _refusal(finding: Finding) -> BankError:
    place = {"file": finding.file, "line": finding.line, "column": finding.column}
    return BankError(finding.code, **{**finding.params, **place})


def _twin_group(group: str, entries: Sequence[Entry]) -> TwinGroup:
    first = entries[0]
    versions = {entry.language: entry.question for entry in entries}
    return TwinGroup(group, first.topic, citations_of(first.question), versions)
