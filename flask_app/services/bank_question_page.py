"""One question as its page shows it: in all its languages, as Moodle would, with what it rests on and where it stands.

Opening a question, and its right answers apart, is an event of the audit log.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import NotFound
from flask_app.services import audit
from flask_app.services.bank_contents import BankFinding, Contents, contents_of, difficulty_of
from flask_app.services.bank_preview import Preview, preview
from flask_app.services.bank_rights import may
from flask_app.services.bank_shelf import Standing, bank_of, standing_of_row
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.question_content import read_one
from flask_app.store.models.banks import BankQuestion, QuestionBank, QuestionRevision
from question_banks.bank import Source, citations_of
from question_banks.files import shipped_sources
from question_banks.model import Question


@dataclass(frozen=True, slots=True)
class Cited:
    """A place a question rests on. `source` is None for one that is not listed; `point` empty = nobody has seen it."""

    name: str
    source: Source | None
    point: str


@dataclass(frozen=True, slots=True)
class Version:
    """A content the question had here, by its hash; `current` is the one of today, `in_moodle` the one seen there."""

    hash: str
    kept_at: datetime
    current: bool
    in_moodle: bool


@dataclass(frozen=True, slots=True)
class OneLanguage:
    """A question in one language. `source`: its numbered lines of the bank's text, only with the key."""

    id: UUID
    idnumber: str
    language: str
    preview: Preview
    standing: Standing
    content_hash: str
    category: str
    moodle_version: int
    moodle_entry: int
    moodle_question: int
    file: str
    source: tuple[tuple[int, str], ...]
    findings: tuple[BankFinding, ...]
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """`twins`: the question asked for first, then its other languages."""

    bank: QuestionBank
    group: str
    topic: str
    difficulty: str
    tags: tuple[str, ...]
    cited: tuple[Cited, ...]
    twins: tuple[OneLanguage, ...]
    may_open: bool
    with_key: bool


def question_page(work: Work, bank_id: UUID, id_: UUID, *, with_key: bool) -> QuestionPage:
    """A question with its twins. Opening it is an event of the audit log, opening right answers another.

    Raises `NotFound` for a question of another bank or body, `NotPermitted` for who may not read questions or answers.
    """
    bank = bank_of(work, bank_id, "read_answers" if with_key else "read_questions")
    asked = work.get(BankQuestion, id_)
    if asked.bank_id != bank.id:
        raise NotFound("object.unknown", type="BankQuestion")
    contents = contents_of(work, [bank])[bank.id]
    group = work.session.scalars(
        select(BankQuestion)
        .where(BankQuestion.bank_id == bank.id, BankQuestion.twin_group == asked.twin_group)
        .order_by(BankQuestion.id != asked.id, BankQuestion.language)
    ).all()
    question = read_one(asked.source)
    action = "question.answers_opened" if with_key else "question.opened"
    audit.record(work, action, "bank_question", asked.id, after={"question": asked.idnumber})
    return QuestionPage(
        bank=bank,
        group=asked.twin_group,
        topic=asked.topic,
        difficulty=difficulty_of(question),
        tags=question.tags,
        cited=_cited(work, question),
        twins=tuple(_one_language(work, row, contents, with_key) for row in group),
        may_open=may(work.actor, "read_answers"),
        with_key=with_key,
    )


def _cited(work: Work, question: Question) -> tuple[Cited, ...]:
    sources = shipped_sources(work.body.jurisdiction)
    return tuple(
        Cited(place.source, sources.get(place.source), "" if place.point == "unverified" else place.point)
        for place in citations_of(question)
    )


def _one_language(work: Work, row: BankQuestion, contents: Contents, with_key: bool) -> OneLanguage:
    live = row.idnumber in contents.questions
    return OneLanguage(
        id=row.id,
        idnumber=row.idnumber,
        language=row.language,
        preview=preview(read_one(row.source), with_key=with_key),
        standing=standing_of_row(row),
        content_hash=row.content_hash,
        category=row.category_path,
        moodle_version=row.moodle_version,
        moodle_entry=row.moodle_entry,
        moodle_question=row.moodle_question,
        file=contents.texts[row.language][0] if row.language in contents.texts else "",
        source=contents.source_of(row.idnumber) if with_key and live else (),
        findings=contents.of(row.idnumber) if with_key else (),
        versions=_versions(work, row),
    )


def _versions(work: Work, row: BankQuestion) -> tuple[Version, ...]:
    here = local_time(work)
    rows = work.session.execute(
        select(QuestionRevision.content_hash, QuestionRevision.kept_at)
        .where(QuestionRevision.idnumber == row.idnumber, QuestionRevision.body_id == work.actor.body_id)
        .order_by(QuestionRevision.kept_at.desc())
        .limit(20)
    )
    return tuple(Version(hash_, here.at(at), hash_ == row.content_hash, hash_ == row.synced_hash) for hash_, at in rows)
