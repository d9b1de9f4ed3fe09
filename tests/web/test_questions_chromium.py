"""The pages where questions are made in a real browser: Russian and Kyrgyz, both widths, axe on each; live preview."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask

from flask_app.services.office import Office
from tests.web.looking import WIDE, look, press, sit_down
from tests.web.serving import chromium, served
from tests.web.test_questions import BLUEPRINT, FIELDS, RU, Browsers, answered, as_, bank, create, send, shipped, step

__all__ = ["as_", "bank", "shipped"]


@pytest.mark.parametrize("language", ["ru", "ky"])
def test_the_pages_of_questions(app: Flask, as_: Browsers, bank: UUID, office: Office, language: str) -> None:
    author, other = as_("bank"), as_("bank2")
    item = create(author, bank)
    send(other, f"{item}/comments", language="ru", quote="ведёт учёт", text="Лучше «хранит»")
    send(author, f"{item}/edit", version="1", **{**FIELDS, "text_ru": RU.replace("ведёт", "хранит")})
    ready = create(author, bank, group="desk-009", text_ru=RU.replace("резерва", "архива"))
    step(author, ready, "submit", 1)
    step(other, ready, "pass_review", 2)
    step(other, ready, "approve", 3)
    answered(office)
    builder = send(author, "/questions/blueprints/new", **BLUEPRINT, do="keep")
    with served(app) as address, chromium() as browser:
        page = sit_down(browser, address, "bank", language, WIDE, scripts=True)

        def at(path: str, name: str) -> None:
            page.goto(f"{address}{path}")
            look(page, f"{name}-{language}")

        at("/questions?all=1", "60-questions")
        at(item, "61-question")
        at(f"{item}/edit", "62-editor")
        at(f"{item}/versions/2", "63-compare")
        at(f"/questions/banks/{bank}/import", "64-import")
        bad = f"// [id:d-1.ru]\n::a::{RU.replace('резерва', 'фонда')}\n\n// [id:d-2.ru]\n::b::{RU.replace('=', '~')}\n"
        bad += f"\n// [id:{FIELDS['group']}.ru] [tag:difficulty:medium]\n::c::{RU}\n"  # known, and said to be easier
        page.set_input_files("#file", {"name": "bank.gift", "mimeType": "text/plain", "buffer": bad.encode()})
        press(page, "main form button[type=submit]")
        look(page, f"65-import-preview-{language}")
        at(f"/questions/banks/{bank}/releases", "66-releases")
        at(f"/questions/banks/{bank}/statistics", "67-statistics")
        at("/questions/blueprints", "68-blueprints")
        at(builder, "69-blueprint")


def test_the_preview_follows_the_typing_and_the_button_works_without_scripts(app: Flask, bank: UUID) -> None:
    with served(app) as address, chromium() as browser:
        live = sit_down(browser, address, "bank", "ru", WIDE, scripts=True)
        live.goto(f"{address}/questions/banks/{bank}/new")
        live.fill("#text_ru", RU)
        live.wait_for_selector("#shown .kz-que", timeout=8000)
        assert live.input_value("#text_ru") == RU
        live.fill("#text_ru", RU.replace("=", "~"))
        live.wait_for_selector("#shown .is-bad", timeout=8000)
        plain = sit_down(browser, address, "bank", "ru", WIDE, scripts=False)
        plain.goto(f"{address}/questions/banks/{bank}/new")
        plain.fill("#text_ru", RU)
        press(plain, "button[formaction]")
        assert plain.query_selector("#shown .kz-que") is not None
        assert plain.input_value("#text_ru").strip() == RU
        plain.keyboard.press("Tab")
        assert plain.evaluate("document.activeElement.className") != ""
