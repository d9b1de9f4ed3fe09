"""What the commission's pages show: the sitting and who is there, candidates with their marks, the vote, the outcome.

Everything of a page is read in one fixed set of queries. What a member gave is shown to that member alone; of the vote
only who has voted is shown, and the tallies once they are counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import InvalidInput, NotFound, Refused
from flask_app.domain.names import sort_key
from flask_app.domain.recusal import Case, all_votes, check_case
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.scoring import BlockScore, Judged, judge, passes
from flask_app.domain.voting import Tally, Vote, VoteOutcome, VotingRules, count, required_for_quorum
from flask_app.domain.workflow import Offer, offers
from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.competition import CompetitionFacts
from flask_app.services.applications import scores_of_all
from flask_app.services.commission_table import CandidateRow, SeatRow, table_of
from flask_app.services.competition_facts import as_after_interviews, pack_of
from flask_app.services.facts_of_many.competitions import competition_facts_of
from flask_app.services.listing import Slice, read_page
from flask_app.services.local_time import LocalTime, local_time
from flask_app.services.meetings import VOTED_ON
from flask_app.services.office import Work
from flask_app.services.protocol_step import ProtocolStep, protocol_step
from flask_app.services.rights import roles_on
from flask_app.services.transitions import act_on
from flask_app.services.visibility import seats_of, visible_competitions
from flask_app.store.models.commissions import (
    Meeting,
)
from flask_app.store.models.procedures import Competition, Position

WORKFLOW = WORKFLOWS["competition"]
STATES = ("interviewing", "voting", "decided", "appointed", "no_winner", "repeat_decision", "closed", "archived")
"""From the interviews on a competition has a page at the commission."""

Place = Literal["none", "absent", "silent", "voting"]
"""The actor's own place in the sitting: no seat, not there, there without a vote, there with one."""

Fate = Literal["winner", "reserve", "not_selected"]


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
    missed: tuple[CandidateRow, ...]
    below: int
    offers: tuple[Offer, ...]
    uncounted: Refused | None
    outcome: VoteOutcome | None
    fates: tuple[FateRow, ...]
    decided_on: date | None
    protocol: ProtocolStep | None

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
    def majority(self) -> int:
        """The least number of votes for a winner: more than half of those who took part (S003 L120)."""
        return len(self.voters) // 2 + 1

    @property
    def winner(self) -> CandidateRow | None:
        return next((row.candidate for row in self.fates if row.fate == "winner"), None)

    @property
    def protocol_is_mine(self) -> bool:
        """Whether the next step with the protocol is the actor's."""
        return self.protocol is not None and bool(self.protocol.who & self.roles)

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
    table = table_of(work, competition, meeting, scores)
    on_ballot = [row for row in table.candidates if row.state in VOTED_ON and row.dealt_with]
    outcome, uncounted = _count(pack, table.seats, table.votes, on_ballot)
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
        seats=table.seats,
        candidates=table.candidates,
        missed=table.missed,
        below=table.below,
        offers=_offers(work, competition, roles, as_after_interviews(facts)),
        uncounted=None if counted else uncounted,
        outcome=outcome,
        fates=() if outcome is None else _fates(pack, on_ballot, outcome, scores),
        decided_on=facts.decided_on,
        protocol=protocol_step(work, competition),
    )


def _at(here: LocalTime, moment: datetime | None) -> datetime | None:
    return None if moment is None else here.at(moment)


def _offers(work: Work, competition: Competition, roles: frozenset[str], facts: CompetitionFacts) -> tuple[Offer, ...]:
    return offers(WORKFLOW, competition.state, roles, act_on(work, work.today), facts)


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
    aside = {row.id: [one.member_id for one in row.recused] for row in on_ballot}
    try:
        return count(
            all_votes([vote for vote in votes if vote.candidate in set(standing)], aside, standing),
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
