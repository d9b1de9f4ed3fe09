"""Figures of results in the browser: counted by a job that a button starts, shown as they were counted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from flask_app import jobs
from flask_app.services.bodies import actor_of
from flask_app.services.item_statistics_count import count_all
from flask_app.services.office import Office
from flask_app.settings import Settings
from flask_app.store.models.jobs import JobProgress
from flask_app.store.models.results import Attempt, AttemptResponse
from flask_app.store.progress import ProgressBook
from flask_app.store.queue import TaskRegistry, TransactionalQueue
from flask_app.store.worker import Worker
from flask_app.web import create_app
from tests.conftest import Database
from tests.web.conftest import QueryCount
from tests.web.looking import WIDE, look, press, sit_down
from tests.web.serving import chromium, served
from tests.web.test_questions import BLUEPRINT, Browsers, answered, as_, bank, send, shipped

__all__ = ["as_", "bank", "shipped"]

WorkOff = Callable[[], None]


@pytest.fixture
def tasks(office: Office, session_factory: sessionmaker[Session]) -> TaskRegistry:
    registry = TaskRegistry()
    jobs.register(registry, lambda: office, ProgressBook(session_factory))
    return registry


@pytest.fixture
def app(office: Office, settings: Settings, tasks: TaskRegistry) -> Flask:
    """The panel with a queue whose jobs a worker really does."""
    return create_app(replace(office, queue=TransactionalQueue(tasks)), settings)


@pytest.fixture
def work_off(database: Database, tasks: TaskRegistry) -> WorkOff:
    return lambda: Worker(database.url("app"), tasks).run(wait=False)


def counted_attempts(as_: Browsers, bank: UUID) -> str:
    text = as_("bank").get(f"/questions/banks/{bank}/statistics").text
    return text.partition("Попыток в расчёте: ")[2].partition(" завершённых")[0]


def test_the_button_has_the_answers_counted(as_: Browsers, bank: UUID, office: Office, work_off: WorkOff) -> None:
    """Asked for twice, it is one job; its page says how far it is, and leads back to the figures."""
    editor, path = as_("bank"), f"/questions/banks/{bank}/statistics"
    assert "Подсчитать сейчас" in editor.get(path).text
    job = send(editor, path)
    assert send(as_("bank2"), path) == job
    assert "В очереди" in editor.get(job).text
    page = editor.get(path)
    assert job in page.links()
    assert "Подсчитать сейчас" not in page.text
    work_off()
    done = editor.get(job)
    assert "Статистика всех банков подсчитана." in done.text
    assert path in done.links()
    assert "Ответов ещё нет." in editor.get(path).text
    answered(office)
    assert counted_attempts(as_, bank) == "40 из 40"


def test_a_count_that_waits_can_be_stopped(as_: Browsers, bank: UUID, work_off: WorkOff) -> None:
    editor, path = as_("bank"), f"/questions/banks/{bank}/statistics"
    job = send(editor, path)
    assert send(editor, f"{job}/stop") == job
    work_off()
    assert "Остановлено" in editor.get(job).text
    assert "Ещё не подсчитано." in editor.get(path).text


def test_a_job_of_something_else_is_not_shown_here(as_: Browsers, bank: UUID, office: Office) -> None:
    editor = as_("bank")
    job = send(editor, f"/questions/banks/{bank}/statistics")
    with office.sessions.begin() as session:  # type: ignore[attr-defined]  # a sessionmaker
        session.scalars(select(JobProgress)).one().key = "sync-banks"
    editor.get(job, 404)


@pytest.mark.parametrize("language", ["ky", "en"])
def test_the_job_speaks_other_languages(as_: Browsers, bank: UUID, language: str) -> None:
    editor = as_("bank")
    job = send(editor, f"/questions/banks/{bank}/statistics")
    editor.raw_get(f"/questions?lang={language}")
    page = editor.get(job)
    assert page.language == language
    assert not {"qs_", "job_"} & {word[:3] for word in page.text.split()}


def test_each_view_shows_its_own_rows(as_: Browsers, bank: UUID, office: Office) -> None:
    """Every other person sat in Kyrgyz; what is asked for and is no view is the list of questions."""
    answered(office)
    with office.work(actor_of(office, "bank")) as work:
        for one in work.session.scalars(select(AttemptResponse).join(Attempt).where(Attempt.moodle_attempt % 2 == 0)):
            one.question_idnumber = one.question_idnumber.replace(".ru", ".ky")
    count_all(office, actor_of(office, "bank"), lambda _done, _total: None)
    editor, path = as_("bank"), f"/questions/banks/{bank}/statistics"
    groups = ["const-002", "const-003", "const-004"]
    both = [f"{group}.{language}" for group in groups for language in ("ky", "ru")]
    for view, first in (("", both), ("?show=nothing", both), ("?show=items&page=7", both), ("?show=twins", groups)):
        assert [row.partition(" ")[0] for row in editor.get(path + view).rows()] == first
    twins = editor.get(f"{path}?show=twins").rows()
    assert all("ky (20), ru (20)" in row for row in twins)
    assert "Таких нет." in editor.get(f"{path}?show=advised").text, "twenty answers are too few for advice"
    (form,) = editor.get(f"{path}?show=forms").rows()
    assert form.startswith("t-1 40")


def test_the_page_and_the_blueprints_read_no_answers(
    as_: Browsers, bank: UUID, office: Office, queries: QueryCount
) -> None:
    editor = as_("bank")
    answered(office)
    token = editor.token("/questions")
    queries.statements.clear()
    editor.get(f"/questions/banks/{bank}/statistics")
    judged = editor.post("/questions/blueprints/new", {"form_token": token, **BLUEPRINT, "do": "judge"}, 200)
    assert "Вариант 4" in judged.text
    assert len([one for one in queries.statements if "FROM bank_figures" in one]) == 2
    assert not [one for one in queries.statements if re.search(r"(FROM|JOIN) attempt", one)]
    assert len(queries.statements) <= 2 * 15


def test_the_page_of_the_counting_in_a_real_browser(app: Flask, as_: Browsers, bank: UUID, office: Office) -> None:
    as_("bank")  # the bank's editor exists
    answered(office)
    with served(app) as address, chromium() as browser:
        page = sit_down(browser, address, "bank", "ru", WIDE, scripts=True)
        page.goto(f"{address}/questions/banks/{bank}/statistics")
        press(page, "main form.kz-gap button")
        job = page.url
        assert "/statistics/jobs/" in job
        look(page, "70-counting-ru")
        page = sit_down(browser, address, "bank", "ky", WIDE, scripts=True)
        page.goto(job)
        look(page, "70-counting-ky")
