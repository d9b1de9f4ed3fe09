"""Migration 0015: a second paper of a kind only beside an annulled one, and none is thrown away on the way back."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from psycopg.errors import UniqueViolation

from flask_app.store import migrate
from flask_app.store.embedded import EmbeddedPostgres
from tests.conftest import Database
from tests.store.older import at_revision, fill, run

SUBJECT = uuid4()


@pytest.fixture
def older(cluster: EmbeddedPostgres) -> Iterator[Database]:
    with at_revision(cluster, "test_paper_migration", "0014") as database:
        yield database


def paper(database: Database, state: str) -> None:
    fill(database, "document", subject_type="competition", subject_id=SUBJECT, kind="D16", state=state)


def test_one_paper_of_a_kind_stands_at_a_time(older: Database) -> None:
    paper(older, "in_force")
    with pytest.raises(UniqueViolation):
        paper(older, "annulled")
    migrate.upgrade(older.url("owner"), revision="0015")
    with pytest.raises(UniqueViolation):
        paper(older, "draft")
    migrate.downgrade(older.url("owner"), "0014")
    migrate.upgrade(older.url("owner"), revision="0015")
    run(older, "UPDATE document SET state = 'annulled'")
    paper(older, "draft")
    with pytest.raises(RuntimeError, match="1 papers were drawn up anew"):
        migrate.downgrade(older.url("owner"), "0014")
    assert migrate.current(older.url("owner")) == "0015"
