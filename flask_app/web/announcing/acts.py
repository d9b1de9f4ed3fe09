"""A step of the competition's workflow on a page of its own: what it does and needs, why it is not possible yet."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import AlreadyThere, NotFound, Refused, VersionConflict
from flask_app.services.competition_acts import WORKFLOW, evidence_of_announcing, offered_act
from flask_app.services.competition_facts import unsaid
from flask_app.services.competitions import move_competition
from flask_app.services.local_time import local_time
from flask_app.services.transitions import act_on
from flask_app.web.announcing.conflicts import conflict, is_race, version_of, whys
from flask_app.web.announcing.forms import LONG_TEXT, Form, written
from flask_app.web.announcing.place import AREA
from flask_app.web.visit import Visit
from flask_app.web.wording import Why, Wording

ANNOUNCE = "announce"
SUBMIT = "submit_text"


@AREA.get("/procedures/competition/<uuid:id_>/act/<transition>")
def act(visit: Visit, id_: UUID, transition: str) -> ResponseReturnValue:
    return _page(visit, id_, transition)


@AREA.post("/procedures/competition/<uuid:id_>/act/<transition>")
def take(visit: Visit, id_: UUID, transition: str) -> ResponseReturnValue:
    if transition not in WORKFLOW.transitions:
        raise NotFound("object.unknown", type="")
    form = _entered(visit, transition)
    if not form.ok:
        return _page(visit, id_, transition, form), form.status
    try:
        _move(visit, id_, transition, form)
    except (VersionConflict, AlreadyThere, Refused) as error:
        if is_race(error):
            return conflict(visit, id_, form, form.word.step("competition", transition))
        return _page(visit, id_, transition, form, whys(form.word, error)), 409
    return redirect(url_for("procedures.competition", id_=id_), 303)


def _entered(visit: Visit, transition: str) -> Form:
    with visit.work() as work:
        today = local_time(work).today
    form = Form(Wording(visit.language, today))
    form.read(request.form, ("happened_on", "evidence", "version")).read(request.form, ("reason",), LONG_TEXT)
    form.day("happened_on", latest=today)
    for need in sorted(WORKFLOW.transitions[transition].needs):
        form.require(need, problem=f"problem_{need}")
    return form


def _move(visit: Visit, id_: UUID, transition: str, form: Form) -> None:
    with visit.work() as work:
        day = form.day("happened_on", latest=local_time(work).today)
        if day is None:  # midnight passed between two looks at the clock
            raise Refused("act.in_the_future", happened_on=form["happened_on"], today=work.today)
        done = act_on(work, day, form["evidence"], form["reason"])
        move_competition(work, id_, transition, done, expected_version=version_of(form["version"]))


def _page(visit: Visit, id_: UUID, transition: str, form: Form | None = None, refused: tuple[Why, ...] = ()) -> str:
    with visit.work() as work:
        offered = offered_act(work, id_, transition)
        word = Wording(visit.language, offered.here.today)
        blank = Form(word, {"happened_on": written(offered.here.today)})
        blank.put(version=str(offered.competition.version))
        if form is None and transition == ANNOUNCE:
            blank.put(evidence=evidence_of_announcing(work, offered.competition))
        gaps = unsaid(offered.competition).get("ru", ()) if transition in (SUBMIT, ANNOUNCE) else ()
        return visit.page(
            "announcing/act.html",
            word=word,
            offered=offered,
            form=form or blank,
            refused=refused,
            gaps=gaps,
        )
