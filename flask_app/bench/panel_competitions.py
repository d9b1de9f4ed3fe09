"""Competitions in every state, with what each state brings along: people, test, sitting, vote, papers."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from flask_app.bench.panel_applicants import Applicants
from flask_app.bench.panel_bulk import Bulk, Row
from flask_app.bench.panel_papers import Papers
from flask_app.bench.panel_people import OWN_SEATS, Seated, Staff
from flask_app.bench.panel_sittings import Meetings, Tests
from flask_app.bench.panel_trail import Hand, Trail, moment
from flask_app.domain.rule_pack import RulePack
from flask_app.store.models.procedures import Competition, Position, Publication

_ALONG = (
    "submit_text",
    "announce",
    "open_documents",
    "close_documents",
    "begin_screening",
    "begin_testing",
    "begin_interviews",
    "begin_voting",
    "decide",
    "appoint",
    "close",
    "archive",
)
_STATES = (
    "text_agreement",
    "announced",
    "documents_open",
    "documents_closed",
    "screening",
    "testing",
    "interviewing",
    "voting",
    "decided",
    "appointed",
    "closed",
    "archived",
)
PATHS: dict[str, tuple[str, ...]] = {
    "draft": (),
    **{state: _ALONG[: place + 1] for place, state in enumerate(_STATES)},
    "no_winner": (*_ALONG[:9], "find_no_winner"),
    "repeat_decision": (*_ALONG[:9], "find_no_winner", "order_repeat"),
    "cancelled": (*_ALONG[:3], "cancel"),
}
"""State → the steps that led there."""

SHARES: dict[str, int] = {
    "draft": 4,
    "text_agreement": 3,
    "announced": 4,
    "documents_open": 6,
    "documents_closed": 3,
    "screening": 6,
    "testing": 4,
    "interviewing": 3,
    "voting": 2,
    "decided": 3,
    "appointed": 6,
    "no_winner": 1,
    "repeat_decision": 1,
    "cancelled": 2,
    "closed": 8,
    "archived": 44,
}
"""Of a hundred competitions of a body that has been at it for four years."""

ACTORS: dict[str, str] = {
    "begin_screening": "commission_secretary",
    "begin_testing": "commission_secretary",
    "begin_interviews": "commission_secretary",
    "begin_voting": "commission_secretary",
    "decide": "commission_secretary",
    "find_no_winner": "commission_secretary",
    "appoint": "head_of_body",
    "order_repeat": "head_of_body",
    "cancel": "head_of_body",
}
BARE = ("screening", "interviewing")
"""States in which every second competition has its sitting still to be scheduled or opened."""

VOTED = ("voting",)
"""States in which in every second competition all votes are given, and still to be counted."""

POSTS = (
    ("Муниципалдык менчик бөлүмүнүн башкы адиси", "Главный специалист отдела муниципальной собственности"),
    ("Каржы бөлүмүнүн жетектөөчү адиси", "Ведущий специалист финансового отдела"),
    ("Юридикалык бөлүмдүн адиси", "Специалист юридического отдела"),
    ("Жер иштери боюнча башкы адис", "Главный специалист по земельным вопросам"),
    ("Уюштуруу бөлүмүнүн башчысы", "Начальник организационного отдела"),
)
APPOINTMENT_DAYS = 2
"""From the decision to the order: within the three days of the rule."""


def states(count: int, chance: random.Random) -> list[str]:
    """`count` states: each at least once where there is room for it, the rest by their shares."""
    names = list(SHARES)
    drawn = [*names, *BARE, *VOTED][:count]
    return drawn + chance.choices(names, [SHARES[name] for name in names], k=max(0, count - len(drawn)))


def sizes(wanted: Sequence[str], people: int, chance: random.Random) -> list[int]:
    """How many apply to each: small and large competitions, together about everybody; the first of a state is large."""
    weights, met = [], set()
    for state in wanted:
        takes = 0.0 if "open_documents" not in PATHS[state] else chance.lognormvariate(0, 0.6)
        weights.append(takes * (6 if state not in met else 1) if state in met or takes == 0 else 6.0)
        met.add(state)
    whole = sum(weights) or 1
    return [min(people, max(4, round(people * weight / whole))) if weight else 0 for weight in weights]


@dataclass
class Competitions:
    """Makes competitions one after another; `today` is the last day anything may have happened on."""

    bulk: Bulk
    trail: Trail
    staff: Staff
    seated: Sequence[Seated]
    pack: RulePack
    applicants: Applicants
    tests: Tests
    meetings: Meetings
    papers: Papers
    today: date
    chance: random.Random
    made: list[Row] = field(default_factory=list)
    _frozen: dict[str, object] = field(init=False)
    _met: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._frozen = self.pack.model_dump(mode="json")

    def make(self, number: int, state: str, people: Sequence[Row]) -> Row:
        days = self._days(state)
        self._met[state] += 1
        seats = self._seats(number, state)
        row = self._draft(number, seats, days[0])
        self._walk(row, state, days[1:], people, seats)
        self.made.append(row)
        return row

    def _second(self, state: str) -> bool:
        return self._met[state] % 2 == 0

    def _seats(self, number: int, state: str) -> Seated:
        """The body's own chair, member and secretary sit in the first two of each state, and in all that wait for
        them: who looks for what is to be done there finds it."""
        own = self._met[state] <= 2 or (state in (*BARE, *VOTED) and self._second(state))
        return self.seated[number * (OWN_SEATS if own else 1) % len(self.seated)]

    def _days(self, state: str) -> list[date]:
        """The day it was drafted and the day of each step; what is in progress moved last within three weeks."""
        resting = state in ("closed", "archived", "cancelled", "repeat_decision")
        day = self.today - timedelta(days=self.chance.randrange(30, 1400) if resting else self.chance.randrange(1, 20))
        found = [day]
        for step in reversed(PATHS[state]):
            day -= timedelta(days=APPOINTMENT_DAYS if step == "appoint" else self.chance.randrange(3, 13))
            found.append(day)
        return found[::-1]

    def _draft(self, number: int, seats: Seated, day: date) -> Row:
        ky, ru = POSTS[number % len(POSTS)]
        title = {"ky": ky, "ru": ru}
        unit = {"ky": "Борбордук аппарат", "ru": "Центральный аппарат"}
        category = {"ky": "Улук топ, С-А", "ru": "Старшая группа, С-А"}
        position = self.bulk.add(
            Position,
            title=title,
            unit=unit,
            category=category,
            group="senior",
            administrative=True,
            vacant_since=day - timedelta(days=40),
        )
        row = self.bulk.add(
            Competition,
            code=f"К-{day.year}/{number + 1:04d}",
            kind="open",
            title=title,
            position_id=position["id"],
            commission_id=seats.commission["id"],
            pack_id=self.pack.id,
            pack_frozen={},
            announcement={
                item: {"ky": f"{ky}: {item}", "ru": f"{ru}: {item}"} for item in self.pack.announcement.items
            },
            internal_round="протокол № 3",
            agreement={},
            last_act_on=None,
            created_at=moment(day),
            state="draft",
            version=1,
        )
        self.trail.begin("competition", row, self._hand("hr_officer"), day, "drafted", {"code": row["code"]})
        return row

    def _hand(self, role: str) -> Hand:
        return self.staff.hand(role)

    def _walk(self, row: Row, state: str, days: Sequence[date], people: Sequence[Row], seats: Seated) -> None:
        for step, day in zip(PATHS[state], days, strict=True):
            if step == "announce":
                self._announced(row, day)
            hand = self._hand(ACTORS.get(step, "hr_officer"))
            self.trail.step("competition", row, step, hand, day, evidence=f"запись {row['code']}")
        after = dict(zip(PATHS[state], days, strict=True))
        if "open_documents" in after:
            self._people(row, state, after, people, seats)

    def _announced(self, row: Row, day: date) -> None:
        row["pack_frozen"] = self._frozen
        row["agreement"] = {"number": f"04-2/{len(self.made) + 100}", "date": (day - timedelta(days=2)).isoformat()}
        for outlet in ("газета «Заман»", "сайт органа"):
            self.bulk.add(
                Publication, competition_id=row["id"], outlet=outlet, published_on=day, reference=f"№ {day:%j}"
            )

    def _people(self, row: Row, state: str, days: dict[str, date], people: Sequence[Row], seats: Seated) -> None:
        bare = state in BARE and self._second(state)
        voted = "decide" in days or (state in VOTED and self._second(state))
        applications = self.applicants.make(row, state, days, people, bare=bare)
        if "begin_testing" in days or ("begin_screening" in days and not bare):
            self.tests.make(row, days, applications)
        if "begin_interviews" in days and not bare:
            self.meetings.make(row, state, days, applications, seats, voted=voted)
        if "begin_interviews" in days:
            self.papers.of_competition(row, state, days)


def in_turns(people: Sequence[Row], wanted: Sequence[int], chance: random.Random) -> Iterator[list[Row]]:
    """Everybody applies once before anybody applies twice; nobody twice to the same competition."""
    waiting: list[Row] = []
    for size in wanted:
        taken: list[Row] = []
        if size > len(waiting):
            taken, waiting = waiting, chance.sample(list(people), len(people))
        known = {person["id"] for person in taken}
        fresh = [person for person in waiting if person["id"] not in known][: size - len(taken)]
        chosen = {person["id"] for person in fresh}
        waiting = [person for person in waiting if person["id"] not in chosen]
        yield [*taken, *fresh]
