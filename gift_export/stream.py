"""Reads a GIFT file of any length piece by piece: memory is that of one piece, not of the file.

The pieces end at blank lines, so every question is whole, and the findings are those of `reader.read()` with one limit:
a repeated name, id or question is found among the newest `REMEMBERED` ones.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Final

from gift_export.blocks import unify_line_ends
from gift_export.encoding import decode
from gift_export.problems import Problem, in_file_order, problem
from gift_export.reader import Reading, take
from gift_export.session import Session

PIECE: Final = 4_000_000
"""Characters that are read at a time, at least."""
REMEMBERED: Final = 20_000
"""How many of the newest names, ids and texts are compared with what comes."""

_BOM: Final = "\ufeff"
_BLANK: Final = re.compile(r"\n[ \t\r\0\v]*+(?:0[ \t\r\0\v]*+)?+\n")


def read_stream(chunks: Iterable[bytes], piece: int = PIECE, remembered: int = REMEMBERED) -> Iterator[Reading]:
    """The file in readings of about `piece` characters; the last one holds what only the whole file can tell.

    Lines count from the beginning of the file. A file that is not UTF-8 ends with the finding that says where.
    """
    session = Session()
    line, first = 1, True
    for text, wrong in _pieces(chunks, piece):
        if wrong is not None:
            session.problems.append(wrong._replace(line=wrong.line + line - 1))
            break
        # Only a file without any line feed is parted at carriage returns.
        unified = unify_line_ends(text) if first or "\n" in text else text
        found = take(session, unified, line)
        line, first = line + unified.count("\n"), False
        items, problems = session.drain(remembered)
        yield Reading(items, in_file_order([*problems, *found]))
    items, problems = session.finish()
    yield Reading(items, in_file_order(problems))


def _pieces(chunks: Iterable[bytes], least: int) -> Iterator[tuple[str, Problem | None]]:
    """The text of the file, cut behind blank lines; where it is not UTF-8, the place (within the next piece)."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    held: list[str] = []
    size = 0
    begun = started = False
    for chunk in chunks:
        if not begun and chunk:
            begun = True
            other = decode(chunk[:4])[1]
            if other and other[0].code == "E_ENCODING_OTHER":
                yield "", other[0]
                return
        pending = decoder.getstate()[0]
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as error:
            yield "", _wrong("".join(held), pending + chunk, error.start)
            return
        if not started and text:
            started, text = True, text.removeprefix(_BOM)
        held.append(text)
        size += len(text)
        if size >= least and (cut := _last_blank(text)):
            yield "".join(held)[: size - len(text) + cut], None
            held, size = [text[cut:]], len(text) - cut
    rest = "".join(held)
    if decoder.getstate()[0]:
        yield "", _wrong(rest, decoder.getstate()[0], 0)
    elif rest or not begun:
        yield rest, None


def _last_blank(text: str) -> int:
    """Where the text goes on behind its last blank line; 0 where it has none. Only a chunk is searched at a time."""
    at = text.rfind("\n\n")
    if at >= 0:
        return at + 2
    end = 0
    for found in _BLANK.finditer(text):
        end = found.end()
    return end


def _wrong(before: str, data: bytes, at: int) -> Problem:
    good = before + data[:at].decode("utf-8")
    line = 1 + good.count("\n")
    return problem("E_ENCODING", line, len(good) - good.rfind("\n"), byte=f"0x{data[at]:02X}")
