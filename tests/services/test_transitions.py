"""The one function that changes a state: its order, its conflicts, its traces; on both PostgreSQLs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from flask_app.domain.errors import AlreadyThere, NotFound, NotPermitted, Refused, VersionConflict
from flask_app.domain.identity import AUDITOR, Actor
from flask_app.services.competitions import move_competition
from flask_app.services.office import Office
from flask_app.services.transitions import act_on
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.procedures import Competition, StageRecord
from flask_app.store.models.versions import ObjectVersion
from tests.services.building import Build, version
from tests.services.desk import TODAY, actor_with, new_body

pytestmark = pytest.mark.both_engines


@pytest.fixture
def build(office: Office, everybody: Actor) -> Build:
    return Build(office, everybody)


def test_a_step_leaves_its_traces(build: Build) -> None:
    competition = build.draft()
    build.commission(competition)
    build.move(competition, "submit_text", TODAY)
    with build.office.work(build.actor) as work:
        row = work.get(Competition, competition)
        assert (row.state, row.version) == ("text_agreement", 3)
        record = work.session.scalars(select(StageRecord).where(StageRecord.object_id == competition)).one()
        assert (record.transition, record.happened_on, record.version) == ("submit_text", TODAY, 3)
        kept = work.session.scalars(
            select(ObjectVersion.version).where(ObjectVersion.object_id == competition).order_by(ObjectVersion.version)
        ).all()
        assert kept == [1, 2, 3]
        event = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "competition.submit_text")).one()
        assert event.actor_login == build.actor.login
        assert event.after["state"] == "text_agreement"


def test_a_stale_version_is_a_conflict(build: Build) -> None:
    competition = build.draft()
    build.commission(competition)
    with pytest.raises(VersionConflict), build.office.work(build.actor) as work:
        move_competition(work, competition, "submit_text", act_on(work, TODAY), expected_version=1)


def test_the_second_of_two_is_told_so(build: Build) -> None:
    competition = build.draft()
    build.commission(competition)
    build.move(competition, "submit_text", TODAY)
    with pytest.raises(AlreadyThere):
        build.move(competition, "submit_text", TODAY)


def test_of_two_at_once_exactly_one_wins(build: Build) -> None:
    competition = build.draft()
    build.commission(competition)
    with build.office.work(build.actor) as work:
        seen = version(work, competition)

    def attempt(_: int) -> str:
        try:
            with build.office.work(build.actor) as work:
                move_competition(work, competition, "submit_text", act_on(work, TODAY), expected_version=seen)
        except VersionConflict:
            return "conflict"
        return "done"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(attempt, range(4)))
    assert outcomes == ["conflict", "conflict", "conflict", "done"]


def test_nothing_happens_in_the_future_or_out_of_order(build: Build) -> None:
    competition = build.open_for_documents()
    with pytest.raises(Refused) as refused:
        build.move(competition, "close_documents", TODAY + timedelta(days=1))
    assert refused.value.code == "act.in_the_future"
    with pytest.raises(Refused) as refused:
        build.move(competition, "close_documents", TODAY - timedelta(days=60))
    assert refused.value.code == "act.out_of_order"


def test_a_refused_step_leaves_nothing(build: Build) -> None:
    competition = build.draft()
    with pytest.raises(Refused) as refused:
        build.move(competition, "submit_text", TODAY)
    assert refused.value.code == "competition.commission_incomplete"
    assert refused.value.rule is not None
    with build.office.work(build.actor) as work:
        assert work.get(Competition, competition).state == "draft"
        assert work.session.scalars(select(StageRecord).where(StageRecord.object_id == competition)).all() == []


def test_who_may_not_is_refused_and_who_may_not_see_finds_nothing(build: Build, office: Office, body: UUID) -> None:
    competition = build.draft()
    auditor = actor_with(office, body, AUDITOR)
    with pytest.raises(NotPermitted):
        Build(office, auditor).move(competition, "submit_text", TODAY)
    stranger = replace(build.actor, body_id=new_body(office))
    with pytest.raises(NotFound):
        Build(office, stranger).move(competition, "submit_text", TODAY)


def test_the_rules_are_frozen_at_the_announcement(build: Build) -> None:
    competition = build.open_for_documents()
    with build.office.work(build.actor) as work:
        frozen = work.get(Competition, competition).pack_frozen
    assert frozen is not None
    assert frozen.id == "kg-mun-2006"
    assert frozen.test.notice.days == 7
