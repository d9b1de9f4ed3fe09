"""Making a cluster, and what stands in it: three roles and the database."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import psycopg
from psycopg import sql

from flask_app.store.embedded import programs
from flask_app.store.embedded.errors import EmbeddedError
from flask_app.store.embedded.placement import Place

Role = Literal["admin", "owner", "app"]
"""admin: superuser of the cluster, for this package only. owner: owns the schema, migrates. app: rows, no DDL."""

ROLES: Mapping[Role, str] = {"admin": "kyzmat_admin", "owner": "kyzmat_owner", "app": "kyzmat_app"}
DATABASE = "kyzmat"
PASSWORD_BYTES = 32
DRAFT = "cluster.new-"


def ensure(place: Place) -> None:
    """Make the cluster unless it is there whole. A half one of a killed attempt is thrown away.

    Raises `EmbeddedError`: "database.initdb_failed", "database.version_mismatch".
    """
    for draft in place.root.glob(f"{DRAFT}*"):
        shutil.rmtree(draft)
    if place.cluster.exists():
        _check_version(place)
        return
    draft = place.root / f"{DRAFT}{secrets.token_hex(4)}"
    _make(place, draft)
    draft.rename(place.cluster)
    _sync_folder(place.root)


def passwords(place: Place) -> dict[Role, str]:
    """The roles' passwords. Raises `EmbeddedError("database.passwords_lost")`."""
    try:
        kept = json.loads(place.passwords.read_text(encoding="ascii"))
        return {role: str(kept[role]) for role in get_args(Role)}
    except (OSError, ValueError, KeyError):
        raise EmbeddedError("database.passwords_lost", path=str(place.passwords)) from None


def provision(connection: psycopg.Connection[Any], kept: Mapping[Role, str]) -> None:
    """Roles and the database, each only when missing; rights every time. `connection`: as admin, autocommit."""
    for role in ("owner", "app"):
        name = ROLES[role]
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).rowcount:
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD {}").format(
                    sql.Identifier(name), sql.Literal(kept[role])
                )
            )
    for shared in ("postgres", "template1"):
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(shared)))
    if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
        create_database(connection, DATABASE)
    _set_rights(connection, DATABASE)


def create_database(connection: psycopg.Connection[Any], name: str, template: str = "template0") -> None:
    """A database of the owner role, open to the application's role and to nobody else."""
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(ROLES["owner"]), sql.Identifier(template)
        )
    )
    _set_rights(connection, name)


def _set_rights(connection: psycopg.Connection[Any], database: str) -> None:
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
    connection.execute(
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), sql.Identifier(ROLES["app"]))
    )


def _check_version(place: Place) -> None:
    """PostgreSQL does not read another major version's data: say so before it refuses."""
    found = (place.data / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != str(place.binaries.major):
        raise EmbeddedError(
            "database.version_mismatch", path=str(place.data), data=found, programs=place.binaries.major
        )


def _make(place: Place, draft: Path) -> None:
    draft.mkdir()
    draft.chmod(place.folder_mode)
    data = draft / "data"
    data.mkdir(mode=0o700)
    place.hand_over(data)
    fresh: dict[Role, str] = {role: secrets.token_urlsafe(PASSWORD_BYTES) for role in get_args(Role)}
    _write_private(draft / "passwords.json", json.dumps(fresh))
    admin = draft / "admin"
    _write_private(admin, fresh["admin"])
    place.hand_over(admin)
    _initdb(place, data, admin)
    admin.unlink()
    _sync_folder(draft)


def _initdb(place: Place, data: Path, password_file: Path) -> None:
    """`C.UTF-8` sorts by code point; where the system does not know it, PostgreSQL 17+ brings its own."""
    command = [
        place.binaries.program("initdb"),
        "-D",
        str(data),
        "-U",
        ROLES["admin"],
        f"--pwfile={password_file}",
        "--encoding=UTF8",
        "--auth=scram-sha-256",
        "--data-checksums",
    ]
    result = programs.run([*command, "--locale=C.UTF-8"], place.account)
    if result.returncode and "locale" in result.stderr and place.binaries.major >= 17:
        builtin = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        result = programs.run([*command, *builtin], place.account)
    if result.returncode:
        raise EmbeddedError("database.initdb_failed", path=str(data), reason=result.stderr.strip()[-2000:])


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
