"""D53: plan, enrolment and completion agree with the list of people; the share is a share of the body's funds."""

from __future__ import annotations

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
    enrolled, completed = facts.persons_enrolled, facts.persons_completed
    planned = facts.persons_planned
    agree = planned >= 0 and 0 <= completed <= enrolled
    insist(agree, "PAPER_PERSONS", planned=planned, enrolled=enrolled, completed=completed)
    insist(len(facts.people) == enrolled, "PAPER_PEOPLE_LISTED", listed=len(facts.people), enrolled=enrolled)
    passed = sum(person.result == "passed" for person in facts.people)
    insist(passed <= completed, "PAPER_PASSED_OVER_COMPLETED", passed=passed, completed=completed)
    for person in facts.people:
        insist(person.hours >= 0, "PAPER_HOURS", name=person.name, hours=person.hours)
