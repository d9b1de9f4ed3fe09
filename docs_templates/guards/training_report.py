"""D53: plan, enrolment and completion agree with the list of people; the share is a share of the body's funds."""

from __future__ import annotations

from collections import Counter

from docs_templates.contexts.figures import number
from docs_templates.guards.conditions import insist, is_share
from flask_app.ports.paper import TrainingReport


def guard_report(facts: TrainingReport) -> None:
    _share(facts)
    _persons(facts)


def _share(facts: TrainingReport) -> None:
    funds = number(facts.body_funds, "body_funds")
    planned, spent = number(facts.money_planned, "money_planned"), number(facts.money_spent, "money_spent")
    share = number(facts.share_percent, "share_percent")
    for field, amount in (("body_funds", funds), ("money_planned", planned), ("money_spent", spent)):
        insist(amount >= 0, "PAPER_MONEY_NEGATIVE", field=field, value=amount)
    insist(
        is_share(share, planned, funds) or is_share(share, spent, funds),
        "PAPER_SHARE",
        share=facts.share_percent,
        planned=facts.money_planned,
        spent=facts.money_spent,
        funds=facts.body_funds,
    )


def _persons(facts: TrainingReport) -> None:
    """Persons are counted once, however many programmes they take; the list has a row for every programme."""
    planned, enrolled, completed = facts.persons_planned, facts.persons_enrolled, facts.persons_completed
    agree = planned >= 0 and 0 <= completed <= enrolled
    insist(agree, "PAPER_PERSONS", planned=planned, enrolled=enrolled, completed=completed)
    rows = Counter(person.name for person in facts.people)
    insist(
        len(rows) <= enrolled <= len(facts.people),
        "PAPER_PEOPLE_LISTED",
        names=len(rows),
        rows=len(facts.people),
        enrolled=enrolled,
    )
    passed = Counter(person.name for person in facts.people if person.result == "passed")
    through = sum(passed[name] == rows[name] for name in rows)
    insist(through <= completed, "PAPER_PASSED_OVER_COMPLETED", passed=through, completed=completed)
    for person in facts.people:
        insist(person.hours >= 0, "PAPER_HOURS", name=person.name, hours=person.hours)
