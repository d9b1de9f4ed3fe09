"""Hints: signed, at least once, and a lost one loses nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest

from connector.moodle.doctor import CHECK_PUSH
from connector.moodle.wire.records import Push
from connector.moodle.wire.shape import Part
from tests.connector.contract.conftest import Bench, key
from tests.connector.contract.hand import Hand

EVENTS = ("attempt_finished", "attempt_regraded", "attempt_deleted", "completion")


class Panel:
    """Takes hints on a real socket; refuses them while `status` says so."""

    def __init__(self) -> None:
        self.status = 204
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.secret = uuid4().hex
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/hints"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        panel = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                panel.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(panel.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        return Handler

    def hints(self, test: str) -> list[dict[str, Any]]:
        """What was told of one test: the site's only outbox may hold hints of others."""
        told: list[dict[str, Any]] = [json.loads(body) for _, body in self.got]
        return [hint for hint in told if hint.get("testidnumber") == test]


@pytest.fixture
def panel(bench: Bench) -> Iterator[Panel]:
    """The site's only push target for the length of a test."""
    made = Panel()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    bench.client.save_push(key(), Push(made.url, made.secret, EVENTS))
    yield made
    bench.client.save_push(key(), Push("", "", ()))
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def sat(bench: Bench) -> tuple[str, str, int]:
    test = bench.ready_form()
    (one,) = bench.enrol(1, "g-1")
    attemptid = bench.sit(one, bench.client.save_test(key(), test).quizid).attemptid
    return test.test, one.idnumber, attemptid


def test_a_hint_is_signed_over_its_time_and_names_test_and_person(bench: Bench, hand: Hand, panel: Panel) -> None:
    test, person, _ = sat(bench)
    hand.do("cron")
    (hint,) = panel.hints(test)
    ((headers, body),) = [(headers, body) for headers, body in panel.got if json.loads(body) == hint]
    assert {name: hint[name] for name in ("event", "testidnumber", "useridnumber")} == {
        "event": "attempt_finished",
        "testidnumber": test,
        "useridnumber": person,
    }
    assert hint["deliveryid"]
    signed = hmac.new(panel.secret.encode(), headers["x-kyzmat-timestamp"].encode() + b"." + body, hashlib.sha256)
    assert headers["x-kyzmat-signature"] == f"v1={signed.hexdigest()}"
    assert headers["content-type"].startswith("application/json")
    assert int(headers["x-kyzmat-timestamp"]) >= time.time() - 120  # the stand-in's cron runs later than now


def test_a_hint_that_is_refused_comes_again_as_the_same_delivery(bench: Bench, hand: Hand, panel: Panel) -> None:
    panel.status = 503
    test, person, _ = sat(bench)
    hand.do("cron")
    assert panel.hints(test)
    panel.status = 204
    hand.do("cron")
    hints = panel.hints(test)
    assert len(hints) >= 2
    assert {hint["deliveryid"] for hint in hints} == {hints[0]["deliveryid"]}
    hand.do("cron")
    assert len(panel.hints(test)) == len(hints)
    page, _ = bench.client.get_results([test], "", 10)
    assert [attempt.person for attempt in page.attempts] == [person]


def test_what_a_teacher_does_is_hinted(bench: Bench, hand: Hand, panel: Panel) -> None:
    test, person, attemptid = sat(bench)
    hand.do("regrade", attemptid=attemptid)
    hand.do("delete_attempt", attemptid=attemptid)
    hand.do("cron")
    hints = panel.hints(test)
    assert {(hint["event"], hint["useridnumber"]) for hint in hints} == {(event, person) for event in EVENTS[:3]}
    assert len({hint["deliveryid"] for hint in hints}) == len(hints)


def test_nothing_is_hinted_that_nobody_asked_for(bench: Bench, hand: Hand, panel: Panel) -> None:
    bench.client.save_push(key(), Push(panel.url, panel.secret, ("completion",)))
    test, _, _ = sat(bench)
    hand.do("cron")
    assert panel.hints(test) == []


def test_the_site_knocks_when_it_is_asked_to(bench: Bench, panel: Panel) -> None:
    def asked() -> tuple[str, int]:
        answer = Part(bench.client.session.call(CHECK_PUSH, (), repeatable=True), CHECK_PUSH)
        return answer["target"].text(), answer["status"].whole()

    assert asked() == (panel.url.split("/")[2], 204)
    headers, body = panel.got[-1]
    signed = hmac.new(panel.secret.encode(), headers["x-kyzmat-timestamp"].encode() + b"." + body, hashlib.sha256)
    assert headers["x-kyzmat-signature"] == f"v1={signed.hexdigest()}"
    assert (json.loads(body)["event"], bool(json.loads(body)["deliveryid"])) == ("check", True)
    panel.status = 401
    assert asked()[1] == 401
