"""Facts of D16, the protocol of the commission's sitting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal, cast
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import Refused
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.scoring import BlockScore, total
from flask_app.domain.voting import Tally, required_for_quorum
from flask_app.ports.paper import (
    AppliedRule,
    Bilingual,
    CommissionPerson,
    CommissionProtocol,
    CommissionRole,
    RecusalLine,
    UnvotedLine,
    VoteLine,
)
from flask_app.services.applications import applications_of, scores_of_all
from flask_app.services.commissions import ROLE_ORDER, members_of, substitutes_of
from flask_app.services.competition_facts import pack_of
from flask_app.services.meetings import meeting_of, outcome_of
from flask_app.services.office import Work
from flask_app.services.paper_facts.candidates import candidate_names
from flask_app.services.paper_facts.frame import applied, both, frame_of, pair, phrase
from flask_app.services.paper_facts.interviews import evaluations_of, mean_marks, practical_marks
from flask_app.services.paper_facts.result_sheet import whole
from flask_app.services.recusal_facts import recusals_of
from flask_app.store.models.applications import Application
from flask_app.store.models.commissions import Attendance, CommissionMember, Meeting
from flask_app.store.models.documents import Document
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition, Position, StageRecord

LEFT: Mapping[str, Literal["missed", "withdrew"]] = {"miss": "missed", "withdraw": "withdrew"}
"""Steps by which a candidate leaves the competition, and what the protocol calls them."""


def protocol(work: Work, document: Document) -> CommissionProtocol:
    competition = work.get(Competition, document.subject_id)
    pack = pack_of(competition)
    meeting = meeting_of(work, competition.id)
    if meeting is None or meeting.ended_at is None or competition.commission_id is None:
        raise Refused("competition.vote_missing", pack.rule(pack.commission))
    outcome = outcome_of(work, competition, meeting)
    present, absent = _people(work, competition, meeting)
    names = candidate_names(work, competition.id)
    members = [person for person in (*present, *absent) if not person.in_place_of]
    voters = sum(person.votes for person in members)
    rules = pack.commission.voting_rules(pack.rule(pack.commission))
    recusals = _recusals(work, competition.id, outcome.tallies, names)
    votes, unvoted = _vote_lines(work, competition.id, outcome.tallies, names), _unvoted(work, competition.id, names)
    heard = [*(vote.name for vote in votes), *(line.name for line in unvoted)]
    return CommissionProtocol(
        frame=frame_of(work, document, pack),
        position=both(work.get(Position, competition.position_id).title),
        held_on=meeting.held_on,
        started_at=work.local(meeting.started_at),
        ended_at=work.local(meeting.ended_at),
        form="video" if meeting.form == "video" else "in_person",
        place=both(meeting.place),
        present=present,
        absent=absent,
        members_total=voters,
        quorum_required=required_for_quorum(voters, rules),
        rules=_rules(pack),
        secret_ballot=meeting.secret_ballot,
        votes=votes,
        unvoted=unvoted,
        winner=None if outcome.winner is None else names[outcome.winner],
        reserve=tuple(names[a.id] for a in applications_of(work, competition.id, "reserve_recommended")),
        not_admitted=_not_admitted(work, competition, pack, names),
        reserve_percent=next((t.min_percent or 0 for t in pack.test.reserve_if if t.scope == "total"), 0),
        annexes=(phrase("annex_result_sheet"), phrase("annex_evaluation_sheets")),
        recusals=recusals,
        competences=tuple(map(pair, pack.interview.competences)),
        evaluations=evaluations_of(work, competition.id, names, heard, present, recusals),
        internal=competition.kind == "internal",
    )


def _people(
    work: Work, competition: Competition, meeting: Meeting
) -> tuple[tuple[CommissionPerson, ...], tuple[CommissionPerson, ...]]:
    assert competition.commission_id is not None
    attendance = {
        row.member_id: row
        for row in work.session.scalars(select(Attendance).where(Attendance.meeting_id == meeting.id))
    }
    present: list[CommissionPerson] = []
    absent: list[CommissionPerson] = []
    members = members_of(work, competition.commission_id, meeting)
    names = {member.id: work.get(Person, member.person_id).name for member in members}
    substitutes = substitutes_of(work, competition.commission_id, meeting)
    for member in sorted((*members, *substitutes), key=lambda seat: ROLE_ORDER.index(seat.role)):
        seat = attendance[member.id]
        replaced = "" if member.in_place_of_id is None else names[member.in_place_of_id]
        person = _person(work, member, None if seat.present else _as_given(seat.reason), replaced)
        (present if seat.present else absent).append(person)
    return tuple(present), tuple(absent)


def _person(work: Work, member: CommissionMember, reason: Bilingual | None, in_place_of: str) -> CommissionPerson:
    name, role = work.get(Person, member.person_id).name, cast(CommissionRole, member.role)
    return CommissionPerson(name, both(member.post), role, member.votes, reason, in_place_of)


def _as_given(texts: Mapping[str, object]) -> Bilingual:
    """A reason as it was typed: a language it was not typed in stays empty, and the paper says so."""
    return Bilingual(str(texts.get("ky") or ""), str(texts.get("ru") or ""))


def _recusals(
    work: Work, competition_id: UUID, tallies: Iterable[Tally], names: Mapping[UUID, str]
) -> tuple[RecusalLine, ...]:
    """Candidate by candidate, as the votes stand; of whoever is no longer a candidate nothing was decided."""
    declared = recusals_of(work, competition_id)
    return tuple(
        RecusalLine(_seat_name(work, recusal.member_id), names[tally.candidate], _as_given(recusal.reason))
        for tally in tallies
        for recusal in declared
        if recusal.application_id == tally.candidate
    )


def _seat_name(work: Work, seat: UUID) -> str:
    return work.get(Person, work.get(CommissionMember, seat).person_id).name


def _vote_lines(
    work: Work, competition_id: UUID, tallies: Iterable[Tally], names: Mapping[UUID, str]
) -> tuple[VoteLine, ...]:
    scores, marks = scores_of_all(work, competition_id), mean_marks(work, competition_id)
    practical = practical_marks(work, competition_id)
    return tuple(
        replace(
            _vote_line(tally, names[tally.candidate], total(scores.get(tally.candidate, []))),
            mean_mark=marks.get(tally.candidate, ""),
            practical=practical.get(tally.candidate),
        )
        for tally in tallies
    )


def _vote_line(tally: Tally, name: str, score: BlockScore) -> VoteLine:
    return VoteLine(
        name=name,
        in_favour=tally.in_favour,
        against=tally.against,
        abstained=tally.abstained,
        recused=tally.recused,
        mean_mark="",
        test_total=whole(score.mark),
        test_maximum=whole(score.maximum),
    )


def _unvoted(work: Work, competition_id: UUID, names: Mapping[UUID, str]) -> tuple[UnvotedLine, ...]:
    """Who left after reaching the threshold of the test, in the order of their applications."""
    left = work.session.execute(
        select(StageRecord.object_id, StageRecord.transition, StageRecord.happened_on)
        .join(Application, Application.id == StageRecord.object_id)
        .where(
            Application.competition_id == competition_id,
            Application.state == StageRecord.target,
            StageRecord.transition.in_(LEFT),
            StageRecord.source.in_(("qualified", "invited", "interviewed")),
        )
        .order_by(Application.number, StageRecord.version)
    )
    # An absence may have been noted, taken back and noted again: the last one stands.
    standing = {id_: UnvotedLine(names[id_], LEFT[transition], day) for id_, transition, day in left}
    return tuple(standing.values())


def _not_admitted(
    work: Work, competition: Competition, pack: RulePack, names: Mapping[UUID, str]
) -> tuple[tuple[str, Bilingual], ...]:
    refused = []
    for application in applications_of(work, competition.id, "rejected"):
        ground = pack.ground(application.refusal_ground)
        refused.append((names[application.id], pair(ground.title) if ground else Bilingual("", "")))
    return tuple(refused)


def _rules(pack: RulePack) -> tuple[AppliedRule, ...]:
    interview, reserve = pack.test.interview_if[0], pack.test.reserve_if[0]
    return (
        applied(pack, interview, "rule_interview", percent=interview.min_percent),
        applied(pack, pack.commission, "rule_majority"),
        applied(pack, reserve, "rule_reserve", percent=reserve.min_percent),
        applied(pack, pack.appointment, "rule_appointment", days=pack.appointment.days),
    )
