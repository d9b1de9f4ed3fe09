"""Ids, tags, titles and whole questions across a file: what is lost, doubled or misread."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from gift_export.blocks import Block
from gift_export.comments import EXPORT_COMMENT, Token, find_ids, find_tags, find_token_like
from gift_export.names import category_names
from gift_export.problems import Problem, excerpt, problem

ID_LIMIT: Final = 100
"""Characters of `question_bank_entries.idnumber`; a longer one makes the database refuse the import."""
TAG_LIMIT: Final = 50
"""Characters Moodle keeps of a tag."""
# Controls, which PARAM_TAG drops, and white space as PCRE has it under PHP's modifier `u`.
_NOTHING_IN_A_TAG: Final = (
    "".join(map(chr, (*range(0x21), *range(0x7F, 0xA1), *range(0x2000, 0x200B))))
    + "\u1680\u2028\u2029\u202f\u205f\u3000\ufffe\uffff"
)
_CONTEXT: Final = re.compile(r"\$[a-z]+\$")
_TOP: Final = "top"


def identity(block: Block) -> tuple[str, tuple[str, ...]]:
    """Id and tags of a block's comments: the first `[id:…]`, every `[tag:…]`."""
    if not block.comments:
        return "", ()
    ids = (token.value for _, _, comment in block.comments for token in find_ids(comment))
    tags = (token.value for _, _, comment in block.comments for token in find_tags(comment))
    return next(ids, ""), tuple(tags)


def breaking_tags(tags: Sequence[str]) -> list[int]:
    """Which tags break the import off: Moodle cannot store a tag `0`, nor a question whose every tag is empty."""
    bare = [tag.strip(_NOTHING_IN_A_TAG) for tag in tags]
    if "0" in bare:
        return [at for at, tag in enumerate(bare) if tag == "0"]
    return [0] if bare and not any(bare) else []


def category_place(path: str, before: tuple[str, ...]) -> tuple[str, ...]:
    """Which category a switch leads to, however it is spelled; `before` is the one in force (`create_category_path()`).

    Every path begins at "top", written or not, and one that ends there changes nothing.
    """
    names = category_names(path)
    context = names[:1] if _CONTEXT.fullmatch(names[0]) else ()
    inner = names[len(context) :]
    return (*context, *(name for name in inner if name != _TOP)) if inner and inner[-1] != _TOP else before


def check_comments(block: Block) -> Iterator[Problem]:
    """What is odd about a block's ids and tags."""
    yield from _breaking_tags(block)
    ids_seen = 0
    for line, column, comment in block.comments:
        if "[" not in comment:
            continue
        ids, tags = list(find_ids(comment)), list(find_tags(comment))
        well_formed = {token.start for token in (*ids, *tags) if token.value}
        for start in find_token_like(comment):
            if start not in well_formed and not _inside(start, ids, tags):
                yield problem("W_TAG_INVALID", line, column + start, text=excerpt(comment[start : start + 60], 30))
        for token in ids:
            ids_seen += 1
            if ids_seen > 1:
                yield problem("W_ID_SECOND", line, column + token.start, text=excerpt(token.value))
            elif len(token.value) > ID_LIMIT:
                yield problem("E_ID_LONG", line, column + token.start, n=len(token.value), limit=ID_LIMIT)
        for token in tags:
            if len(token.value) > TAG_LIMIT:
                yield problem("W_TAG_LONG", line, column + token.start, n=len(token.value), limit=TAG_LIMIT)
        if EXPORT_COMMENT.match(comment):
            for token in (*ids, *tags):
                yield problem("W_ID_IN_EXPORT_COMMENT", line, column + token.start, text=excerpt(token.value))


def _breaking_tags(block: Block) -> Iterator[Problem]:
    found = [(line, column + tag.start, tag.value) for line, column, said in block.comments for tag in find_tags(said)]
    for at in breaking_tags([tag for _, _, tag in found]):
        line, column, tag = found[at]
        yield problem("E_TAG_REFUSED", line, column, text=excerpt(tag))


def _inside(start: int, ids: list[Token], tags: list[Token]) -> bool:
    return any(token.start < start < token.end for token in (*ids, *tags))


def check_lost_comments(block: Block) -> Iterator[Problem]:
    """Ids and tags in a block of comments alone: Moodle forgets them at the blank line."""
    for line, column, comment in block.comments:
        for token in (*find_ids(comment), *find_tags(comment)):
            if not EXPORT_COMMENT.match(comment):
                yield problem("W_COMMENT_LOST", line, column + token.start, text=excerpt(token.value))
