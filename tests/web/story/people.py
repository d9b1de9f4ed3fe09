"""The people of a story at their browsers. They get about by what a person sees: the bar, the links, the buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from playwright.sync_api import Browser, Page

from connector.moodle.standin.process import StandinProcess
from flask_app.services.office import Office
from tests.web import looking
from tests.web.conftest import Clock
from tests.web.story.world import set_clock

TROUBLE = ".kz-trouble, .govuk-error-summary, .kz-form > .kz-note--warm"
CODE = "К-2026/021"


@dataclass
class Story:
    """`width`, `language`, `scripts`: of every browser in it."""

    browser: Browser
    address: str
    language: str
    width: int
    scripts: bool
    office: Office
    clock: Clock
    site: StandinProcess
    people: dict[str, Page] = field(default_factory=dict)

    def at(self, login: str) -> Page:
        """This person's browser; they log in when they first turn up, and again after a night."""
        if login not in self.people:
            self.people[login] = looking.sit_down(
                self.browser, self.address, login, self.language, self.width, scripts=self.scripts
            )
        return self.people[login]

    def come_again(self, moment: datetime) -> None:
        """Everybody goes home and comes back at that time: their sessions are over."""
        self.clock.moment = moment
        set_clock(self.site, moment)
        for page in self.people.values():
            page.context.close()
        self.people.clear()

    def look(self, page: Page, name: str) -> None:
        """axe and pictures, where the browser runs scripts."""
        if self.scripts:
            looking.look(page, name)

    # -- getting about -----------------------------------------------------------------------------------------------

    def by_bar(self, login: str, section: str, *, code: str = CODE) -> Page:
        """The section of the bar, then the row of our competition."""
        page = self.at(login)
        self.click(page, f".kz-nav a[href='{section}']")
        self.click(page, f"tbody a:text-is('{code}')")
        return page

    def to_competition(self, login: str) -> Page:
        return self.by_bar(login, "/procedures")

    def to_desk(self, login: str) -> Page:
        return self.by_bar(login, "/commission")

    def to_sitting(self, login: str) -> Page:
        return self.by_bar(login, "/sittings")

    def click(self, page: Page, selector: str) -> None:
        looking.press(page, selector)
        well(page)

    def send(self, page: Page, action: str) -> None:
        """Press the button of the form that goes to an address ending so."""
        self.click(page, f'main form[action$="{action}"] button.govuk-button[type=submit]:not([name])')

    def step(self, login: str, transition: str, day: str, evidence: str = "") -> Page:
        """A step of the workflow from the competition's page."""
        page = self.to_competition(login)
        here = page.url
        self.click(page, f'main a[href$="/act/{transition}"]')
        page.fill("#happened_on", day)
        page.fill("#evidence", evidence)
        self.look(page, f"act-{transition}")
        self.send(page, f"/act/{transition}")
        assert page.url == here, page.url
        return page


def well(page: Page) -> None:
    """One heading, and nobody refuses anything."""
    page.wait_for_load_state()
    page.locator("h1").first.wait_for()
    assert page.locator("h1").count() == 1, page.content()
    assert not page.locator(TROUBLE).count(), (page.url, page.inner_text("main"))


def has(page: Page, pattern: str) -> bool:
    return bool(re.search(pattern, page.inner_text("main")))
