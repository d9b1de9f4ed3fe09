"""What the use cases need from a Moodle site, and the records that pass between them and the connector.

Things are named by idnumber, never by Moodle's numeric id (contract version 1). Times are aware datetimes in UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from flask_app.ports.clock import Clock
from question_banks.model import Question

Outcome = Literal["created", "updated", "newversion", "unchanged", "removed", "conflict", "invalid", "missing"]
GOOD_OUTCOMES: frozenset[str] = frozenset({"created", "updated", "newversion", "unchanged", "removed"})

# ---------------------------------------------------------------------------------------------- what is wanted


@dataclass(frozen=True, slots=True)
class WantedQuestion:
    """One question as the panel wants it in Moodle; `source` is its GIFT spelling."""

    idnumber: str
    content_hash: str
    category_path: str
    source: str


@dataclass(frozen=True, slots=True)
class WantedBank:
    course: str
    bank: str
    name: str
    questions: tuple[WantedQuestion, ...]


@dataclass(frozen=True, slots=True)
class WantedPerson:
    """`password` empty = keep the present one; `email` may be empty."""

    idnumber: str
    username: str
    firstname: str
    lastname: str
    lang: str
    email: str = ""
    password: str = field(default="", repr=False)
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class WantedEnrolment:
    course: str
    person: str
    groups: tuple[str, ...] = ()
    timestart: datetime | None = None
    timeend: datetime | None = None
    remove: bool = False


@dataclass(frozen=True, slots=True)
class WantedSlot:
    """A fixed place of an examination form: exactly this version of this question."""

    idnumber: str
    version: int
    maxmark: str = "1"


@dataclass(frozen=True, slots=True)
class WantedTest:
    """One examination form = one Moodle quiz, entered by its groups. `timelimit` in seconds."""

    course: str
    test: str
    name: str
    intro: str
    timeopen: datetime
    timeclose: datetime
    timelimit: int
    passpercent: int
    groups: tuple[str, ...]
    slots: tuple[WantedSlot, ...]
    attempts: int = 1
    review: Literal["none", "closed", "immediate"] = "none"
    shuffleanswers: bool = True
    visible: bool = True
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ForeignDecision:
    """A person has looked at exactly this foreign version and decided that the panel's question takes its place.

    Another edit in Moodle makes another version, which blocks again. To keep the foreign text instead, the panel takes
    it over as its own question first and then decides the same.
    """

    bank: str
    idnumber: str
    version: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything one synchronisation is about. Empty parts are left alone in Moodle."""

    banks: tuple[WantedBank, ...] = ()
    people: tuple[WantedPerson, ...] = ()
    enrolments: tuple[WantedEnrolment, ...] = ()
    tests: tuple[WantedTest, ...] = ()
    decisions: tuple[ForeignDecision, ...] = ()


# ------------------------------------------------------------------------------------------------ plan and apply

StepKind = Literal[
    "save_bank",
    "create_question",
    "new_version",
    "retire_question",
    "restore_question",
    "move_question",
    "foreign_change",
    "save_person",
    "save_enrolment",
    "save_test",
]


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a plan. `target` names the bank, course or test; `idnumber` the thing that changes.

    `expected_version` is what the plan saw in Moodle (0 = not there). A `foreign_change` blocks the apply until a
    person decides (`ForeignDecision`). `content_hash` is what will be there afterwards. The `target` of a person is
    empty. `seen` is a mark of all that the plan saw: the state in Moodle and how often the panel has written this
    thing. It goes into the operation key, so that hiding, showing and hiding again are three operations, while a repeat
    after a lost reply is the same one.
    """

    kind: StepKind
    target: str
    idnumber: str
    content_hash: str = ""
    expected_version: int = 0
    seen: str = ""


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """What would be done, and nothing else: `apply` carries out exactly this. `hash` binds the review to the steps."""

    steps: tuple[Step, ...]
    wanted: Wanted
    hash: str

    @property
    def blocked(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.kind == "foreign_change")


@dataclass(frozen=True, slots=True)
class ItemReport:
    """What became of one step. `version`, `entryid` and `questionid` are Moodle's, for questions."""

    kind: StepKind
    target: str
    idnumber: str
    outcome: Outcome
    message: str = ""
    version: int = 0
    entryid: int = 0
    questionid: int = 0


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """One item per step, in the plan's order.

    `calls`: writing calls sent in this run. `replayed`: operations whose effect was there already, by the ledger's word
    or by Moodle's.
    """

    plan_hash: str
    items: tuple[ItemReport, ...]
    calls: int
    replayed: int

    @property
    def failures(self) -> tuple[ItemReport, ...]:
        return tuple(item for item in self.items if item.outcome not in GOOD_OUTCOMES)


@dataclass(frozen=True, slots=True)
class PresentQuestion:
    """A question as the site reports it. `foreign`: its latest version was not written by the panel."""

    idnumber: str
    entryid: int
    questionid: int
    version: int
    status: str
    content_hash: str
    category_path: str
    foreign: bool
    timemodified: int


class OperationLedger(Protocol):
    """Remembers every writing call under its key, so that a call whose reply was lost is asked again, not done again.

    Each method commits by itself, before the call goes on.
    """

    def begin(self, opkey: str, function: str, request_hash: str) -> Mapping[str, object] | None:
        """Note that the call is about to be made. Returns the stored result when it is known already.

        Raises `VersionConflict` when the key is known with another request.
        """

    def done(self, opkey: str, result: Mapping[str, object]) -> None:
        """Keep the result of the call."""

    def failed(self, opkey: str, errorcode: str) -> None:
        """Keep the refusal of the call; it may be begun again."""

    def pushed(self, kind: str, idnumbers: Sequence[str]) -> Mapping[str, str]:
        """The mark last noted for each of these; those never noted are left out.

        `kind`: bank, question and status (named `<bank>/<idnumber>`), person, enrolment (`<course>/<person>`) or test.
        A mark is at most 64 characters and the connector's own: the content hash last written and how often it was.
        """

    def note_pushed(self, kind: str, hashes: Mapping[str, str]) -> None:
        """Remember the marks of what was just written; a second note of a name replaces the first."""


Progress = Callable[[int, int], None]
"""Called with (done, total) after each chunk; may raise to cancel between chunks."""


# ------------------------------------------------------------------------------------------------ what comes back


@dataclass(frozen=True, slots=True)
class PulledResponse:
    """One answer of one attempt; `mark` None = not graded. Marks are decimal strings, so that no cent is lost."""

    slot: int
    idnumber: str
    entryid: int
    questionid: int
    version: int
    state: str
    mark: str | None
    maxmark: str
    response: str
    rightanswer: str
    time: datetime | None


@dataclass(frozen=True, slots=True)
class PulledAttempt:
    attemptid: int
    test: str
    person: str
    attempt: int
    state: str
    deleted: bool
    timestart: datetime | None
    timefinish: datetime | None
    timemodified: datetime
    mark: str | None
    maxmark: str
    responses: tuple[PulledResponse, ...]


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """`cursor` is where the next page starts; `total` the site's own count of finished attempts (control total)."""

    cursor: str
    total: int
    attempts: tuple[PulledAttempt, ...]
    servertime: datetime


@dataclass(frozen=True, slots=True)
class PulledCompletion:
    person: str
    course: str
    state: Literal["enrolled", "inprogress", "completed"]
    timecompleted: datetime | None
    grade: str | None
    maxgrade: str
    activities_done: int
    activities: int


@dataclass(frozen=True, slots=True)
class CompletionsPage:
    cursor: str
    total: int
    completions: tuple[PulledCompletion, ...]


class CorePull(Protocol):
    """Results of tests through the functions every Moodle has: the same records, poorer."""

    def results(self, tests: Sequence[str], cursor: str = "") -> Iterator[ResultsPage]:
        """Every ended attempt, from the beginning each time. What core does not tell is 0 or empty: entry and id of a
        question always, its version (0) where the account may not edit questions, its idnumber where its text is not
        one of those given.
        """

    @property
    def gaps(self) -> Sequence[str]:
        """Codes of the sentences that say what the records lack; complete once the last page was taken."""


@dataclass(frozen=True, slots=True)
class HandFile:
    """A bank as a file for Moodle's own importer. `category`: where its questions arrive, with a mark of them."""

    name: str
    text: str
    category: str
    questions: int


@dataclass(frozen=True, slots=True)
class MoodleSite:
    """What the site says of itself."""

    wire: int
    pluginversion: str
    release: str
    branch: int
    servertime: datetime
    timezone: str
    cronlastrun: datetime | None
    bankcontext: str
    limits: Mapping[str, int]
    capabilities: Mapping[str, bool]


class SiteFinding(Protocol):
    """One line of the examination of a site; `code` and `params` make its sentence."""

    @property
    def code(self) -> str: ...

    @property
    def level(self) -> Literal["ok", "warn", "bad"]: ...

    @property
    def params(self) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True)
class PersonProgress:
    """How far somebody is in a test: `answered` of `questions`.

    `state`: notstarted, inprogress, overdue (the time is over, nothing handed in yet), finished.
    """

    person: str
    state: str
    timestart: datetime | None
    timeend: datetime | None
    answered: int
    questions: int
    lastaction: datetime | None


@dataclass(frozen=True, slots=True)
class TestProgress:
    """Everybody who may enter a test, with their latest attempt. `counts` by state."""

    __test__ = False  # not a test class for pytest

    servertime: datetime
    counts: Mapping[str, int]
    people: tuple[PersonProgress, ...]


class MoodleGateway(Protocol):
    """A Moodle site. Raises `Unreachable`, `RefusedOutside`, `NotUnderstood` (see `domain.errors`)."""

    @property
    def address(self) -> str:
        """Where people log in to the site; for what is printed for them."""
        ...

    def examine(self, clock: Clock) -> Sequence[SiteFinding]:
        """Is the site fit to be used: everything found, in the order a person would mend it. Short timeouts, no writes.

        Raises nothing for what the site does or does not do: that is a finding.
        """

    def site(self) -> MoodleSite: ...

    def ensure_course(self, idnumber: str, fullname: str) -> None:
        """Make the course when the site does not have it yet (core_course_create_courses)."""

    def present(self, bank: str) -> tuple[PresentQuestion, ...]:
        """Every question of a bank as it stands on the site, all pages. An unknown bank is empty."""

    def question_xml(self, bank: str, idnumber: str) -> str:
        """The latest version of a question as Moodle XML, for the side-by-side of a drift."""

    def plan(self, wanted: Wanted, ledger: OperationLedger) -> SyncPlan:
        """Read what is there and compare. Writes nothing."""

    def apply(self, plan: SyncPlan, ledger: OperationLedger, progress: Progress) -> ApplyReport:
        """Carry out exactly this plan, in chunks, each under its key; safe to repeat after any interruption.

        Raises `Refused("sync.foreign_change")` when the plan holds a foreign change nobody has decided on, and
        `Refused("sync.plan_changed")` when the plan is not the one its hash was made of.
        """

    def results(self, tests: Sequence[str], cursor: str) -> Iterator[ResultsPage]:
        """Attempts with every response, page by page, from `cursor` on (empty = from the beginning)."""

    def without_plugin(self, courses: Sequence[str], questions: Iterable[tuple[str, str]], clock: Clock) -> CorePull:
        """Results where the plugin is not there. `courses` with the tests; `questions`: (text, idnumber) of those that
        may stand in them. One call a person and one an attempt.
        """

    def hand_file(self, bank: str, questions: Sequence[Question], form: Literal["gift", "xml"]) -> HandFile:
        """The bank for a person to load into a Moodle without the plugin. Asks no site.

        Raises `InvalidInput` with the writer's own code for a question the form cannot say.
        """

    def completions(self, courses: Sequence[str], cursor: str) -> Iterator[CompletionsPage]: ...

    def set_hints(self, opkey: str, url: str, secret: str, events: Sequence[str]) -> None:
        """Where the site sends its hints and how it signs them; an empty `url` stops them. Short timeouts, asked once.

        The same `opkey` again does nothing twice.
        """

    def progress(self, test: str) -> TestProgress:
        """Who has begun, who has finished, right now. For whoever waits before a page: short timeouts, asked once."""
