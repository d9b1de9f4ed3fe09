"""The area of the panel where applicants are taken in and decided on."""

from __future__ import annotations

from flask_app.web.area import Area

AREA = Area("applicants")
