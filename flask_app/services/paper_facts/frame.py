"""What every paper carries, from the body's profile and the document's own record."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from flask_app.domain.rule_pack import RulePack, Sourced, Text
from flask_app.messages import label
from flask_app.ports.paper import AppliedRule, Bilingual, Letterhead, PaperFrame, Registration
from flask_app.services.office import Work
from flask_app.store.models.documents import Document, DocumentVersion
from flask_app.store.models.organisation import User


def both(texts: Mapping[str, object]) -> Bilingual:
    """A pair from {ky, ru}; one language stands for the other only where the body gave just one."""
    ky, ru = str(texts.get("ky") or ""), str(texts.get("ru") or "")
    return Bilingual(ky or ru, ru or ky)


def pair(text: Text) -> Bilingual:
    return Bilingual(text.ky or text.ru, text.ru)


def registration_of(document: Document) -> Registration | None:
    if document.registration_value is None or document.registered_on is None:
        return None
    number = f"{document.registration_value}-{document.registration_series}/{document.registration_year}"
    return Registration(number, document.registered_on)


def drafter_of(work: Work, document: Document) -> User:
    """Who prepared the paper: the author of its first version; whoever is at work while there is none."""
    author = work.session.scalar(
        select(DocumentVersion.author_id)
        .where(DocumentVersion.document_id == document.id)
        .order_by(DocumentVersion.number)
        .limit(1)
    )
    return work.session.get_one(User, author or work.actor.user_id)


def frame_of(work: Work, document: Document, pack: RulePack) -> PaperFrame:
    body = work.body
    return PaperFrame(
        document_id=str(document.id),
        letterhead=Letterhead(both(body.name), both(body.address), both(body.place)),
        registration=registration_of(document),
        rule_pack=pack.label,
        author_login=drafter_of(work, document).login,
    )


def phrase(name: str, **params: object) -> Bilingual:
    """A phrase of the catalogue in both languages of a paper."""
    return Bilingual(label(name, "ky", **params), label(name, "ru", **params))


def applied(pack: RulePack, parameter: Sourced, name: str, **figures: object) -> AppliedRule:
    """A rule as a paper prints it: its name, its figures (`<name>_value`), the act and the point."""
    return AppliedRule(phrase(name), phrase(f"{name}_value", **figures), act_name(pack, parameter), parameter.point)


def act_name(pack: RulePack, parameter: Sourced) -> Bilingual:
    """The act behind a parameter, with its number where it has one."""
    act = pack.acts[parameter.act]
    return Bilingual(act.named("ky") or act.named("ru"), act.named("ru"))
