"""A paper's life: drafted, reviewed, signed under a registration number, kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_app.domain.identity import (
    AUDITOR,
    CHAIR,
    HEAD,
    HR_OFFICER,
    MEMBER,
    SECRETARY,
    TRAINING_OFFICER,
)
from flask_app.domain.workflow import Act, Refusal, State, Transition, build

READERS = frozenset({HR_OFFICER, SECRETARY, CHAIR, MEMBER, HEAD, AUDITOR, TRAINING_OFFICER})
DRAFTERS = frozenset({HR_OFFICER, SECRETARY, TRAINING_OFFICER})
SIGNERS = frozenset({CHAIR, HEAD})

_NO_PART: dict[str, frozenset[str]] = {"competition": frozenset({TRAINING_OFFICER})}
OVER: dict[str, frozenset[str]] = {
    "competition": frozenset({"closed", "archived", "cancelled"}),
    "training_order": frozenset({"closed"}),
}
"""States of a paper's subject in which nothing more is done by it."""
SUBJECTS = tuple(OVER)
"""What papers are about."""
RESTS_ON: dict[str, str] = {"D19": "D16"}
"""Kind of paper → kind of the paper it names as its ground: an order of appointment names the signed protocol."""


def part_in(subject_type: str, roles: frozenset[str]) -> frozenset[str]:
    """Those of the roles that have a part in papers of such a subject: who sees to training has none in a
    competition's, which tell of votes and recusals.
    """
    return roles - _NO_PART.get(subject_type, frozenset())


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """`signer_roles`: who signs papers of this kind, nobody where a paper has no signature. `has_version`: there is a
    rendered file to sign.

    `subject_over`: nothing more is done by the competition or order the paper belongs to (`OVER`).
    `changed_since`: what the paper tells of is no longer what the newest file says; looked at when it is
    passed on and when it is signed.
    `rests_on_it`: the number of the paper in force that names this one as its ground (`RESTS_ON`), empty without one.
    """

    kind: str
    has_version: bool
    signer_roles: frozenset[str]
    actor_roles: frozenset[str]
    subject_over: bool = False
    changed_since: bool = False
    rests_on_it: str = ""


def has_a_version(_: Act, facts: DocumentFacts) -> Iterable[Refusal]:
    if not facts.has_version:
        yield Refusal("document.nothing_to_sign")


def is_signed_at_all(_: Act, facts: DocumentFacts) -> Iterable[Refusal]:
    """A paper nobody signs stays a draft: it is drafted again whenever its facts change (DOMAIN C1, D03)."""
    if not facts.signer_roles:
        yield Refusal("document.kind_not_signed", params={"kind": facts.kind})


def is_signed_by_the_right_person(_: Act, facts: DocumentFacts) -> Iterable[Refusal]:
    """An order is signed by the head, a commission's paper by its chair (DOMAIN C1)."""
    if not facts.signer_roles & facts.actor_roles:
        yield Refusal("document.wrong_signer", params={"kind": facts.kind})


def its_subject_is_over(_: Act, facts: DocumentFacts) -> Iterable[Refusal]:
    """Papers go to the archive with their case: a paper still at work could no more be annulled there (unverified)."""
    if not facts.subject_over:
        yield Refusal("document.subject_not_over")


def is_still_true(_: Act, facts: DocumentFacts) -> Iterable[Refusal]:
    """Nobody is handed what is no longer so, nor signs another text than was approved: it is drafted again first."""
    if facts.changed_since:
        yield Refusal("document.facts_changed", params={"kind": facts.kind})


def nothing_in_force_rests_on_it(_: Act, facts: DocumentFacts) -> Iterable[Refusal]:
    """An order in force would be left without the protocol it names: the order is annulled first (unverified)."""
    if facts.rests_on_it:
        yield Refusal("document.rested_on", params={"kind": facts.kind, "number": facts.rests_on_it})


WORKFLOW = build(
    "document",
    "draft",
    states=[
        State("draft", {"view": READERS, "edit": DRAFTERS}),
        State("review", {"view": READERS, "comment": READERS}),
        State("signing", {"view": READERS}),
        State("in_force", {"view": READERS}),
        State("annulled", {"view": READERS}),
        State("archived", {"view": READERS}, final=True),
    ],
    transitions=[
        Transition(
            "submit", frozenset({"draft"}), "review", DRAFTERS, (has_a_version, is_signed_at_all, is_still_true)
        ),
        Transition(
            "return", frozenset({"review", "signing"}), "draft", READERS - {AUDITOR}, needs=frozenset({"reason"})
        ),
        Transition("approve", frozenset({"review"}), "signing", DRAFTERS | SIGNERS, (has_a_version, is_still_true)),
        Transition(
            "sign",
            frozenset({"signing"}),
            "in_force",
            SIGNERS,
            (has_a_version, is_signed_by_the_right_person, is_still_true),
        ),
        Transition(
            "annul",
            frozenset({"in_force"}),
            "annulled",
            SIGNERS,
            (nothing_in_force_rests_on_it,),
            needs=frozenset({"reason", "evidence"}),
        ),
        Transition("archive", frozenset({"in_force", "annulled"}), "archived", DRAFTERS, (its_subject_is_over,)),
    ],
)
