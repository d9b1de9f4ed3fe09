"""What makes Moodle's import break off, in fields of Moodle XML our records do not hold, and in a category.

Moodle's reader does not look at most fields: it hands them to PHP functions that take a text only, or to a column of
its database that takes a number only. One such field ends the import in the middle, with a message of PHP's.
The rules follow `question/format/xml/format.php` of Moodle 5.0 (its lines stand beside them); each was seen there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from gift_export.grammar import BLANKS
from gift_export.identity_checks import ID_LIMIT, category_place
from gift_export.names import category_names
from gift_export.numerals import numeric, numeric_prefix
from gift_export.problems import Problem, excerpt, problem
from gift_export.session import CATEGORY_LIMIT
from gift_export.xml_tree import Node

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}")
_SMALL: Final = 32_767
"""The largest `smallint`, PostgreSQL's column for Moodle's integers of up to four digits."""
_LARGE: Final = 2**63 - 1
_MARKS: Final = 100_000
"""What a column for marks and penalties (twelve digits, seven behind the point) no longer holds."""


class _Fields(NamedTuple):
    """The fields of one type of question by what Moodle can make of them.

    `texts` have a `<text>` inside; `words` it trims or compares; `small` and `large` are columns of integers; `limited`
    are columns of so many characters. All but `texts` must not have elements inside.
    """

    texts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    small: tuple[str, ...] = ()
    large: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    limited: Mapping[str, int] = {}
    hints: bool = True


_FEEDBACKS: Final = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
_ORDERING_WORDS: Final = (
    "layouttype",
    "selecttype",
    "logical",
    "selectcount",
    "studentsee",
    "gradingtype",
    "showgrading",
    "numberingstyle",
)
_FIELDS: Final[Mapping[str, _Fields]] = {
    "multichoice": _Fields(
        _FEEDBACKS,
        ("single", "shuffleanswers", "correctresponsesfeedback"),
        limited={"answernumbering": 10},
    ),
    "truefalse": _Fields(),
    "shortanswer": _Fields(small=("usecase",)),
    "numerical": _Fields(("instructions",), small=("unitgradingtype", "showunits"), marks=("unitpenalty",)),
    "match": _Fields(_FEEDBACKS, ("shuffleanswers", "correctresponsesfeedback")),
    "essay": _Fields(
        ("graderinfo", "responsetemplate"),
        small=("responserequired", "responsefieldlines", "attachments"),
        large=("minwordlimit", "maxwordlimit", "maxbytes"),
        limited={"responseformat": 16},
        hints=False,
    ),
    "description": _Fields(hints=False),
    "ordering": _Fields(
        _FEEDBACKS,
        _ORDERING_WORDS,
    ),
}


def breaking_fields(node: Node, qtype: str) -> Iterator[Problem]:
    """Everything in a question that breaks the import off although our records do not hold it."""
    fields = _FIELDS[qtype]
    for name in fields.texts:
        yield from _markup(node.first(name, "text"))
    for name in ("idnumber", *fields.words, *fields.small, *fields.large, *fields.marks, *fields.limited):
        yield from _markup(node.first(name))
    yield from _marks(node, qtype, fields)
    yield from _integers(node, fields.small, _SMALL)
    yield from _integers(node, fields.large, _LARGE)
    for name, limit in fields.limited.items():
        yield from _long(node.first(name), name, limit)
    if fields.hints:
        yield from _hints(node)
    if qtype == "numerical":
        yield from _units(node)
    if qtype == "ordering":
        yield from _ordering(node)


def _markup(node: Node | None) -> Iterator[Problem]:
    """Elements inside a text: PHP's `trim()` is given an array (:114, :133), or the database the word "Array"."""
    if node is not None and node.children:
        name, (inner, *_) = next(iter(node.children.items()))
        yield problem("E_XML_MARKUP", inner.line, inner.column, text=name[:40])


def _value(node: Node | None) -> str:
    """The text of a field without elements inside, trimmed; "" where it is not there."""
    return "" if node is None or node.children else node.text.strip(BLANKS)


def _marks(node: Node, qtype: str, fields: _Fields) -> Iterator[Problem]:
    """Numbers with a point. Moodle calculates with the penalty (:275), so that one must not even be empty."""
    # A description's mark is nought whatever the file says (:673).
    names = (*(() if qtype == "description" else ("defaultgrade",)), *fields.marks)
    for name in names:
        yield from _mark(node.first(name), name, empty=True)
    yield from _mark(node.first("penalty"), "penalty", empty=False)
    yield from _markup(node.first("penalty"))
    if qtype != "description":
        yield from _markup(node.first("defaultgrade"))


def _mark(node: Node | None, name: str, *, empty: bool) -> Iterator[Problem]:
    written = _value(node)
    if node is None or node.children or (empty and not written):
        return
    value = numeric(written)
    if value is None or abs(value) >= _MARKS:
        yield problem("E_XML_NUMBER", node.line, node.column, text=name, value=excerpt(written))


def _integers(node: Node, names: tuple[str, ...], limit: int) -> Iterator[Problem]:
    for name in names:
        field, written = node.first(name), _value(node.first(name))
        if field is not None and written and not (_WHOLE.fullmatch(written) and abs(int(written)) <= limit):
            yield problem("E_XML_INTEGER", field.line, field.column, text=name, value=excerpt(written))


def _long(node: Node | None, name: str, limit: int) -> Iterator[Problem]:
    # Not trimmed: Moodle stores the blanks as well.
    if node is not None and not node.children and len(node.text) > limit and node.text.strip(BLANKS):
        yield problem("E_XML_LONG", node.line, node.column, text=name, n=len(node.text), limit=limit)


def _hints(node: Node) -> Iterator[Problem]:
    """A hint is taken for a list of elements (:344); each of them is a text."""
    for hint in node.all("hint"):
        if not hint.children:
            yield problem("E_XML_MISSING", hint.line, hint.column, text="hint/text")
        for name in ("text", "options"):
            yield from _markup(hint.first(name))


def _units(node: Node) -> Iterator[Problem]:
    """Units of a numerical question (:713): a name, and a number to multiply with."""
    units = node.first("units")
    for unit in units.all("unit") if units is not None else ():
        yield from _markup(unit.first("unit_name"))
        multiplier = unit.first("multiplier")
        yield from _markup(multiplier)
        # Commas it takes for those between thousands.
        written = _value(multiplier).replace(",", "")
        if multiplier is not None and written and numeric(written) is None:
            yield problem("E_XML_NUMBER", multiplier.line, multiplier.column, text="multiplier", value=excerpt(written))


def _ordering(node: Node) -> Iterator[Problem]:
    """Without `<shownumcorrect>` Moodle invents options of two hints (`type/ordering/questiontype.php:637`).

    Hints that are not there have no format, which the database refuses. What an item is worth is its place, but Moodle
    divides what stands there by a hundred (:307).
    """
    if node.first("shownumcorrect") is None and len(node.all("hint")) < 2:
        yield problem("E_XML_MISSING", node.line, node.column, text="shownumcorrect")
    for answer in node.all("answer"):
        written = answer.attributes.get("fraction", "0")
        if numeric_prefix(written) is None:
            yield problem("E_XML_NUMBER", answer.line, answer.column, text="fraction", value=excerpt(written))


class Categories:
    """The categories a file makes, one switch after the other."""

    def __init__(self) -> None:
        self._place: tuple[str, ...] = ()
        self._made: dict[tuple[int, str], int] = {}
        self._ids: set[str] = set()

    def breaking(self, node: Node, path: str) -> Iterator[Problem]:
        """What Moodle breaks off at in a category (:974), or puts into one without a name, and what we do not keep."""
        self._place = category_place(path, self._place)
        text = node.first("category", "text") or node
        if not path:
            yield problem("W_CATEGORY_EMPTY", text.line, text.column)
        if any(len(name) > CATEGORY_LIMIT for name in category_names(path)):
            yield problem("E_CATEGORY_LONG", text.line, text.column, limit=CATEGORY_LIMIT)
        yield from _info(node.first("info"))
        yield from self._id(node.first("idnumber"), new=self._make())

    def _make(self) -> bool:
        """Makes the category in force with those it stands in; whether it was not there yet."""
        at, before = 0, len(self._made)
        for name in self._place:
            at = self._made.setdefault((at, name), len(self._made) + 1)
        return len(self._made) > before

    def _id(self, node: Node | None, *, new: bool) -> Iterator[Problem]:
        """The id is given to a category when it is made; the database refuses one it has already."""
        if node is None:
            return
        yield from _markup(node)
        idnumber = node.text.strip(BLANKS)
        if len(idnumber) > ID_LIMIT:
            yield problem("E_ID_LONG", node.line, node.column, n=len(idnumber), limit=ID_LIMIT)
        if idnumber:
            yield problem("W_LOST_FIELD", node.line, node.column, text="category/idnumber", value=excerpt(idnumber))
        if not idnumber or not new:
            return
        if idnumber in self._ids:
            yield problem("E_CATEGORY_ID_DUPLICATE", node.line, node.column, text=excerpt(idnumber))
        self._ids.add(idnumber)


def _info(node: Node | None) -> Iterator[Problem]:
    """The description of a category is taken for a list of elements (:981)."""
    if node is None:
        return
    if not node.children:
        yield problem("E_XML_MISSING", node.line, node.column, text="info/text")
    yield from _markup(node.first("text"))
