"""One `<question>` of a Moodle XML file: its fields as Moodle reads them (`question/format/xml/format.php`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isinf
from typing import Final

from gift_export.attachments import (
    FILE_NAME_LIMIT,
    Attachment,
    decode_base64,
    references,
    stored_name,
    stored_path,
)
from gift_export.grammar import BLANKS
from gift_export.numerals import numeric
from gift_export.problems import Problem, excerpt, problem
from gift_export.weights import fraction_of
from gift_export.xml_tree import Node
from question_banks.model import FormattedText, TextFormat

_FORMATS: Final[Mapping[str, TextFormat]] = {
    "html": "html",
    "plain_text": "plain",
    "markdown": "markdown",
    "moodle_auto_format": "moodle",
}
_WIKI: Final = "wiki_like"
"""Moodle still knows the word: it refuses a question of that format, and shows a notice behind any other such text."""


class BrokenError(Exception):
    """Moodle cannot make a question of this element; why is noted."""


class Element:
    """One `<question>` being read. What is found and its files are put aside while fields are asked for."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.qtype = node.attributes.get("type", "")
        self.problems: list[Problem] = []
        self.attachments: list[Attachment] = []
        self._files: set[tuple[str, str, str]] = set()

    def note(self, code: str, node: Node, /, **params: object) -> None:
        """A finding at the place of `node`."""
        self.problems.append(problem(code, node.line, node.column, **params))

    def tags(self) -> tuple[str, ...]:
        """Moodle passes empty tags over, unless there is no other: then it breaks off (`breaking_tags()` says so)."""
        tags = self.node.first("tags")
        found = tuple(self.text_of(tag) for tag in tags.all("tag")) if tags is not None else ()
        return tuple(filter(None, found)) or found[:1]

    def plain(self, node: Node) -> str:
        """Trimmed text of an element. Elements inside (HTML that is not escaped) are an error in Moodle."""
        if node.children:
            inner = next(iter(node.children))
            self.note("E_XML_MARKUP", node.children[inner][0], text=inner[:40])
            raise BrokenError
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
        for wanted in dict.fromkeys(references(text.text)):
            if wanted not in known:
                self.note("W_FILE_MISSING", node, text=excerpt(wanted))
        self.attachments.extend(files)
        return text

    def _format(self, node: Node, found: str | None, default: TextFormat) -> TextFormat:
        if found is None:
            return default
        known = _FORMATS.get(found.strip(BLANKS))
        if found.strip(BLANKS) == _WIKI:
            self.note("E_XML_WIKI", node, text=_WIKI)
        elif known is None:
            self.note("W_XML_FORMAT", node, text=excerpt(found))
        return known or "html"

    def _file(self, node: Node, field: str) -> Attachment | None:
        name = node.attributes.get("name", "").strip(BLANKS)
        path = node.attributes.get("path", "/").strip(BLANKS)
        if not stored_name(name) or "/" in name or not _is_path(path):
            self.note("E_XML_FILE_NAME", node, text=excerpt(path + name))
            return None
        if node.children or max(len(name), len(path)) > FILE_NAME_LIMIT:
            self._broken_file(node, name, path)
            return None
        if (field, path, name) in self._files:
            return None  # Moodle keeps the first of two
        self._files.add((field, path, name))
        content = decode_base64(node.text)
        if content is None or node.attributes.get("encoding", "base64") != "base64":
            self.note("E_XML_FILE", node, text=excerpt(name))
            return None
        stored = stored_path(path) + stored_name(name)
        if stored != path + name:
            self.note("W_XML_FILE_NAME", node, text=excerpt(path + name), name=excerpt(stored))
        return Attachment(field, name, content, path)

    def _broken_file(self, node: Node, name: str, path: str) -> None:
        for inner in list(node.children)[:1]:
            self.note("E_XML_MARKUP", node.children[inner][0], text=inner[:40])
        for text, written in (("file/name", name), ("file/path", path)):
            if len(written) > FILE_NAME_LIMIT:
                self.note("E_XML_LONG", node, text=text, n=len(written), limit=FILE_NAME_LIMIT)

    def answers(self) -> Iterator[tuple[Node, str]]:
        """The answers with their place in the fields of attachments; a question without any is broken."""
        found = self.node.all("answer")
        if not found and self.qtype != "ordering":
            self.note("E_XML_MISSING", self.node, text="answer")
            raise BrokenError
        return ((node, f"answer[{at}]") for at, node in enumerate(found))

    def fraction(self, node: Node) -> float:
        """The mark of an answer as a part of one."""
        written = node.attributes.get("fraction", "0").strip(BLANKS)
        value = numeric(written)
        if value is None or isinf(value):
            self.note("E_XML_NUMBER", node, text="fraction", value=excerpt(written))
            raise BrokenError
        return fraction_of(written)

    def number_mark(self, node: Node) -> float:
        """The mark of a numerical answer: an element `<fraction>` in it, a part of one, counts (format.php:704)."""
        inner = node.first("fraction")
        if inner is None:
            return self.fraction(node)
        written = self.plain(inner)
        value = numeric(written)
        if value is None or isinf(value):
            self.note("E_XML_NUMBER", inner, text="fraction", value=excerpt(written))
            raise BrokenError
        return value

    def feedback(self, node: Node, field: str, default: TextFormat) -> FormattedText:
        """The feedback of an answer; `field` is the answer's place."""
        return self.formatted(node.first("feedback"), field + ".feedback", default)


def _is_path(path: str) -> bool:
    parts = path.split("/")
    return path.startswith("/") and path.endswith("/") and not {".", ".."} & set(parts)
