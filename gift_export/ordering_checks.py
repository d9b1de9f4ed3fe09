"""What is odd about an ordering question, and blocks that become one by accident."""

from __future__ import annotations

import re
from typing import Final

from gift_export.blocks import Block
from gift_export.ordering import OrderingHead
from gift_export.parts import Parts
from gift_export.problems import excerpt

_OPTION_LIKE: Final = re.compile(
    r"(?:LONGEST_ORDERED_SUBSET|[A-Z]+(?:_[A-Z]+)+|ALL|EXACT|RANDOM|REL|CONTIG(?:UOUS)?|HORI(?:ZONTAL)?|VERT(?:ICAL)?"
    r"|SHOW|HIDE|ABS|RELATIVE)\b"
)
_CHOICE_LINE: Final = re.compile(r"[~=]")


def check_ordering(block: Block, parts: Parts, head: OrderingHead) -> None:
    """Notes a trap (`{>5 years =yes ~no}`), items on one line, options Moodle does not know, escapes that stay."""
    answer, at = parts.answer, parts.answer_at
    first_line_end = answer.find("\n")
    first_line = answer if first_line_end < 0 else answer[:first_line_end]
    inline = first_line[head.items_start :] if head.items_start < len(first_line) else ""
    if _is_trap(answer, first_line_end, inline):
        block.note("E_ORDERING_TRAP", at)
    elif len(head.items) < 2:
        block.note("E_TOO_FEW_ANSWERS", parts.open_at, qtype="ordering", n=len(head.items))
    elif inline:
        code = "W_ORDERING_OPTION" if _OPTION_LIKE.match(inline) else "W_ORDERING_FIRST_ITEM"
        block.note(code, at + head.items_start, text=excerpt(block.mask.decode(inline)))
    elif 0 <= first_line_end < head.items_start - 1 and answer[first_line_end : head.items_start].strip():
        # An item such as "10" or "HORSE" lost its beginning to the options.
        block.note("W_ORDERING_FIRST_ITEM", at + first_line_end + 1, text=excerpt(answer[first_line_end + 1 :]))
    _escapes(block, answer, at)


def _is_trap(answer: str, first_line_end: int, inline: str) -> bool:
    if not inline:
        return False
    if first_line_end < 0:
        return _CHOICE_LINE.search(inline) is not None
    lines = [line for line in answer[first_line_end:].split("\n") if line.strip()]
    return all(_CHOICE_LINE.match(line) for line in lines)


def _escapes(block: Block, answer: str, at: int) -> None:
    if not block.mask.has_escape(answer):
        return
    for index, character in enumerate(answer):
        if block.mask.has_escape(character):
            block.note("W_ORDERING_ESCAPE", at + index)
