"""Which pages there are, with addresses out of the loaded data: the URL map says what is wanted, links lead there.

Nothing here knows a page by name: every role is let in and follows the links it is shown, from the first page, from
every page without arguments and from the objects of the body in each of their states. So a page that is added tomorrow
is measured tomorrow; one that nobody is led to is told of as unreached.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urljoin, urlsplit
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.exceptions import HTTPException

from flask_app.web.visit import PANEL, Panel

LINK = re.compile(r'<a\b[^>]*?\shref="([^"#]+)', re.DOTALL)
PER_PAGE = 6
"""Addresses of one endpoint that one role is taken to."""

SEEDS = text(
    """
    SELECT 'competition' AS type, id FROM (
        SELECT c.id, row_number() OVER (PARTITION BY c.state ORDER BY count(a.id) DESC, c.code) AS place
        FROM competition c LEFT JOIN application a ON a.competition_id = c.id WHERE c.body_id = :body
        GROUP BY c.id) AS competitions WHERE place <= 2
    UNION ALL
    SELECT 'training', id FROM (
        SELECT id, row_number() OVER (PARTITION BY state ORDER BY code) AS place
        FROM training_order WHERE body_id = :body) AS orders WHERE place = 1
    UNION ALL
    SELECT 'paper', id FROM (
        SELECT id, row_number() OVER (PARTITION BY kind, state ORDER BY created_at) AS place
        FROM document WHERE body_id = :body) AS papers WHERE place = 1
    """
)
"""Objects in each of their states, the largest of them first."""

SEED_PAGES = {
    "competition": "procedures.competition",
    "training": "procedures.training_order",
    "paper": "papers.show",
}
"""Where those objects are gone to directly; everything else is found by links."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a page that this user gets with 200. `type`: the answer's media type."""

    endpoint: str
    url: str
    login: str
    type: str
    size: int


@dataclass
class Found:
    """`addresses` by endpoint; `unreached`: endpoints that answered nobody with a page; `outside`: see `Outside`."""

    addresses: dict[str, list[Address]] = field(default_factory=lambda: defaultdict(list))
    outside: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    unreached: list[str] = field(default_factory=list)


class Outside:
    """Stands in for Moodle: notes that it was asked, and lets the question through."""

    def __init__(self, inner: object) -> None:
        self._inner = inner
        self.asked = False

    def __getattr__(self, name: str) -> object:
        self.asked = True
        return getattr(self._inner, name)


def pages_of(app: Flask) -> set[str]:
    """Endpoints that answer GET, but for the static files."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint != "static"
    }


def entered(app: Flask, login: str, password: str) -> FlaskClient:
    """A browser with this user's session."""
    panel: Panel = app.extensions[PANEL]
    client = app.test_client()
    client.set_cookie(panel.settings.cookie_name, panel.authentication.log_in(login, password, "bench"))
    return client


class Walk:
    """One user going through the panel. At most `PER_PAGE` addresses of an endpoint are opened."""

    def __init__(self, app: Flask, client: FlaskClient, login: str, outside: Outside) -> None:
        self._app = app
        self._client = client
        self._login = login
        self._outside = outside
        self._waiting: deque[str] = deque()
        self._known: set[str] = set()
        self._opened: dict[str, int] = defaultdict(int)

    def go(self, seeds: Iterable[str], found: Found) -> None:
        """Every seed is opened; of what links lead to, `PER_PAGE` addresses of an endpoint."""
        self._note(seeds)
        first = len(self._waiting)
        while self._waiting:
            url = self._waiting.popleft()
            endpoint = endpoint_of(self._app, url)
            if endpoint is not None and (first > 0 or self._opened[endpoint] < PER_PAGE):
                self._open(endpoint, url, found)
            first -= 1

    def _note(self, urls: Iterable[str]) -> None:
        for url in urls:
            if url not in self._known:
                self._known.add(url)
                self._waiting.append(url)

    def _open(self, endpoint: str, url: str, found: Found) -> None:
        self._outside.asked = False
        answer = self._client.get(url)
        if self._outside.asked:
            found.outside.add(endpoint)
        if answer.status_code in (301, 302, 303, 307, 308):
            found.elsewhere.add(endpoint)
            self._note([_path(url, answer.headers["Location"])])
            return
        if answer.status_code != 200:
            return
        self._opened[endpoint] += 1
        body = answer.get_data()
        found.addresses[endpoint].append(Address(endpoint, url, self._login, answer.mimetype, len(body)))
        if answer.mimetype == "text/html":
            self._note(links_of(url, body.decode()))


def links_of(url: str, page: str) -> Iterator[str]:
    """Where the page leads inside the panel; the switch of languages is not a page."""
    for target in LINK.findall(page):
        path = _path(url, unescape(target))
        if path.startswith("/") and "lang=" not in path:
            yield path


def _path(url: str, target: str) -> str:
    whole = urlsplit(urljoin(f"http://localhost{url}", target))
    if whole.netloc not in ("localhost", ""):
        return ""
    return whole.path + (f"?{whole.query}" if whole.query else "")


def endpoint_of(app: Flask, url: str) -> str | None:
    try:
        endpoint, _ = app.url_map.bind("localhost").match(urlsplit(url).path, method="GET")
    except HTTPException:
        return None
    return None if endpoint == "static" else str(endpoint)


def seeds_of(app: Flask, engine: Engine, body: UUID) -> list[str]:
    """Pages without arguments, then the pages of the objects."""
    adapter = app.url_map.bind("localhost")
    plain = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if not rule.arguments and "GET" in (rule.methods or ()) and rule.endpoint != "static"
    ]
    with engine.connect() as connection:
        objects = connection.execute(SEEDS, {"body": body}).all()
    return [
        *plain,
        *(adapter.build(SEED_PAGES[row.type], {"id_": row.id}) for row in objects),
    ]


def discover(app: Flask, engine: Engine, body: UUID, logins: Sequence[str], password: str, outside: Outside) -> Found:
    """Let every user walk through the panel."""
    found, seeds = Found(), seeds_of(app, engine, body)
    for login in logins:
        Walk(app, entered(app, login, password), login, outside).go(seeds, found)
    answered = set(found.addresses) | found.outside
    found.unreached = sorted(pages_of(app) - answered - ALWAYS_ELSEWHERE)
    return found


ALWAYS_ELSEWHERE = frozenset({"account.log_in"})
"""Who is logged in is led on from there: its page is for guests."""
