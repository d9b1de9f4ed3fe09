"""What an HTTP reply means: the value of the call, or what went wrong. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import NoReturn

from connector.transport.redaction import host_of, readable
from connector.transport.refusals import refusal
from connector.transport.retry import FailureKind
from flask_app.domain.errors import NotUnderstood, OutsideError, RefusedOutside, Unreachable

_NOTICE = re.compile(
    r"\A\s*(?:<br\s*/?>\s*)?(?:<b>)?\s*(?:PHP\s+)?"
    r"(Notice|Warning|Deprecated|Strict Standards|(?:(?:Catchable|Recoverable) )?[Ff]atal error|Parse error)"
    r"\s*(?:</b>)?\s*:(.*?)(?:[\r\n{\[]|\Z)",
    re.DOTALL,
)
_BUSY = frozenset({429, 502, 503, 504})
_GATEWAY_TIMEOUT = 504
_LOOKED_AT = 20_000  # bytes at either end of an answer
# What PHP says when it stops a script by its limits, with or without a page around it.
_LIMIT = re.compile(rb"(Allowed memory size of \d+ bytes exhausted|Maximum execution time of \d+ seconds? exceeded)")


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply as it came. `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """The value of a call; None for a function that answers nothing. Fractions are `Decimal`: no digit is lost."""

    value: object


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no value. `retry_after`: seconds the site asked to wait."""

    kind: FailureKind
    error: OutsideError
    retry_after: float | None = None


def understand(reply: Reply, function: str, host: str) -> Answer | Failure:
    """Read a reply of `webservice/rest/server.php` or `login/token.php`."""
    if reply.status in _BUSY:
        return _not_now(reply, function, host)
    if 300 <= reply.status < 400:
        target = host_of(reply.headers.get("location", ""))
        return _final(NotUnderstood("moodle.redirect", url=host, function=function, target=target or host))
    limit = _LIMIT.search(reply.body[:_LOOKED_AT]) or _LIMIT.search(reply.body[-_LOOKED_AT:])
    value = _parsed(reply.body)
    if value is None and limit:
        told = limit[1].decode("ascii")  # nothing but these words and a number that is no person's
        return _ill(NotUnderstood("moodle.php_limit", url=host, function=function, limit=told))
    if value is not None and _is_refusal(value.value):
        assert isinstance(value.value, Mapping)
        kind, error = refusal(value.value, function, host)
        return Failure(kind, error)
    if reply.status != 200:
        return _refused_by_http(reply, function, host)
    return value or _not_json(reply.body, function, host)


def _is_refusal(value: object) -> bool:
    """A function of the contract never answers these names itself: `error` is what login/token.php writes."""
    return isinstance(value, Mapping) and ("exception" in value or ("errorcode" in value and "error" in value))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _parsed(body: bytes) -> Answer | None:
    try:
        text = body.decode("utf-8")
        return Answer(json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant))
    except (ValueError, RecursionError):  # not UTF-8, not JSON, NaN, a number too long, or nested beyond reason
        return None


def _final(error: OutsideError) -> Failure:
    return Failure(FailureKind.FINAL, error)


def _ill(error: OutsideError, kind: FailureKind = FailureKind.FINAL) -> Failure:
    """The site or something before it is out of order: nobody asks again at once, a job waits and asks later."""
    error.retryable = True
    return Failure(kind, error)


def _not_now(reply: Reply, function: str, host: str) -> Failure:
    """Moodle under command-line maintenance: 503, a page, Retry-After. A 503 without it comes from before Moodle."""
    wait = seconds_to_wait(reply.headers)
    if reply.status == 503 and wait is not None:
        error = Unreachable("moodle.maintenance", url=host, function=function, status=reply.status)
        return Failure(FailureKind.MAINTENANCE, error, wait)
    error = Unreachable("moodle.busy", url=host, function=function, status=reply.status)
    return Failure(FailureKind.SLOW if reply.status == _GATEWAY_TIMEOUT else FailureKind.BUSY, error, wait)


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """`Retry-After` in seconds; a date in it is taken against the reply's own `Date`, not against our clock."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        asked = parsedate_to_datetime(value)
        return max(0.0, (asked - parsedate_to_datetime(headers.get("date", ""))).total_seconds())
    except (ValueError, TypeError):  # no such header, no date, or one with and one without a zone
        return None


def _refused_by_http(reply: Reply, function: str, host: str) -> Failure:
    params: dict[str, object] = {"url": host, "function": function, "status": reply.status}
    if reply.status == 403 and not reply.body.strip():
        return _final(RefusedOutside("moodle.ws_disabled", None, **params))
    if reply.status == 404:
        return _final(NotUnderstood("moodle.no_moodle_here", None, **params))
    if reply.status == 413:
        return _final(RefusedOutside("moodle.request_too_large", None, **params))
    if reply.status in {401, 403, 407}:
        return _final(RefusedOutside("moodle.forbidden", None, **params))
    error = NotUnderstood("moodle.http_status", None, **params)
    return _ill(error) if reply.status >= 500 else _final(error)


def _not_json(body: bytes, function: str, host: str) -> Failure:
    text = body.decode("utf-8", errors="replace").lstrip("\ufeff \t\r\n")
    params: dict[str, object] = {"url": host, "function": function}
    notice = _NOTICE.match(text)
    if notice:
        told = readable(f"{notice[1]}: {notice[2]}")
        return _ill(NotUnderstood("moodle.php_notice", None, notice=told, **params))
    if text.startswith("<?xml"):
        return _final(NotUnderstood("moodle.xml", None, **params))
    if text.startswith("<"):
        return _ill(NotUnderstood("moodle.html", None, **params))
    if not text or _is_cut(text):
        return _ill(NotUnderstood("moodle.half_reply", None, **params), FailureKind.LOST)
    return _ill(NotUnderstood("moodle.not_json", None, **params))


def _is_cut(text: str) -> bool:
    """Whether text is the beginning of JSON: the reader came to its end, inside a string or in the middle of a word."""
    if text[0] not in '{["':
        return False
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        rest = text[error.pos :].strip()
        in_escape = error.msg.startswith("Invalid \\uXXXX") and len(rest) < len("\\uXXXX")
        in_word = any(word.startswith(rest) for word in ("true", "false", "null", "-"))
        return error.msg.startswith("Unterminated") or in_escape or in_word
    except (ValueError, RecursionError):  # a number too long, or nested beyond reason: not a matter of length
        return False
    return False
