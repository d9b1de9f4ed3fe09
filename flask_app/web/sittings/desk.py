"""The sitting as it stands: list and page, forms, the plan for Moodle and its job, the steps of the day."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import KyzmatError, NotFound, NotPermitted
from flask_app.domain.workflow import Refusal
from flask_app.ports.moodle import SyncPlan
from flask_app.services import job_desk, sitting_desk, synchronisation
from flask_app.services.competitions import move_competition
from flask_app.services.test_sessions import draw_forms
from flask_app.web.announcing.conflicts import conflict, is_race
from flask_app.web.announcing.forms import Form
from flask_app.web.deeds import version_of
from flask_app.web.entered import noting_the_day, step_in
from flask_app.web.fields import page_of
from flask_app.web.sittings.place import AREA, STEPS, show_sitting, sitting_for, to_job, to_sitting, word_of
from flask_app.web.visit import Visit


@AREA.get("/sittings")
def index(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        found = sitting_desk.sittings(work, page_of(request.args))
        return visit.page("sittings/list.html", word=word_of(visit, work), found=found)


@AREA.get("/sittings/<uuid:id_>")
def show(visit: Visit, id_: UUID) -> ResponseReturnValue:
    return show_sitting(visit, id_)


@AREA.post("/sittings/<uuid:id_>/forms")
def draw(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Draw the forms from the recorded seed and seat everybody who was let to the test."""
    with visit.work() as work:
        sitting_for(work, id_, "schedule_session")
        draw_forms(work, id_)
    return to_sitting(id_)


@AREA.get("/sittings/<uuid:id_>/plan")
def plan(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """What would change in Moodle, step by step, before anything does."""
    return _plan_page(visit, id_, _plan(visit, id_))


@AREA.post("/sittings/<uuid:id_>/plan")
def push(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Queue the push of exactly the plan that was reviewed; of another one, show it first."""
    made = _plan(visit, id_)
    if made.hash != request.form.get("plan", ""):
        return _plan_page(visit, id_, made, changed=True), 409
    with visit.work() as work:
        arguments = {"competition": str(id_), "plan": made.hash}
        job = job_desk.queue_job(work, "push_session", arguments, key=sitting_desk.push_key(id_))
    return to_job(id_, job)


def _plan(visit: Visit, id_: UUID) -> SyncPlan:
    """Moodle is asked outside any transaction."""
    with visit.work() as work:
        wanted = sitting_desk.wanted_of(work, id_)
    return synchronisation.plan(visit.panel.office, visit.actor, wanted)


def _plan_page(visit: Visit, id_: UUID, made: SyncPlan, *, changed: bool = False) -> str:
    with visit.work() as work:
        found = sitting_desk.sitting_of(work, id_)
        names = {str(person.idnumber): f"{person.lastname} {person.firstname}" for person in made.wanted.people}
        return visit.page(
            "sittings/plan.html", word=word_of(visit, work), desk=found, plan=made, names=names, changed=changed
        )


@AREA.get("/sittings/<uuid:id_>/jobs/<uuid:job>")
def job(visit: Visit, id_: UUID, job: UUID) -> ResponseReturnValue:
    """How far the job is; the page renews itself while it runs, with a script and without."""
    with visit.work() as work:
        found = sitting_desk.sitting_of(work, id_)
        row = job_desk.job_of(work, job, sitting_desk.job_keys(id_))
        word = word_of(visit, work)
        why = word.why(Refusal(row.message_code or "job.lost", params=row.params))
        return visit.page("sittings/job.html", word=word, desk=found, job=row, why=why)


@AREA.post("/sittings/<uuid:id_>/jobs/<uuid:job>/stop")
def stop(visit: Visit, id_: UUID, job: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = sitting_desk.sitting_of(work, id_)
        row = job_desk.job_of(work, job, sitting_desk.job_keys(id_))
        if not (found.may_sync if row.key == sitting_desk.push_key(id_) else found.may("pull_results")):
            raise NotPermitted("workflow.action_not_permitted", action="sync", state="", workflow="moodle")
        job_desk.ask_to_stop(work, row)
    return to_job(id_, job)


@AREA.post("/sittings/<uuid:id_>/steps/<string(maxlength=40):step>")
def take_step(visit: Visit, id_: UUID, step: str) -> ResponseReturnValue:
    if step not in STEPS:
        raise NotFound("object.unknown", type="")
    with visit.work() as work:
        found = sitting_desk.sitting_of(work, id_)
        offer = found.offer(step)
        form, act = step_in(work, word_of(visit, work), offer, at="step-")
    if act is None:
        return show_sitting(visit, id_, form), form.status
    # Where the step is not offered the form's version is beside the point: the guard says why it is not.
    version = found.competition.version if offer is None else version_of(request.form)
    try:
        with noting_the_day(form, at="step-"), visit.work() as work:
            move_competition(work, id_, step, act, expected_version=version)
    except KyzmatError as error:
        if not is_race(error):
            raise
        seen = Form(form.word, {"version": str(version)})
        return conflict(visit, id_, seen, form.word.step("competition", step))
    return to_sitting(id_) if form.ok else (show_sitting(visit, id_, form), form.status)
