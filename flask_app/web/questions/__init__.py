"""Where questions are made: queue, editor, import, releases, statistics, blueprints."""

from flask_app.web.questions import blueprints, bulk, editor, importing, queue, releasing
from flask_app.web.questions.place import AREA

__all__ = ["AREA", "blueprints", "bulk", "editor", "importing", "queue", "releasing"]
