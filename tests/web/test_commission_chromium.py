"""Three members, the secretary, the chair and the head take a competition from the interviews to the appointment, each
in a browser of their own: in Russian without a script, in Kyrgyz with them.
"""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from flask_app.domain.numbering import SERIES
from flask_app.services import commission_desk
from flask_app.services.bodies import actor_of
from flask_app.services.office import Office
from tests.web import sitting_day
from tests.web.looking import PHONE, WIDE, look, sit_down
from tests.web.serving import chromium, served
from tests.web.sitting_day import SittingDay

MEMBERS = ("chair", "member", "member2")
CHOICES = {
    "chair": ("against", "for", "abstain"),
    "member": ("for", "for", "recused"),
    "member2": ("against", "for", "against"),
}


class Story:
    """The people at their browsers, and the commission's address."""

    def __init__(self, browser: Browser, address: str, language: str, scripts: bool, day: SittingDay) -> None:
        self.scripts, self.language, self.day = scripts, language, day
        self.address, self.desk = address, f"{address}/commission/{day.id}"
        self.people = {
            login: sit_down(browser, address, login, language, PHONE if login in MEMBERS else WIDE, scripts=scripts)
            for login in (*MEMBERS, "secretary", "head")
        }

    def look(self, page: Page, name: str) -> None:
        look(page, f"{name}-{self.language}", scripts=self.scripts)

    def do(self, page: Page, action: str) -> None:
        """Press the button of the form that goes to this address."""
        page.click(f'main form[action$="{action}"] button[type=submit]:not([name])')
        assert page.locator("h1").count() == 1
        assert not page.locator(".kz-trouble").count(), page.inner_text("main")


def open_the_sitting(story: Story) -> None:
    page = story.people["secretary"]
    page.goto(story.desk)
    story.look(page, "01-desk-invite")
    story.do(page, "/invitations")
    page.click('main a[href$="/sitting"]')
    page.fill("#place_ky", "Чакан зал, 3-кабат")
    page.fill("#place_ru", "Малый зал, 3-й этаж")
    story.look(page, "02-sitting")
    story.do(page, "/sitting")


def mark(story: Story, login: str) -> None:
    """Every candidate, each offered by the desk in turn."""
    page = story.people[login]
    for turn in range(len(story.day.candidates)):
        page.goto(story.desk)
        page.click('.kz-next a[href*="/candidates/"]')
        for place in range(1, 10):
            page.check(f"#mark-{place}-{3 + (place + turn) % 3}", force=True)
        if login == "member" and turn == 0:
            story.look(page, "03-marks")
        story.do(page, "/review")
        if login == "member" and turn == 0:
            story.look(page, "04-marks-review")
        page.click("main form:not([action$=review]) button[type=submit]")
    if login == "member":
        story.look(page, "05-desk-member")


def vote(story: Story, login: str) -> None:
    page = story.people[login]
    page.goto(story.desk)
    page.click('.kz-next a[href$="/ballot"]')
    assert page.locator("input:checked").count() == 0
    if login == "member":
        story.look(page, "06-ballot")
        assert (page.locator(".kz-choice label").first.bounding_box() or {"height": 0})["height"] >= 56
    fieldsets = page.locator("fieldset.kz-ballot")
    for place, choice in enumerate(CHOICES[login]):
        fieldsets.nth(place).locator(f'input[value="{choice}"]').check(force=True)
    story.do(page, "/ballot/review")
    if login == "member":
        story.look(page, "07-ballot-review")
    story.do(page, "/ballot")
    if login == "member":
        story.look(page, "08-desk-voting")


def decide(story: Story) -> None:
    page = story.people["chair"]
    page.goto(f"{story.desk}/count")
    story.look(page, "09-count")
    story.do(page, "/count")
    story.look(page, "10-desk-counted")
    page.click('.kz-next a[href$="/steps/decide"]')
    story.look(page, "11-decide")
    story.do(page, "/steps/decide")


def paper(story: Story, kind: str, signer: str) -> None:
    """Drafted, submitted and approved by the secretary, signed by whom the kind of paper says."""
    page = story.people["secretary"]
    page.goto(f"{story.address}/papers/about/competition/{story.day.id}")
    if kind == "D16":
        story.look(page, "12-papers")
    story.do(page, f"/{kind}")
    here = page.url
    for step in ("submit", "approve"):
        page.click(f'.kz-next a[href$="/steps/{step}"]')
        story.do(page, f"/steps/{step}")
    page = story.people[signer]
    page.goto(here)
    if kind == "D16":
        story.look(page, "13-paper-steps")
    page.click('.kz-next a[href$="/steps/sign"]')
    if kind == "D16":
        story.look(page, "14-sign")
    story.do(page, "/steps/sign")
    assert re.search(rf"№\s*1-{SERIES[kind]}/2026", page.inner_text("h1")), page.inner_text("h1")


@pytest.mark.parametrize(("language", "scripts"), [("ru", False), ("ky", True)])
def test_from_the_interviews_to_the_appointment(app: Flask, office: Office, language: str, scripts: bool) -> None:
    day = sitting_day.build(office)
    with served(app) as address, chromium() as browser:
        story = Story(browser, address, language, scripts, day)
        open_the_sitting(story)
        for login in MEMBERS:
            mark(story, login)
        page = story.people["secretary"]
        page.goto(story.desk)
        story.do(page, "/vote/opening")
        for login in MEMBERS:
            vote(story, login)
        decide(story)
        paper(story, "D16", "chair")
        paper(story, "D19", "head")
        page = story.people["head"]
        page.goto(story.desk)
        page.click('.kz-next a[href$="/steps/appoint"]')
        story.do(page, "/steps/appoint")
        story.look(page, "15-appointed")
    with office.work(actor_of(office, "secretary")) as work:
        found = commission_desk.desk_of(work, day.id)
        assert found.competition.state == "appointed"
        states = {row.id: row.state for row in found.candidates}
    assert [states[id_] for id_ in day.candidates] == ["reserve_recommended", "winner", "not_selected"]
