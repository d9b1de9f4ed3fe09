"""The columns of a question sheet: how they are called in three languages, and how a head row is understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from gift_export.answer_keys import CYRILLIC, LATIN

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "number": ("№", "номер", "n", "no", "#", "номери"),
    "type": ("тип", "type", "түрү", "тип вопроса", "суроонун түрү"),
    "name": ("название", "name", "аталышы", "имя", "аты"),
    "text": ("вопрос", "question", "суроо", "текст вопроса", "суроонун тексти", "text", "сұрақ"),
    "key": (
        *("ключ", "правильный ответ", "верный ответ", "правильный", "верный"),
        *("ачкыч", "туура жооп", "дұрыс жауап", "key", "answer key"),
    ),
    "feedback": ("пояснение", "feedback", "түшүндүрмө", "комментарий", "обоснование", "негиздеме"),
    "category": ("категория", "category", "раздел", "бөлүм"),
    "id": ("id", "ид", "идентификатор", "код", "idnumber"),
    "tags": ("теги", "tags", "тегдер", "темы", "темалар", "метки", "тема", "topic", "topics"),
    "source": (
        *("источник", "статья", "закон", "норма", "акт", "булак", "берене", "мыйзам", "дереккөз", "source", "act"),
    ),
    "difficulty": ("сложность", "трудность", "кыйынчылык", "татаалдык", "қиындық", "difficulty"),
    "format": ("формат", "format"),
    "language": ("язык", "тил", "тили", "тіл", "тілі", "language", "lang"),
}
_ANSWER: Final = re.compile(
    r"(?:ответ|вариант|жооп|вариант ответа|answer|option|choice|жауап)?\s*+№?\s*+([а-еж-зик]|[a-j]|\d{1,2})\)?",
    re.IGNORECASE,
)
_REMARK: Final = re.compile(
    r"(?:отклик|түшүндүрмө|пикир|feedback|remark|комментарий)\s*+([а-еж-зик]|[a-j]|\d{1,2})", re.IGNORECASE
)
ANSWERS_MOST: Final = 10
EXAMPLE_GROUP: Final = "example-001"
"""The question that a template shows on a sheet of its own."""
_EXAMPLE_HEAD: Final = re.compile(r"[A-Z]{1,2}: \S")

TYPES: Final[dict[str, str]] = {
    "": "",
    "multichoice": "multichoice",
    "выбор": "multichoice",
    "тандоо": "multichoice",
    "один": "single",
    "бир": "single",
    "single": "single",
    "несколько": "multiple",
    "бир нече": "multiple",
    "multiple": "multiple",
    "truefalse": "truefalse",
    "верно/неверно": "truefalse",
    "туура/туура эмес": "truefalse",
    "shortanswer": "shortanswer",
    "краткий ответ": "shortanswer",
    "кыска жооп": "shortanswer",
    "numerical": "numerical",
    "число": "numerical",
    "сан": "numerical",
    "match": "match",
    "matching": "match",
    "соответствие": "match",
    "дал келтирүү": "match",
    "ordering": "ordering",
    "порядок": "ordering",
    "ирет": "ordering",
    "essay": "essay",
    "эссе": "essay",
    "дилбаян": "essay",
    "description": "description",
    "описание": "description",
    "баяндама": "description",
}
"""What may stand in the column for the type; nothing there: by the answers and the key."""


class Layout(NamedTuple):
    """Columns (from 0) of the fields, of the answers in their order with their labels, of the remarks to them."""

    fields: dict[str, int]
    answers: tuple[int, ...]
    labels: tuple[str, ...]
    remarks: dict[int, int]
    unknown: tuple[tuple[int, str], ...]


def label_place(label: str) -> int:
    """The place of an answer column by its letter or number, from 0. The Cyrillic `В` is the third."""
    if label.isdigit():
        return int(label) - 1
    upper = label.upper()
    return (CYRILLIC if upper in CYRILLIC else LATIN).index(upper)


def read_head(cells: Sequence[str]) -> Layout | None:
    """The columns of a head row; None where there is no column for the question's text."""
    fields: dict[str, int] = {}
    answers: dict[int, tuple[int, str]] = {}
    remarks: dict[int, int] = {}
    unknown: list[tuple[int, str]] = []
    for at, cell in enumerate(cells):
        words = " ".join(cell.replace("*", " ").split()).casefold()
        names = [part.strip() for part in words.split("/")] if "/" in words else [words]
        if not words:
            continue
        if field := next((one for one, known in FIELDS.items() if any(name in known for name in names)), None):
            fields.setdefault(field, at)
        elif found := next((one for name in names if (one := _REMARK.fullmatch(name))), None):
            remarks[label_place(found.group(1))] = at
        elif found := next((one for name in names if (one := _ANSWER.fullmatch(name))), None):
            answers.setdefault(label_place(found.group(1)), (at, found.group(1)))
        else:
            unknown.append((at, cell.strip()))
    if "text" not in fields:
        return None
    ordered = sorted(answers.items())
    columns = tuple(at for _, (at, _) in ordered)
    return Layout(fields, columns, tuple(label for _, (_, label) in ordered), remarks, tuple(unknown))


def is_example_head(cells: Sequence[str]) -> bool:
    """Whether a row is the head of an example: each head bears the letters of its column (`B: Вопрос`)."""
    return len(cells) > 1 and all(_EXAMPLE_HEAD.match(cell) for cell in cells if cell)


HEADS: Final[dict[str, dict[str, str]]] = {
    "ru": {
        "number": "№",
        "type": "Тип",
        "name": "Название",
        "text": "Вопрос",
        "answer": "Ответ",
        "key": "Ключ",
        "remark": "Отклик",
        "feedback": "Пояснение",
        "category": "Категория",
        "id": "ID",
        "tags": "Темы",
        "source": "Источник",
        "difficulty": "Сложность",
        "format": "Формат",
    },
    "ky": {
        "number": "№",
        "type": "Түрү",
        "name": "Аталышы",
        "text": "Суроо",
        "answer": "Жооп",
        "key": "Ачкыч",
        "remark": "Пикир",
        "feedback": "Түшүндүрмө",
        "category": "Бөлүм",
        "id": "ID",
        "tags": "Темалар",
        "source": "Булак",
        "difficulty": "Кыйынчылык",
        "format": "Формат",
    },
    "en": {
        "number": "No",
        "type": "Type",
        "name": "Name",
        "text": "Question",
        "answer": "Answer",
        "key": "Key",
        "remark": "Remark",
        "feedback": "Feedback",
        "category": "Category",
        "id": "ID",
        "tags": "Topics",
        "source": "Source",
        "difficulty": "Difficulty",
        "format": "Format",
    },
}
"""The heads of the sheets we write; every one of them is understood by `read_head()`."""


def answer_letters(language: str) -> str:
    """The letters answers are called by in a sheet of that language: of its own alphabet."""
    return LATIN if language == "en" else CYRILLIC


def column_name(column: int) -> str:
    """The letters of a column, from 0: `A`, `Z`, `AA`."""
    letters = ""
    rest = column + 1
    while rest:
        rest, place = divmod(rest - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """A cell as spreadsheet programs call it: row from 1, column from 0."""
    return f"{column_name(column)}{row}"
