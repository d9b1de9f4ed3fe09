"""A question as its author types it, made into records and held to the rules of its bank, before anything is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.canonical import digest
from flask_app.domain.errors import InvalidInput
from flask_app.domain.names import sort_key
from flask_app.services.banks import questions_of
from flask_app.services.office import Work
from flask_app.services.question_content import read_one
from flask_app.services.question_findings import Remark, about_copies, about_tongue, in_editor
from flask_app.store.models.banks import BankQuestion, QuestionBank
from flask_app.store.models.questions import QuestionItem
from gift_export.reader import read
from gift_export.refusal import CannotSayError
from gift_export.writer import spell
from question_banks.bank import (
    DIFFICULTY_TAG,
    SOURCE_TAG,
    TOPIC_TAG,
    BankFolder,
    BankHead,
    BankText,
    Source,
    Texts,
    Topic,
    citations_of,
    difficulties_of,
)
from question_banks.duplicates import Probe, Wording, asked_by, near_duplicates, wording_of
from question_banks.files import shipped_sources, shipped_topics
from question_banks.model import Question
from question_banks.rules import check_bank

ABOUT_A_WHOLE_BANK: Final = frozenset({"BANK_LANGUAGE_MISSING", "BANK_EMPTY", "BANK_TOPIC_EMPTY"})
FOLLOWS: Final = frozenset({"BANK_TWIN_OPTIONS"})
"""What is said of a number of options anyway, where it is not the bank's."""
NO_TITLE: Final = "::::"
UNDER_WAY: Final = ("review", "language_check", "approved")
"""States of a question that was handed in: its text was readable then, and cannot be changed."""
OPTIONS: Final = 5
"""Of a bank that has no question yet."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a question has to fit into: the bank's languages, topics with their places, options, and citable sources.

    `probes`: the bank's questions, for the search for repetitions; `categories`: (topic, language) → category;
    `wordings`: the owners of each exact wording, in the bank and on the way into it; `topic_titles`: titles by topic,
    where the bank says them.
    """

    bank_id: UUID
    code: str
    languages: tuple[str, ...]
    topics: tuple[str, ...]
    options: int
    categories: Mapping[tuple[str, str], str]
    sources: Mapping[str, Source]
    probes: tuple[Probe, ...]
    wordings: Mapping[Wording, tuple[str, ...]]
    topic_titles: Mapping[str, Texts]

    def category(self, topic: str, language: str) -> str:
        """The place of a topic in Moodle; a topic without questions yet gets one beside the others."""
        known = self.categories.get((topic, language))
        if known is not None:
            return known
        beside = next(iter(self.categories.values()), f"KG/{self.code}/{topic}/{language}")
        return "/".join([*beside.split("/")[:-2], topic, language])


@dataclass(frozen=True, slots=True)
class DraftText:
    """The fields of the editor. `texts`: language → GIFT of one question; blank ones are left out."""

    group: str
    topic: str
    difficulty: str
    citations: tuple[str, ...]
    texts: Mapping[str, str]

    @property
    def content_hash(self) -> str:
        return digest([self.topic, self.difficulty, sorted(self.citations), sorted(self.texts.items())])

    @property
    def tags(self) -> tuple[str, ...]:
        hard = (f"{DIFFICULTY_TAG}{self.difficulty}",) if self.difficulty else ()
        return (f"{TOPIC_TAG}{self.topic}", *(f"{SOURCE_TAG}{place}" for place in self.citations), *hard)


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft as it was understood: questions by language, and everything the reader and the rules say."""

    questions: Mapping[str, Question]
    remarks: tuple[Remark, ...]
    missing: tuple[str, ...]

    @property
    def errors(self) -> int:
        return sum(remark.severity == "error" for remark in self.remarks)


def frame_of(work: Work, bank: QuestionBank) -> Frame:
    """The bank's frame, from the questions it holds."""
    rows = [row for row in questions_of(work, bank.id) if not row.retired]
    questions = [(row, read_one(row.source)) for row in rows]
    counts = Counter(len(q.answers) for _, q in questions if q.qtype == "multichoice")
    probes = tuple(_probe(row, question) for row, question in questions)
    topics = tuple(sorted({row.topic for row in rows}, key=sort_key))
    titles = {topic.id: topic.titles for topic in shipped_topics(bank.code)}
    return Frame(
        bank_id=bank.id,
        code=bank.code,
        languages=tuple(sorted({row.language for row in rows})) or ("ky", "ru"),
        topics=topics,
        options=counts.most_common(1)[0][0] if counts else OPTIONS,
        categories={(row.topic, row.language): row.category_path for row in rows},
        sources=shipped_sources(work.body.jurisdiction),
        probes=probes,
        wordings=owners_of([*probes, *_under_way(work, bank.id)]),
        topic_titles={topic: titles.get(topic, {}) for topic in topics},
    )


def check(frame: Frame, draft: DraftText, *, repeats: bool = True) -> Checked:
    """What the draft is and what is to be said against it; nothing is kept.

    `repeats`: look for questions of the bank that ask the same. An import asks that once for all its questions.
    """
    questions: dict[str, Question] = {}
    remarks: list[Remark] = []
    for language, text in draft.texts.items():
        reading = read(text)
        remarks += [Remark(p.severity, p.code, language, p.line, p.column, p.params) for p in reading.problems]
        if len(reading.questions) == 1:
            questions[language] = _dressed(frame, draft, language, reading.questions[0])
            remarks += about_tongue(language, reading.questions[0])
        elif not any(p.severity == "error" for p in reading.problems):
            remarks.append(Remark("error", "QUESTION_ONE", language, 1, 1, {"n": len(reading.questions)}))
    remarks += about_copies(questions)
    if len(questions) == len(draft.texts):
        remarks += _by_rules(frame, draft, questions)
        remarks += repeats_exactly(frame.wordings, draft.group, questions, frame.code)
        if repeats:
            remarks += repeated(frame, {draft.group: questions}).get(draft.group, [])
    missing = tuple(language for language in frame.languages if language not in draft.texts)
    return Checked(questions, tuple(remarks), missing)


def as_draft(group: str, questions: Mapping[str, Question]) -> DraftText:
    """The editor's fields for questions that exist: tags apart, texts without them."""
    first = next(iter(questions.values()))
    topics = [tag.removeprefix(TOPIC_TAG) for tag in first.tags if tag.startswith(TOPIC_TAG)]
    hard = difficulties_of(first)
    return DraftText(
        group,
        topics[0] if topics else "",
        hard[0] if hard else "",
        tuple(map(str, citations_of(first))),
        {language: bare_text(question) for language, question in questions.items()},
    )


def bare_text(question: Question) -> str:
    """The question's GIFT without id and tags, which are fields of their own.

    Raises `InvalidInput("question.not_gift")` where GIFT has no words for it.
    """
    try:
        return spell(question._replace(idnumber="", tags=(), name="")).strip("\n").removeprefix(NO_TITLE)
    except CannotSayError as cannot:
        raise InvalidInput("question.not_gift", question=question.idnumber) from cannot


def _dressed(frame: Frame, draft: DraftText, language: str, question: Question) -> Question:
    return question._replace(
        name=draft.group,
        idnumber=f"{draft.group}.{language}",
        tags=draft.tags,
        category=frame.category(draft.topic, language),
    )


def _by_rules(frame: Frame, draft: DraftText, questions: Mapping[str, Question]) -> Iterator[Remark]:
    languages = tuple(dict.fromkeys([*frame.languages, *draft.texts]))
    head = BankHead(
        id=frame.code,
        titles={},
        block="",
        release="",
        status="",
        languages=languages,
        category_path="",
        topics=tuple(Topic(topic, {}, topic) for topic in frame.topics),
        options=frame.options,
    )
    texts = {language: BankText(language, text) for language, text in draft.texts.items()}
    # Where the questions lie is the frame's doing, not the author's: the rule on categories has nothing to look at.
    found = check_bank(
        BankFolder("", head, texts, frame.sources),
        {code: [q._replace(category=head.category_of(draft.topic, code) or "")] for code, q in questions.items()},
    )
    left_out = ABOUT_A_WHOLE_BANK | (FOLLOWS if any(one.code == "BANK_OPTION_COUNT" for one in found) else set())
    yield from unlike(
        in_editor(one, group=draft.group, topic=draft.topic, topics=frame.topic_titles, sources=frame.sources)
        for one in found
        if one.code not in left_out
    )


def unlike(remarks: Iterable[Remark]) -> Iterator[Remark]:
    """Each of them once: what is said of the question as a whole is found in each of its languages."""
    seen: list[Remark] = []
    for remark in remarks:
        if remark not in seen:
            seen.append(remark)
            yield remark


def owners_of(probes: Sequence[Probe]) -> dict[Wording, tuple[str, ...]]:
    """Who asks what in exactly which words."""
    found: dict[Wording, tuple[str, ...]] = {}
    for probe in probes:
        if (said := wording_of(probe)) is not None:
            found[said] = (*found.get(said, ()), str(probe.owner))
    return found


def repeats_exactly(
    wordings: Mapping[Wording, Sequence[str]], group: str, questions: Mapping[str, Question], bank: str
) -> Iterator[Remark]:
    """An error for each language in which the question stands already, word for word, under another name."""
    for language, question in questions.items():
        said = wording_of(as_probe(group, language, question))
        others = [owner for owner in wordings.get(said, ()) if owner != group] if said is not None else []
        if others:
            yield Remark("error", "QUESTION_REPEATED", language, 1, 1, {"other": others[0], "bank": bank})


def repeated(frame: Frame, drafts: Mapping[str, Mapping[str, Question]]) -> dict[str, list[Remark]]:
    """By twin group: what of these drafts asks nearly the same as a question of the bank, or as one another.

    The same question with another key is an error; what repeats another word for word is one of its own
    (`repeats_exactly`).
    """
    others = [probe for probe in frame.probes if probe.owner not in drafts]
    own = [
        as_probe(group, language, question)
        for group, questions in drafts.items()
        for language, question in questions.items()
    ]
    probes = [*others, *own]
    told = _contradicting(frame, probes, {str(owner) for owner in drafts})
    for found in near_duplicates(probes):
        first, second = probes[found.first], probes[found.second]
        exact = wording_of(first) == wording_of(second)
        contradicts = asked_by(first) is not None and asked_by(first) == asked_by(second)
        if found.second >= len(others) and not contradicts and not (exact and found.kind == "words"):
            other = str(first.owner)
            params = {"other": other, "bank": frame.code, "percent": round(100 * found.share)}
            remark = Remark("warning", "QUESTION_ALIKE", second.language, 1, 1, params)
            told.setdefault(str(second.owner), []).append(remark)
    return told


def _contradicting(frame: Frame, probes: Sequence[Probe], drafts: Container[str]) -> dict[str, list[Remark]]:
    """By twin group of a draft: the question that asks and offers the same, and calls another answer right."""
    first: dict[Hashable, Probe] = {}
    told: dict[str, list[Remark]] = {}
    for probe in probes:
        asked = asked_by(probe)
        earlier = first.setdefault(asked, probe) if asked is not None else probe
        if probe.owner != earlier.owner and str(probe.owner) in drafts and wording_of(earlier) != wording_of(probe):
            params = {"other": str(earlier.owner), "bank": frame.code}
            remark = Remark("error", "QUESTION_KEY_CONTRADICTS", probe.language, 1, 1, params)
            told.setdefault(str(probe.owner), []).append(remark)
    return told


def _under_way(work: Work, bank_id: UUID) -> list[Probe]:
    """Questions that were handed in and are not in the bank yet: the same one is not handed in beside them."""
    rows = work.session.execute(
        select(QuestionItem.twin_group, QuestionItem.texts).where(
            QuestionItem.bank_id == bank_id,
            QuestionItem.body_id == work.actor.body_id,
            QuestionItem.state.in_(UNDER_WAY),
            QuestionItem.content_hash != QuestionItem.released_hash,
        )
    )
    return [
        as_probe(group, language, read_one(text)) for group, texts in rows for language, text in sorted(texts.items())
    ]


def _probe(row: BankQuestion, question: Question) -> Probe:
    return as_probe(row.twin_group, row.language, question)


def as_probe(group: str, language: str, question: Question) -> Probe:
    """A question of a bank's editor as the search for repetitions sees it."""
    answers: Sequence[tuple[str, float]] = (
        [(answer.text, answer.fraction) for answer in question.answers] if question.qtype == "multichoice" else []
    )
    keys = tuple(text for text, fraction in answers if fraction == 1)
    return Probe(group, language, question.text, keys, tuple(text for text, _ in answers))
