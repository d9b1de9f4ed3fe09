"""The empty spreadsheet for authors of questions: the sheet to fill in, instructions, and a filled pair to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args
from uuid import UUID

from flask_app.messages import Language, label
from flask_app.services.office import Work
from flask_app.services.question_drafts import OPTIONS, frame_of
from flask_app.services.question_items import bank_for
from gift_export.sheet_layout import answer_letters
from gift_export.sheet_writer import (
    SheetLanguage,
    SheetText,
    SidePage,
    example_page,
    head_row,
    sheet_language,
    workbook,
)
from question_banks.bank import TOPIC_TAG, Texts

HELP_LINES: Final = 10
RIGHT: Final = 2
"""The place of the right answer in the example, from 0."""
TOPIC: Final = "constitution"
TEMPLATE_LANGUAGES: Final[tuple[SheetLanguage, ...]] = get_args(SheetLanguage)


@dataclass(frozen=True, slots=True)
class TemplateFor:
    """Whom the template is for: languages of the bank, its topics with their titles, the options of a question."""

    languages: tuple[str, ...] = ("ky", "ru")
    topics: Mapping[str, Texts] = field(default_factory=dict)
    options: int = OPTIONS


def bank_template(work: Work, bank_id: UUID, lang: str) -> tuple[str, bytes]:
    """The bank's code, and the .xlsx with its topics, languages and options. Raises `NotFound`, `NotPermitted`."""
    bank = bank_for(work, bank_id)
    frame = frame_of(work, bank)
    wanted = TemplateFor(frame.languages, frame.topic_titles, frame.options)
    return bank.code, question_template(sheet_language(lang), wanted)


def question_template(language: SheetLanguage, wanted: TemplateFor) -> bytes:
    """The .xlsx: an empty sheet of questions, one with instructions, one with an example in each of the languages."""
    head = head_row(language, wanted.options, remarks=False)
    return workbook(
        SheetText(head, (), ()),
        label("gift_sheet_questions", language),
        SidePage(label("gift_sheet_help", language), tuple((note,) for note in _notes(language, wanted))),
        example_page(label("gift_sheet_example", language), head, _examples(language, wanted)),
    )


def _notes(language: SheetLanguage, wanted: TemplateFor) -> list[str]:
    codes = ", ".join(wanted.languages)
    notes = [label(f"gift_help_{number}", language, languages=codes) for number in range(1, HELP_LINES + 1)]
    if wanted.topics:
        notes.append(label("gift_help_topics", language))
        notes += [_topic(code, titles, language) for code, titles in wanted.topics.items()]
    return notes


def _topic(code: str, titles: Texts, language: SheetLanguage) -> str:
    title = titles.get(language) or titles.get("ru", "")
    return f"{code} – {title}" if title else code


def _examples(language: SheetLanguage, wanted: TemplateFor) -> list[tuple[str, ...]]:
    """One question in each language, as rows of the sheet: the same group, the same places of the answers."""
    spoken = [code for code in get_args(Language) if code in wanted.languages]
    return [_example(number, code, language, wanted) for number, code in enumerate(spoken, 1)]


def _example(number: int, code: Language, language: SheetLanguage, wanted: TemplateFor) -> tuple[str, ...]:
    days = label("gift_example_answers", code).split("; ")
    filled: Sequence[str] = [*days, *[""] * wanted.options][: wanted.options]
    topic = next(iter(wanted.topics), TOPIC)
    front = (str(number), "", label("gift_example_question", code))
    back = ("", "", f"example-001.{code}", f"{TOPIC_TAG}{topic}")
    return (*front, *filled, answer_letters(language)[RIGHT], *back)
