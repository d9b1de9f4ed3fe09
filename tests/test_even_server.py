"""Two servers on one socket: each has as many connections as the other, and nobody waits for one that is silent."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from socket import socket
from typing import Any

import pytest
from waitress import wasyncore

from flask_app.cli import even_server
from flask_app.cli.even_server import Board, EvenServer
from flask_app.cli.processes import listening_socket


def app(place: int) -> Any:
    def answer(_environ: object, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "1")])
        return [str(place).encode()]

    return answer


@contextmanager
def serving(listening: socket, board: Board, place: int) -> Iterator[None]:
    server = EvenServer(app(place), listening.dup(), board, place, threads=2)
    ended = threading.Event()
    thread = threading.Thread(target=_serve, args=(server, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        server.pull_trigger()
        thread.join(10)
        assert not thread.is_alive()


def _serve(server: EvenServer, ended: threading.Event) -> None:
    """The thread that waits on the sockets is the one that closes them."""
    while not ended.is_set():
        server.run_once()
    server.task_dispatcher.shutdown()
    wasyncore.close_all(server._map)


class Visitor:
    """Somebody whose browser keeps its connection. `served_by`: the place of the server that answered."""

    def __init__(self, listening: socket) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", listening.getsockname()[1], timeout=20)
        self._connection.request("GET", "/")
        self.served_by = int(self._connection.getresponse().read())

    def leave(self) -> None:
        self._connection.close()


@pytest.fixture
def listening() -> Iterator[socket]:
    with listening_socket("127.0.0.1", 0) as listening:
        yield listening


@pytest.fixture
def come(listening: socket) -> Iterator[Callable[[int], list[Visitor]]]:
    """Let so many visitors come, one after the other. Whoever is still there at the end leaves."""
    all_of_them: list[Visitor] = []

    def come(many: int) -> list[Visitor]:
        new = [Visitor(listening) for _ in range(many)]
        all_of_them.extend(new)
        return new

    yield come
    for visitor in all_of_them:
        visitor.leave()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, nobody counts as silent."""
    monkeypatch.setattr(even_server, "SILENT_AFTER", 60)


@pytest.mark.usefixtures("patient")
def test_connections_are_divided_evenly(listening: socket, come: Callable[[int], list[Visitor]]) -> None:
    board = Board(2)
    with serving(listening, board, 0), serving(listening, board, 1):
        visitors = come(10)
        assert sorted(visitor.served_by for visitor in visitors) == [0] * 5 + [1] * 5
        for visitor in visitors:
            if visitor.served_by == 0:
                visitor.leave()
        _wait_until(lambda: board.fewest() == 0)
        again = [visitor.served_by for visitor in come(3)]
        assert again == [0] * 3, "the one that lost its people takes the next"


def _wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_nobody_waits_for_one_that_is_silent(
    monkeypatch: pytest.MonkeyPatch, listening: socket, come: Callable[[int], list[Visitor]]
) -> None:
    monkeypatch.setattr(even_server, "SILENT_AFTER", 0.3)
    board = Board(2)
    board.write(1, 0)
    with serving(listening, board, 0):
        assert [visitor.served_by for visitor in come(4)] == [0] * 4


def test_the_board_says_the_fewest_of_those_that_spoke() -> None:
    board = Board(3)
    assert board.fewest() == float("inf")
    board.write(0, 4)
    board.write(2, 7)
    assert board.fewest() == 4
