"""Applications and what became of them, as far as their competition has come."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_app.bench.panel_bulk import Bulk, Row
from flask_app.bench.panel_lists import FILE, FIRST_ROW, Lists, complete, education, service_years
from flask_app.bench.panel_people import Staff
from flask_app.bench.panel_trail import Trail, moment
from flask_app.domain.rule_pack import RulePack
from flask_app.store.models.applications import Application, Notice

_TOLD = ("register", "take_up", "admit", "notify")
_TESTED = (*_TOLD, "enter_result")
_ABOVE = (*_TESTED, "qualify")
_HEARD = (*_ABOVE, "invite", "interview")
PATHS: dict[str, tuple[str, ...]] = {
    "registered": ("register",),
    "under_screening": ("register", "take_up"),
    "admitted": ("register", "take_up", "admit"),
    "rejected": ("register", "take_up", "reject"),
    "withdrawn": ("register", "withdraw"),
    "notified": _TOLD,
    "no_show": (*_TOLD, "miss"),
    "tested": _TESTED,
    "below_threshold": (*_TESTED, "stop_at_threshold"),
    "qualified": _ABOVE,
    "invited": (*_ABOVE, "invite"),
    "interviewed": _HEARD,
    "winner": (*_HEARD, "win"),
    "reserve_recommended": (*_HEARD, "recommend_for_reserve"),
    "not_selected": (*_HEARD, "pass_over"),
}
"""State → the steps of an application that led there."""

WITH_RESULT = frozenset(state for state, path in PATHS.items() if "enter_result" in path)
HEARD = frozenset(state for state, path in PATHS.items() if "interview" in path)
ABOVE = frozenset(state for state, path in PATHS.items() if "qualify" in path)

SCREENED = {"registered": 1, "under_screening": 5, "admitted": 7, "notified": 5, "rejected": 2}
TESTED = {"rejected": 2, "withdrawn": 1, "notified": 5, "tested": 4, "qualified": 5, "below_threshold": 3}
LATER = {"rejected": 3, "withdrawn": 1, "no_show": 2, "below_threshold": 14}
HALL = {"ky": "Чоң зал, 2-кабат", "ru": "Большой зал, 2-й этаж"}
AHEAD = timedelta(days=9)
MOST_HEARD = 20
"""Candidates a commission hears in one competition at most."""


@dataclass
class Applicants:
    bulk: Bulk
    trail: Trail
    staff: Staff
    pack: RulePack
    chance: random.Random
    lists: Lists
    today: date

    def make(
        self, competition: Row, state: str, days: Mapping[str, date], people: Sequence[Row], *, bare: bool
    ) -> list[Row]:
        """The applications of one competition, in the order of their numbers, each in its state.

        `bare`: the commission's sitting is still to be opened, and everybody who reached the threshold is invited.
        """
        outcomes = self._outcomes(state, days, len(people), bare=bare)
        source = self._imported(competition, days, people) if state == "documents_open" else {"file": FILE}
        return [
            self._one(competition, days, person, number, outcome, source)
            for number, (person, outcome) in enumerate(zip(people, outcomes, strict=True), start=1)
        ]

    def _imported(self, competition: Row, days: Mapping[str, date], people: Sequence[Row]) -> Mapping[str, Any]:
        """As long as documents are taken in, the list itself is at hand."""
        source = self.lists.keep(competition, people)
        after = {**source, "registered": len(people), "refused": 1, "known": 0}
        hand, day = self.staff.hand("hr_officer"), _received(days)
        self.trail.noted(hand, day, "applications.imported", "competition", competition["id"], after)
        return source

    def _outcomes(self, state: str, days: Mapping[str, date], count: int, *, bare: bool) -> list[str]:
        if "begin_screening" not in days:
            return ["registered"] * count
        if "begin_testing" not in days:
            return self._drawn(SCREENED, count)
        if "begin_interviews" not in days:
            return self._drawn(TESTED, count)
        heard = min(MOST_HEARD, max(2, count // 5))
        drawn = [*self._heard("invited" if bare else state, heard), *self._drawn(LATER, count - heard)]
        self.chance.shuffle(drawn)
        return drawn

    def _drawn(self, shares: Mapping[str, int], count: int) -> list[str]:
        return self.chance.choices(list(shares), list(shares.values()), k=count)

    @staticmethod
    def _heard(state: str, count: int) -> list[str]:
        if state == "invited":
            return ["invited"] * count
        if state == "interviewing":
            return [("qualified", "invited")[place % 2] for place in range(count)]
        if state in ("voting", "decided"):
            return ["interviewed"] * count
        if state in ("no_winner", "repeat_decision"):
            return ["not_selected"] * count
        return ["winner", *(("reserve_recommended", "not_selected")[place % 2] for place in range(count - 1))]

    def _one(
        self,
        competition: Row,
        days: Mapping[str, date],
        person: Row,
        number: int,
        outcome: str,
        source: Mapping[str, Any],
    ) -> Row:
        received = _received(days)
        row = self.bulk.add(
            Application,
            competition_id=competition["id"],
            person_id=person["id"],
            number=number,
            source={**source, "row": number - 1 + FIRST_ROW},
            education=education(number),
            service_months=12 * service_years(number),
            specialty_months=None,
            documents_complete=complete(number),
            refusal_ground=self.pack.admission_grounds[0].id if outcome == "rejected" else "",
            last_act_on=None,
            created_at=moment(received),
            state="received",
            version=1,
        )
        secretary = self.staff.hand("commission_secretary")
        self.trail.begin("application", row, self.staff.hand("hr_officer"), received, "received", {"number": number})
        for step in PATHS[outcome]:
            day = self._day(step, days, received)
            self.trail.step("application", row, step, secretary, day, reason="" if step != "reject" else "нет диплома")
            if step == "notify":
                self._told(row, day, test_begins(days, self.today))
        return row

    @staticmethod
    def _day(step: str, days: Mapping[str, date], received: date) -> date:
        """The day of a step: with the step of the competition that it belongs to."""
        if step in ("register", "withdraw"):
            return received
        if step in ("take_up", "admit", "reject", "notify"):
            return days["begin_screening"]
        if step in ("enter_result", "qualify", "stop_at_threshold", "miss"):
            return days["begin_testing"]
        if step in ("invite", "interview"):
            return days["begin_interviews"]
        return days["decide"]

    def _told(self, application: Row, day: date, starts_at: datetime) -> None:
        self.bulk.add(
            Notice,
            application_id=application["id"],
            kind="test",
            happened_on=day,
            recorded_at=moment(day),
            channel="phone",
            evidence="журнал звонков",
            starts_at=starts_at,
            place=HALL,
            preceded_on=None,
            recalled_on=None,
        )


def test_begins(days: Mapping[str, date], today: date) -> datetime:
    """The moment of the competition's test: on its day, or some days ahead."""
    return moment(days.get("begin_testing", today + AHEAD), 3)


def _received(days: Mapping[str, date]) -> date:
    """The day the list came in."""
    return days["open_documents"] + timedelta(days=1)
