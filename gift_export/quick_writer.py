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
from gift_export.unicode_checks import ordinary
from question_banks.model import CategorySwitch, MultichoiceQuestion, Question, TextFormat

# What stands before, between and behind the texts of some questions. Not NUL: in memory every blank and comma of a
# Cyrillic text has a zero byte too, at which a search for NUL stops each time.
_MARK: Final = "\x01"
_BLANKS: Final = " \t\n\r\v"
# None has a blank at an edge, is empty, or begins like a format or a weight. First as it is nearly always, of ordinary
# characters throughout (a set that says what is allowed is searched faster); then of any.
_EVEN: Final = re.compile(rf"\x01(?:{ordinary(_BLANKS + '[%')}{ordinary('')}*+(?<![{_BLANKS}])\x01)*+")
_EVEN_OF_ANY: Final = re.compile(rf"\x01(?:[^{_BLANKS}\[%\x01][^\x01]*+(?<![{_BLANKS}])\x01)*+")
_ESCAPES: Final = (("\\", "\\\\"), ("\n", "\\n"), *((sign, "\\" + sign) for sign in CONTROL))
"""The backslash first: the others put one in."""
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
_TOKEN: Final = re.compile(
    r"[^][\\<>`\x00-\x20\x7f\ud800-\udfff](?:[^][\\<>`\x00-\x1f\x7f\ud800-\udfff]*[^][\\<>`\x00-\x20\x7f\ud800-\udfff])?"
)
_TOKEN_LIMIT: Final = 100
_NAME_LIMIT: Final = 200
_new: Final = tuple.__new__


class _Plan(NamedTuple):
    """A block but for its texts, which are `fields[start:end]` of those that are escaped together."""

    comment: str
    template: str
    start: int
    end: int


def quick_blocks(items: Sequence[Question | CategorySwitch]) -> list[str | None]:
    """The block of each plain single-choice question, None where the careful way is needed.

    There is no character in them that a database would not take.
    """
    fields: list[str] = []
    plans = [_plan(item, fields) if item.qtype == "multichoice" else None for item in items]
    return _spelled(plans, fields)


def _spelled(plans: Sequence[_Plan | None], fields: list[str]) -> list[str | None]:
    parts = _escaped(fields)
    if parts is not None:
        texts = tuple(parts)
        return [plan and plan[0] + plan[1] % texts[plan[2] : plan[3]] for plan in plans]
    if len(plans) == 1:
        return [None]
    half = len(plans) // 2  # to find the odd one
    return [block for some in (plans[:half], plans[half:]) for block in _spelled(*_of(some, fields))]


def _escaped(fields: list[str]) -> list[str] | None:
    """The texts as they have to be written; None where one of them wants a second thought."""
    joined = _MARK.join(("", *fields, ""))
    if joined.count(_MARK) != len(fields) + 1 or "&&" in joined:
        return None
    if not _EVEN.fullmatch(joined) and (not _EVEN_OF_ANY.fullmatch(joined) or _UNSTORABLE.search(joined)):
        return None
    escaped = joined
    for sign, spelled in _ESCAPES:
        if sign in escaped:  # asking is ten times faster than replacing nothing
            escaped = escaped.replace(sign, spelled)
    return fields if escaped is joined else escaped.split(_MARK)[1:-1]


def _of(plans: Sequence[_Plan | None], fields: list[str]) -> tuple[list[_Plan | None], list[str]]:
    """These plans and the texts they need alone."""
    kept: list[str] = []
    moved: list[_Plan | None] = []
    for plan in plans:
        if plan is None:
            moved.append(None)
            continue
        start = len(kept)
        kept += fields[plan.start : plan.end]
        moved.append(plan._replace(start=start, end=len(kept)))
    return moved, kept


def _plan(question: MultichoiceQuestion, fields: list[str]) -> _Plan | None:
    """The texts are added to `fields` where there is a plan."""
    start = len(fields)
    plan = _with_texts(question, fields)
    if plan is None:
        del fields[start:]
    return plan


def _with_texts(question: MultichoiceQuestion, fields: list[str]) -> _Plan | None:
    name, text, answers, single, text_format, (said, said_format), idnumber, tags, _, _, _ = question
    if not single or len(answers) < 2 or said_format != text_format or "<" in name or len(name) > _NAME_LIMIT:
        return None
    start = len(fields)
    add = fields.append
    add(name)
    add(text)
    shape = 1  # and two bits for every answer: whether it is right, whether it has feedback
    for choice, mark, (remark, remark_format), choice_format in answers:
        if choice_format != text_format or remark_format != text_format:
            return None
        add(choice)
        shape = shape << 2 | (2 if mark == 1 else 0)
        if remark:
            add(remark)
            shape |= 1
        if mark and mark != 1:
            return None
    if said:
        add(said)
    template = _template(text_format, shape, said != "")
    comment = _comment(idnumber, tags) if idnumber or tags else ""
    if template is None or comment is None:
        return None
    return _new(_Plan, (comment, template, start, len(fields)))


@lru_cache(maxsize=4096)
def _template(text_format: TextFormat, shape: int, said: bool) -> str | None:
    """The punctuation of a block; None where not one answer is right."""
    bits = f"{shape:b}"[1:]
    signs = ["=" if bit == "1" else "~" for bit in bits[::2]]
    remarks = ["#%s" if bit == "1" else "" for bit in bits[1::2]]
    if signs.count("=") != 1:
        return None
    prefix = "" if text_format == "moodle" else f"[{text_format}]"
    lines = [f"\t{sign}%s{remark}\n" for sign, remark in zip(signs, remarks, strict=True)]
    general = "\t####%s\n" if said else ""
    return f"::%s::{prefix}%s{{\n{''.join(lines)}{general}}}\n"


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
