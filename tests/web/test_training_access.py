"""Who may open what of the training pages: every route, with everybody, and with another body."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import pytest
from flask import Flask

from flask_app.domain.canonical import digest
from flask_app.ports.moodle import OperationLedger, Step, SyncPlan, Wanted
from flask_app.services.bodies import actor_of
from flask_app.services.grades import accept_batch
from flask_app.services.office import Office
from flask_app.settings import Settings
from flask_app.store.engine import create_engine
from flask_app.store.engine import session_factory as make_session_factory
from flask_app.store.queue import TaskRegistry, TransactionalQueue
from flask_app.web import create_app
from tests.conftest import EMBEDDED, Clusters, Database
from tests.web import training_year
from tests.web.client import PageClient
from tests.web.conftest import SEEDED, Clock, Seed, make_office
from tests.web.fake_moodle import PlanningMoodle
from tests.web.town import PEOPLE, Town
from tests.web.training_year import Year

EVERYBODY = frozenset(PEOPLE)
READERS = frozenset({"training", "hr", "head", "auditor"})
KEEPERS = frozenset({"training", "hr"})
HEAD = frozenset({"head"})
NOBODY: frozenset[str] = frozenset()

# Endpoint → (method, address, who is let in). `order` is in its first stage, `placed` placed, `running` under way.
MATRIX: dict[str, tuple[str, str, frozenset[str]]] = {
    "training.index": ("GET", "/training", EVERYBODY),
    "training.new": ("GET", "/training/new", KEEPERS),
    "training.draw_up": ("POST", "/training/new", KEEPERS),
    "training.show": ("GET", "/training/{order}", READERS),
    "training.edit": ("GET", "/training/{order}/correct", KEEPERS),
    "training.correct": ("POST", "/training/{order}/correct", KEEPERS),
    "training.new_programme": ("GET", "/training/{order}/programmes/new", KEEPERS),
    "training.save_programme": ("POST", "/training/{order}/programmes/new", KEEPERS),
    "training.ask": ("GET", "/training/{order}/steps/approve_order", HEAD),
    "training.take": ("POST", "/training/{order}/steps/approve_order", HEAD),
    "training.plan": ("GET", "/training/{running}/moodle", KEEPERS),
    "training.push": ("POST", "/training/{running}/moodle", KEEPERS),
    "training.pull": ("POST", "/training/{running}/pull", KEEPERS),
    "training.job": ("GET", "/training/{running}/jobs/{nothing}", NOBODY),
    "training.stop": ("POST", "/training/{running}/jobs/{nothing}/stop", NOBODY),
    "training.programme": ("GET", "/training/{running}/programmes/{theirs}", READERS),
    "training.review": ("POST", "/training/{placed}/programmes/{placed_ours}/review", KEEPERS),
    "training.enrol": ("POST", "/training/{placed}/programmes/{placed_ours}/people", KEEPERS),
    "training.outcomes": ("GET", "/training/{running}/programmes/{theirs}/outcomes", KEEPERS),
    "training.save_outcomes": ("POST", "/training/{running}/programmes/{theirs}/outcomes", KEEPERS),
    "training.people": ("GET", "/training/{running}/programmes/{theirs}/people.xlsx", KEEPERS),
    "training.grade_sheet": ("GET", "/training/{running}/programmes/{theirs}/grades.xlsx", KEEPERS),
    "training.institutions": ("GET", "/training/institutions", EVERYBODY),
    "training.new_institution": ("GET", "/training/institutions/new", KEEPERS),
    "training.add_institution": ("POST", "/training/institutions/new", KEEPERS),
    "training.institution": ("GET", "/training/institutions/{institution}", READERS),
    "training.upload": ("GET", "/training/upload", KEEPERS),
    "training.preview": ("POST", "/training/upload", KEEPERS),
    "training.take_batch": ("POST", "/training/upload/save", KEEPERS),
    "training.batch": ("GET", "/training/batches/{batch}", READERS),
    "training.original": ("GET", "/training/batches/{batch}/original.xml", KEEPERS),
}
OF_NOTHING = {endpoint for endpoint, (_, pattern, _) in MATRIX.items() if "{" not in pattern}
"""Pages that are about no object, so that another body's people have their own."""


@dataclass
class TrainingMoodle(PlanningMoodle):
    """Answers plans, and notes which courses it was asked to have."""

    courses: list[str] = field(default_factory=list)

    def plan(self, wanted: Wanted, _ledger: OperationLedger) -> SyncPlan:
        made = super().plan(wanted, _ledger)
        steps = (*made.steps, *(Step("save_enrolment", one.course, one.person) for one in wanted.enrolments))
        return SyncPlan(steps, wanted, digest([(step.target, step.idnumber) for step in steps]))

    def ensure_course(self, idnumber: str, _fullname: str) -> None:
        self.courses.append(idnumber)


@pytest.fixture
def moodle() -> TrainingMoodle:
    return TrainingMoodle()


@pytest.fixture
def app(office: Office, settings: Settings, moodle: TrainingMoodle) -> Flask:
    """The panel with the training jobs known to its queue, before a site that answers plans."""
    tasks = TaskRegistry()
    for name in ("push_training", "pull_completions"):
        tasks.register(name, lambda _arguments, _progress: None)
    return create_app(replace(office, queue=TransactionalQueue(tasks), moodle=moodle), settings)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Seeded:
    """A database with the town and its training year, to be copied."""

    name: str
    year: Year


@pytest.fixture(scope="session")
def training_seed(clusters: Clusters, seed: Seed) -> Iterator[Seeded]:
    """Built once for all tests of a file."""
    cluster, name = clusters.get(EMBEDDED), f"training_{secrets.token_hex(6)}"
    cluster.create_database(name, SEEDED)
    engine = create_engine(cluster.url("app", name), application="kyzmat-seed")
    try:
        year = training_year.build(make_office(make_session_factory(engine), Clock(), seed.files))
    finally:
        engine.dispose()
    yield Seeded(name, year)
    cluster.drop_database(name)


@pytest.fixture
def database(clusters: Clusters, training_seed: Seeded) -> Iterator[Database]:
    cluster = clusters.get(EMBEDDED)
    fresh = Database(cluster, f"web_{secrets.token_hex(6)}")
    cluster.create_database(fresh.name, training_seed.name)
    try:
        yield fresh
    finally:
        cluster.drop_database(fresh.name)


@pytest.fixture
def year(training_seed: Seeded) -> Year:
    return training_seed.year


@pytest.fixture
def places(office: Office, here: Town, year: Year) -> dict[str, UUID]:
    taken = accept_batch(office, actor_of(office, "training"), training_year.batch([training_year.record(year, 0)]))
    assert taken.batch is not None
    return {
        "order": here.order,
        "placed": year.placed,
        "running": year.running,
        "theirs": year.theirs,
        "placed_ours": year.placed_ours,
        "institution": year.institution,
        "batch": taken.batch,
        "nothing": uuid4(),
    }


def test_who_may_open_what(app: Flask, places: dict[str, UUID]) -> None:
    """Whoever is not let in is refused, and who may not even look is told that there is nothing.

    Forms go out empty: who is let in is told what is missing (422, 409) or sent on, but never 403 or 404. They change
    nothing, so everybody goes over the same tables.
    """
    wrong = {}
    for login in [*sorted(EVERYBODY), "stranger"]:
        client = PageClient(app).at_work(login)
        token = client.token("/")
        for endpoint, (method, pattern, welcome) in MATRIX.items():
            send = client.browser.get if method == "GET" else client.browser.post
            data = {"form_token": token} if method == "POST" else None
            status = send(pattern.format(**places), data=data).status_code
            if status not in _right(endpoint, login, login in welcome):
                wrong[login, endpoint] = status
    assert not wrong


def _right(endpoint: str, login: str, welcome: bool) -> tuple[int, ...]:
    if welcome or (login == "stranger" and endpoint in OF_NOTHING):
        return 200, 303, 409, 422
    return (404,) if login == "stranger" else (403, 404)


def test_who_may_look_but_not_act_is_told_so(app: Flask, places: dict[str, UUID]) -> None:
    """The auditor reads everything here and changes nothing: 403, not 404; a secretary sees nothing: 404."""
    for login, status in (("auditor", 403), ("secretary", 404)):
        client = PageClient(app).at_work(login)
        for endpoint in ("training.edit", "training.ask", "training.plan", "training.outcomes", "training.original"):
            _, pattern, _ = MATRIX[endpoint]
            client.get(pattern.format(**places), status)
