"""Questions from a Word list in the form offices use: `1. question`, `а) б) в)` answers, and a key in one of many ways.

The key may be bold (underlined, highlighted, coloured) letters, a `+` or `*` beside an answer, a line `Ответ: б`, or a
table or list of numbers and letters at the end. What is taken for what is never guessed in silence: a question that
leaves a doubt carries a finding that says which, and one without a key is not given at all.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gift_export.answer_keys import CYRILLIC, letter_index, read_key, script_of, share
from gift_export.names import default_name
from gift_export.problems import Problem, excerpt, in_file_order, problem
from gift_export.record_checks import RecordChecks
from gift_export.word_lines import WordLine, word_lines
from question_banks.model import Answer, FormattedText, MultichoiceQuestion, Question

_QUESTION: Final = re.compile(
    r"(?:(?:вопрос|суроо|сұрақ|тапшырма|№)\s*+№?\s*+)?(\d{1,4})\s*+[.):]\s*+(?=\S)(.++)", re.IGNORECASE | re.DOTALL
)
_ANSWER: Final = re.compile(
    r"([*+✓✔√]?)\s*+([а-еж-зикa-j])\s*+([*+]?)\s*+[).]\s*+([*+✓✔√]?)\s*+(.++)", re.IGNORECASE | re.DOTALL
)
_SIGNED: Final = re.compile(r"([+*✓✔√]|[-–—](?=\s))\s*+(\S.*+)", re.DOTALL)
_INLINE: Final = re.compile(r"(?<=[\s;,.])(?=[*+]?\s?[б-еж-зикb-j]\s?[*+]?\)\s)", re.IGNORECASE)
_KEY_LINE: Final = re.compile(
    r"(?:(?:правильный |верный )?ответ|ключ|(?:туура )?(?:жооп|жообу)|дұрыс жауап|жауабы|answer|key)"
    r"\s*+[:—–-]\s*+(.++)",
    re.IGNORECASE,
)
_KEY_HEAD: Final = re.compile(
    r"(?:ключи?|ответы|жооптор|ачкычтар?|туура жооптор|дұрыс жауаптар|answers?|keys?)\b.{0,40}", re.IGNORECASE
)
_PAIR: Final = re.compile(r"(\d{1,4})\s*+[-–—.):]?\s*+([а-яa-z])(?![а-яёa-z])", re.IGNORECASE)
_MARKS: Final = "+*✓✔√"
_ODD: Final = {"raised": "E_WORD_RAISED", "struck": "E_WORD_STRUCK"}
_TAIL_MARK: Final = re.compile(r"\s*+(?:[+*✓✔√]|\((?:верно|правильно|туура)\))\s*\Z", re.IGNORECASE)


class WordReading(NamedTuple):
    """The questions with a key, all findings (line is the paragraph), and which questions are doubtful and why.

    `doubts` maps an index of `questions` to the codes of what is not certain about it.
    """

    questions: tuple[Question, ...]
    problems: tuple[Problem, ...]
    doubts: Mapping[int, tuple[str, ...]]

    @property
    def ok(self) -> bool:
        """Whether every question was understood, doubts aside."""
        return not any(found.severity == "error" for found in self.problems)


@dataclass(slots=True)
class _Choice:
    label: str
    text: str
    emphasis: frozenset[str]
    marked: bool


@dataclass(slots=True)
class _Draft:
    """A question as it is being put together."""

    number: int
    paragraph: int
    text: list[str]
    choices: list[_Choice] = field(default_factory=list)
    said: str = ""
    notes: list[Problem] = field(default_factory=list)

    def note(self, code: str, paragraph: int, /, **params: object) -> None:
        self.notes.append(problem(code, paragraph, 1, number=self.number, **params))


def read_word(data: bytes) -> WordReading:
    """The questions of a .docx file. Never raises for what the file contains."""
    lines, refusal = word_lines(data)
    if refusal is not None:
        return WordReading((), (refusal,), {})
    return read_lines(lines)


def read_lines(lines: Iterable[WordLine]) -> WordReading:
    """The same for lines from anywhere."""
    gathering = _Gathering()
    for line in lines:
        gathering.take(line)
    questions: list[Question] = []
    problems = list(gathering.notes)
    doubts: dict[int, tuple[str, ...]] = {}
    checks = RecordChecks()
    for draft in gathering.drafts:
        question = _question(draft, gathering.keys)
        if question is not None:
            draft.notes.extend(checks.check(question, (draft.paragraph, 1)))
        problems.extend(draft.notes)
        if question is None or any(found.severity == "error" for found in draft.notes):
            continue
        codes = tuple(dict.fromkeys(found.code for found in draft.notes if found.severity == "warning"))
        if codes:
            doubts[len(questions)] = codes
        questions.append(question)
    if not gathering.drafts:
        problems.append(problem("E_NO_QUESTIONS", 0, 0))
    return WordReading(tuple(questions), in_file_order(problems), doubts)


class _Gathering:
    """Goes through the lines and decides what each one is."""

    def __init__(self) -> None:
        self.drafts: list[_Draft] = []
        self.keys: dict[int, str] = {}
        self.notes: list[Problem] = []
        self._in_key = False
        self._count = 0

    def take(self, line: WordLine) -> None:
        if line.table:
            self._table(line)
        elif (
            self.drafts
            and self.drafts[-1].choices
            and _KEY_HEAD.fullmatch(line.text)
            and not _KEY_LINE.match(line.text)
        ):
            self._in_key = True
        elif self._in_key or self._is_key_list(line.text):
            self._key_list(line)
        else:
            self._text(line)

    def _is_key_list(self, text: str) -> bool:
        """`1-а 2-б 3-в`: several numbers with a letter each and nothing else."""
        return len(_PAIR.findall(text)) > 2 and not _PAIR.sub("", text).strip(" ,;.\t")

    def _key_list(self, line: WordLine) -> None:
        found = _PAIR.findall(line.text)
        for number, letter in found:
            self.keys[int(number)] = letter
        if not found and line.level == "number" and re.fullmatch(r"[а-яa-z]\)?", line.text, re.IGNORECASE):
            self._count += 1
            self.keys[self._count] = line.text[0]
        elif not found and line.text:
            self.notes.append(problem("W_WORD_SKIPPED", line.paragraph, 1, text=excerpt(line.text)))

    def _table(self, line: WordLine) -> None:
        """A key: number and letter in a row, or a row of numbers above a row of letters."""
        found = dict(_pairs_of_table(line.table))
        self.keys.update(found)
        if not found:
            self.notes.append(problem("W_WORD_TABLE", line.paragraph, 1))

    def _text(self, line: WordLine) -> None:
        first, *others = (
            _INLINE.split(line.text) if _ANSWER.fullmatch(line.text.strip()) or self._inline(line.text) else [line.text]
        )
        self._one(line, first.strip())
        for other in others:
            self._one(line._replace(level="", emphasis=frozenset()), other.strip(" ;,\t"))
        if self.drafts:
            self._looks(self.drafts[-1], line)

    def _looks(self, draft: _Draft, line: WordLine) -> None:
        """What a line shows that its text does not say is told of the question it belongs to."""
        if line.picture:
            draft.note("W_WORD_PICTURE", line.paragraph)
        for way, letters in line.odd.items():
            draft.note(_ODD[way], line.paragraph, text=excerpt(letters))

    def _inline(self, text: str) -> bool:
        """`1. Question? а) yes б) no`: answers behind the question on its line."""
        return (
            len(_INLINE.findall(" " + text)) >= 1
            and re.search(r"(?:^|\s)[*+]?[аa][*+]?\)\s", text, re.IGNORECASE) is not None
        )

    def _one(self, line: WordLine, text: str) -> None:
        draft = self.drafts[-1] if self.drafts else None
        if not text:
            return
        if draft is not None and (said := _KEY_LINE.fullmatch(text)):
            draft.said = said.group(1).strip(" .")
        elif self._begins_question(line, text):
            self._begin(line, text)
        elif draft is not None and (choice := _choice(line, text)):
            draft.choices.append(choice)
        elif draft is None:
            self.notes.append(problem("I_WORD_BEFORE", line.paragraph, 1, text=excerpt(text)))
        elif draft.choices:
            draft.choices[-1].text += "\n" + text
            draft.note("W_WORD_CONTINUED", line.paragraph, text=excerpt(text))
        else:
            draft.text.append(text)

    def _begins_question(self, line: WordLine, text: str) -> bool:
        if _ANSWER.fullmatch(text):
            return False
        if line.level == "number":
            # Answers numbered one level deeper than their question are answers.
            return line.depth == 0 or not self.drafts
        return line.level == "" and _QUESTION.fullmatch(text) is not None

    def _begin(self, line: WordLine, text: str) -> None:
        found = _QUESTION.fullmatch(text) if line.level != "number" else None
        expected = self.drafts[-1].number + 1 if self.drafts else 1
        number = int(found.group(1)) if found else expected
        rest = found.group(2) if found else text
        shown = re.split(r"(?<=\s)(?=[*+]?[аa][*+]?\)\s)", rest, maxsplit=1, flags=re.IGNORECASE)
        draft = _Draft(number, line.paragraph, [shown[0].strip()])
        if self.drafts and number != expected:
            draft.note("W_WORD_NUMBER", line.paragraph, expected=expected)
        self.drafts.append(draft)
        if len(shown) > 1:
            self._one(line._replace(level="", emphasis=frozenset()), shown[1].strip(" ;,\t"))


def _choice(line: WordLine, text: str) -> _Choice | None:
    """An answer: lettered by hand, lettered or bulleted by Word, or with a plus or minus in front."""
    if found := _ANSWER.fullmatch(text):
        before, label, inner, behind, rest = found.groups()
        tail = _TAIL_MARK.search(rest)
        rest = rest[: tail.start()] if tail else rest
        marked = bool(tail) or any(mark and mark in _MARKS for mark in (before, inner, behind))
        return _Choice(label, rest.strip(" ;"), line.emphasis, marked)
    numbered = line.level in ("letter", "bullet") or (line.level == "number" and line.depth > 0)
    if found := _SIGNED.fullmatch(text):
        sign, rest = found.groups()
        return _Choice("", rest.strip(" ;"), line.emphasis, sign in _MARKS)
    if not numbered:
        return None
    tail = _TAIL_MARK.search(text)
    rest = text[: tail.start()] if tail else text
    return _Choice("", rest.strip(" ;"), line.emphasis, bool(tail))


def _pairs_of_table(rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, str]]:
    """Number and letter side by side, in one or several pairs of columns; or numbers above letters."""
    for row in rows:
        for left, right in itertools.pairwise(row):
            if _is_number(left) and _is_letter(right):
                yield int(left.strip(" .)")), right.strip(" .)")
    for upper, lower in itertools.pairwise(rows):
        pairs = [(a, b) for a, b in zip(upper, lower, strict=False) if _is_number(a) and _is_letter(b)]
        if len(pairs) > 1:
            yield from ((int(a.strip(" .)")), b.strip(" .)")) for a, b in pairs)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d{1,4}[.)]?", text.strip()) is not None


def _is_letter(text: str) -> bool:
    return re.fullmatch(r"[^\W\d_][.)]?", text.strip()) is not None


def _question(draft: _Draft, keys: Mapping[int, str]) -> Question | None:
    """The question of a draft; None where it has no answers or no key."""
    text = "\n".join(part for part in draft.text if part)
    choices = draft.choices
    if len(choices) < 2:
        draft.note("E_WORD_FEW_ANSWERS", draft.paragraph, n=len(choices), text=excerpt(text))
        return None
    _check_labels(draft)
    right = _key(draft, keys)
    if not right:
        return None
    mark = share(len(right))
    if len(right) > 1:
        draft.note("W_WORD_SEVERAL_KEYS", draft.paragraph, n=len(right))
    answers = tuple(
        Answer(choice.text, mark if at in right else 0.0, FormattedText("", "moodle"))
        for at, choice in enumerate(choices)
    )
    lines = (draft.paragraph, draft.paragraph)
    return MultichoiceQuestion(default_name(text), text, answers, single=len(right) == 1, lines=lines)


def _check_labels(draft: _Draft) -> None:
    labels = [choice.label for choice in draft.choices]
    if not all(labels):
        return
    script = script_of(labels)
    places = [letter_index(label, script) for label in labels]
    if places != list(range(len(labels))):
        draft.note("W_WORD_LETTERS", draft.paragraph, text=", ".join(labels))


def _key(draft: _Draft, keys: Mapping[int, str]) -> set[int]:
    """The right answers. Every way of saying it is asked; where two disagree, nothing is taken."""
    found: dict[str, set[int]] = {}
    marked = {at for at, choice in enumerate(draft.choices) if choice.marked}
    if marked:
        found["mark"] = marked
    for way, said in (("line", draft.said), ("table", keys.get(draft.number, ""))):
        if said and (places := _said(draft, said)):
            found[way] = places
    emphasised = _emphasised(draft.choices)
    if emphasised:
        found["look"] = emphasised
    if not found:
        draft.note("E_WORD_NO_KEY", draft.paragraph, text=excerpt(" ".join(draft.text)))
        return set()
    ways = list(found.values())
    if any(way != ways[0] for way in ways):
        said_all = "; ".join(", ".join(CYRILLIC[at].lower() for at in sorted(way)) for way in ways)
        draft.note("E_WORD_KEYS_DISAGREE", draft.paragraph, text=said_all)
        return set()
    return ways[0]


def _said(draft: _Draft, text: str) -> set[int]:
    labels = [choice.label for choice in draft.choices]
    key = read_key(text, script_of(labels), len(labels))
    by_text = {at for at, choice in enumerate(draft.choices) if choice.text.casefold() == text.casefold()}
    if key.marks or by_text:
        return set(key.marks) or by_text
    draft.note("E_WORD_KEY", draft.paragraph, text=excerpt(text))
    return set()


def _emphasised(choices: Sequence[_Choice]) -> set[int]:
    """The answers that stand out in a way not all of them do; the way that singles out the fewest counts."""
    best: set[int] = set()
    for way in sorted({way for choice in choices for way in choice.emphasis}):
        places = {at for at, choice in enumerate(choices) if way in choice.emphasis}
        if len(places) < len(choices) and (not best or len(places) < len(best)):
            best = places
    return best
