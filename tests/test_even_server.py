"""Two servers on one socket: each has as many connections as the other, and nobody waits for one that is silent."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
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


def connected(listening: socket) -> tuple[http.client.HTTPConnection, str]:
    """A connection that is kept, and who answered on it."""
    connection = http.client.HTTPConnection("127.0.0.1", listening.getsockname()[1], timeout=20)
    connection.request("GET", "/")
    return connection, connection.getresponse().read().decode()


def test_connections_are_divided_evenly() -> None:
    board = Board(2)
    with listening_socket("127.0.0.1", 0) as listening, ExitStack() as servers:
        for place in (0, 1):
            servers.enter_context(serving(listening, board, place))
        kept = [connected(listening) for _ in range(10)]
        assert sorted(who for _, who in kept) == ["0"] * 5 + ["1"] * 5
        for connection, who in kept:
            if who == "0":
                connection.close()
        time.sleep(0.3)
        again = [connected(listening) for _ in range(3)]
        assert [who for _, who in again] == ["0"] * 3, "the one that lost its people takes the next"
        for connection, _ in [*kept, *again]:
            connection.close()


def test_nobody_waits_for_one_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(even_server, "SILENT_AFTER", 0.3)
    board = Board(2)
    board.write(1, 0)
    with listening_socket("127.0.0.1", 0) as listening, serving(listening, board, 0):
        kept = [connected(listening) for _ in range(4)]
        assert [who for _, who in kept] == ["0"] * 4
        for connection, _ in kept:
            connection.close()


def test_the_board_says_the_fewest_of_those_that_spoke() -> None:
    board = Board(3)
    assert board.fewest() == float("inf")
    board.write(0, 4)
    board.write(2, 7)
    assert board.fewest() == 4
