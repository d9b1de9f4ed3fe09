"""Who stands aside in which candidate's case: the recusals that were not taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, select

from flask_app.services.office import Work
from flask_app.store.models.applications import Application
from flask_app.store.models.commissions import InterviewMark, Recusal


def stands() -> ColumnElement[bool]:
    """Recusals that were not taken back."""
    return Recusal.withdrawn_at.is_(None)


def recusals_of(work: Work, competition_id: UUID) -> list[Recusal]:
    """Those that stand, in the order they were declared."""
    return list(
        work.session.scalars(
            select(Recusal)
            .join(Application, Application.id == Recusal.application_id)
            .where(Application.competition_id == competition_id, Recusal.body_id == work.actor.body_id, stands())
            .order_by(Recusal.recorded_at, Recusal.id)
        )
    )


def recused_members(work: Work, competition_id: UUID) -> Mapping[UUID, frozenset[UUID]]:
    """Application → the seats that stand aside; nothing of applications where nobody does."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for recusal in recusals_of(work, competition_id):
        found[recusal.application_id].add(recusal.member_id)
    return {application: frozenset(members) for application, members in found.items()}


def recused_from(work: Work, member_id: UUID) -> frozenset[UUID]:
    """The applications in whose case this seat stands aside."""
    own = (Recusal.member_id == member_id, Recusal.body_id == work.actor.body_id)
    return frozenset(work.session.scalars(select(Recusal.application_id).where(*own, stands())))


def set_aside() -> Exists:
    """Of a mark: that it does not count, since whoever gave it stands aside in that candidate's case."""
    return (
        select(Recusal.id)
        .where(
            Recusal.application_id == InterviewMark.application_id,
            Recusal.member_id == InterviewMark.member_id,
            stands(),
        )
        .exists()
    )
