"""The language of a page: the person's own, the one chosen on the way, the browser's, the installation's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import cast

from werkzeug.datastructures import LanguageAccept

from flask_app.messages import LANGUAGES, Language
from flask_app.messages.catalogue import catalogue
from flask_app.settings import Settings

GUEST_LANGUAGE = "kyzmat_language"
"""Cookie of a language chosen before log-in; log-in moves it to the account and drops it."""

LAST_LANGUAGE = "kyzmat_last_language"
"""Cookie of the language of who worked here last, in which they are told that their session has ended. It is nobody's
choice: log-in leaves it alone, and another person's account keeps its own language."""

SHORT: dict[Language, str] = {"ky": "Кыр", "ru": "Рус", "kk": "Қаз", "en": "Eng"}
NAMES: dict[Language, str] = {"ky": "Кыргызча", "ru": "Русский", "kk": "Қазақша", "en": "English"}


@cache
def complete_languages() -> frozenset[Language]:
    """Languages in which every label of the catalogue that belongs to the panel is there.

    A half-translated page helps nobody: Kazakh appears in the switch on the day its last label is written.
    """
    labels = [forms for code, forms in catalogue().items() if code.startswith("label.") and "en" in forms]
    return frozenset(language for language in LANGUAGES if all(language in forms for forms in labels))


def offered(settings: Settings) -> tuple[Language, ...]:
    """The languages of the switch, in the installation's order."""
    return tuple(language for name in settings.languages for language in complete_languages() if language == name)


def choose(offer: Sequence[Language], wanted: str, accepted: LanguageAccept) -> Language:
    """The wanted one if it is offered, else the best the browser asks for, else the first."""
    for language in offer:
        if language == wanted:
            return language
    best = accepted.best_match(list(offer))
    return cast(Language, best) if best else offer[0]
