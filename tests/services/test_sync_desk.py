"""Plans, runs and drift as their pages read them, over a real database and a real stand-in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from flask_app.domain.errors import NotPermitted, Refused
from flask_app.domain.identity import HR_OFFICER
from flask_app.ports.moodle import ForeignDecision, SyncPlan
from flask_app.services import drift, sync_desk, sync_history
from flask_app.services.bank_shelf import QuestionFilter, bank_page, banks
from flask_app.services.banks import load_bank
from flask_app.services.shipped_banks import read_shipped_banks
from flask_app.services.sync_desk import PlanPage, Wish
from flask_app.services.synchronisation import banks_wanted, plan, sync_banks
from flask_app.store.models.banks import BankQuestion, QuestionBank
from flask_app.store.progress import JobCancelled
from question_banks.bank import Bank
from question_banks.model import MultichoiceQuestion
from tests.services.desk import FrozenClock, actor_with
from tests.services.stages import COURSE, Scene, nothing


def general() -> Bank:
    return next(bank for bank in read_shipped_banks() if bank.id == "general")


def changed() -> Bank:
    """The general bank: the first Russian text another, the second group gone, a new group at the end."""
    bank = general()
    first, _, *rest = bank.items
    question = first.versions["ru"]
    assert isinstance(question, MultichoiceQuestion)
    reworded = question._replace(text=question.text.replace("Как", "Каким образом"))
    new = {
        language: one._replace(name="new-001", idnumber=f"new-001.{language}", text=f"{one.text} +")
        for language, one in rest[0].versions.items()
    }
    added = replace(rest[0], id="new-001", versions=new)
    return replace(bank, items=(replace(first, versions={**first.versions, "ru": reworded}), *rest, added))


def bank_name(scene: Scene) -> str:
    with scene.work() as work:
        return work.session.scalars(select(QuestionBank.moodle_bank).where(QuestionBank.code == "general")).one()


def read_plan(scene: Scene, *decisions: ForeignDecision, kind: str = "") -> tuple[SyncPlan, PlanPage]:
    wish = Wish(COURSE, (bank_name(scene),), decisions)
    with scene.work() as work:
        wanted = banks_wanted(work, wish.course, wish.banks, wish.decisions)
    made = plan(scene.office, scene.actor, wanted)
    there = sync_desk.look(scene.office, scene.actor, made, kind, 1)
    with scene.work() as work:
        return made, sync_desk.plan_page(work, made, wish, kind, 1, there)


def test_every_kind_of_change_is_read_as_a_person_would(synced: Scene) -> None:
    with synced.work() as work:
        load_bank(work, changed())
        moved = work.session.scalars(select(BankQuestion).where(BankQuestion.idnumber == "const-004.ru")).one()
        before, moved.category_path = moved.category_path, "KG/general/elsewhere/ru"
    made, page = read_plan(synced)
    assert page.counts == {"new_version": 1, "create_question": 2, "move_question": 1, "retire_question": 2}
    assert page.unchanged == len(made.wanted.banks[0].questions) - 4
    by_name = {change.idnumber: change for change in page.found.rows}
    text = by_name["const-001.ru"].lines[0]
    assert [piece.text for piece in text.pieces if piece.kind == "gone"] == ["Как"]
    assert [piece.text for piece in text.pieces if piece.kind == "new"] == ["Каким образом"]
    assert not [line for line in by_name["const-001.ru"].lines[1:] if line.changed]
    assert {piece.kind for line in by_name["new-001.ky"].lines for piece in line.pieces} == {"new"}
    assert by_name["const-004.ru"].moved == (before, "KG/general/elsewhere/ru")
    assert by_name["const-002.ru"].kind == "retire_question"
    assert [change.kind for change in read_plan(synced, kind="retire_question")[1].found.rows] == [
        "retire_question"
    ] * 2


def test_a_text_nobody_kept_is_said_to_be_unknown(synced: Scene) -> None:
    with synced.work() as work:
        load_bank(work, changed())
        wanted = banks_wanted(work, COURSE, (bank_name(synced),))
    made = plan(synced.office, synced.actor, wanted)
    there = sync_desk.look(synced.office, synced.actor, made, "", 1)
    other = {name: replace(found, content_hash="0" * 64) for name, found in there.present.items()}
    with synced.work() as work:
        page = sync_desk.plan_page(work, made, Wish(COURSE), "", 1, replace(there, present=other))
    (change,) = [one for one in page.found.rows if one.kind == "new_version"]
    assert not change.old_known


@pytest.mark.parametrize("mode", ["newversion", "inplace"])
def test_a_foreign_edit_is_seen_noted_and_replaced_by_decision(synced: Scene, mode: str) -> None:
    name = bank_name(synced)
    synced.site.control("edit_question", bankidnumber=name, idnumber="const-001.ru", text="Чужой текст", mode=mode)
    _, page = read_plan(synced)
    assert page.counts == {"foreign_change": 1}
    seen = drift.look_around(synced.office, synced.actor)
    found = drift.drift_page(synced.office, synced.actor, seen, 1)
    (one,) = found.found.rows
    assert one.theirs is not None
    assert (one.idnumber, one.theirs[0].text) == ("const-001.ru", "Чужой текст")
    assert [(bank.changed, bank.same) for bank in found.banks if bank.place.code == "general"] == [(1, 239)]
    with synced.work() as work:
        drift.note_seen(work, seen)
    with synced.work() as work:
        assert {bank.code: bank.standing for bank in banks(work)} == {"general": "foreign", "subject": "in_step"}
    decision = ForeignDecision(name, "const-001.ru", one.version)
    made, decided = read_plan(synced, decision)
    assert decided.counts == {"new_version": 1}
    assert "Чужой текст" in [piece.text for piece in decided.found.rows[0].lines[0].pieces if piece.kind == "gone"]
    sync_banks(synced.office, synced.actor, COURSE, nothing, banks=(name,), decisions=(decision,), plan_hash=made.hash)
    assert not drift.drift_page(
        synced.office, synced.actor, drift.look_around(synced.office, synced.actor), 1
    ).found.rows


def test_a_stopped_run_says_so_and_lists_what_it_did(synced: Scene, clock: FrozenClock) -> None:
    clock.forward(timedelta(hours=1))
    with synced.work() as work:
        load_bank(work, changed())

    def stop(_done: int, _total: int) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        sync_banks(synced.office, synced.actor, COURSE, stop)
    with synced.work() as work:
        run = sync_history.runs(work, 1).rows[0]
        page = sync_history.run_page(work, run.id, "", 1)
    assert run.state == "cancelled"
    assert page.banks == (bank_name(synced), bank_name(synced).replace("general", "subject"))
    assert [(call.function, call.state) for call in page.calls] == [("import_questions", "done")]
    clock.forward(timedelta(hours=1))
    sync_banks(synced.office, synced.actor, COURSE, nothing)
    with synced.work() as work:
        last = sync_history.runs(work, 1).rows[0]
        items = sync_history.run_page(work, last.id, "", 1)
    assert last.state == "applied"
    assert items.found.total == last.steps
    assert all(item.good for item in items.found.rows)


def test_an_interrupted_job_goes_on_with_what_is_left_of_its_plan_and_nothing_else(synced: Scene) -> None:
    with synced.work() as work:
        load_bank(work, changed())
    made, _ = read_plan(synced)

    def break_off(_done: int, _total: int) -> None:
        raise OSError

    def again() -> tuple[SyncPlan, object]:
        banks_ = (bank_name(synced),)
        return sync_banks(synced.office, synced.actor, COURSE, nothing, banks=banks_, plan_hash=made.hash)

    with pytest.raises(OSError):
        sync_banks(synced.office, synced.actor, COURSE, break_off, banks=(bank_name(synced),), plan_hash=made.hash)
    with synced.work() as work:
        row = work.session.scalars(select(BankQuestion).where(BankQuestion.idnumber == "const-005.ru")).one()
        before, row.category_path = row.category_path, "KG/general/elsewhere/ru"
    with pytest.raises(Refused) as refused:
        again()
    assert refused.value.code == "sync.plan_changed", "one step nobody has reviewed"
    with synced.work() as work:
        work.get(BankQuestion, row.id).category_path = before
    rest, report = again()
    assert 0 < len(rest.steps) < len(made.steps)
    assert report is not None
    assert not read_plan(synced)[0].steps


def test_the_shelf_follows_the_site_and_a_lost_bank_is_told(synced: Scene) -> None:
    with synced.work() as work:
        row = banks(work)[0]
        assert (row.standing, row.questions, row.damaged, row.errors) == ("in_step", 240, 0, 0)
        page = bank_page(work, row.id, QuestionFilter(standing="in_step"), 5)
    assert page.found is not None
    assert (page.found.total, page.found.page, len(page.found.rows)) == (240, 5, 25)
    lost = tuple(replace(look, questions=()) for look in drift.look_around(synced.office, synced.actor))
    with synced.work() as work:
        drift.note_seen(work, lost)
    with synced.work() as work:
        assert {bank.standing for bank in banks(work)} == {"never"}


def test_who_may_not_read_sees_no_text_and_who_may_not_sync_notes_nothing(synced_offline: Scene) -> None:
    officer = actor_with(synced_offline.office, synced_offline.actor.body_id, HR_OFFICER)
    with synced_offline.work(officer) as work:
        page = bank_page(work, banks(work)[0].id, QuestionFilter(), 1)
    assert page.found is None
    auditor = actor_with(synced_offline.office, synced_offline.actor.body_id, "auditor")
    with pytest.raises(NotPermitted), synced_offline.work(auditor) as work:
        drift.note_seen(work, ())
