"""The site under test: the one named on the command line, otherwise a stand-in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import uuid4

import pytest

from connector.moodle.client import MoodleClient
from connector.moodle.standin.process import StandinProcess
from connector.moodle.standin.sitting import Sitting, Trainee, sit
from connector.moodle.wire.records import ListAnswer, NewCourse, QuestionUpload
from connector.transport import RestSession
from flask_app.ports.moodle import WantedBank, WantedEnrolment, WantedPerson, WantedSlot, WantedTest
from tests.connector.contract.hand import CommandHand, Hand, StandinHand

PASSWORD = "Kyzmat-2026!"


Choose = Callable[[str, Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class Site:
    url: str
    token: str


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Site:
    url, token = request.config.getoption("--moodle-url"), request.config.getoption("--moodle-token")
    if bool(url) != bool(token):
        raise pytest.UsageError("--moodle-url and --moodle-token go together")
    if url:
        return Site(url, token)
    standin: StandinProcess = request.getfixturevalue("standin")
    return Site(standin.url, standin.token)


@pytest.fixture(scope="session")
def hand(request: pytest.FixtureRequest) -> Hand:
    """Somebody at the site; cases that need one are left out of a run against a real site without `--moodle-hand`."""
    if request.config.getoption("--moodle-url"):
        return CommandHand(request.config.getoption("--moodle-hand"))
    standin: StandinProcess = request.getfixturevalue("standin")
    return StandinHand(standin)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--moodle-url") or config.getoption("--moodle-hand"):
        return
    handless = [item for item in items if "hand" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=handless)
    items[:] = [item for item in items if item not in handless]


def key() -> str:
    """A fresh operation key."""
    return f"contract.{uuid4().hex}"


def right(text: str, labels: Sequence[str]) -> str:
    """What a well prepared person chooses: the questions below mark it so."""
    return next(label for label in labels if label.startswith("туура"))


def wrong(text: str, labels: Sequence[str]) -> str:
    return next(label for label in labels if label.startswith("ката"))


def upload(idnumber: str, text: str = "1", expected: int = 0, path: str = "Top/A") -> QuestionUpload:
    source = f"::{idnumber}::Суроо {idnumber} {text} {{=туура {text} ~ката {text} ~ката 2}}"
    return QuestionUpload(idnumber, f"hash-{text}", path, source, expected)


@dataclass(slots=True)
class Bench:
    """A course, a bank and names of one test alone."""

    site: Site
    client: MoodleClient
    course: str
    bank: str
    people: list[WantedPerson] = field(default_factory=list)

    def save_bank(self, name: str = "Банк") -> str:
        return self.client.save_bank(key(), WantedBank(self.course, self.bank, name, ())).outcome

    def put(self, *uploads: QuestionUpload) -> ListAnswer:
        return self.client.import_questions(key(), self.bank, uploads)

    def person(self, name: str = "Айбек") -> WantedPerson:
        """Somebody new, not yet saved."""
        mine = uuid4().hex
        return WantedPerson(mine, f"u{mine[:12]}", name, "Сыноочу", "ky", f"{mine[:12]}@example.org", PASSWORD)

    def enrol(self, count: int, *groups: str, email: str | None = None) -> list[WantedPerson]:
        people = [self.person(f"Адам{number}") for number in range(count)]
        if email is not None:
            people = [replace(person, email=email) for person in people]
        self.client.save_people(key(), people)
        members = [WantedEnrolment(self.course, person.idnumber, groups) for person in people]
        answer = self.client.save_enrolments(key(), self.course, members)
        assert {item.outcome for item in answer.items} == {"created"}
        return people

    def form(self, *slots: tuple[str, int], name: str = "Билет") -> WantedTest:
        """A test that is open now, for the group g-1, with these fixed versions."""
        opened = self.client.get_site().servertime - timedelta(hours=1)
        return WantedTest(
            course=self.course,
            test=f"t-{uuid4().hex[:12]}",
            name=f"{name} {uuid4().hex[:8]}",
            intro="",
            timeopen=opened,
            timeclose=opened + timedelta(days=1),
            timelimit=3600,
            passpercent=60,
            groups=("g-1",),
            slots=tuple(WantedSlot(*slot) for slot in slots),
        )

    def ready_form(self) -> WantedTest:
        """The same with two questions in the bank, saved."""
        self.save_bank()
        self.put(upload("a.ky"), upload("b.ky"))
        test = self.form(("a.ky", 1), ("b.ky", 1))
        self.client.save_test(key(), test)
        return test

    def sit(self, person: WantedPerson, quizid: int, choose: Choose = right, *, finish: bool = True) -> Sitting:
        return sit(self.site.url, person.username, PASSWORD, quizid, choose, finish=finish)

    def trainee(self, person: WantedPerson) -> Trainee:
        return Trainee(self.site.url, person.username, PASSWORD)


def renamed(person: WantedPerson, name: str) -> WantedPerson:
    return replace(person, firstname=name)


@pytest.fixture
def bench(site: Site) -> Bench:
    mine = uuid4().hex[:12]
    client = MoodleClient(RestSession(site.url, site.token))
    client.create_courses([NewCourse(f"kz-{mine}", f"kz-{mine}", f"Kyzmat contract {mine}")])
    return Bench(site, client, f"kz-{mine}", f"bank-{mine}")
