"""Several processes answer on one address: Python makes one page at a time, and a machine has more than one core."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial
from typing import Final

from flask_app.domain.errors import InvalidInput

CAN_FORK: Final = hasattr(os, "fork")
"""Where processes cannot be divided (Windows), one answers."""


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that the processes share; whoever is free takes the next connection.

    Raises `InvalidInput` (panel.port_taken) where another program has the port, `OSError` for an impossible address.
    """
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise InvalidInput("panel.port_taken", host=host, port=port, other=port + 1) from error
        raise


def answer_together(
    count: int,
    answer: Callable[[int], None],
    become_another: Callable[[], None],
    beside: Callable[[], None] | None = None,
) -> None:
    """`answer` in `count` processes, each told its number: this one (0) and its children. Returns when this one ends.

    `beside` has a process of its own (a thread where processes cannot be divided). `become_another` is called first in
    each child, to let go of what two processes must not share (connections). The children end with this process however
    it ends; where a child fails, all end, so that whoever supervises this process starts them anew.
    """
    if beside is not None and not CAN_FORK:
        threading.Thread(target=beside, daemon=True).start()
    others: list[Callable[[], None]] = [] if beside is None else [beside]
    others += [partial(answer, place) for place in range(1, count)]
    if others and CAN_FORK:
        alive, held = os.pipe()
        children = [_child(alive, held, work, become_another) for work in others]
        os.close(alive)  # `held` stays open as long as this process lives
        for child in children:
            threading.Thread(target=_end_when_it_fails, args=(child,), daemon=True).start()
    answer(0)


def _child(alive: int, held: int, work: Callable[[], None], become_another: Callable[[], None]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        os.close(held)
        threading.Thread(target=_end_with_parent, args=(alive,), daemon=True).start()
        become_another()
        work()
        status = 0
    except BaseException:  # noqa: BLE001  # told here, because nothing runs after this process
        traceback.print_exc()
    finally:
        os._exit(status)  # what the parent opened is the parent's to close


def _end_with_parent(alive: int) -> None:
    """Nothing is ever written: reading ends when the parent is gone."""
    os.read(alive, 1)
    os._exit(0)


def _end_when_it_fails(child: int) -> None:
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status):
        os.kill(os.getpid(), signal.SIGTERM)
