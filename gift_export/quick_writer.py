"""The short way to write the most frequent question: choices without weights, all texts in the question's format.

What stands between the texts is put beside them, and the texts of many questions are escaped in one go. Whatever needs
a second thought (a blank at an edge, a text that begins like a format or a weight, an odd id) is left to the writer,
which takes its time. Both ways spell alike; a property test holds them together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from gift_export.grammar import CONTROL
from gift_export.unicode_checks import ordinary
from question_banks.model import MultichoiceQuestion, TextFormat

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
_RIGHT, _WRONG, _END = "\n\t=", "\n\t~", "\n}\n"
_BEFORE_TEXT: Final[dict[TextFormat, str]] = {
    "moodle": "::",
    "html": "::[html]",
    "plain": "::[plain]",
    "markdown": "::[markdown]",
}


class PlainRun:
    """Plain questions one after the other, their texts not escaped yet."""

    def __init__(self) -> None:
        self._questions: list[MultichoiceQuestion] = []
        self._pieces: list[str] = []

    def __len__(self) -> int:
        return len(self._questions)

    def take(self, question: MultichoiceQuestion) -> bool:
        """Whether the question is plain; it is added then."""
        pieces = _pieces(question)
        if pieces is None:
            return False
        if self._pieces:
            pieces[0] = _END + "\n" + pieces[0]
        self._pieces += pieces
        self._questions.append(question)
        return True

    def finish(self, careful: Callable[[MultichoiceQuestion], str]) -> list[str]:
        """The blocks of the questions, which are forgotten; some of them may be one text, with blank lines between.

        No character is in them that a database would not take. `careful` spells what is not so plain after all.
        """
        questions, pieces = self._questions, self._pieces
        self._questions, self._pieces = [], []
        if not questions:
            return []
        together = _spelled(pieces)
        if together is not None:
            return [together]
        return [_spelled(_pieces(question)) or careful(question) for question in questions]


def _pieces(question: MultichoiceQuestion) -> list[str] | None:
    """By turns what stands before a text, and the text, but for the end of the block."""
    name, text, answers, single, text_format, (said, said_format), idnumber, tags, _, _, _ = question
    if not single or len(answers) < 2 or said_format != text_format or "<" in name or len(name) > _NAME_LIMIT:
        return None
    comment = _comment(idnumber, tags) if idnumber or tags else ""
    if comment is None:
        return None
    pieces = [comment + "::", name, _BEFORE_TEXT[text_format], text]
    right = 0
    for choice, mark, (remark, remark_format), choice_format in answers:
        if choice_format != text_format or remark_format != text_format:
            return None
        if not mark:
            pieces += (_WRONG, choice, "#", remark) if remark else (_WRONG, choice)
        elif mark == 1:
            right += 1
            pieces += (_RIGHT, choice, "#", remark) if remark else (_RIGHT, choice)
        else:
            return None
    if right != 1:
        return None
    pieces[4] = "{" + pieces[4]
    if said:
        pieces += ("\n\t####", said)
    return pieces


def _spelled(pieces: list[str] | None) -> str | None:
    texts = _escaped(pieces[1::2]) if pieces else None
    if pieces is None or texts is None:
        return None
    pieces[1::2] = texts
    return "".join(pieces) + _END


def _escaped(texts: list[str]) -> list[str] | None:
    """The texts as they have to be written; None where one of them wants a second thought."""
    joined = _MARK.join(("", *texts, ""))
    if "&" in joined and "&&" in joined:  # one sign is found ten times faster than two
        return None
    if not _EVEN.fullmatch(joined) and (not _EVEN_OF_ANY.fullmatch(joined) or _UNSTORABLE.search(joined)):
        return None
    for sign, spelled in _ESCAPES:
        if sign in joined:  # asking is ten times faster than replacing nothing
            joined = joined.replace(sign, spelled)
    escaped = joined.split(_MARK)[1:-1]
    return escaped if len(escaped) == len(texts) else None


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
