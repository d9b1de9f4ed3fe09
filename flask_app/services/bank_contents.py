"""A bank of the panel as its files would be: GIFT texts by language, the questions read back, and every finding.

The panel keeps questions one by one. A finding needs a place that a person can go to, so the bank is spelled out as the
files `<bank>.<language>.gift`, always the same for the same questions, and read and checked like any other bank. What
was worked out is kept in the process, by the content it was worked out from.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Final, Literal, TypeVar
from uuid import UUID

from sqlalchemy import Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from flask_app.domain.errors import InvalidInput
from flask_app.services.banks import questions_of
from flask_app.services.office import Work
from flask_app.services.question_content import read_one
from flask_app.store.models.banks import BankQuestion, QuestionBank
from gift_export.reader import Reading, read
from gift_export.writer import write
from question_banks.bank import BankFolder, BankHead, BankText, Source, Topic, content_hash
from question_banks.files import shipped_sources
from question_banks.model import Question
from question_banks.rules import check_bank

Severity = Literal["error", "warning", "info"]
DIFFICULTY: Final = "difficulty:"
"""Tag of a question's difficulty, where its author gave one."""

KEPT_BANKS: Final = 24

T = TypeVar("T")


_Raw = tuple[Severity, str, str, int, int, Mapping[str, object]]
"""Severity, code, file, line, column, parameters."""


@dataclass(frozen=True, slots=True)
class BankFinding:
    """One thing worth mending. `idnumber` is empty where the whole file is meant (line and column 0)."""

    severity: Severity
    code: str
    file: str
    line: int
    column: int
    params: Mapping[str, object]
    idnumber: str
    language: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A question as it stands in the text of its language; its `lines` are those of that text."""

    language: str
    question: Question


@dataclass(frozen=True, slots=True)
class Contents:
    """`questions`: live ones by idnumber. `texts`: language → (file name, GIFT).

    `damaged`: questions whose kept text is not the one they were loaded with; they are left out of everything else.
    """

    questions: Mapping[str, Placed]
    texts: Mapping[str, tuple[str, str]]
    findings: tuple[BankFinding, ...]
    damaged: tuple[str, ...] = ()

    def count(self, severity: Severity) -> int:
        return sum(finding.severity == severity for finding in self.findings)

    def of(self, idnumber: str) -> tuple[BankFinding, ...]:
        return tuple(finding for finding in self.findings if finding.idnumber == idnumber)

    def source_of(self, idnumber: str) -> tuple[tuple[int, str], ...]:
        """The question's own lines of the text, each with its number."""
        placed = self.questions[idnumber]
        _, text = self.texts[placed.language]
        first, last = placed.question.lines
        return tuple(enumerate(text.split("\n")[first - 1 : last], start=first))


class _Kept:
    """The last banks worked out. Content-addressed, so nothing in it can be out of date."""

    def __init__(self) -> None:
        self._contents: OrderedDict[tuple[UUID, str], Contents] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[UUID, str]) -> Contents | None:
        with self._lock:
            found = self._contents.get(key)
            if found is not None:
                self._contents.move_to_end(key)
            return found

    def put(self, key: tuple[UUID, str], contents: Contents) -> None:
        with self._lock:
            self._contents[key] = contents
            while len(self._contents) > KEPT_BANKS:
                self._contents.popitem(last=False)


_KEPT = _Kept()


def contents_of(work: Work, banks: Sequence[QuestionBank]) -> dict[UUID, Contents]:
    """What each of these banks holds, by id."""
    marks = _marks(work, [bank.id for bank in banks])
    found: dict[UUID, Contents] = {}
    for bank in banks:
        key = (bank.id, marks.get(bank.id, ""))
        contents = _KEPT.get(key)
        if contents is None:
            contents = _work_out(work, bank, [row for row in questions_of(work, bank.id) if not row.retired])
            _KEPT.put(key, contents)
        found[bank.id] = contents
    return found


def _marks(work: Work, ids: Sequence[UUID]) -> dict[UUID, str]:
    """A mark of the live questions of each bank: their names, contents and places, and what is kept as their source."""
    line = func.concat_ws(
        "|",
        BankQuestion.idnumber,
        BankQuestion.content_hash,
        BankQuestion.category_path,
        func.md5(BankQuestion.source),
        cast(BankQuestion.topic, Text),
    )
    rows = work.session.execute(
        select(
            BankQuestion.bank_id,
            func.md5(func.string_agg(line, aggregate_order_by(literal("\n"), BankQuestion.idnumber))),
        )
        .where(BankQuestion.bank_id.in_(ids), BankQuestion.retired.is_(False))
        .group_by(BankQuestion.bank_id)
    )
    return dict(rows.all())


def _work_out(work: Work, bank: QuestionBank, rows: Sequence[BankQuestion]) -> Contents:
    sound = [(row, question) for row in rows if (question := _sound(row)) is not None]
    sources = shipped_sources(work.body.jurisdiction)
    found = _examined(bank, [row for row, _ in sound], [question for _, question in sound], sources)
    whole = {row.idnumber for row, _ in sound}
    return replace(found, damaged=tuple(row.idnumber for row in rows if row.idnumber not in whole))


def _sound(row: BankQuestion) -> Question | None:
    """The question, if what is kept still is what was loaded."""
    try:
        question = read_one(row.source)
    except InvalidInput:
        return None  # reported as damaged by the caller
    return question._replace(category=row.category_path) if content_hash(question) == row.content_hash else None


def _examined(
    bank: QuestionBank, rows: Sequence[BankQuestion], questions: Sequence[Question], sources: Mapping[str, Source]
) -> Contents:
    languages = sorted({row.language for row in rows})
    texts = {
        language: (
            f"{bank.code}.{language}.gift",
            write(_in_file_order(q for q, row in zip(questions, rows, strict=True) if row.language == language)),
        )
        for language in languages
    }
    readings = {language: read(text) for language, (_, text) in texts.items()}
    folder = BankFolder(
        f"{bank.code}/bank.toml",
        _head(bank, rows, questions, languages),
        {language: BankText(file, text) for language, (file, text) in texts.items()},
        sources,
    )
    placed = {
        question.idnumber: Placed(language, question)
        for language, reading in readings.items()
        for question in reading.questions
    }
    findings = _findings([*_of_the_reader(readings, texts), *_of_the_rules(folder, readings)], texts, placed)
    return Contents(placed, texts, tuple(findings))


def _of_the_reader(readings: Mapping[str, Reading], texts: Mapping[str, tuple[str, str]]) -> Iterator[_Raw]:
    for language, reading in readings.items():
        for found in reading.problems:
            yield found.severity, found.code, texts[language][0], found.line, found.column, found.params


def _of_the_rules(folder: BankFolder, readings: Mapping[str, Reading]) -> Iterator[_Raw]:
    for found in check_bank(folder, {language: reading.questions for language, reading in readings.items()}):
        yield found.severity, found.code, found.file, found.line, found.column, found.params


def _in_file_order(questions: Iterable[Question]) -> list[Question]:
    """By category, then by name: one `$CATEGORY:` for each, and the same bank always the same text."""
    return sorted(questions, key=lambda question: (question.category, question.idnumber))


def _head(
    bank: QuestionBank, rows: Sequence[BankQuestion], questions: Sequence[Question], languages: Sequence[str]
) -> BankHead:
    """The head as the questions themselves show it: where most of a topic lies is the topic's place."""
    places: dict[str, Counter[tuple[str, str]]] = {}
    options: Counter[int] = Counter()
    for row, question in zip(rows, questions, strict=True):
        path, _, place = row.category_path.rpartition("/")[0].rpartition("/")
        places.setdefault(row.topic, Counter())[(path, place)] += 1
        if question.qtype == "multichoice":
            options[len(question.answers)] += 1
    paths = Counter(path for counted in places.values() for path, _ in counted.elements())
    return BankHead(
        id=bank.code,
        titles=bank.title,
        block=bank.block,
        release=bank.release,
        status="",
        languages=tuple(languages),
        category_path=_usual(paths, ""),
        topics=tuple(Topic(topic, {}, _usual(counted, ("", ""))[1]) for topic, counted in sorted(places.items())),
        options=_usual(options, 0),
    )


def _usual(counted: Counter[T], otherwise: T) -> T:
    return counted.most_common(1)[0][0] if counted else otherwise


def _findings(
    found: Iterable[_Raw], texts: Mapping[str, tuple[str, str]], placed: Mapping[str, Placed]
) -> Iterator[BankFinding]:
    """Errors first, then warnings, then hints; within these by file and place; with the question each is about."""
    language_of = {file: language for language, (file, _) in texts.items()}
    owners = {language: _Owners(language, placed) for language in texts}
    rank = {"error": 0, "warning": 1, "info": 2}
    for severity, code, file, line, column, params in sorted(
        found, key=lambda item: (rank[item[0]], item[2], item[3], item[4], item[1])
    ):
        language = language_of.get(file, "")
        name = owners[language].at(line) if language else ""
        yield BankFinding(severity, code, file, line, column, params, name, language)


class _Owners:
    """Which question of a text stands at a line."""

    def __init__(self, language: str, placed: Mapping[str, Placed]) -> None:
        own = sorted((*held.question.lines, name) for name, held in placed.items() if held.language == language)
        self._starts = [first for first, _, _ in own]
        self._own = own

    def at(self, line: int) -> str:
        """Its idnumber; empty between two questions and for the file as a whole."""
        at = bisect_right(self._starts, line) - 1
        return self._own[at][2] if at >= 0 and line <= self._own[at][1] else ""


def difficulty_of(question: Question) -> str:
    """What its author tagged it with; empty where nothing was said."""
    return next((tag.removeprefix(DIFFICULTY) for tag in question.tags if tag.startswith(DIFFICULTY)), "")
