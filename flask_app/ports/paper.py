"""The facts each paper prints. Templates see nothing else; wording and dates are made by `docs_templates`.

Kyrgyz papers are bilingual in one file: the state-language text is the original, Russian follows. A pair (`Bilingual`)
therefore stands wherever a text exists in both languages.

Dates and times come in the body's own time zone: a paper prints them as they are given. Names and posts are printed
as they are given too, never inflected.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from flask_app.domain.errors import InvalidInput, OutsideError, Refused
from flask_app.ports.sheet import Sheet

CommissionRole = Literal["chair", "deputy_chair", "member", "substitute", "secretary"]
TrainingResult = Literal["passed", "failed", "in-progress", "absent", "none"]
PaperKind = Literal["D03", "D11", "D16", "D19", "D53"]


class PaperRefused(Refused):
    """The facts contradict each other or a rule the paper would print; nothing is printed. Codes: `PAPER_*`."""


class PressFault(OutsideError):
    """No PDF came of a paper. Codes: paper.no_converter, paper.not_converted, paper.conversion_too_long."""


class TemplateFault(InvalidInput):
    """A Word template breaks its promise: unreadable file, unknown field, forbidden expression. Codes: `TEMPLATE_*`."""


@dataclass(frozen=True, slots=True)
class Bilingual:
    ky: str
    ru: str


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The body's own profile; a template never holds a body's name."""

    name: Bilingual
    address: Bilingual
    place: Bilingual


@dataclass(frozen=True, slots=True)
class Registration:
    """Given at signing; before that a paper is a draft and prints a blank in its place."""

    number: str
    date: date


@dataclass(frozen=True, slots=True)
class PaperFrame:
    """What every paper carries besides its subject. `rule_pack` e.g. `kg-mun-2006 v1`; it goes into the footer.

    `document_id` is the panel's id; `registration` is None while the paper is a draft.
    """

    document_id: str
    letterhead: Letterhead
    registration: Registration | None
    rule_pack: str
    author_login: str


@dataclass(frozen=True, slots=True)
class AppliedRule:
    """A rule as the protocol prints it: what was applied, its figure, the act and the point."""

    name: Bilingual
    value: Bilingual
    act: Bilingual
    point: str


@dataclass(frozen=True, slots=True)
class AnnouncementItem:
    """One of the things an announcement has to say. `text` as it was typed, with its lines; `ru` may be empty."""

    name: Bilingual
    text: Bilingual


@dataclass(frozen=True, slots=True)
class CompetitionAnnouncement:
    """D03, объявление о конкурсе. It has neither signature nor number: `frame.registration` stays None.

    `act` and `point` are the rule that asks for the items. `letter`: number and date of the authorised body's letter
    that agrees the text, None until it came. `drafted_on`: the day the paper was first drafted.
    """

    frame: PaperFrame
    kind: Bilingual
    position: Bilingual
    items: tuple[AnnouncementItem, ...]
    act: Bilingual
    point: str
    letter: Registration | None
    drafted_on: date


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One person of the result sheet. `blocks`: (right, of) per block in the order of `block_names`."""

    name: str
    blocks: tuple[tuple[int, int], ...]
    total: int
    maximum: int
    percent: str
    passed: bool
    reserve_eligible: bool
    form_code: str
    attempt_id: int | None
    finished_at: datetime | None
    present: bool = True


@dataclass(frozen=True, slots=True)
class TestResultSheet:
    """D11, ведомость результатов тестирования."""

    __test__ = False  # not a test class for pytest

    frame: PaperFrame
    position: Bilingual
    session_on: date
    session_place: Bilingual
    block_names: tuple[Bilingual, ...]
    pass_percent: int
    reserve_percent: int
    rows: tuple[ResultRow, ...]
    bank_versions: tuple[str, ...]
    selection_seed: str
    attempts_sha256: str
    proctor: str
    secretary: str
    chair: str
    rules: tuple[AppliedRule, ...] = ()


@dataclass(frozen=True, slots=True)
class VoteLine:
    """The vote on one candidate. Abstentions stay in the denominator.

    `practical`: the mark of the practical task and its maximum, decimal numbers; None = there was none.
    """

    name: str
    in_favour: int
    against: int
    abstained: int
    recused: int
    mean_mark: str
    test_total: int
    test_maximum: int
    practical: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class UnvotedLine:
    """A candidate who had reached the threshold of the test and was not voted on: who did not come to the interview, or
    took the application back, on this day.
    """

    name: str
    why: Literal["missed", "withdrew"]
    happened_on: date


@dataclass(frozen=True, slots=True)
class EvaluationLine:
    """What a member gave a candidate at the interview, competence by competence; nothing of whoever stood aside."""

    candidate: str
    member: str
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RecusalLine:
    """A member who stood aside in a candidate's case. Either side of `reason` may be empty: nobody translated it."""

    member: str
    candidate: str
    reason: Bilingual


@dataclass(frozen=True, slots=True)
class CommissionPerson:
    """`in_place_of`: of a substitute, the name of the absent member. Either side of `absence_reason` may be empty."""

    name: str
    post: Bilingual
    role: CommissionRole
    votes: bool
    absence_reason: Bilingual | None = None
    in_place_of: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """Audio or video of the sitting: what kind, the panel's file id, SHA-256 of the file, whole minutes."""

    medium: Bilingual
    file_id: str
    sha256: str
    minutes: int


@dataclass(frozen=True, slots=True)
class CommissionProtocol:
    """D16, протокол заседания конкурсной комиссии. `quorum_required` None = the pack sets no quorum.

    `members_total` counts the members with a vote, present and absent. `reserve_percent` is the pack's least test
    result for the reserve. `recusals`: whoever of those present stood aside, in whose case and why; votes of before
    reasons were asked for have none. `dissents`: names of the members who handed in a dissenting opinion. A candidate
    is known by name here, so namesakes come with a distinguishing mark in the name. `internal`: the competition is.
    `votes` and `unvoted` together are all who reached the threshold of the test. `evaluations` are the annex with the
    members' marks, by the `competences` of the pack.
    """

    frame: PaperFrame
    position: Bilingual
    held_on: date
    started_at: datetime
    ended_at: datetime
    form: Literal["in_person", "video"]
    place: Bilingual
    present: tuple[CommissionPerson, ...]
    absent: tuple[CommissionPerson, ...]
    members_total: int
    quorum_required: int | None
    rules: tuple[AppliedRule, ...]
    secret_ballot: bool
    votes: tuple[VoteLine, ...]
    winner: str | None
    reserve: tuple[str, ...]
    not_admitted: tuple[tuple[str, Bilingual], ...]
    annexes: tuple[Bilingual, ...]
    reserve_percent: int = 75
    recusals: tuple[RecusalLine, ...] = ()
    dissents: tuple[str, ...] = ()
    recording: Recording | None = None
    internal: bool = False
    unvoted: tuple[UnvotedLine, ...] = ()
    competences: tuple[Bilingual, ...] = ()
    evaluations: tuple[EvaluationLine, ...] = ()


@dataclass(frozen=True, slots=True)
class AppointmentOrder:
    """D19, приказ о назначении. `probation_months` 0 = none.

    `protocol` is named by the day of the sitting. The head signs by `sign_by`, the last of the `sign_within_days` days
    after the decision as the pack counts them; while the decision is not known, by calendar days after the protocol.
    These and `probation_max_months` are the pack's figures (`kg-mun-2006`: 3 days, 3 months).
    """

    frame: PaperFrame
    appointee: str
    position: Bilingual
    unit: Bilingual
    category: Bilingual
    appointed_from: date
    probation_months: int
    protocol: Registration
    basis: tuple[Bilingual, ...]
    head_name: str
    head_post: Bilingual
    sign_within_days: int = 3
    sign_by: date | None = None
    probation_max_months: int = 3


@dataclass(frozen=True, slots=True)
class TrainingStageRow:
    name: Bilingual
    happened_on: date | None
    note: Bilingual


@dataclass(frozen=True, slots=True)
class TrainingPersonRow:
    name: str
    programme: Bilingual
    hours: int
    institution: Bilingual
    result: TrainingResult
    score: str
    document_number: str


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """D53, отчёт об обучении. Money in som as decimal strings.

    `share_percent` is the share of `body_funds` that the order takes (planned or spent), two decimals. `people` has a
    row for every person and programme; `persons_*` count each person once.
    """

    frame: PaperFrame
    year: int
    order_number: str
    stages: tuple[TrainingStageRow, ...]
    body_funds: str
    money_planned: str
    money_spent: str
    share_percent: str
    share_required_percent: str
    persons_planned: int
    persons_enrolled: int
    persons_completed: int
    people: tuple[TrainingPersonRow, ...]
    hr_name: str
    head_name: str
    head_post: Bilingual
    rules: tuple[AppliedRule, ...] = ()


PaperFacts = CompetitionAnnouncement | TestResultSheet | CommissionProtocol | AppointmentOrder | TrainingReport


@dataclass(frozen=True, slots=True)
class RenderedPaper:
    """The same facts give the same bytes."""

    content: bytes
    kind: PaperKind
    template_version: str
    facts_sha256: str


class PaperMaker(Protocol):
    def render(self, facts: PaperFacts) -> RenderedPaper:
        """Prints the facts as DOCX. Raises `PaperRefused` when a guard says no, `TemplateFault` for a bad template."""


class PaperViewer(Protocol):
    def sheet(self, docx: bytes) -> Sheet:
        """The paper's text for a page. Raises `TemplateFault` for what is no Word document."""

    def pdf(self, docx: bytes) -> bytes:
        """The pages as a PDF. Raises `PressFault`. Takes seconds."""
