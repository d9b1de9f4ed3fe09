"""The data of `kyzmat bench panel` at the smallest size that has everything in it, loaded once for all these tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from flask_app.bench.panel_town import Town, build
from flask_app.bootstrap import Installation, moodle_of, wire
from flask_app.services.audit import Verification, verify_all
from flask_app.settings import Settings
from flask_app.store.engine import DatabaseAddress, create_engine
from tests.conftest import EMBEDDED, TEMPLATE, Clusters

LOADED = "kyzmat_bench"
PEOPLE, PROCEDURES = 90, 40
PASSWORD = "суу башынан тунат"


@dataclass(frozen=True)
class World:
    installed: Installation
    town: Town
    home: Path
    chains: tuple[Verification, ...]


@pytest.fixture(scope="session")
def world(clusters: Clusters, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One body with a neighbour. Tests read it; none changes it."""
    cluster, home = clusters.get(EMBEDDED), tmp_path_factory.mktemp("bench")
    cluster.create_database(LOADED, TEMPLATE)
    address = DatabaseAddress(cluster.url("app", LOADED), cluster.url("owner", LOADED))
    engine = create_engine(address.app, application="kyzmat-bench")
    installed = wire(Settings(home=home), address, engine, moodle_of("http://127.0.0.1:9", "none"))
    try:
        town = build(installed.office, engine, PEOPLE, PROCEDURES, PASSWORD, neighbours=("kok-zhar",))
        yield World(installed, town, home, tuple(verify_all(installed.office)))
    finally:
        engine.dispose()
