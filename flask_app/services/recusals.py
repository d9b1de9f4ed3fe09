"""A member stands aside in one candidate's case, or comes back to it: each for themselves, at the sitting."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select

from flask_app.domain.recusal import Case, check_recusal, check_withdrawal
from flask_app.services import audit
from flask_app.services.applications import application_of
from flask_app.services.meetings import own_seat
from flask_app.services.office import Work
from flask_app.services.recusal_facts import stands
from flask_app.services.rights import require
from flask_app.store.models.applications import Application
from flask_app.store.models.commissions import CommissionMember, InterviewMark, Meeting, Recusal, VoteRow
from flask_app.store.models.procedures import Competition


def recuse(work: Work, competition_id: UUID, application_id: UUID, reason: Mapping[str, str]) -> None:
    """The actor stands aside in the case of this candidate. Marks given before stay on record and do not count.

    `reason`: language → text, as the protocol prints it. Raises `NotPermitted` for whoever has no voting seat at the
    sitting, and as `domain.recusal.check_recusal` does.
    """
    meeting, member, application, marks, case, _ = _case(work, competition_id, application_id)
    check_recusal(case, reason)
    work.add(
        Recusal(
            meeting_id=meeting.id,
            member_id=member.id,
            application_id=application.id,
            reason={language: text.strip() for language, text in reason.items() if text.strip()},
            recorded_at=work.now,
        )
    )
    _record(work, "recusal.declared", application, before=marks, after=0)


def withdraw_recusal(work: Work, competition_id: UUID, application_id: UUID) -> None:
    """The actor comes back to the candidate; marks given before count again.

    Raises as `recuse` does, and as `domain.recusal.check_withdrawal`.
    """
    _, _, application, marks, case, recusal = _case(work, competition_id, application_id)
    check_withdrawal(case)
    assert recusal is not None
    recusal.withdrawn_at = work.now
    _record(work, "recusal.withdrawn", application, before=0, after=marks)


def _record(work: Work, action: str, application: Application, *, before: int, after: int) -> None:
    """The member's marks that count. The reason may tell of a family: the log, which keeps for ever, does without."""
    audit.record(work, action, "application", application.id, before={"marks": before}, after={"marks": after})


def _case(
    work: Work, competition_id: UUID, application_id: UUID
) -> tuple[Meeting, CommissionMember, Application, int, Case, Recusal | None]:
    """How the actor stands to the candidate. Until the transaction ends the actor neither marks nor votes elsewhere,
    the candidate's interview is not closed, and nothing is counted.
    """
    competition = work.get(Competition, competition_id, lock=True)  # the vote is not opened meanwhile
    meeting, member = own_seat(work, competition_id)
    application = application_of(work, competition_id, application_id)
    work.get(Meeting, meeting.id, lock=True)
    standing = select(Recusal).where(Recusal.application_id == application_id, Recusal.member_id == member.id, stands())
    recusal = work.session.scalar(standing)
    marks = _marks(work, application, member)
    case = Case(
        number=application.number,
        state=application.state,
        vote_open=competition.state == "voting",
        counted=meeting.counted_at is not None,
        voted=_voted(work, meeting, member),
        marked=marks > 0,
        recused=recusal is not None,
    )
    if not case.counted:
        require(work, competition, "recuse")
    return meeting, member, application, marks, case, recusal


def _voted(work: Work, meeting: Meeting, member: CommissionMember) -> bool:
    own = select(VoteRow.id).where(VoteRow.meeting_id == meeting.id, VoteRow.member_id == member.id)
    return work.session.scalar(own.limit(1)) is not None


def _marks(work: Work, application: Application, member: CommissionMember) -> int:
    own = (InterviewMark.application_id == application.id, InterviewMark.member_id == member.id)
    return work.session.scalar(select(func.count()).select_from(InterviewMark).where(*own)) or 0
