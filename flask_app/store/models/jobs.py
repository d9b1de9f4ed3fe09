"""How far a background job has come: what the queue's own tables do not say."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from flask_app.store.base import Base, Identified

JobState = Literal["waiting", "running", "done", "failed", "cancelled"]


class JobProgress(Identified, Base):
    """One job as people see it. `done` of `total` (0 = not known yet); `message_code` + `params` make its sentence.

    `body_id` has no foreign key: the queue's tables are older than those of the bodies (migration 0001). Times are
    the database's.
    """

    __tablename__ = "job_progress"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state"),
        CheckConstraint("done >= 0 and total >= 0", name="counts"),
        Index("ix_job_progress_body_id_created_at", "body_id", "created_at"),
        Index("ix_job_progress_open", "updated_at", postgresql_where="state in ('waiting', 'running')"),
    )

    body_id: Mapped[UUID]
    task: Mapped[str]
    key: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="waiting")
    done: Mapped[int] = mapped_column(server_default=text("0"))
    total: Mapped[int] = mapped_column(server_default=text("0"))
    message_code: Mapped[str] = mapped_column(server_default="")
    params: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    cancel_requested: Mapped[bool] = mapped_column(server_default=text("false"))
