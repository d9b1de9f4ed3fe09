"""What would have to be done: what is wanted, against what is there. Pure: reads nothing, writes nothing.

Questions are compared with the state that Moodle reports; people, enrolments, tests and the names of banks with the
mark of what the panel last wrote, since nobody else is supposed to write them. A question that somebody changed in
Moodle is never overwritten and never hidden without a decision about exactly the version that was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from connector.moodle.wire import requests
from connector.moodle.wire.canonical import Seal, canonical_hash, sealed
from connector.moodle.wire.flatten import Params
from flask_app.domain.errors import InvalidInput
from flask_app.ports.moodle import PresentQuestion, Step, StepKind, SyncPlan, Wanted, WantedBank, WantedQuestion

_HASH_DIGITS = 48
_SEEN_DIGITS = 32
_FAILED = "-"
_IN_DOUBT = "?"


# Under which kind the ledger remembers what a step has written. A text and its status are written one after the other.
FAMILY_OF: Mapping[StepKind, str] = {
    "save_bank": "bank",
    "create_question": "question",
    "new_version": "question",
    "move_question": "question",
    "retire_question": "status",
    "restore_question": "status",
    "save_person": "person",
    "save_enrolment": "enrolment",
    "save_test": "test",
}

# Planned from the panel's memory; everything else from what Moodle shows.
REMEMBERED = frozenset({"bank", "person", "enrolment", "test"})


@dataclass(frozen=True, slots=True)
class Mark:
    """What the panel remembers of a thing: the hash last written and how many writes there were. ≤ 64 signs.

    In doubt (`?` before the hash): a later write was begun and its answer is not known.
    """

    content: str = ""
    turn: int = 0

    @classmethod
    def read(cls, text: str | None) -> Mark:
        content, dot, turn = (text or "").rpartition(".")
        return cls(content, int(turn)) if dot and turn.isdigit() else cls(text or "", 0)

    def __str__(self) -> str:
        return f"{self.content}.{self.turn}"

    def in_doubt(self) -> Mark:
        return self if self.content.startswith(_IN_DOUBT) else Mark(_IN_DOUBT + self.content, self.turn)

    @property
    def settled(self) -> Mark:
        """As it was before the doubt: a repeat of the doubtful write has to have its key."""
        return Mark(self.content.removeprefix(_IN_DOUBT), self.turn)

    def holds(self, content_hash: str) -> bool:
        return self.content == content_hash[:_HASH_DIGITS]

    @classmethod
    def after(cls, step: Step, good: bool) -> Mark:
        """The mark when this step has been answered.

        A refused write counts too, so that the next try is not taken for its repeat. Made from what the step saw, not
        from the present mark: to note it twice is to note it once.
        """
        return cls(step.content_hash[:_HASH_DIGITS] if good else _FAILED, seen_turn(step) + 1)


Marks = Mapping[str, Mapping[str, str]]
"""Kind → name → mark as text, as the ledger keeps them."""


@dataclass(frozen=True, slots=True)
class Present:
    """What was read: per bank its questions (no entry: the bank is not there), and what the panel remembers."""

    banks: Mapping[str, Sequence[PresentQuestion]] = field(default_factory=dict)
    marks: Marks = field(default_factory=dict)

    def mark(self, kind: str, name: str) -> Mark:
        return Mark.read(self.marks.get(kind, {}).get(name))


def seen_turn(step: Step) -> int:
    """How many writes of this thing the plan knew of."""
    return int(step.seen.partition(".")[0])


def ledger_name(step: Step) -> str:
    """The name under which the ledger remembers the thing that a step writes."""
    if FAMILY_OF[step.kind] in ("question", "status"):
        return question_name(step.target, step.idnumber)
    return enrolment_name(step.target, step.idnumber) if step.kind == "save_enrolment" else step.idnumber


def question_name(bank: str, idnumber: str) -> str:
    """How the ledger names a question: idnumbers repeat from bank to bank."""
    return f"{bank}/{idnumber}"


def enrolment_name(course: str, person: str) -> str:
    return f"{course}/{person}"


def make_plan(wanted: Wanted, present: Present, seal: Seal) -> SyncPlan:
    """The steps in the order in which they are carried out: banks, questions, statuses, people, enrolments, tests.

    Raises `InvalidInput("sync.duplicate")` when the same thing is wanted twice.
    """
    refuse_duplicates(wanted)
    steps = (
        *_bank_steps(wanted, present),
        *_question_steps(wanted, present),
        *_person_steps(wanted, present, seal),
        *_enrolment_steps(wanted, present),
        *_test_steps(wanted, present, seal),
    )
    return SyncPlan(steps, wanted, plan_hash(steps, wanted, seal))


def plan_hash(steps: Sequence[Step], wanted: Wanted, seal: Seal) -> str:
    """Binds a review to every step and to every word that the steps will write."""
    content = {
        "steps": [asdict(step) for step in steps],
        "banks": [
            {**requests.save_bank(bank), "questions": [asdict(question) for question in bank.questions]}
            for bank in wanted.banks
        ],
        "people": [sealed(requests.person_item(person), seal) for person in wanted.people],
        "enrolments": [{"course": entry.course, **requests.enrolment_item(entry)} for entry in wanted.enrolments],
        "tests": [sealed(requests.save_test(test), seal) for test in wanted.tests],
        "decisions": [asdict(decision) for decision in wanted.decisions],
    }
    return canonical_hash(content)


def refuse_duplicates(wanted: Wanted) -> None:
    names: Iterable[tuple[str, str]] = (
        *(("bank", bank.bank) for bank in wanted.banks),
        *(("question", question_name(bank.bank, entry.idnumber)) for bank in wanted.banks for entry in bank.questions),
        *(("person", person.idnumber) for person in wanted.people),
        *(("enrolment", enrolment_name(entry.course, entry.person)) for entry in wanted.enrolments),
        *(("test", test.test) for test in wanted.tests),
    )
    seen: set[tuple[str, str]] = set()
    for kind, name in names:
        if (kind, name) in seen:
            raise InvalidInput("sync.duplicate", kind=kind, name=name)
        seen.add((kind, name))


# ------------------------------------------------------------------------------------------------------- banks


def bank_hash(bank: WantedBank) -> str:
    return canonical_hash(requests.save_bank(bank))


def _bank_steps(wanted: Wanted, present: Present) -> Iterator[Step]:
    """A bank is saved when it is not there, or when it was not the panel that last named it so."""
    for bank in wanted.banks:
        mark, there = present.mark("bank", bank.bank), bank.bank in present.banks
        content = bank_hash(bank)
        if not there or not mark.holds(content):
            yield Step("save_bank", bank.bank, bank.bank, content, seen=_seen(mark, there))


def _seen(mark: Mark, *facts: object) -> str:
    return f"{mark.turn}.{canonical_hash([str(mark.settled), *facts])[:_SEEN_DIGITS]}"


# ---------------------------------------------------------------------------------------------------- questions


@dataclass(frozen=True, slots=True)
class _Pair:
    """A wanted question (if any) beside what Moodle has under its idnumber (usually one, or nothing)."""

    bank: str
    idnumber: str
    wanted: WantedQuestion | None
    present: PresentQuestion | None
    doubled: bool
    decided: frozenset[int]
    marks: Mapping[str, Mark]

    def step(self, kind: StepKind, content_hash: str = "") -> Step:
        found = self.present
        facts = (
            (found.entryid, found.version, found.status, found.content_hash, found.category_path, found.timemodified)
            if found
            else ()
        )
        version = found.version if found else 0
        mark = self.marks[FAMILY_OF.get(kind, "question")]
        return Step(kind, self.bank, self.idnumber, content_hash, version, _seen(mark, *facts))


def _question_steps(wanted: Wanted, present: Present) -> Iterator[Step]:
    """Writing first, then statuses: a question is not hidden or shown before its new text has arrived."""
    decided: dict[tuple[str, str], set[int]] = {}
    for decision in wanted.decisions:
        decided.setdefault((decision.bank, decision.idnumber), set()).add(decision.version)
    statuses: list[Step] = []
    for bank in wanted.banks:
        for pair in _pairs(bank, present, decided):
            for step in _steps_of(pair):
                if FAMILY_OF.get(step.kind) == "status":
                    statuses.append(step)
                else:
                    yield step
    yield from statuses


def _pairs(bank: WantedBank, present: Present, decided: Mapping[tuple[str, str], set[int]]) -> Iterator[_Pair]:
    """The wanted ones in their order, then what else is in the bank. Entries without an idnumber are not ours."""
    there: dict[str, list[PresentQuestion]] = {}
    for found in present.banks.get(bank.bank, ()):
        if found.idnumber:
            there.setdefault(found.idnumber, []).append(found)
    asked = {question.idnumber: question for question in bank.questions}
    for idnumber in (*asked, *sorted(there.keys() - asked.keys())):
        entries = there.get(idnumber, [])
        yield _Pair(
            bank.bank,
            idnumber,
            asked.get(idnumber),
            entries[-1] if entries else None,
            len(entries) > 1,
            frozenset(decided.get((bank.bank, idnumber), ())),
            {kind: present.mark(kind, question_name(bank.bank, idnumber)) for kind in ("question", "status")},
        )


def _steps_of(pair: _Pair) -> Iterator[Step]:
    wanted, found = pair.wanted, pair.present
    if found is None:
        assert wanted is not None  # a pair has at least one side
        yield pair.step("create_question", wanted.content_hash)
    elif pair.doubled or (found.foreign and found.version not in pair.decided):
        # What the panel never wrote and does not want is other people's work in the same bank: left alone.
        if wanted is not None or found.content_hash:
            yield pair.step("foreign_change", wanted.content_hash if wanted else "")
    elif wanted is None:
        if found.status == "ready":
            yield pair.step("retire_question", found.content_hash)
    else:
        yield from _changes(pair, wanted, found)


def _changes(pair: _Pair, wanted: WantedQuestion, found: PresentQuestion) -> Iterator[Step]:
    """A new version carries its category with it and is born ready; the status step makes sure of that."""
    if found.foreign or found.content_hash != wanted.content_hash:
        yield pair.step("new_version", wanted.content_hash)
    elif found.category_path != wanted.category_path:
        yield pair.step("move_question", wanted.content_hash)
    if found.status != "ready":
        yield pair.step("restore_question", wanted.content_hash)


# ------------------------------------------------------------------------------------- people, enrolments, tests


def _person_steps(wanted: Wanted, present: Present, seal: Seal) -> Iterator[Step]:
    for person in wanted.people:
        content = canonical_hash(sealed(requests.person_item(person), seal))
        yield from _remembered("save_person", "person", "", person.idnumber, person.idnumber, content, present)


def _enrolment_steps(wanted: Wanted, present: Present) -> Iterator[Step]:
    for entry in wanted.enrolments:
        params: Params = {"course": entry.course, **requests.enrolment_item(entry)}
        name = enrolment_name(entry.course, entry.person)
        content = canonical_hash(params)
        yield from _remembered("save_enrolment", "enrolment", entry.course, entry.person, name, content, present)


def _test_steps(wanted: Wanted, present: Present, seal: Seal) -> Iterator[Step]:
    for test in wanted.tests:
        content = canonical_hash(sealed(requests.save_test(test), seal))
        yield from _remembered("save_test", "test", test.course, test.test, test.test, content, present)


def _remembered(
    kind: StepKind, family: str, target: str, idnumber: str, name: str, content: str, present: Present
) -> Iterator[Step]:
    mark = present.mark(family, name)
    if not mark.holds(content):
        yield Step(kind, target, idnumber, content, seen=_seen(mark))
