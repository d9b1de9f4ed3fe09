"""The training order: six stages, each with what it asks for; completions come from Moodle once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from flask_app.demo.candidates import complete_course
from flask_app.domain.errors import InvalidInput, NotFound, NotPermitted, Refused
from flask_app.domain.identity import HEAD, HR_OFFICER, TRAINING_OFFICER, Actor
from flask_app.domain.training import STAGES
from flask_app.services.moodle_people import moodle_password
from flask_app.services.papers import draft_paper, move_paper, sign_paper
from flask_app.services.synchronisation import push_training
from flask_app.services.training import (
    NewProgramme,
    add_programme,
    enrol,
    move_order,
    pull_completions,
    wanted_training,
)
from flask_app.services.transitions import act_on
from flask_app.store.locks import exclusive
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.documents import Document
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import StageRecord
from flask_app.store.models.training import Enrolment, TrainingOrder
from tests.services.building import BOTH
from tests.services.desk import TODAY, actor_with, new_body
from tests.services.ordering import MOODLE_COURSE, THEIR_COURSE, Order, batch, delivered, draw_up, record, send
from tests.services.stages import Scene, nothing


@pytest.fixture
def online(synced: Scene) -> Order:
    """Training under way, its people in Moodle's course of two activities."""
    synced.site.ensure_course(MOODLE_COURSE, "Этика", ("Лекция", "Задание"))
    order = delivered(synced)
    push_training(synced.office, synced.actor, order.id, nothing)
    return order


def stranger_to(order: Order) -> Actor:
    """Somebody of another body, with every role there."""
    office = order.scene.office
    return replace(actor_with(office, new_body(office)), roles=order.scene.actor.roles)


def complete(order: Order, person: int) -> None:
    with order.scene.work() as work:
        row = work.get(Person, order.people[person])
        username, password = row.moodle_username, moodle_password(work, row)
    assert complete_course(order.scene.site.url, username, password, MOODLE_COURSE) == 2


def pull(order: Order) -> int:
    return pull_completions(order.scene.office, order.scene.actor, order.id)


@pytest.mark.parametrize(
    ("planned", "share"), [("0", "0.00"), ("9999.99", "0.99"), ("5000", "0.50"), ("100.50", "0.01")]
)
def test_less_than_one_per_cent_is_refused_with_the_figures(synced_offline: Scene, planned: str, share: str) -> None:
    order = draw_up(synced_offline, money_planned=Decimal(planned))
    with pytest.raises(Refused) as refused:
        order.move("approve_order", 60, "приказ № 7")
    assert refused.value.code == "training.share_too_small"
    assert dict(refused.value.params) == {"share": Decimal(share), "required": Decimal(1)}
    assert refused.value.rule is not None
    assert "S002 L25" in refused.value.rule.source
    assert order.state() == STAGES[0]


def test_one_per_cent_exactly_is_enough(synced_offline: Scene) -> None:
    order = draw_up(synced_offline, money_planned=Decimal("10000.00"))
    order.move("approve_order", 60, "приказ № 7")
    assert order.state() == STAGES[1]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"needs": 0}, "training.needs_missing"), ({"plan_reference": ""}, "training.plan_missing")],
)
def test_an_order_rests_on_needs_and_a_plan(synced_offline: Scene, changes: dict[str, object], code: str) -> None:
    order = draw_up(synced_offline, **changes)  # type: ignore[arg-type]  # named above
    with pytest.raises(Refused) as refused:
        order.move("approve_order", 60, "приказ № 7")
    assert refused.value.code == code


def test_each_stage_asks_for_its_own(synced_offline: Scene) -> None:
    order = draw_up(synced_offline)

    def refused(step: str, **brings: object) -> str:
        with pytest.raises(Refused) as error:
            order.move(step, **brings)  # type: ignore[arg-type]  # named below
        return error.value.code

    assert refused("approve_order") == "workflow.needs_evidence"
    order.move("approve_order", 60, "приказ № 7")
    assert refused("place_order") == "training.contract_missing"
    order.move("place_order", 50, contract="договор № 11")
    assert refused("begin_training") == "training.nobody_enrolled"
    with synced_offline.work() as work:
        person = work.session.scalars(select(Person.id).limit(1)).one()
        enrol(work, order.id, order.programme(THEIR_COURSE), [person])
    order.move("begin_training", 40)
    assert refused("begin_monitoring") == "training.outcomes_missing"
    order = replace(order, people=(person,))
    send(order, batch(order, [record(order, 0)]))
    order.move("begin_monitoring", 5)
    assert refused("begin_report") == "training.monitoring_missing"
    order.move("begin_report", 4, monitoring="акт № 2", money_spent=Decimal("9000.50"))
    assert refused("close") == "training.report_missing"
    sign_report(order)
    order.move("close")
    assert order.state() == "closed"
    with synced_offline.work() as work:
        entered = work.session.scalars(
            select(StageRecord.target)
            .where(StageRecord.object_id == order.id)
            .order_by(StageRecord.recorded_at, StageRecord.version)
        ).all()
        assert tuple(entered) == (*STAGES[1:], "closed")
        assert work.get(TrainingOrder, order.id).money_spent == Decimal("9000.50")


def sign_report(order: Order) -> None:
    with order.scene.work() as work:
        paper, _ = draft_paper(work, "D53", order.id)
        for step in ("submit", "approve"):
            move_paper(work, paper.id, step, act_on(work, TODAY), expected_version=work.get(Document, paper.id).version)
        sign_paper(work, paper.id, act_on(work, TODAY), expected_version=work.get(Document, paper.id).version)


def test_the_head_approves_and_the_officers_keep(synced_offline: Scene) -> None:
    order = draw_up(synced_offline)
    for role in (TRAINING_OFFICER, HR_OFFICER):
        officer = actor_with(synced_offline.office, synced_offline.actor.body_id, role)
        with pytest.raises(NotPermitted):
            replace(order, scene=replace(synced_offline, actor=officer)).move("approve_order", 60, "приказ № 7")
    head = actor_with(synced_offline.office, synced_offline.actor.body_id, HEAD)
    theirs = replace(order, scene=replace(synced_offline, actor=head))
    theirs.move("approve_order", 60, "приказ № 7")
    with pytest.raises(NotPermitted):
        theirs.move("place_order", 50, contract="договор")


def test_what_a_refused_step_brought_along_is_not_kept(synced_offline: Scene) -> None:
    order = draw_up(synced_offline)
    with pytest.raises(Refused):
        order.move("place_order", 50, contract="договор № 11")
    with synced_offline.work() as work:
        assert work.get(TrainingOrder, order.id).contract == ""


def test_people_are_enrolled_once_and_only_where_the_order_stands(synced_offline: Scene) -> None:
    order, other = delivered(synced_offline), draw_up(synced_offline, "TO-2")
    other.move("approve_order", 60, "приказ № 8")
    other.move("place_order", 50, contract="договор № 12")
    with pytest.raises(NotPermitted), synced_offline.work() as work:
        enrol(work, order.id, order.programme(THEIR_COURSE), order.people)
    with pytest.raises(NotFound), synced_offline.work() as work:
        enrol(work, other.id, order.programme(THEIR_COURSE), order.people)
    programme, twice = other.programme(THEIR_COURSE), [*order.people, *order.people]
    with synced_offline.work() as work:
        assert enrol(work, other.id, programme, twice) == 3
        assert enrol(work, other.id, programme, order.people) == 0


def test_a_course_stands_once_in_an_order(synced_offline: Scene) -> None:
    order = draw_up(synced_offline)
    with pytest.raises(InvalidInput) as refused, synced_offline.work() as work:
        add_programme(work, order.id, NewProgramme(THEIR_COURSE, BOTH, 36))
    assert refused.value.code == "training.programme_exists"


def test_another_body_s_order_is_not_brought_to_moodle(synced_offline: Scene) -> None:
    order = delivered(synced_offline)
    stranger = replace(
        actor_with(synced_offline.office, new_body(synced_offline.office)), roles=order.scene.actor.roles
    )
    with pytest.raises(NotFound), synced_offline.work(stranger) as work:
        wanted_training(work, order.id)
    with pytest.raises(NotFound):
        push_training(synced_offline.office, stranger, order.id, nothing)
    with pytest.raises(NotFound):
        pull_completions(synced_offline.office, stranger, order.id)
    with synced_offline.work() as work:
        assert {work.get(Person, person).moodle_username for person in order.people} == {""}


# ----------------------------------------------------------------------------------------------------- completions


def test_completions_are_pulled_once(online: Order) -> None:
    complete(online, 0)
    complete(online, 2)
    assert pull(online) == 2
    assert [outcome for outcome, _ in online.outcomes(MOODLE_COURSE)] == ["passed", "none", "passed"]
    assert pull(online) == 0
    complete(online, 1)
    assert pull(online) == 1
    with online.scene.work() as work:
        events = work.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "enrolment.completion_pulled")
        ).all()
        assert len(events) == 3
        finished = work.session.scalars(select(Enrolment.completed_at).where(Enrolment.outcome == "passed")).all()
        assert all(finished)


def test_a_grade_of_the_course_comes_along(online: Order) -> None:
    complete(online, 0)
    online.scene.site.control(
        "grade_course", courseidnumber=MOODLE_COURSE, useridnumber=str(online.people[0]), grade="86.5"
    )
    pull(online)
    assert online.outcomes(MOODLE_COURSE)[0] == ("passed", "86.5/100")


def test_whoever_moodle_knows_and_the_order_does_not_is_left_out(online: Order) -> None:
    """A guest of the course, with no panel's name, and somebody of another order."""
    site = online.scene.site
    other = delivered(online.scene, "TO-2")
    push_training(online.scene.office, online.scene.actor, other.id, nothing)
    names = {"idnumber": "guest", "username": "guest", "firstname": "Г", "lastname": "Г"}
    person: dict[str, Any] = {**names, "email": "", "lang": "ru", "password": "Sesame-1-open", "suspended": 0}
    fields: dict[str, Any] = {f"people[0][{name}]": value for name, value in person.items()}
    site.rest("local_kyzmat_save_people", fields | {"opkey": "guest-1"})
    member: dict[str, Any] = {"useridnumber": "guest", "role": "student", "timestart": 0, "timeend": 0, "remove": 0}
    enrolment: dict[str, Any] = {f"members[0][{name}]": value for name, value in member.items()}
    reply = site.rest(
        "local_kyzmat_save_enrolments", {"opkey": "guest-2", "courseidnumber": MOODLE_COURSE, **enrolment}
    )
    assert reply["results"][0]["outcome"] == "created"
    complete_course(site.url, "guest", "Sesame-1-open", MOODLE_COURSE)
    complete(other, 0)
    complete(online, 1)
    assert pull(online) == 1
    assert [outcome for outcome, _ in online.outcomes(MOODLE_COURSE)] == ["none", "passed", "none"]
    assert [outcome for outcome, _ in other.outcomes(MOODLE_COURSE)] == ["none"] * 3
    assert pull(other) == 1


def test_an_institution_s_course_of_the_same_code_is_not_moodle_s(online: Order) -> None:
    complete(online, 0)
    pull(online)
    assert [outcome for outcome, _ in online.outcomes(THEIR_COURSE)] == ["none"] * 3


def test_pulls_of_one_order_take_turns(online: Order) -> None:
    key = f"completions:{online.code}:{online.scene.actor.body_id}"
    with exclusive(online.scene.office.sessions, key), pytest.raises(Refused) as refused:
        pull(online)
    assert refused.value.code == "results.pulling"


def test_people_are_brought_to_moodle_once(online: Order) -> None:
    assert push_training(online.scene.office, online.scene.actor, online.id, nothing) is None


def test_nobody_moves_another_body_s_order(synced_offline: Scene) -> None:
    order = draw_up(synced_offline)
    stranger = replace(
        actor_with(synced_offline.office, new_body(synced_offline.office)), roles=order.scene.actor.roles
    )
    with pytest.raises(NotFound), synced_offline.work(stranger) as work:
        move_order(work, order.id, "approve_order", act_on(work, TODAY, "№"), expected_version=1)
