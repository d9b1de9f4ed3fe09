"""Question banks in the panel: loaded whole or not at all, and what they want to be in Moodle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import InvalidInput, NotPermitted
from flask_app.domain.identity import BANK_EDITOR
from flask_app.ports.moodle import PresentQuestion, WantedBank, WantedQuestion
from flask_app.services import audit
from flask_app.services.office import Work
from flask_app.store.models.banks import BankQuestion, BankRelease, QuestionBank, QuestionRevision
from gift_export.writer import spell
from question_banks.bank import Bank, TwinGroup, content_hash
from question_banks.model import Question


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What loading a bank changed, in questions."""

    code: str
    added: int
    changed: int
    retired: int
    unchanged: int


def load_bank(work: Work, bank: Bank) -> LoadReport:
    """Take a sound bank into the panel: new questions added, changed ones replaced, missing ones retired.

    The bank was read and linted before; a broken one never gets here, so nothing is ever half loaded.
    Raises `InvalidInput("bank.other_jurisdiction")` for a bank about another country's law: this is the only way into
    the body's shelf, so plans, blueprints and forms of the body never see such a question.
    """
    if BANK_EDITOR not in work.actor.roles:
        raise NotPermitted("workflow.action_not_permitted", action="load", state="", workflow="question_bank")
    if bank.jurisdiction != work.body.jurisdiction:
        raise InvalidInput(
            "bank.other_jurisdiction",
            bank=bank.id,
            country=bank.jurisdiction,
            body_country=work.body.jurisdiction,
        )
    row = _bank_row(work, bank)
    known = {question.idnumber: question for question in questions_of(work, row.id)}
    wanted = {q.idnumber: (group, language, q) for group in bank.items for language, q in group.versions.items()}
    added = changed = 0
    for idnumber, (group, language, question) in wanted.items():
        present = known.get(idnumber)
        if present is None:
            work.add(_question_row(row.id, group, language, question))
            added += 1
        elif present.content_hash != content_hash(question) or present.retired:
            _take_over(present, group, question)
            changed += 1
    retired = [q for idnumber, q in known.items() if idnumber not in wanted and not q.retired]
    for question_row in retired:
        question_row.retired = True
    _keep_release(work, row, bank)
    if added or changed or retired:
        audit.record(
            work,
            "bank.loaded",
            "question_bank",
            row.id,
            after={"release": bank.release, "added": added, "changed": changed, "retired": len(retired)},
        )
    return LoadReport(bank.id, added, changed, len(retired), len(wanted) - added - changed)


def _keep_release(work: Work, row: QuestionBank, bank: Bank) -> None:
    """Keep this state of the bank and every content in it, once, so that its papers can be drawn and shown again."""
    known = work.session.scalar(
        select(BankRelease.id).where(BankRelease.bank_id == row.id, BankRelease.hash == bank.hash)
    )
    if known is not None:
        return
    members = [
        [group.id, group.topic, {language: content_hash(q) for language, q in sorted(group.versions.items())}]
        for group in bank.items
    ]
    work.add(BankRelease(bank_id=row.id, release=bank.release, hash=bank.hash, members=members, loaded_at=work.now))
    kept = set(
        work.session.execute(
            select(QuestionRevision.idnumber, QuestionRevision.content_hash).where(
                QuestionRevision.body_id == work.actor.body_id
            )
        )
    )
    for group in bank.items:
        for question in group.versions.values():
            key = (question.idnumber, content_hash(question))
            if key not in kept:
                work.add(
                    QuestionRevision(idnumber=key[0], content_hash=key[1], source=spell(question), kept_at=work.now)
                )


def _bank_row(work: Work, bank: Bank) -> QuestionBank:
    row = work.session.scalar(
        select(QuestionBank)
        .where(QuestionBank.body_id == work.actor.body_id, QuestionBank.code == bank.id)
        .with_for_update()
    )
    if row is None:
        row = QuestionBank(code=bank.id, block=bank.block, moodle_bank=f"kyzmat-{work.body.code}-{bank.id}")
        work.add(row)
    row.title, row.release, row.hash, row.loaded_at = dict(bank.titles), bank.release, bank.hash, work.now
    work.session.flush()
    return row


def _question_row(bank_id: UUID, group: TwinGroup, language: str, question: Question) -> BankQuestion:
    row = BankQuestion(bank_id=bank_id, idnumber=question.idnumber, twin_group=group.id, language=language)
    _take_over(row, group, question)
    return row


def _take_over(row: BankQuestion, group: TwinGroup, question: Question) -> None:
    row.topic = group.topic
    row.citation = ", ".join(str(citation) for citation in group.citations)
    row.category_path = question.category
    row.content_hash = content_hash(question)
    row.source = spell(question)
    row.retired = False


def questions_of(work: Work, bank_id: UUID) -> list[BankQuestion]:
    return list(
        work.session.scalars(
            select(BankQuestion).where(BankQuestion.bank_id == bank_id).order_by(BankQuestion.idnumber)
        )
    )


def wanted_banks(work: Work, course: str, *, language: str = "ru") -> tuple[WantedBank, ...]:
    """Every bank of the body as it should stand in Moodle; retired questions are not wanted there."""
    banks = work.session.scalars(
        select(QuestionBank).where(QuestionBank.body_id == work.actor.body_id).order_by(QuestionBank.code)
    ).all()
    return tuple(
        WantedBank(
            course,
            bank.moodle_bank,
            str(bank.title.get(language) or bank.code),
            tuple(
                WantedQuestion(q.idnumber, q.content_hash, q.category_path, q.source)
                for q in questions_of(work, bank.id)
                if not q.retired
            ),
        )
        for bank in banks
    )


def record_synced(work: Work, present: Iterable[PresentQuestion]) -> int:
    """Keep where each question stands in Moodle, as the site itself reports it; returns how many are in step.

    Read from the site rather than from the apply's report: an apply that was killed after its last call has no report.
    """
    placed = {question.idnumber: question for question in present}
    rows = work.session.scalars(
        select(BankQuestion).where(BankQuestion.body_id == work.actor.body_id, BankQuestion.idnumber.in_(placed))
    ).all()
    for row in rows:
        there = placed[row.idnumber]
        row.moodle_version, row.moodle_entry, row.moodle_question = there.version, there.entryid, there.questionid
        row.synced_hash = "" if there.foreign else there.content_hash
    return sum(row.synced_hash == row.content_hash for row in rows)
