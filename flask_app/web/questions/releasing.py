"""Releases of a bank, and what its results tell about its questions."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import Refused
from flask_app.domain.workflow import Refusal
from flask_app.services.item_statistics import VIEWS, ask_to_count, bank_statistics, counting
from flask_app.services.job_desk import ask_to_stop
from flask_app.services.office import Work
from flask_app.services.question_releases import publish_release, release_desk
from flask_app.web.announcing.forms import Form
from flask_app.web.deeds import act_of
from flask_app.web.fields import choice_of, page_of, text_of
from flask_app.web.questions.place import AREA, wording
from flask_app.web.visit import Visit
from flask_app.web.wording import Why
from question_banks.statistics import Advice

TAKEN = "question.release_taken"


@AREA.get("/questions/banks/<uuid:id_>/releases")
def releases(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        form = Form(wording(visit, work))
        return _releases(visit, work, id_, form, done=text_of(request.args, "done", 40))


@AREA.post("/questions/banks/<uuid:id_>/releases")
def publish(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Publish; without a name or a note, or with a name that is taken, the same page with what was typed."""
    with visit.work() as work:
        form = Form(wording(visit, work)).read(request.form, ("release",), 40).read(request.form, ("notes",), 2000)
        form.require("release", problem="qs_release_needs_name")
        form.require("notes", problem="qs_release_needs_notes")
        if not form.ok:
            return _releases(visit, work, id_, form), form.status
        try:
            publish_release(work, id_, form["release"], form["notes"], act_of(work, request.form))
            done = form["release"]
        except Refused as refused:
            if refused.code != TAKEN:
                raise
            form.problems["release"] = str(form.word.why(Refusal(refused.code, None, refused.params)).said)
            return _releases(visit, work, id_, form), 409
    return redirect(url_for("questions.releases", id_=id_, done=done), 303)


def _releases(visit: Visit, work: Work, id_: UUID, form: Form, done: str = "") -> str:
    """`done`: the release that was published just now; a name that is none of the bank's is not repeated."""
    desk = release_desk(work, id_)
    published = next((row for row in desk.history if row.release == done), None)
    return visit.page("questions/releases.html", word=form.word, desk=desk, entered=form, published=published)


@AREA.get("/questions/banks/<uuid:id_>/statistics")
def statistics(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = bank_statistics(work, id_)
        word = wording(visit, work)
        view = choice_of(request.args, "show", VIEWS) or VIEWS[0]
        shown = found.rows(view, page_of(request.args))

        def why(advice: Advice) -> Why:
            return word.why(Refusal(advice.code, None, advice.params))

        return visit.page("questions/statistics.html", word=word, found=found, view=view, shown=shown, why=why)


@AREA.post("/questions/banks/<uuid:id_>/statistics")
def count(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        job = ask_to_count(work, id_)
    return _to_job(id_, job)


@AREA.get("/questions/banks/<uuid:id_>/statistics/jobs/<uuid:job>")
def counting_job(visit: Visit, id_: UUID, job: UUID) -> ResponseReturnValue:
    """How far the job is; the page renews itself while it runs, with a script and without."""
    with visit.work() as work:
        bank, row = counting(work, id_, job)
        word = wording(visit, work)
        why = word.why(Refusal(row.message_code or "job.lost", params=row.params))
        return visit.page("questions/counting.html", word=word, bank=bank, job=row, why=why)


@AREA.post("/questions/banks/<uuid:id_>/statistics/jobs/<uuid:job>/stop")
def stop_counting(visit: Visit, id_: UUID, job: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        ask_to_stop(work, counting(work, id_, job)[1])
    return _to_job(id_, job)


def _to_job(id_: UUID, job: UUID) -> ResponseReturnValue:
    return redirect(url_for("questions.counting_job", id_=id_, job=job), 303)
