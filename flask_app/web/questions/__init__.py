"""Where questions are made: queue, editor, import, releases, statistics, blueprints."""

from flask_app.web.questions import blueprints, editor, importing, queue, releasing
from flask_app.web.questions.place import AREA

__all__ = ["AREA", "blueprints", "editor", "importing", "queue", "releasing"]
