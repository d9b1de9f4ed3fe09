"""A real browser at the door, where no link leads, and along one walk, with and without JavaScript, wide and narrow.

Every page a link leads to is looked at in `story/test_gallery.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.web.looking import AXE_RUN, press
from tests.web.serving import chromium, served
from tests.web.town import PASSWORD, Town

AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (1366, 360)
LANGUAGES = ("ru", "ky")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@dataclass
class Visitor:
    """A person at a browser: everything the page complains of is kept."""

    context: BrowserContext
    page: Page
    url: str
    complaints: list[str]

    def open(self, path: str) -> None:
        answer = self.page.goto(self.url + path)
        assert answer is not None

    def log_in(self, login: str) -> None:
        self.page.fill("#login", login)
        self.page.fill("#password", PASSWORD)
        self.page.press("#password", "Enter")
        self.page.wait_for_url(self.url + "/")


def visitor(browser: Browser, url: str, width: int, *, scripts: bool = True) -> Visitor:
    context = browser.new_context(
        viewport={"width": width, "height": 760}, java_script_enabled=scripts, bypass_csp=False
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("requestfailed", lambda request: None if is_aborted(request) else complaints.append(request.url))
    return Visitor(context, page, url, complaints)


def is_aborted(request: Request) -> bool:
    """The browser itself gave up: the person went on to another page, or the page turned out to be a file to keep."""
    return request.failure == "net::ERR_ABORTED"


def violations(page: Page) -> list[str]:
    """What axe finds on the page, one line each."""
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate(AXE_RUN, RULES)
    return [f"{v['id']}: {node['html'][:160]}" for v in found["violations"] for node in v["nodes"]]


def check(visit: Visitor, path: str) -> None:
    """The page as it is loaded, at both widths."""
    page = visit.page
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 760})
        assert violations(page) == [], (path, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} scrolls sideways at {width}"
        assert page.evaluate(CUT) == [], f"{path}: text is cut at {width}"
    assert page.evaluate(LICENSED) == [], f"{path}: the licensed face is asked for"


CUT = """[...document.querySelectorAll('h1, h2, td, th, .kz-state, .kz-stages b, .govuk-button')]
    .filter(e => e.getClientRects().length && e.scrollWidth > e.clientWidth + 1
        && getComputedStyle(e).overflowX !== 'visible').map(e => e.outerHTML.slice(0, 120))"""
LICENSED = """[...new Set([...document.querySelectorAll('body *')].map(e => getComputedStyle(e).fontFamily))]
    .filter(f => f.includes('GDS'))"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_no_link_leads_to_is_accessible_too(app: Flask, browser: Browser, here: Town, language: str) -> None:
    with served(app) as url:
        visit = visitor(browser, url, WIDTHS[0])
        visit.open(f"/login?lang={language}")
        check(visit, "/login")
        press(visit.page, "form[action='/login'] button")
        check(visit, "/login refused")
        visit.log_in("auditor")
        for path in ["/", "/nowhere", f"/journal/competition/{here.other_competition}"]:
            visit.open(path)
            assert visit.page.get_attribute("html", "lang") == language
            check(visit, path)
        assert [c for c in visit.complaints if "404" not in c and "422" not in c] == []
        visit.context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_secretary_walks_through_the_panel(
    app: Flask, browser: Browser, here: Town, width: int, scripts: bool
) -> None:
    with served(app) as url:
        visit = visitor(browser, url, width, scripts=scripts)
        page = visit.page
        visit.open("/papers")
        assert page.url.startswith(f"{url}/login?next=")
        press(page, "a[hreflang='ru']")
        page.fill("#login", "secretary")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(f"{url}/papers")
        press(page, ".kz-nav a[href='/']")
        press(page, "text=Начать тестирование")
        assert page.url == f"{url}/procedures/competition/{here.screening}"
        assert page.inner_text("h1") == "Главный специалист отдела муниципальной собственности"
        press(page, "a[hreflang='ky']")
        assert page.inner_text("h1") == "Муниципалдык менчик бөлүмүнүн башкы адиси"
        page.fill("#find", "К-2026/011")
        page.press("#find", "Enter")
        expect(page.locator("tbody tr")).to_have_count(1)
        press(page, "tbody a")
        press(page, "text=Конкурстук комиссиянын жыйынынын протоколу")
        with page.expect_download() as download:
            page.click(".kz-head__do a[href$='.docx']")
        name = download.value.suggested_filename
        assert name == "Конкурстук комиссиянын жыйынынын протоколу К-2026_011, 2-версия.docx"
        press(page, ".kz-leave button")
        assert page.url == f"{url}/login?left=yes"
        visit.open("/")
        assert "/login" in page.url
        assert visit.complaints == []
        visit.context.close()


def test_the_keyboard_reaches_the_content_first(app: Flask, browser: Browser) -> None:
    with served(app) as url:
        visit = visitor(browser, url, 1366)
        visit.open("/login")
        visit.log_in("hr")
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("document.activeElement.className") == "govuk-skip-link"
        visit.page.keyboard.press("Enter")
        assert visit.page.evaluate("document.activeElement.id") == "main"
        visit.context.close()
