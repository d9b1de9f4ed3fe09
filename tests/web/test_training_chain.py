"""From the page through the queue to Moodle and back: a real worker, a real stand-in over a socket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from connector.moodle.gateway import MoodleConnector
from connector.moodle.standin.process import StandinProcess
from flask_app import jobs
from flask_app.demo.candidates import complete_course
from flask_app.services.bodies import actor_of
from flask_app.services.moodle_people import moodle_password
from flask_app.services.office import Office
from flask_app.settings import Settings
from flask_app.store.models.people import Person
from flask_app.store.progress import ProgressBook
from flask_app.store.queue import TaskRegistry, TransactionalQueue
from flask_app.store.worker import run_pending
from flask_app.web import create_app
from tests.conftest import Database
from tests.web.client import PageClient
from tests.web.test_commission import fields
from tests.web.test_training_access import database, training_seed, year
from tests.web.training_year import OURS, Year

__all__ = ["database", "training_seed", "year"]


@dataclass(frozen=True)
class Chain:
    """The panel before a real site; `work` does every job that is due."""

    office: Office
    site: StandinProcess
    tasks: TaskRegistry
    database: str
    browser: PageClient

    def work(self) -> None:
        run_pending(self.database, self.tasks)


@pytest.fixture
def chain(
    office: Office,
    database: Database,
    session_factory: sessionmaker[Session],
    settings: Settings,
    tmp_path: Path,
) -> Iterator[Chain]:
    with StandinProcess(tmp_path / "site.sqlite") as site:
        tasks = TaskRegistry()
        real = replace(office, moodle=MoodleConnector(site.url, site.token), queue=TransactionalQueue(tasks))
        jobs.register(tasks, lambda: real, ProgressBook(session_factory))
        browser = PageClient(create_app(real, settings)).at_work("training")
        yield Chain(real, site, tasks, database.url("app"), browser)


def queued(chain: Chain, path: str, page: str) -> str:
    answer = chain.browser.browser.post(path, data=fields(chain.browser.get(page), path))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    place = answer.headers["Location"]
    assert "В очереди" in chain.browser.get(place).text
    chain.work()
    return place


def completed(chain: Chain, person: object) -> None:
    """The person does both activities of the course in Moodle."""
    with chain.office.work(actor_of(chain.office, "training")) as work:
        row = work.get(Person, person)  # type: ignore[arg-type]  # an id of the year's people
        username, password = row.moodle_username, moodle_password(work, row)
    assert complete_course(chain.site.url, username, password, OURS) == 2


def test_people_reach_moodle_and_their_completions_come_back(chain: Chain, year: Year) -> None:
    chain.site.ensure_course(OURS, "Этика", ("Лекция", "Задание"))
    desk = f"/training/{year.running}"
    pushed = queued(chain, f"{desk}/moodle", f"{desk}/moodle")
    page = chain.browser.get(pushed)
    assert "Слушатели зачислены в Moodle." in page.text
    assert [meta.get("content") for meta in page.all("meta", http_equiv="refresh")] == []
    assert "В Moodle всё стоит как" in chain.browser.get(f"{desk}/moodle").text
    completed(chain, year.people[0])
    pulled = queued(chain, f"{desk}/pull", desk)
    assert "Итоги из Moodle получены" in chain.browser.get(pulled).text
    rows = chain.browser.get(f"{desk}/programmes/{year.ours}").rows()
    assert rows[0].startswith("Акматова Айгүл Нурлановна Окончил(а)")
    assert rows[0].endswith("Moodle")
    assert "Без итога" in rows[1]
    assert not chain.browser.get(f"{desk}/programmes/{year.ours}/outcomes").all("select")[2:], "hers is Moodle's"


def test_a_course_that_moodle_does_not_have_is_made(chain: Chain, year: Year) -> None:
    desk = f"/training/{year.running}"
    pushed = queued(chain, f"{desk}/moodle", f"{desk}/moodle")
    assert "Слушатели зачислены в Moodle." in chain.browser.get(pushed).text


def test_a_site_that_is_away_is_told_and_the_job_waits(chain: Chain, year: Year) -> None:
    desk = f"/training/{year.running}"
    chain.site.kill()
    assert chain.browser.get(f"{desk}/moodle", 503).status == 503
    answer = chain.browser.browser.post(f"{desk}/pull", data=fields(chain.browser.get(desk), f"{desk}/pull"))
    chain.work()
    page = chain.browser.get(answer.headers["Location"])
    assert "В очереди" in page.text
    assert [meta.get("content") for meta in page.all("meta", http_equiv="refresh")] == ["3"]
