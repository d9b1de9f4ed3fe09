"""What the protocol tells of the interviews: the members' marks, their means, the marks of the practical task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from sqlalchemy import func, select

from flask_app.ports.paper import CommissionPerson, EvaluationLine, RecusalLine
from flask_app.services.office import Work
from flask_app.services.recusal_facts import set_aside
from flask_app.store.models.applications import Application, PracticalResult
from flask_app.store.models.commissions import CommissionMember, InterviewMark
from flask_app.store.models.people import Person


def evaluations_of(
    work: Work,
    competition_id: UUID,
    names: Mapping[UUID, str],
    heard: Iterable[str],
    present: Iterable[CommissionPerson],
    recusals: Iterable[RecusalLine],
) -> tuple[EvaluationLine, ...]:
    """Candidate by candidate of `heard`, the members as they sit.

    Whoever stood aside is named without marks, also where there were some before.
    """
    rows = work.session.execute(
        select(InterviewMark.application_id, Person.name, InterviewMark.mark)
        .join(Application, Application.id == InterviewMark.application_id)
        .join(CommissionMember, CommissionMember.id == InterviewMark.member_id)
        .join(Person, Person.id == CommissionMember.person_id)
        .where(Application.competition_id == competition_id, ~set_aside())
        .order_by(InterviewMark.competence)
    )
    given: dict[tuple[str, str], list[int]] = {(line.candidate, line.member): [] for line in recusals}
    for application, member, mark in rows:
        given.setdefault((names[application], member), []).append(mark)
    return tuple(
        EvaluationLine(candidate, member.name, tuple(given[candidate, member.name]))
        for candidate in heard
        for member in present
        if (candidate, member.name) in given
    )


def mean_marks(work: Work, competition_id: UUID) -> dict[UUID, str]:
    """The mean over members and competences, two decimals, half up; for the commission's knowledge.

    Marks of a member who stands aside in the candidate's case do not count; whom nobody else marked has no mean.
    """
    rows = work.session.execute(
        select(InterviewMark.application_id, func.avg(InterviewMark.mark))
        .join(Application, Application.id == InterviewMark.application_id)
        .where(Application.competition_id == competition_id, ~set_aside())
        .group_by(InterviewMark.application_id)
    )
    return {id_: str(Decimal(mean).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)) for id_, mean in rows}


def practical_marks(work: Work, competition_id: UUID) -> dict[UUID, tuple[str, str]]:
    """Application → mark and maximum of the practical task."""
    rows = work.session.execute(
        select(PracticalResult.application_id, PracticalResult.mark, PracticalResult.maximum)
        .join(Application, Application.id == PracticalResult.application_id)
        .where(Application.competition_id == competition_id)
    )
    return {id_: (_plain(mark), _plain(maximum)) for id_, mark, maximum in rows}


def _plain(figure: Decimal) -> str:
    """Without the noughts a column of the database adds."""
    return f"{figure.normalize():f}"
