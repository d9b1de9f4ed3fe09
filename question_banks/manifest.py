"""Reads `bank.toml` and `sources.toml`: text in, records out. Every refusal names the file and the key.

id, block, release, status, category_path = texts; languages = list of codes; options = whole number
jurisdiction = "KG" (also where it is not given) or "KZ"
[titles]                one text per language
[topics.<id>]           one title per language, and `category`, its place in Moodle (default: the id)

[source.<id>]           kind ("act" or "document"), title.<language>, number, date,
                        article ("unverified" where nobody here has seen the text), lines (documents)
[source.<id>.points]    <point> = {<language> = gist in a few words}
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeVar

from question_banks.bank import (
    DEFAULT_JURISDICTION,
    JURISDICTIONS,
    UNVERIFIED,
    BankError,
    BankHead,
    Source,
    Texts,
    Topic,
)

T = TypeVar("T")

_PLACE: Final = re.compile(r"line (\d+), column (\d+)")
_GIST_UNVERIFIED: Final[Texts] = {
    "ky": "беренеси текшерилген эмес",
    "ru": "статья не проверена",
    "kk": "бабы тексерілмеген",
    "en": "article not verified",
}


def parse_head(text: str, file: str) -> BankHead:
    """The head of a bank from the text of its `bank.toml`. Raises `BankError` (BANK_TOML_*)."""
    table = _Table(_load(text, file), file)
    return BankHead(
        id=table.text("id"),
        titles=table.texts("titles"),
        block=table.text("block"),
        release=table.text("release"),
        status=table.text("status"),
        languages=table.languages("languages"),
        category_path=table.text("category_path"),
        topics=tuple(_topic(table.table("topics"), topic) for topic in table.table("topics")),
        options=table.number("options"),
        jurisdiction=table.jurisdiction("jurisdiction"),
    )


def parse_sources(text: str, file: str) -> dict[str, Source]:
    """The citable sources by id. Raises `BankError` (BANK_TOML_*)."""
    sources = _Table(_load(text, file), file).table("source")
    return {name: _source(sources.table(name), name) for name in sources}


def _load(text: str, file: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line, column = (int(place[1]), int(place[2])) if place else (0, 0)
        raise BankError("BANK_TOML_SYNTAX", file=file, line=line, column=column, reason=str(error)) from error


def _topic(topics: _Table, name: str) -> Topic:
    table = topics.table(name)
    titles = {key: table.text(key) for key in table if key != "category"}
    return Topic(name, titles, table.text("category", default=name))


def _source(table: _Table, name: str) -> Source:
    article = table.text("article", default="")
    points = {point: table.table("points").texts(point) for point in table.table("points", default={})}
    if article == UNVERIFIED:
        points.setdefault(UNVERIFIED, _GIST_UNVERIFIED)
    return Source(
        id=name,
        kind=table.kind("kind"),
        titles=table.texts("title"),
        number=table.text("number", default=""),
        date=table.text("date", default=""),
        article=article,
        points=points,
        lines=table.number("lines", default=0),
    )


class _Table:
    """A TOML table that knows its file and its path, so that every refusal can name both."""

    def __init__(self, values: Mapping[str, object], file: str, path: str = "") -> None:
        self._values = values
        self._file = file
        self._path = path

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def text(self, key: str, default: str | None = None) -> str:
        value = self._value(key, str, default)
        if default is None and not value.strip():
            raise self._refusal("BANK_TOML_EMPTY", key)
        return value

    def number(self, key: str, default: int | None = None) -> int:
        value = self._value(key, int, default)
        if isinstance(value, bool) or value < 0:
            raise self._refusal("BANK_TOML_TYPE", key)
        return value

    def kind(self, key: str) -> Literal["act", "document"]:
        value = self.text(key)
        if value == "act":
            return "act"
        if value == "document":
            return "document"
        raise self._refusal("BANK_TOML_TYPE", key)

    def jurisdiction(self, key: str) -> str:
        value = self.text(key, default=DEFAULT_JURISDICTION)
        if value not in JURISDICTIONS:
            raise self._refusal("BANK_TOML_TYPE", key)
        return value

    def languages(self, key: str) -> tuple[str, ...]:
        values = self._value(key, list, None)
        if not values or len(set(map(str, values))) != len(values):
            raise self._refusal("BANK_TOML_TYPE", key)
        if not all(isinstance(value, str) and re.fullmatch("[a-z]{2}", value) for value in values):
            raise self._refusal("BANK_TOML_TYPE", key)
        return tuple(map(str, values))

    def texts(self, key: str) -> Texts:
        table = self.table(key)
        return {language: table.text(language) for language in table}

    def table(self, key: str, default: Mapping[str, object] | None = None) -> _Table:
        return _Table(self._value(key, dict, default), self._file, f"{self._path}{key}.")

    def _value(self, key: str, kind: type[T], default: T | Mapping[str, object] | None) -> T:
        value = self._values.get(key, default)
        if value is None:
            raise self._refusal("BANK_TOML_MISSING", key)
        if not isinstance(value, kind):
            raise self._refusal("BANK_TOML_TYPE", key)
        return value

    def _refusal(self, code: str, key: str) -> BankError:
        return BankError(code, file=self._file, line=0, column=0, key=f"{self._path}{key}")
