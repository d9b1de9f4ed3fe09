"""The pages of the question banks: the shelf, a bank's questions and problems, a question as Moodle shows it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from flask_app.services.office import Office
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.banks import BankQuestion, QuestionBank
from tests.web.bank_desk import load, question_id, small_bank, types_bank
from tests.web.client import Page, PageClient, text_of
from tests.web.conftest import QueryCount

Browsers = Callable[[str], PageClient]


@pytest.fixture
def as_(app: Flask) -> Browsers:
    known: dict[str, PageClient] = {}

    def browser(login: str) -> PageClient:
        if login not in known:
            known[login] = PageClient(app).at_work(login)
            known[login].raw_get("/?lang=ru")
        return known[login]

    return browser


@pytest.fixture
def types(office: Office) -> UUID:
    return load(office, types_bank())


def opened(client: PageClient, path: str) -> Page:
    """The question with its right answers."""
    return client.post(path, {"form_token": client.token("/banks")}, 200)


def test_the_shelf_tells_of_each_bank(as_: Browsers, office: Office, types: UUID) -> None:
    load(office, small_bank())
    client = as_("bank")
    rows = client.get("/banks").rows()
    assert len(rows) == 2
    assert "Кыргызча 6, Русский 6" in rows[0]
    assert "2026.1" in rows[0]
    assert "Нет в Moodle" in rows[0]
    assert "не передавался" in rows[0]
    assert f"/banks/{types}" in client.get("/banks").links()


def test_an_empty_shelf_says_who_fills_it(as_: Browsers) -> None:
    page = as_("hr").get("/banks")
    assert "Банков пока нет." in page.text
    assert "редактор" in page.text


FOUND = {
    "": 10,
    "text=кенеш": 3,
    "text=УТВЕРЖДАЕТ": 1,
    "text=министрлик": 1,
    "text=%3Dместный": 0,
    "text=Бишкек": 0,
    "text=%3Cb%3E": 0,
    "language=ky": 1,
    "difficulty=hard": 2,
    "topic=all&language=ru": 9,
    "topic=nowhere": 0,
    "standing=never": 10,
    "standing=in_step": 0,
    "problem=BANK_TYPE_OTHER": 7,
    "problem=any&text=Отметьте": 1,
}
"""What is asked for → how many questions of the bank of all types are found."""


def test_questions_are_found_by_what_a_candidate_reads(as_: Browsers, types: UUID) -> None:
    client, found = as_("auditor"), {}
    for asked in FOUND:
        page = client.get(f"/banks/{types}?{asked}")
        found[asked] = len([row for row in page.rows() if "-1." in row])
        assert found[asked] or "Сбросить отбор" in page.text
    assert found == FOUND
    filtered = client.get(f"/banks/{types}").text
    assert "не на выбор ответа (" in filtered, "the filter calls findings by titles, not by codes"
    assert "BANK_TYPE_OTHER (" not in filtered


def test_long_banks_come_in_pages(as_: Browsers, office: Office) -> None:
    id_ = load(office, small_bank(30))
    client = as_("bank")
    first = client.get(f"/banks/{id_}")
    assert "1–25 из 60" in first.text
    assert "51–60 из 60" in client.get(f"/banks/{id_}?page=3").text
    assert "51–60 из 60" in client.get(f"/banks/{id_}?page=99").text
    assert [link for link in client.get(f"/banks/{id_}?language=ru").links() if "page=3" in link] == []
    assert [link for link in first.links() if "page=2" in link]


def test_who_may_not_read_questions_sees_that_there_are_some(as_: Browsers, types: UUID) -> None:
    page = as_("hr").get(f"/banks/{types}")
    assert "Вопросы для вас закрыты." in page.text
    assert "утверждает" not in page.response.get_data(as_text=True)
    as_("hr").get(f"/banks/{types}/problems", 403)


# -- problems ----------------------------------------------------------------------------------------------------------


def test_problems_name_their_place_in_the_file_that_is_handed_out(as_: Browsers, types: UUID) -> None:
    client = as_("bank")
    pages = [client.get(f"/banks/{types}/problems?severity=error&page={number}") for number in (1, 2)]
    listed = [text_of(item) for page in pages for item in page.all("li") if item.get("class") == "is-bad"]
    wrong_type = next(text for text in listed if "truth-1" in text)
    assert "Что сделать:" in wrong_type
    assert any("другого типа: «Верно или неверно»" in text for text in listed)
    place = wrong_type.rsplit("types.ru.gift, строка ", 1)[1]
    line = int(place.split(",")[0])
    answer = client.browser.post(f"/banks/{types}/text/ru", data={"form_token": client.token("/banks")})
    assert answer.status_code == 200
    assert 'filename="types.ru.gift"' in answer.headers["Content-Disposition"]
    text = answer.get_data(as_text=True).split("\n")
    assert any("truth-1" in near for near in text[line - 2 : line + 1]), text[line - 2 : line + 1]
    client.get(f"/banks/{types}/problems?severity=nonsense")


def test_a_bank_without_problems_says_so(as_: Browsers, office: Office) -> None:
    id_ = load(office, small_bank(30))
    page = as_("bank").get(f"/banks/{id_}/problems?severity=error")
    assert "Замечаний нет" in page.text


def test_a_text_of_a_language_the_bank_has_not_is_not_there(as_: Browsers, types: UUID) -> None:
    client = as_("bank")
    client.post(f"/banks/{types}/text/fr", {"form_token": client.token("/banks")}, 404)


def test_a_damaged_question_is_told_and_hides_no_other(as_: Browsers, office: Office, types: UUID) -> None:
    with office.sessions() as session:
        row = session.scalars(select(BankQuestion).where(BankQuestion.idnumber == "multi-1.ru")).one()
        row.source = row.source.replace("раз", "тайно")
        session.commit()
    client = as_("bank")
    assert "повреждён 1 вопрос" in client.get("/banks").text
    assert "multi-1.ru" in client.get(f"/banks/{types}/problems").text
    assert len(client.get(f"/banks/{types}?text=Кто").rows()) == 1


# -- a question --------------------------------------------------------------------------------------------------------

SEALED = {
    "single-1": ("Верно по уставу", "Мэр исполняет", "Смотрите устав"),
    "multi-1": ("50 %", "-100 %"),
    "truth-1": ("100 %",),
    "short-1": ("Бишкек", "Фрунзе"),
    "number-1": ("3,14", "3.14"),
    "match-1": (" selected",),
    "order-1": ("в правильном порядке",),
    "essay-1": (),
    "intro-1": (),
}
"""What nobody may read before right answers are opened."""


def test_a_question_is_shown_without_its_key_until_that_is_opened(as_: Browsers, office: Office, types: UUID) -> None:
    client, auditor = as_("bank"), as_("auditor")
    token, foreign = client.token("/"), auditor.token("/")
    for group, secrets in SEALED.items():
        path = f"/banks/{types}/questions/{question_id(office, f'{group}.ru')}"
        sealed = auditor.get(path).response.get_data(as_text=True)
        assert not [secret for secret in secrets if secret in sealed], group
        assert "Открыть правильные ответы" not in sealed
        auditor.post(path, {"form_token": foreign}, 403)
        client.get(path)
        page = client.post(path, {"form_token": token}, 200).response.get_data(as_text=True)
        assert "GIFT: types.ru.gift" in page
        assert [secret for secret in secrets if secret not in page] == [], group


def test_single_choice_is_radio_buttons_with_the_twin_beside(as_: Browsers, office: Office, types: UUID) -> None:
    page = as_("bank").get(f"/banks/{types}/questions/{question_id(office, 'single-1.ru')}")
    assert len(page.all("input", type="radio")) == 6
    assert len(page.all("fieldset")) == 2
    assert [e.get("lang") for e in page.all("div", class_="kz-que")] == ["ru", "ky"]
    assert "Вопрос 1" in page.text
    assert "Суроо 1" in page.text, "Moodle's own words are in the language of the question"
    assert [e.get("alt") for e in page.all("img")] == ["схема"]
    assert "plan.png" in page.text
    source = page.response.get_data(as_text=True)
    assert "alert(1)" not in source
    assert "onclick" not in source
    assert "Конституция Кыргызской Республики" in page.text
    assert "не проверено" in page.text


def test_every_type_has_its_own_fields(as_: Browsers, office: Office, types: UUID) -> None:
    def page(group: str) -> Page:
        return as_("bank").get(f"/banks/{types}/questions/{question_id(office, f'{group}.ru')}")

    assert len(page("multi-1").all("input", type="checkbox")) == 3
    assert "Верно" in page("truth-1").text
    assert "на реке Аламедин" in page("short-1").text
    assert "_____" in page("short-1").text
    assert len(page("number-1").all("input", id="q-ru-typed")) == 1
    assert [len(e) for e in page("match-1").all("select")] == [3, 3]
    ordering = page("order-1").text
    assert ordering.index("арбуз") < ordering.index("вишня") < ordering.index("яблоко")
    assert len(page("essay-1").all("textarea")) == 1
    assert "Прочтите текст." in page("intro-1").text


def test_the_key_is_shown_with_marks_and_feedback(as_: Browsers, office: Office, types: UUID) -> None:
    client = as_("bank")

    def page(group: str) -> str:
        return opened(client, f"/banks/{types}/questions/{question_id(office, f'{group}.ru')}").text

    assert "3,14 ± 0,01" in page("number-1")
    assert "50 %" in page("short-1")
    assert "-100 %" in page("multi-1")
    single = page("single-1")
    assert "Верно по уставу" in single
    assert "Смотрите устав." in single
    ordering = page("order-1")
    assert ordering.index("яблоко") < ordering.index("арбуз") < ordering.index("вишня")


def test_opening_a_question_and_its_answers_is_noted(
    as_: Browsers, office: Office, types: UUID, session_factory: sessionmaker[Session]
) -> None:
    question = question_id(office, "single-1.ru")
    client, path = as_("bank"), f"/banks/{types}/questions/{question}"
    client.get(path)
    opened(client, path)
    with session_factory() as session:
        events = session.scalars(
            select(AuditEvent.action).where(AuditEvent.object_id == str(question)).order_by(AuditEvent.id)
        ).all()
    assert events == ["question.opened", "question.answers_opened"]


def test_another_banks_question_and_another_bodys_bank_are_not_there(
    as_: Browsers, office: Office, types: UUID, session_factory: sessionmaker[Session]
) -> None:
    other = load(office, small_bank())
    as_("bank").get(f"/banks/{other}/questions/{question_id(office, 'single-1.ru')}", 404)
    as_("stranger").get(f"/banks/{types}", 404)
    with session_factory() as session:
        assert session.scalar(select(QuestionBank.id).where(QuestionBank.id == types)) is not None


def test_pages_ask_the_database_little(as_: Browsers, office: Office, types: UUID, queries: QueryCount) -> None:
    client = as_("bank")
    for path in ("/banks", f"/banks/{types}", f"/banks/{types}/questions/{question_id(office, 'single-1.ru')}"):
        client.get(path)
        queries.statements.clear()
        client.get(path)
        assert len(queries.statements) <= 15, (path, queries.statements)
