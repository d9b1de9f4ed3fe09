"""A real browser's eyes: people with a browser of their own, axe on a page, pictures for whoever wants to look."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.web.town import PASSWORD

AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
WIDE, PHONE = 1366, 360
PICTURES = "KYZMAT_TEST_PICTURES"
"""Folder for pictures of the pages a test looks at; without it none are taken."""


def sit_down(browser: Browser, address: str, login: str, language: str, width: int, *, scripts: bool) -> Page:
    """A browser of this person's own, logged in, in this language."""
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": 740 if width == PHONE else 900}, java_script_enabled=scripts
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(f"{address}/login?lang={language}")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    assert page.url == f"{address}/", page.url
    return page


def look(page: Page, name: str, *, scripts: bool) -> None:
    """axe finds nothing at either width, nothing sticks out sideways; a picture of each is kept where asked."""
    present = page.viewport_size
    assert present is not None
    for width in (WIDE, PHONE):
        page.set_viewport_size({"width": width, "height": 740 if width == PHONE else 900})
        if scripts:
            _check(page, f"{name} at {width}")
        folder = os.environ.get(PICTURES)
        if folder:
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
    page.set_viewport_size(present)


def _check(page: Page, where: str) -> None:
    found: list[dict[str, Any]] = page.evaluate(f"async () => {{ {AXE}; return (await axe.run()).violations; }}")
    said = [f"{v['id']}: {v['help']}: {[node['html'] for node in v['nodes'][:3]]}" for v in found]
    assert not said, (where, said)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{where}: {wide} px stick out"
