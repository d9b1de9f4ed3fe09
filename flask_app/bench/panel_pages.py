"""Which pages there are, with addresses out of the loaded data: the URL map says what is wanted, links lead there.

Nothing here knows a page by name: every role is let in and follows the links it is shown, from the first page, from
every page without arguments and from the objects of the body in each of their states. So a page that is added tomorrow
is measured tomorrow; one that nobody is led to is told of as unreached.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from flask_app.bench.panel_links import links_of, path_of
from flask_app.bench.panel_objects import PAGES, Sampled, objects_of
from flask_app.bench.panel_statements import Statements
from flask_app.domain.workflows import WORKFLOWS
from flask_app.services.office import Office
from flask_app.web.visit import PANEL, Panel

PER_PAGE = 6
"""Addresses of one endpoint that one role is taken to."""

MOST_ALIKE = 2
"""Competitions in one situation that a walk begins at."""

STEP_ARGUMENTS = frozenset({"step", "transition"})

ASKS_NOBODY = frozenset({"address", "hand_file"})
"""What the way out does by itself (`ports.moodle`): nothing goes over a wire."""


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
    """Whether a request has asked an outside system: Moodle, or the office suite that lays out pages.

    `silent`: endpoints that asked one and had no page to show for it.
    """

    def __init__(self) -> None:
        self.outside = False
        self.silent: set[str] = set()


class _Watched:
    """Stands in for a way out: notes that it was taken, and lets the question through."""

    def __init__(self, inner: object, asked: Asked) -> None:
        self._inner = inner
        self._asked = asked

    def __getattr__(self, name: str) -> object:
        self._asked.outside |= name not in ASKS_NOBODY
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
        self,
        app: Flask,
        engine: Engine,
        client: FlaskClient,
        login: str,
        asked: Asked,
        per_page: int,
        objects: Sequence[Sampled],
    ) -> None:
        self._app = app
        self._engine = engine
        self._per_page = per_page
        self._client = client
        self._login = login
        self._asked = asked
        self._situations = {one.id: f"{one.type} {one.situation}" for one in objects}
        self._waiting: deque[str] = deque()
        self._left: list[str] = []
        self._known: set[str] = set()
        self._tried: set[str] = set()
        self._opened: dict[str, int] = defaultdict(int)
        self._met: set[tuple[str, str]] = set()

    def go(self, seeds: Iterable[str], found: Found) -> None:
        """Every seed is opened, then what links lead to."""
        for url in seeds:
            way = self._way(url)
            if way is not None and url not in self._tried:
                self._open(*way, url, found)
        self._follow(found, frozenset())

    def go_on(self, areas: frozenset[str], found: Found) -> None:
        """What was left out for its number is looked at again: in these areas a page is opened once for each
        situation that the object it is about is in."""
        self._waiting.extend(self._left)
        self._left.clear()
        self._follow(found, areas)

    def _follow(self, found: Found, areas: frozenset[str]) -> None:
        while self._waiting:
            url = self._waiting.popleft()
            way = self._way(url)
            if way is None or url in self._tried:
                continue
            endpoint, situation = way
            new = situation and area_of(endpoint) in areas and way not in self._met
            if new or self._opened[endpoint] < self._per_page:
                self._open(endpoint, situation, url, found)
            elif situation:
                self._left.append(url)

    def _way(self, url: str) -> tuple[str, str] | None:
        """The endpoint, and the situation of the object it is about; empty where that is none of the sampled ones."""
        place = place_of(self._app, url)
        if place is None:
            return None
        return place[0], next((self._situations[id_] for id_ in ids_in(place[1]) if id_ in self._situations), "")

    def _note(self, urls: Iterable[str]) -> None:
        for url in urls:
            if url not in self._known:
                self._known.add(url)
                self._waiting.append(url)

    def _spared(self, endpoint: str, found: Found) -> bool:
        """What asks outside is not measured: one answer is enough, and one that did not come is not waited for."""
        return endpoint in self._asked.silent or (endpoint in found.outside and self._opened[endpoint] > 0)

    def _open(self, endpoint: str, situation: str, url: str, found: Found) -> None:
        self._tried.add(url)
        self._met.add((endpoint, situation))
        if self._spared(endpoint, found):
            return
        self._asked.outside = False
        with Statements(self._engine) as statements:
            answer = self._client.get(url)
        if self._asked.outside:
            found.outside.add(endpoint)
        if answer.status_code in (301, 302, 303, 307, 308):
            self._note([path_of(url, answer.headers["Location"])])
            return
        if answer.status_code != 200:
            if self._asked.outside:
                self._asked.silent.add(endpoint)
            return
        self._opened[endpoint] += 1
        body = answer.get_data()
        address = Address(endpoint, url, self._login, answer.mimetype or "", len(body), len(statements.sent))
        found.addresses[endpoint].append(address)
        if answer.mimetype == "text/html":
            self._note(links_of(url, body.decode()))


def place_of(app: Flask, url: str) -> tuple[str, Mapping[str, Any]] | None:
    """The endpoint and its arguments; None for what is no page."""
    try:
        endpoint, arguments = app.url_map.bind("localhost").match(urlsplit(url).path, method="GET")
    except HTTPException:
        return None
    return None if endpoint == "static" else (str(endpoint), arguments)


def ids_in(arguments: Mapping[str, Any]) -> Iterator[UUID]:
    return (value for value in arguments.values() if isinstance(value, UUID))


def area_of(endpoint: str) -> str:
    return endpoint.partition(".")[0]


def seeds_of(app: Flask, objects: Sequence[Sampled]) -> list[str]:
    """Pages without arguments, then the pages of the objects."""
    adapter = app.url_map.bind("localhost")
    plain = [rule.rule for rule in _rules(app) if not rule.arguments]
    return [*plain, *(adapter.build(PAGES[one.type], {"id_": one.id}) for one in objects if one.type in PAGES)]


def unlinked(app: Flask, objects: Sequence[Sampled], missing: Iterable[str], found: Found) -> Iterator[str]:
    """Addresses of pages that no link of the walk led to: behind a button, or linked where Moodle has answered.

    They are about objects as the other pages of their area; where those are about none, one of each type is tried.
    """
    adapter = app.url_map.bind("localhost")
    wanted, types = set(missing), _types_of_areas(app, objects, found)
    one_each = list({one.type: one for one in objects}.values())
    for rule in _rules(app):
        own = rule.arguments & STEP_ARGUMENTS
        if rule.endpoint in wanted and rule.arguments - own == {"id_"}:
            known = types.get(area_of(rule.endpoint))
            for one in one_each if known is None else [one for one in objects if one.type in known]:
                for step in _steps(one) if own else ("",):
                    yield adapter.build(rule.endpoint, {"id_": one.id, **dict.fromkeys(own, step)})


def _types_of_areas(app: Flask, objects: Sequence[Sampled], found: Found) -> Mapping[str, set[str]]:
    types = {one.id: one.type for one in objects}
    about: dict[str, set[str]] = defaultdict(set)
    for endpoint, addresses in found.addresses.items():
        for address in addresses:
            place = place_of(app, address.url)
            for id_ in ids_in(place[1]) if place else ():
                if id_ in types:
                    about[area_of(endpoint)].add(types[id_])
    return about


def _steps(one: Sampled) -> list[str]:
    """The steps that lead on from the object's state."""
    workflow = WORKFLOWS.get(one.type)
    return [step.id for step in workflow.transitions.values() if one.state in step.sources] if workflow else []


def discover(
    app: Flask,
    engine: Engine,
    body: UUID,
    logins: Sequence[str],
    password: str,
    asked: Asked,
    per_page: int = PER_PAGE,
    led: Mapping[str, Sequence[str]] | None = None,
) -> Found:
    """Let every user walk through the panel. `led`: login → addresses that an act of theirs has led them to."""
    found, objects = Found(), objects_of(engine, body, min(MOST_ALIKE, per_page))
    seeds, led = seeds_of(app, objects), led or {}
    walks = {
        login: Walk(app, engine, entered(app, login, password), login, asked, per_page, objects) for login in logins
    }
    for login, walk in walks.items():
        walk.go([*seeds, *led.get(login, ())], found)
    missing = _missing(app, found)
    for walk in walks.values():
        walk.go_on(frozenset(map(area_of, _missing(app, found))), found)
    more = list(unlinked(app, objects, _missing(app, found), found))
    for walk in walks.values():
        walk.go(more, found)
    # What one user was led to late, the others are asked for too: a page may cost each role something else.
    late = [place.url for endpoint in sorted(missing) for place in found.addresses.get(endpoint, [])[:per_page]]
    for walk in walks.values():
        walk.go(late, found)
    found.unreached = sorted(_missing(app, found))
    return found


def _missing(app: Flask, found: Found) -> set[str]:
    return pages_of(app) - set(found.addresses) - found.outside - ALWAYS_ELSEWHERE


ALWAYS_ELSEWHERE = frozenset({"account.log_in"})
"""Who is logged in is led on from there: its page is for guests."""
