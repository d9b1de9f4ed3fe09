"""Hints to the panel: signed, at least once, with the change they tell of."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from connector.moodle.standin.push import signature
from connector.moodle.standin.sitting import sit
from tests.connector.standin.bench import COURSE_PASSWORD, Bench, take_right


class Receiver:
    """A panel that takes hints on a real socket, and refuses them while `status` says so."""

    def __init__(self) -> None:
        self.status = 204
        self.got: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers.items()), body))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?x=1"

    def events(self) -> list[str]:
        return [json.loads(body)["event"] for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


EVENTS = ["attempt_finished", "attempt_regraded", "attempt_deleted", "completion"]


def ordered(bench: Bench, receiver: Receiver, events: list[str]) -> str:
    return str(bench.write("save_push", url=receiver.url, secret="s3cret", events=events)["outcome"])


def test_hints_are_sent_and_signed(own_bench: Bench, receiver: Receiver) -> None:
    assert [ordered(own_bench, receiver, EVENTS) for _ in range(2)] == ["created", "unchanged"]
    quizid = own_bench.make_test(1)
    own_bench.enrol(1)
    done = sit(own_bench.url, f"{own_bench.tag}.user1", COURSE_PASSWORD, quizid, take_right)
    own_bench.site.control("regrade", attemptid=done.attemptid)
    own_bench.site.control("delete_attempt", attemptid=done.attemptid)
    assert own_bench.site.control("cron")["delivered"] == 3
    assert sorted(receiver.events()) == ["attempt_deleted", "attempt_finished", "attempt_regraded"]
    headers, body = receiver.got[0]
    assert headers["X-Kyzmat-Signature"] == signature("s3cret", headers["X-Kyzmat-Timestamp"], body)
    told = json.loads(body)
    assert (told["testidnumber"], told["useridnumber"]) == (f"{own_bench.tag}-test", f"{own_bench.tag}-person-1")
    assert set(told) == {"deliveryid", "event", "testidnumber", "useridnumber", "timemodified"}
    assert len({json.loads(one)["deliveryid"] for _, one in receiver.got}) == 3


def test_a_refused_hint_comes_again_later(own_bench: Bench, receiver: Receiver) -> None:
    ordered(own_bench, receiver, ["completion"])
    own_bench.site.ensure_course(own_bench.course, "Training", ("One",))
    own_bench.enrol(1)
    person = f"{own_bench.tag}-person-1"
    own_bench.site.control("grade_course", courseidnumber=own_bench.course, useridnumber=person, grade="80")
    receiver.status = 503
    assert own_bench.site.control("cron")["delivered"] == 0
    receiver.status = 204
    assert own_bench.site.control("cron")["delivered"] == 0  # not yet due again
    own_bench.site.control("clock", advance=61)
    assert own_bench.site.control("cron")["delivered"] == 1
    assert receiver.events() == ["completion", "completion"]
    assert receiver.got[0][1] == receiver.got[1][1]  # the same deliveryid: the panel can tell


def test_nothing_is_kept_for_nobody(own_bench: Bench, receiver: Receiver) -> None:
    ordered(own_bench, receiver, ["completion"])
    own_bench.write("save_push", url="", secret="", events=[])
    quizid = own_bench.make_test(1)
    own_bench.enrol(1)
    sit(own_bench.url, f"{own_bench.tag}.user1", COURSE_PASSWORD, quizid, take_right)
    assert own_bench.site.control("state")["outbox"] == 0


@pytest.mark.parametrize("changed", [{"url": "ftp://x.example/"}, {"events": ["all"]}, {"secret": ""}])
def test_orders_that_cannot_be(bench: Bench, changed: dict[str, Any]) -> None:
    asked = {"url": "http://127.0.0.1:9/", "secret": "s", "events": ["completion"], **changed}
    assert bench.write("save_push", **asked)["errorcode"] == "invalidparameter"


def test_the_site_says_whether_it_reaches_the_panel(own_bench: Bench, receiver: Receiver) -> None:
    assert own_bench.read("check_push") == {"target": "", "status": 0, "error": "", "waiting": 0}
    ordered(own_bench, receiver, ["completion"])
    host = receiver.url.split("/")[2]
    assert own_bench.read("check_push") == {"target": host, "status": 204, "error": "", "waiting": 0}
    (headers, body), told = receiver.got[0], json.loads(receiver.got[0][1])
    assert headers["X-Kyzmat-Signature"] == signature("s3cret", headers["X-Kyzmat-Timestamp"], body)
    assert (told["event"], set(told)) == ("check", {"deliveryid", "event", "timemodified"})
    receiver.status = 401
    assert own_bench.read("check_push")["status"] == 401
    own_bench.write("save_push", url="http://127.0.0.1:9/", secret="s", events=[])
    silent = own_bench.read("check_push")
    assert (silent["target"], silent["status"]) == ("127.0.0.1:9", 0)
    assert "refused" in silent["error"]
