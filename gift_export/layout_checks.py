"""Braces, blank lines and category lines in the wrong place: what one block says about the layout of the file."""

from __future__ import annotations

import re
from typing import Final

from gift_export.blocks import Block
from gift_export.grammar import BLANKS
from gift_export.parts import Parts
from gift_export.problems import excerpt

_ANSWER_LIKE: Final = re.compile(r"[=~#]|(?:T|TRUE|F|FALSE)[ \t\n]*+(?:#|\Z)|\Z|>[ \t]*+[0-9]")
_CATEGORY_LIKE: Final = re.compile(r"\$\s*+category\b", re.IGNORECASE)
_CATEGORY_LINE: Final = re.compile(r"\n\$CATEGORY:")
_MARKER_WORD: Final = re.compile(r"(?:^|[ \t\n])([=~](?!=)|->)")
_TAG: Final = re.compile(r"<[^<>]*+>")
_UNESCAPED: Final = re.compile("[=~#]")
_LINE_MADE_OF_BLANKS: Final = re.compile(r"\n[^\S\n]++(?=\n|\Z)")
CATEGORY: Final = "$CATEGORY:"


def braces(block: Block, parts: Parts) -> None:
    """Every brace beside the first pair: nested, of a second block, of a question not parted by a blank line."""
    text = block.masked
    finish = text.find("}", parts.open_at)
    if parts.description or finish < parts.open_at:
        return
    nested = text.count("{", parts.open_at + 1, finish)
    at = parts.open_at
    for _ in range(min(nested, 100)):
        at = text.find("{", at + 1, finish)
        block.note("E_UNESCAPED_CONTROL", at, char="{")
    rest_at = finish + 1
    opening, closing = text.find("{", rest_at), text.find("}", rest_at)
    if opening < 0 and closing < 0:
        return
    if opening >= 0 and (closing < 0 or opening < closing):
        _second_block(block, parts, finish, opening)
    elif not nested:
        block.note("E_UNESCAPED_CONTROL", closing, char="}")


def _second_block(block: Block, parts: Parts, finish: int, opening: int) -> None:
    between = block.masked[finish + 1 : opening]
    line_end = between.find("\n")
    if line_end >= 0 and not between[:line_end].strip(BLANKS):
        block.note("E_MISSING_BLANK_LINE", finish + 1 + line_end + 1)
    elif _ANSWER_LIKE.match(block.masked[parts.open_at + 1 : finish].strip(BLANKS)):
        block.note("E_SECOND_BLOCK", opening)
    else:
        block.note("E_UNESCAPED_CONTROL", parts.open_at, char="{")


def category_lines(block: Block) -> None:
    """`$CATEGORY:` that Moodle does not take for one: in the middle of a block, in other letters, without its colon."""
    if CATEGORY in block.masked:
        for found in _CATEGORY_LINE.finditer(block.masked):
            block.note("E_MISSING_BLANK_LINE", found.start() + 1)
    if _CATEGORY_LIKE.match(block.text) and not block.text.startswith(CATEGORY):
        block.note("W_CATEGORY_CASE", block.start, text=excerpt(block.text))


def question_text(block: Block, parts: Parts) -> None:
    """An empty text, a description that was meant as a question, text behind the block, characters left unescaped."""
    if not parts.text:
        block.note("W_EMPTY_TEXT", block.start)
    elif parts.description:
        _suspicious_description(block)
    else:
        _behind_block(block, parts)
        _unescaped(block, parts)


def _suspicious_description(block: Block) -> None:
    if block.noted("W_CATEGORY_CASE") or not any(mark in block.masked for mark in ("=", "~", "->")):
        return
    # Attributes of tags may hold "=": they are blanked, place by place.
    plain = _TAG.sub(lambda tag: " " * len(tag.group()), block.masked) if "<" in block.masked else block.masked
    plain = plain[:1].replace("\n", " ") + plain[1:]
    found = _MARKER_WORD.search(plain, block.start)
    if found:
        block.note("W_DESCRIPTION_SUSPECT", found.start(1))


def _behind_block(block: Block, parts: Parts) -> None:
    finish = block.masked.find("}", parts.open_at)
    rest = block.masked[finish + 1 :]
    tail = rest.strip(BLANKS)
    if not tail:
        return
    if tail.isascii() and len(tail) == 1:
        block.note("I_MISSING_WORD", finish + 1 + rest.index(tail))
    for found in _LINE_MADE_OF_BLANKS.finditer(block.masked, finish):
        # A line of no-break spaces or a form feed looks blank, but parts nothing for Moodle.
        if not block.noted("E_MISSING_BLANK_LINE"):
            block.note("W_LINE_LOOKS_BLANK", found.start() + 1)


def _unescaped(block: Block, parts: Parts) -> None:
    title_end = block.masked.find("::", block.start + 2) + 2 if parts.title is not None else block.start
    found = _UNESCAPED.search(block.masked, title_end, parts.open_at)
    if found:
        block.note("I_UNESCAPED_IN_TEXT", found.start(), char=found.group())
