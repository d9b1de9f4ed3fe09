"""A candidate's birth date that was noted wrongly is put right, with a reason."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask_app.domain.errors import InvalidInput, NotPermitted, VersionConflict
from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.application import WORKFLOW
from flask_app.services import audit
from flask_app.services.applications import application_of
from flask_app.services.office import Work
from flask_app.services.rights import require, roles_on
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition


def may_correct_birth_date(competition: Competition, roles: frozenset[str]) -> bool:
    """Who edits an application as it comes in, by the workflow's table, until the competition is archived."""
    over = WORKFLOWS["competition"].states[competition.state].final
    return not over and WORKFLOW.permits("edit", WORKFLOW.initial, roles)


def birth_date_seen(born: date | None) -> str:
    """What a page showed of a birth date, for its correction."""
    return "" if born is None else born.isoformat()


def correct_birth_date(
    work: Work, competition_id: UUID, application_id: UUID, born: date, reason: str, *, seen: str
) -> None:
    """The birth date as the passport has it. `seen`: `birth_date_seen` of the one that was shown.

    What was signed keeps the date it was made with: papers are frozen with their facts. The log says that the date was
    corrected and why, not which dates: it is read by those who may not open personal data, and nobody can erase one
    from there. The list that brought the former date is kept with the application.

    Raises `NotPermitted`, `InvalidInput("person.birth_date_same")`, `VersionConflict` where somebody was faster.
    """
    competition = work.get(Competition, competition_id)
    require(work, competition, "view")
    if not may_correct_birth_date(competition, roles_on(work, competition)):
        raise NotPermitted("workflow.action_not_permitted", action="edit", state=WORKFLOW.initial, workflow=WORKFLOW.id)
    application = application_of(work, competition_id, application_id)
    person = work.get(Person, application.person_id, lock=True)
    if birth_date_seen(person.birth_date) != seen:
        raise VersionConflict("person.birth_date_changed")
    if person.birth_date == born:
        raise InvalidInput("person.birth_date_same", day=born)
    person.birth_date = born
    audit.record(work, "person.birth_date_corrected", "person", person.id, after={"reason": reason})
