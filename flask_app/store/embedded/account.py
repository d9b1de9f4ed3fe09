"""PostgreSQL refuses to run as root. Then it runs as somebody who may do little."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from flask_app.store.embedded.errors import EmbeddedError

CANDIDATES = ("postgres", "nobody")
"""initdb wants an account with a name, so a free number alone does not do."""


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    gid: int
    name: str


def choose(data: Path) -> Account | None:
    """Who runs the server: None = the caller. As root: the owner of the cluster that exists, else a named account.

    Raises `EmbeddedError("database.no_account")`.
    """
    if os.geteuid() != 0:
        return None
    owner = _owner(data)
    if owner is not None:
        return owner
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)
    raise EmbeddedError("database.no_account", wanted=", ".join(CANDIDATES))


def _owner(data: Path) -> Account | None:
    """The cluster's owner keeps it, also when a better account has appeared since."""
    try:
        status = data.stat()
    except FileNotFoundError:
        return None
    try:
        entry = pwd.getpwuid(status.st_uid)
    except KeyError:
        raise EmbeddedError("database.no_account", wanted=str(status.st_uid)) from None
    if entry.pw_uid == 0:
        raise EmbeddedError("database.owned_by_root", path=str(data))
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)
