"""What stands beside the procedures: the banks with questions being changed, a blueprint, runs of synchronisation,
and one that waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select, update

from flask_app.bench.panel_people import Staff
from flask_app.domain.identity import BANK_EDITOR
from flask_app.services import audit
from flask_app.services.banks import load_bank
from flask_app.services.blueprint_desk import Wanted, keep_blueprint
from flask_app.services.bodies import actor_of
from flask_app.services.item_statistics_count import JOB, JOB_KEY, count_all
from flask_app.services.office import Office, Work
from flask_app.services.question_items import begin_revision, draft_of, save_draft
from flask_app.services.sync_desk import JOB_KEY as SYNC_KEY
from flask_app.store.models.banks import BankQuestion, QuestionBank
from flask_app.store.models.jobs import JobProgress
from flask_app.store.models.moodle import SyncRun
from flask_app.store.models.questions import QuestionItem
from question_banks.bank import Bank
from question_banks.blueprints import Cell

TAKEN_UP = 8
"""Questions of a bank that are taken up, two in each of the states before use; one of the two has been changed."""

STATES = ("draft", "review", "language_check", "approved")
MADE_CLEAR = {"ky": "такталды", "ru": "уточнено"}
RUNS = 60
TILL_THE_NEXT_RUN = timedelta(days=1)


def fill_shelf(office: Office, staff: Staff, banks: Sequence[Bank]) -> None:
    """The banks, as if they had been brought to Moodle long ago; their figures are counted."""
    editor = actor_of(office, staff.hand(BANK_EDITOR).login)
    with office.work(editor) as work:
        for bank in banks:
            load_bank(work, bank)
        work.session.execute(
            update(BankQuestion)
            .where(BankQuestion.body_id == work.actor.body_id)
            .values(synced_hash=BankQuestion.content_hash, moodle_version=1, moodle_entry=1, moodle_question=1)
        )
        rows = work.session.scalars(select(QuestionBank).order_by(QuestionBank.code)).all()
        for bank_row in rows:
            _take_up(work, bank_row)
        cells = tuple(Cell(bank_row.block, 30) for bank_row in rows)
        keep_blueprint(work, Wanted("Вариант на год", cells, ("ky", "ru"), None, "7f3a"))
        _runs(work, [bank_row.moodle_bank for bank_row in rows])
        _waiting_run(work, [bank_row.moodle_bank for bank_row in rows])
        work.add(JobProgress(task=JOB, key=JOB_KEY, state="done", done=len(rows), total=len(rows), params={}))
    count_all(office, editor, lambda _done, _total: None)


def _take_up(work: Work, bank: QuestionBank) -> None:
    groups = work.session.scalars(
        select(BankQuestion.twin_group)
        .where(BankQuestion.bank_id == bank.id)
        .group_by(BankQuestion.twin_group)
        .order_by(BankQuestion.twin_group)
        .limit(TAKEN_UP)
    ).all()
    for place, group in enumerate(groups):
        item = begin_revision(work, bank, group, "уточнить")
        if place >= len(STATES):
            _change(work, item)
        item.state = STATES[place % len(STATES)]


def _change(work: Work, item: QuestionItem) -> None:
    """A second version: each language asks one word more."""
    draft = draft_of(item)
    texts = {language: text.replace("?", f" ({MADE_CLEAR[language]})?", 1) for language, text in draft.texts.items()}
    save_draft(work, item.id, replace(draft, texts=texts), expected_version=item.version)


def _runs(work: Work, banks: Sequence[str]) -> None:
    for number in range(RUNS):
        begun = work.now - timedelta(days=number + 1)
        work.add(
            SyncRun(
                subject="banks",
                plan_hash=f"{number:064x}",
                state="applied",
                steps=number % 7,
                report={"course": "kyzmat", "banks": list(banks)},
                started_at=begun,
                ended_at=begun + timedelta(seconds=40),
            )
        )


def _waiting_run(work: Work, banks: Sequence[str]) -> None:
    """A synchronisation that was put off till tomorrow, so that none of it happens while the panel is measured."""
    arguments = {"login": work.actor.login, "course": "kyzmat", "banks": list(banks), "decisions": [], "plan": "0" * 64}
    job = work.office.queue.put(
        work.session, "sync_banks", arguments, key=SYNC_KEY, body_id=work.actor.body_id, delay=TILL_THE_NEXT_RUN
    )
    audit.record(work, "job.queued", "job", job, after={"task": "sync_banks", "key": SYNC_KEY})
