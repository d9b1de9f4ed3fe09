"""Whether the process answers: for whoever watches it, without a log-in and without a word about the inside."""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue

from flask_app.web.area import Area
from flask_app.web.visit import Visit

AREA = Area("health")


@AREA.get("/health", guests=True)
def alive(_visit: Visit) -> ResponseReturnValue:
    return Response("ok\n", mimetype="text/plain")
