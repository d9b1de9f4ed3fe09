"""A long text is not lost by a stray press."""

from __future__ import annotations

from uuid import UUID

from flask import Flask
from playwright.sync_api import Dialog

from tests.web.looking import WIDE, press, sit_down
from tests.web.serving import chromium, served
from tests.web.test_questions import RU, bank, shipped

__all__ = ["bank", "shipped"]


def test_the_browser_asks_before_a_typed_text_is_left(app: Flask, bank: UUID) -> None:
    with served(app) as address, chromium() as browser:
        page = sit_down(browser, address, "bank", "ru", WIDE, scripts=True)
        asked: list[str] = []

        def stay(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.dismiss()

        page.on("dialog", stay)
        editor = f"{address}/questions/banks/{bank}/new"
        page.goto(editor)
        press(page, '.kz-nav a[href="/banks"]')
        page.wait_for_url(f"{address}/banks")
        assert asked == []
        page.goto(editor)
        page.fill("#text_ru", RU)
        page.click('.kz-nav a[href="/banks"]', no_wait_after=True)
        page.wait_for_timeout(500)
        assert asked == ["beforeunload"]
        assert (page.url, page.input_value("#text_ru")) == (editor, RU)
        press(page, "#editor button[type=submit]")
        assert asked == ["beforeunload"]
