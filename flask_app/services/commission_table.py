"""Who sits at the commission's table and who is before it: seats with what each has said, candidates with their marks.

Read in a fixed number of queries however many there are. What a member gave is shown to that member alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import func, select

from flask_app.domain.same_person import Known, Likeness, likeness
from flask_app.domain.scoring import BlockScore, total
from flask_app.domain.voting import Choice, Vote
from flask_app.services.commissions import holds, in_order
from flask_app.services.meetings import INTERVIEWED, VOTED_ON
from flask_app.services.office import Work
from flask_app.services.recusal_facts import recusals_of
from flask_app.store.models.applications import Application, PracticalResult
from flask_app.store.models.commissions import (
    Attendance,
    CommissionMember,
    InterviewMark,
    Meeting,
    Recusal,
    VoteRow,
)
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition

SHOWN = ("qualified", "invited", *VOTED_ON)
"""Candidates the commission deals with; who stayed below the threshold is told of in the decision."""
MISSED = "no_show"
"""Absent from the test, or from the interview: these have a result."""
WITH_RESULT = (*SHOWN, MISSED)
"""Whose result the commission may look at."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A member who stands aside in one candidate's case."""

    member_id: UUID
    name: str
    reason: Mapping[str, str]
    me: bool


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A seat in the sitting. `present` None before it is opened; `marked`: candidates whom this member's marks count
    for; `recused`: candidates in whose case they stand aside; `nothing_to_vote_on`: that is everybody on the ballot;
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
    recused: int = 0
    nothing_to_vote_on: bool = False

    @property
    def awaited(self) -> bool:
        """There, and with a vote."""
        return self.votes and self.present is True


@dataclass(frozen=True, slots=True)
class OwnSeat:
    """The seat of a candidate at the very table that judges them; `certain` unless only the names are the same."""

    member_id: UUID
    role: str
    certain: bool
    me: bool


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A candidate before the commission. `marked_by`: members whose marks count; `mine`: the actor's own marks by
    competence, empty before they are given; `recused`: whoever stands aside in this case; `seat`: where the candidate
    sits on the commission, too.
    """

    id: UUID
    number: int
    name: str
    state: str
    score: BlockScore
    practical: tuple[Decimal, Decimal] | None
    marked_by: int
    mine: Mapping[int, int]
    recused: tuple[Aside, ...] = ()
    seat: OwnSeat | None = None

    @property
    def my_recusal(self) -> Aside | None:
        return next((aside for aside in self.recused if aside.me), None)

    @property
    def dealt_with(self) -> bool:
        """Marked, or somebody stands aside: the commission has had this candidate before it."""
        return bool(self.marked_by or self.recused)

    @property
    def open(self) -> bool:
        return self.state in INTERVIEWED


@dataclass(frozen=True, slots=True)
class Table:
    """`votes`: the ballots that are in. `missed`: who did not come to the interview. `scores`: marks per block."""

    seats: tuple[SeatRow, ...]
    candidates: tuple[CandidateRow, ...]
    votes: tuple[Vote, ...]
    missed: tuple[CandidateRow, ...]
    scores: Mapping[UUID, Sequence[BlockScore]]


def table_of(
    work: Work, competition: Competition, meeting: Meeting | None, scores: Mapping[UUID, Sequence[BlockScore]]
) -> Table:
    """Members, each followed by the substitute; once the sitting is open, only those substitutes who sit in it."""
    recusals = [] if meeting is None else recusals_of(work, competition.id)
    marks, votes = _marks(work, competition.id, recusals), _votes(work, meeting)
    seated = _seated(work, competition, meeting)
    rows = _candidates(work, competition.id, scores, marks, seated)
    standing = frozenset(row.id for row in rows if row.state == "interviewed")
    seats = _seats(work, seated, marks, _Said({vote.member for vote in votes}, recusals, standing))
    before = tuple(row for row in rows if row.state in SHOWN)
    missed = tuple(row for row in rows if row.state == MISSED and row.id in scores)
    return Table(seats, _with_recusals(before, seats, recusals), tuple(votes), missed, scores)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """That a member has marked a candidate; `own`: the marks by competence, the actor's own sheets only; `counts`: not
    where the member stands aside in that case.
    """

    application_id: UUID
    member_id: UUID
    own: Mapping[int, int]
    counts: bool


@dataclass(frozen=True, slots=True)
class _Said:
    """What members have said in the vote: whose ballot is in, who stands aside from whom of those on the ballot."""

    voted: set[UUID]
    recusals: Sequence[Recusal]
    standing: frozenset[UUID]

    def recused(self, member_id: UUID) -> frozenset[UUID]:
        return frozenset(r.application_id for r in self.recusals if r.member_id == member_id)

    def nothing_to_vote_on(self, member_id: UUID) -> bool:
        return bool(self.standing) and self.standing <= self.recused(member_id)


def _with_recusals(
    rows: Sequence[CandidateRow], seats: Sequence[SeatRow], recusals: Sequence[Recusal]
) -> tuple[CandidateRow, ...]:
    sitting = {seat.member_id: seat for seat in seats}
    aside: dict[UUID, list[Aside]] = defaultdict(list)
    for recusal in recusals:
        seat = sitting[recusal.member_id]
        aside[recusal.application_id].append(Aside(seat.member_id, seat.name, recusal.reason, seat.me))
    return tuple(replace(row, recused=tuple(aside[row.id])) for row in rows)


def _marks(work: Work, competition_id: UUID, recusals: Sequence[Recusal]) -> list[_Sheet]:
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
    aside = {(recusal.application_id, recusal.member_id) for recusal in recusals}
    return [
        _Sheet(of, by, dict(zip(places or (), marks or (), strict=True)), (of, by) not in aside)
        for of, by, places, marks in rows
    ]


def _votes(work: Work, meeting: Meeting | None) -> list[Vote]:
    if meeting is None:
        return []
    rows = work.session.execute(
        select(VoteRow.member_id, VoteRow.application_id, VoteRow.choice).where(VoteRow.meeting_id == meeting.id)
    )
    return [Vote(member, application, cast(Choice, choice)) for member, application, choice in rows]


class _Seated(NamedTuple):
    """A seat, whose it is, and what the sitting says of it once it is open."""

    seat: CommissionMember
    person: Person
    attendance: Attendance | None


def _seated(work: Work, competition: Competition, meeting: Meeting | None) -> list[_Seated]:
    """Those the sitting was opened with; before it is, those who hold a seat."""
    own = (Attendance.member_id == CommissionMember.id) & (
        Attendance.meeting_id == (None if meeting is None else meeting.id)
    )
    rows = work.session.execute(
        select(CommissionMember, Person, Attendance)
        .join(Person, Person.id == CommissionMember.person_id)
        .outerjoin(Attendance, own)
        .where(
            CommissionMember.commission_id == competition.commission_id,
            holds() if meeting is None else Attendance.id.is_not(None),
        )
    )
    return [_Seated(*row) for row in rows]


def _seats(work: Work, seated: Sequence[_Seated], marks: Sequence[_Sheet], said: _Said) -> tuple[SeatRow, ...]:
    """Chair, deputy, members by name, secretary, each before the own substitute."""
    marked: dict[UUID, set[UUID]] = defaultdict(set)
    for mark in (mark for mark in marks if mark.counts):
        marked[mark.member_id].add(mark.application_id)
    present = {one.seat.id: one.attendance for one in seated}
    return tuple(
        SeatRow(
            seat.id,
            person.name,
            seat.role,
            seat.votes,
            person.id == work.actor.person_id,
            None if (there := present[seat.id]) is None else there.present,
            {} if there is None else there.reason,
            len(marked[seat.id]),
            seat.id in said.voted,
            None if seat.in_place_of_id is None else (seat.in_place_of_id, replaced),
            len(said.recused(seat.id)),
            said.nothing_to_vote_on(seat.id),
        )
        for seat, person, replaced in in_order((one.seat, one.person) for one in seated)
    )


def _candidates(
    work: Work,
    competition_id: UUID,
    scores: Mapping[UUID, Sequence[BlockScore]],
    marks: Sequence[_Sheet],
    seated: Sequence[_Seated],
) -> tuple[CandidateRow, ...]:
    by: dict[UUID, set[UUID]] = defaultdict(set)
    own: dict[UUID, Mapping[int, int]] = defaultdict(dict)
    for mark in marks:
        by[mark.application_id] |= {mark.member_id} if mark.counts else set()
        if mark.own:
            own[mark.application_id] = mark.own
    rows = work.session.execute(
        select(Application.id, Application.number, Application.state, Person.name)
        .add_columns(PracticalResult.mark, PracticalResult.maximum)
        .add_columns(Application.person_id, Person.personal_number_index, Person.folded_name, Person.birth_date)
        .join(Person, Person.id == Application.person_id)
        .outerjoin(PracticalResult, PracticalResult.application_id == Application.id)
        .where(Application.competition_id == competition_id, Application.state.in_(WITH_RESULT))
        .order_by(Application.number)
    )
    members = [(one, _known(one.person)) for one in seated]
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
            seat=_own_seat(work, row.person_id, _known(row), members),
        )
        for row in rows
    )


def _known(person: Any) -> Known:
    """Of a person, or of a row with the same columns."""
    return Known(person.personal_number_index, person.folded_name, person.birth_date)


def _own_seat(work: Work, person_id: UUID, candidate: Known, seated: Sequence[tuple[_Seated, Known]]) -> OwnSeat | None:
    """Where a candidate sits on the commission, too; the surest where several people there have the name."""
    alike: dict[Likeness, _Seated] = {}
    for one, member in seated:
        alike.setdefault("same" if one.person.id == person_id else likeness(candidate, member), one)
    found = alike.get("same") or alike.get("perhaps")
    if found is None:
        return None
    me = found.person.id == work.actor.person_id
    return OwnSeat(found.seat.id, found.seat.role, "same" in alike, me)
