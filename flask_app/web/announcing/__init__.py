"""A competition drafted, corrected, announced and moved on from the browser."""

from flask_app.web.announcing import acts, correcting, links, records, wizard
from flask_app.web.announcing.place import AREA

__all__ = ["AREA", "acts", "correcting", "links", "records", "wizard"]
