"""What results tell about a bank's questions, as it was counted last. Nothing here reads an answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from flask_app.services.bank_rights import require_bank
from flask_app.services.item_statistics_kept import FormFigures, forms_of, items_of, twins_of
from flask_app.services.job_desk import JobRow, job_of, jobs_of, queue_job
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.store.models.banks import BankFigures, BankQuestion, QuestionBank
from flask_app.store.models.results import Attempt
from question_banks.statistics import Item, TwinDifference

RIGHT: Final = "read_answers"
JOB: Final = "count_figures"
JOB_KEY: Final = "count-figures"


@dataclass(frozen=True, slots=True)
class Counted:
    """When, and from what: `attempts`, `older`, `held` as in `BankFigures`. `at`: by the body's clock."""

    at: datetime
    held: int
    attempts: int
    older: int


@dataclass(frozen=True, slots=True)
class BankStatistics:
    """The figures of a bank's questions in use. `counted` None = never yet; `job`: the newest job that counts."""

    bank: QuestionBank
    counted: Counted | None
    job: JobRow | None
    items: tuple[Item, ...] = ()
    twins: tuple[TwinDifference, ...] = ()
    forms: tuple[FormFigures, ...] = ()
    topics: Mapping[str, str] = MappingProxyType({})


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
