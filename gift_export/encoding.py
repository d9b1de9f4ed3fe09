"""Bytes to text: Moodle takes UTF-8 only (`mb_check_encoding`), and what is wrong is said with its place."""

from __future__ import annotations

import codecs
from typing import Final

from gift_export.problems import Problem, problem

_CAP: Final = 100
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def decode(data: bytes) -> tuple[str | None, list[Problem]]:
    """The text of a file, or None and the places where it is not UTF-8 (at most 100 of them)."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return None, [problem("E_ENCODING_OTHER", 1, 1, encoding=name)]
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        return None, _wrong_places(data, error)


def _wrong_places(data: bytes, error: UnicodeDecodeError) -> list[Problem]:
    found: list[Problem] = []
    at, line, column = 0, 1, 1
    while len(found) < _CAP:
        good = data[at : error.start].decode("utf-8")
        line += good.count("\n")
        column = len(good) - good.rfind("\n") if "\n" in good else column + len(good)
        found.append(problem("E_ENCODING", line, column, byte=f"0x{data[error.start]:02X}"))
        at = error.end
        column += 1
        rest = _first_error(data, at)
        if rest is None:
            break
        error = rest
    return found


def _first_error(data: bytes, at: int) -> UnicodeDecodeError | None:
    """The next place that is no UTF-8, its offsets counted from the file's beginning."""
    # A window keeps this linear: a decoder that fails early has looked at no more than the window.
    window = 1 << 16
    while at < len(data):
        decoder = codecs.getincrementaldecoder("utf-8")()
        piece = data[at : at + window]
        final = at + window >= len(data)
        try:
            decoder.decode(piece, final)
        except UnicodeDecodeError as error:
            return UnicodeDecodeError("utf-8", data, at + error.start, at + error.end, error.reason)
        if final:
            return None
        at += len(piece) - len(decoder.getstate()[0])
    return None
