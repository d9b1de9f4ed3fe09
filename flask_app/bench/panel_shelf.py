"""What stands beside the procedures: the banks with questions being changed, a blueprint, runs of synchronisation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update

from flask_app.bench.panel_people import Staff
from flask_app.domain.identity import BANK_EDITOR
from flask_app.services.banks import load_bank
from flask_app.services.blueprint_desk import Wanted, keep_blueprint
from flask_app.services.bodies import actor_of
from flask_app.services.office import Office, Work
from flask_app.services.question_items import begin_revision
from flask_app.services.shipped_banks import read_shipped_banks
from flask_app.store.models.banks import BankQuestion, QuestionBank
from flask_app.store.models.moodle import SyncRun
from question_banks.blueprints import Cell

TAKEN_UP = 8
"""Questions of a bank that are being changed, two in each of the states before use."""

STATES = ("draft", "review", "language_check", "approved")
RUNS = 60


def fill_shelf(office: Office, staff: Staff) -> None:
    """The banks that ship, as if they had been brought to Moodle long ago."""
    with office.work(actor_of(office, staff.hand(BANK_EDITOR).login)) as work:
        for bank in read_shipped_banks(work.body.jurisdiction):
            load_bank(work, bank)
        work.session.execute(
            update(BankQuestion)
            .where(BankQuestion.body_id == work.actor.body_id)
            .values(synced_hash=BankQuestion.content_hash, moodle_version=1, moodle_entry=1, moodle_question=1)
        )
        banks = work.session.scalars(select(QuestionBank).order_by(QuestionBank.code)).all()
        for bank_row in banks:
            _take_up(work, bank_row)
        cells = tuple(Cell(bank_row.block, 30) for bank_row in banks)
        keep_blueprint(work, Wanted("Вариант на год", cells, ("ky", "ru"), None, "7f3a"))
        _runs(work, [bank_row.moodle_bank for bank_row in banks])


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
        item.state = STATES[place % len(STATES)]


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
