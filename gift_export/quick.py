"""The short way for the most frequent block: a titled single-choice question with nothing odd about it.

It takes a block only when it can tell from a few searches that the careful way would read the very same question and
find nothing to say; in every other case it answers None and the careful way decides. A property test holds the two
together.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

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


class Quick(NamedTuple):
    """A question read the short way, and where its key is among the answers."""

    question: MultichoiceQuestion
    key: int


class _Odd(Exception):  # noqa: N818  # not an error: "this block is not for the short way"
    """The block needs the careful way."""


class QuickReader:
    """Reads plain single-choice blocks of one file."""

    def __init__(self, text: str, mask: Mask) -> None:
        self._decoding = mask.decoding()
        self._mask = mask
        self._newline = mask.newline()
        self._rare = tuple(part for part in ("&&", "@@", "->", "#####", "\r") if part in text)

    def read(self, raw: str, category: str, first: int, last: int) -> Quick | None:
        """The question of a block without unusual characters or tags, None where the careful way is needed."""
        if len(raw) > SIZE_LIMIT or raw[-1] != "}":
            return None
        for part in self._rare:
            if part in raw:
                return None
        try:
            return self._read(raw, category, first, last)
        except _Odd:
            return None

    def _read(self, raw: str, category: str, first: int, last: int) -> Quick:
        idnumber, tags = "", ()
        if raw[0] == "/":
            idnumber, tags, raw = _comments(raw)
        masked = "\\" in raw
        if masked:
            raw = self._mask.encode(raw)
            if "\\" in raw or (self._newline and self._newline in raw):
                raise _Odd
        head, _, body = raw.partition("{")
        if "//" in raw or head[:2] != "::" or body.find("}") != len(body) - 1 or "{" in body:
            raise _Odd
        name, text, text_format = _head(head)
        body, _, feedback = body[:-1].rpartition("####") if "####" in body else (body[:-1], "", "")
        answers, key = self._answers(body, text_format, masked=masked)
        if masked:
            name, text = self._decode(name), self._decode(text)
        question = _new(
            MultichoiceQuestion,
            (
                name,
                text,
                answers,
                True,
                text_format,
                self._feedback(feedback, text_format, masked=masked),
                idnumber,
                tags,
                category,
                (first, last),
                "multichoice",
            ),
        )
        return _new(Quick, (question, key))

    def _decode(self, masked: str) -> str:
        for mark, decoded in self._decoding:
            if mark in masked:
                masked = masked.replace(mark, decoded)
        return masked

    def _feedback(self, raw: str, text_format: TextFormat, *, masked: bool) -> FormattedText:
        text = raw.strip()
        if not text:
            return _NOTHING[text_format]
        if text[0] == "[" or "\n" in text:
            raise _Odd
        return _new(FormattedText, (self._decode(text) if masked else text, text_format))

    def _answers(self, body: str, text_format: TextFormat, *, masked: bool) -> tuple[tuple[Answer, ...], int]:
        at = body.find("=")
        if at < 0 or body.find("=", at + 1) >= 0 or (at and body[at - 1] not in " \t\n"):
            raise _Odd
        first, *pieces = body.replace("=", "~=").split("~")
        if first.strip() or len(pieces) < 2:
            raise _Odd
        nothing = _NOTHING[text_format]
        found: list[Answer] = []
        texts: list[str] = []
        key = -1
        for raw in pieces:
            text = raw.strip()
            fraction = 0.0
            if text[:1] == "=":
                text = text[1:].lstrip()
                fraction = 1.0
                key = len(found)
            feedback = nothing
            if "#" in text:
                text, _, said = text.partition("#")
                if "#" in said:
                    raise _Odd
                text = text.rstrip()
                feedback = self._feedback(said, text_format, masked=masked)
            if not text or text[0] in "[%" or "\n" in text:
                raise _Odd
            if masked:
                text = self._decode(text)
            texts.append(text)
            found.append(_new(Answer, (text, fraction, feedback, text_format)))
        if len(set(map(len, texts))) != len(texts) and len(set(map(str.casefold, texts))) != len(texts):
            raise _Odd
        return tuple(found), key


def _head(head: str) -> tuple[str, str, TextFormat]:
    """Title, text and format of what stands before `{`."""
    parts = head.split("::", 2)
    if len(parts) < 3:
        raise _Odd
    name, text = parts[1], parts[2].strip()
    if not name or not text or name[0] in " \t" or name[-1] in " \t" or len(name) > NAME_LIMIT:
        raise _Odd
    text_format: TextFormat = "moodle"
    if text[0] == "[":
        end = text.find("]") + 1
        found = _FORMAT_ENDS.get(text[:end])
        text = text[end:].lstrip()
        if found is None or not text or text[0] == "[":
            raise _Odd
        text_format = found
    if "\n" in head or "<" in name or "=" in text or "~" in text or "#" in text or "}" in head:
        raise _Odd
    return name, text, text_format


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
