"""Files that `kyzmat gift` reads and writes besides GIFT: what a path holds is told by its ending."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gift_export.problems import Problem, problem

if TYPE_CHECKING:
    from flask_app.messages import Language
    from gift_export.attachments import Attachment
    from gift_export.preview import PreviewWords
    from question_banks.model import CategorySwitch, Question

ENDINGS: Final = {".gift": "gift", ".txt": "gift", ".xml": "xml", ".xlsx": "xlsx", ".csv": "xlsx", ".docx": "docx"}
STREAMED_FROM: Final = 32_000_000
"""Bytes from which a file is checked piece by piece, in flat memory."""
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """What a file holds: records, files of questions by index, findings, and doubts (codes by index)."""

    kind: str
    items: tuple[Question | CategorySwitch, ...]
    problems: tuple[Problem, ...]
    attachments: Mapping[int, Sequence[Attachment]] = field(default_factory=dict)
    doubts: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether no finding is an error."""
        return not any(found.severity == "error" for found in self.problems)


def kind_of(path: Path) -> str | None:
    """`gift`, `xml`, `xlsx` or `docx` by the ending; None for another one."""
    return ENDINGS.get(path.suffix.lower())


def chunks(path: Path) -> Iterator[bytes]:
    """A file in pieces."""
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece


def load(path: Path) -> Source:
    """Reads a file of any kind; an unknown ending is read as GIFT."""
    kind = kind_of(path) or "gift"
    data = path.read_bytes()
    if kind == "xml":
        from gift_export.xml_reader import read_xml

        xml = read_xml(data)
        return Source(kind, xml.items, xml.problems, xml.attachments)
    if kind == "xlsx":
        return _sheet(data)
    if kind == "docx":
        from gift_export.word_reader import read_word

        word = read_word(data)
        return Source(kind, word.questions, word.problems, doubts=word.doubts)
    from gift_export.reader import read_bytes

    reading = read_bytes(data)
    return Source(kind, reading.items, reading.problems)


def _sheet(data: bytes) -> Source:
    from flask_app.domain.errors import InvalidInput
    from flask_app.store.workbooks import read_workbook
    from gift_export.sheet_reader import read_sheet

    try:
        lines = read_workbook(data)
    except InvalidInput as refusal:
        # The reader of workbooks has sentences of its own under its codes.
        return Source(
            "xlsx", (), (Problem("error", refusal.code, 0, 0, {k: str(v) for k, v in refusal.params.items()}),)
        )
    reading = read_sheet(lines)
    return Source("xlsx", reading.questions, reading.problems)


def findings(path: Path) -> Iterator[Problem]:
    """The findings of a file as they come; a long GIFT or XML file is read piece by piece."""
    kind = kind_of(path) or "gift"
    if path.stat().st_size < STREAMED_FROM or kind not in ("gift", "xml"):
        yield from load(path).problems
    elif kind == "gift":
        from gift_export.stream import read_stream

        for reading in read_stream(chunks(path)):
            yield from reading.problems
    else:
        from gift_export.xml_reader import iter_xml

        anything = False
        for taken in iter_xml(chunks(path)):
            anything = anything or taken.item is not None or bool(taken.problems)
            yield from taken.problems
        if not anything:
            yield problem("E_NO_QUESTIONS", 0, 0)


def preview_words(lang: Language) -> PreviewWords:
    """What a preview says itself."""
    from flask_app.messages import label
    from gift_export.preview import PreviewWords

    return PreviewWords(*(label(f"gift_{name}", lang) for name in PreviewWords._fields))
