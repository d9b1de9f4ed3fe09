"""The administrator's pages of people: who may open them, adding, roles, passwords, locks, and never shut out."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from flask_app.domain.errors import InvalidInput, Refused
from flask_app.domain.names import fold_name, sort_key
from flask_app.services import people_desk
from flask_app.services.accounts import account
from flask_app.services.authentication import Authentication, SessionLimits
from flask_app.services.bodies import actor_of
from flask_app.services.office import Office
from flask_app.settings import Settings
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.organisation import User
from flask_app.store.models.people import Person
from tests.web.client import PageClient
from tests.web.town import PASSWORD, PEOPLE

ADMIN = frozenset({"admin"})

# Endpoint → (method, address, who is let in).
MATRIX: dict[str, tuple[str, str, frozenset[str]]] = {
    "people.index": ("GET", "/people", ADMIN),
    "people.new": ("GET", "/people/new", ADMIN),
    "people.add": ("POST", "/people/new", ADMIN),
    "people.show": ("GET", "/people/{user}", ADMIN),
    "people.correct_name": ("POST", "/people/{user}/name", ADMIN),
    "people.change_roles": ("POST", "/people/{user}/roles", ADMIN),
    "people.new_password": ("POST", "/people/{user}/password", ADMIN),
    "people.disable": ("POST", "/people/{user}/disable", ADMIN),
    "people.enable": ("POST", "/people/{user}/enable", ADMIN),
    "people.unlock": ("POST", "/people/{user}/unlock", ADMIN),
}
LOOKS = {"people.index", "people.new", "people.show"}
OTHER = "другая длинная фраза"


@pytest.fixture
def door(office: Office, settings: Settings) -> Authentication:
    return Authentication(office, SessionLimits(settings.session_idle, settings.session_length))


def user_id(office: Office, login: str) -> UUID:
    with office.sessions() as session:
        return session.scalars(select(User.id).where(User.login == login)).one()


def act(client: PageClient, office: Office, login: str, deed: str, **data: str | list[str]) -> int:
    """Press a button on the user's page; returns the status."""
    path = f"/people/{user_id(office, login)}"
    answer = client.browser.post(f"{path}/{deed}", data={"form_token": client.token(path), **data})
    return answer.status_code


def test_who_may_open_what(app: Flask, office: Office) -> None:
    """Nobody but the administrator: 403 for the list, 404 for a person; nothing is changed by those who may not."""
    places, wrong = {"user": user_id(office, "bank")}, {}
    for login in [*sorted(PEOPLE), "stranger"]:
        client = PageClient(app).at_work(login)
        token = client.token("/")
        for endpoint, (method, pattern, welcome) in MATRIX.items():
            if login in welcome and endpoint not in LOOKS:
                continue  # what these do is tried below
            data = {"form_token": token} if method == "POST" else None
            status = client.browser.open(pattern.format(**places), method=method, data=data).status_code
            refused = 404 if "{user}" in pattern else 403
            if status != (200 if login in welcome else refused):
                wrong[login, endpoint] = status
    assert not wrong
    assert not account(office, "bank").disabled


def test_the_list_holds_this_body_only_and_says_roles_in_words(client: PageClient, office: Office) -> None:
    client.at_work("admin")
    rows = client.get("/people").rows()
    assert len(rows) == len(PEOPLE)
    assert (
        next(row for row in rows if "Петренко" in row)
        == "Петренко Валерия Игоревна bank редактор банка вопросов открыт"
    )
    client.get(f"/people/{user_id(office, 'stranger')}", 404)
    token = client.token("/people")
    for deed in ("name", "roles", "password", "disable", "enable", "unlock"):
        answer = client.browser.post(f"/people/{user_id(office, 'stranger')}/{deed}", data={"form_token": token})
        assert answer.status_code == 404, deed
    assert not account(office, "stranger").disabled


def test_somebody_is_added_and_the_password_is_shown_once(
    client: PageClient, office: Office, door: Authentication
) -> None:
    client.at_work("admin")
    data = {"form_token": client.token("/people/new"), "login": "jyldyz", "full_name": "Токтосунова  Жылдыз"}
    page = client.post(
        "/people/new", data | {"language": "ky", "role-auditor": "yes", "role-bank_editor": "yes", "password": ""}, 200
    )
    assert page.response.headers["Cache-Control"] == "no-store"
    shown = next("".join(one.itertext()) for one in page.all("span") if "kz-password" in one.get("class", ""))
    assert re.fullmatch(r"\S{12,}", shown)
    assert door.log_in("jyldyz", shown, "r")
    known = account(office, "jyldyz")
    assert (known.name, known.language, known.roles) == ("Токтосунова Жылдыз", "ky", ("bank_editor", "auditor"))
    assert shown not in client.get(f"/people/{user_id(office, 'jyldyz')}").response.get_data(as_text=True)
    with office.work(actor_of(office, "admin")) as work:
        told = work.session.execute(
            select(AuditEvent.actor_login, AuditEvent.action, AuditEvent.after).where(
                AuditEvent.object_id == str(user_id(office, "jyldyz")), AuditEvent.action.startswith("user.")
            )
        ).all()
    assert [(one.actor_login, one.action) for one in told] == [("admin", "user.created")]
    assert shown not in str(told)
    options = {
        "".join(one.itertext()) for one in PageClient(client.app).at_work("hr").get("/commissions/new").all("option")
    }
    assert "Токтосунова Жылдыз (jyldyz)" in options, "who logs in is a person who can be seated"


def test_a_member_known_by_name_is_given_a_log_in(client: PageClient, office: Office, door: Authentication) -> None:
    """The seat goes with the person: who is chosen from the commission's members has it under the new log-in."""
    client.at_work("admin")
    form = client.get("/people/new")
    options = {"".join(one.itertext()): one.get("value", "") for one in form.all("option")}
    assert "Ибраева Чынара Токтогуловна" not in options, "who logs in already is not offered"
    token = client.token("/people/new")
    data = {"form_token": token, "login": "chyngyz", "known": options["Өмүров Чыңгыз"], "language": "ru"}
    page = client.post("/people/new", data | {"password": OTHER}, 200)
    assert OTHER not in page.response.get_data(as_text=True)
    assert account(office, "chyngyz").name == "Өмүров Чыңгыз"
    member = PageClient(client.app)
    assert member.log_in("chyngyz", OTHER).status_code == 303
    assert len(member.get("/commissions").rows()) == 1
    client.post("/people/new", data | {"login": "twice"}, 422)


def test_what_cannot_be_added_is_said_at_its_field(client: PageClient, office: Office) -> None:
    client.at_work("admin")
    good = {"login": "new", "full_name": "Новый Человек", "language": "ru", "password": ""}
    before = len(client.get("/people").rows())
    for changes, field in (
        ({"login": ""}, "login"),
        ({"login": "two words"}, "login"),
        ({"login": "stranger"}, "login"),
        ({"login": "Stranger"}, "login"),
        ({"login": "ｂａｎｋ"}, "login"),
        ({"login": "as\u00a8nova"}, "login"),
        ({"full_name": ""}, "full_name"),
        ({"language": "xx"}, "language"),
        ({"password": "elevensigns"}, "password"),
        ({"password": "x" * 1001}, "password"),
        ({"known": str(user_id(office, "bank"))}, "known"),
    ):
        page = client.post("/people/new", {"form_token": client.token("/people/new"), **good, **changes}, 422)
        assert page.all("a", href=f"#{field}"), changes
        assert "elevensigns" not in page.response.get_data(as_text=True)
    assert len(client.get("/people").rows()) == before


def test_roles_are_given_and_taken_under_the_administrators_name(client: PageClient, office: Office) -> None:
    client.at_work("admin")
    with office.work(actor_of(office, "admin")) as work:  # meanwhile, somebody else
        people_desk.change_roles(work, user_id(office, "bank"), ["auditor"], [])
    shown: dict[str, str | list[str]] = {"shown": ["bank_editor"], "role-test_operator": "yes"}
    assert act(client, office, "bank", "roles", **shown) == 303
    assert account(office, "bank").roles == ("test_operator", "auditor"), "what was given meanwhile stays"
    with office.work(actor_of(office, "auditor")) as work:
        told = work.session.execute(
            select(AuditEvent.actor_login, AuditEvent.action)
            .where(AuditEvent.object_id == str(user_id(office, "bank")), AuditEvent.action.startswith("user.role"))
            .order_by(AuditEvent.id)
        ).all()
    assert [tuple(one) for one in told] == [
        ("admin", "user.role_granted"),
        ("admin", "user.role_granted"),
        ("admin", "user.role_revoked"),
    ]


def test_a_name_is_corrected(client: PageClient, office: Office) -> None:
    before = account(office, "head").name
    client.at_work("admin")
    path = f"/people/{user_id(office, 'head')}"
    for wrong in ("", before):
        refused = client.post(f"{path}/name", {"form_token": client.token(path), "full_name": wrong}, 422)
        assert refused.all("a", href="#full_name"), wrong
    assert act(client, office, "head", "name", full_name="Асанова  Гүлмира Токтобековна") == 303
    assert "Имя исправлено" in client.get(f"{path}?done=name").text
    with office.work(actor_of(office, "admin")) as work:
        user = work.get(User, user_id(office, "head"))
        assert user.person_id is not None
        person = work.get(Person, user.person_id)
        assert (user.name, person.name) == ("Асанова Гүлмира Токтобековна",) * 2
        assert (person.sort_key, person.folded_name) == (sort_key(person.name), fold_name(person.name))
        told = work.session.execute(
            select(AuditEvent.actor_login, AuditEvent.before, AuditEvent.after).where(
                AuditEvent.action == "user.name_corrected"
            )
        ).all()
    assert [tuple(one) for one in told] == [("admin", {}, {"login": "head"})], "a log nobody can erase names nobody"


def test_a_login_is_one_whatever_its_case(client: PageClient, office: Office, door: Authentication) -> None:
    assert door.log_in(" BANK ", PASSWORD, "r")
    assert door.log_in("Ｂank", PASSWORD, "r")
    assert account(office, "Bank").login == actor_of(office, "bANK").login == "bank"
    with pytest.raises(IntegrityError), office.work(actor_of(office, "admin")) as work:
        work.add(User(login="BANK", name="Второй", password_hash="-"))
        work.session.flush()


def test_wrong_passwords_are_counted_together_whatever_the_case(door: Authentication) -> None:
    """A known login and one nobody has are locked alike: the lock tells nothing."""
    for login in ("bank", "nobody"):
        for typed in (login, login.upper(), login.title(), login, login):
            with pytest.raises(InvalidInput):
                door.log_in(typed, "wrong", "r")
        with pytest.raises(Refused) as locked:
            door.log_in(login.upper(), "wrong", "r")
        assert locked.value.code == "account.locked"


def test_a_refusal_over_the_last_administrator_keeps_what_was_ticked(client: PageClient, office: Office) -> None:
    client.at_work("admin")
    path = f"/people/{user_id(office, 'admin')}"
    ticked = {"shown": ["administrator"], "role-auditor": "yes", "role-hr_officer": "yes"}
    page = client.post(f"{path}/roles", {"form_token": client.token(path), **ticked}, 409)
    assert page.all("a", href="#role-administrator")
    assert {one.get("name") for one in page.all("input", type="checkbox") if one.get("checked") is not None} == {
        "role-auditor",
        "role-hr_officer",
    }
    assert [one.get("value") for one in page.all("input", name="shown")] == ["administrator"]
    assert "Сначала дайте роль администратора другому человеку" in page.text
    assert account(office, "admin").roles == ("administrator",)
    page = client.post(f"{path}/disable", {"form_token": client.token(path)}, 409)
    assert page.all("a", href="#switch")
    assert "Попросите другого администратора" in page.text


def test_what_was_done_is_said(client: PageClient, office: Office, door: Authentication) -> None:
    client.at_work("admin")
    path = f"/people/{user_id(office, 'bank')}"
    token = client.token(path)

    def after(deed: str, **data: str | list[str]) -> str:
        answer = client.browser.post(f"{path}/{deed}", data={"form_token": token, **data})
        said = client.get(answer.headers["Location"]).all("div", role="status")
        return "".join(said[0].itertext()).strip()

    assert after("roles", shown=["bank_editor"], **{"role-bank_editor": "yes", "role-auditor": "yes"}).startswith("Роли с")
    assert after("roles", shown=["auditor"], **{"role-auditor": "yes"}).startswith("Роли не менялись")
    assert after("disable").startswith("Человек отключён")
    assert after("enable").startswith("Доступ возвращён")
    for _ in range(5):
        with pytest.raises(InvalidInput):
            door.log_in("bank", "wrong", "r")
    assert after("unlock").startswith("Вход открыт")
    assert not client.get(f"{path}?done=nonsense").all("div", role="status")


def test_nobody_is_left_without_an_administrator(client: PageClient, office: Office) -> None:
    client.at_work("admin")
    assert act(client, office, "admin", "disable") == 409
    assert act(client, office, "admin", "roles", shown=["administrator"]) == 409
    assert account(office, "admin").roles == ("administrator",)
    assert act(client, office, "bank", "roles", shown=["bank_editor"], **{"role-administrator": "yes"}) == 303
    assert act(client, office, "admin", "disable") == 409, "nobody disables themselves, another administrator or not"
    assert act(client, office, "admin", "roles", shown=["administrator"]) == 303
    assert client.raw_get("/people").status_code == 403, "roles are read anew for every page"
    with pytest.raises(Refused) as refused, office.work(actor_of(office, "bank")) as work:
        people_desk.change_roles(work, user_id(office, "bank"), [], ["administrator"])
    assert refused.value.code == "account.last_administrator"
    with office.work(actor_of(office, "bank")) as work:
        people_desk.change_roles(work, user_id(office, "admin"), ["administrator"], [])
        people_desk.switch(work, user_id(office, "admin"), disabled=True)
    with pytest.raises(Refused), office.work(actor_of(office, "bank")) as work:
        people_desk.change_roles(work, user_id(office, "bank"), [], ["administrator"])  # one who cannot log in is none


def test_disabled_enabled_and_a_new_password(client: PageClient, office: Office, door: Authentication) -> None:
    client.at_work("admin")
    secret = door.log_in("bank", PASSWORD, "r")
    assert act(client, office, "bank", "disable") == 303
    assert door.recognise(secret) is None
    assert "отключён" in client.get("/people").rows()[-1], "whoever is disabled comes last"
    assert act(client, office, "bank", "disable") == 409
    assert act(client, office, "bank", "enable") == 303
    assert act(client, office, "bank", "password", password="short") == 422
    path = f"/people/{user_id(office, 'bank')}"
    page = client.post(f"{path}/password", {"form_token": client.token(path)}, 200)
    made = next("".join(one.itertext()) for one in page.all("span") if "kz-password" in one.get("class", ""))
    assert door.log_in("bank", made, "r")
    with pytest.raises(InvalidInput):
        door.log_in("bank", PASSWORD, "r")


def test_a_lock_is_shown_and_lifted(client: PageClient, office: Office, door: Authentication) -> None:
    client.at_work("admin")
    assert act(client, office, "bank", "unlock") == 409
    for _ in range(5):
        with pytest.raises(InvalidInput):
            door.log_in("bank", "wrong", "r")
    assert "закрыт до 14:19" in next(row for row in client.get("/people").rows() if "Петренко" in row)
    assert act(client, office, "bank", "unlock") == 303
    assert door.log_in("bank", PASSWORD, "r")
