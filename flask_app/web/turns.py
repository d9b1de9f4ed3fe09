"""Pages are made two at a time: the others wait for their turn instead of slowing each other down.

Python runs one thread at a time. Eight pages begun together share it slice by slice and are all ready late; two at a
time, one is made while the other waits for the database, and each request is answered about as soon as its place in
the queue says. Whoever has waited long enough goes ahead without a turn: a page that waits for a Moodle that does not
answer holds its turn, but nobody up.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

AT_ONCE = 2
LONGEST_WAIT = 0.5
"""Seconds."""


class Turns:
    """A WSGI application around another one."""

    def __init__(self, inner: WSGIApplication, at_once: int = AT_ONCE, longest_wait: float = LONGEST_WAIT) -> None:
        self._inner = inner
        self._free = threading.Semaphore(at_once)
        self._longest_wait = longest_wait

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        mine = self._free.acquire(timeout=self._longest_wait)
        try:
            return self._inner(environ, start_response)
        finally:
            if mine:
                self._free.release()
