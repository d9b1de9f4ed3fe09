"""The appeal dossier of an attempt: each question as shown, the answer, the key, the mark, who changed what when.

What is shown is the very version the form fixed, found by its hash; not what the bank says today.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import String, cast, select

from flask_app.domain.errors import InvalidInput, NotFound, NotPermitted
from flask_app.services import audit
from flask_app.services.bank_preview import Preview, preview
from flask_app.services.journal import Entry
from flask_app.services.local_time import LocalTime, local_time
from flask_app.services.office import Work
from flask_app.services.question_content import read_one
from flask_app.services.result_totals import FINISHED
from flask_app.services.sitting_desk import SitterRow, Sitting, opens_answers, sitting_of
from flask_app.store.models.applications import Application
from flask_app.store.models.audit import AuditEvent, AuditSeal
from flask_app.store.models.banks import QuestionRevision
from flask_app.store.models.organisation import User
from flask_app.store.models.results import Attempt, AttemptResponse
from flask_app.store.models.testing import ExaminationForm, FormItem, Seat

TOLD = ("attempt", "application")
"""Types of objects whose events belong to the dossier."""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer. `version` and `entry` are Moodle's; `content_hash` is the bank's, of the version the form fixed.

    `shown` is None when that version is not kept here (a form of before the panel kept them). `mark` None = not graded.
    `earlier`: marks of the revisions before, oldest first, where they differ.
    """

    slot: int
    block: str
    question: str
    entry: int
    version: int
    content_hash: str
    shown: Preview | None
    response: str
    right_answer: str
    mark: Decimal | None
    maximum: Decimal
    answered_at: datetime | None
    earlier: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """The attempt as it was pulled at one time."""

    number: int
    pulled_at: datetime
    state: str
    deleted: bool
    mark: Decimal | None
    maximum: Decimal
    newest: bool


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything an appeal needs. `language` of the form; `attempt` is Moodle's number."""

    sitting: Sitting
    sitter: SitterRow
    attempt: int
    test: str
    language: str
    started_at: datetime | None
    finished_at: datetime | None
    revisions: tuple[RevisionRow, ...]
    rows: tuple[AnswerRow, ...]
    events: tuple[Entry, ...]

    @property
    def newest(self) -> RevisionRow:
        return next(revision for revision in self.revisions if revision.newest)


def dossier_of(work: Work, competition_id: UUID, application_id: UUID) -> Dossier:
    """Of the candidate's finished attempt. Opening it is an audited event.

    Raises `NotFound` for a candidate without such an attempt, `NotPermitted` for who may not read answers.
    """
    sitting = sitting_of(work, competition_id)
    if not opens_answers(sitting.competition, sitting.roles):
        raise NotPermitted(
            "workflow.action_not_permitted",
            action="pull_results",
            state=sitting.competition.state,
            workflow="competition",
        )
    sitter = sitting.sitter(application_id)
    found = _attempt(work, application_id)
    if found is None:
        raise NotFound("object.unknown", type="Attempt")
    attempt, form = found
    opened = {"application": application_id, "revision": attempt.revision}
    audit.record(work, "attempt.opened", "attempt", attempt.id, after=opened)
    here, revisions = local_time(work), _revisions(work, attempt)
    return Dossier(
        sitting=sitting,
        sitter=sitter,
        attempt=attempt.moodle_attempt,
        test=attempt.test_idnumber,
        language=form.language,
        started_at=_at(here, attempt.started_at),
        finished_at=_at(here, attempt.finished_at),
        revisions=tuple(_revision(here, revision) for revision in revisions),
        rows=_answers(work, here, attempt, form, [r.id for r in revisions if not r.newest]),
        events=_events(work, here, [application_id, *(revision.id for revision in revisions)]),
    )


def _at(here: LocalTime, moment: datetime | None) -> datetime | None:
    return None if moment is None else here.at(moment)


def _attempt(work: Work, application_id: UUID) -> tuple[Attempt, ExaminationForm] | None:
    """The finished attempt of the candidate's own form, in its newest revision."""
    row = work.session.execute(
        select(Attempt, ExaminationForm)
        .join(ExaminationForm, ExaminationForm.test_idnumber == Attempt.test_idnumber)
        .join(Seat, Seat.form_id == ExaminationForm.id)
        .join(Application, Application.id == Seat.application_id)
        .where(
            Application.id == application_id,
            Attempt.person_idnumber == cast(Application.person_id, String),
            Attempt.newest.is_(True),
            Attempt.deleted.is_(False),
            Attempt.state == FINISHED,
        )
        .order_by(Attempt.number)
        .limit(1)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def _revisions(work: Work, attempt: Attempt) -> Sequence[Attempt]:
    """All that was ever pulled of this attempt, oldest first."""
    return work.session.scalars(
        select(Attempt)
        .where(
            Attempt.body_id == work.actor.body_id,
            Attempt.moodle_attempt == attempt.moodle_attempt,
            Attempt.test_idnumber == attempt.test_idnumber,
        )
        .order_by(Attempt.revision)
    ).all()


def _revision(here: LocalTime, attempt: Attempt) -> RevisionRow:
    return RevisionRow(
        attempt.revision,
        here.at(attempt.pulled_at),
        attempt.state,
        attempt.deleted,
        attempt.mark,
        attempt.maximum,
        attempt.newest,
    )


# -- answers -----------------------------------------------------------------------------------------------------------


def _answers(
    work: Work, here: LocalTime, attempt: Attempt, form: ExaminationForm, older: Sequence[UUID]
) -> tuple[AnswerRow, ...]:
    rows = work.session.execute(
        select(AttemptResponse, FormItem.block, FormItem.content_hash, QuestionRevision.source)
        .outerjoin(FormItem, (FormItem.form_id == form.id) & (FormItem.slot == AttemptResponse.slot))
        .outerjoin(
            QuestionRevision,
            (QuestionRevision.body_id == work.actor.body_id)
            & (QuestionRevision.idnumber == AttemptResponse.question_idnumber)
            & (QuestionRevision.content_hash == FormItem.content_hash),
        )
        .where(AttemptResponse.attempt_id == attempt.id)
        .order_by(AttemptResponse.slot)
    )
    earlier = _earlier_marks(work, older)
    return tuple(
        AnswerRow(
            slot=r.slot,
            block=block or "",
            question=r.question_idnumber,
            entry=r.entryid,
            version=r.question_version,
            content_hash=content_hash or "",
            shown=None if source is None else _shown(source),
            response=r.response,
            right_answer=r.right_answer,
            mark=r.mark,
            maximum=r.maximum,
            answered_at=_at(here, r.answered_at),
            earlier=tuple(mark for mark in earlier.get(r.slot, ()) if mark != r.mark),
        )
        for r, block, content_hash, source in rows
    )


def _shown(source: str) -> Preview | None:
    """A text that can no longer be read is not worth losing the dossier: it is told on the row."""
    try:
        return preview(read_one(source), with_key=True)
    except InvalidInput:
        return None


def _earlier_marks(work: Work, revisions: Sequence[UUID]) -> Mapping[int, Sequence[Decimal | None]]:
    found: dict[int, list[Decimal | None]] = defaultdict(list)
    if revisions:
        rows = work.session.execute(
            select(AttemptResponse.slot, AttemptResponse.mark)
            .join(Attempt, Attempt.id == AttemptResponse.attempt_id)
            .where(AttemptResponse.attempt_id.in_(revisions))
            .order_by(Attempt.revision)
        )
        for slot, mark in rows:
            found[slot].append(mark)
    return found


# -- who changed what when ---------------------------------------------------------------------------------------------


def _events(work: Work, here: LocalTime, about: Sequence[UUID]) -> tuple[Entry, ...]:
    """What the audit log holds of the attempt and of the candidate's application, oldest first."""
    rows = work.session.execute(
        select(AuditEvent, User.name, AuditSeal.position)
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .outerjoin(AuditSeal, AuditSeal.event_id == AuditEvent.id)
        .where(
            AuditEvent.object_id.in_([str(id_) for id_ in about]),
            AuditEvent.object_type.in_(("attempt", "application")),
        )
        .order_by(AuditEvent.id)
    )
    return tuple(
        Entry(
            id=event.id,
            at=here.at(event.recorded_at),
            login=event.actor_login,
            name=name or "",
            action=event.action,
            object_type=event.object_type,
            object_id=event.object_id,
            before=event.before,
            after={name: value for name, value in event.after.items() if name != "application"},
            request_id=event.request_id,
            position=position,
        )
        for event, name, position in rows
    )
