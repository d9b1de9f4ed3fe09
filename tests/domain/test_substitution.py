"""Who sits when somebody is absent: a substitute only in an absent member's place: as many voices as members."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from flask_app.domain.errors import Refused, Rule
from flask_app.domain.substitution import at_the_table, beside_their_members, can_have_substitute
from flask_app.domain.voting import CHOICES, Choice, Vote, VotingRules, count

MEMBERS = tuple(UUID(int=number) for number in range(1, 10))
SUBSTITUTES = {UUID(int=100 + member.int): member for member in MEMBERS}
CANDIDATE = UUID(int=999)
QUORUM = VotingRules(Rule("act"), Fraction(2, 3))

absences = st.sets(st.sampled_from(MEMBERS))


@given(absent=absences, coming=st.sets(st.sampled_from(sorted(SUBSTITUTES))))
def test_a_substitute_whose_member_is_there_has_no_place(absent: set[UUID], coming: set[UUID]) -> None:
    wrong = beside_their_members({one: SUBSTITUTES[one] for one in coming}, absent)
    assert set(wrong) == {one for one in coming if SUBSTITUTES[one] not in absent}


@given(data=st.data(), absent=absences)
def test_each_place_has_one_voice_whoever_sits_there(data: st.DataObject, absent: set[UUID]) -> None:
    """The majority and the quorum are what they would be had the absent members come themselves."""
    stood_in_for = data.draw(st.sets(st.sampled_from(sorted(absent)))) if absent else set()
    standing_in = {one: member for one, member in SUBSTITUTES.items() if member in stood_in_for}
    there = at_the_table(MEMBERS, absent, standing_in)
    assert there == (set(MEMBERS) - absent) | set(standing_in)
    assert len(there) <= len(MEMBERS)

    assume(there)
    choices = {seat: data.draw(st.sampled_from(CHOICES)) for seat in sorted(there)}
    in_person = {standing_in.get(seat, seat): choice for seat, choice in choices.items()}

    def counted(by: Mapping[UUID, Choice]) -> object:
        votes = [Vote(seat, CANDIDATE, choice) for seat, choice in by.items()]
        try:
            return count(votes, by, [CANDIDATE], len(MEMBERS), QUORUM)
        except Refused as no_quorum:
            return no_quorum.code, no_quorum.params

    assert counted(choices) == counted(in_person)


@given(role=st.sampled_from(("chair", "deputy_chair", "member", "substitute", "secretary")), votes=st.booleans())
def test_only_a_member_or_the_deputy_with_a_vote_has_a_substitute(role: str, votes: bool) -> None:
    assert can_have_substitute(role, votes=votes) == (votes and role in ("deputy_chair", "member"))
