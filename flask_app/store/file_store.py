"""Files by their content: written whole, never changed, found by their hash, checked when read.

<root>/ab/cd/abcd…        the file, named by its SHA-256
<root>/drafts/            files being written
<root>/lock               shared by writers, exclusive for the sweep
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask_app.domain.errors import InvalidInput, NotFound
from flask_app.ports.files import StoredFile

HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep removed: files no row points at, and drafts of writers that died. `bytes_freed` of both."""

    orphans: tuple[str, ...]
    drafts: int
    bytes_freed: int


class ContentAddressedStore:
    """Port `FileStore` on a local disk. Several processes may share one root."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._drafts = root / "drafts"

    def put(self, content: bytes) -> StoredFile:
        """On disk, name and all, before this returns. A kept file that no longer has its hash is written anew."""
        sha256 = hashlib.sha256(content).hexdigest()
        with self._locked(fcntl.LOCK_SH):
            path = self._path(sha256)
            if _hash_of(path) == sha256:
                os.utime(path)  # young again: the sweep leaves it until the caller's row is committed
            else:
                self._write(path, content)
        return StoredFile(sha256, len(content))

    def get(self, sha256: str) -> bytes:
        """Raises `NotFound("file.not_found")`, `InvalidInput("file.damaged")` when it no longer has its hash."""
        if not HASH.fullmatch(sha256):
            raise NotFound("file.not_found", sha256=sha256)
        try:
            content = self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise NotFound("file.not_found", sha256=sha256) from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise InvalidInput("file.damaged", sha256=sha256)
        return content

    def hashes(self) -> Iterator[str]:
        """Every file that is kept, in no order."""
        for path in self._root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            if HASH.fullmatch(path.name):
                yield path.name

    def sweep(self, referenced: Collection[str], *, grace: timedelta, now: datetime) -> SweepReport:
        """Remove files that are not in `referenced` and were not put for `grace`.

        `referenced` is read just before: a row committed since then may point at a young file only. So `grace` must be
        longer than the longest transaction.
        """
        oldest = (now - grace).timestamp()
        with self._locked(fcntl.LOCK_EX):
            orphans = [sha256 for sha256 in self.hashes() if sha256 not in referenced]
            gone = [sha256 for sha256 in orphans if _older(self._path(sha256), oldest)]
            dead = [draft for draft in self._drafts.iterdir() if _older(draft, oldest)]
            freed = sum(_remove(path) for path in [*map(self._path, gone), *dead])
        return SweepReport(tuple(sorted(gone)), len(dead), freed)

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256[2:4] / sha256

    @contextlib.contextmanager
    def _locked(self, mode: int) -> Iterator[None]:
        self._drafts.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, mode)
            yield
        finally:
            os.close(descriptor)

    def _write(self, path: Path, content: bytes) -> None:
        draft = self._drafts / secrets.token_hex(16)
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self._make_folders(path.parent)
            draft.rename(path)
        finally:
            draft.unlink(missing_ok=True)
        _sync(path.parent)

    def _make_folders(self, folder: Path) -> None:
        """Each new name is on disk before anything is put below it."""
        for path in (folder.parent, folder):
            with contextlib.suppress(FileExistsError):
                path.mkdir(mode=0o700)
            _sync(path.parent)


def _hash_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _older(path: Path, moment: float) -> bool:
    return path.stat().st_mtime < moment


def _remove(path: Path) -> int:
    size = path.stat().st_size
    path.unlink()
    return size


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
