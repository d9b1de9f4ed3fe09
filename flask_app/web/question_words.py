"""What the pages that show a question need: its author's text made harmless, and Moodle's own words around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from markupsafe import Markup

from flask_app.messages import LANGUAGES, Language, label
from flask_app.services.rich_text import RichWords, as_html
from flask_app.web.wording import Wording
from question_banks.bank import UNVERIFIED, Source, Texts
from question_banks.files import shipped_topics
from question_banks.model import FormattedText


@cache
def topic_titles(bank: str) -> Mapping[str, Texts]:
    """Topic → its titles, where the bank's head says them; a bank of the body's own has its codes alone."""
    return {topic.id: topic.titles for topic in shipped_topics(bank)}


class CitedPlace(NamedTuple):
    """What an answer rests on: the act as the list of sources has it, and the words of the place in it.

    `point` is empty where nobody has seen the place; `source` is None for an act that is in no list.
    """

    name: str
    source: Source | None
    point: str
    gist: Texts


def cited_place(citation: str, sources: Mapping[str, Source]) -> CitedPlace:
    """`kg-law-125-2021#art1` in words."""
    act, _, point = citation.partition("#")
    source = sources.get(act)
    gist = source.points.get(point, {}) if source is not None else {}
    return CitedPlace(citation, source, "" if point == UNVERIFIED else point, gist)


def rich(word: Wording) -> Callable[[FormattedText], Markup]:
    """An author's text as harmless HTML."""
    words = RichWords(
        table=word.say("bk_table"),
        picture=word.say("bk_picture"),
        picture_elsewhere=word.say("bk_picture_elsewhere", which="{name}"),
    )
    return lambda text: as_html(text.text, text.format, words)


def site_word(reader: Language) -> Callable[..., str]:
    """Moodle's own words in the language of the question, as its candidate meets them."""

    def said(name: str, language: str, **params: object) -> str:
        return label(name, next((known for known in LANGUAGES if known == language), reader), **params)

    return said
