"""The sections of the panel, in the order of the bar, and which areas belong to each."""

from __future__ import annotations

from dataclasses import dataclass

from flask_app.domain.identity import AUDITOR, BANK_EDITOR, Actor


@dataclass(frozen=True, slots=True)
class Entry:
    """`areas`: blueprints whose pages show this entry as current. `roles`: who sees it; empty: everybody."""

    name: str
    endpoint: str
    areas: frozenset[str]
    roles: frozenset[str] = frozenset()


def _entry(name: str, endpoint: str, *more: str, roles: frozenset[str] = frozenset()) -> Entry:
    return Entry(name, endpoint, frozenset({endpoint.partition(".")[0], *more}), roles)


ENTRIES = (
    _entry("nav_home", "home.show"),
    _entry("nav_procedures", "procedures.index", "announcing", "applicants"),
    _entry("nav_sittings", "sittings.index"),
    _entry("nav_commission", "commission.index"),
    _entry("nav_papers", "papers.index", "paper_actions"),
    _entry("nav_questions", "questions.index", roles=frozenset({BANK_EDITOR})),
    _entry("nav_journal", "journal.body", "verification", roles=frozenset({AUDITOR})),
)


def navigation(actor: Actor) -> tuple[Entry, ...]:
    """The sections this person has pages in."""
    return tuple(entry for entry in ENTRIES if not entry.roles or entry.roles & actor.roles)
