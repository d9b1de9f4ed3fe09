"""A real browser's eyes: people with a browser of their own, axe on a page, pictures for whoever wants to look."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.web.town import PASSWORD

AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, PHONE = 1366, 360
HEIGHTS = {WIDE: 900, PHONE: 740}
PICTURES = "KYZMAT_TEST_PICTURES"
"""Folder for pictures of the pages a test looks at, as `<language>/<width>/<name>.webp`; without it none are taken."""
QUALITY = 30
SCALES = {WIDE: 0.6, PHONE: 0.8}
TALLEST = 3000
"""Pixels of height that a picture shows; a list goes on in the same way. All three keep the pictures in docs/ small."""

AXE_RUN = """rules => axe.run({runOnly: {type: 'tag', values: rules}, resultTypes: ['violations'],
    preload: false, selectors: false})"""
"""Nothing is loaded beforehand: that is for rules about sound and films, of which the panel has none."""

CUT = """[...document.querySelectorAll('h1, h2, td, th, .kz-state, .kz-stages b, .govuk-button')]
    .filter(e => e.getClientRects().length && e.scrollWidth > e.clientWidth + 1
        && getComputedStyle(e).overflowX !== 'visible').map(e => e.outerHTML.slice(0, 120))"""
OUTSIDE = """[...document.querySelectorAll('main :is(a, button, input, select, textarea, p, dd)')]
    .filter(e => e.getClientRects().length && !e.closest('.kz-scroll, .kz-views, .kz-vh, svg')
        && !e.classList.contains('kz-vh'))
    .filter(e => { const r = e.getBoundingClientRect(); return r.right > innerWidth + 1 || r.left < -1; })
    .map(e => e.outerHTML.slice(0, 120))"""
LICENSED = """[...new Set([...document.querySelectorAll('body *')].map(e => getComputedStyle(e).fontFamily))]
    .filter(f => f.includes('GDS'))"""


def open_context(browser: Browser, width: int, *, scripts: bool) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]}, java_script_enabled=scripts, bypass_csp=False
    )
    context.set_default_timeout(30_000)
    return context


def sit_down(browser: Browser, address: str, login: str, language: str, width: int, *, scripts: bool) -> Page:
    """A browser of this person's own, logged in, in this language."""
    page = open_context(browser, width, scripts=scripts).new_page()
    page.goto(f"{address}/login?lang={language}")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    press(page, "main button[type=submit]")
    assert page.url == f"{address}/", page.url
    return page


def press(page: Page, button: str) -> None:
    """Press a button or a link and wait until the page it leads to is whole: a click waits only until that page begins
    to come, and what is counted on it then may not be there yet.
    """
    page.click(button)
    page.wait_for_load_state()


def look(page: Page, name: str) -> None:
    """The page as it is loaded, at both widths: axe finds nothing, nothing sticks out or is cut; a picture of each
    where somebody asked for them. Wants a browser that runs scripts.
    """
    present = page.viewport_size
    assert present is not None
    page.evaluate(AXE)
    for width in (WIDE, PHONE):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        take_picture(page, name, width)
        check(page, f"{name} at {width}")
    page.set_viewport_size(present)


def check(page: Page, where: str) -> None:
    """axe (already in the page), overflow, cut text, the licensed face."""
    found: dict[str, Any] = page.evaluate(AXE_RUN, RULES)
    said = [f"{v['id']}: {v['help']}: {[node['html'][:160] for node in v['nodes'][:3]]}" for v in found["violations"]]
    assert not said, (where, said)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{where}: {wide} px stick out"
    for question in (CUT, OUTSIDE, LICENSED):
        assert page.evaluate(question) == [], (where, page.evaluate(question))


def take_picture(page: Page, name: str, width: int) -> None:
    folder = os.environ.get(PICTURES)
    if not folder:
        return
    path = Path(folder) / str(page.get_attribute("html", "lang")) / str(width) / f"{name}.webp"
    path.parent.mkdir(parents=True, exist_ok=True)
    height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": SCALES[width]}
    asked = {"format": "webp", "quality": QUALITY, "clip": clip, "captureBeyondViewport": True}
    session = page.context.new_cdp_session(page)
    path.write_bytes(base64.b64decode(session.send("Page.captureScreenshot", asked)["data"]))
    session.detach()
