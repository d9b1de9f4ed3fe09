"""What was noted wrongly of a candidate – the name, the birth date – is put right, with a reason.

What was signed keeps what it was made with: papers are frozen with their facts. The log says that something was
corrected and why, not what it was before and after: it is read by those who may not open personal data, and nobody can
erase anything there. The list that brought the former entry is kept with the application.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask_app.domain.errors import InvalidInput, NotPermitted, VersionConflict
from flask_app.domain.names import fold_name, sort_key
from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.application import WORKFLOW
from flask_app.services import audit
from flask_app.services.applications import application_of
from flask_app.services.office import Work
from flask_app.services.rights import require, roles_on
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition


def may_correct(competition: Competition, roles: frozenset[str]) -> bool:
    """Who edits an application as it comes in, by the workflow's table, until the competition is archived."""
    over = WORKFLOWS["competition"].states[competition.state].final
    return not over and WORKFLOW.permits("edit", WORKFLOW.initial, roles)


def _person_to_correct(work: Work, competition_id: UUID, application_id: UUID) -> Person:
    """Locked. Raises `NotFound`, `NotPermitted`."""
    competition = work.get(Competition, competition_id)
    require(work, competition, "view")
    if not may_correct(competition, roles_on(work, competition)):
        raise NotPermitted("workflow.action_not_permitted", action="edit", state=WORKFLOW.initial, workflow=WORKFLOW.id)
    application = application_of(work, competition_id, application_id)
    return work.get(Person, application.person_id, lock=True)


def birth_date_seen(born: date | None) -> str:
    """What a page showed of a birth date, for its correction."""
    return "" if born is None else born.isoformat()


def correct_birth_date(
    work: Work, competition_id: UUID, application_id: UUID, born: date, reason: str, *, seen: str
) -> None:
    """The birth date as the passport has it. `seen`: `birth_date_seen` of the one that was shown.

    Raises `NotPermitted`, `InvalidInput("person.birth_date_same")`, `VersionConflict` where somebody was faster.
    """
    person = _person_to_correct(work, competition_id, application_id)
    if birth_date_seen(person.birth_date) != seen:
        raise VersionConflict("person.birth_date_changed")
    if person.birth_date == born:
        raise InvalidInput("person.birth_date_same", day=born)
    person.birth_date = born
    audit.record(work, "person.birth_date_corrected", "person", person.id, after={"reason": reason})


def correct_name(work: Work, competition_id: UUID, application_id: UUID, name: str, reason: str, *, seen: str) -> None:
    """The name as the passport has it, fit for papers (`domain.names.read_name`); in all competitions of the person.
    `seen`: the name that was shown.

    Raises `NotPermitted`, `InvalidInput("person.name_same")`, `VersionConflict` where somebody was faster.
    """
    person = _person_to_correct(work, competition_id, application_id)
    if person.name != seen:
        raise VersionConflict("person.name_changed")
    if person.name == name:
        raise InvalidInput("person.name_same", name=name)
    person.name, person.sort_key, person.folded_name = name, sort_key(name), fold_name(name)
    audit.record(work, "person.renamed", "person", person.id, after={"reason": reason})
