"""Phrases of one language by code. Pure: the files are read by `docs_templates.wording`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from flask_app.ports.paper import Bilingual

Language = Literal["ky", "ru"]
LANGUAGES: tuple[Language, ...] = ("ky", "ru")


@dataclass(frozen=True, slots=True)
class Words:
    """What a paper says in one language. Codes are `<file>.<phrase>`, e.g. `protocol.winner`."""

    language: Language
    phrases: Mapping[str, str]

    def say(self, code: str, /, **values: object) -> str:
        """The phrase with its places filled; a value is never read as a pattern. Raises `KeyError` for a wrong code."""
        return self.phrases[code].format_map(values)

    def of(self, pair: Bilingual) -> str:
        """This language's side of a pair."""
        return pair.ky if self.language == "ky" else pair.ru


Vocabulary = Mapping[Language, Words]
