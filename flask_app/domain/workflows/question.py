"""A question's life: drafted, reviewed by another person, its languages checked, approved, in use, out of use.

What travels is the twin group: one question in all languages of its bank. Who writes does not judge (DESIGN 3.10:
author, reviewer, operator are different people); questions with keys are for bank editors only (DOMAIN H3, class P5).
A question in use that is revised goes back to the draft; what was released of it stays in use until the next release.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from flask_app.domain.identity import BANK_EDITOR
from flask_app.domain.workflow import Act, Refusal, State, Transition, build

EDITORS = frozenset({BANK_EDITOR})


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """`authors`: everybody who had a hand in the present text. `errors`: what the rules of a bank hold against it.

    `open_comments`: remarks nobody has settled. `missing`: languages of the bank the question does not speak.
    `released`: the present text stands in the bank's release. `reviewers`: names of those who may judge it instead of
    the actor, asked for only where the actor wrote some of it.
    """

    actor: UUID
    authors: frozenset[UUID]
    errors: int
    open_comments: int
    missing: tuple[str, ...] = ()
    released: bool = False
    reviewers: tuple[str, ...] = ()


def is_whole(_: Act, facts: QuestionFacts) -> Iterable[Refusal]:
    """Nobody's time is taken for what a program can see."""
    if facts.missing:
        yield Refusal("question.language_missing", params={"languages": ", ".join(facts.missing)})
    if facts.errors:
        yield Refusal("question.has_errors", params={"n": facts.errors})


def is_settled(_: Act, facts: QuestionFacts) -> Iterable[Refusal]:
    if facts.open_comments:
        yield Refusal("question.comments_open", params={"n": facts.open_comments})


def is_another_person(_: Act, facts: QuestionFacts) -> Iterable[Refusal]:
    """Four eyes: whoever wrote any part of the text does not pass it."""
    if facts.actor in facts.authors and facts.reviewers:
        yield Refusal("question.own_work", params={"reviewers": ", ".join(facts.reviewers)})
    elif facts.actor in facts.authors:
        yield Refusal("question.own_work_alone")


def is_released(_: Act, facts: QuestionFacts) -> Iterable[Refusal]:
    if not facts.released:
        yield Refusal("question.not_released")


REASON = frozenset({"reason"})
PASSES = (is_another_person, is_whole, is_settled)

WORKFLOW = build(
    "question",
    "draft",
    states=[
        State("draft", {"view": EDITORS, "edit": EDITORS, "comment": EDITORS}),
        State("review", {"view": EDITORS, "comment": EDITORS}),
        State("language_check", {"view": EDITORS, "comment": EDITORS}),
        State("approved", {"view": EDITORS, "comment": EDITORS}),
        State("in_use", {"view": EDITORS, "comment": EDITORS}),
        State("suspended", {"view": EDITORS, "comment": EDITORS}),
        State("retired", {"view": EDITORS}, final=True),
    ],
    transitions=[
        Transition("submit", frozenset({"draft"}), "review", EDITORS, (is_whole, is_settled)),
        Transition("pass_review", frozenset({"review"}), "language_check", EDITORS, PASSES),
        Transition("approve", frozenset({"language_check"}), "approved", EDITORS, PASSES),
        Transition("return", frozenset({"review", "language_check", "approved"}), "draft", EDITORS, needs=REASON),
        Transition("take_into_use", frozenset({"approved"}), "in_use", EDITORS, (is_released,)),
        Transition("revise", frozenset({"in_use", "suspended"}), "draft", EDITORS, needs=REASON),
        Transition("suspend", frozenset({"in_use"}), "suspended", EDITORS, needs=REASON),
        Transition("resume", frozenset({"suspended"}), "in_use", EDITORS, (is_released,), REASON),
        Transition("retire", frozenset({"draft", "approved", "in_use", "suspended"}), "retired", EDITORS, needs=REASON),
    ],
)
