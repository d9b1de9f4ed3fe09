"""Question banks: taken whole or not at all, brought to Moodle by plan and apply, never silently other than kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

import question_banks
from flask_app.domain.errors import InvalidInput, NotPermitted, Refused
from flask_app.domain.identity import HR_OFFICER
from flask_app.ports.moodle import Wanted
from flask_app.services import shipped_banks
from flask_app.services.bank_reading import banks_of_body
from flask_app.services.banks import LoadReport, load_bank, wanted_banks
from flask_app.services.shipped_banks import read_shipped_banks
from flask_app.services.synchronisation import plan, sync_banks
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.banks import BankQuestion, BankRelease, QuestionBank, QuestionRevision
from question_banks.bank import Bank
from question_banks.files import read_folder
from tests.services.desk import actor_with, new_body
from tests.services.stages import COURSE, Scene, nothing

QUESTIONS = 480


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped banks to spoil."""
    copied = tmp_path / "question_banks"
    shutil.copytree(Path(question_banks.__file__).parent, copied, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copied


def change(folder: Path, edit: Callable[[str], str]) -> None:
    path = folder / "banks" / "general" / "general.ru.gift"
    before = path.read_text(encoding="utf-8")
    after = edit(before)
    assert after != before
    path.write_text(after, encoding="utf-8")


def load(scene: Scene, bank: Bank) -> LoadReport:
    with scene.work() as work:
        return load_bank(work, bank)


def sync_plan(scene: Scene) -> int:
    with scene.work() as work:
        wanted = Wanted(banks=wanted_banks(work, COURSE))
    return len(plan(scene.office, scene.actor, wanted).steps)


def reworded(bank: Bank, places: int = 1) -> Bank:
    """The same bank with the first questions' Russian texts changed."""
    items = []
    for place, group in enumerate(bank.items):
        question = group.versions["ru"]
        if place < places:
            question = question._replace(text=f"{question.text} (в новой редакции)")
        items.append(replace(group, versions={**group.versions, "ru": question}))
    return replace(bank, items=tuple(items))


def test_the_shipped_banks_are_taken_once(synced_offline: Scene) -> None:
    with synced_offline.work() as work:
        assert len(work.session.scalars(select(BankQuestion)).all()) == QUESTIONS
        events = len(work.session.scalars(select(AuditEvent).where(AuditEvent.action == "bank.loaded")).all())
    for bank in read_shipped_banks():
        report = load(synced_offline, bank)
        assert (report.added, report.changed, report.retired, report.unchanged) == (0, 0, 0, 240)
    with synced_offline.work() as work:
        assert len(work.session.scalars(select(BankRelease)).all()) == 2
        again = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "bank.loaded")).all()
        assert len(again) == events == 2


def test_a_changed_question_is_a_new_content_and_the_old_one_is_kept(synced_offline: Scene) -> None:
    bank = next(b for b in read_shipped_banks() if b.id == "general")
    idnumber = f"{bank.items[0].id}.ru"
    report = load(synced_offline, reworded(bank))
    assert (report.added, report.changed, report.retired) == (0, 1, 0)
    with synced_offline.work() as work:
        contents = work.session.scalars(
            select(QuestionRevision.source).where(QuestionRevision.idnumber == idnumber)
        ).all()
        assert sorted("в новой редакции" in source for source in contents) == [False, True]
        releases = work.session.scalars(
            select(BankRelease.hash)
            .join(QuestionBank, QuestionBank.id == BankRelease.bank_id)
            .where(QuestionBank.code == "general")
        ).all()
        assert set(releases) == {bank.hash, reworded(bank).hash}
        row = work.session.scalars(select(BankQuestion).where(BankQuestion.idnumber == idnumber)).one()
        assert row.synced_hash != row.content_hash, "Moodle still has the old one"


def test_a_missing_group_is_retired_and_may_come_back(synced_offline: Scene) -> None:
    bank = next(b for b in read_shipped_banks() if b.id == "general")
    shorter = replace(bank, items=bank.items[1:])
    assert load(synced_offline, shorter).retired == 2
    with synced_offline.work() as work:
        held = {b.id: b for _, b in banks_of_body(work)}
        assert len(held["general"].items) == 119
        assert held["general"].hash == shorter.hash
    assert load(synced_offline, bank).changed == 2
    with synced_offline.work() as work:
        assert next(b for _, b in banks_of_body(work) if b.id == "general").hash == bank.hash


def test_only_a_bank_editor_loads(synced_offline: Scene) -> None:
    officer = actor_with(synced_offline.office, synced_offline.actor.body_id, HR_OFFICER)
    with pytest.raises(NotPermitted), synced_offline.work(officer) as work:
        load_bank(work, read_shipped_banks()[0])


def test_a_broken_bank_names_its_place_and_nothing_is_taken(
    synced_offline: Scene, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(folder, lambda text: text.replace("{", "{{{", 1))
    text = (folder / "banks" / "general" / "general.ru.gift").read_text(encoding="utf-8")
    folders = [read_folder(folder / "banks" / name) for name in ("general", "subject")]
    monkeypatch.setattr(shipped_banks, "shipped_folders", lambda: folders)
    with pytest.raises(InvalidInput) as refused, synced_offline.work() as work:
        load_bank(work, read_shipped_banks()[0])
    place = refused.value.params
    assert str(place["file"]).endswith("general.ru.gift")
    assert place["line"] == text.split("{{{")[0].count("\n") + 1
    inner_brace = len(text.split("{{{")[0].rpartition("\n")[2]) + 2
    assert place["column"] == inner_brace
    with synced_offline.work() as work:
        assert {row.hash for row in work.session.scalars(select(QuestionBank))} == {
            bank.hash for _, bank in banks_of_body(work)
        }


@pytest.mark.parametrize("damage", ["source", "missing"])
def test_a_damaged_bank_is_found_before_anything_is_drawn(synced_offline: Scene, damage: str) -> None:
    with synced_offline.work() as work:
        row = work.session.scalars(select(BankQuestion).order_by(BankQuestion.idnumber).limit(1)).one()
        if damage == "source":
            row.source = row.source.replace("{", "тайно изменено {", 1)
        else:
            row.retired = True
    with pytest.raises(InvalidInput) as refused, synced_offline.work() as work:
        banks_of_body(work)
    assert refused.value.code == "bank.damaged"


# ---------------------------------------------------------------------------------------------------------- Moodle


def fresh(scene: Scene) -> Scene:
    """The same panel and Moodle, for a body that has the banks in the panel only."""
    body = new_body(scene.office)
    actor = replace(actor_with(scene.office, body), roles=scene.actor.roles)
    other = replace(scene, actor=actor)
    with other.work() as work:
        for bank in read_shipped_banks():
            load_bank(work, bank)
    return other


def test_planned_applied_and_nothing_left(synced: Scene) -> None:
    other = fresh(synced)
    synced.office.moodle.ensure_course("ANOTHER", "Экзамены другого органа")
    before = synced.site.control("state")
    with other.work() as work:
        wanted = Wanted(banks=wanted_banks(work, "ANOTHER"))
    made = plan(other.office, other.actor, wanted)
    assert len(made.steps) == QUESTIONS + 2
    assert synced.site.control("state") == before, "a plan writes nothing"
    applied, report = sync_banks(other.office, other.actor, "ANOTHER", nothing)
    assert applied.hash == made.hash
    assert report is not None
    assert len(report.items) == QUESTIONS + 2
    assert report.failures == ()
    again, nothing_done = sync_banks(other.office, other.actor, "ANOTHER", nothing)
    assert (len(again.steps), nothing_done) == (0, None)
    with other.work() as work:
        rows = work.session.scalars(select(BankQuestion)).all()
        assert {(row.moodle_version, row.synced_hash == row.content_hash) for row in rows} == {(1, True)}


def test_the_first_body_s_banks_stay_untouched(synced: Scene) -> None:
    other = fresh(synced)
    synced.office.moodle.ensure_course("ANOTHER", "Экзамены другого органа")
    sync_banks(other.office, other.actor, "ANOTHER", nothing)
    assert sync_plan(synced) == 0


def test_a_changed_question_becomes_a_new_version_of_the_same_entry(synced: Scene) -> None:
    bank = next(b for b in read_shipped_banks() if b.id == "general")
    idnumber = f"{bank.items[0].id}.ru"
    with synced.work() as work:
        before = work.session.scalars(select(BankQuestion).where(BankQuestion.idnumber == idnumber)).one()
    load(synced, reworded(bank))
    made, report = sync_banks(synced.office, synced.actor, COURSE, nothing)
    assert [(step.kind, step.idnumber) for step in made.steps] == [("new_version", idnumber)]
    assert report is not None
    with synced.work() as work:
        after = work.session.scalars(select(BankQuestion).where(BankQuestion.idnumber == idnumber)).one()
    assert (after.moodle_version, after.moodle_entry) == (2, before.moodle_entry)
    assert after.synced_hash == after.content_hash != before.content_hash


def test_a_retired_question_is_hidden_in_moodle_and_shown_again(synced: Scene) -> None:
    bank = next(b for b in read_shipped_banks() if b.id == "general")
    load(synced, replace(bank, items=bank.items[1:]))
    made, _ = sync_banks(synced.office, synced.actor, COURSE, nothing)
    assert [step.kind for step in made.steps] == ["retire_question"] * 2
    load(synced, bank)
    made, _ = sync_banks(synced.office, synced.actor, COURSE, nothing)
    assert [step.kind for step in made.steps] == ["restore_question"] * 2
    assert sync_plan(synced) == 0


@pytest.mark.parametrize("mode", ["newversion", "inplace"])
def test_an_edit_in_moodle_stops_the_synchronisation_and_stays(synced: Scene, mode: str) -> None:
    with synced.work() as work:
        row = work.session.scalars(
            select(BankQuestion)
            .join(QuestionBank, QuestionBank.id == BankQuestion.bank_id)
            .where(QuestionBank.code == "general")
        ).first()
        assert row is not None
        bank = work.get(QuestionBank, row.bank_id).moodle_bank
    synced.site.control("edit_question", bankidnumber=bank, idnumber=row.idnumber, text="Чужой текст", mode=mode)
    with pytest.raises(Refused) as refused:
        sync_banks(synced.office, synced.actor, COURSE, nothing)
    assert refused.value.code == "sync.foreign_change"
    assert refused.value.params["idnumber"] == row.idnumber
    there = next(q for q in synced.office.moodle.present(bank) if q.idnumber == row.idnumber)
    assert there.foreign
    xml = synced.site.rest(
        "local_kyzmat_get_question", {"bankidnumber": bank, "idnumber": row.idnumber, "version": there.version}
    )["xml"]
    assert "Чужой текст" in xml
