"""The sentences of the pages, in the reader's language."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta, timezone
from functools import cache
from importlib import resources
from typing import Final

LANGUAGES: Final = {"ky": "Кыргызча", "ru": "Русский", "kk": "Қазақша", "en": "English"}
DEFAULT_LANGUAGE: Final = "ru"
ZONE: Final = timezone(timedelta(hours=6))
"""Bishkek has had no summer time since 2005, so the offset is enough."""


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    text = resources.files(__package__).joinpath("words.toml").read_text("utf-8")
    return {key: entry for key, entry in tomllib.loads(text).items() if isinstance(entry, dict)}


class Words:
    """The catalogue in one language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else DEFAULT_LANGUAGE

    def __call__(self, key: str, **values: object) -> str:
        return _catalogue()[key][self.language].format(**values)

    def error(self, code: str) -> str:
        """The sentence for an error code; a general one for a code that has none."""
        key = f"error_{code}" if f"error_{code}" in _catalogue() else "error_other"
        return self(key)

    def time(self, seconds: int) -> str:
        """Day and hour, Bishkek time."""
        return datetime.fromtimestamp(seconds, ZONE).strftime("%d.%m.%Y %H:%M")

    def hour(self, seconds: int) -> str:
        return datetime.fromtimestamp(seconds, ZONE).strftime("%H:%M")

    def left(self, seconds: int) -> str:
        """How much time is left, in whole minutes."""
        return self("minutes", count=seconds // 60) if seconds >= 60 else self("less_than_minute")
