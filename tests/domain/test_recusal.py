"""Standing aside in one candidate's case: when it may be said and taken back, and how it is counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_app.domain.errors import InvalidInput, Rule
from flask_app.domain.recusal import Case, all_votes, check_recusal, check_withdrawal
from flask_app.domain.voting import BALLOT, Vote, VotingRules, count

REASON = {"ky": "тууганым", "ru": "родственник"}
CASE = Case(3, "invited")
MEMBERS = tuple(UUID(int=number) for number in range(1, 8))
CANDIDATES = tuple(UUID(int=number) for number in range(100, 104))


def code_of(act: Callable[[], None]) -> str:
    with pytest.raises(InvalidInput) as refused:
        act()
    return refused.value.code


def test_a_member_stands_aside_until_the_own_ballot_is_in() -> None:
    for state in ("invited", "interviewed"):
        for vote_open in (False, True):
            for marked in (False, True):
                check_recusal(replace(CASE, state=state, vote_open=vote_open, marked=marked), REASON)
    check_recusal(CASE, {"ru": "родственник"})


@pytest.mark.parametrize(
    ("case", "reason", "code"),
    [
        (replace(CASE, counted=True, voted=True), REASON, "recusal.vote_closed"),
        (replace(CASE, vote_open=True, voted=True), REASON, "recusal.voted"),
        (replace(CASE, state="qualified"), REASON, "recusal.not_heard"),
        (replace(CASE, state="withdrawn"), REASON, "recusal.not_heard"),
        (replace(CASE, recused=True), REASON, "recusal.known"),
        (CASE, {}, "recusal.without_reason"),
        (CASE, {"ky": " ", "ru": "\n"}, "recusal.without_reason"),
    ],
)
def test_when_nobody_stands_aside(case: Case, reason: dict[str, str], code: str) -> None:
    assert code_of(lambda: check_recusal(case, reason)) == code


def test_a_recusal_is_taken_back_before_the_vote_or_with_marks() -> None:
    aside = replace(CASE, recused=True)
    check_withdrawal(aside)
    check_withdrawal(replace(aside, vote_open=True, marked=True))
    assert code_of(lambda: check_withdrawal(CASE)) == "recusal.unknown"
    assert code_of(lambda: check_withdrawal(replace(aside, vote_open=True))) == "recusal.without_marks"
    assert code_of(lambda: check_withdrawal(replace(aside, voted=True, vote_open=True))) == "recusal.voted"
    assert code_of(lambda: check_withdrawal(replace(aside, counted=True))) == "recusal.vote_closed"


@given(data=st.data())
def test_votes_and_recusals_make_up_those_present(data: st.DataObject) -> None:
    """for + against + abstained = present - recused (DOMAIN D16), whatever was cast before somebody stood aside."""
    pairs = [(member, candidate) for member in MEMBERS for candidate in CANDIDATES]
    aside = data.draw(st.sets(st.sampled_from(pairs)))
    late = data.draw(st.sets(st.sampled_from(sorted(aside)))) if aside else set()
    cast = [
        Vote(member, candidate, data.draw(st.sampled_from(BALLOT)))
        for member, candidate in pairs
        if (member, candidate) not in aside or (member, candidate) in late
    ]
    recusals = {one: {member for member, candidate in aside if candidate == one} for one in CANDIDATES}
    votes = all_votes(cast, recusals, CANDIDATES)
    for tally in count(votes, MEMBERS, CANDIDATES, len(MEMBERS), VotingRules(Rule("act"))).tallies:
        assert tally.recused == len(recusals[tally.candidate])
        assert tally.in_favour + tally.against + tally.abstained == len(MEMBERS) - tally.recused


def test_who_is_no_longer_a_candidate_is_left_out() -> None:
    gone, other = CANDIDATES[:2]
    assert all_votes([], {gone: {MEMBERS[0]}}, [other]) == ()
