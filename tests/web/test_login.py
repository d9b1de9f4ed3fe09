"""The door: who comes in, who does not, and what a guesser learns."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from flask_app.domain.errors import InvalidInput, Refused
from flask_app.services.authentication import HASHES_AT_ONCE, LONGEST_LOCK, lock_after, token_hash
from flask_app.services.office import Office
from flask_app.settings import Settings
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.organisation import User, WebSession
from flask_app.web import create_app
from tests.web.client import Page, PageClient
from tests.web.conftest import Clock
from tests.web.town import NOW, PASSWORD

COOKIE = "kyzmat"


def cookie_of(client: PageClient, name: str = COOKIE) -> str:
    found = client.browser.get_cookie(name)
    return "" if found is None else found.value


def wrong(client: PageClient, login: str) -> tuple[int, str]:
    data = {"login": login, "password": "не тот пароль", "form_token": client.token()}
    answer = client.browser.post("/login", data=data)
    text = re.sub(r"<input[^>]*>|nonce=\"[^\"]*\"", "", answer.get_data(as_text=True))
    return answer.status_code, text


def actions_of(sessions: sessionmaker[Session], login: str) -> list[str]:
    with sessions() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.actor_login == login).order_by(AuditEvent.id))
        return [event.action for event in events if event.action.startswith("account.")]


def test_the_right_password_opens_the_first_page(client: PageClient) -> None:
    answer = client.log_in("hr")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert client.get("/").heading == "Моя работа"


def test_the_page_that_was_wanted_is_come_back_to(client: PageClient) -> None:
    asked = client.raw_get("/papers?state=signing")
    assert asked.status_code == 303
    page = client.get(asked.headers["Location"])
    target = page.all("input", name="next")[0].get("value", "")
    assert client.log_in("hr", target=target).headers["Location"] == "/papers?state=signing"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_to_another_site(client: PageClient, target: str) -> None:
    assert client.log_in("hr", target=target).headers["Location"] == "/"


def test_an_unknown_login_and_a_wrong_password_get_the_same_answer(app: Flask) -> None:
    known, unknown = wrong(PageClient(app), "hr"), wrong(PageClient(app), "hx")
    assert known[0] == unknown[0] == 422
    assert known[1].replace(">hr<", "").replace('"hr"', "") == unknown[1].replace(">hx<", "").replace('"hx"', "")


def test_both_cost_a_hash(client: PageClient, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    authentication = app.extensions["kyzmat"].authentication
    verify = authentication._hasher.verify

    class Counting:
        def __getattr__(self, name: str) -> object:
            return getattr(authentication_hasher, name)

        def verify(self, hashed: str, password: str) -> bool:
            asked.append(hashed.split("$")[3])
            return bool(verify(hashed, password))

    authentication_hasher = authentication._hasher
    monkeypatch.setattr(authentication, "_hasher", Counting())
    wrong(client, "hr")
    wrong(client, "nobody-here")
    assert len(asked) == 2
    assert asked[0] == asked[1], "the dummy hash is cheaper or dearer than a real one"


def test_a_disabled_user_is_told_nothing_else(client: PageClient, session_factory: sessionmaker[Session]) -> None:
    with session_factory() as session, session.begin():
        session.scalars(select(User).where(User.login == "hr")).one().disabled = True
    answer = client.log_in("hr")
    assert answer.status_code == 422
    assert cookie_of(client) == ""


@pytest.mark.parametrize("login", ["hr", "a-stranger"])
def test_after_five_wrong_passwords_the_account_is_closed_and_the_time_is_told(
    client: PageClient, clock: Clock, login: str
) -> None:
    client.raw_get("/login?lang=ru")
    assert [wrong(client, login)[0] for _ in range(5)] == [422] * 5
    status, text = wrong(client, login)
    assert status == 429
    assert "закрыт ещё на 1 минуту" in text
    assert client.log_in(login).status_code == 429, "the right password does not help while it is closed"
    clock.forward(timedelta(minutes=1, seconds=1))
    assert client.log_in(login).status_code == (303 if login == "hr" else 422)


def test_the_pause_grows_to_an_hour() -> None:
    pauses = [(lock_after(n, NOW) or NOW) - NOW for n in range(4, 14)]
    minutes = [round(pause.total_seconds() / 60) for pause in pauses]
    assert minutes == [0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert lock_after(10_000, NOW) == NOW + LONGEST_LOCK


def test_a_good_log_in_forgives_the_failures(client: PageClient, session_factory: sessionmaker[Session]) -> None:
    for _ in range(3):
        wrong(client, "hr")
    client.at_work("hr")
    with session_factory() as session:
        assert session.scalars(select(User.failures).where(User.login == "hr")).one() == 0


def test_the_log_tells_of_coming_going_and_failing(client: PageClient, session_factory: sessionmaker[Session]) -> None:
    wrong(client, "hr")
    client.at_work("hr")
    client.browser.post("/logout", data={"form_token": client.token("/")})
    assert actions_of(session_factory, "hr") == [
        "account.log_in_failed",
        "account.logged_in",
        "account.logged_out",
    ]


def test_log_out_ends_the_session_in_the_database(client: PageClient) -> None:
    client.at_work("hr")
    secret = cookie_of(client)
    answer = client.browser.post("/logout", data={"form_token": client.token("/")})
    assert answer.status_code == 303
    client.browser.set_cookie(COOKIE, secret)
    assert client.raw_get("/").headers["Location"].startswith("/login")


def test_a_planted_session_id_is_worth_nothing(client: PageClient, session_factory: sessionmaker[Session]) -> None:
    client.browser.set_cookie(COOKIE, "planted")
    client.at_work("hr")
    secret = cookie_of(client)
    assert secret != "planted"
    with session_factory() as session:
        hashes = session.scalars(select(WebSession.token_hash)).all()
    assert hashes == [token_hash(secret)]
    assert secret not in hashes


def test_each_log_in_is_a_session_of_its_own(app: Flask) -> None:
    first, second = PageClient(app).at_work("hr"), PageClient(app).at_work("hr")
    assert cookie_of(first) != cookie_of(second)
    first.browser.post("/logout", data={"form_token": first.token("/")})
    assert second.get("/").status == 200


def test_an_idle_session_ends(client: PageClient, clock: Clock) -> None:
    client.at_work("hr")
    clock.forward(timedelta(minutes=29))
    client.get("/")
    clock.forward(timedelta(minutes=29))
    client.get("/")
    clock.forward(timedelta(minutes=31))
    assert client.raw_get("/").status_code == 303


@pytest.mark.parametrize(("language", "heading"), [("ru", "Сеанс работы закончился"), ("ky", "Иш сеансыңыз аяктады")])
def test_who_sends_a_form_after_the_session_ended_is_told_so_and_led_back(
    client: PageClient, clock: Clock, language: str, heading: str
) -> None:
    client.at_work("hr")
    client.raw_get(f"/?lang={language}")
    data = {"form_token": client.token("/procedures/new"), "title_ru": "Специалист"}
    clock.forward(timedelta(minutes=31))
    sent = {"Referer": "http://localhost/procedures/new?step=2", "Accept-Language": "en"}
    answer = client.browser.post("/procedures/new", data=data, headers=sent)
    page = Page(answer)
    assert (answer.status_code, page.heading) == (403, heading), "in the language of the work, not the browser's"
    assert "/login?next=/procedures/new?step%3D2" in page.links()
    elsewhere = client.browser.post("/procedures/new", data=data, headers={"Origin": "https://elsewhere.example"})
    assert elsewhere.status_code == 400


def test_a_session_ends_after_its_length_however_busy(client: PageClient, clock: Clock) -> None:
    client.at_work("hr")
    for _ in range(29):
        clock.forward(timedelta(minutes=20))
        client.get("/papers")
    clock.forward(timedelta(minutes=20))
    assert client.raw_get("/").status_code == 303


def test_the_cookie_is_out_of_reach(client: PageClient) -> None:
    header = next(c for c in client.log_in("hr").headers.getlist("Set-Cookie") if c.startswith("kyzmat="))
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "Secure" not in header


def test_over_https_the_cookie_is_secure(office: Office, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, public_url="https://kyzmat.example")
    headers = PageClient(create_app(office, settings)).log_in("hr").headers
    session = next(c for c in headers.getlist("Set-Cookie") if c.startswith("kyzmat="))
    assert "Secure" in session
    assert "max-age" in headers["Strict-Transport-Security"]


# -- forms from elsewhere ----------------------------------------------------------------------------------------------


def test_a_form_without_the_token_changes_nothing(client: PageClient) -> None:
    client.at_work("hr")
    assert client.post("/logout", {}, 400).heading == "Форма устарела"
    assert client.get("/").status == 200


def test_a_token_of_another_session_does_not_fit(app: Flask) -> None:
    mine, theirs = PageClient(app).at_work("hr"), PageClient(app).at_work("head")
    assert mine.browser.post("/logout", data={"form_token": theirs.token("/")}).status_code == 400


def test_a_log_in_form_is_tied_to_the_browser_it_was_shown_in(app: Flask) -> None:
    token = PageClient(app).token()
    other = PageClient(app)
    other.token()
    data = {"login": "hr", "password": PASSWORD, "form_token": token}
    assert other.browser.post("/login", data=data).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:81"},
        {"Referer": "https://evil.example/form"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    ],
)
def test_a_form_of_another_site_is_refused_even_with_the_token(client: PageClient, headers: dict[str, str]) -> None:
    client.at_work("hr")
    data = {"form_token": client.token("/")}
    assert client.browser.post("/logout", data=data, headers=headers).status_code == 400
    fitting = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert client.browser.post("/logout", data=data, headers=fitting).status_code == 303


@pytest.mark.parametrize("login", ["", " ", "hr\x00", "\x00", "x" * 5000, "hr' or '1'='1", "ҢӨҮ"])
def test_odd_logins_are_simply_wrong(client: PageClient, login: str) -> None:
    data = {"login": login, "password": PASSWORD + "x", "form_token": client.token()}
    client.post("/login", data, 422)


@pytest.mark.parametrize("password", ["", "\x00", "п" * 20_000])
def test_odd_passwords_are_simply_wrong(client: PageClient, password: str) -> None:
    client.post("/login", {"login": "hr", "password": password, "form_token": client.token()}, 422)


def test_of_many_guesses_at_once_none_slips_past_the_lock_out(
    app: Flask, session_factory: sessionmaker[Session]
) -> None:
    authentication = app.extensions["kyzmat"].authentication
    with session_factory() as session:
        user = session.scalars(select(User).where(User.login == "hr")).one()
    for _ in range(4):
        with pytest.raises(InvalidInput):
            authentication._settle(user, False, "guess", "", "")
    with pytest.raises(InvalidInput):
        authentication._settle(user, False, "guess", "", "")
    with pytest.raises(Refused) as late:
        authentication._settle(user, True, PASSWORD, "", "")
    assert late.value.code == "account.locked", "a right guess that was hashed before the lock fell comes too late"


def test_a_flood_of_log_ins_waits_for_its_turn_and_is_told_so(
    app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    authentication = app.extensions["kyzmat"].authentication
    monkeypatch.setattr("flask_app.services.authentication.WAIT_FOR_HASH", 0.01)
    for _ in range(HASHES_AT_ONCE):
        authentication._turns.acquire()
    page = client.post("/login", {"login": "hr", "password": PASSWORD, "form_token": client.token()}, 503)
    assert "не рассмотрена" in page.text or "каралган жок" in page.text
    for _ in range(HASHES_AT_ONCE):
        authentication._turns.release()
    client.at_work("hr")
