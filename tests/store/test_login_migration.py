"""Migration 0013: two logins that are one are named and left alone; choices of a language are found in the log."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from flask_app.domain.errors import Refused
from flask_app.messages import LANGUAGES, explain
from flask_app.store import migrate
from flask_app.store.embedded import EmbeddedPostgres
from tests.conftest import Database
from tests.store.older import at_revision, run

BODY = uuid4()
USER = """
INSERT INTO user_account (id, body_id, login, name, password_hash, language, disabled, failures)
VALUES (%s, %s, %s, '', '-', 'ru', false, 0)
"""
PERSON = """
INSERT INTO person (id, body_id, name, sort_key, folded_name, phone, email, language, moodle_username)
VALUES (%s, %s, '', '', '', '', '', 'ru', '')
"""
CHOICE = """
INSERT INTO audit_event (body_id, recorded_at, actor_login, action, object_type, object_id, before, after, request_id)
VALUES (%s, now(), 'hr', 'person.language_chosen', 'person', %s, '{}', '{}', '')
"""


@pytest.fixture
def older(cluster: EmbeddedPostgres) -> Iterator[Database]:
    """A database before the migration; what its rows point to is not there, and nothing checks it."""
    with at_revision(cluster, "test_login_migration", "0012") as database:
        yield database


def test_two_logins_that_are_one_are_named_and_nothing_is_done(older: Database) -> None:
    for login in ("asanova", "ASANOVA", "Ｂank", "bank", "hr"):
        run(older, USER, uuid4(), BODY, login)
    with pytest.raises(Refused) as refused:
        migrate.upgrade(older.url("owner"), revision="0013")
    assert refused.value.code == "database.logins_alike"
    for language in LANGUAGES[:3]:
        said = str(explain(refused.value.code, language, refused.value.params))
        assert all(login in said for login in ("«asanova»", "«ASANOVA»", "«Ｂank»", "«bank»")), said
        assert "«hr»" not in said
    assert migrate.current(older.url("owner")) == "0012"
    assert not run(older, "SELECT 1 FROM information_schema.columns WHERE column_name = 'login_folded'")
    # What the sentence says to do, done:
    run(older, "UPDATE user_account SET login = 'asanova2' WHERE login = 'ASANOVA'")
    run(older, "UPDATE user_account SET login = 'Bank-2' WHERE login = 'Ｂank'")
    migrate.upgrade(older.url("owner"), revision="0013")
    assert set(run(older, "SELECT login, login_folded FROM user_account")) == {
        *(("asanova", "asanova"), ("asanova2", "asanova2"), ("bank", "bank"), ("Bank-2", "bank-2"), ("hr", "hr")),
    }


def test_a_language_that_was_chosen_before_stays_chosen(older: Database) -> None:
    chosen, other = UUID(int=1), UUID(int=2)
    for person in (chosen, other):
        run(older, PERSON, person, BODY)
    run(older, CHOICE, BODY, str(chosen))
    migrate.upgrade(older.url("owner"), revision="0013")
    assert set(run(older, "SELECT id, language_chosen FROM person")) == {(chosen, True), (other, False)}
