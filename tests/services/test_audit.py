"""The audit log: nobody changes it, and a change by force is found at its place."""

from __future__ import annotations

from itertools import product
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from flask_app.domain.identity import Actor
from flask_app.services import audit
from flask_app.services.office import Office
from tests.services.desk import new_body

pytestmark = pytest.mark.both_engines
TRIGGER = "ALTER TABLE {table} DISABLE TRIGGER {table}_append_only"


@pytest.fixture
def events(office: Office, everybody: Actor) -> int:
    """A body with ten more events than its set-up made; all of them sealed."""
    for number in range(10):
        with office.work(everybody) as work:
            audit.record(work, "test.happened", "thing", number, {"n": number}, {"n": number + 1})
    return audit.seal_all(office)


def checks(office: Office, body: UUID) -> audit.Verification:
    code = next(c for c in audit.verify_all(office) if c.body.startswith("b"))
    assert body
    return code


def test_a_sound_chain_is_sound(office: Office, events: int, body: UUID) -> None:
    found = checks(office, body)
    assert (found.sound, found.sealed, found.unsealed) == (True, events, 0)


def test_sealing_again_seals_nothing(office: Office, events: int) -> None:
    assert events > 10
    assert audit.seal_all(office) == 0


def test_each_body_has_its_own_chain(office: Office, events: int) -> None:
    new_body(office)
    audit.seal_all(office)
    found = audit.verify_all(office)
    assert len(found) == 2
    assert all(check.sound for check in found)
    assert sorted(check.sealed for check in found) == [1, events]


@pytest.mark.usefixtures("events")
def test_nobody_changes_what_was_recorded(engine: Engine, owner_engine: Engine) -> None:
    tables = ("audit_event", "audit_seal", "object_version", "stage_record")
    changes = ("UPDATE {} SET body_id = body_id", "DELETE FROM {}", "TRUNCATE {} CASCADE")
    for table, statement in product(tables, changes):
        for connected in (engine, owner_engine):
            with connected.connect() as connection, pytest.raises(DBAPIError):
                connection.execute(text(statement.format(table)))


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE audit_event SET actor_login = 'somebody else' WHERE id = (SELECT min(id) + 3 FROM audit_event)",
        "UPDATE audit_event SET after = '{\"n\": 99}' WHERE id = (SELECT min(id) + 3 FROM audit_event)",
        "UPDATE audit_event SET request_id = 'other' WHERE id = (SELECT min(id) + 3 FROM audit_event)",
        "UPDATE audit_seal SET hash = repeat('0', 64) WHERE position = 4",
        "DELETE FROM audit_seal WHERE position = 4",
    ],
)
@pytest.mark.usefixtures("events")
def test_a_forged_log_is_found_at_its_place(office: Office, owner_engine: Engine, body: UUID, forgery: str) -> None:
    with owner_engine.begin() as connection:
        for table in ("audit_event", "audit_seal"):
            connection.execute(text(TRIGGER.format(table=table)))
        connection.execute(text(forgery))
    assert checks(office, body).broken_at == 4


def test_a_rolled_back_change_leaves_no_event(office: Office, everybody: Actor) -> None:
    def fail_late() -> None:
        with office.work(everybody) as work:
            audit.record(work, "test.never", "thing", 1)
            work.session.flush()
            int("no number")

    with pytest.raises(ValueError, match="no number"):
        fail_late()
    with office.work(everybody) as work:
        query = text("SELECT count(*) FROM audit_event WHERE action = 'test.never'")
        assert work.session.scalar(query) == 0
