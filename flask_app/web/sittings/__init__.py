"""The test sitting: scheduled and moved, forms drawn, brought to Moodle as a reviewed plan, results explained."""

from flask_app.web.sittings import desk, results, schedule
from flask_app.web.sittings.place import AREA

__all__ = ["AREA", "desk", "results", "schedule"]
