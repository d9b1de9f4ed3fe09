"""The panel for tests of pages: a seeded database copied per test, a clock to set, a client that checks every page."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker

from connector.institutions.reader import GradeBatchXmlReader
from connector.moodle.gateway import MoodleConnector
from docs_templates.renderer import TemplatePaperMaker
from docs_templates.viewer import DocxViewer
from flask_app.services.office import Office
from flask_app.settings import Settings
from flask_app.store.clock import RandomIds
from flask_app.store.engine import create_engine
from flask_app.store.engine import session_factory as make_session_factory
from flask_app.store.file_store import ContentAddressedStore
from flask_app.store.ledger import DatabaseLedger
from flask_app.store.queue import TaskRegistry, TransactionalQueue
from flask_app.store.sealing import Sealer
from flask_app.web import create_app
from gift_export.word_reader import read_word
from tests.conftest import EMBEDDED, TEMPLATE, Clusters, Database
from tests.quick_hashes import quick_hashes
from tests.web import town
from tests.web.client import PageClient

SEEDED = "kyzmat_web_seeded"
VIEWER = DocxViewer()
"""One for all tests: a paper is pressed to PDF once."""
NOBODY = "http://127.0.0.1:9"
"""Where no Moodle answers: the pages need none."""


@dataclass
class Clock:
    moment: datetime = town.NOW

    def now(self) -> datetime:
        return self.moment

    def forward(self, length: timedelta) -> None:
        self.moment += length


def make_office(sessions: sessionmaker[Session], clock: Clock, files: Path) -> Office:
    ids = RandomIds()
    return Office(
        sessions=sessions,
        clock=clock,
        ids=ids,
        files=ContentAddressedStore(files),
        paper=TemplatePaperMaker(),
        viewer=VIEWER,
        moodle=MoodleConnector(NOBODY, "none"),
        ledger_of=lambda body_id: DatabaseLedger(sessions, clock, ids, body_id),
        queue=TransactionalQueue(TaskRegistry()),
        grade_batches=GradeBatchXmlReader(),
        read_word_list=read_word,
        sealer=Sealer(b"k" * 32),
    )


@dataclass(frozen=True)
class Seed:
    town: town.Town
    files: Path


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    with quick_hashes():
        yield


@pytest.fixture(scope="session")
def seed(clusters: Clusters, tmp_path_factory: pytest.TempPathFactory) -> Seed:
    """The town, built once into a database of its own; tests get copies of it."""
    cluster, files = clusters.get(EMBEDDED), tmp_path_factory.mktemp("papers")
    cluster.create_database(SEEDED, TEMPLATE)
    engine = create_engine(cluster.url("app", SEEDED), application="kyzmat-seed")
    try:
        built = town.build(make_office(make_session_factory(engine), Clock(), files))
    finally:
        engine.dispose()
    return Seed(built, files)


@pytest.fixture
def database(clusters: Clusters, seed: Seed) -> Iterator[Database]:
    """A copy of the seeded database for one test."""
    cluster = clusters.get(EMBEDDED)
    fresh = Database(cluster, f"web_{secrets.token_hex(6)}")
    cluster.create_database(fresh.name, SEEDED)
    try:
        yield fresh
    finally:
        cluster.drop_database(fresh.name)


@pytest.fixture
def here(seed: Seed) -> town.Town:
    return seed.town


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(session_factory: sessionmaker[Session], clock: Clock, seed: Seed) -> Office:
    return make_office(session_factory, clock, seed.files)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def app(office: Office, settings: Settings) -> Flask:
    return create_app(office, settings)


@pytest.fixture
def client(app: Flask) -> PageClient:
    """A browser without a log-in that checks every page it is given."""
    return PageClient(app)


class QueryCount:
    """Counts the statements of an engine while it is told to."""

    def __init__(self, engine: Engine) -> None:
        self.statements: list[str] = []
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, _c: object, _u: object, statement: str, *_rest: object) -> None:
        self.statements.append(statement)


@pytest.fixture
def queries(engine: Engine) -> QueryCount:
    return QueryCount(engine)
