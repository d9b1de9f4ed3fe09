"""The commission sits: interviews, marks, the vote; then the papers and the head's order."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from flask_app.demo import world
from flask_app.demo.moving import move
from flask_app.demo.papers import sign
from flask_app.demo.stage import Stage
from flask_app.domain.scoring import total
from flask_app.services.applications import (
    applications_of,
    move_applications,
    scores_of,
)
from flask_app.services.commissions import members_of, seats_of_person
from flask_app.services.competition_facts import pack_of
from flask_app.services.meetings import (
    NewMeeting,
    cast_vote,
    count_vote,
    finish_interviews,
    give_marks,
    hold_meeting,
    meeting_of,
    settle_candidates,
)
from flask_app.services.office import Work
from flask_app.services.test_sessions import session_of
from flask_app.services.transitions import act_on
from flask_app.store.models.commissions import InterviewMark, VoteRow
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition

SITTING = timedelta(hours=2)


def in_interviewing(stage: Stage, id_: UUID) -> None:
    with stage.work("secretary") as work:
        if meeting_of(work, id_) is None:
            stage.terminal.step("interviews")
            _open_meeting(work, stage, id_)
            qualified = [a.id for a in applications_of(work, id_, "qualified")]
            move_applications(work, id_, qualified, "invite", act_on(work, stage.today))
    for staff in _present_voters():
        _mark(stage, id_, staff.login)
    with stage.work("secretary") as work:
        interviewed = finish_interviews(work, id_, stage.today)
        stage.terminal.say("interviewed", n=interviewed)
        move(work, id_, "begin_voting", stage, 0)


def _open_meeting(work: Work, stage: Stage, id_: UUID) -> None:
    """Four of five voting members come; one is ill."""
    commission = work.get(Competition, id_).commission_id
    assert commission is not None
    people = {staff.login: staff for staff in world.STAFF}
    absent_name = people["member4"].name
    absent = {
        member.id: {"ky": "ооруп жатат", "ru": "болезнь"}
        for member in members_of(work, commission)
        if work.get(Person, member.person_id).name == absent_name
    }
    zone = ZoneInfo(world.BODY.time_zone)
    session = session_of(work, id_)
    assert session is not None
    started = max(datetime.combine(stage.today, time(0), zone), work.now - SITTING, session.starts_at)
    hold_meeting(work, id_, NewMeeting(stage.today, started, "in_person", world.BODY.place, False, absent))


def _present_voters() -> list[world.Staff]:
    return [staff for staff in world.STAFF if staff.seat in ("chair", "member") and staff.login != "member4"]


def _mark(stage: Stage, id_: UUID, login: str) -> None:
    with stage.work(login) as work:
        marked = set(_marked_by_actor(work))
        competences = len(pack_of(work.get(Competition, id_)).interview.competences)
        for application in applications_of(work, id_, "invited"):
            if application.id not in marked:
                marks = {c: 3 + (application.number * 7 + c + len(login)) % 3 for c in range(1, competences + 1)}
                give_marks(work, id_, application.id, marks)


def _marked_by_actor(work: Work) -> list[UUID]:
    seats = seats_of_person(work)
    return list(
        work.session.scalars(select(InterviewMark.application_id).where(InterviewMark.member_id.in_(seats)).distinct())
    )


def in_voting(stage: Stage, id_: UUID) -> None:
    stage.terminal.step("vote")
    with stage.work("secretary") as work:
        standing = [a.id for a in applications_of(work, id_, "interviewed")]
        favourite = _favourite(work, standing)
    for place, staff in enumerate(_present_voters()):
        with stage.work(staff.login) as work:
            if not _has_voted(work, id_):
                cast_vote(work, id_, _choices(standing, favourite, place))
    with stage.work("chair") as work:
        meeting = meeting_of(work, id_)
        if meeting is not None and meeting.counted_at is None:
            outcome = count_vote(work, id_)
            stage.terminal.say("counted", n=len(outcome.tallies))
        move(work, id_, "decide", stage, 0)
        settle_candidates(work, id_, stage.today)


def _favourite(work: Work, standing: list[UUID]) -> UUID:
    """The candidate with the best test among those interviewed; the first of equals by number."""
    return max(standing, key=lambda id_: total(scores_of(work, id_)).mark)


def _choices(standing: list[UUID], favourite: UUID, place: int) -> dict[UUID, str]:
    """Three members for the best candidate, one abstains; nobody else gets a majority."""
    choices = dict.fromkeys(standing, "against")
    choices[favourite] = "abstain" if place == 3 else "for"
    return choices


def _has_voted(work: Work, id_: UUID) -> bool:
    meeting = meeting_of(work, id_)
    assert meeting is not None
    return (
        work.session.scalar(
            select(VoteRow.id)
            .where(VoteRow.meeting_id == meeting.id, VoteRow.member_id.in_(seats_of_person(work)))
            .limit(1)
        )
        is not None
    )


def in_decided(stage: Stage, id_: UUID) -> None:
    stage.terminal.step("papers")
    papers: list[dict[str, object]] = [{"kind": kind, "subject": str(id_)} for kind in ("D11", "D16")]
    stage.run_job("secretary", "draft_papers", {"papers": papers}, key=f"papers-{id_}")
    for kind in ("D11", "D16"):
        sign(stage, kind, id_, drafter="secretary", signer="chair")
    order = {"appointed_from": stage.today.isoformat(), "probation_months": 0}
    papers = [{"kind": "D19", "subject": str(id_), "parameters": order}]
    stage.run_job("secretary", "draft_papers", {"papers": papers}, key=f"order-{id_}")
    sign(stage, "D19", id_, drafter="secretary", signer="head")
    with stage.work("head") as work:
        move(work, id_, "appoint", stage, 0)
        stage.terminal.say("appointed")
