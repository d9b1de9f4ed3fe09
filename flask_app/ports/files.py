"""The content-addressed file store: papers, scans, recordings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredFile:
    sha256: str
    size: int


class FileStore(Protocol):
    def put(self, content: bytes) -> StoredFile:
        """Write, fsync, rename; only then may a row point at it. The same content twice is one file."""

    def get(self, sha256: str) -> bytes:
        """Raises `NotFound` when no such file is kept, `InvalidInput` when it no longer has its hash."""
