"""Every page that a GET shows, in Russian and Kyrgyz, at both widths: the list comes from the routes themselves.

Pages that only a step on the way shows (a ballot, a count) are looked at by the story; it says which.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from connector.moodle.standin.process import StandinProcess
from flask_app.services import audit, job_desk, sitting_desk
from flask_app.services.bodies import actor_of
from flask_app.services.office import Office
from flask_app.settings import Settings
from flask_app.store.engine import session_factory as make_session_factory
from flask_app.store.queue import TaskRegistry
from flask_app.web import create_app
from tests.conftest import EMBEDDED, Clusters, Database
from tests.services.stages import copy_site
from tests.web import looking, sitting_day
from tests.web.conftest import Clock
from tests.web.looking import PICTURES, WIDE, look, press, sit_down
from tests.web.serving import served
from tests.web.story.conftest import engine_of, real_office
from tests.web.story.crawl import ROLES, Found, crawl
from tests.web.story.test_story import ON_THE_WAY
from tests.web.story.watch import Watch
from tests.web.story.world import World
from tests.web.test_sittings import attempt_of, drawn

NO_PAGE = {"static", "health.alive"}
"""Routes a browser asks by itself, or a machine."""
ELSEWHERE = {
    "moodle.by_hand": "test_hints_chromium.py",
    "moodle.job": "test_banks_chromium.py",
    "moodle.plan": "test_banks_chromium.py",
    "questions.blueprint": "test_questions_chromium.py",
    "questions.compare": "test_questions_chromium.py",
    "questions.counting_job": "test_statistics.py",
    "questions.edit": "test_questions_chromium.py",
    "questions.show": "test_questions_chromium.py",
    "training.batch": "test_training_chromium.py",
    "training.grade_sheet": "test_grade_sheets.py",
    "training.institution": "test_training_chromium.py",
    "training.job": "test_training_chromium.py",
    "training.original": "test_training_chromium.py",
    "training.outcomes": "test_training_chromium.py",
}
"""Pages about what this town does not have (grades, a question in work), and who looks at them, in Chromium too."""
MOST_LOOKS = 2
"""Looks at one route: at its first address by the first who finds it, and at one more that somebody else finds. The
second one in Russian alone, unless pictures are taken: what another role sees differs in buttons, not in language."""


@dataclass(frozen=True)
class Gallery:
    app: Flask
    found: list[Found]


def furnish(office: Office) -> None:
    """A commission at work with its sitting open, a job that waits, answers pulled, a sealed log."""
    day = sitting_day.build(office)
    drawn(office, day.id)
    attempt_of(office, day)
    sitting_day.invited(office, day)
    with office.work(actor_of(office, "secretary")) as work:
        job_desk.queue_job(work, "pull_results", {"competition": str(day.id)}, key=sitting_desk.pull_key(day.id))
    audit.seal_all(office)


def routes(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())} - NO_PAGE


@pytest.fixture(scope="module")
def gallery(clusters: Clusters, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    """The database of this file and what is found in it; its pages change nothing."""
    cluster, folder = clusters.get(EMBEDDED), tmp_path_factory.mktemp("gallery")
    own = Database(cluster, f"gallery_{secrets.token_hex(6)}")
    cluster.create_database(own.name, world.database)
    with StandinProcess(copy_site(world.site, folder / "site")) as site, engine_of(own) as engine:
        office = real_office(make_session_factory(engine), Clock(), world, site, TaskRegistry())
        furnish(office)
        app = create_app(office, Settings(home=folder))
        yield Gallery(app, [page for login in ROLES for page in crawl(app, login)])
    cluster.drop_database(own.name)


def test_a_link_leads_to_every_page(gallery: Gallery) -> None:
    reached = {page.endpoint for page in gallery.found} | ON_THE_WAY | {"account.log_in"}
    assert sorted(routes(gallery.app) - reached - set(ELSEWHERE)) == [], "no link leads there, no story comes by"
    assert all((Path(__file__).parent.parent / file).exists() for file in ELSEWHERE.values())


def test_every_link_opens_a_good_page(gallery: Gallery) -> None:
    assert [(page.login, page.address, page.problem) for page in gallery.found if page.problem] == []


def chosen(found: Iterable[Found], looks_at_most: int) -> list[Found]:
    looks: dict[str, list[Found]] = {}
    for page in found:
        if not page.is_page or page.problem:
            continue
        known = looks.setdefault(page.endpoint, [])
        other = all(page.login != one.login and page.address != one.address for one in known)
        if len(known) < looks_at_most and (not known or other):
            known.append(page)
    return [page for pages in looks.values() for page in pages]


@pytest.mark.parametrize("language", ["ru", "ky"])
def test_every_page_is_good_to_look_at(gallery: Gallery, browser: Browser, language: str) -> None:
    visits: dict[str, Page] = {}
    complaints: list[str] = []
    failures: list[str] = []
    watch = Watch(gallery.app)
    with served(gallery.app) as address:
        _the_door(browser, address, language)
        for one in chosen(gallery.found, MOST_LOOKS if language == "ru" or PICTURES in os.environ else 1):
            if one.login not in visits:
                visits[one.login] = sit_down(browser, address, one.login, language, WIDE, scripts=True)
                _listen(visits[one.login], complaints)
            page = visits[one.login]
            page.goto(f"{address}{one.address}")
            assert page.get_attribute("html", "lang") == language
            failures += looked(page, f"{one.endpoint}-{one.login}")
        for page in visits.values():
            page.context.close()
    assert failures == []
    assert complaints == []
    assert watch.check() > len(visits)


def looked(page: Page, name: str) -> list[str]:
    """What is wrong with a page; the others are looked at all the same."""
    try:
        look(page, name)
    except AssertionError as problem:
        return [str(problem)]
    return []


def _the_door(browser: Browser, address: str, language: str) -> None:
    """The log-in, as it stands and after a wrong password."""
    page = looking.open_context(browser, WIDE, scripts=True).new_page()
    page.goto(f"{address}/login?lang={language}")
    look(page, "account.log_in")
    press(page, "form[action='/login'] button")
    look(page, "account.log_in-refused")
    page.context.close()


def _listen(page: Page, complaints: list[str]) -> None:
    page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
