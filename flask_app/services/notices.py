"""Notices of the test: given with day, hour and place, and recalled when these change or were entered wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.deadlines import days_between, is_early_enough
from flask_app.domain.errors import InvalidInput
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.workflow import Act
from flask_app.services.applications import move_applications
from flask_app.services.competition_facts import TEST_NOTICE
from flask_app.services.office import Work
from flask_app.services.rights import require
from flask_app.store.models.applications import Notice
from flask_app.store.models.procedures import Competition
from flask_app.store.models.testing import TestSession
from flask_app.store.rule_packs import work_calendar


def notices_of(work: Work, application_id: UUID) -> tuple[Notice | None, tuple[Notice, ...]]:
    """The notice that stands, and those recalled, the last one first."""
    rows = work.session.scalars(
        select(Notice)
        .where(Notice.application_id == application_id, Notice.kind == TEST_NOTICE)
        .order_by(Notice.recorded_at.desc())
    ).all()
    standing = next((row for row in rows if row.recalled_on is None), None)
    return standing, tuple(row for row in rows if row.recalled_on is not None)


def notify_of_test(work: Work, competition_id: UUID, application_ids: Sequence[UUID], channel: str, act: Act) -> int:
    """Note that the candidates were told of day, hour and place; refused when it was less than a week before."""
    require(work, work.get(Competition, competition_id, lock=True), "notify")
    moved = move_applications(work, competition_id, application_ids, "notify", act)
    session = work.session.scalars(select(TestSession).where(TestSession.competition_id == competition_id)).one()
    for application_id in application_ids:
        work.add(
            Notice(
                application_id=application_id,
                kind=TEST_NOTICE,
                happened_on=act.happened_on,
                recorded_at=act.recorded_at,
                channel=channel,
                evidence=act.evidence,
                starts_at=session.starts_at,
                place=dict(session.place),
            )
        )
    return moved


def recall_notices(work: Work, competition_id: UUID, application_ids: Sequence[UUID], act: Act) -> int:
    """These candidates are to be told anew; the notices they had are kept with the day and the reason of the recall."""
    work.get(Competition, competition_id, lock=True)
    moved = move_applications(work, competition_id, application_ids, "recall_notice", act)
    for notice in work.session.scalars(
        select(Notice).where(
            Notice.application_id.in_(application_ids), Notice.kind == TEST_NOTICE, Notice.recalled_on.is_(None)
        )
    ):
        notice.recalled_on, notice.recalled_because = act.happened_on, act.reason
    return moved


def insist_on_time_to_tell(work: Work, pack: RulePack, starts_at: datetime) -> None:
    """Raises `InvalidInput("session.too_near")` for a test so near that nobody can be told of it in time any more.

    A test of the past is entered afterwards: when its notices were given stands on paper.
    """
    notice, test_on, today = pack.test.notice, work.local_date(starts_at), work.today
    calendar = work_calendar(pack.jurisdiction)
    if test_on >= today and not is_early_enough(today, test_on, notice.term, calendar):
        left = days_between(today, test_on, notice.unit, calendar)
        raise InvalidInput("session.too_near", pack.rule(notice), n=left, days=notice.days)
