"""Small banks for the tests: sound by default, so that each test spoils exactly one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from question_banks.bank import Bank, BankFolder, BankHead, BankText, Citation, Source, Topic, TwinGroup
from question_banks.findings import Finding
from question_banks.model import Answer, MultichoiceQuestion, Question
from question_banks.rules import check_bank

# Kyrgyz numerals that have Russian letters only, so that they may stand in files of both languages.
NUMERALS = ("бир", "эки", "беш", "алты", "жети")
CITED = Citation("act", "p1")
SOURCES = {"act": Source("act", "act", {"ru": "Акт"}, "1", "2020-01-01", "", {"p1": {"ru": "пункт 1"}})}


def head(languages: tuple[str, ...] = ("ky", "ru"), options: int = 5, topics: Sequence[str] = ("law",)) -> BankHead:
    return BankHead(
        id="demo",
        titles={"ru": "Пример"},
        block="general",
        release="1",
        status="test",
        languages=languages,
        category_path="KG/general",
        topics=tuple(Topic(topic, {"ru": topic}, f"act-{topic}") for topic in topics),
        options=options,
    )


def question(
    group: str = "q-1",
    language: str = "ky",
    *,
    text: str | None = None,
    options: Sequence[str] = NUMERALS,
    key: int = 1,
    topic: str = "law",
    tags: tuple[str, ...] | None = None,
) -> MultichoiceQuestion:
    """A single choice; the answer in place `key` (from 1) is right."""
    return MultichoiceQuestion(
        name=group,
        text=text if text is not None else "суроо " + "".join(filter(str.isdigit, group)),
        answers=tuple(Answer(option, float(place == key)) for place, option in enumerate(options, start=1)),
        idnumber=f"{group}.{language}",
        tags=tags if tags is not None else (f"topic:{topic}", f"source:{CITED}"),
        category=f"KG/general/act-{topic}/{language}",
        lines=(1, 1),
    )


def folder(languages: tuple[str, ...] = ("ky", "ru"), **changes: object) -> BankFolder:
    texts = {language: BankText(f"demo.{language}.gift", "") for language in languages}
    parts: dict[str, object] = {"head": head(languages), "texts": texts, **changes}
    return BankFolder("bank.toml", sources=SOURCES, **parts)  # type: ignore[arg-type]  # a test's shorthand


def findings(questions: Mapping[str, Sequence[Question]], bank_folder: BankFolder | None = None) -> tuple[Finding, ...]:
    return check_bank(bank_folder or folder(tuple(questions)), questions)


def codes(questions: Mapping[str, Sequence[Question]], bank_folder: BankFolder | None = None) -> list[str]:
    return [found.code for found in findings(questions, bank_folder)]


def bank(
    size: int,
    *,
    name: str = "demo",
    block: str = "general",
    topics: Sequence[str] = ("law",),
    languages: tuple[str, ...] = ("ky", "ru"),
) -> Bank:
    """A sound bank of `size` twin groups whose topics follow each other in turn."""
    items = []
    for number in range(size):
        group, topic = f"{name}-{number:04d}", topics[number % len(topics)]
        versions = {language: question(group, language, topic=topic) for language in languages}
        items.append(TwinGroup(group, topic, (CITED,), versions))
    plain = head(languages, topics=topics)
    return Bank(
        id=name,
        titles=plain.titles,
        block=block,
        release=plain.release,
        status=plain.status,
        languages=languages,
        category_path=plain.category_path,
        topics=plain.topics,
        options=plain.options,
        items=tuple(items),
    )
