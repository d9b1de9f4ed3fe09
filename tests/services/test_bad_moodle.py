"""Everything a Moodle may do wrong, over real sockets: the message names the cause and the cure, and nothing is lost.

Each case spoils the site, queues the same job and lets it run: its row shows what is wrong in every language; a site
that is ill or away keeps the job waiting, a refusal that a person has to mend ends it. When the site is mended the job
goes on, or is asked for again, and exactly what was wanted is there, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from connector.moodle.doctor import examine
from connector.moodle.gateway import MoodleConnector
from connector.transport import RetryPolicy, TransportOptions
from flask_app.domain.errors import Refused
from flask_app.messages import LANGUAGES, explain
from flask_app.messages.catalogue import catalogue
from flask_app.ports.moodle import ApplyReport, ForeignDecision, ItemReport, Wanted, WantedPerson
from flask_app.services.banks import load_bank, wanted_banks
from flask_app.services.results import pull_results
from flask_app.services.synchronisation import _insist, apply_banks, plan, push_session, reason_of, sync_banks
from flask_app.services.test_sessions import draw_forms, schedule_session, session_of, wanted_session
from flask_app.store.models.banks import BankQuestion
from flask_app.store.models.jobs import JobProgress
from flask_app.store.models.testing import ExaminationForm, FormItem
from tests.services.conftest import Stages
from tests.services.desk import FrozenClock, actor_with
from tests.services.stages import COURSE, RIGHT, Scene, admit, nothing, session
from tests.services.test_kill import edition
from tests.services.test_synchronisation import Desk

SHORT = TransportOptions(read_timeout=1.0, retry=RetryPolicy(attempts=2, base=0.0))
IMPORT = "local_kyzmat_import_questions"


@dataclass
class Ward:
    """One synced panel that falls ill again and again; `number` counts the editions of its bank."""

    desk: Desk
    number: int = 0

    @property
    def scene(self) -> Scene:
        return self.desk.scene

    def fresh_work(self) -> UUID:
        """Three changed questions, and the job that is to bring them."""
        self.number += 1
        with self.scene.work() as work:
            load_bank(work, edition(self.number))
        return self.desk.put("sync_banks", course=COURSE)

    def message(self, job: UUID) -> tuple[str, str, dict[str, object]]:
        with self.desk.office.sessions() as work:
            row = work.scalars(select(JobProgress).where(JobProgress.id == job)).one()
            return row.state, row.message_code, row.params

    def setting(self, name: str, value: object) -> None:
        self.scene.site.control("setting", name=name, value=value)


@pytest.fixture(scope="module")
def ward(stages: Stages, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    with stages.copy("synced", FrozenClock(), tmp_path_factory.mktemp("ward")) as scene:
        office = replace(scene.office, moodle=MoodleConnector(scene.site.url, scene.site.token, SHORT))
        roles = ("bank_editor", "commission_secretary", "training_officer")
        officer = actor_with(office, scene.actor.body_id, *roles)
        yield Ward(Desk(replace(scene, office=office, actor=officer)))


def fault(kind: str, moment: str = "after", seconds: float = 0.0) -> Callable[[Ward], None]:
    def spoil(ward: Ward) -> None:
        wishes = {"fault": kind, "moment": moment, "seconds": seconds, "wsfunction": IMPORT, "times": 8}
        ward.scene.site.control("fault", **wishes)

    return spoil


def setting(name: str, value: object) -> Callable[[Ward], None]:
    return lambda ward: ward.setting(name, value)


CASES = {
    "missing capability": (setting("denied", ["moodle/question:add"]), "failed", "moodle.nopermissions"),
    "expired token": (setting("token", "expired"), "failed", "moodle.accessexception"),
    "token gone": (setting("token", "gone"), "failed", "moodle.invalidtoken"),
    "maintenance": (setting("maintenance", "cli"), "waiting", "moodle.maintenance"),
    "web services off": (setting("webservices", "off"), "failed", "moodle.ws_disabled"),
    "PHP notice before the answer": (fault("notice"), "waiting", "moodle.php_notice"),
    "HTML": (fault("html"), "waiting", "moodle.html"),
    "half a reply": (fault("half"), "waiting", "moodle.half_reply"),
    "half a reply, nothing done": (fault("half", "before"), "waiting", "moodle.half_reply"),
    "silence": (fault("slow", "after", 1.3), "waiting", "moodle.timeout"),
    "out of memory": (fault("memory", "before"), "waiting", "moodle.php_limit"),
    "PHP error": (fault("typeerror", "before"), "failed", "moodle.refused"),
    "database away": (fault("dbconnectionfailed", "before"), "waiting", "moodle.busy"),
}


def mended(ward: Ward) -> None:
    ward.scene.site.control("no_faults")
    for name, value in {"denied": [], "token": "valid", "maintenance": "off", "webservices": "on"}.items():
        ward.setting(name, value)
    office_moodle(ward).session.breaker.try_now()  # somebody says that the site is mended


def office_moodle(ward: Ward) -> MoodleConnector:
    moodle = ward.desk.office.moodle
    assert isinstance(moodle, MoodleConnector)
    return moodle


@pytest.mark.parametrize("case", sorted(CASES))
def test_the_message_says_why_and_the_job_is_not_lost(ward: Ward, case: str) -> None:
    spoil, state, code = CASES[case]
    before = ward.scene.site.control("state")
    job = ward.fresh_work()
    spoil(ward)
    ward.desk.run()
    found = ward.message(job)
    mended(ward)
    assert found[:2] == (state, code)
    for language in LANGUAGES:
        told = explain(code, language, found[2])
        assert told.why, language
        assert told.cure, language
        assert "{" not in str(told)
    again = ward.desk.put("sync_banks", course=COURSE)
    assert (again == job) == (state == "waiting"), "what waits is the same job, brought forward"
    ward.desk.run()
    assert ward.message(again)[0] == "done"
    after = ward.scene.site.control("state")
    assert (after["entries"], after["questions"]) == (before["entries"], before["questions"] + 3)
    assert sync_banks(ward.desk.office, ward.scene.actor, COURSE, nothing)[0].steps == ()


def test_a_missing_capability_is_named(ward: Ward) -> None:
    job = ward.fresh_work()
    ward.setting("denied", ["moodle/question:add"])
    ward.desk.run()
    told = explain("moodle.nopermissions", "ru", ward.message(job)[2])
    mended(ward)
    assert "moodle/question:add" in told.text
    sync_banks(ward.desk.office, ward.scene.actor, COURSE, nothing)


def test_clocks_that_differ_by_a_day_lose_nothing_and_are_told(ward: Ward) -> None:
    """Synchronising goes by versions and cursors, never by the clock; the examination says what it means for tests."""
    for advance in (86_400, -86_400):
        ward.fresh_work()
        ward.scene.site.control("clock", advance=advance)
        ward.desk.run()
        assert sync_banks(ward.desk.office, ward.scene.actor, COURSE, nothing)[0].steps == ()
    ward.scene.site.control("clock", advance=86_400)
    findings = {found.code: found for found in examine(office_moodle(ward).client, ward.desk.office.clock)}
    ward.scene.site.control("clock", advance=-86_400)
    apart = findings["doctor.clock_apart"]
    assert apart.level == "bad"
    assert abs(int(str(apart.params["seconds"]))) > 86_000
    assert explain(apart.code, "ky", apart.params).cure


def test_a_bank_with_questions_of_other_people(ward: Ward) -> None:
    """What others made in the same bank is left alone; where it stands in the way it stops the apply and is named."""
    bank = wanted_bank(ward)
    wish = {"bankidnumber": bank, "categorypath": "top", "text": "Чужой вопрос"}
    ward.scene.site.control("add_question", idnumber="stranger-1", **wish)
    assert sync_banks(ward.desk.office, ward.scene.actor, COURSE, nothing)[0].steps == ()
    with ward.scene.work() as work:
        name = work.session.scalars(select(BankQuestion.idnumber).where(BankQuestion.idnumber.like("%.ru"))).first()
    assert name is not None
    owner = next(b.bank for b in wanted(ward).banks if name in {q.idnumber for q in b.questions})
    ward.scene.site.control("edit_question", bankidnumber=owner, idnumber=name, text="Чужая правка")
    before = ward.scene.site.control("state")
    with pytest.raises(Refused) as refused:
        sync_banks(ward.desk.office, ward.scene.actor, COURSE, nothing)
    assert (refused.value.code, refused.value.params["idnumber"]) == ("sync.foreign_change", name)
    assert ward.scene.site.control("state") == before
    told = explain("sync.foreign_change", "ru", refused.value.params)
    assert name in told.text
    assert told.cure
    decide(ward)


def wanted(ward: Ward) -> Wanted:
    with ward.scene.work() as work:
        return Wanted(banks=wanted_banks(work, COURSE))


def wanted_bank(ward: Ward) -> str:
    return wanted(ward).banks[0].bank


def decide(ward: Ward) -> None:
    """The panel's text takes the place of the edit, by a decision about its very version."""
    made = plan(ward.desk.office, ward.scene.actor, wanted(ward))
    decisions = tuple(ForeignDecision(s.target, s.idnumber, s.expected_version) for s in made.blocked)
    decided = plan(ward.desk.office, ward.scene.actor, replace(wanted(ward), decisions=decisions))
    apply_banks(ward.desk.office, ward.scene.actor, decided, nothing)
    assert sync_banks(ward.desk.office, ward.scene.actor, COURSE, nothing)[0].steps == ()


# --------------------------------------------------------------------------------------------------- people and tests


def refused_push(scene: Scene) -> Refused:
    with pytest.raises(Refused) as refused:
        push_session(scene.office, scene.actor, scene.competition, nothing)
    told = explain(refused.value.code, "ru", refused.value.params)
    assert told.cure
    assert "{" not in str(told)
    return refused.value


def test_a_person_who_is_there_under_another_idnumber(screening_online: Scene) -> None:
    scene = screening_online
    admit(scene)
    with scene.work() as work:
        schedule_session(work, scene.competition, session())
        draw_forms(work, scene.competition)
        found = session_of(work, scene.competition)
        assert found is not None
        first = wanted_session(work, found).people[0]
    stranger = WantedPerson("somebody-else", first.username, "Бөтөн", "Адам", "ky")
    moodle = scene.office.moodle
    assert isinstance(moodle, MoodleConnector)
    moodle.client.save_people("by.hand.1", [stranger])
    refused = refused_push(scene)
    assert (refused.code, refused.params["n"], refused.params["first"]) == ("sync.person_taken", 1, first.username)
    assert [other.code for other in refused.others] == ["sync.person_missing"], "and so the person has no place"
    moodle.client.save_people("by.hand.2", [replace(stranger, username="renamed")])
    report = push_session(scene.office, scene.actor, scene.competition, nothing)
    assert report is not None
    assert report.failures == ()


def test_a_test_that_people_sit_already(sat: Scene) -> None:
    """Another question on the form of a test that has begun: refused by Moodle, told, and the test stays as it was."""
    with sat.work() as work:
        form = work.session.scalars(select(ExaminationForm).order_by(ExaminationForm.test_idnumber)).first()
        assert form is not None
        items = work.session.scalars(select(FormItem).where(FormItem.form_id == form.id).order_by(FormItem.slot)).all()
        name, before = form.test_idnumber, items[0].version
        used = {item.question_idnumber for item in items}
        spare = work.session.scalars(
            select(BankQuestion).where(
                BankQuestion.idnumber.like(f"%.{form.language}"), BankQuestion.idnumber.notin_(used)
            )
        ).first()
        assert spare is not None
        kept = items[0].question_idnumber
        items[0].question_idnumber, items[0].version = spare.idnumber, spare.moodle_version
    refused = refused_push(sat)
    assert (refused.code, refused.params["first"]) == ("sync.test_begun", name)
    with sat.work() as work:
        item = work.session.scalars(
            select(FormItem).where(FormItem.question_idnumber == spare.idnumber, FormItem.form_id == form.id)
        ).one()
        item.question_idnumber, item.version = kept, before
    pulled = pull_results(sat.office, sat.actor, sat.competition)
    assert (pulled.new, pulled.unexplained) == (sum(right is not None for right in RIGHT.values()), 0)


ITEMS = [
    (ItemReport("save_person", "", "p", "conflict", "username x belongs to another person"), "sync.person_taken"),
    (
        ItemReport("save_person", "", "p", "conflict", "an administrator of the site is not changed by the panel"),
        "sync.person_administrator",
    ),
    (ItemReport("save_enrolment", "c", "p", "missing", "there is no such person"), "sync.person_missing"),
    (ItemReport("save_enrolment", "c", "p", "missing", "unknowncourse"), "sync.course_missing"),
    (ItemReport("save_test", "c", "t", "conflict", "testhasattempts"), "sync.test_begun"),
    (ItemReport("save_test", "c", "t", "invalid", "invalidquestion"), "sync.test_question_missing"),
    (ItemReport("new_version", "b", "q", "conflict", "expected version 1, found 2"), "sync.question_changed"),
    (ItemReport("retire_question", "b", "q", "conflict", "changed since the plan was made"), "sync.overtaken"),
    (ItemReport("create_question", "b", "q", "invalid", "E_TOO_FEW_ANSWERS at 1:8"), "sync.items_failed"),
]


@pytest.mark.parametrize(("item", "code"), ITEMS)
def test_every_item_has_its_reason(item: ItemReport, code: str) -> None:
    assert reason_of(item) == code
    with pytest.raises(Refused) as refused:
        _insist(ApplyReport("h", (item,), 1, 0), Wanted())
    for language in LANGUAGES:
        told = explain(code, language, refused.value.params)
        assert item.idnumber in told.text
        assert told.cure


def test_several_reasons_are_all_told() -> None:
    with pytest.raises(Refused) as refused:
        _insist(ApplyReport("h", tuple(item for item, _ in ITEMS) * 2, 1, 0), Wanted())
    codes = [refused.value.code, *(other.code for other in refused.value.others)]
    assert sorted(codes) == sorted({code for _, code in ITEMS})
    assert refused.value.params["n"] == 2


def test_no_sentence_of_an_item_is_left_over(tmp_path: Path) -> None:
    told = {code for code in catalogue() if code.startswith(("sync.person_", "sync.course_", "sync.test_"))}
    assert told <= {code for _, code in ITEMS}
