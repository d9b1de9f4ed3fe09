"""Pages are made two at a time: the others wait for their turn instead of slowing each other down.

Python runs one thread at a time. Eight pages begun together share it slice by slice and are all ready late; two at a
time, one is made while the other waits for the database, and each request is answered about as soon as its place in
the queue says.

The queue is in the order in which answers should be ready, not in the order of arrival: a page that takes long to make
begins earlier by as long as it usually takes, so that whoever asks for it waits no longer than the others. Nobody is
passed by for more than `MOST_EXPECTED`, and whoever has waited `LONGEST_WAIT` goes ahead without a turn: a page that
waits for a Moodle that does not answer holds its turn, but nobody up.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

AT_ONCE = 2
LONGEST_WAIT = 0.5
"""Seconds."""
MOST_EXPECTED = 0.2
"""Seconds by which a page may begin before others that were asked for earlier."""
LEARNING = 0.1
"""How much of what a page took this time goes into what is expected of it next time."""
MOST_PAGES = 500
"""Of so many pages it is remembered what they take; the panel has a third of that."""


@dataclass(order=True, slots=True)
class _Ticket:
    """A place in the queue. `until`: when the page should begin, on the clock that never goes back."""

    until: float
    number: int
    turn: threading.Event = field(compare=False, default_factory=threading.Event)
    gone: bool = field(compare=False, default=False)


class Turns:
    """A WSGI application around another one."""

    def __init__(self, inner: WSGIApplication, at_once: int = AT_ONCE, longest_wait: float = LONGEST_WAIT) -> None:
        self._inner = inner
        self._longest_wait = longest_wait
        self._guard = threading.Lock()
        self._free = at_once
        self._waiting: list[_Ticket] = []
        self._numbers = count()
        self._expected: dict[str, float] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        page = page_of(environ)
        if not self._wait(page):
            return self._inner(environ, start_response)
        begun, answers = monotonic(), []

        def note(status: str, *more: Any) -> Any:
            answers.append(status)
            return start_response(status, *more)

        try:
            return self._inner(environ, note)
        finally:
            known = page if answers and answers[-1].startswith("2") else ""
            self._hand_on(known, monotonic() - begun)

    def _wait(self, page: str) -> bool:
        """Whether the turn came; False for somebody who has waited too long for it."""
        with self._guard:
            if self._free:
                self._free -= 1
                return True
            ticket = _Ticket(monotonic() - self._expected.get(page, 0.0), next(self._numbers))
            heappush(self._waiting, ticket)
        if ticket.turn.wait(self._longest_wait):
            return True
        with self._guard:
            ticket.gone = not ticket.turn.is_set()
        return not ticket.gone

    def _hand_on(self, page: str, took: float) -> None:
        """`page`: empty where there is none to learn of: an address that anybody may invent teaches nothing."""
        with self._guard:
            if page:
                self._learn(page, min(took, MOST_EXPECTED))
            while self._waiting:
                ticket = heappop(self._waiting)
                if not ticket.gone:
                    ticket.turn.set()
                    return
            self._free += 1

    def _learn(self, page: str, took: float) -> None:
        before = self._expected.get(page)
        if before is not None:
            self._expected[page] = before + LEARNING * (took - before)
        elif len(self._expected) < MOST_PAGES:
            self._expected[page] = took


def page_of(environ: WSGIEnvironment) -> str:
    """The page an address belongs to: what names one object, such as its id or number, is left out."""
    path = str(environ.get("PATH_INFO", "/"))
    words = [word if not word or word.replace("-", "").isalpha() else "*" for word in path.split("/")]
    return f"{environ.get('REQUEST_METHOD', 'GET')} {'/'.join(words)}"
