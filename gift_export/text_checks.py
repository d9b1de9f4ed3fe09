"""What is said inside a block's texts: unknown escapes, placeholders, active content, files, formats, comments."""

from __future__ import annotations

import re
from typing import Final

from gift_export.blocks import Block
from gift_export.grammar import FORMATS
from gift_export.parts import Parts
from gift_export.problems import excerpt

IMAGE_LIMIT: Final = 1_000_000
"""Characters of an inline image above which a bank becomes slow to edit and to sync."""
LINE_LIMIT: Final = 100_000

# Backslashes people write on purpose: LaTeX commands and its brackets, a dollar sign.
_LATEX: Final = frozenset("()$,;!^_ \n")
_LITERAL_FORMAT: Final = re.compile(r"\\\[(?:html|moodle|plain|markdown)\]")
_LATEX_TAIL: Final = re.compile(r"(?:eq|u|abla|ot(?:in)?|mid|exists|earrow|warrow)(?![a-zA-Z])")
_SCRIPT: Final = re.compile(r"<\s*+/?+(?:script|iframe|object|embed|applet)\b")
_HANDLER: Final = re.compile(r"on[a-z]{3,20}+\s*+=")
_TAG_OPENING: Final = re.compile("</?[a-z]")
_BEFORE_HANDLER: Final = frozenset(" \t\n\r\f\v\"'/")
_SCRIPT_URL: Final = re.compile(r"(?:javascript|vbscript)\s*+:|data\s*+:\s*+text/html")
_URL_ATTRIBUTE: Final = re.compile(r"=\s*+[\"']?\s*+\Z")
_PLUGINFILE: Final = "@@PLUGINFILE@@"
_IMAGE: Final = "data:image/"
_IMAGE_END: Final = re.compile("[\"'<>)]")
_BRACKET: Final = re.compile(r"\[\s*+([a-z_ ]{1,12}+)\s*+\]", re.IGNORECASE)
_FORMAT_LIKE: Final = frozenset({"htm", "text", "md", "wiki", "auto", "plaintext", "plain_text", "plain text", "xhtml"})
_TRAILING_COMMENT: Final = re.compile(r"(?<=[ \t])//(?=[ \t])")
_LESS_THAN: Final = re.compile(r"<(?![a-zA-Z/!?])")


def check_texts(block: Block, parts: Parts) -> None:
    """All checks of one question's texts. `plain` has the same indexes as `masked`."""
    plain = block.mask.decode(block.masked)
    _escapes(block)
    for index, spelled, meaning in block.mask.placeholders(block.masked):
        block.note("W_PLACEHOLDER", index, text=spelled, char=meaning if meaning != "\n" else "\\n")
    _html(block, plain, parts)
    _formats(block, parts)
    _comments_in_answers(block, parts)
    if len(plain) > LINE_LIMIT:
        _long_lines(block, plain)


def _escapes(block: Block) -> None:
    masked = block.masked
    at = masked.find("\\")
    while at >= 0:
        following = masked[at + 1 : at + 2]
        if following in _LATEX or following.isalnum() or _LITERAL_FORMAT.match(masked, at) or not following:
            if following != "$" and not _LITERAL_FORMAT.match(masked, at):
                block.note("I_UNKNOWN_ESCAPE", at, text="\\" + following.strip("\n"))
        else:
            block.note("W_UNKNOWN_ESCAPE", at, text="\\" + following)
        at = masked.find("\\", at + 1)
    _newlines_in_formulas(block)


def _newlines_in_formulas(block: Block) -> None:
    """`\\neq`, `\\nabla`: GIFT reads a newline and "eq"."""
    newline = block.mask.newline()
    if not newline:
        return
    at = block.masked.find(newline)
    while at >= 0:
        found = _LATEX_TAIL.match(block.masked, at + 1)
        if found:
            block.note("W_LATEX_NEWLINE", at, text="\\n" + found.group())
        at = block.masked.find(newline, at + 1)


def _html(block: Block, plain: str, parts: Parts) -> None:
    at = plain.find(_PLUGINFILE)
    if at >= 0:
        block.note("W_PLUGINFILE", at)
    if "<" not in plain or parts.format == "plain":
        return
    lowered = plain.lower()
    if len(lowered) != len(plain):  # one capital (İ) becomes two characters: places would shift
        lowered = plain
    for found in _SCRIPT.finditer(lowered):
        block.note("E_ACTIVE_CONTENT", found.start(), text=excerpt(plain[found.start() : found.end()]))
    _handlers(block, lowered)
    if "script" in lowered or "text/html" in lowered:
        for found in _SCRIPT_URL.finditer(lowered):
            if _URL_ATTRIBUTE.search(plain, max(0, found.start() - 20), found.start()):
                block.note("E_ACTIVE_CONTENT", found.start(), text=excerpt(found.group()))
    if len(plain) > IMAGE_LIMIT:
        _images(block, lowered)
    if parts.format != "html" and (lone := _LESS_THAN.search(plain)):
        block.note("I_LT_IN_TEXT", lone.start())


def _handlers(block: Block, lowered: str) -> None:
    """`onclick=` and its like inside a tag. One pass: the last brackets before each find are carried along."""
    at, opening, closing = 0, -1, -1
    for found in _HANDLER.finditer(lowered):
        start = found.start()
        opening = max(opening, lowered.rfind("<", at, start))
        closing = max(closing, lowered.rfind(">", at, start))
        at = start
        in_tag = opening > closing and _TAG_OPENING.match(lowered, opening)
        if in_tag and lowered[start - 1] in _BEFORE_HANDLER:
            block.note("E_ACTIVE_CONTENT", start, text=found.group().rstrip("= \t\n"))


def _images(block: Block, lowered: str) -> None:
    at = lowered.find(_IMAGE)
    while at >= 0:
        end = _IMAGE_END.search(lowered, at)
        size = (end.start() if end else len(lowered)) - at
        if size > IMAGE_LIMIT:
            opening = lowered.rfind("<", 0, at)
            block.note("W_IMAGE_SIZE", opening if opening >= 0 else at, n=size // 1_000_000)
        at = lowered.find(_IMAGE, at + size)


def _formats(block: Block, parts: Parts) -> None:
    """`[HTML]`, `[ html ]`, `[text]`: near misses of a format stay in the text."""
    if "[" not in block.masked:
        return
    for found in _BRACKET.finditer(block.masked):
        name = found.group(1).strip().lower()
        if found.group()[1:-1] in FORMATS or (name not in FORMATS and name not in _FORMAT_LIKE):
            continue
        if _begins_text(block, parts, found.start()):
            block.note("W_FORMAT_UNKNOWN", found.start(), text=found.group())


def _begins_text(block: Block, parts: Parts, index: int) -> bool:
    before = block.masked[max(0, index - 8) : index].rstrip(" \t\n")
    behind_title = parts.title is not None and before.endswith("::")
    return index == block.start or behind_title or (index > parts.open_at and before[-1:] in "=~#%{")


def _comments_in_answers(block: Block, parts: Parts) -> None:
    if "//" not in parts.answer:
        return
    for found in _TRAILING_COMMENT.finditer(parts.answer):
        block.note("W_COMMENT_IN_ANSWER", parts.answer_at + found.start())


def _long_lines(block: Block, plain: str) -> None:
    at = 0
    for line in plain.split("\n"):
        if len(line) > LINE_LIMIT:
            block.note("I_HUGE_LINE", at, n=len(line))
        at += len(line) + 1
