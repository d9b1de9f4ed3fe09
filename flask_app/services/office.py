"""The desk every use case works at: what it may reach outside, and one transaction at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Protocol, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from flask_app.domain.errors import NotFound
from flask_app.domain.identity import Actor
from flask_app.ports.clock import Clock, Ids
from flask_app.ports.files import FileStore
from flask_app.ports.institutions import GradeBatches
from flask_app.ports.moodle import MoodleGateway, OperationLedger
from flask_app.ports.paper import PaperMaker, PaperViewer
from flask_app.ports.queue import JobQueue
from flask_app.ports.word_lists import ReadWordList
from flask_app.services.own_rows import keep_to_body
from flask_app.store.base import OfBody
from flask_app.store.models.organisation import Body
from flask_app.store.sealing import Sealer

T = TypeVar("T", bound=OfBody)


class LedgerOf(Protocol):
    def __call__(self, body_id: UUID) -> OperationLedger: ...


@dataclass(frozen=True)
class Office:
    """Everything outside a use case, wired once by `bootstrap`."""

    sessions: Callable[[], Session]
    clock: Clock
    ids: Ids
    files: FileStore
    paper: PaperMaker
    viewer: PaperViewer
    moodle: MoodleGateway
    ledger_of: LedgerOf
    queue: JobQueue
    grade_batches: GradeBatches
    read_word_list: ReadWordList
    sealer: Sealer

    @contextmanager
    def work(self, actor: Actor, request_id: str = "", zone: ZoneInfo | None = None) -> Iterator[Work]:
        """One use case = one transaction: committed when the block ends well, rolled back when it raises.

        `zone`: the body's, where the caller knows it; else it is read when it is first needed.
        """
        session = self.sessions()
        keep_to_body(session, actor.body_id)
        work = Work(self, session, actor, self.clock.now(), request_id, zone)
        try:
            yield work
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()
        for step in work.afterwards:
            step()


@dataclass
class Work:
    """A transaction in progress. `now` is fixed for its whole length; `afterwards` runs once it is committed."""

    office: Office
    session: Session
    actor: Actor
    now: datetime
    request_id: str
    known_zone: ZoneInfo | None = None
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    seats: dict[UUID, str] | None = None
    """Commission → the actor's seat there, once it was asked for (`rights.own_seats`); read anew after every lock."""
    _got: dict[tuple[type[Any], UUID], Any] = field(default_factory=dict)

    def get(self, model: type[T], id_: UUID, *, lock: bool = False) -> T:
        """The object of this body, locked for change if asked. Raises `NotFound` – also for another body's object.

        Asked for again without a lock, it is the object that this transaction has in hand already.
        """
        if lock:
            self.seats = None
        elif (model, id_) in self._got:
            known: T = self._got[model, id_]
            return known
        query: Any = select(model).where(model.id == id_, model.body_id == self.actor.body_id)  # type: ignore[attr-defined]  # every OfBody table here is Identified too
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        found: T | None = self.session.scalars(query).one_or_none()
        if found is None:
            raise NotFound("object.unknown", type=model.__name__)
        self._got[model, id_] = found
        return found

    def add(self, row: Any) -> None:
        """Add a row of the actor's body, with an id if it has none."""
        if getattr(row, "id", None) is None and hasattr(type(row), "id"):
            row.id = self.office.ids.new()
        row.body_id = self.actor.body_id
        self.seats = None
        self.session.add(row)

    @cached_property
    def body(self) -> Body:
        return self.session.get_one(Body, self.actor.body_id)

    @property
    def zone(self) -> ZoneInfo:
        """The body's time zone."""
        if self.known_zone is None:
            self.known_zone = ZoneInfo(self.body.time_zone)
        return self.known_zone

    @property
    def today(self) -> date:
        """The date at the body, by its own time zone."""
        return self.local_date(self.now)

    def local(self, moment: datetime) -> datetime:
        """The moment as the body's clocks show it."""
        return moment.astimezone(self.zone)

    def local_date(self, moment: datetime) -> date:
        return self.local(moment).date()
