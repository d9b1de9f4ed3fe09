"""Bring a database to this version's schema: Alembic, run by the program itself, without a file to configure."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import procrastinate
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, Engine, NullPool, create_engine, text

from flask_app.domain.errors import Refused
from flask_app.store import grants, models
from flask_app.store.base import Base
from flask_app.store.engine import with_driver

MIGRATIONS = Path(__file__).parent / "migrations"
APP_ROLE = "kyzmat_app"

ADVISORY_LOCK = 0x6B797A6D6174
"""One migration at a time on a database: "kyzmat" as a number."""

WAIT_FOR_OTHERS = "180s"
LOCK_LIMIT = "4s"
STATEMENT_LIMIT = "120s"

QUEUE_SCHEMA = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
"""procrastinate's newest own migration that ours contain (0001 = its schema of release 3.10.0)."""

TABLES = Base.metadata
assert models.__all__  # importing the package registers every table


def upgrade(url_owner: str, *, app_role: str | None = APP_ROLE, revision: str = "head") -> None:
    """Migrate up to `revision` and set the rights of `app_role`, all in one transaction: all of it or nothing.

    `url_owner`: the role that owns the schema. `app_role` None or the owner itself = no rights to set. Two processes at
    once are fine: the second waits, then finds nothing to do. Raises `Refused("database.queue_schema")` when the
    installed queue is newer than our migrations, and SQLAlchemy's errors.
    """
    check_queue_schema()
    with _one_transaction(url_owner) as connection:
        command.upgrade(_config(connection), revision)
        if app_role and app_role != connection.scalar(text("SELECT current_user")):
            grants.apply(connection, TABLES, app_role)


def downgrade(url_owner: str, revision: str) -> None:
    """Migrate down to `revision` (`base` = an empty schema), in one transaction."""
    with _one_transaction(url_owner) as connection:
        command.downgrade(_config(connection), revision)


def current(url_owner: str) -> str | None:
    """The revision the database stands at; None = never migrated."""
    with _engine(url_owner).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The newest revision of this version of the program."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def draft(url_owner: str, revision: str, message: str) -> Path:
    """Write `versions/<revision>_<message>.py` with what the models have and the database at `url_owner` lacks.

    For whoever changes a model; the draft is read and completed by hand. The database must stand at `head()`.
    """
    with _one_transaction(url_owner) as connection:
        script = command.revision(_config(connection), message, autogenerate=True, rev_id=revision)
    assert isinstance(script, Script)
    return Path(script.path)


def check_queue_schema(installed: str | None = None) -> None:
    """Raises `Refused("database.queue_schema")` when procrastinate's schema is not the one our migrations make."""
    newest = installed or max(path.name for path in Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    if newest != QUEUE_SCHEMA:
        raise Refused("database.queue_schema", installed=newest, known=QUEUE_SCHEMA, version=procrastinate.__version__)


@contextlib.contextmanager
def _one_transaction(url_owner: str) -> Iterator[Connection]:
    """Whoever comes second waits for the first; then no statement may wait long for a lock that people's work holds."""
    with _engine(url_owner).begin() as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT_FOR_OTHERS}'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_LIMIT}'"))
        connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_LIMIT}'"))
        yield connection


def _engine(url_owner: str) -> Engine:
    return create_engine(
        with_driver(url_owner), poolclass=NullPool, connect_args={"application_name": "kyzmat-migrate"}
    )


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
