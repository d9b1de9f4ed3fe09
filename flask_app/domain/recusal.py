"""Recusal: a member stands aside in one candidate's case and says why.

The protocol names recusals, and for + against + abstained = present - recused (DOMAIN D16). When a member may stand
aside, and what becomes of marks given before, no source says (DOMAIN A1): the rest of this is unverified and shown as
such. It is the narrowest reading: the member's marks and vote on that candidate do not count, nobody steps in, and the
member stays among those who took part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask_app.domain.errors import InvalidInput
from flask_app.domain.voting import Vote

HEARD = ("invited", "interviewed")
"""States of a candidate in whose case a member can stand aside: from the invitation until the vote is counted."""


@dataclass(frozen=True, slots=True)
class Case:
    """How one member stands to one candidate at the sitting. `number` and `state` are the application's.

    `vote_open`: the competition is at its vote; `counted`: the vote is counted; `voted`: the member's own ballot is in;
    `marked`: the member has marked the candidate; `recused`: stands aside already.
    """

    number: int
    state: str
    vote_open: bool = False
    counted: bool = False
    voted: bool = False
    marked: bool = False
    recused: bool = False


def check_case(case: Case) -> None:
    """Whether the member may stand aside now.

    Raises `InvalidInput`: recusal.vote_closed, recusal.voted, recusal.not_heard, recusal.known.
    """
    _check_open(case)
    if case.state not in HEARD:
        raise InvalidInput("recusal.not_heard", number=case.number)
    if case.recused:
        raise InvalidInput("recusal.known", number=case.number)


def check_recusal(case: Case, reason: Mapping[str, str]) -> None:
    """Whether the member stands aside with this. `reason`: language → text, in at least one language.

    Raises `InvalidInput`: recusal.without_reason, and as `check_case` does.
    """
    check_case(case)
    if not any(text.strip() for text in reason.values()):
        raise InvalidInput("recusal.without_reason")


def check_withdrawal(case: Case) -> None:
    """Whether the member may come back to the candidate: who did not mark before the vote was opened no longer can.

    Raises `InvalidInput`: recusal.vote_closed, recusal.voted, recusal.unknown, recusal.without_marks.
    """
    _check_open(case)
    if not case.recused:
        raise InvalidInput("recusal.unknown", number=case.number)
    if case.vote_open and not case.marked:
        raise InvalidInput("recusal.without_marks", number=case.number)


def _check_open(case: Case) -> None:
    if case.counted:
        raise InvalidInput("recusal.vote_closed")
    if case.voted:
        raise InvalidInput("recusal.voted")


def all_votes(
    cast: Iterable[Vote], recusals: Mapping[UUID, Collection[UUID]], candidates: Iterable[UUID]
) -> tuple[Vote, ...]:
    """What is counted: the ballots, and a recusal for whoever stands aside in a candidate's case.

    `recusals`: candidate → members.
    """
    aside = {(member, candidate) for candidate in candidates for member in recusals.get(candidate, ())}
    kept = tuple(vote for vote in cast if (vote.member, vote.candidate) not in aside)
    return kept + tuple(Vote(member, candidate, "recused") for member, candidate in sorted(aside))
