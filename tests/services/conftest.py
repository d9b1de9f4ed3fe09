"""A whole panel for one test: a real database, a real stand-in Moodle over a socket, real papers, a clock to set."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.orm import Session, sessionmaker

from connector.moodle.gateway import MoodleConnector
from connector.moodle.standin.process import StandinProcess
from flask_app.domain.identity import ROLES, Actor
from flask_app.services.office import Office
from flask_app.store.engine import create_engine
from flask_app.store.engine import session_factory as make_session_factory
from tests.conftest import EMBEDDED, TEMPLATE, Clusters, Database
from tests.quick_hashes import quick_hashes
from tests.services.desk import FrozenClock, actor_with, make_office, new_body
from tests.services.stages import (
    Scene,
    build_decided,
    build_entered,
    build_sat,
    build_screening,
    build_synced,
    build_voting,
    copy_site,
)

NOBODY = "http://127.0.0.1:9"
"""Where no Moodle answers."""


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    with quick_hashes():
        yield


@pytest.fixture(scope="session")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandinProcess]:
    """One stand-in for the tests that begin with nothing; each uses names of its own there."""
    with StandinProcess(tmp_path_factory.mktemp("standin") / "site.sqlite") as running:
        yield running


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def office(
    session_factory: sessionmaker[Session], clock: FrozenClock, standin: StandinProcess, tmp_path: Path
) -> Office:
    return make_office(session_factory, clock, MoodleConnector(standin.url, standin.token), tmp_path / "files")


@pytest.fixture
def body(office: Office) -> UUID:
    """A body of its own for each test, so that nothing in Moodle is shared either."""
    return new_body(office)


@pytest.fixture
def everybody(office: Office, body: UUID) -> Actor:
    """Somebody who holds every role at once: for tests that are about something else than rights."""
    actor = actor_with(office, body)
    return replace(actor, roles=frozenset(ROLES))


# ------------------------------------------------------------------------------------------------- stages, copied


@dataclass(frozen=True)
class Stage:
    """What a stage left behind: a database to copy, a stand-in's data file, and who is who."""

    database: str
    site: Path
    scene: Scene


class Stages:
    """Builds each stage when the first test wants it, on a copy of the one before."""

    def __init__(self, clusters: Clusters, home: Path) -> None:
        self._cluster = clusters.get(EMBEDDED)
        self._home = home
        self._built: dict[str, Stage] = {}

    def get(self, name: str) -> Stage:
        if name not in self._built:
            self._built[name] = getattr(self, f"_{name}")()
        return self._built[name]

    def _synced(self) -> Stage:
        return self._build("synced", None, lambda scene: build_synced(scene.office, scene.site))

    def _screening(self) -> Stage:
        return self._build("screening", self.get("synced"), build_screening)

    def _sat(self) -> Stage:
        return self._build("sat", self.get("screening"), build_sat)

    def _entered(self) -> Stage:
        return self._build("entered", self.get("sat"), build_entered)

    def _voting(self) -> Stage:
        return self._build("voting", self.get("entered"), build_voting)

    def _decided(self) -> Stage:
        return self._build("decided", self.get("voting"), build_decided)

    def _build(self, name: str, before: Stage | None, step: Callable[[Scene], Scene]) -> Stage:
        database, folder = f"stage_{name}", self._home / name
        self._cluster.create_database(database, before.database if before else TEMPLATE)
        site = copy_site(before.site, folder) if before else folder / "site.sqlite"
        folder.mkdir(exist_ok=True)
        nobody = Actor(UUID(int=0), "", UUID(int=0), frozenset())
        with open_scene(Database(self._cluster, database), FrozenClock(), site, folder) as (office, running):
            known = before.scene if before else Scene(office, running, nobody)
            scene = step(replace(known, office=office, site=running))
        return Stage(database, site, scene)

    @contextmanager
    def copy(self, name: str, clock: FrozenClock, folder: Path, *, online: bool = True) -> Iterator[Scene]:
        """A copy for one test; offline it has no stand-in, which saves a second."""
        stage = self.get(name)
        database = Database(self._cluster, f"copy_{secrets.token_hex(6)}")
        self._cluster.create_database(database.name, stage.database)
        site = copy_site(stage.site, folder / "site")
        try:
            with open_scene(database, clock, site, folder, online=online) as (office, running):
                yield replace(stage.scene, office=office, site=running, database_url=database.url("app"))
        finally:
            self._cluster.drop_database(database.name)


@contextmanager
def open_scene(
    database: Database, clock: FrozenClock, site: Path, folder: Path, *, online: bool = True
) -> Iterator[tuple[Office, StandinProcess]]:
    with ExitStack() as stack:
        engine = create_engine(database.url("app"), application="kyzmat-tests")
        stack.callback(engine.dispose)
        running = StandinProcess(site)
        if online:
            stack.enter_context(running)
        moodle = MoodleConnector(running.url if online else NOBODY, running.token)
        yield make_office(make_session_factory(engine), clock, moodle, folder / "files"), running


@pytest.fixture(scope="session")
def stages(clusters: Clusters, tmp_path_factory: pytest.TempPathFactory) -> Stages:
    return Stages(clusters, tmp_path_factory.mktemp("stages"))


@pytest.fixture
def synced(stages: Stages, clock: FrozenClock, tmp_path: Path) -> Iterator[Scene]:
    with stages.copy("synced", clock, tmp_path) as scene:
        yield scene


@pytest.fixture
def synced_offline(stages: Stages, clock: FrozenClock, tmp_path: Path) -> Iterator[Scene]:
    with stages.copy("synced", clock, tmp_path, online=False) as scene:
        yield scene


@pytest.fixture
def screening(stages: Stages, clock: FrozenClock, tmp_path: Path) -> Iterator[Scene]:
    """Offline: nothing of the admission needs Moodle."""
    with stages.copy("screening", clock, tmp_path, online=False) as scene:
        yield scene


@pytest.fixture
def screening_online(stages: Stages, clock: FrozenClock, tmp_path: Path) -> Iterator[Scene]:
    with stages.copy("screening", clock, tmp_path) as scene:
        yield scene


@pytest.fixture
def sat(stages: Stages, clock: FrozenClock, tmp_path: Path) -> Iterator[Scene]:
    with stages.copy("sat", clock, tmp_path) as scene:
        yield scene


@pytest.fixture
def entered(stages: Stages, clock: FrozenClock, tmp_path: Path) -> Iterator[Scene]:
    """Offline: what is left to do needs no Moodle."""
    with stages.copy("entered", clock, tmp_path, online=False) as scene:
        yield scene


@pytest.fixture
def entered_online(stages: Stages, clock: FrozenClock, tmp_path: Path) -> Iterator[Scene]:
    with stages.copy("entered", clock, tmp_path) as scene:
        yield scene


@pytest.fixture
def voting(stages: Stages, clock: FrozenClock, tmp_path: Path) -> Iterator[Scene]:
    """Offline, as `entered`."""
    with stages.copy("voting", clock, tmp_path, online=False) as scene:
        yield scene


@pytest.fixture
def decided(stages: Stages, clock: FrozenClock, tmp_path: Path) -> Iterator[Scene]:
    """Offline, as `entered`."""
    with stages.copy("decided", clock, tmp_path, online=False) as scene:
        yield scene
