"""Which pages there are, with addresses out of the loaded data: the URL map says what is wanted, links lead there.

Nothing here knows a page by name: every role is let in and follows the links it is shown, from the first page, from
every page without arguments and from the objects of the body in each of their states. So a page that is added tomorrow
is measured tomorrow; one that nobody is led to is told of as unreached.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from flask_app.bench.panel_statements import Statements
from flask_app.domain.workflows import WORKFLOWS
from flask_app.services.office import Office
from flask_app.web.visit import PANEL, Panel

LINK = re.compile(r'<a\b[^>]*?\shref="([^"#]+)', re.DOTALL)
PER_PAGE = 6
"""Addresses of one endpoint that one role is taken to."""

SEEDS = text(
    """
    SELECT 'competition' AS type, id, state FROM (
        SELECT c.id, c.state, row_number() OVER (PARTITION BY c.state ORDER BY count(a.id) DESC, c.code) AS place
        FROM competition c LEFT JOIN application a ON a.competition_id = c.id WHERE c.body_id = :body
        GROUP BY c.id) AS competitions WHERE place <= 2
    UNION ALL
    SELECT 'training_order', id, state FROM (
        SELECT id, state, row_number() OVER (PARTITION BY state ORDER BY code) AS place
        FROM training_order WHERE body_id = :body) AS orders WHERE place = 1
    UNION ALL
    SELECT 'document', id, state FROM (
        SELECT id, state, row_number() OVER (PARTITION BY kind, state ORDER BY created_at) AS place
        FROM document WHERE body_id = :body) AS papers WHERE place = 1
    """
)
"""Objects in each of their states, the largest of them first."""

STEP_ARGUMENTS = frozenset({"step", "transition"})

SEED_PAGES = {
    "competition": "procedures.competition",
    "training_order": "procedures.training_order",
    "document": "papers.show",
}
"""Where those objects are gone to directly; everything else is found by links."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a page that this user gets with 200. `type`: the answer's media type; `queries`: it took."""

    endpoint: str
    url: str
    login: str
    type: str
    size: int
    queries: int


@dataclass
class Found:
    """`addresses` by endpoint. `outside`: those that ask an outside system; `unreached`: those nobody was led to."""

    addresses: dict[str, list[Address]] = field(default_factory=lambda: defaultdict(list))
    outside: set[str] = field(default_factory=set)
    unreached: list[str] = field(default_factory=list)


class Asked:
    """Whether a request has asked an outside system: Moodle, or the office suite that lays out pages."""

    def __init__(self) -> None:
        self.outside = False


class _Watched:
    """Stands in for a way out: notes that it was taken, and lets the question through."""

    def __init__(self, inner: object, asked: Asked) -> None:
        self._inner = inner
        self._asked = asked

    def __getattr__(self, name: str) -> object:
        self._asked.outside = True
        return getattr(self._inner, name)


def watched(office: Office, asked: Asked) -> Office:
    """The same office, telling `asked` of every look outside."""
    moodle: Any = _Watched(office.moodle, asked)
    viewer: Any = _Watched(office.viewer, asked)
    return replace(office, moodle=moodle, viewer=viewer)


def pages_of(app: Flask) -> set[str]:
    """Endpoints that answer GET, but for the static files."""
    return {rule.endpoint for rule in _rules(app)}


def _rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and rule.endpoint != "static"]


def entered(app: Flask, login: str, password: str) -> FlaskClient:
    """A browser with this user's session."""
    panel: Panel = app.extensions[PANEL]
    client = app.test_client()
    client.set_cookie(panel.settings.cookie_name, panel.authentication.log_in(login, password, "bench"))
    return client


class Walk:
    """One user going through the panel. Of what links lead to, `per_page` addresses of an endpoint are opened."""

    def __init__(
        self, app: Flask, engine: Engine, client: FlaskClient, login: str, asked: Asked, per_page: int
    ) -> None:
        self._app = app
        self._engine = engine
        self._per_page = per_page
        self._client = client
        self._login = login
        self._asked = asked
        self._waiting: deque[str] = deque()
        self._known: set[str] = set()
        self._opened: dict[str, int] = defaultdict(int)

    def go(self, seeds: Iterable[str], found: Found) -> None:
        """Every seed is opened, then what links lead to."""
        self._note(seeds)
        first = len(self._waiting)
        while self._waiting:
            url = self._waiting.popleft()
            endpoint = endpoint_of(self._app, url)
            if endpoint is not None and (first > 0 or self._opened[endpoint] < self._per_page):
                self._open(endpoint, url, found)
            first -= 1

    def _note(self, urls: Iterable[str]) -> None:
        for url in urls:
            if url not in self._known:
                self._known.add(url)
                self._waiting.append(url)

    def _open(self, endpoint: str, url: str, found: Found) -> None:
        self._asked.outside = False
        with Statements(self._engine) as statements:
            answer = self._client.get(url)
        if self._asked.outside:
            found.outside.add(endpoint)
        if answer.status_code in (301, 302, 303, 307, 308):
            self._note([_path(url, answer.headers["Location"])])
            return
        if answer.status_code != 200:
            return
        self._opened[endpoint] += 1
        body = answer.get_data()
        address = Address(endpoint, url, self._login, answer.mimetype or "", len(body), len(statements.sent))
        found.addresses[endpoint].append(address)
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
    plain = [rule.rule for rule in _rules(app) if not rule.arguments]
    return [*plain, *(adapter.build(SEED_PAGES[type_], {"id_": id_}) for type_, id_, _ in objects_of(engine, body))]


def objects_of(engine: Engine, body: UUID) -> list[tuple[str, UUID, str]]:
    """Type, id and state of procedures and papers, in each of their states."""
    with engine.connect() as connection:
        return [(row.type, row.id, row.state) for row in connection.execute(SEEDS, {"body": body})]


def unlinked(app: Flask, engine: Engine, body: UUID, missing: Iterable[str]) -> Iterator[str]:
    """Addresses of pages that no link of the walk led to, about each of the objects: forms behind buttons."""
    adapter = app.url_map.bind("localhost")
    objects, wanted = objects_of(engine, body), set(missing)
    for rule in _rules(app):
        own = rule.arguments & STEP_ARGUMENTS
        if rule.endpoint in wanted and rule.arguments - own == {"id_"}:
            for type_, id_, state in objects:
                for step in _steps(type_, state) if own else ("",):
                    yield adapter.build(rule.endpoint, {"id_": id_, **dict.fromkeys(own, step)})


def _steps(type_: str, state: str) -> list[str]:
    """The steps that lead on from the state."""
    return [step.id for step in WORKFLOWS[type_].transitions.values() if state in step.sources]


def discover(
    app: Flask,
    engine: Engine,
    body: UUID,
    logins: Sequence[str],
    password: str,
    asked: Asked,
    per_page: int = PER_PAGE,
    *,
    behind_buttons: bool = True,
) -> Found:
    """Let every user walk through the panel."""
    found, seeds = Found(), seeds_of(app, engine, body)
    for login in logins:
        Walk(app, engine, entered(app, login, password), login, asked, per_page).go(seeds, found)
    missing = pages_of(app) - set(found.addresses) - found.outside - ALWAYS_ELSEWHERE
    if missing and behind_buttons:
        more = list(unlinked(app, engine, body, missing))
        for login in logins:
            Walk(app, engine, entered(app, login, password), login, asked, per_page).go(more, found)
    found.unreached = sorted(missing - set(found.addresses) - found.outside)
    return found


ALWAYS_ELSEWHERE = frozenset({"account.log_in"})
"""Who is logged in is led on from there: its page is for guests."""
