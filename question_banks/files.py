"""Finds and reads bank folders: the only input and output of this package.

A folder holds `bank.toml`, one `<bank>.<language>.gift` per language, and may hold `sources.toml` with sources of its
own beside those that ship. Turning the GIFT texts into questions is the caller's: he hands in a reader
(`gift_export.reader.read`), because this package stands below the one that knows GIFT.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from question_banks.assembly import ReadText, read_bank
from question_banks.bank import Bank, BankError, BankFolder, BankHead, BankText, Source
from question_banks.manifest import parse_head, parse_sources

HEAD_NAME: Final = "bank.toml"
SOURCES_NAME: Final = "sources.toml"
SHIPPED: Final = Path(__file__).parent / "banks"
SHIPPED_SOURCES: Final = Path(__file__).parent / SOURCES_NAME


def read_folder(path: Path) -> BankFolder:
    """A bank folder with its texts, not yet turned into questions.

    Raises `BankError`: BANK_FILE_MISSING, BANK_FILE_STRAY, BANK_FILE_ENCODING, BANK_TOML_*.
    """
    head_file = path / HEAD_NAME
    head = parse_head(_text(head_file), str(head_file))
    _refuse_strays(path, head)
    texts = {language: _gift(path, head, language) for language in head.languages}
    return BankFolder(str(head_file), head, texts, _sources(path))


def shipped_folders() -> tuple[BankFolder, ...]:
    """The folders of the banks that ship with the product, by name."""
    return tuple(read_folder(path) for path in bank_folders(SHIPPED))


def bank_folders(path: Path) -> tuple[Path, ...]:
    """`path` itself if it is a bank folder, else the bank folders directly in it, by name."""
    if (path / HEAD_NAME).exists():
        return (path,)
    return tuple(sorted(found.parent for found in path.glob(f"*/{HEAD_NAME}")))


def shipped_sources() -> dict[str, Source]:
    """The sources that ship with the product, by id."""
    return parse_sources(_text(SHIPPED_SOURCES), str(SHIPPED_SOURCES))


def load_bank(path: Path, read: ReadText) -> Bank:
    """The bank of a folder. Raises `BankError` naming file, line and code when it is not whole."""
    return read_bank(read_folder(path), read)


def shipped_banks(read: ReadText) -> tuple[Bank, ...]:
    """The banks that ship with the product: `shipped_banks(gift_export.reader.read)`."""
    return tuple(read_bank(folder, read) for folder in shipped_folders())


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


def _sources(path: Path) -> Mapping[str, Source]:
    own = path / SOURCES_NAME
    return shipped_sources() | (parse_sources(_text(own), str(own)) if own.exists() else {})


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
