"""The short way to write the most frequent question: choices without weights, all texts in the question's format.

The texts of many questions are escaped in one go. Whatever needs a second thought (a blank at an edge, a text that
begins like a format or a weight, an odd id) answers None, and the writer takes its time. Both ways spell alike; a
property test holds them together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from gift_export.grammar import CONTROL
from question_banks.model import CategorySwitch, MultichoiceQuestion, Question, TextFormat

# Texts are joined by NUL: one that begins or ends with a blank, or begins with a bracket or a percent sign.
_ODD: Final = re.compile(r"\0(?:(?<=[ \t\n\r\v]\0)|[ \t\n\r\v\[%])")
_TOKEN: Final = re.compile(r"[^][\\<>`\x00-\x20\x7f](?:[^][\\<>`\x00-\x1f\x7f]*[^][\\<>`\x00-\x20\x7f])?")
_TOKEN_LIMIT: Final = 100
_NAME_LIMIT: Final = 200


class _Plan(NamedTuple):
    """A block but for its texts, which are `fields[start:end]` of those that are escaped together."""

    comment: str
    template: str
    start: int
    end: int


def quick_blocks(items: Sequence[Question | CategorySwitch]) -> list[str | None]:
    """The block of each plain single-choice question, None where the careful way is needed."""
    fields = [""]
    plans = [_plan(item, fields) if item.qtype == "multichoice" else None for item in items]
    fields.append("")
    joined = "\0".join(fields)
    odd = _ODD.search(joined) or "&&" in joined
    escaped = joined if odd else _escaped(joined)
    parts = fields if escaped is joined else escaped.split("\0")
    if not odd and len(parts) == len(fields):
        return [
            None if plan is None else plan.comment + plan.template % tuple(parts[plan.start : plan.end])
            for plan in plans
        ]
    if len(items) == 1:
        return [None]
    half = len(items) // 2  # to find the odd one
    return quick_blocks(items[:half]) + quick_blocks(items[half:])


def _plan(question: MultichoiceQuestion, fields: list[str]) -> _Plan | None:
    """The texts are added to `fields` where there is a plan."""
    name, text, answers, single, text_format, (said, said_format), idnumber, tags, _, _, _ = question
    if not single or len(answers) < 2 or said_format != text_format or "<" in name or len(name) > _NAME_LIMIT:
        return None
    texts, marks, feedbacks, formats = zip(*answers, strict=True)
    remarks, remark_formats = zip(*feedbacks, strict=True)
    template = _template(text_format, marks, formats, remark_formats, tuple(map(bool, remarks)), said != "")
    comment = _comment(idnumber, tags) if idnumber or tags else ""
    if template is None or comment is None:
        return None
    start = len(fields)
    fields += (name, text)
    if any(remarks):
        for choice, remark in zip(texts, remarks, strict=True):
            fields.append(choice)
            if remark:
                fields.append(remark)
    else:
        fields += texts
    if said:
        fields.append(said)
    return _Plan(comment, template, start, len(fields))


@lru_cache(maxsize=4096)
def _template(
    text_format: TextFormat,
    marks: tuple[float, ...],
    formats: tuple[TextFormat, ...],
    remark_formats: tuple[TextFormat, ...],
    remarked: tuple[bool, ...],
    said: bool,
) -> str | None:
    """The punctuation of a block, None where there is not one full mark among noughts, or a text has its own format."""
    if marks.count(1) != 1 or marks.count(0) != len(marks) - 1 or {*formats, *remark_formats} != {text_format}:
        return None
    prefix = "" if text_format == "moodle" else f"[{text_format}]"
    lines = [
        f"\t{'=' if mark else '~'}%s{'#%s' if remark else ''}\n" for mark, remark in zip(marks, remarked, strict=True)
    ]
    general = "\t####%s\n" if said else ""
    return f"::%s::{prefix}%s{{\n{''.join(lines)}{general}}}\n"


def _escaped(joined: str) -> str:
    if "\\" in joined:
        joined = joined.replace("\\", "\\\\")
    for character in CONTROL:
        if character in joined:
            joined = joined.replace(character, "\\" + character)
    return joined.replace("\n", "\\n")


def _comment(idnumber: str, tags: tuple[str, ...]) -> str | None:
    tagged = _tagged(tags)
    if tagged is None:
        return None
    if not idnumber:
        return f"// {tagged}\n"
    if len(idnumber) > _TOKEN_LIMIT or not _TOKEN.fullmatch(idnumber):
        return None
    return f"// [id:{idnumber}] {tagged}\n" if tagged else f"// [id:{idnumber}]\n"


@lru_cache(maxsize=512)
def _tagged(tags: tuple[str, ...]) -> str | None:
    if not all(_TOKEN.fullmatch(tag) for tag in tags):
        return None
    return " ".join(f"[tag:{tag}]" for tag in tags)
