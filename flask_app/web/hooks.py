"""Where other systems knock: Moodle with its hints. No log-in, no session, no form; the signature is the proof.

| answer | when |
|---|---|
| 204 | taken, or taken before: Moodle repeats what got no answer, under the same delivery id |
| 400 | signed, but no hint |
| 401 | no such address, another signature, or a time that is not ours: one answer, without a word |
| 413, 415 | longer than a hint can be; not JSON |

Moodle tries again after everything but 204; nothing of an answer tells what is behind the address.
"""

from __future__ import annotations

from uuid import UUID

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from flask_app.services.hints import Answer, Knock, take
from flask_app.web.area import Area
from flask_app.web.visit import Visit

AREA = Area("hooks")

LARGEST = 8 * 1024
"""Bytes. A hint has five short fields."""

STATUS: dict[Answer, int] = {"taken": 204, "repeated": 204, "refused": 401, "unreadable": 400}
TIMESTAMP, SIGNATURE = "X-Kyzmat-Timestamp", "X-Kyzmat-Signature"


@AREA.machine("/hooks/moodle/<uuid:address>")
def moodle(visit: Visit, address: UUID) -> ResponseReturnValue:
    request.max_content_length = LARGEST
    if request.mimetype != "application/json":
        return _plain(415)
    try:
        body = request.get_data()
    except RequestEntityTooLarge:
        return _plain(413)
    knock = Knock(address, request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, ""), body)
    return _plain(STATUS[take(visit.panel.office, knock)])


def _plain(status: int) -> Response:
    """Nothing but the status."""
    response = Response(status=status)
    del response.headers["Content-Type"]
    if status == 401:
        response.headers["WWW-Authenticate"] = SIGNATURE
    return response
