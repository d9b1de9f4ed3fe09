"""How fast the panel answers with a full house: 20,000 people and 500 procedures, ten users at once.

On a throw-away database the data are loaded (`panel_town`), every page of the URL map is looked for (`panel_pages`),
its queries and its processor time are counted one request at a time (`panel_queries`), and then the panel runs as
`kyzmat serve` runs it, a process of its own, while users ask for the same pages all at once (`panel_load`).
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import psutil
from flask import Flask

from flask_app.bench.panel_lists import reports_of
from flask_app.bench.panel_load import Browser, Timings, percentile, run, shares
from flask_app.bench.panel_pages import Address, Asked, Found, discover, watched
from flask_app.bench.panel_queries import Cost, chosen, clients_of, measure
from flask_app.bench.panel_town import Town, build
from flask_app.bootstrap import Installation, moodle_of, wire
from flask_app.domain.identity import ROLES
from flask_app.services.audit import verify_all
from flask_app.settings import Settings
from flask_app.store import migrate
from flask_app.store.embedded import EmbeddedPostgres
from flask_app.store.engine import DatabaseAddress, create_engine
from flask_app.web import create_app

P95_LIMIT = 200.0
"""Milliseconds that 95 of a hundred answers of a page may take."""

QUERY_LIMIT = 15

VISITS = 100
"""Requests of each page at least: of forty, the third slowest is the p95, and one hiccup of the machine that holds up
ten users at once falls on ten pages; over a hundred and thirty pages, three such answers meet on one of them by chance.
"""

NOWHERE = "http://127.0.0.1:9"
"""Where no Moodle answers: a page that asks it is named apart and not measured."""

PATIENCE = 60.0
TOKEN = "none"  # noqa: S105  # nobody is asked


@dataclass(frozen=True, slots=True)
class PageResult:
    """One page under load and alone. Times in milliseconds."""

    page: str
    n: int
    p50: float
    p95: float
    queries: int
    queries_at: str
    processor_ms: float
    bytes: int

    @property
    def holds(self) -> bool:
        return self.n > 0 and self.p95 <= P95_LIMIT and self.queries <= QUERY_LIMIT


@dataclass(frozen=True, slots=True)
class Server:
    """The panel under one load: requests per second, milliseconds of all answers together, and the processor
    milliseconds a request cost the panel and its database."""

    requests: int
    per_second: float
    p50: float
    p95: float
    processor_ms: float
    database_ms: float


@dataclass(frozen=True)
class Report:
    """Everything one run saw."""

    town: Town
    sound: bool
    found: Found
    pages: tuple[PageResult, ...]
    failures: tuple[str, ...]
    server: Server
    saturated: Server
    load: tuple[float, float]
    settings: Mapping[str, Any]

    @property
    def holds(self) -> bool:
        return self.sound and not self.found.unreached and not self.failures and all(p.holds for p in self.pages)

    def as_json(self) -> dict[str, Any]:
        return {
            **self.settings,
            "limits": {"p95_ms": P95_LIMIT, "queries": QUERY_LIMIT},
            "machine": {"processors": os.cpu_count(), "load_before": self.load[0], "load_after": self.load[1]},
            "rows": self.town.rows,
            "events": self.town.events,
            "chains_sound": self.sound,
            "server": asdict(self.server),
            "saturated": asdict(self.saturated),
            "pages": [{**asdict(page), "holds": page.holds} for page in self.pages],
            "outside": sorted(self.found.outside),
            "unreached": self.found.unreached,
            "failures": list(self.failures[:20]),
            "holds": self.holds,
        }


# -- the installation --------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def throw_away_home() -> Iterator[Path]:
    """A folder that the account of a database started by root can enter; removed at the end."""
    with tempfile.TemporaryDirectory(prefix="kyzmat-bench-", dir="/tmp") as folder:  # 0711 or 0700, random name
        home = Path(folder)
        home.chmod(0o711 if os.geteuid() == 0 else 0o700)
        yield home


@contextlib.contextmanager
def database(home: Path) -> Iterator[tuple[EmbeddedPostgres, Installation]]:
    """An empty installation over an embedded database with the settings of a real one."""
    with EmbeddedPostgres(home / "postgres") as server:
        address = DatabaseAddress(server.url("app"), server.url("owner"))
        migrate.upgrade(address.owner)
        engine = create_engine(address.app)
        try:
            yield server, wire(Settings(home=home), address, engine, moodle_of(NOWHERE, TOKEN))
        finally:
            engine.dispose()


def settle(server: EmbeddedPostgres) -> None:
    """What the database does by itself within the hour after such a load: clean up and count."""
    with server.admin("kyzmat") as connection:
        connection.execute("VACUUM (ANALYZE)")


@contextlib.contextmanager
def served(installed: Installation, home: Path) -> Iterator[tuple[int, psutil.Process]]:
    """The panel as `kyzmat serve` runs it: its port and its process."""
    port = _free_port()
    environment = {
        **os.environ,
        "KYZMAT_HOME": str(home),
        "KYZMAT_DATABASE_URL": _plain(installed.address.app),
        "KYZMAT_DATABASE_OWNER_URL": _plain(installed.address.owner),
        "KYZMAT_PORT": str(port),
        "MOODLE_URL": NOWHERE,
        "MOODLE_TOKEN": TOKEN,
    }
    with (home / "serve.log").open("wb") as log:
        command = [sys.executable, "-m", "flask_app.cli", "serve"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603  # our own program
        try:
            _await_answer(port, process)
            yield port, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _await_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        try:
            with contextlib.closing(Browser(port)) as asking:
                if asking.ask("GET", "/health")[0] == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise click.ClickException("the panel did not start")


# -- the measurement ---------------------------------------------------------------------------------------------------


def _processor_seconds(process: psutil.Process) -> float:
    """Of the process and all it has started, the ended ones too."""
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def costs_of(app: Flask, installed: Installation, found: Found, password: str) -> dict[str, tuple[list[Address], Cost]]:
    """The addresses that are measured, and what each page costs alone."""
    places = {endpoint: chosen(places) for endpoint, places in found.addresses.items() if endpoint not in found.outside}
    clients = clients_of(app, sorted({place.login for all_ in places.values() for place in all_}), password)
    return {
        endpoint: (places[endpoint], measure(installed.engine, places[endpoint], clients))
        for endpoint in sorted(places)
    }


def result_of(endpoint: str, cost: Cost, times: Sequence[float]) -> PageResult:
    p50, p95 = (round(percentile(times, share), 1) for share in (0.5, 0.95)) if times else (0.0, 0.0)
    return PageResult(endpoint, len(times), p50, p95, cost.queries, cost.queries_at, cost.processor_ms, cost.bytes)


def look(
    people: int,
    procedures: int,
    users: int,
    visits: int,
    think: float,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """The whole measurement. `visits`: requests of each page at least; `think`: a user's pause between pages."""
    password = secrets.token_urlsafe(12)
    with throw_away_home() as home, database(home) as (server, installed):
        town = build(
            installed.office, installed.engine, people, procedures, password, tell, settle=lambda: settle(server)
        )
        settle(server)
        tell("walk")
        asked = Asked()
        app = create_app(watched(installed.office, asked), installed.settings)
        logins = [town.staff.hand(role).login for role in ROLES]
        led = reports_of(app, installed.office, town.staff, town.imported)
        found = discover(app, installed.engine, town.body, logins, password, asked, led=led)
        tell("queries")
        gc.freeze()  # as `kyzmat serve` does: what stands is not walked over again and again
        costs = costs_of(app, installed, found, password)
        tell("load")
        before = os.getloadavg()[0]
        going = [logins[number % len(logins)] for number in range(users)]
        measured = {endpoint: places for endpoint, (places, _) in costs.items()}
        loads = [(shares(measured, going, visits), think), (shares(measured, going, -(-visits // 4)), 0.0)]
        (timings, cost), (rush, saturated) = _under_loads(server, installed, home, password, going, loads)
        sound = all(body.sound for body in verify_all(installed.office))
        pages = tuple(result_of(endpoint, costs[endpoint][1], timings.by_page[endpoint]) for endpoint in costs)
    settings = {"people": people, "procedures": procedures, "users": users, "visits": visits, "think_seconds": think}
    failures = (*timings.failures, *rush.failures)
    return Report(town, sound, found, pages, failures, cost, saturated, (before, os.getloadavg()[0]), settings)


def _under_loads(
    server: EmbeddedPostgres,
    installed: Installation,
    home: Path,
    password: str,
    going: Sequence[str],
    loads: Sequence[tuple[Sequence[Sequence[Address]], float]],
) -> list[tuple[Timings, Server]]:
    """The same panel under one load after the other: who goes where, and how long everybody pauses."""
    postgres = psutil.Process(server.pid)
    with served(installed, home) as (port, process):
        first, think = loads[0]
        run(port, password, going, [queue[:5] for queue in first], think)  # templates are compiled, connections open
        found = []
        for queues, pause in loads:
            before = _processor_seconds(process), _processor_seconds(postgres)
            timings = run(port, password, going, queues, pause)
            spent = _processor_seconds(process) - before[0], _processor_seconds(postgres) - before[1]
            found.append((timings, _as_server(timings, spent)))
    return found


def _as_server(timings: Timings, spent: tuple[float, float]) -> Server:
    count = max(1, timings.requests)
    times = [took for page in timings.by_page.values() for took in page]
    p50, p95 = (round(percentile(times, share), 1) for share in (0.5, 0.95))
    each = [round(seconds * 1000 / count, 1) for seconds in spent]
    return Server(timings.requests, round(timings.requests / timings.seconds, 1), p50, p95, *each)


# -- told --------------------------------------------------------------------------------------------------------------


def tell_report(report: Report) -> None:
    click.echo(f"{'page':34} {'n':>5} {'p50':>7} {'p95':>7} {'queries':>8} {'cpu ms':>7} {'bytes':>8}")
    for page in sorted(report.pages, key=lambda one: -one.p95):
        mark = "" if page.holds else "  <-"
        click.echo(
            f"{page.page:34} {page.n:5} {page.p50:7.1f} {page.p95:7.1f} {page.queries:8} "
            f"{page.processor_ms:7.1f} {page.bytes:8}{mark}"
        )
    pause = f"pauses of {report.settings['think_seconds']} s"
    for name, server in ((pause, report.server), ("no pauses (told, not judged)", report.saturated)):
        click.echo(
            f"{name}: {server.requests} requests, {server.per_second}/s, p50 {server.p50} ms, p95 {server.p95} ms; "
            f"processor ms a request: panel {server.processor_ms}, database {server.database_ms}"
        )
    click.echo(f"{os.cpu_count()} processors, load {report.load[0]:.1f} -> {report.load[1]:.1f}")
    for name, names in (("outside", sorted(report.found.outside)), ("unreached", report.found.unreached)):
        if names:
            click.echo(f"{name}: {', '.join(names)}")
    for failure in report.failures[:20]:
        click.echo(f"failed: {failure}")
    verdict = "holds" if report.holds else "does not hold"
    click.echo(f"panel: {verdict} (p95 <= {P95_LIMIT:.0f} ms, <= {QUERY_LIMIT} queries, chains sound: {report.sound})")


@click.command()
@click.option("--people", type=click.IntRange(min=60), default=20_000, show_default=True)
@click.option("--procedures", type=click.IntRange(min=30), default=500, show_default=True)
@click.option("--users", type=click.IntRange(min=1, max=100), default=10, show_default=True, help="Users at once.")
@click.option("--visits", type=click.IntRange(min=1), default=VISITS, show_default=True, help="Requests of each page.")
@click.option("--think", type=click.FloatRange(min=0), default=0.0, show_default=True, help="Pause of a user, seconds.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def panel(people: int, procedures: int, users: int, visits: int, think: float, as_json: bool) -> None:
    """Every page of the panel on a full database, ten users at once; exit code 1 when a limit is missed."""
    report = look(people, procedures, users, visits, think, lambda word: click.echo(f"... {word}", err=True))
    if as_json:
        click.echo(json.dumps({"panel": report.as_json()}, ensure_ascii=False))
    else:
        tell_report(report)
    sys.exit(0 if report.holds else 1)
