"""The commission at work: the sitting, marks on a phone, recusals, the vote, its counting and what follows from it."""

from flask_app.web.commission import desk, marks, recusal, sitting, steps, vote
from flask_app.web.commission.place import AREA

__all__ = ["AREA", "desk", "marks", "recusal", "sitting", "steps", "vote"]
