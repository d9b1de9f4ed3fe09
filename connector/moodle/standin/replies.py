"""Values as Moodle's REST server writes them: JSON, or XML when the caller forgot to ask for JSON."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from werkzeug.wrappers import Response

from connector.moodle.standin.errors import MoodleError

_XML_HEAD = '<?xml version="1.0" encoding="UTF-8" ?>\n'


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
    return Response(json.dumps(value, separators=(",", ":")), status, content_type="application/json")


def _xml(body: str) -> Response:
    return Response(_XML_HEAD + body, content_type="application/xml; charset=utf-8")


def _element(value: Any) -> str:
    if isinstance(value, dict):
        keys = "".join(f"<KEY name={quoteattr(name)}>{_element(part)}</KEY>\n" for name, part in value.items())
        return f"<SINGLE>\n{keys}</SINGLE>\n"
    if isinstance(value, list):
        return f"<MULTIPLE>\n{''.join(_element(part) for part in value)}</MULTIPLE>\n"
    if value is None:
        return '<VALUE null="null"/>\n'
    text = str(int(value)) if isinstance(value, bool) else str(value)
    return f"<VALUE>{escape(text)}</VALUE>\n"
