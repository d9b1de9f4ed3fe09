"""Databases for tests: real PostgreSQL servers of their own, one fresh migrated database per test.

`database`, `engine`, `owner_engine`, `session_factory` stand on the PostgreSQL that ships (18). Tests marked
`@pytest.mark.both_engines` run twice: also on Debian's PostgreSQL. Nothing is left behind: the servers live in a folder
that is removed at the end, and each is stopped by its supervisor even when the test run is killed.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

import psutil
import pytest
from hypothesis import settings
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from flask_app.store import migrate
from flask_app.store.embedded import EmbeddedPostgres, Role
from flask_app.store.engine import create_engine
from flask_app.store.engine import session_factory as make_session_factory

if find_spec("tests.connector") and find_spec("tests.connector.moodle_options"):
    pytest_plugins = ["tests.connector.moodle_options"]

# Machines are shared and noisy: how long an example takes says nothing about the rule it tests.
settings.register_profile("kyzmat", deadline=None)
settings.load_profile("kyzmat")

EMBEDDED = "embedded"
DEBIAN = "debian"
TEMPLATE = "kyzmat_template"

FOLDERS = "kyzmat-tests-"
MEMORY_NEEDED = 1_500_000_000
"""Bytes of memory file system below which the servers stand on the disk."""

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""These servers' data is thrown away. Tests of the server itself run with the settings of an installation."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_engines: runs on the embedded PostgreSQL and on Debian's")
    signal.signal(signal.SIGTERM, _end_politely)


def _end_politely(_number: int, _frame: FrameType | None) -> None:
    """A test run that is told to end removes its servers and folders, as it does on Ctrl-C."""
    raise KeyboardInterrupt


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All else stays in random order. The stories begin first, or at the end one worker would wait for the other's.

    What is built once for many tests should be built by one worker: of two, each begins with its half of the list, and
    the one that is done first takes from the end of the other's.
    """
    stories, towns, services, rest = _parts(items, "tests/web/story/", "tests/bench/", "tests/services/")
    middle = max(0, len(items) // 2 - len(stories) - len(towns))
    items[:] = [*stories, *towns, *rest[:middle], *services, *rest[middle:]]


def _parts(items: list[pytest.Item], *folders: str) -> list[list[pytest.Item]]:
    """The tests of each folder, and those of none."""
    inside = [[item for item in items if folder in item.nodeid] for folder in folders]
    return [*inside, [item for item in items if not any(folder in item.nodeid for folder in folders)]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("both_engines") and "cluster" in metafunc.fixturenames:
        metafunc.parametrize("cluster", [EMBEDDED, DEBIAN], indirect=True)


@dataclass(frozen=True, slots=True)
class Database:
    """One migrated, empty database on a running server."""

    server: EmbeddedPostgres
    name: str

    def url(self, role: Role = "app") -> str:
        return self.server.url(role, self.name)


class Clusters:
    """The servers of this test run, each started when the first test wants it."""

    def __init__(self, home: Path, base: Path) -> None:
        self._home = home
        self._base = base
        self._running: dict[str, EmbeddedPostgres] = {}

    def get(self, name: str) -> EmbeddedPostgres:
        if name not in self._running:
            bin_dir = debian_bin_dir() if name == DEBIAN else None
            server = EmbeddedPostgres(self._home / name, bin_dir, options=FAST, base=self._base).start()
            self._running[name] = server
            server.create_database(TEMPLATE)
            migrate.upgrade(server.url("owner", TEMPLATE))
        return self._running[name]

    def stop(self) -> None:
        for server in self._running.values():
            server.stop()


def debian_bin_dir() -> Path:
    """Programs of the oldest PostgreSQL >= 15 that Debian's packages put on this machine."""
    found = sorted(
        (int(path.parts[-3]), path.parent)
        for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")
        if path.parts[-3].isdigit() and int(path.parts[-3]) >= 15
    )
    if not found:
        pytest.fail("no PostgreSQL >= 15 under /usr/lib/postgresql: `make system-deps` installs the package postgresql")
    return found[0][1]


@contextlib.contextmanager
def server_folder(parent: Path = Path("/tmp")) -> Iterator[Path]:
    """A folder that the account of a server started by root can enter; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDERS}{os.getpid()}-", dir=parent))
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def memory_folder() -> Path:
    """Thousands of small files per database: ten times faster in memory, where there is enough of it."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > MEMORY_NEEDED
    return memory if roomy else Path("/tmp")


def _sweep_folders_of_killed_runs() -> None:
    """`kill -9` leaves a folder behind, never a server: the supervisor has stopped that."""
    for parent in {Path("/tmp"), memory_folder()}:
        for folder in parent.glob(f"{FOLDERS}*"):
            pid = folder.name.removeprefix(FOLDERS).partition("-")[0]
            if folder.stat().st_uid == os.geteuid() and pid.isdigit() and not psutil.pid_exists(int(pid)):
                shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def installation_home() -> Iterator[Path]:
    """`KYZMAT_HOME` for a test of a whole installation with an embedded server of its own.

    Not below `tmp_path`: as root that is private, so the cluster would be kept under /var/lib/kyzmat and stay there.
    """
    with server_folder(memory_folder()) as home:
        yield home


@pytest.fixture(scope="session")
def clusters() -> Iterator[Clusters]:
    _sweep_folders_of_killed_runs()
    with server_folder(memory_folder()) as home, server_folder() as base:
        yield from _clusters(home, base)


def _clusters(home: Path, base: Path) -> Iterator[Clusters]:
    running = Clusters(home, base)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def cluster(request: pytest.FixtureRequest, clusters: Clusters) -> EmbeddedPostgres:
    """A running server: the one that ships, or the one `both_engines` asks for."""
    return clusters.get(getattr(request, "param", EMBEDDED))


@pytest.fixture
def database(cluster: EmbeddedPostgres) -> Iterator[Database]:
    """A fresh database with all tables and no rows."""
    fresh = Database(cluster, f"test_{secrets.token_hex(6)}")
    cluster.create_database(fresh.name, TEMPLATE)
    try:
        yield fresh
    finally:
        cluster.drop_database(fresh.name)


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    """As the application: rows, no DDL."""
    yield from _engine(database.url("app"))


@pytest.fixture
def owner_engine(database: Database) -> Iterator[Engine]:
    """As the role that owns the schema."""
    yield from _engine(database.url("owner"))


def _engine(url: str) -> Iterator[Engine]:
    made = create_engine(url, application="kyzmat-tests")
    try:
        yield made
    finally:
        made.dispose()


@pytest.fixture
def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions of the application on the test's own database."""
    return make_session_factory(engine)
