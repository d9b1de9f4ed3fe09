"""A candidate who sits on the commission, as the secretary and the member see it, in both languages and widths."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_app.services.office import Office
from tests.web import sitting_day
from tests.web.looking import PHONE, WIDE, look, sit_down
from tests.web.serving import chromium, served
from tests.web.test_commission import base, becomes


@pytest.mark.parametrize("language", ["ru", "ky"])
def test_a_conflict_of_interest_is_seen(app: Flask, office: Office, language: str) -> None:
    day = sitting_day.build(office)
    becomes(office, "member", day.candidates[0], certain=True)
    becomes(office, "member2", day.candidates[1], certain=False)
    with served(app) as address, chromium() as browser:
        secretary = sit_down(browser, address, "secretary", language, WIDE, scripts=True)
        secretary.goto(f"{address}{base(day)}/sitting")
        assert secretary.locator(".kz-note--hot").count() == 1
        look(secretary, "commission.sitting-conflict")
        sitting_day.invited(office, day)
        secretary.goto(f"{address}{base(day)}")
        assert secretary.locator("main .kz-note--hot").count() == 1
        look(secretary, "commission.desk-conflict")
        member = sit_down(browser, address, "member", language, PHONE, scripts=True)
        member.goto(f"{address}{base(day)}/candidates/{day.candidates[2]}")
        assert member.locator("main .kz-note--hot").count() == 1
        look(member, "commission.mark_form-conflict")
