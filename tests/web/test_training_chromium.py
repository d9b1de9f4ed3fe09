"""The training pages in a real browser: Russian and Kyrgyz, both widths, axe on each; a phone without scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, Route

from flask_app.services.bodies import actor_of
from flask_app.services.grades import accept_batch
from flask_app.services.office import Office
from tests.web import town, training_year
from tests.web.looking import PHONE, WIDE, look, press, sit_down
from tests.web.serving import chromium, served
from tests.web.test_training_access import app, database, moodle, training_seed, year
from tests.web.training_year import Year, batch, record

__all__ = ["app", "database", "moodle", "training_seed", "year"]


def mixed(year: Year) -> bytes:
    """One grade that is good, one of somebody unknown, one that breaks a rule of the format."""
    return batch(
        [
            record(year, 0),
            record(year, 1, person_id=str(year.running)),
            record(year, 2, protocol_ref="", score="101"),
        ],
        sequence=2,
    )


@pytest.mark.parametrize("language", ["ru", "ky"])
def test_every_page_is_fit_to_be_seen(
    app: Flask, office: Office, here: town.Town, year: Year, tmp_path: Path, language: str
) -> None:
    taken = accept_batch(office, actor_of(office, "training"), batch([record(year, 0)]))
    file = tmp_path / "batch.xml"
    file.write_bytes(mixed(year))
    with served(app) as address, chromium() as browser:
        page = sit_down(browser, address, "training", language, WIDE, scripts=True)
        page.route("**/jobs/**", stand_still)

        def at(path: str, name: str) -> None:
            page.goto(f"{address}/training{path}")
            look(page, name)

        at("", "30-board")
        at("/new", "31-new")
        send(page)
        look(page, "32-new-problems")
        at(f"/{here.order}", "33-desk-first")
        at(f"/{here.order}/correct", "34-correct")
        at(f"/{year.placed}", "35-desk-placed")
        at(f"/{year.placed}/steps/begin_training", "36-step-refused")
        at(f"/{here.order}/programmes/new", "37-programme-new")
        programme = f"/{year.placed}/programmes/{year.placed_ours}"
        at(programme, "38-enrol")
        page.fill("#names", f"{training_year.PEOPLE[0]}\nСыдыков Эрмек\nҮсөнбаева  АЙПЕРИ Нурлановна")
        send(page)
        look(page, "39-review")
        running = f"/{year.running}/programmes/{year.theirs}"
        at(f"/{year.running}", "40-desk-running")
        at(f"/{year.running}/steps/begin_monitoring", "41-step")
        at(f"/{year.running}/moodle", "42-plan")
        send(page)
        page.goto(page.url)  # what a redirect leads to is not routed
        look(page, "43-job")
        at(running, "44-programme")
        at(f"{running}/outcomes", "45-outcomes")
        at("/institutions", "46-institutions")
        at("/institutions/new", "47-institution-new")
        at(f"/institutions/{year.institution}", "48-institution")
        at("/upload", "49-upload")
        page.set_input_files("#file", file)
        send(page)
        look(page, "50-preview")
        send(page)
        look(page, "51-batch")
        at(f"/batches/{taken.batch}", "52-batch-first")


def stand_still(route: Route) -> None:
    """The page of a job reloads itself while the job runs; looked at, it must hold still."""
    answer = route.fetch()
    route.fulfill(response=answer, headers={name: value for name, value in answer.headers.items() if name != "refresh"})


def send(page: Page) -> None:
    press(page, "main form .govuk-button[type=submit] >> nth=-1")


@pytest.mark.parametrize("language", ["ru", "ky"])
def test_an_order_is_carried_on_from_a_phone_without_scripts(
    app: Flask, office: Office, year: Year, language: str
) -> None:
    """Drawn up, approved by the head, placed, one person enrolled, begun: plain forms at 360 px."""
    with served(app) as address, chromium() as browser:
        officer = sit_down(browser, address, "training", language, PHONE, scripts=False)
        officer.goto(f"{address}/training/new")
        entered = {
            "order_code": "ЗО-2026/09",
            "name_ky": "Окутууга заказ",
            "name_ru": "Заказ на обучение",
            "needs": "1",
            "plan_reference": "план № 4",
            "body_funds": "48 200 000",
            "money_planned": "482 000",
            "course_ky": "Этика",
            "course_ru": "Этика",
            "course_code": "ETHICS",
            "hours": "16",
        }
        for name, value in entered.items():
            officer.fill(f"#{name}", value)
        send(officer)
        desk = officer.url
        assert "ЗО-2026/09" in officer.inner_text("main"), officer.inner_text("main")
        head = sit_down(browser, address, "head", language, PHONE, scripts=False)
        step(head, f"{desk}/steps/approve_order", evidence="приказ № 40")
        step(officer, f"{desk}/steps/place_order", contract="договор № 9")
        officer.goto(desk)
        press(officer, "#programmes >> xpath=../.. >> tbody a")
        officer.fill("#names", "Сыдыков Эрмек Асанович")
        send(officer)
        send(officer)
        assert "Сыдыков Эрмек Асанович" in officer.inner_text("main table")
        step(officer, f"{desk}/steps/begin_training")
        assert officer.url == desk


def step(page: Page, address: str, **fields: str) -> None:
    page.goto(address)
    for name, value in fields.items():
        page.fill(f"#{name}", value)
    send(page)
    assert "/steps/" not in page.url, page.inner_text("main")
