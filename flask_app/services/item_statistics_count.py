"""The counting of a bank's figures: answers brought together with the questions they were given to, in the background.

Counting shows nobody anything, so it asks for no right; what was counted is read by `item_statistics`.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select

from flask_app.domain.identity import Actor
from flask_app.services.banks import questions_of
from flask_app.services.item_statistics_kept import Figures, FormFigures, keep
from flask_app.services.office import Office, Work
from flask_app.services.question_content import read_one
from flask_app.store.base import EPOCH
from flask_app.store.models.banks import BankFigures, BankQuestion, QuestionBank
from flask_app.store.models.results import Attempt, AttemptResponse
from question_banks.bank import split_idnumber
from question_banks.statistics import AnswerSheet, Given, items, reliability, twin_differences

JOB: Final = "count_figures"
JOB_KEY: Final = "count-figures"
"""One job counts all banks of a body."""

GATHER: Final = timedelta(minutes=5)
"""How long a count waits after a pull: on the day of a test attempts come every few seconds; one count will do."""

FINISHED: Final = "finished"
MOST: Final = 5_000
"""Finished attempts that are read for a bank, the newest of those with an answer to it.

The 95 % interval of a facility is then below ±1.5 points for a question that all of them sat, and below ±4 for one that
an eighth of them sat (every fourth paper, two languages). Four times as many would halve that, with papers so old that
the people and the teaching were others. Memory and time of the job do not grow with the years.
"""

AT_ONCE: Final = 2_000
"""Answers that are fetched from the database at a time."""

UNOFFERED: Final = "\n"
"""Stands for an answer that is none of the question's options; no option can be called so (`_plain`)."""

name_of = lru_cache(maxsize=10_000)(split_idnumber)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A bank's questions in use. `versions`: (group, language) → version in Moodle, 0 before the first transfer;
    `options`: those of questions with a choice, each with whether it is right.
    """

    versions: Mapping[tuple[str, str], int]
    options: Mapping[tuple[str, str], Mapping[str, bool]]

    def is_older(self, name: tuple[str, str], version: int) -> bool:
        """Whether an answer was given to another version than Moodle has now."""
        return self.versions.get(name, 0) not in (0, version)

    def choice(self, name: tuple[str, str], text: str) -> str:
        """The answer as the arithmetic wants it, without keeping what people wrote."""
        said = _plain(text)
        return sys.intern(said) if not said or said in self.options.get(name, ()) else UNOFFERED


@dataclass(slots=True)
class _Answers:
    """`sheets`: every attempt whole; `tests`: the test each of them was; `older` as in `BankFigures`."""

    sheets: list[AnswerSheet] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    older: int = 0


def count_later(work: Work, arguments: Mapping[str, object], *, changed: bool) -> None:
    """Queue a count, where there is anything to count, after attempts or versions of questions have `changed`.

    `arguments`: in whose name the job runs. Without a change, only if the figures are behind the attempts: a job that
    was killed between its pull and this pulls nothing new when it runs again.
    """
    since = EPOCH if changed else _counted_since(work)
    if work.session.scalar(select(Attempt.id).where(Attempt.pulled_at > since).limit(1)) is not None:
        work.office.queue.put(work.session, JOB, arguments, key=JOB_KEY, body_id=work.actor.body_id, delay=GATHER)


def _counted_since(work: Work) -> datetime:
    """The oldest count among the body's banks; 1970 where a bank was never counted."""
    times = work.session.scalars(
        select(BankFigures.counted_at).join_from(
            QuestionBank, BankFigures, BankFigures.bank_id == QuestionBank.id, isouter=True
        )
    )
    return min((at or EPOCH for at in times), default=EPOCH)


def count_all(office: Office, actor: Actor, report: Callable[[int, int], None]) -> None:
    """Count every bank of the actor's body, each in a transaction of its own."""
    with office.work(actor) as work:
        banks = work.session.scalars(select(QuestionBank.id).order_by(QuestionBank.code)).all()
    for done, bank_id in enumerate(banks, start=1):
        with office.work(actor) as work:
            count_bank(work, bank_id)
        report(done, len(banks))


def count_bank(work: Work, bank_id: UUID) -> Figures:
    """Count one bank and keep its figures in the place of those it had. Raises `NotFound`."""
    bank = work.get(QuestionBank, bank_id)
    shelf = _shelf(row for row in questions_of(work, bank.id) if not row.retired)
    attempts = _attempts(work, bank.id)
    answers = _answers(work, shelf, attempts)
    own = shelf.versions
    figures = Figures(
        held=work.session.scalar(select(func.count()).select_from(attempts.subquery())) or 0,
        attempts=sum(any((given.group, given.language) in own for given in sheet) for sheet in answers.sheets),
        older=answers.older,
        items=tuple(item for item in items(answers.sheets, shelf.options) if (item.group, item.language) in own),
        twins=tuple(one for one in twin_differences(answers.sheets) if (one.group, one.first) in own),
        forms=tuple(_forms(answers)),
    )
    keep(work, bank.id, figures)
    return figures


def _shelf(rows: Iterable[BankQuestion]) -> _Shelf:
    versions, options = {}, {}
    for row in rows:
        name = (row.twin_group, row.language)
        versions[name] = row.moodle_version
        question = read_one(row.source)
        if question.qtype == "multichoice":
            options[name] = {_plain(answer.text): answer.fraction == 1 for answer in question.answers}
    return _Shelf(versions, options)


def _attempts(work: Work, bank_id: UUID) -> Select[UUID, str, datetime]:
    """Finished attempts in their newest revision with an answer to a question of the bank."""
    of_the_bank = (
        select(AttemptResponse.id)
        .join(BankQuestion, BankQuestion.idnumber == AttemptResponse.question_idnumber)
        .where(
            AttemptResponse.attempt_id == Attempt.id, BankQuestion.bank_id == bank_id, BankQuestion.retired.is_(False)
        )
    )
    return select(Attempt.id, Attempt.test_idnumber, Attempt.modified_at).where(
        Attempt.body_id == work.actor.body_id,
        Attempt.newest.is_(True),
        Attempt.deleted.is_(False),
        Attempt.state == FINISHED,
        of_the_bank.exists(),
    )


def _answers(work: Work, shelf: _Shelf, attempts: Select[UUID, str, datetime]) -> _Answers:
    """The newest attempts, fetched piece by piece. An answer to another version than Moodle has now is left out."""
    found = _Answers()
    for _, rows in groupby(_rows(work, attempts), key=attrgetter("id")):
        answered = list(rows)
        told = [row for row in answered if not shelf.is_older(name_of(row.question_idnumber), row.question_version)]
        sheet = [_given(row, shelf) for row in told if row.maximum]
        found.older += len(answered) - len(told)
        if sheet:
            found.sheets.append(sheet)
            found.tests.append(answered[0].test_idnumber)
    return found


def _rows(work: Work, attempts: Select[UUID, str, datetime]) -> Iterable[Any]:
    """The answers of each attempt one after the other, always in the same order: so are the sums of their floats."""
    newest = attempts.order_by(Attempt.modified_at.desc(), Attempt.id).limit(MOST).subquery()
    return work.session.execute(
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
        .order_by(newest.c.modified_at.desc(), newest.c.id, AttemptResponse.slot)
        .execution_options(yield_per=AT_ONCE)
    )


def _given(row: Any, shelf: _Shelf) -> Given:
    """An answer to a question that carries a mark, as the arithmetic knows it."""
    group, language = name = name_of(row.question_idnumber)
    mark = float((row.mark or 0) / row.maximum)
    return Given(group, language, max(0.0, min(1.0, mark)), shelf.choice(name, row.response or ""))


def _plain(text: str) -> str:
    """Moodle reports a choice without the line breaks and spaces of its source."""
    return " ".join(text.split())


def _forms(answers: _Answers) -> Iterable[FormFigures]:
    """Tests of which everybody sat the same questions; others have no common reliability."""
    by_test: dict[str, list[AnswerSheet]] = defaultdict(list)
    for sheet, test in zip(answers.sheets, answers.tests, strict=True):
        by_test[test].append(sheet)
    for test, sheets in sorted(by_test.items()):
        if len({tuple(sorted(given.group for given in sheet)) for sheet in sheets}) == 1:
            figures = reliability(sheets)
            if figures is not None:
                yield FormFigures(test, figures)
