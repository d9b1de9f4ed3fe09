"""The short way for the most frequent block: a titled single-choice question, one answer on a line, nothing odd.

It takes a block only when a few searches show that the careful way would read the very same question and find nothing
to say; in every other case it answers None and the careful way decides. A property test holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from gift_export.grammar import FORMATS, Mask
from gift_export.identity_checks import ID_LIMIT, TAG_LIMIT
from gift_export.unicode_checks import ordinary
from question_banks.model import Answer, FormattedText, MultichoiceQuestion, TextFormat

SIZE_LIMIT: Final = 50_000
UNSAFE_TAG: Final = re.compile(r"<(?!/?(?:p|b|i|u|em|strong|sub|sup|br|ul|ol|li|div|span|table|tr|td|th)\s?/?>)")
"""Every `<` but those of plain tags, which can do no harm and need no look: no attributes, no URLs."""

# Comment lines without brackets, then one line of id and tags.
# Not possessive: see `blocks`. More comments or tags than that take the careful way.
_PLAIN_COMMENTS: Final = re.compile(r"(?://[^\[\n]*+\n){0,50}")
_TOKENS: Final = re.compile(
    r"//+[ \t]*+(?:\[id:([^][\\<>`\s][^][\\<>`\n\r\t]*+)(?<! )\])?"
    r"((?:[ ]?\[tag:[^][\\<>`\s][^][\\<>`\n\r\t]*+\]){0,50})\n"
)
_TAG: Final = re.compile(r"\[tag:([^]]++)\]")
# A block comes here without unusual characters; control characters are escapes that are masked (`Mask`).
_MASKS: Final = "\x01-\x08\x0e-\x1b"
_WORD: Final = ordinary("=~#{}\n\r", _MASKS)
_FIRST: Final = ordinary("=~#{}\n\r \t[%", _MASKS)
_FIRST_SAID: Final = ordinary("=~#{}\n\r \t[", _MASKS)
_TITLE: Final = ordinary(":<{}\n\r \t", _MASKS) + ordinary(":<{}\n\r", _MASKS) + "{0,254}+"
# ::title::[format]text{
_HEAD: Final = re.compile(
    rf"::({_TITLE})(?<![ \t])::[ \t]*+"
    r"(?:\[(html|moodle|plain|markdown)\])?[ \t]*+"
    rf"({_FIRST_SAID}{_WORD}*+)\{{\n"
)
# One answer on a line of its own: its text, with feedback in the second pattern.
_ANSWER: Final = re.compile(rf"^[ \t]*+[=~][ \t]*+({_FIRST}{_WORD}*+)(?<![ \t])$", re.MULTILINE)
_ANSWER_WITH_FEEDBACK: Final = re.compile(
    rf"^[ \t]*+[=~][ \t]*+({_FIRST}{_WORD}*+)(?<![ \t])(?:#[ \t]*+({_FIRST_SAID}{_WORD}*+)(?<![ \t]))?$",
    re.MULTILINE,
)
FORMAT_BY_NAME: Final[dict[str | None, TextFormat]] = {None: "moodle"}
FORMAT_BY_NAME.update(FORMATS)
NO_FEEDBACK: Final[dict[str, FormattedText]] = {name: FormattedText("", name) for name in FORMATS.values()}
_new: Final = tuple.__new__


class QuickReader:
    """Reads plain single-choice blocks of one file."""

    def __init__(self, text: str, mask: Mask) -> None:
        self._escapes = mask.encoding()
        self._decoding = mask.decoding()
        # What needs a look: placeholders and files, a lone CR, a comment behind an answer, a backslash that is no
        # escape; of each only what the file holds at all. And a newline written as an escape, which is masked by a
        # character the file does not hold.
        odd = [part for part in ("&", "@", "\r", "// ", "\\") if part[0] in text]
        self._odd = (*odd, mask.newline()) if mask.newline() else tuple(odd)

    def read(self, raw: str, category: str, lines: tuple[int, int]) -> tuple[MultichoiceQuestion, int] | None:
        """The question of a block without unusual characters or tags, and where its key is among the answers.

        None where the careful way is needed.
        """
        idnumber: str = ""
        tags: tuple[str, ...] = ()
        if raw[0] == "/":
            identity = _comments(raw)
            if identity is None:
                return None
            idnumber, tags, raw = identity
        masked = "\\" in raw
        if masked:
            for spelled, mark in self._escapes:
                raw = raw.replace(spelled, mark)
        for part in self._odd:
            if part in raw:
                return None
        head = _HEAD.match(raw)
        if head is None or raw[-1] != "}" or len(raw) > SIZE_LIMIT:
            return None
        body = _body(raw, head.end())
        if body is None:
            return None
        name, format_name, text = head.groups()
        texts, feedback, key, said = body
        text_format = FORMAT_BY_NAME[format_name]
        if masked:
            name, text, said = self._decode(name), self._decode(text), self._decode(said)
            if self._is_masked("".join(texts)) or self._is_masked("".join(feedback)):
                texts, feedback = list(map(self._decode, texts)), list(map(self._decode, feedback))
        if is_repeating(texts):
            return None
        nothing = NO_FEEDBACK[text_format]
        marks = fractions(len(texts), key)
        answers = remarked(texts, marks, feedback, nothing) if feedback else choices(texts, marks, nothing)
        general = _new(FormattedText, (said, text_format)) if said else NO_FEEDBACK[text_format]
        fields = (name, text.rstrip(), answers, True, text_format, general, idnumber, tags, category, lines)
        return _new(MultichoiceQuestion, (*fields, "multichoice")), key

    def _is_masked(self, text: str) -> bool:
        for mark, _ in self._decoding:  # noqa: SIM110  # any() with a generator costs more than what it asks
            if mark in text:
                return True
        return False

    def _decode(self, masked: str) -> str:
        for mark, decoded in self._decoding:
            if mark in masked:
                masked = masked.replace(mark, decoded)
        return masked


def _body(raw: str, at: int) -> tuple[list[str], list[str], int, str] | None:
    """Texts and feedback of the choices (no feedback at all: an empty list), the key, the general feedback."""
    correct = raw.find("=", at)
    end = len(raw) - 1
    if correct < 0 or raw.find("=", correct + 1) >= 0:
        return None
    # An arrow may mean matching. Hyphens are rarer than heads of arrows, and looked for first.
    if raw.find("-", at) >= 0 and raw.find("->", at) >= 0:
        return None
    said = ""
    with_feedback = "#" in raw
    if with_feedback and (general := raw.rfind("####")) > 0:
        said = raw[general + 4 : -1].strip()
        end = general
        if correct >= end or said[:1] == "[" or "\n" in said or "}" in said or "{" in said:
            return None
    if raw[end - 1] != "\n" and raw[raw.rfind("\n", at - 1, end) + 1 : end].strip():
        return None
    lines = raw.count("\n", at, end)
    key = raw.count("~", at, correct)
    if with_feedback:
        pairs = _ANSWER_WITH_FEEDBACK.findall(raw, at, end)
        texts = [text for text, _ in pairs]
        feedback = [remark for _, remark in pairs]
    else:
        texts, feedback = _ANSWER.findall(raw, at, end), []
    return (texts, feedback, key, said) if len(texts) == lines > 1 else None


def is_repeating(texts: Sequence[str]) -> bool:
    """Whether two answers differ in capitals at most. Lengths first: folding is dear, and most lengths differ."""
    count = len(texts)
    return len({*map(len, texts)}) != count and len({*map(str.casefold, texts)}) != count


@lru_cache(maxsize=256)
def fractions(count: int, key: int) -> tuple[float, ...]:
    """The marks of `count` answers of which the one at `key` is right."""
    return tuple(1.0 if at == key else 0.0 for at in range(count))


# Plain loops: measured, they make these few records in half the time of a comprehension, or of map() over zip().


def choices(texts: Sequence[str], marks: tuple[float, ...], nothing: FormattedText) -> tuple[Answer, ...]:
    """Answers without feedback, in the format of `nothing`."""
    new, answer, format_ = _new, Answer, nothing.format
    made = []
    for text, mark in zip(texts, marks, strict=False):  # of one length
        made.append(new(answer, (text, mark, nothing, format_)))  # see above
    return tuple(made)


def remarked(
    texts: Sequence[str], marks: tuple[float, ...], feedback: Sequence[str], nothing: FormattedText
) -> tuple[Answer, ...]:
    """Answers of which some have feedback, in the format of `nothing`."""
    new, format_ = _new, nothing.format
    made = []
    for text, mark, said in zip(texts, marks, feedback, strict=True):
        remark = new(FormattedText, (said, format_)) if said else nothing
        made.append(new(Answer, (text, mark, remark, format_)))
    return tuple(made)


def _comments(raw: str) -> tuple[str, tuple[str, ...], str] | None:
    """Id and tags of the comment lines in front, and the block without them; None where they need a closer look."""
    plain = _PLAIN_COMMENTS.match(raw)
    at = plain.end() if plain else 0
    tokens = _TOKENS.match(raw, at)
    if tokens is None:
        return ("", (), raw[at:]) if raw[at : at + 2] == "::" else None
    idnumber, tagged = tokens.groups()
    tags = tuple(_TAG.findall(tagged)) if tagged else ()
    if (idnumber and len(idnumber) > ID_LIMIT) or "0" in tags:
        return None
    if any(len(tag) > TAG_LIMIT or tag[-1] == " " for tag in tags):
        return None
    return idnumber or "", tags, raw[tokens.end() :]
