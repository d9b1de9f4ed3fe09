"""What results tell about a bank's questions, as it was counted last. Nothing here reads an answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from flask_app.services.bank_rights import require_bank
from flask_app.services.item_statistics_count import JOB, JOB_KEY, MOST
from flask_app.services.item_statistics_kept import FormFigures, forms_of, items_of, twins_of
from flask_app.services.job_desk import JobRow, job_of, jobs_of, queue_job
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.store.models.banks import BankFigures, BankQuestion, QuestionBank
from question_banks.statistics import Item, TwinDifference

RIGHT: Final = "read_answers"


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
    attempts that a count takes.
    """

    bank: QuestionBank
    counted: Counted | None
    job: JobRow | None
    items: tuple[Item, ...] = ()
    twins: tuple[TwinDifference, ...] = ()
    forms: tuple[FormFigures, ...] = ()
    topics: Mapping[str, str] = field(default_factory=dict)
    most: int = MOST


def bank_statistics(work: Work, bank_id: UUID) -> BankStatistics:
    """The figures of one bank. Raises `NotFound`, `NotPermitted`: they show right answers."""
    require_bank(work.actor, RIGHT)
    bank = work.get(QuestionBank, bank_id)
    job = next(iter(jobs_of(work, (JOB_KEY,))), None)
    row = work.session.scalar(select(BankFigures).where(BankFigures.bank_id == bank.id))
    if row is None:
        return BankStatistics(bank, None, job)
    in_use = _in_use(work, bank.id)
    return BankStatistics(
        bank,
        Counted(local_time(work).at(row.counted_at), row.held, row.attempts, row.older),
        job,
        items=tuple(item for item in items_of(row.items) if (item.group, item.language) in in_use),
        twins=tuple(one for one in twins_of(row.twins) if (one.group, one.first) in in_use),
        forms=forms_of(row.forms),
        topics={group: topic for (group, _), topic in in_use.items()},
    )


def facilities(work: Work, least: int) -> dict[str, float]:
    """The measured facility of every twin group with at least `least` answers, all languages together."""
    told: dict[str, list[Item]] = defaultdict(list)
    for kept in work.session.scalars(select(BankFigures.items)):
        for item in items_of(kept):
            told[item.group].append(item)
    answers = {group: sum(item.n for item in twins) for group, twins in told.items()}
    return {
        group: sum(item.n * item.facility for item in twins) / answers[group]
        for group, twins in told.items()
        if answers[group] >= least
    }


def ask_to_count(work: Work, bank_id: UUID) -> UUID:
    """Queue the counting of the body's banks, or bring forward one that waits. Raises `NotFound`, `NotPermitted`."""
    require_bank(work.actor, RIGHT)
    work.get(QuestionBank, bank_id)
    return queue_job(work, JOB, {}, key=JOB_KEY)


def counting(work: Work, bank_id: UUID, job_id: UUID) -> tuple[QuestionBank, JobRow]:
    """A job that counts, for the page of one of the banks. Raises `NotFound`, `NotPermitted`."""
    require_bank(work.actor, RIGHT)
    return work.get(QuestionBank, bank_id), job_of(work, job_id, (JOB_KEY,))


def _in_use(work: Work, bank_id: UUID) -> dict[tuple[str, str], str]:
    """(twin group, language) of the bank's questions in use → topic."""
    rows = work.session.execute(
        select(BankQuestion.twin_group, BankQuestion.language, BankQuestion.topic).where(
            BankQuestion.bank_id == bank_id, BankQuestion.retired.is_(False)
        )
    )
    return {(group, language): topic for group, language, topic in rows}
