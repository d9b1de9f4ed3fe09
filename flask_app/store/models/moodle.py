"""The operation ledger and the synchronisations that were planned and carried out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
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
