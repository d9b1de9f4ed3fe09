"""One step for many people: a page that lists them, then the act. No guard is passed by: the use case judges each."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import InvalidInput, Refused, VersionConflict
from flask_app.services.candidate_list import CHANNELS, WORKFLOW, Review, Wanted, review, take_step_for
from flask_app.services.competition_acts import viewable
from flask_app.services.local_time import local_time
from flask_app.services.transitions import act_on
from flask_app.web.announcing.conflicts import version_of, whys
from flask_app.web.announcing.forms import LONG_TEXT, Form, written
from flask_app.web.applicants.listing import wanted_of
from flask_app.web.applicants.place import AREA
from flask_app.web.visit import Visit
from flask_app.web.wording import Why, Wording

ASKED = ("happened_on", "evidence", "ground", "channel")


@AREA.post("/procedures/competition/<uuid:id_>/applicants/review")
def look(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Lists the people; changes nothing."""
    everybody = request.form.get("all") == "1"
    chosen = None if everybody else ids_of(request.form.getlist("who"))
    wanted = wanted_of(request.form)
    with visit.work() as work:
        try:
            seen = review(work, id_, request.form.get("step", ""), chosen, wanted)
        except InvalidInput as nobody:
            competition = viewable(work, id_)
            word = Wording(visit.language, local_time(work).today)
            why = word.why(nobody)
            return visit.page("applicants/nobody.html", word=word, competition=competition, why=why), 422
        word = Wording(visit.language, seen.here.today)
        form = Form(word, {"happened_on": written(seen.here.today)})
        return _page(visit, seen, form)


@AREA.post("/procedures/competition/<uuid:id_>/applicants/act/<step>")
def act(visit: Visit, id_: UUID, step: str) -> ResponseReturnValue:
    seen = dict(seen_of(request.form.getlist("who")))
    form = _entered(visit, id_, step)
    if not form.ok:
        return _again(visit, id_, step, seen, form), form.status
    try:
        moved = _take(visit, id_, step, seen, form)
    except VersionConflict as changed:
        return _again(visit, id_, step, seen, form, whys(form.word, changed)), 409
    except Refused as refused:
        return _again(visit, id_, step, seen, form, whys(form.word, refused)), 409
    return redirect(url_for("applicants.index", id_=id_, done=step, people=moved), 303)


def _entered(visit: Visit, id_: UUID, step: str) -> Form:
    with visit.work() as work:
        viewable(work, id_)
        form = Form(Wording(visit.language, local_time(work).today))
    form.read(request.form, ASKED).read(request.form, ("reason",), LONG_TEXT)
    form.day("happened_on", latest=form.word.today)
    transition = WORKFLOW.transitions.get(step)
    for need in sorted(transition.needs if transition else ()):
        form.require(need, problem=f"problem_{need}")
    if step == "reject":
        form.require("ground", problem="problem_ground")
    if step == "notify":
        form.choose("channel", CHANNELS)
    return form


def _take(visit: Visit, id_: UUID, step: str, seen: dict[UUID, int], form: Form) -> int:
    with visit.work() as work:
        day = form.day("happened_on", latest=local_time(work).today)
        if day is None:  # midnight passed between two looks at the clock
            raise Refused("act.in_the_future", happened_on=form["happened_on"], today=work.today)
        done = act_on(work, day, form["evidence"], form["reason"])
        return take_step_for(work, id_, step, seen, done, ground=form["ground"], channel=form["channel"])


def _again(visit: Visit, id_: UUID, step: str, seen: dict[UUID, int], form: Form, refused: tuple[Why, ...] = ()) -> str:
    """The same people as they are now, with what was typed and what stands against it."""
    with visit.work() as work:
        return _page(visit, review(work, id_, step, list(seen), Wanted()), form, refused)


def _page(visit: Visit, seen: Review, form: Form, refused: tuple[Why, ...] = ()) -> str:
    return visit.page(
        "applicants/review.html", word=form.word, seen=seen, form=form, refused=refused, channels=CHANNELS
    )


def ids_of(sent: Iterable[str]) -> list[UUID]:
    return [id_ for id_, _ in seen_of(sent)]


def seen_of(sent: Iterable[str]) -> Iterable[tuple[UUID, int]]:
    """`<application>:<version>` as the pages carry them; what is no such thing chose nobody."""
    for value in sent:
        id_, _, version = value.partition(":")
        try:
            yield UUID(id_), version_of(version)
        except ValueError:
            continue
