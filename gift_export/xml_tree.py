"""Moodle XML as a stream: one `<question>` after the other as a small tree, whatever the file holds and however long.

The parser is expat: it says line and column of everything, and answers each event before anything is kept, so the
limits below hold while reading and not after. A document type is refused at its first character: without one there are
no entities to blow up and nothing to fetch. The encoding is UTF-8: Moodle refuses other bytes, yet its parser obeys
what the file declares, so a file that declares another one is refused here.
"""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple
from xml.parsers import expat

from gift_export.encoding import decode
from gift_export.grammar import BLANKS
from gift_export.problems import Problem, excerpt, problem
from gift_export.xml_blanks import LostBlanks

DEPTH_LIMIT: Final = 24
"""Levels of elements; Moodle's own files have seven."""
SIZE_LIMIT: Final = 64_000_000
"""Characters of one question with its pictures."""
ELEMENT_LIMIT: Final = 100_000
"""Elements of one question."""
TOKEN_LIMIT: Final = 4_000_000
"""Bytes the parser may hold without an answer: a tag, a comment or an instruction that does not end. It reads them anew
with every piece it is given."""
_TEXTS: Final = frozenset({"text", "idnumber"})
_TAIL: Final = 1 << 16
_BLANK_BYTES: Final = BLANKS.encode("ascii")


class Node:
    """An element: attributes, children by name in file order, text (its own, without that of its children), place.

    `found` is what is to be said about the spelling of a question's texts.
    """

    __slots__ = ("attributes", "children", "column", "end", "found", "line", "name", "pieces")

    def __init__(self, name: str, attributes: dict[str, str], line: int, column: int) -> None:
        self.name = name
        self.attributes = attributes
        self.line = line
        self.column = column
        self.end = line
        self.children: dict[str, list[Node]] = {}
        self.pieces: list[str] = []
        self.found: list[Problem] = []

    @property
    def text(self) -> str:
        """The characters directly inside."""
        return "".join(self.pieces)

    def first(self, *names: str) -> Node | None:
        """The first element on a path of names, None where there is none."""
        node = self
        for name in names:
            found = node.children.get(name)
            if not found:
                return None
            node = found[0]
        return node

    def all(self, name: str) -> list[Node]:
        """Its children of that name."""
        return self.children.get(name, [])


class RefusedError(Exception):
    """The file goes beyond a limit or has a document type; `found` says it with its place."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.code)
        self.found = found


class Event(NamedTuple):
    """A question's tree, or what is wrong with the file. After a problem nothing more comes."""

    node: Node | None
    problem: Problem | None


def question_nodes(chunks: Iterable[bytes]) -> Iterator[Event]:
    """The questions of a file given in pieces, each as soon as its end was seen; memory is that of one question."""
    reading = _Reading()
    checked = _Utf8()
    try:
        for chunk in chunks:
            checked.take(chunk)
            reading.feed(chunk)
            yield from reading.taken()
        reading.parser.Parse(b"", True)
    except UnicodeDecodeError:
        yield Event(None, checked.wrong)
    except RefusedError as refusal:
        yield from reading.taken()
        yield Event(None, refusal.found)
    except expat.ExpatError as error:
        yield from reading.taken()
        reason = expat.ErrorString(error.code)
        yield Event(None, problem("E_XML_SYNTAX", *reading.place(error.lineno, error.offset), reason=reason))


class _Utf8:
    """Whether the bytes are UTF-8, and where not; a file of another encoding says so by its first bytes."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._line, self._column = 1, 1
        self._begun = False
        self.wrong = problem("E_ENCODING", 1, 1, byte="")

    def take(self, chunk: bytes) -> None:
        """Raises `UnicodeDecodeError`; `wrong` then says where."""
        if not self._begun:
            self._begun = True
            text, problems = decode(chunk[:4])
            if text is None and problems[0].code == "E_ENCODING_OTHER":
                self.wrong = problems[0]
                raise UnicodeDecodeError("utf-8", chunk, 0, 1, "another encoding")
        pending = self._decoder.getstate()[0]
        try:
            text = self._decoder.decode(chunk)
        except UnicodeDecodeError as error:
            self._pass((pending + chunk)[: error.start].decode("utf-8"))
            byte = f"0x{(pending + chunk)[error.start]:02X}"
            self.wrong = problem("E_ENCODING", self._line, self._column, byte=byte)
            raise
        self._pass(text)

    def _pass(self, text: str) -> None:
        newlines = text.count("\n")
        self._line += newlines
        self._column = len(text) - text.rfind("\n") if newlines else self._column + len(text)


class _Reading:
    """What expat tells, put together to trees; a tree is let go of when its question ends."""

    def __init__(self) -> None:
        self.parser = parser = expat.ParserCreate("UTF-8")
        parser.buffer_text = True
        parser.buffer_size = _TAIL
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        parser.XmlDeclHandler = self._declaration
        parser.StartCdataSectionHandler = self._open_cdata
        parser.EndCdataSectionHandler = self._close_cdata
        parser.CommentHandler = self._comment
        self._blanks = LostBlanks()
        self._text_start = 0
        self._lines_before = self._columns_before = 0
        self._begun = False
        self._fed = 0
        self._depth = 0
        self._size = self._elements = 0
        self._open: list[Node] = []
        self._done: deque[Node] = deque()

    def taken(self) -> Iterator[Event]:
        """The questions that are complete; each is given once."""
        while self._done:
            yield Event(self._done.popleft(), None)

    def feed(self, chunk: bytes) -> None:
        """Gives the parser the next bytes, without the blanks before the first element, which Moodle trims too."""
        if not self._begun:
            chunk = self._trimmed(chunk)
            self._begun = bool(chunk)
        self._blanks.take(chunk)
        self.parser.Parse(chunk, False)
        self._fed += len(chunk)
        if self._fed - self.parser.CurrentByteIndex > TOKEN_LIMIT:
            self._refuse("E_XML_SIZE", limit=TOKEN_LIMIT)

    def _trimmed(self, chunk: bytes) -> bytes:
        if not self._lines_before and not self._columns_before:
            chunk = chunk.removeprefix(codecs.BOM_UTF8)
        left = chunk.lstrip(_BLANK_BYTES)
        before = chunk[: len(chunk) - len(left)]
        newlines = before.count(b"\n")
        self._lines_before += newlines
        since = len(before) - before.rfind(b"\n") - 1
        self._columns_before = since if newlines else self._columns_before + since
        return left

    def place(self, line: int, offset: int) -> tuple[int, int]:
        """Line and column in the file, of a line and an offset the parser counts from the first thing it was given."""
        return line + self._lines_before, 1 + offset + (self._columns_before if line == 1 else 0)

    def _here(self) -> tuple[int, int]:
        return self.place(self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber)

    def _refuse(self, code: str, **params: object) -> None:
        raise RefusedError(problem(code, *self._here(), **params))

    def _declaration(self, version: str | None, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.upper() not in ("UTF-8", "UTF8"):
            self._refuse("E_XML_ENCODING", encoding=encoding[:40])
        if version is not None and not version.startswith("1."):
            self._refuse("E_XML_SYNTAX", reason=f"unknown version {version[:10]}")

    def _doctype(self, name: str, _system: str | None, _public: str | None, _internal: bool) -> None:
        self._refuse("E_XML_DOCTYPE", text=name)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            self._refuse("E_XML_DEPTH", limit=DEPTH_LIMIT)
        if self._depth == 1:
            if name != "quiz":
                self._refuse("E_XML_ROOT", text=name[:40])
            return
        if not self._open and (self._depth != 2 or name != "question"):
            return
        self._elements += 1
        if self._elements > ELEMENT_LIMIT:
            self._refuse("E_XML_SIZE", limit=ELEMENT_LIMIT)
        node = Node(name, attributes, *self._here())
        if self._open:
            self._open[-1].children.setdefault(name, []).append(node)
        self._open.append(node)
        if name in _TEXTS:
            self._text_start = self.parser.CurrentByteIndex

    def _open_cdata(self) -> None:
        self._blanks.open_cdata(self.parser.CurrentByteIndex)

    def _close_cdata(self) -> None:
        self._blanks.close_cdata(self.parser.CurrentByteIndex)

    def _comment(self, text: str) -> None:
        self._blanks.comment(self.parser.CurrentByteIndex, len(text.encode("utf-8")))

    def _characters(self, text: str) -> None:
        if self._open:
            self._size += len(text)
            if self._size > SIZE_LIMIT:
                self._refuse("E_XML_SIZE", limit=SIZE_LIMIT)
            self._open[-1].pieces.append(text)

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if not self._open:
            return
        node = self._open.pop()
        node.end = self._here()[0]
        if node.name in _TEXTS and (lost := self._blanks.within(self._text_start, self.parser.CurrentByteIndex)):
            self._open[0].found.append(problem("W_XML_BLANK_LOST", node.line, node.column, text=excerpt(lost, 60)))
        if not self._open:
            self._done.append(node)
            self._size = self._elements = 0
