"""The data of the measurement: one large body and small neighbours, loaded through the schema's own checks."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from sqlalchemy import Engine

from flask_app.bench import panel_competitions, panel_training
from flask_app.bench.panel_applicants import Applicants
from flask_app.bench.panel_bulk import Bulk, Row
from flask_app.bench.panel_competitions import Competitions
from flask_app.bench.panel_lists import Imported, Lists
from flask_app.bench.panel_papers import Papers
from flask_app.bench.panel_people import Staff, a_body, a_person, a_staff, commissions
from flask_app.bench.panel_questions import QuestionPapers
from flask_app.bench.panel_shelf import fill_shelf
from flask_app.bench.panel_sittings import Meetings, Tests
from flask_app.bench.panel_trail import Trail, moment, seal
from flask_app.bench.panel_training import Training
from flask_app.domain.identity import ROLES
from flask_app.services.bodies import actor_of
from flask_app.services.office import Office
from flask_app.services.papers import PAPERS
from flask_app.services.shipped_banks import read_shipped_banks
from flask_app.store.models.documents import Document
from flask_app.store.rule_packs import shipped_pack
from question_banks.bank import Bank

PACK = "kg-mun-2006"
ORDERS_SHARE = 5
"""Every fifth procedure is a training order."""

NEIGHBOURS = ("kok-zhar", "ak-tilek", "zhany-suu")
NEIGHBOUR_SHARE = 20
"""A neighbour has a twentieth of the body under measure, beside it."""

LOGINS_A_DAY = 4
AT_ONCE = 20
"""Competitions written in one go."""

A_BATCH = b'<?xml version="1.0" encoding="UTF-8"?><gradeBatch/>'
"""The file that every batch of the measurement is said to have come as."""

T = TypeVar("T")


@dataclass(frozen=True)
class Town:
    """What was loaded. `rows`: rows per table; of the body under measure, `events`: sealed events, `imported`: lists
    of applicants in its competitions that still take documents in."""

    body: UUID
    staff: Staff
    password: str
    rows: dict[str, int]
    events: int
    imported: tuple[Imported, ...]


@dataclass
class _Builder:
    office: Office
    engine: Engine
    password_hash: str
    chance: random.Random
    banks: Sequence[Bank]
    settle: Callable[[], None]
    rows: dict[str, int] = field(default_factory=dict)

    def body(self, code: str, prefix: str, people: int, procedures: int) -> tuple[UUID, Staff, int, Lists]:
        """A body with everything; returns its id, its staff, how long its chain is, and the lists it took in."""
        body_id, today = uuid4(), self.office.clock.now().date()
        bulk = Bulk(body_id)
        trail = Trail(bulk)
        a_body(bulk, code, f"{code} айыл өкмөтү", f"Айыл окмоту {code}")
        staff = a_staff(bulk, self.office.sealer, prefix, self.password_hash, people)
        crowd = [a_person(bulk, self.office.sealer, number) for number in range(people - len(ROLES))]
        seated = commissions(bulk, trail, staff, crowd, self.chance)
        self._write(bulk)
        papers = Papers(bulk, trail, staff)
        pack, lists = shipped_pack(PACK), Lists(self.office)
        making = Competitions(
            bulk,
            trail,
            staff,
            seated,
            pack,
            Applicants(bulk, trail, staff, pack, self.chance, lists, today),
            Tests(bulk, pack, QuestionPapers(self.banks, pack, self.chance), today, self.chance),
            Meetings(bulk, pack, self.chance),
            papers,
            today,
            self.chance,
        )
        orders = max(1, procedures // ORDERS_SHARE)
        self._competitions(making, crowd, procedures - orders)
        sent = self.office.files.put(A_BATCH).sha256
        training = Training(bulk, trail, staff, pack, papers, crowd, today, sent, self.chance)
        training.institutions()
        for number, state in enumerate(panel_training.states(orders, self.chance)):
            training.make(number, state)
        papers.counters()
        self._log_ins(trail, staff, today)
        self._write(bulk)
        self._files(bulk, papers, staff)
        self.settle()  # the figures are counted over a million answers: the database must know that they are there
        fill_shelf(self.office, staff, self.banks)
        return body_id, staff, seal(self.engine, body_id, self.office.clock.now()), lists

    def _competitions(self, making: Competitions, crowd: list[Row], count: int) -> None:
        wanted = panel_competitions.states(count, self.chance)
        groups = panel_competitions.in_turns(
            crowd, panel_competitions.sizes(wanted, len(crowd), self.chance), self.chance
        )
        for part in _parts(list(enumerate(wanted)), AT_ONCE):
            for number, state in part:
                making.make(number, state, next(groups))
            self._write(making.bulk)

    def _log_ins(self, trail: Trail, staff: Staff, today: date) -> None:
        """The events that nobody waits for make up most of a log."""
        for days_ago in range(1, 366):
            day = today - timedelta(days=days_ago)
            for role in self.chance.sample(ROLES, LOGINS_A_DAY):
                hand = staff.hand(role)
                trail.event(hand, moment(day, 3), "account.logged_in", "user_account", hand.user_id, {}, {})

    def _files(self, bulk: Bulk, papers: Papers, staff: Staff) -> None:
        """One protocol is rendered from the facts that were loaded; every version of the body's papers is that file."""
        known = [row for row in papers.made if row["kind"] == "D16" and row["state"] == "in_force"]
        with self.office.work(actor_of(self.office, staff.hand("commission_secretary").login)) as work:
            document = work.get(Document, known[0]["id"])
            rendered = work.office.paper.render(PAPERS[document.kind].facts(work, document))
            stored = work.office.files.put(rendered.content)
        papers.versions(stored.sha256, stored.size)
        self._write(bulk)

    def _write(self, bulk: Bulk) -> None:
        with self.engine.begin() as connection:
            bulk.flush(connection)
        for table, count in bulk.written.items():
            self.rows[table] = self.rows.get(table, 0) + count
        bulk.written.clear()


def _parts(things: list[T], size: int) -> Iterator[list[T]]:
    for first in range(0, len(things), size):
        yield things[first : first + size]


def build(
    office: Office,
    engine: Engine,
    people: int,
    procedures: int,
    password: str,
    tell: Callable[[str], None] = lambda _: None,
    neighbours: Sequence[str] = NEIGHBOURS,
    settle: Callable[[], None] = lambda: None,
) -> Town:
    """Load a migrated, empty database. The same numbers give the same data, but for ids and the day it is done on.

    `settle`: what the database does by itself after a load, cleaning up and counting; large loads need it half way.
    """
    chance = random.Random(20_260_416)  # noqa: S311  # repeatable data, no secret
    builder = _Builder(office, engine, PasswordHasher().hash(password), chance, read_shipped_banks(), settle)
    tell(f"{people} people, {procedures} procedures")
    body_id, staff, events, lists = builder.body("measured", "", people, procedures)
    for place, code in enumerate(neighbours):
        tell(code)
        fewest = len(panel_competitions.SHARES) + len(panel_training.SHARES)
        neighbour = max(fewest, procedures // NEIGHBOUR_SHARE)
        builder.body(code, f"n{place}.", max(60, people // NEIGHBOUR_SHARE), neighbour)
    return Town(body_id, staff, password, builder.rows, events, tuple(lists.made))
