"""The one process that owns a running server: parent of PostgreSQL, standard library only, run as a script.

It keeps PostgreSQL up (restarts it after a crash) for as long as any process holds the users' lock, and stops it when
the last of them is gone, whether that one said goodbye or was killed with -9. The lock files do the counting: every
user holds `users.lock` shared, so getting it exclusively means that nobody is left.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

POLL_SECONDS = 0.1
FAST_SECONDS = 30.0
IMMEDIATE_SECONDS = 15.0
RESTARTS = 10
RESTART_WINDOW_SECONDS = 120.0
LAUNCH_PAUSE_SECONDS = 0.5


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that is dead but not yet reaped does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    fields = process_fields(pid)
    return fields[0] != "Z" if fields else not Path("/proc/self").exists()  # without /proc kill() was the answer


def process_fields(pid: int) -> list[str]:
    """What /proc says of a process from its state on; empty when it is gone or the system has no /proc."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()


def identity(pid: int) -> str:
    """When the process began, in the kernel's clock: tells it from a later one with the same number."""
    fields = process_fields(pid)
    return fields[19] if len(fields) > 19 else ""


def wait_gone(gone: Callable[[], bool], seconds: float) -> bool:
    """Whether `gone` came true within `seconds`."""
    end = time.monotonic() + seconds
    while not gone():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def stop_server(pid: int, gone: Callable[[], bool]) -> None:
    """Stop the postmaster `pid`: politely, then at once (safe: its log replays), then by force."""
    for number, seconds in (
        (signal.SIGINT, FAST_SECONDS),
        (signal.SIGQUIT, IMMEDIATE_SECONDS),
        (signal.SIGKILL, IMMEDIATE_SECONDS),
    ):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if wait_gone(gone, seconds):
            return


def try_lock(path: Path, mode: int) -> int | None:
    """A descriptor that holds the lock, or None when somebody else's lock is in the way."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


class Supervisor:
    """`order`: command, environment, uid and gid (or null), data, run, log, adopt (a postmaster's pid or null)."""

    def __init__(self, order: dict[str, Any]) -> None:
        self._order = order
        self._run = Path(order["run"])
        self._child: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._identity = ""
        self._exit_code: int | None = None
        self._asked_to_stop = False
        self._is_ready = False
        self._ever_ready = bool(order["adopt"])
        self._restarts: list[float] = []

    def main(self) -> int:
        """Supervise until nobody needs the server; the exit code of this process."""
        if not self._become_the_one():
            return 1
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        if self._order["adopt"]:
            self._pid = self._order["adopt"]
            self._identity = identity(self._pid)
        else:
            self._launch()
        self._report()
        return self._watch()

    def _become_the_one(self) -> bool:
        lock = try_lock(self._run / "supervisor.lock", fcntl.LOCK_EX)
        if lock is None:
            return False
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        return True  # the descriptor stays open, and with it the lock, until this process ends

    def _ask_to_stop(self, _number: int, _frame: object) -> None:
        self._asked_to_stop = True

    def _launch(self) -> None:
        account: dict[str, Any] = {}
        if self._order["uid"] is not None:
            account = {"user": self._order["uid"], "group": self._order["gid"], "extra_groups": []}
        with Path(self._order["log"]).open("ab") as log:
            self._child = subprocess.Popen(  # noqa: S603 - PostgreSQL's own program with arguments made by server.py
                self._order["command"],
                env=self._order["environment"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                umask=0o077,
                start_new_session=True,
                **account,
            )
        self._pid = self._child.pid
        self._exit_code = None
        self._is_ready = False

    def _report(self) -> None:
        """Tell the starter, then let go of its pipe: it must see the end even if this process lives for years."""
        os.write(1, f"{self._pid}\n".encode())
        void = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(void, descriptor)

    def _gone(self) -> bool:
        if self._child is None:
            return not is_alive(self._pid) or identity(self._pid) != self._identity
        self._exit_code = self._child.poll()
        return self._exit_code is not None

    def _watch(self) -> int:
        while True:
            if self._gone():
                if not self._restart():
                    return 0 if self._exit_code == 0 else 1
            elif self._asked_to_stop or self._nobody_left():
                stop_server(self._pid, self._gone)
                return 0
            self._note_readiness()
            time.sleep(POLL_SECONDS)

    def _nobody_left(self) -> bool:
        """Once true it stays true: the lock is kept, so that a newcomer waits until the server has stopped."""
        return try_lock(self._run / "users.lock", fcntl.LOCK_EX) is not None

    def _note_readiness(self) -> None:
        if not self._is_ready:
            try:
                lines = (
                    (Path(self._order["data"]) / "postmaster.pid")
                    .read_text(encoding="utf-8", errors="replace")
                    .splitlines()
                )
            except OSError:
                return
            self._is_ready = len(lines) > 7 and lines[7].strip() == "ready" and lines[0] == str(self._pid)
            self._ever_ready = self._ever_ready or self._is_ready

    def _restart(self) -> bool:
        """After a crash only: a server that ended with 0 was told to, one that was never ready cannot.

        The dead one's children may hold its shared memory for a moment: a launch that fails is repeated after a pause.
        """
        self._note_readiness()  # one killed within the last tenth of a second left its word in its file
        if self._exit_code == 0 or self._asked_to_stop or not self._ever_ready:
            return False
        now = time.monotonic()
        self._restarts = [then for then in self._restarts if now - then < RESTART_WINDOW_SECONDS] + [now]
        if len(self._restarts) > RESTARTS:
            return False
        if not self._is_ready:
            time.sleep(LAUNCH_PAUSE_SECONDS)
        self._launch()
        return True


def _run_script() -> NoReturn:
    """Step out of the starter's family, so that the server outlives it and leaves no zombie with it."""
    order = json.loads(sys.stdin.read())
    if os.fork():
        os._exit(0)
    os.chdir("/")
    sys.exit(Supervisor(order).main())


if __name__ == "__main__":
    _run_script()
