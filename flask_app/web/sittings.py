"""The test sitting: scheduled, forms drawn, brought to Moodle as a reviewed plan, results pulled and explained."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from flask_app.domain.errors import InvalidInput, KyzmatError, NotFound, NotPermitted
from flask_app.domain.workflow import Refusal
from flask_app.ports.moodle import SyncPlan
from flask_app.services import dossier, job_desk, sitting_desk, sitting_live, sync_desk, synchronisation
from flask_app.services.applications import record_practical
from flask_app.services.competitions import move_competition
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.results import enter_results, mark_no_shows
from flask_app.services.sitting_desk import Sitting
from flask_app.services.test_sessions import NewSession, draw_forms, schedule_session
from flask_app.web.announcing.conflicts import conflict, is_race
from flask_app.web.announcing.forms import Form
from flask_app.web.area import Area
from flask_app.web.deeds import act_of, at_the_body, both_languages, clock_of, decimal_of, number_of, version_of
from flask_app.web.entered import act_in, against, fields_in, step_in
from flask_app.web.fields import LONGEST, page_of
from flask_app.web.question_words import rich, site_word
from flask_app.web.visit import Visit
from flask_app.web.wording import Why, Wording

AREA = Area("sittings")

STEPS = ("begin_testing", "begin_interviews")
"""Steps of the competition that are taken on the sitting's page."""

SCHEDULE = ("day", "starts", "ends", "place_ky", "place_ru", "code", "variants", "seed", "proctor")
AGAINST_SCHEDULE = {"session.impossible": "ends", "session.code_taken": "code"}
LONGEST_CODE, LONGEST_SEED = 60, 40
FORESEEN = timedelta(days=3 * 366)
"""How far ahead a sitting may be planned."""

LIVE_SECONDS = "10"


@AREA.get("/sittings")
def index(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        found = sitting_desk.sittings(work, page_of(request.args))
        return visit.page("sittings/list.html", word=_word(visit, work), found=found)


@AREA.get("/sittings/<uuid:id_>")
def show(visit: Visit, id_: UUID) -> ResponseReturnValue:
    return _show(visit, id_)


def _show(visit: Visit, id_: UUID, form: Form | None = None) -> str:
    with visit.work() as work:
        found = sitting_desk.sitting_of(work, id_)
        word = _word(visit, work)
        lacking = _lacking(word, found.totals.gaps if found.totals else ())
        page = {"word": word, "desk": found, "steps": STEPS, "entered": form or Form(word), "lacking": lacking}
        return visit.page("sittings/sitting.html", **page)


def _lacking(word: Wording, gaps: Iterable[str]) -> list[Why]:
    """What came without the plugin lacks, in sentences."""
    return [word.why(Refusal(code)) for code in gaps]


# -- prepared ----------------------------------------------------------------------------------------------------------


@AREA.get("/sittings/<uuid:id_>/schedule")
def schedule(visit: Visit, id_: UUID) -> ResponseReturnValue:
    return _schedule_page(visit, id_) or _to_sitting(id_)


@AREA.post("/sittings/<uuid:id_>/schedule")
def save_schedule(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = _sitting_for(work, id_, "schedule_session")
        form = fields_in(_word(visit, work), {name: name for name in SCHEDULE})
        new = _session_in(work, form, found.today)
    if new is None:
        return _schedule_page(visit, id_, form), form.status
    try:
        with visit.work() as work:
            schedule_session(work, id_, new)
    except InvalidInput as problem:
        return _schedule_page(visit, id_, against(form, AGAINST_SCHEDULE, problem)), 422
    return _to_sitting(id_)


def _session_in(work: Work, form: Form, today: date) -> NewSession | None:
    """The sitting as entered, or None with the problems noted."""
    sent = request.form
    form.require("place_ky", "code", "seed")
    day = form.day("day", latest=today + FORESEEN, earliest=today)
    starts = form.take("starts", lambda: clock_of(sent, "starts"))
    ends = form.take("ends", lambda: clock_of(sent, "ends"))
    variants = form.take("variants", lambda: number_of(sent, "variants"))
    if day is None or starts is None or ends is None or variants is None or not form.ok:
        return None
    return NewSession(
        code=form["code"][:LONGEST_CODE],
        course=sync_desk.last_course(work),
        starts_at=at_the_body(work, day, starts),
        ends_at=at_the_body(work, day, ends),
        place=both_languages(sent, "place"),
        variants=variants,
        seed=form["seed"][:LONGEST_SEED],
        proctor=form["proctor"][:LONGEST],
    )


def _schedule_page(visit: Visit, id_: UUID, form: Form | None = None) -> str:
    """Empty where it is scheduled already and nothing was sent."""
    with visit.work() as work:
        found = _sitting_for(work, id_, "schedule_session")
        if found.session is not None and form is None:
            return ""
        word, seed = _word(visit, work), work.office.ids.new().hex[-8:]
        return visit.page("sittings/schedule.html", word=word, desk=found, seed=seed, entered=form or Form(word))


@AREA.post("/sittings/<uuid:id_>/forms")
def draw(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Draw the forms from the recorded seed and seat everybody who was let to the test."""
    with visit.work() as work:
        _sitting_for(work, id_, "schedule_session")
        draw_forms(work, id_)
    return _to_sitting(id_)


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
    return _to_job(id_, job)


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
            "sittings/plan.html", word=_word(visit, work), desk=found, plan=made, names=names, changed=changed
        )


@AREA.get("/sittings/<uuid:id_>/jobs/<uuid:job>")
def job(visit: Visit, id_: UUID, job: UUID) -> ResponseReturnValue:
    """How far the job is; the page renews itself while it runs, with a script and without."""
    with visit.work() as work:
        found = sitting_desk.sitting_of(work, id_)
        row = job_desk.job_of(work, job, sitting_desk.job_keys(id_))
        word = _word(visit, work)
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
    return _to_job(id_, job)


# -- results -----------------------------------------------------------------------------------------------------------


@AREA.post("/sittings/<uuid:id_>/pull")
def pull(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = _sitting_for(work, id_, "pull_results")
        if found.session is None:
            raise NotFound("object.unknown", type="")
        poor = found.lacks_plugin and "without_plugin" in request.form
        task = "pull_without_plugin" if poor else "pull_results"
        key = sitting_desk.poor_pull_key(id_) if poor else sitting_desk.pull_key(id_)
        job = job_desk.queue_job(work, task, {"competition": str(id_)}, key=key)
    return _to_job(id_, job)


@AREA.post("/sittings/<uuid:id_>/results")
def enter(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Turn what was pulled into scores and states."""
    with visit.work() as work:
        _sitting_for(work, id_, "pull_results")
        form, act = act_in(work, _word(visit, work), at="entered-")
        if act is not None:
            enter_results(work, id_, act.happened_on)
    if act is None:
        return _show(visit, id_, form), form.status
    return redirect(url_for("sittings.results", id_=id_), 303)


@AREA.post("/sittings/<uuid:id_>/absences")
def absences(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Note everybody who was told of the test and has no attempt."""
    with visit.work() as work:
        _sitting_for(work, id_, "record_no_show")
        form, act = act_in(work, _word(visit, work), ("reason",), at="absence-")
        if act is not None:
            mark_no_shows(work, id_, act.happened_on, act.reason)
    return _to_sitting(id_) if act is not None else (_show(visit, id_, form), form.status)


@AREA.post("/sittings/<uuid:id_>/candidates/<uuid:candidate>/practical")
def practical(visit: Visit, id_: UUID, candidate: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        row = _sitting_for(work, id_, "record_practical").sitter(candidate)
        fields = {f"{name}-{row.number}": name for name in ("mark", "maximum")}
        form = fields_in(_word(visit, work), fields)
        mark, maximum = (form.take(id_, partial(decimal_of, request.form, name)) for id_, name in fields.items())
        day = act_of(work, request.form).happened_on
    if mark is None or maximum is None or not form.ok:
        return _show(visit, id_, form), form.status
    try:
        with visit.work() as work:
            record_practical(work, id_, candidate, mark, maximum, day)
    except InvalidInput as problem:
        return _show(visit, id_, against(form, {"application.mark_out_of_range": f"mark-{row.number}"}, problem)), 422
    return _to_sitting(id_)


@AREA.get("/sittings/<uuid:id_>/live")
def live(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Who sits the test now; asked of Moodle each time, and renewed while somebody looks."""
    found = sitting_live.live_of(visit.panel.office, visit.actor, id_, visit.request_id)
    with visit.work() as work:
        word = _word(visit, work)
    why = None if found.failure is None else word.why(Refusal(found.failure.code, params=found.failure.params))
    return visit.page("sittings/live.html", word=word, live=found, desk=found.sitting, why=why, reload=LIVE_SECONDS)


@AREA.get("/sittings/<uuid:id_>/results")
def results(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = sitting_desk.results_of(work, id_)
        word = _word(visit, work)
        return visit.page("sittings/results.html", word=word, found=found, lacking=_lacking(word, found.gaps))


@AREA.post("/sittings/<uuid:id_>/candidates/<uuid:candidate>/answers")
def answers(visit: Visit, id_: UUID, candidate: UUID) -> ResponseReturnValue:
    """The dossier of one person's attempt. A form, not a link: opening it is written into the audit log."""
    with visit.work() as work:
        word = _word(visit, work)
        found = dossier.dossier_of(work, id_, candidate)
        return visit.page(
            "sittings/answers.html", word=word, found=found, rich=rich(word), site_word=site_word(visit.language)
        )


@AREA.post("/sittings/<uuid:id_>/steps/<string(maxlength=40):step>")
def take_step(visit: Visit, id_: UUID, step: str) -> ResponseReturnValue:
    if step not in STEPS:
        raise NotFound("object.unknown", type="")
    with visit.work() as work:
        found = sitting_desk.sitting_of(work, id_)
        offer = found.offer(step)
        form, act = step_in(work, _word(visit, work), offer, at="step-")
    if act is None:
        return _show(visit, id_, form), form.status
    # Where the step is not offered the form's version is beside the point: the guard says why it is not.
    version = found.competition.version if offer is None else version_of(request.form)
    try:
        with visit.work() as work:
            move_competition(work, id_, step, act, expected_version=version)
    except KyzmatError as error:
        if not is_race(error):
            raise
        seen = Form(form.word, {"version": str(version)})
        return conflict(visit, id_, seen, form.word.step("competition", step))
    return _to_sitting(id_)


def _sitting_for(work: Work, id_: UUID, action: str) -> Sitting:
    """Raises `NotPermitted` where the permission map of the state does not give the actor this action."""
    found = sitting_desk.sitting_of(work, id_)
    if not found.may(action):
        raise NotPermitted(
            "workflow.action_not_permitted", action=action, state=found.competition.state, workflow="competition"
        )
    return found


def _to_sitting(id_: UUID) -> Response:
    return redirect(url_for("sittings.show", id_=id_), 303)


def _to_job(id_: UUID, job: UUID) -> Response:
    return redirect(url_for("sittings.job", id_=id_, job=job), 303)


def _word(visit: Visit, work: Work) -> Wording:
    return Wording(visit.language, local_time(work).today)
