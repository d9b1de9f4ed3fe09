"""Migration 0014: old notices say what was told, one of no sitting is named, and what was recalled is not revived."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from psycopg.errors import UniqueViolation

from flask_app.store import migrate
from flask_app.store.embedded import EmbeddedPostgres
from tests.conftest import Database
from tests.store.older import STARTS, at_revision, fill, run

COMPETITION, APPLICATION = uuid4(), uuid4()


@pytest.fixture
def older(cluster: EmbeddedPostgres) -> Iterator[Database]:
    """A database of revision 0013 with one application; what it points to is not there, and nothing checks it."""
    with at_revision(cluster, "test_notice_migration", "0013") as database:
        fill(database, "application", id=APPLICATION, competition_id=COMPETITION)
        yield database


def notice(database: Database, **given: object) -> UUID:
    id_ = uuid4()
    fill(database, "notice", id=id_, application_id=APPLICATION, kind="test", **given)
    return id_


def test_an_old_notice_is_of_the_sitting_that_stood(older: Database) -> None:
    fill(older, "test_session", competition_id=COMPETITION, starts_at=STARTS, place='{"ky": "зал"}')
    id_ = notice(older)
    migrate.upgrade(older.url("owner"), revision="0014")
    query = "SELECT id, starts_at::text LIKE '2026-05-01%%', place, recalled_on, recalled_because FROM notice"
    assert run(older, query) == [(id_, True, {"ky": "зал"}, None, "")]
    migrate.downgrade(older.url("owner"), "0013")
    migrate.upgrade(older.url("owner"), revision="0014")
    with pytest.raises(UniqueViolation):
        notice(older, recalled_because="")
    run(older, "UPDATE notice SET recalled_on = '2026-01-02', recalled_because = 'не та дата'")
    notice(older, recalled_because="")
    with pytest.raises(RuntimeError, match="1 notices were recalled"):
        migrate.downgrade(older.url("owner"), "0013")
    assert migrate.current(older.url("owner")) == "0014"


def test_a_notice_of_no_sitting_is_named(older: Database) -> None:
    id_ = notice(older)
    with pytest.raises(RuntimeError, match=str(id_)):
        migrate.upgrade(older.url("owner"), revision="0014")
    assert migrate.current(older.url("owner")) == "0013"
