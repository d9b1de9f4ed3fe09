"""Gathers what a competition's rules are judged by, in a fixed number of queries however many candidates there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select

from flask_app.domain.rule_pack import RulePack
from flask_app.domain.workflows.announcement_text import Said, lacking
from flask_app.domain.workflows.competition import (
    AT_THE_PRACTICAL_TASK,
    BEFORE_THE_COMMISSION,
    RECEPTION,
    REGISTERED,
    TESTED,
    TOLD_OF_THE_TEST,
    ApplicationFacts,
    CompetitionFacts,
    CompetitionKind,
    SessionFacts,
)
from flask_app.services.commissions import members_of
from flask_app.services.office import Work
from flask_app.services.recusal_facts import recused_members
from flask_app.services.result_totals import absent_yet_sat, known_attempts, unexplained_attempts, was_pulled
from flask_app.store.models.applications import Application, Notice, PracticalResult
from flask_app.store.models.commissions import Attendance, CommissionMember, InterviewMark, Meeting
from flask_app.store.models.documents import Document
from flask_app.store.models.procedures import Competition, Position, Publication, StageRecord
from flask_app.store.models.testing import ExaminationForm, TestSession
from flask_app.store.rule_packs import shipped_pack, work_calendar

TEST_NOTICE = "test"
PROTOCOL_KIND, ORDER_KIND = "D16", "D19"


def standing_notice() -> ColumnElement[bool]:
    """The condition of the one notice of the test that an application has, if any."""
    return and_(Notice.application_id == Application.id, Notice.kind == TEST_NOTICE, Notice.recalled_on.is_(None))


def pack_of(competition: Competition) -> RulePack:
    """The rules of this competition: frozen since the announcement, the shipped pack before it."""
    return competition.pack_frozen or shipped_pack(competition.pack_id)


def agreement_of(competition: Competition) -> tuple[str, date | None]:
    """Number and date of the authorised body's letter, as far as it is recorded."""
    kept: Mapping[str, object] = competition.agreement
    day = str(kept.get("date", ""))
    return str(kept.get("number", "")), date.fromisoformat(day) if day else None


def said_in(announcement: Mapping[str, Mapping[str, str]]) -> Said:
    """Language -> the items of an announcement that have words in it."""
    languages = {language for texts in announcement.values() for language in texts}
    return {
        language: frozenset(item for item, texts in announcement.items() if texts.get(language, "").strip())
        for language in sorted(languages)
    }


def unsaid(competition: Competition) -> Mapping[str, tuple[str, ...]]:
    """Language of the pack -> the items of the announcement without words in it; only languages with gaps.

    The first language is the original; of a translation only what the original says already is a gap.
    """
    pack, said = pack_of(competition), said_in(competition.announcement)
    original, *translations = pack.languages
    gaps = lacking(pack, said, original)
    found: dict[str, tuple[str, ...]] = {original: gaps}
    for language in translations:
        found[language] = tuple(item for item in lacking(pack, said, language) if item not in gaps)
    return {language: items for language, items in found.items() if items}


def sent_on(competition: Competition) -> date | None:
    """The day the text went to agreement; known while it is there, when sending was the last step."""
    return competition.last_act_on if competition.state == "text_agreement" else None


def competition_facts(work: Work, competition: Competition) -> CompetitionFacts:
    pack = pack_of(competition)
    position = work.get(Position, competition.position_id)
    meeting = work.session.scalar(select(Meeting).where(Meeting.competition_id == competition.id))
    members = [] if competition.commission_id is None else members_of(work, competition.commission_id, meeting)
    return CompetitionFacts(
        pack=pack,
        calendar=work_calendar(pack.jurisdiction),
        kind=cast(CompetitionKind, competition.kind),
        position_is_administrative=position.administrative,
        vacant_since=position.vacant_since,
        announcement=said_in(competition.announcement),
        internal_round=competition.internal_round,
        agreement=agreement_of(competition)[0],
        sent_on=sent_on(competition),
        agreed_on=agreement_of(competition)[1],
        published_on=tuple(
            work.session.scalars(
                select(Publication.published_on)
                .where(Publication.competition_id == competition.id)
                .order_by(Publication.published_on)
            )
        ),
        last_applied_on=_last_applied_on(work, competition),
        commission_members=frozenset(member.id for member in members),
        commission_has_chair=any(member.role == "chair" for member in members),
        commission_has_secretary=any(member.role == "secretary" for member in members),
        applications=_applications(work, competition),
        session=_session(work, competition),
        present_members=_present_voters(work, meeting),
        vote_counted=meeting is not None and meeting.counted_at is not None,
        winner=None if meeting is None else meeting.winner_id,
        decided_on=decided_on(work, competition.id),
        order_signed_on=_signed_on(work, competition, ORDER_KIND),
        protocol_in_force=_signed_on(work, competition, PROTOCOL_KIND) is not None,
    )


def _last_applied_on(work: Work, competition: Competition) -> date | None:
    if competition.state != RECEPTION:
        return None
    return work.session.scalar(
        select(func.max(Application.last_act_on)).where(
            Application.competition_id == competition.id, Application.state == REGISTERED
        )
    )


def as_after_interviews(facts: CompetitionFacts) -> CompetitionFacts:
    """The commission's page closes the interviews and opens the vote in one act: wherever that step is spoken of, it is
    judged as the facts stand after the first half of the act.
    """
    if not any(application.state == "invited" for application in facts.applications):
        return facts
    after = [
        application._replace(state="interviewed")
        if application.state == "invited" and (application.marked_by or application.recused)
        else application
        for application in facts.applications
    ]
    return replace(facts, applications=tuple(after))


def _applications(work: Work, competition: Competition) -> tuple[ApplicationFacts, ...]:
    of_this = select(Application.id).where(Application.competition_id == competition.id)
    notices = (
        select(Notice.application_id, Notice.happened_on)
        .join(Application, standing_notice())
        .where(Application.competition_id == competition.id)
    )
    told: dict[UUID, date] = dict(work.session.execute(notices).all())
    practical = set(
        work.session.scalars(select(PracticalResult.application_id).where(PracticalResult.application_id.in_(of_this)))
    )
    marked: dict[UUID, set[UUID]] = defaultdict(set)
    for application_id, member_id in work.session.execute(
        select(InterviewMark.application_id, InterviewMark.member_id)
        .where(InterviewMark.application_id.in_(of_this.where(Application.state.in_(BEFORE_THE_COMMISSION))))
        .distinct()
    ):
        marked[application_id].add(member_id)
    aside = recused_members(work, competition.id)
    rows = work.session.execute(
        select(Application.id, Application.state)
        .where(Application.competition_id == competition.id)
        .order_by(Application.number)
    )
    return tuple(
        ApplicationFacts(
            id_,
            state,
            told.get(id_) if state == TOLD_OF_THE_TEST else None,
            state in AT_THE_PRACTICAL_TASK and id_ in practical,
            frozenset(marked[id_]),
            aside.get(id_, frozenset()) if state in BEFORE_THE_COMMISSION else frozenset(),
        )
        for id_, state in rows
    )


def _session(work: Work, competition: Competition) -> SessionFacts | None:
    session = work.session.scalar(select(TestSession).where(TestSession.competition_id == competition.id))
    if session is None:
        return None
    forms = work.session.scalars(select(ExaminationForm).where(ExaminationForm.session_id == session.id)).all()
    found = SessionFacts(
        held_on=work.local_date(session.starts_at),
        place=str(session.place.get("ru", "")),
        forms_drawn=bool(forms),
        pushed=session.pushed_at is not None,
    )
    if competition.state != TESTED:
        return found
    return replace(
        found,
        unexplained=unexplained_attempts(work, session),
        absent_yet_sat=len(absent_yet_sat(work, session.competition_id)),
        attempts=known_attempts(work, session),
        asked=was_pulled(work, session),
    )


def _present_voters(work: Work, meeting: Meeting | None) -> frozenset[UUID]:
    if meeting is None:
        return frozenset()
    return frozenset(
        work.session.scalars(
            select(Attendance.member_id)
            .join(CommissionMember, CommissionMember.id == Attendance.member_id)
            .where(Attendance.meeting_id == meeting.id, Attendance.present.is_(True), CommissionMember.votes.is_(True))
        )
    )


def decided_on(work: Work, competition_id: UUID) -> date | None:
    """The day of the commission's decision, as it was entered."""
    return work.session.scalar(
        select(StageRecord.happened_on)
        .where(StageRecord.object_id == competition_id, StageRecord.transition == "decide")
        .order_by(StageRecord.recorded_at.desc())
        .limit(1)
    )


def _signed_on(work: Work, competition: Competition, kind: str) -> date | None:
    return work.session.scalar(
        select(func.max(Document.registered_on)).where(
            Document.subject_id == competition.id, Document.kind == kind, Document.state == "in_force"
        )
    )
