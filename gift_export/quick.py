"""The short way for the most frequent block: a titled single-choice question with nothing odd about it.

It takes a block only when it can tell from a few searches that the careful way would read the very same question and
find nothing to say; in every other case it answers None and the careful way decides. A property test holds the two
together.
"""

from __future__ import annotations

import re
from typing import Final

from gift_export.grammar import FORMATS, Mask
from gift_export.identity_checks import ID_LIMIT, TAG_LIMIT
from gift_export.names import NAME_LIMIT
from question_banks.model import Answer, FormattedText, MultichoiceQuestion, TextFormat

SIZE_LIMIT: Final = 50_000
_TOKEN: Final = re.compile(r"\[(id|tag):([^][\\<>`\x00-\x1f\x7f]++)\]")
# Tags that can do no harm and need no look: no attributes, no URLs.
UNSAFE_TAG: Final = re.compile(r"<(?!/?(?:p|b|i|u|em|strong|sub|sup|br|ul|ol|li|div|span|table|tr|td|th)\s?/?>)")
_NOTHING: Final[dict[str, FormattedText]] = {name: FormattedText("", name) for name in FORMATS.values()}
_FORMAT_ENDS: Final = {f"[{name}]": name for name in FORMATS.values()}
_new: Final = tuple.__new__


class _Odd(Exception):  # noqa: N818  # not an error: "this block is not for the short way"
    """The block needs the careful way."""


class QuickReader:
    """Reads plain single-choice blocks of one file."""

    def __init__(self, text: str, mask: Mask) -> None:
        self._decoding = mask.decoding()
        self._mask = mask
        self._newline = mask.newline()
        self._rare = tuple(mark for mark in "&@\r" if mark in text)

    def read(self, raw: str, category: str, first: int, last: int) -> tuple[MultichoiceQuestion, int] | None:
        """The question of a block without unusual characters or tags, and where its key is among the answers.

        None where the careful way is needed.
        """
        if raw[-1] != "}" or len(raw) > SIZE_LIMIT:
            return None
        for mark in self._rare:
            if mark in raw:
                return None
        try:
            return self._read(raw, category, first, last)
        except _Odd:
            return None

    def _read(self, raw: str, category: str, first: int, last: int) -> tuple[MultichoiceQuestion, int]:
        idnumber: str = ""
        tags: tuple[str, ...] = ()
        if raw[0] == "/":
            idnumber, tags, raw = _comments(raw)
        masked = "\\" in raw
        if masked:
            raw = self._mask.encode(raw)
            if "\\" in raw or (self._newline and self._newline in raw):
                raise _Odd
        head, _, body = raw.partition("{")
        if body.find("}") != len(body) - 1 or "{" in body or "//" in raw or "->" in body:
            raise _Odd
        name, text, text_format = _head(head)
        said = ""
        if "#" in body:
            body, said = _general_feedback(body)
        texts, feedback, key = _answers(body)
        if masked:
            name, text, said, texts, feedback = self._decode(name, text, said, texts, feedback)
        if len(set(map(len, texts))) != len(texts) and len(set(map(str.casefold, texts))) != len(texts):
            raise _Odd
        return (
            _new(
                MultichoiceQuestion,
                (
                    name,
                    text,
                    _choices(texts, feedback, key, text_format),
                    True,
                    text_format,
                    _new(FormattedText, (said, text_format)) if said else _NOTHING[text_format],
                    idnumber,
                    tags,
                    category,
                    (first, last),
                    "multichoice",
                ),
            ),
            key,
        )

    def _decode(
        self, name: str, text: str, said: str, texts: list[str], feedback: list[str]
    ) -> tuple[str, str, str, list[str], list[str]]:
        """All texts of a question decoded in one go: joined by NUL, which the block does not hold."""
        joined = "\0".join((name, text, said, *texts, *feedback))
        for mark, decoded in self._decoding:
            if mark in joined:
                joined = joined.replace(mark, decoded)
        name, text, said, *rest = joined.split("\0")
        return name, text, said, rest[: len(texts)], rest[len(texts) :]


def _head(head: str) -> tuple[str, str, TextFormat]:
    """Title, text and format of what stands before `{`."""
    start, _, head = head.partition("::")
    name, closed, text = head.partition("::")
    text = text.strip()
    if start or not closed or not name or not text or len(name) > NAME_LIMIT:
        raise _Odd
    text_format: TextFormat = "moodle"
    if text[0] == "[":
        end = text.find("]") + 1
        found = _FORMAT_ENDS.get(text[:end])
        text = text[end:].lstrip()
        if found is None or not text or text[0] == "[":
            raise _Odd
        text_format = found
    if "\n" in head or "=" in text or "~" in text or "#" in text or "}" in head or "<" in name:
        raise _Odd
    if name[0] in " \t" or name[-1] in " \t":
        raise _Odd
    return name, text, text_format


def _general_feedback(body: str) -> tuple[str, str]:
    """The answers and the feedback behind the last `####`, trimmed; the closing brace stays with the answers."""
    answers, found, said = body.rpartition("####")
    if not found:
        return body, ""
    said = said[:-1].strip()
    if answers[-1:] == "#" or said[:1] == "[" or "\n" in said:
        raise _Odd
    return answers + "}", said


def _answers(body: str) -> tuple[list[str], list[str], int]:
    """Texts and feedback of the choices, and which one is the key. No feedback at all: an empty list."""
    at = body.find("=")
    if at < 0 or body.find("=", at + 1) >= 0 or (at and body[at - 1] not in " \t\n"):
        raise _Odd
    pieces = body[:-1].replace("=", "~=").split("~")
    texts = [piece.strip() for piece in pieces]
    key = body.count("~", 0, at)
    if texts[0] or len(texts) < 3:
        raise _Odd
    del texts[0]
    texts[key] = texts[key][1:].lstrip()
    joined = "\0".join(texts)
    feedback: list[str] = []
    if "#" in joined:
        texts, feedback = _feedback(texts)
        joined = "\0".join((*texts, "", *feedback))
    joined = f"\0{joined}\0"
    if "\n" in joined or "\0[" in joined or "\0%" in joined or (not feedback and "\0\0" in joined) or "" in texts:
        raise _Odd
    return texts, feedback, key


def _feedback(pieces: list[str]) -> tuple[list[str], list[str]]:
    texts: list[str] = []
    feedback: list[str] = []
    for piece in pieces:
        text, _, said = piece.partition("#")
        if "#" in said:
            raise _Odd
        texts.append(text.rstrip())
        feedback.append(said.lstrip())
    return texts, feedback


def _choices(texts: list[str], feedback: list[str], key: int, text_format: TextFormat) -> tuple[Answer, ...]:
    nothing = _NOTHING[text_format]
    if not feedback:
        found = [_new(Answer, (text, 0.0, nothing, text_format)) for text in texts]
        found[key] = _new(Answer, (texts[key], 1.0, nothing, text_format))
        return tuple(found)
    return tuple(
        [
            _new(Answer, (text, 1.0 if at == key else 0.0, _new(FormattedText, (said, text_format)) if said else nothing, text_format))
            for at, (text, said) in enumerate(zip(texts, feedback, strict=True))
        ]
    )


def _comments(raw: str) -> tuple[str, tuple[str, ...], str]:
    """Id and tags of the comment lines in front, and the block without them."""
    idnumber = ""
    tags: list[str] = []
    while raw[:2] == "//":
        comment, _, raw = raw.partition("\n")
        if "[" not in comment:
            continue
        tokens = _TOKEN.findall(comment)
        if len(tokens) != comment.count("[") or "question:" in comment:
            raise _Odd
        for kind, value in tokens:
            token = value.strip()
            if not token or len(token) > (ID_LIMIT if kind == "id" else TAG_LIMIT) or (kind == "id" and idnumber):
                raise _Odd
            if kind == "id":
                idnumber = token
            else:
                tags.append(token)
    return idnumber, tuple(tags), raw
