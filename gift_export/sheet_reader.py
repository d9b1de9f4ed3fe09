"""Questions from the rows of a spreadsheet: one question a row, a head row that names the columns (`sheet_layout`).

Every row is judged, and everything wrong is said with its row and column; a row with an error gives no question. What
opens the file is the caller's affair: a row is anything with the fields of `SheetLine`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from gift_export.answer_keys import Key, Script, read_key, readings, script_of, share
from gift_export.names import clean_name, default_name
from gift_export.numerals import numeric
from gift_export.problems import Problem, excerpt, in_file_order, problem
from gift_export.record_checks import RecordChecks
from gift_export.sheet_layout import EXAMPLE_GROUP, TYPES, Layout, cell_name, is_example_head, read_head
from gift_export.sheet_shown import shown_clock, shown_number
from question_banks.model import (
    TEXT_FORMATS,
    Answer,
    DescriptionQuestion,
    EssayQuestion,
    FormattedText,
    MatchPair,
    MatchQuestion,
    MultichoiceQuestion,
    NumericalAnswer,
    NumericalQuestion,
    OrderingQuestion,
    Question,
    ShortAnswer,
    ShortanswerQuestion,
    TextFormat,
    TruefalseQuestion,
)

Cell: TypeAlias = str | int | float | bool | date | None

HEAD_ROWS: Final = 20
"""Among how many first rows of a sheet the head is looked for."""
HEAD_AGAIN: Final = 3
"""From how many columns on that bear their own names a row is the head once more."""
TRUE_WORDS: Final = frozenset(["t", "true", "верно", "да", "туура", "ооба", "дұрыс", "иә", "истина", "+"])
FALSE_WORDS: Final = frozenset({*["f", "false", "неверно", "нет", "жок", "жоқ", "ложь", "-"], "туура эмес", "бұрыс"})
_ARROW: Final = re.compile(r"\s*+(?:->|→|⇒|=>)\s*+")
_NUMBER: Final = re.compile(r"([^:±]+)(?:[:±]|\+/-|\+-)(.+)")
_SEPARATORS: Final = re.compile(r"[,;\n]")
_LINES: Final = re.compile(r"[;\n]")
_COLUMN_OF: Final[Mapping[str, str]] = {
    **dict.fromkeys(("E_ID_DUPLICATE", "E_ID_LONG"), "id"),
    **dict.fromkeys(("E_MARKS_SUM", "E_NO_CORRECT", "E_WEIGHT_NOT_ALLOWED", "W_MULTI_CORRECT"), "key"),
    **dict.fromkeys(("E_SHORT_NO_FULL", "W_NUM_NO_FULL"), "key"),
}
"""What is found in a question → the field it is about, whose column it is told at."""


class SheetLine(Protocol):
    """A row of a sheet: `number` from 1, `cells[0]` is column A, `formulas` and `errors` are indexes of cells.

    `formats`: index → the number format of a cell that holds a number, as the file says it; nothing: the general one.
    A time comes as text (`08:30:00`) with its format. `unsaved`: formulas without a result. `hidden`: the sheet is,
    `folded`: the row is.
    """

    @property
    def sheet(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def cells(self) -> tuple[Cell, ...]: ...
    @property
    def formulas(self) -> frozenset[int]: ...
    @property
    def errors(self) -> frozenset[int]: ...
    @property
    def formats(self) -> Mapping[int, str]: ...
    @property
    def hidden(self) -> bool: ...
    @property
    def unsaved(self) -> frozenset[int]: ...
    @property
    def folded(self) -> bool: ...


class RowCells(NamedTuple):
    """What a row says, and in which cells, as a spreadsheet program calls them (`H7`).

    `places`: field → cell; `answers`: cell and text of each answer that is there; `empty`: cells of the others;
    `language`: what the column for the language says; `text`: the question; `filled`: the fields that say something.
    """

    id: str
    key: str
    places: Mapping[str, str]
    answers: tuple[tuple[str, str], ...]
    empty: tuple[str, ...]
    language: str = ""
    text: str = ""
    filled: frozenset[str] = frozenset()

    @property
    def key_cell(self) -> str:
        return self.places.get("key", "")


class SheetReading(NamedTuple):
    """The questions of the good rows, all findings (line is the row, column counts from 1), the rows refused.

    `cells`: by row number, for every row that was read; of two sheets with the same row, the first. `sheets`: the
    names of the sheets that rows were read from. `heads`: of all sheets that have a head row.
    """

    questions: tuple[Question, ...]
    problems: tuple[Problem, ...]
    refused: tuple[int, ...]
    cells: Mapping[int, RowCells] = MappingProxyType({})
    sheets: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every row became a question."""
        return not self.refused and not any(found.severity == "error" for found in self.problems)


def read_sheet(lines: Iterable[SheetLine]) -> SheetReading:
    """The questions of all visible sheets that have a head row."""
    questions: list[Question] = []
    problems: list[Problem] = []
    refused: list[int] = []
    layouts: dict[str, Layout | None] = {}
    heads: dict[str, int] = {}
    sheets: dict[str, None] = {}
    cells: dict[int, RowCells] = {}
    examples: dict[str, int] = {}
    checks = RecordChecks()
    unseen: set[str] = set()
    for line in lines:
        if not any(cell not in (None, "") for cell in line.cells):
            continue
        if line.hidden:
            unseen.update([line.sheet] if _head(line) is not None else ())
            continue
        layout = layouts.get(line.sheet)
        if layout is None:
            layouts[line.sheet], heads[line.sheet] = _head(line), line.number
            _note_example(line, examples)
            continue
        if (apart := _no_question(line, layout)) is not None:
            problems.append(apart)
            continue
        sheets[line.sheet] = None
        row = _Row(line, layout)
        question = row.question()
        cells.setdefault(line.number, row.cells())
        judged = checks.check(question, row.place("text")) if question is not None else ()
        found = [*row.problems, *(_at_its_column(one, row) for one in judged)]
        if line.folded:
            found.append(problem("W_SHEET_ROW_HIDDEN", *row.place("text"), row=line.number))
        problems.extend(found)
        if question is None or any(one.severity == "error" for one in found):
            refused.append(line.number)
        else:
            questions.append(question)
    problems.extend(_about_sheets(layouts, heads, bool(questions or refused)))
    problems.extend(problem("W_SHEET_HIDDEN", 0, 0, text=excerpt(name)) for name in sorted(unseen))
    problems.extend(problem("W_SHEET_EXAMPLE", 0, 0, text=excerpt(name), n=n) for name, n in examples.items() if n)
    known = tuple(name for name, layout in layouts.items() if layout is not None)
    return SheetReading(tuple(questions), in_file_order(problems), tuple(refused), cells, tuple(sheets), known)


def _no_question(line: SheetLine, layout: Layout) -> Problem | None:
    """What a row is that only parts the questions for the eye: the head once more, or the heading of a section."""
    words = [_plain(cell) for cell in line.cells]
    again = read_head(words)
    if again is not None and again.fields["text"] == layout.fields["text"] and _shared(again, layout) >= HEAD_AGAIN:
        return problem("W_SHEET_HEAD_AGAIN", line.number, 0, row=line.number)
    filled = [at for at, word in enumerate(words) if word]
    if len(filled) != 1 or line.formulas or line.errors or not _may_head_a_section(words[filled[0]], filled[0], layout):
        return None
    return problem("W_SHEET_HEADING", line.number, filled[0] + 1, row=line.number, text=excerpt(words[filled[0]]))


def _shared(again: Layout, layout: Layout) -> int:
    """In how many columns a row says what the head says there."""
    fields, answers = again.fields.items() & layout.fields.items(), {*again.answers} & {*layout.answers}
    return len(fields) + len(answers)


def _may_head_a_section(word: str, column: int, layout: Layout) -> bool:
    """Words that stand alone in a row, and are neither part of a question nor an ID somebody began with."""
    parts = {layout.fields["text"], layout.fields.get("key"), *layout.answers, *layout.remarks.values()}
    begun = column == layout.fields.get("id") and " " not in word
    return column not in parts and not begun and any(map(str.isalpha, word))


def _at_its_column(found: Problem, row: _Row) -> Problem:
    """What is said of a question's ID, key or tags stands in the column they come from, where the sheet has it."""
    field = _COLUMN_OF.get(found.code, "")
    if found.code == "W_TAG_LONG":
        field = next((one for tag, one in row.tags if str(len(tag)) == found.params["n"]), "")
    elif found.code == "E_TAG_REFUSED":
        field = next((one for tag, one in row.tags if excerpt(tag) == found.params["text"]), "")
    return found._replace(column=row.place(field)[1]) if field in row.layout.fields else found


def _note_example(line: SheetLine, examples: dict[str, int]) -> None:
    """Counts the rows that somebody added on the sheet of the example, which is never read."""
    words = [_plain(cell) for cell in line.cells]
    if line.sheet in examples:
        examples[line.sheet] += not any(word.startswith(EXAMPLE_GROUP) for word in words)
    elif is_example_head(words):
        examples[line.sheet] = 0


def _head(line: SheetLine) -> Layout | None:
    return read_head([_plain(cell) for cell in line.cells]) if line.number <= HEAD_ROWS else None


def _about_sheets(layouts: Mapping[str, Layout | None], heads: Mapping[str, int], anything: bool) -> Iterator[Problem]:
    known = {sheet: layout for sheet, layout in layouts.items() if layout is not None}
    if not known:
        yield problem("E_SHEET_HEAD", 0, 0)
    elif not anything:
        yield problem("E_NO_QUESTIONS", 0, 0)
    for sheet, layout in known.items():
        for at, words in layout.unknown:
            yield problem("W_SHEET_COLUMN", heads[sheet], at + 1, text=excerpt(words))


def _plain(cell: Cell) -> str:
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else str(cell).lower()
    if isinstance(cell, float):
        return repr(cell)
    if isinstance(cell, date):
        return f"{cell.day:02}.{cell.month:02}.{cell.year}"
    return str(cell).replace("\r\n", "\n").replace("\r", "\n").strip()


def _words(text: str, between: re.Pattern[str]) -> list[str]:
    return [word for part in between.split(text) if (word := part.strip())]


class _RefusedError(Exception):
    """The row gives no question; why is noted."""


class _Row:
    """One row being read."""

    def __init__(self, line: SheetLine, layout: Layout) -> None:
        self.line = line
        self.layout = layout
        self.problems: list[Problem] = []
        self.script: Script = script_of(layout.labels)
        self.numbers = False
        """Whether the answers are numbers to be typed, so that their value counts and not how it looks."""
        self.tags: list[tuple[str, str]] = []
        """The tags of the question, each with the field it comes from."""
        self._seen: dict[int, str] = {}

    def place(self, field: str) -> tuple[int, int]:
        return self.line.number, self.layout.fields.get(field, 0) + 1

    def note(self, code: str, column: int, /, **params: object) -> None:
        self.problems.append(problem(code, self.line.number, column + 1, **params))

    def refuse(self, code: str, column: int, /, **params: object) -> _RefusedError:
        self.note(code, column, **params)
        return _RefusedError(code)

    def cell(self, column: int | None) -> str:
        """The text of a cell; what a spreadsheet program made of it against the author's will is noted."""
        if column is None or column >= len(self.line.cells):
            return ""
        if column in self._seen:
            return self._seen[column]
        value = self.line.cells[column]
        if column in self.line.errors:
            named = excerpt(_plain(value))
            self.note("E_SHEET_ERROR" if named else "E_SHEET_ERROR_UNNAMED", column, text=named)
        elif column in self.line.unsaved:
            self.note("E_SHEET_FORMULA_EMPTY", column)
        elif column in self.line.formulas:
            self.note("W_SHEET_FORMULA", column)
        self._seen[column] = self._as_shown(value, column)
        return self._seen[column]

    def _as_shown(self, value: Cell, column: int) -> str:
        """The value as its author sees it in the cell; where that is not known, an error of its own in each cell.

        What stands for a value (a key, a number to type) counts by it.
        """
        code = self.line.formats.get(column, "")
        if isinstance(value, date):
            day = _plain(value)
            if column == self.layout.fields.get("key"):
                raise self.refuse("E_SHEET_DATE", column, text=day)  # as a key it would be wrong once more
            self.note("E_SHEET_DATE", column, text=day)
            return day
        if value is None or column == self.layout.fields.get("key") or (isinstance(value, str) and not code):
            return _plain(value)
        if self.numbers and column in self.layout.answers and not isinstance(value, bool) and "%" not in code:
            return _plain(value)
        shown = shown_clock(value, code) if isinstance(value, str) else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            shown = shown_number(value, code)
        if shown is None:
            self.note("E_SHEET_SHOWN", column, text=excerpt(_plain(value)))
            return _plain(value)
        return shown

    def field(self, name: str) -> str:
        return self.cell(self.layout.fields.get(name))

    def answers(self) -> list[tuple[int, str]]:
        """Place and text of the answers that are there."""
        texts = enumerate(self.cell(column) for column in self.layout.answers)
        return [(place, text) for place, text in texts if text]

    def cells(self) -> RowCells:
        """The row's cells by their names; nothing is noted against them."""
        number, fields = self.line.number, self.layout.fields
        shown = [(cell_name(number, at), self._shown(at)) for at in self.layout.answers]
        return RowCells(
            self._shown(fields.get("id")),
            self._shown(fields.get("key")),
            {field: cell_name(number, at) for field, at in fields.items()},
            tuple((cell, text) for cell, text in shown if text),
            tuple(cell for cell, text in shown if not text),
            self._shown(fields.get("language")),
            self._shown(fields["text"]),
            frozenset(field for field, at in fields.items() if self._shown(at)),
        )

    def _shown(self, column: int | None) -> str:
        return _plain(self.line.cells[column]) if column is not None and column < len(self.line.cells) else ""

    def remark(self, place: int, text_format: TextFormat) -> FormattedText:
        return FormattedText(self.cell(self.layout.remarks.get(place)), text_format)

    def key(self) -> Key:
        """The key, understood whole; a number with a fraction in a key is what a program made of `1,3`."""
        column = self.layout.fields.get("key", 0)
        text = self.field("key")
        if "key" in self.layout.fields and column < len(self.line.cells) and isinstance(self.line.cells[column], float):
            raise self.refuse("E_SHEET_KEY", column, text=text)
        key = read_key(text, self.script, len(self.layout.answers))
        if key.ambiguous:
            raise self._ambiguous(key.ambiguous, column)
        if key.beyond and len(self.layout.labels) > 1:
            raise self.refuse("E_SHEET_KEY_BEYOND", column, text=key.wrong, **self._range())
        if key.wrong:
            raise self.refuse("E_SHEET_KEY", column, text=excerpt(key.wrong))
        return key

    def _range(self) -> dict[str, str]:
        return {"first": self.layout.labels[0].upper(), "last": self.layout.labels[-1].upper()}

    def _ambiguous(self, letter: str, column: int) -> _RefusedError:
        """A letter that is another answer in the other alphabet, or in one of the two no answer at all."""
        latin, cyrillic = readings(letter)
        if 0 <= latin < len(self.layout.labels) > cyrillic >= 0:
            return self.refuse("E_SHEET_KEY_LETTER", column, text=letter, latin=latin + 1, cyrillic=cyrillic + 1)
        if len(self.layout.labels) > 1:
            return self.refuse("E_SHEET_KEY_LETTER_NONE", column, text=letter, **self._range())
        return self.refuse("E_SHEET_KEY", column, text=letter)

    def question(self) -> Question | None:
        try:
            return self._question()
        except _RefusedError:
            return None

    def _question(self) -> Question:
        text = self.field("text")
        if not text:
            raise self.refuse("E_SHEET_NO_TEXT", self.layout.fields["text"])
        said = self.field("type").casefold()
        kind = TYPES.get(said)
        if kind is None:
            raise self.refuse("E_SHEET_TYPE", self.layout.fields["type"], text=excerpt(said))
        self.numbers = kind == "numerical"
        text_format = self._format()
        name = self.field("name")
        self.tags = [(word, "tags") for word in _words(self.field("tags"), _SEPARATORS)]
        self.tags += [(word, field) for field in ("source", "difficulty") for word in self._marked(field)]
        common: dict[str, Any] = {
            "name": clean_name(name) if name else default_name(text),
            "text": text,
            "format": text_format,
            "generalfeedback": FormattedText(self.field("feedback"), text_format),
            "idnumber": self.field("id"),
            "tags": tuple(tag for tag, _ in self.tags),
            "category": self.field("category"),
            "lines": (self.line.number, self.line.number),
        }
        return _BUILDERS[kind or self._guess()](self, common)

    def _marked(self, field: str) -> list[str]:
        """What a column of its own says, as the tags it stands for. A title may hold commas, so they part nothing."""
        return [
            word if word.startswith(f"{field}:") else f"{field}:{word}" for word in _words(self.field(field), _LINES)
        ]

    def _format(self) -> TextFormat:
        said = self.field("format").lower() or "moodle"
        found = next((one for one in TEXT_FORMATS if one == said), None)
        if found is None:
            raise self.refuse("E_SHEET_FORMAT", self.layout.fields["format"], text=excerpt(said))
        return found

    def _guess(self) -> str:
        """The type where none is said: answers make a choice, a bare word a true/false question."""
        if self.answers():
            return "multichoice"
        if self.field("key").casefold() in TRUE_WORDS | FALSE_WORDS:
            return "truefalse"
        raise self.refuse("E_SHEET_NO_ANSWERS", self.layout.fields["text"])


def _multichoice(row: _Row, common: dict[str, Any], forced: bool | None = None) -> Question:
    answers = row.answers()
    key = row.key()
    column = row.layout.fields.get("key", 0)
    if not key.marks:
        raise row.refuse("E_SHEET_NO_KEY", column)
    missing = set(key.marks) - {place for place, _ in answers}
    if missing:
        empty = row.layout.answers[min(missing)]
        place = {"cell": cell_name(row.line.number, empty), "key": cell_name(row.line.number, column)}
        raise row.refuse("E_SHEET_KEY_EMPTY", empty, text=row.layout.labels[min(missing)].upper(), **place)
    if len(key.marks) == 1 and max(key.marks.values()) < 1:
        raise row.refuse("E_SHEET_KEY_SHARE", column, text=excerpt(row.field("key")))
    single = (max(key.marks.values()) == 1 and (key.weighted or len(key.marks) == 1)) if forced is None else forced
    if single and not key.weighted and len(key.marks) > 1:
        raise row.refuse("E_SHEET_SEVERAL_KEYS", column, n=len(key.marks))
    each = None if key.weighted or single else share(len(key.marks))
    text_format = common["format"]
    found = tuple(
        Answer(
            text,
            (each if each is not None and place in key.marks else key.marks.get(place, 0.0)),
            row.remark(place, text_format),
            text_format,
        )
        for place, text in answers
    )
    return MultichoiceQuestion(answers=found, single=single, **common)


def _truefalse(row: _Row, common: dict[str, Any]) -> Question:
    word = row.field("key").casefold()
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise row.refuse("E_SHEET_TRUEFALSE", row.layout.fields.get("key", 0), text=excerpt(word))
    said_true, said_false = row.remark(0, common["format"]), row.remark(1, common["format"])
    return TruefalseQuestion(correct=word in TRUE_WORDS, feedbacktrue=said_true, feedbackfalse=said_false, **common)


def _some_answers(row: _Row) -> list[tuple[int, str]]:
    answers = row.answers()
    if not answers:
        raise row.refuse("E_SHEET_NO_ANSWERS", row.layout.fields["text"])
    return answers


def _shortanswer(row: _Row, common: dict[str, Any]) -> Question:
    marks = row.key().marks
    answers = tuple(
        ShortAnswer(text, marks.get(place, 1.0), row.remark(place, common["format"]))
        for place, text in _some_answers(row)
    )
    return ShortanswerQuestion(answers=answers, **common)


def _numerical(row: _Row, common: dict[str, Any]) -> Question:
    marks = row.key().marks
    found: list[NumericalAnswer] = []
    for place, text in _some_answers(row):
        remark = row.remark(place, common["format"])
        if text == "*" and marks.get(place, 0.0) == 0 and found:
            found.append(NumericalAnswer("*", None, 0.0, remark))
            continue
        found.append(_number(row, place, text, marks.get(place, 1.0))._replace(feedback=remark))
    return NumericalQuestion(answers=tuple(found), **common)


def _number(row: _Row, place: int, text: str, fraction: float) -> NumericalAnswer:
    """`3,14`, `3.14:0.01`, `5 ± 0,5`: in a sheet a comma is the decimal sign of the author's country."""
    parted = _NUMBER.fullmatch(text)
    written, margin = parted.groups() if parted else (text, "0")
    value, tolerance = (numeric(part.strip().replace(",", ".").replace("−", "-")) for part in (written, margin))
    if value is None or tolerance is None or tolerance < 0:
        raise row.refuse("E_SHEET_NUMBER", row.layout.answers[place], text=excerpt(text))
    return NumericalAnswer(value, tolerance, fraction)


def _match(row: _Row, common: dict[str, Any]) -> Question:
    pairs = []
    for place, text in _some_answers(row):
        sides = _ARROW.split(text, maxsplit=1)
        if len(sides) != 2 or not sides[1]:
            raise row.refuse("E_SHEET_PAIR", row.layout.answers[place], text=excerpt(text))
        pairs.append(MatchPair(sides[0], sides[1], common["format"]))
    return MatchQuestion(pairs=tuple(pairs), **common)


def _ordering(row: _Row, common: dict[str, Any]) -> Question:
    items = tuple(text for _, text in _some_answers(row))
    return OrderingQuestion(items=items, selecttype=0, selectcount=max(2, min(6, len(items))), **common)


_BUILDERS: Final[Mapping[str, Callable[[_Row, dict[str, Any]], Question]]] = {
    "multichoice": _multichoice,
    "single": lambda row, common: _multichoice(row, common, forced=True),
    "multiple": lambda row, common: _multichoice(row, common, forced=False),
    "truefalse": _truefalse,
    "shortanswer": _shortanswer,
    "numerical": _numerical,
    "match": _match,
    "ordering": _ordering,
    "essay": lambda _row, common: EssayQuestion(**common),
    "description": lambda _row, common: DescriptionQuestion(**common),
}
