"""Commissions, their members, meetings, marks and votes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from flask_app.store.base import Base, Identified, OfBody


class Commission(Identified, OfBody, Base):
    """A standing commission; `kinds` is a set, since one body may serve competition and attestation (DOMAIN A1)."""

    __tablename__ = "commission"

    name: Mapped[dict[str, Any]]
    kinds: Mapped[list[Any]]
    formed_on: Mapped[date]
    basis: Mapped[str]


class CommissionMember(Identified, OfBody, Base):
    """A seat. `role`: chair, deputy_chair, member, secretary, substitute. The pack says whether the secretary `votes`.

    `seated_on` None: seated when the commission was formed, by the same paper. `ended_on` None: the seat is held. An
    ended seat stays for the sittings it took part in: who sat there is what the sitting's attendance says.

    `in_place_of_id`: of a substitute's seat and of no other, the seat it stands in for. `in_place_of_role` repeats that
    seat's role so that the database itself keeps it to a member or the deputy chair of the same commission, never
    another substitute, and never the seat itself.
    """

    __tablename__ = "commission_member"
    __table_args__ = (
        UniqueConstraint("id", "commission_id", "role"),
        ForeignKeyConstraint(
            ["in_place_of_id", "commission_id", "in_place_of_role"],
            ["commission_member.id", "commission_member.commission_id", "commission_member.role"],
            name="fk_commission_member_in_place_of",
        ),
        CheckConstraint(
            "(role = 'substitute') = (in_place_of_id IS NOT NULL)"
            " AND num_nonnulls(in_place_of_id, in_place_of_role) <> 1",
            name="substitute_of_a_seat",
        ),
        CheckConstraint("in_place_of_role IN ('deputy_chair', 'member')", name="substitute_of_a_member"),
        CheckConstraint("role <> 'substitute' OR votes", name="substitute_votes"),
        Index(
            "uq_commission_member_substitute",
            "in_place_of_id",
            unique=True,
            postgresql_where=text("ended_on IS NULL"),
        ),
        Index(
            "uq_commission_member_held",
            "commission_id",
            "person_id",
            unique=True,
            postgresql_where=text("ended_on IS NULL"),
        ),
    )

    commission_id: Mapped[UUID] = mapped_column(ForeignKey("commission.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str]
    votes: Mapped[bool]
    post: Mapped[dict[str, Any]]
    seated_on: Mapped[date | None]
    seated_basis: Mapped[str] = mapped_column(default="")
    ended_on: Mapped[date | None]
    ended_basis: Mapped[str] = mapped_column(default="")
    in_place_of_id: Mapped[UUID | None]
    in_place_of_role: Mapped[str | None]


class Meeting(Identified, OfBody, Base):
    """A sitting of the commission on one competition."""

    __tablename__ = "meeting"
    __table_args__ = (UniqueConstraint("competition_id"),)

    competition_id: Mapped[UUID] = mapped_column(ForeignKey("competition.id"))
    held_on: Mapped[date]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    form: Mapped[str]
    place: Mapped[dict[str, Any]]
    secret_ballot: Mapped[bool]
    counted_at: Mapped[datetime | None]
    winner_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.id"))


class Attendance(Identified, OfBody, Base):
    """A member of the sitting, there or absent for a reason; a substitute only in the place of an absent one."""

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("meeting_id", "member_id"),)

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("commission_member.id"), index=True)
    present: Mapped[bool]
    reason: Mapped[dict[str, Any]]


class InterviewMark(Identified, OfBody, Base):
    """One member's mark for one candidate on one competence (numbered as the pack lists them)."""

    __tablename__ = "interview_mark"
    __table_args__ = (
        UniqueConstraint("application_id", "member_id", "competence"),
        # Who has marked whom is answered from the index alone.
        Index(None, "body_id", "application_id", "member_id"),
    )

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("commission_member.id"))
    competence: Mapped[int]
    mark: Mapped[int]
    recorded_at: Mapped[datetime]


class VoteRow(Identified, OfBody, Base):
    """One member's choice on one candidate: for, against, abstain, recused."""

    __tablename__ = "vote"
    __table_args__ = (UniqueConstraint("meeting_id", "member_id", "application_id"),)

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("commission_member.id"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    choice: Mapped[str]
    recorded_at: Mapped[datetime]


class Recusal(Identified, OfBody, Base):
    """A member who stands aside in one candidate's case, and why (language → text). Never deleted: one that was taken
    back has `withdrawn_at`, and at most one stands.
    """

    __tablename__ = "recusal"
    __table_args__ = (
        CheckConstraint("btrim(concat(reason ->> 'ky', reason ->> 'ru')) <> ''", name="reason_given"),
        CheckConstraint("withdrawn_at >= recorded_at", name="withdrawn_after"),
        Index(
            "uq_recusal_standing",
            "application_id",
            "member_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("commission_member.id"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    reason: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
