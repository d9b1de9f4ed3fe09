"""The area of the panel where competitions are drafted and moved on."""

from __future__ import annotations

from flask_app.web.area import Area

AREA = Area("announcing")
