"""What results tell about a bank's questions, as it was counted last. Nothing here reads an answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from flask_app.services.bank_rights import require_bank
from flask_app.services.item_statistics_count import JOB, JOB_KEY, MOST
from flask_app.services.item_statistics_kept import (
    FormFigures,
    codes_of,
    forms_of,
    items_of,
    marks_of,
    name_of_item,
    name_of_twins,
    twins_of,
)
from flask_app.services.job_desk import JobRow, job_of, jobs_of, queue_job
from flask_app.services.listing import Slice, slice_of
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.store.models.banks import BankFigures, BankQuestion, QuestionBank
from question_banks.statistics import Item, TwinDifference

RIGHT: Final = "read_answers"
VIEWS: Final = ("items", "advised", "twins", "forms")
"""What the figures are about: all questions, those with advice, their languages, the tests."""

NO_ADVICE: Final = "ITEM_TOO_FEW"
"""Says why there is no advice on a question."""


@dataclass(frozen=True, slots=True)
class Counted:
    """When, and from what: `attempts`, `older`, `held` as in `BankFigures`. `at`: by the body's clock."""

    at: datetime
    held: int
    attempts: int
    older: int


@dataclass(frozen=True, slots=True)
class BankStatistics:
    """The figures of a bank's questions in use. `counted` None = never yet; `job`: the newest job that counts; `most`:
    attempts that a count takes; `kept`: view → rows as they are kept.
    """

    bank: QuestionBank
    counted: Counted | None
    job: JobRow | None
    topics: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, Sequence[Any]] = field(default_factory=lambda: dict.fromkeys(VIEWS, ()))
    most: int = MOST

    @property
    def counts(self) -> Mapping[str, int]:
        """How many rows each view has."""
        return {view: len(rows) for view, rows in self.kept.items()}

    @property
    def items(self) -> tuple[Item, ...]:
        return items_of(self.kept["items"])

    @property
    def twins(self) -> tuple[TwinDifference, ...]:
        return twins_of(self.kept["twins"])

    @property
    def forms(self) -> tuple[FormFigures, ...]:
        return forms_of(self.kept["forms"])

    def rows(self, view: str, page: int) -> Slice[Any]:
        """One page of a view: items, differences of twins, or forms."""
        found = slice_of(self.kept[view], page)
        back: Callable[[Sequence[Any]], tuple[Any, ...]] = {"twins": twins_of, "forms": forms_of}.get(view, items_of)
        return replace(found, rows=back(found.rows))


def bank_statistics(work: Work, bank_id: UUID) -> BankStatistics:
    """The figures of one bank. Raises `NotFound`, `NotPermitted`: they show right answers."""
    require_bank(work.actor, RIGHT)
    bank = work.get(QuestionBank, bank_id)
    job = next(iter(jobs_of(work, (JOB_KEY,))), None)
    row = work.session.scalar(select(BankFigures).where(BankFigures.bank_id == bank.id))
    if row is None:
        return BankStatistics(bank, None, job)
    in_use = _in_use(work, bank.id)
    counted = Counted(local_time(work).at(row.counted_at), row.held, row.attempts, row.older)
    topics = {group: topic for (group, _), topic in in_use.items()}
    return BankStatistics(bank, counted, job, topics, _views(row, in_use))


def _views(row: BankFigures, in_use: Container[tuple[str, str]]) -> dict[str, Sequence[Any]]:
    """A question that has left the bank since the count is not shown."""
    items = [one for one in row.items if name_of_item(one) in in_use]
    return {
        "items": items,
        "advised": [one for one in items if {*codes_of(one)} - {NO_ADVICE}],
        "twins": [one for one in row.twins if name_of_twins(one) in in_use],
        "forms": row.forms,
    }


def _in_use(work: Work, bank_id: UUID) -> dict[tuple[str, str], str]:
    """(twin group, language) of the bank's questions in use → topic."""
    rows = work.session.execute(
        select(BankQuestion.twin_group, BankQuestion.language, BankQuestion.topic).where(
            BankQuestion.bank_id == bank_id, BankQuestion.retired.is_(False)
        )
    )
    return {(group, language): topic for group, language, topic in rows}


def facilities(work: Work, least: int) -> dict[str, float]:
    """The measured facility of every twin group with at least `least` answers, all languages together."""
    answers: dict[str, int] = defaultdict(int)
    marks: dict[str, float] = defaultdict(float)
    for items in work.session.scalars(select(BankFigures.items).order_by(BankFigures.bank_id)):
        for group, n, mark in map(marks_of, items):
            answers[group] += n
            marks[group] += mark
    return {group: marks[group] / n for group, n in answers.items() if n >= least}


def ask_to_count(work: Work, bank_id: UUID) -> UUID:
    """Queue the counting of the body's banks, or bring forward one that waits. Raises `NotFound`, `NotPermitted`."""
    require_bank(work.actor, RIGHT)
    work.get(QuestionBank, bank_id)
    return queue_job(work, JOB, {}, key=JOB_KEY)


def counting(work: Work, bank_id: UUID, job_id: UUID) -> tuple[QuestionBank, JobRow]:
    """A job that counts, for the page of one of the banks. Raises `NotFound`, `NotPermitted`."""
    require_bank(work.actor, RIGHT)
    return work.get(QuestionBank, bank_id), job_of(work, job_id, (JOB_KEY,))
