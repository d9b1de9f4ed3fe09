"""Questions as rows of a spreadsheet, and the workbook around them.

A row is read back before it counts: what a sheet cannot say of a question is a finding, never a silent change. Every
cell is written as text and shown as text, so nothing in it can become a formula.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from gift_export.numerals import spell_number
from gift_export.problems import Problem, excerpt, problem
from gift_export.sheet_layout import ANSWERS_MOST, HEADS, answer_letters, column_name
from gift_export.sheet_reader import Cell, read_sheet
from gift_export.weights import spell_fraction
from question_banks.bank import DIFFICULTY_TAG, SOURCE_TAG
from question_banks.model import (
    NO_LINES,
    CategorySwitch,
    FormattedText,
    MatchQuestion,
    MultichoiceQuestion,
    NumericalQuestion,
    OrderingQuestion,
    Question,
    ShortanswerQuestion,
    TruefalseQuestion,
)

SheetLanguage: TypeAlias = Literal["ky", "ru", "en"]
CELL_LIMIT: Final = 32_767
"""Characters a cell holds."""

_KINDS_EN: Final = ("single", "multiple", "truefalse", "shortanswer", "numerical", "match", "ordering")
_TYPES: Final[Mapping[SheetLanguage, Mapping[str, str]]] = {
    "ru": {
        "single": "один",
        "multiple": "несколько",
        "truefalse": "верно/неверно",
        "shortanswer": "краткий ответ",
        "numerical": "число",
        "match": "соответствие",
        "ordering": "порядок",
        "essay": "эссе",
        "description": "описание",
    },
    "ky": {
        "single": "бир",
        "multiple": "бир нече",
        "truefalse": "туура/туура эмес",
        "shortanswer": "кыска жооп",
        "numerical": "сан",
        "match": "дал келтирүү",
        "ordering": "ирет",
        "essay": "дилбаян",
        "description": "баяндама",
    },
    "en": {name: name for name in (*_KINDS_EN, "essay", "description")},
}
_WORDS: Final = {"ru": ("верно", "неверно"), "ky": ("туура", "туура эмес"), "en": ("true", "false")}
_FRONT: Final = ("number", "type", "text")
_BACK: Final = ("feedback", "category", "id", "tags", "source", "difficulty", "name", "format")
_SAFE: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
_RISKY: Final = frozenset("=+-@\t\r＝＋－＠")
"""What a spreadsheet program takes for a formula when the cell is edited or saved as CSV."""


class SheetText(NamedTuple):
    """A sheet ready to be written: head row, rows, and what was lost (line is the row it stands in)."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A row as the reader wants it."""

    cells: tuple[Cell, ...]
    number: int
    sheet: str = "1"
    formulas: frozenset[int] = frozenset()
    errors: frozenset[int] = frozenset()
    formats: Mapping[int, str] = field(default_factory=dict)
    hidden: bool = False
    unsaved: frozenset[int] = frozenset()
    folded: bool = False


def sheet_language(lang: str) -> SheetLanguage:
    """The language a sheet's heads are in; Russian where they are not written in the one asked for."""
    return next((known for known in get_args(SheetLanguage) if known == lang), "ru")


def head_row(language: SheetLanguage, answers: int, *, remarks: bool) -> tuple[str, ...]:
    """The head for questions of up to `answers` answers; with columns for remarks to each where there are any."""
    words = HEADS[language]
    letters = answer_letters(language)[:answers]
    return (
        *(words[field] for field in _FRONT),
        *(f"{words['answer']} {letter}" for letter in letters),
        words["key"],
        *((f"{words['remark']} {letter}" for letter in letters) if remarks else ()),
        *(words[field] for field in _BACK),
    )


def sheet_text(items: Iterable[Question | CategorySwitch], language: SheetLanguage) -> SheetText:
    """The rows of questions. A question the sheet cannot say at all is an error, a part that is lost a warning."""
    questions = [item for item in items if not isinstance(item, CategorySwitch)]
    shown = [_spelled(question, language) for question in questions]
    answers = min(ANSWERS_MOST, max((len(one.answers) for one in shown), default=4))
    remarks = any(any(one.remarks) for one in shown)
    head = head_row(language, max(4, answers), remarks=remarks)
    rows: list[tuple[str, ...]] = []
    problems: list[Problem] = []
    for question, one in zip(questions, shown, strict=True):
        row = _row(question, one, len(rows) + 1, max(4, answers), language, remarks=remarks)
        lost = _lost(question, head, row, len(rows) + 2)
        problems.extend(lost)
        if not any(found.severity == "error" for found in lost):
            rows.append(row)
    return SheetText(head, tuple(rows), tuple(problems))


class _Spelled(NamedTuple):
    """The parts of a row that depend on the type."""

    kind: str
    answers: list[str]
    remarks: list[str]
    key: str = ""


def _spelled(question: Question, language: SheetLanguage) -> _Spelled:
    letters = answer_letters(language)
    if isinstance(question, MultichoiceQuestion):
        texts = [answer.text for answer in question.answers]
        marks = [answer.fraction for answer in question.answers]
        kind = "single" if question.single else "multiple"
        return _Spelled(
            kind, texts, _remarks([answer.feedback for answer in question.answers]), _key(marks, kind, letters)
        )
    if isinstance(question, TruefalseQuestion):
        word = _WORDS[language][0 if question.correct else 1]
        return _Spelled("truefalse", [], _remarks([question.feedbacktrue, question.feedbackfalse]), word)
    if isinstance(question, ShortanswerQuestion):
        marks = [answer.fraction for answer in question.answers]
        texts = [answer.text for answer in question.answers]
        return _Spelled(
            "shortanswer", texts, _remarks([one.feedback for one in question.answers]), _weights(marks, letters)
        )
    if isinstance(question, NumericalQuestion):
        return _numerical(question, letters)
    if isinstance(question, MatchQuestion):
        return _Spelled("match", [f"{pair.text} -> {pair.answer}" for pair in question.pairs], [])
    if isinstance(question, OrderingQuestion):
        return _Spelled("ordering", list(question.items), [])
    return _Spelled(question.qtype, [], [])


def _numerical(question: NumericalQuestion, letters: str) -> _Spelled:
    texts = []
    for answer in question.answers:
        value = "*" if answer.answer == "*" else spell_number(float(answer.answer))
        texts.append(f"{value}:{spell_number(answer.tolerance)}" if answer.tolerance else value)
    marks = [answer.fraction for answer in question.answers if answer.tolerance is not None]
    return _Spelled("numerical", texts, _remarks([one.feedback for one in question.answers]), _weights(marks, letters))


def _remarks(parts: Sequence[FormattedText]) -> list[str]:
    return [part.text for part in parts]


def _key(marks: Sequence[float], kind: str, letters: str) -> str:
    if kind == "single" and sorted(marks)[-2:] == [0.0, 1.0] and min(marks) == 0:
        return letters[marks.index(1.0)] if marks.index(1.0) < len(letters) else ""
    return ", ".join(f"{letter} {spell_fraction(mark)}" for letter, mark in zip(letters, marks, strict=False) if mark)


def _weights(marks: Sequence[float], letters: str) -> str:
    """Only where some answer is not worth everything."""
    if all(mark == 1 for mark in marks):
        return ""
    return ", ".join(f"{letter} {spell_fraction(mark)}" for letter, mark in zip(letters, marks, strict=False))


def _row(
    question: Question, one: _Spelled, number: int, answers: int, language: SheetLanguage, *, remarks: bool
) -> tuple[str, ...]:
    def filled(texts: Sequence[str], count: int) -> tuple[str, ...]:
        return (*texts[:count], *[""] * (count - len(texts)))

    said = question.generalfeedback.text
    return (
        str(number),
        _TYPES[language][one.kind],
        question.text,
        *filled(one.answers, answers),
        one.key,
        *(filled(one.remarks, answers) if remarks else ()),
        said,
        question.category,
        question.idnumber,
        *_parted(question.tags),
        question.name,
        question.format,
    )


def _parted(tags: tuple[str, ...]) -> tuple[str, str, str]:
    """Tags by their columns: topics, sources, difficulty; all in the first where they would not come back the same."""
    sources, hard = (tuple(tag for tag in tags if tag.startswith(mark)) for mark in (SOURCE_TAG, DIFFICULTY_TAG))
    others = tuple(tag for tag in tags if tag not in sources and tag not in hard)
    said = [tag.partition(":")[2] for tag in (*sources, *hard)]
    if (*others, *sources, *hard) != tags or not all(map(_may_stand_alone, said)):
        return ", ".join(tags), "", ""
    named, level = said[: len(sources)], said[len(sources) :]
    return ", ".join(others), "; ".join(named), "; ".join(level)


def _may_stand_alone(said: str) -> bool:
    marked = said.startswith((SOURCE_TAG, DIFFICULTY_TAG))
    return bool(said) and said == said.strip() and not marked and not set(said) & set(";\n\r")


def _lost(question: Question, head: tuple[str, ...], row: tuple[str, ...], number: int) -> list[Problem]:
    """What comes back different when the row is read; an error where no question comes back."""
    if any(len(cell) > CELL_LIMIT for cell in row) or any(
        ord(sign) < 32 and sign not in "\t\n" for sign in "".join(row)
    ):
        return [problem("E_SHEET_CANNOT", number, 0, text=excerpt(question.name), code="")]
    reading = read_sheet((_Line(head, 1), _Line(row, number)))
    if not reading.questions:
        code = next((found.code for found in reading.problems if found.severity == "error"), "")
        return [problem("E_SHEET_CANNOT", number, 0, text=excerpt(question.name), code=code)]
    back = reading.questions[0]._replace(lines=NO_LINES)
    wanted = question._replace(lines=NO_LINES)
    fields = [name for name in wanted._fields if getattr(wanted, name) != getattr(back, name, None)]
    return [problem("W_LOST_IN_SHEET", number, 0, text=excerpt(question.name), field=name) for name in fields]


class SidePage(NamedTuple):
    """A sheet beside the questions that is never read as questions: `head` names columns, the notes stand alone."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    head: tuple[str, ...] = ()


def example_page(title: str, head: Sequence[str], rows: Iterable[tuple[str, ...]]) -> SidePage:
    """Filled rows to look at. Its heads bear the letters of their columns, so that no reader takes them for a head."""
    shown = tuple(f"{column_name(at)}: {words}" for at, words in enumerate(head))
    return SidePage(title, tuple(rows), shown)


class Choices(NamedTuple):
    """Lists that cells offer: column (from 0) → what may be chosen, in so many rows below the head.

    Something else may be typed: a list helps, it does not judge.
    """

    offered: Mapping[int, Sequence[str]]
    rows: int


def workbook(sheet: SheetText, title: str, *beside: SidePage, choices: Choices | None = None) -> bytes:
    """The .xlsx: the questions on a sheet `title`, then the sheets that stand `beside` them."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _SAFE) as book:
        looks = _looks(book)
        page = book.add_worksheet(title[:31])
        _write(page, sheet.head, sheet.rows, looks)
        _columns(page, len(sheet.head), looks)
        page.freeze_panes(1, 3)
        for other in beside:
            explained = book.add_worksheet(other.title[:31])
            _write(explained, other.head, other.rows, looks)
            if other.head:
                _columns(explained, len(other.head), looks)
            else:
                explained.set_column(0, 0, 110, looks.text)
        if choices is not None:
            _offer(book, page, choices)
    return buffer.getvalue()


def _offer(book: xlsxwriter.Workbook, page: Worksheet, choices: Choices) -> None:
    """The lists stand on a hidden sheet: in a rule itself a program takes 255 characters, and parts them at commas."""
    lists = book.add_worksheet("lists")
    lists.hide()
    for at, (column, offered) in enumerate(sorted(choices.offered.items())):
        for row, words in enumerate(offered):
            lists.write_string(row, at, words)
        name = column_name(at)
        rule = {
            "validate": "list",
            "source": f"=lists!${name}$1:${name}${len(offered)}",
            "error_type": "information",
            "show_error": False,
        }
        page.data_validation(1, column, choices.rows, column, rule)


class _Looks(NamedTuple):
    bold: Format
    text: Format
    quoted: Format


def _looks(book: xlsxwriter.Workbook) -> _Looks:
    plain = {"num_format": "@", "text_wrap": True, "valign": "top"}
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    # The mark a spreadsheet program sets for an apostrophe typed in front: text, whatever it looks like.
    return _Looks(bold, book.add_format(plain), book.add_format({**plain, "quote_prefix": True}))


def _write(page: Worksheet, head: Sequence[str], rows: Sequence[Sequence[str]], looks: _Looks) -> None:
    for column, words in enumerate(head):
        page.write_string(0, column, words, looks.bold)
    for place, row in enumerate(rows, 1 if head else 0):
        for column, cell in enumerate(row):
            if cell:
                page.write_string(place, column, cell, looks.quoted if cell[0] in _RISKY else looks.text)


def _columns(page: Worksheet, count: int, looks: _Looks) -> None:
    """Cells the author fills in later are text as well: no date is made of 1.2, no number of a long code."""
    page.set_column(0, count - 1, 18, looks.text)
    page.set_column(2, 2, 60, looks.text)
