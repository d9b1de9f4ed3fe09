"""The shipped pack says what the source says, and a faulty pack is refused with its place."""

from __future__ import annotations

from datetime import date

import pytest

from flask_app.domain.deadlines import Term
from flask_app.domain.errors import InvalidInput, NotFound
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.training import STAGES
from flask_app.domain.workflows.training_order import WORKFLOW as TRAINING_ORDER
from flask_app.store.rule_packs import read_pack, shipped_pack, shipped_packs, work_calendar


@pytest.fixture
def pack() -> RulePack:
    return shipped_pack("kg-mun-2006")


def test_the_figures_of_the_source(pack: RulePack) -> None:
    assert [(block.id, block.count) for block in pack.test.blocks] == [("general", 30), ("subject", 30)]
    assert pack.test.notice.term == Term(7, "calendar")
    assert [t.min_percent for t in pack.test.interview_if] == [50]
    assert [t.min_percent for t in pack.test.reserve_if] == [75]
    assert pack.appointment.term == Term(3, "calendar")
    assert pack.probation.max_months == 3
    assert pack.training.min_budget_percent == 1


def test_the_closed_list_of_grounds(pack: RulePack) -> None:
    assert [ground.id for ground in pack.admission_grounds] == [
        "qualification_mismatch",
        "incapacity_by_court",
        "unexpunged_conviction",
        "close_relative_subordination",
    ]


def test_the_announcement_has_seven_items(pack: RulePack) -> None:
    assert len(pack.announcement.items) == 7


def test_the_training_stages_are_the_workflow_s_states(pack: RulePack) -> None:
    assert pack.training.stages == STAGES
    assert set(STAGES) | {"closed"} == set(TRAINING_ORDER.states)


def test_what_the_source_does_not_set_is_off(pack: RulePack) -> None:
    rules = pack.commission.voting_rules(pack.rule(pack.commission))
    assert rules.quorum is None
    assert rules.tie == "no_winner"


def test_a_rule_names_act_source_and_pack_and_never_guesses_a_point(pack: RulePack) -> None:
    rule = pack.rule(pack.test.notice)
    assert "327" in rule.act
    assert (rule.point, rule.source, rule.pack) == ("unverified", "S003 L116", "kg-mun-2006 v1")


@pytest.mark.parametrize("pack_id", shipped_packs())
def test_a_frozen_pack_comes_back_the_same(pack_id: str) -> None:
    shipped = shipped_pack(pack_id)
    assert RulePack.model_validate(shipped.model_dump(mode="json")) == shipped


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("id = ", ""),
        ('id = "x"', "version"),
        ("unknown_key = 1", "id"),
    ],
)
def test_a_faulty_pack_is_told_with_its_place(text: str, place: str) -> None:
    with pytest.raises(InvalidInput) as invalid:
        read_pack(text, "faulty.toml")
    assert invalid.value.code == "rule_pack.invalid"
    assert invalid.value.params["file"] == "faulty.toml"
    assert invalid.value.params["place"] == place


def test_a_threshold_on_an_unknown_block_is_refused(pack: RulePack) -> None:
    data = pack.model_dump(mode="json")
    data["test"]["interview_if"][0]["scope"] = "ethics"
    with pytest.raises(ValueError, match="unknown block"):
        RulePack.model_validate(data)


def test_an_unknown_pack_is_not_found() -> None:
    with pytest.raises(NotFound):
        shipped_pack("kg-1924")


def test_the_calendar_knows_recurring_days_off() -> None:
    calendar = work_calendar("KG")
    assert not calendar.is_working(date(2026, 3, 8))
    assert not calendar.is_working(date(2027, 1, 1))
    assert calendar.is_working(date(2026, 11, 23))
