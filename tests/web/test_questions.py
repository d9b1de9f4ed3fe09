"""The pages where questions are made: queue, editor, remarks, steps, import, releases, statistics, blueprints."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select

from flask_app.services.banks import load_bank
from flask_app.services.bodies import actor_of, add_user, system_actor
from flask_app.services.item_statistics_count import count_all
from flask_app.services.office import Office
from flask_app.services.shipped_banks import read_shipped_banks
from flask_app.store.models.banks import BankQuestion, QuestionBank
from flask_app.store.models.questions import QuestionItem
from flask_app.store.models.results import Attempt, AttemptResponse
from question_banks.bank import Bank
from tests.web.client import Page, PageClient, text_of
from tests.web.town import NOW, PASSWORD, Town

Browsers = Callable[[str], PageClient]

RU = """Кто ведёт учёт кандидатов внутреннего резерва аппарата?{
=кадровая служба аппарата
~комиссия по этике
~министерство финансов
~городской совет
~областной суд
}"""
KY = """Аппараттын ички резервиндеги талапкерлердин эсебин ким жүргүзөт?{
=аппараттын кадр кызматы
~этика боюнча комиссия
~каржы министрлиги
~шаардык кеңеш
~облустук сот
}"""
FIELDS = {
    "group": "desk-001",
    "topic": "service",
    "difficulty": "easy",
    "citations": "kg-law-125-2021#title",
    "text_ru": RU,
    "text_ky": KY,
}


@pytest.fixture(scope="session")
def shipped() -> tuple[Bank, ...]:
    return read_shipped_banks()


@pytest.fixture
def bank(office: Office, here: Town, shipped: tuple[Bank, ...]) -> UUID:
    """The shipped banks in the town's panel, and a second editor."""
    with office.work(actor_of(office, "bank")) as work:
        for one in shipped:
            load_bank(work, one)
    with office.work(system_actor(here.body)) as work:
        add_user(work, "bank2", "Осмонов Эрлан", PASSWORD, ("bank_editor",))
    with office.work(actor_of(office, "bank")) as work:
        return work.session.scalars(select(QuestionBank.id).where(QuestionBank.code == "general")).one()


@pytest.fixture
def as_(app: Flask, bank: UUID) -> Browsers:
    known: dict[str, PageClient] = {}

    def browser(login: str) -> PageClient:
        if login not in known:
            known[login] = PageClient(app).at_work(login)
        return known[login]

    return browser


def send(client: PageClient, path: str, **data: str) -> str:
    """Send a form; the address it leads to."""
    answer = client.browser.post(path, data={"form_token": client.token("/questions"), **data})
    assert answer.status_code == 303, answer.get_data(as_text=True)[-3000:]
    return str(answer.headers["Location"])


def refused(client: PageClient, path: str, status: int, **data: str) -> Page:
    return client.post(path, {"form_token": client.token("/questions"), **data}, status)


def create(client: PageClient, bank: UUID, **changes: str) -> str:
    return send(client, f"/questions/banks/{bank}/new", **{**FIELDS, **changes}).removesuffix("?done=saved")


def step(client: PageClient, item: str, name: str, version: int, reason: str = "") -> None:
    assert send(client, f"{item}/steps/{name}", version=str(version), reason=reason) == f"{item}?done={name}"


def test_a_question_from_the_editor_to_a_release(as_: Browsers, bank: UUID, office: Office) -> None:
    author, other = as_("bank"), as_("bank2")
    page = author.get(f"/questions/banks/{bank}/new")
    assert "появятся просмотр и замечания" in page.text
    shown = author.post(f"/questions/banks/{bank}/check", {"form_token": author.token("/questions"), **FIELDS}, 200)
    assert "Замечаний нет." in shown.text
    assert "кадровая служба аппарата" in shown.text
    item = create(author, bank)
    assert "desk-001" in author.get("/questions").text
    step(author, item, "submit", 1)
    assert "Вы сами писали или правили этот вопрос." in author.get(item).text
    assert "desk-001" not in author.get("/questions").text
    assert "desk-001" in other.get("/questions").text
    assert refused(author, f"{item}/steps/pass_review", 409, version="2").status == 409
    step(other, item, "pass_review", 2)
    step(other, item, "approve", 3)
    releases = f"/questions/banks/{bank}/releases"
    assert "desk-001" in other.get(releases).text
    send(other, releases, release="2026.2", notes="Добавлен вопрос о резерве")
    page = other.get(releases)
    assert "Добавлен вопрос о резерве" in page.text
    assert "Сейчас выпускать нечего." in page.text
    with office.work(actor_of(office, "bank")) as work:
        rows = work.session.scalars(select(BankQuestion).where(BankQuestion.twin_group == "desk-001")).all()
        assert {row.language for row in rows} == {"ky", "ru"}
    step(other, item, "suspend", 5, "апелляция")
    assert "desk-001" in other.get(releases).text


def test_the_check_tells_everything_with_its_line(as_: Browsers, bank: UUID) -> None:
    author = as_("bank")
    broken = {
        **FIELDS,
        "text_ru": RU.replace("=кадровая", "~кадровая").replace("комиссия", "кoмиссия"),
        "citations": "",
    }
    page = author.post(f"/questions/banks/{bank}/check", {"form_token": author.token("/questions"), **broken}, 200)
    for words in ("Нет верного ответа", "строка 3", "на чём стоит ответ"):
        assert words.lower() in page.text.lower(), words
    with_script = {**FIELDS, "text_ru": RU.replace("Кто", "<script>alert(1)</script>Кто")}
    page = author.post(f"/questions/banks/{bank}/check", {"form_token": author.token("/questions"), **with_script}, 200)
    assert "Небезопасная разметка: <script>" in page.text
    assert not [script for script in page.all("script") if "alert" in (script.text or "")]


def test_a_name_that_is_taken_loses_nothing_typed(as_: Browsers, bank: UUID) -> None:
    page = refused(as_("bank"), f"/questions/banks/{bank}/new", 422, **{**FIELDS, "group": "const-001"})
    assert "Вопрос const-001 уже есть." in page.text
    assert page.all("textarea", id_="text_ru")[0].text.strip() == RU  # type: ignore[union-attr]  # it has a text


def test_two_people_at_one_text(as_: Browsers, bank: UUID) -> None:
    author, other = as_("bank"), as_("bank2")
    item = create(author, bank)
    send(other, f"{item}/edit", version="1", **{**FIELDS, "difficulty": "hard"})
    page = refused(author, f"{item}/edit", 409, version="1", **{**FIELDS, "difficulty": "medium"})
    assert page.status == 409
    assert "Текст сохранён" in other.get(f"{item}?done=saved").text
    same = author.get(f"{item}/versions/2?before=2")
    assert "высокая" not in same.text
    compared = author.get(f"{item}/versions/2?before=1")
    assert compared.text == author.get(f"{item}/versions/2?before=nonsense").text
    assert "лёгкая" in compared.text
    assert "высокая" in compared.text
    assert page.all("select", id_="difficulty")[0].get("name") == "difficulty", "what was typed is still there"
    assert item in page.links()


def test_remarks_at_their_place(as_: Browsers, bank: UUID) -> None:
    author, other = as_("bank"), as_("bank2")
    item = create(author, bank)
    step(author, item, "submit", 1)
    send(other, f"{item}/comments", language="ru", quote="ведёт учёт", text="Лучше «хранит»")
    page = author.get(item)
    assert "ведёт учёт" in page.text
    (form,) = [f for f in page.all("form") if "/comments/" in f.get("action", "")]
    send(author, form.get("action", ""))
    assert "Решил(а) Петренко" in author.get(item).text
    refused(other, f"{item}/comments", 422, language="ru", quote="", text="")


def upload(client: PageClient, bank: UUID, text: str, **more: str) -> Page:
    fields = {"language": "ru", "topic": "service", "citation": "kg-law-125-2021#title", "prefix": "new", **more}
    data = {"form_token": client.token("/questions"), **fields, "file": (io.BytesIO(text.encode()), "вопросы.gift")}
    answer = client.browser.post(f"/questions/banks/{bank}/import", data=data, follow_redirects=True)
    return client._checked(answer, answer.status_code)


def hidden(page: Page, action: str) -> dict[str, str]:
    (form,) = [f for f in page.all("form") if f.get("action", "").endswith(action)]
    return {f.get("name", ""): f.get("value", "") for f in form.iter("input")}


def count(office: Office) -> int:
    with office.work(actor_of(office, "bank")) as work:
        return len(work.session.scalars(select(QuestionItem.id)).all())


def test_an_import_shows_first_and_writes_what_was_shown(as_: Browsers, bank: UUID, office: Office) -> None:
    author = as_("bank")
    good = f"::a::{RU}\n\n// [id:desk-002.ky]\n::b::{KY}\n"
    page = upload(author, bank, good)
    assert page.status == 200
    assert count(office) == 0, "nothing is written yet"
    sent = hidden(page, "/import/confirm")
    assert "without" not in sent
    send(author, f"/questions/banks/{bank}/import/confirm", **sent)
    assert count(office) == 2
    page = author.get("/questions?all=1")
    assert "new-001" in page.text
    assert "desk-002" in page.text
    again = upload(author, bank, good.replace("::a::", "// [id:new-001.ru]\n::a::"))
    assert "Без изменений" in again.text
    assert "Записать" not in again.text


def test_a_broken_import_changes_nothing_and_says_everything_at_once(as_: Browsers, bank: UUID, office: Office) -> None:
    author = as_("bank")
    bad = f"// [id:d-1.ru]\n::a::{RU}\n\n// [id:d-2.ru]\n::b::{RU.replace('=', '~')}\n\n// [id:D 3.ru]\n::c::{KY}\n"
    page = upload(author, bank, bad)
    assert page.heading.startswith("Вопросы из файла")
    figures = {dt.text: dd.text for dt, dd in zip(page.all("dt"), page.all("dd"), strict=False)}
    assert figures["Не приняты"] == "2", page.text
    assert "нет верного ответа" in page.text.lower()
    sent = hidden(page, "/import/confirm")
    without = sent.pop("without")
    told = refused(author, f"/questions/banks/{bank}/import/confirm", 422, **sent)
    assert "Ничего не записано" in told.text
    assert count(office) == 0
    at = send(author, f"/questions/banks/{bank}/import/confirm", **sent, without=without)
    assert count(office) == 1
    (back,) = [link for link in author.get(at).links() if "/import?" in link]
    reasons = author.get(back)
    assert "нет верного ответа" in reasons.text.lower()
    marks = [text_of(next(one.iter("summary"))).split()[0] for one in reasons.all("details", class_="kz-diff")]
    assert "d-1" in marks, "what was written is told with its warning still"
    assert not [link for link in author.get("/questions?file_of=x&left=1&written=1").links() if "/import?" in link]
    refused(author, f"/questions/banks/{bank}/import/confirm", 422, **{**sent, "plan": "other"})
    refused(author, f"/questions/banks/{bank}/import/confirm", 422, **{**sent, "seal": "other"})


def test_warnings_are_counted_open_and_first(as_: Browsers, bank: UUID) -> None:
    both = f"// [id:desk-002.ru]\n::b::{RU}\n\n// [id:desk-002.ky]\n::b::{KY}\n"
    alone = f"// [id:desk-003.ru]\n::c::{RU.replace('кандидатов внутреннего резерва', 'служебных удостоверений')}\n"
    page = upload(as_("bank"), bank, f"{both}\n{alone}")
    figures = {dt.text: dd.text for dt, dd in zip(page.all("dt"), page.all("dd"), strict=False)}
    assert (figures["Новые"], figures["С предупреждениями"]) == ("2", "1")
    assert "Нет языка: ky." in page.text
    shown = [
        (text_of(next(one.iter("summary"))), one.get("open") is not None)
        for one in page.all("details", class_="kz-diff")
    ]
    assert [(words.split()[0], is_open) for words, is_open in shown] == [("desk-003", True), ("desk-002", False)]


def test_a_letter_of_another_alphabet_in_a_name_is_told_in_the_readers_language(as_: Browsers, bank: UUID) -> None:
    author = as_("bank")
    page = refused(author, f"/questions/banks/{bank}/new", 422, **{**FIELDS, "group": "k10-001\u041a"})
    assert "«\u041a» – не латинская буква (кириллица)" in page.text
    assert "«н» – не латинская буква (кириллица)" in upload(author, bank, RU, prefix="новые").text


def test_a_file_whose_questions_are_drafts_is_said_to_be_there_already(as_: Browsers, bank: UUID) -> None:
    author = as_("bank")
    file = f"// [id:desk-7.ru]\n::t::{RU}\n\n// [id:desk-7.ky]\n::t::{KY}\n"
    send(author, f"/questions/banks/{bank}/import/confirm", **hidden(upload(author, bank, file), "/import/confirm"))
    assert "уже такие в банке или в черновиках" in upload(author, bank, file).text


def test_the_template_is_on_the_page_of_the_import(as_: Browsers, bank: UUID) -> None:
    author = as_("bank")
    links = [link for link in author.get(f"/questions/banks/{bank}/import").links() if "/import/template" in link]
    assert [link.rpartition("=")[2] for link in links] == ["ky", "ru", "en"]
    for link in links:
        answer = author.raw_get(link)
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="kyzmat-general-')
        book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
        assert book.sheetnames[3:] == ["lists"], "what cells offer, hidden behind the three sheets to read"
        assert "constitution" in str([row[0].value for row in book.worksheets[1].iter_rows()])


def test_a_release_without_a_name_loses_nothing_typed(as_: Browsers, bank: UUID) -> None:
    author, other = as_("bank"), as_("bank2")
    item = create(author, bank)
    for version, (client, name) in enumerate(((author, "submit"), (other, "pass_review"), (other, "approve")), 1):
        step(client, item, name, version)
    releases = f"/questions/banks/{bank}/releases"
    page = refused(other, releases, 422, release="", notes="Вопрос о резерве")
    assert page.all("textarea", id_="notes")[0].text == "Вопрос о резерве"
    assert page.all("input", id_="release")[0].get("aria-invalid") == "true"
    page = refused(other, releases, 422, release="2026.2", notes=" ")
    assert page.all("input", id_="release")[0].get("value") == "2026.2"
    taken = other.get(releases).rows()[0].split()[0]
    page = refused(other, releases, 409, release=taken, notes="Вопрос о резерве")
    assert f"Выпуск «{taken}» банка general уже есть." in page.text
    assert page.all("textarea", id_="notes")[0].text == "Вопрос о резерве"
    send(other, releases, release="2026.2", notes="Вопрос о резерве")


def test_the_addresses_of_the_queue_keep_what_was_asked(as_: Browsers, bank: UUID) -> None:
    links = [link for link in as_("bank").get("/questions?state=draft&bank=general").links() if "state=" in link]
    assert links
    assert all("state=draft" in link and "bank=general" in link for link in links)
    assert not [link for link in as_("bank").get("/questions").links() if "state=" in link]


def test_a_file_that_is_no_bank(as_: Browsers, bank: UUID) -> None:
    assert "не найдено ни одного вопроса" in upload(as_("bank"), bank, "// nothing").text
    page = refused(as_("bank"), f"/questions/banks/{bank}/import", 422, language="ru", prefix="Плохо")
    assert "Выберите" in page.text


def test_a_released_question_is_taken_up(as_: Browsers, bank: UUID) -> None:
    author = as_("bank")
    item = send(author, f"/questions/banks/{bank}/revisions", group="const-002", reason="новая редакция закона")
    page = author.get(item)
    assert "Замечаний нет." in page.text
    assert "новая редакция закона" in page.text
    revisions = f"/questions/banks/{bank}/revisions"
    assert send(author, revisions, group="const-002.ru", reason="x") == item.partition("?")[0], "it is opened"
    page = refused(author, revisions, 422, group="nothing-1", reason="x")
    assert "В банке general нет" in page.text or "Вопроса «nothing-1» в банке general нет" in page.text
    assert page.all("input", id_="group-general")[0].get("aria-invalid") == "true"
    assert "Напишите причину" in refused(author, revisions, 422, group="const-003").text


BLUEPRINT = {
    "title": "Тест на резерв",
    "block_1": "general",
    "count_1": "10",
    "topic_1": "constitution",
    "block_2": "subject",
    "count_2": "30",
    "languages": "ru",
    "limit": "",
    "seed": "2026-04-24",
}


def test_the_builder_answers_and_keeps(as_: Browsers) -> None:
    author = as_("bank")
    author.get("/questions/blueprints/new")
    page = refused(author, "/questions/blueprints/new", 200, **BLUEPRINT, do="judge")
    assert "Банков хватает." in page.text
    assert "Вариант 4" in page.text
    assert "Тема: Конституция" in page.text, "a topic is called by its title"
    page = refused(author, "/questions/blueprints/new", 200, **{**BLUEPRINT, "count_2": "121"}, do="judge")
    assert "Вопросов не хватает: строке 2 нужно 121, подходит 120." in page.text
    at = send(author, "/questions/blueprints/new", **BLUEPRINT, do="keep")
    assert author.get(at).heading == "Тест на резерв"
    assert "Тест на резерв" in author.get("/questions/blueprints").text
    refused(author, "/questions/blueprints/new", 422, **BLUEPRINT, do="keep")
    assert send(author, at, **{**BLUEPRINT, "count_2": "20"}, do="keep", version="1") == at
    refused(author, at, 409, **BLUEPRINT, do="keep", version="1")
    page = refused(author, "/questions/blueprints/new", 422, **{**BLUEPRINT, "count_1": "много"}, do="judge")
    assert "Строка 1: число «много» не читается. Впишите целое число от 1" in page.text


def answered(office: Office) -> None:
    """Forty people sat two questions; the strong chose a wrong answer of the first one. It is counted."""
    with office.work(actor_of(office, "bank")) as work:
        for n in range(40):
            strong = n < 24
            attempt = Attempt(
                moodle_attempt=n,
                test_idnumber="t-1",
                person_idnumber=f"p-{n}",
                number=1,
                revision=1,
                newest=True,
                state="finished",
                deleted=False,
                started_at=NOW,
                finished_at=NOW,
                modified_at=NOW - timedelta(minutes=n),
                mark=Decimal(1),
                maximum=Decimal(3),
                pulled_at=NOW,
                content_hash=str(n),
            )
            work.add(attempt)
            work.session.flush()
            marks = (not strong, strong, strong)
            for slot, (group, right) in enumerate(zip(("const-002", "const-003", "const-004"), marks, strict=True)):
                response = "Кыргызской Республики" if right else "Жогорку Кенеш Кыргызской Республики"
                work.add(
                    AttemptResponse(
                        attempt_id=attempt.id,
                        slot=slot,
                        question_idnumber=f"{group}.ru",
                        entryid=1,
                        questionid=1,
                        question_version=1,
                        state="graded",
                        mark=Decimal(int(right)),
                        maximum=Decimal(1),
                        response=response,
                        right_answer="",
                        answered_at=NOW,
                    )
                )
    count_all(office, actor_of(office, "bank"), lambda _done, _total: None)


def test_figures_of_results_with_advice(as_: Browsers, bank: UUID, office: Office) -> None:
    author = as_("bank")
    assert "Ещё не подсчитано." in author.get(f"/questions/banks/{bank}/statistics").text
    count_all(office, actor_of(office, "bank"), lambda _done, _total: None)
    assert "Ответов ещё нет." in author.get(f"/questions/banks/{bank}/statistics").text
    answered(office)
    page = author.get(f"/questions/banks/{bank}/statistics")
    assert "Конституция constitution" in page.text
    assert "Попыток в расчёте: 40 из 40 завершённых." in page.text
    assert "Сильные отвечают хуже слабых" in page.text
    (row,) = [row for row in page.rows() if row.startswith("const-003.ru")]
    assert "60" in row
    assert "Сильные отвечают хуже слабых" in author.get(f"/questions/banks/{bank}/statistics?show=advised").text
    (form,) = author.get(f"/questions/banks/{bank}/statistics?show=forms").rows()
    assert form.startswith("t-1 40")


@pytest.mark.parametrize("language", ["ky", "en"])
def test_the_pages_speak_other_languages(as_: Browsers, bank: UUID, office: Office, language: str) -> None:
    author = as_("bank")
    item = create(author, bank)
    answered(office)
    author.raw_get(f"/questions?lang={language}")
    paths = ["/questions", item, f"{item}/edit", "/questions/blueprints", "/questions/blueprints/new"]
    paths += [f"/questions/banks/{bank}/{name}" for name in ("new", "import", "releases", "statistics")]
    for path in paths:
        page = author.get(path)
        assert page.language == language
        assert "qs_" not in page.text


def test_a_page_asks_the_database_little(as_: Browsers, bank: UUID, queries: object) -> None:
    author = as_("bank")
    item = create(author, bank)
    author.get(item)
    queries.statements.clear()  # type: ignore[attr-defined]  # the counter of conftest
    author.get(item)
    assert len(queries.statements) <= 15, queries.statements  # type: ignore[attr-defined]  # as above


HEAD = ("ID", "Темы", "Вопрос", "Ответ А", "Ответ Б", "Ответ В", "Ответ Г", "Ответ Д", "Ключ", "Источник")


def test_a_sheet_is_told_of_its_common_fault_and_its_topics_by_title(as_: Browsers, bank: UUID) -> None:
    author = as_("bank")
    book = openpyxl.Workbook()
    rows = [(f"s-{n}.ru", "Конституция", f"Кто ведёт книгу {n}{n}?", "а", "б", "в", "г", "", "А") for n in range(3)]
    for row in (HEAD, *rows, ("s-9.ru", "Конституцыя", "Кто ведёт журнал?", "а", "б", "в", "г", "д", "А")):
        book.worksheets[0].append(row)
    content = io.BytesIO()
    book.save(content)
    content.seek(0)
    assert "ровно 5 вариантов ответа" in author.get(f"/questions/banks/{bank}/import").text
    sent = {"form_token": author.token("/questions"), "language": "ru", "prefix": "new", "file": (content, "s.xlsx")}
    answer = author.browser.post(f"/questions/banks/{bank}/import", data=sent)
    assert answer.status_code == 303, "going back to the preview sends nothing again"
    page = author.get(answer.headers["Location"])
    assert "3 вопроса (из 4 непринятых) не приняты по одной причине: вариантов ответа 4, а в этом банке" in page.text
    assert "Все непринятые (4) не приняты по одной и той же причине. Например: Не назван источник (J2)" in page.text
    assert "Темы банка: Конституция" in page.text
    assert not page.all("ins"), "a new question has nothing to be compared with"


def test_a_return_needs_its_reason_and_is_told_to_the_author(as_: Browsers, bank: UUID) -> None:
    author, other = as_("bank"), as_("bank2")
    item = create(author, bank, group="desk-001.ru")
    assert author.get(item).heading.endswith("desk-001"), "the language is no part of the name"
    step(author, item, "submit", 1)
    page = refused(other, f"{item}/steps/return", 422, version="2", queue="1")
    assert page.all("input", id_="reason-return")[0].get("aria-invalid") == "true"
    assert "Других вопросов вас не ждёт." in page.text, "the list that led here is still there"
    stale = refused(other, f"{item}/steps/return", 409, version="1", reason="неясно")
    assert stale.all("input", id_="reason-return")[0].get("value") == "неясно"
    back = send(other, f"{item}/steps/return", version="2", reason="Проверьте статью")
    assert "Вопрос возвращён автору." in other.get(back).text
    assert "Причина: Проверьте статью" in author.get(item).text
    assert "возвращён" in author.get("/questions").rows()[0]
    assert "1 вопрос возвращён вам с причиной" in author.get("/").text
    assert "desk-001" in author.get("/questions?state=returned").text
    assert "desk-001" not in author.get("/questions?state=returned&bank=subject").rows()[0]
    step(author, item, "submit", 3)
    assert "Причина: Проверьте статью" not in author.get(item).text
    queue = send(other, f"{item}/comments", text="Лучше «хранит»", queue="1")
    assert "queue=1" in queue
    assert "Замечание записано." in other.get(queue).text


def test_the_editor_asks_for_what_is_missing_in_the_words_of_its_fields(as_: Browsers, bank: UUID) -> None:
    author = as_("bank")
    typed = {**FIELDS, "group": "", "citations": "kg-law-58-2008#\nст. 5 Закона о госслужбе#"}
    path = f"/questions/banks/{bank}/check"
    page = author.post(path, {"form_token": author.token("/questions"), **typed}, 200)
    said = " ".join(map(text_of, page.all("ul", class_="kz-diags")))
    assert said.count("Вопрос ещё не назван.") == 1
    assert "Источник «ст. 5 Закона о госслужбе» не узнан." in said
    assert "не названо место" in said
    assert "art17 (статья 17" in said
    assert "=верный ответ" in text_of(page.all("pre")[0])
    page = refused(author, f"/questions/banks/{bank}/new", 422, **{**FIELDS, "group": "dеsk-7"})
    assert "знак № 2 – «е» – не латинская буква" in page.text


def test_a_release_tells_new_from_changed_and_what_comes_next(as_: Browsers, bank: UUID) -> None:
    author, other = as_("bank"), as_("bank2")
    changed = send(author, f"/questions/banks/{bank}/revisions", group="const-004.ky", reason="новая редакция")
    changed = changed.partition("?")[0]
    for item, first in ((create(author, bank), 1), (changed, 1)):
        for version, (client, name) in enumerate(
            ((author, "submit"), (other, "pass_review"), (other, "approve")), first
        ):
            step(client, item, name, version)
    releases = f"/questions/banks/{bank}/releases"
    assert "2 утверждённых вопроса ждут выпуска" in other.get("/").text
    assert releases in other.get("/questions?state=approved").links()
    facts = other.get(releases)
    assert [dt.text for dt in facts.all("dt")][:2] == ["Новые: 1", "С изменённым текстом: 1"]
    page = refused(other, releases, 422, release="", notes="")
    assert "Впишите имя выпуска" in page.text
    assert "Напишите, что изменилось" in page.text
    page = other.get(send(other, releases, release="2026.2", notes="Два вопроса"))
    assert "Выпуск «2026.2» опубликован" in page.text
    assert "Передать банк в Moodle" in page.text
    assert "Изменены: const-004" in page.text
