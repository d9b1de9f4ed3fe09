"""The audit log read by people: what happened to one object, and what happened last in the body. For the auditor."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, func, literal, null, select, tuple_, union_all
from sqlalchemy.dialects.postgresql import JSONB

from flask_app.domain.errors import NotFound, NotPermitted
from flask_app.domain.identity import AUDITOR
from flask_app.services.listing import PAGE_SIZE, Slice, pages_of
from flask_app.services.local_time import LocalTime, local_time
from flask_app.services.office import Work
from flask_app.services.rights import may
from flask_app.store.models.applications import Application
from flask_app.store.models.audit import AuditEvent, AuditSeal
from flask_app.store.models.banks import QuestionBank
from flask_app.store.models.commissions import Commission, Meeting
from flask_app.store.models.documents import Document
from flask_app.store.models.organisation import User
from flask_app.store.models.procedures import Competition, Position, StageRecord
from flask_app.store.models.results import Attempt
from flask_app.store.models.testing import ExaminationForm, TestSession
from flask_app.store.models.training import Institution, Programme, TrainingOrder

READERS = frozenset({AUDITOR})
"""Who reads the log. Everybody else reads the history on the object's own page."""

WORKFLOWED: Mapping[str, type[Competition] | type[Application] | type[Document] | type[TrainingOrder]] = {
    "competition": Competition,
    "application": Application,
    "document": Document,
    "training_order": TrainingOrder,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. `position`: its place in the sealed chain; None = not sealed yet.

    `number` and `title`: which object it was, as far as that is known; people are named by no more than their numbers.
    """

    id: int
    at: datetime
    login: str
    name: str
    action: str
    object_type: str
    object_id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    request_id: str
    position: int | None
    number: str = ""
    title: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ObjectJournal(Slice[Entry]):
    """The events of one object, and which one it is."""

    number: str = ""
    title: Mapping[str, Any] = field(default_factory=dict)


class Called(NamedTuple):
    number: str
    title: Mapping[str, Any]


UNKNOWN = Called("", {})


Model = type[Any]
Naming = Callable[[Sequence[UUID], UUID], Select[Any]]


def _by(type_: str, model: Model, number: Any, title: Any = None, join: tuple[Model, Any] | None = None) -> Naming:
    """A part of the query that tells objects of one type by number and title."""

    def part(ids: Sequence[UUID], body: UUID) -> Select[Any]:
        query = select(
            literal(type_, Text).label("type"),
            model.id.label("id"),
            cast(null() if number is None else number, Text).label("number"),
            cast(null() if title is None else title, JSONB).label("title"),
        )
        if join is not None:
            query = query.join(*join)
        return query.where(model.body_id == body, model.id.in_(ids))

    return part


_REGISTERED = case(
    (
        Document.registration_value.is_not(None),
        func.concat(Document.registration_value, "-", Document.registration_series, "/", Document.registration_year),
    ),
)
_APPLIED = func.concat(Application.number, ", ", Competition.code)
CALLED: Mapping[str, Naming] = {
    "competition": _by("competition", Competition, Competition.code),
    "application": _by(
        "application", Application, _APPLIED, None, (Competition, Competition.id == Application.competition_id)
    ),
    "document": _by("document", Document, _REGISTERED, Document.title),
    "training_order": _by("training_order", TrainingOrder, TrainingOrder.code),
    "commission": _by("commission", Commission, None, Commission.name),
    "meeting": _by("meeting", Meeting, Competition.code, None, (Competition, Competition.id == Meeting.competition_id)),
    "test_session": _by("test_session", TestSession, TestSession.code),
    "programme": _by("programme", Programme, Programme.course_code, Programme.title),
    "institution": _by("institution", Institution, None, Institution.name),
    "position": _by("position", Position, None, Position.title),
    "question_bank": _by("question_bank", QuestionBank, QuestionBank.code),
}
"""Type → how its objects are told apart. Accounts and people are left out: the log is no list of names."""


def may_read(work: Work) -> bool:
    return bool(work.actor.roles & READERS)


def body_journal(work: Work, page: int) -> Slice[Entry]:
    """The body's events, newest first. Raises `NotPermitted`."""
    if not may_read(work):
        raise NotPermitted("journal.not_permitted")
    return _read(work, (), page)


def object_journal(work: Work, object_type: str, object_id: UUID, page: int) -> ObjectJournal:
    """The events of one object, newest first; of a competition with all that belongs to it: applications, test sitting
    and attempts, the commission's sitting, papers.

    Raises `NotFound` for an object without events in this body, and for one the actor may not even view;
    `NotPermitted` for somebody who may view the object but not the log.
    """
    if not may_read(work):
        _refuse(work, object_type, object_id)
    about: ColumnElement[bool]
    if object_type == "competition":
        about = AuditEvent.object_id.in_(_of_competition(work, object_id))
    else:
        about = and_(AuditEvent.object_type == object_type, AuditEvent.object_id == str(object_id))
    found = _read(work, (about,), page)
    if not found.total:
        raise NotFound("object.unknown", type=object_type)
    called = next((row for row in found.rows if row.object_id == str(object_id)), None)
    if called is None:
        number, title = _called(work, {(object_type, str(object_id))}).get((object_type, str(object_id)), UNKNOWN)
    else:
        number, title = called.number, called.title
    return ObjectJournal(found.rows, found.total, found.page, number, title)


def _of_competition(work: Work, id_: UUID) -> list[str]:
    """The ids of everything that belongs to a competition, in one query; its own first."""
    session = select(TestSession.id).where(TestSession.competition_id == id_)
    parts = (
        select(Application.id).where(Application.competition_id == id_),
        session,
        select(Attempt.id)
        .join(ExaminationForm, ExaminationForm.test_idnumber == Attempt.test_idnumber)
        .where(ExaminationForm.session_id.in_(session), Attempt.body_id == work.actor.body_id),
        select(Meeting.id).where(Meeting.competition_id == id_),
        select(Document.id).where(Document.subject_type == "competition", Document.subject_id == id_),
    )
    return [str(id_), *map(str, work.session.scalars(union_all(*parts)))]


def _refuse(work: Work, object_type: str, object_id: UUID) -> None:
    model = WORKFLOWED.get(object_type)
    if model is None or not may(work, work.get(model, object_id), "view"):
        raise NotFound("object.unknown", type=object_type)
    raise NotPermitted("journal.not_permitted")


def _read(work: Work, conditions: tuple[ColumnElement[bool], ...], page: int) -> Slice[Entry]:
    """A page of the events that meet the conditions, the nearest one that exists.

    The log is the longest table there is: the page's fifty events are found by their numbers first, and names and seals
    are looked up for those alone; beyond that the database only counts.
    """
    here = local_time(work)
    own = (AuditEvent.body_id == work.actor.body_id, *conditions)
    total = work.session.scalar(select(func.count(AuditEvent.id)).where(*own)) or 0
    page = min(page, pages_of(total))
    numbers = select(AuditEvent.id).where(*own).order_by(AuditEvent.id.desc())
    these = numbers.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE).subquery()
    rows = work.session.execute(
        select(AuditEvent, User.name, AuditSeal.position)
        .join(these, these.c.id == AuditEvent.id)
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .outerjoin(AuditSeal, AuditSeal.event_id == AuditEvent.id)
        .order_by(AuditEvent.id.desc())
    ).all()
    events = [event for event, _, _ in rows]
    names, reasons = _commissions(work, events), _reasons(work, events)
    called = _called(work, {(event.object_type, event.object_id) for event in events})
    return Slice(
        tuple(
            _entry(here, names, reasons, called.get((row[0].object_type, row[0].object_id), UNKNOWN), *row)
            for row in rows
        ),
        total,
        page,
    )


def _called(work: Work, objects: Collection[tuple[str, str]]) -> dict[tuple[str, str], Called]:
    """(type, id) → what the object is called, in one query for all types; no query where no type has a name."""
    ids: dict[str, list[UUID]] = defaultdict(list)
    for type_, id_ in objects:
        if type_ in CALLED and (found := _uuid(id_)) is not None:
            ids[type_].append(found)
    if not ids:
        return {}
    parts = [CALLED[type_](these, work.actor.body_id) for type_, these in sorted(ids.items())]
    rows: list[Any] = list(work.session.execute(union_all(*parts)))
    return {(type_, str(id_)): Called(number or "", title or {}) for type_, id_, number, title in rows}


def _uuid(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None


def _reasons(work: Work, events: Sequence[AuditEvent]) -> dict[tuple[str, int], str]:
    """(id, version) → why a step was taken that needs a reason; the log's own events do not say it."""
    steps = {(id_, version) for event in events if (id_ := _uuid(event.object_id)) and (version := _step(event))}
    if not steps:
        return {}
    rows = work.session.execute(
        select(StageRecord.object_id, StageRecord.version, StageRecord.reason).where(
            StageRecord.body_id == work.actor.body_id,
            StageRecord.reason != "",
            tuple_(StageRecord.object_id, StageRecord.version).in_(sorted(steps)),
        )
    )
    return {(str(id_), version): reason for id_, version, reason in rows}


def _step(event: AuditEvent) -> int | None:
    """The version that a step of a workflow led to; None for every other event."""
    version = event.after.get("version")
    return version if event.object_type in WORKFLOWED and "state" in event.after and isinstance(version, int) else None


def _with_reason(
    reasons: Mapping[tuple[str, int], str], event: AuditEvent, side: Mapping[str, Any]
) -> Mapping[str, Any]:
    version = _step(event)
    reason = None if version is None else reasons.get((event.object_id, version))
    return side if reason is None or side.get("reason") else {**side, "reason": reason}


def _commissions(work: Work, events: Sequence[AuditEvent]) -> dict[str, Mapping[str, Any]]:
    """Id → name of the commissions that the events tell of by their ids; no query where there are none."""
    sides = [side.get("commission") for event in events for side in (event.before, event.after)]
    told = {id_ for id_ in sides if id_ and isinstance(id_, str)}
    if not told:
        return {}
    rows = work.session.execute(
        select(Commission.id, Commission.name).where(
            Commission.body_id == work.actor.body_id, cast(Commission.id, Text).in_(told)
        )
    )
    return {str(id_): name for id_, name in rows}


def _with_names(side: Mapping[str, Any], names: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    known = names.get(str(side.get("commission")))
    return side if known is None else {**side, "commission": known}


_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})")


def _by_the_clock(here: LocalTime, side: Mapping[str, Any]) -> Mapping[str, Any]:
    """Moments are recorded in UTC; whoever reads of one means the body's clock."""
    return {
        name: here.at(datetime.fromisoformat(value)) if isinstance(value, str) and _MOMENT.fullmatch(value) else value
        for name, value in side.items()
    }


def _entry(
    here: LocalTime,
    names: Mapping[str, Mapping[str, Any]],
    reasons: Mapping[tuple[str, int], str],
    called: Called,
    event: AuditEvent,
    name: str | None,
    position: int | None,
) -> Entry:
    return Entry(
        id=event.id,
        at=here.at(event.recorded_at),
        login=event.actor_login,
        name=name or "",
        action=event.action,
        object_type=event.object_type,
        object_id=event.object_id,
        before=_by_the_clock(here, _with_names(event.before, names)),
        after=_by_the_clock(here, _with_names(_with_reason(reasons, event, event.after), names)),
        request_id=event.request_id,
        position=position,
        number=called.number,
        title=called.title,
    )
