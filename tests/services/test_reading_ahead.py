"""What is read before the panel answers is not read again by whoever comes first."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from flask_app.services import bank_contents, bank_reading, question_content
from flask_app.services.bank_contents import contents_of
from flask_app.services.bank_reading import banks_of_body
from flask_app.services.banks import load_bank
from flask_app.services.reading_ahead import read_banks_ahead
from flask_app.services.shipped_banks import read_shipped_banks
from flask_app.store.models.banks import BankQuestion, QuestionBank
from gift_export.reader import Reading, read
from tests.services.stages import Scene
from tests.services.test_banks import reworded


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were read since."""
    seen: list[str] = []

    def watched(source: str) -> Reading:
        seen.append(source)
        return read(source)

    for module in (bank_contents, bank_reading, question_content):
        monkeypatch.setattr(module, "read", watched)
    return seen


def a_new_wording(scene: Scene) -> None:
    """A bank that no other test has had this process read: three of its questions are worded otherwise."""
    bank = next(bank for bank in read_shipped_banks() if bank.id == "general")
    with scene.work() as work:
        load_bank(work, reworded(bank, places=3))


def test_whoever_comes_first_reads_nothing(synced_offline: Scene, readings: list[str]) -> None:
    a_new_wording(synced_offline)
    readings.clear()
    assert read_banks_ahead(synced_offline.office) > 0
    assert readings, "the bank was new to this process"
    readings.clear()
    with synced_offline.work() as work:
        contents_of(work, work.session.scalars(select(QuestionBank)).all())
        banks_of_body(work)
    assert not readings


def test_a_damaged_bank_does_not_keep_the_panel_from_starting(synced_offline: Scene) -> None:
    with synced_offline.work() as work:
        row = work.session.scalars(select(BankQuestion).order_by(BankQuestion.idnumber).limit(1)).one()
        row.source = row.source.replace("{", "тайно изменено {", 1)
    assert read_banks_ahead(synced_offline.office) > 0


def test_the_start_does_not_wait_for_many_bodies(synced_offline: Scene, readings: list[str]) -> None:
    a_new_wording(synced_offline)
    readings.clear()
    assert read_banks_ahead(synced_offline.office, patience=0.0) == 0
    assert not readings
