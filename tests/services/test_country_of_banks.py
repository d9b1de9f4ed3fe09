"""A body has the banks of its own country only: on its shelf, in its plans, blueprints, releases and forms."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from flask_app.domain.errors import InvalidInput
from flask_app.domain.identity import BANK_EDITOR, ROLES, Actor
from flask_app.messages import explain
from flask_app.services import question_items as desk
from flask_app.services.bank_reading import banks_of_body
from flask_app.services.bank_shelf import banks
from flask_app.services.banks import load_bank, wanted_banks
from flask_app.services.blueprint_desk import Wanted, judge, menu
from flask_app.services.bodies import BodyProfile, create_body
from flask_app.services.office import Office
from flask_app.services.question_drafts import frame_of
from flask_app.services.question_import import Defaults, plan_import
from flask_app.services.question_releases import publish_release
from flask_app.services.shipped_banks import read_shipped_banks
from flask_app.services.test_sessions import draw_forms, schedule_session
from flask_app.services.transitions import act_on
from flask_app.store.models.banks import QuestionBank
from flask_app.store.models.questions import QuestionItem
from flask_app.store.models.testing import FormItem
from question_banks.blueprints import Cell
from question_banks.files import SHIPPED
from tests.services.desk import actor_with
from tests.services.stages import Scene, admit, session

THIRTY = Wanted("Вариант", (Cell("general", 30),), (), None, "seed")


def kazakh_editor(office: Office, name: str = "Жұмабаев Ерлан", body: UUID | None = None) -> Actor:
    """Somebody with every role in a body of Kazakhstan."""
    texts = {"kk": "Үлгі ауданы әкімінің аппараты", "ru": "Аппарат акима района Улги"}
    body = body or create_body(office, BodyProfile("kz-demo", "KZ", texts, texts, texts, "Asia/Almaty"))
    return replace(actor_with(office, body, BANK_EDITOR, name=name), roles=frozenset(ROLES))


def stock(office: Office, actor: Actor, country: str) -> None:
    with office.work(actor) as work:
        for bank in read_shipped_banks(country):
            load_bank(work, bank)


def shelf(office: Office, actor: Actor) -> list[str]:
    with office.work(actor) as work:
        return [row.code for row, _ in banks_of_body(work)]


@pytest.mark.parametrize(("own", "other", "country"), [("KG", "KZ", "KG"), ("KZ", "KG", "KZ")])
def test_a_bank_of_another_country_is_not_taken(synced_offline: Scene, own: str, other: str, country: str) -> None:
    office = synced_offline.office
    actor = synced_offline.actor if own == "KG" else kazakh_editor(office)
    before = shelf(office, actor)
    for bank in read_shipped_banks(other):
        with pytest.raises(InvalidInput) as refused, office.work(actor) as work:
            load_bank(work, bank)
        assert refused.value.code == "bank.other_jurisdiction"
        assert refused.value.params == {"bank": bank.id, "country": other, "body_country": country}
        for language in ("ky", "ru", "en"):
            told = explain(refused.value.code, language, refused.value.params)
            assert bank.id in told.text
            assert told.cure
    assert shelf(office, actor) == before


def test_shipped_banks_are_handed_out_by_country() -> None:
    assert {bank.id for bank in read_shipped_banks()} == {"general", "subject"}
    assert [bank.id for bank in read_shipped_banks("KZ")] == ["general-kz"]


def test_a_body_of_kazakhstan_has_its_own_bank_everywhere(synced_offline: Scene) -> None:
    office = synced_offline.office
    actor = kazakh_editor(office)
    stock(office, actor, "KZ")
    with office.work(actor) as work:
        ((row, bank),) = banks_of_body(work)
        assert (row.code, bank.jurisdiction, bank.languages) == ("general-kz", "KZ", ("kk", "ru"))
        assert bank.hash == read_shipped_banks("KZ")[0].hash
        assert [(one.code, one.errors, one.warnings) for one in banks(work)] == [("general-kz", 0, 0)]
        offered = menu(work)
        assert (offered.blocks, offered.languages, offered.questions) == (("general",), ("kk", "ru"), 40)
        assert "kz-law-416-2015" in offered.acts
        judged = judge(work, THIRTY)
        assert judged.refused is None
        assert judged.trial is not None
        assert {item.bank for paper in judged.trial.papers for item in paper.items} == {"general-kz"}
        (wanted,) = wanted_banks(work, "KZ-EXAMS")
        assert wanted.bank == "kyzmat-kz-demo-general-kz"
        assert {question.category_path.split("/")[0] for question in wanted.questions} == {"KZ"}
        assert "kz-law-416-2015" in frame_of(work, row).sources


def test_a_body_of_kyrgyzstan_draws_no_question_of_kazakhstan(screening: Scene) -> None:
    """Even with the other bank in the same database, and its block named the same."""
    office = screening.office
    stock(office, kazakh_editor(office), "KZ")
    admit(screening)
    with screening.work() as work:
        schedule_session(work, screening.competition, session())
    with screening.work() as work:
        draw_forms(work, screening.competition)
    foreign = {group.id for bank in read_shipped_banks("KZ") for group in bank.items}
    with screening.work() as work:
        drawn = set(work.session.scalars(select(FormItem.twin_group)))
        assert drawn
        assert not drawn & foreign
        assert menu(work).languages == ("ky", "ru")
        assert not any(act.startswith("kz-") for act in menu(work).acts)
        judged = judge(work, THIRTY)
        assert judged.trial is not None
        assert not {item.group for paper in judged.trial.papers for item in paper.items} & foreign


def test_a_file_of_the_other_country_fits_no_bank_of_ours(synced_offline: Scene) -> None:
    content = (SHIPPED / "general-kz" / "general-kz.ru.gift").read_bytes()
    with synced_offline.work() as work:
        bank = work.session.scalars(select(QuestionBank).where(QuestionBank.code == "general")).one()
        found = plan_import(work, bank, content, Defaults("ru", "", "", "new"))
    assert len(found.rows) == 40
    assert [row.group for row in found.rows if not row.errors] == []


def test_a_body_of_kazakhstan_publishes_a_release_of_its_own(synced_offline: Scene) -> None:
    office = synced_offline.office
    author = kazakh_editor(office)
    stock(office, author, "KZ")
    other = kazakh_editor(office, "Сейтқали Айгерім", author.body_id)
    with office.work(author) as work:
        bank_id = work.session.scalars(select(QuestionBank.id).where(QuestionBank.code == "general-kz")).one()
        bank = desk.bank_for(work, bank_id)
        item = desk.begin_revision(work, bank, "kz-labour-001", "уточнить").id
        draft = desk.draft_of(work.get(QuestionItem, item))
        changed = {language: text.replace("40", "39", 1) for language, text in draft.texts.items()}
        desk.save_draft(work, item, replace(draft, texts=changed), expected_version=1)
    for actor, step in ((author, "submit"), (other, "pass_review"), (other, "approve")):
        with office.work(actor) as work:
            version = work.get(QuestionItem, item).version
            desk.move_item(work, item, step, act_on(work, work.today), expected_version=version)
    with office.work(other) as work:
        report = publish_release(work, bank_id, "2026.2", "Исправлено", act_on(work, work.today))
        assert (report.changed, report.added, report.retired) == (2, 0, 0)
    with office.work(author) as work:
        ((row, kept),) = banks_of_body(work)
        assert (row.release, kept.jurisdiction, kept.languages) == ("2026.2", "KZ", ("kk", "ru"))
