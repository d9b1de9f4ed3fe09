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

from flask_app.domain.canonical import digest
from flask_app.domain.deadlines import days_between, is_early_enough
from flask_app.domain.errors import InvalidInput, Refused, VersionConflict
from flask_app.domain.notices import Told, needs_another
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.workflow import Act
from flask_app.services import audit
from flask_app.services.applications import applications_of
from flask_app.services.competition_facts import pack_of
from flask_app.services.local_time import LocalTime
from flask_app.services.notices import insist_on_time_to_tell, recall_notices
from flask_app.services.office import Work
from flask_app.services.rights import require
from flask_app.services.test_sessions import check_hours, session_of
from flask_app.store.models.organisation import User
from flask_app.store.models.procedures import Competition
from flask_app.store.models.testing import SessionMove, TestSession
from flask_app.store.rule_packs import work_calendar


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


def seen_mark(session: TestSession) -> str:
    """What a form was made from: if the sitting is another one by then, the form is not followed."""
    return digest(_as_it_is(session))


def move_session(work: Work, competition_id: UUID, to: NewTime, act: Act, *, seen: str) -> int:
    """Move the sitting; returns how many candidates are to be told anew. `seen`: `seen_mark` of what the actor saw.

    Raises `VersionConflict("session.moved_meanwhile")`; `InvalidInput`: session.move_unexplained, session.too_short,
    session.unchanged, session.too_near, session.moved_too_late; `Refused`: competition.no_session, act.in_the_future,
    act.out_of_order (a notice was given on a later day than the act's).
    """
    competition = work.get(Competition, competition_id, lock=True)
    require(work, competition, "schedule_session")
    pack = pack_of(competition)
    session = session_of(work, competition_id)
    if session is None:
        raise Refused("competition.no_session", pack.rule(pack.test))
    if seen_mark(session) != seen:
        raise VersionConflict("session.moved_meanwhile", number=session.code)
    _check(work, session, to, act)
    anew = needs_another(Told(session.starts_at, session.place), Told(to.starts_at, to.place), same_place=to.same_place)
    told = [application.id for application in applications_of(work, competition_id, "notified")] if anew else []
    if anew:
        _insist_on_time(work, pack, to, act, told=bool(told))
    if told:
        recall_notices(work, competition_id, told, act)
    _keep(work, session, to, act, recalled=len(told))
    if (session.starts_at, session.ends_at) != (to.starts_at, to.ends_at):
        session.pushed_at = None
    session.starts_at, session.ends_at = to.starts_at, to.ends_at
    session.place, session.proctor = dict(to.place), to.proctor
    return len(told)


def _check(work: Work, session: TestSession, to: NewTime, act: Act) -> None:
    if not act.reason:
        raise InvalidInput("session.move_unexplained", number=session.code)
    if act.happened_on > work.today:
        raise Refused("act.in_the_future", happened_on=act.happened_on, today=work.today)
    check_hours(session.code, to.starts_at, to.ends_at, session.duration_minutes)
    wanted = {"starts_at": to.starts_at, "ends_at": to.ends_at, "place": dict(to.place), "proctor": to.proctor}
    if _as_it_is(session) == wanted:
        raise InvalidInput("session.unchanged", number=session.code)


def _insist_on_time(work: Work, pack: RulePack, to: NewTime, act: Act, *, told: bool) -> None:
    """New notices are given after the decision that voids the old ones, and early enough before the new day."""
    if not to.told_already:
        insist_on_time_to_tell(work, pack, to.starts_at)
    notice, calendar, test_on = pack.test.notice, work_calendar(pack.jurisdiction), work.local_date(to.starts_at)
    if told and not is_early_enough(act.happened_on, test_on, notice.term, calendar):
        left = days_between(act.happened_on, test_on, notice.unit, calendar)
        raise InvalidInput("session.moved_too_late", pack.rule(notice), n=left, days=notice.days)


def _keep(work: Work, session: TestSession, to: NewTime, act: Act, *, recalled: int) -> None:
    """The move with its reason; the log, which keeps for ever, does without names and words."""
    work.add(
        SessionMove(
            session_id=session.id,
            happened_on=act.happened_on,
            recorded_at=work.now,
            moved_by=work.actor.user_id,
            starts_before=session.starts_at,
            place_before=dict(session.place),
            starts_at=to.starts_at,
            place=dict(to.place),
            same_place=to.same_place,
            reason=act.reason,
            recalled=recalled,
        )
    )
    before = {"starts_at": session.starts_at, "ends_at": session.ends_at, "place": dict(session.place)}
    after = {
        "starts_at": to.starts_at,
        "ends_at": to.ends_at,
        "place": dict(to.place),
        "same_place": to.same_place,
        "proctor_changed": session.proctor != to.proctor,
        "happened_on": act.happened_on,
        "recalled": recalled,
    }
    audit.record(work, "session.moved", "test_session", session.id, before=before, after=after)


def _as_it_is(session: TestSession) -> dict[str, object]:
    return {
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "place": dict(session.place),
        "proctor": session.proctor,
    }


@dataclass(frozen=True, slots=True)
class Move:
    """One move as it was recorded. `recalled`: how many notices lost their force."""

    on: date
    before: datetime
    after: datetime
    reason: str
    by: str
    recalled: int


def moves_of(work: Work, here: LocalTime, session: TestSession) -> tuple[Move, ...]:
    """How the sitting was moved, the last time first."""
    rows = work.session.execute(
        select(SessionMove, User.name)
        .outerjoin(User, User.id == SessionMove.moved_by)
        .where(SessionMove.session_id == session.id, SessionMove.body_id == work.actor.body_id)
        .order_by(SessionMove.recorded_at.desc())
    )
    return tuple(_move(here, move, by or "–") for move, by in rows)


def _move(here: LocalTime, move: SessionMove, by: str) -> Move:
    before, after = here.at(move.starts_before), here.at(move.starts_at)
    return Move(move.happened_on, before, after, move.reason, by, move.recalled)
