"""Migration 0017: applications tell a length of service; of older ones it is not known."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from flask_app.store import migrate
from flask_app.store.embedded import EmbeddedPostgres
from tests.conftest import Database
from tests.store.older import at_revision, fill, run


@pytest.fixture
def older(cluster: EmbeddedPostgres) -> Iterator[Database]:
    with at_revision(cluster, "test_service_migration", "0016") as database:
        yield database


def test_of_older_applications_it_is_not_known(older: Database) -> None:
    fill(older, "application", number=1)
    migrate.upgrade(older.url("owner"), revision="0017")
    assert run(older, "SELECT service_months, specialty_months FROM application") == [(None, None)]
    with pytest.raises(psycopg.errors.CheckViolation, match="service_months"):
        run(older, "UPDATE application SET service_months = -1")
    migrate.downgrade(older.url("owner"), "0016")
    assert run(older, "SELECT number FROM application") == [(1,)]


def test_what_is_told_is_not_forgotten(older: Database) -> None:
    migrate.upgrade(older.url("owner"), revision="0017")
    fill(older, "application", number=1, service_months=0)
    with pytest.raises(RuntimeError, match="1 applications tell a length of service"):
        migrate.downgrade(older.url("owner"), "0016")
