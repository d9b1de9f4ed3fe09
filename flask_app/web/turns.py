"""Pages are made one at a time in a process: the others wait for their turn instead of slowing each other down.

Python runs one thread at a time. Eight pages begun together share it slice by slice and are all ready late; one after
the other, each is answered about as soon as its place in the queue says. While a page waits for the database, the
database and the other processes have the machine to themselves.

The queue is in the order in which answers should be ready, not in the order of arrival: a page that takes long to make
begins earlier by as long as it usually takes, so that whoever asks for it waits no longer than the others. Nobody is
passed by for more than `MOST_EXPECTED`. A turn that was held for `LONGEST_HELD` is taken over by the next: a page that
waits for a Moodle that does not answer goes on beside the others.
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

LONGEST_HELD = 0.2
"""Seconds that a page has its turn for itself."""
MOST_EXPECTED = 0.2
"""Seconds by which a page may begin before others that were asked for earlier."""
LEARNING = 0.1
"""How much of what a page took this time goes into what is expected of it next time."""
MOST_PAGES = 500
"""Of so many pages it is remembered what they take; the panel has a third of that."""


@dataclass(order=True, slots=True)
class _Ticket:
    """A place in the queue, and the turn itself once it came. `until`: when the page should begin, `since`: when it
    did, both on the clock that never goes back.
    """

    until: float
    number: int
    turn: threading.Event = field(compare=False, default_factory=threading.Event)
    since: float = field(compare=False, default=0.0)


class Turns:
    """A WSGI application around another one."""

    def __init__(self, inner: WSGIApplication, longest_held: float = LONGEST_HELD) -> None:
        self._inner = inner
        self._longest_held = longest_held
        self._guard = threading.Lock()
        self._holder: _Ticket | None = None
        self._waiting: list[_Ticket] = []
        self._numbers = count()
        self._expected: dict[str, float] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        page = page_of(environ)
        answers: list[str] = []
        ticket = self._wait(page)

        def note(status: str, *more: Any) -> Any:
            answers.append(status)
            return start_response(status, *more)

        try:
            return self._inner(environ, note)
        finally:
            known = page if answers and answers[-1].startswith("2") else ""
            self._hand_on(ticket, known)

    def _wait(self, page: str) -> _Ticket:
        """Returns when the turn has come."""
        with self._guard:
            ticket = _Ticket(monotonic() - self._expected.get(page, 0.0), next(self._numbers))
            if self._holder is None:
                self._give(ticket)
            else:
                heappush(self._waiting, ticket)
        left = self._longest_held
        while not ticket.turn.wait(left):
            left = self._take_over(ticket)
        return ticket

    def _take_over(self, ticket: _Ticket) -> float:
        """The turn is the next one's when it was held for too long; the seconds until then, or 0 when it is given."""
        with self._guard:
            if ticket.turn.is_set():
                return 0.0
            assert self._holder is not None, "somebody waits for nobody"
            left = self._holder.since + self._longest_held - monotonic()
            if left <= 0.0:
                self._give(heappop(self._waiting))
                left = self._longest_held
            return left

    def _give(self, ticket: _Ticket) -> None:
        self._holder, ticket.since = ticket, monotonic()
        ticket.turn.set()

    def _hand_on(self, ticket: _Ticket, page: str) -> None:
        """`page`: empty where there is none to learn of: an address that anybody may invent teaches nothing."""
        with self._guard:
            if page:
                self._learn(page, min(monotonic() - ticket.since, MOST_EXPECTED))
            if self._holder is not ticket:
                return  # it was taken over
            self._holder = None
            if self._waiting:
                self._give(heappop(self._waiting))

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
