"""Printed log-in slips: what a candidate without e-mail takes to the computer room.

The passwords are sealed at rest; printing opens them, and each printing is in the audit log.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import NotPermitted
from flask_app.domain.workflows import WORKFLOWS
from flask_app.services import audit
from flask_app.services.local_time import LocalTime, local_time
from flask_app.services.moodle_people import moodle_password
from flask_app.services.office import Work
from flask_app.services.rights import require, roles_on
from flask_app.store.models.applications import Application
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition
from flask_app.store.models.testing import ExaminationForm, Seat, TestSession

SEATED = ("admitted", "notified")


@dataclass(frozen=True, slots=True)
class Slip:
    """`password` is empty until somebody asks to print."""

    name: str
    language: str
    seat: int
    has_email: bool
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Slips:
    """`address`: where the candidates log in."""

    address: str
    competition: Competition
    session: TestSession | None
    starts_at: datetime | None
    here: LocalTime
    slips: tuple[Slip, ...]


def may_print_slips(roles: frozenset[str]) -> bool:
    """Who gives seats prints the slips: the workflow's own table says who."""
    return any(WORKFLOWS["application"].permits("seat", state, roles) for state in SEATED)


def login_slips(work: Work, competition_id: UUID, *, opened: bool = False) -> Slips:
    """The people who have a seat, by its number. `opened` brings the passwords along and records that they were read.

    Raises `NotFound`, `NotPermitted`.
    """
    competition = work.get(Competition, competition_id)
    require(work, competition, "view")
    if not may_print_slips(roles_on(work, competition)):
        raise NotPermitted(
            "workflow.action_not_permitted", action="seat", state=competition.state, workflow="competition"
        )
    here = local_time(work)
    session = work.session.scalar(select(TestSession).where(TestSession.competition_id == competition_id))
    slips = tuple(_slip(work, person, number, opened) for person, number in _seated(work, competition_id))
    if opened:
        audit.record(work, "applications.slips_printed", "competition", competition_id, after={"people": len(slips)})
    return Slips(
        work.office.moodle.address,
        competition,
        session,
        None if session is None else here.at(session.starts_at),
        here,
        slips,
    )


def _seated(work: Work, competition_id: UUID) -> list[tuple[Person, int]]:
    rows = work.session.execute(
        select(Person, Seat.number)
        .join(Application, Application.person_id == Person.id)
        .join(Seat, Seat.application_id == Application.id)
        .join(ExaminationForm, ExaminationForm.id == Seat.form_id)
        .where(
            Application.competition_id == competition_id,
            Application.body_id == work.actor.body_id,
            Application.state.in_(SEATED),
            Person.moodle_username != "",
        )
        .order_by(Seat.number, Person.sort_key.collate("C"))
    )
    return [(person, number) for person, number in rows]


def _slip(work: Work, person: Person, number: int, opened: bool) -> Slip:
    password = moodle_password(work, person) if opened else ""
    return Slip(person.name, person.language, number, bool(person.email), person.moodle_username, password)
