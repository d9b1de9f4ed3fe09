"""Who may open what of the banks and of Moodle: every route of both areas, with everybody, and with another body."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from flask import Flask

from flask_app.services.office import Office
from flask_app.settings import Settings
from flask_app.store.models.banks import QuestionBank
from flask_app.store.models.moodle import SyncRun
from flask_app.store.queue import TaskRegistry, TransactionalQueue
from flask_app.web import create_app
from tests.web.bank_desk import BankMoodle, load, question_id, small_bank
from tests.web.client import PageClient
from tests.web.town import PEOPLE

EVERYBODY = frozenset(PEOPLE)
SYNC = frozenset({"bank", "hr", "secretary"})
VIEW = SYNC | {"operator", "auditor"}
READ = frozenset({"bank", "auditor"})
EDITOR = frozenset({"bank"})
EXAMINE = VIEW | {"admin"}
ADMIN = frozenset({"admin"})
NOBODY: frozenset[str] = frozenset()

# Endpoint → (method, address, who is let in).
MATRIX: dict[str, tuple[str, str, frozenset[str]]] = {
    "banks.index": ("GET", "/banks", VIEW),
    "banks.show": ("GET", "/banks/{bank}", VIEW),
    "banks.problems": ("GET", "/banks/{bank}/problems", EDITOR),
    "banks.export": ("POST", "/banks/{bank}/text/ru", EDITOR),
    "banks.question": ("GET", "/banks/{bank}/questions/{question}", READ),
    "banks.answers": ("POST", "/banks/{bank}/questions/{question}", EDITOR),
    "moodle.index": ("GET", "/moodle", VIEW),
    "moodle.plan": ("GET", "/moodle/plan", SYNC),
    "moodle.carry_out": ("POST", "/moodle/plan", SYNC),
    "moodle.job": ("GET", "/moodle/jobs/{nothing}", NOBODY),
    "moodle.stop": ("POST", "/moodle/jobs/{nothing}/stop", NOBODY),
    "moodle.run": ("GET", "/moodle/runs/{run}", VIEW),
    "moodle.changes": ("GET", "/moodle/drift", VIEW),
    "moodle.note_changes": ("POST", "/moodle/drift", SYNC),
    "moodle.their_text": ("POST", "/moodle/drift/{bank}/text", EDITOR),
    "moodle.connection": ("GET", "/moodle/connection", EXAMINE),
    "moodle.examine": ("POST", "/moodle/connection", EXAMINE),
    "moodle.by_hand": ("GET", "/moodle/by-hand/{bank}", EDITOR),
    "moodle.hand_out": ("POST", "/moodle/by-hand/{bank}/gift", EDITOR),
    "moodle.set_hints": ("POST", "/moodle/connection/hints", ADMIN),
    "moodle.stop_hints": ("POST", "/moodle/connection/hints/stop", ADMIN),
}
OF_NO_OBJECT = {
    "banks.index",
    "moodle.index",
    "moodle.plan",
    "moodle.carry_out",
    "moodle.changes",
    "moodle.note_changes",
    "moodle.connection",
    "moodle.examine",
}
"""Pages that are about no object, so that another body's people have their own."""


@pytest.fixture
def app(office: Office, settings: Settings) -> Flask:
    queue = TransactionalQueue(TaskRegistry())
    return create_app(replace(office, queue=queue, moodle=BankMoodle()), settings)  # type: ignore[arg-type]  # answers what these pages ask


@pytest.fixture
def places(office: Office) -> dict[str, UUID]:
    bank = load(office, small_bank(1))
    run = SyncRun(id=uuid4(), subject="banks", plan_hash="0" * 64, state="applied", steps=0, report={})
    with office.sessions() as session:
        run.body_id = session.get_one(QuestionBank, bank).body_id
        run.started_at = run.ended_at = office.clock.now()
        session.add(run)
        id_ = run.id
        session.commit()
    return {"bank": bank, "question": question_id(office, "const-001.ru"), "run": id_, "nothing": uuid4()}


def test_every_route_stands_in_the_matrix(app: Flask) -> None:
    areas = ("banks", "moodle")
    assert {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] in areas} == set(
        MATRIX
    )


def test_who_may_open_what(app: Flask, places: dict[str, UUID]) -> None:
    """Whoever is not let in is refused, and who may not even look is told that there is nothing."""
    wrong = {}
    for login in [*sorted(EVERYBODY), "stranger"]:
        client = PageClient(app).at_work(login)
        token = client.token("/")
        for endpoint, (method, pattern, welcome) in MATRIX.items():
            path = pattern.format(**places)
            send = client.browser.get if method == "GET" else client.browser.post
            data = {"form_token": token, "question": "const-001.ru"}
            status = send(path, data=data if method == "POST" else None).status_code
            if status not in allowed(login, endpoint, welcome):
                wrong[login, endpoint] = status
    assert not wrong


def allowed(login: str, endpoint: str, welcome: frozenset[str]) -> tuple[int, ...]:
    if login == "stranger" and welcome == ADMIN:
        return (403,)
    if login == "stranger":
        return (200, 303, 422) if endpoint in OF_NO_OBJECT else (404,)
    return (200, 303, 422) if login in welcome else (403, 404)
