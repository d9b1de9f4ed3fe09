"""Values as Moodle's REST server writes them: JSON, or XML when the caller forgot to ask for JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from werkzeug.wrappers import Response

from connector.moodle.standin.errors import MoodleError

_XML_HEAD = '<?xml version="1.0" encoding="UTF-8" ?>\n'


class JsonText(str):
    """A part of an answer that is written already, so that a large answer never stands in memory as objects."""

    __slots__ = ()


def value_reply(value: Any, as_json: bool) -> Response:
    if as_json:
        return json_reply(value)
    return _xml(f"<RESPONSE>\n{_element(value)}</RESPONSE>\n")


def error_reply(error: MoodleError, as_json: bool, debug: bool) -> Response:
    """HTTP 200, as Moodle does."""
    body = error.as_reply(debug)
    if as_json:
        return json_reply(body)
    parts = "".join(f"<{name.upper()}>{escape(body[name])}</{name.upper()}>\n" for name in list(body)[1:])
    return _xml(f"<EXCEPTION class={quoteattr(body['exception'])}>\n{parts}</EXCEPTION>\n")


def json_reply(value: Any, status: int = 200) -> Response:
    return Response("".join(_json(value)).encode(), status, content_type="application/json")


def _json(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and any(_is_written(part) for part in value.values()):
        for place, (name, part) in enumerate(value.items()):
            yield f"{',' if place else '{'}{json.dumps(name)}:"
            yield from _json(part)
        yield "}"
    elif _is_written(value):
        yield f"[{','.join(value)}]"
    else:
        yield json.dumps(value, separators=(",", ":"))


def _is_written(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], JsonText)


def _xml(body: str) -> Response:
    return Response(_XML_HEAD + body, content_type="application/xml; charset=utf-8")


def _element(value: Any) -> str:
    if isinstance(value, JsonText):
        value = json.loads(value)
    if isinstance(value, dict):
        keys = "".join(f"<KEY name={quoteattr(name)}>{_element(part)}</KEY>\n" for name, part in value.items())
        return f"<SINGLE>\n{keys}</SINGLE>\n"
    if isinstance(value, list):
        return f"<MULTIPLE>\n{''.join(_element(part) for part in value)}</MULTIPLE>\n"
    if value is None:
        return '<VALUE null="null"/>\n'
    text = str(int(value)) if isinstance(value, bool) else str(value)
    return f"<VALUE>{escape(text)}</VALUE>\n"
