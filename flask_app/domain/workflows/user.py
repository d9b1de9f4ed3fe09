"""Rights on the people who log in: the administrator's alone.

A user takes no steps, so there is one state, and it is not listed among the workflows of the procedures.
"""

from __future__ import annotations

from flask_app.domain.identity import ADMINISTRATOR
from flask_app.domain.workflow import State, build

KEPT = "kept"
ADMINISTRATORS = frozenset({ADMINISTRATOR})

WORKFLOW = build(
    "user",
    KEPT,
    states=[State(KEPT, {"view": ADMINISTRATORS, "add_user": ADMINISTRATORS, "change_user": ADMINISTRATORS})],
    transitions=[],
)
