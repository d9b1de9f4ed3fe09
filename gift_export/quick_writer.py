"""The short way to write the most frequent question: choices without weights, all texts in the question's format.

All texts of a question are escaped in one go. Whatever needs a second thought (a blank at an edge, a text that begins
like a format or a weight, an odd id) answers None, and the writer takes its time. Both ways spell alike; a property
test holds them together.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from gift_export.grammar import CONTROL
from question_banks.model import MultichoiceQuestion

# Texts are joined by NUL: one that begins or ends with a blank, or begins with a bracket or a percent sign.
_ODD: Final = re.compile(r"\0(?:(?<=[ \t\n\r\v]\0)|[ \t\n\r\v\[%])")
_TOKEN: Final = re.compile(r"[^][\\<>`\x00-\x20\x7f](?:[^][\\<>`\x00-\x1f\x7f]*[^][\\<>`\x00-\x20\x7f])?")
_TOKEN_LIMIT: Final = 100
_NAME_LIMIT: Final = 200
_PLAIN_MARKS: Final = frozenset((0.0, 1.0))


def quick_multichoice(question: MultichoiceQuestion) -> str | None:
    """The block of a plain single-choice question, None where the careful way is needed."""
    name, text, answers, single, text_format, (said, said_format), idnumber, tags, _, _, _ = question
    choices, marks, feedback, formats = zip(*answers, strict=True) if answers else ((), (), (), ())
    remarks, remark_formats = zip(*feedback, strict=True) if feedback else ((), ())
    if not single or len(answers) < 2 or not _PLAIN_MARKS.issuperset(marks) or marks.count(1.0) != 1:
        return None
    if {text_format, said_format, *formats, *remark_formats} != {text_format} or "<" in name or len(name) > _NAME_LIMIT:
        return None
    comment = _comment(idnumber, tags) if idnumber or tags else ""
    joined = "\0".join(("", name, text, said, *choices, *remarks, ""))
    if comment is None or "&&" in joined or _ODD.search(joined) or joined.count("\0") != 2 * len(answers) + 4:
        return None
    _, name, text, said, *rest = _escaped(joined).split("\0")
    lines = [
        f"\t{'=' if mark else '~'}{choice}#{remark}\n" if remark else f"\t{'=' if mark else '~'}{choice}\n"
        for mark, choice, remark in zip(marks, rest, rest[len(answers) :], strict=False)
    ]
    prefix = "" if text_format == "moodle" else f"[{text_format}]"
    general = f"\t####{said}\n" if said else ""
    return f"{comment}::{name}::{prefix}{text}{{\n{''.join(lines)}{general}}}\n"


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
