"""A sitting is moved on a phone, without a script: the moments that no link leads to, looked at in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from flask_app.services.applications import applications_of
from flask_app.services.bodies import actor_of
from flask_app.services.notices import notify_of_test
from flask_app.services.office import Office
from flask_app.services.transitions import act_on
from tests.web.looking import PHONE, WIDE, look, press, sit_down
from tests.web.serving import chromium, served
from tests.web.test_sittings import drawn
from tests.web.town import TODAY, Town


@pytest.mark.parametrize("language", ["ru", "ky"])
def test_a_sitting_is_moved(app: Flask, office: Office, here: Town, language: str) -> None:
    drawn(office, here.screening)
    with office.work(actor_of(office, "secretary")) as work:
        told = [application.id for application in applications_of(work, here.screening, "admitted")]
        act = act_on(work, TODAY - timedelta(days=1), "журнал № 1")
        assert notify_of_test(work, here.screening, told[:4], "in_person", act) == 4
    with served(app) as address, chromium() as browser:
        page = sit_down(browser, address, "secretary", language, PHONE, scripts=False)
        page.goto(f"{address}/sittings/{here.screening}")
        press(page, "main a[href$='/move']")
        page.fill("#day", "20.04.2026")
        page.fill("#reason", "Отключение электричества")
        press(page, "main button[type=submit]")
        assert page.locator("#told_already").count() == 1, "too near for a notice"
        page.fill("#day", "29.04.2026")
        press(page, "main button[type=submit]")
        assert page.url == f"{address}/sittings/{here.screening}"
        page.close()

        seen = sit_down(browser, address, "secretary", language, WIDE, scripts=True)
        seen.goto(f"{address}/sittings/{here.screening}")
        look(seen, "sittings.moved")
        seen.goto(f"{address}/sittings/{here.screening}/move")
        seen.fill("#day", "20.04.2026")
        seen.fill("#reason", "Отключение электричества")
        press(seen, "main button[type=submit]")
        look(seen, "sittings.move-near")
        seen.goto(f"{address}/procedures/competition/{here.screening}/applicants/{told[0]}")
        look(seen, "applicants.recalled")
