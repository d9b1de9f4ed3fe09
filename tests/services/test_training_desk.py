"""What the training pages rest on: corrections, previews of batches, people by name, outcomes from a paper, shares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from flask_app.domain.errors import InvalidInput, NotFound, NotPermitted, Refused, VersionConflict
from flask_app.domain.identity import AUDITOR, HEAD, SECRETARY, TRAINING_OFFICER
from flask_app.domain.rule_pack import RulePack
from flask_app.ports.moodle import CompletionsPage, PulledCompletion
from flask_app.services.grades import preview_batch
from flask_app.services.training import OrderFigures, add_institution, correct_order, enrol, pull_completions
from flask_app.services.training_board import BoardFilter, Funding, board
from flask_app.services.training_programmes import Chosen, EnteredOutcome, enrol_chosen, enter_outcomes, programme_desk
from flask_app.services.training_steps import offered_step
from flask_app.store.models.people import Person
from flask_app.store.models.training import Enrolment, GradeBatchRow, GradeRow, TrainingOrder
from flask_app.store.rule_packs import shipped_pack
from tests.services.building import BOTH, PACK
from tests.services.desk import NOW, TODAY, actor_with
from tests.services.ordering import (
    MOODLE_COURSE,
    PEOPLE,
    THEIR_COURSE,
    Order,
    batch,
    delivered,
    draw_up,
    record,
    send,
)
from tests.services.stages import Scene

FIGURES = OrderFigures(BOTH, 5, "план № 9", Decimal("2000000"), Decimal("30000.50"))


@pytest.fixture
def order(synced_offline: Scene) -> Order:
    return delivered(synced_offline)


# -- an order before its approval --------------------------------------------------------------------------------------


def test_an_order_is_corrected_until_it_is_approved(synced_offline: Scene) -> None:
    order = draw_up(synced_offline)
    with synced_offline.work() as work:
        seen = work.get(TrainingOrder, order.id).version
        correct_order(work, order.id, FIGURES, expected_version=seen)
    with synced_offline.work() as work:
        row = work.get(TrainingOrder, order.id)
        assert (row.needs, row.money_planned, row.version) == (5, Decimal("30000.50"), seen + 1)
        with pytest.raises(VersionConflict):
            correct_order(work, order.id, FIGURES, expected_version=seen)
    order.move("approve_order", 60, "приказ № 7")
    with synced_offline.work() as work, pytest.raises(NotPermitted):
        correct_order(work, order.id, FIGURES, expected_version=work.get(TrainingOrder, order.id).version)


def test_who_sees_no_orders_corrects_none_and_adds_no_institution(synced_offline: Scene) -> None:
    order, body = draw_up(synced_offline), synced_offline.actor.body_id
    secretary = actor_with(synced_offline.office, body, SECRETARY)
    auditor = actor_with(synced_offline.office, body, AUDITOR)
    with synced_offline.work(secretary) as work, pytest.raises(NotFound):
        correct_order(work, order.id, FIGURES, expected_version=1)
    for actor in (secretary, auditor):
        with synced_offline.work(actor) as work, pytest.raises(NotPermitted):
            add_institution(work, "another", BOTH)


def test_what_the_form_of_a_step_asks_for_is_not_held_against_it(synced_offline: Scene) -> None:
    order = draw_up(synced_offline)
    order.move("approve_order", 60, "приказ № 7")
    with synced_offline.work() as work:
        placing = offered_step(work, order.id, "place_order")
        assert placing.offer.open
        assert placing.brings == ("contract",)
        with pytest.raises(Refused) as refused:
            offered_step(work, order.id, "close")
        assert refused.value.code == "workflow.wrong_state"
    with pytest.raises(Refused) as refused:
        order.move("place_order", 50)
    assert refused.value.code == "training.contract_missing"


def test_a_step_of_others_is_not_offered(synced_offline: Scene) -> None:
    order = draw_up(synced_offline)
    officer = actor_with(synced_offline.office, synced_offline.actor.body_id, TRAINING_OFFICER)
    head = actor_with(synced_offline.office, synced_offline.actor.body_id, HEAD)
    with synced_offline.work(officer) as work, pytest.raises(NotPermitted):
        offered_step(work, order.id, "approve_order")
    with synced_offline.work(head) as work:
        assert offered_step(work, order.id, "approve_order").offer.open


def test_the_board_says_whose_move_it_is(order: Order) -> None:
    officer = actor_with(order.scene.office, order.scene.actor.body_id, TRAINING_OFFICER)
    with order.scene.work(officer) as work:
        card = next(card for stage in board(work, BoardFilter()).stages for card in stage.cards)
        assert card.mine
        assert card.next is not None
        assert card.next.transition.id == "begin_monitoring"
        assert [refusal.code for refusal in card.refusals] == ["training.outcomes_missing"]
        assert (card.counts.enrolled, card.counts.waiting) == (6, 6)


# -- the share ---------------------------------------------------------------------------------------------------------

SUMS = st.decimals(0, 10**10, places=2, allow_nan=False, allow_infinity=False)


@given(planned=SUMS, funds=SUMS)
def test_a_share_that_is_shown_as_reached_is_reached(planned: Decimal, funds: Decimal) -> None:
    """What is printed never looks like more than it is, and the verdict is that of the undivided sums."""
    pack: RulePack = shipped_pack(PACK)
    year = Funding(2026, pack, 1, funds, False, planned, planned, planned)
    assert year.planned_reaches == (funds > 0 and planned * 100 >= funds)
    assert (year.planned_share >= 1) == year.planned_reaches
    assert year.planned_share * funds <= planned * 100


# -- batches -----------------------------------------------------------------------------------------------------------


def mixed(order: Order) -> bytes:
    unknown = record(order, 1, person_id=str(uuid4()))
    broken = record(order, 2, protocol_ref="")
    return batch(order, [record(order, 0), unknown, broken], sequence=4)


def test_a_preview_says_what_taking_says_and_keeps_nothing(order: Order) -> None:
    content, office = mixed(order), order.scene.office
    with order.scene.work() as work:
        seen = preview_batch(work, office.grade_batches.read(content))
    with order.scene.work() as work:
        assert work.session.scalar(select(func.count()).select_from(GradeBatchRow)) == 0
        assert work.session.scalar(select(func.count()).select_from(GradeRow)) == 0
    assert order.outcomes(THEIR_COURSE) == [("none", "")] * 3
    assert (seen.batch, seen.replayed, seen.accepted) == (None, False, 1)
    taken = send(order, content)
    assert seen.lines == taken.lines
    with order.scene.work() as work:
        again = preview_batch(work, office.grade_batches.read(content))
    assert (again.batch, again.replayed, again.lines) == (taken.batch, True, taken.lines)


def test_only_who_takes_grades_previews_them(order: Order) -> None:
    auditor = actor_with(order.scene.office, order.scene.actor.body_id, AUDITOR)
    with order.scene.work(auditor) as work, pytest.raises(NotPermitted):
        preview_batch(work, order.scene.office.grade_batches.read(mixed(order)))


# -- people ------------------------------------------------------------------------------------------------------------


def test_people_of_another_body_are_not_enrolled(synced_offline: Scene) -> None:
    order = draw_up(synced_offline)
    order.move("approve_order", 60, "приказ № 7")
    order.move("place_order", 50, contract="договор № 11")
    programme = order.programme(THEIR_COURSE)
    with synced_offline.work() as work, pytest.raises(NotFound):
        enrol(work, order.id, programme, [uuid4()])
    with synced_offline.work() as work:
        assert enrol_chosen(work, order.id, programme, [Chosen("Новый Человек", None, 0)]) == 1
    with synced_offline.work() as work, pytest.raises(Refused) as refused:
        enrol_chosen(work, order.id, programme, [Chosen("новый  человек", None, 0)])
    assert refused.value.code == "training.namesakes_changed"
    with synced_offline.work() as work:
        assert enrol_chosen(work, order.id, programme, [Chosen("Новый Человек", None, 1)]) == 1
        named = select(func.count()).select_from(Person).where(Person.name == "Новый Человек")
        assert work.session.scalar(named) == 2


# -- outcomes from a paper ---------------------------------------------------------------------------------------------


def enter(order: Order, course: str, *outcomes: tuple[int, str, str | None], document: str = "Акт № 1") -> int:
    """(person, outcome, points of 100) each."""
    with order.scene.work() as work:
        rows = work.session.execute(
            select(Enrolment.person_id, Enrolment.id).where(Enrolment.programme_id == order.programme(course))
        ).all()
        ids: dict[Any, Any] = dict(rows)
        entered = [
            EnteredOutcome(
                ids[order.people[person]],
                outcome,
                Decimal(points) if points else None,
                Decimal(100) if points else None,
            )
            for person, outcome, points in outcomes
        ]
        return enter_outcomes(work, order.id, order.programme(course), entered, document, TODAY)


def test_outcomes_are_entered_once(order: Order) -> None:
    assert enter(order, THEIR_COURSE, (0, "passed", "86.5"), (1, "absent", None)) == 2
    assert enter(order, THEIR_COURSE, (0, "passed", "86.5"), (1, "failed", None)) == 1
    assert order.outcomes(THEIR_COURSE) == [("passed", "86.5/100"), ("failed", ""), ("none", "")]


@pytest.mark.parametrize(
    ("outcome", "points", "document"),
    [
        ("none", None, "Акт"),
        ("absent", "5", "Акт"),
        ("passed", "101", "Акт"),
        ("passed", "-1", "Акт"),
        ("passed", "5", " "),
    ],
)
def test_an_impossible_outcome_is_refused(order: Order, outcome: str, points: str | None, document: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        enter(order, THEIR_COURSE, (0, outcome, points), document=document)
    assert refused.value.code == "training.outcome_impossible"


def test_a_grade_of_the_institution_stands_above_a_paper(order: Order) -> None:
    enter(order, THEIR_COURSE, (0, "failed", None))
    send(order, batch(order, [record(order, 0)]))
    assert order.outcomes(THEIR_COURSE)[0] == ("passed", "70/100")
    with pytest.raises(Refused) as refused:
        enter(order, THEIR_COURSE, (0, "failed", None))
    assert refused.value.code == "training.outcome_elsewhere"
    assert PEOPLE[0] in str(refused.value.params)


@dataclass(frozen=True)
class Completing:
    """A site that has one page of completions to tell."""

    found: tuple[PulledCompletion, ...]

    def completions(self, _courses: Sequence[str], cursor: str) -> Iterator[CompletionsPage]:
        yield CompletionsPage(f"{cursor}+", len(self.found), self.found)


def pull(order: Order, state: Literal["inprogress", "completed"], grade: str | None = None) -> int:
    told = PulledCompletion(
        person=str(order.people[0]),
        course=MOODLE_COURSE,
        state=state,
        timecompleted=NOW if state == "completed" else None,
        grade=grade,
        maxgrade="100",
        activities_done=2 if state == "completed" else 1,
        activities=2,
    )
    office = replace(order.scene.office, moodle=Completing((told,)))  # type: ignore[arg-type]  # all that a pull asks
    return pull_completions(office, order.scene.actor, order.id)


def test_a_paper_closes_what_moodle_leaves_open_and_moodle_has_the_last_word(order: Order) -> None:
    """Whoever never finished a course would hold up the order for ever; whoever finishes after all is shown so."""
    assert pull(order, "inprogress") == 1
    assert enter(order, MOODLE_COURSE, (0, "failed", None)) == 1
    assert pull(order, "inprogress") == 0
    assert order.outcomes(MOODLE_COURSE)[0] == ("failed", "")
    assert pull(order, "completed", "90") == 1
    with order.scene.work() as work:
        first = programme_desk(work, order.id, order.programme(MOODLE_COURSE)).trainees[0]
    assert (first.outcome, first.score, first.document, first.source) == ("passed", "90/100", "", "moodle")
    with pytest.raises(Refused):
        enter(order, MOODLE_COURSE, (0, "failed", None))
