"""Competitions and what belongs to their announcement."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from flask_app.domain.rule_pack import RulePack
from flask_app.store.base import Base, Identified, OfBody, Workflowed
from flask_app.store.frozen_rules import FrozenRules


class Position(Identified, OfBody, Base):
    """A post of the staffing table. Group and category as the register writes them (DOMAIN E1)."""

    __tablename__ = "position"

    title: Mapped[dict[str, Any]]
    unit: Mapped[dict[str, Any]]
    category: Mapped[dict[str, Any]]
    group: Mapped[str]
    administrative: Mapped[bool]
    vacant_since: Mapped[date | None]


class Competition(Identified, OfBody, Workflowed, Base):
    """A competition for one post.

    `pack_frozen` is the rule pack as it stood when the competition was announced (None before). `announcement` holds
    the seven items by id, {item: {language: text}}; `agreement` the authorised body's letter {number, date};
    `internal_round` its evidence.
    """

    __tablename__ = "competition"
    __table_args__ = (UniqueConstraint("body_id", "code"),)
    workflow = "competition"

    code: Mapped[str]
    kind: Mapped[str]
    title: Mapped[dict[str, Any]]
    position_id: Mapped[UUID] = mapped_column(ForeignKey("position.id"))
    commission_id: Mapped[UUID | None] = mapped_column(ForeignKey("commission.id"))
    pack_id: Mapped[str]
    pack_frozen: Mapped[RulePack | None] = mapped_column(FrozenRules, nullable=False)
    announcement: Mapped[dict[str, Any]]
    internal_round: Mapped[str] = mapped_column(default="")
    agreement: Mapped[dict[str, Any]]
    last_act_on: Mapped[date | None]
    created_at: Mapped[datetime]


class Publication(Identified, OfBody, Base):
    """Where and when the announcement came out."""

    __tablename__ = "publication"
    __table_args__ = (UniqueConstraint("competition_id", "outlet", "published_on"),)

    competition_id: Mapped[UUID] = mapped_column(ForeignKey("competition.id"), index=True)
    outlet: Mapped[str]
    published_on: Mapped[date]
    reference: Mapped[str]


class StageRecord(Identified, OfBody, Base):
    """Every transition any workflowed object took: what was said to have happened, and when it was recorded."""

    __tablename__ = "stage_record"

    object_type: Mapped[str]
    object_id: Mapped[UUID] = mapped_column(index=True)
    transition: Mapped[str]
    source: Mapped[str]
    target: Mapped[str]
    happened_on: Mapped[date]
    recorded_at: Mapped[datetime]
    evidence: Mapped[str]
    reason: Mapped[str]
    actor_id: Mapped[UUID]
    version: Mapped[int]
