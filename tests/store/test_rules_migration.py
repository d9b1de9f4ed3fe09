"""Migration 0016: the rules a procedure was frozen with are kept as they were written, the same on either side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.engine.default import DefaultDialect

from flask_app.store import migrate
from flask_app.store.embedded import EmbeddedPostgres
from flask_app.store.frozen_rules import FrozenRules
from flask_app.store.rule_packs import shipped_pack
from tests.conftest import Database
from tests.store.older import at_revision, fill, run

WRITTEN = shipped_pack("kg-mun-2006").model_dump_json()
DIALECT = DefaultDialect()
TABLES = ("competition", "training_order")


@pytest.fixture
def older(cluster: EmbeddedPostgres) -> Iterator[Database]:
    with at_revision(cluster, "test_rules_migration", "0015") as database:
        yield database


def frozen(database: Database, table: str) -> list[tuple[Any, ...]]:
    return run(database, f"SELECT pack_frozen::text, pg_typeof(pack_frozen)::text FROM {table} ORDER BY code")


def test_the_rules_of_a_procedure_stay_the_same(older: Database) -> None:
    for table in TABLES:
        fill(older, table, code="1", pack_frozen=WRITTEN)
        fill(older, table, code="2", pack_frozen="{}")
    migrate.upgrade(older.url("owner"), revision="0016")
    for table in TABLES:
        fill(older, table, code="3", pack_frozen=WRITTEN)
        (before, kept), (nothing, _), (after, _) = frozen(older, table)
        assert (kept, after) == ("json", WRITTEN), "as it was written"
        assert FrozenRules().process_result_value(before, DIALECT) == shipped_pack("kg-mun-2006")
        assert FrozenRules().process_result_value(nothing, DIALECT) is None
    migrate.downgrade(older.url("owner"), "0015")
    for table in TABLES:
        assert [kept for _, kept in frozen(older, table)] == ["jsonb"] * 3
