"""The audit log: record in the change's own transaction, seal into one chain per body afterwards, verify."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from flask_app.domain.canonical import digest, plain
from flask_app.services.office import Office, Work
from flask_app.store.models.audit import AuditEvent, AuditSeal
from flask_app.store.models.organisation import Body

GENESIS = "0" * 64
BATCH = 500


def record(
    work: Work,
    action: str,
    object_type: str,
    object_id: object,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Append an event to the log, in the transaction of what it tells of."""
    work.session.add(
        AuditEvent(
            body_id=work.actor.body_id,
            recorded_at=work.now,
            actor_id=work.actor.user_id,
            actor_login=work.actor.login,
            action=action,
            object_type=object_type,
            object_id=str(object_id),
            before=plain(before or {}),
            after=plain(after or {}),
            request_id=work.request_id,
        )
    )


def event_hash(event: AuditEvent, position: int, previous: str) -> str:
    """The chain's link: everything the event says, its place, and the link before it."""
    return digest(
        {
            "id": event.id,
            "body": event.body_id,
            "at": int(event.recorded_at.timestamp() * 1_000_000),
            "actor": event.actor_id,
            "login": event.actor_login,
            "action": event.action,
            "type": event.object_type,
            "object": event.object_id,
            "before": event.before,
            "after": event.after,
            "request": event.request_id,
            "position": position,
            "previous": previous,
        }
    )


def seal_body(session: Session, body_id: UUID, now: datetime) -> int:
    """Chain the events nobody has sealed yet; returns how many. One sealer per body at a time; writers never wait."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"audit:{body_id}"})
    last = session.scalars(
        select(AuditSeal).where(AuditSeal.body_id == body_id).order_by(AuditSeal.position.desc()).limit(1)
    ).one_or_none()
    position, previous = (last.position, last.hash) if last else (0, GENESIS)
    unsealed = session.scalars(
        select(AuditEvent)
        .outerjoin(AuditSeal, AuditSeal.event_id == AuditEvent.id)
        .where(AuditEvent.body_id == body_id, AuditSeal.event_id.is_(None))
        .order_by(AuditEvent.id)
    ).all()
    for event in unsealed:
        position += 1
        previous = event_hash(event, position, previous)
        session.add(AuditSeal(event_id=event.id, body_id=body_id, position=position, hash=previous, sealed_at=now))
    session.flush()
    return len(unsealed)


def seal_all(office: Office) -> int:
    """Seal every body's log; returns the number of events sealed."""
    sealed = 0
    with office.sessions() as session:
        bodies = session.scalars(select(Body.id)).all()
    for body_id in bodies:
        with office.sessions() as session, session.begin():
            sealed += seal_body(session, body_id, office.clock.now())
    return sealed


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of one body's chain found. `broken_at`: first position that does not fit; `head`: the last link."""

    body: str
    sealed: int
    unsealed: int
    head: str
    broken_at: int | None

    @property
    def sound(self) -> bool:
        return self.broken_at is None


def verify_all(office: Office) -> tuple[Verification, ...]:
    """Recompute every chain: a changed, deleted, reordered or inserted event breaks it at its place."""
    with office.sessions() as session:
        bodies = session.execute(select(Body.id, Body.code).order_by(Body.code)).all()
        return tuple(_verify(session, body_id, code) for body_id, code in bodies)


def _verify(session: Session, body_id: UUID, code: str) -> Verification:
    position, previous = 0, GENESIS
    broken: int | None = None
    for event, seal in _chain(session, body_id):
        position += 1
        if broken is not None:
            continue
        expected = GENESIS if event is None else event_hash(event, position, previous)
        if event is None or seal.position != position or seal.hash != expected:
            broken = position
        previous = seal.hash
    events = session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.body_id == body_id)) or 0
    return Verification(code, position, events - position, previous, broken)


def _chain(session: Session, body_id: UUID) -> Iterator[tuple[AuditEvent | None, AuditSeal]]:
    rows = session.execute(
        select(AuditEvent, AuditSeal)
        .select_from(AuditSeal)
        .outerjoin(AuditEvent, AuditEvent.id == AuditSeal.event_id)
        .where(AuditSeal.body_id == body_id)
        .order_by(AuditSeal.position)
        .execution_options(yield_per=BATCH)
    )
    yield from rows
