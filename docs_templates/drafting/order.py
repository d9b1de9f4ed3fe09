"""D19, the order of appointment."""

from __future__ import annotations

from docs_templates.drafting.part import Part


def draft_order(part: Part) -> str:
    return part.letterhead() + _opening(part) + _items(part) + _closing(part)


def _opening(part: Part) -> str:
    return (
        part.p("Title", part.say("order.title"))
        + part.requisites("frame.date")
        + part.p("Heading", part.say("order.heading"))
        + part.p("Plain", part.say("order.basis"), keep_next=True)
        + part.entries(f"line in {part.language}.basis", "– {{ line }}")
        + part.p("Heading", part.say("order.verb"))
    )


def _items(part: Part) -> str:
    lines = [
        (part.say("common.post"), part.field("position")),
        (part.say("order.unit"), part.field("unit")),
        (part.say("order.category"), part.field("category")),
        (part.say("order.appointee"), part.field("appointee")),
        (part.say("order.appointed_from"), part.field("appointed_from")),
    ]
    return (
        part.p("Body", f"1. {part.say('order.appoint')}", keep_next=True)
        + part.pairs(lines)
        + part.gap()
        + part.p("Body", f"2. {part.field('probation')}")
        + part.p("Body", f"3. {part.say('order.pay')}")
        + part.p("Body", f"4. {part.field('acquaint')}", keep_next=True)
        + part.p("Body", f"5. {part.say('order.control')}", keep_next=True)
    )


def _closing(part: Part) -> str:
    blank = part.p("Plain", part.say("common.date_blank"))
    return (
        part.signature(part.field("head_post"), part.field("head_name"))
        + part.signature(part.say("common.acquainted"), part.field("appointee"))
        + blank
    )
