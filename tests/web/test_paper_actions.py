"""Papers: drafted, sent on, returned, signed; refused with a reason where they may not be."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from flask_app.services.bodies import actor_of
from flask_app.services.office import Office
from flask_app.store.models.commissions import Meeting
from flask_app.store.models.documents import Document
from tests.web import town
from tests.web.client import PageClient
from tests.web.conftest import QueryCount
from tests.web.test_commission import fields, send

Browsers = Callable[[str], PageClient]


@pytest.fixture
def as_(app: Flask) -> Browsers:
    known: dict[str, PageClient] = {}

    def browser(login: str) -> PageClient:
        if login not in known:
            known[login] = PageClient(app).at_work(login)
        return known[login]

    return browser


def state_of(office: Office, here: town.Town) -> str:
    with office.work(actor_of(office, "hr")) as work:
        return work.get(Document, here.protocol).state


def about(here: town.Town) -> str:
    return f"/papers/about/competition/{here.decided}"


def test_only_who_keeps_drafts_gets_a_form(as_: Browsers, here: town.Town) -> None:
    kinds = {"D11", "D19"}
    for login in ("secretary", "hr"):
        offered = [form.get("action", "") for form in as_(login).get(about(here)).all("form")]
        assert {action.rpartition("/")[2] for action in offered if "/about/" in action} == kinds, login
    for login in ("chair", "member", "head", "auditor"):
        page = as_(login).get(about(here))
        assert not [form for form in page.all("form") if "/about/" in (form.get("action") or "")], login
        sent = {"form_token": as_(login).token("/")}
        as_(login).post(f"{about(here)}/D11", sent, 403)


def test_a_paper_of_another_kind_of_procedure_is_refused(as_: Browsers, here: town.Town) -> None:
    secretary = as_("secretary")
    secretary.post(f"{about(here)}/D53", {"form_token": secretary.token("/")}, 422)


def test_an_order_without_a_signed_protocol_says_why(as_: Browsers, here: town.Town) -> None:
    secretary, action = as_("secretary"), f"{about(here)}/D19"
    sent = fields(secretary.get(about(here)), action)
    assert "Протокол комиссии не подписан" in secretary.post(action, sent, 409).text
    page = secretary.post(action, sent | {"probation_months": "99"}, 409)
    assert "Испытательный срок длиннее разрешённого" in page.text
    assert fields(page, action)["probation_months"] == "99", "what was typed stays"


def test_without_a_winner_the_order_is_not_offered_and_says_why(as_: Browsers, office: Office, here: town.Town) -> None:
    with office.work(actor_of(office, "hr")) as work:
        work.session.scalars(select(Meeting).where(Meeting.competition_id == here.decided)).one().winner_id = None
    page = as_("secretary").get(about(here))
    assert not [form for form in page.all("form") if (form.get("action") or "").endswith("/D19")]
    assert [form for form in page.all("form") if (form.get("action") or "").endswith("/D11")]
    assert "Победителя нет, назначать некого" in page.text
    assert "Победителя нет" not in as_("head").get(about(here)).text, "who drafts nothing is not told"
    sent = {"form_token": as_("secretary").token("/"), "appointed_from": "27.04.2026", "probation_months": "0"}
    assert "Победителя нет" in as_("secretary").post(f"{about(here)}/D19", sent, 409).text


def test_after_an_annulled_protocol_a_new_one_is_offered(as_: Browsers, office: Office, here: town.Town) -> None:
    with office.work(actor_of(office, "hr")) as work:
        work.get(Document, here.protocol).state = "annulled"
    page = as_("secretary").get(about(here))
    assert f"/papers/{here.protocol}/steps" in page.links(), "the annulled one stays to be read"
    assert [form for form in page.all("form") if (form.get("action") or "") == f"{about(here)}/D16"]
    assert not [f for f in as_("head").get(about(here)).all("form") if (f.get("action") or "").endswith("/D16")]


def test_returning_needs_a_reason(as_: Browsers, office: Office, here: town.Town) -> None:
    chair, path = as_("chair"), f"/papers/{here.protocol}/steps/return"
    sent = fields(chair.get(path), path)
    page = chair.post(path, sent, 422)
    assert "#reason" in page.links(), "the form comes back and leads to the field"
    assert state_of(office, here) == "signing"
    send(chair, path, path, reason="нет приложения")
    assert state_of(office, here) == "draft"
    assert "нет приложения" in chair.get(f"/papers/{here.protocol}").text


def test_the_page_for_signing_says_what_signing_does(as_: Browsers, here: town.Town) -> None:
    chair = as_("chair")
    chair.raw_get("/?lang=ru")
    page = chair.get(f"/papers/{here.protocol}/steps/sign")
    assert "следующий номер серии P за 2026 год" in page.text
    assert "Молдокулов Руслан Асанович" in page.text


def test_the_wrong_signer_is_told_why(as_: Browsers, office: Office, here: town.Town) -> None:
    head, path = as_("head"), f"/papers/{here.protocol}/steps"
    page = head.get(f"{path}/sign")
    assert not [form for form in page.all("form") if (form.get("action") or "").endswith("/sign")]
    other = fields(head.get(f"{path}/return"), f"{path}/return")
    head.post(f"{path}/sign", other, 409)
    assert state_of(office, here) == "signing"


def test_an_old_page_signs_nothing(as_: Browsers, office: Office, here: town.Town) -> None:
    chair, path = as_("chair"), f"/papers/{here.protocol}/steps/sign"
    chair.post(path, fields(chair.get(path), path) | {"version": "0"}, 409)
    chair.post(path, fields(chair.get(path), path) | {"version": ""}, 422)
    assert state_of(office, here) == "signing"


PAGES = ("/papers/about/competition/{decided}", "/papers/{protocol}/steps", "/papers/{protocol}/steps/sign")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("login", "status"),
    [("secretary", 200), ("chair", 200), ("member", 200), ("head", 200), ("bank", 404), ("stranger", 404)],
)
def test_who_may_open_what(as_: Browsers, here: town.Town, page: str, login: str, status: int) -> None:
    path = page.format(**vars(here))
    if path.endswith("/sign") and login in ("secretary", "member"):
        status = 404  # signing is no step of theirs: there is no such page
    as_(login).get(path, status)


def test_queries(as_: Browsers, here: town.Town, queries: QueryCount) -> None:
    browser = as_("chair")
    for page in PAGES:
        queries.statements.clear()
        browser.get(page.format(**vars(here)))
        assert len(queries.statements) <= 15, (page, len(queries.statements))
