"""The only module that speaks HTTP.

The token travels in the body of a POST, before everything else: PHP cuts a form after its limit of variables, and an
address with a token in it would stand in every access log. Redirects are not followed, certificates are checked, each
thread keeps its own connection alive. An error that leaves this module carries no request: the library's own exceptions
hold the body with the token, so they end here.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

import requests
from urllib3.exceptions import (
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)

from connector.transport.breaker import Breaker, Resting, breaker_of
from connector.transport.options import TransportOptions
from connector.transport.redaction import Secret, checked_base, host_of
from connector.transport.reply import Answer, Failure, Reply, understand
from connector.transport.retry import FailureKind, wait_before_retry
from flask_app.domain.errors import NotUnderstood, OutsideError, Unreachable

log = logging.getLogger(__name__)

_SERVER = "/webservice/rest/server.php"
_LOGIN = "/login/token.php"
_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept": "application/json",
    "User-Agent": "kyzmat/1",
}
_CHUNK = 64 * 1024
_chance = random.SystemRandom()

Pairs = Sequence[tuple[str, str]]


class RestSession:
    """Calls of one Moodle site under one token. Safe to share between threads.

    `sleep` and `draw` (a random number in [0, 1)) are arguments so that tests decide about time and chance. Sessions of
    one address share a `breaker`; one that is not `patient` asks also while the site rests (an examination on demand).
    """

    def __init__(
        self,
        url: str,
        token: str,
        options: TransportOptions | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        draw: Callable[[], float] = _chance.random,
        breaker: Breaker | None = None,
        patient: bool = True,
    ) -> None:
        self.base = checked_base(url)
        self.host = host_of(self.base)
        self.options = options or TransportOptions()
        self._token = Secret(token)
        self._sleep = sleep
        self._draw = draw
        self._local = threading.local()
        self.breaker = breaker or breaker_of(self.base, self.options.breaker)
        self._patient = patient

    def __repr__(self) -> str:
        return f"RestSession({self.host})"

    def call(self, function: str, params: Pairs, *, repeatable: bool) -> object:
        """Call a web-service function with flattened parameters and return its value as parsed JSON.

        `repeatable`: a read, or a write under an operation key (see `retry`).
        Raises `Unreachable`, `RefusedOutside`, `NotUnderstood`.
        """
        head = [("wstoken", self._token.reveal()), ("wsfunction", function), ("moodlewsrestformat", "json")]
        return self._post(_SERVER, function, [*head, *params], repeatable=repeatable)

    def log_in(self, username: str, password: str, service: str) -> str:
        """A person's own token for `service`, from `login/token.php`. Raises as `call` does."""
        form = [("username", username), ("password", password), ("service", service)]
        value = self._post(_LOGIN, "login/token.php", form, repeatable=True)
        token = value.get("token") if isinstance(value, dict) else None
        if not isinstance(token, str) or not token:
            raise NotUnderstood("moodle.not_json", url=self.host, function="login/token.php")
        return token

    def seal(self, text: str) -> str:
        """A one-way mark of a secret text, keyed by the token: it can be compared and kept, and not be guessed from."""
        return hmac.new(self._token.reveal().encode(), text.encode(), hashlib.sha256).hexdigest()

    # ------------------------------------------------------------------------------------------------ the way there

    def _post(self, path: str, function: str, form: Pairs, *, repeatable: bool) -> object:
        body = urlencode(form).encode("ascii")
        resting = self.breaker.admit() if self._patient else None
        if resting is not None:
            raise _left_alone(resting, function, self.host)
        attempt = 1
        while True:
            started = time.monotonic()
            outcome = self._attempt(path, function, body)
            took = time.monotonic() - started
            if isinstance(outcome, Answer):
                self.breaker.answered()
                log.debug("moodle %s %s answered in %.3f s", self.host, function, took)
                return outcome.value
            rests = self._note_failure(outcome)
            wait = wait_before_retry(
                self.options.retry,
                outcome.kind,
                attempt,
                repeatable=repeatable,
                retry_after=outcome.retry_after,
                draw=self._draw(),
            )
            level = logging.INFO if wait is None else logging.WARNING  # the last failure is raised, and told there
            code = outcome.error.code
            log.log(level, "moodle %s %s attempt %d: %s after %.3f s", self.host, function, attempt, code, took)
            if wait is None or rests:
                raise outcome.error
            self._sleep(wait)
            attempt += 1

    def _note_failure(self, failure: Failure) -> bool:
        """Tell the breaker; returns whether the site rests now. A clear refusal is an answer too."""
        if failure.kind is FailureKind.FINAL:
            self.breaker.answered()
            return False
        asked = failure.retry_after
        beyond = asked if asked is not None and asked > self.options.retry.retry_after_cap else None
        return self.breaker.failed(failure.error.code, beyond)

    def _attempt(self, path: str, function: str, body: bytes) -> Answer | Failure:
        try:
            reply = self._exchange(path, function, body)
        except (requests.RequestException, HTTPError) as error:
            return _lost(error, function, self.host)
        return reply if isinstance(reply, Failure) else understand(reply, function, self.host)

    def _exchange(self, path: str, function: str, body: bytes) -> Reply | Failure:
        deadline = time.monotonic() + self.options.total_timeout
        response = self._http().post(
            self.base + path,
            data=body,
            headers=_HEADERS,
            timeout=(self.options.connect_timeout, self.options.read_timeout),
            allow_redirects=False,
            stream=True,
        )
        with response:
            content = bytearray()
            # read1 gives what has arrived; the library's own iteration waits for a full piece, past every deadline
            while piece := response.raw.read1(_CHUNK, decode_content=True):
                content += piece
                if len(content) > self.options.max_reply_bytes:
                    error = NotUnderstood("moodle.reply_too_large", url=self.host, function=function)
                    return Failure(FailureKind.FINAL, error)
                if time.monotonic() > deadline:
                    return _too_slow(function, self.host)
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status_code, headers, bytes(content))

    def _http(self) -> requests.Session:
        http: requests.Session | None = getattr(self._local, "http", None)
        if http is None:
            http = requests.Session()
            http.trust_env = False  # no proxy, certificate store or .netrc password from the environment
            http.verify = self.options.ca_bundle or True
            if self.options.proxy:
                http.proxies = {"http": self.options.proxy, "https": self.options.proxy}
            self._local.http = http
        return http


# ------------------------------------------------------------------------------------------------ what broke on it


# Why a site rests, by the code of the last failure; every other one broke off in the middle.
_RESTING = {
    "moodle.unreachable": "moodle.resting_unreachable",
    "moodle.unknown_host": "moodle.resting_unreachable",
    "moodle.timeout": "moodle.resting_silent",
    "moodle.busy": "moodle.resting_busy",
    "moodle.maintenance": "moodle.resting_maintenance",
}


def _left_alone(resting: Resting, function: str, host: str) -> Unreachable:
    """Nothing was sent: the site rests. `until` is the time of the next try, UTC."""
    code = _RESTING.get(resting.cause, "moodle.resting_broken")
    until = datetime.fromtimestamp(time.time() + resting.seconds, UTC)
    return Unreachable(
        code,
        url=host,
        function=function,
        n=resting.failures,
        seconds=math.ceil(resting.seconds),
        until=f"{until:%H:%M:%S} UTC",
    )


def _too_slow(function: str, host: str) -> Failure:
    return Failure(FailureKind.SLOW, Unreachable("moodle.timeout", url=host, function=function))


def _lost(error: requests.RequestException | HTTPError, function: str, host: str) -> Failure:
    """The library's exception as a failure of ours; the exception itself, with its request, is dropped."""

    def fail(kind: FailureKind, made: type[OutsideError], code: str) -> Failure:
        told = made(code, url=host, function=function)
        told.retryable = True  # also half an answer: the line is out of order, and a job waits until it is not
        return Failure(kind, told)

    if isinstance(error, requests.exceptions.SSLError):
        return fail(FailureKind.FINAL, Unreachable, "moodle.tls")
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return fail(FailureKind.NOT_SENT, Unreachable, "moodle.timeout")
    if isinstance(error, requests.exceptions.ReadTimeout | ReadTimeoutError) or _caused_by(error, ReadTimeoutError):
        return _too_slow(function, host)
    if isinstance(error, HTTPError):  # raised bare: the answer had begun
        return fail(FailureKind.LOST, NotUnderstood, "moodle.half_reply")
    if _caused_by(error, NameResolutionError):
        return fail(FailureKind.NOT_SENT, Unreachable, "moodle.unknown_host")
    if isinstance(error, requests.exceptions.ProxyError) or _caused_by(error, NewConnectionError):
        return fail(FailureKind.NOT_SENT, Unreachable, "moodle.unreachable")
    if isinstance(error, requests.exceptions.ConnectionError):
        return fail(FailureKind.LOST, Unreachable, "moodle.lost_reply")
    return fail(FailureKind.FINAL, Unreachable, "moodle.unreachable")


def _caused_by(error: BaseException, wanted: type[BaseException]) -> bool:
    """The library wraps the real cause in arguments (`MaxRetryError.reason`) as well as in the exception chain."""
    seen: list[object] = [error]
    for _ in range(6):
        seen = [inner for outer in seen for inner in _inside(outer)]
        if any(isinstance(inner, wanted) for inner in seen):
            return True
    return False


def _inside(outer: object) -> list[object]:
    if not isinstance(outer, BaseException):
        return []
    inner = [*outer.args, getattr(outer, "reason", None), outer.__cause__]
    return [entry for entry in inner if isinstance(entry, BaseException)]
