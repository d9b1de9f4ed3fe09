"""The operation ledger, the synchronisations that were carried out, and the hints that Moodle sends."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from flask_app.store.base import Base, Identified, OfBody


class SyncOperation(Identified, OfBody, Base):
    """One writing call to Moodle under its key.

    `state`: sent (outcome unknown), done, failed, superseded (outcome seen by a later look at the site).
    """

    __tablename__ = "sync_operation"
    __table_args__ = (UniqueConstraint("body_id", "opkey"),)

    opkey: Mapped[str]
    function: Mapped[str]
    request_hash: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    result: Mapped[dict[str, Any] | None]
    errorcode: Mapped[str] = mapped_column(default="")
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PushedItem(Identified, OfBody, Base):
    """What was last written to Moodle of a person, an enrolment or a test, by content hash."""

    __tablename__ = "pushed_item"
    __table_args__ = (UniqueConstraint("body_id", "kind", "idnumber"),)

    kind: Mapped[str]
    idnumber: Mapped[str]
    content_hash: Mapped[str]
    pushed_at: Mapped[datetime]


class SyncRun(Identified, OfBody, Base):
    """One synchronisation: its plan by hash, its state, its report. At most one runs per body at a time."""

    __tablename__ = "sync_run"
    __table_args__ = (Index("uq_sync_run_running", "body_id", unique=True, postgresql_where="state = 'applying'"),)

    subject: Mapped[str]
    plan_hash: Mapped[str]
    state: Mapped[str]
    steps: Mapped[int]
    report: Mapped[dict[str, Any]]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class HintAddress(Identified, OfBody, Base):
    """Where Moodle sends this body's hints: the id is the last part of the address, the secret signs them.

    `former_sealed`: the secret before the last change, taken until Moodle has used the new one. `generation` counts the
    secrets. `told_at`: Moodle confirmed address and secret. `checked_at`: Moodle's last knock that told of nothing;
    `hinted_at`: its last hint. `refused_why`: signature, time, body or sealed.
    """

    __tablename__ = "hint_address"
    __table_args__ = (UniqueConstraint("body_id"),)

    secret_sealed: Mapped[bytes]
    former_sealed: Mapped[bytes | None]
    generation: Mapped[int]
    set_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    set_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    hinted_at: Mapped[datetime | None]
    taken: Mapped[int]
    refused: Mapped[int]
    refused_at: Mapped[datetime | None]
    refused_why: Mapped[str]


class Hint(Identified, OfBody, Base):
    """A hint that was taken, under the id Moodle gave the delivery: the same one again does nothing.

    `subject`: idnumber of the test or course. `outcome`: queued, known (its job was waiting already), unknown (no such
    test or course here), closed (nothing is pulled there any more), other (an event the panel does not know).
    """

    __tablename__ = "hint"
    __table_args__ = (
        UniqueConstraint("address_id", "delivery"),
        Index("ix_hint_address_id_received_at", "address_id", "received_at"),
    )

    address_id: Mapped[UUID] = mapped_column(ForeignKey("hint_address.id", ondelete="CASCADE"))
    delivery: Mapped[str]
    event: Mapped[str]
    subject: Mapped[str]
    outcome: Mapped[str]
    received_at: Mapped[datetime]
