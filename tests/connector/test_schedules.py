"""Random schedules of everything that happens between the panel and Moodle, with everything that goes wrong on the way.

The panel's side is the real one: use cases, ledger and journal on PostgreSQL. Between it and the stand-in stands a
proxy that loses, cuts, spoils and delays answers; processes die at every failpoint (`Died` is raised where the real one
sends SIGKILL: `tests/services/test_kill.py` has real deaths); people edit questions, regrade and delete attempts.

What holds throughout: a plan writes nothing; an edit by hand stays until somebody decides. What holds in the end,
within a minute after the faults have stopped: every question is there once with as many versions as it had contents,
every person, place and test is as wanted, the panel holds exactly Moodle's attempts, every regrade and deletion is a
revision of its own, no run is left open.

`KYZMAT_SCHEDULES=500` runs so many schedules (`make test-schedules`); without it 15, so that the suite stays short.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from connector.moodle import results as result_reading
from connector.moodle.gateway import MoodleConnector
from connector.moodle.pace import Paces
from connector.moodle.present import bank_questions
from connector.moodle.standin.process import StandinProcess
from connector.moodle.standin.sitting import Trainee
from connector.moodle.wire.records import NewCourse
from connector.transport import Breaker, BreakerPolicy, RetryPolicy, TransportOptions
from flask_app.domain.errors import OutsideError, Refused
from flask_app.domain.identity import ROLES
from flask_app.ports import failpoints
from flask_app.ports.moodle import ForeignDecision, PresentQuestion, PulledAttempt, SyncPlan, Wanted, WantedBank
from flask_app.services import results, synchronisation
from flask_app.services.bodies import system_actor
from flask_app.services.office import Office
from flask_app.store.models.moodle import PushedItem, SyncOperation, SyncRun
from flask_app.store.models.results import Attempt, AttemptResponse, PullCursor
from tests.connector.fault_proxy import FAULTS, FaultProxy
from tests.connector.wishes import enrolment, form_of, person, question
from tests.services.desk import FrozenClock, make_office, new_body

SCHEDULES = int(os.environ.get("KYZMAT_SCHEDULES", "15"))
STEPS = 12
RECOVERY_SECONDS = 60.0

SHORT = 0.6
"""Seconds after which an answer counts as lost; the proxy's slow ones come later."""

OPTIONS = TransportOptions(
    connect_timeout=2.0, read_timeout=SHORT, retry=RetryPolicy(attempts=3, maintenance_attempts=1, base=0.0)
)
NAMES = ("a", "b", "c", "d")
SITTERS = ("s1", "s2")
PASSWORD = "Pass-2026!"
FAULT = st.sampled_from([*["pass"] * 12, *(fault for fault in FAULTS if fault != "pass")])
SPOILT = st.lists(FAULT, min_size=4, max_size=12)
TEXTS = st.sampled_from(["1", "2", "3", "4", None])
WISHES = st.lists(st.tuples(st.sampled_from(NAMES), TEXTS), min_size=1, max_size=6)
DEATH = st.sampled_from(
    [
        *[""] * 6,
        "apply.before_call:1",
        "apply.before_call:2",
        "apply.after_call:1",
        "apply.after_call:2",
        "apply.after_note:1",
        "apply.after_note:2",
        "apply.between_chunks:1",
        "sync.begun",
        "sync.before_report",
    ]
)
PULL_DEATH = st.sampled_from(["", "", "pull.before_page", "pull.inside_page", "pull.between_pages"])


class Died(BaseException):
    """Nothing of the program may catch it."""


class HandClock:
    """Seconds of the breaker and of every wait: they pass when a schedule lets them."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class World:
    """One stand-in behind one proxy and one database for all schedules; each has a body, course and bank of its own."""

    standin: StandinProcess
    proxy: FaultProxy
    office: Office
    counted: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0


WORLD: World


def die_at(place: str) -> Any:
    """The process dies at `place` for the length of the block."""

    def die(_pid: int, _signal: int) -> None:
        WORLD.counted[f"died at {place.partition(':')[0]}"] += 1
        raise Died

    failpoints._passages.clear()
    return mock.patch.multiple(
        failpoints, os=mock.Mock(environ={failpoints.VARIABLE: place}, kill=die, getpid=os.getpid)
    )


class Schedules(RuleBasedStateMachine):
    # -------------------------------------------------------------------------------------------------- the beginning

    @initialize()
    def begin(self) -> None:
        WORLD.counted["schedules"] += 1
        mine = uuid4().hex[:10]
        self.course, self.bank, self.test = f"c-{mine}", f"b-{mine}", f"t-{mine}"
        self.straight = MoodleConnector(WORLD.standin.url, WORLD.standin.token)
        self.straight.client.create_courses([NewCourse(self.course, self.course, "Сынак")])
        self.clock = HandClock()
        self.faulty = MoodleConnector(WORLD.proxy.url, WORLD.standin.token, OPTIONS)
        self.faulty.session.breaker = Breaker(BreakerPolicy(), self.clock)
        self.faulty.session._sleep = self.clock.sleep
        self.office = replace(WORLD.office, moodle=self.faulty)
        self.actor = replace(system_actor(new_body(self.office, f"b{mine}")), roles=frozenset(ROLES))
        self.texts: dict[str, str] = {}
        self.people: dict[str, str] = {}
        self.ever: dict[str, set[str]] = {name: set() for name in NAMES}
        self.decisions: list[ForeignDecision] = []
        self.edits: dict[str, int] = {}
        self.pending: SyncPlan | None = None
        self.touched: dict[int, int] = {}
        self.revisions: dict[int, int] = {}
        WORLD.proxy.faults.clear()
        self.apply_now()
        form = self.wanted().tests[0]
        self.quizid = self.straight.client.save_test(f"again.{self.bank}", form).quizid

    def teardown(self) -> None:
        WORLD.proxy.faults.clear()
        if hasattr(self, "quizid"):
            self.settle()

    # --------------------------------------------------------------------------------------------------------- wishes

    def person_name(self, name: str) -> str:
        return f"{name}-{self.bank}"

    def wanted(self) -> Wanted:
        texts = {"x": "1", "y": "1", **self.texts}
        named = {**dict.fromkeys(SITTERS, "Сынакчы"), **self.people}
        people = tuple(person(self.person_name(name), text, PASSWORD) for name, text in named.items())
        form = form_of(("x", 1), ("y", 1), idnumber=self.test, course=self.course, name=self.test)
        return Wanted(
            banks=(
                WantedBank(self.course, self.bank, "Банк", tuple(question(name, text) for name, text in texts.items())),
            ),
            people=people,
            enrolments=tuple(enrolment(entry.idnumber, "g-1", course=self.course) for entry in people),
            tests=(replace(form, attempts=0),),
            decisions=tuple(self.decisions),
        )

    @rule(name=st.sampled_from(NAMES), text=st.sampled_from(["1", "2", "3", None]))
    def change_question(self, name: str, text: str | None) -> None:
        self.texts.pop(name, None)
        if text:
            self.texts[name] = text
            self.ever[name].add(f"hash-{text}")

    @rule(name=st.sampled_from(NAMES), text=st.sampled_from(["Айбек", "Бакыт"]))
    def change_person(self, name: str, text: str) -> None:
        self.people[name] = text

    # ------------------------------------------------------------------------------------------------- plan and apply

    def written(self) -> tuple[object, ...]:
        """Everything that a write would change, on both sides."""
        with self.office.sessions() as session:
            own = [
                session.scalar(select(func.count()).select_from(table).where(table.body_id == self.actor.body_id))
                for table in (SyncOperation, PushedItem, SyncRun)
            ]
        there = WORLD.standin.control("state")
        return there["change"], there["operations"], there["people"], there["tests"], *own

    @rule(faults=st.lists(FAULT, max_size=3))
    def plan(self, faults: list[str]) -> None:
        before = self.written()
        WORLD.proxy.faults[:] = faults
        try:
            self.pending = synchronisation.plan(self.office, self.actor, self.wanted())
        except OutsideError as error:
            WORLD.counted[error.code] += 1
        finally:
            WORLD.proxy.faults.clear()
        assert self.written() == before, "a dry run makes 0 writes"

    @rule(wishes=WISHES, faults=SPOILT, death=DEATH, bears=st.integers(1, 6))
    def wish_and_apply(self, wishes: list[tuple[str, str | None]], faults: list[str], death: str, bears: int) -> None:
        """New wishes, a fresh plan of them, and its apply."""
        for name, text in wishes:
            self.change_question(name, text)
        self.pending = None
        self.apply(faults, death, bears)

    @rule(faults=SPOILT, death=DEATH, bears=st.integers(1, 6))
    def apply(self, faults: list[str], death: str, bears: int) -> None:
        """The plan that was made before, whatever has happened since; or a fresh one."""
        if self.pending is None:
            self.plan([])
        if self.pending is None or not self.pending.steps:
            return
        WORLD.counted["applies"] += 1
        self.faulty._paces = paces_of(bears)
        before = self.written()[:4]
        WORLD.proxy.faults[:] = faults
        try:
            with die_at(death):
                synchronisation.apply(self.office, self.actor, self.pending, nothing, subject="schedule")
        except OutsideError as error:
            WORLD.counted[error.code] += 1
            return  # the same plan may be tried again by a later rule
        except Died:
            return
        except Refused as error:
            refused = error.code
        else:
            refused = ""
        finally:
            WORLD.proxy.faults.clear()
        assert (refused == "sync.foreign_change") == bool(self.pending.blocked)
        assert not refused or self.written()[:4] == before, "a foreign change stops the whole apply"
        self.pending = None

    @rule(name=st.sampled_from(NAMES))
    def edit_by_hand(self, name: str) -> None:
        if name not in self.state():
            return
        WORLD.counted["edited by hand"] += 1
        made = WORLD.standin.control("edit_question", bankidnumber=self.bank, idnumber=name, text="Чужая правка")
        self.edits[name] = made["version"]

    @precondition(lambda self: bool(self.edits))
    @rule()
    def decide(self) -> None:
        """Somebody looks at every edit there is and lets the panel's text take its place."""
        self.decisions += [ForeignDecision(self.bank, name, version) for name, version in self.edits.items()]
        self.edits.clear()
        self.pending = None

    @rule(seconds=st.sampled_from([5.0, 40.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    # --------------------------------------------------------------------------------------------- attempts and pulls

    @rule(name=st.sampled_from(SITTERS))
    def sit(self, name: str) -> None:
        username = f"u-{self.person_name(name)}"
        with Trainee(WORLD.standin.url, username, PASSWORD) as trainee:
            attempt = trainee.start(self.quizid)["id"]
            trainee.process(attempt, {}, finish=True)
        WORLD.counted["attempts"] += 1
        self.touched[attempt] = 1

    @precondition(lambda self: bool(self.touched))
    @rule(which=st.integers(0, 50), mark=st.sampled_from(["0", "0.5", "1"]))
    def regrade(self, which: int, mark: str) -> None:
        attempt = self.pick(which)
        if attempt not in self.gone():
            WORLD.counted["regrades"] += 1
            if mark == "0":
                WORLD.standin.control("regrade", attemptid=attempt)
            else:
                WORLD.standin.control("mark", attemptid=attempt, slot=1, mark=mark)
            self.touched[attempt] += 1

    @precondition(lambda self: bool(self.touched))
    @rule(which=st.integers(0, 50))
    def delete_attempt(self, which: int) -> None:
        attempt = self.pick(which)
        if attempt not in self.gone():
            WORLD.counted["deletions"] += 1
            WORLD.standin.control("delete_attempt", attemptid=attempt)
            self.touched[attempt] += 1

    def pick(self, which: int) -> int:
        return sorted(self.touched)[which % len(self.touched)]

    def gone(self) -> set[int]:
        return {attempt.attemptid for attempt in self.truth() if attempt.deleted}

    def truth(self) -> list[PulledAttempt]:
        return [attempt for page in self.straight.results([self.test], "") for attempt in page.attempts]

    @precondition(lambda self: bool(self.touched))
    @rule(faults=SPOILT, death=PULL_DEATH)
    def pull(self, faults: list[str], death: str) -> None:
        WORLD.proxy.faults[:] = faults
        self.faulty._paces = paces_of(2)
        try:
            with die_at(death):
                self.pull_now()
        except OutsideError as error:
            WORLD.counted[error.code] += 1
            return
        except Died:
            return
        finally:
            WORLD.proxy.faults.clear()
        self.everything_is_pulled()

    def everything_is_pulled(self) -> None:
        """Attempts in Moodle = attempts here; what was touched since the last whole pull has a new revision."""
        with self.office.work(self.actor) as work:
            held = {
                row.moodle_attempt: row for row in work.session.scalars(select(Attempt).where(Attempt.newest)).all()
            }
            total = work.session.scalars(select(PullCursor.total)).one()
            counted = work.session.execute(
                select(Attempt.moodle_attempt, func.count(AttemptResponse.id))
                .join(AttemptResponse, AttemptResponse.attempt_id == Attempt.id)
                .where(Attempt.newest)
                .group_by(Attempt.moodle_attempt)
            )
            answers = {row[0]: row[1] for row in counted}
            kept = work.session.scalar(select(func.count()).select_from(Attempt))
        truth = self.truth()
        assert {a.attemptid: (a.deleted, a.mark) for a in truth} == {
            number: (row.deleted, None if row.mark is None else decimal(row.mark)) for number, row in held.items()
        }
        assert {a.attemptid: len(a.responses) for a in truth if a.responses} == answers
        explained = sum(row.deleted for row in held.values())
        assert len(truth) == total + explained, "attempts in Moodle = pulled + explained"
        assert sum(row.state == "finished" and not row.deleted for row in held.values()) == total
        assert kept == sum(row.revision for row in held.values()), "no revision is lost or doubled"
        for number, row in held.items():
            before, touched = self.revisions.get(number, 0), self.touched[number]
            assert before + (touched > 0) <= row.revision <= before + touched
            self.revisions[number] = row.revision
        self.touched = dict.fromkeys(self.touched, 0)

    # ----------------------------------------------------------------------------------------------------- what holds

    def state(self) -> dict[str, PresentQuestion]:
        found = bank_questions(self.straight.client, self.bank) or ()
        assert len({entry.idnumber for entry in found}) == len(found), "one entry per question"
        return {entry.idnumber: entry for entry in found}

    @invariant()
    def an_edit_by_hand_stays_the_latest_version_until_somebody_decides(self) -> None:
        now = self.state() if self.edits else {}
        for name, version in self.edits.items():
            assert now[name].version == version
            assert now[name].foreign

    # ---------------------------------------------------------------------------------------------------- the end

    def apply_now(self) -> None:
        synchronisation._bring(self.office, self.actor, self.wanted(), nothing, subject="schedule")

    def pull_now(self) -> None:
        results._pull(self.office, self.actor, [self.test], f"results:{self.bank}")

    def settle(self) -> None:
        """The faults have stopped and every edit is decided on: everything comes to its end within a minute."""
        self.decide()
        began, hand = time.monotonic(), self.clock.now
        self.within_a_minute(self.apply_now)
        if self.touched:
            self.within_a_minute(self.pull_now)
        took = time.monotonic() - began + self.clock.now - hand
        WORLD.slowest = max(WORLD.slowest, took)
        assert took <= RECOVERY_SECONDS
        if self.touched:
            self.everything_is_pulled()
        assert synchronisation.plan(self.office, self.actor, self.wanted()).steps == ()
        self.every_question_is_there_once()
        self.every_person_is_as_wanted()
        self.nothing_is_open()

    def within_a_minute(self, deed: Callable[[], None]) -> None:
        """Again and again while the site still rests; the breaker's seconds count as real ones."""
        for _ in range(int(RECOVERY_SECONDS)):
            try:
                deed()
            except OutsideError as error:
                if not error.code.startswith("moodle.resting_"):
                    raise
                self.clock.sleep(1.0)
            else:
                return
        raise AssertionError("the site is still left alone")

    def every_question_is_there_once(self) -> None:
        now = self.state()
        ready = {name: found for name, found in now.items() if found.status == "ready"}
        assert {name: found.content_hash for name, found in ready.items()} == {
            name: f"hash-{text}" for name, text in {"x": "1", "y": "1", **self.texts}.items()
        }
        for name, found in now.items():
            history = self.history(name, found.version)
            own = [content for content, foreign in history if not foreign]
            assert {found.content_hash, *own} <= self.ever.get(name, {"hash-1"}), "only what was wanted was written"
            for (before, edited), (after, foreign) in pairwise(history):
                assert foreign or edited or before != after, "a content written twice is a doubled version"
        assert (now["x"].version, now["y"].version) == (1, 1)

    def history(self, name: str, latest: int) -> list[tuple[str, bool]]:
        """(content hash, by somebody else) of each version."""
        versions = [self.straight.client.get_question(self.bank, name, number) for number in range(1, latest + 1)]
        return [(text.state.content_hash, text.state.foreign) for text in versions]

    def every_person_is_as_wanted(self) -> None:
        wanted = self.wanted()
        asked = self.straight.client.save_people(f"look.{uuid4().hex}", wanted.people)
        assert {item.outcome for item in asked.items} == {"unchanged"}
        places = self.straight.client.save_enrolments(f"look.{uuid4().hex}", self.course, wanted.enrolments)
        assert {item.outcome for item in places.items} == {"unchanged"}
        test = self.straight.client.save_test(f"look.{uuid4().hex}", wanted.tests[0])
        assert test.outcome == "unchanged"
        members = self.straight.client.get_completions([self.course], "", 100)[0].completions
        assert sorted(member.person for member in members) == sorted(entry.idnumber for entry in wanted.people)

    def nothing_is_open(self) -> None:
        with self.office.work(self.actor) as work:
            running = select(func.count()).select_from(SyncRun).where(SyncRun.state == "applying")
            assert work.session.scalar(running) == 0


def decimal(mark: Any) -> str:
    text = f"{mark:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def nothing(_done: int, _total: int) -> None:
    """Progress nobody looks at."""


def paces_of(bears: int) -> Paces:
    """A site that has been found to bear so many items a call: every schedule cuts its calls elsewhere."""
    paces = Paces()
    for function, limit in (("import_questions", 200), ("set_question_status", 200), ("save_people", 500)):
        paces.of(function, limit).too_much(2 * bears)
    paces.of("save_enrolments", 500).too_much(2 * bears)
    return paces


@pytest.fixture
def world(session_factory: sessionmaker[Session], tmp_path: Path) -> Iterator[World]:
    global WORLD
    with StandinProcess(tmp_path / "site.db") as standin:
        parts = urlsplit(standin.url)
        with FaultProxy(parts.hostname or "", parts.port or 0, pause=SHORT + 0.2) as proxy:
            nobody = MoodleConnector(proxy.url, standin.token, OPTIONS)
            office = make_office(session_factory, FrozenClock(), nobody, tmp_path / "files")
            WORLD = World(standin, proxy, office)
            yield WORLD


def test_random_schedules(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(result_reading, "ATTEMPTS_PER_PAGE", 2)
    machine = Schedules.TestCase
    machine.settings = settings(
        max_examples=SCHEDULES,
        stateful_step_count=STEPS,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a failing schedule is told whole: making it shorter
        # would run it hundreds of times over real sockets
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    machine("runTest").runTest()
    assert world.counted["schedules"] >= SCHEDULES
    if "KYZMAT_SCHEDULES" in os.environ:
        with capsys.disabled():
            told = {**dict(sorted(world.counted.items())), "faults": dict(sorted(world.proxy.met.items()))}
            print(f"\n{told}\nslowest recovery {world.slowest:.1f} s; 0 lost, 0 doubled")
