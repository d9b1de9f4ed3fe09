"""One file being read: what is known from earlier blocks, and what is still open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias, TypeVar

from gift_export import identity_checks, layout_checks, text_checks
from gift_export.alarms import Alarms
from gift_export.answers import CrashError, match, multichoice, shortanswer, truefalse, truefalse_word
from gift_export.blocks import Block, Slices
from gift_export.grammar import BLANKS, Mask
from gift_export.numerical import numerical
from gift_export.ordering import OrderingHead, parse_ordering
from gift_export.ordering_checks import check_ordering
from gift_export.parts import Parts, take_apart
from gift_export.plain_blocks import PlainReader
from gift_export.problems import Problem, excerpt, problem
from gift_export.quick import QuickReader
from question_banks.model import (
    CategorySwitch,
    DescriptionQuestion,
    EssayQuestion,
    FormattedText,
    Lines,
    MatchQuestion,
    MultichoiceQuestion,
    NumericalQuestion,
    OrderingQuestion,
    Question,
    ShortanswerQuestion,
    TextFormat,
    TruefalseQuestion,
    split_category_path,
)

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_Common: TypeAlias = tuple[TextFormat, FormattedText, str, tuple[str, ...], str, Lines]

KEY_BIAS_FROM: Final = 8
"""From how many single-choice questions on it is worth saying that the key is always in the same place."""
CATEGORY_LIMIT: Final = 255


class Session:
    """Takes the blocks of a file one by one."""

    def __init__(self) -> None:
        self.items: list[Question | CategorySwitch] = []
        self.problems: list[Problem] = []
        self.category = ""
        self._titles: dict[str, int] = {}
        self._place: tuple[str, ...] = ()
        self._ids: dict[tuple[tuple[str, ...], str], int] = {}
        self._stems: dict[str, Question] = {}
        self._keys: list[int] = []
        self._unkeyed = 0
        self._anything = False
        self._open: Block | None = None
        self._open_end = 0

    def take_all(self, text: str, parted: Slices, alarms: Alarms) -> None:
        """Reads every block of `text`, each by the shortest way that may read it.

        The careful way takes a block in which an alarm stands. May be called again with what follows in the file.
        """
        items, titles, stems, keys = self.items, self._titles, self._stems, self._keys
        self.mask = Mask(text)
        plain, short = PlainReader(text).read, None
        start, line = parted.start, parted.line
        for raw, blank in zip(parted.raws, parted.blanks, strict=False):
            end = start + len(raw)
            lines = line, line + raw.count("\n")
            quick = plain(raw, self.category, lines)
            if quick is None and not alarms.between(start, end):
                short = short or QuickReader(text, self.mask).read
                quick = short(raw, self.category, lines)
            if quick is None:
                self._take(raw, line)
            else:
                question, key = quick
                name, stem = question[0], question[1]
                if name in titles or stem in stems or (question[6] and not self._is_new_id(question)):
                    self._take(raw, line)
                else:
                    titles[name] = line
                    stems[stem] = question
                    keys.append(key)
                    items.append(question)
                    self._open = None
            start, line = end + len(blank), lines[1] + (2 if blank == "\n\n" else blank.count("\n"))
        self.problems.extend(parted.problems)

    def _is_new_id(self, question: MultichoiceQuestion) -> bool:
        """Whether the id is new in its category; from now on it is known."""
        known = self._ids.setdefault((self._place, question.idnumber), question.lines[0])
        return known == question.lines[0]

    def _take(self, raw: str, first: int) -> None:
        """Adds a block's question or category, and its findings."""
        block = Block(raw, first, self.mask)
        if not block.text:
            self.problems.extend(identity_checks.check_lost_comments(block))
            return
        if block.text.startswith(layout_checks.CATEGORY):
            self._category(block)
        else:
            self._question(block)
        self.problems.extend(block.problems())

    def finish(self) -> tuple[tuple[Question | CategorySwitch, ...], list[Problem]]:
        """Everything read, and the findings so far."""
        self._settle_open(None)
        self._remember()
        if not self._anything:
            self.problems.append(problem("E_NO_QUESTIONS", 0, 0))
        if len(self._keys) >= KEY_BIAS_FROM and len(set(self._keys)) == 1:
            self.problems.append(problem("I_KEY_BIAS", 0, 0, position=self._keys[0] + 1, n=len(self._keys)))
        return tuple(self.items), self.problems

    def _remember(self) -> None:
        """Whether the file holds anything: a question, or an error that says why there is none."""
        self._anything = (
            self._anything
            or any(item.qtype != "category" for item in self.items)
            or any(found.severity == "error" for found in self.problems)
        )

    def drain(self, keep: int) -> tuple[tuple[Question | CategorySwitch, ...], list[Problem]]:
        """What was read since the last time, given away; of names, ids and texts the newest `keep` are remembered.

        Findings about a block whose brace is still open wait: the next block may explain them.
        """
        self._remember()
        items = tuple(self.items)
        self.items.clear()
        held = self._open.first if self._open is not None else None
        ready = [found for found in self.problems if held is None or found.line < held]
        self.problems = [found for found in self.problems if held is not None and found.line >= held]
        _forget(self._titles, keep)
        _forget(self._ids, keep)
        _forget(self._stems, keep)
        if len(set(self._keys)) > 1:
            del self._keys[2:]
            self._keys[0], self._keys[1] = -1, -2  # two that differ: there is no bias any more
        return items, ready

    def _category(self, block: Block) -> None:
        name = block.text[len(layout_checks.CATEGORY) :]
        path = block.mask.undecoded(name).strip(BLANKS)
        self.category = path
        self._place = identity_checks.category_place(path, self._place)
        self.items.append(CategorySwitch(path, (block.first, block.last)))
        _check_category(block, name, path)
        self._settle_open(None)

    def _question(self, block: Block) -> None:
        layout_checks.category_lines(block)
        parts = take_apart(block)
        self.problems.extend(identity_checks.check_comments(block))
        self._settle_open(block)
        if parts is None:
            if block.noted("E_BRACE_NO_CLOSE"):
                self._open, self._open_end = block, block.last
            return
        idnumber, tags = identity_checks.identity(block)
        try:
            question = build(block, parts, idnumber, tags, self.category)
        except CrashError:
            question = None
        if question is None:
            text_checks.check_texts(block, parts)
            return
        self.items.append(question)
        layout_checks.braces(block, parts)
        layout_checks.question_text(block, parts)
        text_checks.check_texts(block, parts)
        self._across(block, parts, question)

    def _settle_open(self, block: Block | None) -> None:
        """An answer block without `}`, and the next block without `{`: a blank line stands inside the answers."""
        before = self._open
        if before is None:
            return
        if block is None or "{" in block.text:
            self._open = None
        elif "}" in block.text:
            self._open = None
            block.drop_notes("E_BRACE_NO_OPEN")
            last = self._open_end
            self.problems = [found for found in self.problems if not _is_unclosed(found, before)]
            self.problems.append(problem("E_BLANK_LINE_IN_ANSWERS", last + 1, 1))
        elif block.text[0] in "=~#":
            self.problems.append(problem("E_BLANK_LINE_IN_ANSWERS", self._open_end + 1, 1))
            self._open_end = block.last
        else:
            self._open = None

    def _across(self, block: Block, parts: Parts, question: Question) -> None:
        """What only shows beside the other questions of the file."""
        if parts.title is not None and question.name:
            first = self._titles.setdefault(question.name, block.first)
            if first != block.first:
                block.note("W_DUPLICATE_TITLE", block.start, text=excerpt(question.name), first_line=first)
        if question.idnumber:
            first = self._ids.setdefault((self._place, question.idnumber), block.first)
            if first != block.first:
                self.problems.append(_duplicate_id(block, question.idnumber, first))
        if isinstance(question, MultichoiceQuestion) and question.single:
            keys = [at for at, answer in enumerate(question.answers) if answer.fraction == 1]
            self._unkeyed += len(keys) != 1
            self._keys.append(keys[0] if len(keys) == 1 else -self._unkeyed)
        if question.text and not isinstance(question, DescriptionQuestion):
            self._repeated_question(block, question)

    def _repeated_question(self, block: Block, question: Question) -> None:
        first = self._stems.setdefault(question.text, question)
        if first is not question and _content(first) == _content(question):
            block.note("W_DUPLICATE_QUESTION", block.start, first_line=first.lines[0])


def _forget(known: dict[_Key, _Value], keep: int) -> None:
    """Drops the oldest entries beyond `keep`."""
    for oldest in list(known)[: max(0, len(known) - keep)]:
        del known[oldest]


def _content(item: Question | CategorySwitch) -> tuple[object, ...]:
    """What makes two questions the same: type, text, answers; not the name, the id or the place."""
    answers = getattr(item, "answers", None) or getattr(item, "pairs", None) or getattr(item, "items", None)
    return (item.qtype, getattr(item, "text", ""), answers, getattr(item, "correct", None))


def _duplicate_id(block: Block, idnumber: str, first: int) -> Problem:
    line, column = block.first, 1
    for number, lead, comment in block.comments:
        if "[id:" in comment:
            line, column = number, lead + comment.index("[id:")
            break
    return problem("E_ID_DUPLICATE", line, column, text=excerpt(idnumber), first_line=first)


def _is_unclosed(found: Problem, block: Block) -> bool:
    return found.code == "E_BRACE_NO_CLOSE" and block.first <= found.line <= block.last


def _check_category(block: Block, name: str, path: str) -> None:
    at = block.start + len(layout_checks.CATEGORY)
    if not path or any(not part for part in split_category_path(path)):
        block.note("W_CATEGORY_EMPTY", block.start)
    newline = block.masked.find("\n", at)
    if newline >= 0:
        block.note("E_CATEGORY_MERGED", newline + 1)
    if max(map(len, split_category_path(path))) > CATEGORY_LIMIT:
        block.note("E_CATEGORY_LONG", at, limit=CATEGORY_LIMIT)
    for offset in _escape_places(block, name):
        block.note("W_CATEGORY_ESCAPE", at + offset)


def _escape_places(block: Block, name: str) -> Iterator[int]:
    if block.mask.has_escape(name):
        shown, stored = block.mask.decode(name), block.mask.undecoded(name)
        yield next(at for at, character in enumerate(shown) if stored[at] != character)


def build(block: Block, parts: Parts, idnumber: str, tags: tuple[str, ...], category: str) -> Question | None:
    """The question a block is, by Moodle's order of types; None where Moodle reports a parse error.

    Raises `CrashError` where Moodle's reader throws.
    """
    common: _Common = (parts.format, parts.generalfeedback, idnumber, tags, category, (block.first, block.last))
    answer = parts.answer
    ordering = parse_ordering(answer)
    if ordering is not None:
        return _ordering(block, parts, ordering, common)
    if parts.description:
        return DescriptionQuestion(parts.name, parts.text, *common)
    if not answer:
        return EssayQuestion(parts.name, parts.text, *common)
    if answer.startswith("#"):
        numbers = numerical(block, parts)
        return NumericalQuestion(parts.name, parts.text, numbers, *common) if numbers else None
    if "~" in answer:
        choices = multichoice(block, parts)
        return MultichoiceQuestion(parts.name, parts.text, choices, "=" in answer, *common) if choices else None
    if "=" in answer and "->" in answer:
        pairs = match(block, parts)
        return MatchQuestion(parts.name, parts.text, pairs, *common) if pairs else None
    if truefalse_word(answer) is not None:
        right, said_true, said_false = truefalse(block, parts)
        return TruefalseQuestion(parts.name, parts.text, right, said_true, said_false, *common)
    texts = shortanswer(block, parts)
    return ShortanswerQuestion(parts.name, parts.text, texts, *common) if texts else None


def _ordering(block: Block, parts: Parts, head: OrderingHead, common: _Common) -> OrderingQuestion:
    check_ordering(block, parts, head)
    items = tuple(map(block.mask.undecoded, head.items))
    return OrderingQuestion(
        parts.name,
        parts.text,
        items,
        head.layouttype,
        head.selecttype,
        head.selectcount,
        head.gradingtype,
        head.showgrading,
        head.numberingstyle,
        *common,
    )
