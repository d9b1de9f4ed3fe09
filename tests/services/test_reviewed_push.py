"""A push carries out the plan that was reviewed, also when it was interrupted and tried again; never another one."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from flask_app.domain.errors import Refused
from flask_app.services.synchronisation import plan, push_session
from flask_app.services.test_sessions import draw_forms, schedule_session, session_of, wanted_session
from flask_app.store.models.applications import Application
from flask_app.store.models.moodle import SyncRun
from flask_app.store.models.people import Person
from tests.services.stages import Scene, admit, nothing, session


class Died(Exception):
    """The process is gone, as far as the use case can tell."""


def die(_done: int, _total: int) -> None:
    raise Died


@pytest.fixture
def reviewed(screening_online: Scene) -> tuple[Scene, str]:
    """A sitting ready for Moodle, and the mark of the plan somebody reviewed."""
    scene = screening_online
    admit(scene)
    with scene.work() as work:
        schedule_session(work, scene.competition, session())
        draw_forms(work, scene.competition)
        sitting = session_of(work, scene.competition)
        assert sitting is not None
        wanted = wanted_session(work, sitting)
    return scene, plan(scene.office, scene.actor, wanted).hash


def test_what_is_left_is_carried_out(reviewed: tuple[Scene, str]) -> None:
    scene, plan_hash = reviewed
    with pytest.raises(Died):
        push_session(scene.office, scene.actor, scene.competition, die, plan_hash=plan_hash)
    assert scene.site.control("state")["people"] > 0, "it had begun"
    push_session(scene.office, scene.actor, scene.competition, nothing, plan_hash=plan_hash)
    with scene.work() as work:
        sitting = session_of(work, scene.competition)
        assert sitting is not None
        assert sitting.pushed_at is not None
        states = work.session.scalars(select(SyncRun.state).where(SyncRun.subject == f"session:{sitting.id}")).all()
    assert sorted(states) == ["applied", "failed"]


def test_somebody_renamed_meanwhile_must_be_reviewed(reviewed: tuple[Scene, str]) -> None:
    scene, plan_hash = reviewed
    with pytest.raises(Died):
        push_session(scene.office, scene.actor, scene.competition, die, plan_hash=plan_hash)
    with scene.work() as work:
        seated = work.get(Application, scene.ids("admitted")[-1])
        work.get(Person, seated.person_id).name = "Токтогулов Нурбек Эсенович"
    with pytest.raises(Refused) as refused:
        push_session(scene.office, scene.actor, scene.competition, nothing, plan_hash=plan_hash)
    assert refused.value.code == "sync.plan_changed"


def test_a_plan_nobody_began_is_not_the_rest_of_another(reviewed: tuple[Scene, str]) -> None:
    scene, _ = reviewed
    with pytest.raises(Refused) as refused:
        push_session(scene.office, scene.actor, scene.competition, nothing, plan_hash="0" * 64)
    assert refused.value.code == "sync.plan_changed"
