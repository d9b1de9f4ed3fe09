"""Real users over real sockets: each with a session and a connection of its own, asking without a pause."""

from __future__ import annotations

import http.client
import math
import random
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlencode

from flask_app.bench.panel_pages import Address

TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
PATIENCE = 60.0
"""Seconds for one answer."""


@dataclass
class Browser:
    """One user's browser: a kept connection and its cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    _connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, bytes]:
        """Status and body; the cookies that come are kept."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body.encode() or None, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, content

    def enter(self, login: str, password: str) -> None:
        """Log in by the form, as a person does."""
        _, page = self.ask("GET", "/login")
        token = TOKEN.search(page.decode())
        assert token is not None, "the log-in form has no token"
        sent = {"form_token": token.group(1), "login": login, "password": password, "next": "/"}
        status, _ = self.ask("POST", "/login", urlencode(sent))
        assert status == 303, f"log-in of {login}: HTTP {status}"

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass
class Timings:
    """Milliseconds per endpoint; `failures`: answers that were no page, by address and status."""

    by_page: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def requests(self) -> int:
        return sum(len(times) for times in self.by_page.values())


def percentile(times: Sequence[float], share: float) -> float:
    """By nearest rank: the smallest value that `share` of the values do not exceed."""
    ordered = sorted(times)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def shares(addresses: Mapping[str, Sequence[Address]], users: Sequence[str], visits: int) -> list[list[Address]]:
    """Who goes where: `visits` of each page, spread over the users whose login may open it, in a random order each."""
    queues: list[list[Address]] = [[] for _ in users]
    for places in addresses.values():
        able = sorted({place.login for place in places} & set(users))
        going = [number for number, login in enumerate(users) if login in able]
        for visit in range(visits if going else 0):
            number = going[visit % len(going)]
            own = [place for place in places if place.login == users[number]]
            queues[number].append(own[(visit // len(going)) % len(own)])
    chance = random.Random(7)  # noqa: S311  # a repeatable order
    for queue in queues:
        chance.shuffle(queue)
    return queues


def run(
    port: int, password: str, users: Sequence[str], queues: Sequence[Sequence[Address]], think: float = 0.0
) -> Timings:
    """All users at once until the last has done its visits; whoever is done earlier begins again.

    `think`: seconds of pause after each answer.
    """
    browsers = [Browser(port) for _ in users]
    for browser, login in zip(browsers, users, strict=True):
        browser.enter(login, password)
    timings, guard, left = Timings(), threading.Lock(), threading.Semaphore(0)
    over = threading.Event()

    def work(browser: Browser, queue: Sequence[Address]) -> None:
        rounds = 0
        while queue and not over.is_set():
            for place in queue:
                if over.is_set():
                    return
                _visit(browser, place, timings, guard)
                time.sleep(think)
            rounds += 1
            if rounds == 1:
                left.release()
        if not queue:
            left.release()

    threads = [_started(work, browser, queue) for browser, queue in zip(browsers, queues, strict=True)]
    begun = time.monotonic()
    for _ in threads:
        left.acquire()
    over.set()
    timings.seconds = time.monotonic() - begun
    for thread in threads:
        thread.join()
    for browser in browsers:
        browser.close()
    return timings


def _started(
    work: Callable[[Browser, Sequence[Address]], None], browser: Browser, queue: Sequence[Address]
) -> threading.Thread:
    thread = threading.Thread(target=work, args=(browser, queue), daemon=True)
    thread.start()
    return thread


def _visit(browser: Browser, place: Address, timings: Timings, guard: threading.Lock) -> None:
    begun = time.perf_counter()
    try:
        status, _ = browser.ask("GET", place.url)
        failure = "" if status == HTTPStatus.OK else f"HTTP {status}"
    except (OSError, http.client.HTTPException) as error:
        browser.close()  # the next question needs a connection of its own
        failure = repr(error)
    took = (time.perf_counter() - begun) * 1000
    with guard:
        timings.by_page[place.endpoint].append(took)
        if failure:
            timings.failures.append(f"{place.url} ({place.login}): {failure} after {took:.0f} ms")
