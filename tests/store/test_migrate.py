"""Migrations: all or nothing, up and down and up, one at a time, and the rights that follow them."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from flask_app.domain.errors import Refused
from flask_app.store import grants, migrate
from flask_app.store.embedded import EmbeddedPostgres
from tests.conftest import Database

OBJECTS = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'alembic_version%'
UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT typname FROM pg_type
    WHERE typnamespace = 'public'::regnamespace AND typname NOT LIKE '%alembic_version'
"""


@pytest.fixture
def empty(cluster: EmbeddedPostgres) -> Iterator[Database]:
    """A database that was never migrated."""
    fresh = Database(cluster, "test_never_migrated")
    cluster.create_database(fresh.name)
    try:
        yield fresh
    finally:
        cluster.drop_database(fresh.name)


def objects(database: Database) -> list[str]:
    with database.server.admin(database.name) as connection:
        return sorted(row[0] for row in connection.execute(OBJECTS))


def tables(connection: Connection) -> list[str]:
    return list(connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))


@pytest.mark.both_engines
def test_up_down_up(empty: Database) -> None:
    owner = empty.url("owner")
    assert migrate.current(owner) is None
    migrate.upgrade(owner)
    assert migrate.current(owner) == migrate.head()
    made = objects(empty)
    migrate.upgrade(owner)
    assert objects(empty) == made
    migrate.downgrade(owner, "base")
    assert objects(empty) == []
    migrate.upgrade(owner)
    assert objects(empty) == made


@pytest.mark.both_engines
def test_every_migration_goes_down_and_up_by_itself(empty: Database) -> None:
    owner = empty.url("owner")
    revisions = sorted(path.name.partition("_")[0] for path in (migrate.MIGRATIONS / "versions").glob("*.py"))
    stages = []
    for revision in revisions:
        migrate.upgrade(owner, revision=revision)
        stages.append(objects(empty))
    assert revisions[-1] == migrate.head()
    for revision, expected in zip(reversed(revisions[:-1]), reversed(stages[:-1]), strict=True):
        migrate.downgrade(owner, revision)
        assert objects(empty) == expected


@pytest.mark.both_engines
def test_models_are_what_the_migrations_make(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_server_default": True,
                "include_object": lambda _item, name, kind, *_: (
                    kind != "table" or not name.startswith("procrastinate_")
                ),
            },
        )
        assert compare_metadata(context, migrate.TABLES) == []


def test_failed_migration_leaves_nothing(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(grants, "apply", fail)
    with pytest.raises(ZeroDivisionError):
        migrate.upgrade(empty.url("owner"))
    assert objects(empty) == []
    assert migrate.current(empty.url("owner")) is None


def test_two_at_once_are_one_after_the_other(empty: Database) -> None:
    failures: list[Exception] = []

    def upgrade() -> None:
        try:
            migrate.upgrade(empty.url("owner"))
        except Exception as error:  # noqa: BLE001  # whatever it is, the test must see it
            failures.append(error)

    threads = [threading.Thread(target=upgrade) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert migrate.current(empty.url("owner")) == migrate.head()


def test_peoples_work_is_not_kept_waiting(database: Database, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "LOCK_LIMIT", "200ms")
    with engine.begin() as reader:
        reader.execute(text("SELECT count(*) FROM job_progress"))
        begun = time.monotonic()
        with pytest.raises(OperationalError, match="lock timeout"):
            migrate.downgrade(database.url("owner"), "base")
        assert time.monotonic() - begun < 5
    assert migrate.current(database.url("owner")) == migrate.head()


# ---------------------------------------------------------------------------------------------------------- rights


@pytest.mark.both_engines
def test_application_has_exactly_the_declared_rights_on_every_table(engine: Engine) -> None:
    kinds = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
    with engine.connect() as connection:
        found = {
            table: tuple(
                kind
                for kind in kinds
                if connection.scalar(text("SELECT has_table_privilege(:table, :kind)"), {"table": table, "kind": kind})
            )
            for table in tables(connection)
        }
    assert found == {table: grants.rights_on(table, migrate.TABLES) for table in found}
    assert set(found) >= set(migrate.TABLES.tables)
    assert found["job_progress"] == grants.ROWS


def test_restricted_tables_exist(engine: Engine) -> None:
    with engine.connect() as connection:
        assert set(grants.RESTRICTED) <= set(tables(connection))


def test_a_table_that_nobody_declared_is_closed(empty: Database) -> None:
    with empty.server.admin(empty.name) as connection:
        connection.execute('CREATE TABLE "somebody else""s table" ()')
        connection.execute("SET ROLE kyzmat_owner")
        connection.execute('CREATE TABLE "a ""strange"" table" ()')
        connection.execute('GRANT ALL ON "a ""strange"" table" TO kyzmat_app')
    migrate.upgrade(empty.url("owner"))
    with empty.server.admin(empty.name) as connection:
        rows = connection.execute(
            "SELECT has_table_privilege('kyzmat_app', oid, 'SELECT') FROM pg_class WHERE relname LIKE '% table'"
        ).fetchall()
    assert rows == [(False,), (False,)]


def test_rights_taken_by_hand_are_given_back_by_the_next_upgrade(database: Database) -> None:
    with database.server.admin(database.name) as connection:
        connection.execute("GRANT ALL ON alembic_version TO kyzmat_app")
        connection.execute("REVOKE ALL ON job_progress FROM kyzmat_app")
        migrate.upgrade(database.url("owner"))
        row = connection.execute(
            "SELECT has_table_privilege('kyzmat_app', 'alembic_version', 'UPDATE'),"
            " has_table_privilege('kyzmat_app', 'job_progress', 'UPDATE')"
        ).fetchone()
    assert row == (False, True)


def test_one_role_for_both_needs_no_rights(empty: Database) -> None:
    migrate.upgrade(empty.url("owner"), app_role="kyzmat_owner")
    migrate.upgrade(empty.url("owner"), app_role=None)
    with empty.server.admin(empty.name) as connection:
        row = connection.execute("SELECT has_table_privilege('kyzmat_owner', 'job_progress', 'TRUNCATE')").fetchone()
    assert row == (True,)


# ----------------------------------------------------------------------------------------------------------- queue


def test_a_newer_queue_without_a_migration_of_ours_is_noticed(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate.check_queue_schema()
    with pytest.raises(Refused) as caught:
        migrate.check_queue_schema("03.99.00_01_pre_something.sql")
    assert caught.value.code == "database.queue_schema"
    monkeypatch.setattr(migrate, "QUEUE_SCHEMA", "03.03.00_01_pre_priority_lock_fetch_job.sql")
    with pytest.raises(Refused):
        migrate.upgrade(empty.url("owner"))
    assert objects(empty) == []


def test_kept_schema_is_the_one_of_the_installed_release() -> None:
    """When this fails, procrastinate was raised: write a migration with its new SQL, then raise QUEUE_SCHEMA."""
    kept = (migrate.MIGRATIONS / "sql" / "procrastinate-3.10.0.sql").read_text(encoding="utf-8")
    assert kept.endswith(SchemaManager.get_schema())


def test_draft_of_a_migration_holds_what_the_models_have_more(
    empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = tmp_path / "migrations"
    shutil.copytree(migrate.MIGRATIONS, copied, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "MIGRATIONS", copied)
    for later in sorted((copied / "versions").glob("*.py"))[1:]:
        later.unlink()
    migrate.upgrade(empty.url("owner"))
    path = migrate.draft(empty.url("owner"), "0002", "panel")
    assert path == copied / "versions" / "0002_panel.py"
    written = path.read_text(encoding="utf-8")
    assert 'op.create_table("body"' in written.replace("'", '"').replace("\n", "").replace("    ", "")
    assert "procrastinate" not in written
    assert "job_progress" not in written
    migrate.upgrade(empty.url("owner"))
    assert migrate.current(empty.url("owner")) == "0002"
