"""Reads Moodle XML as Moodle's own importer does, with line and column for everything worth saying.

What the file says and our records have no place for (hints, units, a penalty of its own) is not dropped in silence:
each such field is a finding `W_LOST_FIELD` with its name, value and place. Files are kept beside their question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from gift_export.attachments import Attachment, decode_base64, references
from gift_export.grammar import BLANKS
from gift_export.names import clean_name
from gift_export.numerals import numeric
from gift_export.ordering import xml_options
from gift_export.problems import Problem, excerpt, in_file_order, problem
from gift_export.record_checks import RecordChecks
from gift_export.weights import fraction_of
from gift_export.xml_losses import lost_fields
from gift_export.xml_tree import Node, question_nodes
from question_banks.model import (
    Answer,
    CategorySwitch,
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

_FORMATS: Final[Mapping[str, TextFormat]] = {
    "html": "html",
    "plain_text": "plain",
    "markdown": "markdown",
    "moodle_auto_format": "moodle",
}
_PIECE: Final = 1 << 18
_Note: TypeAlias = Callable[[Problem], None]


class XmlQuestion(NamedTuple):
    """A question or category switch, the files that belong to it, and what is to be said about it."""

    item: Question | CategorySwitch | None
    attachments: tuple[Attachment, ...]
    problems: tuple[Problem, ...]


class XmlReading(NamedTuple):
    """A whole file. `attachments` maps the index of an item to its files."""

    items: tuple[Question | CategorySwitch, ...]
    problems: tuple[Problem, ...]
    attachments: Mapping[int, tuple[Attachment, ...]]

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions alone; each knows its category."""
        return tuple(item for item in self.items if not isinstance(item, CategorySwitch))

    @property
    def ok(self) -> bool:
        """Whether no finding is an error."""
        return not any(found.severity == "error" for found in self.problems)


def read_xml(data: bytes) -> XmlReading:
    """The questions of a Moodle XML file. Never raises for what the file contains."""
    items: list[Question | CategorySwitch] = []
    problems: list[Problem] = []
    attachments: dict[int, tuple[Attachment, ...]] = {}
    for taken in iter_xml(data[at : at + _PIECE] for at in range(0, len(data), _PIECE)):
        problems.extend(taken.problems)
        if taken.item is not None:
            if taken.attachments:
                attachments[len(items)] = taken.attachments
            items.append(taken.item)
    if not any(item.qtype != "category" for item in items) and not any(one.severity == "error" for one in problems):
        problems.append(problem("E_NO_QUESTIONS", 0, 0))
    return XmlReading(tuple(items), in_file_order(problems), attachments)


def iter_xml(chunks: Iterable[bytes]) -> Iterator[XmlQuestion]:
    """The same as a stream: memory is that of one question, and of the ids and names seen."""
    category = ""
    checks = RecordChecks()
    for event in question_nodes(chunks):
        if event.problem is not None:
            yield XmlQuestion(None, (), (event.problem,))
            return
        assert event.node is not None
        taken = _Element(event.node, category).taken(checks)
        if isinstance(taken.item, CategorySwitch):
            category = taken.item.path
        yield taken


class _BrokenError(Exception):
    """Moodle cannot make a question of this element; why is noted."""


class _Element:
    """One `<question>` being read."""

    def __init__(self, node: Node, category: str) -> None:
        self.node = node
        self.category = category
        self.qtype = node.attributes.get("type", "")
        self.problems: list[Problem] = []
        self.attachments: list[Attachment] = []

    def note(self, code: str, node: Node, /, **params: object) -> None:
        self.problems.append(problem(code, node.line, node.column, **params))

    def taken(self, checks: RecordChecks) -> XmlQuestion:
        item: Question | CategorySwitch | None = None
        try:
            item = self._category() if self.qtype == "category" else self._question()
        except _BrokenError:
            self.attachments.clear()
        if item is not None and not isinstance(item, CategorySwitch):
            self.problems.extend(lost_fields(self.node, item))
            self.problems.extend(checks.check(item, (self.node.line, self.node.column)))
        return XmlQuestion(item, tuple(self.attachments), tuple(self.problems))

    def _category(self) -> CategorySwitch:
        text = self.node.first("category", "text")
        if text is None:
            self.note("E_XML_MISSING", self.node, text="category/text")
            raise _BrokenError
        return CategorySwitch(self.plain(text), (self.node.line, self.node.end))

    def _question(self) -> Question:
        build = _BUILDERS.get(self.qtype)
        if build is None:
            self.note("E_XML_TYPE", self.node, text=excerpt(self.qtype))
            raise _BrokenError
        name = self.node.first("name", "text")
        if name is None:
            self.note("E_XML_MISSING", self.node, text="name/text")
            raise _BrokenError
        text = self.formatted(self.node.first("questiontext"), "questiontext", "html")
        feedback = self.formatted(self.node.first("generalfeedback"), "generalfeedback", text.format)
        idnumber = self.node.first("idnumber")
        common: dict[str, Any] = {
            "name": clean_name(self.plain(name)),
            "text": text.text,
            "format": text.format,
            "generalfeedback": feedback,
            "idnumber": "" if idnumber is None else idnumber.text,
            "tags": tuple(self.plain(one) for one in self._tags()),
            "category": self.category,
            "lines": (self.node.line, self.node.end),
        }
        return build(self, common)

    def _tags(self) -> Iterator[Node]:
        tags = self.node.first("tags")
        for tag in tags.all("tag") if tags is not None else ():
            if (text := tag.first("text")) is not None:
                yield text

    def plain(self, node: Node) -> str:
        """Trimmed text of an element. Elements inside (HTML that is not escaped) are an error in Moodle."""
        if node.children:
            inner = next(iter(node.children))
            self.note("E_XML_MARKUP", node.children[inner][0], text=inner[:40])
            raise _BrokenError
        return node.text.strip(BLANKS)

    def text_of(self, node: Node | None) -> str:
        """The text of its `<text>`, "" where there is none."""
        text = node.first("text") if node is not None else None
        return "" if text is None else self.plain(text)

    def option(self, name: str, default: str) -> str:
        """The trimmed content of a simple field."""
        node = self.node.first(name)
        return default if node is None else node.text.strip(BLANKS)

    def formatted(self, node: Node | None, field: str, default: TextFormat) -> FormattedText:
        """Text and format; its files are put aside."""
        if node is None:
            return FormattedText("", default)
        found = node.attributes.get("format")
        text = FormattedText(self.text_of(node), self._format(node, found, default))
        files = [one for file in node.all("file") if (one := self._file(file, field)) is not None]
        known = {one.path + one.name for one in files}
        for wanted in references(text.text):
            if wanted not in known:
                self.note("W_FILE_MISSING", node, text=excerpt(wanted))
        self.attachments.extend(files)
        return text

    def _format(self, node: Node, found: str | None, default: TextFormat) -> TextFormat:
        if found is None:
            return default
        known = _FORMATS.get(found.strip(BLANKS))
        if known is None:
            self.note("W_XML_FORMAT", node, text=excerpt(found))
        return known or "html"

    def _file(self, node: Node, field: str) -> Attachment | None:
        name = node.attributes.get("name", "").strip(BLANKS)
        path = node.attributes.get("path", "/").strip(BLANKS)
        if not name or "/" in name or name in (".", "..") or not _is_path(path):
            self.note("E_XML_FILE_NAME", node, text=excerpt(path + name))
            return None
        if any((one.field, one.path, one.name) == (field, path, name) for one in self.attachments):
            return None  # Moodle keeps the first of two
        content = decode_base64(node.text)
        if content is None or node.attributes.get("encoding", "base64") != "base64":
            self.note("E_XML_FILE", node, text=excerpt(name))
            return None
        return Attachment(field, name, content, path)

    def answers(self) -> Iterator[tuple[Node, str]]:
        """The answers with their place in the fields of attachments; a question without any is broken."""
        found = self.node.all("answer")
        if not found and self.qtype != "ordering":
            self.note("E_XML_MISSING", self.node, text="answer")
            raise _BrokenError
        return ((node, f"answer[{at}]") for at, node in enumerate(found))

    def fraction(self, node: Node) -> float:
        """The mark of an answer as a part of one."""
        written = node.attributes.get("fraction", "0").strip(BLANKS)
        value = numeric(written)
        if value is None or value in (float("inf"), float("-inf")):
            self.note("E_XML_NUMBER", node, text="fraction", value=excerpt(written))
            raise _BrokenError
        return fraction_of(written)

    def feedback(self, node: Node, field: str, default: TextFormat) -> FormattedText:
        return self.formatted(node.first("feedback"), field + ".feedback", default)


def _is_path(path: str) -> bool:
    parts = path.split("/")
    return path.startswith("/") and path.endswith("/") and not {".", ".."} & set(parts)


def _multichoice(element: _Element, common: dict[str, Any]) -> Question:
    default = common["format"]
    answers = []
    for node, field in element.answers():
        text = element.formatted(node, field, default)
        feedback = element.feedback(node, field, default)
        answers.append(Answer(text.text, element.fraction(node), feedback, text.format))
    single = element.option("single", "true") not in ("false", "", "0")
    return MultichoiceQuestion(answers=tuple(answers), single=single, **common)


def _truefalse(element: _Element, common: dict[str, Any]) -> Question:
    """By the words true and false; in old files of other languages the first answer is "true"."""
    default = common["format"]
    correct: bool | None = None
    said = {word: FormattedText("", default) for word in ("true", "false")}
    for at, (node, field) in enumerate(element.answers()):
        word = element.text_of(node)
        if word not in said:
            element.note("W_XML_TRUEFALSE", node, text=excerpt(word))
            word = "false" if at else "true"
        full = element.fraction(node) == 1
        correct = full if word == "true" else not full
        said[word] = element.feedback(node, field, default)
    return TruefalseQuestion(correct=bool(correct), feedbacktrue=said["true"], feedbackfalse=said["false"], **common)


def _shortanswer(element: _Element, common: dict[str, Any]) -> Question:
    answers = tuple(
        ShortAnswer(element.text_of(node), element.fraction(node), element.feedback(node, field, common["format"]))
        for node, field in element.answers()
    )
    return ShortanswerQuestion(answers=answers, **common)


def _numerical(element: _Element, common: dict[str, Any]) -> Question:
    found = list(element.answers())
    answers = tuple(
        _number(element, node, field, common["format"], last=0 < at == len(found) - 1)
        for at, (node, field) in enumerate(found)
    )
    return NumericalQuestion(answers=answers, **common)


def _number(element: _Element, node: Node, field: str, default: TextFormat, *, last: bool) -> NumericalAnswer:
    written = element.text_of(node) or node.text.strip(BLANKS) or "*"
    fraction, feedback = element.fraction(node), element.feedback(node, field, default)
    margin_node = node.first("tolerance")
    margin = "" if margin_node is None else margin_node.text.strip(BLANKS)
    value, tolerance = numeric(written), numeric(margin or "0")
    if (value is None and written != "*") or tolerance is None:
        element.note("E_XML_NUMBER", node, text="answer" if tolerance is not None else "tolerance", value=written[:40])
        raise _BrokenError
    # What GIFT writes as `~#…`, Moodle exports as a last `*` worth nothing.
    if value is None and not fraction and not tolerance and last:
        return NumericalAnswer("*", None, 0.0, feedback)
    return NumericalAnswer("*" if value is None else value, tolerance, fraction, feedback)


def _match(element: _Element, common: dict[str, Any]) -> Question:
    found = element.node.all("subquestion")
    if not found:
        element.note("E_XML_MISSING", element.node, text="subquestion")
        raise _BrokenError
    pairs = []
    for at, node in enumerate(found):
        text = element.formatted(node, f"subquestion[{at}]", common["format"])
        pairs.append(MatchPair(text.text, element.text_of(node.first("answer")), text.format))
    return MatchQuestion(pairs=tuple(pairs), **common)


def _ordering(element: _Element, common: dict[str, Any]) -> Question:
    items = tuple(element.formatted(node, field, common["format"]).text for node, field in element.answers())
    return OrderingQuestion(items=items, **xml_options(element.option), **common)


_BUILDERS: Final[Mapping[str, Callable[[_Element, dict[str, Any]], Question]]] = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "shortanswer": _shortanswer,
    "numerical": _numerical,
    "match": _match,
    "matching": _match,
    "essay": lambda _element, common: EssayQuestion(**common),
    "description": lambda _element, common: DescriptionQuestion(**common),
    "ordering": _ordering,
}
