"""D03: the original is whole."""

from __future__ import annotations

from docs_templates.guards.conditions import insist
from flask_app.ports.paper import CompetitionAnnouncement


def guard_announcement(facts: CompetitionAnnouncement) -> None:
    """There are items, and each has its Kyrgyz text: the original of a bilingual paper. The Russian one may be out."""
    insist(bool(facts.items), "PAPER_BLANK", field="items")
    for item in facts.items:
        insist(bool(item.text.ky.strip()), "PAPER_BLANK", field=f"{item.name.ky} / {item.name.ru}")
