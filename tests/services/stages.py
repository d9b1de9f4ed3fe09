"""A competition at the points where tests begin, each built once and copied for every test that wants it.

- `synced`: a body with its people, the two shipped banks in the panel and in Moodle;
- `screening`: a competition with seven applications taken up, none decided on;
- `sat`: a competition whose candidates have sat the test in Moodle; nothing is pulled yet;
- `entered`: results in the panel, practical tasks marked, the interviews about to begin;
- `voting`: everybody interviewed and marked, the commission about to vote;
- `decided`: the first candidate has won.

A stage is a database and the data file of a stand-in; a test gets copies of both, so whatever it does to either is its
own.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from connector.moodle.standin.process import StandinProcess
from connector.moodle.standin.question_fields import read_fields
from connector.moodle.standin.sitting import Trainee, answer
from flask_app.demo.applicants import spreadsheet
from flask_app.domain.identity import ROLES, Actor
from flask_app.services.absences import mark_no_shows
from flask_app.services.applicants_import import import_applicants
from flask_app.services.applications import (
    applications_of,
    choose_language,
    move_applications,
    record_practical,
    reject_application,
)
from flask_app.services.bank_reading import banks_of_body
from flask_app.services.banks import load_bank
from flask_app.services.commissions import members_of
from flask_app.services.meetings import (
    NewMeeting,
    cast_vote,
    count_vote,
    finish_interviews,
    give_marks,
    hold_meeting,
    settle_candidates,
)
from flask_app.services.moodle_people import moodle_password
from flask_app.services.notices import notify_of_test
from flask_app.services.office import Office, Work
from flask_app.services.results import enter_results, pull_results
from flask_app.services.shipped_banks import read_shipped_banks
from flask_app.services.synchronisation import push_session, sync_banks
from flask_app.services.test_sessions import NewSession, draw_forms, schedule_session
from flask_app.services.transitions import act_on
from flask_app.store.models.applications import Application
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition
from flask_app.store.models.testing import ExaminationForm, Seat
from question_banks.model import MultichoiceQuestion
from tests.services.building import BOTH, Build
from tests.services.desk import NOW, TODAY, actor_with, new_body

COURSE = "EXAMS"
CODE = "s1"
COMPETENCES = range(1, 10)
APPLICANTS = 7
REJECTED = 7
"""Number of the applicant who is not admitted."""

RIGHT: Mapping[int, int | None] = {1: 60, 2: 45, 3: 44, 4: 30, 5: 29, 6: None}
"""Number of the applicant → right answers of 60; None = does not come. The borders are 30 (50 %) and 45 (75 %)."""

QUALIFIED = (1, 2, 3, 4)


NONE_YET = UUID(int=0)


def nothing(_done: int, _total: int) -> None:
    """Progress nobody looks at."""


@dataclass(frozen=True)
class Scene:
    """What a test begins with. `actor` holds every role and chairs the commission."""

    office: Office
    site: StandinProcess
    actor: Actor
    competition: UUID = NONE_YET
    database_url: str = ""

    @property
    def build(self) -> Build:
        return Build(self.office, self.actor)

    @contextmanager
    def work(self, actor: Actor | None = None) -> Iterator[Work]:
        with self.office.work(actor or self.actor) as work:
            yield work

    def state(self) -> str:
        with self.work() as work:
            return work.get(Competition, self.competition).state

    def states(self) -> dict[int, str]:
        """Number of the application → its state."""
        with self.work() as work:
            return {a.number: a.state for a in applications_of(work, self.competition)}

    def ids(self, *states: str) -> list[UUID]:
        with self.work() as work:
            return [a.id for a in applications_of(work, self.competition, *states)]

    def application(self, number: int) -> UUID:
        with self.work() as work:
            return next(a.id for a in applications_of(work, self.competition) if a.number == number)

    def person(self, number: int) -> UUID:
        with self.work() as work:
            return next(a.person_id for a in applications_of(work, self.competition) if a.number == number)

    def move(self, transition: str, day: date = TODAY, evidence: str = "", actor: Actor | None = None) -> None:
        Build(self.office, actor or self.actor).move(self.competition, transition, day, evidence)

    def move_all(self, source: str, transition: str, day: date = TODAY, **act: str) -> int:
        ids = self.ids(source)
        with self.work() as work:
            return move_applications(work, self.competition, ids, transition, act_on(work, day, **act))

    def members(self) -> list[Actor]:
        """The voting members as users who have nothing but their seats; the chair first."""
        with self.work() as work:
            commission = work.get(Competition, self.competition).commission_id
            assert commission is not None
            return [
                replace(self.actor, person_id=member.person_id, roles=frozenset())
                for member in members_of(work, commission)
                if member.votes
            ]

    def begin_voting(self) -> None:
        """From the results to the vote: interviews, everybody marked by everybody."""
        self.move_all("qualified", "invite")
        with self.work() as work:
            sitting = NewMeeting(TODAY, NOW - timedelta(hours=1), "in_person", BOTH, False, {})
            hold_meeting(work, self.competition, sitting)
        for member in self.members():
            self.mark(member)
        with self.work() as work:
            finish_interviews(work, self.competition, TODAY)
        self.move("begin_voting")

    def mark(self, member: Actor) -> None:
        invited = self.ids("invited")
        for application in invited:
            with self.work(member) as work:
                give_marks(work, self.competition, application, dict.fromkeys(COMPETENCES, 4))


def build_synced(office: Office, site: StandinProcess) -> Scene:
    body = new_body(office)
    scene = Scene(office, site, replace(actor_with(office, body), roles=frozenset(ROLES)))
    actor_with(office, body, "head_of_body", name="Башчиев Бакыт")
    site.control("clock", offset=round(NOW.timestamp() - time.time()))
    office.moodle.ensure_course(COURSE, "Экзамены")
    with scene.work() as work:
        for bank in read_shipped_banks():
            load_bank(work, bank)
    sync_banks(office, scene.actor, COURSE, nothing)
    return scene


def build_screening(scene: Scene) -> Scene:
    """A competition whose seven applications are taken up."""
    scene = replace(scene, competition=scene.build.open_for_documents())
    with scene.work() as work:
        import_applicants(work, scene.competition, spreadsheet(APPLICANTS), "list.xlsx", TODAY - timedelta(days=30))
    scene.move("close_documents", TODAY - timedelta(days=28))
    scene.move("begin_screening", TODAY - timedelta(days=26))
    scene.move_all("registered", "take_up", TODAY - timedelta(days=25))
    return scene


def admit(scene: Scene) -> None:
    """All but the last, every second one in Russian."""
    refused = scene.application(REJECTED)
    with scene.work() as work:
        act = act_on(work, TODAY - timedelta(days=24), reason="стаж не подтверждён")
        reject_application(work, scene.competition, refused, "qualification_mismatch", act)
    scene.move_all("under_screening", "admit", TODAY - timedelta(days=24))
    with scene.work() as work:
        choose_language(work, scene.competition, [a.id for a in applications_of(work, scene.competition)][1::2], "ru")


def session(code: str = CODE, **changes: object) -> NewSession:
    begins, ends = NOW - timedelta(hours=1), NOW + timedelta(hours=7)
    plain = NewSession(code, COURSE, begins, ends, BOTH, 2, "зерно 1", "Токоев Б. С.", told_already=True)
    return replace(plain, **changes)  # type: ignore[arg-type]  # named by the tests


def build_sat(scene: Scene) -> Scene:
    admit(scene)
    with scene.work() as work:
        schedule_session(work, scene.competition, session())
        draw_forms(work, scene.competition)
    push_session(scene.office, scene.actor, scene.competition, nothing)
    waiting = scene.ids("admitted")
    with scene.work() as work:
        act = act_on(work, TODAY - timedelta(days=7), "журнал № 1")
        notify_of_test(work, scene.competition, waiting, "под подпись", act)
    scene.move("begin_testing")
    for number, right in RIGHT.items():
        if right is not None:
            sit(scene, number, right)
    return scene


def slip(scene: Scene, number: int) -> tuple[str, str, str]:
    """User name, password and test of one candidate."""
    with scene.work() as work:
        person = work.get(Person, work.get(Application, scene.application(number)).person_id)
        seat = work.session.query(Seat).filter_by(application_id=scene.application(number)).one()
        test = work.get(ExaminationForm, seat.form_id).test_idnumber
        return person.moodle_username, moodle_password(work, person), test


def sit(scene: Scene, number: int, right: int) -> int:
    """The candidate sits the test and answers exactly the first `right` questions rightly; returns the attempt's id."""
    username, password, test = slip(scene, number)
    key, seen, page = answer_key(scene), 0, 0
    data: dict[str, str] = {}

    def choose(text: str, labels: list[str]) -> str:
        good = next(label for label in labels if folded(label) == key[folded(text)])
        return good if seen <= right else next(label for label in labels if label != good)

    with Trainee(scene.site.url, username, password) as trainee:
        attempt: int = trainee.start(trainee.quizzes()[test])["id"]
        while page >= 0:
            shown = trainee.page(attempt, page)
            for question in shown["questions"]:
                seen += 1
                data |= answer(read_fields(question["html"]), choose)  # type: ignore[arg-type]  # one label is chosen
            page = shown["nextpage"]
        trainee.process(attempt, data, finish=True)
    return attempt


def answer_key(scene: Scene) -> Mapping[str, str]:
    """Question text → text of its right answer."""
    with scene.work() as work:
        banks = [bank for _, bank in banks_of_body(work)]
    return {
        folded(question.text): folded(next(a.text for a in question.answers if a.fraction == 1))
        for bank in banks
        for group in bank.items
        for question in group.versions.values()
        if isinstance(question, MultichoiceQuestion)
    }


def folded(text: str) -> str:
    return " ".join(text.split())


def build_entered(scene: Scene) -> Scene:
    """Results pulled and entered, whoever stayed away noted, practical tasks marked."""
    pull_results(scene.office, scene.actor, scene.competition)
    with scene.work() as work:
        enter_results(work, scene.competition, TODAY)
        mark_no_shows(work, scene.competition, TODAY, "не явился", begun=frozenset())
        for application in applications_of(work, scene.competition, "qualified"):
            record_practical(work, scene.competition, application.id, Decimal(8), Decimal(10), TODAY)
    return scene


def build_voting(scene: Scene) -> Scene:
    scene.move("begin_interviews")
    scene.begin_voting()
    return scene


def build_decided(scene: Scene) -> Scene:
    """The first candidate has won today."""
    for member in scene.members():
        choices = {id_: "for" if id_ == scene.application(1) else "against" for id_ in scene.ids("interviewed")}
        with scene.work(member) as work:
            cast_vote(work, scene.competition, choices)
    with scene.work() as work:
        count_vote(work, scene.competition)
    scene.move("decide")
    with scene.work() as work:
        settle_candidates(work, scene.competition, TODAY)
    return scene


def copy_site(source: Path, target: Path) -> Path:
    """The data file of a stand-in that was ended."""
    target.mkdir(parents=True, exist_ok=True)
    for part in source.parent.glob(f"{source.name}*"):
        shutil.copy(part, target / part.name)
    return target / source.name
