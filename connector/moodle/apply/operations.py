"""From the steps of a plan to the calls that carry them out. Pure: the same plan and limits give the same calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from connector.moodle.pace import Pace, Paces
from connector.moodle.plan import FAMILY_OF, ledger_name
from connector.moodle.wire import requests
from connector.moodle.wire.canonical import Seal, canonical_hash, operation_key, sealed
from connector.moodle.wire.flatten import Params, chunks
from connector.moodle.wire.records import QuestionUpload
from flask_app.ports.moodle import Step, SyncPlan, Wanted, WantedEnrolment, WantedQuestion


@dataclass(frozen=True, slots=True)
class Operation:
    """One writing call. `opkey` names it on both sides; `request_hash` is what it asks, without secrets."""

    function: str
    params: Params
    steps: tuple[Step, ...]
    opkey: str
    request_hash: str

    @property
    def is_list(self) -> bool:
        return self.function not in ("save_bank", "save_test")

    @property
    def asked(self) -> list[str]:
        """The items' names in the answer."""
        return [step.idnumber for step in self.steps]

    @property
    def family(self) -> str:
        return FAMILY_OF[self.steps[0].kind]

    @property
    def names(self) -> list[str]:
        """The names under which the ledger remembers what is written."""
        return [ledger_name(step) for step in self.steps]


_FUNCTION_OF = {
    "bank": "save_bank",
    "question": "import_questions",
    "status": "set_question_status",
    "person": "save_people",
    "enrolment": "save_enrolments",
    "test": "save_test",
}


class Builder:
    """Makes the calls of one plan. `limits`: items per call, as the site gives them; `paces`: what it bears."""

    def __init__(self, plan: SyncPlan, limits: Mapping[str, int], seal: Seal, paces: Paces | None = None) -> None:
        self._plan = plan
        self._limits = limits
        self._seal = seal
        self._paces = paces or Paces()
        self._wanted = _Index(plan.wanted)

    def operations(self) -> Iterator[Operation]:
        """In the plan's order. Only neighbours of one kind and target share a call.

        Made one by one: how much a call carries depends on how those before it went.
        """
        steps = [step for step in self._plan.steps if step.kind != "foreign_change"]
        for (family, target), group in groupby(steps, key=lambda step: (FAMILY_OF[step.kind], step.target)):
            for chunk in self._chunks(family, target, list(group)):
                yield self.operation(chunk)

    def operation(self, steps: Sequence[Step]) -> Operation:
        """The call that carries out these steps, all of one family and target."""
        family = FAMILY_OF[steps[0].kind]
        function, params = _FUNCTION_OF[family], self._params(family, steps)
        clean = sealed(params, self._seal)
        key = operation_key(function, clean, [step.seen for step in steps])
        return Operation(function, params, tuple(steps), key, canonical_hash(clean))

    def _chunks(self, family: str, target: str, steps: list[Step]) -> Iterator[list[Step]]:
        if family in ("bank", "test"):
            return iter([[step] for step in steps])
        list_name, fixed, item = self._list_of(family, target)
        pace = self.pace(family)
        return chunks(list_name, fixed, [(step, item(step)) for step in steps], lambda: pace.size)

    def pace(self, family: str) -> Pace:
        """How many items a call of this family carries at present."""
        limit = self._limits["questions" if family in ("question", "status") else "people"]
        return self._paces.of(_FUNCTION_OF[family], limit)

    def _list_of(self, family: str, target: str) -> tuple[str, Params, Callable[[Step], Params]]:
        bank: Params = {"bankidnumber": target}
        if family == "question":
            return "questions", bank, self._question
        if family == "status":
            return "items", bank, self._status
        if family == "person":
            return "people", {}, self._person
        return "members", {"courseidnumber": target}, self._enrolment

    def _params(self, family: str, steps: Sequence[Step]) -> Params:
        first = steps[0]
        if family == "bank":
            return requests.save_bank(self._wanted.banks[first.idnumber])
        if family == "test":
            return requests.save_test(self._wanted.tests[first.idnumber])
        list_name, fixed, item = self._list_of(family, first.target)
        return {**fixed, list_name: [item(step) for step in steps]}

    def question(self, step: Step) -> WantedQuestion:
        """The question that a step of the question family writes."""
        return self._wanted.questions[step.target, step.idnumber]

    def _question(self, step: Step) -> Params:
        question = self.question(step)
        upload = QuestionUpload(
            question.idnumber, question.content_hash, question.category_path, question.source, step.expected_version
        )
        return requests.question_item(upload)

    def _status(self, step: Step) -> Params:
        return requests.status_item(step.idnumber, "hidden" if step.kind == "retire_question" else "ready")

    def _person(self, step: Step) -> Params:
        return requests.person_item(self._wanted.people[step.idnumber])

    def _enrolment(self, step: Step) -> Params:
        return requests.enrolment_item(self._wanted.enrolments[step.target, step.idnumber])


class _Index:
    """What is wanted, by name."""

    def __init__(self, wanted: Wanted) -> None:
        self.banks = {bank.bank: bank for bank in wanted.banks}
        self.questions: Mapping[tuple[str, str], WantedQuestion] = {
            (bank.bank, question.idnumber): question for bank in wanted.banks for question in bank.questions
        }
        self.people = {person.idnumber: person for person in wanted.people}
        self.enrolments: Mapping[tuple[str, str], WantedEnrolment] = {
            (entry.course, entry.person): entry for entry in wanted.enrolments
        }
        self.tests = {test.test: test for test in wanted.tests}
