"""The ordering question's head line: `>3 ALL VERTICAL ABSOLUTE_POSITION SHOW none`, as `qtype_ordering` reads it.

Moodle tries this before every other type. Each option is taken greedily, so an item that begins with `1`, `H` or `ABS`
right after the count is eaten by the option it looks like.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

_HEAD: Final = re.compile(
    r"\s*+>\s*+([0-9]++)\s*+"
    r"(ALL|EXACT|RANDOM|REL|CONTIGUOUS|CONTIG|)\s*+"
    r"(HORIZONTAL|HORI|H|1|VERTICAL|VERT|V|0|)\s*+"
    r"(ALL_OR_NOTHING|ABSOLUTE_POSITION|ABSOLUTE|ABS|RELATIVE_NEXT_EXCLUDE_LAST|RELATIVE_NEXT_INCLUDE_LAST"
    r"|RELATIVE_ONE_PREVIOUS_AND_NEXT|RELATIVE_ALL_PREVIOUS_AND_NEXT|RELATIVE_TO_CORRECT|RELATIVE"
    # Moodle forgot a bar here: plain REL and LONGEST_ORDERED_SUBSET are not known to it.
    r"|RELLONGEST_ORDERED_SUBSET|LONGEST_CONTIGUOUS_SUBSET|)\s*+"
    r"(SHOW|TRUE|YES|1|HIDE|FALSE|NO|0|)\s*+"
    r"(none|123|abc|ABCD|iii|IIII|)\s*+",
    re.ASCII,
)
_SPACE: Final = " \t\n\r\v\f"
_LINE_ENDS: Final = re.compile(r"[\r\n]+")
_SELECT: Final = {"ALL": 0, "EXACT": 0, "CONTIGUOUS": 2, "CONTIG": 2}
_LAYOUT: Final = {"HORIZONTAL": 1, "HORI": 1, "H": 1, "1": 1}
_GRADING: Final = {
    "ALL_OR_NOTHING": -1,
    "ABS": 0,
    "ABSOLUTE": 0,
    "ABSOLUTE_POSITION": 0,
    "RELATIVE_NEXT_INCLUDE_LAST": 2,
    "RELATIVE_ONE_PREVIOUS_AND_NEXT": 3,
    "RELATIVE_ALL_PREVIOUS_AND_NEXT": 4,
    "LONGEST_CONTIGUOUS_SUBSET": 6,
    "RELATIVE_TO_CORRECT": 7,
}
_HIDDEN: Final = frozenset({"HIDE", "FALSE", "NO"})

SELECT_NAMES: Final = {0: "ALL", 1: "RANDOM", 2: "CONTIGUOUS"}
LAYOUT_NAMES: Final = {0: "VERTICAL", 1: "HORIZONTAL"}
GRADING_NAMES: Final = {
    -1: "ALL_OR_NOTHING",
    0: "ABSOLUTE_POSITION",
    1: "RELATIVE_NEXT_EXCLUDE_LAST",
    2: "RELATIVE_NEXT_INCLUDE_LAST",
    3: "RELATIVE_ONE_PREVIOUS_AND_NEXT",
    4: "RELATIVE_ALL_PREVIOUS_AND_NEXT",
    6: "LONGEST_CONTIGUOUS_SUBSET",
    7: "RELATIVE_TO_CORRECT",
}
"""Grading 5 (longest ordered subset) is missing: GIFT cannot say it, see above."""
XML_GRADING_NAMES: Final = GRADING_NAMES | {5: "LONGEST_ORDERED_SUBSET"}
_XML_GRADING: Final = {name: number for number, name in XML_GRADING_NAMES.items()} | {"ABS": 0, "ABSOLUTE": 0}
NUMBERING_STYLES: Final = ("none", "123", "abc", "ABCD", "iii", "IIII")


class OrderingHead(NamedTuple):
    """The options in Moodle's numbers, the items, and where the items begin in the answer text."""

    layouttype: int
    selecttype: int
    selectcount: int
    gradingtype: int
    showgrading: int
    numberingstyle: str
    items: tuple[str, ...]
    items_start: int


def parse_ordering(answer_text: str) -> OrderingHead | None:
    """The ordering question in a (masked, trimmed) answer text, None where it is another type."""
    head = _HEAD.match(answer_text)
    if head is None:
        return None
    count, select, layout, grading, shown, numbering = head.groups()
    # PHP's array_filter() drops "" and "0", before and after trimming; what the first one leaves limits selectcount.
    rough = [line for line in _LINE_ENDS.split(answer_text[head.end() :].rstrip(_SPACE)) if line not in ("", "0")]
    items = (line.strip(" \t\n\r\0\v") for line in rough)
    return OrderingHead(
        _LAYOUT.get(layout, 0),
        _SELECT.get(select, 1),
        select_count(count, len(rough)),
        _GRADING.get(grading, 1),
        0 if shown in _HIDDEN else 1,
        numbering or "none",
        tuple(item for item in items if item not in ("", "0")),
        head.end(),
    )


def select_count(digits: str, items: int) -> int:
    """How many of `items` are shown: the count written, where Moodle can use it, otherwise all up to six."""
    wanted = int(digits) if len(digits) < 19 else items + 1
    return max(2, wanted if 2 <= wanted <= items else min(6, items))


def xml_options(option: Callable[[str, str], str]) -> dict[str, Any]:
    """The options of Moodle XML; `option(name, default)` gives a field's text. Unknown words count as in Moodle."""
    select = option("selecttype", "") or option("logical", "RANDOM")
    count = option("selectcount", "") or option("studentsee", "6")
    style = option("numberingstyle", "1")
    return {
        "layouttype": _LAYOUT.get(option("layouttype", "VERTICAL").upper(), 0),
        "selecttype": _SELECT.get(select.upper(), 1),
        "selectcount": max(2, int(count)) if count.isascii() and count.isdigit() and len(count) < 10 else 2,
        "gradingtype": _XML_GRADING.get(option("gradingtype", "RELATIVE").upper(), 1),
        "showgrading": 0 if option("showgrading", "1").upper() in _HIDDEN else 1,
        "numberingstyle": style if style in NUMBERING_STYLES else "none",
    }
