"""Every page that a GET shows, in Russian and Kyrgyz, at both widths: the list comes from the routes themselves.

Pages that only a step on the way shows (a ballot, a count) are looked at by the story; it says which.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from flask_app.services import audit, job_desk, sitting_desk
from flask_app.services.bodies import actor_of
from flask_app.services.office import Office
from tests.web import looking, sitting_day
from tests.web.looking import WIDE, look, sit_down
from tests.web.sitting_day import SittingDay
from tests.web.story.conftest import Running
from tests.web.story.crawl import ROLES, Found, crawl
from tests.web.story.test_story import ON_THE_WAY
from tests.web.test_sittings import attempt_of, drawn

NO_PAGE = {"static", "health.alive"}
"""Routes a browser asks by itself, or a machine."""
MOST_LOOKS = 2
"""Looks at one route: at its first address by the first who finds it, and at one more that somebody else finds."""


def furnish(office: Office) -> SittingDay:
    """A commission at work with its sitting open, a job that waits, answers pulled, a sealed log."""
    day = sitting_day.build(office)
    drawn(office, day.id)
    attempt_of(office, day)
    sitting_day.invited(office, day)
    with office.work(actor_of(office, "secretary")) as work:
        job_desk.queue_job(work, "pull_results", {"competition": str(day.id)}, key=sitting_desk.pull_key(day.id))
    audit.seal_all(office)
    return day


def routes(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())} - NO_PAGE


@pytest.fixture
def found(app: Flask, office: Office) -> list[Found]:
    furnish(office)
    return [page for login in ROLES for page in crawl(app, login)]


def test_a_link_leads_to_every_page(app: Flask, found: list[Found]) -> None:
    reached = {page.endpoint for page in found} | ON_THE_WAY | {"account.log_in"}
    assert routes(app) - reached == set(), "no link leads there, and the story does not come by"


def chosen(found: Iterable[Found]) -> list[Found]:
    looks: dict[str, list[Found]] = {}
    for page in found:
        known = looks.setdefault(page.endpoint, [])
        other = all(page.login != one.login and page.address != one.address for one in known)
        if len(known) < MOST_LOOKS and (not known or other):
            known.append(page)
    return [page for pages in looks.values() for page in pages]


@pytest.mark.parametrize("language", ["ru", "ky"])
def test_every_page_is_good_to_look_at(
    running: Running, browser: Browser, found: list[Found], language: str
) -> None:
    visits: dict[str, Page] = {}
    complaints: list[str] = []
    _the_door(browser, running.address, language)
    for place, one in enumerate(chosen(found)):
        if one.login not in visits:
            visits[one.login] = sit_down(browser, running.address, one.login, language, WIDE, scripts=True)
            _listen(visits[one.login], complaints)
        page = visits[one.login]
        answer = page.request.head(f"{running.address}{one.address}")
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        page.goto(f"{running.address}{one.address}")
        assert page.get_attribute("html", "lang") == language
        look(page, f"{one.endpoint}-{one.login}")
    for page in visits.values():
        page.context.close()
    assert complaints == []
    running.watch.check()


def _the_door(browser: Browser, address: str, language: str) -> None:
    """The log-in, as it stands and after a wrong password."""
    page = looking.open_context(browser, WIDE, scripts=True).new_page()
    page.goto(f"{address}/login?lang={language}")
    look(page, "account.log_in")
    page.click("form[action='/login'] button")
    look(page, "account.log_in-refused")
    page.context.close()


def _listen(page: Page, complaints: list[str]) -> None:
    page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
