"""Who is sitting the test right now, asked of Moodle: who has begun, how far they are, how much time is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import OutsideError
from flask_app.domain.identity import Actor
from flask_app.ports.moodle import PersonProgress, TestProgress
from flask_app.services.local_time import LocalTime, local_time
from flask_app.services.office import Office, Work
from flask_app.services.sitting_desk import Sitting, sitting_of
from flask_app.services.test_sessions import OUT
from flask_app.store.models.applications import Application
from flask_app.store.models.people import Person
from flask_app.store.models.testing import ExaminationForm, Seat

STATES = ("inprogress", "overdue", "notstarted", "finished")
"""In the order in which somebody looking after the room wants to see them."""

QUIET = timedelta(minutes=10)
"""Nothing was answered for so long: perhaps a hand is needed there."""


@dataclass(frozen=True, slots=True)
class AtDesk:
    """A candidate in the room. `left`: whole minutes, None when the test was not begun or is over."""

    seat: int
    name: str
    state: str
    answered: int
    questions: int
    began_at: datetime | None
    ended_at: datetime | None
    left: int | None
    quiet: bool


@dataclass(frozen=True, slots=True)
class Live:
    """`asked_at`: by Moodle's clock. `failure`: Moodle gave no answer, and nothing is known of now."""

    sitting: Sitting
    asked_at: datetime | None
    people: tuple[AtDesk, ...]
    failure: OutsideError | None = None

    def count(self, state: str) -> int:
        return sum(person.state == state for person in self.people)


@dataclass(frozen=True, slots=True)
class _Place:
    seat: int
    name: str
    person: str
    test: str


def live_of(office: Office, actor: Actor, competition_id: UUID, request_id: str = "") -> Live:
    """Moodle is asked outside the transaction, once per form.

    Raises `NotFound` as the sitting's page does; that Moodle cannot be asked is told in the answer.
    """
    with office.work(actor, request_id) as work:
        sitting = sitting_of(work, competition_id)
        places, here = _places(work, sitting), local_time(work)
    if sitting.pushed_at is None:
        return Live(sitting, None, ())
    try:
        found = {test: office.moodle.progress(test) for test in sorted({place.test for place in places})}
    except OutsideError as failure:
        return Live(sitting, None, (), failure)
    people = tuple(sorted(_at_desks(sitting, places, found, here), key=_urgency))
    asked_at = max((progress.servertime for progress in found.values()), default=None)
    return Live(sitting, None if asked_at is None else here.at(asked_at), people)


def _places(work: Work, sitting: Sitting) -> tuple[_Place, ...]:
    rows = work.session.execute(
        select(Seat.number, Person.name, Person.id, ExaminationForm.test_idnumber)
        .join(Application, Application.id == Seat.application_id)
        .join(Person, Person.id == Application.person_id)
        .join(ExaminationForm, ExaminationForm.id == Seat.form_id)
        .where(Application.competition_id == sitting.competition.id)
        .where(Application.state.not_in(OUT))
        .order_by(Seat.number)
    )
    return tuple(_Place(number, name, str(id_), test) for number, name, id_, test in rows)


def _at_desks(
    sitting: Sitting, places: tuple[_Place, ...], found: Mapping[str, TestProgress], here: LocalTime
) -> Iterator[AtDesk]:
    told = {(test, person.person): person for test, progress in found.items() for person in progress.people}
    for place in places:
        person = told.get((place.test, place.person))
        now = found[place.test].servertime
        if person is None:
            yield AtDesk(place.seat, place.name, "unknown", 0, 0, None, None, None, quiet=False)
        else:
            yield _at_desk(sitting, place, person, now, here)


def _at_desk(sitting: Sitting, place: _Place, person: PersonProgress, now: datetime, here: LocalTime) -> AtDesk:
    running = person.state == "inprogress"
    seen = person.lastaction or person.timestart
    return AtDesk(
        seat=place.seat,
        name=place.name,
        state=person.state,
        answered=person.answered,
        questions=person.questions,
        began_at=None if person.timestart is None else here.at(person.timestart),
        ended_at=None if person.timeend is None else here.at(person.timeend),
        left=_minutes_left(sitting, person, now) if running else None,
        quiet=running and seen is not None and now - seen > QUIET,
    )


def _minutes_left(sitting: Sitting, person: PersonProgress, now: datetime) -> int | None:
    """Until the person's own time is over, or the sitting's, whichever comes first."""
    session = sitting.session
    if session is None or person.timestart is None:
        return None
    until = min(person.timestart + timedelta(minutes=session.duration_minutes), session.ends_at)
    return max(0, int((until - now).total_seconds()) // 60)


def _urgency(person: AtDesk) -> tuple[bool, int, int]:
    order = STATES.index(person.state) if person.state in STATES else -1
    return not person.quiet, order, person.seat
