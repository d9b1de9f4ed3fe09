"""Who may open what: every route with every role, and nothing of another body."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from flask import Flask
from werkzeug.routing import Rule

from flask_app.web.area import MACHINES
from tests.web import (
    test_announcing,
    test_applicants,
    test_banks_access,
    test_commissions,
    test_people,
    test_questions_access,
    test_training_access,
    test_work_access,
)
from tests.web.client import PageClient
from tests.web.town import PEOPLE, Town

GUEST = "guest"
EVERYBODY = frozenset(PEOPLE)
STAFF = frozenset({"hr", "secretary", "chair", "head", "auditor", "member"})
TRAINING = frozenset({"training", "hr", "head", "auditor"})

# Endpoint → (address, who gets 200, status of everybody else). A guest is sent to the log-in, unless named.
MATRIX: dict[str, tuple[str, frozenset[str], int]] = {
    "home.show": ("/", EVERYBODY, 0),
    "procedures.index": ("/procedures", EVERYBODY, 0),
    "procedures.competition": ("/procedures/competition/{screening}", STAFF, 404),
    "procedures.training_order": ("/procedures/training/{reported}", TRAINING, 404),
    "papers.index": ("/papers", EVERYBODY, 0),
    "papers.show": ("/papers/{protocol}", STAFF, 404),
    "papers.read": ("/papers/{protocol}/versions/1", STAFF, 404),
    "papers.pages": ("/papers/{protocol}/versions/1.pdf", STAFF, 404),
    "papers.download": ("/papers/{protocol}/versions/1.docx", STAFF, 404),
    "journal.body": ("/journal", frozenset({"auditor"}), 403),
    "journal.of_object": ("/journal/document/{protocol}", frozenset({"auditor"}), 403),
    "health.alive": ("/health", EVERYBODY | {GUEST}, 0),
}
OWN_TESTS = {"account.log_in", "account.begin_session", "account.log_out", "static"} | MACHINES
"""The door itself (tests/web/test_login.py), the styles (tests/web/test_headers.py), and where other systems knock."""

KNOCKS: dict[str, str] = {"hooks.moodle": "tests/services/test_hints.py"}
"""What no log-in opens but a signature does → where every way to be refused is tried."""

HIDDEN_FROM_OUTSIDERS = {"journal.of_object"}
"""403 for those who may view the object, 404 for the others."""


def address(pattern: str, here: Town) -> str:
    return pattern.format(**vars(here))


def expected(endpoint: str, login: str) -> int:
    _, welcome, otherwise = MATRIX[endpoint]
    if login in welcome:
        return 200
    if endpoint in HIDDEN_FROM_OUTSIDERS and login not in STAFF:
        return 404
    return otherwise


MATRICES: tuple[set[str], ...] = (
    set(MATRIX),
    set(test_announcing.MATRIX) | test_announcing.POSTS,
    set(test_applicants.MATRIX) | test_applicants.POSTS,
    set(test_work_access.MATRIX),
    set(test_training_access.MATRIX),
    set(test_banks_access.MATRIX),
    set(test_questions_access.MATRIX),
    set(test_commissions.MATRIX),
    set(test_people.MATRIX),
)
"""Who may ask for what, area by area: each of these tables is run through with every role in its own file."""


def test_every_route_stands_in_one_matrix(app: Flask) -> None:
    """A new route fails until somebody says who may open it."""
    routes = sorted(rule.endpoint for rule in app.url_map.iter_rules())
    assert routes == sorted([*(endpoint for matrix in MATRICES for endpoint in matrix), *OWN_TESTS])


def test_every_machine_has_its_own_tests_and_asks_for_proof(app: Flask, here: Town) -> None:
    """Whoever comes without a signature – a guest, or an administrator with a session – is nobody there."""
    assert set(KNOCKS) == MACHINES
    for client in (PageClient(app), PageClient(app).at_work("admin")):
        for method, rule in routes_of(app):
            if rule.endpoint in MACHINES:
                assert method == "POST"
                answer = client.browser.post(filled(rule, here.screening), json={"form_token": "x"})
                assert (answer.status_code, answer.get_data()) == (401, b""), rule


def filled(rule: Rule, id_: UUID) -> str:
    """The route's address with this id and something fit for every other part."""
    words = {"transition": "announce", "step": "sign", "type_": "competition", "kind": "D16", "number": 1}
    given = {name: id_ if name == "id_" else words.get(name, uuid4()) for name in rule.arguments}
    built = rule.build(given)
    assert built is not None
    return str(built[1])


def routes_of(app: Flask) -> list[tuple[str, Rule]]:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    return [(method, rule) for rule in rules for method in sorted((rule.methods or set()) & {"GET", "POST"})]


def test_every_route_is_closed_to_guests(app: Flask, here: Town) -> None:
    open_ = {"account.log_in", "account.begin_session", "health.alive"} | MACHINES
    client = PageClient(app)
    token = client.token()
    for method, rule in routes_of(app):
        if rule.endpoint not in open_:
            answer = client.browser.open(filled(rule, here.screening), method=method, data={"form_token": token})
            assert answer.status_code == 303, rule
            assert answer.headers["Location"].startswith("/login"), rule


def test_every_form_wants_its_token(app: Flask, here: Town) -> None:
    client = PageClient(app).at_work("secretary")
    for method, rule in routes_of(app):
        if method == "POST" and rule.endpoint not in MACHINES:
            answer = client.browser.post(filled(rule, here.screening))
            assert answer.status_code == 400, rule


@pytest.mark.parametrize("login", ["hr", "secretary", "auditor"])
def test_no_route_tells_another_bodys_object_from_none(app: Flask, here: Town, login: str) -> None:
    client = PageClient(app).at_work(login)
    data = {"form_token": client.token("/"), "version": "1"}
    for method, rule in routes_of(app):
        if "id_" not in rule.arguments:
            continue
        statuses = {
            client.browser.open(filled(rule, id_), method=method, data=data if method == "POST" else None).status_code
            for id_ in (here.other_competition, here.other_order, here.other_paper, uuid4())
        }
        assert len(statuses) == 1, (rule, statuses)
        assert statuses <= {403, 404, 409, 422}, (rule, statuses)


@pytest.mark.parametrize("login", ["admin", "bank"])
def test_no_route_opens_a_procedure_to_a_technical_role(app: Flask, here: Town, login: str) -> None:
    client = PageClient(app).at_work(login)
    for method, rule in routes_of(app):
        if method == "GET" and "id_" in rule.arguments:
            for id_ in (here.screening, here.protocol, here.order):
                assert client.raw_get(filled(rule, id_)).status_code in (403, 404), (rule, login)


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_every_role_gets_what_is_its_own_and_no_more(client: PageClient, here: Town, login: str) -> None:
    client.at_work(login)
    for endpoint, (pattern, _, _) in MATRIX.items():
        answer = client.raw_get(address(pattern, here))
        assert answer.status_code == expected(endpoint, login), (endpoint, login)
        if answer.mimetype == "text/html":
            client.get(address(pattern, here), answer.status_code)


def test_a_guest_is_sent_to_the_door(client: PageClient, here: Town) -> None:
    for endpoint, (pattern, welcome, _) in MATRIX.items():
        answer = client.raw_get(address(pattern, here))
        if GUEST in welcome:
            assert answer.status_code == 200, endpoint
        else:
            assert answer.status_code == 303, endpoint
            assert answer.headers["Location"].startswith("/login?next="), endpoint


@pytest.mark.parametrize("login", ["hr", "auditor", "training", "head", "secretary"])
def test_another_bodys_object_is_not_there(client: PageClient, here: Town, login: str) -> None:
    client.at_work(login)
    nowhere = uuid4()
    for kind, theirs in (("competition", here.other_competition), ("training", here.other_order)):
        assert _answers(client, f"/procedures/{kind}/{theirs}", f"/procedures/{kind}/{nowhere}")
    assert _answers(client, f"/papers/{here.other_paper}", f"/papers/{nowhere}")
    assert client.raw_get(f"/papers/{here.other_paper}/versions/1.docx").status_code == 404
    assert _answers(client, f"/journal/competition/{here.other_competition}", f"/journal/competition/{nowhere}")


def _answers(client: PageClient, theirs: str, nowhere: str) -> bool:
    """Both 404, and word for word the same: another body's object cannot be told from none."""
    first, second = client.get(theirs, 404), client.get(nowhere, 404)
    words = [page.text.replace(page.response.headers["X-Request-Id"], "") for page in (first, second)]
    assert words[0] == words[1]
    return True


def test_lists_hold_nothing_of_another_body(client: PageClient, here: Town) -> None:
    client.at_work("auditor")
    pages = [client.get(path).response.get_data(as_text=True) for path in ("/", "/procedures", "/papers", "/journal")]
    for id_ in (here.other_competition, here.other_order, here.other_paper):
        assert not [page for page in pages if str(id_) in page]


@pytest.mark.parametrize(
    ("login", "said"),
    [
        ("admin", "Дел нет. Процедуры и документы ведут другие роли. Ваша роль открывает: Moodle, Пользователи."),
        ("bank", "Вопросы, которые ждут вас, появятся здесь. Ваша роль открывает: Банки вопросов, Вопросы, Moodle."),
        ("operator", "Дел нет. Процедуры и документы ведут другие роли. Ваша роль открывает: Банки вопросов, Moodle."),
    ],
)
def test_technical_roles_see_no_content(client: PageClient, login: str, said: str) -> None:
    client.at_work(login)
    home = client.get("/").text
    assert said in home
    assert "не открывает" not in home
    assert client.get("/procedures").rows() == []
    assert client.get("/papers").rows() == []


def test_a_member_sees_the_competitions_of_its_own_commission_only(client: PageClient, here: Town) -> None:
    client.at_work("member")
    listed = client.get("/procedures").links()
    assert f"/procedures/competition/{here.screening}" in listed
    assert f"/procedures/competition/{here.draft}" not in listed, "that one has no commission"
    assert not [link for link in listed if "/procedures/training/" in link]
    client.get(f"/procedures/competition/{here.draft}", 404)
    assert f"/papers/{here.protocol}" in client.get("/papers").links()
    client.get(f"/papers/{here.report}", 404)


def test_who_sees_to_training_opens_papers_of_training_only(client: PageClient, here: Town) -> None:
    client.at_work("training")
    listed = client.get("/papers").links()
    assert f"/papers/{here.report}" in listed
    assert f"/papers/{here.protocol}" not in listed
    client.get(f"/papers/{here.protocol}", 404)


def test_what_a_list_shows_can_be_opened_and_nothing_else(client: PageClient, here: Town) -> None:
    for login in sorted(PEOPLE):
        browser = PageClient(client.app).at_work(login)
        listed = {link for path in ("/procedures", "/papers") for link in browser.get(path).links()}
        for link in _objects(here):
            opens = browser.raw_get(link).status_code == 200
            assert opens == (link in listed), (login, link)


def _objects(here: Town) -> list[str]:
    def links(pattern: str, *ids: UUID) -> list[str]:
        return [pattern.format(id_) for id_ in ids]

    return [
        *links("/procedures/competition/{}", here.draft, here.screening, here.decided, here.other_competition),
        *links("/procedures/training/{}", here.order, here.reported, here.other_order),
        *links("/papers/{}", here.protocol, here.report, here.other_paper),
    ]
