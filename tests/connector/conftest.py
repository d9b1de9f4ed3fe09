"""A stand-in Moodle for the tests of plan and apply, and a course of one's own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest

from connector.moodle.gateway import MoodleConnector
from connector.moodle.standin.process import StandinProcess
from connector.moodle.wire.records import NewCourse
from tests.connector.ledger import SqliteLedger


@pytest.fixture(scope="session")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandinProcess]:
    with StandinProcess(tmp_path_factory.mktemp("moodle") / "site.db") as process:
        yield process


@dataclass(frozen=True, slots=True)
class Place:
    """A course and names of this test alone, on a site that others use as well."""

    connector: MoodleConnector
    standin: StandinProcess
    course: str
    bank: str
    ledger: SqliteLedger

    def name(self, what: str) -> str:
        return f"{what}-{self.bank}"


@pytest.fixture
def place(standin: StandinProcess) -> Iterator[Place]:
    mine = uuid4().hex[:10]
    connector = MoodleConnector(standin.url, standin.token)
    connector.client.create_courses([NewCourse(f"c-{mine}", f"c-{mine}", "Сынак")])
    ledger = SqliteLedger()
    yield Place(connector, standin, f"c-{mine}", f"b-{mine}", ledger)
    ledger.close()
