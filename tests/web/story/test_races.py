"""Two real browsers press the same button, from pages that show the same version: one wins, the other is told clearly.

The same for one person in a hurry: a vote given twice, marks sent twice. (The browser's own way back leads to no form:
pages are not kept, so that it asks whether to send again, and sending again is the second press.)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import func, select

from flask_app.demo.applicants import spreadsheet
from flask_app.services import meetings
from flask_app.services.applicants_import import import_applicants
from flask_app.services.bodies import actor_of
from flask_app.services.competitions import move_competition
from flask_app.services.office import Office
from flask_app.services.transitions import act_on
from flask_app.store.models.commissions import InterviewMark, VoteRow
from flask_app.store.models.procedures import Competition, StageRecord
from tests.web import sitting_day, town
from tests.web.looking import WIDE, look, press, sit_down
from tests.web.serving import served
from tests.web.sitting_day import SittingDay
from tests.web.story.watch import Watch

PRESS = "button => button.form.requestSubmit(button)"
VOTERS = ("chair", "member", "member2")


@contextmanager
def two(app: Flask, browser: Browser, *logins: str) -> Iterator[tuple[Page, Page]]:
    """Two browsers side by side; every page they get is held against the law of pages."""
    watch = Watch(app)
    with served(app) as address:
        first, second = (sit_down(browser, address, login, "ru", WIDE, scripts=True) for login in logins)
        yield first, second
        for page in (first, second):
            page.context.close()
    watch.check()
    assert not [seen for seen in watch.seen if seen[1] >= 500]


def press_both(pages: tuple[Page, Page], button: str) -> None:
    """Both buttons go down before either page has answered."""
    for page in pages:
        assert page.locator(button).count() == 1, page.inner_text("main")
    with pages[1].expect_navigation(), pages[0].expect_navigation():
        for page in pages:
            page.eval_on_selector(button, PRESS)


def told(pages: tuple[Page, Page], trouble: str) -> Page:
    """The one of the two that did not win."""
    lost = [page for page in pages if page.locator(trouble).count()]
    assert len(lost) == 1, [page.inner_text("main") for page in pages]
    return lost[0]


def records(office: Office, competition: UUID, step: str) -> int:
    with office.work(actor_of(office, "secretary")) as work:
        rows = select(func.count()).where(StageRecord.object_id == competition, StageRecord.transition == step)
        return work.session.scalar(rows) or 0


@pytest.fixture
def day(office: Office) -> SittingDay:
    made = sitting_day.build(office)
    sitting_day.invited(office, made)
    return made


def taking_documents(office: Office, here: town.Town) -> UUID:
    """A competition whose documents may be closed."""
    desk = town._Builder(office, {login: actor_of(office, login) for login in town.PEOPLE})
    with office.work(actor_of(office, "hr")) as work:
        commission = work.get(Competition, here.screening).commission_id
    assert commission is not None
    made = town._announced(desk, "К-2026/030", town.LAWYER, commission)
    with office.work(actor_of(office, "hr")) as work:
        import_applicants(work, made, spreadsheet(2), "два.xlsx", town.TODAY - timedelta(days=20))
    return made


def test_a_step_taken_by_two_at_once(app: Flask, browser: Browser, office: Office, here: town.Town) -> None:
    """The closing of documents, by the secretary and the personnel officer."""
    competition = taking_documents(office, here)
    with two(app, browser, "secretary", "hr") as pages:
        for page in pages:
            page.goto(page.url.rstrip("/") + f"/procedures/competition/{competition}/act/close_documents")
            page.fill("#happened_on", "10.04.2026")
            page.fill("#evidence", "журнал регистрации, лист 4")
        press_both(pages, "form#entry button.govuk-button[type=submit]")
        page = told(pages, ".kz-note--warm")
        text = page.inner_text("main")
        other = {"secretary": "hr", "hr": "secretary"}["secretary" if page is pages[0] else "hr"]
        assert town.PEOPLE[other][0] in text, text
        assert "журнал регистрации, лист 4" in text, "what was typed is not lost"
        look(page, "conflict")
        press(page, "main a.govuk-button")
        assert page.locator("h1").count() == 1
    assert records(office, competition, "close_documents") == 1


def test_marks_sent_twice(app: Flask, browser: Browser, office: Office, day: SittingDay) -> None:
    with two(app, browser, "member", "member") as pages:
        for page in pages:
            page.goto(page.url.rstrip("/") + f"/commission/{day.id}/candidates/{day.candidates[0]}")
            for place in range(1, 10):
                page.check(f"#mark-{place}-4", force=True)
            press(page, "main form button.govuk-button")
        press_both(pages, "main form:not([action$=review]) button")
        page = told(pages, ".kz-trouble")
        assert "Вы уже оценили" in page.inner_text("main")
        assert page.locator("main a.govuk-button").count() >= 1
    with office.work(actor_of(office, "secretary")) as work:
        marks = work.session.scalar(select(func.count()).where(InterviewMark.application_id == day.candidates[0]))
    assert marks == 9


def voting(office: Office, day: SittingDay) -> None:
    """Everybody has marked everybody, the vote is open."""
    for login in VOTERS:
        with office.work(actor_of(office, login)) as work:
            for candidate in day.candidates:
                meetings.give_marks(work, day.id, candidate, dict.fromkeys(range(1, 10), 4))
    with office.work(actor_of(office, "secretary")) as work:
        meetings.finish_interviews(work, day.id, town.TODAY)
        version = work.get(Competition, day.id).version
        move_competition(work, day.id, "begin_voting", act_on(work, town.TODAY), expected_version=version)


def test_a_vote_given_twice_and_asked_for_again(app: Flask, browser: Browser, office: Office, day: SittingDay) -> None:
    voting(office, day)
    with two(app, browser, "member", "member") as pages:
        for page in pages:
            page.goto(page.url.rstrip("/") + f"/commission/{day.id}/ballot")
            for choice in page.locator('input[value="for"]').all():
                choice.check(force=True)
            press(page, "main form button.govuk-button")
        press_both(pages, "main form[action$='/ballot'] button")
        lost = told(pages, ".kz-trouble")
        assert "Вы уже проголосовали" in lost.inner_text("main")
        won = pages[1] if lost is pages[0] else pages[0]
        for browsing in (won, lost):
            browsing.goto(browsing.url.partition("/commission/")[0] + f"/commission/{day.id}/ballot")
            assert "Вы уже проголосовали" in browsing.inner_text("main"), browsing.inner_text("main")
    with office.work(actor_of(office, "secretary")) as work:
        assert work.session.scalar(select(func.count()).select_from(VoteRow)) == len(day.candidates)
