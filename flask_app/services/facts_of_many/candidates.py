"""What the rules of a competition ask of its applications, for many competitions in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, any_, case, exists, false, func, select

from flask_app.domain.workflows.competition import (
    AT_THE_PRACTICAL_TASK,
    BEFORE_THE_COMMISSION,
    TOLD_OF_THE_TEST,
    ApplicationFacts,
)
from flask_app.services.competition_facts import standing_notice
from flask_app.services.listing import IDS, OF_BODY
from flask_app.services.office import Work
from flask_app.services.own_rows import prepared
from flask_app.services.recusal_facts import stands
from flask_app.store.models.applications import Application, Notice, PracticalResult
from flask_app.store.models.commissions import InterviewMark, Recusal


def candidates_of(work: Work, of: Mapping[str, Any]) -> Mapping[UUID, tuple[ApplicationFacts, ...]]:
    """Competition id → its applications. `of`: what statements about a list are asked with (`listing.IDS`)."""
    members = _Members()
    return {
        competition_id: tuple(
            map(ApplicationFacts, *facts, map(members.__getitem__, marked), map(members.__getitem__, recused))
        )
        for competition_id, *facts, marked, recused in work.session.execute(_applications(), of)
    }


@prepared
def _applications() -> Select[Any]:
    """One row per competition: of its applications, in the order of their numbers, what `ApplicationFacts` knows of
    them; members as ids with blanks between. Thousands of applications as rows would cost three times as much.
    """
    told = select(Notice.happened_on).where(standing_notice())
    practical = exists().where(PracticalResult.application_id == Application.id)
    marked = select(_ids_in_words(InterviewMark.member_id)).where(InterviewMark.application_id == Application.id)
    recused = select(_ids_in_words(Recusal.member_id)).where(Recusal.application_id == Application.id, stands())
    before = Application.state.in_(BEFORE_THE_COMMISSION)
    in_order = (
        cast(
            Select[Any],
            select(
                Application.competition_id,
                Application.id,
                Application.state,
                # Asked for each application apart: joined, the database reads notices and marks of all competitions.
                case((Application.state == TOLD_OF_THE_TEST, told.scalar_subquery())).label("notified_on"),
                case((Application.state.in_(AT_THE_PRACTICAL_TASK), practical), else_=false()).label("practical"),
                case((before, marked.scalar_subquery())).label("marked"),
                case((before, recused.scalar_subquery())).label("recused"),
            ),
        )
        .where(Application.competition_id == any_(IDS), Application.body_id == OF_BODY)
        .order_by(Application.competition_id, Application.number)
        .subquery()
    )
    competition, *columns = in_order.c
    return select(competition, *map(func.array_agg, columns)).group_by(competition)


def _ids_in_words(member: Any) -> Any:
    return func.array_to_string(func.array_agg(member.distinct()), " ")


class _Members(dict[str | None, frozenset[UUID]]):
    """Ids of members as the database writes them → the members: the same few for all candidates of a sitting."""

    def __missing__(self, written: str | None) -> frozenset[UUID]:
        found = self[written] = frozenset(map(UUID, (written or "").split()))
        return found
