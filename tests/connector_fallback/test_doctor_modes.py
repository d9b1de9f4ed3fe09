"""What the doctor says of the two ways a site can be used, and of the way back from Moodle to the panel."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connector.moodle.client import MoodleClient
from connector.moodle.doctor import CHECK_PUSH, NEEDED_FUNCTIONS, Finding, examine, is_fit
from connector.moodle.fallback import gaps
from connector.moodle.fallback.core_results import NEEDED_FUNCTIONS as CORE_FUNCTIONS
from connector.transport import RestSession, RetryPolicy, TransportOptions
from flask_app.messages import explain
from tests.connector.scripted_server import Act, ScriptedServer, reply

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
QUICK = TransportOptions(connect_timeout=1, read_timeout=1, retry=RetryPolicy(attempts=1, maintenance_attempts=1))
SITE: dict[str, Any] = {
    "wire": 1,
    "pluginversion": "2026112201",
    "release": "5.0.6+",
    "branch": 500,
    "servertime": int(NOW.timestamp()),
    "timezone": "Asia/Bishkek",
    "cronlastrun": int(NOW.timestamp()) - 30,
    "bankcontext": "module",
    "limits": {"questions": 200, "people": 500, "attempts": 500, "cards": 150},
    "capabilities": [{"name": "mod/quiz:manage", "allowed": True}],
}


class StoppedClock:
    def now(self) -> datetime:
        return NOW


def info(*functions: str) -> Act:
    named = [{"name": name, "version": "1"} for name in ("core_webservice_get_site_info", *functions)]
    return reply({"sitename": "Сайт", "release": "5.0.6+", "version": "2025041406", "functions": named})


def findings(*acts: Act) -> tuple[Finding, ...]:
    with ScriptedServer(*acts) as server:
        found = examine(MoodleClient(RestSession(server.url, "token", QUICK)), StoppedClock())
    for finding in found:
        for language in ("ky", "ru", "en"):
            told = explain(finding.code, language, finding.params)
            assert told.text
            assert told.cure or finding.level == "ok", finding.code
    return found


def test_without_the_plugin_results_can_be_had_and_what_lacks_is_named() -> None:
    missing = reply({"exception": "x", "errorcode": "invalidrecord", "message": ""})
    found = findings(info(*CORE_FUNCTIONS), missing)
    codes = [finding.code for finding in found]
    assert codes[2:] == ["moodle.plugin_missing", "doctor.mode_core", *gaps.ALWAYS]
    assert not is_fit(found)


@pytest.mark.parametrize("lacking", CORE_FUNCTIONS)
def test_each_function_of_core_that_is_missing_is_named(lacking: str) -> None:
    missing = reply({"exception": "x", "errorcode": "accessexception", "message": ""})
    found = findings(info(*(name for name in CORE_FUNCTIONS if name != lacking)), missing)
    named = [finding.params["function"] for finding in found if finding.code == "doctor.core_function_missing"]
    assert named == [lacking]
    assert "doctor.mode_none" in [finding.code for finding in found]


@pytest.mark.parametrize(
    ("answer", "code", "level"),
    [
        ({"target": "", "status": 0, "error": "", "waiting": 0}, "doctor.push_off", "ok"),
        ({"target": "panel.example", "status": 204, "error": "", "waiting": 2}, "doctor.push_reached", "ok"),
        ({"target": "panel.example", "status": 403, "error": "", "waiting": 2}, "doctor.push_refused", "warn"),
        (
            {"target": "panel.example:8000", "status": 0, "error": "no route", "waiting": 7},
            "doctor.push_unreachable",
            "warn",
        ),
        ({"exception": "x", "errorcode": "nopermissions", "message": ""}, "moodle.nopermissions", "warn"),
        ({"target": "panel.example"}, "moodle.bad_shape", "warn"),
    ],
)
def test_the_way_back_to_the_panel(answer: dict[str, Any], code: str, level: str) -> None:
    *_, last = found = findings(info(*NEEDED_FUNCTIONS, CHECK_PUSH), reply(SITE), reply(answer))
    assert (last.code, last.level) == (code, level)
    assert is_fit(found)


def test_an_old_plugin_does_not_say_whether_it_reaches_the_panel() -> None:
    *_, last = findings(info(*NEEDED_FUNCTIONS), reply(SITE))
    assert (last.code, last.level) == ("doctor.push_unknown", "ok")


def refusal(errorcode: str) -> Act:
    return reply({"exception": "x", "errorcode": errorcode, "message": ""})


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ((refusal("accessexception"), refusal("accessexception")), "doctor.service_refused"),
        ((refusal("accessexception"), refusal("invalidtoken")), "doctor.key_expired"),
        ((refusal("accessexception"), info()), "doctor.service_refused"),
        ((refusal("wsaccessusersuspended"),), "doctor.account_refused"),
        ((refusal("invalidtoken"),), "moodle.invalidtoken"),
    ],
)
def test_why_the_door_is_closed(answers: tuple[Act, ...], code: str) -> None:
    *_, last = findings(*answers)
    assert (last.code, last.level) == (code, "bad")
