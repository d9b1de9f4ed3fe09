"""D19: the order follows the protocol, and in time."""

from __future__ import annotations

from datetime import timedelta

from docs_templates.guards.conditions import insist
from flask_app.ports.paper import AppointmentOrder


def guard_order(facts: AppointmentOrder) -> None:
    """The head decides within the pack's days after the commission (`kg-mun-2006`: three), with probation within its
    limit. A draft has no date yet: it is judged when it is numbered.
    """
    decided, pack = facts.protocol.date, facts.frame.rule_pack
    insist(
        0 <= facts.probation_months <= facts.probation_max_months,
        "PAPER_PROBATION",
        months=facts.probation_months,
        allowed=facts.probation_max_months,
        pack=pack,
    )
    insist(facts.appointed_from >= decided, "PAPER_APPOINTED_EARLY", day=facts.appointed_from, decided=decided)
    if facts.frame.registration is None:
        return
    signed = facts.frame.registration.date
    last = facts.sign_by or decided + timedelta(days=facts.sign_within_days)
    insist(signed >= decided, "PAPER_ORDER_EARLY", signed=signed, decided=decided)
    insist(
        signed <= last,
        "PAPER_ORDER_LATE",
        signed=signed,
        decided=decided,
        last=last,
        days=facts.sign_within_days,
        pack=pack,
    )
