"""What the commission's pages show: the sitting and who is there, candidates with their marks, the vote, the outcome.

Everything of a page is read in one fixed set of queries. What a member gave is shown to that member alone; of the vote
only who has voted is shown, and the tallies once they are counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, cast
from uuid import UUID

from sqlalchemy import func, select

from flask_app.domain.errors import InvalidInput, NotFound, Refused
from flask_app.domain.names import sort_key
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.scoring import BlockScore, Judged, judge, passes, total
from flask_app.domain.substitution import SUBSTITUTE
from flask_app.domain.voting import Choice, Tally, Vote, VoteOutcome, VotingRules, count, required_for_quorum
from flask_app.domain.workflow import Offer, offers
from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.competition import CompetitionFacts
from flask_app.services.applications import scores_of_all
from flask_app.services.commissions import ROLE_ORDER, holds
from flask_app.services.competition_facts import pack_of
from flask_app.services.facts_of_many import competition_facts_of
from flask_app.services.listing import Slice, read_page
from flask_app.services.local_time import LocalTime, local_time
from flask_app.services.meetings import INTERVIEWED, VOTED_ON
from flask_app.services.office import Work
from flask_app.services.rights import roles_on
from flask_app.services.transitions import act_on
from flask_app.services.visibility import seats_of, visible_competitions
from flask_app.store.models.applications import Application, PracticalResult
from flask_app.store.models.commissions import (
    Attendance,
    CommissionMember,
    InterviewMark,
    Meeting,
    VoteRow,
)
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition, Position

WORKFLOW = WORKFLOWS["competition"]
STATES = ("interviewing", "voting", "decided", "appointed", "no_winner", "repeat_decision", "closed", "archived")
"""From the interviews on a competition has a page at the commission."""

SHOWN = ("qualified", "invited", *VOTED_ON)
"""Candidates the commission deals with; who stayed below the threshold is told of in the decision."""

Place = Literal["none", "absent", "silent", "voting"]
"""The actor's own place in the sitting: no seat, not there, there without a vote, there with one."""

Fate = Literal["winner", "reserve", "not_selected"]


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A seat in the sitting. `present` None before it is opened; `marked`: candidates this member has marked;
    `in_place_of`: of a substitute, the name of the member whose place it is, and that member's seat.
    """

    member_id: UUID
    name: str
    role: str
    votes: bool
    me: bool
    present: bool | None
    reason: Mapping[str, str]
    marked: int
    voted: bool
    in_place_of: tuple[UUID, str] | None = None

    @property
    def awaited(self) -> bool:
        """There, and with a vote."""
        return self.votes and self.present is True


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A candidate before the commission. `mine`: the actor's own marks by competence, empty before they are given."""

    id: UUID
    number: int
    name: str
    state: str
    score: BlockScore
    practical: tuple[Decimal, Decimal] | None
    marked_by: int
    mine: Mapping[int, int]

    @property
    def open(self) -> bool:
        return self.state in INTERVIEWED


@dataclass(frozen=True, slots=True)
class FateRow:
    """What the counted vote means for one candidate; `judged`: the reserve's conditions with their figures."""

    candidate: CandidateRow
    tally: Tally | None
    fate: Fate
    judged: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything the commission's pages of one competition show.

    `seats`: members, each followed by the substitute; once the sitting is open, only those substitutes who sit in it.
    """

    competition: Competition
    position: Position
    pack: RulePack
    today: date
    now: datetime
    roles: frozenset[str]
    meeting: Meeting | None
    started_at: datetime | None
    counted_at: datetime | None
    seats: tuple[SeatRow, ...]
    candidates: tuple[CandidateRow, ...]
    below: int
    offers: tuple[Offer, ...]
    uncounted: Refused | None
    outcome: VoteOutcome | None
    fates: tuple[FateRow, ...]

    def may(self, action: str) -> bool:
        """Whether the actor may do this in the present state, by the map that enforces it."""
        return WORKFLOW.permits(action, self.competition.state, self.roles)

    def offer(self, transition: str) -> Offer | None:
        """The step as the actor may take it now, with the reasons against it; None where it is nobody's move here."""
        return next((offer for offer in self.offers if offer.transition.id == transition), None)

    @property
    def place(self) -> Place:
        mine = next((seat for seat in self.seats if seat.me), None)
        if mine is None:
            return "none"
        if not mine.present:
            return "absent"
        return "voting" if mine.votes else "silent"

    @property
    def members(self) -> tuple[SeatRow, ...]:
        """Those whose number a quorum is counted from."""
        return tuple(seat for seat in self.seats if seat.in_place_of is None)

    def substitute_of(self, member_id: UUID) -> SeatRow | None:
        return next((s for s in self.seats if s.in_place_of is not None and s.in_place_of[0] == member_id), None)

    @property
    def voters(self) -> tuple[SeatRow, ...]:
        """Whoever is there and votes, a substitute in the place of a member too: the base of the majority."""
        return tuple(seat for seat in self.seats if seat.awaited)

    @property
    def voted(self) -> int:
        return sum(seat.voted for seat in self.voters)

    @property
    def i_voted(self) -> bool:
        return any(seat.me and seat.voted for seat in self.seats)

    @property
    def majority(self) -> int:
        """The least number of votes for a winner: more than half of those who took part (S003 L120)."""
        return len(self.voters) // 2 + 1

    @property
    def quorum(self) -> int | None:
        return required_for_quorum(self.members_total, _voting_rules(self.pack))

    @property
    def members_total(self) -> int:
        """Members with a vote, there or not; a substitute is none of them."""
        return sum(seat.votes for seat in self.members)

    @property
    def standing(self) -> tuple[CandidateRow, ...]:
        """Candidates on the ballot."""
        return tuple(candidate for candidate in self.candidates if candidate.state == "interviewed")

    @property
    def qualified(self) -> tuple[CandidateRow, ...]:
        return tuple(candidate for candidate in self.candidates if candidate.state == "qualified")

    @property
    def to_mark(self) -> tuple[CandidateRow, ...]:
        """Candidates the actor has still to mark, in order of registration."""
        if self.place != "voting" or not self.may("mark"):
            return ()
        return tuple(candidate for candidate in self.candidates if candidate.open and not candidate.mine)

    def candidate(self, application_id: UUID) -> CandidateRow:
        """Raises `NotFound` for somebody who is not before this commission."""
        found = next((candidate for candidate in self.candidates if candidate.id == application_id), None)
        if found is None:
            raise NotFound("object.unknown", type="Application")
        return found


# -- the list ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A competition in the list of sittings. `seat`: whether the actor has a place there."""

    id: UUID
    code: str
    title: Mapping[str, str]
    state: str
    held_on: date | None
    seat: bool


def desks(work: Work, page: int) -> Slice[DeskRow]:
    """Competitions that are before a commission and that the actor may view; those in progress first."""
    seats = seats_of(work)
    query = (
        select(Competition.id, Competition.code, Competition.title, Competition.state, Competition.commission_id)
        .add_columns(Meeting.held_on)
        .outerjoin(Meeting, Meeting.competition_id == Competition.id)
        .where(visible_competitions(work, seats), Competition.state.in_(STATES))
        .order_by(Competition.state.not_in(("interviewing", "voting", "decided")), Competition.created_at.desc())
    )
    rows, number, page = read_page(work.session, query, page)
    return Slice(
        tuple(
            DeskRow(
                r.id,
                r.code,
                r.title,
                r.state,
                r.held_on,
                r.commission_id in seats.commissions or r.id in seats.sittings,
            )
            for r in rows
        ),
        number,
        page,
    )


# -- one competition ---------------------------------------------------------------------------------------------------


def desk_of(work: Work, competition_id: UUID) -> Desk:
    """Raises `NotFound` for an unknown competition, another body's, one that may not be viewed, and one that is not yet
    before its commission.
    """
    found = work.session.execute(
        select(Competition, Position, Meeting)
        .join(Position, Position.id == Competition.position_id)
        .outerjoin(Meeting, Meeting.competition_id == Competition.id)
        .where(Competition.id == competition_id, Competition.body_id == work.actor.body_id)
    ).one_or_none()
    if found is None:
        raise NotFound("object.unknown", type="Competition")
    competition, position, meeting = found
    roles = roles_on(work, competition)
    if competition.state not in STATES or not WORKFLOW.permits("view", competition.state, roles):
        raise NotFound("object.unknown", type="Competition")
    return _desk(work, competition, position, meeting, roles)


def _desk(
    work: Work, competition: Competition, position: Position, meeting: Meeting | None, roles: frozenset[str]
) -> Desk:
    here, pack = local_time(work), pack_of(competition)
    facts = competition_facts_of(work, [competition])[competition.id]
    scores = scores_of_all(work, competition.id)
    marks, votes = _marks(work, competition.id), _votes(work, meeting)
    seats = _seats(work, competition, meeting, marks, {vote.member for vote in votes})
    mine = next((seat.member_id for seat in seats if seat.me), None)
    rows = _candidates(work, competition.id, scores, marks, mine)
    before = tuple(row for row in rows if row.state in SHOWN)
    on_ballot = [row for row in before if row.state in VOTED_ON and row.marked_by]
    outcome, uncounted = _count(pack, seats, votes, on_ballot)
    counted = meeting is not None and meeting.counted_at is not None
    if not counted:
        outcome = None
    return Desk(
        competition=competition,
        position=position,
        pack=pack,
        today=here.today,
        now=here.at(work.now),
        roles=roles,
        meeting=meeting,
        started_at=None if meeting is None else here.at(meeting.started_at),
        counted_at=_at(here, None if meeting is None else meeting.counted_at),
        seats=seats,
        candidates=before,
        below=sum(row.state == "below_threshold" for row in rows),
        offers=_offers(work, competition, roles, _as_after_interviews(facts)),
        uncounted=None if counted else uncounted,
        outcome=outcome,
        fates=() if outcome is None else _fates(pack, on_ballot, outcome, scores),
    )


def _at(here: LocalTime, moment: datetime | None) -> datetime | None:
    return None if moment is None else here.at(moment)


def _offers(work: Work, competition: Competition, roles: frozenset[str], facts: CompetitionFacts) -> tuple[Offer, ...]:
    return offers(WORKFLOW, competition.state, roles, act_on(work, work.today), facts)


def _as_after_interviews(facts: CompetitionFacts) -> CompetitionFacts:
    """The page closes the interviews and opens the vote in one act: judged as the facts stand after its first half."""
    after = [
        replace(application, state="interviewed")
        if application.state == "invited" and application.marked_by
        else application
        for application in facts.applications
    ]
    return replace(facts, applications=tuple(after))


@dataclass(frozen=True, slots=True)
class _Sheet:
    """That a member has marked a candidate; `own`: the marks by competence, the actor's own sheets only."""

    application_id: UUID
    member_id: UUID
    own: Mapping[int, int]


def _marks(work: Work, competition_id: UUID) -> list[_Sheet]:
    """One row per sheet: twenty candidates with seven members each have over a thousand marks.

    The applications come as an array: joined, the database reads the marks of all competitions to find these.
    """
    of_this = select(Application.id).where(Application.competition_id == competition_id).scalar_subquery()
    mine = InterviewMark.member_id.in_(
        select(CommissionMember.id).where(CommissionMember.person_id == work.actor.person_id)
    )
    rows = work.session.execute(
        select(
            InterviewMark.application_id,
            InterviewMark.member_id,
            func.array_agg(InterviewMark.competence).filter(mine),
            func.array_agg(InterviewMark.mark).filter(mine),
        )
        .where(InterviewMark.application_id == func.any(func.array(of_this)))
        .group_by(InterviewMark.application_id, InterviewMark.member_id)
    )
    return [_Sheet(of, by, dict(zip(places or (), marks or (), strict=True))) for of, by, places, marks in rows]


def _votes(work: Work, meeting: Meeting | None) -> list[Vote]:
    if meeting is None:
        return []
    rows = work.session.execute(
        select(VoteRow.member_id, VoteRow.application_id, VoteRow.choice).where(VoteRow.meeting_id == meeting.id)
    )
    return [Vote(member, application, cast(Choice, choice)) for member, application, choice in rows]


def _seats(
    work: Work,
    competition: Competition,
    meeting: Meeting | None,
    marks: Sequence[_Sheet],
    voted: set[UUID],
) -> tuple[SeatRow, ...]:
    """Chair, deputy, members by name, secretary, each before the own substitute: of the sitting, those it was opened
    with.
    """
    there = (Attendance.member_id == CommissionMember.id) & (
        Attendance.meeting_id == (None if meeting is None else meeting.id)
    )
    rows = work.session.execute(
        select(CommissionMember, Person, Attendance)
        .join(Person, Person.id == CommissionMember.person_id)
        .outerjoin(Attendance, there)
        .where(
            CommissionMember.commission_id == competition.commission_id,
            holds() if meeting is None else Attendance.id.is_not(None),
        )
    ).all()
    marked: dict[UUID, set[UUID]] = defaultdict(set)
    for mark in marks:
        marked[mark.member_id].add(mark.application_id)
    places = {row[0].id: (ROLE_ORDER.index(row[0].role), row[1].sort_key, str(row[0].id)) for row in rows}
    names = {row[0].id: row[1].name for row in rows}
    ordered = sorted(rows, key=lambda row: (places[row[0].in_place_of_id or row[0].id], row[0].role == SUBSTITUTE))
    return tuple(
        SeatRow(
            member.id,
            person.name,
            member.role,
            member.votes,
            person.id == work.actor.person_id,
            None if attendance is None else attendance.present,
            {} if attendance is None else attendance.reason,
            len(marked[member.id]),
            member.id in voted,
            None if member.in_place_of_id is None else (member.in_place_of_id, names[member.in_place_of_id]),
        )
        for member, person, attendance in ordered
    )


def _candidates(
    work: Work,
    competition_id: UUID,
    scores: Mapping[UUID, Sequence[BlockScore]],
    marks: Sequence[_Sheet],
    mine: UUID | None,
) -> tuple[CandidateRow, ...]:
    by: dict[UUID, set[UUID]] = defaultdict(set)
    own: dict[UUID, Mapping[int, int]] = defaultdict(dict)
    for mark in marks:
        by[mark.application_id].add(mark.member_id)
        if mark.member_id == mine:
            own[mark.application_id] = mark.own
    rows = work.session.execute(
        select(Application.id, Application.number, Application.state, Person.name)
        .add_columns(PracticalResult.mark, PracticalResult.maximum)
        .join(Person, Person.id == Application.person_id)
        .outerjoin(PracticalResult, PracticalResult.application_id == Application.id)
        .where(Application.competition_id == competition_id, Application.state.in_((*SHOWN, "below_threshold")))
        .order_by(Application.number)
    )
    return tuple(
        CandidateRow(
            row.id,
            row.number,
            row.name,
            row.state,
            total(scores.get(row.id, ())),
            None if row.mark is None else (row.mark, row.maximum),
            len(by[row.id]),
            own[row.id],
        )
        for row in rows
    )


# -- the vote ----------------------------------------------------------------------------------------------------------


def _voting_rules(pack: RulePack) -> VotingRules:
    return pack.commission.voting_rules(pack.rule(pack.commission))


def _count(
    pack: RulePack, seats: Sequence[SeatRow], votes: Sequence[Vote], on_ballot: Sequence[CandidateRow]
) -> tuple[VoteOutcome | None, Refused | None]:
    """The outcome as the rules count it (see `meetings.outcome_of`), or why it cannot be counted yet."""
    standing = [row.id for row in on_ballot]
    voting = [seat for seat in seats if seat.votes]
    chair = next((seat.member_id for seat in voting if seat.role == "chair"), None)
    try:
        return count(
            [vote for vote in votes if vote.candidate in set(standing)],
            [seat.member_id for seat in voting if seat.present],
            standing,
            sum(seat.in_place_of is None for seat in voting),
            _voting_rules(pack),
            chair=chair,
        ), None
    except Refused as why_not:
        return None, why_not


def _fates(
    pack: RulePack,
    on_ballot: Sequence[CandidateRow],
    outcome: VoteOutcome,
    scores: Mapping[UUID, Sequence[BlockScore]],
) -> tuple[FateRow, ...]:
    """Winner first, then the reserve, then the others; within them the better test first."""
    conditions = [threshold.condition for threshold in pack.test.reserve_if]
    tallies = {tally.candidate: tally for tally in outcome.tallies}
    rows = []
    for row in on_ballot:
        reserve: Fate = "reserve" if passes(scores.get(row.id, ()), conditions) else "not_selected"
        fate: Fate = "winner" if row.id == outcome.winner else reserve
        rows.append(FateRow(row, tallies.get(row.id), fate, judge(scores.get(row.id, ()), conditions)))
    order = ("winner", "reserve", "not_selected")
    return tuple(
        sorted(rows, key=lambda row: (order.index(row.fate), -row.candidate.score.mark, sort_key(row.candidate.name)))
    )


def check_marks(pack: RulePack, marks: Mapping[int, int]) -> tuple[int, ...]:
    """Competences (from 1) without a mark. Raises `InvalidInput` for a mark outside the pack's scale."""
    if not all(1 <= mark <= pack.interview.scale_max for mark in marks.values()):
        raise InvalidInput("interview.mark_out_of_scale", least=1, most=pack.interview.scale_max)
    return tuple(place for place in range(1, len(pack.interview.competences) + 1) if place not in marks)
