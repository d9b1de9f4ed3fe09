"""Where the actor sits as a substitute: the only competitions such a seat opens."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from flask_app.domain.substitution import SUBSTITUTE
from flask_app.services.office import Work
from flask_app.store.models.commissions import Attendance, CommissionMember, Meeting


def stood_in(work: Work) -> frozenset[UUID]:
    """Competitions in whose sitting the actor takes an absent member's place, as long as the seat is held."""
    return frozenset(
        work.session.scalars(
            select(Meeting.competition_id)
            .join(Attendance, Attendance.meeting_id == Meeting.id)
            .join(CommissionMember, CommissionMember.id == Attendance.member_id)
            .where(
                CommissionMember.person_id == work.actor.person_id,
                CommissionMember.body_id == work.actor.body_id,
                CommissionMember.role == SUBSTITUTE,
                CommissionMember.ended_on.is_(None),
                Attendance.present.is_(True),
            )
        )
    )
