"""What follows from the vote: the decision, the appointment, a repeated competition."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import KyzmatError, NotFound
from flask_app.services import commission_desk, meetings
from flask_app.services.competitions import move_competition
from flask_app.web.announcing.conflicts import conflict, is_race
from flask_app.web.announcing.forms import Form
from flask_app.web.commission.desk import STEPS
from flask_app.web.commission.place import AREA, to_desk, word_of
from flask_app.web.deeds import version_of
from flask_app.web.entered import noting_the_day, step_in
from flask_app.web.visit import Visit


@AREA.get("/commission/<uuid:id_>/steps/<string(maxlength=40):step>")
def confirm_step(visit: Visit, id_: UUID, step: str) -> ResponseReturnValue:
    """What a step says and does, with the fields it needs; or why it is not open."""
    return _step_page(visit, id_, step)


def _step_page(visit: Visit, id_: UUID, step: str, form: Form | None = None) -> str:
    with visit.work() as work:
        found = commission_desk.desk_of(work, id_)
        word, offer = word_of(visit, work), found.offer(step) if step in STEPS else None
        if offer is None:
            raise NotFound("object.unknown", type="")
        return visit.page("commission/step.html", word=word, desk=found, offer=offer, entered=form or Form(word))


@AREA.post("/commission/<uuid:id_>/steps/<string(maxlength=40):step>")
def take_step(visit: Visit, id_: UUID, step: str) -> ResponseReturnValue:
    if step not in STEPS:
        raise NotFound("object.unknown", type="")
    with visit.work() as work:
        found = commission_desk.desk_of(work, id_)
        offer = found.offer(step)
        form, act = step_in(work, word_of(visit, work), offer)
    if act is None:
        return _step_page(visit, id_, step, form), form.status
    # Where the step is not offered the form's version is beside the point: the guard says why it is not.
    form.put(version=str(found.competition.version if offer is None else version_of(request.form)))
    try:
        with noting_the_day(form), visit.work() as work:
            move_competition(work, id_, step, act, expected_version=int(form["version"]))
            if step == "decide":
                meetings.settle_candidates(work, id_, act.happened_on)
    except KyzmatError as error:
        if not is_race(error):
            raise
        return conflict(visit, id_, form, form.word.step("competition", step))
    return to_desk(id_) if form.ok else (_step_page(visit, id_, step, form), form.status)
