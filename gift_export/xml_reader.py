"""Reads Moodle XML as Moodle's own importer does, with line and column for everything worth saying.

What the file says and our records have no place for (hints, units, a penalty of its own) is not dropped in silence:
each such field is a finding `W_LOST_FIELD` with its name, value and place. Files are kept beside their question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from gift_export.attachments import Attachment
from gift_export.grammar import BLANKS
from gift_export.names import clean_name
from gift_export.problems import Problem, excerpt, in_file_order, problem
from gift_export.record_checks import RecordChecks
from gift_export.xml_checks import Categories, breaking_fields
from gift_export.xml_element import BrokenError, Element
from gift_export.xml_losses import lost_fields
from gift_export.xml_tree import Node, question_nodes
from gift_export.xml_types import BUILDERS
from question_banks.model import CategorySwitch, Question

_PIECE: Final = 1 << 18


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
    checks, categories = RecordChecks(), Categories()
    for event in question_nodes(chunks):
        if event.problem is not None:
            yield XmlQuestion(None, (), (event.problem,))
            return
        assert event.node is not None
        taken = _taken(event.node, category, checks, categories)
        if isinstance(taken.item, CategorySwitch):
            category = taken.item.path
        yield taken


def _taken(node: Node, category: str, checks: RecordChecks, categories: Categories) -> XmlQuestion:
    element = Element(node)
    item: Question | CategorySwitch | None = None
    try:
        item = _category(element) if element.qtype == "category" else _question(element, category)
    except BrokenError:
        element.attachments.clear()
    problems = [*node.found, *element.problems]
    if isinstance(item, CategorySwitch):
        problems.extend(categories.breaking(node, item.path))
        checks.enter(item.path)
    elif item is not None:
        problems.extend(breaking_fields(node, item.qtype))
        problems.extend(lost_fields(node, item))
        problems.extend(checks.check(item, (node.line, node.column)))
    return XmlQuestion(item, tuple(element.attachments), tuple(problems))


def _category(element: Element) -> CategorySwitch:
    text = element.node.first("category", "text")
    if text is None:
        element.note("E_XML_MISSING", element.node, text="category/text")
        raise BrokenError
    return CategorySwitch(element.plain(text), (element.node.line, element.node.end))


def _question(element: Element, category: str) -> Question:
    build = BUILDERS.get(element.qtype)
    if build is None:
        element.note("E_XML_TYPE", element.node, text=excerpt(element.qtype))
        raise BrokenError
    name = element.node.first("name", "text")
    if name is None:
        element.note("E_XML_MISSING", element.node, text="name/text")
        raise BrokenError
    text = element.formatted(element.node.first("questiontext"), "questiontext", "html")
    feedback = element.formatted(element.node.first("generalfeedback"), "generalfeedback", text.format)
    idnumber = element.node.first("idnumber")
    common: dict[str, Any] = {
        "name": clean_name(element.plain(name)),
        "text": text.text,
        "format": text.format,
        "generalfeedback": feedback,
        "idnumber": idnumber.text if idnumber is not None and idnumber.text.strip(BLANKS) else "",
        "tags": element.tags(),
        "category": category,
        "lines": (element.node.line, element.node.end),
    }
    return build(element, common)
