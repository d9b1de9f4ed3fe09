"""The sections of the panel, in the order of the bar, and which areas belong to each.

A section is offered by the same permission maps that decide on its pages; one whose list may be empty for somebody is
offered to everybody (a member's seat on a commission is found only by looking).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_app.domain.identity import AUDITOR, BANK_EDITOR, Actor
from flask_app.domain.workflows import WORKFLOWS, commission, user
from flask_app.services import bank_rights

ORDERS = WORKFLOWS["training_order"]


@dataclass(frozen=True, slots=True)
class Entry:
    """`areas`: blueprints whose pages show this entry as current. `offered`: whether somebody has pages there."""

    name: str
    endpoint: str
    areas: frozenset[str]
    offered: Callable[[Actor], bool]


def everybody(_actor: Actor) -> bool:
    return True


def reads_orders(actor: Actor) -> bool:
    return any(ORDERS.permits("view", state, actor.roles) for state in ORDERS.states)


def reads_banks(actor: Actor) -> bool:
    return bank_rights.may(actor, "view")


def sees_syncs(actor: Actor) -> bool:
    return bank_rights.may(actor, "view_sync")


def examines_only(actor: Actor) -> bool:
    """Whose only page about Moodle is the one about its connection."""
    return bank_rights.may(actor, "examine") and not sees_syncs(actor)


def writes_questions(actor: Actor) -> bool:
    return BANK_EDITOR in actor.roles


def reads_commissions(actor: Actor) -> bool:
    return commission.WORKFLOW.permits("view", commission.FORMED, actor.roles)


def keeps_people(actor: Actor) -> bool:
    return user.WORKFLOW.permits("view", user.KEPT, actor.roles)


def reads_the_log(actor: Actor) -> bool:
    return AUDITOR in actor.roles


def _entry(name: str, endpoint: str, *more: str, offered: Callable[[Actor], bool] = everybody) -> Entry:
    return Entry(name, endpoint, frozenset({endpoint.partition(".")[0], *more}), offered)


ENTRIES = (
    _entry("nav_home", "home.show"),
    _entry("nav_procedures", "procedures.index", "announcing", "applicants"),
    _entry("nav_sittings", "sittings.index"),
    _entry("nav_commission", "commission.index"),
    _entry("nav_commissions", "commissions.index", offered=reads_commissions),
    _entry("nav_papers", "papers.index", "paper_actions"),
    _entry("nav_training", "training.index", offered=reads_orders),
    _entry("nav_banks", "banks.index", offered=reads_banks),
    _entry("nav_questions", "questions.index", offered=writes_questions),
    _entry("nav_moodle", "moodle.index", offered=sees_syncs),
    _entry("nav_moodle", "moodle.connection", offered=examines_only),
    _entry("nav_people", "people.index", offered=keeps_people),
    _entry("nav_journal", "journal.body", "verification", offered=reads_the_log),
)


def navigation(actor: Actor) -> tuple[Entry, ...]:
    """The sections this person has pages in."""
    return tuple(entry for entry in ENTRIES if entry.offered(actor))


def own_sections(actor: Actor) -> tuple[Entry, ...]:
    """Those of them that are not everybody's: what the person's role opens for certain."""
    return tuple(entry for entry in navigation(actor) if entry.offered is not everybody)
