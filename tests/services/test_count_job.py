"""The count as a job: it follows whatever brings answers or new versions, once for many, and can be hurried."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from flask_app.domain.identity import BANK_EDITOR, HR_OFFICER
from flask_app.services.item_statistics import ask_to_count, bank_statistics
from flask_app.services.results import pull_results
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.banks import QuestionBank
from flask_app.store.models.jobs import JobProgress
from tests.services.desk import actor_with
from tests.services.stages import COURSE, RIGHT, Scene
from tests.services.test_synchronisation import Desk

SAT = sum(right is not None for right in RIGHT.values())


@pytest.fixture
def desk(sat: Scene) -> Desk:
    """Somebody who pulls results and may see right answers, with a queue and a worker."""
    officer = actor_with(sat.office, sat.actor.body_id, HR_OFFICER, BANK_EDITOR)
    return Desk(replace(sat, actor=officer))


def pull(desk: Desk, **arguments: str) -> None:
    desk.put("pull_results", competition=str(desk.scene.competition), **arguments)
    desk.run()


def counts(desk: Desk) -> list[JobProgress]:
    with desk.scene.work() as work:
        return list(work.session.scalars(select(JobProgress).where(JobProgress.task == "count_figures")))


def bank(desk: Desk) -> UUID:
    with desk.scene.work() as work:
        return work.session.scalars(select(QuestionBank.id).where(QuestionBank.code == "general")).one()


def hurry(desk: Desk) -> UUID:
    """The button."""
    with desk.scene.work() as work:
        job = ask_to_count(work, bank(desk))
    desk.run()
    return job


def attempts(desk: Desk) -> int | None:
    with desk.scene.work() as work:
        counted = bank_statistics(work, bank(desk)).counted
        return None if counted is None else counted.attempts


def test_a_pull_that_brings_attempts_has_them_counted(desk: Desk) -> None:
    """The count waits for what else may come; whoever does not want to wait has the same job begin at once."""
    pull(desk)
    (job,) = counts(desk)
    assert (job.state, attempts(desk)) == ("waiting", None)
    assert hurry(desk) == job.id
    assert desk.progress(job.id) == ("done", "")
    assert attempts(desk) == SAT
    with desk.scene.work() as work:
        assert len(work.session.scalars(select(AuditEvent).where(AuditEvent.object_id == str(job.id))).all()) == 1


def test_a_pull_that_brings_nothing_has_nothing_counted(desk: Desk) -> None:
    pull(desk)
    hurry(desk)
    pull(desk)
    assert len(counts(desk)) == 1


def test_attempts_of_a_pull_that_was_killed_are_counted_too(desk: Desk) -> None:
    """Kept, but the job died before it could ask for a count; run again, it finds nothing new."""
    pull_results(desk.office, desk.scene.actor, desk.scene.competition)
    assert counts(desk) == []
    pull(desk)
    assert [job.state for job in counts(desk)] == ["waiting"]


def test_a_pull_after_a_hint_has_its_attempts_counted_in_the_same_name(desk: Desk) -> None:
    """Nobody of the staff asked for it, so nobody's login is needed."""
    pull(desk, login="", hinted=str(desk.scene.actor.body_id))
    assert hurry(desk) == counts(desk)[0].id
    assert attempts(desk) == SAT


def test_new_versions_in_moodle_have_the_answers_counted_again(desk: Desk) -> None:
    desk.put("sync_banks", course=COURSE)
    desk.run()
    assert counts(desk) == [], "no answers yet"
    pull(desk)
    hurry(desk)
    desk.put("sync_banks", course=COURSE)
    desk.run()
    assert sorted(job.state for job in counts(desk)) == ["done", "waiting"]
