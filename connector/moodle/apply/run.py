"""The executor. Every writing call is noted before it is made and kept after it is answered.

Between the two the process may die or the reply may be lost. The next run of the same plan makes the same calls under
the same keys: what the ledger has kept is taken from it, what it has not is asked of Moodle again, which answers a key
it knows with the kept result and does nothing twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from connector.moodle.apply.kept import from_kept, to_keep
from connector.moodle.apply.operations import Builder, Operation
from connector.moodle.client import MoodleClient, errorcode_of
from connector.moodle.errors import outcome_of, too_much
from connector.moodle.pace import Paces, pieces
from connector.moodle.plan import FAMILY_OF, REMEMBERED, Mark, ledger_name, plan_hash, seen_turn
from connector.moodle.present import bank_questions
from connector.moodle.wire import answers
from connector.moodle.wire.canonical import Seal
from connector.moodle.wire.records import ItemAnswer, ListAnswer, TestAnswer
from connector.transport.redaction import readable
from flask_app.domain.errors import NotUnderstood, OutsideError, Refused, RefusedOutside
from flask_app.ports.failpoints import failpoint
from flask_app.ports.moodle import (
    GOOD_OUTCOMES,
    ApplyReport,
    ItemReport,
    OperationLedger,
    PresentQuestion,
    Progress,
    Step,
    SyncPlan,
)

CHANGED_SINCE = "changed since the plan was made"
CUT = "cut into pieces"


def apply_plan(
    client: MoodleClient,
    plan: SyncPlan,
    ledger: OperationLedger,
    limits: Mapping[str, int],
    seal: Seal,
    progress: Progress,
    paces: Paces | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> ApplyReport:
    """Carry `plan` out and say what became of every step.

    Raises `Refused("sync.plan_changed")` when the plan is not what was reviewed, `Refused("sync.foreign_change")` when
    somebody has still to decide, and whatever the calls raise; then the same plan can be applied again. `paces`: what
    the site has borne so far; `clock`: seconds, to see how long it takes.
    """
    if plan_hash(plan.steps, plan.wanted, seal) != plan.hash:
        raise Refused("sync.plan_changed")
    if plan.blocked:
        raise Refused("sync.foreign_change", n=len(plan.blocked), idnumber=plan.blocked[0].idnumber)
    return _Run(client, plan, ledger, Builder(plan, limits, seal, paces), progress, clock).report()


class _Run:
    """One passage through a plan."""

    def __init__(
        self,
        client: MoodleClient,
        plan: SyncPlan,
        ledger: OperationLedger,
        builder: Builder,
        progress: Progress,
        clock: Callable[[], float],
    ) -> None:
        self._client = client
        self._plan = plan
        self._ledger = ledger
        self._builder = builder
        self._progress = progress
        self._clock = clock
        self._reports: dict[Step, ItemReport] = {}
        self._banks: dict[str, Mapping[str, PresentQuestion]] = {}
        self._calls = 0
        self._replayed = 0

    def report(self) -> ApplyReport:
        for operation in self._builder.operations():
            if operation.family == "question":
                self._carry_out(operation)
            else:
                self._if_still_so(operation)
            self._progress(len(self._reports), len(self._plan.steps))
            failpoint("apply.between_chunks")
        self._settle_conflicts()
        items = tuple(self._reports[step] for step in self._plan.steps)
        return ApplyReport(self._plan.hash, items, self._calls, self._replayed)

    # ------------------------------------------------------------------------------------------------- one call

    def _carry_out(self, operation: Operation) -> None:
        kept = self._ledger.begin(operation.opkey, operation.function, operation.request_hash)
        if kept is not None:
            self._take(operation, from_kept(kept))
        else:
            self._make(operation)

    def _make(self, operation: Operation) -> None:
        """Make a call that the ledger knows to be under way; in pieces when the whole is more than the site bears.

        A piece has a key of its own. What the whole call may have done all the same is found there by the pieces:
        people, places and statuses are then "unchanged", questions are recognised by `_settle_conflicts`.
        """
        try:
            answer = self._ask(operation)
        except OutsideError as error:
            carried = len(operation.steps)
            if carried == 1 or not too_much(error):
                raise
            self._ledger.failed(operation.opkey, CUT)
            pace = self._builder.pace(operation.family)
            pace.too_much(carried)
            for piece in pieces(operation.steps, pace.size):
                self._carry_out(self._builder.operation(piece))
            return
        self._take(operation, answer)

    def _ask(self, operation: Operation) -> ListAnswer:
        self._note_unsure(operation)
        failpoint("apply.before_call")
        self._calls += 1
        begun = self._clock()
        try:
            answer = self._send(operation)
        except RefusedOutside as error:
            self._ledger.failed(operation.opkey, errorcode_of(error) or error.code)
            outcome = outcome_of(error, one_thing=not operation.is_list)
            if outcome is None:
                raise
            return ListAnswer(False, tuple(ItemAnswer(name, outcome, errorcode_of(error)) for name in operation.asked))
        failpoint("apply.after_call")
        self._ledger.done(operation.opkey, to_keep(answer))
        if operation.is_list:
            self._builder.pace(operation.family).went_well(len(operation.steps), self._clock() - begun)
        failpoint("apply.after_note")
        return answer

    def _note_unsure(self, operation: Operation) -> None:
        """From now on nobody knows what stands in Moodle until the answer is there.

        Without this a process that dies here would leave the mark of the earlier write: a wish that goes back to it
        would then look as if it were fulfilled.
        """
        if operation.family not in REMEMBERED:
            return
        known = self._ledger.pushed(operation.family, operation.names)
        unsure = {name: Mark.read(mark).in_doubt() for name, mark in known.items()}
        changed = {name: str(mark) for name, mark in unsure.items() if str(mark) != known[name]}
        if changed:
            self._ledger.note_pushed(operation.family, changed)

    def _send(self, operation: Operation) -> ListAnswer:
        if operation.is_list:
            return self._client.write_list(operation.function, operation.opkey, operation.params, operation.asked)
        answer = self._client.write(operation.function, operation.opkey, operation.params)
        if operation.family == "test":
            self._refuse_other_slots(operation, answers.test(answer))
        one = answers.one(answer)
        return ListAnswer(one.replayed, (ItemAnswer(operation.asked[0], one.outcome),))

    def _refuse_other_slots(self, operation: Operation, stands: TestAnswer) -> None:
        """A form is drawn by the panel: a quiz that holds another question or version is not that form."""
        test = next(test for test in self._plan.wanted.tests if test.test == operation.asked[0])
        asked = [(slot.idnumber, slot.version) for slot in test.slots]
        if [(slot.idnumber, slot.version) for slot in stands.slots] != asked:
            raise NotUnderstood("moodle.slots_differ", function=operation.function, test=test.test)

    def _take(self, operation: Operation, answer: ListAnswer) -> None:
        """Report the answer and remember what stands in Moodle now; a later write of the same thing is not undone."""
        self._replayed += answer.replayed
        known = self._ledger.pushed(operation.family, operation.names)
        marks: dict[str, str] = {}
        for step, item in zip(operation.steps, answer.items, strict=True):
            self._reports[step] = _report(step, item)
            mark, name = Mark.after(step, item.outcome in GOOD_OUTCOMES), ledger_name(step)
            if Mark.read(known.get(name)).turn < mark.turn:
                marks[name] = str(mark)
        if marks:
            self._ledger.note_pushed(operation.family, marks)

    # ------------------------------------------------------------------------------- what happened since the plan

    def _if_still_so(self, operation: Operation) -> None:
        """Carry out what still rests on what the plan saw.

        Questions travel with the version they replace, so Moodle itself refuses what is out of date. Other writes do
        not: here the steps that somebody has overtaken since are left undone and reported as a conflict.
        """
        kept = self._ledger.begin(operation.opkey, operation.function, operation.request_hash)
        if kept is not None:
            self._take(operation, from_kept(kept))
            return
        overtaken = self._overtaken(operation)
        if not overtaken:
            self._make(operation)
            return
        self._ledger.failed(operation.opkey, "overtaken")
        for step in overtaken:
            self._reports[step] = _report(step, ItemAnswer(step.idnumber, "conflict", CHANGED_SINCE))
        rest = [step for step in operation.steps if step not in overtaken]
        if rest:
            self._carry_out(self._builder.operation(rest))

    def _overtaken(self, operation: Operation) -> set[Step]:
        marks = self._ledger.pushed(operation.family, operation.names)
        overtaken = {step for step in operation.steps if Mark.read(marks.get(ledger_name(step))).turn > seen_turn(step)}
        if operation.family == "status":
            overtaken |= {step for step in operation.steps if not self._rests_on_its_version(step)}
        return overtaken

    def _rests_on_its_version(self, step: Step) -> bool:
        """Whether the latest version is the one that was seen, or the one this plan has just written over it."""
        found = self._bank(step.target).get(step.idnumber)
        if found is None:
            return True  # Moodle will say that it is missing
        written = {item.version for other, item in self._reports.items() if _same_question(other, step)}
        decided = any(
            (entry.bank, entry.idnumber, entry.version) == (step.target, step.idnumber, found.version)
            for entry in self._plan.wanted.decisions
        )
        return found.version in {step.expected_version, *written} and (decided or not found.foreign)

    def _bank(self, bank: str) -> Mapping[str, PresentQuestion]:
        """The state of a bank after this run's texts have been written; read once, when it is first needed."""
        if bank not in self._banks:
            self._banks[bank] = {found.idnumber: found for found in bank_questions(self._client, bank) or ()}
        return self._banks[bank]

    def _settle_conflicts(self) -> None:
        """A text that is there already was written by this very plan, in another cut of its chunks: no conflict."""
        conflicts = [step for step, item in self._reports.items() if item.outcome == "conflict"]
        for step in conflicts:
            if FAMILY_OF[step.kind] != "question":
                continue
            found = self._bank(step.target).get(step.idnumber)
            if found and self._is_there(step, found):
                numbers = (found.version, found.entryid, found.questionid)
                self._reports[step] = _report(step, ItemAnswer(step.idnumber, "unchanged", "", *numbers))

    def _is_there(self, step: Step, found: PresentQuestion) -> bool:
        wanted = self._builder.question(step)
        return not found.foreign and (found.content_hash, found.category_path) == (
            wanted.content_hash,
            wanted.category_path,
        )


def _same_question(step: Step, other: Step) -> bool:
    return step is not other and (step.target, step.idnumber) == (other.target, other.idnumber)


def _report(step: Step, item: ItemAnswer) -> ItemReport:
    return ItemReport(
        kind=step.kind,
        target=step.target,
        idnumber=step.idnumber,
        outcome=item.outcome,
        message=readable(item.message, 300),
        version=item.version,
        entryid=item.entryid,
        questionid=item.questionid,
    )
