"""Synchronisation: one at a time, resumable, its runs on record; a Moodle that is away keeps the work waiting."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from connector.moodle.gateway import MoodleConnector
from flask_app import jobs
from flask_app.domain.errors import NotPermitted, NotUnderstood, OutsideError, Refused, RefusedOutside, Unreachable
from flask_app.domain.identity import AUDITOR
from flask_app.ports.moodle import Wanted
from flask_app.services.banks import load_bank, wanted_banks
from flask_app.services.shipped_banks import read_shipped_banks
from flask_app.services.synchronisation import apply, apply_banks, plan, sync_banks
from flask_app.store.locks import exclusive
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.jobs import JobProgress
from flask_app.store.models.moodle import SyncOperation, SyncRun
from flask_app.store.progress import ProgressBook
from flask_app.store.queue import TaskRegistry, TransactionalQueue
from flask_app.store.worker import Worker
from tests.services.desk import actor_with
from tests.services.stages import COURSE, RIGHT, Scene, nothing
from tests.services.test_banks import reworded

SAT = sum(right is not None for right in RIGHT.values())


@pytest.fixture
def changed(synced: Scene) -> Scene:
    """Three questions wait to be brought to Moodle."""
    bank = next(bank for bank in read_shipped_banks() if bank.id == "general")
    with synced.work() as work:
        load_bank(work, reworded(bank, 3))
    return synced


STEPS = 3
"""Of the plan for `changed`; the stage's own runs had more."""


def last_run(scene: Scene) -> tuple[str, str, dict[str, Any]]:
    with scene.work() as work:
        row = work.session.scalars(select(SyncRun).where(SyncRun.steps == STEPS)).one()
        return row.subject, row.state, row.report


def sync(scene: Scene) -> int:
    made, _ = sync_banks(scene.office, scene.actor, COURSE, nothing)
    return len(made.steps)


def at(scene: Scene, url: str, token: str = "") -> Scene:
    return replace(scene, office=replace(scene.office, moodle=MoodleConnector(url, token or scene.site.token)))


def test_one_at_a_time(changed: Scene) -> None:
    with exclusive(changed.office.sessions, f"sync:{changed.actor.body_id}"), pytest.raises(Refused) as refused:
        sync(changed)
    assert refused.value.code == "sync.running"
    assert sync(changed) == 3


def test_two_at_once_do_the_work_once(changed: Scene) -> None:
    before = changed.site.control("state")["questions"]
    outcomes: list[object] = []

    def run() -> None:
        try:
            outcomes.append(sync(changed))
        except Refused as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 3
    assert 3 in outcomes
    assert set(outcomes) <= {3, 0, "sync.running"}
    assert changed.site.control("state")["questions"] == before + 3
    assert sync(changed) == 0


def test_a_run_is_on_record(changed: Scene) -> None:
    sync(changed)
    subject, state, report = last_run(changed)
    assert (subject, state) == ("banks", "applied")
    assert (report["items"], report["failures"]) == (3, 0)
    with changed.work() as work:
        actions = work.session.scalars(
            select(AuditEvent.action).where(AuditEvent.object_type == "sync_run").order_by(AuditEvent.id)
        ).all()
        assert actions[-2:] == ["sync.begun", "sync.applied"]


def test_a_run_of_a_dead_process_is_closed_by_the_next(changed: Scene) -> None:
    with changed.work() as work:
        work.add(SyncRun(subject="banks", plan_hash="dead", state="applying", steps=3, report={}, started_at=work.now))
    assert sync(changed) == 3
    with changed.work() as work:
        dead = work.session.scalars(select(SyncRun).where(SyncRun.plan_hash == "dead")).one()
        assert (dead.state, dead.ended_at is not None) == ("interrupted", True)


def test_a_failed_run_keeps_its_reason(changed: Scene) -> None:
    changed.site.control("fault", fault="html", wsfunction="local_kyzmat_import_questions", times=10)
    with pytest.raises(OutsideError) as refused:
        sync(changed)
    subject, state, report = last_run(changed)
    assert (subject, state) == ("banks", "failed")
    assert report["error"] == refused.value.code
    changed.site.control("no_faults")
    assert sync(changed) == 3


def test_a_call_whose_outcome_nobody_knows_is_settled(changed: Scene) -> None:
    """The stand-in does the work and dies before it answers; the next run finds it done and does nothing twice."""
    before = changed.site.control("state")["questions"]
    changed.site.control("fault", fault="kill", moment="after", wsfunction="local_kyzmat_import_questions")
    with pytest.raises(Unreachable):
        sync(changed)
    changed.site.wait()
    with changed.work() as work:
        assert work.session.scalars(select(SyncOperation).where(SyncOperation.state == "sent")).all()
    changed.site.start()
    sync(changed)
    with changed.work() as work:
        assert work.session.scalars(select(SyncOperation).where(SyncOperation.state == "sent")).all() == []
    assert changed.site.control("state")["questions"] == before + 3
    assert sync(changed) == 0


def test_exactly_the_reviewed_plan_is_applied(changed: Scene) -> None:
    with changed.work() as work:
        made = plan(changed.office, changed.actor, Wanted(banks=wanted_banks(work, COURSE)))
    forged = replace(made, steps=made.steps[:1])
    with pytest.raises(Refused) as refused:
        apply(changed.office, changed.actor, forged, nothing, subject="banks")
    assert refused.value.code == "sync.plan_changed"
    assert apply_banks(changed.office, changed.actor, made, nothing) is not None


def test_who_may_not_sync_does_not(changed: Scene) -> None:
    auditor = actor_with(changed.office, changed.actor.body_id, AUDITOR)
    with pytest.raises(NotPermitted):
        sync(replace(changed, actor=auditor))


# --------------------------------------------------------------------------------------------------- Moodle is away


class Page(http.server.BaseHTTPRequestHandler):
    """A network that answers everything with its own page."""

    def do_POST(self) -> None:
        body = b"<html><body>Log in to the network</body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing to the terminal."""


@contextmanager
def captive_portal() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_a_moodle_that_is_down_is_told_and_waited_for(changed: Scene) -> None:
    changed.site.stop()
    with pytest.raises(Unreachable) as refused:
        sync(changed)
    assert refused.value.code.startswith("moodle.")
    changed.site.start()
    assert sync(changed) == 3


def test_a_page_instead_of_an_answer_is_not_understood(changed: Scene) -> None:
    with captive_portal() as url, pytest.raises(NotUnderstood) as refused:
        sync(at(changed, url))
    assert refused.value.code.startswith("moodle.")
    assert sync(changed) == 3


def test_a_wrong_token_is_refused(changed: Scene) -> None:
    with pytest.raises(RefusedOutside) as refused:
        sync(at(changed, changed.site.url, "wrong-token"))
    assert refused.value.code == "moodle.invalidtoken"
    assert "wrong-token" not in str(refused.value)


# ------------------------------------------------------------------------------------------------------ as jobs


class Desk:
    """The scene's office with a queue and a worker of its own."""

    def __init__(self, scene: Scene) -> None:
        self.tasks = TaskRegistry()
        self.office = replace(scene.office, queue=TransactionalQueue(self.tasks))
        self.scene = replace(scene, office=self.office)
        jobs.register(
            self.tasks, lambda: self.office, ProgressBook(cast("sessionmaker[Session]", self.office.sessions))
        )

    def put(self, task: str, **arguments: str) -> UUID:
        with self.scene.work() as work:
            wishes = {"login": self.scene.actor.login, **arguments}
            return self.office.queue.put(work.session, task, wishes, key=task, body_id=work.actor.body_id)

    def run(self) -> None:
        """Everything that is due; what is to be tried again is due much later."""
        Worker(self.scene.database_url, self.tasks, first_pause=timedelta(minutes=10)).run(wait=False)

    def progress(self, job: UUID) -> tuple[str, str]:
        with self.office.sessions() as session:
            row = session.scalars(select(JobProgress).where(JobProgress.id == job)).one()
            return row.state, row.message_code


@pytest.fixture
def desk(changed: Scene) -> Desk:
    """A user whose rights are in the database: a job looks them up by its login."""
    officer = actor_with(
        changed.office, changed.actor.body_id, "bank_editor", "commission_secretary", "training_officer"
    )
    return Desk(replace(changed, actor=officer))


def test_a_job_waits_while_moodle_is_away_and_goes_on(desk: Desk) -> None:
    desk.scene.site.stop()
    job = desk.put("sync_banks", course=COURSE)
    desk.run()
    state, code = desk.progress(job)
    assert state == "waiting"
    assert code.startswith("moodle.")
    desk.run()
    assert desk.progress(job) == (state, code), "it is not yet due"
    desk.scene.site.start()
    assert desk.put("sync_banks", course=COURSE) == job, "asked for again it is the same job, brought forward"
    desk.run()
    assert desk.progress(job)[0] == "done"
    assert sync(desk.scene) == 0


def test_a_job_that_is_refused_says_so_and_ends(desk: Desk) -> None:
    desk.office = replace(desk.office, moodle=MoodleConnector(desk.scene.site.url, "wrong-token"))
    job = desk.put("sync_banks", course=COURSE)
    desk.run()
    assert desk.progress(job) == ("failed", "moodle.invalidtoken")
