"""The dates of a competition that a rule sets or a person has fixed, for its page and for the home page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_app.domain.deadlines import Unit, days_between, last_day, last_day_before
from flask_app.domain.errors import Rule
from flask_app.domain.workflows.competition import CompetitionFacts


@dataclass(frozen=True, slots=True)
class Deadline:
    """`kind` names the sentence. `left`: days of `unit` from today, negative when past. `open`: still to be kept."""

    kind: str
    on: date
    left: int
    unit: Unit
    open: bool
    days: int = 0
    rule: Rule | None = None


def competition_deadlines(facts: CompetitionFacts, state: str, today: date) -> tuple[Deadline, ...]:
    """In order of date: notice before the test, the test, the order after the decision."""
    found = [*_test(facts, state, today), *_order(facts, state, today)]
    return tuple(sorted(found, key=lambda deadline: deadline.on))


def _test(facts: CompetitionFacts, state: str, today: date) -> list[Deadline]:
    if facts.session is None:
        return []
    notice, held_on = facts.pack.test.notice, facts.session.held_on
    last = last_day_before(held_on, notice.term, facts.calendar)
    silent = bool(facts.in_state("admitted"))
    return [
        Deadline(
            "notice",
            last,
            days_between(today, last, notice.unit, facts.calendar),
            notice.unit,
            state == "screening" and silent,
            notice.days,
            facts.pack.rule(notice),
        ),
        Deadline("test", held_on, (held_on - today).days, "calendar", state in ("screening", "testing")),
    ]


def _order(facts: CompetitionFacts, state: str, today: date) -> list[Deadline]:
    if facts.decided_on is None:
        return []
    term = facts.pack.appointment
    last = last_day(facts.decided_on, term.term, facts.calendar)
    left = days_between(today, last, term.unit, facts.calendar)
    waiting = state == "decided" and facts.winner is not None
    return [Deadline("appointment", last, left, term.unit, waiting, term.days, facts.pack.rule(term))]
