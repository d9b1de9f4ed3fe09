"""Random schedules: wishes change, applies are cut off, replies lost, questions edited by hand.

In the end everything is there exactly once and as wanted, and nobody's edit was written over without a decision.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from connector.moodle.gateway import MoodleConnector
from connector.moodle.present import bank_questions
from connector.moodle.standin.process import StandinProcess
from connector.moodle.wire.records import NewCourse
from connector.transport import RetryPolicy, TransportOptions
from flask_app.domain.errors import OutsideError, Refused
from flask_app.ports.moodle import ForeignDecision, PresentQuestion, SyncPlan, Wanted, WantedBank
from tests.connector.fault_proxy import FaultProxy
from tests.connector.ledger import SqliteLedger
from tests.connector.wishes import enrolment, person, question

IMPATIENT = TransportOptions(
    connect_timeout=2.0, read_timeout=5.0, retry=RetryPolicy(attempts=2, maintenance_attempts=1, base=0.0)
)
NAMES = ("a", "b", "c")
FAULT = st.sampled_from(["pass", "pass", "refuse", "lose_reply", "truncate"])


class CutOffError(Exception):
    """Stands for a process that dies: nothing after it is done."""


@dataclass
class World:
    """One stand-in behind one proxy for all examples; each example has a course, a bank and a ledger of its own."""

    folder: TemporaryDirectory[str] = field(default_factory=TemporaryDirectory)
    standin: Any = None
    proxy: Any = None

    def open(self) -> None:
        self.standin = StandinProcess(Path(self.folder.name) / "site.db")
        self.standin.start()
        parts = urlsplit(self.standin.url)
        self.proxy = FaultProxy(parts.hostname or "", parts.port or 0).__enter__()

    def close(self) -> None:
        self.proxy.__exit__(None, None, None)
        self.standin.stop()
        self.folder.cleanup()


WORLD = World()


class DyingLedger:
    """A ledger whose process dies at the n-th thing it is asked to keep."""

    def __init__(self, ledger: SqliteLedger, lives: int) -> None:
        self._ledger = ledger
        self._lives = lives

    def __getattr__(self, name: str) -> Any:
        if name in ("begin", "done", "note_pushed"):
            self._lives -= 1
            if self._lives < 0:
                raise CutOffError
        return getattr(self._ledger, name)


class Schedules(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        mine = uuid4().hex[:10]
        self.course, self.bank = f"c-{mine}", f"b-{mine}"
        self.straight = MoodleConnector(WORLD.standin.url, WORLD.standin.token)
        self.straight.client.create_courses([NewCourse(self.course, self.course, "Сынак")])
        self.faulty = MoodleConnector(WORLD.proxy.url, WORLD.standin.token, IMPATIENT)
        self.ledger = SqliteLedger()
        self.texts: dict[str, str] = {}
        self.people: dict[str, str] = {}
        self.decisions: list[ForeignDecision] = []
        self.edits: dict[str, int] = {}
        self.pending: SyncPlan | None = None
        self.versions: dict[str, int] = {}

    def teardown(self) -> None:
        WORLD.proxy.faults.clear()
        if hasattr(self, "ledger"):
            self.settle()
            self.ledger.close()

    # ------------------------------------------------------------------------------------------------------ wishes

    def wanted(self) -> Wanted:
        questions = tuple(question(name, text) for name, text in self.texts.items())
        people = tuple(person(f"{name}-{self.bank}", text) for name, text in self.people.items())
        return Wanted(
            banks=(WantedBank(self.course, self.bank, "Банк", questions),),
            people=people,
            enrolments=tuple(enrolment(entry.idnumber, "g", course=self.course) for entry in people),
            decisions=tuple(self.decisions),
        )

    @rule(name=st.sampled_from(NAMES), text=st.sampled_from(["1", "2", None]))
    def change_question(self, name: str, text: str | None) -> None:
        self.texts.pop(name, None)
        if text:
            self.texts[name] = text

    @rule(name=st.sampled_from(NAMES), text=st.sampled_from(["Айбек", "Бакыт"]))
    def change_person(self, name: str, text: str) -> None:
        self.people[name] = text

    # ------------------------------------------------------------------------------------------------ plan and apply

    @rule()
    def plan(self) -> None:
        self.pending = self.straight.plan(self.wanted(), self.ledger)

    @precondition(lambda self: self.pending is not None)
    @rule(faults=st.lists(FAULT, max_size=8), lives=st.integers(0, 30))
    def apply(self, faults: list[str], lives: int) -> None:
        assert self.pending is not None
        WORLD.proxy.faults[:] = faults
        try:
            self.faulty.apply(self.pending, DyingLedger(self.ledger, lives), lambda _done, _total: None)
        except (OutsideError, CutOffError):
            return  # the same plan may be tried again by a later rule
        except Refused:
            assert self.pending.blocked  # and nothing was sent: the invariant looks
        finally:
            WORLD.proxy.faults.clear()
        self.pending = None

    @rule(name=st.sampled_from(NAMES))
    def edit_by_hand(self, name: str) -> None:
        if name not in self.state():
            return
        made = WORLD.standin.control("edit_question", bankidnumber=self.bank, idnumber=name, text="Чужая правка")
        self.edits[name] = made["version"]

    # ---------------------------------------------------------------------------------------------------- what holds

    def state(self) -> dict[str, PresentQuestion]:
        found = bank_questions(self.straight.client, self.bank) or ()
        assert len({entry.idnumber for entry in found}) == len(found)
        return {entry.idnumber: entry for entry in found}

    @invariant()
    def an_edit_by_hand_stays_the_latest_version_until_somebody_decides(self) -> None:
        now = self.state()
        for name, version in self.edits.items():
            assert now[name].version == version
            assert now[name].foreign

    def settle(self) -> None:
        """Decide on every edit, and bring everything to its end without faults."""
        self.decisions = [ForeignDecision(self.bank, name, version) for name, version in self.edits.items()]
        before = self.state()
        report = self.straight.apply(
            self.straight.plan(self.wanted(), self.ledger), self.ledger, lambda _done, _total: None
        )
        assert report.failures == ()
        assert self.straight.plan(self.wanted(), self.ledger).steps == ()
        self.everything_is_there_once(before)

    def everything_is_there_once(self, before: dict[str, PresentQuestion]) -> None:
        now = self.state()
        ready = {name: found for name, found in now.items() if found.status == "ready"}
        assert {name: found.content_hash for name, found in ready.items()} == {
            name: f"hash-{text}" for name, text in self.texts.items()
        }
        for name, found in now.items():
            was = before.get(name)
            rewritten = was is None or (name in self.texts and (was.foreign or was.content_hash != found.content_hash))
            assert found.version == (was.version if was else 0) + rewritten
        members = self.straight.client.get_completions([self.course], "", 100)[0].completions
        assert sorted(member.person for member in members) == sorted(f"{name}-{self.bank}" for name in self.people)


def test_random_schedules() -> None:
    WORLD.open()
    try:
        machine = Schedules.TestCase
        machine.settings = settings(
            max_examples=25,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        )
        machine("runTest").runTest()
    finally:
        WORLD.close()
