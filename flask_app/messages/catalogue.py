"""Loads the sentences and says them.

Each `*.toml` beside this module holds tables named by code; a table has per language what happened (`text`),
why (`why`) and what to do (`cure`):

    [E_BRACE_UNCLOSED]
    review = ["ky"]                      # languages no native speaker has checked yet
    ru.text = "…{line}…"
    ru.cure = "…"

A label is a table with plain strings per language: `[label.candidate]` / `ru = "кандидат"`.
Plural forms are tables keyed by CLDR category, chosen by the parameter `n`:

    ru.text = {one = "{n} вопрос", few = "{n} вопроса", many = "{n} вопросов"}
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

from babel import Locale

Language = Literal["ky", "ru", "kk", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

# Where a language has no sentence yet, the next one in its line is used: never an empty place, never a code.
FALLBACK: Mapping[Language, tuple[Language, ...]] = {
    "ky": ("ky", "ru", "en"),
    "ru": ("ru", "en"),
    "kk": ("kk", "ru", "en"),
    "en": ("en", "ru"),
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A sentence for a person: what happened, why, what to do. `why` and `cure` may be empty."""

    text: str
    why: str = ""
    cure: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.text, self.why, self.cure) if part)


@cache
def catalogue() -> Mapping[str, Mapping[str, Any]]:
    """All tables of all files, by code. A code that stands in two files is a programming error."""
    merged: dict[str, Mapping[str, Any]] = {}
    for file in sorted(resources.files(__package__).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        for code, table in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if code == "label":
                for name, forms in table.items():
                    merged.setdefault(f"label.{name}", forms)
                continue
            if code in merged:
                raise ValueError(f"message {code} stands twice, second time in {file.name}")
            merged[code] = table
    return merged


@cache
def _plural_rule(language: Language) -> Any:
    return Locale.parse(language).plural_form


def _fill(pattern: Any, language: Language, params: Mapping[str, object]) -> str:
    if isinstance(pattern, Mapping):
        count = params.get("n")
        category = _plural_rule(language)(count) if isinstance(count, int | float) else "other"
        pattern = pattern.get(category) or pattern.get("other") or next(iter(pattern.values()))
    return _with_one_stop(str(pattern), params).format_map(params)


def _with_one_stop(pattern: str, params: Mapping[str, object]) -> str:
    """A value that brings its own full stop («16 апреля 2026 г.») ends the sentence by it: no second one follows."""
    for name, value in params.items():
        if isinstance(value, str) and value.endswith("."):
            pattern = re.sub(rf"(?<=\{{{re.escape(name)}\}})\.(?=\s|$)", "", pattern)
    return pattern


def explain(code: str, language: Language, params: Mapping[str, object] | None = None) -> Explanation:
    """The sentence for `code` in `language`.

    Raises `KeyError` for an unknown code: a missing sentence is a defect that tests find, not something to hide.
    """
    table = catalogue()[code]
    params = params or {}
    for candidate in FALLBACK[language]:
        forms = table.get(candidate)
        if forms is not None:
            return Explanation(
                **{part: _fill(forms[part], candidate, params) for part in ("text", "why", "cure") if part in forms}
            )
    raise KeyError(f"{code}: no sentence in {language} or its fallbacks")


def label(name: str, language: Language, **params: object) -> str:
    """A short label (`label.<name>`) in `language`."""
    return _filled(name, language, params) if params else _plain(name, language)


@cache
def _plain(name: str, language: Language) -> str:
    """A label without parameters: the same every time."""
    return _filled(name, language, {})


def _filled(name: str, language: Language, params: Mapping[str, object]) -> str:
    table = catalogue()[f"label.{name}"]
    for candidate in FALLBACK[language]:
        if candidate in table:
            return _fill(table[candidate], candidate, params)
    raise KeyError(f"label.{name}: nothing in {language} or its fallbacks")
