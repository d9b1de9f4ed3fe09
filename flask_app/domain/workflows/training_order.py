"""The training order in its six stages (DOMAIN A7; S002 L24-28)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from flask_app.domain.identity import AUDITOR, HEAD, HR_OFFICER, TRAINING_OFFICER
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.training import reaches_share, share_percent
from flask_app.domain.workflow import Act, Refusal, State, Transition, build

READERS = frozenset({TRAINING_OFFICER, HR_OFFICER, HEAD, AUDITOR})
KEEPERS = frozenset({TRAINING_OFFICER, HR_OFFICER})
HEAD_ONLY = frozenset({HEAD})


@dataclass(frozen=True, slots=True)
class TrainingFacts:
    """What the stages are judged by. Money in som."""

    pack: RulePack
    needs: int
    plan_reference: str
    planned: Decimal
    body_funds: Decimal
    contract: str = ""
    enrolled: int = 0
    without_outcome: int = 0
    monitoring: str = ""
    report_signed: bool = False


def needs_are_assessed(_: Act, facts: TrainingFacts) -> Iterable[Refusal]:
    """A survey of needs and a plan of departmental training must exist (S002 L24, L28)."""
    rule = facts.pack.rule(facts.pack.training)
    if facts.needs < 1:
        yield Refusal("training.needs_missing", rule)
    if not facts.plan_reference:
        yield Refusal("training.plan_missing", rule)


def share_is_reached(_: Act, facts: TrainingFacts) -> Iterable[Refusal]:
    """At least one per cent of the funds for the body's activity (S002 L25)."""
    required = facts.pack.training.min_budget_percent
    if not reaches_share(facts.planned, facts.body_funds, required):
        yield Refusal(
            "training.share_too_small",
            facts.pack.rule(facts.pack.training),
            {"share": share_percent(facts.planned, facts.body_funds), "required": required},
        )


def is_placed(_: Act, facts: TrainingFacts) -> Iterable[Refusal]:
    if not facts.contract:
        yield Refusal("training.contract_missing", facts.pack.rule(facts.pack.training))


def somebody_is_enrolled(_: Act, facts: TrainingFacts) -> Iterable[Refusal]:
    if facts.enrolled < 1:
        yield Refusal("training.nobody_enrolled", facts.pack.rule(facts.pack.training))


def outcomes_are_known(_: Act, facts: TrainingFacts) -> Iterable[Refusal]:
    if facts.without_outcome:
        yield Refusal("training.outcomes_missing", facts.pack.rule(facts.pack.training), {"n": facts.without_outcome})


def is_monitored(_: Act, facts: TrainingFacts) -> Iterable[Refusal]:
    if not facts.monitoring:
        yield Refusal("training.monitoring_missing", facts.pack.rule(facts.pack.training))


def report_is_signed(_: Act, facts: TrainingFacts) -> Iterable[Refusal]:
    if not facts.report_signed:
        yield Refusal("training.report_missing", facts.pack.rule(facts.pack.training))


def _state(id_: str, *, final: bool = False, **more: frozenset[str]) -> State:
    return State(id_, {"view": READERS, **more}, final)


WORKFLOW = build(
    "training_order",
    "needs_assessment",
    states=[
        # `correct` ends with the approval: the sums stay as the head has seen them. Programmes may still be added.
        _state("needs_assessment", edit=KEEPERS, correct=KEEPERS),
        _state("order_formed_and_approved", edit=KEEPERS),
        _state("order_placed", enrol=KEEPERS),
        _state("training_delivered", pull_completions=KEEPERS, accept_grades=KEEPERS, enter_outcomes=KEEPERS),
        _state(
            "control_monitoring_evaluation",
            accept_grades=KEEPERS,
            pull_completions=KEEPERS,
            enter_outcomes=KEEPERS,
            monitor=KEEPERS,
        ),
        _state("report", draft_papers=KEEPERS, accept_grades=KEEPERS, pull_completions=KEEPERS, enter_outcomes=KEEPERS),
        # An institution may amend or withdraw a grade later: it arrives as a revision (its own report says so).
        _state("closed", final=True, accept_grades=KEEPERS, pull_completions=KEEPERS),
    ],
    transitions=[
        Transition(
            "approve_order",
            frozenset({"needs_assessment"}),
            "order_formed_and_approved",
            HEAD_ONLY,
            (needs_are_assessed, share_is_reached),
            frozenset({"evidence"}),
        ),
        Transition("place_order", frozenset({"order_formed_and_approved"}), "order_placed", KEEPERS, (is_placed,)),
        Transition(
            "begin_training", frozenset({"order_placed"}), "training_delivered", KEEPERS, (somebody_is_enrolled,)
        ),
        Transition(
            "begin_monitoring",
            frozenset({"training_delivered"}),
            "control_monitoring_evaluation",
            KEEPERS,
            (outcomes_are_known,),
        ),
        Transition("begin_report", frozenset({"control_monitoring_evaluation"}), "report", KEEPERS, (is_monitored,)),
        Transition("close", frozenset({"report"}), "closed", KEEPERS, (report_is_signed,)),
    ],
)
