"""Rights on standing commissions: who sees them, forms one, changes who sits there.

A commission takes no steps of its own, so it has one state and is not listed among the workflows of the procedures. A
seat opens its own commission to its holder (`services.rights.COMMISSION_ROLES`), a substitute's only the sittings that
the substitute sits in. Forming is HR's work by the head's order (S003 L86, L88).
"""

from __future__ import annotations

from flask_app.domain.identity import HEAD, HR_OFFICER
from flask_app.domain.workflow import State, build
from flask_app.domain.workflows.rights import STAFF

FORMED = "formed"
KEEPERS = frozenset({HR_OFFICER, HEAD})

WORKFLOW = build(
    "commission",
    FORMED,
    states=[State(FORMED, {"view": STAFF, "form_commission": KEEPERS, "change_seats": KEEPERS})],
    transitions=[],
)
