"""Finds and reads bank folders: the only input and output of this package.

A folder holds `bank.toml`, one `<bank>.<language>.gift` per language, and may hold `sources.toml` with sources of its
own beside those that ship. Turning the GIFT texts into questions is the caller's: he hands in a reader
(`gift_export.reader.read`), because this package stands below the one that knows GIFT.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from question_banks.assembly import ReadText, read_bank
from question_banks.bank import DEFAULT_JURISDICTION, Bank, BankError, BankFolder, BankHead, BankText, Source, Topic
from question_banks.manifest import parse_head, parse_sources

HEAD_NAME: Final = "bank.toml"
SOURCES_NAME: Final = "sources.toml"
SHIPPED: Final = Path(__file__).parent / "banks"
SHIPPED_SOURCES: Final = Path(__file__).parent / SOURCES_NAME


def read_folder(path: Path) -> BankFolder:
    """A bank folder with its texts, not yet turned into questions.

    Raises `BankError`: BANK_FILE_MISSING, BANK_FILE_STRAY, BANK_FILE_ENCODING, BANK_TOML_*.
    """
    head = _head(path)
    _refuse_strays(path, head)
    texts = {language: _gift(path, head, language) for language in head.languages}
    return BankFolder(str(path / HEAD_NAME), head, texts, _shared_sources() | _own_sources(path))


def shipped_folders() -> tuple[BankFolder, ...]:
    """The folders of the banks that ship with the product, of all countries, by name."""
    return tuple(read_folder(path) for path in bank_folders(SHIPPED))


def bank_folders(path: Path) -> tuple[Path, ...]:
    """`path` itself if it is a bank folder, else the bank folders directly in it, by name."""
    if (path / HEAD_NAME).exists():
        return (path,)
    return tuple(sorted(found.parent for found in path.glob(f"*/{HEAD_NAME}")))


@cache
def shipped_sources(jurisdiction: str = DEFAULT_JURISDICTION) -> Mapping[str, Source]:
    """What questions of that country may cite: the sources all banks share, and those its shipped banks bring along.

    Read once: what ships does not change while it runs, and every page of a question asks for it.
    """
    sources = _shared_sources()
    for path in bank_folders(SHIPPED):
        if (path / SOURCES_NAME).exists() and _head(path).jurisdiction == jurisdiction:
            sources |= _own_sources(path)
    return MappingProxyType(sources)


@cache
def shipped_topics(bank: str) -> tuple[Topic, ...]:
    """The topics that the head of a shipped bank declares, with their titles; none for a bank that does not ship."""
    heads = (_head(path) for path in bank_folders(SHIPPED))
    return next((head.topics for head in heads if head.id == bank), ())


def load_bank(path: Path, read: ReadText) -> Bank:
    """The bank of a folder. Raises `BankError` naming file, line and code when it is not whole."""
    return read_bank(read_folder(path), read)


def shipped_banks(read: ReadText, jurisdiction: str = DEFAULT_JURISDICTION) -> tuple[Bank, ...]:
    """The banks of one country that ship with the product: `shipped_banks(gift_export.reader.read)`."""
    return tuple(read_bank(folder, read) for folder in shipped_folders() if folder.head.jurisdiction == jurisdiction)


def _gift(path: Path, head: BankHead, language: str) -> BankText:
    file = path / _gift_name(head, language)
    return BankText(str(file), _text(file))


def _gift_name(head: BankHead, language: str) -> str:
    return f"{head.id}.{language}.gift"


def _refuse_strays(path: Path, head: BankHead) -> None:
    expected = {_gift_name(head, language) for language in head.languages}
    for file in sorted(path.glob("*.gift")):
        if file.name not in expected:
            raise BankError("BANK_FILE_STRAY", file=str(file), line=0, column=0, expected=", ".join(sorted(expected)))


def _head(path: Path) -> BankHead:
    file = path / HEAD_NAME
    return parse_head(_text(file), str(file))


def _shared_sources() -> dict[str, Source]:
    return parse_sources(_text(SHIPPED_SOURCES), str(SHIPPED_SOURCES))


def _own_sources(path: Path) -> dict[str, Source]:
    file = path / SOURCES_NAME
    return parse_sources(_text(file), str(file)) if file.exists() else {}


def _text(file: Path) -> str:
    """The file as it is: no newline is translated, because GIFT's line rules are not Python's."""
    try:
        content = file.read_bytes()
    except FileNotFoundError as error:
        raise BankError("BANK_FILE_MISSING", file=str(file), line=0, column=0) from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _place(content[: error.start])
        raise BankError("BANK_FILE_ENCODING", file=str(file), line=line, column=column) from error


def _place(before: bytes) -> tuple[int, int]:
    text = before.decode("utf-8")
    return text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1
