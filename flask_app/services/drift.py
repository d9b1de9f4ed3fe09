"""What somebody changed in Moodle: found by looking there, shown beside the panel's own text, for a person to decide.

What can be decided today: the panel's text takes the place of exactly the version that was seen (`ForeignDecision`, in
the next plan), or nothing is done, and the bank of that question is not brought to Moodle meanwhile. To keep the other
text, it is taken into the bank as the panel's own first, and then the same is decided; the text is handed out for that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.identity import Actor
from flask_app.ports.moodle import PresentQuestion
from flask_app.services import audit
from flask_app.services.bank_rights import may, require
from flask_app.services.bank_shelf import COMPARED, bank_of
from flask_app.services.banks import questions_of, record_synced
from flask_app.services.listing import PAGE_SIZE, Slice, pages_of
from flask_app.services.local_time import LocalTime, local_time
from flask_app.services.office import Office, Work
from flask_app.services.question_content import ComparedLine, Line, compare_lines, lines_of, read_one
from flask_app.services.sync_desk import theirs
from flask_app.store.models.banks import BankQuestion, QuestionBank


@dataclass(frozen=True, slots=True)
class Place:
    """A bank of the panel and what it is called in Moodle."""

    id: UUID
    code: str
    name: str
    title: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Drifted:
    """A question somebody else changed. `version`: what stands in Moodle now; `changed_at`: when, by Moodle's clock.

    `ours` None: the panel does not want this question (any more). `theirs` None: Moodle did not tell it, or it may not
    be read. `doubled`: two entries in Moodle bear this name, which only somebody in Moodle can settle.
    """

    place: Place
    idnumber: str
    id: UUID | None
    version: int
    changed_at: datetime
    ours: tuple[Line, ...] | None
    theirs: tuple[Line, ...] | None
    lines: tuple[ComparedLine, ...]
    doubled: bool


@dataclass(frozen=True, slots=True)
class BankDrift:
    """How one bank stands to Moodle: questions that are the same, older there, absent there, changed by others, and
    questions of others that are only there.
    """

    place: Place
    same: int
    older: int
    absent: int
    changed: int
    others: int


@dataclass(frozen=True, slots=True)
class DriftPage:
    banks: tuple[BankDrift, ...]
    found: Slice[Drifted]
    may_read: bool
    with_key: bool
    may_decide: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """Moodle's own list of one bank's questions at this moment."""

    place: Place
    questions: tuple[PresentQuestion, ...]

    def changed(self, held: Mapping[str, BankQuestion]) -> list[PresentQuestion]:
        """Questions of the panel whose latest version is not the panel's, or that are there twice; by name, once each.

        What the panel never wrote and does not want is other people's work in the same bank (as in the plan).
        """
        twice = self.doubled
        latest = {question.idnumber: question for question in self.questions if question.idnumber}
        return [
            question
            for name, question in sorted(latest.items())
            if (question.foreign or name in twice) and (question.content_hash or _wanted(held.get(name)))
        ]

    @property
    def doubled(self) -> frozenset[str]:
        counted = Counter(question.idnumber for question in self.questions if question.idnumber)
        return frozenset(name for name, n in counted.items() if n > 1)


def look_around(office: Office, actor: Actor) -> tuple[Seen, ...]:
    """Read every bank of the body in Moodle. Writes nothing; raises the gateway's `OutsideError`s, `NotPermitted`."""
    require(actor, "view_sync")
    with office.work(actor) as work:
        rows = work.session.scalars(
            select(QuestionBank).where(QuestionBank.body_id == actor.body_id).order_by(QuestionBank.code)
        ).all()
        places = [Place(row.id, row.code, row.moodle_bank, row.title) for row in rows]
    return tuple(Seen(place, office.moodle.present(place.name)) for place in places)


def note_seen(work: Work, seen: Iterable[Seen]) -> None:
    """Keep where each question stands in Moodle; that somebody looked is an event of the log.

    A question that is no longer there loses its place, so that lists do not go on telling of it.
    """
    require(work.actor, "sync")
    for look in seen:
        there = {question.idnumber for question in look.questions}
        for row in questions_of(work, look.place.id):
            if row.idnumber not in there:
                row.moodle_version, row.synced_hash = 0, ""
        record_synced(work, look.questions)
        after = {"seen": len(look.questions), "changed": sum(q.foreign for q in look.questions)}
        audit.record(work, COMPARED, "question_bank", look.place.id, after=after)


def drift_page(office: Office, actor: Actor, seen: Iterable[Seen], page: int) -> DriftPage:
    """The looks beside what the panel holds; the texts of one page are read from Moodle."""
    looks = tuple(seen)
    with office.work(actor) as work:
        held = {look.place.id: {row.idnumber: row for row in questions_of(work, look.place.id)} for look in looks}
        here = local_time(work)
    changed = [(look, question) for look in looks for question in look.changed(held[look.place.id])]
    page = min(page, pages_of(len(changed)))
    shown = changed[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    read = _Reading(office, may(actor, "read_questions"), may(actor, "read_answers"), here)
    return DriftPage(
        banks=tuple(_count(look, held[look.place.id]) for look in looks),
        found=Slice(
            tuple(read.drifted(look, question, held[look.place.id].get(question.idnumber)) for look, question in shown),
            len(changed),
            page,
        ),
        may_read=may(actor, "read_questions"),
        with_key=may(actor, "read_answers"),
        may_decide=may(actor, "sync"),
    )


def _wanted(row: BankQuestion | None) -> bool:
    return row is not None and not row.retired


def _count(look: Seen, held: Mapping[str, BankQuestion]) -> BankDrift:
    changed = {question.idnumber for question in look.changed(held)}
    there = {question.idnumber: question for question in look.questions if question.idnumber}
    wanted = {name: row for name, row in held.items() if _wanted(row)}
    same = {name for name, row in wanted.items() if name in there and there[name].content_hash == row.content_hash}
    return BankDrift(
        look.place,
        same=len(same - changed),
        older=len((wanted.keys() & there.keys()) - same - changed),
        absent=len(wanted.keys() - there.keys()),
        changed=len(changed),
        others=len(look.questions) - sum(q.idnumber in held for q in look.questions),
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """How drifted questions are read: by whose rights, and by which clock."""

    office: Office
    reads: bool
    with_key: bool
    here: LocalTime

    def drifted(self, look: Seen, question: PresentQuestion, row: BankQuestion | None) -> Drifted:
        ours = lines_of(read_one(row.source), with_key=self.with_key) if row is not None and _wanted(row) else None
        other = self._theirs(look.place.name, question.idnumber)
        return Drifted(
            place=look.place,
            idnumber=question.idnumber,
            id=None if row is None else row.id,
            version=question.version,
            changed_at=self.here.at(datetime.fromtimestamp(question.timemodified, UTC)),
            ours=ours if self.reads else None,
            theirs=other,
            lines=compare_lines(ours or (), other) if self.reads and other is not None else (),
            doubled=question.idnumber in look.doubled,
        )

    def _theirs(self, bank: str, idnumber: str) -> tuple[Line, ...] | None:
        return theirs(self.office, bank, idnumber, with_key=self.with_key) if self.reads else None


def their_xml(office: Office, actor: Actor, bank_id: UUID, idnumber: str) -> tuple[str, str]:
    """The bank's code and what stands in Moodle, as Moodle XML, to be taken into the bank by hand. Noted in the log.

    Raises `NotFound` for another body's bank, `NotPermitted`, and the gateway's `OutsideError`s.
    """
    with office.work(actor) as work:
        bank = bank_of(work, bank_id, "read_answers")
        code, name = bank.code, bank.moodle_bank
        audit.record(work, "bank.foreign_text_taken", "question_bank", bank.id, after={"question": idnumber})
    return code, office.moodle.question_xml(name, idnumber)
