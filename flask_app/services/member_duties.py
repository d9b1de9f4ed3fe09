"""What waits for somebody as a member of a sitting commission: candidates to mark, a vote to give.

Neither is a step of a workflow, so no offer speaks of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import and_, select

from flask_app.domain.workflows.competition import BEFORE_THE_COMMISSION, CompetitionFacts
from flask_app.services.office import Work
from flask_app.services.rights import own_seats
from flask_app.store.models.commissions import CommissionMember, Meeting, VoteRow
from flask_app.store.models.procedures import Competition


@dataclass(frozen=True, slots=True)
class Duty:
    """`n`: how many candidates the actor has still to mark, or votes on."""

    kind: Literal["mark", "vote"]
    competition: Competition
    n: int


def duties_of(
    work: Work, competitions: Sequence[Competition], facts: Mapping[UUID, CompetitionFacts]
) -> tuple[Duty, ...]:
    """In the order of the competitions; only of sittings the actor is present at, as a member who votes."""
    held = own_seats(work)
    sitting = [
        competition
        for competition in competitions
        if competition.state in ("interviewing", "voting")
        and competition.commission_id in held
        and facts[competition.id].present_members
    ]
    if not sitting:
        return ()
    seats, voted = _seats_and_votes(work, [competition.id for competition in sitting])
    found = (_duty(competition, facts[competition.id], seats, competition.id in voted) for competition in sitting)
    return tuple(duty for duty in found if duty is not None)


def _seats_and_votes(work: Work, competitions: Sequence[UUID]) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """The actor's seats on commissions of the body, and in which of the competitions the actor has voted."""
    rows = work.session.execute(
        select(CommissionMember.id, Meeting.competition_id)
        .outerjoin(VoteRow, VoteRow.member_id == CommissionMember.id)
        .outerjoin(Meeting, and_(Meeting.id == VoteRow.meeting_id, Meeting.competition_id.in_(competitions)))
        .where(
            CommissionMember.person_id == work.actor.person_id,
            CommissionMember.body_id == work.actor.body_id,
        )
        .distinct()
    ).all()
    return frozenset(seat for seat, _ in rows), frozenset(voted for _, voted in rows if voted is not None)


def _duty(competition: Competition, facts: CompetitionFacts, seats: frozenset[UUID], voted: bool) -> Duty | None:
    mine = seats & facts.present_members
    if not mine:
        return None
    if competition.state == "interviewing":
        waiting = [a for a in facts.in_state(*BEFORE_THE_COMMISSION) if not mine & (a.marked_by | a.recused)]
        return Duty("mark", competition, len(waiting)) if waiting else None
    ballot = [a for a in facts.in_state("interviewed") if not mine & a.recused]
    return Duty("vote", competition, len(ballot)) if ballot and not voted and not facts.vote_counted else None
