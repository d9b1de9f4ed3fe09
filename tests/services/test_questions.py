"""Questions from draft to release, on a real database: four eyes, remarks, versions, readers, releases with hashes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from flask_app.domain.errors import (
    AlreadyThere,
    InvalidInput,
    NotFound,
    NotPermitted,
    Refused,
    VersionConflict,
)
from flask_app.domain.identity import BANK_EDITOR, HR_OFFICER, Actor
from flask_app.services import question_items as desk
from flask_app.services.bank_reading import banks_of_body
from flask_app.services.blueprint_desk import withdrawn_groups
from flask_app.services.office import Office
from flask_app.services.question_differences import difference
from flask_app.services.question_drafts import DraftText, check, frame_of
from flask_app.services.question_list import items
from flask_app.services.question_page import ItemPage, item_page
from flask_app.services.question_releases import publish_release, release_desk
from flask_app.services.question_remarks import add_comment, settle_comment
from flask_app.services.transitions import act_on
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.banks import BankQuestion, BankRelease, QuestionBank
from flask_app.store.models.questions import QuestionItem, QuestionView, ReleaseNote
from tests.services.desk import actor_with, new_body
from tests.services.stages import Scene

RU = """Кто утверждает план повышения квалификации служащих аппарата?{
=руководитель аппарата
~собрание граждан
~глава государства
~министр финансов
~областной совет
}"""
KY = """Аппараттын кызматчыларынын квалификациясын жогорулатуу планын ким бекитет?{
=аппарат жетекчиси
~жарандардын жыйыны
~мамлекет башчысы
~каржы министри
~облустук кеңеш
}"""
NEW = DraftText("plan-001", "constitution", "easy", ("kg-constitution-2021#unverified",), {"ru": RU, "ky": KY})


class Desk:
    """A body with the shipped banks, an author and a colleague."""

    def __init__(self, scene: Scene) -> None:
        self.office: Office = scene.office
        body = scene.actor.body_id
        self.author = actor_with(self.office, body, BANK_EDITOR, name="Автор")
        self.other = actor_with(self.office, body, BANK_EDITOR, name="Рецензент")
        self.stranger = actor_with(self.office, new_body(self.office), BANK_EDITOR)
        self.hr = actor_with(self.office, body, HR_OFFICER)
        with self.office.work(self.author) as work:
            self.bank = work.session.scalars(select(QuestionBank.id).where(QuestionBank.code == "general")).one()

    def add(self, draft: DraftText = NEW) -> UUID:
        with self.office.work(self.author) as work:
            return desk.add_item(work, desk.bank_for(work, self.bank), draft).id

    def move(self, actor: Actor, item: UUID, step: str, reason: str = "") -> str:
        with self.office.work(actor) as work:
            version = work.get(QuestionItem, item).version
            act = act_on(work, work.today, reason=reason)
            return desk.move_item(work, item, step, act, expected_version=version).state

    def approve(self, item: UUID) -> None:
        self.move(self.author, item, "submit")
        self.move(self.other, item, "pass_review")
        assert self.move(self.other, item, "approve") == "approved"

    def release(self, name: str = "2026.2", notes: str = "Новые вопросы") -> str:
        with self.office.work(self.other) as work:
            publish_release(work, self.bank, name, notes, act_on(work, work.today))
        with self.office.work(self.other) as work:
            return work.session.scalars(select(QuestionBank.hash).where(QuestionBank.id == self.bank)).one()

    def state(self, item: UUID) -> str:
        with self.office.work(self.author) as work:
            return work.get(QuestionItem, item).state

    def item(self, item: UUID) -> ItemPage:
        with self.office.work(self.author) as work:
            return item_page(work, item)


@pytest.fixture
def d(synced_offline: Scene) -> Desk:
    return Desk(synced_offline)


def refused(error: pytest.ExceptionInfo[Any]) -> str:
    return str(error.value.code)


def test_from_draft_to_a_release(d: Desk) -> None:
    with d.office.work(d.author) as work:
        before = work.get(QuestionBank, d.bank).hash
    item = d.add()
    d.approve(item)
    hash_ = d.release()
    assert d.state(item) == "in_use"
    with d.office.work(d.author) as work:
        rows = work.session.scalars(select(BankQuestion).where(BankQuestion.twin_group == "plan-001")).all()
        assert {row.idnumber for row in rows} == {"plan-001.ru", "plan-001.ky"}
        assert {row.category_path for row in rows} == {f"KG/general/constitution-2021/{code}" for code in ("ru", "ky")}
        assert "[tag:topic:constitution]" in rows[0].source
        assert "[tag:difficulty:easy]" in rows[0].source
        kept = work.session.scalars(select(BankRelease).where(BankRelease.hash == hash_)).one()
        note = work.session.scalars(select(ReleaseNote).where(ReleaseNote.release_id == kept.id)).one()
        assert (kept.release, note.notes, note.questions) == ("2026.2", "Новые вопросы", [["plan-001", "in"]])
        assert note.published_by == d.other.user_id
        (bank,) = [bank for row, bank in banks_of_body(work) if row.id == d.bank]
        assert bank.hash == hash_ != before
        assert len(bank.items) == 121
        shown = release_desk(work, d.bank)
        assert {row.release for row in shown.history} == {"2026.2", "2026.1"}
        assert (shown.new, shown.changed) == ((), ())


def test_nobody_passes_his_own_work(d: Desk) -> None:
    item = d.add()
    d.move(d.author, item, "submit")
    with pytest.raises(Refused) as error:
        d.move(d.author, item, "pass_review")
    assert refused(error) == "question.own_work"
    names = str(error.value.params["reviewers"]).split(", ")
    assert "Рецензент" in names
    assert "Автор" not in names
    d.move(d.other, item, "return", "мелочи")
    with d.office.work(d.other) as work:
        changed = replace(NEW, texts={**NEW.texts, "ru": RU.replace("план ", "общий план ")})
        desk.save_draft(work, item, changed, expected_version=3)
    d.move(d.author, item, "submit")
    with pytest.raises(Refused) as error:
        d.move(d.other, item, "pass_review")
    assert refused(error) == "question.own_work_alone", "a reviewer who rewrote it is an author now"


def test_a_broken_or_half_question_is_kept_but_not_handed_in(d: Desk) -> None:
    item = d.add(replace(NEW, texts={"ru": RU.replace("=", "~")}))
    page = d.item(item)
    assert {"BANK_KEY_NONE", "BANK_TWIN_MISSING"} <= {remark.code for remark in page.checked.remarks}
    assert page.checked.missing == ("ky",)
    with pytest.raises(Refused) as error:
        d.move(d.author, item, "submit")
    assert refused(error) == "question.language_missing"
    assert [one.code for one in error.value.others] == ["question.has_errors"]


def test_remarks_hold_a_question_back_until_they_are_settled(d: Desk) -> None:
    item = d.add()
    d.move(d.author, item, "submit")
    with d.office.work(d.other) as work:
        comment = add_comment(work, item, "ru", "план", "Какой план?").id
    with pytest.raises(Refused) as error:
        d.move(d.other, item, "pass_review")
    assert refused(error) == "question.comments_open"
    with d.office.work(d.author) as work:
        settle_comment(work, item, comment)
    with d.office.work(d.author) as work, pytest.raises(AlreadyThere):
        settle_comment(work, item, comment)
    assert d.move(d.other, item, "pass_review") == "language_check"
    (shown,) = d.item(item).comments
    assert (shown.quote, shown.author, shown.settled_by, shown.version) == ("план", "Рецензент", "Автор", 2)


def test_versions_are_kept_and_compared(d: Desk) -> None:
    item = d.add()
    changed = replace(NEW, difficulty="hard", texts={**NEW.texts, "ru": RU.replace("~собрание", "~общее собрание")})
    with d.office.work(d.author) as work:
        assert desk.save_draft(work, item, changed, expected_version=1).version == 2
    with d.office.work(d.author) as work:
        assert desk.save_draft(work, item, changed, expected_version=2).version == 2, "the same text is no new version"
    with d.office.work(d.other) as work, pytest.raises(VersionConflict):
        desk.save_draft(work, item, NEW, expected_version=1)
    with d.office.work(d.author) as work:
        found = difference(work, item, 1, 2)
        assert found.fields == (("difficulty", "easy", "hard"),)
        (line,) = [line for line in found.texts["ru"] if line.changed]
        assert [piece.text.strip() for piece in line.pieces if piece.kind == "new"] == ["общее"]
        assert not any(line.changed for line in found.texts["ky"])
        with pytest.raises(NotFound):
            difference(work, item, 1, 9)


def test_who_saw_what(d: Desk) -> None:
    item = d.add()
    for actor in (d.author, d.other, d.other):
        with d.office.work(actor) as work:
            item_page(work, item)
    with d.office.work(d.author) as work:
        views = work.session.scalars(select(QuestionView).where(QuestionView.item_id == item)).all()
        assert {(view.user_id, view.version) for view in views} == {(d.author.user_id, 1), (d.other.user_id, 1)}
        events = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "question.opened")).all()
        assert len(events) == 2
    assert {seen.name for seen in d.item(item).seen} == {"Автор", "Рецензент"}


def test_strangers_and_other_roles_find_nothing(d: Desk) -> None:
    item = d.add()
    with d.office.work(d.stranger) as work, pytest.raises(NotFound):
        item_page(work, item)
    with d.office.work(d.hr) as work, pytest.raises(NotPermitted):
        item_page(work, item)
    with d.office.work(d.hr) as work, pytest.raises(NotPermitted):
        items(work)
    with d.office.work(d.stranger) as work:
        assert items(work).total == 0


def test_the_queue_shows_whose_turn_it_is(d: Desk) -> None:
    item = d.add()
    waiting = {}
    for state in ("draft", "review"):
        for name, actor in (("author", d.author), ("other", d.other)):
            with d.office.work(actor) as work:
                waiting[state, name] = [row.group for row in items(work, mine=True).rows]
        if state == "draft":
            d.move(d.author, item, "submit")
    assert waiting == {
        ("draft", "author"): ["plan-001"],
        ("draft", "other"): [],
        ("review", "author"): [],
        ("review", "other"): ["plan-001"],
    }


def test_a_question_in_use_is_revised_while_the_old_text_stays(d: Desk) -> None:
    with d.office.work(d.author) as work:
        item = desk.begin_revision(work, desk.bank_for(work, d.bank), "const-001", "новая редакция").id
    with d.office.work(d.author) as work, pytest.raises(AlreadyThere):
        desk.begin_revision(work, desk.bank_for(work, d.bank), "const-001", "ещё раз")
    page = d.item(item)
    assert page.checked.remarks == ()
    texts = {**page.draft.texts, "ru": page.draft.texts["ru"].replace("Как ", "Каким образом ", 1) + "\n"}
    texts["ru"] = texts["ru"].replace("?{", " сегодня?{").replace("? {", " сегодня? {")
    with d.office.work(d.author) as work:
        desk.save_draft(work, item, replace(page.draft, texts=texts), expected_version=1)
        old = work.session.scalars(select(BankQuestion.source).where(BankQuestion.idnumber == "const-001.ru")).one()
        assert "сегодня" not in old
    d.approve(item)
    d.release()
    with d.office.work(d.author) as work:
        new = work.session.scalars(select(BankQuestion.source).where(BankQuestion.idnumber == "const-001.ru")).one()
        assert "сегодня" in new


def test_a_retired_question_leaves_with_the_next_release(d: Desk) -> None:
    item = d.add()
    d.approve(item)
    d.release()
    d.move(d.other, item, "suspend", "апелляция")
    with d.office.work(d.author) as work:
        assert withdrawn_groups(work) == {"plan-001"}, "no blueprint draws a suspended question"
    d.move(d.other, item, "retire", "закон изменён")
    d.release("2026.3", "Снят вопрос")
    with d.office.work(d.author) as work:
        rows = work.session.scalars(select(BankQuestion.retired).where(BankQuestion.twin_group == "plan-001")).all()
        assert rows == [True, True]


def test_a_release_needs_a_name_a_note_and_something_new(d: Desk) -> None:
    with pytest.raises(Refused) as error:
        d.release()
    assert refused(error) == "question.nothing_to_release"
    with pytest.raises(InvalidInput) as unnamed:
        d.release("2026.9", "")
    assert refused(unnamed) == "question.release_unnamed"
    with pytest.raises(Refused) as taken:
        d.release("2026.1")
    assert refused(taken) == "question.release_taken"


@pytest.mark.parametrize("group", ["", "Q 1", "q-", "q" * 98, "const-001"])
def test_names_that_cannot_be(d: Desk, group: str) -> None:
    with pytest.raises(InvalidInput if group != "const-001" else AlreadyThere):
        d.add(replace(NEW, group=group))


def test_a_repetition_of_the_bank_is_told(d: Desk) -> None:
    with d.office.work(d.author) as work:
        frame = frame_of(work, desk.bank_for(work, d.bank))
        (row,) = work.session.scalars(select(BankQuestion).where(BankQuestion.idnumber == "const-001.ru")).all()
        text = row.source.split("\n", 1)[1]
        near = text.replace("Как Конституция", "Как ныне Конституция", 1)
        assert near != text
        found = {
            code: check(frame, replace(NEW, texts={"ru": said})) for code, said in (("REPEATED", text), ("ALIKE", near))
        }
    for code, checked in found.items():
        told = [
            (r.code, r.params["other"]) for r in checked.remarks if r.code in ("QUESTION_REPEATED", "QUESTION_ALIKE")
        ]
        assert told == [(f"QUESTION_{code}", "const-001")]
