"""The audit log read by people: what happened to one object, and what happened last in the body. For the auditor."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, func, select, union_all

from flask_app.domain.errors import NotFound, NotPermitted
from flask_app.domain.identity import AUDITOR
from flask_app.services.listing import PAGE_SIZE, Slice, pages_of
from flask_app.services.local_time import LocalTime, local_time
from flask_app.services.office import Work
from flask_app.services.rights import may
from flask_app.store.models.applications import Application
from flask_app.store.models.audit import AuditEvent, AuditSeal
from flask_app.store.models.commissions import Commission, Meeting
from flask_app.store.models.documents import Document
from flask_app.store.models.organisation import User
from flask_app.store.models.procedures import Competition
from flask_app.store.models.results import Attempt
from flask_app.store.models.testing import ExaminationForm, TestSession
from flask_app.store.models.training import TrainingOrder

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
    """One event. `position`: its place in the sealed chain; None = not sealed yet."""

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


def may_read(work: Work) -> bool:
    return bool(work.actor.roles & READERS)


def body_journal(work: Work, page: int) -> Slice[Entry]:
    """The body's events, newest first. Raises `NotPermitted`."""
    if not may_read(work):
        raise NotPermitted("journal.not_permitted")
    return _read(work, (), page)


def object_journal(work: Work, object_type: str, object_id: UUID, page: int) -> Slice[Entry]:
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
    return found


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
    names = _commissions(work, [event for event, _, _ in rows])
    return Slice(tuple(_entry(here, names, *row) for row in rows), total, page)


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
    here: LocalTime, names: Mapping[str, Mapping[str, Any]], event: AuditEvent, name: str | None, position: int | None
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
        after=_by_the_clock(here, _with_names(event.after, names)),
        request_id=event.request_id,
        position=position,
    )
