"""The commission's vote.

The winner is determined by a simple majority of the members who took part in the sitting (S003 L120): `for` must be
more than half of those present, so abstentions and recusals stay in the denominator. Quorum, casting vote and ties are
not in the source (DOMAIN A1, J6): they are parameters, off by default; a tie has no winner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal
from uuid import UUID

from flask_app.domain.errors import Refused, Rule

Choice = Literal["for", "against", "abstain", "recused"]
CHOICES: tuple[Choice, ...] = ("for", "against", "abstain", "recused")
BALLOT: tuple[Choice, ...] = ("for", "against", "abstain")
"""What a ballot offers: whoever stands aside says so before it, with the reason (`domain.recusal`)."""

TieRule = Literal["no_winner", "chair_decides"]


@dataclass(frozen=True, slots=True)
class VotingRules:
    """Parameters of a rule pack. `quorum` None = the pack sets none."""

    rule: Rule
    quorum: Fraction | None = None
    tie: TieRule = "no_winner"


@dataclass(frozen=True, slots=True)
class Vote:
    member: UUID
    candidate: UUID
    choice: Choice


@dataclass(frozen=True, slots=True)
class Tally:
    """The votes on one candidate; `present` is the base of the majority."""

    candidate: UUID
    in_favour: int
    against: int
    abstained: int
    recused: int
    present: int

    @property
    def has_majority(self) -> bool:
        return self.in_favour * 2 > self.present


@dataclass(frozen=True, slots=True)
class VoteOutcome:
    tallies: tuple[Tally, ...]
    winner: UUID | None
    tied: tuple[UUID, ...] = ()


def required_for_quorum(members: int, rules: VotingRules) -> int | None:
    """The least number of voting members, rounded up; None where the pack sets no quorum."""
    return None if rules.quorum is None else -(-members * rules.quorum.numerator // rules.quorum.denominator)


def count(
    votes: Iterable[Vote],
    present: Iterable[UUID],
    candidates: Iterable[UUID],
    members_total: int,
    rules: VotingRules,
    *,
    chair: UUID | None = None,
) -> VoteOutcome:
    """Count a vote in which every present voting member has said something on every candidate.

    Raises `Refused`: vote.nobody_present, vote.no_quorum, vote.stranger, vote.twice, vote.missing.
    """
    here, standing, cast = frozenset(present), tuple(candidates), tuple(votes)
    if not here:
        raise Refused("vote.nobody_present", rules.rule)
    needed = required_for_quorum(members_total, rules)
    if needed is not None and len(here) < needed:
        raise Refused("vote.no_quorum", rules.rule, present=len(here), required=needed)
    by_pair = _one_vote_each(cast, here, frozenset(standing), rules.rule)
    missing = [(m, c) for m in here for c in standing if (m, c) not in by_pair]
    if missing:
        raise Refused("vote.missing", rules.rule, n=len(missing))
    tallies = tuple(_tally(candidate, here, by_pair) for candidate in standing)
    return _outcome(tallies, by_pair, rules, chair)


def _one_vote_each(
    votes: tuple[Vote, ...], present: frozenset[UUID], candidates: frozenset[UUID], rule: Rule
) -> Mapping[tuple[UUID, UUID], Choice]:
    by_pair: dict[tuple[UUID, UUID], Choice] = {}
    for vote in votes:
        if vote.member not in present or vote.candidate not in candidates:
            raise Refused("vote.stranger", rule)
        if (vote.member, vote.candidate) in by_pair:
            raise Refused("vote.twice", rule)
        by_pair[vote.member, vote.candidate] = vote.choice
    return by_pair


def _tally(candidate: UUID, present: frozenset[UUID], by_pair: Mapping[tuple[UUID, UUID], Choice]) -> Tally:
    counted = Counter(by_pair[member, candidate] for member in present)
    return Tally(candidate, counted["for"], counted["against"], counted["abstain"], counted["recused"], len(present))


def _outcome(
    tallies: tuple[Tally, ...],
    by_pair: Mapping[tuple[UUID, UUID], Choice],
    rules: VotingRules,
    chair: UUID | None,
) -> VoteOutcome:
    most = max((t.in_favour for t in tallies if t.has_majority), default=None)
    if most is None:
        return VoteOutcome(tallies, None)
    leaders = tuple(t.candidate for t in tallies if t.has_majority and t.in_favour == most)
    if len(leaders) == 1:
        return VoteOutcome(tallies, leaders[0])
    if rules.tie == "chair_decides" and chair is not None:
        chosen = [candidate for candidate in leaders if by_pair.get((chair, candidate)) == "for"]
        if len(chosen) == 1:
            return VoteOutcome(tallies, chosen[0], leaders)
    return VoteOutcome(tallies, None, leaders)
