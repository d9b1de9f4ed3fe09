"""D16, the protocol of the competition commission's sitting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from docs_templates.contexts.dates import clock, long_date
from docs_templates.contexts.figures import decimal, mark
from docs_templates.contexts.frame import (
    FrameText,
    Properties,
    RuleLine,
    SignatureLine,
    TemplateStamp,
    footer,
    frame_text,
    properties,
    rule_lines,
)
from docs_templates.contexts.text import DASH, required, side
from docs_templates.words import Vocabulary, Words
from flask_app.ports.paper import (
    Bilingual,
    CommissionPerson,
    CommissionProtocol,
    EvaluationLine,
    RecusalLine,
    UnvotedLine,
    VoteLine,
)


@dataclass(frozen=True, slots=True)
class PresentLine:
    """`role` says with or without a vote, and in whose place a substitute sits."""

    number: int
    name: str
    post: str
    role: str


@dataclass(frozen=True, slots=True)
class AbsentLine:
    number: int
    name: str
    post: str
    role: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecusalRow:
    """Who stood aside, in whose case and why."""

    number: int
    member: str
    candidate: str
    reason: str


@dataclass(frozen=True, slots=True)
class VoteRow:
    """What was heard about a candidate (`test`, `practical`, `mark`) and how the members voted on him."""

    number: int
    name: str
    test: str
    practical: str
    mark: str
    in_favour: int
    against: int
    abstained: int
    recused: int


@dataclass(frozen=True, slots=True)
class UnvotedRow:
    """Who was not put to the vote, why, and since when."""

    number: int
    name: str
    why: str
    day: str


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """`marks`: one for each competence, a dash where there is none; `mean` of this member's marks."""

    number: int
    candidate: str
    member: str
    marks: tuple[str, ...]
    mean: str


@dataclass(frozen=True, slots=True)
class Decision:
    """`text` is the formula, `lines` the persons it is about."""

    number: int
    text: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProtocolText:
    """`recording` is empty when the sitting was not recorded; `quorum` also says when the pack sets none. `competences`
    numbers them in one line, `marks` heads their columns in the annex.
    """

    frame: FrameText
    about: str
    held_on: str
    place: str
    started: str
    ended: str
    form: str
    present: tuple[PresentLine, ...]
    absent: tuple[AbsentLine, ...]
    attendance: str
    quorum: str
    rules: tuple[RuleLine, ...]
    agenda: str
    recusals: tuple[RecusalRow, ...]
    ballot: str
    votes: tuple[VoteRow, ...]
    unvoted: tuple[UnvotedRow, ...]
    decisions: tuple[Decision, ...]
    dissent: str
    recording: str
    annexes: tuple[str, ...]
    signatures: tuple[SignatureLine, ...]
    competences: str
    marks: tuple[str, ...]
    evaluations: tuple[EvaluationRow, ...]


@dataclass(frozen=True, slots=True)
class ProtocolContext:
    ky: ProtocolText
    ru: ProtocolText
    footer: str
    properties: Properties


def protocol_context(facts: CommissionProtocol, vocabulary: Vocabulary, stamp: TemplateStamp) -> ProtocolContext:
    ky = vocabulary["ky"]
    return ProtocolContext(
        ky=_text(facts, ky),
        ru=_text(facts, vocabulary["ru"]),
        footer=footer(facts.frame, stamp),
        properties=properties(facts.frame, ky.say("protocol.title"), ky, facts.held_on),
    )


def _text(facts: CommissionProtocol, words: Words) -> ProtocolText:
    position = side(words, facts.position, "position")
    return ProtocolText(
        frame=frame_text(facts.frame, words),
        about=words.say("protocol.about", position=position),
        held_on=long_date(facts.held_on, words.language),
        place=side(words, facts.place, "place"),
        started=clock(facts.started_at),
        ended=_ended(facts, words),
        form=words.say(f"protocol.form_{facts.form}"),
        present=tuple(_present(number, person, words) for number, person in enumerate(facts.present, 1)),
        absent=tuple(_absent(number, person, words) for number, person in enumerate(facts.absent, 1)),
        attendance=_attendance(facts, words),
        quorum=_quorum(facts, words),
        rules=rule_lines(facts.rules, words),
        agenda=words.say("protocol.agenda_item", position=position),
        recusals=tuple(_recusals(facts, words)),
        ballot=words.say("protocol.ballot_secret" if facts.secret_ballot else "protocol.ballot_open"),
        votes=tuple(_vote(number, vote, words) for number, vote in enumerate(facts.votes, 1)),
        unvoted=tuple(_unvoted(number, line, words) for number, line in enumerate(facts.unvoted, 1)),
        decisions=_decisions(facts, position, words),
        dissent=_dissent(facts, words),
        recording=_recording(facts, words),
        annexes=tuple(side(words, annex, "annex") for annex in facts.annexes),
        signatures=_signatures(facts.present, words),
        competences="; ".join(_competences(facts, words)),
        marks=tuple(str(number) for number, _ in enumerate(facts.competences, 1)),
        evaluations=tuple(_evaluation(number, line, facts) for number, line in enumerate(facts.evaluations, 1)),
    )


def _ended(facts: CommissionProtocol, words: Words) -> str:
    """The hour, and the day where the sitting ended on another one than it is dated."""
    hour, day = clock(facts.ended_at), facts.ended_at.date()
    return hour if day == facts.held_on else f"{hour}, {long_date(day, words.language)}"


def _attendance(facts: CommissionProtocol, words: Words) -> str:
    substitutes = sum(bool(person.in_place_of) for person in facts.present)
    code = "protocol.attendance_with_substitutes" if substitutes else "protocol.attendance"
    return words.say(code, present=voting_present(facts), total=facts.members_total, substitutes=substitutes)


def voting_present(facts: CommissionProtocol) -> int:
    """ "Present" counts members with a vote only: no observer, no secretary without a vote."""
    return sum(person.votes for person in facts.present)


def _role(person: CommissionPerson, words: Words) -> str:
    role = words.say(f"protocol.role_{person.role}")
    if person.in_place_of:
        role = words.say("protocol.in_place_of", role=role, name=person.in_place_of)
    return words.say("protocol.with_vote" if person.votes else "protocol.without_vote", role=role)


def _present(number: int, person: CommissionPerson, words: Words) -> PresentLine:
    return PresentLine(
        number, required(person.name, "present.name"), side(words, person.post, "present.post"), _role(person, words)
    )


def _absent(number: int, person: CommissionPerson, words: Words) -> AbsentLine:
    return AbsentLine(
        number=number,
        name=required(person.name, "absent.name"),
        post=side(words, person.post, "absent.post"),
        role=_role(person, words),
        reason=_reason(person.absence_reason, words),
    )


def _reason(reason: Bilingual | None, words: Words) -> str:
    """In this part's language; what was given in the other one only is printed as that, never as this part's own."""
    if reason is None or not (reason.ky.strip() or reason.ru.strip()):
        return words.say("protocol.reason_unknown")
    if words.of(reason).strip():
        return side(words, reason, "reason")
    other = reason.ru if words.language == "ky" else reason.ky
    return words.say("protocol.reason_other_language", reason=required(other, "reason"))


def _recusals(facts: CommissionProtocol, words: Words) -> Iterator[RecusalRow]:
    """Who stood aside, and how many more did on ballots of before reasons were asked for: those promised no names."""
    number = 0
    for number, line in enumerate(facts.recusals, 1):
        yield _recusal(number, line, words)
    for vote in facts.votes:
        unnamed = vote.recused - sum(line.candidate == vote.name for line in facts.recusals)
        if unnamed > 0:
            number += 1
            said = words.say("protocol.recused_unnamed", n=unnamed)
            yield RecusalRow(number, said, vote.name, words.say("protocol.reason_unrecorded"))


def _recusal(number: int, line: RecusalLine, words: Words) -> RecusalRow:
    return RecusalRow(
        number=number,
        member=required(line.member, "recusal.member"),
        candidate=required(line.candidate, "recusal.candidate"),
        reason=_reason(line.reason, words),
    )


def has_quorum(facts: CommissionProtocol) -> bool:
    """A pack that sets no quorum leaves every sitting able to decide."""
    return facts.quorum_required is None or voting_present(facts) >= facts.quorum_required


def _quorum(facts: CommissionProtocol, words: Words) -> str:
    needed, present = facts.quorum_required, voting_present(facts)
    if needed is None:
        return words.say("protocol.quorum_unset", pack=required(facts.frame.rule_pack, "rule_pack"))
    code = "protocol.quorum_met" if has_quorum(facts) else "protocol.quorum_missing"
    return words.say(code, required=needed, present=present)


def _score(vote: VoteLine, words: Words) -> str:
    return words.say("protocol.score", total=vote.test_total, maximum=vote.test_maximum)


def _practical(vote: VoteLine, words: Words) -> str:
    if vote.practical is None:
        return DASH
    got, maximum = (decimal(figure, "vote.practical") for figure in vote.practical)
    return words.say("protocol.score", total=got, maximum=maximum)


def _unvoted(number: int, line: UnvotedLine, words: Words) -> UnvotedRow:
    return UnvotedRow(
        number=number,
        name=required(line.name, "unvoted.name"),
        why=words.say(f"protocol.unvoted_{line.why}"),
        day=long_date(line.happened_on, words.language),
    )


def _vote(number: int, vote: VoteLine, words: Words) -> VoteRow:
    return VoteRow(
        number=number,
        name=required(vote.name, "vote.name"),
        test=_score(vote, words),
        practical=_practical(vote, words),
        mark=mark(vote.mean_mark, "vote.mean_mark"),
        in_favour=vote.in_favour,
        against=vote.against,
        abstained=vote.abstained,
        recused=vote.recused,
    )


def _competences(facts: CommissionProtocol, words: Words) -> Iterator[str]:
    for number, competence in enumerate(facts.competences, 1):
        yield f"{number} – {side(words, competence, 'competence')}"


def _evaluation(number: int, line: EvaluationLine, facts: CommissionProtocol) -> EvaluationRow:
    given = tuple(map(str, line.marks))
    return EvaluationRow(
        number=number,
        candidate=required(line.candidate, "evaluation.candidate"),
        member=required(line.member, "evaluation.member"),
        marks=given or (DASH,) * len(facts.competences),
        mean=_mean(line.marks) if given else DASH,
    )


def _mean(marks: tuple[int, ...]) -> str:
    """Two decimals, half up, as the mean of all members is."""
    mean = (Decimal(sum(marks)) / len(marks)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return decimal(str(mean), "evaluation.mean")


def _decisions(facts: CommissionProtocol, position: str, words: Words) -> tuple[Decision, ...]:
    if not has_quorum(facts):
        return (Decision(1, words.say("protocol.no_decision"), ()),)
    found = [_choice(facts, position, words)]
    if facts.reserve:
        found.append((words.say("protocol.reserve", percent=facts.reserve_percent), _reserve_lines(facts, words)))
    if facts.not_admitted:
        found.append((words.say("protocol.not_admitted"), _not_admitted_lines(facts, words)))
    return tuple(Decision(number, text, lines) for number, (text, lines) in enumerate(found, 1))


def _choice(facts: CommissionProtocol, position: str, words: Words) -> tuple[str, tuple[str, ...]]:
    """An internal competition that found nobody is followed by an open one (S003 L98), not by a repeated one."""
    if facts.winner is None:
        return words.say("protocol.no_winner_internal" if facts.internal else "protocol.no_winner"), ()
    vote = next(vote for vote in facts.votes if vote.name == facts.winner)
    line = words.say(
        "protocol.winner_line",
        name=required(vote.name, "winner"),
        in_favour=vote.in_favour,
        present=voting_present(facts),
    )
    return words.say("protocol.winner", position=position), (line,)


def _reserve_lines(facts: CommissionProtocol, words: Words) -> tuple[str, ...]:
    votes = {vote.name: vote for vote in facts.votes}
    return tuple(
        words.say("protocol.reserve_line", name=required(name, "reserve"), score=_score(votes[name], words))
        for name in facts.reserve
    )


def _not_admitted_lines(facts: CommissionProtocol, words: Words) -> tuple[str, ...]:
    return tuple(
        words.say(
            "protocol.not_admitted_line",
            name=required(name, "not_admitted.name"),
            ground=side(words, ground, "not_admitted.ground"),
        )
        for name, ground in facts.not_admitted
    )


def _dissent(facts: CommissionProtocol, words: Words) -> str:
    if not facts.dissents:
        return words.say("protocol.dissent_none")
    return words.say("protocol.dissent", names=", ".join(required(name, "dissent") for name in facts.dissents))


def _recording(facts: CommissionProtocol, words: Words) -> str:
    record = facts.recording
    if record is None:
        return ""
    return words.say(
        "protocol.recording",
        medium=side(words, record.medium, "recording.medium"),
        minutes=record.minutes,
        file=required(record.file_id, "recording.file_id"),
        sha256=required(record.sha256, "recording.sha256"),
    )


def _signatures(present: tuple[CommissionPerson, ...], words: Words) -> tuple[SignatureLine, ...]:
    """Chair, deputy, members present, secretary; the members' label stands once, beside the first of them. A substitute
    signs among the members.
    """
    lines: list[SignatureLine] = []
    for roles, code in (
        (("chair",), "chair"),
        (("deputy_chair",), "deputy_chair"),
        (("member", "substitute"), "members"),
        (("secretary",), "secretary"),
    ):
        people = [person for person in present if person.role in roles]
        label = words.say(f"common.{code}")
        for place, person in enumerate(people):
            lines.append(SignatureLine("" if place else label, required(person.name, "signature")))
    return tuple(lines)
