"""Who did not come to the test: noted when nobody can come any more."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import String, cast, select

from flask_app.domain.errors import Refused, Rule
from flask_app.domain.identity import Actor
from flask_app.services.applications import applications_of, move_applications
from flask_app.services.competition_facts import pack_of
from flask_app.services.local_time import local_time
from flask_app.services.office import Office, Work
from flask_app.services.result_totals import (
    last_pull_was_without_plugin,
    pulled_since,
    unexplained_attempts,
    was_pulled,
)
from flask_app.services.results import counting_attempts
from flask_app.services.rights import require
from flask_app.services.test_sessions import session_of
from flask_app.services.transitions import act_on
from flask_app.store.models.applications import Application
from flask_app.store.models.procedures import Competition
from flask_app.store.models.testing import ExaminationForm, Seat, TestSession


def begun_by_now(office: Office, actor: Actor, competition_id: UUID, request_id: str = "") -> frozenset[UUID]:
    """Applications of those who have begun the test, as Moodle says now; it is asked outside the transaction.

    Raises `OutsideError`.
    """
    with office.work(actor, request_id) as work:
        rows = work.session.execute(
            select(ExaminationForm.test_idnumber, cast(Application.person_id, String), Application.id)
            .join(Seat, Seat.form_id == ExaminationForm.id)
            .join(Application, Application.id == Seat.application_id)
            .where(Application.competition_id == competition_id, Application.body_id == actor.body_id)
        )
        sitters = {(test, person): application for test, person, application in rows}
    begun = (
        sitters.get((test, person.person))
        for test in sorted({test for test, _ in sitters})
        for person in office.moodle.progress(test).people
        if person.state != "notstarted"
    )
    return frozenset(application for application in begun if application is not None)


def mark_no_shows(
    work: Work, competition_id: UUID, happened_on: date, reason: str, *, begun: Collection[UUID] | None = None
) -> int:
    """Candidates who were told and have no attempt did not come; their place stays empty, nobody is blamed.

    While the test is open in Moodle whoever is late may still sit it. `begun`: somebody stands for it that nobody is
    let in any more, and these had begun the test by then (`begun_by_now`): they are sitting it.

    Raises `Refused`: results.not_pulled; results.absence_untold (pulled without the plugin last: core shows neither the
    attempts of people no longer enrolled nor that one was deleted); competition.attempts_unexplained: while the panel
    does not hold every attempt that Moodle counts, nobody can be said to have stayed away; results.test_open, before
    the end of the sitting; results.pulled_before_end, when attempts may have been handed in after the last pull;
    results.still_sitting, when nobody is missing but those who are sitting the test.
    """
    competition = work.get(Competition, competition_id)
    require(work, competition, "record_no_show")
    session, rule = session_of(work, competition_id), pack_of(competition).rule(pack_of(competition).test)
    if session is None or not was_pulled(work, session):
        raise Refused("results.not_pulled", rule)
    if last_pull_was_without_plugin(work, session):
        raise Refused("results.absence_untold", rule)
    unexplained = unexplained_attempts(work, session)
    if unexplained:
        raise Refused("competition.attempts_unexplained", rule, n=unexplained)
    if begun is None:
        _insist_on_the_end(work, session, rule)
    waiting = applications_of(work, competition_id, "notified")
    sat = counting_attempts(work, waiting)
    missing = [application.id for application in waiting if application.id not in sat]
    absent = [id_ for id_ in missing if id_ not in (begun or ())]
    if missing and not absent:
        raise Refused("results.still_sitting", rule, n=len(missing))
    return move_applications(work, competition_id, absent, "miss", act_on(work, happened_on, reason=reason))


def _insist_on_the_end(work: Work, session: TestSession, rule: Rule) -> None:
    ends = local_time(work).at(session.ends_at)
    day, clock = ends.date(), f"{ends:%H:%M}"
    if work.now < session.ends_at:
        raise Refused("results.test_open", rule, day=day, clock=clock)
    if not pulled_since(work, session, session.ends_at):
        raise Refused("results.pulled_before_end", rule, day=day, clock=clock)
