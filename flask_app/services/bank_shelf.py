"""What the pages of the question banks show: the banks, one bank's questions, and what is to be mended in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, Literal, TypeVar
from uuid import UUID

from sqlalchemy import func, select

from flask_app.domain.errors import NotFound
from flask_app.services import audit
from flask_app.services.bank_contents import BankFinding, Contents, Severity, contents_of, difficulty_of
from flask_app.services.bank_preview import preview
from flask_app.services.bank_rights import may, require, require_bank
from flask_app.services.listing import Slice, slice_of
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.rich_text import as_words
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.banks import BankQuestion, BankRelease, QuestionBank
from flask_app.store.models.moodle import SyncRun
from question_banks.bank import DIFFICULTIES
from question_banks.model import Question

Standing = Literal["in_step", "to_send", "never", "foreign", "retired"]
STANDINGS: Final[tuple[Standing, ...]] = ("in_step", "to_send", "never", "foreign", "retired")
"""How a question of the panel stands to Moodle, as far as the panel has last seen."""

COMPARED: Final = "bank.compared"
"""The audit event of a look at Moodle."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class BankRow:
    """A bank in the list. `synced_at`: when a synchronisation of banks last ended well; `seen_at`: the last look."""

    id: UUID
    code: str
    title: Mapping[str, Any]
    block: str
    release: str
    hash: str
    moodle_bank: str
    loaded_at: datetime
    languages: Mapping[str, int]
    standings: Mapping[Standing, int]
    errors: int
    warnings: int
    damaged: int
    synced_at: datetime | None
    seen_at: datetime | None

    @property
    def questions(self) -> int:
        return sum(self.languages.values())

    @property
    def standing(self) -> Standing:
        """The bank as a whole: what needs a person first."""
        if self.standings.get("foreign"):
            return "foreign"
        if self.standings.get("to_send") or (self.standings.get("never") and self.standings.get("in_step")):
            return "to_send"
        return "never" if self.standings.get("never") else "in_step"


@dataclass(frozen=True, slots=True)
class QuestionFilter:
    """Empty = any. `problem`: a finding's code, or "any" for every question that has one."""

    text: str = ""
    topic: str = ""
    difficulty: str = ""
    language: str = ""
    problem: str = ""
    standing: str = ""

    def __bool__(self) -> bool:
        return any((self.text, self.topic, self.difficulty, self.language, self.problem, self.standing))


@dataclass(frozen=True, slots=True)
class QuestionRow:
    id: UUID
    idnumber: str
    language: str
    topic: str
    difficulty: str
    qtype: str
    text: str
    standing: Standing
    moodle_version: int
    problems: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filter can be set to in this bank."""

    topics: tuple[str, ...]
    difficulties: tuple[str, ...]
    languages: tuple[str, ...]
    problems: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Release:
    release: str
    hash: str
    groups: int
    loaded_at: datetime


@dataclass(frozen=True, slots=True)
class BankPage:
    """`found` is None for whoever may know of the bank but not read its questions."""

    bank: BankRow
    found: Slice[QuestionRow] | None
    choices: Choices
    releases: tuple[Release, ...]
    may_read: bool
    may_sync: bool
    may_export: bool


def standing_of(*, retired: bool, there: bool, known: bool, same: bool) -> Standing:
    """From what was last seen in Moodle: `there` at all, in a text `known` to be the panel's, the `same` as now."""
    if retired:
        return "retired"
    if not there:
        return "never"
    if not known:
        return "foreign"
    return "in_step" if same else "to_send"


def standing_of_row(row: Any) -> Standing:
    return standing_of(
        retired=row.retired,
        there=row.moodle_version > 0,
        known=row.synced_hash != "",
        same=row.synced_hash == row.content_hash,
    )


# -- banks -------------------------------------------------------------------------------------------------------------


def banks(work: Work) -> tuple[BankRow, ...]:
    """Every bank of the body, by code. Raises `NotPermitted`."""
    require(work.actor, "view")
    rows = work.session.scalars(
        select(QuestionBank).where(QuestionBank.body_id == work.actor.body_id).order_by(QuestionBank.code)
    ).all()
    return _rows(work, rows)


def _rows(work: Work, rows: Sequence[QuestionBank]) -> tuple[BankRow, ...]:
    ids = [row.id for row in rows]
    contents, standings = contents_of(work, rows), _standings(work, ids)
    synced, seen = _last_runs(work, ids)
    return tuple(_row(work, row, contents[row.id], standings[row.id], synced, seen.get(str(row.id))) for row in rows)


def _row(
    work: Work,
    bank: QuestionBank,
    contents: Contents,
    standings: Counter[Standing],
    synced: Mapping[str, datetime],
    seen: datetime | None,
) -> BankRow:
    here = local_time(work)
    last = synced.get(bank.moodle_bank) or synced.get("")
    times = [moment for moment in (last if standings["in_step"] else None, seen) if moment is not None]
    return BankRow(
        id=bank.id,
        code=bank.code,
        title=bank.title,
        block=bank.block,
        release=bank.release,
        hash=bank.hash,
        moodle_bank=bank.moodle_bank,
        loaded_at=here.at(bank.loaded_at),
        languages=dict(sorted(Counter(held.language for held in contents.questions.values()).items())),
        standings=standings,
        errors=contents.count("error"),
        warnings=contents.count("warning"),
        damaged=len(contents.damaged),
        synced_at=here.at(last) if last is not None and standings["in_step"] else None,
        seen_at=here.at(max(times)) if times else None,
    )


def _standings(work: Work, ids: Sequence[UUID]) -> dict[UUID, Counter[Standing]]:
    found: dict[UUID, Counter[Standing]] = {id_: Counter() for id_ in ids}
    in_step = BankQuestion.synced_hash == BankQuestion.content_hash
    known = BankQuestion.synced_hash != ""
    there = BankQuestion.moodle_version > 0
    rows = work.session.execute(
        select(BankQuestion.bank_id, BankQuestion.retired, there, known, in_step, func.count())
        .where(BankQuestion.bank_id.in_(ids))
        .group_by(BankQuestion.bank_id, BankQuestion.retired, there, known, in_step)
    )
    for bank, retired, is_there, is_known, same, n in rows:
        standing = standing_of(retired=retired, there=is_there, known=is_known, same=same)
        found[bank][standing] += n
    return found


def _last_runs(work: Work, ids: Sequence[UUID]) -> tuple[dict[str, datetime], dict[str, datetime]]:
    """When banks were last brought to Moodle (by the bank's name there; "" = a run that names none), and last looked at
    there (by the bank's id).
    """
    names = SyncRun.report["banks"]
    runs = work.session.execute(
        select(names, func.max(SyncRun.ended_at))
        .where(SyncRun.body_id == work.actor.body_id, SyncRun.subject == "banks", SyncRun.state == "applied")
        .group_by(names)
    )
    synced: dict[str, datetime] = {}
    for listed, ended in runs:
        for name in listed or [""]:
            synced[name] = max(ended, synced.get(name, ended))
    looks = work.session.execute(
        select(AuditEvent.object_id, func.max(AuditEvent.recorded_at))
        .where(
            AuditEvent.object_id.in_([str(id_) for id_ in ids]),  # by its index: the log is long, the banks are few
            AuditEvent.body_id == work.actor.body_id,
            AuditEvent.action == COMPARED,
        )
        .group_by(AuditEvent.object_id)
    )
    return synced, dict(looks.all())


# -- one bank ----------------------------------------------------------------------------------------------------------


def bank_of(work: Work, id_: UUID, action: str = "view") -> QuestionBank:
    """Raises `NotFound` for another body's bank and for whoever may not know of any, `NotPermitted`."""
    require_bank(work.actor, "view")
    bank = work.get(QuestionBank, id_)
    require_bank(work.actor, action)
    return bank


def bank_page(work: Work, id_: UUID, wanted: QuestionFilter, page: int) -> BankPage:
    """Raises as `bank_of`."""
    bank = bank_of(work, id_)
    contents = contents_of(work, [bank])[bank.id]
    reads = may(work.actor, "read_questions")
    return BankPage(
        bank=_rows(work, [bank])[0],
        found=slice_of(_found(work, bank, contents, wanted), page) if reads else None,
        choices=_choices(contents),
        releases=_releases(work, bank.id),
        may_read=reads,
        may_sync=may(work.actor, "sync"),
        may_export=may(work.actor, "read_answers"),
    )


def _choices(contents: Contents) -> Choices:
    held = [placed.question for placed in contents.questions.values()]
    return Choices(
        topics=tuple(sorted({topic for question in held if (topic := _topic(question))})),
        difficulties=_in_order({grade for question in held if (grade := difficulty_of(question))}),
        languages=tuple(sorted(contents.texts)),
        problems=tuple(sorted(Counter(finding.code for finding in contents.findings).items())),
    )


def _in_order(grades: set[str]) -> tuple[str, ...]:
    """From easy to hard; what else somebody called a difficulty comes after."""
    return (*(grade for grade in DIFFICULTIES if grade in grades), *sorted(grades.difference(DIFFICULTIES)))


def _topic(question: Question) -> str:
    return next((tag.removeprefix("topic:") for tag in question.tags if tag.startswith("topic:")), "")


def _found(work: Work, bank: QuestionBank, contents: Contents, wanted: QuestionFilter) -> list[QuestionRow]:
    """Looked for in what a candidate reads, not in the source: a search must not tell which answer is right."""
    problems = _with_problem(contents, wanted.problem)
    counted = Counter(finding.idnumber for finding in contents.findings if finding.idnumber)
    return [
        row
        for row in (_question_row(one, contents, counted) for one in _light_rows(work, bank.id))
        if _fits(row, wanted, contents) and (not wanted.problem or row.idnumber in problems)
    ]


def _light_rows(work: Work, bank_id: UUID) -> Iterable[Any]:
    """Everything but the texts, which the process holds already."""
    return work.session.execute(
        select(
            BankQuestion.id,
            BankQuestion.idnumber,
            BankQuestion.language,
            BankQuestion.topic,
            BankQuestion.retired,
            BankQuestion.content_hash,
            BankQuestion.synced_hash,
            BankQuestion.moodle_version,
        )
        .where(BankQuestion.bank_id == bank_id, BankQuestion.body_id == work.actor.body_id)
        .order_by(BankQuestion.idnumber)
    )


def _question_row(row: Any, contents: Contents, problems: Mapping[str, int]) -> QuestionRow:
    placed = contents.questions.get(row.idnumber)
    question = None if placed is None else placed.question
    return QuestionRow(
        id=row.id,
        idnumber=row.idnumber,
        language=row.language,
        topic=row.topic,
        difficulty=difficulty_of(question) if question else "",
        qtype=question.qtype if question else "",
        text=as_words(question.text, question.format) if question else "",
        standing=standing_of_row(row),
        moodle_version=row.moodle_version,
        problems=problems.get(row.idnumber, 0),
    )


def _with_problem(contents: Contents, code: str) -> frozenset[str]:
    return frozenset(f.idnumber for f in contents.findings if f.idnumber and code in ("any", f.code))


def _fits(row: QuestionRow, wanted: QuestionFilter, contents: Contents) -> bool:
    chosen = ((wanted.topic, row.topic), (wanted.language, row.language), (wanted.difficulty, row.difficulty))
    if any(asked and asked != held for asked, held in chosen):
        return False
    if wanted.standing != row.standing if wanted.standing else row.standing == "retired":
        return False
    return not wanted.text or _plain(wanted.text) in _plain(_readable(row, contents))


def _readable(row: QuestionRow, contents: Contents) -> str:
    placed = contents.questions.get(row.idnumber)
    if placed is None:
        return row.idnumber
    shown = preview(placed.question, with_key=False)
    parts = [choice.text for choice in shown.choices] + [pair.text for pair in shown.pairs]
    words = [as_words(part.text, part.format) for part in parts]
    return "\n".join((row.idnumber, row.text, *words, *shown.options, *shown.items))


def _plain(text: str) -> str:
    return text.casefold().replace("ё", "е")


def _releases(work: Work, bank_id: UUID) -> tuple[Release, ...]:
    here = local_time(work)
    rows = work.session.execute(
        select(
            BankRelease.release, BankRelease.hash, func.jsonb_array_length(BankRelease.members), BankRelease.loaded_at
        )
        .where(BankRelease.bank_id == bank_id, BankRelease.body_id == work.actor.body_id)
        .order_by(BankRelease.loaded_at.desc())
        .limit(10)
    )
    return tuple(Release(release, hash_, groups, here.at(at)) for release, hash_, groups, at in rows)


# -- problems ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problems(Generic[Row]):
    """`ids`: idnumber → id of the question's page. `damaged`: see `Contents`."""

    bank: QuestionBank
    found: Slice[BankFinding]
    counts: Mapping[Severity, int]
    ids: Mapping[str, UUID]
    damaged: tuple[str, ...]


def problems_of(work: Work, id_: UUID, severity: str, page: int) -> Problems[BankFinding]:
    """Findings of a bank. They may tell of right answers, so only their editor reads them. Raises as `bank_of`."""
    bank = bank_of(work, id_, "read_answers")
    contents = contents_of(work, [bank])[bank.id]
    chosen = [finding for finding in contents.findings if severity in ("", finding.severity)]
    found = slice_of(chosen, page)
    rows = work.session.execute(
        select(BankQuestion.idnumber, BankQuestion.id).where(
            BankQuestion.bank_id == bank.id, BankQuestion.idnumber.in_({f.idnumber for f in found.rows})
        )
    )
    counts = Counter(finding.severity for finding in contents.findings)
    return Problems(bank, found, counts, dict(rows.all()), contents.damaged)


def text_of_bank(work: Work, id_: UUID, language: str) -> tuple[str, str]:
    """The file the findings speak of: its name and GIFT text, with all right answers. Noted in the audit log.

    Raises as `bank_of`, and `NotFound` for a language the bank does not speak.
    """
    bank = bank_of(work, id_, "read_answers")
    texts = contents_of(work, [bank])[bank.id].texts
    if language not in texts:
        raise NotFound("object.unknown", type="QuestionBank")
    audit.record(work, "bank.exported", "question_bank", bank.id, after={"language": language, "hash": bank.hash})
    return texts[language]
