"""The door to HTTP over real sockets: what is sent, what is repeated, what is said about it."""

from __future__ import annotations

import ipaddress
import logging
import pickle
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connector.transport import RestSession, RetryPolicy, TransportOptions
from connector.transport.redaction import Secret, checked_base, readable
from flask_app.domain.errors import InvalidInput, NotUnderstood, OutsideError, RefusedOutside, Unreachable
from tests.connector.scripted_server import Act, ScriptedServer, hang_up, raw, reply, reset

TOKEN = "5ecret70ken"
QUICK = TransportOptions(
    connect_timeout=1.0, read_timeout=0.3, total_timeout=5.0, retry=RetryPolicy(attempts=3, maintenance_attempts=2)
)


class Site:
    """A scripted server and a session that talks to it; `waits` collects what the session would have slept."""

    def __init__(self, server: ScriptedServer, options: TransportOptions = QUICK) -> None:
        self.server = server
        self.waits: list[float] = []
        self.session = RestSession(server.url, TOKEN, options, sleep=self.waits.append, draw=lambda: 0.0)

    def call(self, *, repeatable: bool = True) -> object:
        return self.session.call("local_kyzmat_get_site", [("a[0]", "1"), ("b", "ң &=")], repeatable=repeatable)


@pytest.fixture
def site() -> Iterator[Site]:
    with ScriptedServer() as server:
        yield Site(server)


def failing(site: Site, *, repeatable: bool = True) -> OutsideError:
    with pytest.raises(OutsideError) as caught:
        site.call(repeatable=repeatable)
    return caught.value


# ---------------------------------------------------------------------------------------------------- what is sent


def test_the_token_goes_first_in_the_body_and_nowhere_else(site: Site) -> None:
    site.server.add(reply({"wire": 1}))
    assert site.call() == {"wire": 1}
    (request,) = site.server.requests
    assert request.line == "POST /webservice/rest/server.php HTTP/1.1"
    assert list(request.form) == [
        ("wstoken", TOKEN),
        ("wsfunction", "local_kyzmat_get_site"),
        ("moodlewsrestformat", "json"),
        ("a[0]", "1"),
        ("b", "ң &="),
    ]
    assert TOKEN not in request.line + str(request.headers)


def test_a_site_in_a_folder_is_called_there() -> None:
    with ScriptedServer(reply([])) as server:
        session = RestSession(server.url + "/moodle/", TOKEN, QUICK)
        session.call("f", [], repeatable=True)
        assert server.requests[0].line == "POST /moodle/webservice/rest/server.php HTTP/1.1"


def test_the_connection_is_kept(site: Site) -> None:
    site.server.add(reply([]))
    for _ in range(3):
        site.call()
    assert [request.connection for request in site.server.requests] == [1, 1, 1]


def test_a_connection_that_the_site_closed_meanwhile_is_opened_again(site: Site) -> None:
    site.server.add(lambda connection: reply([])(connection) and False, reply(["again"]))
    assert site.call() == []
    assert site.call() == ["again"]
    assert site.server.requests[-1].connection == 2


def test_no_proxy_of_the_environment_is_asked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    site.server.add(reply([]))
    assert site.call() == []


def test_a_proxy_of_the_settings_is_used() -> None:
    with ScriptedServer(reply(["through"])) as proxy:
        session = RestSession("http://moodle.invalid", TOKEN, replace(QUICK, proxy=proxy.url))
        assert session.call("f", [], repeatable=True) == ["through"]
        assert proxy.requests[0].line.startswith("POST http://moodle.invalid/webservice/rest/server.php ")


def test_log_in_gives_the_persons_own_token(site: Site) -> None:
    site.server.add(reply({"token": "abc", "privatetoken": None}))
    assert site.session.log_in("azamat", "pass", "moodle_mobile_app") == "abc"
    (request,) = site.server.requests
    assert request.line == "POST /login/token.php HTTP/1.1"
    assert dict(request.form) == {"username": "azamat", "password": "pass", "service": "moodle_mobile_app"}


def test_log_in_refused(site: Site) -> None:
    site.server.add(reply({"error": "Invalid login", "errorcode": "invalidlogin", "stacktrace": None}))
    with pytest.raises(RefusedOutside) as caught:
        site.session.log_in("azamat", "wr0ng", "moodle_mobile_app")
    assert caught.value.code == "moodle.invalidlogin"
    assert "wr0ng" not in repr(caught.value)


def test_log_in_without_a_token_in_the_answer(site: Site) -> None:
    site.server.add(reply({"privatetoken": "x"}))
    with pytest.raises(NotUnderstood):
        site.session.log_in("azamat", "pass", "moodle_mobile_app")


# ------------------------------------------------------------------------------------------------ what is repeated


@pytest.mark.parametrize(
    ("act", "made", "code"),
    [
        (hang_up, Unreachable, "moodle.lost_reply"),
        (reset, Unreachable, "moodle.lost_reply"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), NotUnderstood, "moodle.half_reply"),
        (raw(b'HTTP/1.1 200 OK\r\n\r\n{"attempts": [{"mar'), NotUnderstood, "moodle.half_reply"),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"), NotUnderstood, "moodle.half_reply"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nxxxx"), NotUnderstood, "moodle.half_reply"),
        (reply(b"", "502 Bad Gateway"), Unreachable, "moodle.busy"),
    ],
)
def test_a_lost_answer_is_asked_again(site: Site, act: Act, made: type[OutsideError], code: str) -> None:
    site.server.add(act, act, reply(["at last"]))
    assert site.call() == ["at last"]
    assert site.waits == [0.25, 0.5]


@pytest.mark.parametrize(
    ("act", "made", "code"),
    [
        (hang_up, Unreachable, "moodle.lost_reply"),
        (reset, Unreachable, "moodle.lost_reply"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), NotUnderstood, "moodle.half_reply"),
        (reply(b"", "502 Bad Gateway"), Unreachable, "moodle.busy"),
    ],
)
def test_patience_ends(site: Site, act: Act, made: type[OutsideError], code: str) -> None:
    site.server.add(act)
    error = failing(site)
    assert (type(error), error.code) == (made, code)
    assert len(site.server.requests) == 3


def test_a_call_without_a_key_is_sent_once(site: Site) -> None:
    site.server.add(hang_up)
    assert failing(site, repeatable=False).code == "moodle.lost_reply"
    assert len(site.server.requests) == 1


def test_silence() -> None:
    with ScriptedServer() as server:
        server.add(server.silence)
        site = Site(server, replace(QUICK, read_timeout=0.1))
        error = failing(site)
        assert (type(error), error.code) == (Unreachable, "moodle.timeout")
        # On a busy machine the server notes the second request after the client has given it up.
        ends = time.monotonic() + 10
        while len(server.requests) < 2 and time.monotonic() < ends:
            time.sleep(0.01)
        assert len(server.requests) == 2


def test_a_proxy_that_gave_up_waiting_is_asked_twice(site: Site) -> None:
    site.server.add(reply(b"<html>504</html>", "504 Gateway Timeout"))
    assert failing(site).code == "moodle.busy"
    assert len(site.server.requests) == 2


def test_silence_in_the_middle_of_an_answer() -> None:
    with ScriptedServer() as server:

        def half_then_silence(connection: socket.socket) -> bool:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n[1,")
            return server.silence(connection)

        server.add(half_then_silence)
        site = Site(server, replace(QUICK, read_timeout=0.1, retry=RetryPolicy(attempts=1)))
        assert failing(site).code == "moodle.timeout"


def test_an_answer_that_drips_for_ever_is_cut() -> None:
    with ScriptedServer() as server:
        server.add(server.drip)
        site = Site(server, replace(QUICK, total_timeout=0.2, retry=RetryPolicy(attempts=1)))
        assert failing(site).code == "moodle.timeout"


def test_an_answer_without_end_is_cut() -> None:
    with ScriptedServer(reply(b'"' + b"a" * 300_000 + b'"')) as server:
        site = Site(server, replace(QUICK, max_reply_bytes=100_000))
        error = failing(site)
        assert (type(error), error.code, len(server.requests)) == (NotUnderstood, "moodle.reply_too_large", 1)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    waits: list[float] = []
    session = RestSession(f"http://127.0.0.1:{port}", TOKEN, QUICK, sleep=waits.append, draw=lambda: 0.0)
    with pytest.raises(Unreachable) as caught:
        session.call("f", [], repeatable=False)
    assert caught.value.code == "moodle.unreachable"
    assert len(waits) == 2  # nothing was sent, so even a call without a key may try again


def test_a_host_that_takes_no_connection() -> None:
    """A listener whose queue is full lets further callers wait, as a firewall does that drops packets."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        callers = [socket.socket() for _ in range(3)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        options = replace(QUICK, connect_timeout=0.2, retry=RetryPolicy(attempts=1))
        session = RestSession(f"http://127.0.0.1:{listener.getsockname()[1]}", TOKEN, options)
        with pytest.raises(Unreachable) as caught:
            session.call("f", [], repeatable=False)
        for caller in callers:
            caller.close()
    assert caught.value.code == "moodle.timeout"


def test_unknown_host() -> None:
    session = RestSession("http://no-such-host.invalid", TOKEN, QUICK, sleep=lambda _: None)
    with pytest.raises(Unreachable) as caught:
        session.call("f", [], repeatable=True)
    assert caught.value.code == "moodle.unknown_host"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate for 127.0.0.1, signed by itself, and a server that shows it."""

    file: Path
    context: ssl.SSLContext


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    born = datetime(2026, 1, 1, tzinfo=UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(born)
        .not_valid_after(born + timedelta(days=36500))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    pem, private = folder / "site.pem", folder / "site.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    return Certificate(pem, context)


def test_a_certificate_of_nobody_is_not_accepted(certificate: Certificate) -> None:
    with ScriptedServer(reply([]), tls=certificate.context) as server:
        session = RestSession(server.url, TOKEN, QUICK, sleep=lambda _: None)
        with pytest.raises(Unreachable) as caught:
            session.call("f", [], repeatable=True)
        assert caught.value.code == "moodle.tls"
        assert server.requests == []


def test_an_authority_of_ones_own_can_be_named(certificate: Certificate) -> None:
    with ScriptedServer(reply(["sealed"]), tls=certificate.context) as server:
        session = RestSession(server.url, TOKEN, replace(QUICK, ca_bundle=str(certificate.file)))
        assert session.call("f", [], repeatable=True) == ["sealed"]


@pytest.mark.parametrize(("retry_after", "waits"), [("2", [2.0, 0.25]), ("30", [30.0, 0.25]), ("0", [0.0, 0.25])])
def test_retry_after_is_waited_for(retry_after: str, waits: list[float]) -> None:
    busy = reply(b"", "429 Too Many Requests", {"Retry-After": retry_after})
    with ScriptedServer(busy, hang_up, reply(["open"])) as server:
        site = Site(server)
        assert site.call() == ["open"]
        assert site.waits == [waits[0], 0.5]


def test_who_asks_for_long_patience_gets_it(site: Site) -> None:
    """Moodle under maintenance says 300 s: the call ends at once, and until then nobody asks again."""
    site.server.add(reply(b"<html>back soon</html>", "503 Service Unavailable", {"Retry-After": "300"}))
    error = failing(site)
    assert (type(error), error.code, site.waits) == (Unreachable, "moodle.maintenance", [])
    again = failing(site)
    assert (type(again), again.code, again.params["seconds"]) == (Unreachable, "moodle.resting_maintenance", 300)
    assert len(site.server.requests) == 1


def test_maintenance_told_by_moodle_itself(site: Site) -> None:
    site.server.add(reply({"exception": "x", "errorcode": "sitemaintenance", "message": ""}))
    assert failing(site).code == "moodle.maintenance"
    assert len(site.server.requests) == 2


@pytest.mark.parametrize(
    ("act", "made", "code"),
    [
        (reply(b"", "403 Forbidden"), RefusedOutside, "moodle.ws_disabled"),
        (reply(b"<html>log in</html>"), NotUnderstood, "moodle.html"),
        (reply(b"Notice: Undefined x in /a/b.php on line 3\n{}"), NotUnderstood, "moodle.php_notice"),
        (reply({"exception": "x", "errorcode": "invalidtoken", "message": ""}), RefusedOutside, "moodle.invalidtoken"),
        (reply(b"", "301 Moved", {"Location": "https://elsewhere.example/"}), NotUnderstood, "moodle.redirect"),
    ],
)
def test_a_clear_answer_is_not_asked_twice(site: Site, act: Act, made: type[OutsideError], code: str) -> None:
    site.server.add(act)
    error = failing(site)
    assert (type(error), error.code, len(site.server.requests)) == (made, code, 1)


def test_a_redirect_is_not_followed(site: Site) -> None:
    with ScriptedServer(reply(["the thief"])) as other:
        site.server.add(reply(b"", "307 Temporary Redirect", {"Location": other.url + "/webservice/rest/server.php"}))
        error = failing(site)
        assert error.code == "moodle.redirect"
        assert error.params["target"] == other.url.removeprefix("http://")
        assert other.requests == []


# ------------------------------------------------------------------------------------------------ what is said of it


def test_threads_do_not_share_a_connection(site: Site) -> None:
    site.server.add(reply([]))
    with ThreadPoolExecutor(2) as pool:
        barrier = threading.Barrier(2)

        def call(_number: int) -> object:
            barrier.wait(5)
            return site.call()

        assert list(pool.map(call, range(2))) == [[], []]
    assert {request.connection for request in site.server.requests} == {1, 2}


def test_nothing_that_is_said_holds_the_token(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.server.add(hang_up, hang_up, hang_up)
    with caplog.at_level(logging.DEBUG):
        error = failing(site)
    said = [str(error), repr(error), repr(site.session), caplog.text, repr(vars(site.session))]
    assert all(TOKEN not in text for text in said)
    assert "moodle.lost_reply" in caplog.text


def test_an_error_carries_no_request(site: Site) -> None:
    site.server.add(hang_up)
    error = failing(site)
    assert error.__cause__ is None
    assert error.__context__ is None


def test_a_seal_is_keyed_by_the_token(site: Site) -> None:
    other = RestSession(site.server.url, "an0ther", QUICK)
    assert site.session.seal("pass") == site.session.seal("pass")
    assert site.session.seal("pass") != site.session.seal("Pass")
    assert site.session.seal("pass") != other.seal("pass")


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret(TOKEN)
    assert secret.reveal() == TOKEN
    assert TOKEN not in f"{secret} {secret!r}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://m.example", "https://m.example"),
        ("https://m.example/", "https://m.example"),
        (" http://m.example:8080/moodle/ ", "http://m.example:8080/moodle"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ],
)
def test_address(given: str, base: str) -> None:
    assert checked_base(given) == base


@pytest.mark.parametrize(
    "given",
    [
        "",
        "m.example",
        "ftp://m.example",
        "https://",
        "https://user:pw@m.example",
        "https://m.example?token=1",
        "https://m.example#x",
        "https://m.example:99999",
        "file:///etc/passwd",
        "http://[::1",
    ],
)
def test_an_address_that_is_none(given: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        checked_base(given)
    assert caught.value.code == "moodle.bad_url"
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>Bold</b>\n and\t<br/>plain", "Bold and plain"),
        ("write to aibek@example.kg now", "write to …@… now"),
        ("person 21203199001234 is there", "person # is there"),
        ("in /var/www/moodle/lib.php on line 3", "in lib.php on line 3"),
        ("x" * 500, "x" * 199 + "…"),
        ("1/2 of the rows", "1/2 of the rows"),
    ],
)
def test_foreign_text_is_made_readable(text: str, shown: str) -> None:
    assert readable(text) == shown
