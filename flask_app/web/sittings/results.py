"""Results of a sitting: pulled, entered, explained; who sits it now; who did not come."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import InvalidInput, NotFound, OutsideError, Refused
from flask_app.domain.workflow import Refusal
from flask_app.services import dossier, job_desk, sitting_desk, sitting_live
from flask_app.services.absences import begun_by_now, mark_no_shows
from flask_app.services.applications import correct_practical, record_practical
from flask_app.services.results import enter_results
from flask_app.web.deeds import act_of, decimal_of
from flask_app.web.entered import act_in, against, fields_in, noting_the_day
from flask_app.web.question_words import rich, site_word
from flask_app.web.sittings.place import AREA, lacking, show_sitting, sitting_for, to_job, to_sitting, word_of
from flask_app.web.visit import Visit

LIVE_SECONDS = "10"
FIGURES = ("mark", "maximum")


@AREA.post("/sittings/<uuid:id_>/pull")
def pull(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = sitting_for(work, id_, "pull_results")
        if found.session is None:
            raise NotFound("object.unknown", type="")
        poor = found.lacks_plugin and "without_plugin" in request.form
        task = "pull_without_plugin" if poor else "pull_results"
        key = sitting_desk.poor_pull_key(id_) if poor else sitting_desk.pull_key(id_)
        job = job_desk.queue_job(work, task, {"competition": str(id_)}, key=key)
    return to_job(id_, job)


@AREA.post("/sittings/<uuid:id_>/results")
def enter(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Turn what was pulled into scores and states."""
    with visit.work() as work:
        sitting_for(work, id_, "pull_results")
        form, act = act_in(work, word_of(visit, work), at="entered-")
    if act is not None:
        with noting_the_day(form, at="entered-"), visit.work() as work:
            enter_results(work, id_, act.happened_on)
    if not form.ok:
        return show_sitting(visit, id_, form), form.status
    return redirect(url_for("sittings.results", id_=id_), 303)


@AREA.post("/sittings/<uuid:id_>/absences")
def absences(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Note everybody who was told of the test and has no attempt. Before its end Moodle is asked who is sitting it."""
    with visit.work() as work:
        sitting_for(work, id_, "record_no_show")
        form, act = act_in(work, word_of(visit, work), ("reason",), at="absence-")
    form.read(request.form, ("closed_early",))
    if act is None:
        return show_sitting(visit, id_, form), form.status
    try:
        early = form["closed_early"] == "yes"
        begun = begun_by_now(visit.panel.office, visit.actor, id_, visit.request_id) if early else None
        with noting_the_day(form, at="absence-"), visit.work() as work:
            mark_no_shows(work, id_, act.happened_on, act.reason, begun=begun)
    except OutsideError as unknown:
        form.blame("closed_early", unknown)
    except Refused as refused:
        against(form, dict.fromkeys(("results.test_open", "results.still_sitting"), "closed_early"), refused)
    return to_sitting(id_) if form.ok else (show_sitting(visit, id_, form), form.status)


@AREA.post("/sittings/<uuid:id_>/candidates/<uuid:candidate>/practical")
def practical(visit: Visit, id_: UUID, candidate: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        row = sitting_for(work, id_, "record_practical").sitter(candidate)
        fields = {f"{name}-{row.number}": name for name in FIGURES}
        form = fields_in(word_of(visit, work), fields)
        mark, maximum = (form.take(id_, partial(decimal_of, request.form, name)) for id_, name in fields.items())
        day = act_of(work, request.form).happened_on
    if mark is None or maximum is None or not form.ok:
        return show_sitting(visit, id_, form), form.status
    try:
        with visit.work() as work:
            record_practical(work, id_, candidate, mark, maximum, day)
    except InvalidInput as problem:
        return show_sitting(
            visit, id_, against(form, {"application.mark_out_of_range": f"mark-{row.number}"}, problem)
        ), 422
    return to_sitting(id_)


@AREA.post("/sittings/<uuid:id_>/candidates/<uuid:candidate>/practical/correction")
def correction(visit: Visit, id_: UUID, candidate: UUID) -> ResponseReturnValue:
    """A practical mark that was entered wrongly."""
    with visit.work() as work:
        row = sitting_for(work, id_, "record_practical").sitter(candidate)
        fields = {f"{name}-{row.number}": name for name in ("mark", "maximum", "reason")}
        form = fields_in(word_of(visit, work), fields)
        form.require(f"reason-{row.number}", problem="problem_reason")
        figures = [form.take(f"{name}-{row.number}", partial(decimal_of, request.form, name)) for name in FIGURES]
    mark, maximum = figures
    if mark is None or maximum is None or not form.ok:
        return show_sitting(visit, id_, form), form.status
    try:
        with visit.work() as work:
            seen = request.form.get("seen", "")
            correct_practical(work, id_, candidate, mark, maximum, form[f"reason-{row.number}"], seen=seen)
    except InvalidInput as problem:
        places = {"application.mark_out_of_range": f"mark-{row.number}"}
        return show_sitting(visit, id_, against(form, places, problem)), 422
    return to_sitting(id_)


@AREA.get("/sittings/<uuid:id_>/live")
def live(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Who sits the test now; asked of Moodle each time, and renewed while somebody looks."""
    found = sitting_live.live_of(visit.panel.office, visit.actor, id_, visit.request_id)
    with visit.work() as work:
        word = word_of(visit, work)
    why = None if found.failure is None else word.why(Refusal(found.failure.code, params=found.failure.params))
    return visit.page("sittings/live.html", word=word, live=found, desk=found.sitting, why=why, reload=LIVE_SECONDS)


@AREA.get("/sittings/<uuid:id_>/results")
def results(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = sitting_desk.results_of(work, id_)
        word = word_of(visit, work)
        return visit.page("sittings/results.html", word=word, found=found, lacking=lacking(word, found.gaps))


@AREA.post("/sittings/<uuid:id_>/candidates/<uuid:candidate>/answers")
def answers(visit: Visit, id_: UUID, candidate: UUID) -> ResponseReturnValue:
    """The dossier of one person's attempt. A form, not a link: opening it is written into the audit log."""
    with visit.work() as work:
        word = word_of(visit, work)
        found = dossier.dossier_of(work, id_, candidate)
        return visit.page(
            "sittings/answers.html", word=word, found=found, rich=rich(word), site_word=site_word(visit.language)
        )
