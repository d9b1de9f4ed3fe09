"""The sitting's pages and the check of the log in a real browser: Russian and Kyrgyz, both widths, axe on each."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_app.services import audit
from flask_app.services.office import Office
from tests.web import town
from tests.web.looking import WIDE, look, sit_down
from tests.web.serving import chromium, served
from tests.web.sitting_day import SittingDay
from tests.web.test_sittings import app, attempt_of, day, drawn, moodle, scheduled_anew

__all__ = ["app", "day", "moodle"]


@pytest.mark.parametrize("language", ["ru", "ky"])
def test_the_sitting_s_pages(app: Flask, office: Office, here: town.Town, day: SittingDay, language: str) -> None:
    drawn(office, day.id)
    attempt_of(office, day)
    scheduled_anew(office, here)
    audit.seal_all(office)
    with served(app) as address, chromium() as browser:
        page = sit_down(browser, address, "secretary", language, WIDE, scripts=True)

        def at(path: str, name: str) -> None:
            page.goto(f"{address}{path}")
            look(page, f"{name}-{language}", scripts=True)

        at("/sittings", "20-sittings")
        at(f"/sittings/{here.screening}/schedule", "21-schedule")
        page.fill("#day", "2026-04-28")
        page.fill("#place_ky", "Чакан зал")
        page.click("main form.kz-card button[type=submit]")
        assert "/schedule" not in page.url, page.inner_text("main")
        drawn(office, here.screening)
        at(f"/sittings/{here.screening}", "22-sitting")
        at(f"/sittings/{here.screening}/plan", "23-plan")
        page.click("main form button[type=submit]")
        look(page, f"24-job-{language}", scripts=True)
        at(f"/sittings/{day.id}/results", "25-results")
        page.click("main form button[type=submit] >> nth=0")
        look(page, f"26-answers-{language}", scripts=True)
        page = sit_down(browser, address, "auditor", language, WIDE, scripts=True)
        page.goto(f"{address}/verification")
        page.click("main form button[type=submit]")
        look(page, f"27-verification-{language}", scripts=True)
        page = sit_down(browser, address, "member", language, WIDE, scripts=True)
        at("/commission", "28-commission")
