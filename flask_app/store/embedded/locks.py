"""The three lock files of a cluster (flock: the kernel lets go of them when a process dies, however it dies).

`start.lock`       exclusive while somebody starts or stops the server
`users.lock`       shared by every process that uses the server
`supervisor.lock`  exclusive for the life of the supervisor; holds its process id
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from flask_app.store.embedded.errors import EmbeddedError
from flask_app.store.embedded.supervise import try_lock

STEP_SECONDS = 0.02


class Locks:
    """The lock files in the folder `run`."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self._user: int | None = None

    @contextlib.contextmanager
    def starting(self, seconds: float) -> Iterator[None]:
        """Be the only one who starts or stops. Raises `EmbeddedError("database.busy")` after `seconds`."""
        descriptor = self._wait("start.lock", fcntl.LOCK_EX, seconds)
        try:
            yield
        finally:
            os.close(descriptor)

    def attach(self, seconds: float) -> None:
        """Become a user; waits while the supervisor is stopping the server."""
        if self._user is None:
            self._user = self._wait("users.lock", fcntl.LOCK_SH, seconds)

    def detach(self) -> None:
        """Stop being a user."""
        if self._user is not None:
            os.close(self._user)
            self._user = None

    @property
    def attached(self) -> bool:
        return self._user is not None

    def supervisor(self) -> int | None:
        """Process id of the living supervisor, or None."""
        path = self.run / "supervisor.lock"
        descriptor = try_lock(path, fcntl.LOCK_EX)
        if descriptor is not None:
            os.close(descriptor)
            return None
        text = path.read_text(encoding="ascii").strip()
        return int(text) if text.isdigit() else 0

    def alone(self) -> bool:
        """Whether no process is a user at this moment (a stopping supervisor does not count)."""
        descriptor = try_lock(self.run / "users.lock", fcntl.LOCK_EX)
        if descriptor is None:
            return False
        os.close(descriptor)
        return True

    def _wait(self, name: str, mode: int, seconds: float) -> int:
        end = time.monotonic() + seconds
        while True:
            descriptor = try_lock(self.run / name, mode)
            if descriptor is not None:
                return descriptor
            if time.monotonic() > end:
                raise EmbeddedError("database.busy", lock=str(self.run / name), seconds=round(seconds))
            time.sleep(STEP_SECONDS)
