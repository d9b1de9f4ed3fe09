"""What is wrong with an answer section though Moodle reads it, or why it does not."""

from __future__ import annotations

import re
from typing import Final

from gift_export.blocks import Block
from gift_export.grammar import BLANKS, WEIGHT, split_format
from gift_export.parts import Parts
from gift_export.pieces import Piece
from gift_export.problems import excerpt
from gift_export.weights import is_mark, nearest_mark, shown_percent, spell_percent
from question_banks.model import Answer, MatchPair, ShortAnswer

_WEIGHT_ATTEMPT: Final = re.compile(r"%(?:[-+0-9.,]|[ \t]*+[-+]?[0-9][0-9.,]*+[ \t]*+%)")
_SECOND_PERCENT: Final = re.compile(r"%[^%\n]{0,12}+%")
_EDGE: Final = frozenset(
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\f"
)
_LATIN_LOOKALIKE: Final = str.maketrans("ТЕАтеаҒϜҮУЅ", "TEAteaFFUUS")
_TF_WORDS: Final = frozenset({"T", "TRUE", "F", "FALSE"})
PAIR_LIMIT: Final = 255
"""Characters of `qtype_match_subquestions.answertext`; a longer one makes the database refuse the import."""


def malformed_weight(block: Block, text: str, at: int) -> None:
    """A piece that begins with `%` though Moodle finds no weight there: an attempt at one is text for it."""
    if _WEIGHT_ATTEMPT.match(text) or _SECOND_PERCENT.match(text):
        block.note("E_WEIGHT_SYNTAX", at, value=excerpt(text, 12))


def weight_behind_equals(block: Block, text: str, at: int) -> None:
    """`=%100%…` in a multiple-choice question: `=` is 100 % already, and the weight is shown to people as text."""
    if WEIGHT.match(text):
        block.note("E_WEIGHT_SYNTAX", at, value=excerpt(text, 12))


def allowed_weight(block: Block, spelled: str, fraction: float, at: int) -> None:
    """Marks that are not in Moodle's list make it refuse the whole file."""
    if not is_mark(fraction):
        nearest = spell_percent(nearest_mark(fraction))
        block.note("E_WEIGHT_NOT_ALLOWED", at, value=spelled[:20], nearest=nearest)


class _Seen:
    """Looks at the pieces of one answer section as they come: nothing is kept per piece but what was new in it."""

    def __init__(self, block: Block, parts: Parts) -> None:
        self.block = block
        self.parts = parts
        self.count = 0
        self.filled = 0
        self._texts: dict[str, tuple[int, object]] = {}
        self._folded: dict[str, int] = {}

    def _repeated(self, text: str, worth: object, piece: Piece) -> None:
        first, known = self._texts.setdefault(text, (self.count, worth))
        if first != self.count:
            code = "W_DUPLICATE_ANSWER" if known == worth else "E_DUPLICATE_ANSWER"
            self.block.note(code, piece.marker_at, text=text, first=first)
            return
        first = self._folded.setdefault(text.casefold(), self.count)
        if first != self.count:
            self.block.note("W_DUPLICATE_ANSWER", piece.marker_at, text=text, first=first)

    def _edges(self, piece: Piece) -> None:
        """No-break spaces and the like are not trimmed by Moodle: they stay at the edge of the answer."""
        text = piece.text
        if text and text[0] in _EDGE:
            self.block.note("W_NBSP_EDGE", piece.text_at)
        elif text and text[-1] in _EDGE:
            self.block.note("W_NBSP_EDGE", piece.text_at + len(text) - 1)

    def _character_before(self, piece: Piece) -> str:
        index = piece.marker_at - self.parts.answer_at
        return self.parts.answer[index - 1] if index else ""

    def _text_before(self) -> None:
        words = _MARKER.split(self.parts.answer, maxsplit=1)[0]
        self.block.note("W_TEXT_BEFORE_ANSWERS", self.parts.answer_at, text=words)


_MARKER: Final = re.compile("[~=]")


class Choices(_Seen):
    """Keys, sums, empty and repeated choices of a multiple-choice question."""

    def __init__(self, block: Block, parts: Parts) -> None:
        super().__init__(block, parts)
        self._positive = 0.0
        self._correct = 0
        self._paired = "->" in parts.answer and "~" in parts.answer
        self._formula = True
        self._first_wrong = parts.answer_at
        if parts.answer[:1] not in ("~", "="):
            self._text_before()

    def see(self, answer: Answer, piece: Piece) -> None:
        """The next choice."""
        self.count += 1
        self._positive += max(answer.fraction, 0.0)
        if piece.marker == "=":
            self._equals(piece)
        elif answer.fraction == 1 and "=" in self.parts.answer:
            self.block.note("W_MULTI_CORRECT", piece.marker_at)
        if not answer.text:
            self.block.note("E_EMPTY_CORRECT" if answer.fraction > 0 else "W_EMPTY_ANSWER", piece.marker_at)
            self._paired = False
            return
        self.filled += 1
        self._repeated(answer.text, answer.fraction, piece)
        self._edges(piece)
        if self._paired:
            self._pair(piece)

    def _equals(self, piece: Piece) -> None:
        """An `=` right behind a letter is hardly meant to begin an answer."""
        before = self._character_before(piece)
        if before and before not in BLANKS and before != "~":
            self.block.note("E_UNESCAPED_CONTROL", piece.marker_at, char="=")
            return
        self._correct += 1
        if self._correct > 1:
            self.block.note("W_MULTI_CORRECT", piece.marker_at)

    def _pair(self, piece: Piece) -> None:
        sides = [side.strip(BLANKS) for side in piece.text.split("->")]
        self._paired = len(sides) == 2 and all(sides)
        # "a -> b" is a formula; a letter paired with a number, or words, are what a matching question looks like.
        self._formula = self._formula and all(len(side) == 1 and side.isascii() and side.isalpha() for side in sides)
        if piece.marker == "~" and self._first_wrong == self.parts.answer_at:
            self._first_wrong = piece.marker_at

    def finish(self) -> None:
        """What can be said when all choices are known."""
        block, parts = self.block, self.parts
        if not self._positive:
            block.note("E_NO_CORRECT", parts.open_at)
        elif self._sum_is_wrong():
            block.note("E_MARKS_SUM", parts.open_at, value=shown_percent(self._positive))
        if self.filled < 2:
            block.note("E_TOO_FEW_ANSWERS", parts.open_at, qtype="multichoice", n=self.filled)
        if self._paired and not self._formula:
            block.note("W_SUSPECT_MATCH", self._first_wrong)

    def _sum_is_wrong(self) -> bool:
        if "=" in self.parts.answer or self.block.noted("E_WEIGHT_NOT_ALLOWED") or self.block.noted("E_EMPTY_CORRECT"):
            return False
        return round(self._positive, 2) != 1


class ShortAnswers(_Seen):
    """Empty answers, a missing full mark, words that look like true/false."""

    def __init__(self, block: Block, parts: Parts) -> None:
        super().__init__(block, parts)
        self._best = 0.0
        head = parts.answer.partition("=")[0].strip(BLANKS)
        if head == "0":
            block.note("E_ZERO_ANSWER", parts.answer_at)
        elif head and "=" in parts.answer:
            self._text_before()
        _truefalse_lookalike(block, parts)

    def empty(self, at: int) -> None:
        """Nothing between two markers."""
        self.count += 1
        self.block.note("E_EMPTY_ANSWER", at)

    def see(self, answer: ShortAnswer, piece: Piece) -> None:
        """The next accepted text."""
        if not answer.text:
            self.empty(piece.marker_at)
            return
        self.count += 1
        self.filled += 1
        self._best = max(self._best, answer.fraction)
        if answer.fraction == 1 and not answer.text.strip("*"):
            self.block.note("W_SHORT_ANY", piece.marker_at)
        if piece.marker and self._character_before(piece) not in _BEFORE_EQUALS:
            self.block.note("E_UNESCAPED_CONTROL", piece.marker_at, char="=")
        self._repeated(answer.text, answer.fraction, piece)
        self._edges(piece)

    def finish(self) -> None:
        """What can be said when all answers are known."""
        if self.filled and self._best < 1 and not self.block.noted("E_WEIGHT_NOT_ALLOWED"):
            self.block.note("E_SHORT_NO_FULL", self.parts.open_at)


_BEFORE_EQUALS: Final = frozenset(BLANKS) | {"", "="}


class Pairs(_Seen):
    """Empty sides, and the weights, feedback and formats that matching questions do not have."""

    def __init__(self, block: Block, parts: Parts) -> None:
        super().__init__(block, parts)
        if parts.answer[:1] != "=":
            self._text_before()

    def see(self, pair: MatchPair, piece: Piece) -> None:
        """The next pair."""
        self.count += 1
        if "->" not in piece.text:
            self.block.note("E_MATCH_NO_ARROW", piece.marker_at)
        else:
            self._sides(pair, piece)
            self._foreign(piece)
        if piece.marker and self._character_before(piece) not in _BEFORE_EQUALS | {">"}:
            self.block.note("E_UNESCAPED_CONTROL", piece.marker_at, char="=")
        if pair.text:
            self.filled += 1
            self._repeated(pair.text, pair.answer, piece)
        self._edges(piece)

    def again(self, pair: MatchPair, piece: Piece) -> None:
        """A pair spelled exactly like one before: only what the repetition adds."""
        self.count += 1
        self._sides(pair, piece)
        if pair.text:
            self.filled += 1
            self.block.note("W_DUPLICATE_ANSWER", piece.marker_at, text=pair.text, first=self._texts[pair.text][0])

    def _sides(self, pair: MatchPair, piece: Piece) -> None:
        if pair.text and not pair.answer:
            self.block.note("E_MATCH_EMPTY_ANSWER", piece.marker_at, text=pair.text)
        elif len(pair.answer) > PAIR_LIMIT:
            self.block.note("E_MATCH_LONG", piece.marker_at, n=len(pair.answer), limit=PAIR_LIMIT)
        elif not pair.text and not pair.answer:
            self.block.note("W_EMPTY_ANSWER", piece.marker_at)

    def _foreign(self, piece: Piece) -> None:
        block, text = self.block, piece.text
        if "#" in text:
            block.note("W_MATCH_FEEDBACK", piece.text_at + text.index("#"))
        if WEIGHT.match(text):
            block.note("W_MATCH_WEIGHT", piece.text_at)
        left, _, right = text.partition("->")
        right_at = piece.text_at + len(left) + 2
        if "->" in right:
            block.note("W_MATCH_TWO_ARROWS", right_at + right.index("->"))
        bare = right.lstrip(BLANKS)
        if split_format(bare, block.mask)[0]:
            block.note("W_MATCH_FORMAT", right_at + len(right) - len(bare))

    def finish(self) -> None:
        """What can be said when all pairs are known."""
        if self.filled < 2 and not self.block.noted("E_MATCH_NO_ARROW"):
            self.block.note("W_MATCH_FEW", self.parts.open_at, n=self.filled)


def _truefalse_lookalike(block: Block, parts: Parts) -> None:
    """`{true}`, `{=TRUE}`, a Cyrillic `{Т}`: Moodle makes short-answer questions of them."""
    word = parts.answer.partition("#")[0].strip(BLANKS)
    bare = word.removeprefix("=").strip(BLANKS)
    if bare.upper() in _TF_WORDS:
        block.note("W_TF_CASE", parts.answer_at, value=word)
    elif not bare.isascii() and bare.translate(_LATIN_LOOKALIKE).upper() in _TF_WORDS:
        letter = next(character for character in bare if not character.isascii())
        block.note("W_TF_HOMOGLYPH", parts.answer_at, value=bare, char=letter, point=f"U+{ord(letter):04X}")
