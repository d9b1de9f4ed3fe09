"""What a member has before them at a sitting of the commission: who sits there, and who is to be judged.

The pages on which a member marks, stands aside or votes need no more; what comes next, what the vote means and which
paper is due is the desk's (`commission_desk`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import InvalidInput, NotFound
from flask_app.domain.recusal import Case, check_case
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.voting import VotingRules, required_for_quorum
from flask_app.domain.workflows import WORKFLOWS
from flask_app.services.applications import scores_of_all
from flask_app.services.commission_seats import SITTING_OPEN
from flask_app.services.commission_table import WITH_RESULT, CandidateRow, OwnSeat, SeatRow, Table, table_of
from flask_app.services.competition_facts import pack_of
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.rights import roles_on
from flask_app.store.models.commissions import Meeting
from flask_app.store.models.procedures import Competition, Position

WORKFLOW = WORKFLOWS["competition"]
STATES = ("interviewing", "voting", "decided", "appointed", "no_winner", "repeat_decision", "closed", "archived")
"""From the interviews on a competition has a page at the commission."""

Place = Literal["none", "absent", "silent", "voting"]
"""The actor's own place in the sitting: no seat, not there, there without a vote, there with one."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """A competition before its commission, as whoever asks may see it. Times by the body's clocks.

    `seats`: members, each followed by the substitute; once the sitting is open, only those substitutes who sit in it.
    `missed`: who did not come to the interview. Of the ballots it is only known who has given one.
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
    missed: tuple[CandidateRow, ...]

    def may(self, action: str) -> bool:
        """Whether the actor may do this in the present state, by the map that enforces it."""
        return WORKFLOW.permits(action, self.competition.state, self.roles)

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

    def judges(self, candidate: CandidateRow) -> int:
        """How many mark this candidate and vote on them."""
        return len(self.voters) - len(candidate.recused)

    @property
    def balloting(self) -> tuple[SeatRow, ...]:
        """Those whose ballot is awaited or in."""
        return tuple(seat for seat in self.voters if not seat.nothing_to_vote_on)

    @property
    def voted(self) -> int:
        return sum(seat.voted for seat in self.balloting)

    @property
    def recused_from_all(self) -> bool:
        """The actor has nobody to vote on."""
        return self.place == "voting" and bool(self.standing) and not self.to_vote_on

    @property
    def i_voted(self) -> bool:
        return any(seat.me and seat.voted for seat in self.seats)

    @property
    def conflicts(self) -> tuple[tuple[CandidateRow, OwnSeat], ...]:
        """Candidates who sit at the table that judges them, until they stand aside from everybody, or are not there.

        A conflict of interest; which act says so, no source at hand tells: the rule is unverified, told, and forbids
        nothing.
        """
        if self.competition.state not in SITTING_OPEN:
            return ()
        away = {seat.member_id for seat in self.seats if seat.present is False}
        judged = [candidate for candidate in self.candidates if candidate.open or candidate.state == "qualified"]
        return tuple(
            (candidate, candidate.seat)
            for candidate in self.candidates
            if candidate.seat is not None
            and candidate.seat.member_id not in away
            and not all(candidate.seat.member_id in {aside.member_id for aside in one.recused} for one in judged)
        )

    @property
    def majority(self) -> int:
        """The least number of votes for a winner: more than half of those who took part (S003 L120)."""
        return len(self.voters) // 2 + 1

    @property
    def quorum(self) -> int | None:
        return required_for_quorum(self.members_total, voting_rules(self.pack))

    @property
    def members_total(self) -> int:
        """Members with a vote, there or not; a substitute is none of them."""
        return sum(seat.votes for seat in self.members)

    @property
    def standing(self) -> tuple[CandidateRow, ...]:
        """Candidates on the ballot."""
        return tuple(candidate for candidate in self.candidates if candidate.state == "interviewed")

    @property
    def to_vote_on(self) -> tuple[CandidateRow, ...]:
        """Candidates on the ballot but those in whose case the actor stands aside."""
        return tuple(candidate for candidate in self.standing if candidate.my_recusal is None)

    @property
    def qualified(self) -> tuple[CandidateRow, ...]:
        return tuple(candidate for candidate in self.candidates if candidate.state == "qualified")

    @property
    def to_mark(self) -> tuple[CandidateRow, ...]:
        """Candidates the actor has still to mark, in order of registration."""
        if self.place != "voting" or not self.may("mark"):
            return ()
        return tuple(c for c in self.candidates if c.open and not c.mine and c.my_recusal is None)

    def case(self, candidate: CandidateRow) -> Case:
        """How the actor stands to the candidate, as the rules on recusals ask it."""
        return Case(
            number=candidate.number,
            state=candidate.state,
            vote_open=self.competition.state == "voting",
            counted=self.counted_at is not None,
            voted=self.i_voted,
            marked=bool(candidate.mine),
            recused=candidate.my_recusal is not None,
        )

    def may_recuse(self, candidate: CandidateRow) -> bool:
        """Whether the actor may stand aside in this candidate's case now."""
        try:
            check_case(self.case(candidate))
        except InvalidInput:
            return False
        return self.place == "voting" and self.may("recuse")

    def candidate(self, application_id: UUID) -> CandidateRow:
        """Raises `NotFound` for somebody who is not before this commission."""
        found = next((candidate for candidate in self.candidates if candidate.id == application_id), None)
        if found is None:
            raise NotFound("object.unknown", type="Application")
        return found


def hearing_of(work: Work, competition_id: UUID) -> Hearing:
    """Raises `NotFound` like `hearing_and_table`."""
    return hearing_and_table(work, competition_id)[0]


def hearing_and_table(work: Work, competition_id: UUID) -> tuple[Hearing, Table]:
    """The hearing, and what it was read from: the ballots too, for the count.

    Raises `NotFound` for an unknown competition, another body's, one that may not be viewed, and one that is not yet
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
    here = local_time(work)
    table = table_of(work, competition, meeting, scores_of_all(work, competition.id, *WITH_RESULT))
    counted_at = None if meeting is None else meeting.counted_at
    hearing = Hearing(
        competition=competition,
        position=position,
        pack=pack_of(competition),
        today=here.today,
        now=here.at(work.now),
        roles=roles,
        meeting=meeting,
        started_at=None if meeting is None else here.at(meeting.started_at),
        counted_at=None if counted_at is None else here.at(counted_at),
        seats=table.seats,
        candidates=table.candidates,
        missed=table.missed,
    )
    return hearing, table


def voting_rules(pack: RulePack) -> VotingRules:
    return pack.commission.voting_rules(pack.rule(pack.commission))


def check_marks(pack: RulePack, marks: Mapping[int, int]) -> tuple[int, ...]:
    """Competences (from 1) without a mark. Raises `InvalidInput` for a mark outside the pack's scale."""
    if not all(1 <= mark <= pack.interview.scale_max for mark in marks.values()):
        raise InvalidInput("interview.mark_out_of_scale", least=1, most=pack.interview.scale_max)
    return tuple(place for place in range(1, len(pack.interview.competences) + 1) if place not in marks)
