"""The panel's server in several processes: whoever has the fewest connections takes the next one.

A browser keeps its connections. Left to chance, seven of ten people would sooner or later sit on one of two processes,
whose pages are then late while the other has nothing to do. So each process writes on a board how many connections it
has, and a process that has more than another leaves the next one to it.
"""

from __future__ import annotations

import mmap
from socket import socket
from time import monotonic
from typing import TYPE_CHECKING

from waitress import wasyncore
from waitress.server import TcpWSGIServer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SILENT_AFTER = 3.0
"""Seconds after which a process that has not written on the board is no longer waited for."""
AT_REST, HOLDING_BACK = 1.0, 0.05
"""Seconds until a process looks at the board again when nothing happens."""


class Board:
    """How many connections each process has and when it said so, in memory that they share once they are divided.

    The clock is the machine's, the same in all of them.
    """

    def __init__(self, places: int) -> None:
        self._memory = mmap.mmap(-1, 16 * places)
        numbers = memoryview(self._memory).cast("d")
        self._connections, self._said_at = numbers[:places], numbers[places:]

    def write(self, place: int, connections: int) -> None:
        self._connections[place] = connections
        self._said_at[place] = monotonic()

    def fewest(self) -> float:
        """Of those that have written lately; infinite where none has."""
        since = monotonic() - SILENT_AFTER
        known = zip(self._connections, self._said_at, strict=True)
        return min((connections for connections, said_at in known if said_at >= since), default=float("inf"))


class EvenServer(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """Waitress on a socket that several processes listen on. `place`: this process's on the board, from 0."""

    def __init__(
        self, app: WSGIApplication, listening: socket, board: Board, place: int, **adjustments: int | str | None
    ) -> None:
        self._board, self._place = board, place
        about = (listening.family, listening.type, listening.proto, listening.getsockname())
        super().__init__(app, _sock=listening, sockinfo=about, bind_socket=False, **adjustments)

    def readable(self) -> bool:
        """Asked before each wait for the sockets: whether a new connection would be taken."""
        return bool(super().readable()) and not self._told_to_hold_back()

    def handle_accept(self) -> None:
        """Somebody has come; another may have lost its people during the wait, and takes them then."""
        if not self._told_to_hold_back():
            super().handle_accept()

    def _told_to_hold_back(self) -> bool:
        """Write on the board how many connections there are here; whether another process has fewer."""
        mine = len(self.active_channels)
        self._board.write(self._place, mine)
        return mine > self._board.fewest()

    def run(self) -> None:
        try:
            while self._map:
                self.run_once()
        except (SystemExit, KeyboardInterrupt):
            self.task_dispatcher.shutdown()

    def run_once(self) -> None:
        """Wait for the sockets once, and do what they ask."""
        wait = HOLDING_BACK if self._told_to_hold_back() else AT_REST
        wasyncore.loop(timeout=wait, map=self._map, use_poll=self.adj.asyncore_use_poll, count=1)
