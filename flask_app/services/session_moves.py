"""A sitting of the test is moved: to another day, hour or place. Its forms, seats and seed stay as they are.

Whoever was told of the sitting as it was is to be told anew, a week before the new day (S003 L116): the notices are
recalled in the same transaction. What stands in Moodle opens at the old hour until the sitting is brought there again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import InvalidInput, Refused
from flask_app.domain.notices import Told, needs_another
from flask_app.domain.workflow import Act
from flask_app.services import audit
from flask_app.services.applications import applications_of
from flask_app.services.competition_facts import pack_of
from flask_app.services.local_time import LocalTime
from flask_app.services.notices import insist_on_time_to_tell, recall_notices
from flask_app.services.office import Work
from flask_app.services.rights import require
from flask_app.services.test_sessions import check_hours, session_of
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.organisation import User
from flask_app.store.models.procedures import Competition
from flask_app.store.models.testing import TestSession

MOVED = "session.moved"


@dataclass(frozen=True, slots=True)
class NewTime:
    """When and where instead. `same_place`: only the words for the place are put right. `told_already`: notices of the
    new day were given on paper in time, and are to be entered with their days.
    """

    starts_at: datetime
    ends_at: datetime
    place: Mapping[str, str]
    proctor: str
    same_place: bool = False
    told_already: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One move as it was recorded. `recalled`: how many notices lost their force."""

    on: date
    before: datetime
    after: datetime
    place: Mapping[str, str]
    reason: str
    by: str
    recalled: int


def move_session(work: Work, competition_id: UUID, to: NewTime, act: Act) -> int:
    """Move the sitting; returns how many candidates are to be told anew.

    Raises `InvalidInput`: session.move_unexplained, session.impossible, session.unchanged, session.too_near; `Refused`:
    competition.no_session, act.in_the_future, act.out_of_order (a notice was given on a later day than the act's).
    """
    competition = work.get(Competition, competition_id, lock=True)
    require(work, competition, "schedule_session")
    session, pack = session_of(work, competition_id), pack_of(competition)
    if session is None:
        raise Refused("competition.no_session", pack.rule(pack.test))
    if not act.reason:
        raise InvalidInput("session.move_unexplained", number=session.code)
    if act.happened_on > work.today:
        raise Refused("act.in_the_future", happened_on=act.happened_on, today=work.today)
    check_hours(session.code, to.starts_at, to.ends_at, session.duration_minutes)
    before = _as_it_is(session)
    if before == _as_wanted(to):
        raise InvalidInput("session.unchanged", number=session.code)
    anew = needs_another(Told(session.starts_at, session.place), Told(to.starts_at, to.place), same_place=to.same_place)
    if anew and not to.told_already:
        insist_on_time_to_tell(work, pack, to.starts_at)
    told = [application.id for application in applications_of(work, competition_id, "notified")] if anew else []
    if told:
        recall_notices(work, competition_id, told, act)
    if (session.starts_at, session.ends_at) != (to.starts_at, to.ends_at):
        session.pushed_at = None
    session.starts_at, session.ends_at = to.starts_at, to.ends_at
    session.place, session.proctor = dict(to.place), to.proctor
    after = {**_as_wanted(to), "happened_on": act.happened_on, "reason": act.reason, "recalled": len(told)}
    audit.record(work, MOVED, "test_session", session.id, before=before, after=after)
    return len(told)


def _as_it_is(session: TestSession) -> dict[str, object]:
    return {
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "place": dict(session.place),
        "proctor": session.proctor,
    }


def _as_wanted(to: NewTime) -> dict[str, object]:
    return {"starts_at": to.starts_at, "ends_at": to.ends_at, "place": dict(to.place), "proctor": to.proctor}


def moves_of(work: Work, here: LocalTime, session: TestSession) -> tuple[Move, ...]:
    """How the sitting was moved, the last time first."""
    rows = work.session.execute(
        select(AuditEvent, User.name)
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .where(
            AuditEvent.body_id == work.actor.body_id,
            AuditEvent.object_type == "test_session",
            AuditEvent.object_id == str(session.id),
            AuditEvent.action == MOVED,
        )
        .order_by(AuditEvent.id.desc())
    )
    return tuple(_move(here, event, name or event.actor_login) for event, name in rows)


def _move(here: LocalTime, event: AuditEvent, by: str) -> Move:
    before, after = event.before, event.after
    return Move(
        on=date.fromisoformat(after["happened_on"]),
        before=here.at(datetime.fromisoformat(before["starts_at"])),
        after=here.at(datetime.fromisoformat(after["starts_at"])),
        place=after["place"],
        reason=after["reason"],
        by=by,
        recalled=after["recalled"],
    )
