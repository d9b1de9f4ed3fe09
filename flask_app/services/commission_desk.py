"""What the commission's own page shows beside the hearing (`commission_hearing`): the steps on offer, what the counted
vote means for each candidate, the protocol; and the list of all sittings.

Everything of a page is read in one fixed set of queries. Of the vote only who has voted is shown, and the tallies once
they are counted: the ballots themselves stay here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import Refused
from flask_app.domain.names import sort_key
from flask_app.domain.recusal import all_votes
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.scoring import BlockScore, Judged, judge, passes
from flask_app.domain.voting import Tally, Vote, VoteOutcome, count
from flask_app.domain.workflow import Offer, offers
from flask_app.domain.workflows.competition import CompetitionFacts
from flask_app.services.commission_hearing import STATES, WORKFLOW, Hearing, hearing_and_table, voting_rules
from flask_app.services.commission_table import CandidateRow
from flask_app.services.competition_facts import as_after_interviews
from flask_app.services.facts_of_many.competitions import competition_facts_of
from flask_app.services.listing import Slice, read_page
from flask_app.services.meetings import VOTED_ON
from flask_app.services.office import Work
from flask_app.services.protocol_step import ProtocolStep, protocol_step
from flask_app.services.transitions import act_on
from flask_app.services.visibility import seats_of, visible_competitions
from flask_app.store.models.commissions import Meeting
from flask_app.store.models.procedures import Competition

BELOW = "below_threshold"
"""Who stayed there is not before the commission; the decision tells how many."""

Fate = Literal["winner", "reserve", "not_selected"]


@dataclass(frozen=True, slots=True)
class FateRow:
    """What the counted vote means for one candidate; `judged`: the reserve's conditions with their figures."""

    candidate: CandidateRow
    tally: Tally | None
    fate: Fate
    judged: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class Desk(Hearing):
    """Everything the page of one competition's commission shows: the hearing, and what comes of it.

    `below`: how many stayed below the threshold. `outcome`: once the vote is counted; `uncounted`: why it cannot be.
    """

    below: int
    offers: tuple[Offer, ...]
    uncounted: Refused | None
    outcome: VoteOutcome | None
    fates: tuple[FateRow, ...]
    decided_on: date | None
    protocol: ProtocolStep | None

    def offer(self, transition: str) -> Offer | None:
        """The step as the actor may take it now, with the reasons against it; None where it is nobody's move here."""
        return next((offer for offer in self.offers if offer.transition.id == transition), None)

    @property
    def winner(self) -> CandidateRow | None:
        return next((row.candidate for row in self.fates if row.fate == "winner"), None)

    @property
    def protocol_is_mine(self) -> bool:
        """Whether the next step with the protocol is the actor's."""
        return self.protocol is not None and bool(self.protocol.who & self.roles)


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
    """Raises `NotFound` like `hearing_and_table`."""
    hearing, table = hearing_and_table(work, competition_id)
    competition = hearing.competition
    facts = competition_facts_of(work, [competition])[competition.id]
    on_ballot = [row for row in hearing.candidates if row.state in VOTED_ON and row.dealt_with]
    outcome, uncounted = _count(hearing, table.votes, on_ballot)
    counted = hearing.counted_at is not None
    if not counted:
        outcome = None
    return Desk(
        **{field.name: getattr(hearing, field.name) for field in fields(Hearing)},
        below=len(facts.in_state(BELOW)),
        offers=_offers(work, competition, hearing.roles, as_after_interviews(facts)),
        uncounted=None if counted else uncounted,
        outcome=outcome,
        fates=() if outcome is None else _fates(hearing.pack, on_ballot, outcome, table.scores),
        decided_on=facts.decided_on,
        protocol=protocol_step(work, competition),
    )


def _offers(work: Work, competition: Competition, roles: frozenset[str], facts: CompetitionFacts) -> tuple[Offer, ...]:
    return offers(WORKFLOW, competition.state, roles, act_on(work, work.today), facts)


# -- the vote ----------------------------------------------------------------------------------------------------------


def _count(
    hearing: Hearing, votes: Sequence[Vote], on_ballot: Sequence[CandidateRow]
) -> tuple[VoteOutcome | None, Refused | None]:
    """The outcome as the rules count it (see `meetings.outcome_of`), or why it cannot be counted yet."""
    standing = [row.id for row in on_ballot]
    voting = [seat for seat in hearing.seats if seat.votes]
    chair = next((seat.member_id for seat in voting if seat.role == "chair"), None)
    aside = {row.id: [one.member_id for one in row.recused] for row in on_ballot}
    try:
        return count(
            all_votes([vote for vote in votes if vote.candidate in set(standing)], aside, standing),
            [seat.member_id for seat in voting if seat.present],
            standing,
            sum(seat.in_place_of is None for seat in voting),
            voting_rules(hearing.pack),
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
