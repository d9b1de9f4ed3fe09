"""No page asks the database more than fifteen times, whoever opens it; and the measurement itself tells the truth."""

from __future__ import annotations

import json

import pytest

from flask_app.bench.panel import QUERY_LIMIT, Report, Server, costs_of, result_of, served
from flask_app.bench.panel_links import links_of
from flask_app.bench.panel_lists import reports_of
from flask_app.bench.panel_load import percentile, run, shares
from flask_app.bench.panel_pages import Address, Asked, Found, discover, pages_of, watched
from flask_app.bench.panel_queries import MOST_ADDRESSES, chosen
from flask_app.domain.identity import ROLES
from flask_app.web import create_app
from tests.bench.conftest import PASSWORD, World

SERVER = Server(9, 1.0, 1.0, 1.0, 1.0, 1.0)


@pytest.fixture(scope="module")
def found(world: World) -> Found:
    """Everybody's walk through the panel, one address of a page each beside the objects in all their situations."""
    asked = Asked()
    app = create_app(watched(world.installed.office, asked), world.installed.settings)
    logins = [world.town.staff.hand(role).login for role in ROLES]
    led = reports_of(app, world.installed.office, world.town.staff, world.town.imported)
    return discover(app, world.installed.engine, world.town.body, logins, PASSWORD, asked, per_page=1, led=led)


def test_no_page_takes_more_than_fifteen_queries(found: Found) -> None:
    """For every page of the URL map and every role that may see it."""
    measured = [
        place for endpoint, places in found.addresses.items() if endpoint not in found.outside for place in places
    ]
    too_many = {(place.endpoint, place.login): place.queries for place in measured if place.queries > QUERY_LIMIT}
    assert not too_many


def test_every_page_of_the_url_map_was_opened_by_somebody(found: Found) -> None:
    """A new page that this fails for is linked from nowhere, or the loaded data (`panel_town`) have nothing to show."""
    assert found.unreached == []
    assert "home.show" in found.addresses
    assert {place.login for place in found.addresses["home.show"]} == set(ROLES)


def test_pages_that_ask_moodle_are_named_apart(found: Found) -> None:
    assert {"moodle.plan", "sittings.plan", "training.plan"} <= found.outside
    assert not {"home.show", "procedures.index", "papers.show"} & found.outside


def test_the_panel_under_load_answers_everybody(world: World, found: Found) -> None:
    """A real process, real sockets, real log-ins; and the report that comes of it."""
    few = {endpoint: found.addresses[endpoint] for endpoint in ("home.show", "journal.body", "procedures.competition")}
    users = ["hr_officer", "auditor", "head_of_body"]
    app = create_app(world.installed.office, world.installed.settings)
    costs = costs_of(app, world.installed, Found(addresses=few), PASSWORD)
    queues = shares({endpoint: places for endpoint, (places, _) in costs.items()}, users, visits=3)
    with served(world.installed, world.home) as (port, process):
        timings = run(port, PASSWORD, users, queues)
        assert process.is_running()
    assert timings.failures == []
    assert {endpoint: len(times) >= 3 for endpoint, times in timings.by_page.items()} == dict.fromkeys(few, True)
    pages = tuple(result_of(endpoint, costs[endpoint][1], timings.by_page[endpoint]) for endpoint in costs)
    report = Report(world.town, True, found, pages, (), SERVER, SERVER, (0.0, 0.0), {"people": 90})
    told = json.loads(json.dumps(report.as_json()))
    assert told["limits"] == {"p95_ms": 200.0, "queries": 15}
    assert {page["page"] for page in told["pages"]} == set(few)
    assert all(0 < page["queries"] <= 15 and page["bytes"] > 1000 for page in told["pages"])


def address(endpoint: str, login: str, url: str = "/", size: int = 1) -> Address:
    return Address(endpoint, url, login, "text/html", size, 1)


def test_a_missed_limit_a_failure_and_an_unreached_page_each_spoil_the_verdict(world: World) -> None:
    from flask_app.bench.panel_queries import Cost

    good = Cost(1, 15, "/", 1.0, 10)
    cases = [
        (result_of("a", good, [200.0]), Found(), (), True),
        (result_of("a", good, [200.1]), Found(), (), False),
        (result_of("a", Cost(1, 16, "/", 1.0, 10), [1.0]), Found(), (), False),
        (result_of("a", good, []), Found(), (), False),
        (result_of("a", good, [1.0]), Found(unreached=["b"]), (), False),
        (result_of("a", good, [1.0]), Found(), ("/: HTTP 500",), False),
    ]
    for page, seen, failures, holds in cases:
        report = Report(world.town, True, seen, (page,), failures, SERVER, SERVER, (0.0, 0.0), {})
        assert report.holds is holds, page
    assert not Report(world.town, False, Found(), (), (), SERVER, SERVER, (0.0, 0.0), {}).holds


def test_a_percentile_is_a_value_that_was_measured() -> None:
    times = [float(number) for number in range(1, 101)]
    assert percentile(times, 0.95) == 95.0
    assert percentile(times, 0.5) == 50.0
    assert percentile([7.0], 0.95) == 7.0
    assert percentile([3.0, 1.0, 2.0], 0.95) == 3.0


def test_visits_are_spread_over_those_who_may_open_the_page() -> None:
    places = {"a": [address("a", "x"), address("a", "y")], "b": [address("b", "y"), address("b", "z")]}
    queues = shares(places, ["x", "y", "y"], visits=4)
    assert sum(len(queue) for queue in queues) == 8
    assert all(place.login == login for queue, login in zip(queues, ["x", "y", "y"], strict=True) for place in queue)
    assert {place.endpoint for place in queues[0]} == {"a"}


def test_the_largest_answers_are_always_measured() -> None:
    places = [address("a", f"u{number % 3}", f"/{number}", size=number) for number in range(40)]
    taken = chosen(places)
    assert len(taken) == MOST_ADDRESSES
    assert {place.size for place in taken} >= {39, 38, 37, 36}
    assert {place.login for place in taken} == {"u0", "u1", "u2"}


def test_links_stay_in_the_panel() -> None:
    page = """<a href="/a?x=1&amp;y=2">a</a> <a class="b" href="b">b</a> <a href="?lang=ky">ky</a>
    <a href="#main">main</a> <a href="https://example.org/c">c</a> <a href="?page=2">2</a>"""
    assert list(links_of("/list/", page)) == ["/a?x=1&y=2", "/list/b", "/list/?page=2"]


def test_a_form_that_only_asks_is_sent_as_it_stands() -> None:
    page = """<html><body><form action="/plan" method="get"><input name="course" value="kyzmat">
    <input type="checkbox" name="bank" value="a" checked><input type="checkbox" name="bank" value="b">
    <select name="kind"><option value="x">x</option><option value="y" selected>y</option></select>
    <button type="submit" name="go" value="1">see</button></form>
    <form action="/carry" method="post"><input name="plan" value="1"></form></body></html>"""
    assert list(links_of("/list/", page)) == ["/plan?course=kyzmat&bank=a&kind=y"]


def test_the_static_files_are_no_pages(world: World) -> None:
    app = create_app(world.installed.office, world.installed.settings)
    assert "static" not in pages_of(app)
    assert {"home.show", "papers.download", "journal.body"} <= pages_of(app)
