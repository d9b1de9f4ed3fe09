"""Notices of the test: given with day, hour and place, and recalled when these change or were entered wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.canonical import digest
from flask_app.domain.deadlines import days_between, is_early_enough
from flask_app.domain.errors import InvalidInput
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.workflow import Act
from flask_app.services.applications import move_applications
from flask_app.services.competition_facts import TEST_NOTICE
from flask_app.services.office import Work
from flask_app.services.rights import require
from flask_app.store.models.applications import Application, Notice
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


def told_mark(session: TestSession) -> str:
    """What a notice tells: if that is something else by then, whoever enters the notice was shown another sitting."""
    return digest({"starts_at": session.starts_at, "place": dict(session.place)})


def notify_of_test(work: Work, competition_id: UUID, application_ids: Sequence[UUID], channel: str, act: Act) -> int:
    """Note that the candidates were told of day, hour and place; refused when it was less than a week before."""
    require(work, work.get(Competition, competition_id, lock=True), "notify")
    before: dict[UUID, date | None] = dict(
        work.session.execute(
            select(Application.id, Application.last_act_on).where(Application.id.in_(application_ids))
        ).all()
    )
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
                preceded_on=before.get(application_id),
            )
        )
    return moved


def recall_notices(work: Work, competition_id: UUID, application_ids: Sequence[UUID], act: Act) -> int:
    """These candidates are to be told anew; the notices they had are kept with the day and the reason of the recall."""
    return _recall(work, competition_id, application_ids, act)


def correct_notices(work: Work, competition_id: UUID, application_ids: Sequence[UUID], act: Act) -> int:
    """As `recall_notices`, for notices that were entered wrongly: what is entered instead may have happened earlier, as
    long as it follows the step before the notice.
    """
    return _recall(work, competition_id, application_ids, act, correcting=True)


def _recall(
    work: Work, competition_id: UUID, application_ids: Sequence[UUID], act: Act, *, correcting: bool = False
) -> int:
    work.get(Competition, competition_id, lock=True)
    moved = move_applications(work, competition_id, application_ids, "recall_notice", act)
    rows = work.session.execute(
        select(Notice, Application)
        .join(Application, Application.id == Notice.application_id)
        .where(Notice.application_id.in_(application_ids), Notice.kind == TEST_NOTICE, Notice.recalled_on.is_(None))
    ).all()
    for notice, application in rows:
        notice.recalled_on, notice.recalled_because = act.happened_on, act.reason
        if correcting and notice.preceded_on is not None:
            application.last_act_on = notice.preceded_on
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
