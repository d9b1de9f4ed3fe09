"""What is done with papers: drafted for a procedure, submitted, approved, returned, signed under a number."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from flask_app.domain.errors import AlreadyThere, NotFound, NotPermitted
from flask_app.services import paper_desk
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.papers import move_paper, sign_paper
from flask_app.web.area import Area
from flask_app.web.deeds import act_of, day_of, number_of, version_of
from flask_app.web.visit import Visit
from flask_app.web.wording import Wording

AREA = Area("paper_actions")

SIGN = "sign"
SIGNED = "in_force"


@AREA.get("/papers/about/<string(maxlength=40):type_>/<uuid:id_>")
def subject(visit: Visit, type_: str, id_: UUID) -> ResponseReturnValue:
    """The papers of one procedure: which exist, which may be drafted."""
    with visit.work() as work:
        found = paper_desk.subject_desk(work, type_, id_)
        return visit.page(
            "paper_actions/subject.html", word=_word(visit, work), desk=found, appointment=paper_desk.APPOINTMENT
        )


@AREA.post("/papers/about/<string(maxlength=40):type_>/<uuid:id_>/<string(maxlength=10):kind>")
def draft(visit: Visit, type_: str, id_: UUID, kind: str) -> ResponseReturnValue:
    with visit.work() as work:
        document = paper_desk.draft(work, type_, id_, kind, _parameters(kind))
        made = document.id
    return _to_steps(made)


def _parameters(kind: str) -> dict[str, object]:
    """What a person decides in a paper; everything else comes from the facts."""
    if kind != paper_desk.APPOINTMENT:
        return {}
    return {
        "appointed_from": day_of(request.form, "appointed_from").isoformat(),
        "probation_months": number_of(request.form, "probation_months"),
    }


@AREA.get("/papers/<uuid:id_>/steps")
def steps(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = paper_desk.paper_desk(work, id_)
        return visit.page("paper_actions/steps.html", word=_word(visit, work), desk=found, paper=found.page.paper)


@AREA.get("/papers/<uuid:id_>/steps/<string(maxlength=20):step>")
def confirm(visit: Visit, id_: UUID, step: str) -> ResponseReturnValue:
    """What the step says and does, with what it needs; or why it is not open."""
    with visit.work() as work:
        found = paper_desk.paper_desk(work, id_)
        offer = found.offer(step)
        if offer is None:
            raise NotFound("object.unknown", type="")
        return visit.page(
            "paper_actions/confirm.html", word=_word(visit, work), desk=found, paper=found.page.paper, offer=offer
        )


@AREA.post("/papers/<uuid:id_>/steps/<string(maxlength=20):step>")
def take(visit: Visit, id_: UUID, step: str) -> ResponseReturnValue:
    with visit.work() as work:
        found = paper_desk.paper_desk(work, id_)
        # Where the step is not offered the form's version is beside the point: the guard says why it is not.
        expected = found.version if found.offer(step) is None else version_of(request.form)
        act = act_of(work, request.form)
        if step == SIGN:
            _check_signable(found)
            sign_paper(work, id_, act, expected_version=expected)
        else:
            move_paper(work, id_, step, act, expected_version=expected)
    return _to_steps(id_)


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
