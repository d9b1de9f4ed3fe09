"""The answer sections of the choice-like types: multichoice, shortanswer, match, truefalse."""

from __future__ import annotations

import re
from typing import Final

from gift_export import answer_checks as checks
from gift_export.blocks import Block
from gift_export.grammar import BLANKS, WEIGHT
from gift_export.parts import Parts, formatted
from gift_export.pieces import Piece, pieces
from gift_export.weights import fraction_of
from question_banks.model import Answer, FormattedText, MatchPair, ShortAnswer, TextFormat

_CHOICE: Final = re.compile("([~=])")
TRUE_WORDS: Final = frozenset({"T", "TRUE"})
FALSE_WORDS: Final = frozenset({"F", "FALSE"})


class CrashError(Exception):
    """Moodle's reader throws on this block: nothing of the file is imported."""


def weight(block: Block, piece: Piece, default: float) -> tuple[float, str, int]:
    """The fraction a piece begins with, or `default`; the text behind it and where that is. Reports odd weights."""
    if not piece.text.startswith("%"):
        return default, piece.text, piece.text_at
    found = WEIGHT.match(piece.text)
    if found is None:
        checks.malformed_weight(block, piece.text, piece.text_at)
        return default, piece.text, piece.text_at
    spelled = found.group()[1:-1]
    if spelled.startswith("--"):
        block.note("E_WEIGHT_SYNTAX", piece.text_at, value=found.group()[:40])
        raise CrashError
    fraction = fraction_of(spelled)
    checks.allowed_weight(block, spelled, fraction, piece.text_at)
    return fraction, piece.text[found.end() :], piece.text_at + found.end()


def with_feedback(block: Block, masked: str, default: TextFormat) -> tuple[FormattedText, FormattedText]:
    """Answer and feedback parted at the first `#`: `commentparser()`."""
    text, _, feedback = masked.partition("#")
    return (
        formatted(block, text.strip(BLANKS), default),
        formatted(block, feedback.strip(BLANKS), default),
    )


def multichoice(block: Block, parts: Parts) -> tuple[Answer, ...] | None:
    """The choices, None where there are fewer than two."""
    found: list[Answer] = []
    known: dict[tuple[str, str], Answer] = {}
    seen = checks.Choices(block, parts)
    for piece in pieces(parts.answer, parts.answer_at, _CHOICE):
        key = (piece.marker, piece.text)
        answer = known.get(key)
        if answer is None:
            answer = known[key] = _choice(block, parts, piece)
        elif piece.text.startswith("%"):
            weight(block, piece, 0.0)
        found.append(answer)
        seen.see(answer, piece)
    if len(found) < 2:
        block.note("E_TOO_FEW_ANSWERS", parts.open_at, qtype="multichoice", n=len(found))
        return None
    seen.finish()
    return tuple(found)


def _choice(block: Block, parts: Parts, piece: Piece) -> Answer:
    if piece.marker == "=":
        fraction, rest = 1.0, piece.text
        checks.weight_behind_equals(block, piece.text, piece.text_at)
    else:
        fraction, rest, _ = weight(block, piece, 0.0)
    text, feedback = with_feedback(block, rest, parts.format)
    return Answer(text.text, fraction, feedback, text.format)


_EQUALS: Final = re.compile("(=)")


def shortanswer(block: Block, parts: Parts) -> tuple[ShortAnswer, ...] | None:
    """The accepted texts, None where there is none (`{0}`: PHP takes "0" for empty)."""
    found: list[ShortAnswer] = []
    known: dict[str, ShortAnswer] = {}
    seen = checks.ShortAnswers(block, parts)
    nothing = ShortAnswer("", 1.0, FormattedText("", parts.format))
    for piece in pieces(parts.answer, parts.answer_at, _EQUALS):
        if not piece[2]:  # a hostile file has a million of them
            found.append(nothing)
            seen.empty(piece[1])
            continue
        answer = known.get(piece.text)
        if answer is None:
            fraction, rest, _ = weight(block, piece, 1.0)
            text, feedback = with_feedback(block, rest, parts.format)
            answer = known[piece.text] = ShortAnswer(text.text, fraction, feedback)
        elif piece.text.startswith("%"):
            weight(block, piece, 1.0)
        found.append(answer)
        seen.see(answer, piece)
    seen.finish()
    return tuple(found) or None


def match(block: Block, parts: Parts) -> tuple[MatchPair, ...] | None:
    """The pairs, None where one has no arrow or there are fewer than two."""
    known: dict[str, MatchPair] = {}
    found: list[MatchPair] = []
    seen = checks.Pairs(block, parts)
    for piece in pieces(parts.answer, parts.answer_at, _EQUALS):
        pair = known.get(piece.text)
        if pair is None:
            pair = known[piece.text] = _pair(block, parts, piece)
            seen.see(pair, piece)
        else:
            seen.again(pair, piece)
        found.append(pair)
    if len(found) < 2:
        block.note("E_TOO_FEW_ANSWERS", parts.open_at, qtype="match", n=len(found))
        return None
    seen.finish()
    return None if block.noted("E_MATCH_NO_ARROW") else tuple(found)


def _pair(block: Block, parts: Parts, piece: Piece) -> MatchPair:
    left, _, right = piece.text.partition("->")
    question = formatted(block, left, parts.format)
    return MatchPair(question.text, block.mask.decode(right).strip(BLANKS), question.format)


def truefalse_word(answer: str) -> str | None:
    """The word of a true/false section (`T`, `TRUE`, `F`, `FALSE`), None where it is another type."""
    word = answer.partition("#")[0].strip(BLANKS) if answer.find("#") > 0 else answer
    return word if word in TRUE_WORDS or word in FALSE_WORDS else None


def truefalse(block: Block, parts: Parts) -> tuple[bool, FormattedText, FormattedText]:
    """Whether the statement is right, the feedback to "true" and to "false": GIFT writes the wrong one first."""
    word, *feedback = parts.answer.split("#", 2)
    wrong, right = (
        formatted(block, (feedback[at] if len(feedback) > at else "").strip(BLANKS), parts.format) for at in (0, 1)
    )
    if len(feedback) > 1 and "#" in feedback[1]:
        block.note("W_TF_THIRD_FEEDBACK", parts.answer_at + len(word) + len(feedback[0]) + 2 + feedback[1].index("#"))
    if word.strip(BLANKS) in TRUE_WORDS:
        return True, right, wrong
    return False, wrong, right
