"""Migrations 0009, 0011 and 0012 do not go down over what the older schema would turn into rights or votes: seats that
have ended, substitutes, recusals.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from flask_app.store import migrate
from flask_app.store.embedded import EmbeddedPostgres
from tests.conftest import Database
from tests.store.older import at_revision, run

COMMISSION, MEMBER = uuid4(), uuid4()
SEAT = """
INSERT INTO commission_member (id, body_id, commission_id, person_id, role, votes, post, seated_basis, ended_on,
                               ended_basis)
VALUES (%s, %s, %s, %s, 'member', true, '{}', '', %s, '')
"""
SUBSTITUTE = """
INSERT INTO commission_member (id, body_id, commission_id, person_id, role, votes, post, seated_basis, ended_basis,
                               in_place_of_id, in_place_of_role)
VALUES (%s, %s, %s, %s, 'substitute', true, '{}', '', '', %s, 'member')
"""

RECUSAL = """
INSERT INTO recusal (id, body_id, meeting_id, member_id, application_id, reason, recorded_at)
VALUES (%s, %s, %s, %s, %s, '{"ru": "родственник"}', now())
"""


@pytest.fixture
def seated(cluster: EmbeddedPostgres) -> Iterator[Database]:
    """A database with one seat; what it points to is not there, and nothing checks it."""
    with at_revision(cluster, "test_seat_migrations", "0011") as database:
        run(database, SEAT, MEMBER, uuid4(), COMMISSION, uuid4(), None)
        yield database


def seats(database: Database) -> dict[UUID, str]:
    return dict(run(database, "SELECT id, role FROM commission_member"))


def test_a_substitute_is_not_made_a_member_by_going_down(seated: Database) -> None:
    substitute = uuid4()
    run(seated, SUBSTITUTE, substitute, uuid4(), COMMISSION, uuid4(), MEMBER)
    with pytest.raises(RuntimeError, match="1 seats are substitutes'"):
        migrate.downgrade(seated.url("owner"), "0010")
    assert migrate.current(seated.url("owner")) == "0011"
    assert seats(seated) == {MEMBER: "member", substitute: "substitute"}
    run(seated, "DELETE FROM commission_member WHERE id = %s", substitute)
    migrate.downgrade(seated.url("owner"), "0010")
    assert seats(seated) == {MEMBER: "member"}


def test_a_recusal_is_not_forgotten_by_going_down(seated: Database) -> None:
    migrate.upgrade(seated.url("owner"), revision="0012")
    run(seated, RECUSAL, uuid4(), uuid4(), uuid4(), MEMBER, uuid4())
    with pytest.raises(RuntimeError, match="1 recusals are recorded"):
        migrate.downgrade(seated.url("owner"), "0011")
    run(seated, "DELETE FROM recusal")
    migrate.downgrade(seated.url("owner"), "0011")
    assert seats(seated) == {MEMBER: "member"}


def test_a_seat_that_has_ended_is_not_given_back_by_going_down(seated: Database) -> None:
    run(seated, "UPDATE commission_member SET ended_on = '2026-04-01' WHERE id = %s", MEMBER)
    with pytest.raises(RuntimeError, match="1 seats have ended"):
        migrate.downgrade(seated.url("owner"), "0008")
    with seated.server.admin(seated.name) as connection:
        ended = connection.execute("SELECT ended_on::text FROM commission_member").fetchall()
    assert ended == [("2026-04-01",)]
    run(seated, "UPDATE commission_member SET ended_on = NULL")
    migrate.downgrade(seated.url("owner"), "0008")
    assert seats(seated) == {MEMBER: "member"}
