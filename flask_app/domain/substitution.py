"""Substitutes of commission members: whose place one may take, and who sits when somebody is absent.

The order on the commission names substitutes (DOMAIN D02); no source says what they may do (DOMAIN A1), so all of this
is unverified and shown as such. It is the narrowest reading: a substitute sits and votes in place of one named member
who is absent from the whole sitting. Nobody steps in for a member who is recused in one candidate's case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

SUBSTITUTE = "substitute"
"""The role of a seat that stands in for another one."""

STANDS_IN_FOR = ("deputy_chair", "member")
"""The chair is replaced by the deputy, who would otherwise preside beside a stranger; a secretary keeps the protocol
and has no vote to stand in for. The substitute of a deputy chair votes and does not preside."""


def can_have_substitute(role: str, *, votes: bool) -> bool:
    return votes and role in STANDS_IN_FOR


def beside_their_members(standing_in: Mapping[UUID, UUID], absent: Collection[UUID]) -> tuple[UUID, ...]:
    """Substitutes who have no place at the sitting, since their member is there.

    `standing_in`: the substitute's seat → the seat it stands in for.
    """
    return tuple(substitute for substitute, member in standing_in.items() if member not in absent)


def at_the_table(
    members: Iterable[UUID], absent: Collection[UUID], standing_in: Mapping[UUID, UUID]
) -> frozenset[UUID]:
    """The seats that are taken: members who came, and whoever sits in the place of one who did not.

    Never more than there are members, so that "present N of M" counts M members whoever sits for them.
    """
    took = {member: substitute for substitute, member in standing_in.items()}
    return frozenset(took.get(member, member) for member in members if member not in absent or member in took)
