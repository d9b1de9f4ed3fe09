"""One stand-in for the whole test run, a fresh course in it for each test; or a site of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.moodle.standin.process import StandinProcess
from tests.connector.standin.bench import Bench


@pytest.fixture(scope="session")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandinProcess]:
    with StandinProcess(tmp_path_factory.mktemp("standin") / "site.sqlite") as site:
        yield site


@pytest.fixture
def bench(shared_site: StandinProcess) -> Bench:
    """A course of one's own on the shared site: for what changes nothing of the site itself."""
    return Bench(shared_site)


@pytest.fixture
def own_bench(tmp_path: Path) -> Iterator[Bench]:
    """A site of one's own: for clocks, faults, maintenance and killing."""
    with StandinProcess(tmp_path / "site.sqlite") as site:
        yield Bench(site)
