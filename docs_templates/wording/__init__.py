"""Reads the labels and formulas that papers print: one TOML file per paper, one table per phrase, both languages in it.

A file's `review` names the languages that no native speaker has checked; `to_review()` lists them for the catalogue.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from docs_templates.words import LANGUAGES, Language, Vocabulary, Words


def _tables() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for file in sorted(resources.files(__package__).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            yield file.name.removesuffix(".toml"), tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def vocabulary() -> Vocabulary:
    """All phrases by language. Raises `KeyError` when a phrase lacks a language."""
    phrases: dict[Language, dict[str, str]] = {language: {} for language in LANGUAGES}
    for stem, tables in _tables():
        for name, forms in tables.items():
            if name == "review":
                continue
            for language in LANGUAGES:
                phrases[language][f"{stem}.{name}"] = forms[language]
    return {language: Words(language, phrases[language]) for language in LANGUAGES}


def to_review() -> Mapping[str, tuple[str, ...]]:
    """File name -> the languages in which a native speaker has yet to read it."""
    return {stem: tuple(tables.get("review", ())) for stem, tables in _tables()}
