"""What every act leaves behind: the step's record, the object's version, the event of the log, the chain over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Engine, select

from flask_app.bench.panel_bulk import Bulk, Row, copy_rows
from flask_app.domain.canonical import digest, plain
from flask_app.domain.workflows import WORKFLOWS
from flask_app.services.audit import GENESIS, event_hash
from flask_app.services.transitions import SEALED
from flask_app.store.models.audit import AuditEvent, AuditSeal
from flask_app.store.models.procedures import StageRecord
from flask_app.store.models.versions import ObjectVersion

SEALED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does something: the user's id and login."""

    user_id: UUID
    login: str


def moment(day: date, hour: int = 5) -> datetime:
    """A working hour of the day at the body (UTC + 6)."""
    return datetime.combine(day, time(hour), UTC)


class Trail:
    """Writes beside the rows of a body what the use cases would have written."""

    def __init__(self, bulk: Bulk) -> None:
        self._bulk = bulk
        self._requests = 0

    def begin(self, workflow: str, row: Row, hand: Hand, day: date, action: str, after: Mapping[str, Any]) -> None:
        """An object was made: its first version and the event."""
        row["version"] = 1
        self._version(workflow, row, hand, moment(day), action)
        self.event(hand, moment(day), f"{workflow}.{action}", workflow, row["id"], {}, after)

    def step(self, workflow: str, row: Row, transition: str, hand: Hand, day: date, **said: str) -> None:
        """`transition` was taken on `day`; the row stands in its target state afterwards. `said`: evidence, reason."""
        source, target = row["state"], WORKFLOWS[workflow].transitions[transition].target
        row |= {"state": target, "version": row["version"] + 1, "last_act_on": day}
        at = moment(day, 6)
        evidence, reason = said.get("evidence", ""), said.get("reason", "")
        self._version(workflow, row, hand, at, reason or transition)
        self._bulk.add(
            StageRecord,
            object_type=workflow,
            object_id=row["id"],
            transition=transition,
            source=source,
            target=target,
            happened_on=day,
            recorded_at=at,
            evidence=evidence,
            reason=reason,
            actor_id=hand.user_id,
            version=row["version"],
        )
        before = {"state": source, "version": row["version"] - 1}
        after = {"state": target, "version": row["version"], "happened_on": day.isoformat(), "evidence": evidence}
        self.event(hand, at, f"{workflow}.{transition}", workflow, row["id"], before, after)

    def noted(
        self, hand: Hand, day: date, action: str, object_type: str, object_id: object, after: Mapping[str, Any]
    ) -> None:
        """Something that has no state changed or came to be."""
        self.event(hand, moment(day, 7), action, object_type, object_id, {}, after)

    def _version(self, workflow: str, row: Row, hand: Hand, at: datetime, reason: str) -> None:
        data = {name: plain(value) for name, value in row.items() if name not in SEALED}
        self._bulk.add(
            ObjectVersion,
            object_type=workflow,
            object_id=row["id"],
            version=row["version"],
            author_id=hand.user_id,
            recorded_at=at,
            reason=reason,
            data=data,
            checksum=digest(data),
        )

    def event(
        self,
        hand: Hand,
        at: datetime,
        action: str,
        object_type: str,
        object_id: object,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
    ) -> None:
        self._requests += 1
        self._bulk.add(
            AuditEvent,
            recorded_at=at,
            actor_id=hand.user_id,
            actor_login=hand.login,
            action=action,
            object_type=object_type,
            object_id=str(object_id),
            before=dict(before),
            after=dict(after),
            request_id=f"{self._requests:012x}",
        )


def seal(engine: Engine, body_id: UUID, now: datetime) -> int:
    """Chain every event of the body by the product's own link; returns how many. For a body without a seal yet."""
    position, previous = 0, GENESIS
    columns: list[Column[Any]] = list(AuditSeal.__table__.columns)  # type: ignore[arg-type]  # a mapped table's
    with engine.connect() as reading, engine.begin() as writing:
        query = select(AuditEvent.__table__).where(AuditEvent.body_id == body_id).order_by(AuditEvent.id)
        for part in reading.execution_options(yield_per=SEALED_AT_ONCE).execute(query).partitions():
            seals: list[Row] = []
            for event in part:
                position += 1
                previous = event_hash(event, position, previous)  # type: ignore[arg-type]  # a row with the model's names
                seals.append(
                    {
                        "event_id": event.id,
                        "body_id": body_id,
                        "position": position,
                        "hash": previous,
                        "sealed_at": now,
                    }
                )
            copy_rows(writing, AuditSeal.__tablename__, columns, seals)
    return position
