"""A panel with everything behind it: worker, stand-in, server, browser; and the watch that keeps what went out."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from connector.moodle.gateway import MoodleConnector
from connector.moodle.standin.process import StandinProcess
from flask_app import jobs
from flask_app.services.office import Office
from flask_app.settings import Settings
from flask_app.store.engine import create_engine
from flask_app.store.engine import session_factory as make_session_factory
from flask_app.store.progress import ProgressBook
from flask_app.store.queue import TaskRegistry, TransactionalQueue
from flask_app.store.worker import Worker
from flask_app.web import create_app
from tests.conftest import EMBEDDED, Clusters, Database
from tests.services.stages import copy_site
from tests.web.conftest import SEEDED, Clock, Seed, make_office
from tests.web.serving import chromium, served
from tests.web.story.watch import Watch
from tests.web.story.world import World, furnish

FURNISHED = "kyzmat_web_story"


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def world(clusters: Clusters, seed: Seed, tmp_path_factory: pytest.TempPathFactory) -> World:
    cluster, site = clusters.get(EMBEDDED), tmp_path_factory.mktemp("site") / "site.sqlite"
    cluster.create_database(FURNISHED, SEEDED)
    engine = create_engine(cluster.url("app", FURNISHED), application="kyzmat-seed")
    try:
        with StandinProcess(site) as running:
            office = make_office(make_session_factory(engine), Clock(), seed.files)
            furnish(replace(office, moodle=MoodleConnector(running.url, running.token)), running)
    finally:
        engine.dispose()
    return World(FURNISHED, seed.files, site)


@pytest.fixture
def database(clusters: Clusters, world: World) -> Iterator[Database]:
    """A copy of the furnished database for one test."""
    cluster = clusters.get(EMBEDDED)
    fresh = Database(cluster, f"story_{secrets.token_hex(6)}")
    cluster.create_database(fresh.name, world.database)
    try:
        yield fresh
    finally:
        cluster.drop_database(fresh.name)


@pytest.fixture
def site(world: World, tmp_path: Path) -> Iterator[StandinProcess]:
    """The stand-in with the banks in it, this test's own."""
    with StandinProcess(copy_site(world.site, tmp_path / "site")) as running:
        yield running


@pytest.fixture
def tasks() -> TaskRegistry:
    return TaskRegistry()


@pytest.fixture
def office(
    session_factory: sessionmaker[Session], clock: Clock, world: World, site: StandinProcess, tasks: TaskRegistry
) -> Office:
    return real_office(session_factory, clock, world, site, tasks)


def real_office(
    sessions: sessionmaker[Session], clock: Clock, world: World, site: StandinProcess, tasks: TaskRegistry
) -> Office:
    """Real parts throughout, with the jobs of the product in its queue."""
    made = replace(
        make_office(sessions, clock, world.files),
        moodle=MoodleConnector(site.url, site.token),
        queue=TransactionalQueue(tasks),
    )
    jobs.register(tasks, lambda: made, ProgressBook(sessions))
    return made


@contextmanager
def engine_of(database: Database) -> Iterator[Engine]:
    engine = create_engine(database.url("app"), application="kyzmat-story")
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def app(office: Office, settings: Settings) -> Flask:
    return create_app(office, settings)


@dataclass(frozen=True)
class Running:
    """The panel at an address, and the watch on what goes out."""

    address: str
    watch: Watch


@pytest.fixture
def running(app: Flask, database: Database, tasks: TaskRegistry) -> Iterator[Running]:
    """Server and worker; at the end every page that went out is held against the law."""
    watch = Watch(app)
    with working(Worker(database.url("app"), tasks)), served(app) as address:
        yield Running(address, watch)
    watch.check()


@contextmanager
def working(worker: Worker) -> Iterator[None]:
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(timeout=30)
        assert not thread.is_alive(), "the worker did not end"
