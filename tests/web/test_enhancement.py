"""What the script adds to pages that work without it, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from flask_app.services.office import Office
from tests.web import sitting_day, town
from tests.web.looking import WIDE, sit_down
from tests.web.serving import chromium, served


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as at:
        yield at


@pytest.fixture
def secretary(address: str) -> Iterator[Page]:
    with chromium() as browser:
        page = sit_down(browser, address, "secretary", "ru", WIDE, scripts=True)
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        yield page
        assert not said, "the policy or the script complained"


def test_a_list_is_filtered_in_place(secretary: Page, address: str, here: town.Town) -> None:
    secretary.goto(f"{address}/procedures")
    rows = secretary.locator("tbody tr").count()
    secretary.evaluate("window.kept = true")
    secretary.focus("#state")
    secretary.select_option("#state", "competition.screening")
    expect(secretary).to_have_url(f"{address}/procedures?q=&state=competition.screening")
    expect(secretary.locator("tbody tr")).not_to_have_count(rows)
    assert secretary.evaluate("window.kept"), "the page itself was not loaded anew"
    assert secretary.evaluate("document.activeElement.id") == "state", "the focus stays where it was"
    kept = secretary.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    assert kept == ["htmx-current-path-for-history"], "the address, never the page"
    secretary.go_back()
    expect(secretary.locator("tbody tr")).to_have_count(rows)


def test_the_number_of_ticked_people_is_told(secretary: Page, address: str, here: town.Town) -> None:
    secretary.goto(f"{address}/procedures/competition/{here.screening}/applicants")
    for place in range(2):
        secretary.locator('input[name="who"]').nth(place).check()
    expect(secretary.locator("[data-kz-count]")).to_have_text("Отмечено: 2")
    secretary.locator('input[name="who"]').nth(0).uncheck()
    expect(secretary.locator("[data-kz-count]")).to_have_text("Отмечено: 1")


def test_the_commission_s_seats_renew_themselves(secretary: Page, address: str, office: Office) -> None:
    day = sitting_day.build(office)
    secretary.goto(f"{address}/commission/{day.id}")
    seats = secretary.locator("#live")
    before = seats.inner_text()
    sitting_day.invited(office, day)
    expect(seats).not_to_have_text(before, timeout=12_000, use_inner_text=True)


def test_a_page_whose_session_ended_leads_to_the_door(secretary: Page, address: str) -> None:
    secretary.goto(f"{address}/procedures")
    secretary.context.clear_cookies()
    secretary.select_option("#state", "competition.screening")
    expect(secretary).to_have_url(f"{address}/login?next=/procedures?q%3D%26state%3Dcompetition.screening")


def test_a_form_is_sent_once(secretary: Page, address: str) -> None:
    secretary.goto(f"{address}/procedures")
    sent: list[str] = []
    secretary.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    secretary.route("**/logout", lambda route: route.abort())
    twice = "form.requestSubmit(); form.requestSubmit();"
    secretary.evaluate(f"() => {{ const form = document.querySelector('form[action=\"/logout\"]'); {twice} }}")
    secretary.wait_for_timeout(300)
    assert sent == [f"{address}/logout"]
