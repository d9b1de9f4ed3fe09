"""D03, the announcement of a competition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from docs_templates.contexts.dates import long_date
from docs_templates.contexts.frame import FrameText, Properties, TemplateStamp, footer, frame_text, rule_source
from docs_templates.contexts.text import required, side
from docs_templates.words import Vocabulary, Words
from flask_app.ports.paper import AnnouncementItem, CompetitionAnnouncement


@dataclass(frozen=True, slots=True)
class ItemText:
    """`lines`: the text as it was typed, line by line."""

    number: int
    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnnouncementText:
    """`items` are all there or, for a translation that is not whole, none. `letter`: whose mark of agreement it is."""

    frame: FrameText
    kind: str
    items: tuple[ItemText, ...]
    basis: str
    letter: str


@dataclass(frozen=True, slots=True)
class AnnouncementContext:
    ky: AnnouncementText
    ru: AnnouncementText
    footer: str
    properties: Properties


def announcement_context(
    facts: CompetitionAnnouncement, vocabulary: Vocabulary, stamp: TemplateStamp
) -> AnnouncementContext:
    return AnnouncementContext(
        ky=_text(facts, vocabulary["ky"]),
        ru=_text(facts, vocabulary["ru"]),
        footer=footer(facts.frame, stamp),
        properties=_properties(facts, vocabulary["ky"]),
    )


def _text(facts: CompetitionAnnouncement, words: Words) -> AnnouncementText:
    return AnnouncementText(
        frame=frame_text(facts.frame, words),
        kind=side(words, facts.kind, "kind"),
        items=_items(facts.items, words),
        basis=words.say("announcement.basis", source=rule_source(facts.act, facts.point, words)),
        letter=_letter(facts, words),
    )


def _items(items: Iterable[AnnouncementItem], words: Words) -> tuple[ItemText, ...]:
    said = tuple(items)
    if not all(words.of(item.text).strip() for item in said):
        return ()
    return tuple(
        ItemText(number, side(words, item.name, "item.name"), _lines(words.of(item.text)))
        for number, item in enumerate(said, 1)
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(required(line, "item.text") for line in text.splitlines() if line.strip())


def _letter(facts: CompetitionAnnouncement, words: Words) -> str:
    """Number and date of the letter, or blanks to be filled in by hand."""
    if facts.letter is None:
        number, day = words.say("common.number_blank"), words.say("common.date_blank")
    else:
        number = words.say("common.number", number=required(facts.letter.number, "letter.number"))
        day = long_date(facts.letter.date, words.language)
    return words.say("announcement.letter", number=number, date=day)


def _properties(facts: CompetitionAnnouncement, words: Words) -> Properties:
    """The announcement has no number of its own: its subject is the post, and it is final once it is agreed."""
    frame = facts.frame
    return Properties(
        title=words.say("announcement.name"),
        subject=side(words, facts.position, "position"),
        author=side(words, frame.letterhead.name, "letterhead.name"),
        last_author=required(frame.author_login, "author_login"),
        identifier=required(frame.document_id, "document_id"),
        status="Draft" if facts.letter is None else "Final",
        happened_on=facts.drafted_on if facts.letter is None else facts.letter.date,
    )
