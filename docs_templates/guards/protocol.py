"""D16: who was there, how they voted, and that the decision follows from it.

"Present" counts members with a vote only, and a substitute in the place of an absent one. The winner needs more than
half of those who took part in the sitting: abstentions, and whoever stood aside in that vote, stay in the denominator.
"""

from __future__ import annotations

from docs_templates.contexts.protocol import has_quorum, voting_present
from docs_templates.guards.conditions import each_once, insist, reaches
from flask_app.ports.paper import CommissionProtocol, VoteLine

SUBSTITUTE = "substitute"


def guard_protocol(facts: CommissionProtocol) -> None:
    _sitting(facts)
    _members(facts)
    _quorum(facts)
    each_once((vote.name for vote in facts.votes), "votes")
    for vote in facts.votes:
        _vote(vote, voting_present(facts))
    _recusals(facts)
    _winner(facts)
    _reserve(facts)
    _not_admitted(facts)
    _unvoted(facts)
    _evaluations(facts)
    _dissents(facts)


def _sitting(facts: CommissionProtocol) -> None:
    started, ended = facts.started_at, facts.ended_at
    insist(started <= ended, "PAPER_TIMES_REVERSED", started=started, ended=ended)
    insist(started.date() == facts.held_on, "PAPER_SITTING_DAY", held_on=facts.held_on, started=started)


def _members(facts: CommissionProtocol) -> None:
    everyone = (*facts.present, *facts.absent)
    each_once((person.name for person in everyone), "members")
    _substitutes(facts)
    present = sum(person.votes and not person.in_place_of for person in facts.present)
    absent = sum(person.votes for person in facts.absent)
    insist(
        present + absent == facts.members_total,
        "PAPER_MEMBERS",
        present=present,
        absent=absent,
        total=facts.members_total,
    )
    roles = {person.role for person in facts.present}
    insist(bool(roles & {"chair", "deputy_chair"}), "PAPER_NO_CHAIR")
    insist("secretary" in roles, "PAPER_NO_SECRETARY")


def _substitutes(facts: CommissionProtocol) -> None:
    """Each sits in the place of one absent member with a vote, and no place is taken twice."""
    free = [person.name for person in facts.absent if person.votes and person.role != SUBSTITUTE]
    for person in (*facts.present, *facts.absent):
        insist((person.role == SUBSTITUTE) == bool(person.in_place_of), "PAPER_SUBSTITUTE", name=person.name)
        if person.in_place_of:
            insist(person in facts.present and person.in_place_of in free, "PAPER_SUBSTITUTE", name=person.name)
            free.remove(person.in_place_of)


def _quorum(facts: CommissionProtocol) -> None:
    """A sitting without quorum may be minuted, but neither votes nor decides."""
    decided = facts.votes or facts.winner or facts.reserve or facts.not_admitted
    insist(
        has_quorum(facts) or not decided,
        "PAPER_NO_QUORUM",
        required=facts.quorum_required,
        present=voting_present(facts),
        pack=facts.frame.rule_pack,
    )


def _vote(vote: VoteLine, present: int) -> None:
    counts = (vote.in_favour, vote.against, vote.abstained, vote.recused)
    insist(min(counts) >= 0, "PAPER_VOTE_NEGATIVE", name=vote.name)
    given = vote.in_favour + vote.against + vote.abstained
    insist(
        given == present - vote.recused,
        "PAPER_VOTES",
        name=vote.name,
        given=given,
        present=present,
        recused=vote.recused,
    )
    insist(
        0 <= vote.test_total <= vote.test_maximum,
        "PAPER_TEST_RANGE",
        name=vote.name,
        total=vote.test_total,
        maximum=vote.test_maximum,
    )


def _recusals(facts: CommissionProtocol) -> None:
    """Each is of a member who was there with a vote, in the case of a candidate voted on, and counted there."""
    voters = {person.name for person in facts.present if person.votes}
    counted = {vote.name: vote.recused for vote in facts.votes}
    each_once((f"{line.member} / {line.candidate}" for line in facts.recusals), "recusals")
    for line in facts.recusals:
        named = sum(other.candidate == line.candidate for other in facts.recusals)
        insist(
            line.member in voters and named <= counted.get(line.candidate, 0),
            "PAPER_RECUSAL",
            name=line.member,
            candidate=line.candidate,
            named=named,
            recused=counted.get(line.candidate, 0),
        )


def _winner(facts: CommissionProtocol) -> None:
    if facts.winner is None:
        return
    votes = {vote.name: vote.in_favour for vote in facts.votes}
    insist(facts.winner in votes, "PAPER_WINNER_UNKNOWN", name=facts.winner)
    own, present = votes[facts.winner], voting_present(facts)
    insist(
        own * 2 > present,
        "PAPER_WINNER_NO_MAJORITY",
        name=facts.winner,
        in_favour=own,
        present=present,
        pack=facts.frame.rule_pack,
    )
    leader = max(votes, key=votes.__getitem__)
    insist(votes[leader] <= own, "PAPER_WINNER_OVERTAKEN", name=facts.winner, other=leader, in_favour=votes[leader])


def _reserve(facts: CommissionProtocol) -> None:
    votes = {vote.name: vote for vote in facts.votes}
    each_once(facts.reserve, "reserve")
    for name in facts.reserve:
        insist(name in votes, "PAPER_RESERVE_UNKNOWN", name=name)
        insist(name != facts.winner, "PAPER_RESERVE_IS_WINNER", name=name)
        vote = votes[name]
        insist(
            reaches(vote.test_total, vote.test_maximum, facts.reserve_percent),
            "PAPER_RESERVE_BELOW",
            name=name,
            total=vote.test_total,
            maximum=vote.test_maximum,
            percent=facts.reserve_percent,
        )


def _not_admitted(facts: CommissionProtocol) -> None:
    voted = {vote.name for vote in facts.votes}
    each_once((name for name, _ in facts.not_admitted), "not_admitted")
    for name, _ in facts.not_admitted:
        insist(name not in voted, "PAPER_NOT_ADMITTED_VOTED", name=name)


def _unvoted(facts: CommissionProtocol) -> None:
    """Whoever did not take part further was neither voted on nor refused at the documents."""
    elsewhere = {vote.name for vote in facts.votes} | {name for name, _ in facts.not_admitted}
    each_once((line.name for line in facts.unvoted), "unvoted")
    for line in facts.unvoted:
        insist(line.name not in elsewhere, "PAPER_UNVOTED_ELSEWHERE", name=line.name)


def _evaluations(facts: CommissionProtocol) -> None:
    """Each is of a member who was there with a vote and of a candidate the protocol names, with a mark for each
    competence; whoever stood aside gave none.
    """
    voters = {person.name for person in facts.present if person.votes}
    heard = {vote.name for vote in facts.votes} | {line.name for line in facts.unvoted}
    aside = {(line.member, line.candidate) for line in facts.recusals}
    each_once((f"{line.member} / {line.candidate}" for line in facts.evaluations), "evaluations")
    for line in facts.evaluations:
        whole = not line.marks if (line.member, line.candidate) in aside else len(line.marks) == len(facts.competences)
        insist(
            line.member in voters and line.candidate in heard and whole,
            "PAPER_EVALUATION",
            name=line.member,
            candidate=line.candidate,
            marks=len(line.marks),
            competences=len(facts.competences),
        )


def _dissents(facts: CommissionProtocol) -> None:
    voters = {person.name for person in facts.present if person.votes}
    for name in facts.dissents:
        insist(name in voters, "PAPER_DISSENT_UNKNOWN", name=name)
