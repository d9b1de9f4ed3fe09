"""The personnel officer and the secretary take a competition from the wizard to the notice of the test, in a real
browser: in Russian without a script, in Kyrgyz with them.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from flask_app.demo.applicants import spreadsheet
from flask_app.services.bodies import actor_of
from flask_app.services.office import Office
from flask_app.services.test_sessions import NewSession, schedule_session
from tests.web import town
from tests.web.looking import PHONE, WIDE, look, sit_down
from tests.web.serving import chromium, served

ITEMS = {
    "qualification_requirements": "Высшее образование; стаж не менее двух лет",
    "functional_duties": "Учёт муниципального имущества",
    "required_documents": "Заявление, листок по учёту кадров, фотография, копия паспорта, документы об образовании",
    "filing_place_and_time": "Ул. Манаса, 7, кабинет 4, рабочие дни с 9 до 17 часов",
    "competition_place_and_time": "Малый зал, 3-й этаж; время сообщается за неделю",
}
POST = {
    "code": "К-2026/021",
    "title_ky": "Жер ресурстары боюнча башкы адис",
    "title_ru": "Главный специалист по земельным ресурсам",
    "unit_ky": "Муниципалдык менчик бөлүмү",
    "unit_ru": "Отдел муниципальной собственности",
    "category_ky": "Улук топ, 2-категория",
    "category_ru": "Старшая группа, категория 2",
    "vacant_since": "1 марта 2026",
}


class Story:
    """Two people at their browsers."""

    def __init__(self, browser: Browser, address: str, language: str, scripts: bool) -> None:
        self.address, self.language, self.scripts = address, language, scripts
        self.hr = sit_down(browser, address, "hr", language, WIDE, scripts=scripts)
        self.secretary = sit_down(browser, address, "secretary", language, PHONE, scripts=scripts)
        self.competition = ""

    def look(self, page: Page, name: str) -> None:
        look(page, f"competition-{name}-{self.language}", scripts=self.scripts)

    def go(self, page: Page) -> None:
        """Press the visible button of the page's form; no refusal may follow."""
        page.locator("main form button.govuk-button[type=submit]").last.click()
        self.well(page)

    def onward(self, page: Page) -> None:
        page.click("main .kz-go button[value=next]")
        self.well(page)

    @staticmethod
    def well(page: Page) -> None:
        assert page.locator("h1").count() == 1
        bad = page.locator(".kz-trouble, .govuk-error-summary, .kz-form > .kz-note--warm")
        assert not bad.count(), page.inner_text("main")

    def open(self, page: Page, tail: str = "") -> None:
        page.goto(self.competition + tail)
        self.well(page)

    def step(self, page: Page, transition: str, day: str, evidence: str = "") -> None:
        self.open(page)
        page.click(f'main a[href$="/act/{transition}"]')
        page.fill("#happened_on", day)
        page.fill("#evidence", evidence)
        self.look(page, f"act-{transition}")
        self.go(page)
        assert page.url == self.competition, page.url


def draft(story: Story) -> None:
    page = story.hr
    page.goto(f"{story.address}/procedures")
    page.click('main a[href="/procedures/new"]')
    story.look(page, "wizard-1-empty")
    page.click("main .kz-go button[value=next]")
    assert page.locator(".govuk-error-summary a").count() >= 8
    story.look(page, "wizard-1-problems")
    for name, value in POST.items():
        page.fill(f"#{name}", value)
    story.onward(page)
    page.select_option("#kind", "open")
    page.fill("#internal_round", "Протокол № 1-П от 2 марта 2026 г.")
    story.look(page, "wizard-2-rules")
    story.onward(page)
    assert "Ак-Кечүү" in page.input_value("#item_body_name_and_address")
    for name, value in ITEMS.items():
        page.fill(f"#item_{name}", value)
    story.look(page, "wizard-3-announcement")
    story.onward(page)
    story.look(page, "wizard-4-commission")
    page.check("#commission-1")
    story.onward(page)
    story.look(page, "wizard-5-check")
    page.click('main button[value="post"]')
    assert page.input_value("#title_ru") == POST["title_ru"]
    for _ in range(4):
        story.onward(page)
    story.onward(page)
    assert "/procedures/competition/" in page.url
    story.competition = page.url
    story.look(page, "page-draft")


def announce(story: Story) -> None:
    page = story.hr
    story.step(page, "submit_text", "17.03.2026")
    page.click('main a[href$="/agreement"]')
    page.fill("#number", "04-2/131")
    page.fill("#agreed_on", "19.03.2026")
    story.look(page, "agreement")
    story.go(page)
    page.click('main a[href$="/publication"]')
    page.fill("#outlet", "газета «Ак-Кечүү таңы»")
    page.fill("#published_on", "20.03.2026")
    page.fill("#reference", "№ 12, с. 3")
    story.look(page, "publication")
    story.go(page)
    story.step(page, "announce", "20.03.2026", "газета «Ак-Кечүү таңы», № 12, с. 3")
    story.step(page, "open_documents", "21.03.2026")


def take_in(story: Story, folder: Path) -> None:
    file = folder / "кандидаты.xlsx"
    file.write_bytes(spreadsheet(9))
    page = story.hr
    page.click('main a[href$="/applicants/upload"]')
    page.set_input_files("#file", file)
    page.fill("#received_on", "02.04.2026")
    story.look(page, "upload")
    story.go(page)
    story.look(page, "preview")
    story.go(page)
    story.look(page, "report")
    assert page.locator("tbody tr").count() == 9
    story.step(page, "close_documents", "06.04.2026")


def choose(page: Page, step: str, people: range) -> None:
    for place in people:
        page.locator('input[name="who"]').nth(place).check()
    page.select_option("#step", step)
    page.click("main .kz-bulk button")


def screen(story: Story) -> None:
    page = story.secretary
    story.step(page, "begin_screening", "07.04.2026")
    story.open(page, "/applicants")
    story.look(page, "list")
    page.select_option("#step", "take_up")
    page.check("#all")
    page.click("main .kz-bulk button")
    page.fill("#happened_on", "07.04.2026")
    story.go(page)
    assert page.locator(".kz-note--good").count() == 1
    choose(page, "reject", range(2, 3))
    story.look(page, "review-reject")
    page.locator("main form button.govuk-button[type=submit]").last.click()
    assert page.locator(".govuk-error-summary a").count() == 2, "ground and reason"
    page.select_option("#ground", "qualification_mismatch")
    page.fill("#reason", "Нет высшего образования")
    page.fill("#happened_on", "08.04.2026")
    story.go(page)
    page.select_option("#step", "admit")
    page.check("#all")
    page.click("main .kz-bulk button")
    story.look(page, "review-admit")
    page.fill("#happened_on", "08.04.2026")
    story.go(page)
    story.look(page, "list-screened")


def notify(story: Story, office: Office) -> None:
    page = story.secretary
    assert page.locator(".kz-no li").count(), "no sitting yet: the notice is refused with its rule"
    id_ = UUID(story.competition.rsplit("/", 1)[1])
    with office.work(actor_of(office, "secretary")) as work:
        starts = town.NOW + timedelta(days=8)
        ends = starts + timedelta(hours=2)
        schedule_session(work, id_, NewSession("К-2026-021", "kyzmat", starts, ends, town.HALL, 2, "7f3b", ""))
    story.open(page, "/applicants")
    page.select_option("#step", "notify")
    page.check("#all")
    page.click("main .kz-bulk button")
    page.select_option("#channel", "in_person")
    page.fill("#evidence", "лист ознакомления")
    story.look(page, "review-notify")
    story.go(page)
    story.look(page, "list-notified")
    page.locator("tbody th a").first.click()
    story.look(page, "person")
    page.click('main form[action$="/identity"] button')
    story.well(page)
    story.look(page, "person-opened")
    story.open(page)
    story.look(page, "page-notified")


@pytest.mark.parametrize(("language", "scripts"), [("ru", False), ("ky", True)])
def test_from_the_wizard_to_the_notice(
    app: Flask, office: Office, tmp_path: Path, language: str, scripts: bool
) -> None:
    with served(app) as address, chromium() as browser:
        story = Story(browser, address, language, scripts)
        draft(story)
        announce(story)
        take_in(story, tmp_path)
        screen(story)
        notify(story, office)
        text = story.secretary.inner_text("main")
    assert ("Вызов на тест вручён" if language == "ru" else "Тестке чакырылды") in text, text
