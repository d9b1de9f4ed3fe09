"""The page of the connection in a real browser: hints set and sent, a Moodle without its plugin, a bank by hand."""

from __future__ import annotations

import time

from flask_app.services.office import Office
from flask_app.settings import Settings
from flask_app.web import create_app
from tests.web.bank_desk import MoodleDesk, load, small_bank
from tests.web.looking import PHONE, WIDE, look, press, sit_down
from tests.web.serving import chromium, served
from tests.web.test_moodle import CONNECTION, desk, site
from tests.web.town import NOW

__all__ = ["desk", "site"]


def test_the_connection_with_hints_and_without_the_plugin(desk: MoodleDesk, office: Office, settings: Settings) -> None:
    language = "ky"  # the longest words
    load(office, small_bank(2))
    desk.site.control("clock", offset=round(NOW.timestamp() - time.time()))
    with served(desk.app) as behind, chromium() as browser:
        known = create_app(desk.office, settings.model_copy(update={"public_url": behind}))
        with served(known) as address:
            page = sit_down(browser, address, "admin", language, WIDE, scripts=True)
            page.goto(f"{address}{CONNECTION}")
            press(page, f"form[action='{CONNECTION}/hints'] button")
            press(page, "#ask button")
            look(page, f"57-hints-{language}")
            desk.site.control("setting", name="plugin", value="off")
            editor = sit_down(browser, address, "bank", language, PHONE, scripts=True)
            editor.goto(f"{address}{CONNECTION}")
            press(editor, "#ask button")
            look(editor, f"58-no-plugin-{language}")
            press(editor, "a[href*='/by-hand/']")
            look(editor, f"59-by-hand-{language}")
