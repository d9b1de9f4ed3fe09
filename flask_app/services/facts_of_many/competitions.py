"""The facts competitions are judged by, for a whole list in a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, any_, case, func, or_, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.selectable import LateralFromClause

from flask_app.domain.workflows.competition import (
    RECEPTION,
    REGISTERED,
    TESTED,
    ApplicationFacts,
    CompetitionFacts,
    CompetitionKind,
    SessionFacts,
)
from flask_app.services.commissions import is_member
from flask_app.services.competition_facts import ORDER_KIND, PROTOCOL_KIND, agreement_of, pack_of, said_in, sent_on
from flask_app.services.facts_of_many.candidates import candidates_of
from flask_app.services.listing import IDS, OF_BODY
from flask_app.services.local_time import LocalTime, local_time
from flask_app.services.office import Work
from flask_app.services.own_rows import prepared
from flask_app.services.result_totals import FINISHED, SCORED, handed_in_though_absent
from flask_app.store.models.applications import Application, TestScore
from flask_app.store.models.commissions import Attendance, CommissionMember, Meeting
from flask_app.store.models.documents import Document
from flask_app.store.models.procedures import Competition, Position, Publication, StageRecord
from flask_app.store.models.results import Attempt, PullCursor
from flask_app.store.models.testing import ExaminationForm, TestSession
from flask_app.store.rule_packs import work_calendar


def competition_facts_of(work: Work, competitions: Sequence[Competition]) -> Mapping[UUID, CompetitionFacts]:
    """Competition id → its facts, in five queries (the body among them)."""
    if not competitions:
        return {}
    ids = [competition.id for competition in competitions]
    here = local_time(work)
    of = {"ids": ids, "of_body": work.actor.body_id}
    around = {row.id: row for row in work.session.execute(_around(), of)}
    members = _members(work, competitions)
    candidates = candidates_of(work, of)
    sat = _attendance(work, of)
    return {
        competition.id: _facts(
            here,
            competition,
            around[competition.id],
            _sitting(members.get(competition.commission_id, []), sat.get(competition.id)),
            candidates.get(competition.id, ()),
            frozenset(member for member, voting in sat.get(competition.id, {}).items() if voting),
        )
        for competition in competitions
    }


@prepared
def _around() -> Select[Any]:
    """One row per competition with what stands around it: post, sitting, meeting, counts and dates."""
    pull, attempts = _last_pull(), _attempts()
    return (
        select(
            Competition.id,
            Position.administrative,
            Position.vacant_since,
            TestSession.id.label("session_id"),
            TestSession.starts_at,
            TestSession.place,
            TestSession.pushed_at,
            Meeting.counted_at,
            Meeting.winner_id,
            _published_on().label("published_on"),
            _count(ExaminationForm.id, ExaminationForm.session_id == TestSession.id).label("forms"),
            pull.c.total.label("moodle_total"),
            pull.c.pulled_at,
            attempts.c.finished,
            attempts.c.held,
            case((Competition.state == TESTED, _outdated_scores()), else_=0).label("outdated"),
            case((Competition.state == TESTED, _absent_yet_sat()), else_=0).label("absent_yet_sat"),
            case((Competition.state == RECEPTION, _last_applied_on())).label("last_applied_on"),
            _decided_on().label("decided_on"),
            _signed_on(ORDER_KIND).label("order_signed_on"),
            _signed_on(PROTOCOL_KIND).label("protocol_signed_on"),
        )
        .join(Position, Position.id == Competition.position_id)
        .outerjoin(TestSession, TestSession.competition_id == Competition.id)
        .outerjoin(Meeting, Meeting.competition_id == Competition.id)
        .outerjoin(pull, true())
        .outerjoin(attempts, true())
        .where(Competition.body_id == OF_BODY, Competition.id == any_(IDS))
    )


def _count(what: Any, condition: ColumnElement[bool]) -> Any:
    return select(func.count(what)).where(condition).correlate(Competition, TestSession).scalar_subquery()


def _published_on() -> Any:
    return (
        select(func.array_agg(aggregate_order_by(Publication.published_on, Publication.published_on)))
        .where(Publication.competition_id == Competition.id)
        .correlate(Competition)
        .scalar_subquery()
    )


def _last_applied_on() -> Any:
    return (
        select(func.max(Application.last_act_on))
        .where(Application.competition_id == Competition.id, Application.state == REGISTERED)
        .correlate(Competition)
        .scalar_subquery()
    )


def _last_pull() -> LateralFromClause:
    """Of the pull that was done last, with the plugin or without."""
    return (
        select(PullCursor.total, PullCursor.pulled_at)
        .where(
            Competition.state == TESTED,
            PullCursor.body_id == TestSession.body_id,
            PullCursor.what.in_(
                (func.concat("results:", TestSession.code), func.concat("results-core:", TestSession.code))
            ),
        )
        .order_by(PullCursor.pulled_at.desc())
        .limit(1)
        .correlate(Competition, TestSession)
        .lateral("pull")
    )


def _attempts() -> LateralFromClause:
    """How many attempts of the sitting the panel holds, and how many of them are handed in."""
    return (
        select(
            func.count().label("held"),
            func.count().filter(Attempt.state == FINISHED).label("finished"),
        )
        .select_from(Attempt)
        .join(ExaminationForm, ExaminationForm.test_idnumber == Attempt.test_idnumber)
        .where(
            Competition.state == TESTED,
            ExaminationForm.session_id == TestSession.id,
            Attempt.body_id == TestSession.body_id,
            Attempt.newest.is_(True),
            Attempt.deleted.is_(False),
        )
        .correlate(Competition, TestSession)
        .lateral("attempts")
    )


def _outdated_scores() -> Any:
    """Candidates whose score rests on an attempt that was regraded or deleted since (`result_totals`)."""
    return (
        select(func.count(Application.id.distinct()))
        .join(TestScore, TestScore.application_id == Application.id)
        .join(Attempt, Attempt.id == TestScore.attempt_id)
        .where(
            Application.competition_id == Competition.id,
            Application.state.in_(SCORED),
            or_(Attempt.newest.is_(False), Attempt.deleted.is_(True)),
        )
        .correlate(Competition)
        .scalar_subquery()
    )


def _absent_yet_sat() -> Any:
    """Candidates noted as absent who have handed in an attempt (`result_totals`)."""
    return (
        select(func.count(Application.id))
        .where(Application.competition_id == Competition.id, handed_in_though_absent())
        .correlate(Competition)
        .scalar_subquery()
    )


def _decided_on() -> Any:
    return (
        select(StageRecord.happened_on)
        .where(StageRecord.object_id == Competition.id, StageRecord.transition == "decide")
        .order_by(StageRecord.recorded_at.desc())
        .limit(1)
        .correlate(Competition)
        .scalar_subquery()
    )


def _signed_on(kind: str) -> Any:
    return (
        select(func.max(Document.registered_on))
        .where(Document.subject_id == Competition.id, Document.kind == kind, Document.state == "in_force")
        .correlate(Competition)
        .scalar_subquery()
    )


def _members(work: Work, competitions: Sequence[Competition]) -> dict[UUID | None, list[_Member]]:
    found: dict[UUID | None, list[_Member]] = defaultdict(list)
    commissions = {competition.commission_id for competition in competitions if competition.commission_id}
    of = {"ids": list(commissions), "of_body": work.actor.body_id}
    for commission_id, id_, role, ended_on in work.session.execute(_seated(), of):
        found[commission_id].append(_Member(id_, role, ended_on))
    return found


@prepared
def _seated() -> Select[UUID, UUID, str, date | None]:
    return select(
        CommissionMember.commission_id, CommissionMember.id, CommissionMember.role, CommissionMember.ended_on
    ).where(CommissionMember.commission_id == any_(IDS), CommissionMember.body_id == OF_BODY, is_member())


class _Member(NamedTuple):
    id: UUID
    role: str
    ended_on: date | None


def _sitting(members: Sequence[_Member], sat: Mapping[UUID, bool] | None) -> list[_Member]:
    """Those the sitting was opened with; before it, those who hold a seat."""
    return [member for member in members if (member.ended_on is None if sat is None else member.id in sat)]


@prepared
def _attended() -> Select[UUID, UUID, bool]:
    return (
        select(Meeting.competition_id, Attendance.member_id, and_(Attendance.present, CommissionMember.votes))
        .join(Attendance, Attendance.meeting_id == Meeting.id)
        .join(CommissionMember, CommissionMember.id == Attendance.member_id)
        .where(Meeting.competition_id == any_(IDS), Meeting.body_id == OF_BODY)
    )


def _attendance(work: Work, of: Mapping[str, Any]) -> dict[UUID, dict[UUID, bool]]:
    """Competition id → the members of its sitting, and whether each is there with a vote."""
    found: dict[UUID, dict[UUID, bool]] = defaultdict(dict)
    for competition_id, member_id, voting in work.session.execute(_attended(), of):
        found[competition_id][member_id] = voting
    return found


def _facts(
    here: LocalTime,
    competition: Competition,
    row: Any,
    members: Sequence[_Member],
    applications: tuple[ApplicationFacts, ...],
    present: frozenset[UUID],
) -> CompetitionFacts:
    pack = pack_of(competition)
    return CompetitionFacts(
        pack=pack,
        calendar=work_calendar(pack.jurisdiction),
        kind=cast(CompetitionKind, competition.kind),
        position_is_administrative=row.administrative,
        vacant_since=row.vacant_since,
        announcement=said_in(competition.announcement),
        internal_round=competition.internal_round,
        agreement=agreement_of(competition)[0],
        sent_on=sent_on(competition),
        agreed_on=agreement_of(competition)[1],
        published_on=tuple(row.published_on or ()),
        last_applied_on=row.last_applied_on,
        commission_members=frozenset(member.id for member in members),
        commission_has_chair=any(member.role == "chair" for member in members),
        commission_has_secretary=any(member.role == "secretary" for member in members),
        applications=applications,
        session=_session(here, row),
        present_members=present,
        vote_counted=row.counted_at is not None,
        winner=row.winner_id,
        decided_on=row.decided_on,
        order_signed_on=row.order_signed_on,
        protocol_in_force=row.protocol_signed_on is not None,
    )


def _session(here: LocalTime, row: Any) -> SessionFacts | None:
    if row.session_id is None:
        return None
    return SessionFacts(
        held_on=here.on(row.starts_at),
        place=str(row.place.get("ru", "")),
        forms_drawn=row.forms > 0,
        pushed=row.pushed_at is not None,
        unexplained=row.outdated + (0 if row.moodle_total is None else abs(row.moodle_total - row.finished)),
        absent_yet_sat=row.absent_yet_sat,
        attempts=max(row.held, row.moodle_total or 0),
        asked=row.pulled_at is not None and row.pulled_at >= row.starts_at,
    )
