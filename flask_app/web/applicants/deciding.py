"""One step for many people: a page that lists them, then the act. No guard is passed by: the use case judges each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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

LACKING = "lacking"
"""Where the review speaks of those whose documents are incomplete."""

ASKED = ("happened_on", "evidence", "ground", "channel", "told")


@AREA.post("/procedures/competition/<uuid:id_>/applicants/review")
def look(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Lists the people; changes nothing."""
    everybody = request.form.get("all") == "1"
    chosen = None if everybody else ids_of(request.form.getlist("who"))
    wanted = wanted_of(request.form)
    try:
        with visit.work() as work:
            seen = review(work, id_, request.form.get("step", ""), chosen, wanted)
            word = Wording(visit.language, seen.here.today)
            late = seen.told is not None and seen.told.last < seen.here.today  # then it was given before: on which day?
            return _page(visit, seen, Form(word, {"happened_on": "" if late else written(seen.here.today)}))
    except InvalidInput as nobody:
        return nobody_chosen(visit, id_, nobody), 422


def nobody_chosen(visit: Visit, id_: UUID, nobody: InvalidInput) -> str:
    with visit.work() as work:
        competition = viewable(work, id_)
        word = Wording(visit.language, local_time(work).today)
        return visit.page("applicants/nobody.html", word=word, competition=competition, why=word.why(nobody))


@dataclass(frozen=True, slots=True)
class Sent:
    """People as the form brings them, application → version. `sound`: about whom nothing had to be said apart;
    `lacking`: shown with incomplete documents; `despite`: those of them who were ticked.
    """

    sound: Mapping[UUID, int]
    lacking: Mapping[UUID, int]
    despite: frozenset[UUID]

    @property
    def shown(self) -> list[UUID]:
        return [*self.sound, *self.lacking]

    @property
    def taken(self) -> dict[UUID, int]:
        return {**self.sound, **{id_: version for id_, version in self.lacking.items() if id_ in self.despite}}


def _sent() -> Sent:
    sound, lacking = (dict(seen_of(request.form.getlist(name))) for name in ("who", "lacking"))
    return Sent(sound, lacking, frozenset(ids_of(request.form.getlist("despite"))))


@AREA.post("/procedures/competition/<uuid:id_>/applicants/act/<step>")
def act(visit: Visit, id_: UUID, step: str) -> ResponseReturnValue:
    sent = _sent()
    form = _entered(visit, id_, step)
    if sent.lacking and not sent.taken:
        form.refuse(LACKING, "review_lacking_nobody")
    if not form.ok:
        return _again(visit, id_, step, sent, form), form.status
    try:
        moved = _take(visit, id_, step, sent, form)
    except (VersionConflict, Refused) as refused:
        return _again(visit, id_, step, sent, form, whys(form.word, refused)), 409
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


def _take(visit: Visit, id_: UUID, step: str, sent: Sent, form: Form) -> int:
    with visit.work() as work:
        day = form.day("happened_on", latest=local_time(work).today)
        if day is None:  # midnight passed between two looks at the clock
            raise Refused("act.in_the_future", happened_on=form["happened_on"], today=work.today)
        done = act_on(work, day, form["evidence"], form["reason"])
        return take_step_for(
            work,
            id_,
            step,
            sent.taken,
            done,
            ground=form["ground"],
            channel=form["channel"],
            despite=sent.despite,
            told=form["told"],
        )


def _again(visit: Visit, id_: UUID, step: str, sent: Sent, form: Form, refused: tuple[Why, ...] = ()) -> str:
    """The same people as they are now, with what was typed and what stands against it."""
    with visit.work() as work:
        return _page(visit, review(work, id_, step, sent.shown, Wanted()), form, refused, sent.despite)


def _page(
    visit: Visit, seen: Review, form: Form, refused: tuple[Why, ...] = (), despite: frozenset[UUID] = frozenset()
) -> str:
    return visit.page(
        "applicants/review.html",
        word=form.word,
        seen=seen,
        form=form,
        refused=refused,
        channels=CHANNELS,
        despite=despite,
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
