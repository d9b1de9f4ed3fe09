"""The pages of banks for a body of Kazakhstan: its own bank and its own sources, and nothing of the other country."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from flask_app.domain.identity import BANK_EDITOR
from flask_app.services.banks import load_bank
from flask_app.services.bodies import BodyProfile, actor_of, add_person, add_user, create_body, system_actor
from flask_app.services.office import Office
from flask_app.services.shipped_banks import read_shipped_banks
from flask_app.store.models.banks import BankQuestion, QuestionBank
from tests.web.client import PageClient
from tests.web.town import PASSWORD

GROUPS = 6


@pytest.fixture
def bank(office: Office) -> UUID:
    """A body of Kazakhstan with an editor and the first questions of its bank."""
    texts = {"kk": "Үлгі ауданы әкімінің аппараты", "ru": "Аппарат акима района Улги"}
    body = create_body(office, BodyProfile("kz-pages", "KZ", texts, texts, texts, "Asia/Almaty"))
    with office.work(system_actor(body)) as work:
        person = add_person(work, "Жұмабаев Ерлан")
        add_user(work, "kz-bank", person.name, PASSWORD, (BANK_EDITOR,), person_id=person.id)
    with office.work(actor_of(office, "kz-bank")) as work:
        (shipped,) = read_shipped_banks(work.body.jurisdiction)
        load_bank(work, replace(shipped, items=shipped.items[:GROUPS]))
        return work.session.scalars(select(QuestionBank.id)).one()


def test_the_bank_and_a_question_can_be_read(app: Flask, office: Office, bank: UUID) -> None:
    client = PageClient(app).at_work("kz-bank")
    client.raw_get("/?lang=ru")
    (row,) = client.get("/banks").rows()
    assert f"Қазақша {GROUPS}, Русский {GROUPS}" in row
    assert "қай тілді мемлекеттік тіл деп таныды?" in client.get(f"/banks/{bank}").text
    with office.work(actor_of(office, "kz-bank")) as work:
        question = work.session.scalars(
            select(BankQuestion.id).where(BankQuestion.idnumber == "kz-constitution-001.kk")
        ).one()
    shown = client.get(f"/banks/{bank}/questions/{question}").text
    assert "қазақ және ағылшын тілдерін" in shown
    assert "Конституция Республики Казахстан (принята в 1995 году)" in shown


def test_an_author_is_offered_the_sources_of_his_country(app: Flask, bank: UUID) -> None:
    client = PageClient(app).at_work("kz-bank")
    client.raw_get("/?lang=ru")
    assert "kz-law-416-2015#art20" in client.raw_get(f"/questions/banks/{bank}/import").get_data(as_text=True)
