"""The runs of synchronisation there were: who began which, when, with which plan, and what became of every item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import String, and_, cast, select

from flask_app.domain.errors import NotFound
from flask_app.ports.moodle import GOOD_OUTCOMES
from flask_app.services.bank_rights import may, require
from flask_app.services.listing import PAGE_SIZE, Slice, pages_of, read_page
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.moodle import SyncOperation, SyncRun
from flask_app.store.models.organisation import User


@dataclass(frozen=True, slots=True)
class RunRow:
    """A synchronisation that was begun. `who` is empty where the log does not say; `ended_at` None = not ended."""

    id: UUID
    subject: str
    state: str
    steps: int
    plan_hash: str
    who: str
    started_at: datetime
    ended_at: datetime | None
    failures: int
    error: str


@dataclass(frozen=True, slots=True)
class RunItem:
    kind: str
    bank: str
    idnumber: str
    outcome: str
    message: str
    version: int

    @property
    def good(self) -> bool:
        return self.outcome in GOOD_OUTCOMES


@dataclass(frozen=True, slots=True)
class Call:
    """A writing call of a run without a report: what the ledger knows of it."""

    function: str
    state: str
    errorcode: str
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class RunPage:
    """`calls` only where the run has no report of its own: it failed, was stopped, or its process is gone."""

    run: RunRow
    course: str
    banks: tuple[str, ...]
    counts: Mapping[str, int]
    found: Slice[RunItem]
    calls: tuple[Call, ...]


def runs(work: Work, page: int) -> Slice[RunRow]:
    """Every run of the body, the newest first. Raises `NotPermitted`."""
    require(work.actor, "view_sync")
    rows, total, page = read_page(work.session, _runs(work).order_by(SyncRun.started_at.desc()), page)
    return Slice(tuple(_run_row(work, row.SyncRun, row.name) for row in rows), total, page)


def _runs(work: Work) -> Any:
    """Runs with who began them, by the audit log."""
    begun = and_(
        AuditEvent.body_id == SyncRun.body_id,
        AuditEvent.object_id == cast(SyncRun.id, String),
        AuditEvent.action == "sync.begun",
    )
    return (
        select(SyncRun, User.name)
        .outerjoin(AuditEvent, begun)
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .where(SyncRun.body_id == work.actor.body_id)
    )


def _run_row(work: Work, run: SyncRun, who: str | None) -> RunRow:
    here = local_time(work)
    return RunRow(
        run.id,
        run.subject,
        run.state,
        run.steps,
        run.plan_hash,
        who or "",
        here.at(run.started_at),
        None if run.ended_at is None else here.at(run.ended_at),
        int(run.report.get("failures", 0)),
        str(run.report.get("error", "")),
    )


def run_page(work: Work, id_: UUID, outcome: str, page: int) -> RunPage:
    """One run with what became of each item. Raises `NotFound` for another body's."""
    if not may(work.actor, "view_sync"):
        raise NotFound("object.unknown", type="SyncRun")
    found = work.session.execute(_runs(work).where(SyncRun.id == id_)).one_or_none()
    if found is None:
        raise NotFound("object.unknown", type="SyncRun")
    run: SyncRun = found.SyncRun
    items = [RunItem(*item) for item in run.report.get("list", ())]
    chosen = [item for item in items if outcome in ("", item.outcome)]
    page = min(page, pages_of(len(chosen)))
    return RunPage(
        run=_run_row(work, run, found.name),
        course=str(run.report.get("course", "")),
        banks=tuple(run.report.get("banks", ())),
        counts=Counter(item.outcome for item in items),
        found=Slice(tuple(chosen[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]), len(chosen), page),
        calls=() if items else _calls(work, run),
    )


def _calls(work: Work, run: SyncRun) -> tuple[Call, ...]:
    """The ledger's calls between the beginning and the end of a run. Only one run of a body goes on at a time."""
    here, ended = local_time(work), run.ended_at or run.started_at + timedelta(days=1)
    rows = work.session.execute(
        select(SyncOperation.function, SyncOperation.state, SyncOperation.errorcode, SyncOperation.begun_at)
        .where(
            SyncOperation.body_id == work.actor.body_id,
            SyncOperation.begun_at >= run.started_at,
            SyncOperation.begun_at <= ended,
        )
        .order_by(SyncOperation.begun_at)
        .limit(PAGE_SIZE)
    )
    return tuple(Call(function, state, error, here.at(at)) for function, state, error, at in rows)
