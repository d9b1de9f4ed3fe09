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
from question_banks.model import MultichoiceQuestion, TextFormat

_ESCAPES: Final = (("\\", "\\\\"), ("\n", "\\n"), *((sign, "\\" + sign) for sign in CONTROL))
"""The backslash first: the others put one in."""
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
        """By turns what stands before a text, and the text."""

    def __len__(self) -> int:
        return len(self._questions)

    def take(self, question: MultichoiceQuestion) -> bool:
        """Whether the question is plain; it is added then."""
        pieces = self._pieces
        before = len(pieces)
        if not _lay(question, pieces):
            del pieces[before:]
            return False
        if before:
            pieces[before] = _END + "\n" + pieces[before]
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
        return [_alone(question) or careful(question) for question in questions]


def _alone(question: MultichoiceQuestion) -> str | None:
    pieces: list[str] = []
    return _spelled(pieces) if _lay(question, pieces) else None


def _lay(question: MultichoiceQuestion, pieces: list[str]) -> bool:
    """Adds by turns what stands before a text, and the text, but for the end of the block. Or, False, some of it."""
    name, text, answers, single, text_format, (said, said_format), idnumber, tags, _, _, _ = question
    if not single or len(answers) < 2 or said_format != text_format or "<" in name or len(name) > _NAME_LIMIT:
        return False
    comment = _comment(idnumber, tags) if idnumber or tags else ""
    if comment is None:
        return False
    pieces += (comment + "::", name, _BEFORE_TEXT[text_format], text)
    first = len(pieces)
    right = 0
    for choice, mark, (remark, remark_format), choice_format in answers:
        if choice_format != text_format or remark_format != text_format:
            return False
        if not mark:
            pieces += (_WRONG, choice, "#", remark) if remark else (_WRONG, choice)
        elif mark == 1:
            right += 1
            pieces += (_RIGHT, choice, "#", remark) if remark else (_RIGHT, choice)
        else:
            return False
    pieces[first] = "{" + pieces[first]
    if said:
        pieces += ("\n\t####", said)
    return right == 1


def _spelled(pieces: list[str]) -> str | None:
    """The pieces as one text, or None where one of the texts wants a second thought."""
    texts = pieces[1::2]
    joined = "".join(texts)
    if not _even(texts, joined) or not _storable(joined):
        return None
    if "&" in joined and "&&" in joined:  # one sign is found ten times faster than two
        return None
    signs = [(sign, spelled) for sign, spelled in _ESCAPES if sign in joined]
    for sign, spelled in signs:
        texts = [text.replace(sign, spelled) if sign in text else text for text in texts]
    if signs:
        pieces[1::2] = texts
    return "".join(pieces) + _END


def _even(texts: list[str], joined: str) -> bool:
    """No text is empty, has a blank at an edge (or what Python takes for one), or begins like a format or a weight."""
    if not all(texts) or list(map(str.strip, texts)) != texts:
        return False
    return ("[" not in joined and "%" not in joined) or not any(text[0] in "[%" for text in texts)


def _storable(joined: str) -> bool:
    """A database takes all of it: neither NUL nor half a pair is in it."""
    try:
        return b"\0" not in joined.encode()
    except UnicodeEncodeError:
        return False


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
