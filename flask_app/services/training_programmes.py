"""One programme of an order: who is on it, enrolling people by name, outcomes entered from a paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, select

from flask_app.domain.errors import InvalidInput, NotFound, Refused
from flask_app.domain.names import NameReading, fold_name, read_name
from flask_app.domain.rule_pack import RulePack
from flask_app.services import audit
from flask_app.services.bodies import add_person
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.rights import may, require
from flask_app.services.training import MOODLE, enrol
from flask_app.services.training_desk import shown_order
from flask_app.services.training_facts import OPEN_OUTCOMES, training_pack
from flask_app.store.models.people import Person
from flask_app.store.models.training import Enrolment, GradeRow, Institution, Programme, TrainingOrder

ENTERED = ("passed", "failed", "absent")
"""Outcomes that a paper can tell; what is still open is no outcome."""

MOST_AT_ONCE = 200
"""Names of one list. A longer one is entered in parts, so that each can be looked at."""


@dataclass(frozen=True, slots=True)
class Trainee:
    """One enrolment. `source`: where the outcome comes from: moodle, batch, paper, or nothing yet.

    `editable`: the outcome may be entered from a paper – nobody else answers for it.
    """

    enrolment: UUID
    person: UUID
    name: str
    outcome: str
    score: str
    document: str
    completed_at: datetime | None
    source: str

    @property
    def editable(self) -> bool:
        return self.source in ("", "paper")


@dataclass(frozen=True, slots=True)
class ProgrammeDesk:
    """Everything the page of a programme shows."""

    order: TrainingOrder
    programme: Programme
    institution: Institution | None
    trainees: tuple[Trainee, ...]
    may_enrol: bool
    may_enter: bool
    may_export: bool
    pack: RulePack
    today: date

    @property
    def to_enter(self) -> tuple[Trainee, ...]:
        return tuple(trainee for trainee in self.trainees if trainee.editable)


def programme_desk(work: Work, order_id: UUID, programme_id: UUID) -> ProgrammeDesk:
    """Raises `NotFound` for another order's programme, another body's, and an order the actor may not view."""
    order = shown_order(work, order_id)
    programme = _programme(work, order_id, programme_id)
    here = local_time(work)
    found = None if programme.institution_id is None else work.get(Institution, programme.institution_id)
    rows = work.session.execute(_enrolments(programme_id, work))
    trainees = tuple(_trainee(programme, enrolment, name, graded) for enrolment, name, graded in rows)
    return ProgrammeDesk(
        order=order,
        programme=programme,
        institution=found,
        trainees=trainees,
        may_enrol=may(work, order, "enrol"),
        may_enter=may(work, order, "enter_outcomes"),
        may_export=any(may(work, order, action) for action in ("enrol", "accept_grades")),
        pack=training_pack(order),
        today=here.today,
    )


def _programme(work: Work, order_id: UUID, programme_id: UUID) -> Programme:
    programme = work.get(Programme, programme_id)
    if programme.order_id != order_id:
        raise NotFound("object.unknown", type=Programme.__name__)
    return programme


def _enrolments(programme_id: UUID, work: Work) -> Select[Enrolment, str, bool]:
    """Enrolments with the person's name and whether a grade of the institution stands behind the outcome."""
    graded = (
        select(GradeRow.id)
        .where(GradeRow.enrolment_id == Enrolment.id, GradeRow.newest.is_(True), GradeRow.action != "withdraw")
        .exists()
    )
    return (
        select(Enrolment, Person.name, graded)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.programme_id == programme_id, Enrolment.body_id == work.actor.body_id)
        .order_by(Person.sort_key, Enrolment.id)
    )


def _trainee(programme: Programme, enrolment: Enrolment, name: str, graded: bool) -> Trainee:
    return Trainee(
        enrolment.id,
        enrolment.person_id,
        name,
        enrolment.outcome,
        enrolment.score,
        enrolment.document_number,
        enrolment.completed_at,
        _source(programme, enrolment, graded),
    )


def _source(programme: Programme, enrolment: Enrolment, graded: bool) -> str:
    if graded:
        return "batch"
    if enrolment.document_number:
        return "paper"
    if enrolment.outcome in OPEN_OUTCOMES:
        return ""
    return MOODLE if programme.delivery == MOODLE else ""


# -- enrolling ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Namesake:
    """A person of the body with this name. `born`: the year, where it is known; `enrolled`: on this programme."""

    id: UUID
    name: str
    born: int | None
    enrolled: bool


@dataclass(frozen=True, slots=True)
class NameLine:
    """One line of a list of names: how it was read, and who of the body bears the name. `again`: it stood before."""

    typed: str
    reading: NameReading
    namesakes: tuple[Namesake, ...]
    again: bool

    @property
    def good(self) -> bool:
        return not self.reading.problem and not self.again


def read_list(work: Work, order_id: UUID, programme_id: UUID, typed: Sequence[str]) -> tuple[NameLine, ...]:
    """Each name with the people who bear it; nothing is changed. Raises `NotFound`, `NotPermitted`."""
    require(work, shown_order(work, order_id), "enrol")
    _programme(work, order_id, programme_id)
    readings = [read_name(line) for line in typed]
    folded = [fold_name(reading.name) for reading in readings]
    known = _namesakes(work, programme_id, folded)
    return tuple(
        NameLine(line, reading, known.get(name, ()), name in folded[:place])
        for place, (line, reading, name) in enumerate(zip(typed, readings, folded, strict=True))
    )


def _namesakes(work: Work, programme_id: UUID, folded: Sequence[str]) -> Mapping[str, tuple[Namesake, ...]]:
    on_it = (
        select(Enrolment.id).where(Enrolment.person_id == Person.id, Enrolment.programme_id == programme_id).exists()
    )
    rows = work.session.execute(
        select(Person, on_it)
        .where(Person.folded_name.in_(folded), Person.body_id == work.actor.body_id)
        .order_by(Person.birth_date, Person.id)
    )
    found: dict[str, list[Namesake]] = defaultdict(list)
    for person, enrolled in rows:
        born = None if person.birth_date is None else person.birth_date.year
        found[person.folded_name].append(Namesake(person.id, person.name, born, enrolled))
    return {name: tuple(namesakes) for name, namesakes in found.items()}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who a name stands for: a person of the body, or (None) somebody new. `seen`: namesakes the chooser was shown."""

    name: str
    person: UUID | None
    seen: int


def enrol_chosen(work: Work, order_id: UUID, programme_id: UUID, chosen: Sequence[Chosen]) -> int:
    """Enrol these people; who is new is entered first. Returns how many are new on the programme.

    Raises `Refused("training.namesakes_changed")` when somebody of that name came in since the list was looked at:
    a form sent twice must not make two people of one.
    """
    require(work, work.get(TrainingOrder, order_id, lock=True), "enrol")
    names = [fold_name(one.name) for one in chosen if one.person is None]
    known = _namesakes(work, programme_id, names)
    for one in chosen:
        if one.person is None and len(known.get(fold_name(one.name), ())) != one.seen:
            raise Refused("training.namesakes_changed", name=one.name)
    people = [one.person or add_person(work, one.name).id for one in chosen]
    return enrol(work, order_id, programme_id, people)


# -- outcomes ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EnteredOutcome:
    """One person's outcome as the paper tells it. Points of `maximum`; both None where the paper gives none."""

    enrolment: UUID
    outcome: str
    points: Decimal | None = None
    maximum: Decimal | None = None


def enter_outcomes(
    work: Work,
    order_id: UUID,
    programme_id: UUID,
    entered: Sequence[EnteredOutcome],
    document: str,
    happened_on: date,
) -> int:
    """Enter outcomes from a paper (a results sheet, an act). Returns how many changed.

    Outcomes that came from Moodle or in an institution's batch are left to those who gave them. Raises `NotFound`,
    `NotPermitted`, `InvalidInput("training.outcome_impossible")`, `Refused`: training.outcome_elsewhere,
    act.in_the_future.
    """
    require(work, shown_order(work, order_id), "enter_outcomes")
    programme = _programme(work, order_id, programme_id)
    if not document.strip() or any(not _possible(one) for one in entered):
        raise InvalidInput("training.outcome_impossible")
    if happened_on > work.today:
        raise Refused("act.in_the_future", happened_on=happened_on, today=work.today)
    rows = work.session.execute(_enrolments(programme_id, work).with_for_update(of=Enrolment)).all()
    present = {enrolment.id: (enrolment, name, graded) for enrolment, name, graded in rows}
    return sum(_enter(work, programme, present, one, document, happened_on) for one in entered)


def _possible(one: EnteredOutcome) -> bool:
    if one.outcome not in ENTERED or (one.points is None) != (one.maximum is None):
        return False
    if one.points is None or one.maximum is None:
        return True
    return one.outcome != "absent" and 0 <= one.points <= one.maximum and one.maximum > 0


def _enter(
    work: Work,
    programme: Programme,
    present: Mapping[UUID, tuple[Enrolment, str, bool]],
    one: EnteredOutcome,
    document: str,
    happened_on: date,
) -> bool:
    if one.enrolment not in present:
        raise NotFound("object.unknown", type=Enrolment.__name__)
    enrolment, name, graded = present[one.enrolment]
    if not _trainee(programme, enrolment, name, graded).editable:
        raise Refused("training.outcome_elsewhere", name=name)
    score = "" if one.points is None else f"{one.points}/{one.maximum}"
    before = {"outcome": enrolment.outcome, "score": enrolment.score, "document": enrolment.document_number}
    after = {"outcome": one.outcome, "score": score, "document": document}
    if before == after:
        return False
    enrolment.outcome, enrolment.score, enrolment.document_number = one.outcome, score, document
    audit.record(
        work, "enrolment.outcome_entered", "enrolment", enrolment.id, before, {**after, "happened_on": happened_on}
    )
    return True


# -- the list for the institution --------------------------------------------------------------------------------------


def exported_people(work: Work, order_id: UUID, programme_id: UUID) -> ProgrammeDesk:
    """The programme with its people, to hand to the institution: its batches name people by these ids.

    The export is told in the audit log. Raises `NotFound`, `NotPermitted`.
    """
    shown_order(work, order_id, "enrol", "accept_grades")
    desk = programme_desk(work, order_id, programme_id)
    audit.record(work, "programme.people_exported", "programme", programme_id, after={"people": len(desk.trainees)})
    return desk
