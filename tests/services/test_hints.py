"""Hints from Moodle: who is believed, what is done, and from the stand-in's socket to the results in the panel."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from flask_app import jobs
from flask_app.demo.candidates import complete_course
from flask_app.domain.errors import NotPermitted
from flask_app.services import hint_desk, job_desk, sitting_desk, training_desk
from flask_app.services.hint_desk import HintSecret
from flask_app.services.hints import KEPT, read
from flask_app.services.moodle_people import moodle_password
from flask_app.services.synchronisation import push_training
from flask_app.settings import Settings
from flask_app.store.locks import exclusive
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.jobs import JobProgress
from flask_app.store.models.moodle import Hint, HintAddress
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition
from flask_app.store.models.results import Attempt
from flask_app.store.models.testing import ExaminationForm
from flask_app.store.models.training import Enrolment
from flask_app.store.progress import ProgressBook
from flask_app.store.queue import TaskRegistry, TransactionalQueue
from flask_app.store.sealing import Sealer
from flask_app.store.worker import Worker
from flask_app.web import create_app
from tests.services.conftest import Stages
from tests.services.desk import NOW, FrozenClock, actor_with, new_body
from tests.services.ordering import MOODLE_COURSE, delivered
from tests.services.stages import CODE, RIGHT, Scene, nothing, sit, slip
from tests.web.serving import served

SAT = [number for number, right in RIGHT.items() if right is not None]
LATE = 6
"""The applicant who has not sat the test yet."""


@dataclass(frozen=True)
class Panel:
    """The panel with its queue and pages, and an address that Moodle was given."""

    scene: Scene
    app: Flask
    tasks: TaskRegistry
    made: HintSecret
    test: str

    def knock(self, body: bytes, *, address: UUID | None = None, secret: str = "", **headers: str) -> TestResponse:
        """A POST as Moodle sends it; `timestamp`, `signature` and `type` take another header's place."""
        stamp = headers.get("timestamp", str(round(NOW.timestamp())))
        own = signed(secret or self.made.secret, stamp, body)
        return self.app.test_client().post(
            f"/hooks/moodle/{address or self.made.address}",
            data=body,
            content_type=headers.get("type", "application/json"),
            headers={"X-Kyzmat-Timestamp": stamp, "X-Kyzmat-Signature": headers.get("signature", own)},
        )

    def body(self, **changed: object) -> bytes:
        """A hint as the plugin writes it."""
        plain = {
            "deliveryid": str(uuid4()),
            "event": "attempt_finished",
            "testidnumber": self.test,
            "useridnumber": str(uuid4()),
            "timemodified": round(NOW.timestamp()),
        }
        return json.dumps(plain | changed, ensure_ascii=False).encode()

    def jobs(self) -> list[JobProgress]:
        with self.scene.work() as work:
            return list(work.session.scalars(select(JobProgress).where(JobProgress.task == "pull_results")))

    def outcomes(self) -> list[str]:
        with self.scene.work() as work:
            return sorted(work.session.scalars(select(Hint.outcome)))

    def row(self) -> HintAddress:
        with self.scene.work() as work:
            return work.get(HintAddress, self.made.address)

    def logged(self, action: str) -> list[AuditEvent]:
        with self.scene.work() as work:
            return list(work.session.scalars(select(AuditEvent).where(AuditEvent.action == action)))

    def work_off(self) -> None:
        Worker(self.scene.database_url, self.tasks, first_pause=timedelta(minutes=5)).run(wait=False)


def signed(secret: str, stamp: str, body: bytes) -> str:
    """Spelt out anew: shares nothing with the panel."""
    return "v1=" + hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def panel_of(scene: Scene, home: Path) -> Panel:
    tasks = TaskRegistry()
    office = replace(scene.office, queue=TransactionalQueue(tasks))
    jobs.register(tasks, lambda: office, ProgressBook(office.sessions))  # type: ignore[arg-type]  # a sessionmaker
    scene = replace(scene, office=office)
    with scene.work() as work:
        made = hint_desk.renew(work)
        tests = work.session.scalars(select(ExaminationForm.test_idnumber).order_by(ExaminationForm.test_idnumber))
        return Panel(scene, create_app(office, Settings(home=home)), tasks, made, tests.all()[0])


@pytest.fixture
def panel(stages: Stages, clock: FrozenClock, tmp_path: Path) -> Iterator[Panel]:
    """Without a Moodle: to judge a hint needs none."""
    with stages.copy("sat", clock, tmp_path, online=False) as scene:
        yield panel_of(scene, tmp_path)


@pytest.fixture
def connected(sat: Scene, tmp_path: Path) -> Panel:
    sat.site.control("clock", offset=round(NOW.timestamp() - time.time()))
    return panel_of(sat, tmp_path)


def test_a_hint_queues_one_pull_and_says_nothing(panel: Panel) -> None:
    answer = panel.knock(panel.body())
    assert (answer.status_code, answer.get_data()) == (204, b"")
    assert "Set-Cookie" not in answer.headers
    (job,) = panel.jobs()
    assert (job.state, job.key) == ("waiting", sitting_desk.pull_key(panel.scene.competition))
    (event,) = panel.logged("hint.queued")
    assert (event.actor_login, event.object_id) == ("moodle", str(panel.scene.competition))
    assert (event.after["subject"], event.after["job"]) == (panel.test, str(job.id))


def test_ten_hints_are_one_pull(panel: Panel) -> None:
    assert [panel.knock(panel.body()).status_code for _ in range(10)] == [204] * 10
    assert len(panel.jobs()) == 1
    assert panel.outcomes() == ["known"] * 9 + ["queued"]
    assert len(panel.logged("hint.queued")) == 1
    assert panel.row().taken == 10


def test_the_same_delivery_is_taken_once_and_answered_each_time(panel: Panel) -> None:
    body = panel.body()
    later = str(round(NOW.timestamp()) + 200)
    assert [panel.knock(body).status_code, panel.knock(body).status_code] == [204, 204]
    assert panel.knock(body, timestamp=later).status_code == 204, "Moodle's own repeat has a new time"
    assert (panel.row().taken, panel.outcomes(), len(panel.jobs())) == (1, ["queued"], 1)


def test_what_is_not_believed_gets_one_answer_and_does_nothing(panel: Panel) -> None:
    body, now = panel.body(), round(NOW.timestamp())
    changed = body.replace(b"attempt_finished", b"attempt_deleted")
    answers = [
        panel.knock(body, secret="another"),
        panel.knock(body, signature=""),
        panel.knock(body, signature="v1="),
        panel.knock(body, signature="v1=é"),
        panel.knock(body, signature=signed(panel.made.secret, str(now), body).upper()),
        panel.knock(changed, signature=signed(panel.made.secret, str(now), body)),
        panel.knock(body, timestamp=str(now + 1), signature=signed(panel.made.secret, str(now), body)),
        panel.knock(body, address=uuid4()),
        panel.knock(body, timestamp=str(now - 301)),
        panel.knock(body, timestamp=str(now + 301)),
        panel.knock(body, timestamp=""),
        panel.knock(body, timestamp=f"{now}.0"),
        panel.knock(body, timestamp=f" {now}"),
        panel.knock(body, timestamp="9" * 40),
    ]
    seen = {(one.status_code, one.get_data(), *sorted(set(one.headers.keys()))) for one in answers}
    assert len(seen) == 1
    assert answers[0].status_code == 401
    assert (panel.jobs(), panel.outcomes(), panel.logged("hint.queued")) == ([], [], [])
    row = panel.row()
    assert (row.taken, row.refused, row.refused_why) == (0, len(answers) - 1, "time")
    assert panel.knock(body).status_code == 204, "a forged copy first does not use the delivery up"


@pytest.mark.parametrize("apart", [-300, 300])
def test_five_minutes_either_way_are_borne(panel: Panel, apart: int) -> None:
    assert panel.knock(panel.body(), timestamp=str(round(NOW.timestamp()) + apart)).status_code == 204


def test_what_is_no_hint_is_not_kept(panel: Panel) -> None:
    for body in (b"", b"[]", b"\xff", b"{", b"[" * 5000, b'"hint"', panel.body(deliveryid=7), panel.body(event="")):
        assert panel.knock(body).status_code == 400, body[:20]
    for changed in ({"testidnumber": ""}, {"testidnumber": "a\x00b"}, {"deliveryid": "x" * 65}, {"deliveryid": "a b"}):
        assert panel.knock(panel.body(**changed)).status_code == 400, changed
    assert panel.knock(b'{"deliveryid":"1","event":"attempt_finished","testidnumber":"\\ud800"}').status_code == 400
    assert (panel.jobs(), panel.outcomes(), panel.row().refused_why) == ([], [], "body")


def test_what_is_too_long_or_no_json_is_not_looked_at(panel: Panel) -> None:
    longest = panel.body(useridnumber="x" * 8000)
    assert panel.knock(longest).status_code == 204
    assert panel.knock(panel.body(useridnumber="x" * 9000)).status_code == 413
    assert panel.knock(b"x" * 1_000_000, address=uuid4()).status_code == 413
    for type_ in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        assert panel.knock(panel.body(), type=type_).status_code == 415
        assert panel.knock(panel.body(), type=type_, address=uuid4()).status_code == 415
    assert panel.row().refused == 0, "not even counted"
    assert panel.app.test_client().get(f"/hooks/moodle/{panel.made.address}").status_code == 405


def test_events_nobody_knows_and_tests_of_nobody_are_taken_and_left(panel: Panel) -> None:
    for body in (
        panel.body(event="attempt_reopened"),
        panel.body(testidnumber="no-such-test"),
        panel.body(event="completion", courseidnumber="NO-SUCH-COURSE"),
    ):
        assert panel.knock(body).status_code == 204
    assert panel.outcomes() == ["other", "unknown", "unknown"]
    assert panel.jobs() == []


def test_another_bodys_sitting_is_not_touched(panel: Panel) -> None:
    """Moodle of body B, rightly signed for B's address, names A's test: B has no such test."""
    office = panel.scene.office
    other = actor_with(office, new_body(office), "administrator")
    with office.work(other) as work:
        theirs = hint_desk.renew(work)
    assert panel.knock(panel.body(), address=theirs.address, secret=theirs.secret).status_code == 204
    assert panel.knock(panel.body(), address=theirs.address).status_code == 401, "our secret is not good there"
    assert panel.jobs() == []
    with office.work(other) as work:
        standing = hint_desk.standing(work)
        assert standing is not None
        assert ([row.outcome for row in standing.recent], standing.refused) == (["unknown"], 1)
    assert panel.outcomes() == [], "and A hears nothing of it"


def test_at_a_stage_where_nothing_is_pulled_nothing_is_queued(panel: Panel) -> None:
    with panel.scene.work() as work:
        work.get(Competition, panel.scene.competition).state = "cancelled"
    assert panel.knock(panel.body()).status_code == 204
    assert (panel.outcomes(), panel.jobs()) == (["closed"], [])


def test_a_check_is_noted_and_pulls_nothing(panel: Panel) -> None:
    body = json.dumps({"deliveryid": str(uuid4()), "event": "check", "timemodified": 1}).encode()
    assert [panel.knock(body).status_code, panel.knock(body).status_code] == [204, 204]
    row = panel.row()
    assert (row.checked_at, row.hinted_at, row.taken) == (NOW, None, 0)
    assert (panel.jobs(), panel.outcomes()) == ([], ["check"])


def test_the_former_secret_is_good_until_moodle_uses_the_new_one(panel: Panel) -> None:
    with panel.scene.work() as work:
        new = hint_desk.renew(work)
    assert new.address == panel.made.address
    assert panel.knock(panel.body()).status_code == 204, "Moodle does not know the new one yet"
    with panel.scene.work() as work:
        newer = hint_desk.renew(work)
    assert panel.knock(panel.body()).status_code == 204, "nor this one"
    assert panel.knock(panel.body(), secret=new.secret).status_code == 401, "which nobody was told"
    assert panel.knock(panel.body(), secret=newer.secret).status_code == 204
    assert panel.knock(panel.body()).status_code == 401, "now it does"


def test_a_confirmed_secret_ends_the_former_at_once(panel: Panel) -> None:
    with panel.scene.work() as work:
        hint_desk.note_told(work, hint_desk.renew(work), "https://panel.example/hooks")
    assert panel.knock(panel.body()).status_code == 401
    with panel.scene.work() as work:
        hint_desk.take_back(work)
    assert panel.knock(panel.body()).status_code == 401


def test_a_secret_sealed_with_another_key_is_said_to_the_administrator_only(panel: Panel, tmp_path: Path) -> None:
    office = replace(panel.scene.office, sealer=Sealer(b"another key of the installation" * 2))
    moved = replace(panel, app=create_app(office, Settings(home=tmp_path)))
    assert moved.knock(panel.body()).status_code == 401
    assert panel.row().refused_why == "sealed"


def test_deliveries_are_forgotten_after_a_week(panel: Panel) -> None:
    clock = panel.scene.office.clock
    assert isinstance(clock, FrozenClock)
    panel.knock(panel.body())
    clock.forward(KEPT + timedelta(seconds=1))
    panel.knock(panel.body(), timestamp=str(round(clock.now().timestamp())))
    assert len(panel.outcomes()) == 1


def test_only_an_administrator_sets_changes_or_stops(panel: Panel) -> None:
    for role in ("hr_officer", "commission_secretary", "bank_editor", "auditor"):
        actor = actor_with(panel.scene.office, panel.scene.actor.body_id, role)
        for act in (hint_desk.renew, hint_desk.take_back):
            with pytest.raises(NotPermitted), panel.scene.work(actor) as work:
                act(work)
        with pytest.raises(NotPermitted):
            hint_desk.tell(panel.scene.office, actor, panel.made, "https://panel.example/")
    assert panel.knock(panel.body()).status_code == 204


def test_the_secret_stands_nowhere_but_sealed(panel: Panel) -> None:
    panel.knock(panel.body())
    with panel.scene.work() as work:
        assert panel.made.secret not in repr(hint_desk.standing(work)) + repr(panel.made)
        for table in ("hint_address", "hint", "audit_event", "job_progress", "procrastinate_jobs"):
            kept = work.session.scalars(text(f"SELECT t::text FROM {table} t")).all()
            assert not [row for row in kept if panel.made.secret in row or panel.made.secret.encode().hex() in row]


# -- from Moodle's socket to the results -------------------------------------------------------------------------------


def attempts(panel: Panel) -> int:
    with panel.scene.work() as work:
        return work.session.scalar(select(func.count()).select_from(Attempt)) or 0


def hurry(panel: Panel) -> UUID:
    """A person asks for the same pull: it is the job that waits, and begins now."""
    with panel.scene.work() as work:
        arguments = {"competition": str(panel.scene.competition)}
        return job_desk.queue_job(work, "pull_results", arguments, key=sitting_desk.pull_key(panel.scene.competition))


def test_a_test_handed_in_at_moodle_comes_into_the_panel_by_itself(connected: Panel) -> None:
    site, office, actor = connected.scene.site, connected.scene.office, connected.scene.actor
    with served(connected.app) as address:
        url = f"{address}/hooks/moodle/{connected.made.address}"
        hint_desk.tell(office, actor, connected.made, url)
        hint_desk.tell(office, actor, connected.made, url)  # a lost reply, asked again
        sit(connected.scene, LATE, 33)
        attempt = site.control("attempt_ids", testidnumber=slip(connected.scene, LATE)[2])["attempts"]
        site.control("regrade", attemptid=attempt[str(connected.scene.person(LATE))])
        assert site.control("cron")["delivered"] == 2
    assert connected.outcomes() == ["known", "queued"]
    (job,) = connected.jobs()
    connected.work_off()
    assert attempts(connected) == 0, "it waits for others who hand in now"
    assert hurry(connected) == job.id
    connected.work_off()
    assert attempts(connected) == len(SAT) + 1
    (done,) = connected.jobs()
    assert done.state == "done"


def test_moodle_is_asked_whether_it_reaches_the_panel(connected: Panel) -> None:
    office, actor = connected.scene.office, connected.scene.actor

    def found() -> dict[str, Any]:
        asked = {finding.code: finding for finding in office.moodle.examine(office.clock)}
        with connected.scene.work() as work:
            own = hint_desk.findings(work, office.clock.now(), set(asked))
            return asked | {finding.code: finding for finding in own}

    assert {"doctor.push_off", "hints.not_told"} <= set(found())
    with served(connected.app) as address:
        hint_desk.tell(office, actor, connected.made, f"{address}/hooks/moodle/{connected.made.address}")
        assert {"doctor.push_reached", "hints.reached"} <= set(found())
        hint_desk.tell(office, actor, replace(connected.made, generation=2), f"{address}/health")
    clock = office.clock
    assert isinstance(clock, FrozenClock)
    clock.forward(timedelta(seconds=1))
    assert "doctor.push_unreachable" in found(), "the panel is down"
    with served(connected.app) as address:
        wrong = replace(connected.made, generation=3, secret="another")
        hint_desk.tell(office, actor, wrong, f"{address}/hooks/moodle/{connected.made.address}")
        assert {"doctor.push_refused", "hints.refused_signature"} <= set(found())
    hint_desk.stop(office, actor, "off-1")
    assert "doctor.push_off" in found()


def test_a_hint_that_comes_while_another_pull_runs_is_not_lost(connected: Panel) -> None:
    connected.knock(connected.body())
    hurry(connected)
    with exclusive(connected.scene.office.sessions, f"results:{CODE}:{connected.scene.actor.body_id}") as alone:
        assert alone
        connected.work_off()
    (job,) = connected.jobs()
    assert (job.state, job.message_code) == ("waiting", "results.pulling")
    hurry(connected)
    connected.work_off()
    assert attempts(connected) == len(SAT)


def test_a_course_completed_at_moodle_comes_into_the_order_by_itself(synced: Scene) -> None:
    """From the mark of the last activity to the outcome of the enrolment."""
    site, tasks = synced.site, TaskRegistry()
    site.control("clock", offset=round(NOW.timestamp() - time.time()))
    site.ensure_course(MOODLE_COURSE, "Этика", ("Лекция", "Задание"))
    order = delivered(synced)
    office = replace(synced.office, queue=TransactionalQueue(tasks))
    jobs.register(tasks, lambda: office, ProgressBook(office.sessions))  # type: ignore[arg-type]  # a sessionmaker
    push_training(office, synced.actor, order.id, nothing)
    with office.work(synced.actor) as work:
        made = hint_desk.renew(work)
        row = work.get(Person, order.people[0])
        username, password = row.moodle_username, moodle_password(work, row)
    with served(create_app(office, Settings())) as address:
        hint_desk.tell(office, synced.actor, made, f"{address}/hooks/moodle/{made.address}")
        complete_course(site.url, username, password, MOODLE_COURSE)
        assert site.control("cron")["delivered"] == 1
    with office.work(synced.actor) as work:
        assert work.session.scalars(select(Hint.outcome)).all() == ["queued"]
        key = training_desk.pull_key(order.id)
        job_desk.queue_job(work, "pull_completions", {"order": str(order.id)}, key=key)
    Worker(synced.database_url, tasks).run(wait=False)
    with office.work(synced.actor) as work:
        (job,) = work.session.scalars(select(JobProgress).where(JobProgress.key == key))
        assert job.state == "done"
        done = work.session.scalars(select(Enrolment.person_id).where(Enrolment.completed_at.is_not(None))).all()
        assert done == [order.people[0]]


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_reading_never_raises(body: bytes) -> None:
    told = read(body)
    assert told is None or told.delivery
