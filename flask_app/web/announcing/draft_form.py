"""The fields of a draft: read, checked and turned into what the use cases take. Wizard and correction share them."""

from __future__ import annotations

from datetime import date
from typing import Literal, cast

from werkzeug.datastructures import MultiDict

from flask_app.domain.rule_pack import RulePack
from flask_app.domain.workflows.competition import CompetitionKind
from flask_app.services.competition_draft import GROUPS, KINDS, Draft, PostEntry, TextEntry
from flask_app.web.announcing.forms import LONG_TEXT, Form, written
from flask_app.web.wording import Wording

BOTH: tuple[Literal["ky", "ru"], ...] = ("ky", "ru")
"""The languages of a text, the original first."""

LANGUAGES: tuple[str, ...] = BOTH
TEXTS = ("title", "unit", "category")
POST_FIELDS = (*(f"{text}_{language}" for text in TEXTS for language in LANGUAGES), "group", "vacant_since")


ITEM = "item_"


def item_field(item: str, language: str) -> str:
    return f"{ITEM}{item}_{language}"


def item_fields(pack: RulePack) -> tuple[str, ...]:
    """Two fields an item: the Kyrgyz text, which is the original, and the Russian one."""
    return tuple(item_field(item, language) for item in pack.announcement.items for language in LANGUAGES)


def field_name(word: Wording, field: str) -> str:
    """What a field is called where it is told apart from its page; the name itself when the catalogue has none."""
    item, _, language = field.rpartition("_")
    if field.startswith(ITEM) and language in LANGUAGES and word.known(item):
        return word.say("item_in", item=word.say(item), tongue=word.say(f"in_{language}"))
    return next((word.say(name) for name in (f"entry_{field}", field) if word.known(name)), field)


def field_value(word: Wording, field: str, value: str) -> str:
    """What was typed as its page shows it: a choice by its words."""
    if field == "group" and value in GROUPS:
        return word.group(value)
    if field == "kind" and value in KINDS:
        return word.say(f"kind_{value}")
    return value


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
    form.read(sent, item_fields(pack), LONG_TEXT)


def check_text(form: Form, pack: RulePack) -> TextEntry | None:
    """Kind and items. Items may be empty in a draft: the agreement of the text asks for all of them."""
    form.choose("kind", KINDS)
    if not form.ok:
        return None
    items = {item: {code: form[item_field(item, code)] for code in LANGUAGES} for item in pack.announcement.items}
    round_ = form["internal_round"] if form["kind"] == "open" else ""
    return TextEntry(cast(CompetitionKind, form["kind"]), round_, items)


def fill_from(form: Form, draft: Draft) -> Form:
    """The form as the draft stands."""
    competition, position = draft.competition, draft.position
    for text, texts in (("title", competition.title), ("unit", position.unit), ("category", position.category)):
        form.put(**{f"{text}_{code}": str(texts.get(code, "")) for code in LANGUAGES})
    vacant_since = position.vacant_since
    form.put(group=position.group, vacant_since=written(vacant_since) if vacant_since else "")
    form.put(code=competition.code, version=str(competition.version))
    form.put(kind=competition.kind, internal_round=competition.internal_round)
    for item in draft.pack.announcement.items:
        said = competition.announcement.get(item, {})
        form.put(**{item_field(item, code): str(said.get(code, "")) for code in LANGUAGES})
    return form
