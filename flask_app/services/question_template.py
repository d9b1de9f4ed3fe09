"""The empty spreadsheet for authors of questions: the sheet to fill in, instructions, and a filled pair to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args
from uuid import UUID

from flask_app.messages import Language, label
from flask_app.services.office import Work
from flask_app.services.question_drafts import OPTIONS, frame_of
from flask_app.services.question_findings import difficulty_word
from flask_app.services.question_items import bank_for
from gift_export.sheet_layout import EXAMPLE_GROUP, HEADS, answer_letters
from gift_export.sheet_writer import (
    Choices,
    SheetLanguage,
    SheetText,
    SidePage,
    example_page,
    head_row,
    sheet_language,
    workbook,
)
from question_banks.bank import DIFFICULTIES, UNVERIFIED, Source, Texts

HELP_LINES: Final = 11
OF_A_BANK: Final = {"gift_help_3": "gift_help_bank_key", "gift_help_5": "gift_help_bank_type"}
NOT_OF_A_BANK: Final = frozenset({"gift_help_6"})
"""A bank takes only questions with one right answer of several: nothing else is explained to its authors."""
RIGHT: Final = 2
"""The place of the right answer in the example, from 0."""
TOPIC, SOURCE = "constitution", "kg-constitution-2021"
ROWS: Final = 1_000
"""Rows of the sheet that offer lists to choose from."""
TEMPLATE_LANGUAGES: Final[tuple[SheetLanguage, ...]] = get_args(SheetLanguage)


@dataclass(frozen=True, slots=True)
class TemplateFor:
    """Whom the template is for: languages of the bank, topics with their titles, what can be cited, options.

    `of_a_bank`: it is for a bank, and not for questions of any kind.
    """

    languages: tuple[str, ...] = ("ky", "ru")
    topics: Mapping[str, Texts] = field(default_factory=dict)
    options: int = OPTIONS
    sources: Mapping[str, Source] = field(default_factory=dict)
    of_a_bank: bool = False


def bank_template(work: Work, bank_id: UUID, lang: str) -> tuple[str, bytes]:
    """The bank's code, and the .xlsx with its topics, languages and options. Raises `NotFound`, `NotPermitted`."""
    bank = bank_for(work, bank_id)
    frame = frame_of(work, bank)
    wanted = TemplateFor(frame.languages, frame.topic_titles, frame.options, frame.sources, of_a_bank=True)
    return bank.code, question_template(sheet_language(lang), wanted)


def question_template(language: SheetLanguage, wanted: TemplateFor) -> bytes:
    """The .xlsx: an empty sheet of questions, one with instructions, one with an example in each of the languages."""
    words = HEADS[language]
    head = head_row(language, wanted.options, remarks=False)
    notes = _notes(language, wanted)
    sources, topics = _sources(language, wanted), _topics(language, wanted)
    lists = {
        words["key"]: tuple(answer_letters(language)[: wanted.options]),
        words["tags"]: tuple(topics),
        words["source"]: tuple(sources),
        words["difficulty"]: _difficulties(language),
    }
    return workbook(
        SheetText(head, (), ()),
        label("gift_sheet_questions", language),
        SidePage(label("gift_sheet_help", language), tuple((note,) for note in notes)),
        example_page(label("gift_sheet_example", language), head, _examples(language, wanted, head)),
        choices=Choices({head.index(name): offered for name, offered in lists.items() if offered}, ROWS),
    )


def _notes(language: SheetLanguage, wanted: TemplateFor) -> list[str]:
    codes = ", ".join(wanted.languages)
    said = {"languages": codes, "options": wanted.options, "difficulties": ", ".join(_difficulties(language))}
    lines = [f"gift_help_{number}" for number in range(1, HELP_LINES + 1)]
    if wanted.of_a_bank:
        lines = [OF_A_BANK.get(line, line) for line in lines if line not in NOT_OF_A_BANK]
    notes = [label(line, language, **said) for line in lines]
    if wanted.topics:
        notes += [label("gift_help_topics", language)]
        notes += [_named(code, titles, language) for code, titles in wanted.topics.items()]
    if wanted.sources:
        notes += [label("gift_help_sources", language)]
        notes += [f"{_named(s.id, s.titles, language)}: {', '.join(s.points)}" for s in wanted.sources.values()]
    return notes


def _named(code: str, titles: Texts, language: SheetLanguage) -> str:
    title = titles.get(language) or titles.get("ru", "")
    return f"{code} – {title}" if title else code


def _difficulties(language: SheetLanguage) -> tuple[str, ...]:
    return tuple(difficulty_word(level, language) for level in DIFFICULTIES)


def _topics(language: SheetLanguage, wanted: TemplateFor) -> list[str]:
    """What is offered in the cells: titles, in the language of the sheet."""
    return [titles.get(language) or titles.get("ru") or code for code, titles in wanted.topics.items()]


def _sources(language: SheetLanguage, wanted: TemplateFor) -> list[str]:
    """Acts that can be cited as they are offered in the cells; another place is typed by hand."""
    acts = (source for source in wanted.sources.values() if UNVERIFIED in source.points)
    return [_named(source.id, source.titles, language) for source in acts]


def _examples(language: SheetLanguage, wanted: TemplateFor, head: Sequence[str]) -> list[tuple[str, ...]]:
    """One question in each language, as rows of the sheet: the same group, the same places of the answers."""
    spoken = [code for code in get_args(Language) if code in wanted.languages]
    return [_example(number, code, language, wanted, head) for number, code in enumerate(spoken, 1)]


def _example(
    number: int, code: Language, language: SheetLanguage, wanted: TemplateFor, head: Sequence[str]
) -> tuple[str, ...]:
    words, letters = HEADS[language], answer_letters(language)
    days = label("gift_example_answers", code).split("; ")
    filled = {f"{words['answer']} {letter}": day for letter, day in zip(letters, days[: wanted.options], strict=False)}
    filled |= {
        words["number"]: str(number),
        words["text"]: label("gift_example_question", code),
        words["key"]: letters[RIGHT],
        words["feedback"]: label("gift_example_feedback", code),
        words["id"]: f"{EXAMPLE_GROUP}.{code}",
        words["tags"]: next(iter(_topics(language, wanted)), TOPIC),
        words["source"]: f"{next(iter(wanted.sources), SOURCE)}#{UNVERIFIED}",
        words["difficulty"]: _difficulties(language)[0],
    }
    return tuple(filled.get(name, "") for name in head)
