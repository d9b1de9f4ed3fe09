"""Homes with servers of their own, other processes that use them, and the ways to kill either."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from flask_app.store.embedded import EmbeddedPostgres
from flask_app.store.embedded.supervise import is_alive


def servers_in(folder: Path) -> list[psutil.Process]:
    """Processes of PostgreSQL, and supervisors, that belong to this home."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            lock = [file.path for file in process.open_files()] if "supervise.py" in " ".join(process.cmdline()) else []
            if Path(process.cwd()).is_relative_to(folder) or any(Path(path).is_relative_to(folder) for path in lock):
                found.append(process)
    return found


def ask_each(processes: Iterable[psutil.Process], question: Callable[[psutil.Process], Any]) -> list[Any]:
    """The answers of those that live: PostgreSQL's passing helpers may end while they are asked."""
    answers_given = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            answers_given.append(question(process))
    return answers_given


def dies_soon(process: psutil.Process) -> bool:
    return eventually(lambda: not is_alive(process.pid), 10)


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def server_at(home: Path, **more: Any) -> EmbeddedPostgres:
    return EmbeddedPostgres(home / "postgres", base=home / "base", **more)


def connect(server: EmbeddedPostgres, role: str = "owner") -> psycopg.Connection[Any]:
    url = server.url(role).replace("+psycopg", "")  # type: ignore[arg-type]  # the test's own words
    return psycopg.connect(url, autocommit=True)


def remember(server: EmbeddedPostgres, word: str) -> None:
    with connect(server) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS memory (word text)")
        connection.execute("INSERT INTO memory VALUES (%s)", [word])


def memory(server: EmbeddedPostgres) -> list[str]:
    with connect(server) as connection:
        return [row[0] for row in connection.execute("SELECT word FROM memory")]


def answers(server: EmbeddedPostgres) -> bool:
    try:
        connect(server).close()
    except psycopg.OperationalError:
        return False
    return True


def supervisor_pid(server: EmbeddedPostgres) -> int:
    return int((server.location / "run" / "supervisor.lock").read_text())


def kill(*pids: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # a child that ended with its parent
            os.kill(pid, signal.SIGKILL)
    for pid in pids:
        assert eventually(lambda pid=pid: not is_alive(pid)), pid  # type: ignore[misc]  # bound now


def family(pid: int) -> list[int]:
    process = psutil.Process(pid)
    return [pid, *(child.pid for child in process.children(recursive=True))]


# A program started in the background inherits that Ctrl-C is to be ignored; this one is as in front of somebody.
PROCESS = """
import signal
import sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
from flask_app.store.embedded import EmbeddedPostgres
home = Path(sys.argv[1])
try:
    with EmbeddedPostgres(home / "postgres", base=home / "base") as server:
        print("owner" if server.is_owner else "guest", server.pid, flush=True)
        sys.stdin.read()
except KeyboardInterrupt:
    pass
"""


@contextmanager
def another_process(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that uses the server until its standard input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            stream.close()


def first_words(process: subprocess.Popen[str]) -> tuple[str, int]:
    assert process.stdout is not None
    who, pid = process.stdout.readline().split()
    return who, int(pid)


def end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(30) == 0
