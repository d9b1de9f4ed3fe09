"""The day of the test: candidates sit it at Moodle, the results come back, the practical task is marked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from flask_app.demo.candidates import Slip, ability_of, key_of, sit_test
from flask_app.demo.foundation import panel_banks
from flask_app.demo.moving import move
from flask_app.demo.stage import Stage
from flask_app.services.absences import begun_by_now, mark_no_shows
from flask_app.services.applications import (
    applications_of,
    record_practical,
)
from flask_app.services.moodle_people import moodle_password
from flask_app.services.office import Work
from flask_app.services.results import enter_results, pull_results
from flask_app.store.models.applications import Application, PracticalResult
from flask_app.store.models.people import Person
from flask_app.store.models.testing import ExaminationForm, Seat

SITTERS = 4


def in_testing(stage: Stage, id_: UUID) -> None:
    _sit(stage, id_)
    stage.terminal.step("results")
    report = pull_results(stage.office, stage.actor("secretary"), id_)
    stage.counts.attempts += report.new
    stage.terminal.say("pulled", n=report.new, total=report.total)
    begun = begun_by_now(stage.office, stage.actor("secretary"), id_)
    with stage.work("secretary") as work:
        enter_results(work, id_, stage.today)
        missing = mark_no_shows(work, id_, stage.today, "Не явился на тестирование", begun=begun)
        qualified = applications_of(work, id_, "qualified")
        below = applications_of(work, id_, "below_threshold")
        stage.terminal.say("outcome", n=len(qualified), below=len(below), missing=missing)
        for place, application in enumerate(qualified):
            _practical(work, stage, id_, application, place)
        move(work, id_, "begin_interviews", stage, 0)


def _practical(work: Work, stage: Stage, id_: UUID, application: Application, place: int) -> None:
    known = work.session.scalar(select(PracticalResult.id).where(PracticalResult.application_id == application.id))
    if known is None:
        record_practical(work, id_, application.id, Decimal(6 + place % 5), Decimal(10), stage.today)


def _sit(stage: Stage, id_: UUID) -> None:
    slips = _slips(stage, id_)
    stage.terminal.step("sitting", n=len(slips))
    key = key_of(panel_banks(stage))
    done = 0
    with ThreadPoolExecutor(SITTERS) as pool:
        for _ in pool.map(lambda slip: sit_test(stage.moodle_url, slip, key), slips):
            done += 1
            stage.terminal.draw(done, len(slips))
    stage.terminal.clear()


def _slips(stage: Stage, id_: UUID) -> list[Slip]:
    """Everybody with a seat sits, but one in a larger group, who does not come."""
    with stage.work("secretary") as work:
        rows = work.session.execute(
            select(Seat.number, Person, ExaminationForm.test_idnumber)
            .join(Application, Application.id == Seat.application_id)
            .join(Person, Person.id == Application.person_id)
            .join(ExaminationForm, ExaminationForm.id == Seat.form_id)
            .where(Application.competition_id == id_, Application.state == "notified")
            .order_by(Seat.number)
        ).all()
        slips = [
            Slip(person.moodle_username, moodle_password(work, person), test, ability_of(number))
            for number, person, test in rows
        ]
    return slips if len(slips) < 7 else slips[:5] + slips[6:]
