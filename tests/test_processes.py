"""Several processes answer on one address, and end together."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from flask_app.cli.processes import listening_socket
from flask_app.domain.errors import InvalidInput

PROGRAM = """
import os, sys, time
from flask_app.cli.processes import answer_together, listening_socket

became = []
with listening_socket("127.0.0.1", 0) as listening:
    print(listening.getsockname()[1], os.getpid(), flush=True)

    def answer(place):
        while True:
            connection, _ = listening.accept()
            with connection:
                if connection.recv(1) == b"!":
                    raise RuntimeError("on purpose")
                connection.sendall(f"{os.getpid()} {became}".encode())
                time.sleep(0.05)

    def beside():
        assert became == ["another"]
        time.sleep(60)

    answer_together(
        int(sys.argv[1]), answer, lambda: became.append("another"), beside if sys.argv[2:] == ["beside"] else None
    )
"""
SOON = 20.0


@contextlib.contextmanager
def answering(count: int, *more: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(count), *more], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline().split()[0]), process
        finally:
            process.kill()


def ask(port: int, word: bytes = b"?") -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=SOON) as connection:
        connection.sendall(word)
        return connection.recv(100).decode()


def until(holds: Callable[[], bool]) -> bool:
    ends = time.monotonic() + SOON
    while time.monotonic() < ends:
        if holds():
            return True
        time.sleep(0.02)
    return False


def everybody(port: int, count: int) -> dict[int, str]:
    """Who answers: process → what it became."""
    seen: dict[int, str] = {}

    def all_have_answered() -> bool:
        pid, _, became = ask(port).partition(" ")
        seen[int(pid)] = became
        return len(seen) == count

    assert until(all_have_answered), seen
    return seen


@pytest.mark.parametrize("count", [1, 3])
def test_so_many_processes_answer_and_only_children_let_go_of_what_was_shared(count: int) -> None:
    with answering(count) as (port, process):
        seen = everybody(port, count)
        assert seen.pop(process.pid) == "[]"
        assert set(seen.values()) == ({"['another']"} if count > 1 else set())


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_the_children_end_with_the_first_process_however_it_ends(sent: signal.Signals) -> None:
    with answering(2) as (port, process):
        children = set(everybody(port, 2)) - {process.pid}
        os.kill(process.pid, sent)
        assert until(lambda: not any(psutil.pid_exists(child) for child in children))


def test_when_a_child_fails_all_end_so_that_their_keeper_starts_them_anew() -> None:
    with answering(2) as (port, process):
        (child,) = set(everybody(port, 2)) - {process.pid}
        os.kill(child, signal.SIGKILL)
        assert until(lambda: process.poll() is not None)
        assert process.returncode == -signal.SIGTERM


def test_an_address_that_is_taken_is_refused() -> None:
    with listening_socket("127.0.0.1", 0) as first, pytest.raises(InvalidInput) as refused:
        listening_socket("127.0.0.1", first.getsockname()[1])
    assert refused.value.code == "panel.port_taken"


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_what_runs_beside_has_a_process_of_its_own_and_ends_with_the_others(sent: signal.Signals) -> None:
    with answering(1, "beside") as (port, process):
        assert everybody(port, 1) == {process.pid: "[]"}
        (worker,) = psutil.Process(process.pid).children()
        os.kill(process.pid, sent)
        assert until(lambda: not psutil.pid_exists(worker.pid))


def test_when_what_runs_beside_fails_all_end() -> None:
    with answering(1, "beside") as (port, process):
        everybody(port, 1)
        (worker,) = psutil.Process(process.pid).children()
        worker.kill()
        assert until(lambda: process.poll() is not None)
