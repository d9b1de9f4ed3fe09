"""The examination of a site: every thing that is missing is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.moodle.client import MoodleClient
from connector.moodle.doctor import NEEDED_FUNCTIONS, Finding, examine, is_fit, lacks_plugin
from connector.moodle.fallback.core_results import NEEDED_FUNCTIONS as CORE_FUNCTIONS
from connector.transport import RestSession, RetryPolicy, TransportOptions
from flask_app.messages import explain
from tests.connector.conftest import Place
from tests.connector.scripted_server import Act, ScriptedServer, hang_up, reply

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())
QUICK = TransportOptions(connect_timeout=1, read_timeout=1, retry=RetryPolicy(attempts=1, maintenance_attempts=1))


class FixedClock:
    def now(self) -> datetime:
        return NOW


INFO: dict[str, Any] = {
    "sitename": "Сайт",
    "release": "5.0.6+",
    "version": "2025041406",
    "functions": [{"name": name, "version": "1"} for name in ("core_webservice_get_site_info", *NEEDED_FUNCTIONS)],
    "userprivateaccesskey": "do not read",
}
SITE: dict[str, Any] = {
    "wire": 1,
    "pluginversion": "2026112200",
    "release": "5.0.6+",
    "branch": 500,
    "servertime": EPOCH,
    "timezone": "Asia/Bishkek",
    "cronlastrun": EPOCH - 30,
    "bankcontext": "module",
    "limits": {"questions": 200, "people": 500, "attempts": 500, "cards": 150},
    "capabilities": [{"name": "mod/quiz:manage", "allowed": True}],
}
NO_CORE = ["doctor.mode_none", *["doctor.core_function_missing"] * len(CORE_FUNCTIONS)]


def refusal(errorcode: str) -> Act:
    return reply({"exception": "x", "errorcode": errorcode, "message": "секрет"})


@contextmanager
def examined(*acts: Act) -> Iterator[tuple[Finding, ...]]:
    with ScriptedServer(*acts) as server:
        yield examine(MoodleClient(RestSession(server.url, "token", QUICK)), FixedClock())


def faults(*acts: Act) -> list[tuple[str, str]]:
    with examined(*acts) as findings:
        for finding in findings:
            for language in ("ky", "ru", "en"):
                sentence = explain(finding.code, language, finding.params)
                assert sentence.text
                assert sentence.cure or finding.level == "ok"
        return [(finding.code, finding.level) for finding in findings if finding.level != "ok"]


def test_a_good_site() -> None:
    with examined(reply(INFO), reply(SITE)) as findings:
        assert is_fit(findings)
        assert not lacks_plugin(findings)
        assert [finding.code for finding in findings] == [
            "doctor.no_tls",
            "doctor.answers",
            "doctor.mode_plugin",
            "doctor.plugin",
            "doctor.release",
            "doctor.functions",
            "doctor.capabilities",
            "doctor.clock",
            "doctor.cron_now",
            "doctor.push_unknown",
        ]
    assert faults(reply(INFO), reply(SITE)) == []


def test_background_tasks_of_a_while_ago_are_told_in_minutes() -> None:
    with examined(reply(INFO), reply({**SITE, "cronlastrun": EPOCH - 60})) as findings:
        assert [finding.params for finding in findings if finding.code == "doctor.cron"] == [{"minutes": 1}]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"wire": 2}, [("moodle.wire_version", "bad")]),
        ({"branch": 404}, [("doctor.release_unknown", "bad")]),
        ({"branch": 405}, []),
        ({"branch": 502}, [("doctor.release_unknown", "warn")]),
        ({"servertime": EPOCH + 5, "cronlastrun": EPOCH}, []),
        ({"servertime": EPOCH + 6, "cronlastrun": EPOCH}, [("doctor.clock_apart", "warn")]),
        ({"servertime": EPOCH - 61, "cronlastrun": EPOCH - 62}, [("doctor.clock_apart", "bad")]),
        ({"cronlastrun": EPOCH - 5 * 60}, [("doctor.cron_late", "warn")]),
        ({"cronlastrun": EPOCH - 3600}, [("doctor.cron_late", "bad")]),
        ({"cronlastrun": 0}, [("doctor.cron_never", "bad")]),
        (
            {"capabilities": [{"name": "a:b", "allowed": False}, {"name": "c:d", "allowed": 0}]},
            [("doctor.capability_missing", "bad"), ("doctor.capability_missing", "bad")],
        ),
    ],
)
def test_what_is_wrong_with_a_site(change: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert faults(reply(INFO), reply({**SITE, **change})) == found


def test_every_missing_function_is_named() -> None:
    some = {**INFO, "functions": [{"name": name} for name in NEEDED_FUNCTIONS[:-2]]}
    with examined(reply(some), reply(SITE)) as findings:
        missing = [finding.params["function"] for finding in findings if finding.code == "doctor.function_missing"]
        assert missing == list(NEEDED_FUNCTIONS[-2:])
        assert not is_fit(findings)


def test_no_plugin() -> None:
    core_only = {**INFO, "functions": [{"name": "core_webservice_get_site_info"}]}
    for errorcode in ("invalidrecord", "invalidrecordunknown"):
        with examined(reply(core_only), refusal(errorcode)) as findings:
            assert lacks_plugin(findings)
            bad = [finding.code for finding in findings if finding.level == "bad"]
            assert bad == ["moodle.plugin_missing", *NO_CORE]


def test_a_plugin_outside_the_service_of_the_token() -> None:
    core_only = {**INFO, "functions": [{"name": "core_webservice_get_site_info"}]}
    found = faults(reply(core_only), refusal("accessexception"))
    codes = ["moodle.accessexception", *NO_CORE, *["doctor.function_missing"] * len(NEEDED_FUNCTIONS)]
    assert found == [(code, "bad") for code in codes]


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (refusal("invalidtoken"), "moodle.invalidtoken"),
        (reply(b"", "403 Forbidden"), "moodle.ws_disabled"),
        (reply(b"<html>"), "moodle.html"),
        (reply(b"", "503 x", {"Retry-After": "1"}), "moodle.maintenance"),
        (hang_up, "moodle.lost_reply"),
    ],
)
def test_a_site_that_cannot_be_talked_to(act: Act, code: str) -> None:
    assert faults(act) == [(code, "bad")]
    assert faults(reply(INFO), act)[0] == (code, "bad")


def test_the_network_without_tls_is_bad() -> None:
    session = RestSession("http://moodle.invalid", "token", QUICK)
    findings = examine(MoodleClient(session), FixedClock())
    assert [(finding.code, finding.level) for finding in findings] == [
        ("doctor.no_tls", "bad"),
        ("moodle.unknown_host", "bad"),
    ]


def test_the_stand_in_is_fit(place: Place) -> None:
    class RealClock:
        def now(self) -> datetime:
            return datetime.fromtimestamp(place.connector.client.get_site().servertime.timestamp(), UTC)

    findings = examine(place.connector.client, RealClock())
    assert is_fit(findings), findings
    place.standin.control("setting", name="denied", value=["mod/quiz:manage"])
    try:
        denied = examine(place.connector.client, RealClock())
    finally:
        place.standin.control("setting", name="denied", value=[])
    assert [finding.params for finding in denied if finding.level == "bad"] == [{"capability": "mod/quiz:manage"}]


def test_the_network_with_tls_is_good() -> None:
    first, *_ = examine(MoodleClient(RestSession("https://moodle.invalid", "token", QUICK)), FixedClock())
    assert (first.code, first.level) == ("doctor.tls", "ok")


def test_a_clock_that_is_read_while_the_site_answers() -> None:
    class SlowClock:
        times = iter([NOW, NOW + timedelta(seconds=20)])

        def now(self) -> datetime:
            return next(self.times)

    answer = {**SITE, "servertime": EPOCH + 10}
    with ScriptedServer(reply(INFO), reply(answer)) as server:
        findings = examine(MoodleClient(RestSession(server.url, "token", QUICK)), SlowClock())
    assert is_fit(findings)
    assert [finding.params for finding in findings if finding.code == "doctor.clock"] == [{"seconds": 0}]
