"""Applicants from a spreadsheet: previewed, then registered; good rows go in, each bad one is told with its reasons."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from uuid import UUID

from sqlalchemy import func, select

from flask_app.domain.applicants import Applicant, ApplicantsReading, Finding, RefusedRow, read_applicants
from flask_app.domain.errors import Refused
from flask_app.domain.names import fold_name
from flask_app.services import audit
from flask_app.services.applicants_warnings import against_kept, by_number
from flask_app.services.applications import choose_for, move_applications
from flask_app.services.competition_facts import pack_of
from flask_app.services.office import Work
from flask_app.services.rights import require
from flask_app.services.transitions import act_on, save_version
from flask_app.store.models.applications import Application
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition, StageRecord
from flask_app.store.workbooks import read_workbook

REMEMBERED = 4
"""Lists that are kept as they were read last, from the preview over the import to the report: reading three hundred
people takes a fifth of a second. No more than these few, for a list holds personal numbers."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`registered`: new applications; `known`: rows of people who have applied here already, left as they are;
    `warnings`: what somebody has to look into, of rows that stand as they are.
    """

    registered: tuple[Applicant, ...]
    known: tuple[Applicant, ...]
    refused: tuple[RefusedRow, ...]
    notes: tuple[Finding, ...]
    warnings: tuple[Finding, ...] = ()


def preview_applicants(work: Work, competition_id: UUID, content: bytes) -> ImportReport:
    """What an import would do, row by row. Saves nothing."""
    competition = work.get(Competition, competition_id)
    require(work, competition, "import_applications")
    reading = reading_of(content, work.today, pack_of(competition).languages)
    return _sorted_out(work, competition, reading)


def check_received(work: Work, competition_id: UUID, received_on: date) -> None:
    """Applications are received from the day the documents were opened until today: an earlier registration would
    contradict the history of the competition. By a list or one by one, the day of a registration is judged here.

    Raises `Refused`: act.in_the_future, application.received_before_opening.
    """
    if received_on > work.today:
        raise Refused("act.in_the_future", happened_on=received_on, today=work.today)
    opened_on = _opened_on(work, competition_id)
    if opened_on is not None and received_on < opened_on:
        raise Refused("application.received_before_opening", received_on=received_on, opened_on=opened_on)


def _opened_on(work: Work, competition_id: UUID) -> date | None:
    return work.session.scalar(
        select(StageRecord.happened_on)
        .where(StageRecord.object_id == competition_id, StageRecord.transition == "open_documents")
        .order_by(StageRecord.recorded_at.desc())
        .limit(1)
    )


def import_applicants(
    work: Work, competition_id: UUID, content: bytes, file_name: str, received_on: date
) -> ImportReport:
    """Register the good rows in one transaction. The same file again registers nobody twice. Raises as
    `check_received`.
    """
    competition = work.get(Competition, competition_id, lock=True)
    require(work, competition, "import_applications")
    check_received(work, competition_id, received_on)
    reading = reading_of(content, work.today, pack_of(competition).languages)
    report = _sorted_out(work, competition, reading)
    last = work.session.scalar(select(func.max(Application.number)).where(Application.competition_id == competition_id))
    source = {"file": file_name, "sha256": hashlib.sha256(content).hexdigest()}
    people = _people(work, report.registered)
    fresh = [
        _register(work, competition_id, person, applicant, (last or 0) + offset, {**source, "row": applicant.row})
        for offset, (applicant, person) in enumerate(zip(report.registered, people, strict=True), start=1)
    ]
    work.session.flush()
    move_applications(
        work, competition_id, [application.id for application in fresh], "register", act_on(work, received_on)
    )
    audit.record(
        work,
        "applications.imported",
        "competition",
        competition_id,
        after={**source, "registered": len(fresh), "refused": len(report.refused), "known": len(report.known)},
    )
    return report


@lru_cache(maxsize=REMEMBERED)
def reading_of(content: bytes, today: date, languages: tuple[str, ...]) -> ApplicantsReading:
    """What a list says, as it reads on this day. Raises as `read_workbook` and `read_applicants`."""
    return read_applicants(read_workbook(content), today=today, languages=languages)


def _sorted_out(work: Work, competition: Competition, reading: ApplicantsReading) -> ImportReport:
    numbers = work.session.scalars(
        select(Person.personal_number_index)
        .join(Application, Application.person_id == Person.id)
        .where(Application.competition_id == competition.id)
    )
    applied = {index for index in numbers if index is not None}
    listed = by_number(work, reading.accepted)
    known = tuple(one for index, one in listed.items() if index in applied)
    fresh = tuple(one for index, one in listed.items() if index not in applied)
    found = against_kept(work, competition, listed)
    return ImportReport(fresh, known, reading.refused, (*reading.notes, *found.notes), found.warnings)


def _register(
    work: Work, competition_id: UUID, person: Person, applicant: Applicant, number: int, source: Mapping[str, object]
) -> Application:
    application = Application(
        competition_id=competition_id,
        person_id=person.id,
        number=number,
        source=dict(source),
        education=applicant.education,
        service_months=applicant.service.in_months,
        specialty_months=None if applicant.specialty is None else applicant.specialty.in_months,
        documents_complete=applicant.documents_complete,
        refusal_ground="",
        state="received",
        version=0,
        created_at=work.now,
    )
    work.add(application)
    save_version(work, application, "received")
    return application


def _people(work: Work, applicants: Sequence[Applicant]) -> list[Person]:
    """The people of these personal numbers, in the same order: known from another competition, or new."""
    sealer = work.office.sealer
    indexes = [sealer.index(applicant.personal_number) for applicant in applicants]
    known = {
        person.personal_number_index: person
        for person in work.session.scalars(
            select(Person)
            .where(Person.body_id == work.actor.body_id, Person.personal_number_index.in_(indexes))
            .order_by(Person.id)
            .with_for_update()
        )
    }
    found = []
    for applicant, index in zip(applicants, indexes, strict=True):
        person = known.get(index)
        if person is None:
            person = _new_person(work, applicant, index)
        else:
            _bring_up_to_date(person, applicant)
        found.append(person)
    work.session.flush()
    for applicant, person in zip(applicants, found, strict=True):
        if applicant.language and not person.language_chosen:
            choose_for(work, person, applicant.language)
    return found


def _new_person(work: Work, applicant: Applicant, index: str) -> Person:
    person = Person(
        name=applicant.name,
        sort_key=applicant.sort_key,
        folded_name=fold_name(applicant.name),
        personal_number_index=index,
        personal_number_sealed=work.office.sealer.seal(applicant.personal_number),
        birth_date=applicant.birth_date,
        phone=applicant.phone or "",
        email=applicant.email or "",
        language="ky",
    )
    work.add(person)
    return person


def _bring_up_to_date(person: Person, applicant: Applicant) -> None:
    """A known person's newer ways to be reached; what the file leaves out stays as it was.

    The name stays too: papers in force were made out to it. A list that says another is told of (`against_kept`), and
    somebody corrects it with a reason.
    """
    person.phone, person.email = applicant.phone or person.phone, applicant.email or person.email
