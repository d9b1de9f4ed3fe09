"""The vote: more than half of those present, abstentions in the denominator, no winner on a tie."""

from __future__ import annotations

from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_app.domain.errors import Refused, Rule
from flask_app.domain.voting import CHOICES, Choice, Vote, VoteOutcome, VotingRules, count, required_for_quorum

RULE = Rule("Regulation № 327", source="S003 L120", pack="kg-mun-2006 v1")
RULES = VotingRules(RULE)
MEMBERS = [UUID(int=n) for n in range(1, 10)]
CANDIDATES = [UUID(int=100 + n) for n in range(3)]


def votes_of(*rows: str) -> list[Vote]:
    """One row per member, one letter per candidate: f, a (against), - (abstains), r (recused)."""
    letters: dict[str, Choice] = {"f": "for", "a": "against", "-": "abstain", "r": "recused"}
    return [
        Vote(MEMBERS[member], CANDIDATES[place], letters[letter])
        for member, row in enumerate(rows)
        for place, letter in enumerate(row)
    ]


def outcome(*rows: str, rules: VotingRules = RULES, chair: UUID | None = None) -> VoteOutcome:
    present = MEMBERS[: len(rows)]
    return count(votes_of(*rows), present, CANDIDATES[: len(rows[0])], len(present), rules, chair=chair)


@pytest.mark.parametrize(
    ("rows", "wins"),
    [
        (["f", "f", "a"], True),
        (["f", "f", "-", "-"], False),  # two of four are not more than half: abstentions count
        (["f", "f", "f", "-", "-"], True),
        (["f", "a"], False),
        (["f"], True),
        (["f", "f", "r", "r"], False),  # a recused member took part in the sitting
    ],
)
def test_more_than_half_of_those_present(rows: list[str], wins: bool) -> None:
    assert (outcome(*rows).winner == CANDIDATES[0]) is wins


def test_the_larger_majority_wins() -> None:
    found = outcome("ff", "ff", "fa")
    assert found.winner == CANDIDATES[0]


def test_a_tie_has_no_winner() -> None:
    found = outcome("ff", "ff", "aa")
    assert found.winner is None
    assert found.tied == tuple(CANDIDATES[:2])


def test_the_chair_decides_a_tie_only_where_the_pack_says_so() -> None:
    casting = VotingRules(RULE, tie="chair_decides")
    rows = ["fa", "ff", "af"]
    assert outcome(*rows, chair=MEMBERS[0]).winner is None
    assert outcome(*rows, rules=casting, chair=MEMBERS[0]).winner == CANDIDATES[0]
    assert outcome(*rows, rules=casting, chair=MEMBERS[1]).winner is None


def test_a_quorum_is_asked_for_only_where_the_pack_sets_one() -> None:
    rules = VotingRules(RULE, quorum=Fraction(2, 3))
    assert required_for_quorum(7, rules) == 5
    assert required_for_quorum(7, RULES) is None
    with pytest.raises(Refused) as refused:
        count(votes_of("f", "f"), MEMBERS[:2], CANDIDATES[:1], 7, rules)
    assert refused.value.code == "vote.no_quorum"
    assert refused.value.params == {"present": 2, "required": 5}
    assert refused.value.rule == RULE


@pytest.mark.parametrize(
    ("votes", "code"),
    [
        ([], "vote.missing"),
        ([Vote(MEMBERS[5], CANDIDATES[0], "for")], "vote.stranger"),
        ([Vote(MEMBERS[0], CANDIDATES[2], "for")], "vote.stranger"),
        ([Vote(MEMBERS[0], CANDIDATES[0], "for"), Vote(MEMBERS[0], CANDIDATES[0], "against")], "vote.twice"),
    ],
)
def test_a_vote_that_cannot_be_counted_is_refused(votes: list[Vote], code: str) -> None:
    with pytest.raises(Refused) as refused:
        count(votes, MEMBERS[:2], CANDIDATES[:1], 2, RULES)
    assert refused.value.code == code


def test_nobody_there_decides_nothing() -> None:
    with pytest.raises(Refused) as refused:
        count([], [], CANDIDATES, 5, RULES)
    assert refused.value.code == "vote.nobody_present"


@given(
    st.integers(1, 9).flatmap(
        lambda members: st.integers(1, 3).flatmap(
            lambda candidates: st.lists(
                st.lists(st.sampled_from(CHOICES), min_size=candidates, max_size=candidates),
                min_size=members,
                max_size=members,
            )
        )
    )
)
def test_every_vote_is_counted_once_and_the_winner_has_the_majority(table: list[list[Choice]]) -> None:
    votes = [
        Vote(MEMBERS[member], CANDIDATES[place], choice)
        for member, row in enumerate(table)
        for place, choice in enumerate(row)
    ]
    found = count(votes, MEMBERS[: len(table)], CANDIDATES[: len(table[0])], len(table), RULES)
    for tally in found.tallies:
        assert tally.in_favour + tally.against + tally.abstained + tally.recused == tally.present == len(table)
    most = max(tally.in_favour for tally in found.tallies)
    leaders = [t.candidate for t in found.tallies if t.in_favour == most and most * 2 > len(table)]
    assert found.winner == (leaders[0] if len(leaders) == 1 else None)
