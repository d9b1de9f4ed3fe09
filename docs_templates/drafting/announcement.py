"""D03, the announcement of a competition: its items one after another, then the mark of agreement."""

from __future__ import annotations

from docs_templates.drafting.part import Part
from docs_templates.drafting.word import each, when


def draft_announcement(part: Part) -> str:
    """A language without its items has no part at all: half a translation is no announcement."""
    text = part.letterhead() + _opening(part) + _items(part) + _closing(part)
    return text if part.language == "ky" else when(f"{part.language}.items", text)


def _opening(part: Part) -> str:
    return part.p("Title", part.say("announcement.title")) + part.p("Subtitle", part.field("kind"))


def _items(part: Part) -> str:
    name = part.p("Heading", "{{ item.number }}. {{ item.name }}", keep_next=True)
    lines = each("line in item.lines", part.p("Plain", "{{ line }}"))
    return each(f"item in {part.language}.items", name, lines)


def _closing(part: Part) -> str:
    return (
        part.p("Heading", part.say("announcement.agreed"), keep_next=True)
        + part.p("Plain", part.field("letter"), keep_next=True)
        + part.p("Note", part.field("basis"))
    )
