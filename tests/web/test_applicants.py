"""Applicants: taken in from a spreadsheet, listed, decided on, told; one person's page, slips and the export."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select

from flask_app.demo.applicants import InventedApplicant, spreadsheet
from flask_app.domain.names import fold_name, sort_key
from flask_app.services.applications import applications_of, choose_language
from flask_app.services.bodies import actor_of
from flask_app.services.commissions import members_of
from flask_app.services.office import Office
from flask_app.services.test_languages import language_choices
from flask_app.store.models.applications import Application, Notice, TestScore
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition
from flask_app.store.models.testing import ExaminationForm, Seat, TestSession
from flask_app.web.wording import Wording
from tests.web.client import Page, PageClient, text_of
from tests.web.conftest import QueryCount
from tests.web.town import PEOPLE, Town, _record

MOST_QUERIES = 15
STAFF = frozenset({"hr", "secretary", "chair", "head", "auditor", "member"})
SECRETARY = frozenset({"secretary"})
DAY = "16.04.2026"

# Endpoint → (address, who gets 200, who gets 403; the rest 404). In screening nobody imports.
MATRIX: dict[str, tuple[str, frozenset[str], frozenset[str]]] = {
    "applicants.index": ("", STAFF, frozenset()),
    "applicants.export": (".xlsx", STAFF, frozenset()),
    "applicants.upload": ("/upload", frozenset(), STAFF),
    "applicants.report": ("/imported", frozenset(), frozenset()),
    "applicants.show": ("/{person}", STAFF, frozenset()),
    "applicants.slips": ("/slips", SECRETARY, STAFF - SECRETARY),
}
POSTS = {
    "applicants.preview",
    "applicants.confirm",
    "applicants.look",
    "applicants.act",
    "applicants.open_identity",
    "applicants.choose_language",
    "applicants.correct_birth",
    "applicants.correct_person_name",
    "applicants.choose_languages",
    "applicants.print_slips",
}
"""Tried below, each with those who may and those who may not."""


@pytest.fixture
def base(here: Town) -> str:
    return f"/procedures/competition/{here.screening}/applicants"


@pytest.fixture
def filing_at(here: Town, office: Office) -> str:
    """The draft's competition, put where documents are being filed."""
    with office.work(actor_of(office, "hr")) as work:
        work.get(Competition, here.draft).state = "documents_open"
    return f"/procedures/competition/{here.draft}/applicants"


def people(office: Office, competition: UUID, *states: str) -> list[Application]:
    with office.work(actor_of(office, "secretary")) as work:
        return applications_of(work, competition, *states)


def whos(applications: list[Application]) -> list[str]:
    return [f"{a.id}:{a.version}" for a in applications]


def send(client: PageClient, path: str, data: dict[str, object], status: int) -> Page:
    answer = client.browser.post(path, data={"form_token": client.token("/procedures"), **data})
    return client._checked(answer, status)


def accepted(client: PageClient, path: str, data: dict[str, object]) -> str:
    answer = client.browser.post(path, data={"form_token": client.token("/procedures"), **data})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.headers["Location"])


def events(office: Office, action: str) -> int:
    with office.work(actor_of(office, "auditor")) as work:
        return len(work.session.scalars(select(AuditEvent.id).where(AuditEvent.action == action)).all())


# -- rights ------------------------------------------------------------------------------------------------------------


def test_every_route_of_the_area_stands_in_the_matrix(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("applicants.")}
    assert routes == set(MATRIX) | POSTS


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_every_role_gets_what_is_its_own(client: PageClient, here: Town, office: Office, base: str, login: str) -> None:
    person = people(office, here.screening)[0].id
    client.at_work(login)
    for endpoint, (tail, welcome, told) in MATRIX.items():
        expected = 200 if login in welcome else 403 if login in told else 404
        if endpoint == "applicants.report" and login in STAFF:
            expected = 422
        answer = client.raw_get(base + tail.format(person=person))
        assert answer.status_code == expected, (endpoint, login)


def test_another_bodys_people_are_not_there(client: PageClient, here: Town, office: Office, base: str) -> None:
    one = people(office, here.screening)[0]
    client.at_work("stranger")
    for tail, _, _ in MATRIX.values():
        assert client.raw_get(base + tail.format(person=one.id)).status_code == 404, tail
    own = f"/procedures/competition/{here.other_competition}/applicants"
    assert client.raw_get(f"{own}/{one.id}").status_code == 404
    who = whos([one])
    for path in (base, own):
        answer = client.browser.post(
            f"{path}/act/take_up",
            data={"form_token": client.token("/procedures"), "who": who, "happened_on": DAY},
        )
        assert answer.status_code in (404, 422), path
        send(client, f"{path}/{one.id}/identity", {}, 404)
    assert people(office, here.screening)[0].version == one.version


def test_no_page_asks_too_much(client: PageClient, here: Town, office: Office, base: str, queries: QueryCount) -> None:
    person = people(office, here.screening)[0].id
    client.at_work("secretary")
    for tail, welcome, _ in MATRIX.values():
        if "secretary" in welcome:
            before = len(queries.statements)
            assert client.raw_get(base + tail.format(person=person)).status_code == 200
            assert len(queries.statements) - before <= MOST_QUERIES, tail


# -- import ------------------------------------------------------------------------------------------------------------


def upload(client: PageClient, path: str, content: bytes, name: str = "список.xlsx", status: int = 200) -> Page:
    file = (io.BytesIO(content), name)
    return send(client, f"{path}/upload", {"file": file, "received_on": "10.04.2026"}, status)


def confirmation(page: Page) -> dict[str, object]:
    form = next(form for form in page.all("form") if form.get("action", "").endswith("/import"))
    return {e.get("name", ""): e.get("value", "") for e in form.iter("input") if e.get("name") != "form_token"}


def test_the_preview_tells_every_row_and_registers_nobody(
    client: PageClient, here: Town, office: Office, filing_at: str
) -> None:
    client.at_work("hr")
    page = upload(client, filing_at, spreadsheet(6))
    assert len(page.rows()) == 6
    assert "Зарегистрировать 6 кандидатов" in page.text
    for said in ("31.02.1991", "ФИО не указано", "цифр 13, а должно быть 14", "этот человек уже есть"):
        assert said in page.text, said
    whole = page.response.get_data(as_text=True)
    assert not [n for n in range(6) if InventedApplicant(n).personal_number in whole], "numbers are masked"
    assert people(office, here.draft) == []


def test_a_confirmed_file_is_registered_once_and_reported(
    client: PageClient, here: Town, office: Office, filing_at: str
) -> None:
    client.at_work("hr")
    sent = confirmation(upload(client, filing_at, spreadsheet(5)))
    report_at = accepted(client, f"{filing_at}/import", sent)
    report = client.get(report_at)
    assert "зарегистрированы 5 человек" in report.text
    assert "Не принято" in report.text
    registered = people(office, here.draft)
    assert [(a.state, a.last_act_on and a.last_act_on.isoformat()) for a in registered] == [
        ("registered", "2026-04-10")
    ] * 5
    accepted(client, f"{filing_at}/import", sent)
    assert len(people(office, here.draft)) == 5
    assert "Регистрировать некого" in upload(client, filing_at, spreadsheet(5)).text


def test_only_the_file_that_was_previewed_is_taken(
    app: Flask, here: Town, office: Office, filing_at: str, base: str
) -> None:
    client = PageClient(app).at_work("hr")
    sent = confirmation(upload(client, filing_at, spreadsheet(3)))
    other = office.files.put(spreadsheet(9)).sha256
    send(client, f"{filing_at}/import", {**sent, "sha256": other}, 422)
    send(client, f"{filing_at}/import", {**sent, "seal": ""}, 422)
    send(PageClient(app).at_work("secretary"), f"{filing_at}/import", sent, 422)
    assert people(office, here.draft) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Файл пуст"),
        (b"PK\x03\x04 broken", "Файл"),
        ("ФИО;ПИН\n".encode(), "Шапка"),
        (b"%PDF-1.7", "Это не таблица"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(client: PageClient, filing_at: str, content: bytes, told: str) -> None:
    client.at_work("hr")
    assert told in upload(client, filing_at, content, status=422).text


def test_an_upload_without_a_file_or_a_date_is_told(client: PageClient, filing_at: str) -> None:
    client.at_work("hr")
    page = send(client, f"{filing_at}/upload", {"received_on": "99.99.9999"}, 422)
    assert "Выберите файл" in page.text


def test_who_may_not_import_is_refused(client: PageClient, here: Town, office: Office, filing_at: str) -> None:
    client.at_work("auditor")
    send(client, f"{filing_at}/upload", {"received_on": DAY, "file": (io.BytesIO(spreadsheet(2)), "a.xlsx")}, 403)
    send(client, f"{filing_at}/import", {"sha256": "0" * 64, "seal": "x", "received_on": DAY}, 403)
    assert people(office, here.draft) == []


def test_a_day_before_the_opening_is_told_at_its_field(
    client: PageClient, here: Town, office: Office, filing_at: str
) -> None:
    with office.work(actor_of(office, "hr")) as work:
        competition = work.get(Competition, here.draft)
        _record(work, competition, "open_documents", "announced", "documents_open", date(2026, 4, 11))
    client.at_work("hr")
    page = upload(client, filing_at, spreadsheet(2), status=422)
    said = "указано 10 апреля 2026 г., а приём документов открыт 11 апреля 2026 г. Регистрация раньше"
    assert page.text.count(said) == 2, "above the form and beside the field"
    file = (io.BytesIO(spreadsheet(2)), "a.xlsx")
    shown = send(client, f"{filing_at}/upload", {"file": file, "received_on": "11.04.2026"}, 200)
    early = confirmation(shown) | {"received_on": "10.04.2026"}
    assert said in send(client, f"{filing_at}/import", early, 422).text
    assert people(office, here.draft) == []
    accepted(client, f"{filing_at}/import", confirmation(shown))
    assert len(people(office, here.draft)) == 2


def test_what_has_to_be_settled_stands_in_the_preview_and_the_report(
    client: PageClient, here: Town, office: Office, filing_at: str, queries: QueryCount
) -> None:
    with office.work(actor_of(office, "hr")) as work:
        commission = work.get(Competition, here.screening).commission_id
        assert commission is not None
        work.get(Competition, here.draft).commission_id = commission
        chair = next(member for member in members_of(work, commission) if member.role == "chair")
        work.get(Person, chair.person_id).folded_name = fold_name(InventedApplicant(1).name)
        known = work.get(Person, applications_of(work, here.screening)[0].person_id)
        known.birth_date = date(1972, 3, 6)
    client.at_work("hr")
    client.token("/procedures")
    before = len(queries.statements)
    page = upload(client, filing_at, spreadsheet(3))
    assert len(queries.statements) - before <= MOST_QUERIES
    report = client.get(accepted(client, f"{filing_at}/import", confirmation(page)))
    for shown in (page, report):
        assert "Требуют решения: 2" in shown.text
        assert "так же зовут человека из комиссии этого конкурса (место: председатель)" in shown.text
        assert "в списке дата рождения 05.03.1972, а у человека с этим ПИН записана другая" in shown.text
        assert "06.03.1972" not in shown.text, "the kept date is opened on the candidate's page"


# -- list --------------------------------------------------------------------------------------------------------------


def names(page: Page) -> list[str]:
    return [link.text or "" for cell in page.all("th", scope="row") for link in cell.iter("a")]


def test_names_stand_in_the_merged_alphabet(client: PageClient, here: Town, office: Office, base: str) -> None:
    wanted = [
        "Абдиева",
        "Ёлкин",
        "Ешимов",
        "Ңазаров",
        "Носов",
        "Өмүров",
        "Осмонов",
        "Үсөнов",
        "Усов",
        "Яковлев",
        "Adams",
    ]
    with office.work(actor_of(office, "hr")) as work:
        for application, name in zip(applications_of(work, here.screening), wanted, strict=True):
            person = work.get(Person, application.person_id)
            person.name, person.sort_key = name, sort_key(name)
    client.at_work("hr")
    shown = names(client.get(base))
    assert shown == sorted(wanted, key=sort_key)
    assert shown.index("Носов") < shown.index("Ңазаров") < shown.index("Осмонов") < shown.index("Өмүров")


def test_the_filter_finds_by_name_number_and_state(client: PageClient, base: str) -> None:
    client.at_work("hr")
    assert names(client.get(f"{base}?q=жапар")) == ["Жапарова Бегимай Асановна"]
    assert names(client.get(f"{base}?q=11")) == ["Токтоев Нурлан Асанович"]
    assert len(names(client.get(f"{base}?state=registered"))) == 3
    assert names(client.get(f"{base}?q=%25")) == []
    assert len(names(client.get(f"{base}?state=nonsense&page=999"))) == 11


def test_the_export_holds_what_is_filtered_and_no_formula(
    client: PageClient, here: Town, office: Office, base: str
) -> None:
    with office.work(actor_of(office, "hr")) as work:
        first = applications_of(work, here.screening)[0]
        first.education = '=HYPERLINK("http://evil","x")'
        first.service_months, first.specialty_months = 63, 0
        work.get(Person, first.person_id).name = "+1-2 @SUM(A1)"
    client.at_work("hr")
    answer = client.raw_get(f"{base}.xlsx?state=admitted")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows())
    assert len(rows) == 1 + 6
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}
    assert '=HYPERLINK("http://evil","x")' in [cell.value for row in rows for cell in row]
    heads = [cell.value for cell in rows[0]]
    of_first = next(row for row in rows if row[1].value == "+1-2 @SUM(A1)")
    assert of_first[heads.index("Общий стаж службы")].value == "5 лет 3 месяца"
    assert of_first[heads.index("Стаж по специальности")].value == "нет"
    numbers = {InventedApplicant(n).personal_number for n in range(11)}
    assert not numbers & {str(cell.value) for row in rows for cell in row}
    assert events(office, "applications.exported") == 1


@pytest.mark.parametrize(
    ("service", "specialty", "in_list", "on_page"),
    [
        (63, 12, "стаж: 5 лет 3 месяца по специальности: 1 год", ("5 лет 3 месяца", "1 год")),
        (0, None, "стаж: нет", ("нет",)),
        (None, None, "", ("–",)),
    ],
)
def test_the_length_of_service_stands_beside_the_education(
    client: PageClient,
    here: Town,
    office: Office,
    base: str,
    *,
    service: int | None,
    specialty: int | None,
    in_list: str,
    on_page: tuple[str, ...],
) -> None:
    with office.work(actor_of(office, "hr")) as work:
        first = applications_of(work, here.screening)[0]
        first.education, first.service_months, first.specialty_months = "высшее", service, specialty
        name, id_ = work.get(Person, first.person_id).name, first.id
    client.at_work("hr")
    (cell,) = client.get(f"{base}?q={name}").all("td", data_label="Образование и стаж")
    assert text_of(cell) == f"высшее {in_list}".strip()
    page = client.get(f"{base}/{id_}")
    facts = {text_of(dt): text_of(dd) for dt, dd in zip(page.all("dt"), page.all("dd"), strict=True)}
    assert facts["Общий стаж службы"] == on_page[0]
    assert facts.get("Стаж по специальности") == (on_page[1] if len(on_page) > 1 else None)


# -- decisions ---------------------------------------------------------------------------------------------------------


def test_the_review_lists_people_and_changes_nothing(client: PageClient, here: Town, office: Office, base: str) -> None:
    client.at_work("secretary")
    before = [(a.id, a.version) for a in people(office, here.screening)]
    page = send(client, f"{base}/review", {"step": "take_up", "all": "1"}, 200)
    for said in ("Орозов Кубат Асан уулу", "Кого касается: 3", "Не касается: 8", "Взять на рассмотрение: 3 человека"):
        assert said in page.text, said
    assert [(a.id, a.version) for a in people(office, here.screening)] == before


def test_nobody_chosen_is_told(client: PageClient, base: str) -> None:
    client.at_work("secretary")
    page = send(client, f"{base}/review", {"step": "admit", "who": ["nonsense", ""]}, 422)
    assert "Никто не выбран" in page.text


def test_many_are_taken_up_at_once(client: PageClient, here: Town, office: Office, base: str) -> None:
    client.at_work("secretary")
    waiting = people(office, here.screening, "registered")
    target = accepted(client, f"{base}/act/take_up", {"who": whos(waiting), "happened_on": DAY})
    assert "взято на рассмотрение: 3 человека" in client.get(target).text
    assert people(office, here.screening, "registered") == []


def test_one_who_does_not_fit_stops_all(client: PageClient, here: Town, office: Office, base: str) -> None:
    client.at_work("secretary")
    mixed = people(office, here.screening, "under_screening", "registered")
    before = [(a.id, a.state) for a in people(office, here.screening)]
    send(client, f"{base}/act/admit", {"who": whos(mixed), "happened_on": DAY}, 409)
    assert [(a.id, a.state) for a in people(office, here.screening)] == before


def test_somebody_changed_since_is_a_conflict(client: PageClient, here: Town, office: Office, base: str) -> None:
    client.at_work("secretary")
    one = people(office, here.screening, "under_screening")[0]
    send(client, f"{base}/act/admit", {"who": [f"{one.id}:{one.version - 1}"], "happened_on": DAY}, 409)
    assert people(office, here.screening, "under_screening")[0].id == one.id


def test_a_refusal_needs_a_listed_ground_and_a_reason(
    client: PageClient, here: Town, office: Office, base: str
) -> None:
    client.at_work("secretary")
    one = people(office, here.screening, "under_screening")
    sent: dict[str, object] = {"who": whos(one), "happened_on": DAY}
    page = send(client, f"{base}/act/reject", sent, 422)
    assert "Выберите основание из закрытого списка" in page.text
    send(client, f"{base}/act/reject", {**sent, "reason": "возраст", "ground": "too_old"}, 409)
    assert people(office, here.screening, "under_screening")[0].refusal_ground == ""
    whole = {**sent, "reason": "есть судимость", "ground": "unexpunged_conviction"}
    accepted(client, f"{base}/act/reject", whole)
    rejected = {a.id: a.refusal_ground for a in people(office, here.screening, "rejected")}
    assert rejected[one[0].id] == "unexpunged_conviction"


def test_incomplete_documents_are_admitted_by_a_tick_alone(
    client: PageClient, here: Town, office: Office, base: str
) -> None:
    client.at_work("secretary")
    waiting = whos(people(office, here.screening, "registered"))
    accepted(client, f"{base}/act/take_up", {"who": waiting, "happened_on": DAY})
    chosen = people(office, here.screening, "under_screening")[:3]
    with office.work(actor_of(office, "hr")) as work:
        for application, complete in zip(chosen, (True, False, False), strict=True):
            work.get(Application, application.id).documents_complete = complete
    page = send(client, f"{base}/review", {"step": "admit", "who": whos(chosen)}, 200)
    assert "Документы неполны: 2 человека" in page.text
    assert "S003" not in page.text
    assert [box.get("checked") for box in page.all("input", type="checkbox", name="despite")] == [None, None]
    assert [one.get("value") for one in page.all("input", name="who")] == whos(chosen[:1])

    around: dict[str, object] = {"happened_on": DAY, "lacking": whos(chosen[1:])}
    refused = send(client, f"{base}/act/admit", around, 422)
    assert refused.all("a", href="#lacking"), "nobody ticked and nobody sound"
    # As an older page, or a hand, would send them: the guard stands behind the page.
    refused = send(client, f"{base}/act/admit", {"happened_on": DAY, "who": whos(chosen)}, 409)
    assert f"№ {chosen[1].number}, {chosen[2].number}" in refused.text
    assert {a.state for a in people(office, here.screening) if a.id in {b.id for b in chosen}} == {"under_screening"}

    ticked = {**around, "who": whos(chosen[:1]), "despite": whos(chosen[1:2])}
    again = send(client, f"{base}/act/admit", {**ticked, "happened_on": ""}, 422)
    boxes = again.all("input", type="checkbox", name="despite")
    assert [box.get("checked") is not None for box in boxes] == [True, False], "what was ticked stays"
    accepted(client, f"{base}/act/admit", ticked)
    states = {a.id: a.state for a in people(office, here.screening)}
    assert [states[a.id] for a in chosen] == ["admitted", "admitted", "under_screening"]
    assert events(office, "application.documents_passed_over") == 1
    # Of other steps nothing has to be said apart.
    page = send(client, f"{base}/review", {"step": "reject", "who": whos(chosen[2:])}, 200)
    assert not page.all("input", name="despite")


def told(client: PageClient, base: str, chosen: list[Application]) -> str:
    """The mark of the sitting that the page of a notice shows."""
    page = send(client, f"{base}/review", {"step": "notify", "who": whos(chosen)}, 200)
    (mark,) = page.all("input", name="told")
    return mark.get("value", "")


def test_a_notice_within_the_week_is_refused_and_one_in_time_is_kept(
    client: PageClient, here: Town, office: Office, base: str
) -> None:
    client.at_work("secretary")
    admitted = people(office, here.screening, "admitted")
    sent: dict[str, object] = {"who": whos(admitted), "happened_on": DAY, "evidence": "лист", "channel": "letter"}
    send(client, f"{base}/act/notify", {**sent, "channel": "pigeon"}, 422)
    with office.work(actor_of(office, "secretary")) as work:
        session = work.session.scalars(select(TestSession).where(TestSession.competition_id == here.screening)).one()
        planned = session.starts_at
        session.starts_at = planned - timedelta(days=3)
    unseen = send(client, f"{base}/act/notify", sent, 409)
    assert "тем временем" in unseen.text, "nobody was shown this day"
    page = send(client, f"{base}/act/notify", {**sent, "told": told(client, base, admitted)}, 409)
    assert "№ 327" in page.text
    assert people(office, here.screening, "notified") == []
    with office.work(actor_of(office, "secretary")) as work:
        work.session.scalars(
            select(TestSession).where(TestSession.competition_id == here.screening)
        ).one().starts_at = planned
    accepted(client, f"{base}/act/notify", {**sent, "told": told(client, base, admitted)})
    with office.work(actor_of(office, "secretary")) as work:
        notices = work.session.scalars(select(Notice)).all()
        assert [(n.channel, n.evidence) for n in notices] == [("letter", "лист")] * len(admitted)


@pytest.mark.parametrize("login", ["hr", "auditor", "head", "member"])
def test_who_may_not_decide_is_refused(client: PageClient, here: Town, office: Office, base: str, login: str) -> None:
    client.at_work(login)
    one = people(office, here.screening, "under_screening")
    send(client, f"{base}/review", {"step": "admit", "who": whos(one)}, 403)
    send(client, f"{base}/act/admit", {"who": whos(one), "happened_on": DAY}, 403)
    assert len(people(office, here.screening, "under_screening")) == 1


def test_steps_of_the_test_are_not_taken_from_the_list(
    client: PageClient, here: Town, office: Office, base: str
) -> None:
    client.at_work("secretary")
    for step in ("qualify", "win", "fly"):
        send(client, f"{base}/act/{step}", {"who": whos(people(office, here.screening)), "happened_on": DAY}, 404)


# -- one person --------------------------------------------------------------------------------------------------------


def test_personal_data_are_masked_until_asked_for_and_each_reading_is_recorded(
    client: PageClient, here: Town, office: Office, base: str
) -> None:
    one, known = people(office, here.screening)[0], InventedApplicant(0)
    client.at_work("secretary")
    page = client.get(f"{base}/{one.id}")
    assert known.personal_number not in page.text
    assert "700 000 000" not in page.text
    assert events(office, "person.identity_opened") == 0
    opened = send(client, f"{base}/{one.id}/identity", {}, 200)
    assert known.personal_number in opened.text
    assert "5 марта 1972" in opened.text
    assert events(office, "person.identity_opened") == 1


def born(office: Office, application: Application) -> date | None:
    with office.work(actor_of(office, "hr")) as work:
        return work.get(Person, application.person_id).birth_date


def test_a_birth_date_is_corrected_with_a_reason(client: PageClient, here: Town, office: Office, base: str) -> None:
    one = people(office, here.screening)[0]
    client.at_work("hr")
    assert f"{base}/{one.id}/birth-date" not in client.get(f"{base}/{one.id}").response.get_data(as_text=True)
    opened = send(client, f"{base}/{one.id}/identity", {}, 200)
    form = next(form for form in opened.all("form") if form.get("action", "").endswith("/birth-date"))
    shown: dict[str, object] = {e.get("name", ""): e.get("value", "") for e in form.iter("input")}
    del shown["form_token"]
    assert shown == {"seen": "1972-03-05", "birth_date": "05.03.1972", "reason": ""}
    to = f"{base}/{one.id}/birth-date"
    for wrong, said in (
        ({"reason": ""}, "Напишите причину"),
        ({"birth_date": "31.02.1972"}, "Даты 31.02.1972 не бывает"),
        ({"birth_date": "05.03.2020"}, "человеку меньше 16 или больше 90 лет"),
        ({"birth_date": "05.03.1872"}, "человеку меньше 16 или больше 90 лет"),
        ({"birth_date": "05.03.1972"}, "Эта дата рождения уже записана: 5 марта 1972 г. Введите"),
    ):
        page = send(client, to, shown | {"birth_date": "06.03.1972", "reason": "паспорт ID1234"} | wrong, 422)
        assert said in page.text
    assert born(office, one) == date(1972, 3, 5)
    told = client.get(accepted(client, to, shown | {"birth_date": "06.03.1972", "reason": "паспорт ID1234"}))
    assert "Дата рождения исправлена." in told.text
    assert born(office, one) == date(1972, 3, 6)
    send(client, to, shown | {"birth_date": "07.03.1972", "reason": "опечатка"}, 409)
    assert born(office, one) == date(1972, 3, 6)
    with office.work(actor_of(office, "auditor")) as work:
        event = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "person.birth_date_corrected")).one()
    assert (event.object_id, event.before, event.after) == (str(one.person_id), {}, {"reason": "паспорт ID1234"})


@pytest.mark.parametrize("login", ["auditor", "head", "chair", "member"])
def test_other_roles_correct_no_birth_date(
    client: PageClient, here: Town, office: Office, base: str, login: str
) -> None:
    one = people(office, here.screening)[0]
    client.at_work(login)
    sent: dict[str, object] = {"seen": "1972-03-05", "birth_date": "06.03.1972", "reason": "паспорт"}
    send(client, f"{base}/{one.id}/birth-date", sent, 403)
    assert born(office, one) == date(1972, 3, 5)


def test_a_name_is_corrected_with_a_reason(client: PageClient, here: Town, office: Office, base: str) -> None:
    one = people(office, here.screening)[0]
    with office.work(actor_of(office, "hr")) as work:
        before = work.get(Person, one.person_id).name
    client.at_work("hr")
    form = next(f for f in client.get(f"{base}/{one.id}").all("form") if f.get("action", "").endswith("/name"))
    shown: dict[str, object] = {e.get("name", ""): e.get("value", "") for e in form.iter("input")}
    del shown["form_token"]
    assert shown == {"name_seen": before, "full_name": before, "name_reason": ""}
    to, right = f"{base}/{one.id}/name", shown | {"full_name": "  ӨМҮРБЕКОВ Үсөн эсен УУЛУ ", "name_reason": "паспорт"}
    for wrong, said in (
        ({"name_reason": ""}, "Напишите причину"),
        ({"full_name": ""}, "Впишите ФИО как в паспорте"),
        ({"full_name": "Өмүрбеков"}, "Напишите и фамилию, и имя"),
        ({"full_name": "Өмүрбеков Ү."}, "инициал"),
        ({"full_name": "Өмүрбеков Yсөн"}, "перемешаны кириллица и латиница"),
        ({"full_name": "Өмүрбеков 2"}, "Лишние знаки (2)"),
        ({"full_name": "Асан " * 30 + "уулу"}, "Слишком длинно для имени"),
        ({"full_name": before}, f"Это имя уже записано: {before}."),
    ):
        page = send(client, to, right | wrong, 422)
        assert said in page.text, said
        assert page.heading == before
    told = client.get(accepted(client, to, right))
    assert "Имя исправлено." in told.text
    assert told.heading == "Өмүрбеков Үсөн Эсен уулу"
    send(client, to, right | {"full_name": "Токтоев Үсөн"}, 409)
    with office.work(actor_of(office, "auditor")) as work:
        person = work.get(Person, one.person_id)
        assert (person.name, person.folded_name) == ("Өмүрбеков Үсөн Эсен уулу", "өмүрбеков үсөн эсен уулу")
        assert person.sort_key == sort_key(person.name)
        event = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "person.renamed")).one()
    assert (event.object_id, event.before, event.after) == (str(one.person_id), {}, {"reason": "паспорт"})


@pytest.mark.parametrize("login", ["auditor", "head", "chair", "member"])
def test_other_roles_correct_no_name(client: PageClient, here: Town, office: Office, base: str, login: str) -> None:
    one = people(office, here.screening)[0]
    with office.work(actor_of(office, "hr")) as work:
        before = work.get(Person, one.person_id).name
    client.at_work(login)
    send(client, f"{base}/{one.id}/name", {"name_seen": before, "full_name": "Токтоев Үсөн", "name_reason": "п"}, 403)
    with office.work(actor_of(office, "hr")) as work:
        assert work.get(Person, one.person_id).name == before


@pytest.mark.parametrize("login", ["auditor", "head", "chair", "member"])
def test_other_roles_do_not_open_personal_data(
    client: PageClient, here: Town, office: Office, base: str, login: str
) -> None:
    client.at_work(login)
    page = send(client, f"{base}/{people(office, here.screening)[0].id}/identity", {}, 403)
    assert InventedApplicant(0).personal_number not in page.text
    assert events(office, "person.identity_opened") == 0


@pytest.mark.parametrize(
    ("marks", "interview", "reserve"),
    [
        ((15, 15), "Проходит к собеседованию: 30 из 60, порог – 30 (50 %)", "Не достигает порога резерва: 30 из 60"),
        ((29, 0), "Не проходит к собеседованию: 29 из 60, порог – 30", "Не достигает порога резерва"),
        ((30, 15), "Проходит к собеседованию: 45 из 60", "Достигает порога резерва: 45 из 60, нужно 45 (75 %)"),
    ],
)
def test_a_result_is_explained_by_its_thresholds(
    client: PageClient,
    here: Town,
    office: Office,
    base: str,
    marks: tuple[int, int],
    interview: str,
    reserve: str,
) -> None:
    one = people(office, here.screening)[0]
    with office.work(actor_of(office, "secretary")) as work:
        for block, mark in zip(("general", "subject"), marks, strict=True):
            work.add(TestScore(application_id=one.id, block=block, mark=Decimal(mark), maximum=Decimal(30)))
    client.at_work("hr")
    text = client.get(f"{base}/{one.id}").text
    assert interview in text
    assert reserve in text


# -- slips -------------------------------------------------------------------------------------------------------------


def test_slips_show_passwords_only_on_request_and_record_it(
    client: PageClient, here: Town, office: Office, base: str
) -> None:
    one = people(office, here.screening, "admitted")[0]
    with office.work(actor_of(office, "secretary")) as work:
        session = work.session.scalars(select(TestSession).where(TestSession.competition_id == here.screening)).one()
        form = ExaminationForm(session_id=session.id, variant=1, language="ru", test_idnumber="t1", group_idnumber="g1")
        work.add(form)
        work.session.flush()
        work.add(Seat(application_id=one.id, form_id=form.id, number=7))
        person = work.get(Person, one.person_id)
        person.moodle_username, person.moodle_password_sealed = "k-7@ak", office.sealer.seal("Slip-password42")
    client.at_work("secretary")
    page = client.get(f"{base}/slips")
    assert "k-7@ak" in page.text
    assert "Slip-password42" not in page.response.get_data(as_text=True)
    assert events(office, "applications.slips_printed") == 0
    opened = send(client, f"{base}/slips", {}, 200)
    assert "Slip-password42" in opened.text
    assert opened.response.headers["Cache-Control"] == "no-store"
    assert events(office, "applications.slips_printed") == 1
    assert office.moodle.address in opened.text


def test_others_print_no_slips(client: PageClient, office: Office, base: str) -> None:
    client.at_work("hr")
    send(client, f"{base}/slips", {}, 403)
    assert events(office, "applications.slips_printed") == 0


# -- the language of the test ------------------------------------------------------------------------------------------


def test_the_secretary_chooses_the_language_of_a_candidate_s_test(
    client: PageClient, here: Town, office: Office, base: str
) -> None:
    one = people(office, here.screening)[0]
    client.at_work("secretary")
    page = client.get(f"{base}/{one.id}")
    assert [option.get("value") for option in page.all("select", id="language")[0].iter("option")] == ["", "ky", "ru"]
    data = {"form_token": client.token(f"{base}/{one.id}"), "language": "ru"}
    assert client.browser.post(f"{base}/{one.id}/language", data=data).status_code == 303
    chosen = client.get(f"{base}/{one.id}").all("option", selected="")
    assert [option.get("value") for option in chosen] == ["ru"]
    send(client, f"{base}/{one.id}/language", {"language": "kk"}, 422)
    assert events(office, "person.language_chosen") == 1


def test_a_language_nobody_chose_is_told_found_and_chosen_for_many(
    client: PageClient, here: Town, office: Office, base: str
) -> None:
    everybody = people(office, here.screening)
    client.at_work("secretary")
    page = client.get(base)
    waiting = len([a for a in everybody if a.state != "rejected"])
    assert f"Язык теста не выбран у {waiting} человек" in page.text
    assert f"кыргызский: {waiting} человек" in page.text
    assert all("не выбран" in row for row in page.rows())
    assert "пока тест будет на языке: кыргызский" in client.get(f"{base}/{everybody[0].id}").text
    for language, chosen in (("ru", everybody[:2]), ("ky", everybody[2:5])):
        led = accepted(client, f"{base}/language", {"chosen": language, "who": whos(chosen)})
        assert f"{len(chosen)} человека" in client.get(led).all("div", role="status")[0].findtext(".//p", "")
        assert len(client.get(f"{base}?language={language}").rows()) == len(chosen)
    left = [one for one in everybody[5:] if one.state != "rejected"]
    assert len(client.get(f"{base}?language=none").rows()) == len(left), "whom it concerns no more is not asked for"
    accepted(client, f"{base}/language", {"chosen": "ru", "all": "1", "language": "none"})
    page = client.get(base)
    assert "Язык теста не выбран" not in page.text
    assert sum("русский" in row for row in page.rows()) == 2 + len(left)
    assert events(office, "person.language_chosen") == 5 + len(left), "said again, it is no news"


def test_the_page_of_a_session_can_tell_who_chose_nothing(app: Flask, office: Office, here: Town) -> None:
    with office.work(actor_of(office, "secretary")) as work:
        admitted = [a.id for a in applications_of(work, here.screening, "admitted")]
        choose_language(work, here.screening, admitted[:2], "ru")
        some = language_choices(work, here.screening)
        choose_language(work, here.screening, admitted[2:], "ky")
        every = language_choices(work, here.screening)
    assert (some.chosen, some.lacking, some.undecided, some.people) == ({"ru": 2}, {"ky": 4}, 4, 6)
    assert (every.chosen, every.undecided) == ({"ky": 4, "ru": 2}, 0)
    word = Wording("ru", date(2026, 4, 16))
    with app.test_request_context():
        box = app.jinja_env.get_template("parts/languages.html").module.languages_box  # type: ignore[attr-defined]  # a macro
        assert "Язык теста не выбран у 4 из 6.</strong> Если не выбрать, они получат тест на языке:" in box(word, some)
        assert "кыргызский: 4 человека." in box(word, some)
        assert 'href="/there"' in box(word, some, "/there")
        assert "Язык теста выбран у всех: кыргызский: 4 человека; русский: 2 человека." in box(word, every)


def test_a_language_for_nobody_or_none_is_refused(
    app: Flask, client: PageClient, here: Town, office: Office, base: str
) -> None:
    client.at_work("secretary")
    assert "выбран" in send(client, f"{base}/language", {"chosen": "ru"}, 422).heading
    who = whos(people(office, here.screening)[:1])
    for wrong in ("", "kk", "xx"):
        send(client, f"{base}/language", {"chosen": wrong, "who": who}, 422)
    for login in ("auditor", "head"):
        send(PageClient(app).at_work(login), f"{base}/language", {"chosen": "ru", "who": who}, 403)
    send(PageClient(app).at_work("stranger"), f"{base}/language", {"chosen": "ru", "who": who}, 404)
    assert events(office, "person.language_chosen") == 0


def test_a_language_in_the_list_is_read(client: PageClient, office: Office, here: Town, filing_at: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(spreadsheet(4)))
    sheet = book.active
    assert sheet is not None
    head = next(row for row in sheet.iter_rows() if any("ПИН" in str(cell.value) for cell in row))
    place = sum(1 for cell in head if cell.value) + 1
    said = ["Язык тестирования", "орусча", "на кыргызском", "Русский язык", None]
    for offset, value in enumerate(said):
        sheet.cell((head[0].row or 1) + offset, place, value)
    content = io.BytesIO()
    book.save(content)
    client.at_work("hr")
    page = upload(client, filing_at, content.getvalue())
    assert "У 2 человек в списке не указан язык теста" in page.text
    assert "язык теста «на кыргызском» не понят" in page.text
    accepted(client, f"{filing_at}/import", confirmation(page))
    with office.work(actor_of(office, "hr")) as work:
        rows = work.session.execute(
            select(Person.language, Person.language_chosen)
            .join(Application, Application.person_id == Person.id)
            .where(Application.competition_id == here.draft)
            .order_by(Application.number)
        ).all()
    assert [tuple(row) for row in rows] == [("ru", True), ("ky", False), ("ru", True), ("ky", False)]


def test_who_only_views_chooses_no_language(client: PageClient, here: Town, office: Office, base: str) -> None:
    one = people(office, here.screening)[0]
    client.at_work("auditor")
    assert not client.get(f"{base}/{one.id}").all("select", id="language")
    send(client, f"{base}/{one.id}/language", {"language": "ru"}, 403)
