"""Migration 0010: announcements of one language move under the language they were typed in, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest

from flask_app.store import migrate
from flask_app.store.embedded import EmbeddedPostgres
from tests.conftest import Database

TITLE = {"ky": "Архивчи", "ru": "Архивариус"}
AUTHOR = uuid4()
COMPETITION = """
INSERT INTO competition (id, body_id, code, kind, title, position_id, pack_id, pack_frozen, announcement,
                         internal_round, agreement, created_at, state, version)
VALUES (%s, %s, %s, 'open', %s, %s, 'kg-mun-2006', '{}', %s, '', '{}', now(), 'draft', 1)
"""
VERSION = """
INSERT INTO object_version (id, body_id, object_type, object_id, version, author_id, recorded_at, reason, data,
                            checksum)
VALUES (%s, %s, 'competition', %s, 1, %s, now(), 'draft', '{}', '')
"""
USER = """
INSERT INTO user_account (id, body_id, login, name, password_hash, language, disabled, failures)
VALUES (%s, %s, 'hr', 'Асанова', '', 'ky', false, 0)
"""
# code -> (title, what was typed, whether the Kyrgyz-speaking account drafted it, its language)
BEFORE = {
    "title-ky": (TITLE, {"position": " Архивчи ", "functional_duties": "Делолор"}, False, "ky"),
    "title-ru": (TITLE, {"position": "Архивариус", "functional_duties": ""}, True, "ru"),
    "author-ky": (TITLE, {"position": "архивчи (улук)"}, True, "ky"),
    "nothing-known": (TITLE, {"position": "старший архивариус"}, False, "ru"),
    "one-title": ({"ky": "HR", "ru": "HR"}, {"position": "HR"}, False, "ru"),
    "empty": (TITLE, {}, True, ""),
}


@pytest.fixture
def before(cluster: EmbeddedPostgres) -> Iterator[Database]:
    """A database of before, with announcements in it; nothing they point to is there, and nothing checks it."""
    database = Database(cluster, "test_announcement_languages")
    cluster.create_database(database.name)
    try:
        migrate.upgrade(database.url("owner"), revision="0009")
        with cluster.admin(database.name) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(USER, (AUTHOR, uuid4()))
            for code, (title, said, theirs, _) in BEFORE.items():
                id_ = uuid4()
                values = (id_, uuid4(), code, json.dumps(title), uuid4(), json.dumps(said))
                connection.execute(COMPETITION, values)
                connection.execute(VERSION, (uuid4(), uuid4(), id_, AUTHOR if theirs else uuid4()))
        yield database
    finally:
        cluster.drop_database(database.name)


def said(database: Database) -> dict[str, dict[str, object]]:
    with database.server.admin(database.name) as connection:
        return dict(connection.execute("SELECT code, announcement FROM competition").fetchall())


def test_texts_move_into_the_language_they_were_typed_in_and_back(before: Database) -> None:
    typed = {code: text for code, (_, text, _, _) in BEFORE.items()}
    assert said(before) == typed
    migrate.upgrade(before.url("owner"), revision="0010")
    assert said(before) == {
        code: {item: {language: text} for item, text in texts.items()}
        for code, (_, texts, _, language) in BEFORE.items()
    }
    migrate.downgrade(before.url("owner"), "0009")
    assert {
        code: {item: str(text).strip() for item, text in texts.items()} for code, texts in said(before).items()
    } == {code: {item: text.strip() for item, text in texts.items()} for code, texts in typed.items()}
