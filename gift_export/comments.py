"""Ids and tags in comment lines: `// [id:КР-1] [tag:этика]`.

As Moodle's `extract_idnumber_and_tags_from_comment()` finds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from gift_export.grammar import BLANKS

_ID: Final = re.compile(r"\[id:")
_TAG: Final = re.compile(r"\[tag:")
# What the brackets may hold. Where the closing one is missing, Moodle's pattern steps back to the last "\]".
_ID_BODY: Final = re.compile(r"(?:\\\]|[^\]\x00-\x1f\x7f])*+")
_TAG_BODY: Final = re.compile(r"(?:\\\]|[^\]<>`\x00-\x1f\x7f])*+")
_TOKEN_LIKE: Final = re.compile(r"\[\s*+(id|tag)s?\s*+:", re.IGNORECASE)
EXPORT_COMMENT: Final = re.compile(r"//+\s*+question:\s*+\d++\s++name:")
"""Moodle's own export puts the question's name into such a comment, and then scans it for ids."""


class Token(NamedTuple):
    """An id or tag that was found: its value and where its bracket stands in the comment."""

    value: str
    start: int
    end: int


def find_ids(comment: str) -> Iterator[Token]:
    """Every well-formed `[id:…]`; Moodle takes the first one."""
    return _scan(comment, _ID, _ID_BODY, empty=False)


def find_tags(comment: str) -> Iterator[Token]:
    """Every well-formed `[tag:…]`; an empty one counts and yields an empty tag."""
    return _scan(comment, _TAG, _TAG_BODY, empty=True)


def find_token_like(comment: str) -> Iterator[int]:
    """Where something stands that looks like an id or tag, well-formed or not."""
    return (found.start() for found in _TOKEN_LIKE.finditer(comment))


def _scan(comment: str, opening: re.Pattern[str], body: re.Pattern[str], *, empty: bool) -> Iterator[Token]:
    at = 0
    while found := opening.search(comment, at):
        start, inner = found.span()
        extent = body.match(comment, inner)
        stop = extent.end() if extent else inner
        end = stop if comment[stop : stop + 1] == "]" else comment.rfind("]", inner, stop)
        if end < 0 or (end == inner and not empty):
            # No bracket up to `stop`, so a token that begins before it cannot be closed either: one pass is enough.
            at = max(stop if end < 0 else inner, inner)
            continue
        yield Token(comment[inner:end].strip(BLANKS).replace("\\]", "]"), start, end + 1)
        at = end + 1
