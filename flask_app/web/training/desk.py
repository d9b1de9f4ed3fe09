"""The desk of one order: its next act, its steps with what they bring along, its people in Moodle."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import AlreadyThere, NotPermitted, Refused, VersionConflict
from flask_app.domain.workflow import Refusal
from flask_app.ports.moodle import SyncPlan
from flask_app.services import job_desk, synchronisation, training_desk
from flask_app.services.office import Work
from flask_app.services.training import courses_of, move_order
from flask_app.services.training_steps import OfferedStep, offered_step
from flask_app.services.transitions import act_on
from flask_app.web.announcing.conflicts import version_of, whys
from flask_app.web.announcing.forms import LONG_TEXT, Form, written
from flask_app.web.training.place import AREA, money, plain_sum, word_of
from flask_app.web.visit import Visit
from flask_app.web.wording import Why


@AREA.get("/training/<uuid:id_>")
def show(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = training_desk.order_desk(work, id_)
        return visit.page("training/desk.html", word=word_of(visit, work), desk=found, story=found.story)


# -- steps -------------------------------------------------------------------------------------------------------------


@AREA.get("/training/<uuid:id_>/steps/<string(maxlength=40):step>")
def ask(visit: Visit, id_: UUID, step: str) -> ResponseReturnValue:
    """What the step says and does, with what it needs; or why it is not open."""
    with visit.work() as work:
        return _step_page(visit, work, offered_step(work, id_, step))


@AREA.post("/training/<uuid:id_>/steps/<string(maxlength=40):step>")
def take(visit: Visit, id_: UUID, step: str) -> ResponseReturnValue:
    with visit.work() as work:
        offered = offered_step(work, id_, step)
        form, brings = _entered(visit, work, offered)
        if not form.ok:
            return _step_page(visit, work, offered, form), 422
    try:
        _move(visit, id_, step, form, brings)
    except (VersionConflict, Refused) as refused:
        if isinstance(refused, AlreadyThere):
            raise
        return _again(visit, id_, step, form, whys(form.word, refused))
    return redirect(url_for("training.show", id_=id_), 303)


def _entered(visit: Visit, work: Work, offered: OfferedStep) -> tuple[Form, Mapping[str, Any]]:
    form = Form(word_of(visit, work))
    form.read(request.form, ("happened_on", "evidence", "version", "contract", "money_spent"))
    form.read(request.form, ("monitoring",), LONG_TEXT)
    form.day("happened_on", latest=form.word.today)
    for need in sorted(offered.offer.transition.needs):
        form.require(need, problem="tr_problem_evidence")
    brings: dict[str, Any] = {}
    for name in offered.brings:
        brings[name] = _brought(form, name)
    return form, brings


def _brought(form: Form, name: str) -> str | Decimal | None:
    if name == "money_spent":
        return money(form, name)
    form.require(name)
    return form[name]


def _move(visit: Visit, id_: UUID, step: str, form: Form, brings: Mapping[str, Any]) -> None:
    with visit.work() as work:
        day = form.day("happened_on", latest=word_of(visit, work).today)
        if day is None:  # midnight passed between two looks at the clock
            raise Refused("act.in_the_future", happened_on=form["happened_on"], today=work.today)
        act = act_on(work, day, form["evidence"])
        move_order(work, id_, step, act, expected_version=version_of(form["version"]), **brings)


def _again(visit: Visit, id_: UUID, step: str, form: Form, refused: tuple[Why, ...]) -> ResponseReturnValue:
    """The step as it stands now, with what was typed and what stands against it."""
    with visit.work() as work:
        offered = offered_step(work, id_, step)
        form.put(version=str(offered.order.version))
        return _step_page(visit, work, offered, form, refused), 409


def _step_page(
    visit: Visit, work: Work, offered: OfferedStep, form: Form | None = None, refused: tuple[Why, ...] = ()
) -> str:
    order, word = offered.order, word_of(visit, work)
    if form is None:
        form = Form(word, {"happened_on": written(word.today), "version": str(order.version)})
        form.put(contract=order.contract, monitoring=order.monitoring)
        form.put(money_spent=plain_sum(order.money_spent) if order.money_spent else "")
    return visit.page("training/step.html", word=word, offered=offered, form=form, refused=refused)


# -- Moodle ------------------------------------------------------------------------------------------------------------


@AREA.get("/training/<uuid:id_>/moodle")
def plan(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """What would change in Moodle, person by person, before anything does."""
    return _plan_page(visit, id_, _plan(visit, id_))


@AREA.post("/training/<uuid:id_>/moodle")
def push(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Queue the push of the plan that was reviewed; of another one, show it first."""
    made = _plan(visit, id_)
    if made.hash != request.form.get("plan", ""):
        return _plan_page(visit, id_, made, changed=True), 409
    training_desk.make_courses(visit.panel.office, visit.actor, id_)
    with visit.work() as work:
        arguments = {"order": str(id_), "plan": made.hash}
        job = job_desk.queue_job(work, "push_training", arguments, key=training_desk.push_key(id_))
    return _to_job(id_, job)


def _plan(visit: Visit, id_: UUID) -> SyncPlan:
    """Moodle is asked outside any transaction."""
    with visit.work() as work:
        wanted = training_desk.wanted_in_moodle(work, id_)
    return synchronisation.plan(visit.panel.office, visit.actor, wanted)


def _plan_page(visit: Visit, id_: UUID, made: SyncPlan, *, changed: bool = False) -> str:
    with visit.work() as work:
        order = training_desk.shown_order(work, id_)
        names = {str(person.idnumber): f"{person.lastname} {person.firstname}" for person in made.wanted.people}
        return visit.page(
            "training/plan.html",
            word=word_of(visit, work),
            order=order,
            plan=made,
            names=names,
            courses=courses_of(work, id_),
            changed=changed,
        )


@AREA.post("/training/<uuid:id_>/pull")
def pull(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        training_desk.shown_order(work, id_, "pull_completions")
        job = job_desk.queue_job(work, "pull_completions", {"order": str(id_)}, key=training_desk.pull_key(id_))
    return _to_job(id_, job)


@AREA.get("/training/<uuid:id_>/jobs/<uuid:job>")
def job(visit: Visit, id_: UUID, job: UUID) -> ResponseReturnValue:
    """How far the job is; the page renews itself while it runs, with a script and without."""
    with visit.work() as work:
        order = training_desk.shown_order(work, id_)
        row = job_desk.job_of(work, job, training_desk.job_keys(id_))
        word = word_of(visit, work)
        why = word.why(Refusal(row.message_code or "job.lost", params=row.params))
        return visit.page("training/job.html", word=word, order=order, job=row, why=why)


@AREA.post("/training/<uuid:id_>/jobs/<uuid:job>/stop")
def stop(visit: Visit, id_: UUID, job: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        desk = training_desk.order_desk(work, id_)
        row = job_desk.job_of(work, job, training_desk.job_keys(id_))
        if not (desk.may_push if row.key == training_desk.push_key(id_) else "pull_completions" in desk.actions):
            raise NotPermitted("workflow.action_not_permitted", action="sync", state="", workflow="moodle")
        job_desk.ask_to_stop(work, row)
    return _to_job(id_, job)


def _to_job(id_: UUID, job: UUID) -> ResponseReturnValue:
    return redirect(url_for("training.job", id_=id_, job=job), 303)
