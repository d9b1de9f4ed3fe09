"""The share of the body's funds, to the last tyiyn, and the stages that ask for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_app.domain.errors import Refused
from flask_app.domain.identity import ROLES
from flask_app.domain.training import STAGES, reaches_share, share_percent
from flask_app.domain.workflow import Act, decide
from flask_app.domain.workflows.training_order import WORKFLOW, TrainingFacts
from flask_app.store.rule_packs import shipped_pack

PACK = shipped_pack("kg-mun-2006")
MONEY = st.decimals(min_value=0, max_value=10**12, places=2)
ONE = Decimal(1)


@pytest.mark.parametrize(
    ("planned", "funds", "reached"),
    [
        ("1", "100", True),
        ("0.99", "100", False),
        ("98500.00", "9850000.00", True),
        ("98499.99", "9850000.00", False),
        ("0.01", "1", True),
        ("0", "0", False),
        ("5", "0", False),
        ("3333.33", "333333.33", False),
    ],
)
def test_one_per_cent_and_not_a_tyiyn_less(planned: str, funds: str, reached: bool) -> None:
    assert reaches_share(Decimal(planned), Decimal(funds), ONE) is reached


@given(planned=MONEY, funds=MONEY)
def test_no_division_decides(planned: Decimal, funds: Decimal) -> None:
    expected = funds > 0 and int(planned * 100) * 100 >= int(funds * 100)
    assert reaches_share(planned, funds, ONE) is expected


@given(planned=MONEY, funds=MONEY, more=MONEY)
def test_more_money_never_reaches_less(planned: Decimal, funds: Decimal, more: Decimal) -> None:
    if reaches_share(planned, funds, ONE):
        assert reaches_share(planned + more, funds, ONE)


@pytest.mark.parametrize(
    ("planned", "funds", "printed"),
    [
        ("118200", "9850000", "1.20"),
        ("1", "3", "33.33"),
        ("2", "3", "66.66"),
        ("0.99999", "100", "0.99"),  # never printed as the 1 % it misses
        ("1", "0", "0.00"),
    ],
)
def test_the_share_is_printed_with_two_decimals_and_cut(planned: str, funds: str, printed: str) -> None:
    assert str(share_percent(Decimal(planned), Decimal(funds))) == printed


def facts(**changes: object) -> TrainingFacts:
    sound = TrainingFacts(
        pack=PACK,
        needs=3,
        plan_reference="план № 3",
        planned=Decimal(10),
        body_funds=Decimal(1000),
        contract="договор",
        enrolled=3,
        monitoring="акт",
        report_signed=True,
    )
    return replace(sound, **changes)  # type: ignore[arg-type]  # named by each test


def refusals(step: str, state: str, given: TrainingFacts) -> list[str]:
    act = Act(date(2026, 6, 15), datetime(2026, 6, 20, tzinfo=UTC), evidence="№ 1")
    try:
        decide(WORKFLOW, step, state, frozenset(ROLES), act, given)
    except Refused as refused:
        return [refused.code, *(other.code for other in refused.others)]
    return []


@pytest.mark.parametrize(
    ("step", "state", "changes", "codes"),
    [
        ("approve_order", STAGES[0], {"needs": 0}, ["training.needs_missing"]),
        ("approve_order", STAGES[0], {"plan_reference": ""}, ["training.plan_missing"]),
        ("approve_order", STAGES[0], {"planned": Decimal("9.99")}, ["training.share_too_small"]),
        (
            "approve_order",
            STAGES[0],
            {"needs": 0, "plan_reference": "", "planned": Decimal(0)},
            ["training.needs_missing", "training.plan_missing", "training.share_too_small"],
        ),
        ("place_order", STAGES[1], {"contract": ""}, ["training.contract_missing"]),
        ("begin_training", STAGES[2], {"enrolled": 0}, ["training.nobody_enrolled"]),
        ("begin_monitoring", STAGES[3], {"without_outcome": 1}, ["training.outcomes_missing"]),
        ("begin_report", STAGES[4], {"monitoring": ""}, ["training.monitoring_missing"]),
        ("close", STAGES[5], {"report_signed": False}, ["training.report_missing"]),
    ],
)
def test_each_stage_asks_for_its_own(step: str, state: str, changes: dict[str, object], codes: list[str]) -> None:
    assert refusals(step, state, facts()) == []
    assert refusals(step, state, facts(**changes)) == codes


def test_the_six_stages_follow_each_other_and_none_is_skipped() -> None:
    line = [WORKFLOW.initial]
    while line[-1] != "closed":
        onward = [t for t in WORKFLOW.transitions.values() if line[-1] in t.sources]
        assert len(onward) == 1
        line.append(onward[0].target)
    assert tuple(line) == (*STAGES, "closed")
    assert PACK.training.stages == STAGES
