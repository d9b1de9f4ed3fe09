"""The pages of standing commissions: who may open them, forming one, and who joins and leaves."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from flask_app.services.bodies import actor_of
from flask_app.services.commissions import members_of
from flask_app.services.office import Office
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.commissions import Commission, CommissionMember
from flask_app.store.models.people import Person
from tests.web.client import Page, PageClient
from tests.web.town import PEOPLE, TODAY, Town

EVERYBODY = frozenset(PEOPLE)
READERS = frozenset({"hr", "secretary", "chair", "head", "auditor", "member"})
KEEPERS = frozenset({"hr", "head"})

# Endpoint → (method, address, who is let in). The member has its seat and no role in the body.
MATRIX: dict[str, tuple[str, str, frozenset[str]]] = {
    "commissions.index": ("GET", "/commissions", EVERYBODY),
    "commissions.new": ("GET", "/commissions/new", KEEPERS),
    "commissions.form_new": ("POST", "/commissions/new", KEEPERS),
    "commissions.show": ("GET", "/commissions/{commission}", READERS),
    "commissions.new_seat": ("GET", "/commissions/{commission}/seats/new", KEEPERS),
    "commissions.take_seat": ("POST", "/commissions/{commission}/seats/new", KEEPERS),
    "commissions.leaving": ("GET", "/commissions/{commission}/seats/{seat}/end", KEEPERS),
    "commissions.leave": ("POST", "/commissions/{commission}/seats/{seat}/end", KEEPERS),
}
OF_NOTHING = {"commissions.index", "commissions.new", "commissions.form_new"}
"""Pages about no commission, so that another body's people have their own."""


@pytest.fixture
def town_commission(office: Office, here: Town) -> UUID:
    with office.work(actor_of(office, "hr")) as work:
        return work.session.scalars(select(Commission.id)).one()


def seat_of(office: Office, commission: UUID, name: str) -> UUID:
    with office.work(actor_of(office, "hr")) as work:
        return work.session.scalars(
            select(CommissionMember.id)
            .join(Person, Person.id == CommissionMember.person_id)
            .where(CommissionMember.commission_id == commission, Person.name == name)
        ).one()


def person_of(office: Office, login: str) -> str:
    return str(actor_of(office, login).person_id)


def test_who_may_open_what(app: Flask, office: Office, town_commission: UUID) -> None:
    """Forms go out empty and change nothing: who is let in is told what is missing."""
    places = {"commission": town_commission, "seat": seat_of(office, town_commission, "Өмүров Чыңгыз")}
    wrong = {}
    for login in [*sorted(EVERYBODY), "stranger"]:
        client = PageClient(app).at_work(login)
        token = client.token("/")
        for endpoint, (method, pattern, welcome) in MATRIX.items():
            data = {"form_token": token} if method == "POST" else None
            status = client.browser.open(pattern.format(**places), method=method, data=data).status_code
            own = login == "stranger" and endpoint in OF_NOTHING
            allowed = (200, 422) if login in welcome or own else (404,) if login == "stranger" else (403, 404)
            if status not in allowed:
                wrong[login, endpoint] = status
    assert not wrong


def test_who_may_look_but_not_change_is_told_so(app: Flask, office: Office, town_commission: UUID) -> None:
    for login, status in (("auditor", 403), ("member", 403), ("bank", 404)):
        client = PageClient(app).at_work(login)
        client.get(f"/commissions/{town_commission}/seats/new", status)
        assert ("/commissions/new" in client.get("/commissions").links()) is False
    assert PageClient(app).at_work("admin").get("/commissions").rows() == []
    assert "Конкурсная комиссия" in PageClient(app).at_work("member").get("/commissions").rows()[0]


def sheet(**more: str) -> dict[str, str]:
    """A commission of three, two of them known to the panel, as the form sends it."""
    typed = {
        "rows": "5",
        "name_ky": "Аттестациялык комиссия",
        "name_ru": "Аттестационная комиссия",
        "kind_competition": "yes",
        "kind_attestation": "yes",
        "formed_on": "01.04.2026",
        "basis": "приказ № 14-О от 1 апреля 2026 года",
    }
    for number, role in enumerate(("chair", "member", "member", "member", "secretary"), start=1):
        typed[f"seat-{number}-role"] = role
    return typed | more


def seats(office: Office) -> dict[str, str]:
    filled = {"seat-1-person": person_of(office, "head"), "seat-5-person": person_of(office, "secretary")}
    filled["seat-2-other"] = "Кулматов  Эмил Жолдошевич"
    for number in (1, 2, 5):
        filled |= {f"seat-{number}-post_ky": "башкы адис", f"seat-{number}-post_ru": "главный специалист"}
    return filled


def problems(page: Page) -> dict[str, str]:
    """Anchor → sentence, of the summary on top."""
    summary = [one for one in page.all("div") if "govuk-error-summary" in one.get("class", "").split()]
    return {a.get("href", "")[1:]: "".join(a.itertext()) for one in summary for a in one.iter("a")}


def send(client: PageClient, path: str, data: dict[str, str], status: int = 422) -> Page:
    return client.post(path, {"form_token": client.token(path), **data}, status)


def test_a_commission_is_formed_from_the_page(client: PageClient, office: Office, town_commission: UUID) -> None:
    client.at_work("hr")
    data = {"form_token": client.token("/commissions/new"), **sheet(), **seats(office)}
    answer = client.browser.post("/commissions/new", data=data)
    assert answer.status_code == 303
    formed = UUID(answer.headers["Location"].rpartition("/")[2])
    page = client.get(f"/commissions/{formed}")
    assert page.heading == "Аттестационная комиссия"
    assert "приказ № 14-О от 1 апреля 2026 года" in page.text
    assert "башкы адис" in page.rows()[0]
    with office.work(actor_of(office, "hr")) as work:
        members = members_of(work, formed)
        assert [(one.role, one.votes) for one in members] == [("chair", True), ("member", True), ("secretary", False)]
        assert work.get(Person, members[1].person_id).name == "Кулматов Эмил Жолдошевич"
        assert work.get(Commission, formed).kinds == ["competition", "attestation"]
        assert (
            work.session.scalar(
                select(AuditEvent.actor_login).where(
                    AuditEvent.action == "commission.formed", AuditEvent.object_id == str(formed)
                )
            )
            == "hr"
        )
    listed = client.get("/commissions").rows()
    assert [row.startswith(name) for row, name in zip(listed, ("Аттестационная", "Конкурсная"), strict=True)] == [
        True
    ] * 2
    assert str(formed) in "".join(PageClient(client.app).at_work("secretary").get("/commissions").links())


def test_more_rows_and_another_language_save_nothing_and_lose_nothing(
    client: PageClient, office: Office, town_commission: UUID
) -> None:
    client.at_work("head")
    page = send(client, "/commissions/new", sheet(go="more", **seats(office)), 200)
    assert page.all("input", name="rows")[0].get("value") == "8"
    assert page.all("input", name="seat-2-other")[0].get("value") == "Кулматов  Эмил Жолдошевич"
    assert problems(page) == {}
    page = send(client, "/commissions/new", sheet(lang="ky", name_ru=""), 200)
    assert (page.language, problems(page)) == ("ky", {})
    assert page.all("input", name="basis")[0].get("value") == "приказ № 14-О от 1 апреля 2026 года"
    with office.work(actor_of(office, "hr")) as work:
        assert work.session.scalars(select(Commission.id)).all() == [town_commission]


WRONG = (
    ({"name_ru": ""}, {"name_ru"}),
    ({"kind_competition": "", "kind_attestation": ""}, {"kind_competition"}),
    ({"formed_on": "31.02.2026"}, {"formed_on"}),
    ({"formed_on": "17.04.2026"}, {"formed_on"}),
    ({"basis": ""}, {"basis"}),
    ({"seat-1-role": "member"}, {"seat-1-person"}),
    ({"seat-2-role": "chair"}, {"seat-2-role"}),
    ({"seat-2-post_ky": ""}, {"seat-2-post_ky"}),
    ({"seat-2-other": ""}, {"seat-2-person"}),
    ({"seat-2-other": "ибраева чынара  токтогуловна"}, {"seat-2-other"}),
    ({"seat-1-other": "Кто-то Ещё"}, {"seat-1-other"}),
    ({"seat-2-other": "Yсөнов Эмил"}, {"seat-2-other"}),
    ({"seat-1-person": str(uuid4())}, {"seat-1-person"}),
    ({"seat-3-other": "Кулматов Эмил жолдошевич", "seat-3-post_ky": "x", "seat-3-post_ru": "x"}, {"seat-3-other"}),
    ({"seat-5-votes": "yes"}, {"seat-5-votes"}),
    ({"seat-5-person": "", "seat-5-post_ky": "", "seat-5-post_ru": ""}, {"seat-5-person"}),
)


def test_what_is_wrong_is_said_at_its_field(client: PageClient, office: Office, town_commission: UUID) -> None:
    client.at_work("hr")
    known = seats(office)
    for changes, fields in WRONG:
        page = send(client, "/commissions/new", sheet(**known) | changes)
        assert set(problems(page)) == fields, changes
        assert page.all("input", name="name_ky")[0].get("value") == "Аттестациялык комиссия"
    page = send(client, "/commissions/new", sheet(**known) | {"seat-5-votes": "yes"})
    assert "Место 5. Голос: По правилам у секретаря" in next(iter(problems(page).values()))
    assert "протоколу" not in page.text
    with office.work(actor_of(office, "hr")) as work:
        assert work.session.scalars(select(Commission.id)).all() == [town_commission]
        assert work.session.scalar(select(Person.id).where(Person.name.startswith("Кулматов"))) is None


STOOD_IN = {
    "seat-3-role": "substitute",
    "seat-3-instead": "2",
    "seat-3-other": "Акматова Нуриза Бектуровна",
    "seat-3-post_ky": "адис",
    "seat-3-post_ru": "специалист",
}
"""The third seat is the substitute of the second."""
WRONG_SUBSTITUTES: tuple[tuple[dict[str, str], set[str]], ...] = (
    ({"seat-3-instead": ""}, {"seat-3-instead"}),
    ({"seat-3-instead": "4"}, {"seat-3-instead"}),
    ({"seat-3-instead": "99"}, {"seat-3-instead"}),
    ({"seat-3-instead": "1"}, {"seat-3-instead"}),
    ({"seat-3-instead": "3"}, {"seat-3-instead"}),
    ({"seat-3-instead": "5"}, {"seat-3-instead"}),
    ({"seat-2-votes": "no"}, {"seat-3-instead"}),
    ({"seat-3-role": "member"}, {"seat-3-instead"}),
    ({"seat-3-votes": "no"}, {"seat-3-votes"}),
    (
        {"seat-3-other": "", "seat-3-post_ky": "", "seat-3-post_ru": ""},
        {"seat-3-person", "seat-3-post_ky", "seat-3-post_ru"},
    ),
    (
        {key.replace("3", "4"): value for key, value in STOOD_IN.items()} | {"seat-4-other": "Бакиров Данияр"},
        {"seat-4-instead"},
    ),
)


def test_substitutes_are_formed_added_listed_and_leave_with_their_member(
    client: PageClient, office: Office, town_commission: UUID
) -> None:
    client.at_work("hr")
    known = seats(office)
    for changes, fields in WRONG_SUBSTITUTES:
        page = send(client, "/commissions/new", sheet(**known) | STOOD_IN | changes)
        assert set(problems(page)) == fields, changes
    data = {"form_token": client.token("/commissions/new"), **sheet(**known), **STOOD_IN}
    formed = client.browser.post("/commissions/new", data=data).headers["Location"]
    page = client.get(formed)
    assert [row.split()[0] for row in page.rows()] == ["Сатыбалдиев", "Кулматов", "Акматова", "Бекболот"]
    assert "вместо: Кулматов Эмил Жолдошевич" in page.rows()[2]
    assert "с голосом: 2" in client.get("/commissions").rows()[0]
    assert "не проверено" in page.text

    path = f"/commissions/{town_commission}/seats/new"
    offered = [option.get("value", "") for one in client.get(path).all("select", name="instead") for option in one]
    assert offered[0] == ""
    assert person_of(office, "member") in offered
    assert person_of(office, "chair") not in offered
    new = joining(role="substitute", instead=person_of(office, "chair"))
    assert set(problems(send(client, path, new))) == {"instead"}
    assert set(problems(send(client, path, new | {"role": "member"}))) == {"instead"}
    token = client.token(path)
    answer = client.browser.post(
        path, data={"form_token": token, **new, "instead": person_of(office, "member"), "day": "01.04.2026"}
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)
    row = next(row for row in client.get(f"/commissions/{town_commission}").rows() if row.startswith("Жунушева"))
    assert "вместо: Ибраева Чынара Токтогуловна" in row
    journal = PageClient(client.app).at_work("auditor").get(f"/journal/commission/{town_commission}").text
    assert "вместо кого" in journal

    member = seat_of(office, UUID(formed.rpartition("/")[2]), "Кулматов Эмил Жолдошевич")
    leaving = f"{formed}/seats/{member}/end"
    assert "из состава выходит и замещающий: Акматова Нуриза Бектуровна" in client.get(leaving).text
    left = {"form_token": client.token(leaving), "day": f"{TODAY:%d.%m.%Y}", "basis": "приказ № 18"}
    assert client.browser.post(leaving, data=left).status_code == 303
    assert [row.split()[0] for row in client.get(formed).rows()[:2]] == ["Сатыбалдиев", "Бекболот"]


def joining(**more: str) -> dict[str, str]:
    return {
        "role": "member",
        "other": "Жунушева Асель Маратовна",
        "post_ky": "бухгалтер",
        "post_ru": "бухгалтер",
        "day": "15.04.2026",
        "basis": "приказ № 15",
        **more,
    }


def test_somebody_joins(client: PageClient, office: Office, town_commission: UUID) -> None:
    path = f"/commissions/{town_commission}/seats/new"
    client.at_work("hr")
    for changes, field in (
        ({"other": "", "person": person_of(office, "member")}, "person"),
        ({"role": "chair"}, "role"),
        ({"day": "01.01.2025"}, "day"),
        ({"day": "14.04.2026"}, "day"),
        ({"basis": ""}, "basis"),
        ({"other": ""}, "person"),
    ):
        assert set(problems(send(client, path, joining(**changes)))) == {field}, changes
    token = client.token(path)
    answer = client.browser.post(path, data={"form_token": token, **joining(votes="no")})
    assert answer.status_code == 303
    page = client.get(f"/commissions/{town_commission}")
    row = next(row for row in page.rows() if row.startswith("Жунушева"))
    assert "без голоса" in row
    assert "15 апреля 2026" in row
    assert "приказ № 15" in row
    journal = PageClient(client.app).at_work("auditor").get(f"/journal/commission/{town_commission}").text
    assert "В комиссию введён человек" in journal
    assert "Жунушева Асель Маратовна" in journal


def test_somebody_leaves_and_a_sitting_keeps_who_sat_there(
    client: PageClient, office: Office, town_commission: UUID, here: Town
) -> None:
    """К-2026/011 is decided, its protocol not signed yet: nobody of its sitting can go before it is."""
    seat = seat_of(office, town_commission, "Өмүров Чыңгыз")
    path = f"/commissions/{town_commission}/seats/{seat}/end"
    client.at_work("hr")
    page = client.get(path)
    assert "К-2026/011" in page.text
    assert "Доведите заседание до подписанного протокола" in page.text
    assert page.all("input", name="basis") == []
    refused = client.post(
        path, {"form_token": client.token("/commissions/new"), "day": f"{TODAY:%d.%m.%Y}", "basis": "приказ № 16"}, 409
    )
    assert "К-2026/011" in refused.text
    client.get(f"/commissions/{town_commission}/seats/{uuid4()}/end", 404)
