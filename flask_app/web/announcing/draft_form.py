"""The fields of a draft: read, checked and turned into what the use cases take. Wizard and correction share them."""

from __future__ import annotations

from datetime import date
from typing import cast

from werkzeug.datastructures import MultiDict

from flask_app.domain.rule_pack import RulePack
from flask_app.domain.workflows.competition import CompetitionKind
from flask_app.services.competition_draft import GROUPS, KINDS, Draft, PostEntry, TextEntry
from flask_app.web.announcing.forms import LONG_TEXT, Form, written

LANGUAGES = ("ky", "ru")
TEXTS = ("title", "unit", "category")
POST_FIELDS = (*(f"{text}_{language}" for text in TEXTS for language in LANGUAGES), "group", "vacant_since")


def item_field(item: str) -> str:
    return f"item_{item}"


def read_post(form: Form, sent: MultiDict[str, str]) -> None:
    form.read(sent, POST_FIELDS)


def check_post(form: Form, today: date) -> PostEntry | None:
    """The post, or None with the problems noted. Papers are printed in both languages, so both are asked for."""
    form.require(*POST_FIELDS[:-2])
    form.choose("group", GROUPS)
    vacant_since = form.day("vacant_since", latest=today)
    if vacant_since is None or not form.ok:
        return None
    title, unit, category = ({code: form[f"{text}_{code}"] for code in LANGUAGES} for text in TEXTS)
    return PostEntry(title, unit, category, form["group"], vacant_since)


def read_text(form: Form, sent: MultiDict[str, str], pack: RulePack) -> None:
    form.read(sent, ("kind", "internal_round"))
    form.read(sent, [item_field(item) for item in pack.announcement.items], LONG_TEXT)


def check_text(form: Form, pack: RulePack) -> TextEntry | None:
    """Kind and items. Items may be empty in a draft: the agreement of the text asks for all of them."""
    form.choose("kind", KINDS)
    if not form.ok:
        return None
    items = {item: form[item_field(item)] for item in pack.announcement.items}
    round_ = form["internal_round"] if form["kind"] == "open" else ""
    return TextEntry(cast(CompetitionKind, form["kind"]), round_, items)


def fill_from(form: Form, draft: Draft) -> Form:
    """The form as the draft stands."""
    competition, position = draft.competition, draft.position
    for text, texts in (("title", competition.title), ("unit", position.unit), ("category", position.category)):
        form.put(**{f"{text}_{code}": str(texts.get(code, "")) for code in LANGUAGES})
    vacant_since = position.vacant_since
    form.put(group=position.group, vacant_since=written(vacant_since) if vacant_since else "")
    form.put(kind=competition.kind, internal_round=competition.internal_round, version=str(competition.version))
    said = competition.announcement
    return form.put(**{item_field(item): str(said.get(item, "")) for item in draft.pack.announcement.items})
