"""What pulled results tell about a bank's questions: answers brought together with the questions they were given to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from flask_app.services.bank_rights import require_bank
from flask_app.services.banks import questions_of
from flask_app.services.office import Work
from flask_app.services.question_content import read_one
from flask_app.store.models.banks import BankQuestion, QuestionBank
from flask_app.store.models.results import Attempt, AttemptResponse
from question_banks.bank import split_idnumber
from question_banks.statistics import (
    AnswerSheet,
    Given,
    Item,
    Reliability,
    TwinDifference,
    items,
    reliability,
    twin_differences,
)

FINISHED: Final = "finished"
MOST: Final = 20_000
"""Attempts that are looked at, newest first: more change no figure any longer."""


@dataclass(frozen=True, slots=True)
class FormFigures:
    """A test as one form of it was sat."""

    test: str
    figures: Reliability


@dataclass(frozen=True, slots=True)
class BankStatistics:
    """`attempts`: people whose answers count. `older`: answers to earlier versions of a question, left out."""

    bank: QuestionBank
    attempts: int
    older: int
    items: tuple[Item, ...]
    twins: tuple[TwinDifference, ...]
    forms: tuple[FormFigures, ...]
    topics: Mapping[str, str]

    def item(self, group: str, language: str) -> Item | None:
        return next((item for item in self.items if (item.group, item.language) == (group, language)), None)


@dataclass(frozen=True, slots=True)
class _Answers:
    """`sheets`: every attempt whole; `tests`: the test each of them was."""

    sheets: Sequence[AnswerSheet]
    tests: Sequence[str]
    older: int


def bank_statistics(work: Work, bank_id: UUID) -> BankStatistics:
    """The figures of one bank. Raises `NotFound`, `NotPermitted`: they show right answers."""
    require_bank(work.actor, "read_answers")
    bank = work.get(QuestionBank, bank_id)
    rows = [row for row in questions_of(work, bank.id) if not row.retired]
    answers = _answers(work, {row.idnumber: row.moodle_version for row in rows})
    own = {(row.twin_group, row.language) for row in rows}
    counted = sum(any((given.group, given.language) in own for given in sheet) for sheet in answers.sheets)
    return BankStatistics(
        bank=bank,
        attempts=counted,
        older=answers.older,
        items=tuple(item for item in items(answers.sheets, _options(rows)) if (item.group, item.language) in own),
        twins=tuple(one for one in twin_differences(answers.sheets) if (one.group, one.first) in own),
        forms=tuple(_forms(answers)),
        topics={row.twin_group: row.topic for row in rows},
    )


def facilities(work: Work, least: int) -> dict[str, float]:
    """The measured facility of every twin group with at least `least` answers, all languages together."""
    answers = _answers(work, {})
    marks: dict[str, list[float]] = defaultdict(list)
    for sheet in answers.sheets:
        for given in sheet:
            marks[given.group].append(given.mark)
    return {group: sum(told) / len(told) for group, told in marks.items() if len(told) >= least}


def _answers(work: Work, versions: Mapping[str, int]) -> _Answers:
    """Finished attempts in their newest revision. An answer to another version than Moodle has now is left out."""
    newest = (
        select(Attempt.id, Attempt.test_idnumber)
        .where(
            Attempt.body_id == work.actor.body_id,
            Attempt.newest.is_(True),
            Attempt.deleted.is_(False),
            Attempt.state == FINISHED,
        )
        .order_by(Attempt.modified_at.desc())
        .limit(MOST)
        .subquery()
    )
    rows = work.session.execute(
        select(
            newest.c.id,
            newest.c.test_idnumber,
            AttemptResponse.question_idnumber,
            AttemptResponse.question_version,
            AttemptResponse.mark,
            AttemptResponse.maximum,
            AttemptResponse.response,
        )
        .join(AttemptResponse, AttemptResponse.attempt_id == newest.c.id)
        .where(AttemptResponse.body_id == work.actor.body_id)
    )
    sheets: dict[UUID, list[Given]] = defaultdict(list)
    tests: dict[UUID, str] = {}
    older = 0
    for row in rows:
        if versions.get(row.question_idnumber) not in (None, 0, row.question_version):
            older += 1
            continue
        given = _given(row)
        if given is not None:
            sheets[row.id].append(given)
            tests[row.id] = row.test_idnumber
    return _Answers(list(sheets.values()), [tests[id_] for id_ in sheets], older)


def _given(row: Any) -> Given | None:
    """An answer as the arithmetic knows it; None where the question carries no mark."""
    if not row.maximum:
        return None
    group, language = split_idnumber(row.question_idnumber)
    mark = float((row.mark or 0) / row.maximum)
    return Given(group, language, max(0.0, min(1.0, mark)), _plain(row.response or ""))


def _options(rows: Sequence[BankQuestion]) -> dict[tuple[str, str], dict[str, bool]]:
    found: dict[tuple[str, str], dict[str, bool]] = {}
    for row in rows:
        question = read_one(row.source)
        if question.qtype == "multichoice":
            options = {_plain(answer.text): answer.fraction == 1 for answer in question.answers}
            found[row.twin_group, row.language] = options
    return found


def _plain(text: str) -> str:
    """Moodle reports a choice without the line breaks and spaces of its source."""
    return " ".join(text.split())


def _forms(answers: _Answers) -> list[FormFigures]:
    """Tests of which everybody sat the same questions; others have no common reliability."""
    by_test: dict[str, list[AnswerSheet]] = defaultdict(list)
    for sheet, test in zip(answers.sheets, answers.tests, strict=True):
        by_test[test].append(sheet)
    found = []
    for test, sheets in sorted(by_test.items()):
        if len({tuple(sorted(given.group for given in sheet)) for sheet in sheets}) == 1:
            figures = reliability(sheets)
            if figures is not None:
                found.append(FormFigures(test, figures))
    return found
