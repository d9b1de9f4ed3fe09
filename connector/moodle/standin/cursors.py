"""Places in a list that may change while it is read."""

from __future__ import annotations

import re

from connector.moodle.standin.errors import invalid_parameter

_CURSOR = re.compile(r"c([0-9]{1,18})\Z")


def read_cursor(cursor: str) -> int:
    """The change number after which the next page starts; an empty cursor starts from the beginning."""
    if not cursor:
        return 0
    match = _CURSOR.match(cursor)
    if match is None:
        raise invalid_parameter("cursor => not a cursor of this site")
    return int(match.group(1))


def write_cursor(change: int) -> str:
    """Opaque to the caller."""
    return f"c{change}"


def page_size(limit: int, most: int) -> int:
    """At most `most`; 0 or less asks for a whole page."""
    return min(limit, most) if limit > 0 else most
