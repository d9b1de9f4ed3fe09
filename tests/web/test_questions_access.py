"""Who may open what of the pages where questions are made: every route of the area, with everybody."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from flask import Flask

from flask_app.services.office import Office
from flask_app.settings import Settings
from flask_app.store.queue import TaskRegistry, TransactionalQueue
from flask_app.web import create_app
from tests.web.client import PageClient
from tests.web.test_questions import BLUEPRINT, Browsers, as_, bank, create, send, shipped
from tests.web.town import PEOPLE

__all__ = ["as_", "bank", "shipped"]


@pytest.fixture
def app(office: Office, settings: Settings) -> Flask:
    """The panel with the job that counts known to its queue."""
    tasks = TaskRegistry()
    tasks.register("count_figures", lambda _arguments, _progress: None)
    return create_app(replace(office, queue=TransactionalQueue(tasks)), settings)


EDITORS = frozenset({"bank", "bank2"})

# Endpoint → (method, address, who is let in). The question is a draft; the remark and the other question are nobody's.
MATRIX: dict[str, tuple[str, str, frozenset[str]]] = {
    "questions.index": ("GET", "/questions", EDITORS),
    "questions.look_at_many": ("POST", "/questions/hand-in/review", EDITORS),
    "questions.hand_in": ("POST", "/questions/hand-in", EDITORS),
    "questions.new": ("GET", "/questions/banks/{bank}/new", EDITORS),
    "questions.check_new": ("POST", "/questions/banks/{bank}/check", EDITORS),
    "questions.create": ("POST", "/questions/banks/{bank}/new", EDITORS),
    "questions.revise": ("POST", "/questions/banks/{bank}/revisions", EDITORS),
    "questions.upload": ("GET", "/questions/banks/{bank}/import", EDITORS),
    "questions.template": ("GET", "/questions/banks/{bank}/import/template", EDITORS),
    "questions.look": ("POST", "/questions/banks/{bank}/import", EDITORS),
    "questions.confirm": ("POST", "/questions/banks/{bank}/import/confirm", EDITORS),
    "questions.releases": ("GET", "/questions/banks/{bank}/releases", EDITORS),
    "questions.publish": ("POST", "/questions/banks/{bank}/releases", EDITORS),
    "questions.statistics": ("GET", "/questions/banks/{bank}/statistics", EDITORS),
    "questions.count": ("POST", "/questions/banks/{bank}/statistics", EDITORS),
    "questions.counting_job": ("GET", "/questions/banks/{bank}/statistics/jobs/{job}", EDITORS),
    "questions.stop_counting": ("POST", "/questions/banks/{bank}/statistics/jobs/{job}/stop", EDITORS),
    "questions.show": ("GET", "/questions/{item}", EDITORS),
    "questions.edit": ("GET", "/questions/{item}/edit", EDITORS),
    "questions.check_again": ("POST", "/questions/{item}/check", EDITORS),
    "questions.save": ("POST", "/questions/{item}/edit", EDITORS),
    "questions.take": ("POST", "/questions/{item}/steps/submit", EDITORS),
    "questions.comment": ("POST", "/questions/{item}/comments", EDITORS),
    "questions.settle": ("POST", "/questions/{item}/comments/{nothing}", EDITORS),
    "questions.compare": ("GET", "/questions/{item}/versions/1", EDITORS),
    "questions.blueprints": ("GET", "/questions/blueprints", EDITORS),
    "questions.new_blueprint": ("GET", "/questions/blueprints/new", EDITORS),
    "questions.build": ("POST", "/questions/blueprints/new", EDITORS),
    "questions.blueprint": ("GET", "/questions/blueprints/{blueprint}", EDITORS),
    "questions.rebuild": ("POST", "/questions/blueprints/{blueprint}", EDITORS),
}
FINDS_NOTHING = {"questions.settle"}
"""Asked for with a name that nobody has: 404 also for who is let in."""


def test_who_may_open_what(app: Flask, as_: Browsers, bank: UUID) -> None:
    """Editors of this body are let in and told what is missing; everybody else is refused or finds nothing."""
    item = create(as_("bank"), bank).rpartition("/")[2]
    blueprint = send(as_("bank"), "/questions/blueprints/new", **BLUEPRINT, do="keep").rpartition("/")[2]
    job = send(as_("bank"), f"/questions/banks/{bank}/statistics").rpartition("/")[2]
    places = {"bank": bank, "item": item, "blueprint": blueprint, "job": job, "nothing": uuid4()}
    wrong = {}
    for login in [*sorted(PEOPLE.keys() - EDITORS), "stranger", *sorted(EDITORS)]:
        client = PageClient(app).at_work(login)
        token = client.token("/")
        for endpoint, (method, pattern, welcome) in MATRIX.items():
            path = pattern.format(**places)
            data = {"form_token": token, "version": "99"}
            answer = client.browser.get(path) if method == "GET" else client.browser.post(path, data=data)
            let_in = answer.status_code in (200, 303, 409, 422)
            nothing = answer.status_code == 404 and endpoint in FINDS_NOTHING
            if not (let_in or nothing if login in welcome else answer.status_code in (403, 404)):
                wrong[login, endpoint] = answer.status_code
    assert not wrong
