"""What a reply means, by its status, headers and body: also the replies that no documentation mentions."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.transport.reply import Answer, Failure, Reply, seconds_to_wait, understand
from connector.transport.retry import FailureKind
from flask_app.domain.errors import NotUnderstood, OutsideError, RefusedOutside, Unreachable

FUNCTION = "local_kyzmat_get_results"
HOST = "moodle.example"
RECORDED = Path(__file__).parents[1] / "data" / "connector"


def meaning(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Answer | Failure:
    return understand(Reply(status, headers or {}, body), FUNCTION, HOST)


def failure(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Failure:
    found = meaning(body, status, headers)
    assert isinstance(found, Failure)
    return found


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b"null", None),
        (b"[]", []),
        (b"  [1]\n", [1]),
        (b'"word"', "word"),
        (b"true", True),
        ('{"п": "ң"}'.encode(), {"п": "ң"}),
    ],
)
def test_value(body: bytes, value: object) -> None:
    assert meaning(body) == Answer(value)


def test_no_digit_of_a_mark_is_lost() -> None:
    answer = meaning(b'{"mark": 0.3333333333333333333333, "grade": 11.50}')
    assert isinstance(answer, Answer)
    assert answer.value == {"mark": Decimal("0.3333333333333333333333"), "grade": Decimal("11.50")}
    assert str(answer.value["grade"]) == "11.50"


LATER = FailureKind.LOST
NEVER = FailureKind.FINAL


@pytest.mark.parametrize(
    ("body", "status", "headers", "kind", "made", "code"),
    [
        (b"", 200, {}, LATER, NotUnderstood, "moodle.half_reply"),
        (b'{"attempts": [{"mark": 1', 200, {}, LATER, NotUnderstood, "moodle.half_reply"),
        (b'{"attempts": [{"state": "fini', 200, {}, LATER, NotUnderstood, "moodle.half_reply"),
        (b'{"attempts": [{"more": tr', 200, {}, LATER, NotUnderstood, "moodle.half_reply"),
        (b'{"attempts": [{"a": {"b": 1}}', 200, {}, LATER, NotUnderstood, "moodle.half_reply"),
        ('{"name": "Ж'.encode()[:-1], 200, {}, LATER, NotUnderstood, "moodle.half_reply"),
        (b'{"mark": NaN}', 200, {}, NEVER, NotUnderstood, "moodle.not_json"),
        (b'{"a": 1} trailing', 200, {}, NEVER, NotUnderstood, "moodle.not_json"),
        (b"Service temporarily confused", 200, {}, NEVER, NotUnderstood, "moodle.not_json"),
        (b'\xff\xfe{"a": 1}', 200, {}, NEVER, NotUnderstood, "moodle.not_json"),
        (b"[" * 100_000, 200, {}, NEVER, NotUnderstood, "moodle.not_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", 200, {}, NEVER, NotUnderstood, "moodle.not_json"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", 200, {}, NEVER, NotUnderstood, "moodle.html"),
        (b"<html>", 500, {}, NEVER, NotUnderstood, "moodle.http_status"),
        (b'<?xml version="1.0"?><EXCEPTION/>', 200, {}, NEVER, NotUnderstood, "moodle.xml"),
        (b"", 403, {}, NEVER, RefusedOutside, "moodle.ws_disabled"),
        (b"<h1>Forbidden</h1>", 403, {}, NEVER, RefusedOutside, "moodle.forbidden"),
        (b"", 401, {}, NEVER, RefusedOutside, "moodle.forbidden"),
        (b"Not found", 404, {}, NEVER, NotUnderstood, "moodle.no_moodle_here"),
        (b"", 413, {}, NEVER, RefusedOutside, "moodle.request_too_large"),
        (b"", 301, {"location": "https://u:p@other.example/x?wstoken=1"}, NEVER, NotUnderstood, "moodle.redirect"),
        (b"<html>", 502, {}, FailureKind.BUSY, Unreachable, "moodle.busy"),
        (b"<html>", 503, {}, FailureKind.BUSY, Unreachable, "moodle.busy"),
        (b"<html>", 503, {"retry-after": "300"}, FailureKind.MAINTENANCE, Unreachable, "moodle.maintenance"),
        (b"", 429, {"retry-after": "7"}, FailureKind.BUSY, Unreachable, "moodle.busy"),
        (b'{"error": "x", "errorcode": "invalidlogin"}', 200, {}, NEVER, RefusedOutside, "moodle.invalidlogin"),
    ],
)
def test_failure(
    body: bytes, status: int, headers: dict[str, str], kind: FailureKind, made: type[OutsideError], code: str
) -> None:
    found = failure(body, status, headers)
    assert (found.kind, type(found.error), found.error.code) == (kind, made, code)
    assert found.error.params["url"] == HOST
    assert found.error.params["function"] == FUNCTION


@pytest.mark.parametrize(
    ("errorcode", "kind", "made", "code"),
    [
        ("invalidtoken", NEVER, RefusedOutside, "moodle.invalidtoken"),
        ("accessexception", NEVER, RefusedOutside, "moodle.accessexception"),
        ("nopermissions", NEVER, RefusedOutside, "moodle.nopermissions"),
        ("sitemaintenance", FailureKind.MAINTENANCE, Unreachable, "moodle.maintenance"),
        ("dbconnectionfailed", FailureKind.BUSY, Unreachable, "moodle.busy"),
        ("opkeyconflict", NEVER, RefusedOutside, "moodle.opkeyconflict"),
        ("chunktoolarge", NEVER, RefusedOutside, "moodle.chunktoolarge"),
        ("unknowncourse", NEVER, RefusedOutside, "moodle.unknowncourse"),
        ("testhasattempts", NEVER, RefusedOutside, "moodle.testhasattempts"),
        ("invalidrecordunknown", NEVER, RefusedOutside, "moodle.unknown_record"),
        ("somethingnew", NEVER, RefusedOutside, "moodle.refused"),
        ("The password entered was incorrect", NEVER, RefusedOutside, "moodle.refused"),
    ],
)
def test_refusal(errorcode: str, kind: FailureKind, made: type[OutsideError], code: str) -> None:
    body = {"exception": "core\\exception\\moodle_exception", "errorcode": errorcode, "message": "Иванов Иван"}
    found = failure(json.dumps({**body, "debuginfo": "SELECT secret"}).encode())
    assert (found.kind, type(found.error), found.error.code) == (kind, made, code)
    assert found.error.params["errorcode"] == errorcode
    assert "Иванов" not in str(found.error)
    assert "SELECT" not in str(found.error)


def test_only_the_greeting_tells_of_a_missing_plugin() -> None:
    body = b'{"exception": "dml_missing_record_exception", "errorcode": "invalidrecordunknown", "message": ""}'
    found = understand(Reply(200, {}, body), "local_kyzmat_get_site", HOST)
    assert isinstance(found, Failure)
    assert found.error.code == "moodle.plugin_missing"


def test_a_php_error_without_a_code_is_told_by_its_class() -> None:
    found = failure(b'{"exception": "TypeError", "message": "htmlspecialchars(): array given"}')
    assert found.error.code == "moodle.refused"
    assert found.error.params["errorcode"] == "TypeError"


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (b"Notice: Undefined index: grade in /var/www/moodle/local/x/lib.php on line 12\n", "Notice: Undefined index"),
        (b"\nWarning: fopen(): failed in /srv/a.php on line 1\n", "Warning: fopen(): failed"),
        (
            b"<br />\n<b>Deprecated</b>:  Optional parameter in <b>/srv/a.php</b> on line <b>3</b><br />\n",
            "Deprecated:",
        ),
        (b"PHP Fatal error:  Uncaught TypeError: x in /srv/a.php", "Fatal error: Uncaught TypeError: x"),
        (b"Recoverable fatal error: x\n", "Recoverable fatal error: x"),
    ],
)
@pytest.mark.parametrize("after", [b'{"attempts": []}', b""])
def test_php_notice(before: bytes, told: str, after: bytes) -> None:
    found = failure(before + after)
    assert (found.kind, found.error.code) == (NEVER, "moodle.php_notice")
    notice = str(found.error.params["notice"])
    assert notice.startswith(told)
    assert "/var/www" not in notice
    assert "<b>" not in notice


@pytest.mark.parametrize(
    ("body", "limit"),
    [
        (
            b"PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes)",
            "134217728",
        ),
        (
            b"<br />\n<b>Fatal error</b>: Maximum execution time of 30 seconds exceeded in <b>/srv/a.php</b>",
            "30 seconds",
        ),
        (b'{"attempts": [{"mark": 1}, <br />\nFatal error: Maximum execution time of 1 second exceeded', "1 second"),
    ],
)
@pytest.mark.parametrize("status", [200, 500])
def test_a_limit_of_php(body: bytes, limit: str, status: int) -> None:
    found = failure(body, status)
    assert (found.kind, found.error.code) == (NEVER, "moodle.php_limit")
    assert limit in str(found.error.params["limit"])


def test_a_question_about_php_limits_is_a_question() -> None:
    text = b'{"xml": "Allowed memory size of 134217728 bytes exhausted: why?"}'
    assert isinstance(understand(Reply(200, {}, text), "f", "h"), Answer)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
        (
            {"retry-after": "Sat, 21 Nov 2026 10:00:30 GMT", "date": "Sat, 21 Nov 2026 10:00:00 GMT"},
            30.0,
        ),
        ({"retry-after": "Sat, 21 Nov 2026 09:00:00 GMT", "date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 0.0),
        ({"retry-after": "Sat, 21 Nov 2026 09:00:00 GMT"}, None),
        ({"retry-after": "²"}, None),
    ],
)
def test_seconds_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert seconds_to_wait(headers) == seconds


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from([200, 403, 500, 503]))
def test_no_reply_breaks_the_reader(body: bytes, status: int) -> None:
    found = meaning(body, status)
    if isinstance(found, Answer):
        assert status == 200
        assert json.loads(body, parse_float=Decimal) == found.value
    else:
        assert isinstance(found.error, OutsideError)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


ANSWERS = st.lists(JSON, min_size=1, max_size=4) | st.dictionaries(st.text(max_size=5), JSON, min_size=1)


@settings(deadline=None)
@given(value=ANSWERS, data=st.data())
def test_every_beginning_of_an_answer_is_half_a_reply(value: object, data: st.DataObject) -> None:
    whole = json.dumps(value).encode()
    cut = data.draw(st.integers(0, len(whole) - 1))
    found = failure(whole[:cut])
    assert (found.kind, found.error.code) == (FailureKind.LOST, "moodle.half_reply")


def recorded() -> list[Path]:
    return sorted(RECORDED.glob("err_*.json"))


@pytest.mark.parametrize("file", recorded(), ids=lambda file: file.stem)
def test_recorded_refusals_of_real_sites(file: Path) -> None:
    case = json.loads(file.read_text(encoding="utf-8"))
    body = b"" if "_notjson" in case["response"] else json.dumps(case["response"]).encode()
    assert failure(body, case["status"]).error.code == case["means"]


def test_there_are_recorded_refusals() -> None:
    assert len(recorded()) >= 8
