"""A pull of any length needs the memory of a page: through the wire, the records, and into the database."""

from __future__ import annotations

import json
import re
import socket
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from connector.moodle.gateway import MoodleConnector
from flask_app.services import results
from flask_app.services.bodies import system_actor
from flask_app.services.office import Office
from flask_app.store.models.results import Attempt
from tests.connector.scripted_server import ScriptedServer
from tests.connector.test_results import page_of
from tests.services.desk import FrozenClock, make_office, new_body

PER_PAGE, ANSWERS = 20, 10
SITE = {
    "wire": 1,
    "pluginversion": "1",
    "release": "5.0",
    "branch": 500,
    "servertime": 1795300507,
    "timezone": "UTC",
    "cronlastrun": 0,
    "bankcontext": "module",
    "limits": {"questions": 200, "people": 500, "attempts": PER_PAGE, "cards": 150},
    "capabilities": [],
}


class Attempts(ScriptedServer):
    """A site with so many pages of attempts, each made when it is asked for."""

    def __init__(self, pages: int) -> None:
        super().__init__(self._answer)
        self._pages = pages

    def _answer(self, connection: socket.socket) -> bool:
        request = self.requests[-1]
        self.requests.clear()
        body = json.dumps(
            SITE if request["wsfunction"].endswith("get_site") else self._page(request["cursor"])
        ).encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        return True

    def _page(self, cursor: str) -> dict[str, object]:
        number = int(re.sub(r"\D", "", cursor) or 0) + 1
        page = page_of(f"c{number}", number < self._pages, PER_PAGE, ANSWERS)
        page["total"] = self._pages * PER_PAGE
        answers = page["attempts"][0]["responses"]
        page["attempts"] = [
            {
                **page["attempts"][0],
                "attemptid": number * PER_PAGE + place,
                "responses": [{**answer, "slot": slot} for slot, answer in enumerate(answers)],
            }
            for place in range(PER_PAGE)
        ]
        return page


@pytest.fixture
def office(session_factory: sessionmaker[Session], tmp_path: Path) -> Iterator[Office]:
    with ScriptedServer() as nobody:
        yield make_office(session_factory, FrozenClock(), MoodleConnector(nobody.url, "t"), tmp_path / "files")


def peak_of(office: Office, pages: int) -> int:
    """Bytes at the highest moment of a pull into a new body, beyond what was there before it."""
    with Attempts(pages) as server:
        office = replace(office, moodle=MoodleConnector(server.url, "t"))
        actor = system_actor(new_body(office, f"b{uuid4().hex[:8]}"))
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        report = results._pull(office, actor, ["t"], "results:t")
        peak = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
    assert (report.new, report.pages, report.total) == (pages * PER_PAGE, pages, pages * PER_PAGE)
    with office.work(actor) as work:
        assert work.session.scalar(select(func.count()).select_from(Attempt)) == pages * PER_PAGE
    return peak


def test_four_times_the_attempts_need_no_more_memory(office: Office) -> None:
    peak_of(office, 2)  # what is loaded once and stays
    small, large = peak_of(office, 4), peak_of(office, 16)
    assert large < 1.15 * small + 100_000
