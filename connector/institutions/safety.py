"""Looks at the bytes of a batch before any XML parser sees them, and parses what is safe to parse."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat  # line numbers only, and only of what has passed every check here

from lxml import etree

from connector.institutions.schema import NAMESPACE, hardened_parser

LARGEST_BATCH = 10 * 1024 * 1024
# A batch is for a civil-service course: tens to some thousands of people (INTEROP 1.2).
MOST_RECORDS = 20_000
# Beyond this line libxml2 no longer knows on which line an element stands.
LAST_KNOWN_LINE = 65_534

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff", b"+/v", b"\x4c\x6f\xa7\x94")
_PACKED = {b"\x1f\x8b": "gzip", b"PK": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"(\xb5/\xfd": "zstd"}
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']{0,40})["']""")
_FORBIDDEN = re.compile(rb"<!(DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unsafe(Exception):
    """The file as a whole cannot be used. `params` fill the sentence of `code`."""

    code: str
    line: int = 1
    params: Mapping[str, str] = field(default_factory=dict)
    path: str = "/"


@dataclass(frozen=True, slots=True)
class ParsedBatch:
    """A well-formed document without document type.

    `positions`: which of the equally named children of its parent a record is, from 1. `lines`: line by element where
    libxml2 does not know it.
    """

    root: Any
    lines: Mapping[Any, int]
    positions: Mapping[Any, int]

    def line(self, element: Any) -> int:
        """Line of an element in the file as sent, from 1."""
        return self.lines.get(element) or element.sourceline or 1

    def path(self, element: Any) -> str:
        """XPath of an element, without prefixes: records with their position, others where they have equals."""
        parent = element.getparent()
        if parent is None:
            return f"/{local_name(element)}"
        position = self.positions.get(element, 0)
        if not position:
            equals = list(parent.iterchildren(element.tag))
            position = equals.index(element) + 1 if len(equals) > 1 else 0
        return f"{self.path(parent)}/{local_name(element)}{f'[{position}]' if position else ''}"


def local_name(element: Any) -> str:
    """The element's name without its namespace."""
    return str(etree.QName(element).localname)


def parse(content: bytes) -> ParsedBatch:
    """Raises Unsafe for a file that is no batch or could do harm.

    Codes: BATCH_EMPTY, BATCH_TOO_LARGE, BATCH_COMPRESSED, BATCH_ENCODING, BATCH_DOCTYPE, BATCH_NOT_XML,
    BATCH_TOO_DEEP, BATCH_INSTRUCTION, BATCH_WRONG_ROOT, BATCH_TOO_MANY_RECORDS.
    """
    plain = _checked(content)
    root = _tree(plain)
    _check_instructions(root)
    expected = f"{{{NAMESPACE}}}gradeBatch"
    if root.tag != expected:
        raise Unsafe("BATCH_WRONG_ROOT", root.sourceline or 1, {"found": root.tag[:100], "expected": expected})
    inside = len(root) + sum(len(part) for part in root)
    if inside > MOST_RECORDS:
        raise Unsafe("BATCH_TOO_MANY_RECORDS", 1, {"found": str(inside), "limit": str(MOST_RECORDS)})
    return ParsedBatch(root, _line_map(plain, root), _positions(root))


def _positions(root: Any) -> Mapping[Any, int]:
    positions = {}
    for part in root:
        counted: Counter[str] = Counter()
        for child in part if local_name(part) == "records" else ():
            counted[local_name(child)] += 1
            positions[child] = counted[local_name(child)]
    return positions


def _checked(content: bytes) -> bytes:
    """The text without its byte order mark, known to be UTF-8 without a document type declaration."""
    if not content.strip():
        raise Unsafe("BATCH_EMPTY")
    if len(content) > LARGEST_BATCH:
        raise Unsafe("BATCH_TOO_LARGE", 1, {"size": str(len(content)), "limit": str(LARGEST_BATCH)})
    packed = next((kind for mark, kind in _PACKED.items() if content.startswith(mark)), "")
    if packed:
        raise Unsafe("BATCH_COMPRESSED", 1, {"kind": packed})
    plain = content.removeprefix(_BYTE_ORDER_MARK)
    _check_encoding(plain)
    forbidden = _FORBIDDEN.search(plain)
    if forbidden:
        line = plain.count(b"\n", 0, forbidden.start()) + 1
        raise Unsafe("BATCH_DOCTYPE", line, {"found": forbidden[0].decode("ascii")})
    return plain


def _check_encoding(plain: bytes) -> None:
    if plain.startswith(_OTHER_MARKS) or b"\0" in plain:
        raise Unsafe("BATCH_ENCODING", 1, {"found": "UTF-16 / UTF-32"})
    declared = _DECLARED.match(plain)
    if declared and declared[1].lower() not in {b"utf-8", b"utf8", b"us-ascii", b"ascii"}:
        raise Unsafe("BATCH_ENCODING", 1, {"found": declared[1].decode("ascii", "replace")})
    try:
        plain.decode("utf-8")
    except UnicodeDecodeError as wrong:
        line = plain.count(b"\n", 0, wrong.start) + 1
        raise Unsafe("BATCH_ENCODING", line, {"found": f"0x{plain[wrong.start]:02X}"}) from wrong


def _tree(plain: bytes) -> Any:
    try:
        return etree.fromstring(plain, hardened_parser())
    except etree.XMLSyntaxError as wrong:
        line, column = wrong.position
        deep = "depth" in str(wrong)
        code = "BATCH_TOO_DEEP" if deep else "BATCH_NOT_XML"
        raise Unsafe(code, line or 1, {"column": str(column or 1)}) from wrong


def _check_instructions(root: Any) -> None:
    found = root.xpath("//processing-instruction()")
    if found:
        raise Unsafe("BATCH_INSTRUCTION", found[0].sourceline or 1, {"found": str(found[0].target)[:40]})


def _line_map(plain: bytes, root: Any) -> Mapping[Any, int]:
    """Lines by element where libxml2 cannot tell them: in files of more lines than it counts."""
    if plain.count(b"\n") < LAST_KNOWN_LINE:
        return {}
    starts: list[int] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _name, _attributes: starts.append(parser.CurrentLineNumber)
    parser.Parse(plain, True)
    return dict(zip(root.iter(), starts, strict=True))
