"""The pages of banks and of Moodle in a real browser: Russian and Kyrgyz, both widths, with and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from flask_app.services.office import Office
from tests.web.bank_desk import COURSE, MoodleDesk, load, question_id, reworded, small_bank, types_bank
from tests.web.looking import PHONE, WIDE, look, press, sit_down
from tests.web.serving import chromium, served
from tests.web.test_moodle import BANK, desk, site

__all__ = ["desk", "site"]


def carry_out(page: Page, address: str, desk: MoodleDesk) -> None:
    """From the form to the worker: as a person clicks."""
    page.goto(f"{address}/moodle")
    press(page, "#entry button[type=submit]")
    press(page, "#carry button[type=submit]")
    assert "/moodle/jobs/" in page.url, page.inner_text("main")
    desk.work_off()


@pytest.mark.parametrize("language", ["ru", "ky"])
def test_every_page_in_both_widths(desk: MoodleDesk, office: Office, language: str) -> None:
    types, general = load(office, types_bank()), load(office, small_bank(4))
    with served(desk.app) as address, chromium() as browser:
        page = sit_down(browser, address, "bank", language, WIDE, scripts=True)

        def at(path: str, name: str) -> None:
            page.goto(f"{address}{path}")
            look(page, f"{name}-{language}")

        at("/moodle", "40-moodle-empty")
        at(f"/moodle/plan?course={COURSE}&bank={BANK}", "41-plan-new")
        carry_out(page, address, desk)
        page.reload()
        look(page, f"42-job-{language}")
        load(office, reworded(small_bank(4)))
        at(f"/moodle/plan?course={COURSE}&bank={BANK}", "43-plan-changed")
        place = {"bankidnumber": BANK, "idnumber": "const-002.ru"}
        desk.site.control("edit_question", text="Кого народ признаёт источником власти?", mode="newversion", **place)
        at("/moodle/drift", "44-drift")
        press(page, "#main form[action='/moodle/drift'] button")
        at(f"/moodle/plan?course={COURSE}&bank={BANK}", "45-plan-blocked")
        at("/moodle", "46-moodle")
        press(page, "#main table a >> nth=0")
        look(page, f"47-run-{language}")
        page.goto(f"{address}/moodle/connection")
        press(page, "#ask button")
        look(page, f"49-examined-{language}")
        at("/banks", "50-banks")
        at(f"/banks/{general}", "51-bank")
        at(f"/banks/{types}/problems", "52-problems")
        for group in ("single", "match"):
            at(f"/banks/{types}/questions/{question_id(office, f'{group}-1.ru')}", f"53-{group}")
            press(page, ".kz-head__do button")
            look(page, f"54-{group}-key-{language}")


def test_a_bank_reaches_moodle_without_scripts_on_a_phone(desk: MoodleDesk, office: Office) -> None:
    load(office, small_bank(2))
    with served(desk.app) as address, chromium() as browser:
        page = sit_down(browser, address, "secretary", "ky", PHONE, scripts=False)
        carry_out(page, address, desk)
        page.reload()
        assert "Банктар Moodle'да." in page.inner_text("main")
        page.goto(f"{address}/moodle")
        page.fill("#course", "эки сөз")
        press(page, "#entry button[type=submit]")
        assert page.input_value("#course") == "эки сөз"
        assert page.locator(".govuk-error-summary").count() == 1
        page.goto(f"{address}/banks")
        assert "Дал келет" in page.inner_text("main")
