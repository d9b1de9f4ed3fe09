"""Records of a question bank: topics, sources of law, twin groups, the bank and its hash.

A twin group is one question in several languages: `const-014` is shown as `const-014.ky` or `const-014.ru`. What a
candidate is examined on is the group; the language only decides which twin he reads (DOMAIN F3).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from question_banks.model import NO_LINES, Question

Texts = Mapping[str, str]
"""One text per language code (ky, ru, kk, en)."""

UNVERIFIED: Final = "unverified"
"""The only point of an act whose articles nobody here has seen. It is shown as such and never guessed."""

TOPIC_TAG: Final = "topic:"
SOURCE_TAG: Final = "source:"
DIFFICULTY_TAG: Final = "difficulty:"

DIFFICULTIES: Final = ("easy", "medium", "hard")
"""What an author expects; what people really find hard is measured (`question_banks.statistics`)."""

JURISDICTIONS: Final = ("KG", "KZ")
"""Countries whose law questions are about, as rule packs and bodies name them."""

DEFAULT_JURISDICTION: Final = "KG"
"""Of a bank whose head names none: such heads were written before there was a second country."""

_NO_DEFAULT: Final = object()


class BankError(Exception):
    """A bank cannot be used. `code` names the sentence in the catalogue, `params` fill it."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params: Mapping[str, object] = params

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in sorted(self.params.items()))
        return f"{self.code}({shown})"


@dataclass(frozen=True, slots=True)
class Topic:
    """A theme of a bank. `category` is its place below the bank's path: an act's code or a direction (DOMAIN F3)."""

    id: str
    titles: Texts
    category: str


@dataclass(frozen=True, slots=True)
class Source:
    """What questions may cite: an act, or a document that describes the rules.

    `points` are the places that can be cited, each with its gist in a few words per language. `article` is
    `unverified` for an act whose text was not seen; it then has that single point.
    """

    id: str
    kind: Literal["act", "document"]
    titles: Texts
    number: str
    date: str
    article: str
    points: Mapping[str, Texts]
    lines: int = 0


@dataclass(frozen=True, slots=True, order=True)
class Citation:
    """A place in a source: `seed-003#L116`, `kg-constitution-2021#unverified`."""

    source: str
    point: str

    def __str__(self) -> str:
        return f"{self.source}#{self.point}" if self.point else self.source

    def resolves(self, sources: Mapping[str, Source]) -> bool:
        source = sources.get(self.source)
        return source is not None and self.point in source.points


@dataclass(frozen=True, slots=True)
class TwinGroup:
    """One question in the languages of its bank, with its topic and the places it rests on."""

    id: str
    topic: str
    citations: tuple[Citation, ...]
    versions: Mapping[str, Question]

    @property
    def difficulty(self) -> str:
        """The difficulty its author expects, by the first twin that says it; empty where none does."""
        told = (level for question in self.versions.values() for level in difficulties_of(question))
        return next(told, "")

    def speaks(self, languages: Iterable[str]) -> bool:
        """Whether every one of `languages` has its twin."""
        return all(language in self.versions for language in languages)


@dataclass(frozen=True, slots=True)
class BankHead:
    """What `bank.toml` says: everything about a bank but its questions.

    `options` is the number of choices each question offers. `category_path` is the bank's place in Moodle's tree of
    question categories; below it each topic has a category, and below that each language, so that a practice test can
    draw at random within one language. `jurisdiction` is the country whose law the questions are about (one of
    `JURISDICTIONS`): bodies of another country neither load nor draw them.
    """

    id: str
    titles: Texts
    block: str
    release: str
    status: str
    languages: tuple[str, ...]
    category_path: str
    topics: tuple[Topic, ...]
    options: int
    jurisdiction: str = field(default=DEFAULT_JURISDICTION, kw_only=True)

    def category_of(self, topic: str, language: str) -> str | None:
        """The category questions of a topic and language belong in; None for a topic the bank does not have."""
        places = {known.id: known.category for known in self.topics}
        return f"{self.category_path}/{places[topic]}/{language}" if topic in places else None


@dataclass(frozen=True, slots=True)
class Bank(BankHead):
    """A bank whose questions were read and found whole. `items` stand in the order of the file.

    `hash` is SHA-256 over the id, the languages and the content of all twin groups, whatever their order; titles,
    release, status, country and places in files do not take part: approving a bank does not change a single paper.
    """

    items: tuple[TwinGroup, ...]
    hash: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hash", _bank_hash(self.id, self.languages, self.items))

    def group(self, group_id: str) -> TwinGroup:
        """The twin group of that id. Raises `BankError` when the bank has none."""
        for item in self.items:
            if item.id == group_id:
                return item
        raise BankError("BANK_GROUP_UNKNOWN", bank=self.id, group=group_id)


@dataclass(frozen=True, slots=True)
class BankText:
    """A GIFT file of a bank as it was read. `file` is the name shown to people."""

    file: str
    text: str


@dataclass(frozen=True, slots=True)
class BankFolder:
    """A bank as it lies in a folder: its head, one GIFT text per language, and the sources its questions may cite."""

    file: str
    head: BankHead
    texts: Mapping[str, BankText]
    sources: Mapping[str, Source] = field(default_factory=lambda: MappingProxyType({}))


def content_hash(question: Question) -> str:
    """SHA-256 of everything a person sits in front of or is marked by, and the tags.

    The category and the lines in the file do not count: moving a question is not a new version of it.
    """
    return _digest(_content(question))


def topics_of(question: Question) -> tuple[str, ...]:
    """Topic ids a question is tagged with; a sound question has exactly one."""
    return tuple(tag.removeprefix(TOPIC_TAG) for tag in question.tags if tag.startswith(TOPIC_TAG))


def difficulties_of(question: Question) -> tuple[str, ...]:
    """Difficulties a question is tagged with; a sound question has one at most."""
    return tuple(tag.removeprefix(DIFFICULTY_TAG) for tag in question.tags if tag.startswith(DIFFICULTY_TAG))


def citations_of(question: Question) -> tuple[Citation, ...]:
    """Places a question is tagged with. A tag without `#` cites the empty point, which no source has."""
    cited = (tag.removeprefix(SOURCE_TAG).partition("#") for tag in question.tags if tag.startswith(SOURCE_TAG))
    return tuple(Citation(source, point) for source, _, point in cited)


def split_idnumber(idnumber: str) -> tuple[str, str]:
    """`const-014.ky` → (`const-014`, `ky`); the language is empty where there is no dot."""
    group, dot, language = idnumber.rpartition(".")
    return (group, language) if dot else (idnumber, "")


def _bank_hash(bank: str, languages: Sequence[str], items: Sequence[TwinGroup]) -> str:
    groups = sorted([item.id, item.topic, [str(place) for place in item.citations], _versions(item)] for item in items)
    return _digest([bank, sorted(languages), groups])


def _versions(item: TwinGroup) -> list[list[str]]:
    return sorted([language, content_hash(question)] for language, question in item.versions.items())


def _content(question: Question) -> object:
    return _plain(question._replace(lines=NO_LINES, category=""))


def _plain(value: object) -> object:
    """Records as dictionaries without what has its default value, numbers as floats.

    So a hash outlives a field added to the model later, and does not tell 1 from 1.0.
    """
    if isinstance(value, tuple):
        names = getattr(value, "_fields", ())
        return _named(value, names) if names else [_plain(part) for part in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _named(record: tuple[object, ...], names: Sequence[str]) -> dict[str, object]:
    defaults: Mapping[str, object] = getattr(record, "_field_defaults", {})
    kept = zip(names, record, strict=True)
    return {name: _plain(value) for name, value in kept if name == "qtype" or value != defaults.get(name, _NO_DEFAULT)}


def _digest(value: object) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
