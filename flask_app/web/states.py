"""How states look: icon and family of the tag. A state without an entry breaks a test, not a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """`family`: the modifier of `kz-state`, empty for stone. `icon`: a symbol of the sprite."""

    family: str
    icon: str


DRAFT = Look("", "pen")
TODO = Look("todo", "pen")
WAIT = Look("wait", "clock")
REVIEW = Look("review", "pen")
LIVE = Look("live", "play")
DONE = Look("done", "check")
BAD = Look("bad", "cross")
VOID = Look("void", "dash")
FILED = Look("", "box")

LOOKS: Mapping[str, Mapping[str, Look]] = {
    "competition": {
        "draft": DRAFT,
        "text_agreement": WAIT,
        "announced": Look("done", "flag"),
        "documents_open": LIVE,
        "documents_closed": TODO,
        "screening": TODO,
        "testing": LIVE,
        "interviewing": LIVE,
        "voting": LIVE,
        "decided": REVIEW,
        "appointed": DONE,
        "no_winner": VOID,
        "repeat_decision": Look("wait", "swap"),
        "cancelled": VOID,
        "closed": FILED,
        "archived": FILED,
    },
    "application": {
        "received": TODO,
        "registered": TODO,
        "under_screening": REVIEW,
        "admitted": DONE,
        "rejected": BAD,
        "notified": WAIT,
        "tested": TODO,
        "below_threshold": BAD,
        "qualified": DONE,
        "invited": WAIT,
        "interviewed": DONE,
        "winner": DONE,
        "reserve_recommended": DONE,
        "not_selected": VOID,
        "withdrawn": VOID,
        "no_show": VOID,
    },
    "document": {
        "draft": DRAFT,
        "review": REVIEW,
        "signing": REVIEW,
        "in_force": DONE,
        "annulled": VOID,
        "archived": FILED,
    },
    "question": {
        "draft": DRAFT,
        "review": REVIEW,
        "language_check": REVIEW,
        "approved": DONE,
        "in_use": LIVE,
        "suspended": WAIT,
        "retired": VOID,
    },
    "training_order": {
        "needs_assessment": TODO,
        "order_formed_and_approved": DONE,
        "order_placed": WAIT,
        "training_delivered": LIVE,
        "control_monitoring_evaluation": REVIEW,
        "report": TODO,
        "closed": FILED,
    },
}
