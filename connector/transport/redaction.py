"""What may be said about a call: never the token, a password, an address or a person's number."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask_app.domain.errors import InvalidInput

_TAG = re.compile(r"<[^<>]{0,300}>")
_SPACE = re.compile(r"[\x00-\x20\x7f-\x9f\s]+")
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_LONG_NUMBER = re.compile(r"\d{8,}")
_FOLDER = re.compile(r"(?<!\w)(?:[A-Za-z]:)?[/\\](?:[\w.\-]+[/\\])+")


class Secret:
    """A value that shows itself only when asked by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        raise TypeError("a secret is not written down")


def checked_base(url: str) -> str:
    """The address of a site without a trailing slash.

    Raises `InvalidInput("moodle.bad_url")` for anything but http(s)://host[:port][/folder]: names, passwords, queries
    and fragments in an address end up in logs.
    """
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise InvalidInput("moodle.bad_url") from None
    if not usable or parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise InvalidInput("moodle.bad_url")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def host_of(url: str) -> str:
    """The host and port of an address, which is all that a message shows of it."""
    return urlsplit(url).netloc.rpartition("@")[2]


def readable(text: str, limit: int = 200) -> str:
    """Foreign text for an error or a log line: one line, no markup, no folders, addresses and long numbers masked."""
    line = _SPACE.sub(" ", _TAG.sub(" ", text[: limit * 20])).strip()
    line = _LONG_NUMBER.sub("#", _ADDRESS.sub("…@…", _FOLDER.sub("", line)))
    return line if len(line) <= limit else line[: limit - 1] + "…"
