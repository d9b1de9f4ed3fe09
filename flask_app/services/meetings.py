"""The commission's sitting: who is there, interview marks, the vote and its counting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import func, or_, select

from flask_app.domain.errors import InvalidInput, NotPermitted, Refused
from flask_app.domain.recusal import all_votes
from flask_app.domain.rule_pack import Interview
from flask_app.domain.scoring import passes
from flask_app.domain.substitution import at_the_table, beside_their_members
from flask_app.domain.voting import BALLOT, Choice, Vote, VoteOutcome, count
from flask_app.services import audit
from flask_app.services.applications import applications_of, lock_applications, move_applications, scores_of_all
from flask_app.services.commissions import changed_since, is_complete, members_of, substitutes_of
from flask_app.services.competition_facts import pack_of
from flask_app.services.office import Work
from flask_app.services.recusal_facts import recused_from, recused_members, stands
from flask_app.services.rights import require
from flask_app.services.test_sessions import session_of
from flask_app.services.transitions import act_on
from flask_app.store.models.applications import Application
from flask_app.store.models.commissions import (
    Attendance,
    Commission,
    CommissionMember,
    InterviewMark,
    Meeting,
    Recusal,
    VoteRow,
)
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition


@dataclass(frozen=True, slots=True)
class NewMeeting:
    """`absent`: member → reason in the languages of the paper; every other member is present. `substitutes`: seats of
    the substitutes who sit in the place of an absent member.
    """

    held_on: date
    started_at: datetime
    form: str
    place: Mapping[str, str]
    secret_ballot: bool
    absent: Mapping[UUID, Mapping[str, str]]
    substitutes: frozenset[UUID] = frozenset()


def hold_meeting(work: Work, competition_id: UUID, new: NewMeeting) -> UUID:
    """Open the sitting and note who is there.

    Raises `NotPermitted`, `InvalidInput`: meeting.exists, meeting.no_secretary, meeting.nobody_in_the_chair,
    meeting.not_a_member, meeting.not_a_substitute, meeting.other_day, meeting.before_test,
    meeting.substitute_beside_member; `Refused`:
    competition.commission_incomplete, act.in_the_future, meeting.composition_changed, meeting.before_interviews.
    """
    competition = work.get(Competition, competition_id, lock=True)
    require(work, competition, "hold_meeting")
    if meeting_of(work, competition_id) is not None:
        raise InvalidInput("meeting.exists", number=competition.code)
    if competition.commission_id is None:
        raise Refused("competition.commission_incomplete", pack_of(competition).rule(pack_of(competition).commission))
    work.get(Commission, competition.commission_id, lock=True)  # nobody joins or leaves while it is opened
    members = members_of(work, competition.commission_id)
    if not is_complete(members):
        raise Refused("competition.commission_incomplete", pack_of(competition).rule(pack_of(competition).commission))
    _check_sitting(work, new, frozenset(member.id for member in members))
    substitutes = _standing_in(work, competition.commission_id, new)
    late = [_name(work, seat) for seat in substitutes if seat.seated_on is not None and seat.seated_on > new.held_on]
    if changed := [*changed_since(work, competition.commission_id, new.held_on), *late]:
        raise Refused("meeting.composition_changed", held_on=new.held_on, names=", ".join(changed))
    began = competition.last_act_on  # while the interviews go on, the competition's last act is their beginning
    if began is not None and new.held_on < began:
        raise Refused("meeting.before_interviews", held_on=new.held_on, since=began)
    session = session_of(work, competition_id)
    if session is not None and new.started_at < session.starts_at:
        tested, opened = work.local(session.starts_at), work.local(new.started_at)
        raise InvalidInput("meeting.before_test", started_at=opened, test=tested)
    there = at_the_table([seat.id for seat in members], new.absent, _replaced(substitutes))
    _check_signers({seat.role for seat in members if seat.id in there})
    meeting = Meeting(
        competition_id=competition_id,
        held_on=new.held_on,
        started_at=new.started_at,
        form=new.form,
        place=dict(new.place),
        secret_ballot=new.secret_ballot,
    )
    work.add(meeting)
    work.session.flush()
    for seat in (*members, *substitutes):
        reason = dict(new.absent.get(seat.id, {}))
        work.add(Attendance(meeting_id=meeting.id, member_id=seat.id, present=seat.id in there, reason=reason))
    after = {"held_on": new.held_on, "present": len(there)}
    if substitutes:
        after["substitutes"] = len(substitutes)
    audit.record(work, "meeting.opened", "meeting", meeting.id, after=after)
    return meeting.id


def withdraw_meeting(work: Work, competition_id: UUID, reason: str) -> None:
    """A sitting that was opened wrongly is taken back, to be opened anew: the audit keeps what stood.

    Raises `NotPermitted`; `Refused`: competition.no_meeting, meeting.marked_already (what was marked at a sitting needs
    the sitting).
    """
    competition = work.get(Competition, competition_id, lock=True)
    require(work, competition, "hold_meeting")
    rule, meeting = pack_of(competition).rule(pack_of(competition).interview), meeting_of(work, competition_id)
    if meeting is None:
        raise Refused("competition.no_meeting", rule)
    work.get(Meeting, meeting.id, lock=True)  # nobody marks meanwhile: `own_seat` holds it
    marked = work.session.scalar(
        select(func.count(InterviewMark.application_id.distinct()))
        .join(Application, Application.id == InterviewMark.application_id)
        .where(Application.competition_id == competition_id)
    )
    if marked:
        raise Refused("meeting.marked_already", n=marked)
    there = work.session.scalars(select(Attendance).where(Attendance.meeting_id == meeting.id)).all()
    stood = {
        "held_on": meeting.held_on,
        "started_at": work.local(meeting.started_at),
        "place": dict(meeting.place),
        "present": sum(row.present for row in there),
        "absent": [_name(work, work.get(CommissionMember, row.member_id)) for row in there if not row.present],
    }
    audit.record(work, "meeting.withdrawn", "meeting", meeting.id, before=stood, after={"reason": reason})
    for row in there:
        work.session.delete(row)
    work.session.flush()
    work.session.delete(meeting)


def _standing_in(work: Work, commission_id: UUID, new: NewMeeting) -> list[CommissionMember]:
    """The seats of the substitutes who sit, each in the place of a member who is absent."""
    sitting = [seat for seat in substitutes_of(work, commission_id) if seat.id in new.substitutes]
    if strangers := len(new.substitutes) - len(sitting):
        raise InvalidInput("meeting.not_a_substitute", n=strangers)
    beside = set(beside_their_members(_replaced(sitting), new.absent))
    for seat in sitting:
        if seat.id in beside and seat.in_place_of_id is not None:
            member = work.get(CommissionMember, seat.in_place_of_id)
            raise InvalidInput("meeting.substitute_beside_member", name=_name(work, seat), member=_name(work, member))
    return sitting


def _replaced(substitutes: Iterable[CommissionMember]) -> dict[UUID, UUID]:
    """A substitute's seat → the seat it stands in for."""
    return {seat.id: seat.in_place_of_id for seat in substitutes if seat.in_place_of_id is not None}


def _name(work: Work, seat: CommissionMember) -> str:
    return work.get(Person, seat.person_id).name


def _check_sitting(work: Work, new: NewMeeting, members: frozenset[UUID]) -> None:
    """Whoever is said to be absent must be a member, and nothing begins tomorrow."""
    strangers = set(new.absent) - members
    if strangers:
        raise InvalidInput("meeting.not_a_member", n=len(strangers))
    if new.held_on > work.today:
        raise Refused("act.in_the_future", happened_on=new.held_on, today=work.today)
    if work.local_date(new.started_at) != new.held_on or new.started_at > work.now:
        raise InvalidInput("meeting.other_day", held_on=new.held_on, started_at=work.local(new.started_at))


def _check_signers(roles: set[str]) -> None:
    """The protocol is signed by whoever led the sitting and by the secretary: without them it could not be printed."""
    if not roles & {"chair", "deputy_chair"}:
        raise InvalidInput("meeting.nobody_in_the_chair")
    if "secretary" not in roles:
        raise InvalidInput("meeting.no_secretary")


def meeting_of(work: Work, competition_id: UUID) -> Meeting | None:
    return work.session.scalar(
        select(Meeting).where(Meeting.competition_id == competition_id, Meeting.body_id == work.actor.body_id)
    )


def own_seat(work: Work, competition_id: UUID) -> tuple[Meeting, CommissionMember]:
    """The sitting and the actor's own voting seat in it, held until the transaction ends: nobody marks, votes or stands
    aside for somebody else, and whoever does two of these at once does them one after the other.

    Raises `Refused` where no sitting is open, `NotPermitted` for whoever has no voting seat in it.
    """
    meeting = work.session.scalar(
        select(Meeting)
        .where(Meeting.competition_id == competition_id, Meeting.body_id == work.actor.body_id)
        .with_for_update(read=True, key_share=True)  # it is not taken back while somebody marks
    )
    if meeting is None:
        competition = work.get(Competition, competition_id)
        raise Refused("competition.no_meeting", pack_of(competition).rule(pack_of(competition).interview))
    member = work.session.scalar(
        select(CommissionMember)
        .join(Attendance, Attendance.member_id == CommissionMember.id)
        .where(
            Attendance.meeting_id == meeting.id,
            Attendance.present.is_(True),
            CommissionMember.votes.is_(True),
            CommissionMember.person_id == work.actor.person_id,
        )
        # Sent twice at once, a vote waits here for the first and is then told that it was cast.
        .with_for_update(of=CommissionMember, key_share=True)
    )
    if member is None:
        raise NotPermitted("meeting.not_a_voting_member")
    return meeting, member


INTERVIEWED = ("invited", "interviewed")
"""A candidate is marked from the invitation until the vote; a member who was slower than the others still may."""


def give_marks(work: Work, competition_id: UUID, application_id: UUID, marks: Mapping[int, int]) -> None:
    """A member's own marks for one candidate, one per competence (from 1, as the pack lists them), all at once."""
    mark_candidates(work, competition_id, {application_id: marks})


def mark_candidates(work: Work, competition_id: UUID, sheets: Mapping[UUID, Mapping[int, int]]) -> None:
    """A member's own marks for several candidates: application → competence → mark; all of them or none.

    Raises `NotPermitted` for who has no voting seat at the sitting, `InvalidInput`: application.not_of_competition,
    interview.not_invited, interview.recused, interview.marked_already, interview.competences_missing,
    interview.mark_out_of_scale.
    """
    competition = work.get(Competition, competition_id)
    require(work, competition, "mark")
    _, member = own_seat(work, competition_id)
    interview = pack_of(competition).interview
    locked = lock_applications(work, competition_id, set(sheets))  # a second press waits here
    marked = set(
        work.session.scalars(
            select(InterviewMark.application_id)
            .where(InterviewMark.application_id.in_(list(sheets)), InterviewMark.member_id == member.id)
            .distinct()
        )
    )
    aside = recused_from(work, member.id)
    for application in locked:
        marks = sheets[application.id]
        if application.state not in INTERVIEWED:
            raise InvalidInput("interview.not_invited", number=application.number)
        if application.id in aside:
            raise InvalidInput("interview.recused", number=application.number)
        if application.id in marked:
            raise InvalidInput("interview.marked_already", number=application.number)
        _check_marks(interview, marks)
        _keep_marks(work, application, member, marks)


def _check_marks(interview: Interview, marks: Mapping[int, int]) -> None:
    if set(marks) != set(range(1, len(interview.competences) + 1)):
        raise InvalidInput("interview.competences_missing", n=len(interview.competences))
    if not all(1 <= mark <= interview.scale_max for mark in marks.values()):
        raise InvalidInput("interview.mark_out_of_scale", least=1, most=interview.scale_max)


def _keep_marks(work: Work, application: Application, member: CommissionMember, marks: Mapping[int, int]) -> None:
    for competence, mark in sorted(marks.items()):
        work.add(
            InterviewMark(
                application_id=application.id,
                member_id=member.id,
                competence=competence,
                mark=mark,
                recorded_at=work.now,
            )
        )
    audit.record(work, "interview.marked", "application", application.id, after={"marks": len(marks)})


def finish_interviews(work: Work, competition_id: UUID, happened_on: date) -> int:
    """Every invited candidate with marks, or in whose case somebody stands aside, has been interviewed."""
    require(work, work.get(Competition, competition_id, lock=True), "hold_meeting")
    invited = [application.id for application in applications_of(work, competition_id, "invited")]
    return move_applications(work, competition_id, invited, "interview", act_on(work, happened_on))


def cast_vote(work: Work, competition_id: UUID, choices: Mapping[UUID, str]) -> None:
    """A member's own choice on every candidate interviewed but those in whose case the member stands aside, given once.

    Raises `InvalidInput`: vote.incomplete, vote.unknown_choice, vote.cast_already, recusal.from_all.
    """
    competition = work.get(Competition, competition_id)
    require(work, competition, "vote")
    meeting, member = own_seat(work, competition_id)
    standing = {application.id for application in applications_of(work, competition_id, "interviewed")}
    own = standing - recused_from(work, member.id)
    if standing and not own:
        raise InvalidInput("recusal.from_all")
    if set(choices) != own:
        raise InvalidInput("vote.incomplete", n=len(own - set(choices)))
    if not set(choices.values()) <= set(BALLOT):
        raise InvalidInput("vote.unknown_choice")
    work.get(CommissionMember, member.id, lock=True)  # a second press waits here, then sees the vote
    known = work.session.scalar(
        select(VoteRow.id).where(VoteRow.meeting_id == meeting.id, VoteRow.member_id == member.id).limit(1)
    )
    if known is not None:
        raise InvalidInput("vote.cast_already")
    for application_id, choice in choices.items():
        work.add(
            VoteRow(
                meeting_id=meeting.id,
                member_id=member.id,
                application_id=application_id,
                choice=choice,
                recorded_at=work.now,
            )
        )
    # The log tells that somebody voted, never how: votes by name are the commission's (class P4).
    audit.record(work, "vote.cast", "meeting", meeting.id)


def outcome_of(work: Work, competition: Competition, meeting: Meeting) -> VoteOutcome:
    """The vote counted by the competition's rules: a substitute who sits is present and adds no member.

    Raises `Refused` where it cannot be counted yet.
    """
    pack = pack_of(competition)
    assert competition.commission_id is not None
    members = [member for member in members_of(work, competition.commission_id, meeting) if member.votes]
    substitutes = substitutes_of(work, competition.commission_id, meeting)
    present = set(
        work.session.scalars(
            select(Attendance.member_id).where(Attendance.meeting_id == meeting.id, Attendance.present.is_(True))
        )
    )
    standing = candidates_voted_on(work, competition.id)
    # Somebody may withdraw between the votes and their counting; the votes on the others stand.
    rows = work.session.scalars(
        select(VoteRow).where(VoteRow.meeting_id == meeting.id, VoteRow.application_id.in_(standing))
    ).all()
    cast_votes = [Vote(row.member_id, row.application_id, cast(Choice, row.choice)) for row in rows]
    return count(
        all_votes(cast_votes, recused_members(work, competition.id), standing),
        [seat.id for seat in (*members, *substitutes) if seat.id in present],
        standing,
        len(members),
        pack.commission.voting_rules(pack.rule(pack.commission)),
        chair=next((member.id for member in members if member.role == "chair"), None),
    )


VOTED_ON = ("interviewed", "winner", "reserve_recommended", "not_selected")


def candidates_voted_on(work: Work, competition_id: UUID) -> list[UUID]:
    """Everybody the commission interviewed, in order of registration; the same before and after the decision.

    Also whom nobody could mark, since everybody stood aside.
    """
    marked = select(InterviewMark.application_id).distinct()
    aside = select(Recusal.application_id).where(stands())
    return list(
        work.session.scalars(
            select(Application.id)
            .where(
                Application.competition_id == competition_id,
                Application.state.in_(VOTED_ON),
                or_(Application.id.in_(marked), Application.id.in_(aside)),
            )
            .order_by(Application.number)
        )
    )


def count_vote(work: Work, competition_id: UUID, ended_at: datetime | None = None) -> VoteOutcome:
    """Count and close the vote. Counted once; the outcome is kept with the sitting. `ended_at`: when the sitting ended,
    None = now.

    Raises `InvalidInput`: vote.counted_already, meeting.ended_otherwise; `Refused` where there is nothing to count.
    """
    competition = work.get(Competition, competition_id, lock=True)
    require(work, competition, "count_vote")
    meeting = meeting_of(work, competition_id)
    if meeting is None:
        raise Refused("competition.no_meeting", pack_of(competition).rule(pack_of(competition).interview))
    work.get(Meeting, meeting.id, lock=True)  # nobody stands aside or comes back while it is counted
    if meeting.counted_at is not None:
        raise InvalidInput("vote.counted_already")
    if ended_at is not None and not meeting.started_at < ended_at <= work.now:
        started, ended = work.local(meeting.started_at), work.local(ended_at)
        raise InvalidInput("meeting.ended_otherwise", started_at=started, ended_at=ended)
    outcome = outcome_of(work, competition, meeting)
    meeting.counted_at, meeting.winner_id, meeting.ended_at = work.now, outcome.winner, ended_at or work.now
    audit.record(
        work,
        "vote.counted",
        "meeting",
        meeting.id,
        after={"winner": outcome.winner, "tied": outcome.tied, "candidates": len(outcome.tallies)},
    )
    return outcome


def settle_candidates(work: Work, competition_id: UUID, happened_on: date) -> None:
    """After the decision: the winner, the recommendations for the reserve (S003 L124), and the rest."""
    competition = work.get(Competition, competition_id)
    meeting = meeting_of(work, competition_id)
    assert meeting is not None
    pack = pack_of(competition)
    act = act_on(work, happened_on)
    interviewed = applications_of(work, competition_id, "interviewed")
    losers = [application.id for application in interviewed if application.id != meeting.winner_id]
    if meeting.winner_id is not None and len(losers) < len(interviewed):
        move_applications(work, competition_id, [meeting.winner_id], "win", act)
    conditions = [threshold.condition for threshold in pack.test.reserve_if]
    scores = scores_of_all(work, competition_id)
    reserve = [id_ for id_ in losers if passes(scores.get(id_, []), conditions)]
    move_applications(work, competition_id, reserve, "recommend_for_reserve", act)
    rest = [id_ for id_ in losers if id_ not in set(reserve)]
    below = [application.id for application in applications_of(work, competition_id, "below_threshold")]
    move_applications(work, competition_id, rest + below, "pass_over", act)
