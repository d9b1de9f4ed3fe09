"""A synchronisation of the banks as its pages show it: what may be asked for, and a plan as changes of questions.

A plan is made by `synchronisation.plan` and carried out by its job; here it is only read. Texts are shown to whoever
may read questions, marks and right answers to whoever may read those; to everybody else a plan is names and counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, tuple_

from flask_app.domain.errors import OutsideError, Refused
from flask_app.domain.identity import Actor
from flask_app.ports.moodle import ForeignDecision, PresentQuestion, Step, SyncPlan
from flask_app.services import audit
from flask_app.services.bank_rights import may, require
from flask_app.services.job_desk import JobRow, jobs_of, queue_job
from flask_app.services.listing import PAGE_SIZE, Slice, pages_of
from flask_app.services.office import Office, Work
from flask_app.services.question_content import (
    ComparedLine,
    Line,
    compare_lines,
    lines_of,
    lines_of_xml,
    one_sided,
    read_one,
)
from flask_app.store.models.banks import BankQuestion, QuestionBank, QuestionRevision
from flask_app.store.models.moodle import SyncRun

JOB_KEY: Final = "sync-banks"
COURSE: Final = "KYZMAT-EXAMS"
"""Where banks stand unless an earlier run says otherwise."""

ORDER: Final = (
    "foreign_change",
    "new_version",
    "create_question",
    "restore_question",
    "move_question",
    "retire_question",
    "save_bank",
)
"""Kinds of change as they are read: what needs a decision first, then what changes, then what is new, then the rest."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked to bring to Moodle. `banks`: their names there, none = all; `decisions`: see the port."""

    course: str
    banks: tuple[str, ...] = ()
    decisions: tuple[ForeignDecision, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One step of a plan as a person reads it.

    `lines`: what changes in the question, empty where it may not be read or nothing of it changes. `old_known`: whether
    the text that Moodle holds is known here; `moved`: category before and after.
    """

    kind: str
    bank: str
    idnumber: str
    id: UUID | None
    bank_id: UUID | None
    version: int
    title: str
    lines: tuple[ComparedLine, ...] = ()
    old_known: bool = True
    moved: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class PlanPage:
    """`counts`: steps by kind, in the order of reading. `unchanged`: questions that stay as they are."""

    plan: SyncPlan
    wish: Wish
    banks: Mapping[str, Mapping[str, Any]]
    counts: Mapping[str, int]
    unchanged: int
    kind: str
    found: Slice[Change]
    may_read: bool
    with_key: bool
    open_job: JobRow | None


@dataclass(frozen=True, slots=True)
class SyncStart:
    """What can be brought to Moodle: banks by their name there, the course they stand in, the job that is under way."""

    banks: tuple[tuple[str, str, Mapping[str, Any]], ...]
    course: str
    open_job: JobRow | None


def start_of(work: Work) -> SyncStart:
    """Raises `NotPermitted` for whoever may not see synchronisations."""
    require(work.actor, "view_sync")
    rows = work.session.execute(
        select(QuestionBank.moodle_bank, QuestionBank.code, QuestionBank.title)
        .where(QuestionBank.body_id == work.actor.body_id)
        .order_by(QuestionBank.code)
    )
    return SyncStart(tuple(rows.all()), last_course(work), open_job(work))


def last_course(work: Work) -> str:
    """The course of the last run of banks."""
    named = work.session.scalar(
        select(SyncRun.report["course"].astext)
        .where(SyncRun.body_id == work.actor.body_id, SyncRun.report["course"].astext != "")
        .order_by(SyncRun.started_at.desc())
        .limit(1)
    )
    return named or COURSE


def open_job(work: Work) -> JobRow | None:
    return next((job for job in jobs_of(work, (JOB_KEY,)) if job.open), None)


def queue_sync(work: Work, wish: Wish, plan_hash: str) -> UUID:
    """Queue the carrying out of exactly this plan, in the actor's name.

    Raises `Refused("sync.job_open")` while another one waits or runs, `NotPermitted`.
    """
    require(work.actor, "sync")
    if open_job(work) is not None:
        raise Refused("sync.job_open")
    for decided in wish.decisions:
        after = {"bank": decided.bank, "question": decided.idnumber, "version": decided.version}
        audit.record(work, "sync.ours_taken", "body", work.actor.body_id, after=after)
    arguments: dict[str, object] = {
        "course": wish.course,
        "banks": list(wish.banks),
        "decisions": [[d.bank, d.idnumber, d.version] for d in wish.decisions],
        "plan": plan_hash,
    }
    return queue_job(work, "sync_banks", arguments, key=JOB_KEY)


# -- a plan, read ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class There:
    """What was read from Moodle for the changes of one page: present questions, and texts that are not ours."""

    present: Mapping[tuple[str, str], PresentQuestion] = field(default_factory=dict)
    foreign: Mapping[tuple[str, str], Sequence[Line]] = field(default_factory=dict)


def look(office: Office, actor: Actor, made: SyncPlan, kind: str, page: int) -> There:
    """Read from Moodle what the changes of one page need. To be called outside any transaction."""
    if not may(actor, "read_questions"):
        return There()
    steps, _ = _chosen(made, kind, page)
    banks = {step.target for step in steps if step.kind in ("new_version", "move_question", "foreign_change")}
    present = {(bank, found.idnumber): found for bank in banks for found in office.moodle.present(bank)}
    names = [(step.target, step.idnumber) for step in steps if step.kind == "new_version"]
    edited = [name for name in names if (found := present.get(name)) is not None and found.foreign]
    foreign = {name: theirs(office, *name, with_key=may(actor, "read_answers")) for name in edited}
    return There(present, {name: lines for name, lines in foreign.items() if lines is not None})


def _chosen(made: SyncPlan, kind: str, page: int) -> tuple[Sequence[Step], int]:
    """The steps of one page, in the order of reading, and the page (the nearest that exists)."""
    steps = [step for name in ORDER for step in made.steps if step.kind == name and kind in ("", name)]
    page = min(page, pages_of(len(steps)))
    return steps[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], page


def plan_page(work: Work, made: SyncPlan, wish: Wish, kind: str, page: int, there: There) -> PlanPage:
    """A plan for reading: one kind of change or all (""), a page of them."""
    reads, key = may(work.actor, "read_questions"), may(work.actor, "read_answers")
    counted: Counter[str] = Counter(step.kind for step in made.steps)
    steps, page = _chosen(made, kind, page)
    touched = {(s.target, s.idnumber) for s in made.steps if s.kind != "save_bank"}
    wanted = {(bank.bank, question.idnumber) for bank in made.wanted.banks for question in bank.questions}
    banks = _banks(work, [bank.bank for bank in made.wanted.banks])
    total = counted[kind] if kind else len(made.steps)
    return PlanPage(
        plan=made,
        wish=wish,
        banks={name: bank.title for name, bank in banks.items()},
        counts={name: counted[name] for name in ORDER if counted[name]},
        unchanged=len(wanted - touched),
        kind=kind,
        found=Slice(tuple(_Reader(work, banks, there, reads, key).changes(steps)), total, page),
        may_read=reads,
        with_key=key,
        open_job=open_job(work),
    )


def theirs(office: Office, bank: str, idnumber: str, *, with_key: bool) -> tuple[Line, ...] | None:
    """What the question says in Moodle now; None where Moodle does not tell or tells what is no question."""
    try:
        return lines_of_xml(office.moodle.question_xml(bank, idnumber), with_key=with_key)
    except OutsideError:
        return None  # shown as «could not be read»: one question must not hide the plan of all others


def _banks(work: Work, names: Sequence[str]) -> dict[str, QuestionBank]:
    rows = work.session.scalars(
        select(QuestionBank).where(QuestionBank.body_id == work.actor.body_id, QuestionBank.moodle_bank.in_(names))
    )
    return {row.moodle_bank: row for row in rows}


class _Reader:
    """Turns steps into changes: gathers what the panel keeps of all of them at once."""

    def __init__(
        self, work: Work, banks: Mapping[str, QuestionBank], there: There, reads: bool, with_key: bool
    ) -> None:
        self._work, self._banks, self._there, self._reads, self._key = work, banks, there, reads, with_key

    def changes(self, steps: Sequence[Step]) -> Iterator[Change]:
        rows = self._rows(steps)
        kept = self._kept_texts(steps) if self._reads else {}
        for step in steps:
            yield self._change(step, rows.get((step.target, step.idnumber)), kept)

    def _rows(self, steps: Sequence[Step]) -> dict[tuple[str, str], BankQuestion]:
        found = self._work.session.scalars(
            select(BankQuestion).where(
                BankQuestion.bank_id.in_([bank.id for bank in self._banks.values()]),
                BankQuestion.idnumber.in_({step.idnumber for step in steps}),
            )
        )
        names = {bank.id: name for name, bank in self._banks.items()}
        return {(names[row.bank_id], row.idnumber): row for row in found}

    def _kept_texts(self, steps: Sequence[Step]) -> dict[tuple[str, str], str]:
        """(idnumber, content hash) → GIFT of what Moodle holds, where it once was the panel's own."""
        asked = {
            (step.idnumber, found.content_hash)
            for step in steps
            if (found := self._there.present.get((step.target, step.idnumber))) is not None
        }
        rows = self._work.session.execute(
            select(QuestionRevision.idnumber, QuestionRevision.content_hash, QuestionRevision.source).where(
                tuple_(QuestionRevision.idnumber, QuestionRevision.content_hash).in_(asked)
            )
        )
        return {(idnumber, hash_): source for idnumber, hash_, source in rows}

    def _change(self, step: Step, row: BankQuestion | None, kept: Mapping[tuple[str, str], str]) -> Change:
        bank = self._banks.get(step.target)
        plain = Change(
            step.kind,
            step.target,
            step.idnumber,
            row.id if row is not None else None,
            bank.id if bank is not None else None,
            step.expected_version,
            "",
        )
        if row is None or not self._reads:
            return plain
        return self._with_texts(plain, step, row, kept)

    def _with_texts(self, plain: Change, step: Step, row: BankQuestion, kept: Mapping[tuple[str, str], str]) -> Change:
        ours = lines_of(read_one(row.source), with_key=self._key)
        there = self._there.present.get((step.target, step.idnumber))
        lines, known, moved = one_sided(ours, "same"), True, ("", "")
        if step.kind == "create_question":
            lines = one_sided(ours, "new")
        elif step.kind == "move_question" and there is not None:
            lines, moved = (), (there.category_path, row.category_path)
        elif step.kind == "new_version":
            old = self._old(step, there, kept)
            known = old is not None
            lines = compare_lines(old, ours) if old is not None else one_sided(ours, "new")
        return replace(plain, title=ours[0].text, lines=lines, old_known=known, moved=moved)

    def _old(
        self, step: Step, there: PresentQuestion | None, kept: Mapping[tuple[str, str], str]
    ) -> Sequence[Line] | None:
        """What Moodle holds now: another person's text as read there, or an older one of the panel's own."""
        if there is None or there.foreign:
            return self._there.foreign.get((step.target, step.idnumber))
        source = kept.get((step.idnumber, there.content_hash))
        return None if source is None else lines_of(read_one(source), with_key=self._key)
