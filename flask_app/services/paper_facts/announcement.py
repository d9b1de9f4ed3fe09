"""Facts of D03, the announcement of a competition."""

from __future__ import annotations

from flask_app.domain.errors import Refused
from flask_app.domain.workflows.announcement_text import gaps
from flask_app.ports.paper import AnnouncementItem, Bilingual, CompetitionAnnouncement, Registration
from flask_app.services.competition_facts import agreement_of, pack_of, said_in
from flask_app.services.office import Work
from flask_app.services.paper_facts.frame import act_name, both, frame_of, phrase
from flask_app.store.models.documents import Document
from flask_app.store.models.procedures import Competition


def announcement(work: Work, document: Document) -> CompetitionAnnouncement:
    """Raises `Refused` for a text that may not go out: items that are missing, or that the original lacks."""
    competition = work.get(Competition, document.subject_id)
    pack = pack_of(competition)
    for gap in gaps(pack, said_in(competition.announcement)):
        raise Refused(gap.code, gap.rule, **gap.params)
    return CompetitionAnnouncement(
        frame=frame_of(work, document, pack),
        kind=phrase(f"kind_{competition.kind}"),
        position=both(competition.title),
        items=tuple(_item(competition, item) for item in pack.announcement.items),
        act=act_name(pack, pack.announcement),
        point=pack.announcement.point,
        letter=_letter(competition),
        drafted_on=work.local_date(document.created_at),
    )


def _item(competition: Competition, item: str) -> AnnouncementItem:
    """Each side as it was typed: no language stands in for the other."""
    name, texts = phrase(f"item_{item}"), competition.announcement.get(item, {})
    return AnnouncementItem(
        Bilingual(_sentence(name.ky), _sentence(name.ru)),
        Bilingual(str(texts.get("ky", "")), str(texts.get("ru", ""))),
    )


def _letter(competition: Competition) -> Registration | None:
    number, agreed_on = agreement_of(competition)
    return Registration(number, agreed_on) if number and agreed_on is not None else None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
