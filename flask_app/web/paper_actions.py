"""What is done with papers: drafted for a procedure, submitted, approved, returned, signed under a number."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from flask_app.domain.errors import AlreadyThere, InvalidInput, NotFound, NotPermitted, Refused
from flask_app.services import paper_desk
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.papers import move_paper, sign_paper
from flask_app.web.announcing.conflicts import whys
from flask_app.web.announcing.forms import Form
from flask_app.web.area import Area
from flask_app.web.deeds import number_of, version_of
from flask_app.web.entered import against, fields_in, noting_the_day, step_in
from flask_app.web.visit import Visit
from flask_app.web.wording import Why, Wording

AREA = Area("paper_actions")

APPOINTMENT_FIELDS = ("appointed_from", "probation_months")
AGAINST_APPOINTMENT = {"appointment.parameters": "appointed_from"}
FORESEEN = timedelta(days=3 * 366)
"""How far ahead an appointment may begin."""

SIGN = "sign"
SIGNED = "in_force"


@AREA.get("/papers/about/<string(maxlength=40):type_>/<uuid:id_>")
def subject(visit: Visit, type_: str, id_: UUID) -> ResponseReturnValue:
    """The papers of one procedure: which exist, which may be drafted."""
    return _subject_page(visit, type_, id_)


def _subject_page(visit: Visit, type_: str, id_: UUID, form: Form | None = None, refused: tuple[Why, ...] = ()) -> str:
    """`refused`: what the rules say against the paper that was asked for; what was typed stays."""
    with visit.work() as work:
        found = paper_desk.subject_desk(work, type_, id_)
        word = _word(visit, work)
        return visit.page(
            "paper_actions/subject.html",
            word=word,
            desk=found,
            appointment=paper_desk.APPOINTMENT,
            entered=form or Form(word),
            refused=refused,
        )


@AREA.post("/papers/about/<string(maxlength=40):type_>/<uuid:id_>/<string(maxlength=10):kind>")
def draft(visit: Visit, type_: str, id_: UUID, kind: str) -> ResponseReturnValue:
    with visit.work() as work:
        paper_desk.require_drafting(work, type_, id_, kind)
        word = _word(visit, work)
        form, parameters = _parameters(word, kind)
    if parameters is None:
        return _subject_page(visit, type_, id_, form), form.status
    try:
        with visit.work() as work:
            made = paper_desk.draft(work, type_, id_, kind, parameters).id
    except InvalidInput as problem:
        return _subject_page(visit, type_, id_, against(form, AGAINST_APPOINTMENT, problem)), 422
    except Refused as refused:
        return _subject_page(visit, type_, id_, form, whys(word, refused)), 409
    return _to_steps(made)


def _parameters(word: Wording, kind: str) -> tuple[Form, dict[str, object] | None]:
    """What a person decides in a paper; everything else comes from the facts. None with the problems noted."""
    form = fields_in(word, {name: name for name in APPOINTMENT_FIELDS})
    if kind != paper_desk.APPOINTMENT:
        return form, {}
    day = form.day("appointed_from", latest=word.today + FORESEEN)
    months = form.take("probation_months", lambda: number_of(request.form, "probation_months"))
    if day is None or months is None or not form.ok:
        return form, None
    return form, {"appointed_from": day.isoformat(), "probation_months": months}


@AREA.get("/papers/<uuid:id_>/steps")
def steps(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = paper_desk.paper_desk(work, id_)
        return visit.page("paper_actions/steps.html", word=_word(visit, work), desk=found, paper=found.page.paper)


@AREA.get("/papers/<uuid:id_>/steps/<string(maxlength=20):step>")
def confirm(visit: Visit, id_: UUID, step: str) -> ResponseReturnValue:
    """What the step says and does, with what it needs; or why it is not open."""
    return _confirm_page(visit, id_, step)


def _confirm_page(visit: Visit, id_: UUID, step: str, form: Form | None = None) -> str:
    with visit.work() as work:
        found = paper_desk.paper_desk(work, id_)
        word, offer = _word(visit, work), found.offer(step)
        if offer is None:
            raise NotFound("object.unknown", type="")
        return visit.page(
            "paper_actions/confirm.html",
            word=word,
            desk=found,
            paper=found.page.paper,
            offer=offer,
            entered=form or Form(word),
        )


@AREA.post("/papers/<uuid:id_>/steps/<string(maxlength=20):step>")
def take(visit: Visit, id_: UUID, step: str) -> ResponseReturnValue:
    with visit.work() as work:
        found = paper_desk.paper_desk(work, id_)
        offer = found.offer(step)
        if step == SIGN:
            _check_signable(found)
        form, act = step_in(work, _word(visit, work), offer)
    if act is not None:
        # Where the step is not offered the form's version is beside the point: the guard says why it is not.
        expected = found.version if offer is None else version_of(request.form)
        with noting_the_day(form), visit.work() as work:
            if step == SIGN:
                sign_paper(work, id_, act, expected_version=expected)
            else:
                move_paper(work, id_, step, act, expected_version=expected)
    return _to_steps(id_) if form.ok else (_confirm_page(visit, id_, step, form), form.status)


def _check_signable(found: paper_desk.PaperDesk) -> None:
    """Right and state first: signing gathers the paper's facts anew, and those refuse for reasons of their own."""
    if found.offer(SIGN) is None:
        state = found.page.paper.state
        if state == SIGNED:
            raise AlreadyThere("workflow.wrong_state", workflow="document", transition=SIGN, state=state)
        raise NotPermitted("workflow.not_permitted", transition=SIGN, workflow="document")


def _to_steps(id_: UUID) -> Response:
    return redirect(url_for("paper_actions.steps", id_=id_), 303)


def _word(visit: Visit, work: Work) -> Wording:
    return Wording(visit.language, local_time(work).today)
