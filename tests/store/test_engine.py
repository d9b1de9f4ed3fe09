"""Engine, session factory, and what the application's role may and may not do."""

from __future__ import annotations

from datetime import timedelta
from select import select as select_sockets

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, func, insert, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from flask_app.settings import Settings
from flask_app.store import lent
from flask_app.store.engine import DatabaseAddress, create_engine, open_database, with_driver
from flask_app.store.models.jobs import JobProgress
from tests.conftest import Database

pytestmark = pytest.mark.both_engines


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (a int)",
        "DROP TABLE job_progress",
        "ALTER TABLE job_progress ADD COLUMN a int",
        "TRUNCATE job_progress",
        "CREATE SCHEMA mine",
        "CREATE TEMPORARY TABLE mine (a int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'select 1'",
        "CREATE ROLE mine",
        "UPDATE alembic_version SET version_num = '9999'",
        "SET ROLE kyzmat_owner",
        "ALTER TABLE job_progress DISABLE TRIGGER ALL",
        "COPY job_progress TO PROGRAM 'cat'",
    ],
)
def test_application_has_no_way_to_change_the_schema(engine: Engine, statement: str) -> None:
    with engine.connect() as connection, pytest.raises(ProgrammingError, match=r"permission denied|must be"):
        connection.execute(text(statement))


def test_application_role_is_no_superuser(engine: Engine) -> None:
    with engine.connect() as connection:
        rights = connection.execute(
            text(
                "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls"
                " FROM pg_roles WHERE rolname = current_user"
            )
        ).one()
    assert not any(rights)


def test_sessions_speak_utc_and_wait_for_nothing_endlessly(engine: Engine) -> None:
    names = ("timezone", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "random_page_cost")
    with engine.connect() as connection:
        seen = {name: connection.scalar(text(f"SHOW {name}")) for name in names}
    assert seen == {
        "timezone": "UTC",
        "statement_timeout": "30s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "2min",
        "random_page_cost": "1.1",
    }


def test_a_lock_that_somebody_keeps_is_given_up(database: Database, engine: Engine) -> None:
    hurried = create_engine(database.url("app"), lock_limit=timedelta(milliseconds=100))
    with engine.begin() as holder, hurried.connect() as waiter:
        holder.execute(text("LOCK TABLE job_progress IN SHARE ROW EXCLUSIVE MODE"))
        with pytest.raises(OperationalError, match="lock timeout"):
            waiter.execute(text("DELETE FROM job_progress"))
    hurried.dispose()


def _end_all(database: Database) -> None:
    """Ends every connection, and waits until they are gone: the signal alone returns before anybody has read it."""
    with database.server.admin() as admin:
        gone = admin.execute(
            "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = %s", [database.name]
        ).fetchall()
    assert gone
    assert all(ended for (ended,) in gone)


def test_a_connection_killed_by_the_server_is_replaced(database: Database, engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    _end_all(database)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_error_text_does_not_hold_the_values(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(ProgrammingError) as caught:
        connection.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": "Асанов Үсөн"})
    assert "Асанов" not in str(caught.value)


def test_tests_get_an_empty_database_of_their_own(session_factory: sessionmaker[Session]) -> None:
    with session_factory() as session:
        assert session.scalar(select(func.count()).select_from(JobProgress)) == 0
        session.execute(
            insert(JobProgress).values(id=func.gen_random_uuid(), body_id=func.gen_random_uuid(), task="a", key="b")
        )
        session.commit()
        assert session.scalar(select(func.count()).select_from(JobProgress)) == 1


def test_kyrgyz_letters_survive_and_are_folded(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT lower('ҮСӨНБЕК ҢҚҒҺІӘ')")) == "үсөнбек ңқғһіә"
        assert connection.scalar(text("SHOW server_encoding")) == "UTF8"


def test_given_address_is_used_as_given(database: Database) -> None:
    plain = database.url("app").replace("+psycopg", "")
    settings = Settings(database_url=SecretStr(plain), database_owner_url=SecretStr(database.url("owner")))
    with open_database(settings) as address:
        assert address == DatabaseAddress(database.url("app"), database.url("owner"))
        assert address.app_role == "kyzmat_app"
        assert "Secret" not in repr(address)
        assert database.url("app") not in repr(address)


def test_one_address_serves_both_roles(database: Database) -> None:
    with open_database(Settings(database_url=SecretStr(database.url("owner")))) as address:
        assert address.owner == address.app == database.url("owner")


def test_driver_is_named() -> None:
    assert (
        with_driver("postgres://u:p%40@h:1/d?sslmode=verify-full")
        == "postgresql+psycopg://u:p%40@h:1/d?sslmode=verify-full"
    )


def _backend(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text("SELECT pg_backend_pid()")) or 0)


def _pings(engine: Engine, monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> list[object]:
    """Every connection that is asked from now on; `error`: what it answers."""
    asked: list[object] = []
    ping = engine.dialect.do_ping

    def note(connection: DBAPIConnection) -> bool:
        asked.append(connection)
        if error is not None:
            raise error
        return ping(connection)

    monkeypatch.setattr(engine.dialect, "do_ping", note)
    return asked


def test_a_connection_that_lives_is_not_asked(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _backend(engine)
    asked = _pings(engine, monkeypatch)
    assert [_backend(engine) for _ in range(3)] == [before] * 3
    assert asked == []


def test_one_that_rested_long_is_asked_and_kept(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _backend(engine)
    monkeypatch.setattr(lent, "ASKED_AFTER", 0.0)
    asked = _pings(engine, monkeypatch)
    assert _backend(engine) == before
    assert len(asked) == 1


def test_one_that_died_unseen_is_replaced(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _backend(engine)
    monkeypatch.setattr(lent, "ASKED_AFTER", 0.0)
    asked = _pings(engine, monkeypatch, psycopg.OperationalError("the server closed the connection unexpectedly"))
    assert _backend(engine) != before
    assert len(asked) == 1


def test_one_that_was_told_something_is_asked_and_kept(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came may be a farewell or a notice: the server is asked, and a connection that lives is kept."""
    with engine.connect() as listening:
        listening.execute(text("LISTEN kyzmat_test"))
        before = listening.scalar(text("SELECT pg_backend_pid()"))
        listening.commit()
        resting = listening.connection.driver_connection
    assert resting is not None
    telling = create_engine(engine.url.render_as_string(hide_password=False))
    with telling.begin() as other:
        other.execute(text("NOTIFY kyzmat_test"))
    telling.dispose()
    assert select_sockets([resting.fileno()], [], [], 10)[0]  # it comes in the server's own time
    asked = _pings(engine, monkeypatch)
    assert _backend(engine) == before
    assert len(asked) == 1


def test_a_process_of_its_own_watches_its_own_connections(database: Database, engine: Engine) -> None:
    """A child lets go of its parent's connections (`cli.processes`); the new pool is watched like the old one."""
    engine.dispose(close=False)
    _backend(engine)
    _end_all(database)
    assert _backend(engine)


def test_all_that_died_with_the_server_are_replaced(database: Database, engine: Engine) -> None:
    first, second = engine.connect(), engine.connect()
    first.close()
    second.close()
    _end_all(database)
    with engine.connect() as first, engine.connect() as second:
        assert first.scalar(text("SELECT 1")) == second.scalar(text("SELECT 1")) == 1
