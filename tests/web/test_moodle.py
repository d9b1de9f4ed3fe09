"""The pages about Moodle before a real stand-in: plan, job and runs, drift and decision, the connection examined."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from connector.moodle.doctor import NEEDED_FUNCTIONS
from connector.moodle.fallback.core_results import NEEDED_FUNCTIONS as CORE_FUNCTIONS
from connector.moodle.standin.process import StandinProcess
from flask_app.messages import label
from flask_app.services import connection_desk
from flask_app.services.office import Office
from flask_app.settings import Settings
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.jobs import JobProgress
from flask_app.store.models.moodle import SyncRun
from flask_app.web import create_app
from tests.conftest import Database
from tests.web.bank_desk import COURSE, MoodleDesk, load, moodle_desk, reworded, small_bank
from tests.web.client import Page, PageClient, text_of
from tests.web.serving import served
from tests.web.test_commission import fields
from tests.web.town import NOW

Browsers = Callable[[str], PageClient]
BANK = "kyzmat-ak-kechuu-general"
PLAN = "/moodle/plan"
CONNECTION = "/moodle/connection"
SET_HINTS, STOP_HINTS = f"{CONNECTION}/hints", f"{CONNECTION}/hints/stop"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[StandinProcess]:
    with StandinProcess(tmp_path / "site.sqlite") as running:
        yield running


@pytest.fixture
def desk(
    office: Office,
    settings: Settings,
    site: StandinProcess,
    session_factory: sessionmaker[Session],
    database: Database,
) -> MoodleDesk:
    return moodle_desk(office, settings, site, session_factory, database.url("app"))


@pytest.fixture
def as_(desk: MoodleDesk) -> Browsers:
    known: dict[str, PageClient] = {}

    def browser(login: str) -> PageClient:
        if login not in known:
            known[login] = PageClient(desk.app).at_work(login)
            known[login].raw_get("/?lang=ru")
        return known[login]

    return browser


@pytest.fixture
def bank(office: Office) -> UUID:
    return load(office, small_bank(3))


def plan_path(**more: str) -> str:
    return f"{PLAN}?{urlencode({'course': COURSE, 'bank': BANK, **more})}"


def carry_out(client: PageClient, page: Page) -> str:
    """Send the plan's form; the address of the job."""
    answer = client.browser.post(PLAN, data=fields(page, PLAN))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.headers["Location"])


def synced(client: PageClient, desk: MoodleDesk) -> None:
    carry_out(client, client.get(plan_path()))
    desk.work_off()


def edit(desk: MoodleDesk, text: str) -> None:
    """Somebody changes a question in Moodle."""
    place = {"bankidnumber": BANK, "idnumber": "const-002.ru"}
    desk.site.control("edit_question", text=text, mode="newversion", **place)


def marked(page: Page, tag: str) -> list[str]:
    return [text_of(element).partition(": ")[2] for element in page.all(tag)]


def test_a_reviewed_plan_is_carried_out_by_a_worker_and_reported(as_: Browsers, desk: MoodleDesk, bank: UUID) -> None:
    client = as_("bank")
    start = client.get("/moodle")
    assert "Пока ничего не передавали." in start.text
    before = desk.site.control("state")
    page = client.get(plan_path())
    assert desk.site.control("state") == before, "a plan writes nothing"
    figures = {text_of(row[0]): text_of(row[1]) for row in page.all("dl", class_="kz-figures")[0]}
    assert figures == {"Новые": "6", "Сами банки": "1", "Без изменений": "0"}
    assert "народ Кыргызской Республики" in " ".join(marked(page, "ins"))
    changed = client.post(PLAN, fields(page, PLAN) | {"plan": "0" * 64}, 409)
    assert "Пока вы смотрели, план изменился." in changed.text
    job = carry_out(client, changed)
    waiting = client.get(job)
    assert "В очереди" in waiting.text
    assert 'http-equiv="refresh"' in waiting.response.get_data(as_text=True)
    refused = client.post(PLAN, fields(page, PLAN), 409)
    assert "уже ждёт или идёт" in refused.text
    desk.work_off()
    done = client.get(job)
    assert "Банки в Moodle." in done.text
    assert "7 / 7" in done.text
    run = next(link for link in done.links() if link.startswith("/moodle/runs/"))
    report = client.get(run)
    assert len(report.rows()) == 7
    assert "Петренко Валерия Игоревна" in report.text
    assert "const-001.ru Новый создано версия 1" in " ".join(report.rows())
    assert client.get(f"{run}?outcome=created").rows()
    assert "Петренко Валерия Игоревна" in client.get("/moodle").rows()[0]
    shelf = client.get("/banks").rows()[0]
    assert "Совпадает" in shelf
    assert "не передавался" not in shelf
    assert "менять нечего" in client.get(plan_path()).text
    as_("stranger").get(run, 404)
    as_("stranger").get(job, 404)


def test_a_changed_question_is_shown_word_by_word(as_: Browsers, desk: MoodleDesk, office: Office, bank: UUID) -> None:
    client = as_("bank")
    synced(client, desk)
    load(office, reworded(small_bank(3)))
    page = client.get(plan_path())
    assert "const-001.ru" in page.text
    assert [text for text in marked(page, "ins") if "Ответьте кратко" in text]
    assert "совсем другой ответ" in marked(page, "ins")
    assert len(page.all("details")) == 1
    assert [text_of(e) for e in page.all("dd")][:2] == ["1", "5"]
    load(office, small_bank(2))
    retired = client.get(plan_path(kind="retire_question"))
    assert "Снимается" in retired.text
    assert "const-003.ru" in retired.text
    assert client.post(PLAN, fields(page, PLAN), 409), "the bank is another one by now"


def test_what_was_changed_in_moodle_is_shown_beside_ours_and_decided(
    as_: Browsers, desk: MoodleDesk, bank: UUID, session_factory: sessionmaker[Session]
) -> None:
    client = as_("bank")
    synced(client, desk)
    assert "помимо панели, нет" in client.get("/moodle/drift").text
    desk.site.control(
        "edit_question", bankidnumber=BANK, idnumber="const-002.ru", text="Чужой текст", mode="newversion"
    )
    blocked = client.get(plan_path())
    assert "1 вопрос изменён в Moodle помимо панели" in blocked.text
    assert "Выполнить" not in blocked.text
    page = client.get("/moodle/drift")
    assert "Чужой текст" in page.text
    assert "Кого Конституция признаёт" in page.text
    assert page.rows()[0].endswith("5 0 0 1 0")
    token = {"form_token": client.token("/moodle/drift")}
    assert client.browser.post("/moodle/drift", data=token).status_code == 303
    assert "Изменён в Moodle" in client.get("/banks").rows()[0]
    theirs = client.browser.post(f"/moodle/drift/{bank}/text", data={**token, "question": "const-002.ru"})
    assert "Чужой текст" in theirs.get_data(as_text=True)
    assert theirs.mimetype == "application/xml"
    take = page.all("input", name="take")[0].get("value", "")
    decided = client.get(plan_path(take=take))
    assert "Чужой текст" in marked(decided, "del")
    assert "Выполнить 1 шаг" in decided.text
    edit(desk, "Ещё раз")
    assert "Выполнить" not in client.post(PLAN, fields(decided, PLAN), 409).text, "another edit is another decision"
    take = client.get("/moodle/drift").all("input", name="take")[0].get("value", "")
    carry_out(client, client.get(plan_path(take=take)))
    desk.work_off()
    assert "помимо панели, нет" in client.get("/moodle/drift").text
    with session_factory() as session:
        noted = session.scalars(select(AuditEvent).where(AuditEvent.action == "sync.ours_taken")).one()
    assert noted.after["question"] == "const-002.ru"


def test_a_waiting_job_is_stopped_at_once_and_a_dead_moodle_is_waited_for(
    as_: Browsers, desk: MoodleDesk, bank: UUID, session_factory: sessionmaker[Session]
) -> None:
    client = as_("secretary")
    job = carry_out(client, client.get(plan_path()))
    desk.site.stop()
    desk.work_off()
    waiting = client.get(job)
    assert "Работа повторится сама" in waiting.text
    as_("hr").browser.post(f"{job}/stop", data={"form_token": as_("hr").token("/")})
    assert "Работа остановлена." in client.get(job).text
    client.get(plan_path(), 503)
    desk.site.start()
    desk.work_off()
    with session_factory() as session:
        assert session.scalars(select(JobProgress.state)).all() == ["cancelled"]
        assert session.scalars(select(SyncRun)).all() == []


def test_who_may_not_read_questions_sees_names_and_numbers_only(as_: Browsers, desk: MoodleDesk, bank: UUID) -> None:
    page = as_("hr").get(plan_path())
    assert "Тексты вопросов для вас закрыты" in page.text
    assert "const-001.ru" in page.text
    assert "Конституция" not in page.text.replace("Основной тест: Конституция", "")
    assert "Выполнить 7 шагов" in page.text
    assert as_("operator").get("/moodle").all("form", id="entry") == []
    as_("operator").get(plan_path(), 403)
    as_("training").get("/moodle", 403)
    as_("hr").post(f"/moodle/drift/{bank}/text", {"form_token": as_("hr").token("/"), "question": "x"}, 403)


def test_a_form_that_cannot_stay_comes_back_with_what_was_entered(as_: Browsers, desk: MoodleDesk, bank: UUID) -> None:
    client = as_("bank")
    page = client.get(f"{PLAN}?{urlencode({'course': 'два слова', 'bank': BANK})}", 422)
    assert page.all("input", id="course")[0].get("value") == "два слова"
    assert "checked" in page.all("input", id="bank")[0].attrib
    assert "без пробелов" in page.text
    none = client.get(f"{PLAN}?course={COURSE}", 422)
    assert "Выберите хотя бы один банк." in none.text
    assert "checked" not in none.all("input", id="bank")[0].attrib


def test_the_connection_is_examined_on_request(as_: Browsers, desk: MoodleDesk) -> None:
    client = as_("admin")
    assert "Что найдено" not in client.get("/moodle/connection").text
    token = {"form_token": client.token("/moodle/connection")}
    here_and_there = round(NOW.timestamp() - time.time())
    desk.site.control("clock", offset=here_and_there)
    page = client.post("/moodle/connection", token, 200)
    assert "Moodle готов к работе." in page.text
    assert "local_kyzmat" in page.text
    assert desk.site.token not in page.response.get_data(as_text=True)
    desk.site.control("clock", offset=here_and_there + 7200)
    assert "Что сделать:" in client.post("/moodle/connection", token, 200).text
    desk.site.stop()
    down = client.post("/moodle/connection", token, 200)
    assert "Moodle пока не годится" in down.text
    assert "Что сделать:" in down.text
    as_("training").post("/moodle/connection", {"form_token": as_("training").token("/")}, 403)


def test_hints_are_set_reached_counted_changed_and_stopped(
    desk: MoodleDesk, settings: Settings, session_factory: sessionmaker[Session]
) -> None:
    desk.site.control("clock", offset=round(NOW.timestamp() - time.time()))
    with served(desk.app) as address:
        known = settings.model_copy(update={"public_url": address})
        client = PageClient(create_app(desk.office, known)).at_work("admin")
        client.raw_get("/?lang=ru")
        first = client.get(CONNECTION)
        assert "Панель извещений не принимает." in first.text
        token = fields(first, SET_HINTS)
        assert client.browser.post(SET_HINTS, data=token).headers["Location"] == CONNECTION
        page = client.get(CONNECTION)
        (own,) = [text_of(e) for e in page.all("dd") if text_of(e).startswith(address)]
        assert "Петренко" not in page.text, "it names who set it, and that was somebody else"
        assert "Moodle подтвердил" in page.text
        found = client.post(CONNECTION, token, 200)
        assert "Moodle достучался до панели, подпись сошлась" in found.text
        assert "Moodle достаёт до панели по адресу" in found.text
        forged = client.browser.post(urlsplit(own).path, json={"deliveryid": "1", "event": "check"})
        assert forged.status_code == 401
        after = client.get(CONNECTION)
        assert "подпись не сошлась" in after.text
        assert client.browser.post(SET_HINTS, data=token).status_code == 303
        assert "Moodle достучался до панели" in client.post(CONNECTION, token, 200).text
        looking = PageClient(desk.app).at_work("auditor")
        looking.raw_get("/?lang=ru")
        seen = looking.get(CONNECTION)
        assert "Извещения настраивает администратор." in seen.text
        assert not seen.all("form", action=SET_HINTS)
        assert client.browser.post(STOP_HINTS, data=token).status_code == 303
        assert client.browser.post(urlsplit(own).path, json={}).status_code == 401
        client.post(STOP_HINTS, token, 404)
        assert "адрес не задан" in client.post(CONNECTION, token, 200).text
    with session_factory() as session:
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("hint."))).all()
        (secret,) = session.scalars(select(AuditEvent.after).where(AuditEvent.action == "hint.taken_back")).all()
    assert sorted(actions) == ["hint.secret_set"] * 2 + ["hint.taken_back"] + ["hint.told"] * 2
    assert secret == {}
    journal = looking.get("/journal").text
    assert "Задан секрет извещений Moodle" in journal


def test_a_secret_moodle_did_not_confirm_is_shown_once(as_: Browsers, desk: MoodleDesk) -> None:
    client = as_("admin")
    token = fields(client.get(CONNECTION), SET_HINTS)
    desk.site.stop()
    page = client.post(SET_HINTS, token, 503)
    assert "Секрет создан, но Moodle его не подтвердил." in page.text
    secret = next(text_of(e) for e in page.all("dd") if re.fullmatch(r"[A-Za-z0-9_-]{43}", text_of(e)))
    again = client.get(CONNECTION).response.get_data(as_text=True)
    assert secret not in again
    assert "пока нет" in again
    stopped = client.post(STOP_HINTS, token, 503)
    assert "сказать об этом Moodle не удалось" in stopped.text
    assert "Панель извещений не принимает." in stopped.text


def test_without_the_plugin_the_page_says_what_is_missing_and_offers_files(
    as_: Browsers, desk: MoodleDesk, bank: UUID, session_factory: sessionmaker[Session]
) -> None:
    desk.site.control("setting", name="plugin", value="off")
    client = as_("bank")
    page = client.post(CONNECTION, {"form_token": client.token(CONNECTION)}, 200)
    listed = dict(row.split(" ", 1) for row in page.rows())
    assert set(listed) == set(NEEDED_FUNCTIONS)
    assert listed["local_kyzmat_import_questions"] == "вопросы не передаются, новые версии не появляются"
    assert "Способ работы: без модуля." in page.text
    assert "Без модуля каждый раз читаются все попытки заново" in page.text
    assert "Новый сеанс в панели – нельзя" in page.text
    assert client.browser.post(SET_HINTS, data={"form_token": client.token(CONNECTION)}).status_code == 403
    steps = client.get(next(link for link in page.links() if "/by-hand/" in link))
    assert "удалите категорию" in steps.text
    (category,) = re.findall(r"категорию «(general [0-9a-f]{8})»", steps.text)[:1]
    for form in steps.all("form"):
        if "/by-hand/" in form.get("action", ""):
            file = client.browser.post(form.get("action", ""), data={"form_token": client.token("/")})
            assert file.status_code == 200
            assert category in file.get_data(as_text=True)
            assert category.replace(" ", ".") in file.headers["Content-Disposition"]
    with session_factory() as session:
        handed = session.scalars(select(AuditEvent.after).where(AuditEvent.action == "bank.handed_out")).all()
    assert sorted(event["form"] for event in handed) == ["gift", "xml"]
    other = as_("hr").post(CONNECTION, {"form_token": as_("hr").token(CONNECTION)}, 200)
    assert "файл берёт редактор банка" in other.text
    assert not [link for link in other.links() if "/by-hand/" in link]
    client.get(f"/moodle/by-hand/{UUID(int=1)}", 404)
    assert (
        client.browser.post(f"/moodle/by-hand/{bank}/aiken", data={"form_token": client.token("/")}).status_code == 404
    )


def test_each_function_core_lacks_is_said_with_what_it_means(as_: Browsers, desk: MoodleDesk) -> None:
    assert {f"local_kyzmat_{name}" for name in connection_desk.PLUGIN_FUNCTIONS} == set(NEEDED_FUNCTIONS)
    for name in (*connection_desk.PLUGIN_FUNCTIONS, *CORE_FUNCTIONS):
        assert all(label(f"fn_{name}", language) for language in ("ky", "ru", "en"))
    lacking = [Lacking("doctor.mode_none"), Lacking("doctor.core_function_missing", {"function": CORE_FUNCTIONS[0]})]
    bare = replace(desk.office, moodle=Bare(lacking))  # type: ignore[arg-type]  # answers what the page asks
    client = PageClient(create_app(bare, Settings())).at_work("admin")
    client.raw_get("/?lang=ru")
    page = client.post(CONNECTION, {"form_token": client.token(CONNECTION)}, 200)
    assert "Без неё: курс сеанса не найти." in page.text


@dataclass(frozen=True)
class Lacking:
    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    level: Literal["ok", "warn", "bad"] = "bad"


@dataclass(frozen=True)
class Bare:
    found: list[Lacking]

    def examine(self, _clock: object) -> list[Lacking]:
        return self.found
