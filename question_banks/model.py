"""Question records in Moodle's own terms: what a reader yields and a writer spells.

Records are immutable tuples with names (`typing.NamedTuple`): no `__dict__`, equality by content, the cheapest
construction CPython offers for a slotted record, which reading a bank of 100,000 questions needs.

Every question carries `qtype`, `name`, `text`, `format`, `generalfeedback`, `idnumber`, `tags`, `category`, `lines`;
the rest differs by type as Moodle's own question types differ.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple, TypeAlias

TextFormat: TypeAlias = Literal["moodle", "html", "plain", "markdown"]
"""Moodle's FORMAT_* constants by the names GIFT and Moodle XML use (`moodle` is Moodle's auto-format)."""

TEXT_FORMATS: Final[tuple[TextFormat, ...]] = ("moodle", "html", "plain", "markdown")

QuestionType: TypeAlias = Literal[
    "multichoice", "truefalse", "shortanswer", "match", "numerical", "essay", "description", "ordering"
]

Lines: TypeAlias = tuple[int, int]
"""First and last line in the file, counted from 1; `NO_LINES` for a question that came from no file."""

NO_LINES: Final[Lines] = (0, 0)


class FormattedText(NamedTuple):
    """A text together with the format it is to be shown in."""

    text: str
    format: TextFormat = "moodle"


NO_FEEDBACK: Final = FormattedText("", "moodle")


class Answer(NamedTuple):
    """A choice of a multiple-choice question. `fraction` is the mark as a part of one: 1.0 is 100 %."""

    text: str
    fraction: float
    feedback: FormattedText = NO_FEEDBACK
    format: TextFormat = "moodle"


class ShortAnswer(NamedTuple):
    """An accepted text, `*` as wildcard; short answers are plain, so they have no format."""

    text: str
    fraction: float = 1.0
    feedback: FormattedText = NO_FEEDBACK


class NumericalAnswer(NamedTuple):
    """An accepted number.

    `answer` is `"*"` where any answer counts; `tolerance` is None only for the answer that carries the feedback for
    any other value (GIFT `~#…`).
    """

    answer: float | Literal["*"]
    tolerance: float | None = 0
    fraction: float = 1.0
    feedback: FormattedText = NO_FEEDBACK


class MatchPair(NamedTuple):
    """A sub-question and its answer; an empty `text` makes the answer an extra wrong choice (Moodle's distractor)."""

    text: str
    answer: str
    format: TextFormat = "moodle"


class MultichoiceQuestion(NamedTuple):
    """One choice (`single`) or several; marks stand on the answers."""

    name: str
    text: str
    answers: tuple[Answer, ...]
    single: bool = True
    format: TextFormat = "moodle"
    generalfeedback: FormattedText = NO_FEEDBACK
    idnumber: str = ""
    tags: tuple[str, ...] = ()
    category: str = ""
    lines: Lines = NO_LINES
    qtype: Literal["multichoice"] = "multichoice"


class TruefalseQuestion(NamedTuple):
    """`correct` tells which statement is right; `feedbacktrue` is shown to who answered "true"."""

    name: str
    text: str
    correct: bool
    feedbacktrue: FormattedText = NO_FEEDBACK
    feedbackfalse: FormattedText = NO_FEEDBACK
    format: TextFormat = "moodle"
    generalfeedback: FormattedText = NO_FEEDBACK
    idnumber: str = ""
    tags: tuple[str, ...] = ()
    category: str = ""
    lines: Lines = NO_LINES
    qtype: Literal["truefalse"] = "truefalse"


class ShortanswerQuestion(NamedTuple):
    """A text typed in, compared with each answer."""

    name: str
    text: str
    answers: tuple[ShortAnswer, ...]
    format: TextFormat = "moodle"
    generalfeedback: FormattedText = NO_FEEDBACK
    idnumber: str = ""
    tags: tuple[str, ...] = ()
    category: str = ""
    lines: Lines = NO_LINES
    qtype: Literal["shortanswer"] = "shortanswer"


class MatchQuestion(NamedTuple):
    """Pairs to be put together."""

    name: str
    text: str
    pairs: tuple[MatchPair, ...]
    format: TextFormat = "moodle"
    generalfeedback: FormattedText = NO_FEEDBACK
    idnumber: str = ""
    tags: tuple[str, ...] = ()
    category: str = ""
    lines: Lines = NO_LINES
    qtype: Literal["match"] = "match"


class NumericalQuestion(NamedTuple):
    """A number typed in, compared within tolerances."""

    name: str
    text: str
    answers: tuple[NumericalAnswer, ...]
    format: TextFormat = "moodle"
    generalfeedback: FormattedText = NO_FEEDBACK
    idnumber: str = ""
    tags: tuple[str, ...] = ()
    category: str = ""
    lines: Lines = NO_LINES
    qtype: Literal["numerical"] = "numerical"


class EssayQuestion(NamedTuple):
    """A free text, marked by a person."""

    name: str
    text: str
    format: TextFormat = "moodle"
    generalfeedback: FormattedText = NO_FEEDBACK
    idnumber: str = ""
    tags: tuple[str, ...] = ()
    category: str = ""
    lines: Lines = NO_LINES
    qtype: Literal["essay"] = "essay"


class DescriptionQuestion(NamedTuple):
    """A text between questions; nothing is answered."""

    name: str
    text: str
    format: TextFormat = "moodle"
    generalfeedback: FormattedText = NO_FEEDBACK
    idnumber: str = ""
    tags: tuple[str, ...] = ()
    category: str = ""
    lines: Lines = NO_LINES
    qtype: Literal["description"] = "description"


class OrderingQuestion(NamedTuple):
    """Items in their right order, with the options of Moodle's ordering type (4.4 and later) by its own numbers.

    `layouttype` 0 vertical, 1 horizontal; `selecttype` 0 all, 1 random, 2 contiguous; `gradingtype` -1 all or
    nothing, 0 absolute position, 1 relative to the next (excluding the last), 2 including the last, 3 one before and
    after, 4 all before and after, 5 longest ordered subset, 6 longest contiguous subset, 7 relative to the correct
    place. The defaults are those of Moodle's own GIFT import.
    """

    name: str
    text: str
    items: tuple[str, ...]
    layouttype: int = 0
    selecttype: int = 1
    selectcount: int = 2
    gradingtype: int = 1
    showgrading: int = 1
    numberingstyle: str = "none"
    format: TextFormat = "moodle"
    generalfeedback: FormattedText = NO_FEEDBACK
    idnumber: str = ""
    tags: tuple[str, ...] = ()
    category: str = ""
    lines: Lines = NO_LINES
    qtype: Literal["ordering"] = "ordering"


Question: TypeAlias = (
    MultichoiceQuestion
    | TruefalseQuestion
    | ShortanswerQuestion
    | MatchQuestion
    | NumericalQuestion
    | EssayQuestion
    | DescriptionQuestion
    | OrderingQuestion
)


class CategorySwitch(NamedTuple):
    """`$CATEGORY:` in a file: every question after it belongs to `path` until the next switch."""

    path: str
    lines: Lines = NO_LINES
    qtype: Literal["category"] = "category"


_SINGLE_SLASH: Final = re.compile(r"(?<!/)/(?!/)")


def split_category_path(path: str) -> tuple[str, ...]:
    """The category names of a path: parted at single slashes, where `//` stands for a slash inside a name.

    Names come without surrounding blanks, as Moodle's `split_category_path()` gives them; Moodle also strips HTML tags,
    which `gift_export.names.category_names` adds.
    """
    return tuple(part.replace("//", "/").strip(" \t\n\r\v\0") for part in _SINGLE_SLASH.split(path))
