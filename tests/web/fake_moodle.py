"""A site that only answers plans: what would be changed is everything wanted, in the order it is wanted."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_app.domain.canonical import digest
from flask_app.ports.moodle import OperationLedger, Step, SyncPlan, Wanted


@dataclass
class PlanningMoodle:
    """`extra`: steps that come on top from now on, as when somebody changed something on the site meanwhile."""

    extra: list[Step] = field(default_factory=list)

    def plan(self, wanted: Wanted, _ledger: OperationLedger) -> SyncPlan:
        steps = (
            *(Step("save_person", "", person.idnumber) for person in wanted.people),
            *(Step("save_test", test.course, test.test) for test in wanted.tests),
            *self.extra,
        )
        return SyncPlan(steps, wanted, digest([step.idnumber for step in steps]))
